"""Trials: how good every one of them is, and how the best value improved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tunewidgets.analysis.bounds import goal_named, value_of_goal
from tunewidgets.history import Direction, Goal, History, Plan, Trial, TrialState, better

_OPEN_ENDED = 2**62
"""A trial that trained until its objective returned has 'reached' a number above this one: it is no amount."""

_AT_REST = frozenset({"paused", "completed", "pruned"})


class TrialPoint(NamedTuple):
    """One trial.

    Attributes
    ----------
    number : int
        The trial's number.
    value : float or None
        Its value of the goal by the search's rule, always finite; None where it has none.
    state : str
        Its state.
    budget : int
        How far it has trained, in the objective's unit; 0 before its first report.
    feasible : bool
        Whether it keeps every constraint.
    at : float
        What it is drawn against: its number, or when its newest leg ended, in seconds since the search began.
    """

    number: int
    value: float | None
    state: TrialState
    budget: int
    feasible: bool = True
    at: float = 0.0


class Improvement(NamedTuple):
    """From this trial on the best value is this one; `at` as in `TrialPoint`."""

    number: int
    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Trials:
    """Every trial's value, and the line of the incumbent.

    Attributes
    ----------
    metric, direction, unit : str
        The goal that the values are of, which of them are better, and what one unit of the budget is called.
    points : tuple of TrialPoint
        By number.
    improvements : tuple of Improvement
        By number or time: where, among the trials that have come to rest at the highest budget reached so far and keep
        every constraint, a value is better than those of all before. Of the first goal the last one is as good as the
        incumbent.
    budget : int or None
        That highest budget; None where trials have no budget, or none has come to rest.
    goals : int
        How many goals there are.
    """

    metric: str
    direction: Direction
    unit: str
    points: tuple[TrialPoint, ...]
    improvements: tuple[Improvement, ...]
    budget: int | None
    goals: int = 1


def trial_values(history: History, ends: Mapping[int, float] | None = None, *, metric: str | None = None) -> Trials:
    """Collect every trial's value and state.

    Parameters
    ----------
    history : History
        What has happened.
    ends : mapping of int to float, optional
        When each trial's newest leg ended: then trials are drawn against time, and not by number.
    metric : str, optional
        Of which goal; the first one unless given.

    Returns
    -------
    Trials
        Costs time proportional to the number of trials.

    Examples
    --------
    >>> trial_values(History()).points
    ()
    """
    at = ends if ends is not None else {number: float(number) for number in history.trials}
    goal = goal_named(history, metric)
    points = tuple(
        TrialPoint(t.number, value_of_goal(history, t, goal), t.state, trained(t), history.is_feasible(t), at[t.number])
        for t in history.trials.values()
    )
    highest = highest_budget(history)
    return Trials(
        metric=goal.metric,
        direction=goal.direction,
        unit=unit(history),
        points=points,
        improvements=_improvements(history, goal, points),
        budget=highest if 0 < highest < _OPEN_ENDED else None,
        goals=len(history.opened.goals) if history.opened else 1,
    )


def unit(history: History, plan: Plan | None = None) -> str:
    """Return what one unit of the budget is called; before a search is opened its plan knows."""
    if history.opened is not None:
        return history.opened.unit
    return plan.unit if plan else "step"


def trained(trial: Trial) -> int:
    """Return how far a trial has trained: its furthest report, or the budget at which it came to rest."""
    return max(trial.step, trial.reached) if trial.reached < _OPEN_ENDED else trial.step


def highest_budget(history: History) -> int:
    """Return the largest budget at which a trial with a value has come to rest; 0 before the first."""
    best = history.incumbent
    return best.reached if best is not None else 0


def is_compared(history: History, trial: Trial) -> bool:
    """Whether a trial has come to rest at the highest budget reached, and keeps every constraint.

    A leg under way, or one that broke off, may have values from beyond the budget that is compared there.
    """
    best = history.incumbent
    if best is None or trial.reached != best.reached:
        return False
    return (trial.state in _AT_REST or trial.number == best.number) and history.is_feasible(trial)


def _improvements(history: History, goal: Goal, points: Sequence[TrialPoint]) -> tuple[Improvement, ...]:
    found: list[Improvement] = []
    best: float | None = None
    for point in sorted(points, key=lambda each: each.at):
        # Few are better than all before, so that this is asked first.
        if point.value is None or not better(point.value, best, goal.direction):
            continue
        if is_compared(history, history.trials[point.number]):
            best = point.value
            found.append(Improvement(point.number, point.value, point.at))
    return tuple(found)
