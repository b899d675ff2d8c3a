"""The ladder of synchronous brackets, on which successive halving and Hyperband both climb.

Brackets run side by side: a new one opens as soon as the earlier ones have all their configurations started, so a
worker idles only when nothing at all can be started. Within a bracket a trial is promoted as soon as its place is
*certain*: when, even if every result still to come were better, it would be among those that go on. The trials chosen
are the same as if the whole rung had been awaited. By the same rule a trial is dropped as soon as it is certainly out.

A failure settles its place, ranks last and is not replaced: the planned number of places goes to the best that have
values. One that the user has run again takes its place up once more, as long as nobody has gone on from its rung; after
that it is run outside of its bracket, as who went on cannot be decided anew.
"""

import heapq

from tunewidgets.history import (
    CONTINUE,
    Continue,
    Continued,
    Data,
    Decision,
    Drop,
    Ended,
    Event,
    Exhausted,
    Extended,
    Place,
    Planned,
    Reported,
    SpaceEdited,
    Start,
    Started,
    Step,
    Trial,
    is_finite,
    rank_key,
)
from tunewidgets.schedules.arithmetic import Bracket, cut
from tunewidgets.schedules.base import BaseLadder, outside
from tunewidgets.schedules.rung import Rung

_AtPlace = Started | Continued | Ended
_Reopening = Extended | Exhausted | SpaceEdited


class OpenBracket:
    """A bracket that has begun: how many trials it has started, and its rungs."""

    __slots__ = ("planned", "rungs", "started")

    def __init__(self, planned: Bracket) -> None:
        self.planned = planned
        self.started = 0
        self.rungs = [Rung() for _ in planned]

    @property
    def missing(self) -> int:
        """How many of its planned configurations are not started."""
        return self.planned[0].configurations - self.started


