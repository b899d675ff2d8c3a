"""What a search optimises, in the words a person uses: metrics, their directions, and bounds to stay below."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import Constraint, Direction, Goal, infer_direction

_DIRECTIONS = ("min", "max")


def parse_goals(
    objective: str | Sequence[str] | None,
    direction: Direction | Sequence[Direction | None] | None,
    *,
    metric: str | None = None,
    inferred: Direction | None = None,
) -> tuple[Goal, ...]:
    """Return the goals of a search, the first one first.

    Parameters
    ----------
    objective : str, list of str or None
        The metric to optimise, or several of them; None: the target's own.
    direction : {"min", "max"}, list of them or None
        One for each metric. What is None is inferred from well-known names of metrics.
    metric : str, optional
        What the target calls its value; "value" unless given.
    inferred : {"min", "max"}, optional
        The direction in which the target knows its own metric to be better.

    Returns
    -------
    tuple of Goal
        At least one, no metric twice.

    Raises
    ------
    StrategyError
        If a metric is no name or stands there twice, a direction is none or their numbers differ, or a direction is
        not given and cannot be told from the metric's name.

    Examples
    --------
    >>> parse_goals(["val_accuracy", "params"], ["max", "min"])
    (Goal(metric='val_accuracy', direction='max'), Goal(metric='params', direction='min'))
    >>> parse_goals("val_loss", None)
    (Goal(metric='val_loss', direction='min'),)
    """
    metrics = _metrics(objective, metric or "value")
    directions = _directions(direction, metrics)
    own = inferred if objective is None else None
    goals = [Goal(name, given or own or infer_direction(name) or _ask(name, metrics)) for name, given in directions]
    return tuple(goals)


def parse_constraints(constraints: Mapping[str, float] | None) -> tuple[Constraint, ...]:
    """Return the constraints of a search, in the order in which they were given.

    Parameters
    ----------
    constraints : mapping of str to float, or None
        For each metric the bound at or below which it must stay. It may be a metric that is optimised too.

    Returns
    -------
    tuple of Constraint
        Empty where there are none.

    Raises
    ------
    StrategyError
        If it is no mapping, a metric is no name, or a bound is no finite number.

    Examples
    --------
    >>> parse_constraints({"latency_ms": 20})
    (Constraint(metric='latency_ms', bound=20.0),)
    """
    if constraints is None:
        return ()
    given: object = constraints
    if not isinstance(given, Mapping):
        raise StrategyError(
            f"constraints must give a bound for each metric by name, {{'latency_ms': 20.0}}, not {constraints!r}"
        )
    return tuple(Constraint(_name(name, "constraints"), _bound(name, bound)) for name, bound in constraints.items())


def _metrics(objective: str | Sequence[str] | None, own: str) -> tuple[str, ...]:
    if objective is None:
        return (own,)
    if isinstance(objective, str):
        return (_name(objective, "objective"),)
    given: object = objective
    if not isinstance(given, list | tuple):
        raise StrategyError(
            f"objective must be a metric's name such as 'val_accuracy', or a list of them, not {objective!r}"
        )
    if not objective:
        raise StrategyError("objective must name at least one metric, and the list is empty: objective=['val_loss']")
    metrics = tuple(_name(name, "objective") for name in objective)
    for name in metrics:
        if metrics.count(name) > 1:
            raise StrategyError(f"objective names {name!r} {metrics.count(name)} times: give every metric once")
    return metrics


def _name(name: Any, where: str) -> str:
    if not isinstance(name, str) or not name.strip():
        raise StrategyError(f"{where} must be a metric's name such as 'val_accuracy', not {name!r}")
    return name


def _directions(
    direction: Direction | Sequence[Direction | None] | None, metrics: tuple[str, ...]
) -> list[tuple[str, Direction | None]]:
    """Return each metric with the direction that was given for it."""
    if direction is None:
        return [(name, None) for name in metrics]
    several = isinstance(direction, list | tuple)
    given: list[Any] = list(direction) if several else [direction]
    for each in given:
        if each not in _DIRECTIONS and not (each is None and several):
            raise StrategyError(f"direction must be 'min' or 'max', not {each!r}{_among(direction, several)}")
    if len(given) != len(metrics):
        raise StrategyError(
            f"direction must have one entry for each metric: there are {len(metrics)} ({', '.join(metrics)}) and "
            f"{len(given)} came, {direction!r}; give direction={_example(metrics)}"
        )
    return list(zip(metrics, given, strict=True))


def _among(direction: object, several: bool) -> str:  # noqa: FBT001 - said beside the list it is about
    return f", in direction={direction!r}" if several else ""


def _example(metrics: Sequence[str]) -> str:
    """Return what a direction could look like, as Python source."""
    words = [infer_direction(name) or "min" for name in metrics]
    return repr(words[0] if len(words) == 1 else words)


def _ask(name: str, metrics: Sequence[str]) -> Direction:
    cure = "direction='min' or direction='max'"
    if len(metrics) > 1:
        cure = f"one for each metric, such as direction={_example(metrics)}"
    raise StrategyError(f"whether to minimise or maximise cannot be told from the metric {name!r}: give {cure}")


def _bound(name: str, bound: Any) -> float:
    number = bound.item() if isinstance(bound, np.generic) else bound
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise StrategyError(
            f"the bound of {name!r} in constraints must be a finite number that it may not exceed, not {bound!r}"
        )
    return float(number)
