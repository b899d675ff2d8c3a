"""Several objectives at once, all minimised: which points are not beaten, and how much of the space they rule out.

What domination and fronts are is told in :mod:`tunewidgets.surrogate.dominance`, whose functions are found here too.
The **hypervolume** of a front is the volume of all that it dominates and that is better than a reference point.
"""

from typing import Literal, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from tunewidgets.surrogate.acquisition import Sloped, expected_improvement
from tunewidgets.surrogate.dominance import crowding_distance, non_dominated, non_dominated_sort, table

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

__all__ = [
    "Boxes",
    "augmented_chebyshev",
    "crowding_distance",
    "expected_gain",
    "expected_hypervolume_improvement",
    "hypervolume",
    "hypervolume_subset",
    "non_dominated",
    "non_dominated_sort",
    "search_boxes",
    "simplex_weights",
    "unit_range",
]

_PLANE = 2
_BLOCK = 4_000_000  # numbers held at once while an expectation is added up over boxes


def hypervolume(front: npt.ArrayLike, reference: npt.ArrayLike) -> float:
    """Return the volume that is dominated by some point and dominates the reference point; exact.

    Parameters
    ----------
    front : array_like of shape (n, k)
        Any points; dominated ones, and those not better than the reference in every objective, add nothing.
    reference : array_like of shape (k,)
        What is bad enough in every objective.

    Returns
    -------
    float
        0 for no points.

    Notes
    -----
    Two objectives are swept in O(n log n). For more, each point adds what it alone dominates: its box, less the
    hypervolume of the others limited to that box.

    References
    ----------
    While, Bradstreet, Barone: A fast way of calculating exact hypervolumes, IEEE Transactions on Evolutionary
    Computation 16, 2012 (WFG).

    Examples
    --------
    >>> hypervolume([[1.0, 2.0], [2.0, 1.0]], [3.0, 3.0])
    3.0
    """
    points, corner = _inside(front, reference)
    return _volume(points, corner)


@overload
def expected_hypervolume_improvement(
    mean: npt.ArrayLike,
    sd: npt.ArrayLike,
    front: npt.ArrayLike,
    reference: npt.ArrayLike,
    *,
    gradient: Literal[False] = False,
) -> FloatArray: ...
@overload
def expected_hypervolume_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, front: npt.ArrayLike, reference: npt.ArrayLike, *, gradient: Literal[True]
) -> Sloped: ...
def expected_hypervolume_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, front: npt.ArrayLike, reference: npt.ArrayLike, *, gradient: bool = False
) -> FloatArray | Sloped:
    """Return by how much each point is expected to enlarge the hypervolume; exact for any number of objectives.

    Parameters
    ----------
    mean, sd : array_like of shape (n, k)
        Posterior means and standard deviations (at least 0) of k independent objectives at n points.
    front : array_like of shape (m, k)
        The points so far; dominated ones change nothing, and there may be none.
    reference : array_like of shape (k,)
        What is bad enough in every objective.
    gradient : bool
        Also return the derivatives, of shape (n, k).

    Returns
    -------
    ndarray of shape (n,), or Sloped
        At least 0.

    Notes
    -----
    What the front does not dominate is cut into boxes (l, u]. A point y adds to a box the product over objectives of
    (u_j - max(l_j, y_j))+ = (u_j - y_j)+ - (l_j - y_j)+, whose expectation is the difference of two expected
    improvements; as the objectives are independent, so is the product's. There are about m boxes for two objectives,
    2 m for three and in the order of m^(k // 2) for k.

    References
    ----------
    Emmerich, Deutz, Klinkenberg: Hypervolume-based expected improvement: monotonicity properties and exact
    computation, CEC 2011; Lacour, Klamroth, Fonseca: A box decomposition algorithm to compute the hypervolume
    indicator, Computers & Operations Research 79, 2017 (the boxes).

    Examples
    --------
    >>> expected_hypervolume_improvement([[0.0, 0.0]], [[0.0, 0.0]], [[1.0, 2.0], [2.0, 1.0]], [3.0, 3.0])
    array([6.])
    """
    total = expected_gain(mean, sd, search_boxes(front, reference))
    return total if gradient else total.value


