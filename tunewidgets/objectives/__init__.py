"""What can be tuned: something a user has, made into something a trial can run (layer 3)."""

from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.coerce import as_objective
from tunewidgets.objectives.function import FunctionObjective
from tunewidgets.objectives.keras import KerasObjective
from tunewidgets.objectives.sklearn import SklearnObjective
from tunewidgets.objectives.trial import Channel, LegEnd, LiveTrial

__all__ = [
    "Channel", "FunctionObjective", "KerasObjective", "LegEnd", "LiveTrial", "Objective", "SklearnObjective",
    "as_objective",
]  # fmt: skip
