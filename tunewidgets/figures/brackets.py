"""The card Brackets: a row a bracket, a column a budget; the plan as outlines that fill as legs come to rest."""

from typing import Any

from tunewidgets.analysis.agreement import Agreement, rung_agreement, said
from tunewidgets.analysis.brackets import Bracket, Brackets, Rung, bracket_ladders
from tunewidgets.figures.answers import Answer, Asked, Drawn, NotYet, option
from tunewidgets.figures.bars import HEIGHT, bar_traces
from tunewidgets.figures.dots import dot_traces
from tunewidgets.figures.grid import UNIT, Cell, Grid, arrange
from tunewidgets.figures.layout import layout, plain, plural, title
from tunewidgets.figures.palette import VERMILION
from tunewidgets.figures.ranks import bracket_option, draw_ranks
from tunewidgets.history import NOTHING, History, Plan, amount

MOST_DOTS = 12
"""Where a rung has more configurations, rungs are drawn as bars and not as marks."""

MOST_DEPTH = 30
"""Where the marks of all brackets would take more units than this from top to bottom, they are bars too: a card has
only so much height."""

MOST_ROWS = 8
"""Where there are more brackets, those at work are drawn, with a few before and after them."""


_ROOMY = 4
"""Where there are more columns, the budget stands at the axis alone: their headings would run into each other."""

_WITHOUT_RUNGS = ("median", "patience")

_FOOT, _FOOT_GAP = 1.4, 0.7
"""Units for a line on how well the rungs agree, and between the last row and the first of these lines."""

_FOOT_LABEL = "ranks agree"


