"""Front: which trials are beaten by no other where there are several goals, and how the front grew."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.trials import highest_budget, unit
from tunewidgets.history import Goal, History, Trial, is_finite
from tunewidgets.surrogate.pareto import hypervolume, non_dominated

_OPEN_ENDED = 2**62
_AT_REST = frozenset({"paused", "completed", "pruned"})
_MARGIN = 0.1  # the reference point lies beyond the worst values by this share of their range

FloatArray = npt.NDArray[np.float64]


class FrontPoint(NamedTuple):
    """One trial among those that are compared.

    Attributes
    ----------
    number : int
        The trial's number.
    values : tuple of float
        One for each goal, as it was reported.
    feasible : bool
        Whether it keeps every constraint.
    on_front : bool
        Whether it is feasible and nothing feasible dominates it.
    """

    number: int
    values: tuple[float, ...]
    feasible: bool
    on_front: bool


class Growth(NamedTuple):
    """From this trial on the front rules out so much."""

    number: int
    hypervolume: float


@dataclass(frozen=True, slots=True)
class Front:
    """The trials that are compared, and those of them that nothing beats.

    Attributes
    ----------
    goals : tuple of Goal
        What the values are, and which of them are better.
    unit : str
        What one unit of the budget is called.
    budget : int or None
        Where they are compared: the highest budget at which any has come to rest; None where there is no budget, or
        no trial yet.
    points : tuple of FrontPoint
        By number; trials without a finite value of every goal are left out.
    trials : tuple of int
        The front, from the best by the first goal on.
    reference : tuple of float or None
        Where the hypervolume is measured from: beyond the worst feasible value of each goal by a tenth of the range.
        None where there is nothing to measure: one goal alone, or no feasible trial.
    growth : tuple of Growth
        By number: where the hypervolume became larger. The last one is that of the whole front.
    """

    goals: tuple[Goal, ...]
    unit: str
    budget: int | None
    points: tuple[FrontPoint, ...]
    trials: tuple[int, ...]
    reference: tuple[float, ...] | None
    growth: tuple[Growth, ...]


def pareto_front(history: History) -> Front:
    """Find the trials that no other beats in all goals at once.

    Compared are, as for the incumbent, the trials that have come to rest at the highest budget reached, each by the
    values of the report that gives it its value. With one goal the front is the incumbent.

    Parameters
    ----------
    history : History
        What has happened.

    Returns
    -------
    Front
        Costs time proportional to the number of trials times the size of the front, and a hypervolume for each
        improvement.

    Examples
    --------
    >>> pareto_front(History()).trials
    ()
    """
    goals = history.opened.goals if history.opened else ()
    highest = highest_budget(history)
    compared = [(trial, values) for trial in _resting(history, highest) if (values := _values(history, trial, goals))]
    feasible = [history.is_feasible(trial) for trial, _ in compared]
    numbers = [trial.number for (trial, _), fits in zip(compared, feasible, strict=True) if fits]
    costs = _costs([values for (_, values), fits in zip(compared, feasible, strict=True) if fits], goals)
    front = _front(history, numbers, costs)
    points = (
        FrontPoint(trial.number, values, fits, trial.number in front)
        for (trial, values), fits in zip(compared, feasible, strict=True)
    )
    corner = _reference(costs)
    return Front(
        goals=goals,
        unit=unit(history),
        budget=highest if 0 < highest < _OPEN_ENDED else None,
        points=tuple(points),
        trials=tuple(front),
        reference=None if corner is None else tuple((corner * _signs(goals)).tolist()),
        growth=() if corner is None else _growth(numbers, costs, corner),
    )


def trade_offs(history: History) -> tuple[FrontPoint, ...]:
    """Return the trials that no other beats in all goals at once, without measuring them.

    Returns
    -------
    tuple of FrontPoint
        The best by the first goal first; empty where no trial that keeps every constraint has a value of every goal.
        Costs time proportional to the number of trials times the size of the front.

    Examples
    --------
    >>> trade_offs(History())
    ()
    """
    goals = history.opened.goals if history.opened else ()
    fits = [trial for trial in _resting(history, highest_budget(history)) if history.is_feasible(trial)]
    values = {trial.number: found for trial in fits if (found := _values(history, trial, goals))}
    front = _front(history, list(values), _costs(list(values.values()), goals))
    return tuple(FrontPoint(number, values[number], feasible=True, on_front=True) for number in front)


def best_numbers(history: History) -> tuple[int, ...]:
    """Return the numbers of the best trials: the incumbent's, or with several goals those of the trade-offs."""
    if history.opened is not None and len(history.opened.goals) > 1:
        return tuple(point.number for point in trade_offs(history))
    return (history.incumbent.number,) if history.incumbent else ()


def _resting(history: History, highest: int) -> list[Trial]:
    """Return the trials that are compared; a leg under way may have values from beyond the budget."""
    best = history.incumbent
    return [
        trial
        for trial in history.trials.values()
        if trial.reached == highest > 0
        and (trial.state in _AT_REST or (best is not None and trial.number == best.number))
    ]


def _values(history: History, trial: Trial, goals: Sequence[Goal]) -> tuple[float, ...]:
    """Return a trial's values as they were reported, nothing where one of them cannot be compared."""
    if len(goals) == 1:
        values = [trial.value]
    else:
        report = next((each for each in history.reports(trial.number) if each.step == trial.value_step), None)
        values = [trial.value, *(report.metrics.get(goal.metric) for goal in goals[1:])] if report else [None]
    return tuple(float(value) for value in values if value is not None) if all(map(is_finite, values)) else ()


def _signs(goals: Sequence[Goal]) -> FloatArray:
    return np.array([1.0 if goal.direction == "min" else -1.0 for goal in goals])


def _costs(values: Sequence[tuple[float, ...]], goals: Sequence[Goal]) -> FloatArray:
    """Return the values with their directions taken out: smaller is better."""
    return np.array(values, dtype=np.float64).reshape(len(values), len(goals)) * _signs(goals)


def _front(history: History, numbers: Sequence[int], costs: FloatArray) -> dict[int, None]:
    """Return the numbers on the front, from the best by the first goal on."""
    if not numbers:
        return {}
    if costs.shape[1] == 1:
        # Of equal ones the incumbent was first to come to rest.
        return {history.incumbent.number: None} if history.incumbent else {}
    kept = np.flatnonzero(non_dominated(costs))
    return dict.fromkeys(numbers[index] for index in kept[np.lexsort((kept, costs[kept, 0]))])


def _reference(costs: FloatArray) -> FloatArray | None:
    if not len(costs) or costs.shape[1] == 1:
        return None
    worst = costs.max(axis=0)
    width = worst - costs.min(axis=0)
    # Where all agree in a goal, whatever lies beyond it will do.
    return np.asarray(worst + _MARGIN * np.where(width > 0.0, width, np.maximum(np.abs(worst), 1.0)))


def _growth(numbers: Sequence[int], costs: FloatArray, corner: FloatArray) -> tuple[Growth, ...]:
    found: list[Growth] = []
    front = np.empty((0, costs.shape[1]))
    volume = -math.inf
    for number, cost in zip(numbers, costs, strict=True):
        if np.any(np.all(front <= cost, axis=1)):
            continue
        front = np.vstack((front[~np.all(cost <= front, axis=1)], cost))
        volume = max(volume, hypervolume(front, corner))
        found.append(Growth(number, volume))
    return tuple(found)
