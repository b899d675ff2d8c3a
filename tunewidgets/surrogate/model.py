"""A Gaussian process of a metric: transform, hyperparameters and posterior, fitted together to values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.layout import FloatArray, IntArray
from tunewidgets.surrogate.likelihood import Likelihood
from tunewidgets.surrogate.posterior import Posterior
from tunewidgets.surrogate.priors import Prior, default_prior
from tunewidgets.surrogate.slice import Slice
from tunewidgets.surrogate.warp import CHOICES, NONE, Form, Warp, form_of

_DIGITS = 6  # of the logarithms of hyperparameters: what is written into notes is what is used
_MANY = 100  # results from which on a fit goes on from the last one only, and takes few steps
_GROWN = 1.05  # by what factor so many results must have grown before hyperparameters are fitted anew
_STEPS, _STEPS_MANY = 30, 8
_MOST_TUNED = 500  # results to which hyperparameters are fitted; more cost much and tell little
_SD_68 = 1.0  # a band of one standard deviation either way
_NODES = 64
_UNSEEN = -38.0  # from there on the normal density is 0 in floating point
_ALL = 9.0  # standard deviations beyond which a normal distribution has nothing that counts


@dataclass(frozen=True, slots=True)
class Start:
    """Where a fit begins: the hyperparameters and the transform of an earlier one.

    Parameters
    ----------
    theta : tuple of float
        Logarithms of lengths, variances and noise.
    transform : Form
        The transform that was chosen.
    counts : tuple of int
        How many results of which kind there were; with none the fit goes on in any case.
    """

    theta: tuple[float, ...]
    transform: Form = NONE
    counts: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types; `from_json` reads them."""
        return {"theta": list(self.theta), "transform": self.transform.name, "counts": list(self.counts)}

    @staticmethod
    def from_json(data: Any, size: int) -> "Start | None":
        """Return what `to_json` wrote; None where it is not a start for `size` hyperparameters."""
        if not isinstance(data, dict) or not isinstance(data.get("theta"), list) or len(data["theta"]) != size:
            return None
        theta = tuple(float(value) for value in data["theta"])
        if not all(map(math.isfinite, theta)):
            return None
        return Start(theta, form_of(str(data.get("transform"))), tuple(map(int, data.get("counts", ()))))


class Outlook(NamedTuple):
    """A prediction in the metric's own units; arrays of shape (n,).

    Attributes
    ----------
    median : ndarray
        The middle of what is predicted: above it as likely as below.
    sd : ndarray
        Half the width of the band from one standard deviation below to one above, before transforming back.
    low, high : ndarray
        The ends of that band.
    """

    median: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray


class Model:
    """A fitted Gaussian process of a metric that is minimised.

    Attributes
    ----------
    warp : Warp
        From the metric's units to those of the posterior.
    posterior : Posterior or Slice
        Of the transformed values.
    counts : tuple of int
        How many results there were when the hyperparameters were fitted.
    """

    def __init__(self, warp: Warp, posterior: Posterior | Slice, counts: tuple[int, ...] = ()) -> None:
        self.warp = warp
        self.posterior = posterior
        self.counts = counts

    @property
    def start(self) -> Start:
        """Where the next fit begins."""
        return Start(tuple(self.posterior.theta.tolist()), self.warp.form, self.counts)

    def outlook(self, points: FloatArray, width: float = _SD_68) -> Outlook:
        """Return predictions at points of shape (n, d) in the metric's units."""
        return self.outlook_of(*self.posterior.predict(points), width)

    def outlook_of(self, mean: FloatArray, sd: FloatArray, width: float = _SD_68) -> Outlook:
        """Return in the metric's units what was predicted in the posterior's."""
        low, high = self.warp.inverse(mean - width * sd), self.warp.inverse(mean + width * sd)
        return Outlook(self.warp.inverse(mean), (high - low) / (2.0 * width), low, high)

    def improvement(self, mean: npt.ArrayLike, sd: npt.ArrayLike, best: float) -> FloatArray:
        """Return the expected improvement on `best` in the metric's units; arguments are in the posterior's.

        It is the integral of (best - y) over the values below `best`, by Gauss-Legendre quadrature.

        Parameters
        ----------
        mean, sd : array_like of shape (...,)
            Predictions.
        best : float
            What has to be improved on.

        Returns
        -------
        ndarray of shape (...,)
            At least 0.
        """
        mean, sd = np.asarray(mean, dtype=np.float64)[..., None], np.asarray(sd, dtype=np.float64)[..., None]
        reach = (best - mean) / sd
        seen = reach[..., 0] >= _UNSEEN
        reach = np.maximum(reach, _UNSEEN)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        high = np.minimum(reach, _ALL)
        low = np.minimum(reach, 0.0) - _ALL / np.maximum(1.0, -reach / 3.0)
        z = low + (high - low) * (nodes + 1.0) / 2.0
        density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        gain = self.warp.inverse(np.array([best])) - self.warp.inverse(mean + sd * z)
        total = (weights * density * gain).sum(axis=-1) * (high - low)[..., 0] / 2.0
        return np.where(seen, total, 0.0)

    def at(self, height: float, kernel: Kernel) -> "Model":
        """Return the model of lifted points, seen at one height; see `Slice`."""
        assert isinstance(self.posterior, Posterior)
        return Model(self.warp, Slice(self.posterior, height, kernel), self.counts)

    def believing(self, points: FloatArray) -> "Model":
        """Return the model after further points had turned out exactly as predicted."""
        return Model(self.warp, self.posterior.believing(points), self.counts)


