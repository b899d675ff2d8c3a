"""Acquisition functions: how much a point promises, given what a model predicts there.

Everything is minimised, and of every acquisition a larger value is better. All functions work on arrays that broadcast
against each other, take a standard deviation of 0 for certainty, and with ``gradient=True`` also return the derivatives
by the mean and by the standard deviation.

The symbols of the papers and the names here: the posterior mean mu is ``mean``, the posterior standard deviation s is
``sd``, the incumbent's value f* is ``best``, the margin xi is ``xi``. With phi and Phi, the density and the
distribution function of the standard normal distribution, and z = (best - mean - xi) / sd:

- expected improvement   EI = (best - mean - xi) Phi(z) + sd phi(z) = sd h(z), with h(z) = phi(z) + z Phi(z);
- its logarithm          log EI = log sd + log h(z), with h(z) by the scaled complementary error function in the tail;
- probability of it      PI = Phi(z);
- confidence bound       beta sd - mean, the lower confidence bound turned round;
- feasibility            P(g <= bound) = Phi((bound - mean) / sd) for a constrained metric g.
"""

import math
from typing import Any, Literal, NamedTuple, overload

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)
_SQRT_HALF_PI = math.sqrt(0.5 * math.pi)
_SQRT_2 = math.sqrt(2.0)
# Below _TAIL the two terms of h nearly cancel and their quotient by phi is taken; below _FAR that quotient cancels in
# turn, and its asymptotic series is exact to the last digits (its first term left out is under 1e-15 there).
_TAIL = -1.0
_FAR = -30.0
_MOST = 1e150  # its square is still a number
_SERIES = (1.0, -3.0, 15.0, -105.0, 945.0, -10_395.0, 135_135.0, -2_027_025.0)


class Sloped(NamedTuple):
    """An acquisition and its derivatives, arrays of one shape.

    Attributes
    ----------
    value : ndarray
        The acquisition.
    by_mean, by_sd : ndarray
        Its partial derivatives by the posterior mean and by the posterior standard deviation.
    """

    value: FloatArray
    by_mean: FloatArray
    by_sd: FloatArray


@overload
def expected_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float = 0.0, *, gradient: Literal[False] = False
) -> FloatArray: ...
@overload
def expected_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float = 0.0, *, gradient: Literal[True]
) -> Sloped: ...
def expected_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float = 0.0, *, gradient: bool = False
) -> FloatArray | Sloped:
    """Return the expected improvement, EI = (best - mean - xi) Phi(z) + sd phi(z).

    Parameters
    ----------
    mean, sd : array_like
        Posterior mean and standard deviation (at least 0) of the value to be minimised.
    best : array_like
        The value to improve upon.
    xi : float
        What an improvement must exceed to count, in the units of the value; larger values explore more.
    gradient : bool
        Also return the derivatives, dEI/dmean = -Phi(z) and dEI/dsd = phi(z).

    Returns
    -------
    ndarray or Sloped
        At least 0, accurate to rounding as long as it can be represented at all.

    References
    ----------
    Mockus, Tiesis, Zilinskas 1978; Jones, Schonlau, Welch: Efficient global optimization of expensive black-box
    functions, Journal of Global Optimization 13, 1998. The margin: Lizotte, PhD thesis, University of Alberta, 2008.

    Examples
    --------
    >>> float(expected_improvement(0.0, 1.0, best=0.0).round(6))
    0.398942
    """
    from scipy.special import ndtr  # noqa: PLC0415 - heavy: imported where first used

    margin, spread, z = _scores(mean, sd, best, xi)
    certain = spread == 0.0
    value = np.where(certain, np.maximum(margin, 0.0), spread * _improvement(z))
    return Sloped(value, -ndtr(z), _density(z)) if gradient else value


