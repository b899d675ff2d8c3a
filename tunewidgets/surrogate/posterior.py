"""What a Gaussian process predicts after it has seen points."""

from typing import NamedTuple

import numpy as np

from tunewidgets.surrogate.factor import Factor, SingularError
from tunewidgets.surrogate.kernel import Kernel, Parts, Rows, Scales, assemble
from tunewidgets.surrogate.layout import FloatArray

_LEAST_VARIANCE = 1e-10  # rounding must not make a variance negative, nor a logarithm of it infinite


class Prediction(NamedTuple):
    """Posterior means and standard deviations, without noise; arrays of shape (n,)."""

    mean: FloatArray
    sd: FloatArray


class Slopes(NamedTuple):
    """A prediction and its derivatives by the columns of the points: of shape (n, d), 0 for categories."""

    mean: FloatArray
    sd: FloatArray
    mean_slope: FloatArray
    sd_slope: FloatArray


class Posterior:
    """A Gaussian process with fixed hyperparameters, conditioned on points.

    Parameters
    ----------
    kernel : Kernel
        The covariance.
    theta : ndarray of shape (kernel.size,)
        Logarithms of lengths, variances and noise.
    points : ndarray of shape (n, d)
        Rows of the unit cube, NaN where inactive.
    targets : ndarray of shape (n,)
        Their values.
    mean : float or None
        The process's mean; None: estimated by generalised least squares under a standard normal prior.

    Attributes
    ----------
    mean : float
        The process's mean.
    fitted : ndarray of shape (n,)
        The posterior mean at the points.

    References
    ----------
    Rasmussen, Williams: Gaussian processes for machine learning, 2006, algorithm 2.1, and section 5.4.2 for leaving
    one out.

    Examples
    --------
    >>> from tunewidgets.surrogate.layout import Column, Layout
    >>> kernel = Kernel(Layout((Column(),)), "rbf")
    >>> points, targets = np.array([[0.0], [0.4], [1.0]]), np.array([1.0, -0.5, 0.7])
    >>> model = Posterior(kernel, np.log([0.3, 1.0, 1e-6]), points, targets, mean=0.0)
    >>> model.predict(np.array([[0.2]])).mean.round(4)
    array([0.2403])
    """

    def __init__(
        self, kernel: Kernel, theta: FloatArray, points: FloatArray, targets: FloatArray, *, mean: float | None = None
    ) -> None:
        self.kernel, self.theta, self.points = kernel, theta, points
        self._scales = Scales.of(theta, len(kernel.terms))
        self._rows = kernel.rows(points)
        self._factor, noise = self._factored()
        self.mean = self._mean(targets) if mean is None else mean
        self._alpha = self._factor.solve(targets - self.mean)
        self.targets = targets
        self.fitted = targets - noise * self._alpha

    def _factored(self) -> tuple[Factor, float]:
        """Return the factor of the covariance and the noise in it: a little more where rounding asks for it."""
        extra = 0.0
        for _ in range(8):
            matrix = self.kernel.covariance(self._scales, self._rows, self._rows)
            noise = self._scales.noise + extra
            matrix.flat[:: len(matrix) + 1] += noise
            try:
                return Factor(matrix), noise
            except SingularError:
                extra = max(1e-9, 10.0 * extra)
        raise SingularError("the covariance matrix is not positive definite: points or hyperparameters are not finite")

    def _mean(self, targets: FloatArray) -> float:
        ones = self._factor.solve(np.ones(len(targets)))
        return float((ones @ targets) / (ones.sum() + 1.0))

    def predict(self, points: FloatArray) -> Prediction:
        """Return means and standard deviations at points of shape (m, d)."""
        rows = self.kernel.rows(points)
        cross = self.kernel.covariance(self._scales, rows, self._rows)
        mean = cross @ self._alpha + self.mean
        white = self._factor.whiten(cross.T)
        variance = self.kernel.variance(self._scales, rows) - np.einsum("nm,nm->m", white, white)
        return Prediction(mean, np.sqrt(np.maximum(variance, _LEAST_VARIANCE)))

    def means(self, points: FloatArray) -> FloatArray:
        """Return the means alone: the standard deviations take most of the time."""
        mean: FloatArray = self.kernel.covariance(self._scales, self.kernel.rows(points), self._rows) @ self._alpha
        return mean + self.mean

    def slopes(self, points: FloatArray) -> Slopes:
        """Return means, standard deviations and their derivatives at points of shape (m, d)."""
        rows = self.kernel.rows(points)
        parts = self.kernel.parts(self._scales, rows, self._rows)
        cross = assemble(parts, len(rows), len(self._rows))
        solved = self._factor.solve(cross.T).T
        variance = self.kernel.variance(self._scales, rows) - np.einsum("mn,mn->m", cross, solved)
        sd = np.sqrt(np.maximum(variance, _LEAST_VARIANCE))
        mean_slope = self._pull(rows, parts, np.broadcast_to(-self._alpha, cross.shape))
        sd_slope = self._pull(rows, parts, solved) / sd[:, None]
        return Slopes(cross @ self._alpha + self.mean, sd, mean_slope, sd_slope)

    def _pull(self, rows: Rows, parts: list[Parts], weights: FloatArray) -> FloatArray:
        """Return sum_b weight_ab fall_ab (x_a - x_b) / length^2 for each point and column, in units of the cube."""
        total = np.zeros_like(rows.coordinates)
        for term, part in zip(self.kernel.terms, parts, strict=True):
            pull = part.fall * weights[np.ix_(part.rows, part.others)]
            here = rows.coordinates[np.ix_(part.rows, term.numbers)]
            there = self._rows.coordinates[np.ix_(part.others, term.numbers)]
            slope = pull.sum(axis=1)[:, None] * here - pull @ there
            total[np.ix_(part.rows, term.numbers)] += slope / self._scales.lengths[term.number_scales] ** 2
        return total * self.kernel.layout.slopes()

    def sample(self, points: FloatArray, rng: np.random.Generator, draws: int = 1) -> FloatArray:
        """Return draws from the joint posterior at points of shape (m, d), without noise; shape (draws, m)."""
        rows = self.kernel.rows(points)
        cross = self.kernel.covariance(self._scales, rows, self._rows)
        white = self._factor.whiten(cross.T)
        covariance = self.kernel.covariance(self._scales, rows, rows) - white.T @ white
        mean = cross @ self._alpha + self.mean
        normal = rng.standard_normal((len(points), draws))
        drawn: FloatArray = mean + _rooted(covariance, normal).T
        return drawn

    def leave_one_out(self) -> Prediction:
        """Return what is predicted for each target, noise included, when its point is left out."""
        precision = self._factor.inverse().diagonal()
        return Prediction(self.targets - self._alpha / precision, 1.0 / np.sqrt(precision))

    def believing(self, points: FloatArray) -> "Posterior":
        """Return the posterior after further points had turned out exactly as predicted (the kriging believer).

        The mean stays as it is, and the standard deviation shrinks around the points.

        References
        ----------
        Ginsbourger, Le Riche, Carraro: Kriging is well-suited to parallelize optimization, 2010.
        """
        if not len(points):
            return self
        targets = np.concatenate([self.targets, self.predict(points).mean])
        return Posterior(self.kernel, self.theta, np.concatenate([self.points, points]), targets, mean=self.mean)


def _rooted(covariance: FloatArray, normal: FloatArray) -> FloatArray:
    jitter = 1e-10
    while True:
        matrix = covariance.copy()
        matrix.flat[:: len(matrix) + 1] += jitter
        try:
            return Factor(matrix).color(normal)
        except SingularError:
            jitter *= 10.0