def expected_gain(mean: npt.ArrayLike, sd: npt.ArrayLike, boxes: "Boxes") -> Sloped:
    """Return :func:`expected_hypervolume_improvement` and its derivatives, for boxes that were cut before.

    Parameters
    ----------
    mean, sd : array_like of shape (n, k)
        Posterior means and standard deviations.
    boxes : Boxes
        What the front does not dominate; see :func:`search_boxes`.
    """
    centre, spread = np.broadcast_arrays(table(mean), table(sd))
    total = Sloped(*(np.zeros(shape) for shape in (len(centre), centre.shape, centre.shape)))
    step = max(1, _BLOCK // max(1, boxes.lower.size))
    for start in range(0, len(centre), step):
        rows = slice(start, start + step)
        part = _expected_gain(centre[rows], spread[rows], boxes)
        for whole, piece in zip(total, part, strict=True):
            whole[rows] = piece
    return total


class Boxes(NamedTuple):
    """Boxes that do not overlap.

    Attributes
    ----------
    lower, upper : ndarray of shape (n, k)
        Their corners; a lower one may be minus infinity.
    """

    lower: FloatArray
    upper: FloatArray


def search_boxes(front: npt.ArrayLike, reference: npt.ArrayLike) -> Boxes:
    """Cut what lies below the reference point and is not dominated by the front into boxes.

    Parameters
    ----------
    front : array_like of shape (m, k)
        Points; there may be none.
    reference : array_like of shape (k,)
        The upper corner of everything.

    Returns
    -------
    Boxes
        Disjoint; together all that a new point may gain.

    Notes
    -----
    The region is the union of the boxes below the local upper bounds of the front, updated point by point. Each bound
    remembers, for every objective, the point that gave it its coordinate; from these follow lower ends that keep the
    boxes apart.

    References
    ----------
    Lacour, Klamroth, Fonseca 2017, as :func:`expected_hypervolume_improvement`.
    """
    points, corner = _inside(front, reference)
    region = _region(corner)
    for point in points:
        region = _split(*region, point)
    return _boxes(*region)


def hypervolume_subset(front: npt.ArrayLike, reference: npt.ArrayLike, count: int) -> IntArray:
    """Choose points one by one, each the one that adds most to the hypervolume of those before.

    Parameters
    ----------
    front : array_like of shape (n, k)
        Points of one front.
    reference : array_like of shape (k,)
        What is bad enough in every objective.
    count : int
        How many; at most n.

    Returns
    -------
    ndarray of int, shape (count,)
        Their positions, the first chosen first. Together they reach at least 1 - 1 / e of what any `count` points do.

    References
    ----------
    Guerreiro, Fonseca, Paquete: Greedy hypervolume subset selection in low dimensions, Evolutionary Computation 24,
    2016; the bound is that of Nemhauser, Wolsey, Fisher 1978.

    Examples
    --------
    >>> hypervolume_subset([[0.0, 2.0], [1.0, 1.0], [2.0, 0.0]], [3.0, 3.0], 2)
    array([1, 0])
    """
    points, corner = table(front), np.asarray(reference, dtype=np.float64)
    region, chosen = _region(corner), np.zeros(count, dtype=np.int64)
    left = np.ones(len(points), dtype=bool)
    for number in range(count):
        boxes = _boxes(*region)
        sides = boxes.upper - np.maximum(boxes.lower, points[:, None, :])
        gains = np.prod(np.maximum(sides, 0.0), axis=2).sum(axis=1)
        best = int(np.argmax(np.where(left, gains, -1.0)))
        chosen[number], left[best] = best, False
        if gains[best] > 0.0:
            region = _split(*region, points[best])
    return chosen


def augmented_chebyshev(values: npt.ArrayLike, weights: npt.ArrayLike, rho: float = 0.05) -> FloatArray:
    """Return one number for several objectives: max_j w_j f_j + rho sum_j w_j f_j.

    Every point of the front is the minimum for some weights, also where the front is not convex; the sum keeps weakly
    dominated points from tying.

    Parameters
    ----------
    values : array_like of shape (n, k)
        Objectives to be minimised, brought to comparable ranges, such as :func:`unit_range` does.
    weights : array_like of shape (k,)
        At least 0, with sum 1; see :func:`simplex_weights`.
    rho : float
        The weight of the sum; 0.05 as in the paper.

    Returns
    -------
    ndarray of shape (n,)

    References
    ----------
    Knowles: ParEGO: a hybrid algorithm with on-line landscape approximation for expensive multiobjective optimization
    problems, IEEE Transactions on Evolutionary Computation 10, 2006.

    Examples
    --------
    >>> augmented_chebyshev([[1.0, 0.0], [0.5, 0.5]], [0.5, 0.5])
    array([0.525, 0.275])
    """
    weighted = table(values) * np.asarray(weights, dtype=np.float64)
    total: FloatArray = weighted.max(axis=1) + rho * weighted.sum(axis=1)
    return total


def unit_range(values: npt.ArrayLike) -> FloatArray:
    """Return objectives scaled so that each runs from 0 to 1 over the points given; a constant one becomes 0.

    Parameters
    ----------
    values : array_like of shape (n, k)
        Finite numbers.

    Returns
    -------
    ndarray of shape (n, k)
    """
    points = table(values)
    if not len(points):
        return points
    # In halves: the difference of two numbers may be none.
    low, high = 0.5 * points.min(axis=0), 0.5 * points.max(axis=0)
    scaled: FloatArray = (0.5 * points - low) / np.where(high > low, high - low, 1.0)
    return scaled


def simplex_weights(k: int, rng: np.random.Generator) -> FloatArray:
    """Return k weights, at least 0 and with sum 1, all such weights equally likely."""
    return np.asarray(rng.dirichlet(np.ones(k)), dtype=np.float64)


# --- behind them -----------------------------------------------------------------------------------------------------


def _inside(front: npt.ArrayLike, reference: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the front of the points that are better than the reference, each once, and the reference."""
    corner = np.asarray(reference, dtype=np.float64)
    points = table(np.asarray(front, dtype=np.float64).reshape(-1, len(corner)))
    points = np.unique(points[np.all(points < corner, axis=1)], axis=0)
    return points[non_dominated(points)], corner


def _volume(points: FloatArray, corner: FloatArray) -> float:
    """Return the hypervolume of a front without repetitions, all of it better than the corner."""
    if not len(points):
        return 0.0
    if points.shape[1] == 1:
        return float(corner[0] - points.min())
    if points.shape[1] == _PLANE:
        ordered = points[np.argsort(points[:, 0])]
        heights = np.concatenate(([corner[1]], ordered[:-1, 1])) - ordered[:, 1]
        return float(np.sum((corner[0] - ordered[:, 0]) * heights))
    # From the worst in the last objective on, the others limited to a box differ in one objective less.
    ordered = points[np.argsort(-points[:, -1], kind="stable")]
    return sum(_alone(ordered[index], ordered[index + 1 :], corner) for index in range(len(ordered)))


def _alone(point: FloatArray, others: FloatArray, corner: FloatArray) -> float:
    """Return the volume that a point dominates and none of the others, which are no worse in the last objective."""
    limited = np.unique(np.maximum(others, point)[:, :-1], axis=0)
    covered = _volume(limited[non_dominated(limited)], corner[:-1]) if len(limited) else 0.0
    depth = corner[-1] - point[-1]
    return float(depth * (np.prod(corner[:-1] - point[:-1]) - covered))


def _region(corner: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the one local upper bound there is without any point, and the points that give it its coordinates.

    Of the givers, [b, i] is that of coordinate i of bound b; at first each is unbounded below in all others.
    """
    return corner[None, :].copy(), np.where(np.eye(len(corner), dtype=bool), corner, -np.inf)[None, :, :]


def _boxes(bounds: FloatArray, givers: FloatArray) -> Boxes:
    """Return the boxes below local upper bounds, their lower ends such that they keep apart."""
    lower = np.full(bounds.shape, -np.inf)
    for j in range(1, bounds.shape[1]):
        lower[:, j] = givers[:, :j, j].max(axis=1)
    solid = np.all(lower < bounds, axis=1)
    return Boxes(lower[solid], bounds[solid])


def _split(bounds: FloatArray, givers: FloatArray, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the local upper bounds and their givers after one more point."""
    hit = np.all(point < bounds, axis=1)
    k = len(point)
    parts, giver_parts = [bounds[~hit]], [givers[~hit]]
    for j in range(k):
        others = np.delete(givers[hit], j, axis=1)[:, :, j]
        kept = point[j] >= others.max(axis=1) if k > 1 else np.ones(int(hit.sum()), dtype=bool)
        fresh, fresh_givers = bounds[hit][kept], givers[hit][kept]
        fresh[:, j] = point[j]
        fresh_givers[:, j, :] = point
        parts.append(fresh)
        giver_parts.append(fresh_givers)
    return np.concatenate(parts), np.concatenate(giver_parts)


def _expected_gain(mean: FloatArray, sd: FloatArray, boxes: Boxes) -> Sloped:
    """Return the expected gain over all boxes, with its derivatives, for a block of points."""
    k = mean.shape[1]
    sides = [_side(mean[:, j], sd[:, j], boxes.lower[:, j], boxes.upper[:, j]) for j in range(k)]
    lengths = np.stack([side.value for side in sides])
    by_mean, by_sd = np.empty(mean.shape), np.empty(mean.shape)
    for j, side in enumerate(sides):
        rest = np.prod(np.delete(lengths, j, axis=0), axis=0)
        by_mean[:, j] = (side.by_mean * rest).sum(axis=1)
        by_sd[:, j] = (side.by_sd * rest).sum(axis=1)
    return Sloped(np.prod(lengths, axis=0).sum(axis=1), by_mean, by_sd)


def _side(mean: FloatArray, sd: FloatArray, lower: FloatArray, upper: FloatArray) -> Sloped:
    """Return E[(upper - y)+ - (lower - y)+] for n points and m boxes, with its derivatives; shapes (n, m)."""
    # Boxes share their ends: each is worked out once.
    ends, places = np.unique(np.concatenate((lower, upper)), return_inverse=True)
    finite = np.isfinite(ends)
    gains = expected_improvement(mean[:, None], sd[:, None], np.where(finite, ends, 0.0), gradient=True)
    from_below = [np.where(finite, gain, 0.0) for gain in gains]
    low, high = places[: len(lower)], places[len(lower) :]
    return Sloped(*(gain[:, high] - gain[:, low] for gain in from_below))
