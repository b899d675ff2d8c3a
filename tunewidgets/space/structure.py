"""How the parameters of a space depend on one another: an order in which parents come first, and who may be active."""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tunewidgets.errors import SpaceError
from tunewidgets.space.parameters import Parameter

# Stands for the value of a parameter that is not active; no condition names it.
ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter as the space's loops use it.

    ``rules`` are its conditions: a parent, and the values under which the parameter is active, as the parent holds
    them. ``is_parent`` tells whether conditions of others look at it.
    """

    name: str
    parameter: Parameter
    column: int
    rules: tuple[tuple[str, frozenset[Any]], ...]
    is_parent: bool

    def is_active(self, values: Mapping[str, Any]) -> bool:
        """Tell whether all rules hold, given the values of the active parents."""
        for parent, allowed in self.rules:  # noqa: SIM110 - all() takes twice as long, and every sample asks
            if values.get(parent, ABSENT) not in allowed:
                return False
        return True


def arrange(parameters: Mapping[str, Parameter]) -> tuple[Entry, ...]:
    """Return the parameters, parents before children and otherwise in the order of the space.

    Raises
    ------
    SpaceError
        A parent is missing, parameters wait for one another, or a condition can never hold.
    """
    parents = {condition.parent for parameter in parameters.values() for condition in parameter.conditions}
    waiting = {
        name: Entry(name, parameter, column, _rules(name, parameter, parameters), name in parents)
        for column, (name, parameter) in enumerate(parameters.items())
    }
    arranged: dict[str, Entry] = {}
    while waiting:
        # The first that can follow, so that the order of the space is kept as far as it can be.
        name = next((name for name, entry in waiting.items() if _is_ready(entry, arranged)), None)
        if name is None:
            raise SpaceError(_circle_text(waiting))
        arranged[name] = waiting.pop(name)
    return tuple(arranged.values())


def nearest(name: Any, names: Iterable[str]) -> str:
    """Return ' Did you mean …?' for a name that is close to one of the names, or nothing."""
    close = difflib.get_close_matches(str(name), list(names), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _is_ready(entry: Entry, arranged: Mapping[str, Entry]) -> bool:
    return all(parent in arranged for parent, _ in entry.rules)


def _rules(
    name: str, parameter: Parameter, parameters: Mapping[str, Parameter]
) -> tuple[tuple[str, frozenset[Any]], ...]:
    """Return one rule for each parent; several conditions on one parent must hold together."""
    rules: dict[str, frozenset[Any]] = {}
    for condition in parameter.conditions:
        parent = parameters.get(condition.parent)
        if parent is None:
            raise SpaceError(
                f"{name!r} is active under a condition on {condition.parent!r}, which is not in the space."
                f"{nearest(condition.parent, parameters)} The space has {', '.join(map(repr, parameters))}."
            )
        values = _parent_values(name, condition.parent, condition.values, parent)
        rules[condition.parent] = rules.get(condition.parent, values) & values
        if not rules[condition.parent]:
            raise SpaceError(
                f"{name!r} can never be active: no value of {condition.parent!r} meets all its conditions. "
                "Drop one, or give several values in one condition: .when(parent=[a, b])."
            )
    return tuple(rules.items())


def _parent_values(name: str, parent: str, values: Iterable[Any], parameter: Parameter) -> frozenset[Any]:
    if parameter.size == math.inf:
        raise SpaceError(
            f"{name!r} cannot depend on {parent!r}: single values of a Float without steps are never drawn. "
            "Give that Float a step, or use a Choice."
        )
    try:
        return frozenset(parameter.normalise(value) for value in values)
    except SpaceError as error:
        raise SpaceError(f"{name!r} is active under a value that {parent!r} can never take: {error}") from None


def _circle_text(waiting: Mapping[str, Entry]) -> str:
    """Name the parameters of one circle, in their order."""
    name = next(iter(waiting))
    path: list[str] = []
    while name not in path:
        path.append(name)
        name = next(parent for parent, _ in waiting[name].rules if parent in waiting)
    circle = [*path[path.index(name) :], name]
    return f"Conditions go round in a circle: {' needs '.join(map(repr, circle))}. Drop one of these conditions."
