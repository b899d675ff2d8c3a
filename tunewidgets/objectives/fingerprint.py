"""Whether an objective is the same as before: a digest of what it does, not of where it was typed.

The same cell run again, in the same kernel or a new one, gives the same digest; a changed constant, a changed line of
code or a changed array gives another.
"""

import dis
import hashlib
import io
from pathlib import Path
from types import CellType, CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any

import cloudpickle
import numpy as np

from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.payload import local_modules
from tunewidgets.objectives.pickling import by_value, refusal

_LARGE = 65_536


def fingerprint(objective: Objective) -> str:
    """Return a digest of an objective: its code, its settings and its data.

    Returns
    -------
    str
        32 hexadecimal digits.

    Raises
    ------
    PayloadError
        Something in it cannot be pickled; the message names the variable and the cure.

    Examples
    --------
    >>> fingerprint(as_objective(lambda config: 1.0)) == fingerprint(as_objective(lambda config: 1.0))
    True
    """
    file = io.BytesIO()
    try:
        with by_value(local_modules(Path.cwd())):  # as they are sent: editing one of them makes another search
            _Pickler(file).dump(objective)
    except Exception as error:
        raise refusal(objective, error) from error
    return hashlib.blake2b(file.getvalue(), digest_size=16).hexdigest()


def _same(*parts: Any) -> Any:
    return parts


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle ships no types
    """Writes functions and classes of the notebook as what they do, without where they stand and what they are called.

    Each is a reduction whose parts are its state, which a pickler writes after it has taken note of the object: so what
    refers to itself, as a recursive function does, comes to an end.
    """

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, CodeType):
            return _same, _code_parts(obj)
        if isinstance(obj, type) and (obj.__module__ == "__main__" or "<locals>" in obj.__qualname__):
            return _same, (), _class_parts(obj)
        known = super().reducer_override(obj)
        if isinstance(obj, FunctionType) and known is not NotImplemented:  # it would not be imported by its name
            return _same, (), _function_parts(obj)
        return known

    def persistent_id(self, obj: Any) -> Any:
        if type(obj) is np.ndarray and obj.nbytes >= _LARGE and not obj.dtype.hasobject:
            data = np.ascontiguousarray(obj)
            return ("array", obj.dtype.str, obj.shape, hashlib.blake2b(data.data, digest_size=16).hexdigest())
        if type(obj) in (set, frozenset):  # their order changes from process to process
            return ("set", sorted(map(repr, obj)))
        return None


def _code_parts(code: CodeType) -> tuple[Any, ...]:
    signature = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    return (code.co_code, _ordered(code.co_consts), code.co_names, code.co_varnames, code.co_freevars, *signature)


def _ordered(constants: tuple[Any, ...]) -> tuple[Any, ...]:
    # The order of a frozenset of strings changes from process to process.
    return tuple(sorted(map(repr, value)) if isinstance(value, frozenset) else value for value in constants)


def _function_parts(function: FunctionType) -> dict[str, Any]:
    scope = function.__globals__
    return {
        "code": function.__code__,
        "defaults": (function.__defaults__, function.__kwdefaults__),
        "closure": [_content(cell) for cell in function.__closure__ or ()],
        "globals": {name: scope[name] for name in sorted(_globals_of(function.__code__)) if name in scope},
        "attributes": dict(sorted(vars(function).items())),
    }


def _content(cell: CellType) -> Any:
    try:
        return (cell.cell_contents,)
    except ValueError:  # not assigned yet
        return ()


def _globals_of(code: CodeType) -> set[str]:
    """Return the names of the globals that a code object, or one within it, uses."""
    found = {step.argval for step in dis.get_instructions(code) if step.opname.endswith(("_GLOBAL", "LOAD_NAME"))}
    return found.union(*(_globals_of(inner) for inner in code.co_consts if isinstance(inner, CodeType)))


def _class_parts(cls: type) -> dict[str, Any]:
    body = {name: value for name, value in sorted(vars(cls).items()) if name not in _INCIDENTAL}
    plain = {name: value for name, value in body.items() if not isinstance(value, _SLOTS)}
    return {"name": cls.__qualname__, "bases": cls.__bases__, "body": plain}


_INCIDENTAL = frozenset(
    {"__dict__", "__weakref__", "__module__", "__firstlineno__", "__static_attributes__", "_abc_impl"}
)
_SLOTS = (MemberDescriptorType, GetSetDescriptorType)
