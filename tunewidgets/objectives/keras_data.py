"""The data and the ``fit`` arguments of a Keras objective: taken apart, and checked without importing Keras."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.values import describe, is_integer
from tunewidgets.space.structure import nearest

# What keras.Model.fit takes, epochs and data included; written out so that checking imports no Keras.
FIT_ARGUMENTS = (
    "x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split", "validation_data", "shuffle",
    "class_weight", "sample_weight", "initial_epoch", "steps_per_epoch", "validation_steps", "validation_batch_size",
    "validation_freq",
)  # fmt: skip
_PAIR, _TRIPLE = 2, 3


def check_names(fit: Mapping[str, Any]) -> None:
    """Refuse arguments that ``keras.Model.fit`` does not take, and the one that resuming sets.

    Raises
    ------
    ObjectiveError
        The message names the nearest argument.
    """
    for name in fit:
        if name not in FIT_ARGUMENTS:
            raise ObjectiveError(
                f"{name!r} is no argument of keras.Model.fit.{nearest(name, FIT_ARGUMENTS)} "
                f"It takes {', '.join(FIT_ARGUMENTS)}."
            )
    if "initial_epoch" in fit:
        raise ObjectiveError("initial_epoch is set when a trial is resumed. Cure: leave it out.")
    epochs = fit.get("epochs")
    if epochs is not None and (not is_integer(epochs) or epochs < 1):
        raise ObjectiveError(f"epochs must be an integer of at least 1; {describe(epochs)} came.")


def check_data(arguments: Mapping[str, Any]) -> None:
    """Refuse data of unequal lengths, and validation that cannot be.

    Parameters
    ----------
    arguments : mapping
        What goes to ``fit``, x and y included.

    Raises
    ------
    ObjectiveError
        The message gives the lengths, or the cure.
    """
    _check_lengths("x and y", (arguments.get("x"), arguments.get("y"), arguments.get("sample_weight")))
    held = arguments.get("validation_data")
    if isinstance(held, list | tuple):
        if len(held) not in (_PAIR, _TRIPLE):
            raise ObjectiveError(f"validation_data must be (x, y) or (x, y, sample_weight); it has {len(held)} parts.")
        _check_lengths("the x and y of validation_data", tuple(held))
    split = arguments.get("validation_split")
    if split and not 0 < split < 1:
        raise ObjectiveError(f"validation_split must lie between 0 and 1; {describe(split)} came.")
    if split and held is None and not _lengths(arguments.get("x")):
        raise ObjectiveError(
            f"validation_split needs arrays to split; x is {describe(arguments.get('x'))}. Cure: give validation_data."
        )


def check_metric(metric: str, arguments: Mapping[str, Any]) -> None:
    """Refuse a metric on validation data where there are none.

    Raises
    ------
    ObjectiveError
        The message gives the cure.
    """
    if metric.startswith("val_") and arguments.get("validation_data") is None and not arguments.get("validation_split"):
        raise ObjectiveError(
            f"objective={metric!r} is measured on validation data, and none are given. "
            f"Cure: validation_split=0.2 or validation_data=(x, y), or objective={metric.removeprefix('val_')!r}."
        )


def check_frequency(metric: str, arguments: Mapping[str, Any]) -> None:
    """Refuse epochs without validation where the value is measured on validation data.

    A trial may be compared, and ended, after any epoch; one whose leg ends at an epoch without validation would have
    no value.

    Raises
    ------
    ObjectiveError
        The message gives the cure.
    """
    often = arguments.get("validation_freq", 1)
    if metric.startswith("val_") and not (is_integer(often) and often == 1):
        raise ObjectiveError(
            f"validation_freq={often!r} leaves epochs without {metric!r}, the value by which trials are compared after "
            f"any epoch. Cure: leave validation_freq out, or objective={metric.removeprefix('val_')!r}."
        )


def from_data(made: Any) -> dict[str, Any]:
    """Return what a ``data`` function returned as arguments of ``fit``.

    Parameters
    ----------
    made : tuple, mapping or dataset
        ``(x, y)``, ``(x, y, validation_data)``, ``(dataset, validation dataset)``, a dataset, or a dict of arguments.

    Raises
    ------
    ObjectiveError
        It is a tuple of another length, None, or a dict with an argument that ``fit`` does not take.
    """
    if isinstance(made, Mapping):
        check_names(made)
        for name in ("epochs", "callbacks"):
            if name in made:
                raise ObjectiveError(
                    f"data() returned {name!r}, which is no data. Cure: KerasObjective(..., {name}=…)."
                )
        return dict(made)
    if isinstance(made, tuple):
        if len(made) == _PAIR and hasattr(made[0], "element_spec"):
            return {"x": made[0], "validation_data": made[1]}
        if len(made) in (_PAIR, _TRIPLE):
            return dict(zip(("x", "y", "validation_data"), made, strict=False))
        raise ObjectiveError(f"data() must return (x, y) or (x, y, validation_data); a tuple of {len(made)} came.")
    if made is None:
        raise ObjectiveError("data() returned None; (x, y), a dataset or a dict was expected. Is a `return` missing?")
    return {"x": made}


def sample(x: Any) -> Any:
    """Return a little of what ``fit`` gets as x, enough for a model to learn its shapes from.

    Parameters
    ----------
    x : array-like, dataset or sequence of batches
        Arrays may stand in lists, tuples and dicts.

    Raises
    ------
    ObjectiveError
        It can be read only once.
    """
    if _lengths(x):
        return _first_rows(x)
    batch = next(iter(x)) if hasattr(x, "element_spec") else x[0] if hasattr(x, "__getitem__") else None
    if batch is None:
        raise ObjectiveError(
            "The model does not know its shapes until it is trained, and so cannot be restored. "
            "Cure: begin it with keras.Input(shape), or call model.build(shape) in the build function."
        )
    return batch[0] if isinstance(batch, tuple) else batch


def _first_rows(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {name: _first_rows(value) for name, value in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(map(_first_rows, tree))
    return np.asarray(tree[:1])


def _leaves(tree: Any) -> Iterator[Any]:
    """Yield the arrays of a list, tuple or dict of arrays; whatever has no shape is left out."""
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from _leaves(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _leaves(value)
    elif getattr(tree, "shape", None):
        yield tree


def _lengths(tree: Any) -> list[int]:
    return [int(array.shape[0]) for array in _leaves(tree) if array.shape[0] is not None]


def _check_lengths(what: str, parts: tuple[Any, ...]) -> None:
    lengths = [_lengths(part) for part in parts]
    if len({length for part in lengths for length in part}) > 1:
        told = " and ".join(str(sorted(set(part)))[1:-1] for part in lengths if part)
        raise ObjectiveError(f"{what} must have as many rows; they have {told}.")
