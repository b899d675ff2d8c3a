"""Parallel: every trial as a line across axes, one for each parameter and each goal."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.bounds import metrics_at_value
from tunewidgets.analysis.trials import highest_budget, unit
from tunewidgets.history import Goal, History, Trial, is_finite
from tunewidgets.space import Parameter, Space

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Kind = Literal["number", "integer", "category"]
Which = Literal["all", "with a value", "highest budget"]

_OPEN_ENDED = 2**62
_NUMBERS = frozenset({int, float})
_SIMPLE = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Axis:
    """What one axis measures.

    Attributes
    ----------
    name : str
        The parameter's name, or the goal's metric; where a parameter has the same name, "<metric> (goal)".
    kind : str
        "number", "integer" or "category".
    log : bool
        Whether the parameter is searched on a logarithmic scale; False for goals.
    low, high : float
        The ends: a parameter's range and whatever lies outside it, a goal's smallest and largest value. Of categories
        the first and the last index. NaN where a goal has no value yet.
    categories : tuple
        The values of a "category", in their order; empty for numbers.
    goal : Goal or None
        None for a parameter.
    """

    name: str
    kind: Kind
    log: bool
    low: float
    high: float
    categories: tuple[Any, ...] = ()
    goal: Goal | None = None


@dataclass(frozen=True, slots=True)
class Parallel:
    """Trials as lines.

    Attributes
    ----------
    axes : tuple of Axis
        The parameters in the order of the space, a conditional one behind its parent, older ones after them, then the
        goals; a parameter of which there is
        one value alone says nothing and is left out.
    numbers : array of int, shape (n,)
        The trials, ascending.
    values : array of float, shape (n, axes)
        Where each trial crosses each axis, a category as its index; NaN where it does not: the parameter is inactive,
        or there is no value.
    budget : int or None
        The highest budget reached, where only its trials are taken and there is one.
    unit : str
        What one unit of the budget is called.
    """

    axes: tuple[Axis, ...]
    numbers: IntArray
    values: FloatArray
    budget: int | None
    unit: str


def parallel_lines(history: History, which: Which = "all") -> Parallel:
    """Collect the trials as lines.

    Parameters
    ----------
    history : History
        What has happened.
    which : {"all", "with a value", "highest budget"}
        All trials; those that have a value of the first goal; or those among them that have come to rest at the highest
        budget reached, which alone can be compared with the incumbent.

    Returns
    -------
    Parallel
        Costs time proportional to the number of trials times the number of axes.

    Examples
    --------
    >>> parallel_lines(History()).values.shape
    (0, 1)
    """
    chosen = list(_chosen(history, which))
    everyone = list(history.trials.values())
    names = (*beside_parents(history.space), *parameter_names(history)[len(history.space) :])
    axes: list[Axis] = []
    columns: list[FloatArray] = []
    for name in names:
        axis, column = parameter_column(history, name, everyone)
        if axis.low < axis.high:
            axes.append(axis)
            columns.append(column[[trial.number for trial in chosen]] if len(chosen) < len(everyone) else column)
    for goal in goals_of(history):
        column = goal_column(history, goal, chosen)
        axes.append(_goal_axis(goal, column, names))
        columns.append(column)
    highest = highest_budget(history)
    return Parallel(
        axes=tuple(axes),
        numbers=np.array([trial.number for trial in chosen], dtype=np.int64),
        values=np.stack(columns, axis=1),
        budget=highest if which == "highest budget" and 0 < highest < _OPEN_ENDED else None,
        unit=unit(history),
    )


def goals_of(history: History) -> tuple[Goal, ...]:
    """Return the goals, the first of which gives trials their values."""
    return history.opened.goals if history.opened else (history.goal,)


def axis_value(trial: Trial) -> float | None:
    """Return a trial's value as the axis of the first goal shows it: a failed trial has none, whatever it reported."""
    return trial.value if trial.state != "failed" and is_finite(trial.value) else None


def _chosen(history: History, which: Which) -> Iterable[Trial]:
    trials = history.trials.values()
    if which == "all":
        return trials
    valued = (trial for trial in trials if axis_value(trial) is not None)
    if which == "with a value":
        return valued
    highest = highest_budget(history)
    return (trial for trial in valued if trial.reached == highest > 0)


# --- parameters ------------------------------------------------------------------------------------------------------


def parameter_names(history: History) -> tuple[str, ...]:
    """Return the parameters of the space, then those that only older trials have."""
    return tuple(dict.fromkeys([*history.space, *(name for t in history.trials.values() for name in t.config)]))


