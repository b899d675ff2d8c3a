"""Small brackets: every configuration is a mark, and a line leads each survivor to its place at the next rung."""

from typing import Any

import numpy as np

from tunewidgets.analysis.brackets import Member
from tunewidgets.figures.grid import Cell, Grid, steps
from tunewidgets.figures.palette import INDIGO, OUTCOMES, TO_COME, Mark

_Slots = dict[tuple[int, int, int], float]
"""The height of a mark by bracket, rung and trial."""


def dot_traces(grid: Grid) -> list[dict[str, Any]]:
    """Return the traces: the survivors' lines, the places still empty, then a trace for each outcome."""
    slots = _slots(grid)
    traces = [_ways(grid, slots)]
    for outcome, mark in OUTCOMES.items():
        found = [
            (cell.x, slots[cell.bracket, cell.rung.number, member.trial], member)
            for cell in grid.cells
            for member in cell.rung.members
            if member.outcome == outcome
        ]
        if found:
            traces.append(_marks(outcome, mark, found))
    traces.append(_to_come(grid))
    return [trace for trace in traces if len(trace["x"])]


def _slots(grid: Grid) -> _Slots:
    """Give each member of each rung its height: in the order of the rung before, so that no two ways cross."""
    slots: _Slots = {}
    for cell in grid.cells:
        here = (cell.bracket, cell.rung.number)
        before = (cell.bracket, cell.rung.number - 1)
        order = sorted(cell.rung.members, key=lambda member: -slots.get((*before, member.trial), 0.0))
        for index, member in enumerate(order):
            slots[*here, member.trial] = _height(cell, index)
    return slots


def _height(cell: Cell, index: int) -> float:
    return cell.y + (cell.rung.size - 1) / 2 - index


def _ways(grid: Grid, slots: _Slots) -> dict[str, Any]:
    x: list[float] = []
    y: list[float] = []
    for here, there in steps(grid):
        for member in there.rung.members:
            start = slots.get((here.bracket, here.rung.number, member.trial))
            if start is not None:
                x += [here.x, there.x, np.nan]
                y += [start, slots[there.bracket, there.rung.number, member.trial], np.nan]
    line = {"color": INDIGO, "width": 1.2}
    return _lines(x, y) | {"line": line, "opacity": 0.9}


def _lines(x: list[float], y: list[float]) -> dict[str, Any]:
    common = {"type": "scatter", "mode": "lines", "name": "way", "showlegend": False, "hoverinfo": "skip"}
    return common | {"x": np.array(x), "y": np.array(y), "connectgaps": False}


def _to_come(grid: Grid) -> dict[str, Any]:
    places = [
        (cell.x, _height(cell, index)) for cell in grid.cells for index in range(cell.rung.entered, cell.rung.size)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "to come",
        "x": np.array([x for x, _ in places]),
        "y": np.array([y for _, y in places]),
        "marker": _marker(TO_COME, 9, 1.2),
        "hoverinfo": "skip",
    }


def _marks(name: str, mark: Mark, found: list[tuple[int, float, Member]]) -> dict[str, Any]:
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": np.array([x for x, _, _ in found]),
        "y": np.array([y for _, y, _ in found]),
        "customdata": np.array([member.trial for _, _, member in found]),
        "marker": _marker(mark, 11, 2.2 if mark.symbol.endswith("-open") else 0.5),
        "hoverinfo": "none",
    }
    if name == "completed":  # what the whole ladder is about: the values at its top
        text = ["" if member.value is None else f"  {member.value:.4g}" for _, _, member in found]
        trace |= {"mode": "markers+text", "text": text, "textposition": "middle right", "textfont": {"size": 11}}
    return trace


def _marker(mark: Mark, size: int, width: float) -> dict[str, Any]:
    return {"color": mark.color, "symbol": mark.symbol, "size": size, "line": {"color": mark.color, "width": width}}


def hover_marks(found: list[tuple[float, float, Member]]) -> dict[str, Any]:
    """Return marks that nobody sees, so that the parts of a bar can be pointed at trial by trial."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "trials",
        "showlegend": False,
        "x": np.array([x for x, _, _ in found]),
        "y": np.array([y for _, y, _ in found]),
        "customdata": np.array([member.trial for _, _, member in found]),
        "marker": {"opacity": 0, "size": 12},
        "hoverinfo": "none",
    }
