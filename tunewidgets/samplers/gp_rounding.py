"""Rounded results: metrics that are counted or cut off, and so lie whole steps apart.

An accuracy on a hundred samples moves by 0.01. A model of a smooth function must know two things of that. What beats
the best result does so by a whole step, so a place where a hundredth of a step is to be gained is worth nothing.
And two results may be equal because they lie within the same step, which is no sign of a plateau between them.
"""

import numpy as np
import numpy.typing as npt

from tunewidgets.surrogate.model import Model
from tunewidgets.surrogate.warp import Warp

FloatArray = npt.NDArray[np.float64]

_MOST_STEPS = 1_000  # from the least value to the greatest; with more, rounding plays no part
_FEWEST = 4  # different values: three always lie nearly whole steps apart, if the steps may be a thousandth
_EXACT = 1e-6  # of the distance from the least to the greatest value, by which they may miss a whole step
_SINGLE = 1e-7  # of the values themselves: what single precision leaves of them
_LARGEST = 1e300  # beyond that sums are no numbers any more


def step_of(values: FloatArray) -> float:
    """Return the largest step by whole multiples of which all values lie apart.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Results, finite.

    Returns
    -------
    float
        0 where there is no such step, or where nothing points to one: none of the values repeats, they are fewer than
        four different ones, or the step would be less than a thousandth of the distance from the least to the greatest.

    Examples
    --------
    >>> step_of(np.array([0.93, 0.95, 0.95, 0.90, 0.88])).__round__(9)
    0.01
    >>> step_of(np.array([0.93, 0.95, 0.95, 0.90, 0.8817]))
    0.0
    """
    distinct = np.unique(values)
    if not _FEWEST <= len(distinct) < len(values):
        return 0.0
    largest = float(np.abs(distinct).max())
    if largest > _LARGEST:
        return 0.0
    span = float(distinct[-1] - distinct[0])
    exact = max(_EXACT, _SINGLE * largest / span)
    places = (distinct - distinct[0]) / span
    counts = np.arange(1.0, _MOST_STEPS + 1.0)  # of steps from the least value to the greatest
    counts = counts[counts * np.diff(places).min() > 0.5]  # noqa: PLR2004 - different values lie steps apart
    for place in places:
        steps = counts * place
        counts = counts[np.abs(steps - np.rint(steps)) <= exact * counts]
    return span / float(counts[0]) if len(counts) else 0.0


def below(warp: Warp, best: float, step: float) -> float:
    """Return what a value must be less than to be rounded to less than the best one: half a step less.

    Parameters
    ----------
    warp : Warp
        The transform to the model's units.
    best : float
        The best value, in the model's units.
    step : float
        In the metric's units; 0 leaves the best value as it is.

    Notes
    -----
    The half step is measured on the side of the best value on which it is shorter: a logarithm may stretch what lies
    beyond the values as far as it likes.
    """
    if not step:
        return best
    raw = float(warp.inverse(np.array([best]))[0])
    lower, upper = np.diff(warp.forward(np.array([raw - step, raw, raw + step]))).tolist()
    return best - 0.5 * float(min(lower, upper))


def likelihoods(model: Model, rows: npt.NDArray[np.intp], values: FloatArray, step: float) -> FloatArray:
    """Return how likely each result is by what the model predicts of it from all others, and rounds.

    Parameters
    ----------
    model : Model
        Of the results.
    rows : ndarray of int of shape (n,)
        Which of the model's points these are.
    values : ndarray of shape (n,)
        The results.
    step : float
        What they are rounded to.

    Returns
    -------
    ndarray of shape (n,)
        The probabilities of lying within half a step of them.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - heavy: imported where first used

    mean, sd = (each[rows] for each in model.posterior.leave_one_out())
    upper, lower = (model.warp.forward(values + half) for half in (0.5 * step, -0.5 * step))
    likely: FloatArray = ndtr((upper - mean) / sd) - ndtr((lower - mean) / sd)
    return likely
