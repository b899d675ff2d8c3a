"""Random search: every trial is drawn from the space by itself."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tunewidgets.history import Event
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.space import Space

_REDRAWS = 64
_ENUMERABLE = 100_000


@dataclass(frozen=True, slots=True)
class Random:
    """Draw every configuration at random, uniformly on each parameter's own scale.

    In a space with finitely many configurations none is drawn twice, and the search ends when all have been tried.

    References
    ----------
    Bergstra, Bengio: Random search for hyper-parameter optimization, JMLR 13, 2012.

    Examples
    --------
    >>> Random().to_json()
    {'name': 'random'}
    """

    def begin(self) -> "RandomProposer":
        """Return an empty proposer."""
        return RandomProposer()

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "random"}


class RandomProposer:
    """What random search must remember: the configurations tried."""

    def __init__(self) -> None:
        self._tried = Tried()

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._tried.apply(event)

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:
        """Draw up to `n` configurations that differ from all that were tried, and from each other where they can."""
        if math.isinf(space.size):
            return [Suggestion(space.sample(rng), {"kind": "random"}) for _ in range(n)]
        found: list[Suggestion] = []
        for _ in range(n):
            config = self._untried(space, rng, found)
            if config is None:
                break
            found.append(Suggestion(config, {"kind": "random"}))
        return found

    def _untried(self, space: Space, rng: np.random.Generator, found: list[Suggestion]) -> dict[str, Any] | None:
        taken = [suggestion.config for suggestion in found]
        for _ in range(_REDRAWS):
            config = space.sample(rng)
            if config not in self._tried and config not in taken:
                return config
        if space.size > _ENUMERABLE:  # so many misses in so large a space mean that it is nearly all tried
            return config if len(self._tried) + len(taken) < space.size else None
        rest = [config for config in space.grid() if config not in self._tried and config not in taken]
        return rest[int(rng.integers(len(rest)))] if rest else None
