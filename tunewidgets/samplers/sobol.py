"""Sobol: a scrambled quasi-random sequence, which fills the space more evenly than chance does."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.history import Event, Opened, SpaceEdited, Started
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.samplers.untried import Untried
from tunewidgets.space import Space

_SKIPS = 1_000  # points in a row that were tried before what is left is drawn from
_STREAM = 2**32 - 1  # no trial has this number: its stream is free for the scrambling

FloatArray = npt.NDArray[np.float64]


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
        self._sequence = SobolSequence()

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
            config = space.decode(self._sequence.point(len(space), self._seed, index))[0]
            if fresh.take(config):
                found.append(Suggestion(config, {"kind": "sobol", "index": index}))
            if len(found) == n:
                return found
        # A thousand points in a row were tried already: what little is left is drawn.
        while len(found) < n and (drawn := fresh.take_any(rng)) is not None:
            found.append(Suggestion(drawn, {"kind": "random"}))
        return found


class SobolSequence:
    """Scrambled Sobol sequences, each the same for a number of dimensions and a seed; a cache of where one stands."""

    def __init__(self) -> None:
        self._state: tuple[int, int, int, Any] | None = None

    def point(self, dimensions: int, seed: int, index: int) -> FloatArray:
        """Return a point of the unit cube, as an array of shape (1, dimensions), by its place counted from 0.

        Asked in the order of the places, a point costs the same wherever it stands.
        """
        from scipy.stats import qmc  # noqa: PLC0415 - heavy: imported where first used

        if not dimensions:
            return np.empty((1, 0))
        if self._state is None or self._state[:2] != (dimensions, seed) or self._state[2] > index:
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM,)))
            self._state = (dimensions, seed, 0, qmc.Sobol(dimensions, scramble=True, seed=rng))
        *_, position, engine = self._state
        if index > position:
            engine.fast_forward(index - position)
        self._state = (dimensions, seed, index + 1, engine)
        return np.asarray(engine.random(1))