class BracketLadder(BaseLadder):
    """The account of synchronous brackets.

    Parameters
    ----------
    table : tuple of Bracket
        The brackets of one pass, in the order in which they open.
    passes : int or None
        How often the table is gone through; None: until a limit ends the search.
    factor : int
        eta, for the arithmetic of a bracket that a limit cuts short.
    """

    def __init__(self, table: tuple[Bracket, ...], passes: int | None, factor: int) -> None:
        super().__init__(max(rung.budget or 0 for bracket in table for rung in bracket))
        self._table, self._passes, self._factor = table, passes, factor
        self._open: dict[int, OpenBracket] = {}
        self._done: dict[int, OpenBracket] = {}  # with nothing left to do, unless a failed trial is run again
        self._newest = -1
        # Brackets that an event has touched since they were last found to have nothing to do, lowest first.
        self._touched: list[int] = []
        self._listed: set[int] = set()

    # --- folding ---------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Reported):
            return
        super().apply(event)
        if isinstance(event, _AtPlace):
            if event.place.bracket is not None:
                self._apply_to_bracket(event, event.place.bracket)
        elif isinstance(event, _Reopening):
            self._touch(*self._open)

    def _touch(self, *brackets: int) -> None:
        for bracket in brackets:
            if bracket not in self._listed:
                self._listed.add(bracket)
                heapq.heappush(self._touched, bracket)

    def _apply_to_bracket(self, event: _AtPlace, number: int) -> None:
        if isinstance(event, Started):
            if number not in self._open:
                self._open[number] = OpenBracket(self._planned(number))
                self._newest = number
            self._open[number].started += 1
        elif isinstance(event, Ended):
            self._settle(event, self._open[number].rungs[event.place.rung])
        elif event.why == "promoted":
            self._open[number].rungs[event.place.rung - 1].promote(event.trial)
        elif event.why == "retried":
            if number in self._done:
                self._open[number] = self._done.pop(number)
            self._open[number].rungs[event.place.rung].settled -= 1
        self._touch(number)

    def _settle(self, event: Ended, rung: Rung) -> None:
        waiting = rung.value(event.trial) is not None
        if event.state == "pruned" and waiting:
            rung.drop(event.trial)
        elif event.state == "stopped" and waiting:
            rung.withdraw(event.trial)
        else:
            rung.settled += 1
            if event.state == "paused":
                rung.add(rank_key(event.value, event.trial, self.direction), event.value)

    # --- asking ----------------------------------------------------------------------------------------------------

    def next(self) -> Step:
        """Serve the lowest bracket that can do something, else open the next one."""
        while self._touched:
            number = self._touched[0]
            step = self._ask(number) if number in self._open else None
            if step is not None:
                return step
            self._listed.discard(heapq.heappop(self._touched))
        following = self._newest + 1
        if self.starts_left() and (self._passes is None or following < self._passes * len(self._table)):
            return Start(Place(following, 0, self._planned(following)[0].budget))
        return self.idle()

    def judge(self, report: Reported) -> Decision:
        """Let a trial go on to its rung; there it pauses, or at the top completes."""
        place = self.place_of(report.trial)
        if place.budget is None or report.step < place.budget:
            return CONTINUE
        if place.bracket is None:
            return self.at_budget(report)
        sizes = self._open[place.bracket].planned
        if place.rung + 1 >= len(sizes):
            return self.at_budget(report)
        places = sizes[place.rung + 1].configurations
        reason = {"kind": "rung", "verdict": "reached", "rung": place.rung, "budget": place.budget, "places": places}
        # NaN is not equal to itself: nobody could check the reason.
        return Decision("pause", {**reason, "value": report.value if is_finite(report.value) else None})

    def retry(self, trial: Trial) -> Place:
        """Say where a trial is run again: at its old place while its rung is open, else outside of its bracket."""
        number, level, _ = trial.place
        if trial.state != "failed" or number is None:
            return outside(trial.place)
        rung = (self._open.get(number) or self._done[number]).rungs[level]
        return outside(trial.place) if rung.promoted else trial.place

    def _planned(self, number: int) -> Bracket:
        return self._table[number % len(self._table)]

    def _startable(self, number: int) -> int:
        # Starts are given out in the order of the brackets, so only the newest one can still lack some.
        return self.starts_left(self._open[number].missing) if number == self._newest else 0

    def _ask(self, number: int) -> Step | None:
        bracket = self._open[number]
        if self._startable(number):
            return Start(Place(number, 0, bracket.planned[0].budget))
        sizes = cut(bracket.planned, bracket.started, self._factor)
        coming = bracket.started  # how many can have come to the rung in the end
        busy = 0
        for level, rung in enumerate(bracket.rungs):
            expected = coming - rung.settled
            busy += expected
            places = sizes[level + 1].configurations if level + 1 < len(sizes) else 0
            step = self._serve(number, level, (expected, places, coming), sizes)
            if step is not None:
                return step
            coming = min(places, rung.valued + expected)
        if not busy and not (number == self._newest and bracket.missing):
            self._done[number] = self._open.pop(number)
        return None

    def _serve(self, number: int, level: int, counts: tuple[int, int, int], sizes: tuple[Planned, ...]) -> Step | None:
        expected, places, coming = counts
        rung = self._open[number].rungs[level]
        if rung.promoted + expected < places and rung.promoted < places and (best := rung.best()) is not None:
            reason = self._reason(rung, best, level, sizes, ("promoted", rung.promoted + 1, coming, places))
            return Continue(best, Place(number, level + 1, sizes[level + 1].budget), reason)
        if rung.valued - rung.dropped > places and (worst := rung.worst()) is not None:
            reason = self._reason(rung, worst, level, sizes, ("out", rung.valued - rung.dropped, coming, places))
            return Drop(worst, reason)
        return None

    def _reason(
        self, rung: Rung, trial: int, level: int, sizes: tuple[Planned, ...], facts: tuple[str, int, int, int]
    ) -> Data:
        verdict, rank, of, places = facts
        where = {"kind": "rung", "verdict": verdict, "rung": level, "budget": sizes[level].budget}
        return {**where, "value": rung.value(trial), "rank": rank, "so_far": rung.valued, "of": of, "places": places}
