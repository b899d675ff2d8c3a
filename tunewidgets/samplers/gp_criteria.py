"""The criteria that the Gaussian-process sampler maximises: acquisition functions of models, with constraints."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from tunewidgets.surrogate.acquisition import (
    Sloped,
    confidence_bound,
    expected_improvement,
    log_expected_improvement,
    log_feasibility,
)
from tunewidgets.surrogate.model import Model
from tunewidgets.surrogate.pareto import expected_gain, search_boxes

FloatArray = npt.NDArray[np.float64]

Acquire = Callable[..., FloatArray | Sloped]
"""A function of mean and sd, and of ``gradient=True``."""

DOUBT = 3.0
"""How many times as unsure as it says a model is taken to be that sees nothing to gain anywhere."""

_TINY = 1e-300  # the logarithm of 0 would hide that one point is nearer to hope than another


def acquire(acquisition: str, best: float, xi: float, beta: float) -> Acquire:
    """Return an acquisition as a function of mean and standard deviation.

    Probability of improvement is taken as its logarithm, which has the same maximum and does not vanish far away.
    """
    if acquisition == "ei":
        return partial(expected_improvement, best=best, xi=xi)
    if acquisition == "pi":
        return partial(log_feasibility, bound=best - xi)
    if acquisition == "lcb":
        return partial(confidence_bound, beta=beta)
    return partial(log_expected_improvement, best=best, xi=xi)


def doubted(acquisition: Acquire, times: float) -> Acquire:
    """Return an acquisition of a model whose standard deviations are so many times too small."""

    def scaled(mean: FloatArray, sd: FloatArray, *, gradient: bool = False) -> FloatArray | Sloped:
        found = acquisition(mean, times * sd, gradient=gradient)
        return found._replace(by_sd=times * found.by_sd) if isinstance(found, Sloped) else found

    return scaled


class Feasible:
    """The logarithm of the probability that all constraints hold, their metrics taken as independent.

    Parameters
    ----------
    models : sequence of Model
        One for each constraint, of metric minus bound.

    References
    ----------
    Gardner, Kusner, Xu, Weinberger, Cunningham: Bayesian optimization with inequality constraints, ICML 2014.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = models

    def score(self, points: FloatArray) -> FloatArray:
        """Return the logarithm at points."""
        total = np.zeros(len(points))
        for model in self._models:
            total += log_feasibility(*model.posterior.predict(points), 0.0)
        return total

    def slopes(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return it and its derivatives."""
        total, slope = np.zeros(len(points)), np.zeros(points.shape)
        for model in self._models:
            value, by_point = _chained(partial(log_feasibility, bound=0.0), model, points)
            total += value
            slope += by_point
        return total, slope


class Single:
    """An acquisition of one model, plus the logarithm of the probability that the constraints hold.

    Parameters
    ----------
    model : Model
        Of what is minimised.
    acquire : callable
        See :func:`acquire`.
    feasible : Feasible
        The constraints; there may be none.
    """

    def __init__(self, model: Model, acquire: Acquire, feasible: Feasible) -> None:
        self._model, self._acquire, self._feasible = model, acquire, feasible

    def score(self, points: FloatArray) -> FloatArray:
        """Return the criterion at points."""
        return np.asarray(self._acquire(*self._model.posterior.predict(points))) + self._feasible.score(points)

    def slopes(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return it and its derivatives."""
        value, slope = _chained(self._acquire, self._model, points)
        likely, likely_slope = self._feasible.slopes(points)
        return value + likely, slope + likely_slope


class Hypervolume:
    """The logarithm of the expected hypervolume improvement, plus that of the probability of being feasible.

    Parameters
    ----------
    models : sequence of Model
        One for each objective.
    front : ndarray of shape (m, k)
        The best results, in the models' units.
    reference : ndarray of shape (k,)
        What is bad enough in every objective.
    feasible : Feasible
        The constraints; there may be none.
    """

    def __init__(self, models: Sequence[Model], front: FloatArray, reference: FloatArray, feasible: Feasible) -> None:
        self._models, self._boxes, self._feasible = models, search_boxes(front, reference), feasible

    def score(self, points: FloatArray) -> FloatArray:
        """Return the criterion at points."""
        mean, sd = np.stack([model.posterior.predict(points) for model in self._models], axis=-1)
        gain = expected_gain(mean, sd, self._boxes).value
        return np.log(np.maximum(gain, _TINY)) + self._feasible.score(points)

    def slopes(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return it and its derivatives."""
        seen = [model.posterior.slopes(points) for model in self._models]
        mean, sd = (np.stack([each[index] for each in seen], axis=-1) for index in (0, 1))
        gain = expected_gain(mean, sd, self._boxes)
        slope = sum(
            gain.by_mean[:, k, None] * each.mean_slope + gain.by_sd[:, k, None] * each.sd_slope
            for k, each in enumerate(seen)
        )
        some = np.maximum(gain.value, _TINY)
        share = np.where(gain.value > _TINY, 1.0 / some, 0.0)
        likely, likely_slope = self._feasible.slopes(points)
        return np.log(some) + likely, share[:, None] * slope + likely_slope


class Drawn:
    """Thompson sampling: minus one draw of the objective from the joint posterior, plus the constraints.

    The draw is made once at every set of points scored, so it is for choosing among one set of candidates.

    Parameters
    ----------
    model : Model
        Of what is minimised.
    rng : numpy.random.Generator
        Where chance comes from.
    feasible : Feasible
        The constraints; there may be none.
    """

    def __init__(self, model: Model, rng: np.random.Generator, feasible: Feasible) -> None:
        self._model, self._rng, self._feasible = model, rng, feasible

    def score(self, points: FloatArray) -> FloatArray:
        """Return the criterion at points."""
        drawn: FloatArray = self._model.posterior.sample(points, self._rng)[0]
        return self._feasible.score(points) - drawn


def _chained(acquire: Acquire, model: Model, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    seen = model.posterior.slopes(points)
    gained = acquire(seen.mean, seen.sd, gradient=True)
    assert isinstance(gained, Sloped)
    return gained.value, gained.by_mean[:, None] * seen.mean_slope + gained.by_sd[:, None] * seen.sd_slope