@overload
def log_expected_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float = 0.0, *, gradient: Literal[False] = False
) -> FloatArray: ...
@overload
def log_expected_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float = 0.0, *, gradient: Literal[True]
) -> Sloped: ...
def log_expected_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float = 0.0, *, gradient: bool = False
) -> FloatArray | Sloped:
    """Return the logarithm of the expected improvement, finite and with useful slopes where EI itself is 0.

    Parameters
    ----------
    mean, sd, best, xi, gradient
        As for :func:`expected_improvement`.

    Returns
    -------
    ndarray or Sloped
        Minus infinity, with slopes of 0, where an improvement is impossible: ``sd`` is 0 and the mean no better.

    Notes
    -----
    With Phi(z) = phi(z) r(z), r(z) = sqrt(pi/2) erfcx(-z/sqrt(2)), the logarithm is log h(z) = log phi(z) +
    log(1 + z r(z)) for z below -1, without underflow. Far out 1 + z r(z) loses its digits; there it is the asymptotic
    series z^-2 - 3 z^-4 + 15 z^-6 - ...

    References
    ----------
    Ament, Daulton, Eriksson, Balandat, Bakshy: Unexpected improvements to expected improvement for Bayesian
    optimization, NeurIPS 2023 (there the same tail by log1mexp).

    Examples
    --------
    >>> float(log_expected_improvement(100.0, 1.0, best=0.0).round(3))
    -5010.13
    """
    from scipy.special import ndtr  # noqa: PLC0415 - heavy: imported where first used

    margin, spread, z = _scores(mean, sd, best, xi)
    certain, hopeless = spread == 0.0, (spread == 0.0) & (margin <= 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        quotient = _tail_quotient(z)
        in_tail = z < _TAIL
        log_h = np.where(in_tail, -0.5 * z * z - _LOG_SQRT_2PI + np.log(quotient), np.log(_improvement(z)))
        value = np.where(certain, np.log(np.maximum(margin, 0.0)), np.log(spread) + log_h)
        if not gradient:
            return value
        whole = np.where(certain, margin, spread * _improvement(z))
        by_mean = np.where(in_tail, -_mills(z) / (spread * quotient), -ndtr(z) / whole)
        by_sd = np.where(in_tail, 1.0 / (spread * quotient), _density(z) / whole)
    return Sloped(value, np.where(hopeless, 0.0, by_mean), np.where(hopeless, 0.0, by_sd))


@overload
def probability_of_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float = 0.0, *, gradient: Literal[False] = False
) -> FloatArray: ...
@overload
def probability_of_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float = 0.0, *, gradient: Literal[True]
) -> Sloped: ...
def probability_of_improvement(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float = 0.0, *, gradient: bool = False
) -> FloatArray | Sloped:
    """Return the probability of an improvement by more than `xi`, PI = Phi(z).

    Parameters
    ----------
    mean, sd, best, xi, gradient
        As for :func:`expected_improvement`. With ``xi=0`` it prefers small improvements that are nearly certain.

    Returns
    -------
    ndarray or Sloped
        In [0, 1]; where ``sd`` is 0, whether the mean is better (0 or 1), with slopes of 0.

    References
    ----------
    Kushner: A new method of locating the maximum point of an arbitrary multipeak curve in the presence of noise,
    Journal of Basic Engineering 86, 1964.

    Examples
    --------
    >>> float(probability_of_improvement(1.0, 1.0, best=0.0).round(6))
    0.158655
    """
    margin, spread, z = _scores(mean, sd, best, xi)
    value = np.where((spread == 0.0) & (margin == 0.0), 0.0, _below(z))
    return Sloped(value, *_below_slopes(z, spread)) if gradient else value


@overload
def confidence_bound(
    mean: npt.ArrayLike, sd: npt.ArrayLike, beta: float, *, gradient: Literal[False] = False
) -> FloatArray: ...
@overload
def confidence_bound(mean: npt.ArrayLike, sd: npt.ArrayLike, beta: float, *, gradient: Literal[True]) -> Sloped: ...
def confidence_bound(
    mean: npt.ArrayLike, sd: npt.ArrayLike, beta: float, *, gradient: bool = False
) -> FloatArray | Sloped:
    """Return ``beta * sd - mean``: how low the value may well be, turned round so that larger is better.

    Parameters
    ----------
    mean, sd : array_like
        Posterior mean and standard deviation of the value to be minimised.
    beta : float
        How many standard deviations below the mean to hope for: 0 exploits, larger values explore more. (The root of
        the beta_t of Srinivas et al.)
    gradient : bool
        Also return the derivatives, -1 and `beta`.

    Returns
    -------
    ndarray or Sloped
        In the units of the value.

    References
    ----------
    Cox, John: A statistical method for global optimization, 1992; Srinivas, Krause, Kakade, Seeger: Gaussian process
    optimization in the bandit setting, ICML 2010.

    Examples
    --------
    >>> float(confidence_bound(1.0, 0.5, beta=2.0))
    0.0
    """
    centre, spread = np.broadcast_arrays(np.asarray(mean, dtype=np.float64), np.asarray(sd, dtype=np.float64))
    value = beta * spread - centre
    return Sloped(value, np.full(value.shape, -1.0), np.full(value.shape, float(beta))) if gradient else value


@overload
def feasibility(
    mean: npt.ArrayLike, sd: npt.ArrayLike, bound: npt.ArrayLike, *, gradient: Literal[False] = False
) -> FloatArray: ...
@overload
def feasibility(mean: npt.ArrayLike, sd: npt.ArrayLike, bound: npt.ArrayLike, *, gradient: Literal[True]) -> Sloped: ...
def feasibility(
    mean: npt.ArrayLike, sd: npt.ArrayLike, bound: npt.ArrayLike, *, gradient: bool = False
) -> FloatArray | Sloped:
    """Return the probability that a metric stays at or below its bound, Phi((bound - mean) / sd).

    Parameters
    ----------
    mean, sd : array_like
        Posterior mean and standard deviation of the metric.
    bound : array_like
        What it must not exceed.
    gradient : bool
        Also return the derivatives.

    Returns
    -------
    ndarray or Sloped
        In [0, 1]; where ``sd`` is 0, whether the constraint holds (0 or 1), with slopes of 0.

    References
    ----------
    Schonlau, Welch, Jones 1998; Gardner et al.: Bayesian optimization with inequality constraints, ICML 2014: the
    expected improvement is multiplied by this.

    Examples
    --------
    >>> float(feasibility(0.0, 1.0, bound=0.0))
    0.5
    """
    margin, spread, z = _scores(mean, sd, bound, 0.0)
    value = np.where((spread == 0.0) & (margin == 0.0), 1.0, _below(z))
    return Sloped(value, *_below_slopes(z, spread)) if gradient else value


