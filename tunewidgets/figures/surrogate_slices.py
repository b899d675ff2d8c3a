"""A surrogate along one parameter: mean, band and results, the acquisition below; for categories one beside another."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.landscape import Landscape
from tunewidgets.analysis.surrogate import Predicted
from tunewidgets.figures.answers import Spec
from tunewidgets.figures.layout import layout, plain, title, told_apart, value_axis
from tunewidgets.figures.palette import HEAT, INDIGO, NEXT
from tunewidgets.figures.surrogate_curves import columns, curves
from tunewidgets.figures.surrogate_parts import LETTERS, heading, marks, next_mark, parameter_axis, position, positions
from tunewidgets.history import Goal
from tunewidgets.history.words import number

FloatArray = npt.NDArray[np.float64]

MOST_SLICES = 5
"""So many categories are drawn side by side at most."""

_HEIGHT = 400
_UPPER, _LOWER = (0.4, 0.96), (0.0, 0.26)
_GAP = 0.02
_ASIDE = 0.16  # how far beside its results a category's prediction stands
_NOTHING = 1e-6  # of the largest value: less is nothing
_AREA = "rgba(111,111,216,0.25)"


def draw_slice(seen: Landscape, goal: Goal, acquisition: str, best: int | None) -> Spec:
    """Return the figure of one parameter."""
    return _figure([(seen, "")], goal, acquisition, best)


def draw_slices(seen: Landscape, goal: Goal, acquisition: str, best: int | None) -> Spec:
    """Return the figure of a number and a category: a slice for each category, side by side."""
    which = 0 if seen.axes[0].categories else 1
    category = seen.axes[which]
    rows = _promising(seen, which, goal)
    room = LETTERS // len(rows) - 2
    told = told_apart([number(value) for value in category.values], room)
    slices = [(_slice(seen, which, row), _named(category.name, told[row], room)) for row in rows]
    return _figure(slices, goal, acquisition, best)


def _promising(seen: Landscape, which: int, goal: Goal) -> list[int]:
    """Return the categories of which most is expected, in their order."""
    median = seen.predicted.median if which == 1 else seen.predicted.median.T
    losses = median if goal.direction == "min" else -median
    best = np.where(np.isfinite(losses), losses, np.inf).min(axis=1)
    return sorted(np.argsort(best, kind="stable")[:MOST_SLICES].tolist())


def _named(parameter: str, value: str, room: int) -> str:
    """Return what stands above a slice: the category, with its parameter where there is room for both."""
    both = f"{parameter} {value}"
    return both if len(both) <= room else value


_TOLD_CELLS = 40
"""In more cells than this the acquisition is not written: nobody could read it."""


def draw_cells(seen: Landscape, goal: Goal, acquisition: str, best: int | None) -> Spec:
    """Return the figure of two categories: a cell for each pair, coloured by the mean, the acquisition in words."""
    across, up = seen.axes
    spread = seen.predicted.median
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x": positions(across),
            "y": positions(up),
            "z": spread,
            "colorscale": scale(HEAT, down=goal.direction == "min"),
            "colorbar": {"thickness": 10, "tickfont": {"size": 10}},
            "hoverinfo": "skip",
            "xgap": 2,
            "ygap": 2,
        },
        *marks(seen, lambda place: (position(across, place[0]), position(up, place[1])), best, edge="#ffffff"),
    ]
    if seen.next is not None:
        data.append(next_mark((position(across, seen.next[0]), position(up, seen.next[1])), edge="#ffffff"))
    top = float(np.nanmax(np.abs(seen.acquisition), initial=0.0))
    few = len(across.values) * len(up.values) <= _TOLD_CELLS
    notes = [
        {
            "x": x, "y": y, "text": f"{plain(acquisition)} {_told(seen.acquisition[y, x], top)}", "showarrow": False,
            "yshift": -16, "font": {"size": 10, "color": "#ffffff"}, "bgcolor": "rgba(0,0,0,0.45)",
        }
        for y in range(len(up.values))
        for x in range(len(across.values))
        if few and np.isfinite(seen.acquisition[y, x])
    ]  # fmt: skip
    axes = {
        "xaxis": {**parameter_axis(across, letters=LETTERS), "tickangle": 0},
        "yaxis": {**parameter_axis(up), "domain": [0.0, _UPPER[1]]},
    }
    head = heading(f"predicted {goal.metric}", 0.0, _UPPER[1])
    return {"data": data, "layout": layout(height=_HEIGHT, **axes, annotations=[*notes, head])}


def _told(value: float, top: float) -> str:
    return f"{value:.2g}" if abs(value) > _NOTHING * top else "\N{ALMOST EQUAL TO} 0"


def scale(colors: tuple[str, ...], *, down: bool = False) -> list[list[Any]]:
    """Return a colour scale as Plotly wants it; `down` turns it round, so that the low values are bright."""
    ordered = colors[::-1] if down else colors
    return [[place / (len(ordered) - 1), color] for place, color in enumerate(ordered)]


def _slice(seen: Landscape, which: int, row: int) -> Landscape:
    """Return what is seen where one of two axes has one of its values."""

    def at(values: FloatArray) -> FloatArray:
        return values[:, row] if which == 0 else values[row]

    other, value = 1 - which, seen.axes[which].values[row]
    predicted = Predicted(*(at(part) for part in (seen.predicted.median, seen.predicted.low, seen.predicted.high)))
    spots = tuple(replace(spot, place=(spot.place[other],)) for spot in seen.spots if spot.place[which] == value)
    here = seen.next is not None and seen.next[which] == value
    peak = (seen.peak[other],) if seen.peak and seen.peak[which] == value else ()
    return replace(
        seen,
        axes=(seen.axes[other],),
        predicted=predicted,
        acquisition=at(seen.acquisition),
        peak=peak,
        spots=spots,
        next=(seen.next[other],) if seen.next is not None and here else None,
    )


def _figure(slices: list[tuple[Landscape, str]], goal: Goal, acquisition: str, best: int | None) -> Spec:
    count = len(slices)
    width = (1.0 - _GAP * (count - 1)) / count
    data: list[dict[str, Any]] = []
    axes: dict[str, Any] = {"annotations": []}
    for place, (seen, name) in enumerate(slices):
        upper, lower = 2 * place, 2 * place + 1
        start = place * (width + _GAP)
        axis = {**parameter_axis(seen.axes[0], 8 // count, LETTERS // count), "domain": [start, start + width]}
        axis |= {"tickangle": 0} if "tickvals" in axis else {"tickangle": 0, "nticks": max(3, 8 // count)}
        ends = {"title": axis["title"] if count == 1 or place == count // 2 else None}
        axes[f"xaxis{_suffix(upper)}"] = {
            **axis,
            "title": None,
            "showticklabels": False,
            "anchor": f"y{_suffix(upper)}",
        }
        axes[f"xaxis{_suffix(lower)}"] = {
            **axis,
            **ends,
            "anchor": f"y{_suffix(lower)}",
            "matches": f"x{_suffix(upper)}",
        }
        data += _upper(seen, best, upper, first=place == 0)
        data += _lower(seen, acquisition, lower, first=place == 0)
        if name:
            axes["annotations"].append(heading(name, start, _UPPER[1]))
    ranges = _values(slices, goal), _acquired(slices, acquisition)
    for place in range(count):
        for number_, shown, domain in zip((2 * place, 2 * place + 1), ranges, (_UPPER, _LOWER), strict=True):
            own = shown if place == 0 else {**shown, "title": None, "showticklabels": False}
            axes[f"yaxis{_suffix(number_)}"] = {**own, "domain": list(domain), "anchor": f"x{_suffix(number_)}"}
    return {"data": data, "layout": layout(height=_HEIGHT, **axes)}


def _suffix(place: int) -> str:
    return "" if place == 0 else str(place + 1)


def _on(place: int) -> dict[str, str]:
    return {"xaxis": f"x{_suffix(place)}", "yaxis": f"y{_suffix(place)}"}


def _values(slices: list[tuple[Landscape, str]], goal: Goal) -> dict[str, Any]:
    """Return the axis of values: from the lowest band or result to the highest."""
    parts = [np.concatenate([seen.predicted.low, seen.predicted.high]) for seen, _ in slices]
    results = [spot.value for seen, _ in slices for spot in seen.spots if spot.value is not None]
    known = np.concatenate([*parts, np.array(results, dtype=np.float64)])
    return value_axis(known, goal.metric, goal.direction, "linear")


def _acquired(slices: list[tuple[Landscape, str]], acquisition: str) -> dict[str, Any]:
    known = np.concatenate([seen.acquisition for seen, _ in slices])
    known = known[np.isfinite(known)]
    if acquisition in ("LCB", "UCB"):
        return {**value_axis(known, acquisition, None, "linear"), "nticks": 4}
    top = float(known.max()) if known.size and known.max() > 0 else 1.0
    return {
        "title": title(acquisition),
        "range": [0.0, 1.1 * top],
        "nticks": 4,
        "zeroline": False,
        "exponentformat": "power",
    }


def _upper(seen: Landscape, best: int | None, place: int, *, first: bool) -> list[dict[str, Any]]:
    axis, on = seen.axes[0], _on(place)
    found = [
        *(
            columns(axis, seen.predicted, on, first=first, aside=_ASIDE)
            if axis.categories
            else curves(axis, seen.predicted, on, first=first)
        ),
        *marks(
            _valued(seen), lambda spot: (position(axis, spot[0]), spot[1]), best, running=False, showlegend=first, **on
        ),
    ]
    return [*found, *_waiting(seen, on)]


def _valued(seen: Landscape) -> Landscape:
    """Return the landscape with trials that have a value, which is a second coordinate of their places."""
    spots = (replace(spot, place=(spot.place[0], spot.value)) for spot in seen.spots if spot.value is not None)
    return replace(seen, spots=tuple(spots))


def _waiting(seen: Landscape, on: dict[str, str]) -> list[dict[str, Any]]:
    """Return lines where the next suggestion is."""
    if seen.next is None:
        return []
    axis = seen.axes[0]
    x = position(axis, seen.next[0])
    known = np.concatenate([seen.predicted.low, seen.predicted.high])
    known = known[np.isfinite(known)]
    if not known.size:
        return []
    line = {"color": NEXT.color, "width": 1.5, "dash": "dot"}
    ends = np.array([float(known.min()), float(known.max())])
    common = {"type": "scatter", "mode": "lines", "name": "next", "showlegend": False, "hoverinfo": "skip"}
    return [{**common, "x": np.array([x, x]), "y": ends, "line": line, **on}]


def _lower(seen: Landscape, acquisition: str, place: int, *, first: bool) -> list[dict[str, Any]]:
    axis, on = seen.axes[0], _on(place)
    x = positions(axis)
    common = {"name": acquisition, "x": x, "y": seen.acquisition, "hoverinfo": "skip", "showlegend": first, **on}
    if axis.categories:
        found = [
            {
                **common,
                "type": "scatter",
                "mode": "markers",
                "marker": {"color": INDIGO, "symbol": "diamond", "size": 10},
            }
        ]
    else:
        bound = acquisition in ("LCB", "UCB")
        area = {} if bound else {"fill": "tozeroy", "fillcolor": _AREA}
        found = [{**common, "type": "scatter", "mode": "lines", "line": {"color": INDIGO, "width": 2}, **area}]
    if seen.next is not None:
        at = position(axis, seen.next[0])
        height = float(np.interp(at, x, np.nan_to_num(seen.acquisition)))
        found.append(next_mark((at, height), **on))
    return found
