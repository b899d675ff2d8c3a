"""What the runs of a build function have shown so far: its parameters, their order and their scopes' conditions."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tunewidgets.objectives.hyperparameters import Asked
from tunewidgets.objectives.probe_runs import Run, key_of
from tunewidgets.space import Choice, Condition, Float, Int, Parameter

# All values of a parameter with at most so many are tried; of a larger number its ends and three between.
MOST_TRIED = 12
SPREAD = 5
# Where a larger number turns out to decide about others, all its values are tried up to here.
MOST_LISTED = 32
# No condition names more values than this.
MOST_VALUES = 64
# In a number of at most so many values, the boundary between two that differ is looked for.
MOST_SEARCHED = 100_000


@dataclass(slots=True)
class Known:
    """The parameters met so far.

    Attributes
    ----------
    parameters : dict
        By name, without conditions, in the order in which a run asks for them.
    witnesses : dict
        By name: the values of a run in which the parameter was active.
    fresh : list of str
        The parameters that were active for the first time since the list was last emptied.
    doubts : dict
        In words, what no space can express; by what it is about.
    """

    parameters: dict[str, Parameter] = field(default_factory=dict)
    witnesses: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    doubts: dict[str, str] = field(default_factory=dict)
    _sightings: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _scopes: dict[str, set[tuple[Condition, ...]]] = field(default_factory=dict)

    def note(self, run: Run) -> None:
        """Take in a run."""
        before: str | None = None
        for asked in run.asked:
            self._meet(asked, before)
            self._sightings.setdefault(asked.name, run.values)
            before = asked.name
            if asked.active and asked.name not in self.witnesses:
                self.witnesses[asked.name] = dict(run.values)
                self.fresh.append(asked.name)

    def explicit(self, name: str) -> tuple[Condition, ...]:
        """Return the conditions of the scopes in which a parameter is asked for, those that a space can hold."""
        kept = (self._possible(name, condition) for condition in self._merged(name))
        return tuple(condition for condition in kept if condition is not None)

    def rank(self, name: str) -> int:
        """Return 0 for a parameter of few values, 1 for a number of many, 2 for one without steps."""
        parameter = self.parameters[name]
        if not isinstance(parameter, Int | Float) or parameter.size <= MOST_TRIED:
            return 0
        return 2 if parameter.size == math.inf else 1

    def waking(self) -> dict[str, dict[str, Any]]:
        """Return, for each parameter that was never active, values under which its conditional scopes may hold."""
        values = {}
        for name in self.parameters:
            if name not in self.witnesses:
                scopes = {condition.parent: condition.values[0] for condition in self.explicit(name)}
                values[name] = {**self._sightings[name], **scopes}
        return values

    def to_try(self, name: str) -> list[Any]:
        """Return the values of a parameter that are worth trying at first."""
        parameter = self.parameters[name]
        if not isinstance(parameter, Int | Float) or not self.rank(name):
            return parameter.levels()[:MOST_VALUES]
        named = [
            value
            for scopes in self._scopes.values()
            for conditions in scopes
            for condition in conditions
            if condition.parent == name
            for value in condition.values
            if parameter.contains(value)
        ]
        return list(dict.fromkeys(parameter.points(SPREAD) + named[:MOST_TRIED]))

    def _meet(self, asked: Asked, before: str | None) -> None:
        name, parameter = asked.name, replace(asked.parameter, conditions=())
        self._scopes.setdefault(name, set()).add(asked.parameter.conditions)
        if name not in self.parameters:
            self.parameters = _inserted(self.parameters, name, parameter, before)
        elif not _same_values(self.parameters[name], parameter):
            self.doubts[f"values {name}"] = (
                f"{name!r} does not have the same values in every case; those met first are searched: "
                f"{self.parameters[name]!r}, not {parameter!r}."
            )

    def _merged(self, name: str) -> tuple[Condition, ...]:
        """Return conditions that hold wherever one of a parameter's scopes does."""
        scopes = sorted(self._scopes[name], key=repr)
        common = tuple(condition for condition in scopes[0] if all(condition in scope for scope in scopes))
        rest = [[condition for condition in scope if condition not in common] for scope in scopes]
        if not all(rest):
            return common
        if all(len(own) == 1 for own in rest) and len({own[0].parent for own in rest}) == 1:
            union = tuple(value for own in rest for value in own[0].values)
            return (*common, Condition(rest[0][0].parent, union))
        self.doubts[f"scopes {name}"] = (
            f"{name!r} stands in several conditional scopes that no single condition covers, so it is searched more "
            "often than needed."
        )
        return common

    def _possible(self, name: str, condition: Condition) -> Condition | None:
        parent = self.parameters[condition.parent]
        values = tuple(value for value in condition.values if parent.contains(value))
        if values and parent.size != math.inf:
            return Condition(condition.parent, values)
        why = "has no steps" if values else "never has one of the values named"
        self.doubts[f"scope {name} {condition.parent}"] = (
            f"The scope of {name!r} cannot be kept: {condition.parent!r} {why}. {name!r} is searched always."
        )
        return None


def holds(conditions: tuple[Condition, ...], values: Mapping[str, Any]) -> bool:
    """Tell whether conditions hold under the values of a run."""
    return all(
        condition.parent in values and key_of(values[condition.parent]) in {key_of(value) for value in condition.values}
        for condition in conditions
    )


def _inserted(
    parameters: Mapping[str, Parameter], name: str, parameter: Parameter, before: str | None
) -> dict[str, Parameter]:
    """Return the parameters with one more, right behind the one that a run asks for before it."""
    items = list(parameters.items())
    place = 1 + list(parameters).index(before) if before is not None else 0
    return dict([*items[:place], (name, parameter), *items[place:]])


def _same_values(left: Parameter, right: Parameter) -> bool:
    """Tell whether two parameters have the same values and scale, whatever their defaults."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Choice) and isinstance(right, Choice):
        return left.values == right.values
    return all(getattr(left, name) == getattr(right, name) for name in left.stored if name != "default")
