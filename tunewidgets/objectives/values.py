"""What counts as a number where a value is reported or returned."""

import numbers
import reprlib
from decimal import Decimal
from typing import Any

import numpy as np

from tunewidgets.errors import ObjectiveError


def to_float(value: Any, what: str, cure: str) -> float:
    """Return a value as a Python float.

    Real numbers, numpy's scalars and arrays and tensors without dimensions are taken; NaN and infinity are numbers too.

    Parameters
    ----------
    value : Any
        What came.
    what : str
        How an error names it, such as ``"the value given to trial.report"``.
    cure : str
        What the error advises.

    Returns
    -------
    float
        The same number.

    Raises
    ------
    ObjectiveError
        It is no real number; truth values, None, text and complex numbers are not.

    Examples
    --------
    >>> to_float(np.float32(0.5), "the value", "return a float")
    0.5
    """
    if is_real(value):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise ObjectiveError(f"{what} must be a number that fits a float; {error}. Cure: {cure}") from error
    raise ObjectiveError(f"{what} must be a number; {describe(value)} came. Cure: {cure}")


def is_real(value: Any) -> bool:
    """Tell whether a value is one real number; truth values are none."""
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, numbers.Real | Decimal):
        return True
    if isinstance(value, np.generic | np.ndarray):
        return value.dtype.kind in "iuf" and value.ndim == 0
    # Tensors of every framework say their shape and their dtype, so that this module need not know the frameworks.
    dtype = str(getattr(value, "dtype", ""))
    scalar = hasattr(value, "__float__") and getattr(value, "shape", None) == ()
    return scalar and ("float" in dtype or "int" in dtype)


def is_integer(value: Any) -> bool:
    """Tell whether a value is an integer, Python's or numpy's; truth values are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def describe(value: Any) -> str:
    """Return what a value is, for an error: its type, and the value itself where that is short."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    text = " ".join(reprlib.repr(value).split())  # reprlib: a list of a million rows must not become a text first
    shown = text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - one line's worth
    return f"{type(value).__name__} {shown}"
