"""Timeline: when each leg ran, beside which others, and how much of the workers' time nothing did."""

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.history import (
    Closed,
    Continued,
    Ended,
    Entry,
    Extended,
    History,
    Leg,
    Lost,
    Opened,
    Paused,
    Recovered,
    Resumed,
    Retried,
    SpaceEdited,
    Started,
    WorkersChanged,
    reopens,
)

FloatArray = npt.NDArray[np.float64]


class Span(NamedTuple):
    """One leg.

    Attributes
    ----------
    trial, attempt : int
        Whose.
    row : int
        Among the legs that ran at once, counted from 0: the lowest that was free when it began.
    start, end : float
        Seconds since the search began, rests left out; a leg under way ends now.
    outcome : str
        The state it ended in, "lost", or "running".
    """

    trial: int
    attempt: int
    row: int
    start: float
    end: float
    outcome: str


class Rest(NamedTuple):
    """So many seconds are left out here: the search was paused or at rest and nothing ran, or nobody was at work."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """When the legs ran.

    Attributes
    ----------
    spans : tuple of Span
        In the order in which they began.
    rows : int
        How many ran at once at most, and at least so many as there are workers now.
    rests : tuple of Rest
        What is left out of the time, in its order.
    seconds : float
        How long the search took until its newest event, rests left out.
    busy : float or None
        The share of the workers' time in which legs ran; None before any time has gone by.
    edits : tuple of float
        When the user edited the space, in the same seconds.
    """

    spans: tuple[Span, ...]
    rows: int
    rests: tuple[Rest, ...]
    seconds: float
    busy: float | None
    edits: tuple[float, ...] = ()


def worker_timeline(history: History) -> Timeline:
    """Tell when each leg ran.

    Parameters
    ----------
    history : History
        What has happened; "now" is its newest event.

    Returns
    -------
    Timeline
        Costs time proportional to the number of events.

    Examples
    --------
    >>> worker_timeline(History()).spans
    ()
    """
    if history.opened is None:
        return Timeline((), 0, (), 0.0, None)
    stretches = _stretches([entry for entry in history.since(0) if type(entry.event) in _TELLING])
    now = history[len(history) - 1].at
    clock = _Clock(stretches, history[0].at)
    ends = [now if leg.ended is None else leg.ended for leg in history.legs.values()]
    starts, stops = (clock.shown(times).tolist() for times in ([leg.started for leg in history.legs.values()], ends))
    spans = tuple(_spans(list(history.legs.values()), starts, stops))
    seconds = float(clock.shown([now])[0])
    ran = sum(span.end - span.start for span in spans)
    offered = clock.offered + history.workers * max(0.0, seconds - clock.upto)
    return Timeline(
        spans=spans,
        rows=max([history.workers, *(span.row + 1 for span in spans)]),
        rests=clock.rests,
        seconds=seconds,
        busy=min(1.0, ran / offered) if offered > 0.0 else None,
        edits=tuple(clock.shown([entry.at for entry, _ in space_edits(history)]).tolist()),
    )


def space_edits(history: History) -> list[tuple[Entry, int]]:
    """Return the user's edits of the space, each with the number of the first trial that may come of it."""
    if not history.edits:
        return []  # without looking through a long history at every drawing
    found, trials = [], 0
    for entry in history.entries:
        if type(entry.event) is Started:
            trials += 1
        elif type(entry.event) is SpaceEdited and entry.event.by == "user":
            found.append((entry, trials))
    return found


def ends_of_trials(timeline: Timeline) -> dict[int, float]:
    """Return when each trial's newest leg ended, in seconds since the search began, rests left out."""
    return {span.trial: span.end for span in timeline.spans}


def starts_of_trials(history: History) -> dict[int, float]:
    """Return when each trial's first leg began, in seconds since the search began, rests left out."""
    return {span.trial: span.start for span in worker_timeline(history).spans if span.attempt == 1}


def _spans(legs: Sequence[Leg], starts: Sequence[float], ends: Sequence[float]) -> Iterator[Span]:
    free: list[int] = []
    taken: list[tuple[float, int]] = []  # when each row that is in use falls free
    rows = itertools.count()
    for leg, start, end in zip(legs, starts, ends, strict=True):
        while taken and taken[0][0] <= start:
            heapq.heappush(free, heapq.heappop(taken)[1])
        row = heapq.heappop(free) if free else next(rows)
        heapq.heappush(taken, (end, row))
        yield Span(leg.trial, leg.attempt, row, start, max(start, end), leg.outcome or "running")


class _Stretch(NamedTuple):
    """The time up to `end`, from the stretch before: so many workers could run, or none of it counts."""

    end: float
    workers: int
    rest: bool


_TELLING = frozenset(
    {Opened, Started, Continued, Ended, Lost, Paused, Resumed, Extended, Retried, WorkersChanged, Recovered, Closed}
)


def _stretches(entries: Sequence[Entry]) -> list[_Stretch]:
    """Divide the time of a search where the number of its workers changes, and where it begins or ends to rest."""
    found: list[tuple[float, int, bool]] = []
    workers, paused = 0, False
    closed: Closed | None = None
    running: set[int] = set()
    for (_, _, event), (_, end, following) in itertools.pairwise(entries):
        # Nearly all events are of these kinds, and are told apart by their type alone.
        if type(event) is Started or type(event) is Continued:
            running.add(event.trial)
        elif type(event) is Ended or type(event) is Lost:
            running.discard(event.trial)  # what ends may have rested: a beaten trial is dropped where it waits
        else:
            match event:
                case Opened() | WorkersChanged():
                    workers = event.workers
                case Paused():
                    paused = True
                case Resumed() | Extended() | Retried():
                    paused = paused and not isinstance(event, Resumed)
                    closed = None if closed is not None and reopens(event, closed) else closed
                case Closed():
                    closed = event
        rest = type(following) is Recovered or (not running and (paused or closed is not None))
        state = (end, 0 if rest else workers, rest)
        if found and found[-1][1:] == state[1:]:
            found.pop()
        found.append(state)
    return [_Stretch(*each) for each in found]


class _Clock:
    """Turns times of the day into seconds since the search began, without rests.

    Attributes
    ----------
    rests : tuple of Rest
        What is left out.
    offered : float
        The workers' time: the sum over all stretches of their length times the number of workers.
    upto : float
        Seconds since the beginning at which the last stretch ends.
    """

    def __init__(self, stretches: Sequence[_Stretch], began: float) -> None:
        ends = [began, *(stretch.end for stretch in stretches)]
        self._times: FloatArray = np.maximum.accumulate(np.array(ends))  # a clock may have been set back
        lengths = np.diff(self._times)
        counted = np.where([stretch.rest for stretch in stretches], 0.0, lengths) if stretches else lengths
        self._shown: FloatArray = np.concatenate([[0.0], np.cumsum(counted)])
        self.offered = float(sum(stretch.workers * length for stretch, length in zip(stretches, counted, strict=True)))
        self.upto = float(self._shown[-1])
        self.rests = tuple(
            Rest(float(self._shown[index]), float(lengths[index]))
            for index, each in enumerate(stretches)
            if each.rest and lengths[index] > 0.0
        )

    def shown(self, times: Sequence[float]) -> FloatArray:
        """Return times on this clock; after the last stretch it goes on with the day's."""
        at = np.array(times, dtype=np.float64)
        beyond = np.maximum(at - self._times[-1], 0.0)
        found: FloatArray = np.interp(at, self._times, self._shown) + beyond
        return found