def fit(
    kernel: Kernel,
    points: FloatArray,
    values: FloatArray,
    *,
    start: Start | None = None,
    transforms: Sequence[Form] = CHOICES,
    prior: Prior | None = None,
    counts: tuple[int, ...] = (),
) -> Model:
    """Fit a Gaussian process to values at points.

    Parameters
    ----------
    kernel : Kernel
        The covariance.
    points : ndarray of shape (n, d)
        Rows of the unit cube, NaN where inactive; n at least 1.
    values : ndarray of shape (n,)
        Finite, to be minimised.
    start : Start, optional
        The result of an earlier fit, from which this one goes on.
    transforms : sequence of Form
        Among which the likelihood chooses.
    prior : Prior, optional
        `default_prior` unless given.
    counts : tuple of int
        How many results there are of which kind, also where not all are among the values; n unless given.

    Returns
    -------
    Model
        Its hyperparameters are rounded to 6 digits behind the point, so that a start that was written as JSON is
        exactly what was used.

    Notes
    -----
    Hyperparameters maximise likelihood times prior, by L-BFGS-B from `start` and, below 100 results, from a fixed
    point. The transform is then chosen with the kernel held, and hyperparameters are fitted to the transformed values
    again. From 100 results on, both are taken from `start` as they are until there are 5 % more results of some kind:
    they change little, and finding them takes most of the time.

    A value that repeats counts once in that choice. On a plateau a model predicts the next equal value without an
    error, whatever the transform; but each would add the same slope to the Jacobian, so the likelihood would grow with
    their number for whatever stretches the surroundings of that value most. Likelihoods of transforms are unbounded
    where values coincide with their origin (Atkinson, Pericchi, Smith: Grouped likelihood for the shifted power
    transformation, Journal of the Royal Statistical Society B 53, 1991). The same holds for the values that stand for
    failed trials, which nobody has observed.

    From 100 results on a first fit is made to some of them, and from 500 on hyperparameters are fitted to 500,
    evenly spread; the posterior is always that of all.
    """
    prior = prior or default_prior(kernel)
    return _Fit(kernel, points, values, prior).run(start, tuple(transforms), counts or (len(values),))


class _Fit:
    def __init__(self, kernel: Kernel, points: FloatArray, values: FloatArray, prior: Prior) -> None:
        self._kernel, self._points, self._values, self._prior = kernel, points, values, prior

    def run(self, start: Start | None, transforms: tuple[Form, ...], counts: tuple[int, ...]) -> Model:
        count = len(self._values)
        if start is None or start.transform not in transforms or not _holds(start.counts, counts):
            if count >= _MANY and start is None:
                start = self._tuned(_some(count, _MANY - 1), None, transforms)
            start = replace(self._tuned(_some(count, _MOST_TUNED), start, transforms), counts=counts)
        warp = Warp(start.transform, self._values)
        targets = warp.forward(self._values)
        posterior = Posterior(self._kernel, np.array(start.theta), self._points, targets)
        return Model(warp, posterior, start.counts)

    def _tuned(self, rows: IntArray, start: Start | None, transforms: tuple[Form, ...]) -> Start:
        """Return hyperparameters and a transform that fit some of the results."""
        points, values = self._points[rows], self._values[rows]
        likelihood = Likelihood(self._kernel, self._kernel.rows(points))
        distinct = np.sort(np.unique(values, return_index=True)[1])
        repeated = len(distinct) < len(values)
        judge = Likelihood(self._kernel, self._kernel.rows(points[distinct])) if repeated else likelihood
        many = len(rows) >= _MANY and start is not None
        steps = _STEPS_MANY if many else _STEPS
        form = start.transform if start is not None and start.transform in transforms else transforms[0]
        begins = [] if start is None else [np.array(start.theta)]
        theta = self._best(likelihood, values, form, begins if many else [*begins, self._prior.start], steps)
        for _ in range(2):
            better = _likeliest(judge, values, distinct, theta, transforms)
            if better == form:
                break
            form = better
            theta = self._best(likelihood, values, form, [theta], steps // 2)
        return Start(tuple(np.round(theta, _DIGITS).tolist()), form)

    def _best(
        self, likelihood: Likelihood, values: FloatArray, form: Form, starts: list[FloatArray], steps: int
    ) -> FloatArray:
        return likelihood.best(Warp(form, values).forward(values), self._prior, starts, steps)


def _likeliest(
    judge: Likelihood, values: FloatArray, distinct: IntArray, theta: FloatArray, transforms: tuple[Form, ...]
) -> Form:
    """Return the transform under which the raw values are likeliest, with the kernel held.

    The transforms are those of all values; they are judged by the distinct ones, of whose points `judge` is.
    """
    if len(transforms) == 1 or len(distinct) == 1:  # of one value nothing but the Jacobian is left to decide
        return transforms[0]
    warps = [Warp(form, values) for form in transforms]
    targets = np.stack([warp.forward(values[distinct]) for warp in warps], axis=1)
    white = judge.factor(theta).whiten(targets)
    jacobians = np.array([warp.log_jacobian(values[distinct]) for warp in warps])
    return transforms[int((jacobians - 0.5 * np.einsum("nk,nk->k", white, white)).argmax())]


def _holds(before: tuple[int, ...], now: tuple[int, ...]) -> bool:
    """Tell whether what was fitted to many results holds for as many as there are now."""
    if len(before) != len(now) or sum(before) < _MANY:
        return False
    return all(old <= new <= _GROWN * old for old, new in zip(before, now, strict=True))


def _some(count: int, most: int) -> IntArray:
    """Return at most so many of the indices below `count`, evenly spread."""
    return np.arange(count) if count <= most else (np.arange(most) * count) // most
