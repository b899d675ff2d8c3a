"""Learning curves: how every trial's value changed as it trained."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from tunewidgets.analysis.brackets import known_ladders
from tunewidgets.analysis.trials import unit
from tunewidgets.history import Direction, History, Plan, Reported, TrialState, infer_direction, is_finite

MOST_POINTS = 2000
"""So many points a browser redraws several times a second."""

_COMPARED = ("rung", "asha")
"""The kinds of reasons that name a rung."""

_TELLING = 500
"""So many trials are asked which metrics they have reported."""

_FEWEST_STEPS = 12
"""A curve is thinned to no fewer points than this; beyond that whole curves are left out."""


class Curve(NamedTuple):
    """One trial's reports.

    Attributes
    ----------
    trial : int
        The trial's number.
    state : str
        Its state.
    steps : tuple of int
        Ascending, counted from 1.
    values : tuple of (float or None)
        The value at each of them; None where it was not finite.
    """

    trial: int
    state: TrialState
    steps: tuple[int, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """The learning curves.

    Attributes
    ----------
    metric, direction, unit : str
        What the values are, which of them are better (None where nobody knows), and what one unit of the budget is
        called.
    curves : tuple of Curve
        By trial number: all of them, or the incumbent's, the running ones, the newest and an even sample of the rest.
    total : int
        How many trials have reported.
    longest : int
        The furthest step of any trial, left out ones too.
    rungs : tuple of int
        The budgets below the largest at which trials are compared, ascending.
    incumbent : int or None
        The incumbent's number.
    """

    metric: str
    direction: Direction | None
    unit: str
    curves: tuple[Curve, ...]
    total: int
    longest: int
    rungs: tuple[int, ...]
    incumbent: int | None


def learning_curves(
    history: History, plan: Plan | None = None, *, metric: str | None = None, most_points: int = MOST_POINTS
) -> Curves:
    """Collect the learning curves.

    Parameters
    ----------
    history : History
        What has happened.
    plan : Plan or None
        Tells the rungs before a trial has come to them.
    metric : str, optional
        Another one that was reported, in place of the search's.
    most_points : int
        About how many points to return in all. Where there are more reports, each curve keeps its first, its last,
        those at rungs and a sample of the others, denser at the beginning; where that does not suffice, whole curves
        are left out.

    Returns
    -------
    Curves
        Costs time proportional to the number of trials, and to the points returned.

    Examples
    --------
    >>> learning_curves(History()).total
    0
    """
    reporting = [number for number, trial in history.trials.items() if trial.step]
    longest = max((history.trials[number].step for number in reporting), default=0)
    incumbent = history.incumbent.number if history.incumbent else None
    chosen = _choose(history, reporting, incumbent, most_points)
    each = _allowance([history.trials[number].step for number in chosen], most_points)
    rungs = rung_budgets(history, plan)
    own = metric in (None, history.goal.metric)
    return Curves(
        metric=history.goal.metric if metric is None else metric,
        direction=_direction(history, metric or history.goal.metric),
        unit=unit(history),
        curves=tuple(_curve(history, number, (each, rungs), None if own else metric) for number in chosen),
        total=len(reporting),
        longest=longest,
        rungs=rungs,
        incumbent=incumbent,
    )


def rung_budgets(history: History, plan: Plan | None = None) -> tuple[int, ...]:
    """Return the budgets below the largest at which trials are compared, ascending.

    They come from the plan and, for schedules that cannot tell one, from what has happened.
    """
    budgets = {place.budget for place in {leg.place for leg in history.legs.values()}}
    if plan is not None:
        budgets |= {rung.budget for bracket in plan.brackets for rung in bracket}
    lower = sorted(budget for budget in budgets if budget is not None)[:-1]
    # Schedules that stop trials on their way start them at the largest budget: only their reasons tell the rungs.
    judged = {trial.reason.get("budget") for trial in history.trials.values() if trial.reason.get("kind") in _COMPARED}
    known = {budget for ladder in known_ladders(history) for budget in ladder[:-1]}
    return tuple(sorted({*lower, *known, *(budget for budget in judged if isinstance(budget, int))}))


def _choose(history: History, reporting: list[int], incumbent: int | None, most_points: int) -> list[int]:
    cost = {number: min(history.trials[number].step, _FEWEST_STEPS) for number in reporting}
    if sum(cost.values()) <= most_points:
        return reporting
    chosen: dict[int, None] = {}
    left = most_points
    for number in _by_importance(history, reporting, incumbent):
        if number not in chosen and cost[number] <= left:
            chosen[number] = None
            left -= cost[number]
        if left <= 0:
            break
    return sorted(chosen)


def _by_importance(history: History, reporting: list[int], incumbent: int | None) -> Iterable[int]:
    if incumbent is not None and incumbent in history.trials:
        yield incumbent
    yield from (number for number in history.running if history.trials[number].step)
    yield from reporting[-20:]
    yield from evenly(reporting)


def evenly(items: Collection[int]) -> Iterable[int]:
    """Yield all items, such that any beginning of them is spread evenly over the whole: every 2^k-th first."""
    ordered = list(items)
    stride = 1 << max(0, len(ordered) - 1).bit_length()
    seen = -1
    while stride >= 1:
        for index in range(0, len(ordered), stride):
            if seen < 0 or index % seen:
                yield ordered[index]
        seen, stride = stride, stride // 2


def _allowance(lengths: list[int], most_points: int) -> int:
    """Return the largest number of points to which curves can be thinned so that all of them fit."""
    low, high = _FEWEST_STEPS, max([_FEWEST_STEPS, *lengths])
    while low < high:
        middle = (low + high + 1) // 2
        fits = sum(min(length, middle) for length in lengths) <= most_points
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def reported_metrics(history: History) -> tuple[str, ...]:
    """Return the metrics that trials have reported, the search's first, the others by name.

    Of very many trials some tell, spread evenly over all.
    """
    asked = islice(evenly(history.trials), _TELLING)
    found = {name for number in asked for report in history.reports(number)[:1] for name in report.metrics}
    return (history.goal.metric, *sorted(found - {history.goal.metric}))


def _direction(history: History, metric: str) -> Direction | None:
    goals = history.opened.goals if history.opened else ()
    known = {goal.metric: goal.direction for goal in goals}
    return known[metric] if metric in known else infer_direction(metric)


def _curve(history: History, number: int, thinning: tuple[int, Collection[int]], metric: str | None) -> Curve:
    reports = _thinned(history.reports(number), *thinning)
    found = (report.value if metric is None else report.metrics.get(metric) for report in reports)
    values = tuple(value if is_finite(value) else None for value in found)
    return Curve(number, history.trials[number].state, tuple(report.step for report in reports), values)


def _thinned(reports: list[Reported], most: int, rungs: Collection[int]) -> list[Reported]:
    if len(reports) <= most:
        return reports
    half, last = most // 2, len(reports) - 1
    kept = {round(index * last / (half - 1)) for index in range(half)}
    kept |= {round((last + 1) ** (index / half)) - 1 for index in range(half)}  # curves bend most at their beginning
    kept |= {index for index, report in enumerate(reports) if report.step in rungs}
    return [reports[index] for index in sorted(kept)]
