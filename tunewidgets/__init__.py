"""Hyperparameter search in a notebook cell: in the background, with a live dashboard that says why.

>>> import tunewidgets as tw
>>> space = tw.Space(rate=tw.Float(1e-4, 1e-1, sampling="log"), units=tw.Int(32, 512, step=32))
>>> search = tw.tune(objective, space, direction="max", trials=60, workers=2)
"""

from tunewidgets.comparison import Comparison, compare
from tunewidgets.errors import (
    LockedError,
    ObjectiveError,
    PayloadError,
    SearchExists,
    SearchFailed,
    SearchNotFound,
    SpaceError,
    StoreError,
    StrategyError,
    TuneError,
)
from tunewidgets.extension import load_ipython_extension
from tunewidgets.figures.own import card
from tunewidgets.finding import attach, searches
from tunewidgets.objectives import FunctionObjective, KerasObjective, LiveTrial, Objective, SklearnObjective
from tunewidgets.objectives.space_of import space_of
from tunewidgets.samplers import (
    CMAES,
    GP,
    NSGA2,
    TPE,
    Evolution,
    Genetic,
    Grid,
    KerasTunerOracle,
    OptunaSampler,
    Random,
    Sobol,
)
from tunewidgets.schedules import (
    ASHA,
    Full,
    Hyperband,
    MedianStopping,
    NoImprovement,
    Patience,
    SuccessiveHalving,
    Target,
    TotalBudget,
)
from tunewidgets.search import Search
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space
from tunewidgets.tuning import tune
from tunewidgets.warm_start import Earlier

__version__ = "0.1.0"

__all__ = [
    "ASHA",
    "CMAES",
    "GP",
    "NSGA2",
    "TPE",
    "Boolean",
    "Choice",
    "Comparison",
    "Earlier",
    "Evolution",
    "Fixed",
    "Float",
    "Full",
    "FunctionObjective",
    "Genetic",
    "Grid",
    "Hyperband",
    "Int",
    "KerasObjective",
    "KerasTunerOracle",
    "LiveTrial",
    "LockedError",
    "MedianStopping",
    "NoImprovement",
    "Objective",
    "ObjectiveError",
    "OptunaSampler",
    "Patience",
    "PayloadError",
    "Random",
    "Search",
    "SearchExists",
    "SearchFailed",
    "SearchNotFound",
    "SklearnObjective",
    "Sobol",
    "Space",
    "SpaceError",
    "StoreError",
    "StrategyError",
    "SuccessiveHalving",
    "Target",
    "TotalBudget",
    "TuneError",
    "attach",
    "card",
    "compare",
    "load_ipython_extension",
    "searches",
    "space_of",
    "tune",
]
