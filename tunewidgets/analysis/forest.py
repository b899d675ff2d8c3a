"""A random forest of a search's results as boxes of the unit cube, and how much it explains of what it has not seen."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.fanova import Axis, BoolArray, Boxes, Domain, FloatArray, IntArray

_ABSENT = -2.0
"""Where a tree sees an inactive parameter: so far off that what parts it from all values is below 0."""

_Runs = list[tuple[float, float]]
"""Stretches of an axis."""


@dataclass(frozen=True, slots=True)
class Growing:
    """How a forest is grown.

    Parameters
    ----------
    trees : int
        How many trees.
    most : int
        Of more trials an even sample of so many is used: the time grows with their square.
    seed : int
        The same results with the same seed give the same forest.
    """

    trees: int = 64
    most: int = 500
    seed: int = 0


class Forest(NamedTuple):
    """The trees, and the share of the variance that they explain among trials that they have not seen.

    `explained` is at most 1, and negative where the mean would be the better guess; None where it cannot be told.
    """

    trees: tuple[Boxes, ...]
    explained: float | None


def grow(
    points: FloatArray, values: FloatArray, domain: Domain, unordered: Collection[int], growing: Growing
) -> Forest:
    """Grow a random forest.

    Each tree is grown to its end on a sample of the trials, drawn with replacement: how much trees differ tells how
    much hangs on which trials there happen to be. It sees that a parameter is absent as a value of its own.

    Parameters
    ----------
    points : ndarray of shape (n, d)
        In the unit cube; NaN where a parameter is inactive.
    values : ndarray of shape (n,)
        Finite.
    domain : Domain
        The cube's axes, and where each parameter is active.
    unordered : collection of int
        Columns of values without an order. Each tree brings them into the order of their mean results, so that it can
        part them in the best way (Breiman, Friedman, Olshen, Stone, "Classification and regression trees", 1984,
        section 4.2), and the order in which they are written does not matter.
    growing : Growing
        How.

    Returns
    -------
    Forest
        Costs time proportional to n log n, and a second or two for scikit-learn where nobody has imported it yet.
    """
    total, seen = np.zeros(len(values)), np.zeros(len(values))
    trees: list[Boxes] = []
    for number in range(growing.trees):
        rng = np.random.default_rng(np.random.SeedSequence(growing.seed, spawn_key=(number,)))
        counts = np.bincount(rng.integers(len(values), size=len(values)), minlength=len(values)).astype(np.float64)
        orders = {column: _order(domain.axes[column], points[:, column], values, counts) for column in unordered}
        cube = _seen(points, domain, orders)
        tree = _tree(cube, values, counts, rng)
        apart = counts == 0
        if apart.any():
            total[apart] += tree.predict(cube[apart], check_input=False)
        seen += apart
        trees.append(_boxes(tree.tree_, domain, orders))
    return Forest(tuple(trees), _explained(values[seen > 0], total[seen > 0] / seen[seen > 0]))


def _levels(axis: Axis, column: FloatArray) -> IntArray:
    """Return which of an axis's values each number of a column is."""
    return np.minimum(np.searchsorted(axis.borders[1:], column, side="right"), len(axis.places) - 1)


def _order(axis: Axis, column: FloatArray, values: FloatArray, counts: FloatArray) -> IntArray:
    """Return an axis's values in the order of their mean results; what was not drawn has the mean of all."""
    known = ~np.isnan(column)
    levels, drawn = _levels(axis, column[known]), counts[known]
    weights = np.bincount(levels, drawn, len(axis.places))
    sums = np.bincount(levels, drawn * values[known], len(axis.places))
    mean = counts @ values / counts.sum()
    return np.argsort(np.where(weights > 0, sums / np.maximum(weights, 1.0), mean), kind="stable")


def _seen(points: FloatArray, domain: Domain, orders: Mapping[int, IntArray]) -> npt.NDArray[np.float32]:
    """Return the points as a tree sees them."""
    cube = np.where(np.isnan(points), _ABSENT, points)
    for column, order in orders.items():
        axis, known = domain.axes[column], ~np.isnan(points[:, column])
        cube[known, column] = axis.places[np.argsort(order)[_levels(axis, points[known, column])]]
    return np.ascontiguousarray(cube, dtype=np.float32)


def _tree(cube: npt.NDArray[np.float32], values: FloatArray, counts: FloatArray, rng: np.random.Generator) -> Any:
    from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415 - heavy

    tree = DecisionTreeRegressor(random_state=int(rng.integers(2**31)))
    return tree.fit(cube, values[:, None], sample_weight=counts, check_input=False)


