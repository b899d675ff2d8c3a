"""The card Pareto: trials by two goals, the line of those that none beats, and how much they rule out."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tunewidgets.analysis.front import Front, FrontPoint, pareto_front
from tunewidgets.figures.answers import Answer, Asked, Drawn, NotYet, option
from tunewidgets.figures.layout import (
    beyond,
    kind,
    layout,
    number_axis,
    plain,
    thinned,
    title,
    told_beyond,
    value_axis,
)
from tunewidgets.figures.palette import GREY, INCUMBENT, OVER, Mark
from tunewidgets.history import NOTHING, History, amount

Axes = tuple[int, int]
"""Which goals lie across and up."""

_PLANE = 2
_BEATEN = Mark(GREY, "circle", 0.85)
_HEIGHT = 470
_UPPER, _LOWER = (0.44, 1.0), (0.0, 0.2)
"""Where the two parts stand, as shares of the figure's height."""


def draw_pareto(history: History, asked: Asked = NOTHING) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.
    asked : mapping of str to str
        "across" and "up": which goals are drawn.

    Returns
    -------
    Drawn or NotYet
        Of three goals or more the first two are drawn, unless others are asked for.
    """
    goals = history.opened.goals if history.opened else ()
    if len(goals) == 1:
        return NotYet(
            "this search has one goal, so there is nothing to trade off: the card Trials shows its best value",
            expected=False,
        )
    record = pareto_front(history)
    if not record.points:
        kept = " that keeps every constraint" if history.opened and history.opened.constraints else ""
        return NotYet(f"no trial{kept} has come to rest with a value of every goal yet: each is drawn when it does")
    names = [goal.metric for goal in goals]
    across = option("across", "across", names, asked)
    up = option("up", "up", [name for name in names if name != across.value], asked)
    axes = names.index(across.value), names.index(up.value)
    traces = [*_points(record, axes), *_line(record, axes), *_growth(record)]
    return Drawn({"data": traces, "layout": _layout(record, history, axes)}, (across, up))


def _points(record: Front, axes: Axes) -> list[dict[str, Any]]:
    places = {point.number: place for place, point in enumerate(record.points)}
    shown = [record.points[at] for at in thinned(len(record.points), {places[number] for number in record.trials})]
    parts = {
        "beaten": (_BEATEN, [point for point in shown if point.feasible and not point.on_front]),
        "over a bound": (OVER, [point for point in shown if not point.feasible]),
        "best trade-offs": (INCUMBENT, [point for point in shown if point.on_front]),
    }
    drawn = {"type": kind(len(shown))}
    return [drawn | _marks(name, mark, points, axes) for name, (mark, points) in parts.items() if points]


def _marks(name: str, mark: Mark, points: Sequence[FrontPoint], axes: Axes) -> dict[str, Any]:
    return {
        "mode": "markers",
        "name": name,
        "x": np.array([point.values[axes[0]] for point in points]),
        "y": np.array([point.values[axes[1]] for point in points]),
        "customdata": np.array([point.number for point in points]),
        "marker": {
            "color": mark.color, "symbol": mark.symbol, "size": 13 if mark is INCUMBENT else 8, "opacity": mark.opacity,
        },
        "hoverinfo": "none",
    }  # fmt: skip


def _line(record: Front, axes: Axes) -> list[dict[str, Any]]:
    """Return the border of what the front rules out; among three goals it would be a surface."""
    if len(record.goals) != _PLANE or not record.trials:
        return []
    front = sorted([point.values[axis] for axis in axes] for point in record.points if point.on_front)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "border",
            "showlegend": False,
            "x": np.array([values[0] for values in front]),
            "y": np.array([values[1] for values in front]),
            # Up to the next point the one before is the best there is; where more is better it is the next one.
            "line": {
                "color": INCUMBENT.color,
                "width": 1.5,
                "shape": "hv" if record.goals[axes[0]].direction == "min" else "vh",
            },
            "hoverinfo": "skip",
        }
    ]


def _growth(record: Front) -> list[dict[str, Any]]:
    if not record.growth or record.reference is None:
        return []
    whole = _box(record, record.reference)
    # The line goes on to the newest trial that was compared: nothing since has added to it.
    steps = [(step.number, step.hypervolume / whole) for step in record.growth]
    last = [(record.points[-1].number, steps[-1][1])]
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "ruled out",
            "showlegend": False,
            "x": np.array([number for number, _ in steps + last]),
            "y": np.array([volume for _, volume in steps + last]),
            "customdata": np.array([number for number, _ in [*steps, *steps[-1:]]], dtype=np.int64),
            "line": {"color": INCUMBENT.color, "width": 2, "shape": "hv"},
            "marker": {"color": INCUMBENT.color, "size": [5.0] * len(steps) + [0.0] * len(last), "opacity": 0.9},
            "hoverinfo": "none",
            "meta": {"whole": True},  # a brush fades trials, and this is the sum of all
            "xaxis": "x2",
            "yaxis": "y2",
        }
    ]


def _box(record: Front, reference: Sequence[float]) -> float:
    """Return the volume of the box from the reference point to the best values: what could be ruled out at most."""
    feasible = np.array([point.values for point in record.points if point.feasible])
    best = [
        values.min() if goal.direction == "min" else values.max()
        for goal, values in zip(record.goals, feasible.T, strict=True)
    ]
    return float(np.prod(np.abs(np.array(reference) - best)))


def _layout(record: Front, history: History, axes: Axes) -> dict[str, Any]:
    up = _goal_axis(record, axes[1])
    return layout(
        height=_HEIGHT,
        xaxis={**told_beyond(_goal_axis(record, axes[0]), _values(record, axes[0])), "anchor": "y"},
        yaxis={**up, "domain": list(_UPPER)},
        annotations=beyond(up, _values(record, axes[1]), foot=_UPPER[0]),
        xaxis2={**number_axis(0, max(history.trials), _caption(record)), "anchor": "y2", "automargin": True},
        yaxis2={
            "title": title("ruled out"), "range": [0.0, 1.0], "domain": list(_LOWER), "anchor": "x2",
            "tickvals": [0.0, 0.5, 1.0], "ticktext": ["0 %", "50 %", "100 %"], "zeroline": False, "automargin": True,
        },
    )  # fmt: skip


def _goal_axis(record: Front, axis: int) -> dict[str, Any]:
    goal = record.goals[axis]
    return value_axis(_values(record, axis), goal.metric, goal.direction)


def _values(record: Front, axis: int) -> list[float]:
    return [point.values[axis] for point in record.points]


def _caption(record: Front) -> str:
    found = f"trial · {len(record.trials):,} best trade-off{'' if len(record.trials) == 1 else 's'}"
    at = f" at {plain(amount(record.budget, record.unit))}" if record.budget else ""
    more = f" · 2 of {len(record.goals)} goals drawn" if len(record.goals) > _PLANE else ""
    return found + at + more
