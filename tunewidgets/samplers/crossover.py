"""Crossover: one configuration out of two, in spaces where the two may not have the same parameters active."""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import Config
from tunewidgets.samplers.mutation import complete, reflect
from tunewidgets.space import Parameter, Space
from tunewidgets.space.numeric import Number

How = Literal["uniform", "blend", "sbx"]

ALPHA = 0.5
"""How far beyond the two parents a blended number may lie, as a share of their distance (Eshelman, Schaffer 1993)."""

ETA = 20.0
"""The distribution index of simulated binary crossover: the larger, the nearer to a parent (Deb et al. 2002)."""

_HALF = 0.5


class Crossed(NamedTuple):
    """A child, and where it has its values from.

    Attributes
    ----------
    config : dict
        The child.
    origin : dict of str to int
        0 where the value is the first parent's, 1 where it is the second's; only where the two differ.
    between : tuple of str
        Numbers made out of both parents'.
    """

    config: dict[str, Any]
    origin: dict[str, int]
    between: tuple[str, ...]


def check_how(how: Any) -> None:
    """Refuse a crossover that there is none of.

    Raises
    ------
    StrategyError
        It is none of "uniform", "blend" and "sbx".
    """
    if how not in get_args(How):
        raise StrategyError(f"crossover must be one of {', '.join(map(repr, get_args(How)))}, not {how!r}")


def cross(space: Space, first: Config, second: Config, rng: np.random.Generator, how: How = "uniform") -> Crossed:
    """Return a child of two configurations.

    Parameters
    ----------
    space : Space
        The space; both are configurations of it.
    first, second : mapping
        The parents.
    rng : numpy.random.Generator
        Decides from whom each value comes.
    how : {"uniform", "blend", "sbx"}
        What becomes of numbers that both parents have: one of the two; uniformly drawn between them and a little
        beyond, on the parameter's scale (BLX-0.5); or near one of them (simulated binary crossover), every other one.
        Choices always come from either parent with the same chance.

    Returns
    -------
    Crossed
        The child is valid. A parameter that only one parent has keeps its value where the child has it active; one that
        is active in the child alone is drawn at random.

    References
    ----------
    Eshelman, Schaffer: Real-coded genetic algorithms and interval-schemata, FOGA 2, 1993 (blend). Deb, Agrawal:
    Simulated binary crossover for continuous search space, Complex Systems 9, 1995 (sbx).
    """
    values: dict[str, Any] = {}
    origin: dict[str, int] = {}
    between: list[str] = []
    for name in space:
        parents = [index for index, parent in enumerate((first, second)) if name in parent]
        if not parents:
            continue
        if len(parents) == 2 and first[name] == second[name]:  # noqa: PLR2004 - both have it
            values[name] = first[name]
        elif len(parents) == 2 and _mixes(space[name], rng, how):  # noqa: PLR2004 - both have it
            values[name] = _mixed(space[name], first[name], second[name], rng, how)
            between.append(name)
        else:
            origin[name] = parents[0] if len(parents) == 1 else int(rng.integers(2))
            values[name] = (first, second)[origin[name]][name]
    child = complete(space, values, rng)
    kept = {name: parent for name, parent in origin.items() if name in child}
    return Crossed(child, kept, tuple(name for name in between if name in child))


def _mixes(parameter: Parameter, rng: np.random.Generator, how: How) -> bool:
    if how == "uniform" or not isinstance(parameter, Number):
        return False
    return how == "blend" or rng.random() < _HALF


def _mixed(parameter: Parameter, first: Any, second: Any, rng: np.random.Generator, how: How) -> Any:
    one, two = parameter.to_unit(first), parameter.to_unit(second)
    if how == "blend":
        weight = rng.uniform(-ALPHA, 1.0 + ALPHA)
    else:
        weight = _HALF * (1.0 - _spread(rng.random()))
        weight = 1.0 - weight if rng.random() < _HALF else weight
    return parameter.from_unit(reflect(one + weight * (two - one)))


def _spread(draw: float) -> float:
    """Return by how much two children of simulated binary crossover lie further apart than their parents."""
    power = 1.0 / (ETA + 1.0)
    return float((2.0 * draw) ** power if draw <= _HALF else (0.5 / (1.0 - draw)) ** power)
