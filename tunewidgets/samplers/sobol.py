"""Sobol: a scrambled quasi-random sequence, which fills the space more evenly than chance does."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tunewidgets.history import Event, Opened, Started
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.space import Space

_SKIPS = 1_000


@dataclass(frozen=True, slots=True)
class Sobol:
    """Take configurations from a scrambled Sobol sequence over the unit cube of the space.

    The sequence is scrambled by the search's seed. In a space with finitely many configurations none is tried twice.

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
    """Where the sequence stands: the index that comes next, read from the notes of the last one."""

    def __init__(self) -> None:
        self._tried = Tried()
        self._seed = 0
        self._next = 0
        self._engine: tuple[int, int, Any] | None = None

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._tried.apply(event)
        if isinstance(event, Opened):
            self._seed = event.seed
        elif isinstance(event, Started) and event.origin == "sampler":
            self._next = int(event.notes["index"]) + 1

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:  # noqa: ARG002 - scrambled once, by the seed
        """Return the next `n` points of the sequence whose configurations were not tried."""
        found: list[Suggestion] = []
        taken: list[dict[str, Any]] = []
        finite = not math.isinf(space.size)
        for index in range(self._next, self._next + _SKIPS + n):
            config = space.decode(self._point(len(space), index))[0]
            if finite and (config in self._tried or config in taken):
                continue
            taken.append(config)
            found.append(Suggestion(config, {"kind": "sobol", "index": index}))
            if len(found) == n:
                return found
        return found + self._leftovers(space, taken, n - len(found))

    def _leftovers(self, space: Space, taken: list[dict[str, Any]], n: int) -> list[Suggestion]:
        # A thousand points in a row were tried already: what little is left is found by going through the space.
        rest = (config for config in space.grid() if config not in self._tried and config not in taken)
        notes = {"kind": "sobol", "index": self._next}
        return [Suggestion(config, notes) for config, _ in zip(rest, range(n), strict=False)]

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
