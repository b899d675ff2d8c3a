"""Large brackets: a bar for each rung, divided by what became of its trials, the outline of what is still to come."""

import math
from typing import Any

import numpy as np

from tunewidgets.analysis.brackets import Member, outcomes
from tunewidgets.figures.dots import hover_marks
from tunewidgets.figures.grid import Cell, Grid, steps
from tunewidgets.figures.palette import CLEAR, GREY, INDIGO, OUTCOMES

HEIGHT = 1.7
"""The tallest bar, in units."""

_WIDTH = 0.78
"""A bar's width, as a share of its column's."""

_WRITTEN = 0.14
"""A part of a bar that is narrower than this share bears no number."""

_MOST_POINTED = 300
"""The trials of a larger rung cannot be pointed at one by one: they would be narrower than a pixel."""

_INK = "#000000"

_Part = tuple[Cell, str, int, tuple[Member, ...]]
"""A cell, an outcome, where in the rung it begins, and whose it is."""


def bar_traces(grid: Grid) -> list[dict[str, Any]]:
    """Return the traces: the survivors' ways, the outlines, a trace for each outcome, and marks to point at."""
    parts = [part for cell in grid.cells for part in _parts(cell)]
    largest = max(cell.rung.size for cell in grid.cells)
    traces = [_ways(grid)]
    for outcome in OUTCOMES:
        found = [part for part in parts if part[1] == outcome]
        if found:
            traces.append(_segments(outcome, found, largest))
    traces.append(_outlines(grid, largest))
    pointed = [
        (_left(cell) + (start + index + 0.5) * _WIDTH / cell.rung.size, cell.y, member)
        for cell, _, start, members in parts
        for index, member in enumerate(members)
        if cell.rung.size <= _MOST_POINTED
    ]
    return [*(trace for trace in traces if len(trace["x"])), *([hover_marks(pointed)] if pointed else [])]


def _parts(cell: Cell) -> list[_Part]:
    found: list[_Part] = []
    start = 0
    for outcome, members in outcomes(cell.rung):
        found.append((cell, outcome, start, members))
        start += len(members)
    return found


def _left(cell: Cell) -> float:
    return cell.x - _WIDTH / 2


def _height(cell: Cell, largest: int) -> float:
    """Return a bar's height: it falls with the logarithm of the number of trials, so that a ladder narrows."""
    share = math.log(max(1, cell.rung.size)) / math.log(largest) if largest > 1 else 1.0
    return HEIGHT * (0.6 + 0.4 * share)


def _bars(name: str, color: str, boxes: list[tuple[float, float, float, float]]) -> dict[str, Any]:
    """Return a trace of boxes: their left edge, middle height, width and height."""
    columns = np.array(boxes, float).reshape(-1, 4)
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "base": columns[:, 0],
        "y": columns[:, 1],
        "x": columns[:, 2],
        "width": columns[:, 3],
        "marker": {"color": color, "line": {"width": 0, "color": CLEAR}},
        "hoverinfo": "skip",
    }


def _outlines(grid: Grid, largest: int) -> dict[str, Any]:
    boxes = [(_left(cell), cell.y, _WIDTH, _height(cell, largest)) for cell in grid.cells]
    trace = _bars("to come", CLEAR, boxes)
    trace["marker"]["line"] = {"width": 1, "color": GREY}
    return trace


def _segments(outcome: str, parts: list[_Part], largest: int) -> dict[str, Any]:
    boxes = [
        (_left(cell) + start * _WIDTH / cell.rung.size, cell.y, len(members) * _WIDTH / cell.rung.size,
         _height(cell, largest))
        for cell, _, start, members in parts
    ]  # fmt: skip
    trace = _bars(outcome, OUTCOMES[outcome].color, boxes)
    wide = [len(members) / cell.rung.size >= _WRITTEN for cell, _, _, members in parts]
    trace["text"] = [str(len(part[3])) if write else "" for part, write in zip(parts, wide, strict=True)]
    return trace | {"textposition": "inside", "insidetextanchor": "middle", "textangle": 0, "constraintext": "none",
                    "textfont": {"color": _INK, "size": 11}}  # fmt: skip


def _ways(grid: Grid) -> dict[str, Any]:
    x: list[float] = []
    y: list[float] = []
    for here, there in steps(grid):
        if here.rung.count("promoted"):
            x += [here.x + _WIDTH / 2, there.x - _WIDTH / 2, np.nan]
            y += [here.y, there.y, np.nan]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "way",
        "showlegend": False,
        "x": np.array(x),
        "y": np.array(y),
        "connectgaps": False,
        "line": {"color": INDIGO, "width": 2},
        "hoverinfo": "skip",
    }
