"""Which trials keep their checkpoints: those that may go on, the best, and the incumbent."""

import heapq

from tunewidgets.history import Continued, Ended, History, is_finite, rank_key
from tunewidgets.runner.executor import Executor

_SETTLED = ("completed", "stopped", "pruned", "failed")


class Keeper:
    """Frees the checkpoints of settled trials that are not among the best.

    A trial that may still be continued always keeps its checkpoint. So does the incumbent, even where it was stopped
    or has failed since it became that: its model is the one that the user will ask for.

    Parameters
    ----------
    history : History
        Of the running search.
    executor : Executor
        Frees them.
    best : int or None
        How many of the best settled trials keep theirs; None: all.
    """

    def __init__(self, history: History, executor: Executor, best: int | None) -> None:
        self._history, self._executor, self._best = history, executor, best
        self._seen = 0
        self._kept: list[tuple[int, float, int]] = []  # a heap, the worst first: budget reached, goodness, -number
        self._surplus: set[int] = set()  # settled, not among the best, and not freed yet

    def tidy(self) -> None:
        """Look at what has happened since the last time."""
        if self._best is None:
            return
        for entry in self._history[self._seen :]:
            if isinstance(entry.event, Ended) and entry.event.state in _SETTLED:
                self._settle(entry.event.trial, self._best)
            elif isinstance(entry.event, Continued) and entry.event.why == "retried":
                self._unsettle(entry.event.trial)
        self._seen = len(self._history)
        self._free()

    def _unsettle(self, number: int) -> None:
        """Take note that a trial is run again: what it has kept is used."""
        self._surplus.discard(number)
        self._kept = [each for each in self._kept if each[2] != -number]
        heapq.heapify(self._kept)

    def _settle(self, number: int, best: int) -> None:
        trial = self._history.trials[number]
        if not is_finite(trial.value):
            self._surplus.add(number)
            return
        goodness = -rank_key(trial.value, number, self._history.direction)[0]
        heapq.heappush(self._kept, (trial.reached, goodness, -number))
        if len(self._kept) > best:
            self._surplus.add(-heapq.heappop(self._kept)[2])

    def _free(self) -> None:
        # The incumbent waits here until another has taken its place; it never becomes the incumbent again.
        incumbent = self._history.incumbent
        for number in self._surplus - {incumbent.number if incumbent else None}:
            self._executor.discard(number)
            self._surplus.remove(number)