@overload
def log_feasibility(
    mean: npt.ArrayLike, sd: npt.ArrayLike, bound: npt.ArrayLike, *, gradient: Literal[False] = False
) -> FloatArray: ...
@overload
def log_feasibility(
    mean: npt.ArrayLike, sd: npt.ArrayLike, bound: npt.ArrayLike, *, gradient: Literal[True]
) -> Sloped: ...
def log_feasibility(
    mean: npt.ArrayLike, sd: npt.ArrayLike, bound: npt.ArrayLike, *, gradient: bool = False
) -> FloatArray | Sloped:
    """Return the logarithm of :func:`feasibility`, to be added to the logarithm of an acquisition.

    Parameters
    ----------
    mean, sd, bound, gradient
        As for :func:`feasibility`.

    Returns
    -------
    ndarray or Sloped
        At most 0; minus infinity, with slopes of 0, only where ``sd`` is 0 and the constraint is broken.

    Examples
    --------
    >>> float(log_feasibility(100.0, 1.0, bound=0.0).round(3))
    -5005.524
    """
    from scipy.special import log_ndtr  # noqa: PLC0415 - heavy: imported where first used

    margin, spread, z = _scores(mean, sd, bound, 0.0)
    certain = spread == 0.0
    value = np.where(certain, np.where(margin >= 0.0, 0.0, -np.inf), log_ndtr(z))
    if not gradient:
        return value
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        by_mean = np.where(certain, 0.0, -1.0 / (_mills(z) * spread))
        by_sd = np.where(certain, 0.0, z * by_mean)
    return Sloped(value, by_mean, by_sd)


# --- the standard normal distribution --------------------------------------------------------------------------------


def _scores(
    mean: npt.ArrayLike, sd: npt.ArrayLike, best: npt.ArrayLike, xi: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return best - mean - xi, sd and their quotient z; where sd is 0, z is as far out as it goes, or 0 at a tie."""
    centre, spread, goal = np.broadcast_arrays(
        np.asarray(mean, dtype=np.float64), np.asarray(sd, dtype=np.float64), np.asarray(best, dtype=np.float64)
    )
    margin = goal - centre - xi
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        z = np.where((spread == 0.0) & (margin == 0.0), 0.0, margin / spread)
    return margin, spread, np.clip(z, -_MOST, _MOST)


def _density(z: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * z * z - _LOG_SQRT_2PI))


def _below(z: FloatArray) -> FloatArray:
    from scipy.special import ndtr  # noqa: PLC0415 - heavy: imported where first used

    return np.asarray(ndtr(z), dtype=np.float64)


def _below_slopes(z: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives of Phi((bound - mean) / sd) by mean and by sd."""
    steep = np.divide(_density(z), spread, out=np.zeros(z.shape), where=spread > 0.0)
    return -steep, -np.where(steep > 0.0, z, 0.0) * steep


def _mills(z: FloatArray) -> FloatArray:
    """Return r(z) = Phi(z) / phi(z): about 1 / |z| far below, and infinite far above."""
    from scipy.special import erfcx  # noqa: PLC0415 - heavy: imported where first used

    return np.asarray(_SQRT_HALF_PI * erfcx(-z / _SQRT_2), dtype=np.float64)


def _tail_quotient(z: FloatArray) -> FloatArray:
    """Return h(z) / phi(z) = 1 + z r(z) for z below -1; elsewhere its value at -1, which nobody uses."""
    inside = np.clip(z, _FAR, _TAIL)
    square = 1.0 / np.square(np.minimum(z, _FAR))
    return np.where(z < _FAR, square * _polynomial(square), 1.0 + inside * _mills(inside))


def _polynomial(x: FloatArray) -> Any:
    total: Any = 0.0
    for coefficient in reversed(_SERIES):
        total = total * x + coefficient
    return total


def _improvement(z: FloatArray) -> FloatArray:
    """Return h(z) = phi(z) + z Phi(z), accurate in the tail."""
    from scipy.special import ndtr  # noqa: PLC0415 - heavy: imported where first used

    density = _density(z)
    return np.where(z < _TAIL, density * _tail_quotient(z), density + z * ndtr(z))
