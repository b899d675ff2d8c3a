"""Samplers: what to try next (layer 3). One file each; `sampler_from_json` finds them by name."""

from collections.abc import Callable, Mapping
from typing import Any

from tunewidgets.errors import StrategyError
from tunewidgets.samplers.adapters import KerasTunerOracle, OptunaSampler
from tunewidgets.samplers.base import Proposer, Sampler, Suggestion, Tried, config_key, generator_for, trial_seed
from tunewidgets.samplers.cmaes import CMAES
from tunewidgets.samplers.evolution import Evolution
from tunewidgets.samplers.genetic import Genetic
from tunewidgets.samplers.gp import GP
from tunewidgets.samplers.grid import Grid
from tunewidgets.samplers.nsga2 import NSGA2
from tunewidgets.samplers.random import Random
from tunewidgets.samplers.sobol import Sobol
from tunewidgets.samplers.tpe import TPE

SAMPLERS: Mapping[str, Callable[..., Sampler]] = {
    "gp": GP,
    "tpe": TPE,
    "evolution": Evolution,
    "genetic": Genetic,
    "nsga2": NSGA2,
    "cmaes": CMAES,
    "random": Random,
    "grid": Grid,
    "sobol": Sobol,
    "optuna": OptunaSampler,
    "keras_tuner": KerasTunerOracle,
}

__all__ = [
    "CMAES",
    "GP",
    "NSGA2",
    "SAMPLERS",
    "TPE",
    "Evolution",
    "Genetic",
    "Grid",
    "KerasTunerOracle",
    "OptunaSampler",
    "Proposer",
    "Random",
    "Sampler",
    "Sobol",
    "Suggestion",
    "Tried",
    "config_key",
    "generator_for",
    "sampler_from_json",
    "trial_seed",
]


def sampler_from_json(data: Mapping[str, Any]) -> Sampler:
    """Return the sampler that `to_json` wrote.

    Raises
    ------
    StrategyError
        If there is no sampler of that name.
    """
    settings = dict(data)
    name = settings.pop("name", None)
    if name not in SAMPLERS:
        raise StrategyError(f"sampler must be one of {', '.join(map(repr, SAMPLERS))}, not {name!r}")
    return SAMPLERS[name](**settings)
