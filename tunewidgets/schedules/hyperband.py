"""Hyperband: several successive halvings side by side, from many configurations briefly to few at length."""

from dataclasses import InitVar, asdict, dataclass, replace
from typing import Any

from tunewidgets.errors import StrategyError
from tunewidgets.history import Plan
from tunewidgets.schedules.arithmetic import Bracket, HyperbandArithmetic, cut, hyperband_table
from tunewidgets.schedules.brackets import BracketLadder
from tunewidgets.schedules.checks import budget_of, check_at_least, need_budget


@dataclass(frozen=True, slots=True)
class Hyperband:
    """Successive halving in several brackets, each with another balance of breadth and length.

    Parameters
    ----------
    max_budget : int, optional
        R: how far a surviving configuration trains, in the objective's own unit. Where it is not given, the objective
        must know it.
    factor : int
        eta: of each rung the best 1/eta go on. At least 2.
    iterations : int or None
        How many passes over all brackets; None: until the limit on trials ends the search.
    arithmetic : {"algorithm1", "printed", "keras_tuner"}
        Whose numbers; see `tunewidgets.schedules.arithmetic.hyperband_table`.
    max_epochs : int, optional
        Keras Tuner's word for `max_budget`.

    Raises
    ------
    StrategyError
        If a number is out of range, or both names of the budget are given.

    References
    ----------
    Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar: Hyperband, JMLR 18(185), 2018. R is `max_budget`, eta `factor`.

    Examples
    --------
    >>> Hyperband(max_budget=9).plan(None).trials
    17
    """

    max_budget: int | None = None
    factor: int = 3
    iterations: int | None = 1
    arithmetic: HyperbandArithmetic = "algorithm1"
    max_epochs: InitVar[int | None] = None

    def __post_init__(self, max_epochs: int | None) -> None:
        object.__setattr__(self, "max_budget", budget_of(self.max_budget, max_epochs))
        check_at_least("factor", self.factor, 2)
        check_at_least("iterations", self.iterations, 1)
        if self.max_budget is not None:
            hyperband_table(self.max_budget, self.factor, self.arithmetic)

    @property
    def rungs(self) -> bool:
        """Trials are compared at every rung."""
        return True

    def resolved(self, max_budget: int | None, trials: int | None, unit: str) -> "Hyperband":
        """Return a copy with the objective's own largest budget where none was given.

        Raises
        ------
        StrategyError
            If nobody knows the largest budget, or nothing would ever end the search.
        """
        if self.iterations is None and trials is None:
            raise StrategyError("Hyperband(iterations=None) never ends by itself: give trials=... or iterations=1")
        return replace(self, max_budget=self.max_budget or need_budget("Hyperband", max_budget, unit))

    def brackets(self) -> tuple[Bracket, ...]:
        """Return the brackets of one pass."""
        if self.max_budget is None:
            raise StrategyError("Hyperband needs its largest budget first: Hyperband(max_budget=...)")
        return hyperband_table(self.max_budget, self.factor, self.arithmetic)

    def plan(self, trials: int | None) -> Plan | None:
        """Return every bracket of every pass, the last one cut where `trials` ends it."""
        table, planned, left = self.brackets(), [], trials
        passes = self.iterations or (trials or 0)
        for number in range(passes * len(table)):
            bracket = table[number % len(table)]
            if left is not None and left <= 0:
                break
            size = bracket[0].configurations if left is None else min(bracket[0].configurations, left)
            planned.append(cut(bracket, size, self.factor))
            left = None if left is None else left - size
        return Plan(tuple(planned))

    def begin(self) -> BracketLadder:
        """Return an empty ladder."""
        return BracketLadder(self.brackets(), self.iterations, self.factor)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "hyperband", **asdict(self)}
