"""The two ladders of ASHA: one on which trials pause and are promoted, one on which they are stopped on their way."""

from typing import NamedTuple

from tunewidgets.history import (
    CONTINUE,
    Continue,
    Continued,
    Data,
    Decision,
    Drop,
    Ended,
    Event,
    Judged,
    Place,
    Reported,
    Start,
    Started,
    Step,
    Trial,
    is_finite,
    rank_key,
)
from tunewidgets.schedules.base import BaseLadder, outside
from tunewidgets.schedules.growing import GrowingRung

_AtPlace = Started | Continued | Ended


class AshaLadder(BaseLadder):
    """What both share: the rungs of every bracket, and which bracket the next new trial belongs to.

    Parameters
    ----------
    ladders : tuple of tuple of int
        The rungs' budgets of each bracket, the lowest first; all end with the same one.
    shares : tuple of int
        In which proportion new trials go to the brackets.
    factor : int
        eta.
    """

    def __init__(self, ladders: tuple[tuple[int, ...], ...], shares: tuple[int, ...], factor: int) -> None:
        super().__init__(ladders[0][-1])
        self._ladders, self._shares, self._factor = ladders, shares, factor
        self._begun = [0] * len(ladders)
        # The top rung compares nobody: whoever comes there has won.
        self._rungs = [[GrowingRung(factor) for _ in budgets[:-1]] for budgets in ladders]

    def retry(self, trial: Trial) -> Place:
        """Say where a trial is run again: on its way to the rung that it failed to reach; a stopped one, outside."""
        return trial.place if trial.state == "failed" else outside(trial.place)

    def _next_bracket(self) -> int:
        """Return the bracket that has the fewest of the trials that are its due, the lowest of several."""
        if len(self._shares) == 1:
            return 0
        following, whole = sum(self._begun) + 1, sum(self._shares)
        due = [share * following - whole * begun for share, begun in zip(self._shares, self._begun, strict=True)]
        return due.index(max(due))

    def _facts(self, verdict: str, bracket: int, level: int, value: float | None) -> dict[str, object]:
        budget = self._ladders[bracket][level]
        told = value if is_finite(value) else None  # NaN is not equal to itself: nobody could check the reason
        return {"kind": "asha", "verdict": verdict, "rung": level, "budget": budget, "value": told}


