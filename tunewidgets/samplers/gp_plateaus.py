"""Plateaus: where a result would only repeat the one beside it, as metrics do that can take few values.

An accuracy on a hundred samples, a parameter that has no effect somewhere, a rounded score: small steps change nothing,
and a model of a smooth function does not know that. It believes that a little is left to gain around the best result,
goes there, gets the same value, and believes it of the next place. So an improvement is multiplied by the probability
that the result is another one than the nearest, which the results themselves tell.
"""

import math

import numpy as np
import numpy.typing as npt

from tunewidgets.samplers.gp_criteria import Single
from tunewidgets.samplers.gp_evidence import Evidence
from tunewidgets.surrogate.model import Model

FloatArray = npt.NDArray[np.float64]

_REACHES = np.geomspace(1e-3, 10.0, 60)  # in length scales: less is nothing, and more is everything
_LEAST = 1e-12  # so that a place on top of a result still has a logarithm
_NEVER = 1e-300


class Plateaus:
    """How likely a result repeats the nearest one: chance + (1 - chance) exp(-(d / reach)^2), d length scales away.

    The chance is that of two results that have nothing to do with each other. It is the same everywhere, so it plays no
    part in what is chosen; without it, a metric of few values would seem to be one plateau.

    Parameters
    ----------
    model : Model
        Its length scales say what is near.
    points : ndarray of shape (n, d)
        Configurations with results of their own, in the order of their trials.
    values : ndarray of shape (n,)
        The results.

    Attributes
    ----------
    reach : float
        The likeliest one: each result is compared with the nearest of those before it. 0 where none is the same, or
        near results are the same no more often than far ones.

    Examples
    --------
    >>> plateaus = Plateaus(model, points, np.array([0.9, 0.9, 0.7]))
    >>> plateaus.chance(points[:1])    # the value there is known
    array([1.e-12])
    """

    def __init__(self, model: Model, points: FloatArray, values: FloatArray) -> None:
        kernel = model.posterior.kernel
        self._kernel = kernel
        self._lengths = np.exp(model.posterior.theta[: len(kernel.columns)])
        self._seen = self._features(points)
        self.reach = _likeliest_reach(self._seen, values)
        self._squared_reach = max(self.reach, float(_REACHES[0])) ** 2

    def chance(self, points: FloatArray) -> FloatArray:
        """Return the probability, at points of shape (m, d), that a result is off the plateau of the nearest one."""
        chance: FloatArray = -np.expm1(-self._exponent(self._nearest(points)[0]))
        return chance

    def log_chance(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the logarithm of that, and its derivatives by the columns of the points."""
        squared, near = self._nearest(points)
        u = self._exponent(squared)
        kernel, count = self._kernel, len(self._kernel.columns)
        steep = np.where(u > _LEAST, 2.0 / (np.expm1(np.minimum(u, 500.0)) * self._squared_reach), 0.0)
        apart = self._features(points)[:, :count] - self._seen[near, :count]  # 0 for categories
        slope = np.zeros(points.shape)
        slope[:, list(kernel.columns)] = steep[:, None] * apart / self._lengths
        slope[np.isnan(points)] = 0.0
        return np.log(-np.expm1(-u)), slope * kernel.layout.slopes()

    def _exponent(self, squared: FloatArray) -> FloatArray:
        return np.maximum(squared / self._squared_reach, _LEAST)

    def _nearest(self, points: FloatArray) -> tuple[FloatArray, npt.NDArray[np.intp]]:
        from scipy.spatial.distance import cdist  # noqa: PLC0415 - heavy: imported where first used

        squared = cdist(self._features(points), self._seen, "sqeuclidean")
        near = squared.argmin(axis=1)
        return squared[np.arange(len(points)), near], near

    def _features(self, points: FloatArray) -> FloatArray:
        """Return what distances are measured between: first a column for each of the kernel's, 0 for a category.

        Two values of a category are one length scale apart, and so are a value and none. A number that is inactive lies
        one length scale beside the middle of its range.
        """
        layout, columns = self._kernel.layout, list(self._kernel.columns)
        seen, active = layout.coordinates(points)[:, columns], ~np.isnan(points[:, columns])
        numbers = np.array([not layout.columns[column].categories for column in columns], dtype=bool)
        blocks = [np.where(numbers, np.where(active, seen, 0.5), 0.0) / self._lengths]
        for place, column in enumerate(columns):
            own, unit = active[:, place, None], 1.0 / self._lengths[place]
            if count := layout.columns[column].categories:
                unit *= math.sqrt(0.5)
                blocks.append(((seen[:, place, None] == np.arange(count)) & own) * unit)
            if layout.columns[column].rules:
                blocks.append(own * unit)
        return np.concatenate(blocks, axis=1)


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
        self._criterion, self._plateaus = criterion, plateaus

    def score(self, points: FloatArray) -> FloatArray:
        """Return the criterion at points."""
        return self._criterion.score(points) + np.log(self._plateaus.chance(points))

    def chance(self, point: FloatArray) -> float:
        """Return the probability that the result at a point of shape (d,) repeats none."""
        return float(self._plateaus.chance(point[None])[0])

    def slopes(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return it and its derivatives."""
        value, slope = self._criterion.slopes(points)
        chance, chance_slope = self._plateaus.log_chance(points)
        return value + chance, slope + chance_slope


def plateaus_of(model: Model, evidence: Evidence) -> Plateaus | None:
    """Return the plateaus of the first goal's results; None where there are none.

    Values that stand for failed trials are none of them: they are all the same, and nobody has observed them.
    """
    own = evidence.observed
    values = evidence.objectives[own, 0]
    if len(np.unique(values)) == len(values):
        return None
    found = Plateaus(model, evidence.points[own], values)
    return found if found.reach else None


def _likeliest_reach(seen: FloatArray, values: FloatArray) -> float:
    from scipy.spatial.distance import cdist  # noqa: PLC0415 - heavy: imported where first used

    if len(values) < 2:  # noqa: PLR2004 - a pair
        return 0.0
    squared = cdist(seen, seen, "sqeuclidean")
    chance = _chance(squared, values)
    squared[np.triu_indices(len(values))] = math.inf
    near = squared[1:].argmin(axis=1)
    same = values[1:] == values[near]
    if not same.any():
        return 0.0
    u = squared[np.arange(1, len(values)), near][:, None] / _REACHES**2
    other = -np.expm1(-np.maximum(u, _LEAST)) * (1.0 - chance)
    likelihood = np.log(np.maximum(np.where(same[:, None], 1.0 - other, other), _NEVER)).sum(axis=0)
    best = int(likelihood.argmax())
    return float(_REACHES[best]) if best else 0.0


def _chance(squared: FloatArray, values: FloatArray) -> float:
    """Return how often two results are the same that are further apart than half of all pairs."""
    pairs = np.triu_indices(len(values), 1)
    far = squared[pairs] > np.median(squared[pairs])
    same = (values[:, None] == values)[pairs]
    return float(same[far].mean()) if far.any() else 0.0
