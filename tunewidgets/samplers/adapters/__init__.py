"""Samplers of other libraries as samplers of ours; the libraries are imported when a search begins, and not before."""

from tunewidgets.samplers.adapters.keras_oracle import KerasTunerOracle
from tunewidgets.samplers.adapters.optuna_sampler import OptunaSampler

__all__ = ["KerasTunerOracle", "OptunaSampler"]
