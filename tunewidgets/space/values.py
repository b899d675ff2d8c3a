"""Plain values: what a parameter may hold, taken out of NumPy's wrappers and checked."""

import math
from typing import Any

import numpy as np

from tunewidgets.errors import SpaceError


def plain(value: Any) -> Any:
    """Return a NumPy scalar as the Python value it holds, and anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def scalar(value: Any, where: str, *, none: bool = False) -> Any:
    """Return a value that JSON can hold as it is: str, int, float, bool, and None where that is asked for.

    Raises
    ------
    SpaceError
        The value is something else, or not a finite number.
    """
    value = plain(value)
    if not isinstance(value, str | int | float) and not (none and value is None):
        allowed = "a string, a number, a boolean or None" if none else "a string, a number or a boolean"
        raise SpaceError(
            f"{where} must be {allowed}, got {value!r} ({type(value).__name__}). "
            "Use a name here, and look up what it stands for inside the objective."
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise SpaceError(f"{where} must be finite, got {value!r}.")
    # Subclasses (an enum of strings, a quantity) would not come back from JSON as what they were.
    return value if value is None or isinstance(value, bool) else _base(value)


def _base(value: str | float) -> str | int | float:
    """Return the value as one of exactly str, int and float."""
    if isinstance(value, str):
        return str.__str__(value)
    return int(value) if isinstance(value, int) else float(value)


def is_same(left: Any, right: Any) -> bool:
    """Tell whether two plain values are the same; True and 1 are not, 1 and 1.0 are."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)
