"""Plateaus: where a result would only repeat one beside it, as metrics do that can take few values.

An accuracy on a hundred samples, a parameter that has no effect somewhere, a rounded score: small steps change nothing,
and a model of a smooth function does not know that. It believes that a little is left to gain around the best result,
goes there, gets the same value, and believes it of the next place. So an improvement is multiplied by the probability
that the result repeats none, which the results themselves tell.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.samplers.gp_criteria import Single
from tunewidgets.samplers.gp_evidence import Evidence
from tunewidgets.samplers.gp_rounding import likelihoods
from tunewidgets.surrogate.model import Model

FloatArray = npt.NDArray[np.float64]

_REACHES = np.geomspace(1e-3, 10.0, 60)  # in length scales: less is nothing, and more is everything
_LEAST = 1e-12  # so that a place on top of a result still has a logarithm
_NEVER = 1e-300
_WORTH = 1.0  # by how much plateaus must raise the log likelihood: what a parameter costs (Akaike 1974)
_COMPARED = 32  # earlier results that each one is compared with to find the reach: the nearest


class Plateaus:
    """How likely a result repeats none.

    Around every result lies a plateau on which it is repeated, and a place that is d length scales away lies on it with
    probability exp(-(d / reach)^2), whether or not it lies on another one. So a result is new with probability
    prod_i (1 - exp(-(d_i / reach)^2)): a place among several results is likelier to repeat one of them than a place
    beside one. Besides, two results may agree by chance, wherever they lie. That is the same everywhere, so it plays no
    part in what is chosen; without it, a metric of few values would seem to be one plateau.

    Parameters
    ----------
    model : Model
        Its length scales say what is near.
    points : ndarray of shape (n, d)
        Configurations with results.
    reach : float
        In length scales; above 0.

    Examples
    --------
    >>> reach = likeliest_reach(model, Seen(points, np.array([0.9, 0.9, 0.7])))
    >>> Plateaus(model, points, reach).log_chance(points[:1]) < -20.0    # the value there is known
    array([ True])
    """

    def __init__(self, model: Model, points: FloatArray, reach: float) -> None:
        self._places = _Places(model)
        seen = self._places.features(points)
        self._seen = seen[np.sort(np.unique(seen, axis=0, return_index=True)[1])]  # each counts once
        self.reach = reach

    def log_chance(self, points: FloatArray) -> FloatArray:
        """Return the logarithm of the probability, at points of shape (m, d), that a result is off all plateaus."""
        chance: FloatArray = _log_off(self._exponents(points)).sum(axis=1)
        return chance

    def slopes(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return that logarithm, and its derivatives by the columns of the points."""
        u = self._exponents(points)
        kernel, lengths = self._places.kernel, self._places.lengths
        steep = np.where(u > _LEAST, 2.0 / (np.expm1(np.minimum(u, 500.0)) * self.reach**2), 0.0)
        # The first columns are the kernel's own, 0 for categories, along which nothing slopes.
        here, there = (each[:, : len(lengths)] for each in (self._places.features(points), self._seen))
        slope = np.zeros(points.shape)
        slope[:, list(kernel.columns)] = (steep.sum(axis=1)[:, None] * here - steep @ there) / lengths
        slope[np.isnan(points)] = 0.0
        return _log_off(u).sum(axis=1), slope * kernel.layout.slopes()

    def _exponents(self, points: FloatArray) -> FloatArray:
        from scipy.spatial.distance import cdist  # noqa: PLC0415 - heavy: imported where first used

        squared: FloatArray = cdist(self._places.features(points), self._seen, "sqeuclidean")
        return np.maximum(squared / self.reach**2, _LEAST)


