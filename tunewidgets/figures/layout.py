"""What all figures have in common: quiet layouts, axes with a metric and a unit, and a limit on points."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.figures.palette import CLEAR
from tunewidgets.history import Direction

FEW = 1000
"""Above so many points a figure is drawn by WebGL: SVG takes a quarter of a second a redraw at ten times as many."""

MOST = 2000
"""About so many points are in sight at most."""

LOGARITHMIC: Mapping[str, str] = MappingProxyType({"type": "log", "tickformat": "~g", "exponentformat": "e"})
"""A logarithmic axis: Plotly left to itself writes 2 and 5 between large tens, all without their powers."""

_DECADES = 2.5
"""Positive values that are minimised and span more orders of magnitude than this get a logarithmic axis."""

_MINUTE, _HOUR = 60.0, 3600.0
_LONG = 3.0
"""From so many minutes on times are in minutes, and from so many hours on in hours."""

_ENOUGH = 8
"""Fewer values than this have no strays."""

_STRAY = 10.0
"""So many times the distance of the quartiles beyond the worse one, a value is a stray."""


def layout(*, height: int, xaxis: dict[str, Any], yaxis: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a layout without colours of text, axes and grid: the page's theme sets them.

    ``uirevision`` keeps a person's zoom when the figure is drawn anew with more data.
    """
    return {
        "height": height,
        "margin": {"l": 64, "r": 20, "t": 44, "b": 48},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"size": 12},
        "hovermode": "closest",
        "showlegend": True,
        "uirevision": "stay",
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom",
            "itemsizing": "constant", "bgcolor": CLEAR, "font": {"size": 12},
        },
        "xaxis": {"automargin": True, "zeroline": False, **xaxis},
        "yaxis": {"automargin": True, "zeroline": False, "exponentformat": "power", **yaxis},
        **more,
    }  # fmt: skip


def title(text: str) -> dict[str, Any]:
    """Return an axis title; user text in it must have gone through `plain`."""
    return {"text": text, "standoff": 8, "font": {"size": 12}}


def plain(text: str) -> str:
    """Return a text that Plotly shows as it is: it renders a few HTML tags and TeX between dollar signs."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")


def short(text: str, most: int) -> str:
    """Return a text cut to so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def squeezed(text: str, most: int) -> str:
    """Return a text of so many characters: what is too long loses its middle, as categories often begin alike.

    Examples
    --------
    >>> squeezed("encoder-03-base", 11)
    'encod…-base'
    """
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"


def told_apart(texts: Sequence[str], most: int) -> list[str]:
    """Return texts of so many characters; where some are too long, all lose what they begin and end with alike.

    Examples
    --------
    >>> told_apart(["encoder-03-base", "encoder-12-base"], 8)
    ['…03…', '…12…']
    """
    if len(texts) < 2 or max(map(len, texts)) <= most:  # noqa: PLR2004 - one alone is like no other
        return [squeezed(text, most) for text in texts]
    start = _alike(texts)
    end = min(_alike([text[::-1] for text in texts]), min(map(len, texts)) - start)
    cut = [text[start : len(text) - end] for text in texts]
    return [squeezed(f"{'…' if start else ''}{part}{'…' if end else ''}", most) for part in cut]


def _alike(texts: Sequence[str]) -> int:
    """Return with how many letters all of them begin alike."""
    return sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False)))


def plural(unit: str) -> str:
    """Return an axis's word for the budget: 'epochs'."""
    return plain(f"{unit}s")


def value_axis(
    values: Iterable[float], metric: str, direction: Direction | None, scale: str | None = None
) -> dict[str, Any]:
    """Return an axis of values on which the good ones can be told apart.

    Losses that span orders of magnitude get a logarithmic axis, unless the scale is given, "linear" or "log". Where a
    few values are far worse than all others a linear axis ends before them; `beyond` says how many lie outside.
    The range is always given: Plotly loses an axis that goes from a given range to one of its own choice while its data
    stay the same.
    """
    known = np.fromiter((value for value in values if math.isfinite(value)), float)
    better = {"min": " (lower is better)", "max": " (higher is better)", None: ""}[direction]
    text = plain(short(metric, 40)) + better
    if (scale or scales(known, direction)[0]) == "log" and (known > 0).any():
        return {"title": title(text), "range": _padded(np.log10(known[known > 0])), **LOGARITHMIC}
    limits = None if direction is None else _without_strays(known if direction == "min" else -known)
    if limits is None:
        return {"title": title(text), **({"range": _padded(known)} if known.size else {})}
    low, high = limits if direction == "min" else (-limits[1], -limits[0])
    return {"title": title(text), "range": [low, high]}


