"""Parzen densities over configurations: what points of the unit cube have in common, as a mixture of kernels.

A density has one component for each point it was made from, and one that is uniform over the space. A component is a
product over parameters. Of a parameter with a range without steps, or with many values, the kernel is a normal
distribution cut off at the ends of [0, 1]; where there are few ordered values, the share of that distribution which
each value's part of [0, 1] catches; for categories, so much for the point's own and the rest evenly for the others.
Where a parameter is inactive in the point, a component knows nothing of it: there its kernel is uniform. So one density
covers all branches of a conditional space, and draws a branch before the parameters within it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tunewidgets.space import Choice, Float, Int, Parameter, Space
from tunewidgets.space.scales import squeeze

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MOST_VALUES = 64  # from here on single values are as good as a range, and tables would be large
_SMALLEST = 0.01  # of a bandwidth, as a share of the range (Watanabe 2023)
_TINY = float(np.finfo(np.float64).tiny)
_LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """How one parameter lies on [0, 1].

    Attributes
    ----------
    edges : ndarray of shape (values + 1,) or None
        Where the parts of its values begin and end; None for a range.
    ordered : bool
        Whether neighbouring values are alike.
    """

    edges: FloatArray | None
    ordered: bool

    @property
    def is_constant(self) -> bool:
        """Whether there is a single value, of which nothing can be learned."""
        return self.edges is not None and len(self.edges) == 2  # noqa: PLR2004 - the two ends

    def index(self, units: FloatArray) -> IntArray:
        """Return the number of the value at each place; one past the last where the place is NaN."""
        assert self.edges is not None
        found = np.clip(np.searchsorted(self.edges, units, side="right") - 1, 0, len(self.edges) - 2)
        return np.where(np.isnan(units), len(self.edges) - 1, found)


def axes_of(space: Space) -> tuple[Axis, ...]:
    """Return one axis for each parameter of a space, in its order."""
    return tuple(_axis(parameter) for parameter in space.values())


def _axis(parameter: Parameter) -> Axis:
    ordered = isinstance(parameter, Int | Float) or (isinstance(parameter, Choice) and bool(parameter.ordered))
    if ordered and parameter.size > _MOST_VALUES:
        return Axis(None, ordered)
    count = int(parameter.size)
    if isinstance(parameter, Int) and parameter.step is None:
        low, high, scale = parameter.min_value, parameter.max_value + 1, parameter.sampling
        return Axis(np.array([squeeze(low + index, low, high, scale) for index in range(count + 1)]), ordered)
    return Axis(np.linspace(0.0, 1.0, count + 1), ordered)


class Parzen:
    """A mixture of kernels around points; see the module's text.

    Parameters
    ----------
    axes : sequence of Axis
        One for each column.
    points : ndarray of shape (n, d)
        Points of the unit cube as `Space.encode` gives them, NaN where a parameter is inactive; there may be none.
    weights : ndarray of shape (n,)
        How much each point counts, with mean 1; the uniform component counts `prior`.
    prior : float
        Above 0: how many points the uniform component is worth.

    Notes
    -----
    A kernel is as wide as the larger of the distances to its two neighbours in the parameter, within bounds; see
    :func:`bandwidths`. With n points in which it is active, a parameter of c categories leaves (c - 1) / (n + c) to
    those that are not the point's own: Laplace's rule, one more of each.

    References
    ----------
    Bergstra, Bardenet, Bengio, Kegl: Algorithms for hyper-parameter optimization, NeurIPS 2011 (the distances, the
    uniform component, the counts of categories); Falkner, Klein, Hutter: BOHB, ICML 2018 (products of kernels in place
    of single parameters); Watanabe: Tree-structured Parzen estimator: understanding its algorithm components and their
    roles for better empirical performance, arXiv 2304.11127, 2023 (how Optuna and hyperopt bound the width).
    """

    def __init__(self, axes: Sequence[Axis], points: FloatArray, weights: FloatArray, prior: float) -> None:
        self._axes = tuple(axes)
        self._points = points
        total = float(weights.sum()) + prior
        self._shares = np.append(weights, prior) / total
        self._log_shares = np.log(np.maximum(self._shares, _TINY))
        self._kernels = [
            None if axis.is_constant else _kernel(axis, points[:, column]) for column, axis in enumerate(self._axes)
        ]

    def log_density(self, cube: FloatArray) -> FloatArray:
        """Return the logarithm of the density at snapped points; of values that are few, their probability.

        Parameters
        ----------
        cube : ndarray of shape (m, d)
            As `Space.snap` gives them.

        Returns
        -------
        ndarray of shape (m,)
        """
        logs = np.tile(self._log_shares, (len(cube), 1))
        for column, kernel in enumerate(self._kernels):
            if kernel is not None:
                kernel.add_log(cube[:, column], logs)
        highest = logs.max(axis=1)
        density: FloatArray = highest + np.log(np.exp(logs - highest[:, None]).sum(axis=1))
        return density

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Return points drawn from the density, with a number in every column, to be snapped by the space.

        Parameters
        ----------
        rng : numpy.random.Generator
            Gives ``count * (d + 1)`` numbers.
        count : int
            How many.

        Returns
        -------
        ndarray of shape (count, d)
        """
        draws = rng.random((count, len(self._axes) + 1))
        limits = np.cumsum(self._shares)
        chosen = np.minimum(np.searchsorted(limits, draws[:, -1] * limits[-1], side="right"), len(limits) - 1)
        cube = draws[:, :-1]
        for column, kernel in enumerate(self._kernels):
            if kernel is not None:
                cube[:, column] = kernel.place(chosen, cube[:, column])
        return cube


