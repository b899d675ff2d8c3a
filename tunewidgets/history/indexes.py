"""The indexes of a history, kept up event by event: where each trial stands, what runs, what waits, who is best."""

import math
from collections import deque
from collections.abc import Callable
from typing import Any

from tunewidgets.history.courses import Courses, keeps_constraints, with_report
from tunewidgets.history.direction import Direction, better
from tunewidgets.history.events import (
    Closed,
    Config,
    Continued,
    Ended,
    Enqueued,
    Event,
    Exhausted,
    Extended,
    Goal,
    Judged,
    Limits,
    Lost,
    Opened,
    Paused,
    Recovered,
    Reported,
    Resumed,
    Retried,
    SpaceEdited,
    Started,
    StopAsked,
    TimeUp,
    ValueRule,
    WorkersChanged,
    reopens,
)
from tunewidgets.history.records import SETTLED, Leg, Trial, may_retry
from tunewidgets.space import Space

_EMPTY_SPACE = Space()


class Indexes:
    """What everybody needs to know of a search, folded from its events; `tunewidgets.history.History` reads it.

    Every event costs constant time, but for a report with which the incumbent breaks a constraint, or begins to replace
    what an attempt before has reported: then all trials are looked through for another one.

    Attributes
    ----------
    opened : Opened or None
        How the search began.
    space, limits, workers
        As they are now.
    edits : int
        How many times the space has been edited.
    exhausted, time_up : bool
        Whether no configuration, or no time, is left.
    consecutive_failures : int
        How many trials have failed in a row.
    closing : StopAsked or None
        With what the user has asked the search to end, while it has not.
    closed : Closed or None
        How the search came to rest, while it is at rest.
    worked : float
        Seconds for which the search was at work: pauses, rests and times without a coordinator are left out.
    working : bool
        Whether the search is at work, as far as events tell: open, not at rest and not paused.
    """

    def __init__(self) -> None:
        self._trials: dict[int, Trial] = {}
        self._courses = Courses()
        self._legs: dict[tuple[int, int], Leg] = {}
        self._running: dict[int, None] = {}
        self._interrupted: dict[int, None] = {}
        self._to_retry: dict[int, None] = {}
        self._queue: deque[Config] = deque()
        self._to_stop: dict[int, bool] = {}
        self._incumbent: int | None = None
        self._counts: dict[str, int] = {}
        self.opened: Opened | None = None
        self.space: Space = _EMPTY_SPACE
        self.limits: Limits = Limits()
        self.workers = 1
        self.edits = 0
        self.exhausted = False
        self.time_up = False
        self.consecutive_failures = 0
        self.closing: StopAsked | None = None
        self.closed: Closed | None = None
        self.worked = 0.0
        self.working = False
        self._at = 0.0
        self._paused = False

    # --- who is best ---

    @property
    def goal(self) -> Goal:
        """What is optimised; with several goals the first one."""
        return self.opened.goals[0] if self.opened else Goal("value", "min")

    @property
    def direction(self) -> Direction:
        """Which values are better."""
        return self.goal.direction

    @property
    def rule(self) -> ValueRule:
        """Whether a trial's value is its best or its last finite report."""
        return self.opened.value if self.opened else "best"

    @property
    def incumbent(self) -> Trial | None:
        """The best trial of the highest budget reached that keeps the constraints; None before there is one."""
        return None if self._incumbent is None else self._trials[self._incumbent]

    # --- folding ---

    def _fold(self, event: Event, at: float) -> None:
        """Take note of an event; `at` is its time in seconds since the epoch."""
        kind = type(event)
        if self.working and kind is not Recovered and at > self._at:
            self.worked += at - self._at
        self._at = at
        if fold := _FOLDS.get(kind):
            fold(self, event, at)

    def _set(self, trial: Trial) -> None:
        before = self._trials.get(trial.number)
        if before is None or before.state != trial.state:
            if before is not None:
                self._counts[before.state] -= 1
            self._counts[trial.state] = self._counts.get(trial.state, 0) + 1
        self._trials[trial.number] = trial

    def _opened(self, e: Opened, _at: float) -> None:
        self.opened, self.space, self.limits, self.workers = e, e.space, e.limits, e.workers
        self._tell_working()

    def _enqueued(self, e: Enqueued, _at: float) -> None:
        self._queue.append(e.config)

    def _space_edited(self, e: SpaceEdited, _at: float) -> None:
        self.space, self.exhausted = e.space, False
        self.edits += 1

    def _extended(self, e: Extended, _at: float) -> None:
        self.limits, self.time_up, self.consecutive_failures = e.limits, False, 0
        self._reopen()

    def _stop_asked(self, e: StopAsked, _at: float) -> None:
        if e.trial is None:
            self.closing = e
        elif e.trial in self._trials and self._trials[e.trial].state not in SETTLED:
            self._to_stop[e.trial] = e.now or self._to_stop.get(e.trial, False)
        else:
            self._to_retry.pop(e.trial, None)

    def _retried(self, e: Retried, _at: float) -> None:
        if may_retry(self._trials.get(e.trial)):
            self._to_retry[e.trial] = None
        if self.closed is not None and reopens(e, self.closed):
            self.consecutive_failures = 0
            self._reopen()

    def _pause(self, _e: Paused, _at: float) -> None:
        self._paused = True
        self._tell_working()

    def _resume(self, _e: Resumed, _at: float) -> None:
        self.consecutive_failures = 0
        self._reopen()

    def _reopen(self) -> None:
        self._paused, self.closing, self.closed = False, None, None
        self._tell_working()

    def _tell_working(self) -> None:
        self.working = self.opened is not None and self.closed is None and not self._paused

    def _workers_changed(self, e: WorkersChanged, _at: float) -> None:
        self.workers = e.workers

    def _started(self, e: Started, at: float) -> None:
        self._set(Trial(e.trial, e.config, e.origin, e.notes, e.place))
        self._running[e.trial] = None
        self._legs[e.trial, 1] = Leg(e.trial, 1, e.place, "started", at)
        if e.origin == "user" and self._queue:
            self._queue.popleft()

    def _continued(self, e: Continued, at: float) -> None:
        self._courses.continued(e)
        trial = self._trials[e.trial]
        again = trial._replace(place=e.place, attempt=e.attempt, state="running", verdict=None, reason=e.reason)
        self._set(again._replace(losses=0) if e.why == "retried" else again)
        self._running[e.trial] = None
        for index in (self._interrupted, self._to_retry):
            index.pop(e.trial, None)
        self._legs[e.trial, e.attempt] = Leg(e.trial, e.attempt, e.place, e.why, at)

    def _reported(self, e: Reported, _at: float) -> None:
        trial = self._trials[e.trial]
        if replaced := self._courses.add(e):
            trial = self._courses.without_what_is_gone(trial, self.rule, self.direction)
        trial = self._trials[e.trial] = with_report(trial, e, self.rule, self.direction)
        if e.trial == self._incumbent and (replaced or (trial.value_step == e.step and not self.is_feasible(trial))):
            self._elect()

    def _judged(self, e: Judged, _at: float) -> None:
        verdict = None if e.action == "continue" else e.action  # it has passed a rung, and trains on
        self._trials[e.trial] = self._trials[e.trial]._replace(verdict=verdict, reason=e.reason)

    def _ended(self, e: Ended, at: float) -> None:
        trial = self._trials[e.trial]
        was_running = e.trial in self._running
        self._courses.ended(e)
        self._set(trial._replace(state=e.state, reached=self._courses.reached(e.trial), reason=e.reason))
        for index in (self._running, self._interrupted, self._to_stop):
            index.pop(e.trial, None)
        if was_running:
            self._end_leg(e.trial, e.attempt, at, e.state)
            self.consecutive_failures = self.consecutive_failures + 1 if e.state == "failed" else 0
        if e.state in ("paused", "completed"):
            self._consider(self._trials[e.trial])

    def _consider(self, trial: Trial) -> None:
        best = self.incumbent
        if trial.value is None or not math.isfinite(trial.value) or not self.is_feasible(trial):
            return
        if best is None or (trial.reached, better(trial.value, best.value, self.direction)) > (best.reached, False):
            self._incumbent = trial.number

    def _elect(self) -> None:
        """Look for another incumbent, as the one there was breaks a constraint, or has not the value any more."""
        self._incumbent = None
        for trial in self._trials.values():
            if trial.reached:
                self._consider(trial)

    def is_feasible(self, trial: Trial) -> bool:
        """Whether a trial keeps every constraint where it gave its value; what it did not report it does not keep."""
        if self.opened is None or not self.opened.constraints:  # asked of every trial at every drawing
            return True
        return keeps_constraints(self.opened, self._courses.of(trial.number).get(trial.value_step))

    def _lost(self, e: Lost, at: float) -> None:
        trial = self._trials[e.trial]
        losses = trial.losses + (e.why == "worker")
        self._set(trial._replace(state="interrupted", losses=losses, reason={"kind": "lost", "why": e.why}))
        self._running.pop(e.trial, None)
        self._interrupted[e.trial] = None
        self._end_leg(e.trial, e.attempt, at, "lost")

    def _end_leg(self, trial: int, attempt: int, at: float, outcome: str) -> None:
        self._legs[trial, attempt] = self._legs[trial, attempt]._replace(ended=at, outcome=outcome)

    def _exhausted(self, _e: Exhausted, _at: float) -> None:
        self.exhausted = True

    def _time_up(self, _e: TimeUp, _at: float) -> None:
        self.time_up = True

    def _close(self, e: Closed, _at: float) -> None:
        self.closed, self.closing = e, None
        self._tell_working()


_FOLDS: dict[type, Callable[[Indexes, Any, float], None]] = {
    Opened: Indexes._opened,  # noqa: SLF001 - the table of this class's own folds
    Enqueued: Indexes._enqueued,  # noqa: SLF001
    SpaceEdited: Indexes._space_edited,  # noqa: SLF001
    Extended: Indexes._extended,  # noqa: SLF001
    StopAsked: Indexes._stop_asked,  # noqa: SLF001
    Retried: Indexes._retried,  # noqa: SLF001
    Paused: Indexes._pause,  # noqa: SLF001
    Resumed: Indexes._resume,  # noqa: SLF001
    WorkersChanged: Indexes._workers_changed,  # noqa: SLF001
    Started: Indexes._started,  # noqa: SLF001
    Continued: Indexes._continued,  # noqa: SLF001
    Reported: Indexes._reported,  # noqa: SLF001
    Judged: Indexes._judged,  # noqa: SLF001
    Ended: Indexes._ended,  # noqa: SLF001
    Lost: Indexes._lost,  # noqa: SLF001
    Exhausted: Indexes._exhausted,  # noqa: SLF001
    TimeUp: Indexes._time_up,  # noqa: SLF001
    Closed: Indexes._close,  # noqa: SLF001
}