def beyond(axis: Mapping[str, Any], values: Iterable[float], *, foot: float = 0.0) -> list[dict[str, Any]]:
    """Return a note at the end of a vertical axis of `value_axis` beyond which values lie; none where none does.

    Parameters
    ----------
    axis : mapping
        What `value_axis` returned.
    values : iterable of float
        Those it was made for.
    foot : float
        Where the axis begins, as a share of the figure's height.
    """
    below, above = _outside(axis, values)
    sides = ((above, "↑", "above", 1.0, "top"), (below, "↓", "below", foot, "bottom"))
    return [
        {
            "x": 1, "xref": "paper", "xanchor": "right", "y": y, "yref": "paper", "yanchor": anchor,
            "text": f"{arrow} {count:,} far worse {where}", "showarrow": False, "font": {"size": 11},
        }
        for count, arrow, where, y, anchor in sides
        if count
    ]  # fmt: skip


def told_beyond(axis: dict[str, Any], values: Iterable[float]) -> dict[str, Any]:
    """Return a horizontal axis of `value_axis` with a title that says how many values lie beyond its ends."""
    count = sum(_outside(axis, values))
    return {**axis, "title": title(f"{axis['title']['text']} · {count:,} far worse beyond")} if count else axis


def _outside(axis: Mapping[str, Any], values: Iterable[float]) -> tuple[int, int]:
    """Return how many values lie below an axis and above it; a logarithmic one has room for all."""
    if axis.get("type") == "log" or "range" not in axis:
        return 0, 0
    known = np.fromiter((value for value in values if math.isfinite(value)), float)
    low, high = axis["range"]
    return int((known < low).sum()), int((known > high).sum())


def scales(values: Iterable[float], direction: Direction | None) -> tuple[str, ...]:
    """Return which scales an axis of these values can have, the one that suits them first."""
    known = np.fromiter((value for value in values if math.isfinite(value)), float)
    if not known.size or known.min() <= 0:
        return ("linear",)
    wide = direction != "max" and known.max() / known.min() > 10**_DECADES
    return ("log", "linear") if wide else ("linear", "log")


def _padded(values: npt.NDArray[np.float64]) -> list[float]:
    """Return the range of values with a little room at both ends."""
    low, high = float(values.min()), float(values.max())
    pad = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    return [low - pad, high + pad]


def _without_strays(losses: npt.NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the range of values to be minimised without those that are far worse; None where there are none."""
    if losses.size < _ENOUGH:
        return None
    low, high = np.quantile(losses, [0.25, 0.75])
    limit = high + _STRAY * (high - low)
    if high == low or losses.max() <= limit:
        return None
    best, worst = float(losses.min()), float(losses[losses <= limit].max())
    pad = 0.06 * (worst - best)
    return best - pad, worst + pad


def number_axis(low: float, high: float, text: str) -> dict[str, Any]:
    """Return an axis of whole numbers from `low` to `high` with a little room at both ends."""
    span = high - low
    pad = max(0.5, 0.02 * span)
    axis: dict[str, Any] = {"title": title(text), "range": [low - pad, high + pad], "tickformat": ",d"}
    if span <= 12:  # noqa: PLR2004 - below this Plotly would set ticks at halves
        axis |= {"tick0": 0, "dtick": 1}
    return axis


def time_unit(seconds: float) -> tuple[str, float]:
    """Return in what times up to this one are given, and how many seconds that is."""
    if seconds < _LONG * _MINUTE:
        return "seconds", 1.0
    return ("minutes", _MINUTE) if seconds < _LONG * _HOUR else ("hours", _HOUR)


def kind(points: int) -> str:
    """Return the trace type for a figure of so many points."""
    return "scattergl" if points > FEW else "scatter"


def thinned(count: int, keep: Collection[int], most: int = MOST) -> npt.NDArray[np.int64]:
    """Choose which of `count` points are drawn.

    Parameters
    ----------
    count : int
        How many there are, the newest last.
    keep : collection of int
        Positions that stay in any case.
    most : int
        About how many are drawn: those to keep, the newest quarter of that number, and an even sample of the rest.

    Returns
    -------
    array of int, shape (n,)
        Positions, ascending.
    """
    if count <= most:
        return np.arange(count)
    newest = np.arange(count - most // 4, count)
    certain = np.union1d(np.fromiter(keep, np.int64, len(keep)), newest)
    sample = np.linspace(0, count - 1, max(2, most - certain.size)).astype(np.int64)
    return np.union1d(certain, sample)


def gapped(parts: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Join several lines into one array with a NaN after each: one trace instead of one a line."""
    gap = np.array([np.nan])
    return np.concatenate([piece for part in parts for piece in (part, gap)]) if parts else np.empty(0)
