"""Parameters made from Keras Tuner's arguments, which allow some things that a `Parameter` refuses."""

from typing import Any

import numpy as np

from tunewidgets.space import Choice, Float, Int
from tunewidgets.space.values import plain

# Beyond this many steps, the default is taken to the range's nearer end rather than to the nearest step.
MOST_STEPS = 100_000


def number_from(
    kind: type[Int] | type[Float], low: Any, high: Any, step: Any, sampling: str | None, default: Any
) -> Int | Float:
    """Return an ``Int`` or a ``Float``.

    A step larger than the range leaves one value, and a default that is not one of the values counts as the nearest.

    Raises
    ------
    SpaceError
        The range is empty or does not suit the scale.
    """
    scale: Any = (sampling or "linear").lower()
    low, high, step = plain(low), plain(high), plain(step)
    if step is not None and _is_past(low, high, step, scale):
        # Reversed steps are counted down from the largest value, all others up from the smallest.
        low, high = (high, high) if scale == "reverse_log" else (low, low)
        step = None
    made = kind(low, high, step=step, sampling=scale)
    if default is None or made.contains(default):
        return kind(low, high, step=step, sampling=scale, default=default)
    return kind(low, high, step=step, sampling=scale, default=_nearest(made, float(default)))


def choice_from(values: Any, *, ordered: bool | None, default: Any) -> Choice:
    """Return a ``Choice``; repeated values count once.

    Raises
    ------
    SpaceError
        There are no values, or the default is none of them.
    """
    listed = values.tolist() if isinstance(values, np.ndarray) else list(values)
    return Choice(tuple(dict.fromkeys(map(plain, listed))), ordered=ordered, default=plain(default))


def _is_past(low: Any, high: Any, step: Any, scale: str) -> bool:
    """Tell whether the first step already leaves a range that is otherwise sound."""
    if scale == "linear":
        return bool(low <= high and step > high - low)
    return bool(0 < low <= high and step > 1 and low * step > high * (1 + 1e-9))


def _nearest(made: Int | Float, default: float) -> Any:
    clipped = min(max(default, made.min_value), made.max_value)
    if made.contains(clipped):
        return clipped
    if made.size > MOST_STEPS:
        return made.default
    return min(made.levels(), key=lambda level: abs(level - clipped))
