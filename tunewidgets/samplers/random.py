"""Random search: every trial is drawn from the space by itself."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tunewidgets.history import Event
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.samplers.untried import Untried
from tunewidgets.space import Space


@dataclass(frozen=True, slots=True)
class Random:
    """Draw every configuration at random, uniformly on each parameter's own scale.

    None is drawn twice: where all configurations of a branch have been tried, the rest of the space is drawn from, and
    the search ends when all of a finite space have been tried.

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
        """Draw up to `n` configurations that differ from all that were tried, and from each other."""
        fresh = Untried(space, self._tried)
        found: list[Suggestion] = []
        while len(found) < n and (config := fresh.take_any(rng)) is not None:
            found.append(Suggestion(config, {"kind": "random"}))
        return found
