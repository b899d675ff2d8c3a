"""A space as the Gaussian-process sampler walks it: unit cube, levels, neighbours."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.errors import SpaceError
from tunewidgets.space import Boolean, Choice, Parameter, Space
from tunewidgets.surrogate.layout import Column, Layout

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_MOST_LEVELS = 10_000  # a parameter with more steps is walked as if it had none
_DIGITS = 9  # two configurations nearer than this are one
_MOVED = 2.0  # parameters that a neighbour differs in, on average
_ALL_MOVE = 0.3  # share of neighbours in which every number moves


class Cube:
    """The unit cube of a space, and how to get from one configuration to another.

    Two kinds of rows are told apart: *points* are snapped to configurations, NaN where a parameter is inactive;
    *places* have a number everywhere, so that a parameter that becomes active has somewhere to be.

    Parameters
    ----------
    space : Space
        What is walked.

    Attributes
    ----------
    names : tuple of str
        The columns' names.
    layout : Layout
        What models know of the columns.
    free : ndarray of int
        The columns that vary continuously.
    gates : ndarray of int
        The columns on which others depend.
    digest : str
        Tells layouts of different spaces apart.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.names = tuple(space)
        self.layout = layout_of(space)
        self._grids = [_grid(parameter) for parameter in space.values()]
        self._categories = np.array([bool(column.categories) for column in self.layout.columns])
        varying = np.array([not column.constant for column in self.layout.columns])
        self._varying = np.flatnonzero(varying)
        self.free = np.flatnonzero(varying & np.array([grid is None for grid in self._grids], dtype=bool))
        parents = {parent for column in self.layout.columns for parent, _ in column.rules if not column.constant}
        self.gates = np.array(sorted(parents), dtype=np.intp)
        text = repr((self.names, self.layout.columns))
        self.digest = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

    def encode(self, config: Mapping[str, Any]) -> FloatArray | None:
        """Return a configuration's point, or None where it does not belong to the space."""
        try:
            row: FloatArray = self.space.encode([config])[0]
        except SpaceError:
            return None
        return row

    def config(self, point: FloatArray) -> dict[str, Any]:
        """Return the configuration at a point."""
        return self.space.decode(np.where(np.isnan(point), 0.5, point)[None])[0]

    def keys(self, points: FloatArray) -> list[bytes]:
        """Return what makes each point's configuration itself."""
        rounded = np.where(np.isnan(points), -1.0, np.round(points, _DIGITS))
        return [row.tobytes() for row in np.ascontiguousarray(rounded)]

    def snap(self, places: FloatArray) -> FloatArray:
        """Return the points at places."""
        return self.space.snap(places)

    def random(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Return n places, every level of a parameter as likely."""
        return self._on_levels(rng.random((n, len(self.names))))

    def spread(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Return n places that fill the cube evenly: a scrambled Sobol sequence; n a power of two."""
        from scipy.stats import qmc  # noqa: PLC0415 - heavy: imported where first used

        return self._on_levels(qmc.Sobol(len(self.names), scramble=True, seed=rng).random(n))

    def filled(self, points: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return places at points: inactive parameters anywhere."""
        return np.where(np.isnan(points), self.random(len(points), rng), points)

    def neighbours(self, places: FloatArray, width: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return a changed copy of each place.

        About two active parameters differ, in some copies all numbers. A number moves by a normal step, at least by one
        level where it has levels; a category takes any value.

        Parameters
        ----------
        places : ndarray of shape (n, d)
            Where to begin.
        width : ndarray of shape (n,)
            Standard deviation of the steps.
        rng : numpy.random.Generator
            Where chance comes from.
        """
        moves = self._moves(places, rng)
        step = width[:, None] * rng.standard_normal(places.shape)
        anywhere = self.random(len(places), rng)
        moved = np.where(self._categories, anywhere, np.clip(places + step, 0.0, 1.0))
        changed = np.where(moves, moved, places)
        for column in self._varying:
            grid = self._grids[column]
            if grid is not None and not self._categories[column]:
                before, after = places[:, column], changed[:, column]
                changed[:, column] = _stepped(grid, before, after, step[:, column], moves[:, column])
        return changed

    def _moves(self, places: FloatArray, rng: np.random.Generator) -> BoolArray:
        active = np.zeros(places.shape, dtype=bool)
        active[:, self._varying] = ~np.isnan(self.snap(places))[:, self._varying]
        share = _MOVED / np.maximum(1, active.sum(axis=1, keepdims=True))
        moves: BoolArray = rng.random(places.shape) < share
        moves |= (rng.random((len(places), 1)) < _ALL_MOVE) & ~self._categories
        moves &= active
        one = (rng.random(places.shape) * active).argmax(axis=1)
        still = np.flatnonzero(~moves.any(axis=1))
        moves[still, one[still]] = active[still, one[still]]
        return moves

    def _on_levels(self, places: FloatArray) -> FloatArray:
        for column, parameter in enumerate(self.space.values()):
            grid = self._grids[column]
            if grid is not None:
                places[:, column] = parameter.snap(places[:, column])
        return places


def layout_of(space: Space) -> Layout:
    """Return what models know of a space: its columns, by kind, and their conditions.

    An ordered ``Choice`` is a number. A parameter with a single value is a constant.

    Examples
    --------
    >>> from tunewidgets.space import Float
    >>> layout_of(Space(kind=Choice(["a", "b"]), x=Float(0.0, 1.0).when(kind="b"))).conditional
    True
    """
    places = {name: place for place, name in enumerate(space)}
    return Layout(tuple(_column(parameter, space, places) for parameter in space.values()))


def _column(parameter: Parameter, space: Space, places: Mapping[str, int]) -> Column:
    rules: dict[int, frozenset[float]] = {}
    for condition in parameter.conditions:
        place, parent = places[condition.parent], space[condition.parent]
        values = frozenset(parent.to_unit(value) for value in condition.values)
        rules[place] = rules.get(place, values) & values
    constant = parameter.size == 1
    unordered = isinstance(parameter, Boolean) or (isinstance(parameter, Choice) and not parameter.ordered)
    categories = int(parameter.size) if unordered and not constant else 0
    low, high = (parameter.to_unit(parameter.from_unit(end)) for end in (0.0, 1.0))
    return Column(categories, low, high, tuple(sorted(rules.items(), key=lambda rule: rule[0])), constant)


def _grid(parameter: Parameter) -> FloatArray | None:
    """Return where a parameter's values lie, where there are not too many."""
    if math.isinf(parameter.size) or parameter.size > _MOST_LEVELS:
        return None
    return np.array([parameter.to_unit(value) for value in parameter.levels()])


def _stepped(grid: FloatArray, before: FloatArray, after: FloatArray, step: FloatArray, moves: BoolArray) -> FloatArray:
    edges = (grid[1:] + grid[:-1]) / 2.0
    here, there = np.searchsorted(edges, before), np.searchsorted(edges, after)
    next_one = np.where(step > 0.0, here + 1, here - 1)
    # At an end the step goes the other way: a neighbour is never the place itself.
    next_one = np.where((next_one < 0) | (next_one >= len(grid)), 2 * here - next_one, next_one)
    there = np.where(moves & (here == there), np.clip(next_one, 0, len(grid) - 1), there)
    return np.where(moves, grid[there], before)
