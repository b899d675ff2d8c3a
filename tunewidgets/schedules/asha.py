"""ASHA: successive halving that never waits for a rung to fill."""

from dataclasses import InitVar, asdict, dataclass, replace
from typing import Any, Literal, get_args

from tunewidgets.errors import StrategyError
from tunewidgets.history import Plan
from tunewidgets.schedules.arithmetic import bracket_shares, rung_budgets
from tunewidgets.schedules.asha_ladders import PromotionLadder, StoppingLadder
from tunewidgets.schedules.checks import budget_of, check_at_least, need_budget

Variant = Literal["promotion", "stopping"]


@dataclass(frozen=True, slots=True)
class ASHA:
    """Asynchronous successive halving: whoever is among the best 1/eta of a rung *so far* goes on at once.

    Whenever a worker is free, the rungs are looked through from the top down; of rung k the best
    ``floor(|rung k| / eta)`` may go on, and the first of them that has not gone on yet does. Where there is none, a new
    configuration starts at the lowest rung. So no worker ever waits for others. The price: some trials are promoted
    that would not have been, had the rung been complete.

    The search ends with the limit on trials, or when the space is exhausted: then what is still among the best goes on,
    and the rest is dropped. A search too small for anybody to come to the top sends the best trial of the highest rung
    reached further, as a bracket of Hyperband that a limit cuts short does.

    Parameters
    ----------
    max_budget : int, optional
        R: the top rung's budget, in the objective's own unit. Where it is not given, the objective must know it.
    min_budget : int
        r: no rung lies below it. The budgets are counted down from R by factors of eta, as in successive halving and
        Hyperband; see `tunewidgets.schedules.arithmetic.rung_budgets`.
    factor : int
        eta, at least 2.
    variant : {"promotion", "stopping"}
        "promotion" is the paper's: a trial pauses at every rung and goes on, from its checkpoint, when it is among the
        best. "stopping": a trial trains towards R without a pause, and is stopped at a rung where it is not among the
        best ``floor(n / eta)`` of the n that have come there so far, itself counted; the first eta - 1 to come to a
        rung pass. It needs no checkpoints, but the first ones are compared with nobody.
    brackets : int
        How many ladders side by side, each beginning one rung higher than the one before; bracket b then stops less
        eagerly by a factor of eta**b. New trials are shared out in the proportion of Hyperband's sizes.
    max_epochs : int, optional
        Keras Tuner's word for `max_budget`.

    Raises
    ------
    StrategyError
        If a number is out of range, the variant unknown, the smallest budget larger than the largest, or there are more
        brackets than rungs.

    Notes
    -----
    A trial that fails has come to its rung and ranks last. In the stopping variant a report that jumps over a rung's
    budget is judged at that rung, and where it jumps over several of them at the highest.

    References
    ----------
    Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar: A system for massively parallel
    hyperparameter tuning, MLSys 2020, Algorithm 2. The shares of several brackets are the numbers of configurations in
    Hyperband, Li et al., JMLR 18(185), 2018, Algorithm 1.

    Examples
    --------
    >>> ASHA(max_budget=27).budgets
    (1, 3, 9, 27)
    """

    max_budget: int | None = None
    min_budget: int = 1
    factor: int = 3
    variant: Variant = "promotion"
    brackets: int = 1
    max_epochs: InitVar[int | None] = None

    def __post_init__(self, max_epochs: int | None) -> None:
        object.__setattr__(self, "max_budget", budget_of(self.max_budget, max_epochs))
        check_at_least("min_budget", self.min_budget, 1)
        check_at_least("factor", self.factor, 2)
        check_at_least("brackets", self.brackets, 1)
        if self.variant not in get_args(Variant):
            raise StrategyError(f"variant must be 'promotion' or 'stopping', not {self.variant!r}")
        if self.max_budget is not None:
            self._check_budgets(self.max_budget)

    def _check_budgets(self, max_budget: int) -> None:
        if self.min_budget > max_budget:
            raise StrategyError(f"min_budget ({self.min_budget}) must not exceed max_budget ({max_budget})")
        most = len(self.budgets)
        if self.brackets > most:
            raise StrategyError(
                f"brackets must be at most {most}, the number of rungs from {self.min_budget} to {max_budget}, "
                f"not {self.brackets}"
            )

    @property
    def budgets(self) -> tuple[int, ...]:
        """The rungs' budgets, the lowest first; bracket b begins at number b.

        Raises
        ------
        StrategyError
            If the largest budget is not known yet.
        """
        if self.max_budget is None:
            raise StrategyError("ASHA needs its largest budget first: ASHA(max_budget=...)")
        return rung_budgets(self.min_budget, self.max_budget, self.factor)

    @property
    def ladders(self) -> tuple[tuple[int, ...], ...]:
        """The budgets of every bracket."""
        return tuple(self.budgets[number:] for number in range(self.brackets))

    @property
    def rungs(self) -> bool:
        """Trials are compared at every rung."""
        return True

    def resolved(self, max_budget: int | None, trials: int | None, unit: str) -> "ASHA":  # noqa: ARG002 - the contract's signature
        """Return a copy with the objective's own largest budget where none was given.

        Raises
        ------
        StrategyError
            If nobody knows the largest budget.
        """
        return replace(self, max_budget=self.max_budget or need_budget("ASHA", max_budget, unit))

    def plan(self, trials: int | None) -> Plan | None:  # noqa: ARG002 - the contract's signature
        """None: who goes on depends on the order in which trials come to rest."""
        return None

    def begin(self) -> PromotionLadder | StoppingLadder:
        """Return an empty ladder."""
        shares = bracket_shares(len(self.budgets), self.factor)[: self.brackets]
        ladder = PromotionLadder if self.variant == "promotion" else StoppingLadder
        return ladder(self.ladders, shares, self.factor)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "asha", **asdict(self)}
