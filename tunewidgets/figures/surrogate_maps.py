"""A surrogate over two numbers: maps or surfaces of the mean, and of the acquisition or the uncertainty."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.landscape import Landscape
from tunewidgets.figures.answers import Spec
from tunewidgets.figures.layout import layout
from tunewidgets.figures.palette import GLOW, HEAT
from tunewidgets.figures.surrogate_parts import LETTERS, heading, marks, next_mark, parameter_axis, position, positions
from tunewidgets.figures.surrogate_slices import scale
from tunewidgets.history import Goal

FloatArray = npt.NDArray[np.float64]

_HEIGHT, _DEEP = 400, 460
_NOTHING = 1e-6  # of the spread of the results: nobody would notice such an improvement
_BEYOND = 0.05  # of that spread: how far the colours go beyond it
_PEAKED, _DECADES = 0.01, 4.0
"""A map whose median is below this share of its highest value is drawn in so many decades below that."""
_LEFT, _RIGHT = (0.0, 0.4), (0.57, 0.97)
_TOP = 0.95
_EDGE = "#ffffff"


def draw_maps(seen: Landscape, goal: Goal, acquisition: str | None, best: int | None, *, spread: float = 0.0) -> Spec:
    """Return two maps side by side: the mean, and the acquisition, or without its name the uncertainty.

    Parameters
    ----------
    seen : Landscape
        What is drawn.
    goal : Goal
        Of which it is.
    acquisition : str or None
        What stands beside the mean.
    best : int or None
        The best trial.
    spread : float
        What separates the best result from the worst: an expected improvement far below it is nothing.
    """
    across, up = seen.axes
    data: list[dict[str, Any]] = []
    axes: dict[str, Any] = {"annotations": []}
    for place, (name, values, colors, down) in enumerate(_parts(seen, goal, acquisition, spread)):
        suffix, domain = ("", _LEFT) if place == 0 else ("2", _RIGHT)
        on = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        data.append({**_map(seen, values, colors, down=down), **on})
        data[-1]["colorbar"] = {**_bar(domain[1]), **data[-1].get("colorbar", {})}
        where: dict[str, Any] = {**on, "showlegend": place == 0}
        data += marks(seen, lambda spot: (position(across, spot[0]), position(up, spot[1])), best, edge=_EDGE, **where)
        if seen.next is not None:
            at = position(across, seen.next[0]), position(up, seen.next[1])
            data.append(next_mark(at, edge=_EDGE, **where))
        axes[f"xaxis{suffix}"] = {
            **parameter_axis(across, 3, LETTERS // 3),
            "tickangle": 0,
            "domain": list(domain),
            "anchor": f"y{suffix}",
        }
        left = {**parameter_axis(up), "domain": [0.0, _TOP], "anchor": f"x{suffix}"}
        axes[f"yaxis{suffix}"] = left if place == 0 else {**left, "title": None, "matches": "y"}
        axes["annotations"].append(heading(name, domain[0], _TOP))
    return {"data": data, "layout": layout(height=_HEIGHT, **axes)}


def draw_surfaces(
    seen: Landscape, goal: Goal, acquisition: str | None, best: int | None, *, spread: float = 0.0
) -> Spec:
    """Return the same as surfaces in space."""
    across, up = seen.axes
    data: list[dict[str, Any]] = []
    scenes: dict[str, Any] = {"annotations": []}
    for place, (name, values, colors, down) in enumerate(_parts(seen, goal, acquisition, spread)):
        scene = "scene" if place == 0 else "scene2"
        domain = (0.0, 0.48) if place == 0 else (0.52, 1.0)
        data.append(
            {
                "type": "surface", "x": positions(across), "y": positions(up), "z": values, "scene": scene,
                "colorscale": scale(colors, down=down), "showscale": False, "hoverinfo": "skip",
                "contours": {"z": {"show": True, "usecolormap": True, "project": {"z": False}}},
            }
        )  # fmt: skip
        if place == 0:
            data.append(_cloud(seen, best))
        scenes[scene] = {
            "domain": {"x": list(domain), "y": [0.0, _TOP]},
            "xaxis": _scene_axis(parameter_axis(across, 3)),
            "yaxis": _scene_axis(parameter_axis(up, 3)),
            "zaxis": {"title": {"text": ""}, "showbackground": False, "nticks": 5, "exponentformat": "power"},
            "camera": {"eye": {"x": 1.6, "y": -1.75, "z": 1.0}},
            "aspectmode": "cube",
        }
        scenes["annotations"].append(heading(name, domain[0], _TOP))
    found = layout(height=_DEEP, xaxis={"visible": False}, yaxis={"visible": False}, **scenes)
    return {"data": data, "layout": {**found, "margin": {"l": 0, "r": 0, "t": 30, "b": 0}}}


def _parts(
    seen: Landscape, goal: Goal, acquisition: str | None, spread: float
) -> list[tuple[str, FloatArray, tuple[str, ...], bool]]:
    """Return the two parts: a name, values, colours, and whether low values are bright."""
    mean = (f"predicted {goal.metric}", _limited(seen), HEAT, goal.direction == "min")
    if acquisition is None:
        return [mean, ("half of the 68 % band", (seen.predicted.high - seen.predicted.low) / 2.0, GLOW, False)]
    values, name = seen.acquisition, f"acquisition: {acquisition}"
    if acquisition == "EI" and np.nanmax(values, initial=0.0) < _NOTHING * spread:
        values, name = np.where(np.isnan(values), np.nan, 0.0), "acquisition: EI, next to nothing anywhere"
    return [mean, (name, values, GLOW, acquisition == "LCB")]


def _limited(seen: Landscape) -> FloatArray:
    """Return the mean within what was observed: colours are for telling good from better, not for far corners."""
    known = [spot.value for spot in seen.spots if spot.value is not None and np.isfinite(spot.value)]
    if not known:
        return seen.predicted.median
    low, high = min(known), max(known)
    pad = _BEYOND * (high - low)
    return np.clip(seen.predicted.median, low - pad, high + pad) if high > low else seen.predicted.median


def _map(seen: Landscape, values: FloatArray, colors: tuple[str, ...], *, down: bool) -> dict[str, Any]:
    across, up = seen.axes
    heights = _heights(values)
    decades = {} if heights is values else {"colorbar": {"tickprefix": "10<sup>", "ticksuffix": "</sup>", "dtick": 1}}
    return {
        "type": "contour",
        "x": positions(across),
        "y": positions(up),
        "z": heights,
        **decades,
        "colorscale": scale(colors, down=down),
        "contours": {"coloring": "heatmap"},
        "ncontours": 14,
        "line": {"width": 0.6, "color": "rgba(255,255,255,0.55)"},
        "connectgaps": False,
        "hoverinfo": "skip",
    }


def _heights(values: FloatArray) -> FloatArray:
    """Return what is coloured: logarithms where nearly all of a map would be as dark as can be otherwise."""
    known = values[np.isfinite(values)]
    if not known.size or known.min() < 0.0 or known.max() <= 0.0 or np.median(known) >= _PEAKED * known.max():
        return values
    top = float(np.log10(known.max()))
    heights: FloatArray = np.maximum(np.log10(np.maximum(values, 1e-300)), top - _DECADES)
    return heights


def _bar(right: float) -> dict[str, Any]:
    return {
        "x": right + 0.008, "xanchor": "left", "thickness": 9, "len": _TOP, "y": 0, "yanchor": "bottom",
        "tickfont": {"size": 10}, "nticks": 6, "outlinewidth": 0, "exponentformat": "power", "xpad": 0,
    }  # fmt: skip


def _scene_axis(axis: dict[str, Any]) -> dict[str, Any]:
    kept = {
        name: value
        for name, value in axis.items()
        if name in ("title", "type", "range", "tickvals", "ticktext", "dtick")
    }
    text = kept["title"]["text"]
    font = {"size": 11}
    return {**kept, "title": {"text": text, "font": font}, "showbackground": False, "exponentformat": "power"}


def _cloud(seen: Landscape, best: int | None) -> dict[str, Any]:
    """Return the results near the surface as points in space."""
    spots = [spot for spot in seen.spots if spot.value is not None and (spot.near or spot.trial == best)]
    across, up = seen.axes
    return {
        "type": "scatter3d", "mode": "markers", "name": "results near by", "scene": "scene",
        "x": np.array([position(across, spot.place[0]) for spot in spots]),
        "y": np.array([position(up, spot.place[1]) for spot in spots]),
        "z": np.array([spot.value for spot in spots], dtype=np.float64),
        "customdata": np.array([spot.trial for spot in spots], dtype=np.int64),
        "marker": {"size": 3.5, "color": "#00936b", "line": {"width": 1, "color": _EDGE}},
        "hoverinfo": "none",
    }  # fmt: skip
