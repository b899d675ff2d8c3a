"""Results beside what a surrogate predicts of each when it is left out."""

from typing import Any

import numpy as np

from tunewidgets.analysis.surrogate import Checked
from tunewidgets.figures.answers import Spec
from tunewidgets.figures.layout import layout, told_beyond, value_axis
from tunewidgets.figures.palette import BLUE, GREY, VERMILION
from tunewidgets.history import Goal

_HEIGHT = 400


def draw_calibration(checked: Checked, goal: Goal) -> Spec:
    """Return the figure: predicted against observed, with bands; a good surrogate's marks lie along the diagonal."""
    within = (checked.predicted.low <= checked.observed) & (checked.observed <= checked.predicted.high)
    axis = value_axis(checked.observed, goal.metric, goal.direction, "linear")
    ends = np.array(axis["range"])
    data: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines", "name": "observed = predicted", "x": ends, "y": ends,
            "line": {"color": GREY, "width": 1.2, "dash": "dot"}, "hoverinfo": "skip",
        },
        _bands(checked),
        *_points("inside its band", checked, within, BLUE, "circle"),
        *_points("outside", checked, ~within, VERMILION, "triangle-up"),
    ]  # fmt: skip
    up = {"title": {"text": "predicted without it", "standoff": 8, "font": {"size": 12}}, "range": ends.tolist()}
    return {"data": data, "layout": layout(height=_HEIGHT, xaxis=told_beyond(axis, checked.observed), yaxis=up)}


def _bands(checked: Checked) -> dict[str, Any]:
    gap = np.full(len(checked.observed), np.nan)
    return {
        "type": "scatter", "mode": "lines", "name": "68 % band", "showlegend": False, "hoverinfo": "skip",
        "x": np.repeat(checked.observed, 3),
        "y": np.column_stack([checked.predicted.low, checked.predicted.high, gap]).ravel(),
        "line": {"color": "rgba(31,131,201,0.35)", "width": 1.2},
    }  # fmt: skip


def _points(name: str, checked: Checked, rows: np.ndarray[Any, Any], color: str, symbol: str) -> list[dict[str, Any]]:
    if not rows.any():
        return []
    return [
        {
            "type": "scatter", "mode": "markers", "name": name, "x": checked.observed[rows],
            "y": checked.predicted.median[rows], "customdata": checked.trials[rows],
            "marker": {"color": color, "symbol": symbol, "size": 8}, "hoverinfo": "none",
        }
    ]  # fmt: skip
