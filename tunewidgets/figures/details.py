"""What is told of one trial when it is pointed at, chosen or opened."""

import math
from collections.abc import Mapping
from typing import Any

from tunewidgets.analysis.bounds import broken_bounds, value_of_goal
from tunewidgets.analysis.front import best_numbers
from tunewidgets.analysis.trials import trained, unit
from tunewidgets.history import History, Leg, Trial, sentence, suggestion_sentence

_WISHES = {None: "", False: "skip", True: "kill"}


def details(history: History, trial: int) -> dict[str, Any]:
    """Tell everything about a trial, as data that can be written as strict JSON.

    Parameters
    ----------
    history : History
        What has happened.
    trial : int
        The trial's number.

    Returns
    -------
    dict
        ``number, state, value, value_step, last, step``, ``budget`` (how far it has trained), ``bracket, rung, target``
        (the budget of its newest leg), ``attempt, losses, origin``, ``config``, ``reason`` and ``suggested`` (sentences
        without a full stop: why it is in its state, why it was tried), ``stopping`` ("skip" or "kill" where the user
        wants it stopped, else ""), ``again`` (whether it waits to be run again), ``metrics`` (of its newest report),
        ``started, seconds``, ``steps, values`` (its reports), ``goals`` (of several, each one's ``metric`` and
        ``value``; else empty), ``legs``, ``incumbent`` (whether it is), ``front`` (whether it is among the best
        trade-offs of several goals) and ``broken`` (a sentence on the constraints that it
        breaks), with ``metric, direction, unit``. A number that is not finite is None.

    Raises
    ------
    KeyError
        If there is no such trial.
    """
    found = history.trials.get(trial)
    if found is None:
        raise KeyError(f"there is no trial {trial}; there are {len(history.trials)}, counted from 0")
    told = _standing(history, found) | _record(history, found)
    return {name: plain_data(value) for name, value in told.items()}


def _standing(history: History, trial: Trial) -> dict[str, Any]:
    best = history.incumbent
    return {
        "number": trial.number,
        "state": trial.state,
        "value": trial.value,
        "value_step": trial.value_step,
        "last": trial.last,
        "step": trial.step,
        "budget": trained(trial),
        "bracket": trial.place.bracket,
        "rung": trial.place.rung,
        "target": trial.place.budget,
        "attempt": trial.attempt,
        "losses": trial.losses,
        "origin": trial.origin,
        "config": trial.config,
        "reason": sentence(trial.reason, unit(history)),
        "suggested": suggestion_sentence(trial, unit(history)),
        "stopping": _WISHES[history.to_stop.get(trial.number)],
        "again": trial.number in history.to_retry,
        "incumbent": best is not None and best.number == trial.number,
        "front": _several(history) and trial.number in best_numbers(history),
        "broken": broken_bounds(history, trial),
    }


def _several(history: History) -> bool:
    return history.opened is not None and len(history.opened.goals) > 1


def _record(history: History, trial: Trial) -> dict[str, Any]:
    reports = history.reports(trial.number)
    attempts = (history.legs.get((trial.number, attempt)) for attempt in range(1, trial.attempt + 1))
    legs = [leg for leg in attempts if leg is not None]
    spans = [max(0.0, leg.ended - leg.started) for leg in legs if leg.ended is not None]
    return {
        "metric": history.goal.metric,
        "direction": history.direction,
        "unit": unit(history),
        "metrics": reports[-1].metrics if reports else {},
        "goals": _goals(history, trial),
        "steps": [report.step for report in reports],
        "values": [report.value for report in reports],
        "started": legs[0].started if legs else None,
        "seconds": sum(spans) if spans else None,
        "legs": [_leg(leg) for leg in legs],
    }


def _goals(history: History, trial: Trial) -> list[dict[str, Any]]:
    """Return what the trial has of each of several goals, all from the report that gives its value."""
    goals = history.opened.goals if history.opened and _several(history) else ()
    return [{"metric": goal.metric, "value": value_of_goal(history, trial, goal)} for goal in goals]


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "attempt": leg.attempt,
        "bracket": leg.place.bracket,
        "rung": leg.place.rung,
        "budget": leg.place.budget,
        "why": leg.why,
        "started": leg.started,
        "ended": leg.ended,
        "outcome": leg.outcome,
    }


def plain_data(value: Any) -> Any:
    """Return a value as strict JSON can hold it: numbers that are not finite become None, unknown types their text."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:  # a numpy scalar that an objective left behind
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain_data(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(part) for part in value]
    return str(value)
