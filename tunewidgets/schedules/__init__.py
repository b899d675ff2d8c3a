"""Schedules: how long to train what (layer 3). One file each; `schedule_from_json` finds them by name."""

from collections.abc import Mapping
from typing import Any

from tunewidgets.errors import StrategyError
from tunewidgets.schedules.asha import ASHA
from tunewidgets.schedules.base import BaseLadder, Ladder, Schedule
from tunewidgets.schedules.full import Full
from tunewidgets.schedules.hyperband import Hyperband
from tunewidgets.schedules.median import MedianStopping
from tunewidgets.schedules.patience import Patience
from tunewidgets.schedules.stopping import (
    STOP_RULES,
    NoImprovement,
    StopRule,
    Target,
    TotalBudget,
    Watch,
    stopping_from_json,
)
from tunewidgets.schedules.successive_halving import SuccessiveHalving

SCHEDULES: Mapping[str, type[Full | Hyperband | SuccessiveHalving | ASHA | MedianStopping | Patience]] = {
    "full": Full,
    "successive_halving": SuccessiveHalving,
    "hyperband": Hyperband,
    "asha": ASHA,
    "median": MedianStopping,
    "patience": Patience,
}

__all__ = [
    "ASHA",
    "SCHEDULES",
    "STOP_RULES",
    "BaseLadder",
    "Full",
    "Hyperband",
    "Ladder",
    "MedianStopping",
    "NoImprovement",
    "Patience",
    "Schedule",
    "StopRule",
    "SuccessiveHalving",
    "Target",
    "TotalBudget",
    "Watch",
    "schedule_from_json",
    "stopping_from_json",
]


def schedule_from_json(data: Mapping[str, Any]) -> Schedule:
    """Return the schedule that `to_json` wrote.

    Raises
    ------
    StrategyError
        If there is no schedule of that name.
    """
    settings = dict(data)
    name = settings.pop("name", None)
    if name not in SCHEDULES:
        raise StrategyError(f"schedule must be one of {', '.join(map(repr, SCHEDULES))}, not {name!r}")
    return SCHEDULES[name](**settings)
