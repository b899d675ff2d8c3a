"""Which points are not beaten: domination, the ranks that follow from it, and how crowded a front is.

All objectives are minimised. A point **dominates** another where it is no worse in any objective and better in at least
one. The **front** of a set is what nothing in it dominates.
"""

from bisect import bisect_right

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_PLANE = 2


def non_dominated(values: npt.ArrayLike) -> BoolArray:
    """Tell which points nothing dominates; of equal points none dominates the other.

    Parameters
    ----------
    values : array_like of shape (n, k)
        The objectives of n points, without NaN.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> non_dominated([[1.0, 3.0], [2.0, 2.0], [2.0, 4.0]])
    array([ True,  True, False])
    """
    points = table(values)
    return _plane_ranks(points) == 0 if points.shape[1] == _PLANE else _front_mask(points)


def non_dominated_sort(values: npt.ArrayLike, most: int | None = None) -> IntArray:
    """Return each point's rank: 0 on the front, 1 on the front of what is left without it, and so on.

    Parameters
    ----------
    values : array_like of shape (n, k)
        The objectives of n points, without NaN.
    most : int, optional
        Stop once so many points are ranked; all others share the next rank. Selecting a few of many costs less so.

    Returns
    -------
    ndarray of int, shape (n,)

    References
    ----------
    Deb, Pratap, Agarwal, Meyarivan: A fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE Transactions on
    Evolutionary Computation 6, 2002. Two objectives are ranked in O(n log n) after Jensen 2003.

    Examples
    --------
    >>> non_dominated_sort([[1.0, 3.0], [2.0, 4.0], [2.0, 2.0], [3.0, 5.0]])
    array([0, 1, 0, 2])
    """
    points = table(values)
    if points.shape[1] == _PLANE:
        return _plane_ranks(points)
    ranks = np.zeros(len(points), dtype=np.int64)
    left = np.arange(len(points))
    wanted = len(points) if most is None else most
    rank = 0
    while len(left):
        # Beyond what was asked for, everything that is left is one last front.
        front = _front_mask(points[left]) if len(points) - len(left) < wanted else np.ones(len(left), dtype=bool)
        ranks[left[front]] = rank
        left, rank = left[~front], rank + 1
    return ranks


def crowding_distance(front: npt.ArrayLike) -> FloatArray:
    """Return how much room each point of one front has: the sum over objectives of the gap between its neighbours.

    Parameters
    ----------
    front : array_like of shape (n, k)
        Objectives; each is divided by its range.

    Returns
    -------
    ndarray of shape (n,)
        Infinite at the ends of each objective.

    References
    ----------
    Deb et al. 2002, as :func:`non_dominated_sort`.

    Examples
    --------
    >>> crowding_distance([[0.0, 4.0], [1.0, 1.0], [4.0, 0.0]])
    array([inf,  2., inf])
    """
    points = table(front)
    room = np.zeros(len(points))
    for column in points.T:
        order = np.argsort(column, kind="stable")
        ordered = column[order]
        width = ordered[-1] - ordered[0] if len(ordered) else 0.0
        if width > 0.0:
            room[order[1:-1]] += (ordered[2:] - ordered[:-2]) / width
            room[order[[0, -1]]] = np.inf
    return np.full(len(points), np.inf) if len(points) <= _PLANE else room


def table(values: npt.ArrayLike) -> FloatArray:
    """Return objectives as an array of shape (n, k).

    Raises
    ------
    ValueError
        The shape is another one.
    """
    points = np.asarray(values, dtype=np.float64)
    if points.ndim != _PLANE:
        raise ValueError(f"expected objectives of shape (n, k), a row for each point, got shape {points.shape}")
    return points


def _front_mask(points: FloatArray) -> BoolArray:
    """Return the mask of the front; whatever beats a point has a smaller sum and so was kept before it."""
    mask = np.zeros(len(points), dtype=bool)
    with np.errstate(over="ignore"):  # among sums beyond all numbers the objectives themselves decide
        sums = points.sum(axis=1)
    left = np.lexsort((*points.T[::-1], sums))
    while len(left):
        first = points[left[0]]
        others = points[left]
        equal = np.all(others == first, axis=1)
        mask[left[equal]] = True
        left = left[~np.all(others >= first, axis=1)]
    return mask


def _plane_ranks(points: FloatArray) -> IntArray:
    """Return the ranks for two objectives: along the first, each point joins the first front that does not beat it."""
    ranks = np.zeros(len(points), dtype=np.int64)
    lowest: list[float] = []  # the smallest second objective on each front; ascending
    before: tuple[float, float, int] | None = None
    order = np.lexsort((points[:, 1], points[:, 0]))
    for index, (x, y) in zip(order.tolist(), points[order].tolist(), strict=True):
        rank = before[2] if before is not None and before[:2] == (x, y) else bisect_right(lowest, y)
        lowest[rank : rank + 1] = [y]
        before = (x, y, rank)
        ranks[index] = rank
    return ranks
