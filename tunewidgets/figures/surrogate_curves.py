"""A prediction along one parameter: a curve in its band, or for categories marks with bars."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.landscape import Axis
from tunewidgets.analysis.surrogate import Predicted
from tunewidgets.figures.palette import BLUE
from tunewidgets.figures.surrogate_parts import positions

FloatArray = npt.NDArray[np.float64]

_BAND = "rgba(31,131,201,0.18)"


def curves(axis: Axis, predicted: Predicted, on: dict[str, str], *, first: bool) -> list[dict[str, Any]]:
    """Return a curve and its band as traces on these axes; the legend names them where they are the first."""
    x = positions(axis)
    around, edges = _around(x, predicted.low, predicted.high)
    common = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": first, **on}
    return [
        {
            **common,
            "name": "68 % band",
            "x": around,
            "y": edges,
            "fill": "toself",
            "fillcolor": _BAND,
            "line": {"width": 0, "color": _BAND},
            "showlegend": False,
        },
        {**common, "name": "predicted", "x": x, "y": predicted.median, "line": {"color": BLUE, "width": 2}},
    ]


def columns(
    axis: Axis, predicted: Predicted, on: dict[str, str], *, first: bool, aside: float = 0.0
) -> list[dict[str, Any]]:
    """Return a mark with a bar for each category, so far beside its place."""
    x = positions(axis) + aside
    gap = np.full(len(x), np.nan)
    bars = np.column_stack([predicted.low, predicted.high, gap]).ravel()
    common = {"type": "scatter", "hoverinfo": "skip", **on}
    return [
        {
            **common,
            "mode": "lines",
            "name": "68 % band",
            "showlegend": False,
            "x": np.repeat(x, 3).astype(float),
            "y": bars,
            "line": {"color": BLUE, "width": 2},
        },
        {
            **common,
            "mode": "markers",
            "name": "predicted",
            "showlegend": first,
            "x": x,
            "y": predicted.median,
            "marker": {"color": BLUE, "symbol": "square", "size": 10},
        },
    ]


def _around(x: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the outline of a band: there along its lower edge and back along the upper; a part where there is none."""
    known = np.isfinite(low) & np.isfinite(high)
    cuts = np.flatnonzero(np.diff(known.astype(int))) + 1
    xs: list[FloatArray] = []
    ys: list[FloatArray] = []
    gap = np.array([np.nan])
    for part in np.split(np.arange(len(x)), cuts):
        if known[part[0]]:
            xs += [x[part], x[part][::-1], gap]
            ys += [low[part], high[part][::-1], gap]
    return (np.concatenate(xs)[:-1], np.concatenate(ys)[:-1]) if xs else (gap, gap)
