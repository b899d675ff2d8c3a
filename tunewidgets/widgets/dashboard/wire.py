"""Specs to messages: arrays travel as binary buffers, everything else as JSON that a browser can read."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

_KINDS = frozenset({"f8", "f4", "i4", "i2", "i1", "u4", "u2", "u1"})
"""The types that a browser has typed arrays for, by numpy's names."""

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
