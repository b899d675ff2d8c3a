"""One rung of a bracket: who has settled on it, who is best and who is worst, each in O(log n)."""

import heapq

Key = tuple[float, int]
"""A rank key: smaller is better, the trial's number last."""


class Rung:
    """The results at one budget of one bracket.

    Attributes
    ----------
    settled : int
        How many of its legs have come to rest, with a value or without.
    valued : int
        How many of them can be compared and have not been stopped by the user.
    promoted, dropped : int
        How many have gone on, and how many have been sorted out.
    """

    __slots__ = ("_best", "_gone", "_values", "_worst", "dropped", "promoted", "settled", "valued")

    def __init__(self) -> None:
        self.settled = self.valued = self.promoted = self.dropped = 0
        self._best: list[Key] = []
        self._worst: list[Key] = []
        self._gone: set[int] = set()
        self._values: dict[int, float | None] = {}

    def add(self, key: Key, value: float | None) -> None:
        """Take in a result that can be compared; `value` is what it was, before direction was taken out of it."""
        self._await(key, value)
        heapq.heappush(self._worst, (-key[0], -key[1]))

    def _await(self, key: Key, value: float | None) -> None:
        self.valued += 1
        self._values[key[1]] = value
        heapq.heappush(self._best, key)

    def promote(self, trial: int) -> None:
        """Note that a trial has gone on."""
        self.promoted += 1
        self._gone.add(trial)

    def drop(self, trial: int) -> None:
        """Note that a trial has been sorted out."""
        self.dropped += 1
        self._gone.add(trial)

    def withdraw(self, trial: int) -> None:
        """Note that the user has stopped a trial that waited here."""
        if trial not in self._gone:
            self._gone.add(trial)
            self.valued -= 1

    def value(self, trial: int) -> float | None:
        """Return the value with which a trial came to rest here."""
        return self._values.get(trial)

    def best(self) -> int | None:
        """Return the best trial that waits here."""
        while self._best and self._best[0][1] in self._gone:
            heapq.heappop(self._best)
        return self._best[0][1] if self._best else None

    def worst(self) -> int | None:
        """Return the worst trial that waits here."""
        while self._worst and -self._worst[0][1] in self._gone:
            heapq.heappop(self._worst)
        return -self._worst[0][1] if self._worst else None
