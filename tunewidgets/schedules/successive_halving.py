"""Successive halving: many configurations briefly, the best of them longer, and so on to one."""

from dataclasses import InitVar, asdict, dataclass, replace
from typing import Any

from tunewidgets.errors import StrategyError
from tunewidgets.history import Plan
from tunewidgets.schedules.arithmetic import (
    Bracket,
    HalvingArithmetic,
    check_halving_arithmetic,
    cut,
    floor_log,
    halving_table,
)
from tunewidgets.schedules.brackets import BracketLadder
from tunewidgets.schedules.checks import budget_of, check_at_least, need_budget


@dataclass(frozen=True, slots=True)
class SuccessiveHalving:
    """One bracket: all configurations train briefly, the best 1/eta go on to eta times the budget, and so on.

    Parameters
    ----------
    max_budget : int, optional
        R, the budget of the last rung. Where it is not given, the objective must know it.
    configurations : int, optional
        n, how many configurations start. Not given: the limit on trials, else as many as bring one to `max_budget`.
    min_budget : int
        r, the smallest budget at which trials are compared.
    factor : int
        eta, at least 2.
    arithmetic : {"paper", "scikit-learn"}
        Whose rounding; see `tunewidgets.schedules.arithmetic.halving_table`.
    max_epochs : int, optional
        Keras Tuner's word for `max_budget`.

    Raises
    ------
    StrategyError
        If a number is out of range, the arithmetic unknown, or the smallest budget larger than the largest.

    References
    ----------
    Jamieson, Talwalkar: Non-stochastic best arm identification and hyperparameter optimization, AISTATS 2016.

    Examples
    --------
    >>> SuccessiveHalving(max_budget=9, configurations=9).plan(None).brackets
    ((Planned(configurations=9, budget=1), Planned(configurations=3, budget=3), Planned(configurations=1, budget=9)),)
    """

    max_budget: int | None = None
    configurations: int | None = None
    min_budget: int = 1
    factor: int = 3
    arithmetic: HalvingArithmetic = "paper"
    max_epochs: InitVar[int | None] = None

    def __post_init__(self, max_epochs: int | None) -> None:
        object.__setattr__(self, "max_budget", budget_of(self.max_budget, max_epochs))
        check_at_least("configurations", self.configurations, 1)
        check_at_least("min_budget", self.min_budget, 1)
        check_at_least("factor", self.factor, 2)
        check_halving_arithmetic(self.arithmetic)
        if self.max_budget is not None and self.min_budget > self.max_budget:
            raise StrategyError(f"min_budget ({self.min_budget}) must not exceed max_budget ({self.max_budget})")

    @property
    def rungs(self) -> bool:
        """Trials are compared at every rung."""
        return True

    def resolved(self, max_budget: int | None, trials: int | None, unit: str) -> "SuccessiveHalving":
        """Return a copy with its blanks filled: the objective's largest budget, the limit on trials.

        Raises
        ------
        StrategyError
            If nobody knows the largest budget.
        """
        largest = self.max_budget or need_budget("SuccessiveHalving", max_budget, unit)
        filling = self.factor ** floor_log(max(1, largest // self.min_budget), self.factor)
        return replace(self, max_budget=largest, configurations=self.configurations or trials or filling)

    def bracket(self) -> Bracket:
        """Return the rungs."""
        if self.max_budget is None or self.configurations is None:
            raise StrategyError("SuccessiveHalving needs max_budget=... and configurations=... first")
        return halving_table(self.configurations, self.min_budget, self.max_budget, self.factor, self.arithmetic)

    def plan(self, trials: int | None) -> Plan | None:
        """Return the one bracket, cut where `trials` ends it."""
        bracket = self.bracket()
        return Plan((bracket if trials is None else cut(bracket, trials, self.factor),))

    def begin(self) -> BracketLadder:
        """Return an empty ladder."""
        return BracketLadder((self.bracket(),), 1, self.factor)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "successive_halving", **asdict(self)}
