"""Mutation: one configuration, a little changed; valid whatever hangs on what was changed."""

import math
from typing import Any

import numpy as np

from tunewidgets.history import Config
from tunewidgets.samplers.untried import index_of, tunable, value_at
from tunewidgets.space import Choice, Parameter, Space
from tunewidgets.space.numeric import Number

STEP = 0.2
"""The standard deviation of a numeric mutation, as a share of the parameter's scale."""

_NEIGHBOUR = 0.75  # how often the mutation of an ordered choice goes to a value next to the old one


def mutate(space: Space, config: Config, rng: np.random.Generator, step: float = STEP) -> dict[str, Any]:
    """Return a configuration in which one active parameter has another value.

    Parameters
    ----------
    space : Space
        The space; `config` is one of its configurations.
    config : mapping
        The parent.
    rng : numpy.random.Generator
        Chooses the parameter, each of those that have several values with the same chance, and its value.
    step : float
        The standard deviation of a numeric step, as a share of the parameter's own scale.

    Returns
    -------
    dict
        Valid: parameters that the change makes active are drawn at random, those that it makes inactive are gone. The
        parent itself where there is nothing to change.
    """
    names = tunable(space, config)
    if not names:
        return dict(config)
    name = names[int(rng.integers(len(names)))]
    return complete(space, {**config, name: mutate_value(space[name], config[name], rng, step)}, rng)


def mutate_each(
    space: Space, config: Config, rng: np.random.Generator, *, rate: float | None, least: int, step: float = STEP
) -> dict[str, Any]:
    """Return a configuration in which each active parameter was mutated with the same chance.

    Parameters
    ----------
    space, config, rng, step
        As for `mutate`.
    rate : float or None
        The chance of each parameter that has several values; None: 1 / (number of them).
    least : int
        Mutate so many if chance chose fewer.
    """
    names = tunable(space, config)
    chance = 1.0 / max(1, len(names)) if rate is None else rate
    chosen = [name for name, draw in zip(names, rng.random(len(names)).tolist(), strict=True) if draw < chance]
    child = dict(config)
    for name in chosen:
        if name in child:  # an earlier mutation may have switched it off
            child = complete(space, {**child, name: mutate_value(space[name], child[name], rng, step)}, rng)
    for _ in range(least - len(chosen)):
        child = mutate(space, child, rng, step)
    return child


def mutate_value(parameter: Parameter, value: Any, rng: np.random.Generator, step: float = STEP) -> Any:
    """Return another value of a parameter that has several.

    Numbers take a Gaussian step on their scale, reflected at its ends, of at least one level; the mutation of an
    ordered choice is usually a neighbour; of the other choices each is as likely.
    """
    if isinstance(parameter, Number):
        return _stepped(parameter, value, rng, step)
    index, size = index_of(parameter, value), int(parameter.size)
    if isinstance(parameter, Choice) and parameter.ordered and rng.random() < _NEIGHBOUR:
        return value_at(parameter, _beside(index, size, rng.random() < 0.5))  # noqa: PLR2004 - up or down
    return value_at(parameter, (index + 1 + int(rng.integers(size - 1))) % size)


def complete(space: Space, values: Config, rng: np.random.Generator) -> dict[str, Any]:
    """Return the configuration that has these values: what is not active goes, what is active and missing is drawn."""
    config = dict(values)
    while True:
        active = space.active(config)
        missing = [name for name in active if name not in config]
        if not missing:
            return {name: config[name] for name in active}
        # A child that was active under another parent's value may stand among the values: it keeps its own.
        config.update({name: space[name].sample(rng) for name in missing})


def reflect(unit: float) -> float:
    """Return a number folded back into [0, 1] at both ends."""
    folded = math.fmod(abs(unit), 2.0)
    return 2.0 - folded if folded > 1.0 else folded


def _stepped(parameter: Number, value: Any, rng: np.random.Generator, step: float) -> Any:
    shift = step * float(rng.standard_normal())
    moved = parameter.from_unit(reflect(parameter.to_unit(value) + shift))
    if moved != value:
        return moved
    if math.isinf(parameter.size):  # a step that is lost in rounding
        return parameter.sample(rng)
    return value_at(parameter, _beside(index_of(parameter, value), int(parameter.size), shift > 0.0))


def _beside(index: int, size: int, up: bool) -> int:  # noqa: FBT001 - a direction
    beside = index + 1 if up else index - 1
    return beside if 0 <= beside < size else 2 * index - beside
