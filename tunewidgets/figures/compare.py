"""The figure that compares methods: the median of their best values against cost, with the quartiles over the seeds."""

import html
from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.compare import Band, Compared, Method
from tunewidgets.figures.layout import layout, number_axis, plain, plural, short, time_unit, title, value_axis
from tunewidgets.figures.palette import AMBER, BLUE, BROWN, GREEN, GREY, INDIGO, PURPLE, VERMILION, Mark
from tunewidgets.figures.svg import described, to_svg
from tunewidgets.figures.svg_axes import number
from tunewidgets.figures.theme import Theme

_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, AMBER, INDIGO, BROWN, GREY)
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "triangle-down", "star")
"""One fewer than colours: where there are more methods than either, the two together still differ."""

_SIGNS = 7
"""About so many symbols stand on a line."""

_FAINT = 0.18
"""How opaque a band is: two that overlap can still be told apart."""

_CELL = "padding:2px 14px 2px 0;text-align:left;border:none;border-bottom:1px solid rgba(128,128,128,0.3);"
_CELL += "color:inherit;background:transparent"


def draw_comparison(record: Compared) -> dict[str, Any]:
    """Draw methods beside each other.

    Parameters
    ----------
    record : Compared
        The comparison.

    Returns
    -------
    dict
        A Plotly spec: for each method a line, the median of its seeds' best values, and a band between their
        quartiles, as far as all its searches have come. A dotted line marks the common cost, where there is more
        beyond.
    """
    unit, size = _scale(record)
    bands, lines = [], []
    for method, mark in zip(record.methods, marks(), strict=False):
        bands.extend(_band(method, mark, size))
        lines.append(_line(method, mark, size))
    return {"data": [*bands, *lines], "layout": _layout(record, unit, size)}


def marks() -> Iterable[Mark]:
    """Return the methods' colours and symbols, one after another, without end."""
    return (Mark(colour, symbol) for colour, symbol in zip(cycle(_COLOURS), cycle(_SYMBOLS), strict=False))


def comparison_html(record: Compared, theme: Theme = "page") -> str:
    """Return a comparison as HTML that a saved notebook keeps: the picture, the verdict and a table.

    Parameters
    ----------
    record : Compared
        The comparison.
    theme : {"page", "light", "dark"}
        The picture's colours; "page" suits light and dark pages.

    Returns
    -------
    str
        One ``div`` with inline styles, without script; all text of the user is escaped.
    """
    picture = described(to_svg(draw_comparison(record), theme=theme), "The best value so far of each method")
    head = ("method", "seeds", f"median {short(record.field.metric, 40)}", "quartiles", "mean rank", "verdict")
    rows = [_row("th", head), *(_row("td", _cells(method)) for method in record.methods)]
    style = "font-family:system-ui,sans-serif;font-size:13px;line-height:1.45;color:inherit;max-width:900px"
    table = f'<table style="border-collapse:collapse;color:inherit;background:transparent">{"".join(rows)}</table>'
    return f'<div style="{style}">{picture}<p style="margin:6px 0">{html.escape(record.verdict)}</p>{table}</div>'


def _cells(method: Method) -> list[str]:
    quartiles = f"{_number(method.lower)} to {_number(method.upper)}"
    known = [str(len(method.finals)), _number(method.median), quartiles, f"{method.mean_rank:.2f}"]
    return [short(method.name, 60), *known, method.verdict]


def _number(value: float) -> str:
    return "none" if np.isnan(value) else number(value)


def _row(tag: str, cells: Iterable[str]) -> str:
    written = (f'<{tag} style="{_CELL}">{html.escape(cell)}</{tag}>' for cell in cells)
    return f"<tr>{''.join(written)}</tr>"


# --- the traces ----------------------------------------------------------------------------------------------------


def _scale(record: Compared) -> tuple[str, float]:
    """Return what stands on the axis of costs, and how much of it one unit is."""
    if record.cost == "trials":
        return "trials that have come to rest", 1.0
    if record.cost == "budget":
        return f"{plural(record.field.unit)} spent", 1.0
    unit, size = time_unit(_end(record))
    return f"{unit} at work", size


def _end(record: Compared) -> float:
    return float(max(method.band.costs[-1] for method in record.methods))


def _line(method: Method, mark: Mark, size: float) -> dict[str, Any]:
    band = method.band
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": plain(short(method.name, 40)),
        "legendgroup": method.name,
        "x": band.costs / size,
        "y": band.median,
        "line": {"color": mark.color, "width": 2, "shape": "hv"},
        "marker": {"color": mark.color, "symbol": mark.symbol, "size": _signs(band)},
        "hoverinfo": "skip",
    }


def _signs(band: Band) -> npt.NDArray[np.float64]:
    """Return the symbols' sizes: a few along the line, nought for all others."""
    sizes = np.zeros(len(band.costs))
    known = np.flatnonzero(np.isfinite(band.median))
    if len(known):
        spread = np.linspace(band.costs[known[0]], band.costs[-1], _SIGNS)
        sizes[np.maximum(known[0], np.searchsorted(band.costs, spread, side="right") - 1)] = 8.0
    return sizes


def _band(method: Method, mark: Mark, size: float) -> list[dict[str, Any]]:
    """Return the band between the quartiles as one outline, there below and back above, in steps like the line."""
    band = method.band
    known = np.isfinite(band.lower) & np.isfinite(band.upper)
    if len(method.finals) < 2 or known.sum() < 2:  # noqa: PLR2004 - one seed, or one point, has no band
        return []
    x = np.repeat(band.costs[known] / size, 2)[1:]
    lower, upper = (np.repeat(each[known], 2)[:-1] for each in (band.lower, band.upper))
    return [
        {
            "type": "scatter",
            "mode": "none",
            "name": f"{plain(short(method.name, 40))}, quartiles",
            "legendgroup": method.name,
            "showlegend": False,
            "x": np.concatenate([x, x[::-1]]),
            "y": np.concatenate([lower, upper[::-1]]),
            "fill": "toself",
            "fillcolor": _faint(mark.color),
            "hoverinfo": "skip",
        }
    ]


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{_FAINT})"


def _layout(record: Compared, unit: str, size: float) -> dict[str, Any]:
    end = _end(record) / size
    beyond = any(method.band.costs[-1] > record.at for method in record.methods) and record.at > 0
    text = f"{unit} · {_seeds(record.methods)}" + (" · compared at the dotted line" if beyond else "")
    axis = number_axis(0, end, text) if record.cost != "time" else {"title": title(text), "range": [0.0, 1.02 * end]}
    values = np.concatenate(
        [part for each in record.methods for part in (each.band.median, each.band.lower, each.band.upper)]
    )
    # A few early values may lie outside; how many steps of how many lines that are says nothing.
    better = "lower" if record.field.direction == "min" else "higher"
    name = title(f"best {plain(short(record.field.metric, 40))} so far ({better} is better)")
    return layout(
        height=380,
        xaxis=axis,
        yaxis={**value_axis(values.tolist(), record.field.metric, record.field.direction), "title": name},
        shapes=[_common(record.at / size)] if beyond else [],
    )


def _seeds(methods: Sequence[Method]) -> str:
    numbers = sorted({len(method.finals) for method in methods})
    if numbers == [1]:
        return "one seed each"
    span = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    return f"medians and quartiles of {span} seeds"


def _common(at: float) -> dict[str, Any]:
    line = {"color": GREY, "width": 1.5, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": line}
