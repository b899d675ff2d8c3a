"""A rung that nobody has planned: results come to it for as long as the search lasts, and its best share goes on."""

from tunewidgets.schedules.ranking import Ranking
from tunewidgets.schedules.rung import Key, Rung


class GrowingRung(Rung):
    """The results at one budget, ranked at every moment among all that have come so far.

    A trial that failed on its way here has come too and ranks last; one that the user stopped has not.

    Parameters
    ----------
    factor : int
        eta: the best 1/eta go on.
    """

    __slots__ = ("_falling", "_keys", "_ranking", "_ready", "_stale", "factor", "failed")

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor, self.failed = factor, 0
        self._ranking = Ranking()
        self._keys: dict[int, Key] = {}
        self._falling: list[Key] | None = None  # those that wait, the worst last: listed when the end has come
        self._ready: int | None = None
        self._stale = False

    @property
    def results(self) -> int:
        """How many have come, the failed ones included."""
        return len(self._ranking) + self.failed

    @property
    def places(self) -> int:
        """How many of them may go on: floor(results / eta)."""
        return self.results // self.factor

    def add(self, key: Key, value: float | None) -> None:
        """Take in a trial that waits here."""
        self._await(key, value)
        self._falling = None
        self._rank(key)
        # As long as there is no further place, nobody gets it but a new best one.
        self._stale = self._stale or not self.results % self.factor or self._best[0] is key

    def rank_only(self, key: Key) -> None:
        """Take in a trial that has gone on already, or has been cut: later ones are compared with it."""
        self._rank(key)
        self._stale = True

    def _rank(self, key: Key) -> None:
        self._ranking.add(key)
        self._keys[key[1]] = key

    def forget(self, trial: int) -> None:
        """Take out a trial that was only ranked here: what it had reported has been replaced."""
        self._ranking.discard(self._keys.pop(trial))
        self._stale = True

    def fail(self) -> None:
        """Note that a trial has failed on its way here."""
        self.failed += 1
        self._stale = True

    def retry(self) -> None:
        """Note that a trial that has failed on its way here is on its way once more."""
        self.failed -= 1
        self._stale = True

    def promote(self, trial: int) -> None:
        """Note that a trial has gone on."""
        super().promote(trial)
        self._stale = True

    def drop(self, trial: int) -> None:
        """Note that a trial has been sorted out."""
        super().drop(trial)
        self._stale = True

    def withdraw(self, trial: int) -> None:
        """Forget a trial that waited here and that the user has stopped."""
        if trial not in self._gone:
            self._ranking.discard(self._keys[trial])
        super().withdraw(trial)
        self._stale = True

    def rank(self, key: Key) -> int:
        """Return the place, counted from 1, that a key has or would have here."""
        return self._ranking.rank(key)

    def rank_of(self, trial: int) -> int:
        """Return the place of a trial that has come here, counted from 1."""
        return self._ranking.rank(self._keys[trial])

    def ready(self) -> int | None:
        """Return the best trial that waits here and is among the best 1/eta of all that have come; None without one.

        It is enough to look at the best one that waits: where it is not among them, no other is.
        """
        if self._stale:
            best = self.best() if self.places else None
            self._ready = best if best is not None and self.rank_of(best) <= self.places else None
            self._stale = False
        return self._ready

    def worst(self) -> int | None:
        """Return the worst trial that waits here: asked for again and again when nothing more comes."""
        if self._falling is None:
            self._falling = sorted(self._best)
        while self._falling and self._falling[-1][1] in self._gone:
            self._falling.pop()
        return self._falling[-1][1] if self._falling else None
