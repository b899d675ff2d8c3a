"""Sobol: a scrambled quasi-random sequence, which fills the space more evenly than chance does."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tunewidgets.history import Event, Opened, SpaceEdited, Started
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.samplers.untried import Untried
from tunewidgets.space import Space

_SKIPS = 1_000


@dataclass(frozen=True, slots=True)
class Sobol:
    """Take configurations from a scrambled Sobol sequence over the unit cube of the space.

    The sequence is scrambled by the search's seed. A point whose configuration was tried before, as happens where there
    are finitely many, is passed over; the last configurations of a finite space are drawn at random.

    References
    ----------
    Sobol 1967; Owen: Scrambling Sobol and Niederreiter-Xing points, Journal of Complexity 14, 1998. The sequence is
    `scipy.stats.qmc.Sobol`.
    """

    def begin(self) -> "SobolProposer":
        """Return an empty proposer."""
        return SobolProposer()

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "sobol"}


class SobolProposer:
    """Where the sequence stands: the index that comes next, read from the notes of the last one that it gave."""

    def __init__(self) -> None:
        self._tried = Tried()
        self._seed = 0
        self._next = 0
        self._left = False  # whether the sequence gives nothing new any more
        self._engine: tuple[int, int, Any] | None = None

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._tried.apply(event)
        if isinstance(event, Opened):
            self._seed = event.seed
        elif isinstance(event, SpaceEdited):
            self._left = False
        elif isinstance(event, Started) and event.notes.get("kind") == "sobol":
            self._next = int(event.notes["index"]) + 1
        elif isinstance(event, Started) and event.origin == "sampler":
            self._left = True

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:
        """Return the next `n` points of the sequence whose configurations were not tried."""
        fresh = Untried(space, self._tried)
        found: list[Suggestion] = []
        for index in range(self._next, self._next + (0 if self._left else _SKIPS + n)):
            config = space.decode(self._point(len(space), index))[0]
            if fresh.take(config):
                found.append(Suggestion(config, {"kind": "sobol", "index": index}))
            if len(found) == n:
                return found
        # A thousand points in a row were tried already: what little is left is drawn.
        while len(found) < n and (drawn := fresh.draw(rng)) is not None:
            fresh.take(drawn)
            found.append(Suggestion(drawn, {"kind": "random"}))
        return found

    def _point(self, dimensions: int, index: int) -> np.ndarray:
        from scipy.stats import qmc  # noqa: PLC0415 - heavy: imported where first used

        if self._engine is None or self._engine[0] != dimensions or self._engine[1] > index:
            seed = np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=(2**32 - 1,)))
            self._engine = (dimensions, 0, qmc.Sobol(max(1, dimensions), scramble=True, seed=seed))
        _, position, engine = self._engine
        if index > position:
            engine.fast_forward(index - position)
        self._engine = (dimensions, index + 1, engine)
        return np.asarray(engine.random(1))
