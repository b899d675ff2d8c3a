"""Whether a configuration fits a space, and if not, why."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewidgets.errors import SpaceError
from tunewidgets.space.structure import Entry, nearest


def normalise(entries: Sequence[Entry], config: Any) -> dict[str, Any]:
    """Return the configuration with plain values, its parameters in the order of the entries.

    Raises
    ------
    SpaceError
        It does not fit; the message has a line for each reason.
    """
    if not isinstance(config, Mapping):
        raise SpaceError(f"A configuration is a mapping from names to values, got {config!r}.")
    values: dict[str, Any] = {}
    problems = _unknown(entries, config)
    # What hangs on a value that is wrong cannot be judged.
    unclear: set[str] = set()
    for entry in entries:
        if any(parent in unclear for parent, _ in entry.rules):
            unclear.add(entry.name)
        else:
            problem = _place(entry, config, values)
            if problem:
                unclear.add(entry.name)
                problems.append(problem)
    if problems:
        raise SpaceError(_text(problems))
    return values


def _unknown(entries: Sequence[Entry], config: Mapping[Any, Any]) -> list[str]:
    names = [entry.name for entry in sorted(entries, key=lambda entry: entry.column)]
    known = set(names)
    return [
        f"there is no parameter {name!r}.{nearest(name, names)} The space has {', '.join(map(repr, names))}."
        for name in config
        if name not in known
    ]


def _place(entry: Entry, config: Mapping[Any, Any], values: dict[str, Any]) -> str | None:
    """Put a parameter's value where it belongs, or return what is wrong with it."""
    name = entry.name
    if not entry.is_active(values):
        if name not in config:
            return None
        return f"{name!r} is inactive here, so it must be left out: it needs {_needs(entry)}."
    if name not in config:
        return f"{name!r} is missing: give {_offer(entry)}."
    try:
        values[name] = entry.parameter.normalise(config[name])
    except SpaceError as error:
        return f"{name!r}: {error}"
    return None


def _needs(entry: Entry) -> str:
    return " and ".join(condition.to_text() for condition in entry.parameter.conditions)


def _offer(entry: Entry) -> str:
    values, _ = entry.parameter.describe()
    return f"a value ({values})"


def _text(problems: list[str]) -> str:
    if len(problems) == 1:
        return f"The configuration does not fit the space: {problems[0]}"
    return "The configuration does not fit the space:\n" + "\n".join(f"- {problem}" for problem in problems)
