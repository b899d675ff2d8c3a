"""Compare: which of several methods finds better values for the same cost, and whether the seeds suffice to say so."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.courses import Cost, Course
from tunewidgets.analysis.significance import LEVEL, Outcome, holm, least_probability, rank_sum, signed_rank
from tunewidgets.analysis.verdicts import Pair, Standing, test_name, verdict_of, verdict_of_all
from tunewidgets.history import Direction, amount

FloatArray = npt.NDArray[np.float64]

_WHOLE = 10.0
"""From so many seconds on they are written without decimals."""

_MOST_STEPS = 500
"""A line has about so many steps at most."""


@dataclass(frozen=True, slots=True)
class Field:
    """What is compared.

    Attributes
    ----------
    metric, direction : str
        What the values are, and which of them are better.
    unit : str
        What one unit of the budget is called.
    methods : mapping of str to sequence of Course
        For each method the courses of its searches, which differ in their seeds.
    """

    metric: str
    direction: Direction
    unit: str
    methods: Mapping[str, Sequence[Course]]


class Band(NamedTuple):
    """A method's values over its seeds, as far as all of them have come; NaN where too few have a value yet.

    Attributes
    ----------
    costs : ndarray of shape (n,)
        Where a value changes, ascending; the last one is where the first of the searches ends.
    median, lower, upper : ndarray of shape (n,)
        From there on: the median of the seeds' best values, and their quartiles, the smaller one first.
    """

    costs: FloatArray
    median: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True)
class Method:
    """How one method did.

    Attributes
    ----------
    name : str
        Its name.
    finals : tuple of float
        The best values of its searches at the common cost, in the order of the searches; NaN where one had none.
    median, lower, upper : float
        Their median and quartiles, the smaller quartile first; a search without a value counts as the worst. NaN where
        that leaves none.
    mean_rank : float
        Its mean rank among the methods, 1 is the best, equals share: over the pairs of seeds, or else over all ways to
        draw one search of each method.
    verdict : str
        What the test says of it, in a few words.
    band : Band
        Its line.
    """

    name: str
    finals: tuple[float, ...]
    median: float
    lower: float
    upper: float
    mean_rank: float
    verdict: str
    band: Band


@dataclass(frozen=True, slots=True)
class Compared:
    """Methods beside each other at a common cost.

    Attributes
    ----------
    field : Field
        What was compared.
    cost : {"trials", "budget", "time"}
        What they were charged for.
    at : float
        The common cost: the most that all searches have spent.
    methods : tuple of Method
        In the order in which they were given.
    pairs : tuple of Pair
        Each two of them; none where a method has no value at the common cost.
    test : str
        The name of the test.
    winner : str or None
        The method that is better than each of the others by the test; None where there is none.
    verdict : str
        A sentence that says so, or why not.
    """

    field: Field
    cost: Cost
    at: float
    methods: tuple[Method, ...]
    pairs: tuple[Pair, ...]
    test: str
    winner: str | None
    verdict: str


def compare_methods(field: Field, cost: Cost = "trials") -> Compared:
    """Compare methods by the best value that each had found for the same cost.

    All searches are compared at the most that all of them have spent: what one did beyond that nobody knows of the
    others. The test is Wilcoxon's for pairs where all methods have searches of the same seeds, one each, and that of
    Mann and Whitney where they have not; probabilities are corrected by Holm's method where there are more than two
    methods. A method wins if it is better than each of the others at the level of 5 %.

    Parameters
    ----------
    field : Field
        Two methods or more, with one search each or more.
    cost : {"trials", "budget", "time"}
        What they are charged for.

    Returns
    -------
    Compared
        Costs time proportional to the number of searches times the changes of their best values.

    References
    ----------
    Demsar: Statistical comparisons of classifiers over multiple data sets, Journal of Machine Learning Research 7,
    2006 (ranks, Wilcoxon's test, Holm's correction).
    """
    at = min(course.reached[cost] for courses in field.methods.values() for course in courses)
    paired = _paired(field)
    found = {name: _finals(courses, cost, at, paired=paired) for name, courses in field.methods.items()}
    sign = 1.0 if field.direction == "min" else -1.0
    losses = {name: np.where(np.isnan(values), np.inf, sign * values) for name, values in found.items()}
    waiting = tuple(name for name, values in losses.items() if np.isinf(values).all())
    pairs = () if waiting else _pairs(losses, paired=paired)
    ranks = _mean_ranks(losses, paired=paired)
    standing = Standing(
        names=tuple(field.methods),
        seeds={name: len(values) for name, values in losses.items()},
        waiting=waiting,
        best=_best(losses, ranks),
        winner=_winner(losses, pairs),
        pairs=pairs,
        paired=paired,
        where=_where(cost, at, field.unit),
    )
    methods = []
    for name, courses in field.methods.items():
        # The better quartile is the smaller one only where values are minimised.
        lower, median, upper = (_plain(sign * value) for value in _quartiles(losses[name])[:: int(sign)])
        band = _band(courses, cost, sign)
        words = verdict_of(standing, name)
        methods.append(Method(name, tuple(found[name].tolist()), median, lower, upper, ranks[name], words, band))
    return Compared(
        field, cost, at, tuple(methods), pairs, test_name(standing), standing.winner, verdict_of_all(standing)
    )


def _paired(field: Field) -> bool:
    """Whether every method has one search of each of the same seeds."""
    seeds = [[course.seed for course in courses] for courses in field.methods.values()]
    known = None not in seeds[0] and len(set(seeds[0])) == len(seeds[0])
    return known and all(len(each) == len(seeds[0]) and set(each) == set(seeds[0]) for each in seeds)


def _finals(courses: Sequence[Course], cost: Cost, at: float, *, paired: bool) -> FloatArray:
    ordered = sorted(courses, key=lambda each: each.seed or 0) if paired else courses
    return np.array([each.at(cost, at)[0] for each in ordered], dtype=np.float64)


def _quartiles(losses: FloatArray) -> FloatArray:
    """Return the quartiles along the first axis, the better one first; between a number and infinity is none."""
    ordered = np.sort(losses, axis=0)
    found = []
    for share in (0.25, 0.5, 0.75):
        below = int(share * (len(ordered) - 1))
        part = share * (len(ordered) - 1) - below
        # Not np.quantile: to it the number that stands beside infinity is none.
        with np.errstate(invalid="ignore"):
            value = ordered[below] + (part * (ordered[below + 1] - ordered[below]) if part else 0.0)
        found.append(np.where(np.isfinite(value), value, np.inf))
    return np.array(found)


def _plain(value: float) -> float:
    return float(value) if math.isfinite(value) else math.nan


def _band(courses: Sequence[Course], cost: Cost, sign: float) -> Band:
    end = min(course.reached[cost] for course in courses)
    costs = np.unique(np.concatenate([[end], *(course.costs[cost] for course in courses)]))
    costs = costs[costs <= end]
    if len(costs) > _MOST_STEPS:
        costs = costs[np.unique(np.linspace(0, len(costs) - 1, _MOST_STEPS).astype(np.int64))]
    values = np.array([course.at(cost, costs) for course in courses])
    better, median, worse = _quartiles(np.where(np.isnan(values), np.inf, sign * values))
    lower, upper = (better, worse) if sign > 0 else (worse, better)
    return Band(costs, *(np.where(np.isfinite(each), sign * each, np.nan) for each in (median, lower, upper)))


def _pairs(losses: Mapping[str, FloatArray], *, paired: bool) -> tuple[Pair, ...]:
    both = list(combinations(losses, 2))
    outcomes = [_tested(losses[one].tolist(), losses[two].tolist(), paired=paired) for one, two in both]
    corrected = holm([outcome.p for outcome in outcomes])
    found = []
    for (one, two), outcome, p in zip(both, outcomes, corrected, strict=True):
        least = least_probability(len(losses[one]), None if paired else len(losses[two]))
        better = (one, None, two)[outcome.lead + 1]
        found.append(Pair(one, two, p, better, least * len(both) < LEVEL))
    return tuple(found)


def _tested(one: Sequence[float], two: Sequence[float], *, paired: bool) -> Outcome:
    return signed_rank(one, two) if paired else rank_sum(one, two)


def _winner(losses: Mapping[str, FloatArray], pairs: Sequence[Pair]) -> str | None:
    for name in losses:
        mine = [pair for pair in pairs if name in (pair.first, pair.second)]
        if mine and all(pair.better == name and pair.p < LEVEL for pair in mine):
            return name
    return None


def _best(losses: Mapping[str, FloatArray], ranks: Mapping[str, float]) -> tuple[str, ...]:
    """Return those with the best median, the one with the best mean rank first."""
    medians = {name: float(_quartiles(values)[1]) for name, values in losses.items()}
    least = min(medians.values())
    # Between two values lies what rounding leaves of the middle: the last digits make nobody better.
    same = [name for name, median in medians.items() if math.isclose(median, least, rel_tol=1e-12)]
    return tuple(sorted(same, key=lambda name: ranks[name]))


def _mean_ranks(losses: Mapping[str, FloatArray], *, paired: bool) -> dict[str, float]:
    """Return the mean ranks: one more than the expected number of other methods that are better, ties half."""
    ranks = {}
    for name, mine in losses.items():
        rank = 1.0
        for other, theirs in losses.items():
            if other != name:
                here, there = (mine, theirs) if paired else (mine[:, None], theirs[None, :])
                rank += float(np.mean(there < here) + 0.5 * np.mean(there == here))
        ranks[name] = rank
    return ranks


def _where(cost: Cost, at: float, unit: str) -> str:
    if cost == "trials":
        return f"after {amount(int(at), 'trial')} each"
    if cost == "budget":
        return f"after {amount(int(at), unit)} each"
    return f"after {at:,.0f} seconds each" if at >= _WHOLE else f"after {at:.2g} seconds each"