class PromotionLadder(AshaLadder):
    """Trials pause at every rung; the best of those that wait are promoted."""

    def __init__(self, ladders: tuple[tuple[int, ...], ...], shares: tuple[int, ...], factor: int) -> None:
        super().__init__(ladders, shares, factor)
        self._topped = False  # whether any trial was sent to the top
        depth = len(ladders[0])
        downwards = [(bracket, level) for bracket, rungs in enumerate(self._rungs) for level in range(len(rungs))]
        # Bracket b begins b rungs higher: its rung 0 stands beside rung b of bracket 0.
        downwards.sort(key=lambda at: (depth - at[0] - at[1], at[0]))
        self._downwards = [(self._rungs[bracket][level], bracket, level) for bracket, level in downwards]

    # --- folding ---------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Reported):
            return
        super().apply(event)
        if isinstance(event, _AtPlace) and event.place.bracket is not None:
            self._apply_to_bracket(event, event.place.bracket)

    def _apply_to_bracket(self, event: _AtPlace, bracket: int) -> None:
        rungs, level = self._rungs[bracket], event.place.rung
        if isinstance(event, Ended):
            if level < len(rungs):
                self._settle(event, rungs[level])
            return
        self._topped = self._topped or level == len(rungs)
        if isinstance(event, Started):
            self._begun[bracket] += 1
        elif event.why == "promoted":
            rungs[level - 1].promote(event.trial)
        elif event.why == "retried" and level < len(rungs):
            rungs[level].retry()

    def _settle(self, event: Ended, rung: GrowingRung) -> None:
        waiting = rung.value(event.trial) is not None
        if event.state == "paused":
            rung.add(rank_key(event.value, event.trial, self.direction), event.value)
        elif event.state == "failed":
            rung.fail()
        elif event.state == "pruned" and waiting:
            rung.drop(event.trial)
        elif event.state == "stopped" and waiting:
            rung.withdraw(event.trial)

    # --- asking ----------------------------------------------------------------------------------------------------

    def next(self) -> Step:
        """Promote from the top down, else start a trial; when all is over, let the rest go."""
        for rung, bracket, level in self._downwards:
            trial = rung.ready()
            if trial is not None:
                return self._promote(trial, bracket, level, "promoted")
        if self.starts_left():
            bracket = self._next_bracket()
            return Start(Place(bracket, 0, self._ladders[bracket][0]))
        return self.idle() if self.flying else self._wind_up()

    def _wind_up(self) -> Step:
        """Nothing runs and nothing can be started: see that somebody comes to the top, then drop the others."""
        if not self._topped:
            for rung, bracket, level in self._downwards:
                best = rung.best() if not rung.promoted else None
                if best is not None:
                    return self._promote(best, bracket, level, "finalist")
        for rung, bracket, level in reversed(self._downwards):
            worst = rung.worst()
            if worst is not None:
                return Drop(worst, self._reason(worst, bracket, level, "out"))
        return self.idle()

    def _promote(self, trial: int, bracket: int, level: int, verdict: str) -> Continue:
        place = Place(bracket, level + 1, self._ladders[bracket][level + 1])
        return Continue(trial, place, self._reason(trial, bracket, level, verdict))

    def _reason(self, trial: int, bracket: int, level: int, verdict: str) -> Data:
        rung = self._rungs[bracket][level]
        facts = self._facts(verdict, bracket, level, rung.value(trial))
        return {**facts, "rank": rung.rank_of(trial), "of": rung.results, "places": rung.places}

    def judge(self, report: Reported) -> Decision:
        """Let a trial go on to its rung; there it pauses, or at the top completes."""
        place = self.place_of(report.trial)
        if place.budget is None or report.step < place.budget:
            return CONTINUE
        if place.bracket is None or place.rung == len(self._rungs[place.bracket]):
            return self.at_budget(report)
        rung = self._rungs[place.bracket][place.rung]
        facts = self._facts("reached", place.bracket, place.rung, report.value)
        rank = rung.rank(rank_key(report.value, report.trial, self.direction))
        of = rung.results + 1
        return Decision("pause", {**facts, "rank": rank, "of": of, "places": of // self._factor})


class _Passage(NamedTuple):
    """A trial's judgement at a rung: where, at which step, and which rung it would have been judged at before it."""

    bracket: int
    level: int
    step: int
    before: int


class StoppingLadder(AshaLadder):
    """Trials train towards the top, and are stopped at a rung where they are not among the best so far.

    A trial that is run again by the user's wish is another attempt: with its first report, at step s, its ranks from s
    on are forgotten, as its reports are, and it is judged at these rungs anew. What others were told there stays.
    """

    def __init__(self, ladders: tuple[tuple[int, ...], ...], shares: tuple[int, ...], factor: int) -> None:
        super().__init__(ladders, shares, factor)
        self._level: dict[int, int] = {}  # at which rung a trial under way is judged next
        self._failed: dict[int, int] = {}  # the same of trials that have failed
        self._passages: dict[int, list[_Passage]] = {}
        self._again: set[int] = set()  # run again by the user's wish, and nothing reported yet

    def apply(self, event: Event) -> None:
        """Take note of an event: a rung learns from the judgements who has come to it, and with what value."""
        if isinstance(event, Reported):
            if event.trial in self._again:
                self._go_back(event)
            return
        super().apply(event)
        if isinstance(event, Judged):
            if event.reason.get("kind") == "asha":
                self._passed(event)
        elif isinstance(event, Started) and event.place.bracket is not None:
            self._begun[event.place.bracket] += 1
            self._level[event.trial] = 0
        elif isinstance(event, Continued) and event.why == "retried":
            self._retried(event)
        elif isinstance(event, Ended):
            self._ended(event)

    def _retried(self, event: Continued) -> None:
        self._again.add(event.trial)
        bracket = event.place.bracket
        if bracket is None:
            return
        level = self._level[event.trial] = self._failed.pop(event.trial)
        if level < len(self._rungs[bracket]):
            self._rungs[bracket][level].retry()

    def _go_back(self, report: Reported) -> None:
        """Forget the ranks of an earlier attempt that this one begins to replace."""
        self._again.discard(report.trial)
        passages = self._passages.get(report.trial, [])
        while passages and passages[-1].step >= report.step:
            gone = passages.pop()
            self._rungs[gone.bracket][gone.level].forget(report.trial)
            if report.trial in self._level:  # outside of its bracket it is judged nowhere
                self._level[report.trial] = gone.before

    def _passed(self, event: Judged) -> None:
        bracket, level = self.place_of(event.trial).bracket, event.reason["rung"]
        if bracket is not None:
            key = rank_key(event.reason["value"], event.trial, self.direction)
            self._rungs[bracket][level].rank_only(key)
            passage = _Passage(bracket, level, event.step, self._level[event.trial])
            self._passages.setdefault(event.trial, []).append(passage)
            self._level[event.trial] = level + 1

    def _ended(self, event: Ended) -> None:
        level = self._level.pop(event.trial, None)
        bracket = event.place.bracket
        if event.state == "failed" and bracket is not None and level is not None:
            self._failed[event.trial] = level
            if level < len(self._rungs[bracket]):
                self._rungs[bracket][level].fail()

    def next(self) -> Step:
        """Start trials as long as the limit allows."""
        if self.starts_left():
            return Start(Place(self._next_bracket(), 0, self.full_budget))
        return self.idle()

    def judge(self, report: Reported) -> Decision:
        """Let a trial go on between rungs; at the highest rung it has come to since it was judged last, judge it."""
        place = self.place_of(report.trial)
        if place.bracket is None or place.budget is None or report.step >= place.budget:
            return self.at_budget(report)
        level = self._level_reached(place.bracket, self._level[report.trial], report.step)
        if level is None:
            return CONTINUE
        rung = self._rungs[place.bracket][level]
        rank = rung.rank(rank_key(report.value, report.trial, self.direction))
        of = rung.results + 1
        places = of // self._factor
        passes = rank <= places or not places
        facts = self._facts("passed" if passes else "out", place.bracket, level, report.value)
        return Decision("continue" if passes else "stop", {**facts, "rank": rank, "of": of, "places": places})

    def _level_reached(self, bracket: int, level: int, step: int) -> int | None:
        """Return the highest rung, from `level` on, that a step has come to; None where that is none of them."""
        found = None
        for number in range(level, len(self._rungs[bracket])):
            if self._ladders[bracket][number] <= step:
                found = number
        return found
