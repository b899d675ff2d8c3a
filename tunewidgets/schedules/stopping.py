"""When a whole search has done enough: a target reached, nothing better for a while, a total budget spent.

A **rule** is frozen settings that can be written as JSON. ``begin()`` gives its **watch**, a fold over the events of
the search like a ladder: it learns through ``apply(event)`` alone, and ``met()`` says whether the search has done
enough, and why, as often as it is asked. Once a rule is met nothing new is started, and legs under way train to their
budgets.

A rule that has ended a search must not end it again at once when the user wants more. So a rule is **renewed** by
`Extended` where it is met, and by `Resumed` where the search came to rest while it was met; from then on it asks for
something new, which each of them says. `Resumed` after a mere pause changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import Data, Event, is_finite
from tunewidgets.schedules.checks import check_at_least
from tunewidgets.schedules.watches import NoImprovementWatch, TargetWatch, TotalBudgetWatch


class Watch(Protocol):
    """The cache of a rule; see the module's text."""

    def apply(self, event: Event) -> None:
        """Take note of an event: the only way in which a watch learns anything."""
        ...

    def met(self) -> Data | None:
        """Return why the search has done enough, as data; None while it has not."""
        ...


class StopRule(Protocol):
    """Frozen settings of a rule; see the module's text."""

    def begin(self) -> Watch:
        """Return a watch that has seen nothing."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return the settings, with the rule's name under "name"."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """Enough when the best trial is as good as `value`, or better.

    The best trial is the incumbent: that of the highest budget reached. A trial under way counts as soon as it reports
    such a value, if it has trained at least as far as the highest budget at which any has come to rest, for then it
    will be the incumbent. A good value at a lower budget than that is promising, and does not end the search. (Where
    a trial's value is its last report and not its best, it must have come to rest.) A trial that breaks a constraint
    reaches nothing. With several goals it is the first one's value.

    Renewed, it asks for a value better than the one that met it.

    Parameters
    ----------
    value : float
        In the metric's own terms: to be reached from above where it is minimised, from below where it is maximised.

    Raises
    ------
    StrategyError
        If it is no finite number.
    """

    value: float

    def __post_init__(self) -> None:
        given: object = self.value.item() if isinstance(self.value, np.generic) else self.value
        if isinstance(given, bool) or not isinstance(given, int | float) or not is_finite(given):
            raise StrategyError(f"a target must be a finite number, not {given!r}")
        object.__setattr__(self, "value", given)

    def begin(self) -> "TargetWatch":
        """Return a watch that has seen nothing."""
        return TargetWatch(self.value)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "target", **asdict(self)}


@dataclass(frozen=True, slots=True)
class NoImprovement:
    """Enough when so many trials in a row have come to rest without a new incumbent.

    A trial counts once, when its first leg since the last improvement comes to rest, wherever that is: at a rung, at
    its end, or in failure. Those that the user stopped do not count. A new incumbent is a better value at the highest
    budget reached, or a first value at a higher budget; with several goals it is a trial that none matches or beats in
    all of them. With rungs, give more trials than one promotion takes: the first rung alone sees eta times as many.

    Renewed, it counts from the beginning.

    Parameters
    ----------
    trials : int
        How many.

    Raises
    ------
    StrategyError
        If it is no positive integer.
    """

    trials: int

    def __post_init__(self) -> None:
        _check_positive("trials", self.trials)

    def begin(self) -> "NoImprovementWatch":
        """Return a watch that has seen nothing."""
        return NoImprovementWatch(self.trials)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "no_improvement", **asdict(self)}


@dataclass(frozen=True, slots=True)
class TotalBudget:
    """Enough when all trials together have trained so much.

    What counts is how far every trial has reported to have trained: a trial that is promoted goes on and is not counted
    from its beginning, and training that was lost with its process and done again counts once. Legs under way when the
    budget is spent train on to theirs, so the search may end somewhat beyond it.

    Renewed, it allows as much again from where the search stands.

    Parameters
    ----------
    budget : int
        In the objective's own unit (epochs, steps, trees), summed over all trials.

    Raises
    ------
    StrategyError
        If it is no positive integer.
    """

    budget: int

    def __post_init__(self) -> None:
        _check_positive("budget", self.budget)

    def begin(self) -> "TotalBudgetWatch":
        """Return a watch that has seen nothing."""
        return TotalBudgetWatch(self.budget)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "total_budget", **asdict(self)}


def _check_positive(name: str, value: object) -> None:
    if value is None or isinstance(value, float):
        raise StrategyError(f"{name} must be an integer of at least 1, not {value!r}")
    check_at_least(name, value, 1)  # type: ignore[arg-type]  # it says itself what is no integer


STOP_RULES: Mapping[str, type[Target | NoImprovement | TotalBudget]] = {
    "target": Target,
    "no_improvement": NoImprovement,
    "total_budget": TotalBudget,
}


def stopping_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[StopRule, ...]:
    """Return the rules whose `to_json` wrote the items.

    Raises
    ------
    StrategyError
        If there is no rule of a name.

    Examples
    --------
    >>> stopping_from_json([{"name": "target", "value": 0.95}, {"name": "total_budget", "budget": 500}])
    (Target(value=0.95), TotalBudget(budget=500))
    """
    return tuple(_rule_from_json(item) for item in data)


def _rule_from_json(data: Mapping[str, Any]) -> StopRule:
    settings = dict(data)
    name = settings.pop("name", None)
    if name not in STOP_RULES:
        raise StrategyError(f"a stop rule must be one of {', '.join(map(repr, STOP_RULES))}, not {name!r}")
    return STOP_RULES[name](**settings)