def draw_brackets(history: History, plan: Plan | None = None, asked: Asked = NOTHING) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.
    plan : Plan or None
        What the schedule will do: drawn in outline before the first trial.
    asked : mapping of str to str
        "as" ("ladders" or "ranks"), and of ranks "of": which bracket.

    Returns
    -------
    Drawn or NotYet
    """
    record = bracket_ladders(history, plan)
    if not record.climbs:
        return _none(history, plan)
    shape = option("as", "as", ("ladders", "ranks"), asked)
    if shape.value == "ranks":
        return draw_ranks(record, history.direction, (shape, bracket_option(record, asked)))
    rows = _rows(record)
    shown = [record.brackets[number] for number in rows]
    grid = arrange(record, rows, _tallest)
    dots = 0 < _widest(history, shown, plan) <= MOST_DOTS and grid.depth <= MOST_DEPTH
    if not dots:
        grid = arrange(record, rows, lambda _bracket: HEIGHT)
    agreement = rung_agreement(history, record)
    traces = dot_traces(grid) if dots else bar_traces(grid)
    return Drawn({"data": traces, "layout": _layout(record, grid, agreement)}, (shape,))


def _none(history: History, plan: Plan | None) -> NotYet:
    """Return why there are no rungs: only a ladder that grows will have some later."""
    schedule = history.opened.strategy.get("schedule") if history.opened else None
    if schedule and schedule.get("name") in _WITHOUT_RUNGS:
        return NotYet(
            "trials are ended on their way by a rule, and not compared at rungs: the card Curves shows where",
            expected=False,
        )
    if plan is not None or history.counts.get("completed"):
        return NotYet("every trial trains to the full budget: there are no rungs to draw", expected=False)
    return NotYet("no trial has come to a rung yet: this schedule cannot be drawn before its first promotion")


def _widest(history: History, shown: list[Bracket], plan: Plan | None) -> int:
    """Return how many trials the largest rung has, or will have: a ladder that grows must not change its looks."""
    widest = max(rung.size for bracket in shown for rung in bracket.rungs)
    return max(widest, history.limits.trials or 0) if plan is None and widest else widest


def _tallest(bracket: Bracket) -> float:
    return float(max(rung.size for rung in bracket.rungs))


def _rows(record: Brackets) -> range:
    """Choose the brackets to show: where there are too many, from shortly before the first one still at work."""
    total = len(record.brackets)
    at_work = next(
        (b.number for b in record.brackets if any(rung.to_come or rung.count("running") for rung in b.rungs)), total
    )
    first = max(0, min(at_work - 2, total - MOST_ROWS))
    return range(first, min(total, first + MOST_ROWS))


def _layout(record: Brackets, grid: Grid, agreement: Agreement) -> dict[str, Any]:
    count = len(grid.columns)
    told = _agreement(grid, agreement)
    feet = sorted({note["y"] for note in told}, reverse=True)
    depth = grid.depth + _FOOT * len(feet) + (_FOOT_GAP if feet else 0.0)
    labels = [(y, _row_label(bracket, record.unit)) for bracket, y in grid.rows] + [(y, _FOOT_LABEL) for y in feet[:1]]
    return layout(
        height=round(depth * UNIT) + 100,
        xaxis={
            "title": title(_caption(record, grid)), "range": [-0.5, count - 0.5], "tickvals": list(range(count)),
            "ticktext": ["to the end" if budget is None else f"{budget:,}" for budget in grid.columns],
            "showgrid": False, "fixedrange": True,
        },
        yaxis={
            "range": [-depth, 0], "tickvals": [y for y, _ in labels], "ticktext": [label for _, label in labels],
            "showgrid": False, "fixedrange": True,
        },
        annotations=[*(_heading(cell, record.unit if count <= _ROOMY else None) for cell in grid.cells), *told],
        barmode="overlay",
    )  # fmt: skip


def _agreement(grid: Grid, agreement: Agreement) -> list[dict[str, Any]]:
    """Return what stands below the rows: between two columns how well their ranks agree, and a line where it is little.

    Why a low budget may mislead, and what can be done about it, is for the record's own sentences: here is no room.
    """
    column = {budget: index for index, budget in enumerate(grid.columns)}
    shown = [p for p in agreement.pairs if p.correlation is not None and p.low in column and p.high in column]
    line = -(grid.depth + _FOOT_GAP + _FOOT / 2)
    notes = []
    for pair in shown:
        text = f"{pair.correlation:.2f}{', little' if pair.little else ''}"
        notes.append(_note((column[pair.low] + column[pair.high]) / 2, line, text))
        if pair.little:
            notes[-1]["font"]["color"] = VERMILION
    middle = (len(column) - 1) / 2
    doubted = [plain(said(pair, agreement.unit)) for pair in shown if pair.little]
    return notes + [_note(middle, line - number * _FOOT, text) for number, text in enumerate(doubted, 1)]


def _note(x: float, y: float, text: str) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "yanchor": "middle", "font": {"size": 11}}


def _caption(record: Brackets, grid: Grid) -> str:
    """Say what the columns are, what has been spent, and which brackets are in sight."""
    spent = _spent(record.spent, record.planned)
    caption = f"{plural(record.unit)} at the rung · {spent} {plural(record.unit)} spent"
    if len(grid.rows) < len(record.brackets):
        caption += f" · brackets {grid.rows[0][0].number} to {grid.rows[-1][0].number} of {len(record.brackets)}"
    return caption


def _spent(spent: int, planned: int | None) -> str:
    return f"{spent:,}" if planned is None else f"{spent:,} of {planned:,}"


def _row_label(bracket: Bracket, unit: str) -> str:
    return f"bracket {bracket.number}<br>{_spent(bracket.spent, bracket.planned)} {plural(unit)}"


def _heading(cell: Cell, unit: str | None) -> dict[str, Any]:
    return {
        "x": cell.x, "y": cell.top, "text": heading(cell.rung, unit), "showarrow": False, "yanchor": "bottom",
        "yshift": 2, "font": {"size": 11},
    }  # fmt: skip


def heading(rung: Rung, unit: str | None) -> str:
    """Return what stands above a rung: '9 @ 1 epoch' while it is a plan, '4 of 9 · 1 epoch' as it fills.

    Without a unit it is '9' and '4 of 9'.
    """
    budget = "" if unit is None else plain(amount(rung.budget, unit))
    if not rung.size:
        return f"none yet · {budget}" if budget else "none yet"
    if not rung.entered:
        return f"{rung.size} @ {budget}" if budget else f"{rung.size}"
    return f"{rung.settled} of {rung.size}" + (f" · {budget}" if budget else "")
