"""Which trials keep their checkpoints: those that may go on, and the best."""

import heapq

from tunewidgets.history import Ended, History, rank_key
from tunewidgets.runner.executor import Executor


class Keeper:
    """Frees the checkpoints of settled trials that are not among the best.

    A trial that may still be continued always keeps its checkpoint.

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

    def tidy(self) -> None:
        """Look at what has happened since the last time."""
        for entry in self._history[self._seen :]:
            if isinstance(entry.event, Ended) and entry.event.state == "completed":
                self._consider(entry.event.trial)
            elif isinstance(entry.event, Ended) and entry.event.state in ("failed", "stopped"):
                self._free(entry.event.trial)
        self._seen = len(self._history)

    def _consider(self, number: int) -> None:
        if self._best is None:
            return
        trial = self._history.trials[number]
        goodness = -rank_key(trial.value, number, self._history.direction)[0]
        heapq.heappush(self._kept, (trial.reached, goodness, -number))
        if len(self._kept) > self._best:
            self._free(-heapq.heappop(self._kept)[2])

    def _free(self, number: int) -> None:
        if self._best is not None:
            self._executor.discard(number)