def bandwidths(values: FloatArray) -> FloatArray:
    """Return how wide the kernel around each value is: the larger of the distances to its two neighbours.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Places in [0, 1], in any order; NaN is passed over.

    Returns
    -------
    ndarray of shape (n,)
        From 1 / (n + 1), but 0.01 at least, to 1. The outermost have one neighbour; a value without any reaches to the
        farther end. Where a value is NaN, 1.

    Examples
    --------
    >>> bandwidths(np.array([0.9, 0.1, 0.4])).tolist()
    [0.5, 0.30000000000000004, 0.5]
    """
    widths = np.ones(len(values))
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return widths
    order = known[np.argsort(values[known], kind="stable")]
    places = values[order]
    if len(places) == 1:
        gaps = np.maximum(places, 1.0 - places)
    else:
        steps = np.diff(places)
        gaps = np.maximum(np.append(steps[0], steps), np.append(steps, steps[-1]))
    widths[order] = np.clip(gaps, max(_SMALLEST, 1.0 / (len(places) + 1.0)), 1.0)
    return widths


def _kernel(axis: Axis, values: FloatArray) -> "_Range | _Steps | _Categories":
    if axis.edges is None:
        return _Range(values)
    return _Steps(axis, values) if axis.ordered else _Categories(axis, values)


class _Range:
    """Kernels of a parameter without steps."""

    def __init__(self, values: FloatArray) -> None:
        from scipy.special import ndtr  # noqa: PLC0415 - heavy: imported where first used

        # The uniform component, which comes last, knows of nothing.
        self._known = np.append(~np.isnan(values), False)
        self._centres = np.where(self._known, np.append(values, 0.5), 0.5)
        self._widths = np.append(bandwidths(values), 1.0)
        self._low = ndtr(-self._centres / self._widths)
        self._high = ndtr((1.0 - self._centres) / self._widths)
        scale = np.log(self._widths * (self._high - self._low)) + _LOG_SQRT_2PI
        self._scale = np.where(self._known, scale, 0.0)

    def add_log(self, units: FloatArray, logs: FloatArray) -> None:
        distances = (units[:, None] - self._centres[None, :]) / self._widths[None, :]
        parts = np.where(self._known[None, :], -0.5 * distances * distances - self._scale[None, :], 0.0)
        logs += np.where(np.isnan(units)[:, None], 0.0, parts)

    def place(self, chosen: IntArray, draws: FloatArray) -> FloatArray:
        from scipy.special import ndtri  # noqa: PLC0415 - heavy: imported where first used

        low, high = self._low[chosen], self._high[chosen]
        moved = self._centres[chosen] + self._widths[chosen] * ndtri(low + draws * (high - low))
        return np.where(self._known[chosen], np.clip(moved, 0.0, 1.0), draws)


class _Steps:
    """Kernels of a parameter with few ordered values: a table of what each value's part of [0, 1] catches."""

    def __init__(self, axis: Axis, values: FloatArray) -> None:
        from scipy.special import ndtr  # noqa: PLC0415 - heavy: imported where first used

        assert axis.edges is not None
        self._axis, edges = axis, axis.edges
        self._centres = 0.5 * (edges[1:] + edges[:-1])
        below = ndtr((edges[None, :] - values[:, None]) / bandwidths(values)[:, None])
        caught = np.diff(below, axis=1) / (below[:, -1:] - below[:, :1])
        uniform = np.diff(edges)
        known = ~np.isnan(values)[:, None]
        self._masses = np.vstack((np.where(known, np.maximum(caught, _TINY), uniform), uniform))

    def add_log(self, units: FloatArray, logs: FloatArray) -> None:
        # A last column of zeros: where the parameter is inactive it says nothing.
        table = np.hstack((np.log(self._masses), np.zeros((len(self._masses), 1))))
        logs += table.T[self._axis.index(units)]

    def place(self, chosen: IntArray, draws: FloatArray) -> FloatArray:
        limits = np.cumsum(self._masses[chosen], axis=1)
        found = (limits < (draws * limits[:, -1])[:, None]).sum(axis=1)
        return np.asarray(self._centres[np.minimum(found, len(self._centres) - 1)])


class _Categories:
    """Kernels of a parameter whose values have nothing to do with each other."""

    def __init__(self, axis: Axis, values: FloatArray) -> None:
        assert axis.edges is not None
        self._axis, self._count = axis, len(axis.edges) - 1
        self._own = np.append(axis.index(values), self._count)
        points = np.count_nonzero(self._own < self._count)
        self._moves = (self._count - 1.0) / (points + self._count)

    def add_log(self, units: FloatArray, logs: FloatArray) -> None:
        theirs = self._axis.index(units)
        parts = np.where(
            theirs[:, None] == self._own, math.log1p(-self._moves), math.log(self._moves / (self._count - 1))
        )
        parts[:, self._own == self._count] = -math.log(self._count)
        logs += np.where((theirs == self._count)[:, None], 0.0, parts)

    def place(self, chosen: IntArray, draws: FloatArray) -> FloatArray:
        own, stays = self._own[chosen], 1.0 - self._moves
        # What is left of the draw after the decision to move says where to; the own one is stepped over.
        other = np.minimum(np.floor((draws - stays) / self._moves * (self._count - 1)), self._count - 2)
        index = np.where(draws < stays, own, other + (other >= own))
        unknown = np.minimum(np.floor(draws * self._count), self._count - 1)
        return np.asarray((np.where(own == self._count, unknown, index) + 0.5) / self._count)
