"""What each parameter does to the objective, all others averaged over: partial dependence, from the surrogate."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.landscape import Axis, axis_of, made_active, varying
from tunewidgets.analysis.surrogate import Predicted, Surrogate
from tunewidgets.samplers.threads import one_thread

FloatArray = npt.NDArray[np.float64]

_ALONG = 17  # places along an axis
_OTHERS = 32  # configurations of the other parameters that are averaged over; a power of two, as Sobol's sequence wants
_DRAWS = 100
_BAND = (0.16, 0.5, 0.84)
_SEED = 20_011  # of what is averaged over: the same for every look at a search, so that only results move the curves


@dataclass(frozen=True, slots=True)
class Effect:
    """What one parameter does.

    Attributes
    ----------
    axis : Axis
        Its values.
    predicted : Predicted
        The partial dependence at each, with the band of 68 % in which the surrogate believes it to lie; shape (n,).
    span : float
        How far it reaches, from its lowest to its highest median.
    """

    axis: Axis
    predicted: Predicted
    span: float


def effects(surrogate: Surrogate) -> tuple[Effect, ...]:
    """Return the partial dependence of every parameter that varies, the one that reaches furthest first.

    Of a function f drawn from the surrogate, the partial dependence on a parameter x is the mean of f(x, z) over
    configurations z of the others, spread evenly over the space; where x is active under a condition, over those in
    which it is. The median and the band are those of 100 draws, so the band says how sure the surrogate is of the curve
    itself, and not how much single configurations differ.

    Parameters
    ----------
    surrogate : Surrogate
        What is asked.

    Returns
    -------
    tuple of Effect

    References
    ----------
    Friedman: Greedy function approximation: a gradient boosting machine, Annals of Statistics 29(5), 2001, section 8.2.
    """
    with one_thread():
        found = [_effect(surrogate, name) for name in varying(surrogate.space)]
    return tuple(sorted(found, key=lambda effect: -effect.span))


def _effect(surrogate: Surrogate, name: str) -> Effect:
    space, rng = surrogate.space, np.random.default_rng(_SEED)
    axis = axis_of(name, space[name], _ALONG)
    column = list(space).index(name)
    others = made_active(space, surrogate.cube.spread(_OTHERS, rng), name)
    places = np.tile(others, (len(axis.values), 1))
    places[:, column] = np.repeat([space[name].to_unit(value) for value in axis.values], _OTHERS)
    drawn = surrogate.draws(surrogate.cube.snap(places), rng, _DRAWS)
    curves = drawn.reshape(_DRAWS, len(axis.values), _OTHERS).mean(axis=2)
    low, median, high = np.quantile(curves, _BAND, axis=0)
    return Effect(axis, Predicted(median, low, high), float(median.max() - median.min()))
