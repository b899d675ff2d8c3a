"""Functional ANOVA of a function that is constant on boxes, such as a regression tree: exact, no sampling.

A function of independent parameters is a sum of parts, one for each set of parameters, no two of which are correlated:
a mean, what each parameter does alone, what two do together beyond that, and so on. The variance of the function is the
sum of the parts' variances, and a part's share of it says how much depends on its parameters. Independent and uniform
are the coordinates of the unit cube, on the scale that the space gives each parameter: `Space.sample` draws them so.

Conditional parameters. A parameter that is inactive does nothing, whatever its coordinate. So its part is that of the
function seen only where it is active, a box of its parents' values, times the probability of being there; a pair's is
that where both are active. These parts are uncorrelated too: within the box each averages to zero over each of its own
parameters, and the parents' parts depend on none of them. Without conditions every box is the whole cube.

Sources: Hooker, "Generalized functional ANOVA diagnostics for high-dimensional functions of dependent variables",
Journal of Computational and Graphical Statistics 2007; Hutter, Hoos, Leyton-Brown, "An efficient approach for assessing
hyperparameter importance", ICML 2014, algorithm 2. All pairs are one product of matrices here: with the value v_i of
box i, its volume, and the widths w_i of its sides, the mean over all parameters but two is, where box i is in their
cells, the sum over i of v_i vol_i / (w_i1 w_i2).
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

Region = Mapping[int, BoolArray]
"""A part of the cube: for some axes which of their values are in it, in their order; of the others, all are."""


@dataclass(frozen=True, slots=True)
class Axis:
    """How a parameter's values lie on the unit interval, and how likely they are.

    Parameters
    ----------
    places : ndarray of shape (n,)
        Where each of finitely many values lies, ascending; empty where they lie everywhere.
    low, high : float
        Only values between these may occur, all equally likely on this scale.

    Attributes
    ----------
    borders : ndarray of shape (n + 1,)
        Where the share of one value ends and that of the next begins: neighbours share the way between them.
    weights : ndarray of shape (n,)
        How likely each of finitely many values is.
    """

    places: FloatArray = field(default_factory=lambda: np.empty(0))
    low: float = 0.0
    high: float = 1.0

    borders: FloatArray = field(init=False)
    weights: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        borders = np.concatenate([[0.0], (self.places[1:] + self.places[:-1]) / 2.0, [1.0]])
        within = (self.places >= self.low) & (self.places <= self.high)
        weights = np.where(within, np.diff(borders), 0.0) if self.places.size else self.places
        object.__setattr__(self, "borders", borders)
        object.__setattr__(self, "weights", weights / weights.sum() if self.places.size else weights)

    def measure(self, upto: FloatArray, allowed: BoolArray | None = None, order: IntArray | None = None) -> FloatArray:
        """Return how likely it is not to lie beyond each of some points.

        Parameters
        ----------
        upto : ndarray
            The points.
        allowed : ndarray of bool, shape (n,), optional
            Which values may occur; all, unless given.
        order : ndarray of int, shape (n,), optional
            Which value lies at each place; by default they lie in their order.
        """
        if not self.places.size:
            return np.clip((upto - self.low) / (self.high - self.low), 0.0, 1.0)
        weights = self.weights if allowed is None else np.where(allowed, self.weights, 0.0)
        weights = weights if order is None else weights[order]
        below = np.concatenate([[0.0], np.cumsum(weights / weights.sum())])
        found: FloatArray = below[np.searchsorted(self.places, upto, side="right")]
        return found


@dataclass(frozen=True, slots=True)
class Boxes:
    """A function that is constant on boxes which divide the unit cube.

    Attributes
    ----------
    low, high : ndarray of shape (n, d)
        The boxes.
    values : ndarray of shape (n,)
        The function's value in each.
    orders : mapping of int to ndarray of int
        For axes on which the values do not lie in their order: which value lies at each place.
    """

    low: FloatArray
    high: FloatArray
    values: FloatArray
    orders: Mapping[int, IntArray] = field(default_factory=dict)


class Shares(NamedTuple):
    """Shares of the variance: `singles` of shape (d,), and `pairs` of shape (d, d), symmetric, 0 on the diagonal."""

    singles: FloatArray
    pairs: FloatArray


class _Group(NamedTuple):
    """Parameters, and pairs of them, that are active in the same part of the cube, which is met by this chance."""

    region: Region
    chance: float
    singles: list[int]
    pairs: list[tuple[int, int]]


class Domain:
    """The cube on which functions are taken apart.

    Parameters
    ----------
    axes : sequence of Axis
        One for each parameter.
    regions : sequence of mapping of int to ndarray of bool, optional
        Where each parameter is active: the values that its parents, and theirs in turn, must have. Everywhere, unless
        given.

    Examples
    --------
    The function has 0 in the left half and, in the right half, 1 below and 3 above:

    >>> boxes = Boxes(
    ...     low=np.array([[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]),
    ...     high=np.array([[0.5, 1.0], [1.0, 0.5], [1.0, 1.0]]),
    ...     values=np.array([0.0, 1.0, 3.0]),
    ... )
    >>> Domain([Axis(), Axis()]).shares(boxes).singles.round(3)
    array([0.667, 0.167])

    A parameter that is active in the right half alone has a third of the variance, as it should:

    >>> halves, right = Axis(np.array([0.25, 0.75])), np.array([False, True])
    >>> Domain([halves, Axis()], [{}, {0: right}]).shares(boxes).singles.round(3)
    array([0.667, 0.333])
    """

    def __init__(self, axes: Sequence[Axis], regions: Sequence[Region] | None = None) -> None:
        self.axes = tuple(axes)
        self.regions = tuple(regions) if regions is not None else ({},) * len(self.axes)
        self._groups = self._grouped()

    def meet(self, one: int, other: int) -> bool:
        """Tell whether two parameters can be active at once."""
        return self._chance(_both(self.regions[one], self.regions[other])) > 0.0

    def shares(self, boxes: Boxes) -> Shares | None:
        """Take a function apart; None where it is constant.

        The shares are not negative, and all together are at most 1; what is missing belongs to three parameters or
        more. Costs time proportional to the third power of the number of boxes, hardly more for more parameters.
        """
        whole = self._cut(boxes, {})
        total = float(whole.values**2 @ whole.volumes)
        singles, pairs = np.zeros(len(self.axes)), np.zeros((len(self.axes),) * 2)
        if total <= 0.0:
            return None
        for group in self._groups:
            cut = self._cut(boxes, group.region)
            columns = sorted({*group.singles, *itertools.chain.from_iterable(group.pairs)})
            alone, together = _variances(cut, columns)
            place = {column: index for index, column in enumerate(columns)}
            for column in group.singles:
                singles[column] = group.chance * alone[place[column]]
            for one, other in group.pairs:
                a, b = place[one], place[other]
                pairs[one, other] = pairs[other, one] = group.chance * (together[a, b] - alone[a] - alone[b])
        return Shares(np.maximum(singles, 0.0) / total, np.maximum(pairs, 0.0) / total)

    def _grouped(self) -> tuple[_Group, ...]:
        groups: dict[tuple[tuple[int, bytes], ...], _Group] = {}
        for members in self._members():
            region: Region = {}
            for member in members:
                region = _both(region, self.regions[member])
            chance = self._chance(region)
            if chance <= 0.0:
                continue
            key = tuple(sorted((axis, allowed.tobytes()) for axis, allowed in region.items()))
            group = groups.setdefault(key, _Group(region, chance, [], []))
            if len(members) == 1:
                group.singles.append(members[0])
            else:
                group.pairs.append((members[0], members[1]))
        return tuple(groups.values())

    def _members(self) -> Iterator[tuple[int, ...]]:
        yield from ((axis,) for axis in range(len(self.axes)))
        yield from itertools.combinations(range(len(self.axes)), 2)

    def _chance(self, region: Region) -> float:
        return float(np.prod([self.axes[axis].weights[allowed].sum() for axis, allowed in region.items()]))

    def _cut(self, boxes: Boxes, region: Region) -> "_Cut":
        """Return what of the boxes lies in a part of the cube."""
        sides = [
            [axis.measure(ends[:, at], region.get(at), boxes.orders.get(at)) for at, axis in enumerate(self.axes)]
            for ends in (boxes.low, boxes.high)
        ]
        low, high = np.array(sides[0]), np.array(sides[1])
        volumes = (high - low).prod(axis=0)
        inside = volumes > 0.0
        values, volumes = boxes.values[inside], volumes[inside]
        return _Cut(low[:, inside], high[:, inside], values - values @ volumes, volumes)


class _Cut(NamedTuple):
    """Boxes that divide a part of the cube.

    `low` and `high`, of shape (d, n), in shares of it; `values`, whose mean is 0; `volumes`.
    """

    low: FloatArray
    high: FloatArray
    values: FloatArray
    volumes: FloatArray


def _both(one: Region, other: Region) -> Region:
    """Return the part of the cube in which both lie."""
    return {**one, **{axis: allowed & one.get(axis, allowed) for axis, allowed in other.items()}}


def _variances(cut: _Cut, columns: list[int]) -> tuple[FloatArray, FloatArray]:
    """Return the variances of the means over all parameters but one, and but two, of those in `columns`."""
    low, high = cut.low[columns], cut.high[columns]
    ends = [np.unique(np.concatenate([one, other])) for one, other in zip(low, high, strict=True)]
    axis = np.repeat(np.arange(len(columns)), [len(each) - 1 for each in ends])
    start, end = (np.concatenate([each[part] for each in ends]) for part in (slice(-1), slice(1, None)))
    inside = (low[axis] <= start[:, None]) & (high[axis] >= end[:, None])
    density = inside / (high - low)[axis]  # shape (cells, boxes), the cells of all axes one after the other
    weighted, widths = density * (cut.values * cut.volumes), end - start
    first = np.searchsorted(axis, np.arange(len(columns)))
    alone = np.add.reduceat(weighted.sum(axis=1) ** 2 * widths, first)
    squares = (weighted @ density.T) ** 2 * widths * widths[:, None]
    return alone, np.add.reduceat(np.add.reduceat(squares, first, axis=0), first, axis=1)
