"""How a Parzen estimator divides the results into good ones and bad ones."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.samplers.observations import FloatArray, Level, broken, within_reach
from tunewidgets.surrogate.pareto import hypervolume_subset, non_dominated_sort, unit_range

_MOST_GOOD = 25  # Bergstra et al. 2013 and Watanabe 2023
_BEYOND = 1.1  # the reference point, where the objectives of one front run from 0 to 1


class Split(NamedTuple):
    """Results in two parts, by their position in the level.

    Attributes
    ----------
    good : ndarray of int
        The best first.
    bad : ndarray of int
        The best first.
    weights : ndarray
        How much each good one counts, with mean 1.
    threshold : float or None
        The value, to be minimised, that every good one reaches; None where values alone did not decide.
    """

    good: npt.NDArray[np.int64]
    bad: npt.NDArray[np.int64]
    weights: FloatArray
    threshold: float | None


def good_count(gamma: float, settled: int) -> int:
    """Return how many of so many results are good: ceil(gamma n), at least 1 and at most 25.

    Examples
    --------
    >>> [good_count(0.15, n) for n in (1, 10, 50, 10_000)]
    [1, 2, 8, 25]
    """
    return max(1, min(math.ceil(gamma * settled), _MOST_GOOD))


def split(level: Level, rows: npt.NDArray[np.int64], count: int) -> Split:
    """Divide results into the `count` best and the others.

    Configurations that keep all constraints come first, ordered by their value, or with several goals by fronts; after
    them the others, the smaller their violation the better. Of a front that is only partly good those go first which
    together dominate most.

    Parameters
    ----------
    level : Level
        The results.
    rows : ndarray of int
        The positions of those that count.
    count : int
        How many are good, if there are so many.

    Returns
    -------
    Split

    References
    ----------
    Bergstra, Bardenet, Bengio, Kegl: Algorithms for hyper-parameter optimization, NeurIPS 2011 (the split); Ozaki,
    Tanigaki, Watanabe, Onishi: Multiobjective tree-structured Parzen estimator for computationally expensive
    optimization problems, GECCO 2020 (several goals); Watanabe 2023 (weights by the improvement upon the threshold).
    """
    excess = broken(level.violations[rows])
    kept, others = rows[excess == 0.0], rows[excess > 0.0]
    others = others[np.argsort(excess[excess > 0.0], kind="stable")]
    single = level.objectives.shape[1] == 1
    ranked = kept[np.argsort(level.values[kept], kind="stable")] if single else _by_fronts(level, kept, count)
    order = np.concatenate((ranked, others))
    good, bad = order[:count], order[count:]
    if not single or len(good) > len(kept):
        return Split(good, bad, np.ones(len(good)), None)
    return Split(good, bad, _improvements(level.values, good, bad), float(level.values[good].max(initial=-math.inf)))


def _improvements(values: FloatArray, good: npt.NDArray[np.int64], bad: npt.NDArray[np.int64]) -> FloatArray:
    """Return weights by how much better each good one is than the best bad one."""
    if not len(bad):
        return np.ones(len(good))
    # In halves: the difference of two numbers may be none. One that breaks a constraint may be better than good ones.
    gains = np.maximum(0.5 * values[bad[0]] - 0.5 * values[good], 0.0)
    if gains[0] <= 0.0:
        return np.ones(len(good))
    shares = gains / gains[0]
    weights: FloatArray = shares / shares.mean()
    return weights


def _by_fronts(level: Level, rows: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """Return the rows in the order of their fronts; on the one in which `count` falls, those that add most go first."""
    objectives = within_reach(level.objectives[rows])
    complete = ~np.isnan(objectives).any(axis=1)
    lacking, rows, objectives = rows[~complete], rows[complete], objectives[complete]
    ranks = non_dominated_sort(objectives, most=count)
    order = np.lexsort((level.values[rows], ranks))
    before = int(np.count_nonzero(ranks < ranks[order[min(count, len(order)) - 1]])) if len(order) else 0
    front = order[ranks[order] == ranks[order[before]]] if before < len(order) else order[:0]
    if before < count < before + len(front):
        order[before : before + len(front)] = front[_spread(objectives[front], count - before)]
    return np.concatenate((rows[order], lacking))


def _spread(front: FloatArray, count: int) -> npt.NDArray[np.int64]:
    """Return an order of a front that begins with `count` points, each of which adds most to the hypervolume."""
    chosen = hypervolume_subset(unit_range(front), np.full(front.shape[1], _BEYOND), count)
    return np.concatenate((chosen, np.setdiff1d(np.arange(len(front)), chosen)))
