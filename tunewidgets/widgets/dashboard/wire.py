"""Specs to messages: arrays travel as binary buffers, everything else as JSON that a browser can read."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

_KINDS = frozenset({"f8", "f4", "i4", "i2", "i1", "u4", "u2", "u1"})
"""The types that a browser has typed arrays for, by numpy's names."""

_SEEN = frozenset({"x", "y"})
"""The parts of a trace that say where its marks stand."""

_UNSEEN = 1e-6
"""The share of what is in sight by which a mark may stand elsewhere."""

_SMALL = 4
"""An array with fewer elements is cheaper as JSON."""


def pack(value: Any) -> tuple[Any, list[bytes]]:
    """Split a value into JSON and buffers.

    A numpy array of numbers becomes ``{"$": kind, "n": buffer's index, "shape": [...]}``; NaN and the infinities become
    null outside arrays, as JSON knows neither; tuples become lists, unknown objects their text.

    Parameters
    ----------
    value : object
        Mappings, sequences, numpy arrays and scalars, and what JSON has.

    Returns
    -------
    tuple of (object, list of bytes)
        The JSON-able form and the buffers, little-endian and in C order, that it points at.

    Examples
    --------
    >>> pack({"y": np.arange(4.0), "name": "loss"})[0]
    {'y': {'$': 'f8', 'n': 0, 'shape': [4]}, 'name': 'loss'}
    """
    buffers: list[bytes] = []
    return _plain(value, buffers), buffers


def slim(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trace whose marks stand where they stood, as far as eyes can tell, in half the bytes or less.

    Whole numbers beside the marks, such as those of trials, stay what they are.
    """
    return {name: _slim(name, value) for name, value in trace.items()}


def _slim(name: str, value: Any) -> Any:
    if name in _SEEN:
        return _half(value)
    if name == "customdata":
        return _short(value)
    return {**value, "size": _sizes(value["size"])} if name == "marker" and "size" in value else value


def _sizes(value: Any) -> Any:
    """Return marks' sizes as one number where they are all the same, else exact to far less than a pixel."""
    if not isinstance(value, np.ndarray) or not value.size:
        return value
    return float(value.flat[0]) if (value == value.flat[0]).all() else value.astype(np.float32)


def _short(value: Any) -> Any:
    """Return whole numbers in two bytes each, where they are small enough."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "i" or value.size < _SMALL:
        return value
    kept = np.iinfo(np.int16)
    return value.astype(np.int16) if kept.min <= value.min() and value.max() <= kept.max else value


def _half(value: Any) -> Any:
    """Return numbers in half the bytes, unless that moves one by more than a millionth of what is in sight."""
    if not isinstance(value, np.ndarray) or value.dtype != np.float64 or value.size < _SMALL:
        return value
    with np.errstate(over="ignore"):
        half = value.astype(np.float32)
    known = value[np.isfinite(value)]
    if not known.size:
        return half
    moved = np.abs(half[np.isfinite(value)] - known)
    return half if (moved <= _UNSEEN * np.minimum(np.abs(known), np.ptp(known))).all() else value


def _plain(value: Any, buffers: list[bytes]) -> Any:
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, np.ndarray):
        return _array(value, buffers)
    if isinstance(value, Mapping):
        return {str(name): _plain(item, buffers) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, buffers) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item(), buffers)
    return None if isinstance(value, float) else str(value)


def _array(array: np.ndarray[Any, Any], buffers: list[bytes]) -> Any:
    if array.dtype.kind not in "fiu" or array.size < _SMALL:
        return _plain(array.tolist(), buffers)
    array = _browsable(array)
    buffers.append(array.tobytes())
    return {"$": array.dtype.str[1:], "n": len(buffers) - 1, "shape": list(array.shape)}


def _browsable(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Bring numbers into a type that browsers have typed arrays for."""
    if array.dtype.str[1:] in _KINDS:
        return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    limit = np.iinfo(np.int32)
    if array.dtype.kind in "iu" and limit.min <= array.min() and array.max() <= limit.max:
        return array.astype("<i4")
    return array.astype("<f8")  # a browser's number; exact up to 2**53
