"""Every trial trains to the full budget: no rungs, no cuts."""

from dataclasses import dataclass, replace
from typing import Any

from tunewidgets.history import Decision, Place, Plan, Planned, Reported, Start, Step
from tunewidgets.schedules.base import BaseLadder
from tunewidgets.schedules.checks import check_at_least


@dataclass(frozen=True, slots=True)
class Full:
    """Train every trial to the same budget.

    Parameters
    ----------
    max_budget : int, optional
        The budget, in the objective's own unit (epochs, steps, trees). None: the objective's own largest budget where
        it knows one, else until it returns.

    Raises
    ------
    StrategyError
        If the budget is not a positive integer.

    Examples
    --------
    >>> Full(10).plan(trials=4)
    Plan(brackets=((Planned(configurations=4, budget=10),),))
    """

    max_budget: int | None = None

    def __post_init__(self) -> None:
        check_at_least("max_budget", self.max_budget, 1)

    @property
    def rungs(self) -> bool:
        """No trial is compared before its end."""
        return False

    def resolved(self, max_budget: int | None, trials: int | None, unit: str) -> "Full":  # noqa: ARG002 - the contract's signature
        """Return a copy with the objective's own budget where none was given."""
        return self if self.max_budget is not None else replace(self, max_budget=max_budget)

    def plan(self, trials: int | None) -> Plan | None:
        """One rung with every trial; None while the number of trials is unlimited."""
        return None if trials is None else Plan(((Planned(trials, self.max_budget),),))

    def begin(self) -> "FullLadder":
        """Return an empty ladder."""
        return FullLadder(self.max_budget)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "full", "max_budget": self.max_budget}


class FullLadder(BaseLadder):
    """The account of a `Full` schedule."""

    def next(self) -> Step:
        """Start trials as long as the limit allows."""
        return Start(Place(0, 0, self.full_budget)) if self.starts_left() else self.idle()

    def judge(self, report: Reported) -> Decision:
        """Let every trial go on to its budget."""
        return self.at_budget(report)
