"""What is kept of a run: the regret at a few checkpoints, by one rule for everybody; numpy only."""

import math
from collections.abc import Mapping

from benchmarks.strategies.knobs import Config, Kind, Problem

CHECKPOINTS: Mapping[Kind, tuple[int, ...]] = {
    "numeric": (10, 25, 40, 50, 100),
    "tables": (10, 25, 40, 50, 100),
    "conditional": (10, 25, 40, 50, 100),
    "nas": (25, 50, 100, 200),
    "fidelity": (10, 20, 40),
}
"""After so many evaluations; for fidelity tasks at the cost of so many full trainings."""

BRANCH_AT = 50
"""After so many evaluations the branch of the best configuration is noted, or at the end where that comes before."""


class Trace:
    """Follows a run evaluation by evaluation, or epoch by epoch.

    A run has trained some configurations, each up to some budget. Its **incumbent** is the best of those that have
    reached the highest budget that anyone has reached, by their values there; the run's regret is that of the
    incumbent's value at the full budget. The cost is the sum of all epochs trained; a configuration that goes on from a
    checkpoint pays for the new epochs only. An evaluation without a smaller budget costs 1.

    Examples
    --------
    >>> trace = Trace(problem)
    >>> trace.report(0, config, loss)
    """

    def __init__(self, problem: Problem) -> None:
        self._problem, self._unit = problem, problem.epochs or 1
        self._due = list(CHECKPOINTS[problem.kind])
        self._branch_at: int | None = BRANCH_AT if problem.branch else None
        self._cost = 0
        self._at: dict[int, int] = {}
        self._top, self._best = 0, math.inf
        self._incumbent: Config | None = None
        self.regrets: dict[int, float] = {}
        self.branch = ""

    @property
    def cost(self) -> float:
        """The cost so far, in full trainings."""
        return self._cost / self._unit

    def report(self, trial: int, config: Config, loss: float, epoch: int = 1) -> None:
        """Take note that a trial has trained up to an epoch, and of its loss there."""
        self._pass_by(self._cost + epoch - self._at.get(trial, 0) - 1)
        self._cost += epoch - self._at.get(trial, 0)
        self._at[trial] = epoch
        if epoch > self._top:
            self._top, self._best, self._incumbent = epoch, math.inf, None
        if epoch == self._top and (self._incumbent is None or loss < self._best):
            self._best, self._incumbent = loss, config
        self._pass_by(self._cost)

    def finish(self, upto: float = 0) -> None:
        """Note what holds at the end.

        Parameters
        ----------
        upto : float
            What stands at the end stands up to this checkpoint: for a run that has tried everything there is.
        """
        while self._due and self._due[0] <= upto:
            self.regrets[self._due.pop(0)] = self._regret()
        self._note_branch()

    def _note_branch(self) -> None:
        if self._branch_at is not None and self._incumbent is not None:
            self.branch = branch_text(self._problem.branch_of(self._incumbent))

    def _pass_by(self, cost: int) -> None:
        """Note what holds at the checkpoints up to this cost."""
        while self._due and self._due[0] * self._unit <= cost:
            self.regrets[self._due.pop(0)] = self._regret()
        if self._branch_at is not None and self._branch_at * self._unit <= cost:
            self._note_branch()
            self._branch_at = None

    def _regret(self) -> float:
        if self._incumbent is None:
            return math.inf
        return self._problem.regret(self._problem.loss(self._incumbent))


def branch_text(branch: tuple[object, ...]) -> str:
    """Return a branch as it is written: the values of the parameters that others hang on."""
    return "/".join(map(str, branch))
