"""Bounds: what a trial reported beside its value, and which constraints it breaks."""

from collections.abc import Mapping

from tunewidgets.history import Goal, History, Trial, is_finite
from tunewidgets.history.words import number


def metrics_at_value(history: History, trial: Trial) -> Mapping[str, float]:
    """Return the metrics of the report that gives a trial its value; empty where it has none."""
    step = trial.value_step
    report = next((each for each in history.reports(trial.number) if each.step == step), None) if step else None
    return {} if report is None else report.metrics


def goal_named(history: History, metric: str | None) -> Goal:
    """Return the goal of that metric; the first one where there is none of it."""
    goals = history.opened.goals if history.opened else ()
    return next((goal for goal in goals if goal.metric == metric), history.goal)


def value_of_goal(history: History, trial: Trial, goal: Goal) -> float | None:
    """Return a trial's value of a goal: that of another than the first stands in the report that gives the first's."""
    value = trial.value if goal.metric == history.goal.metric else metrics_at_value(history, trial).get(goal.metric)
    return value if is_finite(value) else None


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
