"""Grid search: every combination once, in nested or in shuffled order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import Event, Opened, SpaceEdited, Started
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.samplers.grid_index import GridIndex, shuffled
from tunewidgets.space import Space

Order = Literal["nested", "shuffled"]


@dataclass(frozen=True, slots=True)
class Grid:
    """Try every combination of the parameters' levels; the search ends when all have been tried.

    Parameters
    ----------
    levels : int or mapping of str to int
        Into how many points a continuous parameter is cut, for all of them or by name. Parameters with steps and
        choices give every value they have.
    order : {"nested", "shuffled"}
        The last parameter changes fastest; or in a random order that follows from the search's seed, so that a search
        that is stopped early has seen some of everything.

    Raises
    ------
    StrategyError
        If a number of levels is not a positive integer, or there is no such order.
    """

    levels: int | Mapping[str, int] = 10
    order: Order = "nested"

    def __post_init__(self) -> None:
        numbers = self.levels.values() if isinstance(self.levels, Mapping) else (self.levels,)
        if not all(isinstance(number, int) and not isinstance(number, bool) and number >= 1 for number in numbers):
            raise StrategyError(f"levels must be a positive integer, or one for each name, not {self.levels!r}")
        if self.order not in get_args(Order):
            raise StrategyError(f"order must be 'nested' or 'shuffled', not {self.order!r}")

    def begin(self) -> "GridProposer":
        """Return an empty proposer."""
        return GridProposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        levels = dict(self.levels) if isinstance(self.levels, Mapping) else self.levels
        return {"name": "grid", "levels": levels, "order": self.order}

    def check_space(self, space: Space) -> None:
        """Refuse a space over which the grid cannot be laid.

        Raises
        ------
        SpaceError
            A name has no range to cut, or a parameter has more values than can be listed.
        """
        space.grid(self.levels)


class GridProposer:
    """Where a grid search stands: the place that comes next, read from the notes of the last one.

    The order and what it is shuffled by never change in a search, so the place is all that must be known to go on.
    """

    def __init__(self, settings: Grid) -> None:
        self._settings = settings
        self._tried = Tried()
        self._seed = 0
        self._next = 0
        self._walk: tuple[Space, int, Iterator[dict[str, Any]]] | None = None
        self._index: tuple[Space, GridIndex] | None = None

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._tried.apply(event)
        if isinstance(event, Opened):
            self._seed = event.seed
        elif isinstance(event, SpaceEdited):
            self._next, self._walk = 0, None
        elif isinstance(event, Started) and event.origin == "sampler":
            self._next = int(event.notes["index"]) + 1

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:  # noqa: ARG002 - a grid draws nothing
        """Return the next `n` points that were not tried."""
        found: list[Suggestion] = []
        places = self._shuffled(space) if self._settings.order == "shuffled" else self._nested(space, self._next)
        for notes, config in places:
            if config not in self._tried:
                found.append(Suggestion(config, {"kind": "grid", **notes}))
            if len(found) == n:
                break
        return found

    def _shuffled(self, space: Space) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        if self._index is None or self._index[0] is not space:
            self._index = (space, GridIndex(space, self._settings.levels))
        grid = self._index[1]
        key = str(self._seed).encode()[:64]
        for place in range(self._next, grid.size):
            notes = {"index": place, "of": grid.size, "order": "shuffled"}
            yield notes, grid.config(shuffled(place, grid.size, key))

    def _nested(self, space: Space, index: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        # The walk is kept where it stopped, as long as the questions go on from there; any other is answered anew.
        if self._walk is None or self._walk[0] is not space or self._walk[1] > index:
            self._walk = (space, 0, iter(space.grid(self._settings.levels)))
        position, points = self._walk[1:]
        for config in points:
            position += 1
            if position > index:
                # A point that was given but not yet started must come again when asked again.
                self._walk = (space, position, points)
                yield {"index": position - 1}, config
        self._walk = None
