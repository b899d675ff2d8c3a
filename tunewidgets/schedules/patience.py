"""Patience: a trial that has stopped improving has had its turn."""

from dataclasses import InitVar, asdict, dataclass, replace
from typing import Any, NamedTuple

from tunewidgets.errors import StrategyError
from tunewidgets.history import Continued, Decision, Event, Plan, Reported, is_finite
from tunewidgets.schedules.checks import budget_of, check_at_least
from tunewidgets.schedules.full import FullLadder


@dataclass(frozen=True, slots=True)
class Patience:
    """Train every trial until it has not improved for a while, to the full budget at most.

    A trial is ended at the first report that comes `steps` steps or more after the step of its best value. It is then
    **completed**, and not pruned: nobody has beaten it. It was compared with itself alone, its value stands as what
    this configuration can do, and it may well be the best of all. So models learn from it as from a full result, and
    it can become the incumbent.

    Parameters
    ----------
    steps : int
        How long to wait for an improvement, in the objective's own unit of budget (epochs, trees ...). Where trials
        report less often than at every step, the report after that time ends the trial.
    min_delta : float
        A value must be better than the best one so far by more than this to count as an improvement. 0 or more.
    max_budget : int, optional
        The budget. None: the objective's own largest budget where it knows one, else until it returns.
    max_epochs : int, optional
        Keras Tuner's word for `max_budget`.

    Raises
    ------
    StrategyError
        If a number is out of range.

    References
    ----------
    Prechelt: Early stopping - but when?, 1998. With ``steps=p`` trials end where Keras'
    ``EarlyStopping(patience=p, min_delta=...)`` would end them.

    Examples
    --------
    >>> Patience(5, max_budget=100).to_json()["steps"]
    5
    """

    steps: int
    min_delta: float = 0.0
    max_budget: int | None = None
    max_epochs: InitVar[int | None] = None

    def __post_init__(self, max_epochs: int | None) -> None:
        object.__setattr__(self, "max_budget", budget_of(self.max_budget, max_epochs))
        given: object = self.steps
        if given is None:
            raise StrategyError("steps must be an integer of at least 1, not None")
        check_at_least("steps", self.steps, 1)
        delta: object = self.min_delta
        if isinstance(delta, bool) or not isinstance(delta, int | float) or not is_finite(delta) or delta < 0:
            raise StrategyError(f"min_delta must be a finite number of at least 0, not {delta!r}")

    @property
    def rungs(self) -> bool:
        """Trials are judged on their way, so the objective must report."""
        return True

    def resolved(self, max_budget: int | None, trials: int | None, unit: str) -> "Patience":  # noqa: ARG002 - the contract's signature
        """Return a copy with the objective's own budget where none was given."""
        return self if self.max_budget is not None else replace(self, max_budget=max_budget)

    def plan(self, trials: int | None) -> Plan | None:  # noqa: ARG002 - the contract's signature
        """None: how far each trial trains depends on its curve."""
        return None

    def begin(self) -> "PatienceLadder":
        """Return an empty ladder."""
        return PatienceLadder(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "patience", **asdict(self)}


class _Course(NamedTuple):
    """A trial so far: its furthest step, and its best value with the step at which it came."""

    step: int
    best: float | None
    best_step: int


class PatienceLadder(FullLadder):
    """The account of `Patience`: every trial's best value and when it came.

    A leg that is run again after a loss reports steps that are known already: the first report at a step counts. What
    a trial repeats that is run again by the user's wish replaces what it had reported.
    """

    def __init__(self, settings: Patience) -> None:
        super().__init__(settings.max_budget)
        self._steps, self._min_delta = settings.steps, settings.min_delta
        self._courses: dict[int, list[_Course]] = {}  # after each of a trial's reports
        self._again: set[int] = set()  # run again by the user's wish, and nothing reported yet

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Reported):
            self._reported(event)
            return
        super().apply(event)
        if isinstance(event, Continued) and event.why == "retried":
            self._again.add(event.trial)

    def _reported(self, event: Reported) -> None:
        courses = self._courses.setdefault(event.trial, [])
        if event.trial in self._again:
            self._again.discard(event.trial)
            courses[:] = [course for course in courses if course.step < event.step]
        old = courses[-1] if courses else _Course(0, None, 0)
        if event.step <= old.step:
            return
        if self._improves(event.value, old.best):
            courses.append(_Course(event.step, event.value, event.step))
        else:
            courses.append(old._replace(step=event.step))

    def _improves(self, value: float, best: float | None) -> bool:
        if not is_finite(value):
            return False
        if best is None:
            return True
        gain = best - value if self.direction == "min" else value - best
        return gain > self._min_delta

    def judge(self, report: Reported) -> Decision:
        """Complete a trial at its budget, or when its patience is over."""
        at_budget = self.at_budget(report)
        course = self._courses[report.trial][-1]
        waited = course.step - course.best_step
        if at_budget.action != "continue" or waited < self._steps:
            return at_budget
        return Decision(
            "complete",
            {"kind": "patience", "steps": waited, "step": course.step, "value": course.best, "best": course.best_step},
        )
