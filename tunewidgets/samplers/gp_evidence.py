"""What a search's events hold for a Gaussian process: points, values, and what is taken."""

import math
from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.samplers.gp_budgets import chosen, heights_of
from tunewidgets.samplers.gp_cube import Cube, FloatArray
from tunewidgets.samplers.observations import Budget, Level, Observations

_MOST = 1_000  # results a model is fitted to; the cost of a fit grows with their cube
_MOST_WITH_OTHERS = 250  # results of all budgets, as long as the one asked for has fewer
_FARTHEST = 1e300  # an infinite violation is one that was observed
_KEPT_BEST, _KEPT_NEW = 0.4, 0.3  # shares of these that are the best and the newest ones


class Evidence(NamedTuple):
    """What a model is fitted to: results at one budget, after them those at others.

    Attributes
    ----------
    points : ndarray of shape (n, d)
        Configurations with results, failed and stopped ones among them.
    objectives : ndarray of shape (n, goals)
        Their values, to be minimised; finite.
    violations : ndarray of shape (n, constraints)
        Metric minus bound, NaN where unknown.
    pending : ndarray of shape (m, d)
        Configurations whose results are awaited.
    budget : int or None
        The one that is asked for: the highest with enough results.
    results : int
        How many results there are at it, before thinning.
    best : float
        The best value of the first goal that was observed, to be minimised, where constraints hold (if they do
        anywhere).
    observed : ndarray of bool of shape (n,)
        Which values are results, and do not stand for trials that failed or were stopped.
    heights : ndarray of shape (n,)
        Where the budgets of the results lie, the lowest at 0 and the highest at 1.
    height : float
        Where `budget` lies.
    budgets : tuple of int or None
        Those that there are results of, ascending.
    counts : tuple of int
        How many results there are at `budget` and at others, before thinning.
    """

    points: FloatArray
    objectives: FloatArray
    violations: FloatArray
    pending: FloatArray
    budget: Budget
    results: int
    best: float
    observed: npt.NDArray[np.bool_]
    heights: FloatArray
    height: float
    budgets: tuple[Budget, ...]
    counts: tuple[int, ...]

    @property
    def here(self) -> npt.NDArray[np.bool_]:
        """Which results are those at the budget that is asked for."""
        here: npt.NDArray[np.bool_] = self.heights == self.height
        return here

    @property
    def levels(self) -> "list[npt.NDArray[np.intp]]":
        """Which are observed values at each of the budgets, the lowest first."""
        heights = np.unique(self.heights[self.observed])
        return [np.flatnonzero(self.observed & (self.heights == height)) for height in heights]

    @property
    def thinned(self) -> bool:
        """Whether the model sees fewer results at the budget than there are."""
        return int(self.here.sum()) < self.results

    @property
    def median(self) -> float:
        """The median of the first goal at the budget, where constraints hold (if they do anywhere)."""
        holds = self.here & (self.violations <= 0.0).all(axis=1)
        return median(self.objectives[holds if holds.any() else self.here, 0])


