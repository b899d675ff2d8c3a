"""The card Timeline: a bar a leg, one row for each that ran at once; what is white was nobody's work."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tunewidgets.analysis.timeline import Span, Timeline, worker_timeline
from tunewidgets.figures.answers import Answer, Drawn, NotYet
from tunewidgets.figures.edits import with_edits
from tunewidgets.figures.layout import layout, time_unit, title
from tunewidgets.figures.palette import CLEAR, GREY, STATES, Mark
from tunewidgets.history import History

_OUTCOMES: dict[str, Mark] = {
    **{name: mark for name, mark in STATES.items() if name != "interrupted"},
    "lost": STATES["interrupted"],
}

_MOST_ROWS = 64
"""More rows than this cannot be told apart."""

_FINE = 1 / 1500
"""A bar that is shorter than this share of the whole is narrower than a pixel, and is joined to its like beside it."""

_ROW, _FEW, _HIGH = 26, 7, 320
"""The height of a row in pixels where there are few, how many are few, and the figure's height where there are more."""

_THICK, _SLIT = 0.74, 1 / 600
"""A bar's thickness, as a share of its row's, and the slit behind it, as a share of the whole: bars must not run into
each other."""

_LABELLED = 12
"""So many rows have a label each."""


def draw_timeline(history: History) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.

    Returns
    -------
    Drawn or NotYet
        One trace for each outcome of a leg.
    """
    record = worker_timeline(history)
    if not record.spans:
        return NotYet("no trial has started yet: each gets a bar while it runs")
    unit, size = time_unit(record.seconds)
    bars = list(_joined([span for span in record.spans if span.row < _MOST_ROWS], _FINE * record.seconds))
    traces = [
        _bars(name, mark, found, (size, _SLIT * record.seconds))
        for name, mark in _OUTCOMES.items()
        if (found := [bar for bar in bars if bar.outcome == name])
    ]
    figure = {"data": traces, "layout": _layout(record, unit, size)}
    return Drawn(with_edits(figure, (at / size for at in record.edits)))


def _joined(spans: Sequence[Span], fine: float) -> Iterator[Span]:
    """Join bars that are too short to be seen with those of the same outcome beside them in their row."""
    open_bars: dict[int, Span] = {}
    for span in spans:
        before = open_bars.get(span.row)
        short = span.end - span.start < fine
        if before is not None and short and before.outcome == span.outcome and span.start - before.end < fine:
            open_bars[span.row] = before._replace(end=span.end)
            continue
        if before is not None:
            yield before
        open_bars[span.row] = span
    yield from open_bars.values()


def _bars(name: str, mark: Mark, spans: Sequence[Span], scale: tuple[float, float]) -> dict[str, Any]:
    size, slit = scale
    start, end = (np.array(times) for times in ([span.start for span in spans], [span.end for span in spans]))
    length = end - start - np.minimum(slit, 0.5 * (end - start))
    hollow = mark.symbol.endswith("-open")
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "base": start / size,
        "x": length / size,
        "y": np.array([span.row for span in spans], float),
        "width": np.full(len(spans), _THICK),
        "customdata": np.array([span.trial for span in spans]),
        "marker": {
            "color": CLEAR if hollow else mark.color, "opacity": max(mark.opacity, 0.85),
            "line": {"width": 1.5 if hollow else 0, "color": mark.color},
        },
        "hoverinfo": "none",
    }  # fmt: skip


def _layout(record: Timeline, unit: str, size: float) -> dict[str, Any]:
    rows = min(record.rows, _MOST_ROWS)
    labelled = list(range(rows)) if rows <= _LABELLED else [0, rows // 2, rows - 1]
    return layout(
        height=_HIGH if rows > _FEW else 130 + _ROW * rows,
        xaxis={"title": title(_caption(record, unit)), "range": [0.0, 1.02 * record.seconds / size], "showgrid": True},
        yaxis={
            "range": [rows - 0.5, -0.5], "showgrid": False, "fixedrange": True, "title": title("legs at once"),
            "tickvals": labelled, "ticktext": [str(row + 1) for row in labelled],
        },
        barmode="overlay",
        shapes=[_rest(rest.at / size) for rest in record.rests],
    )  # fmt: skip


def _caption(record: Timeline, unit: str) -> str:
    parts = [f"{unit} since the start"]
    if record.rests:
        parts.append("pauses left out")
    if record.busy is not None:
        parts.append(f"workers {record.busy:.0%} busy")
    if record.rows > _MOST_ROWS:
        parts.append(f"{_MOST_ROWS} of {record.rows:,} rows")
    return " · ".join(parts)


def _rest(at: float) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
        "line": {"color": GREY, "width": 1.5, "dash": "dot"},
    }  # fmt: skip
