"""Classes of other libraries, described so that they can be written down: a name or a path, and settings as JSON."""

import importlib
import inspect
import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from tunewidgets.errors import StrategyError

_NAME = re.compile(r"[A-Za-z_]\w*")
_PATH = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)")


class Library(NamedTuple):
    """Where the classes of a library live.

    Attributes
    ----------
    title : str
        Its name as people write it.
    module : str
        The module in which a bare name is looked up.
    base : str
        The path of the class that all of them descend from.
    install : str
        What to type where it is missing.
    adapter : str
        Our class, for examples in messages.
    example : str
        A bare name that there is.
    """

    title: str
    module: str
    base: str
    install: str
    adapter: str
    example: str


def describe(given: Any, library: Library) -> str:
    """Return the name or the path of a class that was given in whichever way.

    Raises
    ------
    StrategyError
        If it is an object that cannot be written down, a class that another process could not import, or no name.
    """
    if isinstance(given, str):
        return _checked_path(given, library)
    if not isinstance(given, type):
        settings = f"{library.adapter}({type(given).__name__!r}, name=value, ...)"
        raise StrategyError(
            f"{library.adapter} needs a class, by name or as such, and its settings as keywords, not the object "
            f"{_short(given)}: an object cannot be written down for the process that runs the search. Write {settings}"
        )
    if given.__module__ == "__main__" or "<locals>" in given.__qualname__:
        raise StrategyError(
            f"{library.adapter} cannot use the class {given.__name__!r}, which is defined in this notebook, script or "
            "function: the process that runs the search could not import it. Move it into a module of its own"
        )
    # A class of the library itself has a shorter name, which outlives the library's rearrangements.
    name = str(given.__name__)
    if _package(given.__module__) == _package(library.module):
        home = importlib.import_module(library.module)
        if getattr(home, name, None) is given:
            return name
    return f"{given.__module__}:{given.__qualname__}"


def describe_settings(settings: Mapping[str, Any], refused: Mapping[str, str], adapter: str) -> dict[str, Any]:
    """Return settings as they come back from JSON.

    Parameters
    ----------
    settings : mapping
        Keyword arguments.
    refused : mapping of str to str
        Those that are ours to give, and what to write instead.
    adapter : str
        Our class, for messages.

    Raises
    ------
    StrategyError
        If one of them is refused, or JSON could not give it back.
    """
    for name in settings:
        if name in refused:
            raise StrategyError(f"{adapter}: {name!r} is not a setting here: {refused[name]}")
    found = {}
    for name, value in settings.items():
        plain = value.to_json() if hasattr(value, "to_json") else _listed(value)
        try:
            found[name] = json.loads(json.dumps(plain, allow_nan=False))
        except (TypeError, ValueError):
            found[name] = None
        if found[name] != plain:
            raise StrategyError(
                f"{adapter}: settings are written down as JSON, so {name}={_short(value)} cannot be one: give strings, "
                "numbers, booleans, None, and lists or dicts (with strings as keys) of these, or leave it out"
            )
    return found


def load(path: str, library: Library) -> type[Any]:
    """Return the class that was described.

    Raises
    ------
    StrategyError
        If the library or the class is not there, or it is a class of another kind.
    """
    base, found = (_attribute(*_place(each, library), library) for each in (library.base, path))
    if not (isinstance(found, type) and issubclass(found, base)):
        raise StrategyError(
            f"{library.adapter} needs a subclass of {library.base.replace(':', '.')}, and {path!r} is none"
        )
    return found


def takes(function: Any, name: str) -> bool:
    """Tell whether a class or function has an argument of that name, or hands on whatever it is given."""
    arguments = inspect.signature(function).parameters
    return name in arguments or any(each.kind is each.VAR_KEYWORD for each in arguments.values())


def _checked_path(given: str, library: Library) -> str:
    path = given
    if ":" not in path and "." in path:
        path = ":".join(path.rsplit(".", 1))
    if not (_NAME.fullmatch(path) or _PATH.fullmatch(path)):
        raise StrategyError(
            f"{library.adapter} needs the name of a class such as {library.example!r}, or its path "
            f"'package.module:Class', not {given!r}"
        )
    return path


def _place(path: str, library: Library) -> tuple[str, str]:
    """Return the module and the name in it."""
    module, colon, name = path.partition(":")
    return (module, name) if colon else (library.module, path)


def _package(module: str) -> str:
    return module.partition(".")[0]


def _attribute(module: str, name: str, library: Library) -> Any:
    try:
        found: Any = importlib.import_module(module)
    except ImportError as error:
        if _package(module) == _package(library.module):
            raise StrategyError(
                f"{library.adapter} needs {library.title}, which cannot be imported ({error}): {library.install}"
            ) from error
        raise StrategyError(
            f"{library.adapter}: the module {module!r} cannot be imported ({error}); it must be installed, or lie on "
            "the path of the process that runs the search"
        ) from error
    for part in name.split("."):
        if not hasattr(found, part):
            near = get_close_matches(part, dir(found), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise StrategyError(f"{library.adapter}: there is no {part!r} in {module!r}{hint}")
        found = getattr(found, part)
    return found


def _listed(value: Any) -> Any:
    """Return a value with lists in place of tuples, as JSON has them."""
    if isinstance(value, Mapping):
        return {key: _listed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_listed(each) for each in value]
    return value


def _short(given: object) -> str:
    text = repr(given)
    return f"{text[:60]}…" if len(text) > 60 else text  # noqa: PLR2004 - as much as a line has room for
