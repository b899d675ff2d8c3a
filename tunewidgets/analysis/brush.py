"""Brush: which trials lie inside intervals of parameters and goals."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.parallel import (
    Axis,
    category_key,
    goal_column,
    goal_name,
    goals_of,
    parameter_column,
    parameter_names,
)
from tunewidgets.errors import TuneError
from tunewidgets.history import History

Intervals = Mapping[str, Sequence[Any]]
"""By the name of a parameter or goal: [low, high], of which either may be None, or a list of categories."""

_ENDS = 2


def inside(history: History, intervals: Intervals) -> frozenset[int]:
    """Return the trials that lie inside all intervals.

    Parameters
    ----------
    history : History
        What has happened.
    intervals : mapping of str to sequence
        For a parameter that is a number, and for a goal, ``[low, high]`` in its own unit, both ends included; None for
        an end that is open. For any other parameter a list of its values. The names are those of the axes of the card
        Parallel coordinates. A name that is not there, as after the space was edited, and an interval that does not
        suit its axis, count for nothing, so that an old brush breaks no card.

    Returns
    -------
    frozenset of int
        Trials' numbers; all of them where there is no interval. A trial is outside the interval of a parameter that is
        inactive in it, and outside that of a goal of which it has no value; failed trials have none. Costs time
        proportional to the number of trials times the number of intervals.

    Examples
    --------
    >>> inside(History(), {"units": [32, 64], "optimizer": ["adam"], "val_accuracy": [0.9, None]})
    frozenset()
    """
    trials = list(history.trials.values())
    within = np.ones(len(trials), dtype=np.bool_)
    parameters = parameter_names(history)
    goals = {goal_name(goal, parameters): goal for goal in goals_of(history)}
    for name, interval in intervals.items():
        if name in goals:
            within &= _between(goal_column(history, goals[name], trials), interval)
        elif name in parameters:
            within &= _within(*parameter_column(history, name, trials), interval)
    return frozenset(trial.number for trial, kept in zip(trials, within.tolist(), strict=True) if kept)


def _within(axis: Axis, column: npt.NDArray[np.float64], interval: Sequence[Any]) -> npt.NDArray[np.bool_]:
    if axis.kind != "category":
        return _between(column, interval)
    index = {category_key(value): place for place, value in enumerate(axis.categories)}
    return np.isin(column, [index[key] for key in map(category_key, interval) if key in index])


def _between(column: npt.NDArray[np.float64], interval: Sequence[Any]) -> npt.NDArray[np.bool_]:
    if not is_range(interval):
        return np.ones(len(column), dtype=np.bool_)
    low, high = interval
    known = ~np.isnan(column)
    least, most = (-math.inf if low is None else low), (math.inf if high is None else high)
    return known & (column >= least) & (column <= most)


def is_range(interval: Sequence[Any]) -> bool:
    """Tell whether this can be an interval of numbers: two ends, of which either may be None."""
    return len(interval) == _ENDS and all(each is None or _is_number(each) for each in interval)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


def check_intervals(intervals: Any) -> dict[str, list[Any]]:
    """Return intervals as plain lists that JSON can hold, the lower end of two numbers first.

    Raises
    ------
    TuneError
        If something else came than lists of plain values by name.
    """
    if not isinstance(intervals, Mapping) or not all(isinstance(name, str) for name in intervals):
        raise TuneError(
            f"a brush is a dict from the names of parameters and goals to intervals, not {intervals!r}: "
            'write {"units": [32, 128], "optimizer": ["adam"]}, or {} for none'
        )
    return {name: _checked(name, interval) for name, interval in intervals.items()}


def _checked(name: str, interval: Any) -> list[Any]:
    whole = list(interval) if isinstance(interval, list | tuple | set | frozenset) else None
    values = None if whole is None else [each.item() if isinstance(each, np.generic) else each for each in whole]
    if values is None or not all(each is None or isinstance(each, str | bool | int | float) for each in values):
        raise TuneError(
            f"the brush of {name!r} must be [low, high], either of which may be None, or a list of categories, "
            f"not {interval!r}"
        )
    if is_range(values):
        low, high = (None if each is None or math.isinf(each) else each for each in values)
        return [high, low] if low is not None and high is not None and low > high else [low, high]
    return values
