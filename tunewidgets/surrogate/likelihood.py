"""The marginal likelihood of a Gaussian process, its gradient, and the hyperparameters that maximise it."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tunewidgets.surrogate.factor import Factor, SingularError
from tunewidgets.surrogate.kernel import Kernel, Parts, Rows, Scales, assemble
from tunewidgets.surrogate.layout import FloatArray
from tunewidgets.surrogate.priors import Prior

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_IMPOSSIBLE = 1e10  # what a fit is told where the covariance cannot be factored


class Likelihood:
    """How likely targets are under hyperparameters: log p(y | X, theta) for a zero mean.

    Parameters
    ----------
    kernel : Kernel
        The covariance.
    rows : Rows
        The n points, as `kernel.rows` gives them.

    References
    ----------
    Rasmussen, Williams: Gaussian processes for machine learning, 2006, equations 5.8 and 5.9.
    """

    def __init__(self, kernel: Kernel, rows: Rows) -> None:
        self._kernel, self._rows = kernel, rows
        self._features = [_Features(kernel, index, rows) for index in range(len(kernel.terms))]

    def factor(self, theta: FloatArray) -> Factor:
        """Return the factored covariance of the points, noise included.

        Raises
        ------
        SingularError
            It is not positive definite.
        """
        return self._factored(Scales.of(theta, len(self._kernel.terms)))[0]

    def __call__(self, theta: FloatArray, targets: FloatArray) -> tuple[float, FloatArray]:
        """Return the log likelihood and its gradient.

        Parameters
        ----------
        theta : ndarray of shape (kernel.size,)
            Logarithms of lengths, variances and noise.
        targets : ndarray of shape (n,)
            The values.

        Raises
        ------
        SingularError
            The covariance is not positive definite.
        """
        scales = Scales.of(theta, len(self._kernel.terms))
        factor, parts = self._factored(scales)
        alpha = factor.solve(targets)
        value = -0.5 * float(targets @ alpha) - 0.5 * factor.log_determinant - len(targets) * _HALF_LOG_2PI
        return value, self._gradient(scales, parts, alpha, factor.inverse())

    def _factored(self, scales: Scales) -> tuple[Factor, list[Parts]]:
        parts = self._kernel.parts(scales, self._rows, self._rows)
        matrix = assemble(parts, len(self._rows), len(self._rows))
        matrix.flat[:: len(self._rows) + 1] += scales.noise
        return Factor(matrix), parts

    def _gradient(self, scales: Scales, parts: list[Parts], alpha: FloatArray, inverse: FloatArray) -> FloatArray:
        # d/dt = 1/2 tr((alpha alpha' - K^-1) dK/dt)
        weight = np.outer(alpha, alpha)
        weight -= inverse
        by_length, by_variance = np.zeros(len(scales.lengths)), np.empty(len(parts))
        for index, part in enumerate(parts):
            whole = part.value.shape == weight.shape
            here = weight if whole else weight[np.ix_(part.rows, part.others)]
            by_variance[index] = np.vdot(here, part.value)
            self._features[index].add(by_length, here * part.fall)
        by_length /= scales.lengths**2
        return 0.5 * np.concatenate([by_length, by_variance, [scales.noise * np.trace(weight)]])

    def best(self, targets: FloatArray, prior: Prior, starts: Sequence[FloatArray], iterations: int) -> FloatArray:
        """Return the hyperparameters with the largest likelihood times prior that are found from the starts.

        Parameters
        ----------
        targets : ndarray of shape (n,)
            The values.
        prior : Prior
            What is believed of the hyperparameters, and their bounds.
        starts : sequence of ndarray of shape (kernel.size,)
            Where L-BFGS-B begins.
        iterations : int
            How many steps it takes at most from each.
        """
        from scipy.optimize import minimize  # noqa: PLC0415 - heavy: imported where first used

        settings = {
            "args": (targets, prior),
            "jac": True,
            "method": "L-BFGS-B",
            "bounds": list(zip(prior.lower, prior.upper, strict=True)),
            "options": {"maxiter": iterations},
        }
        found = [minimize(self._penalised, prior.inside(start), **settings) for start in starts]
        best: npt.NDArray[np.float64] = min(found, key=lambda result: float(result.fun)).x
        return best

    def _penalised(self, theta: FloatArray, targets: FloatArray, prior: Prior) -> tuple[float, FloatArray]:
        penalty, slope = prior.penalty(theta)
        try:
            value, gradient = self(theta, targets)
        except SingularError:
            return _IMPOSSIBLE, np.zeros_like(theta)
        return penalty - value, slope - gradient


class _Features:
    """The columns of a term as features whose squared differences add up: of a category, one for each value."""

    def __init__(self, kernel: Kernel, index: int, rows: Rows) -> None:
        term = kernel.terms[index]
        here = rows.coordinates[rows.inside[index]]
        # Centred, so that sums of squares lose no digits.
        blocks = [here[:, term.numbers] - 0.5]
        owners = [term.number_scales]
        for column, scale in zip(term.categories, term.category_scales, strict=True):
            values = np.unique(here[:, column])
            blocks.append((here[:, column, None] == values) * math.sqrt(0.5))
            owners.append(np.full(len(values), scale))
        self._values: FloatArray = np.concatenate(blocks, axis=1)
        self._squares = self._values**2
        self._owners = np.concatenate(owners)

    def add(self, totals: FloatArray, weights: FloatArray) -> None:
        """Add to each column's total sum_ab w_ab (x_a - x_b)^2, for symmetric weights."""
        sums = weights.sum(axis=1) @ self._squares - np.einsum("af,af->f", self._values, weights @ self._values)
        totals += 2.0 * np.bincount(self._owners, sums, len(totals))
