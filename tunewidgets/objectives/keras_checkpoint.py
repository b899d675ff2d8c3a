"""What a Keras trial keeps: the state that a later leg goes on from, and the weights of its best epoch."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tunewidgets.errors import ObjectiveError
from tunewidgets.history import Direction, better, is_finite
from tunewidgets.objectives.checkpoint import Checkpoint

# What EarlyStopping, ReduceLROnPlateau and ModelCheckpoint (and callbacks made like them) remember between epochs.
REMEMBERED = ("wait", "best", "best_epoch", "best_weights", "stopped_epoch", "cooldown_counter")
# Writing the best weights may take this share of the time at most; what is not written at once is, at the next save.
WRITING_SHARE = 0.05


def state_of(model: Any, callbacks: Sequence[Any], *, ended: bool) -> dict[str, Any]:
    """Return all that a later leg needs to go on as if there had been no break.

    Parameters
    ----------
    model : keras.Model
        Built and compiled.
    callbacks : sequence of keras.callbacks.Callback
        The user's own.
    ended : bool
        Whether training ended by itself, such as by early stopping.

    Returns
    -------
    dict
        Arrays in the order of ``model.variables`` (the states of random generators included) and of the optimizer's
        variables (slots, iterations, learning rate), and what the callbacks remember.
    """
    return {
        "variables": _values(model.variables),
        "optimizer": _values(model.optimizer.variables) if _has_optimizer(model) else None,
        "callbacks": [_remembered(callback) for callback in callbacks],
        "ended": ended,
    }


def restore(model: Any, callbacks: Sequence[Any], state: dict[str, Any]) -> None:
    """Put a state that `state_of` returned into a model that was built anew, and into its callbacks.

    Raises
    ------
    ObjectiveError
        The model is another one than the state was taken from.
    """
    _assign(model.variables, state["variables"], "model")
    if state["optimizer"] is not None and _has_optimizer(model):
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        _assign(model.optimizer.variables, state["optimizer"], "optimizer")
    for callback, (kind, remembered) in zip(callbacks, state["callbacks"], strict=False):
        if type(callback).__name__ == kind:
            vars(callback).update(remembered)


class BestWeights:
    """The weights of a trial's best epoch, kept over its legs.

    Parameters
    ----------
    folder : Path
        The trial's checkpoint folder.
    direction : {"min", "max"}
        Which values are better.
    """

    def __init__(self, folder: Path, direction: Direction) -> None:
        self._file = Checkpoint(folder / "best")
        self._direction = direction
        kept = self._file.read()
        self._value: float | None = None if kept is None else kept["value"]
        self._waiting: tuple[dict[str, Any], int] | None = None
        self._due = 0.0

    def offer(self, model: Any, value: float, step: int) -> None:
        """Keep the model's weights, where the value is finite and better than all before."""
        if not is_finite(value) or not better(value, self._value, self._direction):
            return
        self._value = value
        self._waiting = {"value": value, "weights": model.get_weights()}, step
        if time.monotonic() >= self._due:
            self.write()

    def write(self) -> None:
        """Write what is kept and not written yet."""
        if self._waiting is None:
            return
        began = time.monotonic()
        self._file.write(*self._waiting)
        self._waiting = None
        self._due = time.monotonic() + (time.monotonic() - began) / WRITING_SHARE


def best_weights(folder: Path) -> list[np.ndarray[Any, Any]]:
    """Return the weights of a trial's best epoch, in the order of ``model.get_weights()``.

    Parameters
    ----------
    folder : Path
        The trial's checkpoint folder.

    Raises
    ------
    ObjectiveError
        There are none.
    """
    file = Checkpoint(folder / "best")
    kept = file.read()
    if kept is None:
        why = file.problem or "the trial has reported no finite value, or its files were removed to save space"
        raise ObjectiveError(
            f"There are no weights of this trial: {why}. Cure: keep more trials, such as keep='best:10'."
        )
    weights: list[np.ndarray[Any, Any]] = kept["weights"]
    return weights


def _values(variables: Sequence[Any]) -> list[np.ndarray[Any, Any]]:
    # A copy: NumPy may share the variable's memory, which training writes on.
    return [np.array(variable.numpy()) for variable in variables]


def _has_optimizer(model: Any) -> bool:
    return getattr(model, "optimizer", None) is not None


def _remembered(callback: Any) -> tuple[str, dict[str, Any]]:
    own = vars(callback)
    return type(callback).__name__, {name: own[name] for name in REMEMBERED if name in own}


def _assign(variables: Sequence[Any], values: Sequence[Any], what: str) -> None:
    shapes, saved = [tuple(variable.shape) for variable in variables], [value.shape for value in values]
    if shapes != saved:
        raise ObjectiveError(
            f"The {what} built for this leg is not the one of the leg before: its variables have the shapes {shapes}, "
            f"those saved {saved}. Cure: let the build function depend on hp alone, not on chance or on files."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
