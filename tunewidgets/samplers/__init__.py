"""Samplers: what to try next (layer 3). One file each; `sampler_from_json` finds them by name."""

from collections.abc import Mapping
from typing import Any

from tunewidgets.errors import StrategyError
from tunewidgets.samplers.base import Proposer, Sampler, Suggestion, Tried, config_key, generator_for, trial_seed
from tunewidgets.samplers.grid import Grid
from tunewidgets.samplers.random import Random
from tunewidgets.samplers.sobol import Sobol

SAMPLERS: Mapping[str, type[Random | Grid | Sobol]] = {"random": Random, "grid": Grid, "sobol": Sobol}

__all__ = [
    "SAMPLERS",
    "Grid",
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
