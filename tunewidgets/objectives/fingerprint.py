"""Whether an objective is the same as before: a digest of what it does, not of where it was typed.

The same cell run again, in the same kernel or a new one, gives the same digest; a changed constant, a changed line of
code or a changed array gives another.
"""

import hashlib
import io
from types import CodeType
from typing import Any

import cloudpickle
import numpy as np

from tunewidgets.objectives.base import Objective

_LARGE = 65_536


def fingerprint(objective: Objective) -> str:
    """Return a digest of an objective: its code, its settings and its data.

    Returns
    -------
    str
        32 hexadecimal digits.

    Examples
    --------
    >>> fingerprint(as_objective(lambda config: 1.0)) == fingerprint(as_objective(lambda config: 1.0))
    True
    """
    file = io.BytesIO()
    _Pickler(file).dump(objective)
    return hashlib.blake2b(file.getvalue(), digest_size=16).hexdigest()


def _same(*parts: Any) -> Any:
    return parts


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle ships no types
    """Writes code without its file and line numbers, classes without the identity that a kernel gives them."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, CodeType):
            return _same, (obj.co_code, _ordered(obj.co_consts), obj.co_names, obj.co_varnames, obj.co_freevars)
        if isinstance(obj, type) and obj.__module__ == "__main__":
            body = {name: value for name, value in sorted(vars(obj).items()) if name not in _INCIDENTAL}
            return _same, (obj.__qualname__, obj.__bases__, body)
        return super().reducer_override(obj)

    def persistent_id(self, obj: Any) -> Any:
        if type(obj) is np.ndarray and obj.nbytes >= _LARGE and not obj.dtype.hasobject:
            data = np.ascontiguousarray(obj)
            return ("array", obj.dtype.str, obj.shape, hashlib.blake2b(data.data, digest_size=16).hexdigest())
        return None


_INCIDENTAL = frozenset({"__dict__", "__weakref__", "__module__", "__firstlineno__", "__static_attributes__"})


def _ordered(constants: tuple[Any, ...]) -> tuple[Any, ...]:
    # The order of a frozenset of strings changes from process to process.
    return tuple(sorted(map(repr, value)) if isinstance(value, frozenset) else value for value in constants)
