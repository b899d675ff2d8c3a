"""What is believed of a kernel's hyperparameters before anything is seen, so that few points do not overfit."""

import math
from dataclasses import dataclass

import numpy as np

from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.layout import FloatArray

# Length scales are log-normal around exp(-0.5) sqrt(d): that they grow with the root of the dimension is from Hvarfner,
# Hellsten, Nardi: Vanilla Bayesian optimization performs great in high dimensions, ICML 2024. Their larger constant was
# made for hundreds of dimensions and evaluations; for the tens of evaluations of a tuning search it smooths too much.
_LENGTH, _LENGTH_SD = -0.5, 0.7
# Targets have variance 1. A sum of terms needs a wide variance in each: a branch about which little is known must not
# look certain to be bad because of what is known of others.
_VARIANCE, _VARIANCE_SD = 0.0, 1.0
_BRANCH_VARIANCE, _BRANCH_VARIANCE_SD = 2.0, 0.5
# Nearly deterministic, unless the data say otherwise: with sd 3 the 95 % interval goes from 1e-7 to 0.02.
_NOISE, _NOISE_SD = -10.0, 3.0

_LENGTH_RANGE = (math.log(0.02), math.log(200.0))
_VARIANCE_RANGE = (-6.0, 5.0)
_NOISE_RANGE = (math.log(1e-8), 0.0)


@dataclass(frozen=True, slots=True)
class Prior:
    """Independent normal distributions of the logarithms of lengths, variances and noise, in this order.

    Attributes
    ----------
    mean, sd : ndarray of shape (size,)
        Of each logarithm.
    lower, upper : ndarray of shape (size,)
        Between which it is looked for.
    start : ndarray of shape (size,)
        Where a fit begins that knows nothing better.
    """

    mean: FloatArray
    sd: FloatArray
    lower: FloatArray
    upper: FloatArray
    start: FloatArray

    def penalty(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Return minus the log density, up to a constant, and its gradient."""
        z = (theta - self.mean) / self.sd
        return 0.5 * float(z @ z), z / self.sd

    def inside(self, theta: FloatArray) -> FloatArray:
        """Return the nearest point within the bounds."""
        return np.clip(theta, self.lower, self.upper)


def default_prior(kernel: Kernel) -> Prior:
    """Return the prior of a kernel whose targets are standardised and whose coordinates lie in [0, 1]."""
    d, terms = len(kernel.columns), len(kernel.terms)
    growth = np.full(d, math.log(max(1, d - 2 if kernel.lifted else d)))  # a point is not larger for its height
    growth[d - 1 :] *= not kernel.lifted  # the height's own term has one column, whatever the others have
    branched = np.arange(terms) < (kernel.shared if kernel.shared > 1 else 0)
    variances = np.where(branched, _BRANCH_VARIANCE, _VARIANCE)
    spreads = np.where(branched, _BRANCH_VARIANCE_SD, _VARIANCE_SD)
    (short, long), (least, most), (quiet, loud) = _LENGTH_RANGE, _VARIANCE_RANGE, _NOISE_RANGE
    return Prior(
        mean=_joined(_LENGTH + 0.5 * growth, variances, _NOISE),
        sd=_joined(np.full(d, _LENGTH_SD), spreads, _NOISE_SD),
        lower=_joined(np.full(d, short), np.full(terms, least), quiet),
        upper=_joined(np.full(d, long), np.full(terms, most), loud),
        start=_joined(math.log(0.5) + 0.25 * growth, np.full(terms, -math.log(terms)), math.log(1e-4)),
    )


def _joined(lengths: FloatArray, variances: FloatArray, noise: float) -> FloatArray:
    return np.concatenate([lengths, variances, [noise]])
