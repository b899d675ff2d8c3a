"""Median stopping: a trial that is worse than the middle of the others at the same step is stopped."""

from dataclasses import InitVar, asdict, dataclass, replace
from typing import Any, NamedTuple

from tunewidgets.history import CONTINUE, Continued, Decision, Direction, Event, Plan, Reported, is_finite, rank_key
from tunewidgets.schedules.checks import budget_of, check_at_least
from tunewidgets.schedules.full import FullLadder
from tunewidgets.schedules.ranking import Ranking
from tunewidgets.schedules.rung import Key


@dataclass(frozen=True, slots=True)
class MedianStopping:
    """Train every trial to the same budget, but stop it where it falls behind the median of the others.

    A trial that reports at step s is stopped if its best value up to s is strictly worse than the median, over the
    other trials that have reported at step s, of their averages up to s: the average of all finite values that a trial
    has reported at steps 1 to s. A trial with no finite value by then is worse than any.

    The best value is compared with averages, so that a trial is not stopped for a single bad epoch. The rule needs no
    rungs and no model of the curve, and its bar rises on its own as better trials come.

    Parameters
    ----------
    max_budget : int, optional
        The budget, in the objective's own unit. None: the objective's own largest budget where it knows one, else until
        it returns.
    warmup : int
        No trial is stopped before it has trained for more than so many steps. 0 is the paper's rule; give more where
        the beginning of a curve tells little.
    least : int
        No trial is stopped at a step that fewer than so many others have reported at. The paper sets none; 5 is what
        Optuna's `MedianPruner` takes.
    max_epochs : int, optional
        Keras Tuner's word for `max_budget`.

    Raises
    ------
    StrategyError
        If a number is out of range.

    Notes
    -----
    The paper compares with *completed* trials. Here every trial that has come as far counts, running or stopped ones
    too: else the first trials of many workers are compared with nobody, and a bar that only survivors set would rise
    with every trial it stops. Trials are compared at equal steps only, so all should report equally often.

    References
    ----------
    Golovin, Solnik, Moitra, Kochanski, Karro, Sculley: Google Vizier: a service for black-box optimization, KDD 2017,
    section 3.2.2, "Median Stopping Rule".

    Examples
    --------
    >>> MedianStopping(max_budget=30, warmup=3).to_json()["least"]
    5
    """

    max_budget: int | None = None
    warmup: int = 0
    least: int = 5
    max_epochs: InitVar[int | None] = None

    def __post_init__(self, max_epochs: int | None) -> None:
        object.__setattr__(self, "max_budget", budget_of(self.max_budget, max_epochs))
        check_at_least("warmup", self.warmup, 0)
        check_at_least("least", self.least, 1)

    @property
    def rungs(self) -> bool:
        """Trials are compared at every step, so the objective must report."""
        return True

    def resolved(self, max_budget: int | None, trials: int | None, unit: str) -> "MedianStopping":  # noqa: ARG002 - the contract's signature
        """Return a copy with the objective's own budget where none was given."""
        return self if self.max_budget is not None else replace(self, max_budget=max_budget)

    def plan(self, trials: int | None) -> Plan | None:  # noqa: ARG002 - the contract's signature
        """None: how far each trial trains depends on the others."""
        return None

    def begin(self) -> "MedianLadder":
        """Return an empty ladder."""
        return MedianLadder(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "median", **asdict(self)}


class _Course(NamedTuple):
    """A trial so far: its furthest step, the sum and the number of its finite values, its best one, its key at `step`.

    The best value and the key have the direction taken out.
    """

    step: int
    total: float
    finite: int
    best: Key
    key: Key


class MedianLadder(FullLadder):
    """The account of `MedianStopping`: the averages at every step, in order.

    A leg that is run again after a loss reports steps that are known already: the first report at a step counts. What
    a trial repeats that is run again by the user's wish replaces what it had reported.
    """

    def __init__(self, settings: MedianStopping) -> None:
        super().__init__(settings.max_budget)
        self._warmup, self._least = settings.warmup, settings.least
        self._at: dict[int, Ranking] = {}
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
        worst = rank_key(None, event.trial, self.direction)
        courses = self._courses.setdefault(event.trial, [])
        if event.trial in self._again:
            self._go_back(courses, event)
        old = courses[-1] if courses else _Course(0, 0.0, 0, worst, worst)
        if event.step <= old.step:
            return
        finite = is_finite(event.value)
        total, count = (old.total + event.value, old.finite + 1) if finite else (old.total, old.finite)
        key = rank_key(total / count if count else None, event.trial, self.direction)
        best = min(old.best, rank_key(event.value, event.trial, self.direction))
        courses.append(_Course(event.step, total, count, best, key))
        self._at.setdefault(event.step, Ranking()).add(key)

    def _go_back(self, courses: list[_Course], event: Reported) -> None:
        self._again.discard(event.trial)
        while courses and courses[-1].step >= event.step:
            gone = courses.pop()
            self._at[gone.step].discard(gone.key)

    def judge(self, report: Reported) -> Decision:
        """Stop a trial that is worse than the median of the others; at its budget it completes."""
        at_budget = self.at_budget(report)
        course = self._courses[report.trial][-1]
        if at_budget.action != "continue" or course.step != report.step:
            return at_budget
        others = len(self._at[report.step]) - 1
        if report.step <= self._warmup or others < self._least:
            return CONTINUE
        median = _median_without(self._at[report.step], course.key)
        if not course.best[0] > median:
            return CONTINUE
        facts = {"kind": "median", "step": report.step, "of": others}
        value, bar = (_raw(each, self.direction) for each in (course.best[0], median))
        return Decision("stop", {**facts, "value": value, "median": bar})


def _median_without(ranking: Ranking, key: Key) -> float:
    """Return the median of all values but one."""
    own, rest = ranking.rank(key) - 1, len(ranking) - 1
    low, high = (rest - 1) // 2, rest // 2
    pair = [ranking[index if index < own else index + 1][0] for index in (low, high)]
    return pair[0] if low == high else (pair[0] + pair[1]) / 2


def _raw(value: float, direction: Direction) -> float | None:
    if not is_finite(value):
        return None
    return value if direction == "min" else -value
