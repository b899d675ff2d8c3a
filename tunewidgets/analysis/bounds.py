"""Bounds: what a trial reported beside its value, and which constraints it breaks."""

from collections.abc import Mapping

from tunewidgets.history import History, Trial
from tunewidgets.history.words import number


def metrics_at_value(history: History, trial: Trial) -> Mapping[str, float]:
    """Return the metrics of the report that gives a trial its value; empty where it has none."""
    step = trial.value_step
    report = next((each for each in history.reports(trial.number) if each.step == step), None) if step else None
    return {} if report is None else report.metrics


def broken_bounds(history: History, trial: Trial) -> str:
    """Say which constraints a trial breaks.

    Returns
    -------
    str
        Such as ``'latency 17.9 is above its bound 15'``, without a full stop; empty where it keeps all of them, where
        there are none, and as long as it has no value.
    """
    constraints = history.opened.constraints if history.opened else ()
    if not constraints or trial.value is None or history.is_feasible(trial):
        return ""
    found = {history.goal.metric: trial.value, **metrics_at_value(history, trial)}
    broken = [each for each in constraints if not found.get(each.metric, float("inf")) <= each.bound]
    return " and ".join(
        f"{each.metric} {number(found[each.metric])} is above its bound {number(each.bound)}"
        if each.metric in found
        else f"{each.metric}, which has a bound, was not reported"
        for each in broken
    )