def beside_parents(space: Space) -> tuple[str, ...]:
    """Return the parameters in the order of the space, but a conditional one behind its parent, the last of several.

    Examples
    --------
    >>> space = Space(kind=Choice(["a", "b"]), rate=Float(0.0, 1.0), depth=Int(1, 9).when(kind="a"))
    >>> beside_parents(space)
    ('kind', 'depth', 'rate')
    """
    place = {name: number for number, name in enumerate(space)}
    children: dict[str | None, list[str]] = {}
    for name in space:
        parents = [condition.parent for condition in space[name].conditions]
        children.setdefault(max(parents, key=place.__getitem__, default=None), []).append(name)

    def behind(parent: str | None) -> Iterable[str]:
        for name in children.get(parent, ()):
            yield name
            yield from behind(name)

    return tuple(behind(None))


def parameter_column(history: History, name: str, trials: Sequence[Trial]) -> tuple[Axis, FloatArray]:
    """Return a parameter's axis, and where trials cross it.

    Parameters
    ----------
    history : History
        Knows the space.
    name : str
        One of `parameter_names`.
    trials : sequence of Trial
        All of them: the space may have been edited, and what was tried before is shown too.

    Returns
    -------
    tuple of (Axis, array of shape (n,))
        A number's axis only where all values are numbers: a parameter may have been of another type before. NaN where
        it is inactive.
    """
    parameter = history.space.get(name)
    values = [trial.config.get(name) for trial in trials]
    ends = _ends(parameter)
    kinds = set(map(type, values)) - {type(None)}
    if (parameter is None or ends is not None) and kinds <= _NUMBERS and (ends or kinds):
        column = np.array(values, dtype=np.float64)
        if np.isfinite(column[~np.isnan(column)]).all():
            known = [*(ends or ()), *column[~np.isnan(column)].tolist()]
            return _number_axis(name, parameter, known, kinds | set(map(type, ends or ()))), column
    return _category_column(name, parameter, values)


def _ends(parameter: Parameter | None) -> tuple[float, float] | None:
    """Return a number's range; None for what has none."""
    low, high = getattr(parameter, "min_value", None), getattr(parameter, "max_value", None)
    return None if low is None or high is None else (low, high)


def _number_axis(name: str, parameter: Parameter | None, known: Sequence[float], kinds: set[type]) -> Axis:
    low, high = min(known), max(known)
    log = getattr(parameter, "sampling", "linear") == "log" and low > 0
    return Axis(name, "integer" if kinds == {int} else "number", log, float(low), float(high))


def _category_column(name: str, parameter: Parameter | None, values: Sequence[Any]) -> tuple[Axis, FloatArray]:
    kept = [value if type(value) in _SIMPLE else as_category(value) for value in values]
    met = dict.fromkeys(zip(map(type, kept), kept, strict=True))  # of ten thousand values few differ
    levels = parameter.levels() if parameter is not None and _ends(parameter) is None else []
    categories = {category_key(value): value for value in (*levels, *(each for _, each in met)) if value is not None}
    place = {key: float(index) for index, key in enumerate(categories)}
    places = {pair: math.nan if pair[1] is None else place[category_key(pair[1])] for pair in met}
    column = np.array([places[pair] for pair in zip(map(type, kept), kept, strict=True)], dtype=np.float64)
    last = max(0.0, len(categories) - 1.0)
    return Axis(name, "category", log=False, low=0.0, high=last, categories=tuple(categories.values())), column


def as_category(value: Any) -> Any:
    """Return a value as JSON can hold it: what is no string, finite number or boolean becomes its text."""
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


def category_key(value: Any) -> tuple[bool, Any]:
    """Return what tells categories apart: True is not 1, and 1.0 is."""
    return isinstance(value, bool), as_category(value)


# --- goals -----------------------------------------------------------------------------------------------------------


def goal_column(history: History, goal: Goal, trials: Sequence[Trial]) -> FloatArray:
    """Return trials' values of a goal, shape (n,), as they were reported; NaN where there is none."""
    if goal.metric == history.goal.metric:
        values = [axis_value(trial) for trial in trials]
    else:
        values = [
            None if axis_value(trial) is None else metrics_at_value(history, trial).get(goal.metric) for trial in trials
        ]
    return np.array([value if value is not None and is_finite(value) else math.nan for value in values])


def goal_name(goal: Goal, parameters: Sequence[str]) -> str:
    """Return the name of a goal's axis."""
    return f"{goal.metric} (goal)" if goal.metric in parameters else goal.metric


def _goal_axis(goal: Goal, column: FloatArray, parameters: Sequence[str]) -> Axis:
    known = column[~np.isnan(column)]
    low, high = (float(known.min()), float(known.max())) if known.size else (math.nan, math.nan)
    return Axis(goal_name(goal, parameters), "number", log=False, low=low, high=high, goal=goal)
