"""One bracket as ranks: a line a trial, from its place at each rung to its place at the next.

Where lines cross, trials have changed places: a low budget has misled.
"""

from typing import Any, NamedTuple

import numpy as np

from tunewidgets.analysis.brackets import Bracket, Brackets, Outcome, Rung
from tunewidgets.figures.answers import Asked, Drawn, NotYet, Option, option
from tunewidgets.figures.layout import layout, plain, thinned, title
from tunewidgets.figures.palette import OUTCOMES, Mark
from tunewidgets.history import Direction, amount, rank_key

_HEIGHT = 360
_MOST = 300
"""Lines of more trials than this are a hatching: those that were promoted stay, and a sample of the others."""

_NUMBERED = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class _Way(NamedTuple):
    """A trial's places: columns and ranks, and what became of it at the last of them."""

    trial: int
    columns: tuple[int, ...]
    ranks: tuple[int, ...]
    outcome: Outcome


def bracket_option(record: Brackets, asked: Asked) -> Option:
    """Return the choice among the brackets that have ranks to draw: unasked the first one at work, or the first."""
    climbing = [bracket for bracket in record.brackets if len(bracket.rungs) > 1]
    at_work = [bracket for bracket in climbing if any(rung.count("running") for rung in bracket.rungs)]
    names = [f"bracket {bracket.number}" for bracket in climbing]
    return option("of", "of", names, {"of": f"bracket {(at_work or climbing)[0].number}", **asked})


def draw_ranks(record: Brackets, direction: Direction, options: tuple[Option, ...]) -> Drawn | NotYet:
    """Draw a bracket's ranks.

    Parameters
    ----------
    record : Brackets
        All brackets.
    direction : {"min", "max"}
        Which values are better.
    options : tuple of Option
        The card's, the last of which says which bracket.

    Returns
    -------
    Drawn or NotYet
    """
    bracket = record.brackets[int(options[-1].value.removeprefix("bracket "))]
    ways = _ways(bracket, direction)
    if not ways:
        return NotYet(f"no trial of {options[-1].value} has come to a rung yet: each is ranked when it does", options)
    kept = {index for index, way in enumerate(ways) if len(way.ranks) > 1}
    shown = [ways[index] for index in thinned(len(ways), kept, _MOST)]
    traces = [
        _lines(outcome, mark, found)
        for outcome, mark in reversed(list(OUTCOMES.items()))  # what matters most lies on top
        if (found := [way for way in shown if way.outcome == outcome])
    ]
    return Drawn({"data": traces, "layout": _layout(bracket, record.unit, ways)}, options)


def _ways(bracket: Bracket, direction: Direction) -> list[_Way]:
    places: dict[int, list[tuple[int, int, Outcome]]] = {}
    for column, rung in enumerate(bracket.rungs):
        for rank, (trial, outcome) in enumerate(_order(rung, direction), 1):
            places.setdefault(trial, []).append((column, rank, outcome))
    return [
        _Way(trial, tuple(column for column, _, _ in way), tuple(rank for _, rank, _ in way), way[-1][2])
        for trial, way in sorted(places.items())
    ]


def _order(rung: Rung, direction: Direction) -> list[tuple[int, Outcome]]:
    """Return the trials that a rung can compare, the best first."""
    known = [member for member in rung.members if member.value is not None]
    known.sort(key=lambda member: rank_key(member.value, member.trial, direction))
    return [(member.trial, member.outcome) for member in known]


def _lines(outcome: str, mark: Mark, ways: list[_Way]) -> dict[str, Any]:
    gap = [np.nan]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": outcome,
        "x": np.concatenate([[*way.columns, *gap] for way in ways]),
        "y": np.concatenate([[*way.ranks, *gap] for way in ways]),
        # A gap bears the number of the line before it: the array stays one of whole numbers.
        "customdata": np.repeat([way.trial for way in ways], [len(way.ranks) + 1 for way in ways]),
        "connectgaps": False,
        "opacity": mark.opacity,
        "line": {"color": mark.color, "width": 1.5 if outcome == "pruned" else 2.5},
        "marker": {"color": mark.color, "symbol": mark.symbol, "size": 8},
        "hoverinfo": "none",
    }


def _layout(bracket: Bracket, unit: str, ways: list[_Way]) -> dict[str, Any]:
    most = max(rank for way in ways for rank in way.ranks)
    count = len(bracket.rungs)
    numbered = [rank for rank in _NUMBERED if rank <= most]
    return layout(
        height=_HEIGHT,
        xaxis={
            "title": title(f"rungs of bracket {bracket.number}"), "range": [-0.3, count - 0.7], "showgrid": True,
            "tickvals": list(range(count)), "ticktext": [_named(rung, unit) for rung in bracket.rungs],
            "fixedrange": True,
        },
        yaxis={
            "title": title("rank at the rung (1 is the best)"), "type": "log",
            "range": [np.log10(most * 1.2), np.log10(0.85)], "tickvals": numbered,
            "ticktext": [f"{rank:,}" for rank in numbered], "fixedrange": True,
        },
    )  # fmt: skip


def _named(rung: Rung, unit: str) -> str:
    return plain(amount(rung.budget, unit))