class Reader:
    """Reads a search's observations as points of one space.

    Parameters
    ----------
    observations : Observations
        What is read.
    cube : Cube
        The space; configurations that do not belong to it are passed over.
    """

    def __init__(self, observations: Observations, cube: Cube) -> None:
        self._seen, self._cube = observations, cube
        self._rows: dict[int, FloatArray | None] = {}

    def row(self, trial: int) -> FloatArray | None:
        """Return a trial's point, or None where it does not belong to the space."""
        if trial not in self._rows:
            self._rows[trial] = self._cube.encode(self._seen.config(trial))
        return self._rows[trial]

    def points(self, trials: Iterable[int]) -> FloatArray:
        """Return the points of those trials that belong to the space."""
        rows = [row for row in map(self.row, trials) if row is not None]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self._cube.names))

    def tried(self) -> FloatArray:
        """Return the points of all configurations that were started, or known before."""
        return self.points(self._seen.configs)

    def evidence(self, least: int) -> Evidence | None:
        """Return the results at the highest budget with at least `least` of them, and those at others.

        A failed trial counts as the worst value seen at the budget. One that was stopped on its way counts as its value
        so far, but as no better than the median.

        Returns
        -------
        Evidence or None
            None where there are no results.
        """
        level = self._seen.level(least, self._usable)
        good = None if level is None else self._good(level)
        if level is None or good is None:
            return None
        own = joined([good, self._bad(level, good.objectives)])
        kept = own.at(thinned(own.objectives[:, 0], _MOST))
        blocks = {level.budget: kept, **self._others(level.budget, _MOST_WITH_OTHERS - len(kept.points))}
        heights = heights_of(blocks)
        results = joined(blocks.values())
        others = sum(count for budget, count in self._seen.levels().items() if budget in heights) - len(level.trials)
        return Evidence(
            points=results.points,
            objectives=results.objectives,
            violations=results.violations,
            pending=self.points(level.pending),
            budget=level.budget,
            results=len(own.points),
            best=_best(good.objectives[:, 0], good.violations),
            observed=results.observed,
            heights=np.concatenate([np.full(len(block.points), heights[budget]) for budget, block in blocks.items()]),
            height=heights[level.budget],
            budgets=tuple(heights),
            counts=(len(own.points), others),
        )

    def _others(self, budget: Budget, room: int) -> "dict[Budget, Results]":
        """Return results at other budgets, the highest first, as long as there is room; none that lacks a goal."""
        found: dict[Budget, Results] = {}
        for other in chosen(self._seen.levels(), budget):
            if room <= 0:
                break
            good = None if other == budget else self._good(self._seen.at(other), whole=True)
            if good is not None:
                found[other] = good.at(thinned(good.objectives[:, 0], room))
                room -= len(found[other].points)
        return found

    def _good(self, level: Level, *, whole: bool = False) -> "Results | None":
        """Return the results of trials that did not fail and belong to the space; None where there are none.

        A goal that was not reported counts as the worst value seen, unless only whole results are asked for.
        """
        failed = set(level.failed)
        # A trial that failed later on may have a value here, and is bad nevertheless.
        places = [
            place for place, trial in enumerate(level.trials) if trial not in failed and self.row(trial) is not None
        ]
        if whole:
            places = [place for place in places if np.isfinite(level.objectives[place]).all()]
        if not places:
            return None
        points = self.points(level.trials[place] for place in places)
        violations = np.clip(level.violations[places], -_FARTHEST, _FARTHEST)
        observed = np.ones(len(points), dtype=bool)
        return Results(points, _complete(level.objectives[places]), violations, observed)

    def _usable(self, trials: Collection[int]) -> int:
        failed = self._seen.failed
        return sum(trial not in failed and self.row(trial) is not None for trial in trials)

    def _bad(self, level: Level, objectives: FloatArray) -> "Results":
        """Return failed and stopped trials, and what stands for their values."""
        worst, middle = objectives.max(axis=0), median(objectives[:, 0])
        stopped = [trial for trial in level.stopped if self.row(trial) is not None]
        failed = [trial for trial in level.failed if self.row(trial) is not None]
        values = np.tile(worst, (len(stopped) + len(failed), 1))
        values[: len(stopped), 0] = [max(level.stopped[trial], middle) for trial in stopped]
        unknown = np.full((len(values), level.violations.shape[1]), math.nan)
        return Results(self.points([*stopped, *failed]), values, unknown, np.zeros(len(values), dtype=bool))


class Results(NamedTuple):
    """Points and what is known of them; see `Evidence`."""

    points: FloatArray
    objectives: FloatArray
    violations: FloatArray
    observed: npt.NDArray[np.bool_]

    def at(self, rows: npt.NDArray[np.intp]) -> "Results":
        """Return some of the rows."""
        return Results(self.points[rows], self.objectives[rows], self.violations[rows], self.observed[rows])


def joined(blocks: Iterable[Results]) -> Results:
    """Return the rows of some results below each other."""
    points, objectives, violations, observed = zip(*blocks, strict=True)
    return Results(
        np.concatenate(points), np.concatenate(objectives), np.concatenate(violations), np.concatenate(observed)
    )


def thinned(values: FloatArray, most: int) -> np.ndarray:
    """Return which of n results are kept where there are more than `most`: ascending indices.

    Kept are the best, the newest, and of the rest some of every quality, evenly by rank.
    """
    count = len(values)
    if count <= most:
        return np.arange(count)
    order = np.argsort(values, kind="stable")
    best, newest = order[: int(_KEPT_BEST * most)], np.arange(count - int(_KEPT_NEW * most), count)
    kept = np.zeros(count, dtype=bool)
    kept[best] = kept[newest] = True
    rest = order[~kept[order]]
    missing = most - int(kept.sum())
    kept[rest[(np.arange(missing) * len(rest)) // missing]] = True
    return np.flatnonzero(kept)


def median(values: FloatArray) -> float:
    """Return the median, also of numbers whose sums are none."""
    return 2.0 * float(np.median(0.5 * values))


def _complete(objectives: FloatArray) -> FloatArray:
    """Return objectives with the worst value of its goal in place of each that was not reported."""
    missing = ~np.isfinite(objectives)
    if not missing.any():
        return objectives
    worst = np.where(missing, -math.inf, objectives).max(axis=0)
    return np.where(missing, np.where(np.isfinite(worst), worst, 0.0), objectives)


def _best(values: FloatArray, violations: FloatArray) -> float:
    holds = (violations <= 0.0).all(axis=1)
    return float(values[holds].min() if holds.any() else values.min())
