"""Grid search: every combination once, in nested order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import Event, SpaceEdited, Started
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.space import Space


@dataclass(frozen=True, slots=True)
class Grid:
    """Try every combination of the parameters' levels; the search ends when all have been tried.

    Parameters
    ----------
    levels : int or mapping of str to int
        Into how many points a continuous parameter is cut, for all of them or by name. Parameters with steps and
        choices give every value they have.

    Raises
    ------
    StrategyError
        If a number of levels is not a positive integer.
    """

    levels: int | Mapping[str, int] = 10

    def __post_init__(self) -> None:
        numbers = self.levels.values() if isinstance(self.levels, Mapping) else (self.levels,)
        if not all(isinstance(number, int) and not isinstance(number, bool) and number >= 1 for number in numbers):
            raise StrategyError(f"levels must be a positive integer, or one for each name, not {self.levels!r}")

    def begin(self) -> "GridProposer":
        """Return an empty proposer."""
        return GridProposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "grid", "levels": dict(self.levels) if isinstance(self.levels, Mapping) else self.levels}


class GridProposer:
    """Where a grid search stands: the point that comes next, read from the notes of the last one."""

    def __init__(self, settings: Grid) -> None:
        self._levels = settings.levels
        self._tried = Tried()
        self._next = 0
        self._walk: tuple[Space, int, Iterator[dict[str, Any]]] | None = None

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._tried.apply(event)
        if isinstance(event, SpaceEdited):
            self._next, self._walk = 0, None
        elif isinstance(event, Started) and event.origin == "sampler":
            self._next = int(event.notes["index"]) + 1

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:  # noqa: ARG002 - a grid draws nothing
        """Return the next `n` points that were not tried."""
        found: list[Suggestion] = []
        for index, config in self._from(space, self._next):
            if config not in self._tried:
                found.append(Suggestion(config, {"kind": "grid", "index": index}))
            if len(found) == n:
                break
        return found

    def _from(self, space: Space, index: int) -> Iterator[tuple[int, dict[str, Any]]]:
        # The walk is kept where it stopped, as long as the questions go on from there; any other is answered anew.
        if self._walk is None or self._walk[0] is not space or self._walk[1] > index:
            self._walk = (space, 0, iter(space.grid(self._levels)))
        position, points = self._walk[1:]
        for config in points:
            position += 1
            if position > index:
                # A point that was given but not yet started must come again when asked again.
                self._walk = (space, position, points)
                yield position - 1, config
        self._walk = None
