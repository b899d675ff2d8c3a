"""What a function takes along: the globals and closure cells it names, and so on through what those name."""

import dis
import functools
import inspect
import sys
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import cloudpickle

CACHED = type(functools.cache(len))
"""The type of functions under ``functools.cache`` and ``functools.lru_cache``."""


class Part(NamedTuple):
    """Something that is pickled because something else is.

    Attributes
    ----------
    name : str
        How the user would write it, such as ``lock``, ``settings['lock']`` or ``model.lock``.
    value : Any
        The thing itself.
    captured : bool
        Whether a function takes it along without it being given: a global, or a variable of an enclosing function.
    """

    name: str
    value: Any
    captured: bool = False


def parts(value: Any, name: str = "") -> Iterator[Part]:
    """Return what a value is made of, as far as pickling it is concerned.

    Parameters
    ----------
    value : Any
        A function, method, partial, class, container or any object.
    name : str, optional
        What the value is called; the names of its parts begin with it. A function's variables stand for themselves.

    Examples
    --------
    >>> [part.name for part in parts({"a": 1}, "settings")]
    ["settings['a']"]
    """
    if isinstance(value, FunctionType):
        yield from _function_parts(value)
    elif isinstance(value, MethodType):
        yield Part(value.__func__.__name__, value.__func__)
        yield Part("self", value.__self__)
    elif isinstance(value, functools.partial):
        yield Part(getattr(value.func, "__name__", "function"), value.func)
        yield from parts(list(value.args), "arguments")
        yield from (Part(key, it) for key, it in value.keywords.items())
    elif isinstance(value, CACHED):
        yield Part(value.__name__, value.__wrapped__)
    elif isinstance(value, type):
        yield from (Part(base.__name__, base) for base in value.__bases__)
        yield from (Part(f"{value.__name__}.{key}", _unwrapped(it)) for key, it in vars(value).items())
    elif isinstance(value, Mapping):
        yield from (Part(f"{name}[{key!r}]", it) for key, it in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (Part(f"{name}[{index}]", it) for index, it in enumerate(value))
    else:
        yield from _object_parts(value, name)


def is_by_value(value: Any) -> bool:
    """Tell whether a function or class is sent as its code and not as a name to import."""
    module, path = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if module is None or module == "__main__" or module not in sys.modules:
        return True
    registered = cloudpickle.list_registry_pickle_by_value()
    if any(module == name or module.startswith(f"{name}.") for name in registered):
        return True
    found: Any = sys.modules[module]
    for step in path.split("."):
        found = getattr(found, step, None)
    return found is not value


def captured(root: Any) -> list[Part]:
    """Return the data that the functions of a value take along, each name once.

    Modules, and functions and classes themselves, are left out: what counts is what they hold.

    Parameters
    ----------
    root : Any
        An objective or a function.
    """
    found: dict[str, Part] = {}
    seen: set[int] = set()

    def visit(value: Any) -> None:
        if id(value) in seen or not _leads_on(value):
            return
        seen.add(id(value))
        for part in parts(value):
            if part.captured and not _is_code(part.value):
                found.setdefault(part.name, part)
            visit(part.value)

    seen.add(id(root))
    for part in [Part("", root)] if isinstance(root, FunctionType) else parts(root):
        visit(part.value)
    return list(found.values())


def _function_parts(function: FunctionType) -> Iterator[Part]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield Part(name, cell.cell_contents, captured=True)
        except ValueError:  # a variable that the enclosing function has not set yet
            continue
    for name in _global_names(function.__code__):
        if name in function.__globals__:
            yield Part(name, function.__globals__[name], captured=True)
    defaults = function.__defaults__ or ()
    arguments = function.__code__.co_varnames[: function.__code__.co_argcount]
    yield from map(Part, arguments[len(arguments) - len(defaults) :], defaults)
    yield from map(Part, function.__kwdefaults__ or {}, (function.__kwdefaults__ or {}).values())
    yield from (Part(f"{function.__name__}.{key}", it) for key, it in vars(function).items())


def _global_names(code: CodeType) -> list[str]:
    """Return the globals that some code names, functions inside it included, in the order of their use."""
    names = [it.argval for it in dis.get_instructions(code) if it.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names += _global_names(constant)
    return list(dict.fromkeys(names))


def _object_parts(value: Any, name: str) -> Iterator[Part]:
    prefix = f"{name}." if name else ""
    slots = [slot for cls in type(value).__mro__ for slot in _slots(cls)]
    attributes = dict(getattr(value, "__dict__", None) or {})
    attributes |= {slot: getattr(value, slot) for slot in slots if hasattr(value, slot)}
    own = is_by_value(type(value))
    # What a library's object keeps in private is not for the user to change: the object itself is named then.
    yield from (Part(f"{prefix}{key}", it) for key, it in attributes.items() if own or not key.startswith("_"))
    if own:
        yield Part(type(value).__name__, type(value))


def _slots(cls: type) -> tuple[str, ...]:
    slots = vars(cls).get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    return tuple(name for name in names if name not in ("__dict__", "__weakref__"))


def _unwrapped(value: Any) -> Any:
    """Return the function inside what a class holds."""
    if isinstance(value, staticmethod | classmethod):
        return value.__func__
    return value.fget if isinstance(value, property) else value


def _is_code(value: Any) -> bool:
    return isinstance(value, ModuleType | type | CACHED) or inspect.isroutine(value)


def _leads_on(value: Any) -> bool:
    """Tell whether a value may hold functions that are sent by value: whatever else it is, data are not searched."""
    if isinstance(value, FunctionType | type | CACHED):
        return is_by_value(value)
    if isinstance(value, MethodType | functools.partial):
        return True
    return is_by_value(type(value)) and not isinstance(value, ModuleType)
