"""The tables that a search gives as pandas DataFrames."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tunewidgets.analysis.bounds import metrics_at_value
from tunewidgets.history import History, Leg, Trial, sentence, suggestion_sentence

if TYPE_CHECKING:
    import pandas as pd

_FAULTS = ("error", "crash", "timeout", "memory", "value", "lost")


def trials_frame(history: History) -> "pd.DataFrame":
    """Return one row a trial; columns as `Search.trials` says."""
    import pandas as pd  # noqa: PLC0415 - heavy: imported where first used

    unit = history.opened.unit if history.opened else "step"
    legs: dict[int, list[Leg]] = {}
    for leg in history.legs.values():
        legs.setdefault(leg.trial, []).append(leg)
    further = _further(history)
    rows = [
        _trial_row(trial, legs[trial.number], unit) | _metrics(history, trial, further)
        for trial in history.trials.values()
    ]
    frame = pd.DataFrame(rows, columns=[*_COLUMNS[:3], *further, *_COLUMNS[3:], *_parameters(history)])
    for name in ("started", "ended"):
        frame[name] = pd.to_datetime(frame[name], unit="s", utc=True)
    return frame


_COLUMNS = ("number", "state", "value", "budget", "bracket", "rung", "started", "ended", "reason", "suggested", "error")


def _further(history: History) -> list[str]:
    """Return the metrics that are looked at besides the first goal: the other goals, and what has a bound."""
    if history.opened is None:
        return []
    metrics = [goal.metric for goal in history.opened.goals] + [each.metric for each in history.opened.constraints]
    return [name for name in dict.fromkeys(metrics) if name != history.goal.metric and name not in _COLUMNS]


def _metrics(history: History, trial: Trial, names: list[str]) -> dict[str, float]:
    """Return those metrics as they stood where the trial gave its value."""
    found = metrics_at_value(history, trial) if names else {}
    return {name: found[name] for name in names if name in found}


def _parameters(history: History) -> list[str]:
    names = dict.fromkeys(history.space)
    for trial in history.trials.values():
        names.update(dict.fromkeys(trial.config))
    return [f"param_{name}" for name in names]


def _trial_row(trial: Trial, legs: list[Leg], unit: str) -> dict[str, Any]:
    reason = sentence(trial.reason, unit)
    failed = trial.state == "failed"
    return {
        "number": trial.number,
        "state": trial.state,
        "value": trial.value,
        "budget": trial.step or None,
        "bracket": trial.place.bracket,
        "rung": trial.place.rung,
        "started": legs[0].started,
        "ended": legs[-1].ended,
        "reason": reason,
        "suggested": suggestion_sentence(trial, unit),
        "error": reason if failed and trial.reason.get("kind") in _FAULTS else None,
        **{f"param_{name}": value for name, value in trial.config.items()},
    }


def reports_frame(history: History) -> "pd.DataFrame":
    """Return one row a report; columns as `Search.reports` says."""
    import pandas as pd  # noqa: PLC0415 - heavy: imported where first used

    rows = list(_report_rows(history))
    metrics = dict.fromkeys(name for row in rows for name in row)
    fixed = ("trial", "attempt", "step", "value")
    return pd.DataFrame(rows, columns=[*fixed, *(name for name in metrics if name not in fixed)])


def _report_rows(history: History) -> Iterable[dict[str, Any]]:
    for number in history.trials:
        for report in history.reports(number):
            row = {"trial": number, "attempt": report.attempt, "step": report.step, "value": report.value}
            yield {**report.metrics, **row}
