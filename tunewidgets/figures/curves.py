"""The card Curves: every trial's reports, one trace a state, the best one strongest."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.curves import Curve, Curves, learning_curves, reported_metrics
from tunewidgets.figures.answers import Answer, Asked, Drawn, NotYet, option
from tunewidgets.figures.layout import beyond, gapped, kind, layout, number_axis, plural, scales, title, value_axis
from tunewidgets.figures.palette import GREY, INCUMBENT, STATES, Mark
from tunewidgets.history import NOTHING, History, Plan

_MOST_RUNGS = 12
"""More lines than this would be a hatching."""

_WIDE = 15
"""Where the largest budget is so many times the first rung's, most of the curves would crowd at the left."""


def draw_curves(history: History, plan: Plan | None = None, asked: Asked = NOTHING) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.
    plan : Plan or None
        Tells the rungs before a trial has come to them.
    asked : mapping of str to str
        "metric" and "scale".

    Returns
    -------
    Drawn or NotYet
        One trace a state, its curves apart by gaps; at most about 2,000 points.
    """
    metric = option("metric", "metric", reported_metrics(history), asked)
    record = learning_curves(history, plan, metric=metric.value)
    if none := _none(record, history, plan):
        return none
    points = sum(len(curve.steps) + 1 for curve in record.curves)
    traces = []
    for state in reversed(list(STATES)):  # what matters least lies undermost
        found = [curve for curve in record.curves if curve.state == state and curve.trial != record.incumbent]
        if found:
            traces.append(_trace(state, found, STATES[state], points))
    traces.extend(_best(record, points))
    if record.rungs:
        traces.insert(0, _rung_key())
    direction = record.direction
    scale = option("scale", "scale", scales(_values(record), direction), asked)
    return Drawn({"data": traces, "layout": _layout(record, scale.value)}, (metric, scale))


def _none(record: Curves, history: History, plan: Plan | None) -> NotYet | None:
    """Return why there is no curve; a search whose trials give one value each must not keep a place for curves."""
    if record.rungs or any(len(curve.steps) > 1 for curve in record.curves):
        alone = False
    else:
        alone = bool(history.counts.get("completed")) or (plan is not None and _promises_one(plan))
    if alone:
        told = "every trial has given one value" if record.curves else "no trial has reported a value yet"
        return NotYet(f"{told}: a curve is drawn from a trial's second report on", expected=False)
    if not record.curves:
        return NotYet("no trial has reported a value yet: a curve begins with its trial's first report")
    return None


def _promises_one(plan: Plan) -> bool:
    """Whether trials train for one step, or until the objective returns: most of those report once, at their end."""
    return all(rung.budget in (None, 1) for bracket in plan.brackets for rung in bracket)


def _trace(name: str, found: list[Curve], mark: Mark, points: int) -> dict[str, Any]:
    return {
        "type": kind(points),
        "mode": "lines+markers",
        "name": name,
        "x": gapped([np.array(curve.steps, float) for curve in found]),
        "y": gapped([_floats(curve.values) for curve in found]),
        # A gap bears the number of the curve before it: the array stays one of whole numbers.
        "customdata": np.repeat([curve.trial for curve in found], [len(curve.steps) + 1 for curve in found]),
        "connectgaps": False,
        "opacity": mark.opacity,
        "line": {"color": mark.color, "width": 0.8 if name == "pruned" else 1.5},
        "marker": {"color": mark.color, "symbol": mark.symbol, "size": 4 if name == "pruned" else 5},
        "hoverinfo": "none",
    }


def _floats(values: tuple[float | None, ...]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], float)


def _best(record: Curves, points: int) -> list[dict[str, Any]]:
    found = [curve for curve in record.curves if curve.trial == record.incumbent]
    if not found:
        return []
    trace = _trace("best", found, INCUMBENT, points)
    trace["line"] = {"color": INCUMBENT.color, "width": 3}
    trace["marker"] = {"color": INCUMBENT.color, "symbol": "circle", "size": 6}
    return [trace]


def _values(record: Curves) -> list[float]:
    return [value for curve in record.curves for value in curve.values if value is not None]


def _layout(record: Curves, scale: str) -> dict[str, Any]:
    rungs = record.rungs[-_MOST_RUNGS:]
    values = value_axis(_values(record), record.metric, record.direction, scale)
    figure = layout(
        height=360,
        xaxis=_budget_axis(record, rungs),
        yaxis=values,
        annotations=beyond(values, _values(record)),
        shapes=[_rung(budget) for budget in rungs],
    )
    figure["legend"]["traceorder"] = "reversed"
    return figure


def _budget_axis(record: Curves, rungs: tuple[int, ...]) -> dict[str, Any]:
    """Return the axis of steps; where the rungs span two factors of three and more, a logarithmic one."""
    drawn, most = len(record.curves), max(record.longest, *rungs, 2)
    text = plural(record.unit) + (f" ({drawn:,} of {record.total:,} trials drawn)" if drawn < record.total else "")
    if not rungs or rungs[0] * _WIDE > most:
        return number_axis(1, most, text) | {"showgrid": not rungs}
    ticks = sorted({1, *rungs, most})
    return {
        "title": title(text), "type": "log", "range": [math.log10(0.88), math.log10(most * 1.12)],
        "tickvals": ticks, "ticktext": [f"{tick:,}" for tick in ticks], "showgrid": False,
    }  # fmt: skip


def _rung_key() -> dict[str, Any]:
    """Return a trace of nothing that explains the dotted lines in the legend."""
    nothing = np.array([np.nan])
    line = {"color": GREY, "width": 1, "dash": "dot"}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "rung",
        "x": nothing,
        "y": nothing,
        "line": line,
        "hoverinfo": "skip",
    }


def _rung(budget: int) -> dict[str, Any]:
    line = {"color": GREY, "width": 1, "dash": "dot"}
    box = {"x0": budget, "x1": budget, "yref": "paper", "y0": 0, "y1": 1}
    return {"type": "line", **box, "layer": "below", "line": line}
