"""The history of a search: its events, and the few indexes that everybody needs, kept up event by event."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping, Sequence
from types import MappingProxyType
from typing import Any, overload

from tunewidgets.history.collector import uncollected
from tunewidgets.history.courses import Courses, keeps_constraints, with_report
from tunewidgets.history.direction import Direction, better
from tunewidgets.history.events import (
    NOTHING,
    Closed,
    Config,
    Continued,
    Data,
    Ended,
    Enqueued,
    Entry,
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
from tunewidgets.history.records import SETTLED, Leg, Status, Trial, may_retry
from tunewidgets.space import Space

_EMPTY_SPACE = Space()


class History:
    """Append-only events and their indexes.

    Every event costs constant time, but for a report with which the incumbent breaks a constraint, or begins to replace
    what an attempt before has reported: then all trials are looked through for another one.

    Parameters
    ----------
    entries : iterable of Entry
        Events in their places, as a store reads them.

    Notes
    -----
    A history is a fold: two histories of the same entries are equal in every answer. Readers never change it; only the
    driver appends, and a viewer appends what it has read from the store.

    Attributes
    ----------
    worked : float
        Seconds for which the search was at work: pauses, rests and times without a coordinator are left out.
    working : bool
        Whether the search is at work, as far as events tell: open, not at rest and not paused.

    Examples
    --------
    >>> history = History()
    >>> history.append(Opened(0, Space(), Limits(), (Goal("loss", "min"),)))
    Entry(seq=0, ...)
    >>> history.append(Started(0, {}, Place(0, 0, 1)))
    Entry(seq=1, ...)
    >>> history.append(Reported(0, 1, 1, 0.25))
    Entry(seq=2, ...)
    >>> history.trials[0].value
    0.25
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: list[Entry] = []
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
        self.exhausted = False
        self.time_up = False
        self.consecutive_failures = 0
        self.closing: StopAsked | None = None
        self.closed: Closed | None = None
        self.worked = 0.0
        self.working = False
        self._at = 0.0
        self._paused = False
        self.extend(entries)

    # --- reading ---------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> Sequence[Entry]:
        """Every event in its place, oldest first."""
        return tuple(self._entries)

    def since(self, seq: int) -> list[Entry]:
        """Return the entries from number `seq` on."""
        return self._entries[seq:]

    def upto(self, seq: int) -> "History":
        """Return the history as it was when it had `seq` events: the way to step back in time."""
        return History(self._entries[:seq])

    @property
    def trials(self) -> Mapping[int, Trial]:
        """Every trial by its number."""
        return MappingProxyType(self._trials)

    def reports(self, trial: int) -> list[Reported]:
        """Return a trial's reports by step; a step that was reported again by a later attempt counts once."""
        by_step = self._courses.of(trial)
        return [by_step[step] for step in sorted(by_step)]

    @property
    def courses(self) -> Mapping[int, Mapping[int, Reported]]:
        """The reports by step, in no order, of every trial that has any: `reports` of many trials at once."""
        return MappingProxyType(self._courses.by_trial)

    @property
    def legs(self) -> Mapping[tuple[int, int], Leg]:
        """Every leg by (trial, attempt), in the order in which they began."""
        return MappingProxyType(self._legs)

    @property
    def running(self) -> KeysView[int]:
        """The trials that have a leg running now: a live view, so copy it before appending while you go through it."""
        return self._running.keys()

    @property
    def interrupted(self) -> KeysView[int]:
        """The trials whose leg was lost and is still to be run again, the first lost first; a live view."""
        return self._interrupted.keys()

    @property
    def to_retry(self) -> KeysView[int]:
        """The trials that the user wants run again and that have not begun, the first asked for first; a live view."""
        return self._to_retry.keys()

    @property
    def queue(self) -> Sequence[Config]:
        """Configurations of the user that are not started yet, the next one first; a live view."""
        return self._queue

    @property
    def to_stop(self) -> Mapping[int, bool]:
        """Trials that the user wants stopped and that have not ended; the value says 'at once'."""
        return MappingProxyType(self._to_stop)

    @property
    def seed(self) -> int:
        """The seed of the search, 0 before it is opened."""
        return self.opened.seed if self.opened else 0

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

    @property
    def counts(self) -> Mapping[str, int]:
        """How many trials are in each state that occurs."""
        return MappingProxyType({state: n for state, n in self._counts.items() if n})

    @property
    def status(self) -> Status:
        """Where the search stands, as far as events tell."""
        if self.opened is None:
            return "starting"
        if self.closed is not None:
            return self.closed.state
        if self.closing is not None:
            return "stopping"
        return "paused" if self._paused else "running"

    # --- folding ---------------------------------------------------------------------------------------------------

    def append(self, event: Event, at: float = 0.0) -> Entry:
        """Add an event at the end and return it in its place; `at` is its time in seconds since the epoch."""
        entry = Entry(len(self._entries), at, event)
        kind = type(event)
        if self.working and kind is not Recovered and at > self._at:
            self.worked += at - self._at
        self._at = at
        self._entries.append(entry)
        if fold := _FOLDS.get(kind):
            fold(self, event, at)
        return entry

    def extend(self, entries: Iterable[Entry]) -> None:
        """Add entries that are in their places already.

        Raises
        ------
        ValueError
            If an entry is not the next one: something was skipped or read twice.
        """
        with uncollected():
            for entry in entries:
                if entry.seq != len(self._entries):
                    raise ValueError(f"expected entry {len(self._entries)} of the history, got {entry.seq}")
                self.append(entry.event, entry.at)

    def __iter__(self) -> Iterator[Event]:
        return (entry.event for entry in self._entries)

    @overload
    def __getitem__(self, seq: int) -> Entry: ...
    @overload
    def __getitem__(self, seq: slice) -> list[Entry]: ...
    def __getitem__(self, seq: int | slice) -> Entry | list[Entry]:
        return self._entries[seq]

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
        report = self._courses.of(trial.number).get(trial.value_step)
        return self.opened is None or keeps_constraints(self.opened, report)

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

    def why(self, trial: int) -> Data:
        """Return the data that says why a trial is where it is; empty where nothing is to say."""
        found = self._trials.get(trial)
        return found.reason if found else NOTHING


_FOLDS: dict[type, Callable[[History, Any, float], None]] = {
    Opened: History._opened,  # noqa: SLF001 - the table of this class's own folds
    Enqueued: History._enqueued,  # noqa: SLF001
    SpaceEdited: History._space_edited,  # noqa: SLF001
    Extended: History._extended,  # noqa: SLF001
    StopAsked: History._stop_asked,  # noqa: SLF001
    Retried: History._retried,  # noqa: SLF001
    Paused: History._pause,  # noqa: SLF001
    Resumed: History._resume,  # noqa: SLF001
    WorkersChanged: History._workers_changed,  # noqa: SLF001
    Started: History._started,  # noqa: SLF001
    Continued: History._continued,  # noqa: SLF001
    Reported: History._reported,  # noqa: SLF001
    Judged: History._judged,  # noqa: SLF001
    Ended: History._ended,  # noqa: SLF001
    Lost: History._lost,  # noqa: SLF001
    Exhausted: History._exhausted,  # noqa: SLF001
    TimeUp: History._time_up,  # noqa: SLF001
    Closed: History._close,  # noqa: SLF001
}
