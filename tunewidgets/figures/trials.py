"""The card Trials: every trial's value, the line of the best, and a rail for those that have none."""

from typing import Any

import numpy as np

from tunewidgets.analysis.front import best_numbers
from tunewidgets.analysis.parallel import goals_of
from tunewidgets.analysis.timeline import ends_of_trials, space_edits, worker_timeline
from tunewidgets.analysis.trials import Improvement, TrialPoint, Trials, trial_values
from tunewidgets.figures.answers import Answer, Asked, Drawn, NotYet, option
from tunewidgets.figures.edits import with_edits
from tunewidgets.figures.layout import (
    beyond,
    kind,
    layout,
    number_axis,
    plain,
    scales,
    short,
    thinned,
    time_unit,
    title,
    value_axis,
)
from tunewidgets.figures.palette import CLEAR, GRID, INCUMBENT, OVER, STATES, Mark
from tunewidgets.history import NOTHING, History, amount

_CROWD = 400
"""More points than this get smaller marks."""

_OVER = "over a bound"
"""The legend's name for trials that have a value and break a constraint, whatever their state."""

_RAIL = 0.1
"""The height of the rail, as a share of the figure's."""


def draw_trials(history: History, asked: Asked = NOTHING) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.
    asked : mapping of str to str
        "goal" (which of several), "against" ("number" or "time") and "scale".

    Returns
    -------
    Drawn or NotYet
        One trace a state, on the plot and on the rail, and one for what breaks a constraint; at most about 2,000
        points: all improvements, the newest and an even sample of the others.
    """
    goal = option("goal", "goal", [each.metric for each in goals_of(history)], asked)
    against = option("against", "against", ("number", "time"), asked)
    timeline = worker_timeline(history) if against.value == "time" else None
    record = trial_values(history, ends_of_trials(timeline) if timeline else None, metric=goal.value)
    if not record.points:
        return NotYet("no trial has started yet: each is drawn when it does")
    best = best_numbers(history)
    points = _in_sight(record, set(history.running) | set(best))
    sizes = _sizes(points)
    drawn = kind(len(points))
    traces = [*_line(record, drawn)]
    for name, mark in {**STATES, _OVER: OVER}.items():
        traces.extend(_state(name, mark, [p for p in points if _called(p) == name], sizes, drawn))
    traces.extend(_stars(record, best, drawn))
    traces.append(_empty_rail())
    scale = option("scale", "scale", scales(_values(points), record.direction), asked)
    figure = {"data": traces, "layout": _layout(record, points, scale.value)}
    options = (goal, against, scale)
    if timeline:
        size = time_unit(max(point.at for point in record.points))[1]
        edits = [at / size for at in timeline.edits]
        return Drawn(with_edits(_in_time(figure, record), edits), options)
    return Drawn(with_edits(figure, (number - 0.5 for _, number in space_edits(history))), options)


def _in_time(figure: dict[str, Any], record: Trials) -> dict[str, Any]:
    """Return the figure with times in a unit that suits them."""
    last = max(point.at for point in record.points)
    unit, size = time_unit(last)
    axis = {"title": title(f"{unit} since the start, at its end"), "range": [-0.02 * last / size, 1.02 * last / size]}
    data = [{**trace, "x": trace["x"] / size} for trace in figure["data"]]
    fresh = {"automargin": True, "zeroline": False, "anchor": "y2", **axis}
    return {"data": data, "layout": {**figure["layout"], "xaxis": fresh}}


def _in_sight(record: Trials, keep: set[int]) -> list[TrialPoint]:
    keep = keep | {improvement.number for improvement in record.improvements}
    return [record.points[index] for index in thinned(len(record.points), keep)]


def on_rail(point: TrialPoint) -> bool:
    """Whether a trial stands on the rail: it failed, or has no value (yet)."""
    return point.value is None or point.state == "failed"


def _called(point: TrialPoint) -> str:
    """Return the name of the trace that a trial belongs to."""
    return point.state if point.feasible or on_rail(point) else _OVER


def _sizes(points: list[TrialPoint]) -> dict[int, float]:
    """Return a marker's size for each budget that occurs: trained further is larger."""
    most = max(point.budget for point in points)
    least, more = (6.0, 5.0) if len(points) <= _CROWD else (4.0, 3.0)
    return {point.budget: least + more * (point.budget / most if most else 1.0) ** 0.5 for point in points}


