"""What a HyperModel's own ``fit`` asks for, found without training.

::

    class Model:
        def build(self, hp): ...
        def fit(self, hp, model, *args, **kwargs):
            return model.fit(*args, batch_size=hp.Choice("batch_size", [32, 64]), **kwargs)

``fit`` is called with stand-ins for the model and the data. The first use of a stand-in ends the call; whatever was
asked for until then is known. Where that use is ``model.fit(...)``, nothing more is expected to follow.
"""

import inspect
from collections.abc import Callable
from typing import Any

from tunewidgets.objectives.probe_runs import Builder, Unfinished

_TRAINING = "fit"
# A fit takes hp and the model, and then what it likes.
_HP_AND_MODEL = 2


def own_fit(target: Any) -> Callable[..., Any] | None:
    """Return the ``fit`` of a HyperModel that has its own, and None for any other target."""
    fit = getattr(target, "fit", None)
    module = str(getattr(fit, "__module__", ""))
    return fit if callable(fit) and module.partition(".")[0] != "keras_tuner" else None


def building_and_fitting(build: Builder, fit: Callable[..., Any]) -> Builder:
    """Return a builder that asks for what both functions do, and trains nothing.

    Parameters
    ----------
    build : callable
        ``build(hp)``.
    fit : callable
        ``fit(hp, model, ...)``.

    Returns
    -------
    callable
        A function of `hp`.
    """

    def build_and_fit(hp: Any) -> None:
        build(hp)
        positional = [it for it in inspect.signature(fit).parameters.values() if it.kind in _PLACES]
        needed = [it for it in positional[_HP_AND_MODEL:] if it.default is it.empty]
        try:
            fit(hp, _StandIn(), *(_StandIn() for _ in needed))
        except _Trained:
            return

    return build_and_fit


_PLACES = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class _Trained(BaseException):
    """The model would now be trained; no `Exception`, so that the user's own handlers let it pass."""


def _train(*_: Any, **__: Any) -> None:
    raise _Trained


def _touch(*_: Any, **__: Any) -> None:
    raise Unfinished


class _StandIn:
    """Stands for a model or for data, and ends the run when it is used."""

    def __getattr__(self, name: str) -> Any:
        if name == _TRAINING:
            return _train
        raise Unfinished

    __call__ = __len__ = __iter__ = __getitem__ = __bool__ = __array__ = _touch
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _touch
