"""Ranks with ties, paired bootstrap intervals, quartiles and wrong branches: pure functions of runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from benchmarks.strategies.kept import Run

FloatArray = npt.NDArray[np.float64]
TIE = 1e-3
"""Regrets below this share of a task's range are all the same."""
RESAMPLES = 2000
_LEVEL = (2.5, 97.5)

Cells = Mapping[str, FloatArray]
"""By task: the regrets, a row for each seed and a column for each method."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Return "ahead" where the interval lies below 0, "behind" where it lies above, else "level"."""
        if self.high < 0:
            return "ahead"
        return "behind" if self.low > 0 else "level"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Mean ranks over the tasks (1 is best), and how far the first method's rank is below or above each other's.

    Attributes
    ----------
    methods : tuple of str
        The first one is compared with the others.
    ranks : tuple of float
        The mean ranks, in the order of `methods`.
    differences : tuple of Difference
        The first one's rank minus each other's, in the order of ``methods[1:]``: below 0, the first one is better.
    tasks : tuple of str
        What the ranks are over.
    seeds : int
        How many runs of each task, the fewest of all tasks.
    """

    methods: tuple[str, ...]
    ranks: tuple[float, ...]
    differences: tuple[Difference, ...]
    tasks: tuple[str, ...]
    seeds: int


def cells(runs: Iterable[Run], methods: Sequence[str], at: int) -> dict[str, FloatArray]:
    """Return the regrets of the (task, seed) pairs that all methods have run.

    Parameters
    ----------
    runs : iterable of Run
        Of one kind.
    methods : sequence of str
        The columns.
    at : int
        The checkpoint.

    Returns
    -------
    dict of str to ndarray of shape (seeds, methods)
        By task; a task without any common seed is left out.
    """
    found: dict[str, dict[int, dict[str, float]]] = {}
    for run in runs:
        if run.method in methods and at in run.regrets:
            found.setdefault(run.task, {}).setdefault(run.seed, {})[run.method] = run.regrets[at]
    tables: dict[str, FloatArray] = {}
    for task, seeds in sorted(found.items()):
        whole = [row for _, row in sorted(seeds.items()) if len(row) == len(methods)]
        if whole:
            tables[task] = np.array([[row[method] for method in methods] for row in whole], dtype=np.float64)
    return tables


def ranks(regrets: FloatArray, span: float) -> FloatArray:
    """Return the rank of each column within its row, 1 for the least regret; equal ones share the mean of their ranks.

    Examples
    --------
    >>> ranks(np.array([[1e-5, 0.0, 0.5]]), span=1.0)
    array([[1.5, 1.5, 3. ]])
    """
    ranked: FloatArray = rankdata(np.maximum(regrets, TIE * span), axis=1)
    return ranked


def ranking(table: Cells, methods: Sequence[str], spans: Mapping[str, float]) -> Ranking | None:
    """Rank methods over tasks; every task counts the same, however many seeds it has. None where nothing is common."""
    if not table:
        return None
    by_task = [ranks(regrets, spans[task]) for task, regrets in table.items()]
    means = np.mean([each.mean(axis=0) for each in by_task], axis=0)
    differences = tuple(
        difference([each[:, 0] - each[:, column] for each in by_task]) for column in range(1, len(methods))
    )
    seeds = min(len(each) for each in by_task)
    return Ranking(tuple(methods), tuple(float(each) for each in means), differences, tuple(table), seeds)


def difference(paired: Sequence[FloatArray], seed: int = 0) -> Difference:
    """Return the mean over tasks of the mean over seeds, and its percentile bootstrap interval.

    Parameters
    ----------
    paired : sequence of ndarray of shape (seeds,)
        For each task the differences of the pairs; seeds are drawn with replacement within each task.
    seed : int
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    draws = np.mean(
        [each[rng.integers(len(each), size=(RESAMPLES, len(each)))].mean(axis=1) for each in paired], axis=0
    )
    low, high = np.percentile(draws, _LEVEL)
    return Difference(float(np.mean([each.mean() for each in paired])), float(low), float(high))


def quartiles(runs: Iterable[Run], task: str, method: str, at: int) -> tuple[float, float, float] | None:
    """Return the lower quartile, the median and the upper quartile of the regrets; None where there are none."""
    found = [run.regrets[at] for run in runs if run.task == task and run.method == method and at in run.regrets]
    if not found:
        return None
    low, median, high = (float(each) for each in np.percentile(found, [25, 50, 75]))
    return low, median, high


def wrong_branches(runs: Iterable[Run], task: str, method: str, right: str) -> tuple[int, int]:
    """Return how many runs ended in another branch than the right one, and how many there are."""
    ended = [run.branch for run in runs if run.task == task and run.method == method and run.branch]
    return sum(branch != right for branch in ended), len(ended)