def _boxes(tree: Any, domain: Domain, orders: Mapping[int, IntArray]) -> Boxes:
    """Read a tree's leaves, one depth after the other."""
    left, right, split, at = tree.children_left, tree.children_right, tree.feature, tree.threshold
    columns = len(domain.axes)
    # The lowest place of a conditional parameter is to be absent.
    low = np.tile([-np.inf if region else 0.0 for region in domain.regions], (tree.node_count, 1))
    high = np.ones((tree.node_count, columns))
    nodes = np.zeros(1, dtype=np.intp)
    while (inner := nodes[left[nodes] >= 0]).size:
        for children, end in ((left[inner], high), (right[inner], low)):
            low[children], high[children] = low[inner], high[inner]
            end[children, split[inner]] = at[inner]
        nodes = np.concatenate([left[inner], right[inner]])
    leaves = _Leaves(low[left < 0], high[left < 0], tree.value[left < 0, 0, 0])
    # A child hangs on all that its parent hangs on, and on the parent: so parents come first.
    for column in sorted(range(columns), key=lambda each: len(domain.regions[each])):
        region = domain.regions[column]
        parts = {axis: _runs(domain.axes[axis], mask, orders.get(axis)) for axis, mask in region.items()}
        leaves = _present_or_absent(leaves, column, parts) if parts else leaves
    return Boxes(*leaves, orders)


class _Leaves(NamedTuple):
    """Boxes of shape (n, d) and their values."""

    low: FloatArray
    high: FloatArray
    values: FloatArray

    def of(self, chosen: BoolArray) -> "_Leaves":
        return _Leaves(self.low[chosen], self.high[chosen], self.values[chosen])

    def within(self, axis: int, runs: _Runs) -> "_Leaves":
        """Return what of the boxes lies in some stretches of an axis."""
        found = [_Leaves(self.low.copy(), self.high.copy(), self.values) for _ in runs]
        for leaves, (start, end) in zip(found, runs, strict=True):
            leaves.low[:, axis] = np.maximum(leaves.low[:, axis], start)
            leaves.high[:, axis] = np.minimum(leaves.high[:, axis], end)
        return _joined([leaves.of(leaves.low[:, axis] < leaves.high[:, axis]) for leaves in found], self)

    def spanning(self, column: int) -> "_Leaves":
        """Return the boxes, each over the whole of a column."""
        low, high = self.low.copy(), self.high.copy()
        low[:, column], high[:, column] = 0.0, 1.0
        return _Leaves(low, high, self.values)


def _joined(parts: Sequence[_Leaves], like: _Leaves) -> _Leaves:
    return (
        _Leaves(*map(np.concatenate, zip(*parts, strict=True))) if parts else like.of(np.zeros(len(like.values), bool))
    )


def _present_or_absent(leaves: _Leaves, column: int, parts: Mapping[int, tuple[_Runs, _Runs]]) -> _Leaves:
    """Divide leaves that ask for a conditional parameter into where it is present, and where it is absent.

    Present, it lies in the box's side. Absent, it does nothing: the box has its whole column there, and none of it
    where the leaf wants it present.
    """
    may_lack, may_have = np.isneginf(leaves.low[:, column]), leaves.high[:, column] > 0.0
    open_ended = may_lack & (leaves.high[:, column] >= 1.0)  # the leaf does not ask
    present, absent = leaves.of(may_have & ~open_ended), leaves.of(may_lack & ~open_ended).spanning(column)
    np.maximum(present.low[:, column], 0.0, out=present.low[:, column])
    found = [leaves.of(open_ended).spanning(column)]
    for axis, (inside, outside) in parts.items():
        found.append(absent.within(axis, outside))
        present, absent = present.within(axis, inside), absent.within(axis, inside)
    return _joined([*found, present], leaves)


def _runs(axis: Axis, mask: BoolArray, order: IntArray | None) -> tuple[_Runs, _Runs]:
    """Return the stretches of an axis on which values are allowed, and those on which they are not."""
    placed = mask if order is None else mask[order]
    edges = np.flatnonzero(np.diff(placed)) + 1
    ends = axis.borders[[0, *edges, len(placed)]].tolist()
    stretches = list(itertools.pairwise(ends))
    first = 0 if placed[0] else 1
    return stretches[first::2], stretches[1 - first :: 2]


def _explained(values: FloatArray, predicted: FloatArray) -> float | None:
    if not values.size:
        return None
    variance = float(((values - values.mean()) ** 2).sum())
    return 1.0 - float(((values - predicted) ** 2).sum()) / variance if variance > 0.0 else None