class Unrepeated:
    """The logarithm of an improvement, plus that of the probability that the result repeats none.

    Parameters
    ----------
    criterion : Single
        A logarithm.
    plateaus : Plateaus
        Where results repeat.
    """

    def __init__(self, criterion: Single, plateaus: Plateaus) -> None:
        self._criterion, self.plateaus = criterion, plateaus

    def score(self, points: FloatArray) -> FloatArray:
        """Return the criterion at points."""
        return self._criterion.score(points) + self.plateaus.log_chance(points)

    def chance(self, point: FloatArray) -> float:
        """Return the probability that the result at a point of shape (d,) repeats none."""
        return math.exp(float(self.plateaus.log_chance(point[None])[0]))

    def slopes(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return it and its derivatives."""
        value, slope = self._criterion.slopes(points)
        chance, chance_slope = self.plateaus.slopes(points)
        return value + chance, slope + chance_slope


class _Places:
    """Points in length scales of a model."""

    def __init__(self, model: Model) -> None:
        self.kernel = model.posterior.kernel
        self.lengths = np.exp(model.posterior.theta[: len(self.kernel.columns)])

    def features(self, points: FloatArray) -> FloatArray:
        """Return what distances are measured between: first a column for each of the kernel's, 0 for a category.

        Two values of a category are one length scale apart, and so are a value and none. A number that is inactive lies
        one length scale beside the middle of its range.
        """
        layout, columns = self.kernel.layout, list(self.kernel.columns)
        seen, active = layout.coordinates(points)[:, columns], ~np.isnan(points[:, columns])
        numbers = np.array([not layout.columns[column].categories for column in columns], dtype=bool)
        blocks = [np.where(numbers, np.where(active, seen, 0.5), 0.0) / self.lengths]
        for place, column in enumerate(columns):
            own, unit = active[:, place, None], 1.0 / self.lengths[place]
            if count := layout.columns[column].categories:
                unit *= math.sqrt(0.5)
                blocks.append(((seen[:, place, None] == np.arange(count)) & own) * unit)
            if layout.columns[column].rules:
                blocks.append(own * unit)
        return np.concatenate(blocks, axis=1)


class Seen(NamedTuple):
    """Results at one budget, in the order of their trials.

    Attributes
    ----------
    points : ndarray of shape (n, d)
        Configurations.
    values : ndarray of shape (n,)
        Their results.
    rounded : ndarray of shape (n,) or None
        How likely each is without plateaus, if results are rounded.
    """

    points: FloatArray
    values: FloatArray
    rounded: FloatArray | None = None


def plateaus_of(model: Model, evidence: Evidence, step: float) -> Plateaus | None:
    """Return the plateaus of the first goal's results, which are rounded to a step; None where there are none.

    Where there are results at several budgets, plateaus lie around all: what trained as another one did at a low budget
    would do so at a high one as well. Values that stand for failed trials are no results: they are all the same, and
    nobody has observed them.
    """
    values = evidence.objectives[:, 0]
    levels = evidence.levels
    if all(len(np.unique(values[rows])) == len(rows) for rows in levels):
        return None
    seen = [
        Seen(evidence.points[rows], values[rows], likelihoods(model, rows, values[rows], step) if step else None)
        for rows in levels
    ]
    reach = likeliest_reach(model, *seen)
    return Plateaus(model, evidence.points[evidence.observed], reach) if reach else None


def likeliest_reach(model: Model, *seen: Seen) -> float:
    """Return how far plateaus reach: each result repeats the nearest of those before it on whose plateau it lies.

    Parameters
    ----------
    model : Model
        Its length scales say what is near.
    *seen : Seen
        Results, those at each budget for themselves: where they repeat at a low one because nothing has been learned
        there yet, those at a high one speak against it.

    Returns
    -------
    float
        In length scales; 0 where none repeats, or where plateaus explain the results no better than chance.
    """
    places = _Places(model)
    pairs = [_Pairs.of(places.features(each.points), each) for each in seen if len(each.values) > 1]
    if not any(each.same.any() for each in pairs):
        return 0.0
    likelihood = [sum(_log_likelihood(each, reach) for each in pairs) for reach in _REACHES]
    best = int(np.argmax(likelihood))
    return float(_REACHES[best]) if likelihood[best] - likelihood[0] > _WORTH else 0.0


class _Pairs(NamedTuple):
    """Results but the first, each with the nearest of those before it; arrays of shape (n, k), the nearest first.

    Attributes
    ----------
    squared : ndarray
        Squared distances; infinite where there are not so many before it.
    same : ndarray of bool
        Whether the results are equal.
    otherwise : ndarray of shape (n,)
        How likely the result is if it lies on no plateau.
    """

    squared: FloatArray
    same: npt.NDArray[np.bool_]
    otherwise: FloatArray

    @classmethod
    def of(cls, places: FloatArray, seen: Seen) -> "_Pairs":
        """Compare results at places in length scales."""
        from scipy.spatial.distance import cdist  # noqa: PLC0415 - heavy: imported where first used

        values = seen.values
        squared = cdist(places, places, "sqeuclidean")
        chance = _chance(squared, values)
        squared[np.triu_indices(len(values))] = math.inf  # only what came before can be repeated
        near = np.argsort(squared, axis=1, kind="stable")[1:, :_COMPARED]
        squared = np.take_along_axis(squared[1:], near, axis=1)
        same = (values[1:, None] == values[near]) & np.isfinite(squared)
        otherwise = _unrounded(values, chance) if seen.rounded is None else np.maximum(seen.rounded[1:], chance)
        return cls(squared, same, otherwise)


def _log_likelihood(pairs: _Pairs, reach: float) -> float:
    """Return how likely results are, of which each repeats the nearest earlier one on whose plateau it lies."""
    off = -np.expm1(-np.maximum(pairs.squared / reach**2, _LEAST))
    beyond = np.cumprod(off, axis=1)  # of all plateaus up to this one
    before = np.concatenate([np.ones((len(off), 1)), beyond[:, :-1]], axis=1)
    probability = ((1.0 - off) * before * pairs.same).sum(axis=1) + beyond[:, -1] * pairs.otherwise
    return float(np.log(np.maximum(probability, _NEVER)).sum())


def _unrounded(values: FloatArray, chance: float) -> FloatArray:
    """Return how likely each result but the first repeats an earlier one by chance if it does, or does not if not."""
    repeats = np.tril(values[:, None] == values, -1).any(axis=1)
    return np.where(repeats[1:], chance, 1.0 - chance)


def _log_off(u: FloatArray) -> FloatArray:
    """Return log(1 - exp(-u)): the logarithm of the probability of lying off a plateau."""
    off: FloatArray = np.log(-np.expm1(-u))
    return off


def _chance(squared: FloatArray, values: FloatArray) -> float:
    """Return how often two results are the same that are further apart than half of all pairs.

    One pair that is and one that is not are added (Laplace's rule), so that nothing is impossible.
    """
    pairs = np.triu_indices(len(values), 1)
    far = squared[pairs] > np.median(squared[pairs])
    same = (values[:, None] == values)[pairs]
    return float((same[far].sum() + 1) / (far.sum() + 2))
