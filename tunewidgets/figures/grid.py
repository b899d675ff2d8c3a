"""Where brackets and rungs stand on their card: a row a bracket, a column a budget."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tunewidgets.analysis.brackets import Bracket, Brackets, Rung

UNIT = 16
"""Pixels of one unit of height: the distance between two marks of a rung."""

_HEADING = 1.5
"""Units above a row's marks for the numbers of its rungs."""

_GAP = 0.9
"""Units between two rows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A rung in its place: `x` is its column, `y` the middle of its row, `top` the row's upper edge (y goes up)."""

    rung: Rung
    bracket: int
    x: int
    y: float
    top: float


@dataclass(frozen=True, slots=True)
class Grid:
    """All rungs in their places.

    Attributes
    ----------
    columns : tuple of (int or None)
        The budgets, ascending; None, as long as it takes, comes last.
    rows : tuple of (Bracket, float)
        The brackets with the middle of their rows, the first at the top.
    cells : tuple of Cell
        Row by row, from left to right.
    depth : float
        How far down the rows reach, in units.
    """

    columns: tuple[int | None, ...]
    rows: tuple[tuple[Bracket, float], ...]
    cells: tuple[Cell, ...]
    depth: float


def arrange(record: Brackets, rows: range, height: Callable[[Bracket], float]) -> Grid:
    """Place the brackets of some rows.

    Parameters
    ----------
    record : Brackets
        What is drawn.
    rows : range
        Which brackets.
    height : callable
        A bracket's height without heading and gap, in units.

    Returns
    -------
    Grid
    """
    shown = [record.brackets[number] for number in rows]
    budgets = {rung.budget for bracket in shown for rung in bracket.rungs}
    known = sorted(budget for budget in budgets if budget is not None)
    columns: tuple[int | None, ...] = (*known, None) if None in budgets else tuple(known)
    placed, cells, depth = [], [], 0.0
    for bracket in shown:
        body = height(bracket)
        middle = -(depth + _HEADING + body / 2)
        placed.append((bracket, middle))
        top = middle + body / 2
        cells += [Cell(rung, bracket.number, columns.index(rung.budget), middle, top) for rung in bracket.rungs]
        depth += _HEADING + body + _GAP
    return Grid(columns, tuple(placed), tuple(cells), depth)


def steps(grid: Grid) -> Iterator[tuple[Cell, Cell]]:
    """Yield the pairs of neighbouring rungs of one bracket."""
    for here, there in zip(grid.cells, grid.cells[1:], strict=False):
        if here.bracket == there.bracket:
            yield here, there
