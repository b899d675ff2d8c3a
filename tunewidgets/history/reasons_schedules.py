"""Sentences about schedules and rules that stop trials or searches."""

from collections.abc import Callable

from tunewidgets.history.events import Data
from tunewidgets.history.words import amount, number


def _asha(r: Data, unit: str) -> str:
    where = f"rung {r['rung']} ({amount(r['budget'], unit)})"
    value = "no value" if r["value"] is None else number(r["value"])
    ranks = f"{value} ranks {r['rank']} of {r['of']}"
    places = _places(r["places"])
    if r["verdict"] == "reached":
        return f"paused at {where}: {ranks} so far, {places}"
    if r["verdict"] == "passed":
        few = f"{value} is number {r['of']} to come there, too few to prune it"
        return f"passed {where}: " + (f"{ranks} so far, {places}" if r["places"] else few)
    if r["verdict"] == "finalist":
        return f"promoted from {where}: {ranks}, as nothing else is left to start and nobody has come to the top"
    if r["verdict"] == "promoted":
        return f"promoted from {where}: {ranks} so far, {places}"
    return f"pruned at {where}: {ranks}, {places}"


def _places(places: int) -> str:
    if not places:
        return "too few for one to go on"
    return "the best one goes on" if places == 1 else f"the best {places} go on"


def _median(r: Data, unit: str) -> str:
    value = "no value that can be compared" if r["value"] is None else f"{number(r['value'])} at best"
    others = f"{r['of']} {'other' if r['of'] == 1 else 'others'}"
    return f"pruned after {amount(r['step'], unit)}: {value}, and the median of {others} is {number(r['median'])}"


def _patience(r: Data, unit: str) -> str:
    if r["value"] is None:
        return f"done after {amount(r['step'], unit)}: not one value that can be compared"
    best = f"{number(r['value'])} after {amount(r['best'], unit)}"
    return f"done after {amount(r['step'], unit)}: no improvement in {amount(r['steps'], unit)} on {best}"


def _target(r: Data, _unit: str) -> str:
    return f"the target {number(r['target'])} is reached: trial {r['trial']} has {number(r['value'])}"


def _no_improvement(r: Data, _unit: str) -> str:
    trials = amount(r["trials"], "trial")
    if r.get("front"):
        return f"no improvement in {trials}: none of them adds to the {amount(r['front'], 'best trade-off')}"
    if r.get("breaking"):
        return f"{trials} in a row, and none yet that keeps the constraints"
    if r["trial"] is None:
        return f"{trials} in a row without any value"
    return f"no improvement in {trials}: trial {r['trial']} with {number(r['value'])} is still the best"


def _total_budget(r: Data, unit: str) -> str:
    return f"the total budget of {amount(r['budget'], unit)} is spent: {amount(r['spent'], unit)} of training"


SAY: dict[str, Callable[[Data, str], str]] = {
    "asha": _asha,
    "median": _median,
    "patience": _patience,
    "target": _target,
    "no_improvement": _no_improvement,
    "total_budget": _total_budget,
}