def _state(
    name: str, mark: Mark, points: list[TrialPoint], sizes: dict[int, float], trace_kind: str
) -> list[dict[str, Any]]:
    traces = []
    for rail in (False, True):
        found = [point for point in points if on_rail(point) == rail]
        if found:
            y = np.zeros(len(found)) if rail else np.array([point.value for point in found], float)
            size = np.array([8.0 if rail else sizes[point.budget] for point in found])
            traces.append(_marks(name, mark, trace_kind, (found, y, size)) | ({"yaxis": "y2"} if rail else {}))
    for extra in traces[1:]:
        extra["showlegend"] = False
    return traces


def _marks(name: str, mark: Mark, trace_kind: str, drawn: tuple[list[TrialPoint], Any, Any]) -> dict[str, Any]:
    points, y, size = drawn
    line = {"width": 2, "color": mark.color} if mark.symbol.endswith("-open") else {"width": 0.5, "color": mark.color}
    return {
        "type": trace_kind,
        "mode": "markers",
        "name": name,
        "legendgroup": name,
        "x": np.array([point.at for point in points]),
        "y": y,
        "customdata": np.array([point.number for point in points]),
        "marker": {"color": mark.color, "symbol": mark.symbol, "size": size, "opacity": 0.85, "line": line},
        "hoverinfo": "none",
    }


def _line(record: Trials, trace_kind: str) -> list[dict[str, Any]]:
    if not record.improvements:
        return []
    # The line goes on to the newest trial: nothing since was better.
    last = Improvement(record.points[-1].number, record.improvements[-1].value, max(p.at for p in record.points))
    steps = [*record.improvements, last]
    return [
        {
            "type": trace_kind,
            "mode": "lines",
            "name": _line_name(record),
            "legendgroup": "best",
            "x": np.array([step.at for step in steps]),
            "y": np.array([step.value for step in steps]),
            "customdata": np.array([*(step.number for step in record.improvements), record.improvements[-1].number]),
            "line": {"color": INCUMBENT.color, "width": 2, "shape": "hv"},
            "hoverinfo": "skip",
        }
    ]


def _line_name(record: Trials) -> str:
    best = "best" if record.goals == 1 else f"best {plain(short(record.metric, 30))}"
    return f"{best} so far" if record.budget is None else f"{best} at {plain(amount(record.budget, record.unit))}"


def _empty_rail() -> dict[str, Any]:
    """Return a trace of nothing: without one Plotly leaves an axis out, and the rail would come and go."""
    nothing = np.array([np.nan])
    return {
        "type": "scatter", "name": "rail", "mode": "markers", "x": nothing, "y": nothing, "yaxis": "y2",
        "showlegend": False, "hoverinfo": "skip",
    }  # fmt: skip


def _stars(record: Trials, best: tuple[int, ...], trace_kind: str) -> list[dict[str, Any]]:
    values = [record.points[number].value for number in best]
    if not best or any(value is None for value in values):
        return []
    return [
        {
            "type": trace_kind,
            "mode": "markers",
            "name": "best trade-offs" if record.goals > 1 else _line_name(record),
            "legendgroup": "best",
            "showlegend": record.goals > 1,  # else the line's entry does for both
            "x": np.array([record.points[number].at for number in best]),
            "y": np.array(values, float),
            "customdata": np.array(best),
            "marker": {"color": INCUMBENT.color, "symbol": INCUMBENT.symbol, "size": 15},
            "hoverinfo": "none",
        }
    ]


def _values(points: list[TrialPoint]) -> list[float]:
    return [point.value for point in points if point.value is not None and not on_rail(point)]


def _layout(record: Trials, points: list[TrialPoint], scale: str) -> dict[str, Any]:
    total = len(record.points)
    text = "trial" if len(points) == total else f"trial ({len(points):,} of {total:,} drawn)"
    rail = {"type": "rect", "xref": "paper", "yref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": _RAIL - 0.02}
    values = value_axis(_values(points), record.metric, record.direction, scale)
    return layout(
        height=360,
        xaxis={**number_axis(0, record.points[-1].number, text), "anchor": "y2"},
        yaxis={**values, "domain": [_RAIL + 0.02, 1]},
        annotations=beyond(values, _values(points), foot=_RAIL + 0.02),
        yaxis2={
            "domain": [0, _RAIL - 0.02], "range": [-1, 1], "fixedrange": True, "showgrid": False, "zeroline": False,
            "tickvals": [0], "ticktext": ["failed or<br>no value"],
        },
        shapes=[{**rail, "fillcolor": GRID.replace("0.25", "0.12"), "line": {"width": 0, "color": CLEAR},
                 "layer": "below"}],
    )  # fmt: skip
