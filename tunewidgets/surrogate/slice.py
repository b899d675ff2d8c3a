"""A posterior of a function with one more coordinate, its height, seen where that has one value."""

import numpy as np

from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.layout import Column, FloatArray, Layout
from tunewidgets.surrogate.posterior import Posterior, Prediction, Slopes


def lifted_kernel(layout: Layout) -> Kernel:
    """Return the covariance of points of a layout that lie at heights."""
    return Kernel(Layout((*layout.columns, Column(), Column())), lifted=True)


def lifted(points: FloatArray, heights: FloatArray | float) -> FloatArray:
    """Return points of shape (n, d) with their heights behind them, as a lifted kernel sees them; shape (n, d + 2)."""
    column = np.broadcast_to(heights, len(points))
    return np.column_stack([points, column, column])


class Slice:
    """A posterior at one height; it is read as a posterior of points without heights.

    Parameters
    ----------
    posterior : Posterior
        Of lifted points.
    height : float
        Where it is seen.
    kernel : Kernel
        The covariance of points without heights, of the same layout.

    Attributes
    ----------
    theta : ndarray of shape (k,)
        The hyperparameters of the whole posterior; it begins with the length scales of the columns of `kernel`.
    points : ndarray of shape (n, d)
        The points it was conditioned on, at whatever height; one may occur several times.
    fitted : ndarray of shape (n,)
        The posterior mean of the slice at these.

    Examples
    --------
    >>> layout = Layout((Column(),))
    >>> points = lifted(np.array([[0.1], [0.9], [0.9]]), np.array([0.0, 0.0, 1.0]))
    >>> theta = np.log([0.3, 2.0, 1.0, 1.0, 1.0, 1e-6])
    >>> posterior = Posterior(lifted_kernel(layout), theta, points, np.array([1.0, -1.0, -1.5]))
    >>> Slice(posterior, 1.0, Kernel(layout)).predict(np.array([[0.1]])).mean.round(1)
    array([0.3])
    """

    def __init__(self, posterior: Posterior, height: float, kernel: Kernel) -> None:
        self._whole, self._height = posterior, height
        self.kernel = kernel
        self.theta = posterior.theta
        self.points: FloatArray = posterior.points[:, :-2]
        self.fitted: FloatArray = posterior.means(lifted(self.points, height))

    def predict(self, points: FloatArray) -> Prediction:
        """Return means and standard deviations at points of shape (m, d)."""
        return self._whole.predict(lifted(points, self._height))

    def slopes(self, points: FloatArray) -> Slopes:
        """Return means, standard deviations and their derivatives at points of shape (m, d)."""
        found = self._whole.slopes(lifted(points, self._height))
        return found._replace(mean_slope=found.mean_slope[:, :-2], sd_slope=found.sd_slope[:, :-2])

    def sample(self, points: FloatArray, rng: np.random.Generator, draws: int = 1) -> FloatArray:
        """Return draws from the joint posterior at points of shape (m, d), without noise; shape (draws, m)."""
        return self._whole.sample(lifted(points, self._height), rng, draws)

    def leave_one_out(self) -> Prediction:
        """Return what is predicted for each target at its own height, noise included, when its point is left out."""
        return self._whole.leave_one_out()

    def believing(self, points: FloatArray) -> "Slice":
        """Return the slice after further points of shape (m, d) had turned out on it exactly as predicted."""
        if not len(points):
            return self
        return Slice(self._whole.believing(lifted(points, self._height)), self._height, self.kernel)
