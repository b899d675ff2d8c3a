"""Markers, lines and bars as SVG: one path for all the marks of a trace, so that a picture stays small."""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.figures.svg_axes import Floats, Scale
from tunewidgets.figures.svg_text import attributes, joined, px, text

Trace = Mapping[str, Any]

_MANY = 300
"""Of so many marks of one trace those that stand on another one are left out: a picture is saved with the notebook."""


def _polygon(points: Iterable[tuple[float, float]]) -> Callable[[float, float, float], str]:
    first, *others = points
    steps = [(x - before_x, y - before_y) for (before_x, before_y), (x, y) in pairwise([first, *others])]

    @lru_cache(maxsize=256)  # a trace has a mark of each size many times
    def outline(r: float) -> str:
        return "l" + joined(px(r * step) for pair in steps for step in pair) + "Z"

    def path(x: float, y: float, r: float) -> str:
        return f"M{px(x + r * first[0])},{px(y + r * first[1])}{outline(r)}"

    return path


def _circle(x: float, y: float, r: float) -> str:
    return f"M{px(x - r)},{px(y)}{_round(r)}"


@lru_cache(maxsize=256)
def _round(r: float) -> str:
    arc = f"a{px(r)} {px(r)} 0 1 0"
    return f"{arc} {px(2 * r)} 0{arc}{px(-2 * r)} 0Z"


def _star() -> list[tuple[float, float]]:
    radii = (1.3, 0.58)
    return [(radii[k % 2] * math.sin(k * math.pi / 5), -radii[k % 2] * math.cos(k * math.pi / 5)) for k in range(10)]


_SQUARE = [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
_CROSS = [(0, -0.4), (0.6, -1), (1, -0.6), (0.4, 0), (1, 0.6), (0.6, 1), (0, 0.4)]
_CROSS += [(-dx, -dy) for dx, dy in _CROSS[1:]]

_SYMBOLS: Mapping[str, Callable[[float, float, float], str]] = MappingProxyType(
    {
        "circle": _circle,
        "square": _polygon(_SQUARE),
        "diamond": _polygon([(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)]),
        "triangle-up": _polygon([(0, -1), (1.1, 0.8), (-1.1, 0.8)]),
        "triangle-down": _polygon([(0, 1), (1.1, -0.8), (-1.1, -0.8)]),
        "triangle-right": _polygon([(1, 0), (-0.8, 1.1), (-0.8, -1.1)]),
        "x": _polygon(_CROSS),
        "star": _polygon(_star()),
    }
)
"""A symbol's outline as path data, around (x, y) with a radius."""


def markers(trace: Trace, x: Floats, y: Floats) -> str:
    """Return a trace's marks as one path; marks that are not to be seen give nothing."""
    marker = trace.get("marker", {})
    if marker.get("opacity", 1) == 0 or not x.size:
        return ""
    symbol = marker.get("symbol", "circle")
    radii = np.broadcast_to(np.asarray(marker.get("size", 6), float) / 2, x.shape)
    outline = _SYMBOLS[symbol.removesuffix("-open")]
    seen = np.isfinite(x) & np.isfinite(y)
    if seen.sum() > _MANY:
        seen = _apart(x, y, radii, seen)
    path = "".join(
        outline(*mark) for mark in zip(x[seen].tolist(), y[seen].tolist(), radii[seen].tolist(), strict=True)
    )
    if not path:
        return ""
    opacity = trace.get("opacity", 1) * marker.get("opacity", 1)
    return f"<path{attributes(d=path, **_ink(marker, hollow=symbol.endswith('-open')), **_opaque(opacity))}/>"


def _apart(x: Floats, y: Floats, radii: Floats, seen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which marks to draw: of those that share a place as wide as a mark, the last."""
    places = np.nonzero(seen)[0][::-1]
    cells = np.stack([x, y])[:, places] // np.maximum(2 * radii[places], 1.0)
    _, first = np.unique(np.vstack([cells, radii[places]]), axis=1, return_index=True)
    chosen = np.zeros_like(seen)
    chosen[places[first]] = True
    return chosen


def _ink(marker: Mapping[str, Any], *, hollow: bool) -> dict[str, Any]:
    line = marker.get("line", {})
    width = line.get("width", 1 if hollow else 0)
    ink: dict[str, Any] = {"fill": "none" if hollow else marker["color"]}
    return ink | ({"stroke": line.get("color", marker["color"]), "stroke_width": width} if width else {})


def _opaque(opacity: float) -> dict[str, Any]:
    return {"opacity": opacity} if opacity < 1 else {}


def lines(trace: Trace, x: Floats, y: Floats) -> str:
    """Return a trace's line; it breaks where a coordinate is missing."""
    line = trace.get("line", {})
    steps = line.get("shape")
    path, pen = [], "M"
    before = (math.nan, math.nan)
    for px_x, px_y in zip(x.tolist(), y.tolist(), strict=True):
        if not (math.isfinite(px_x) and math.isfinite(px_y)):
            pen = "M"
            continue
        corner = {"hv": (px_x, before[1]), "vh": (before[0], px_y)}.get(steps or "")
        if corner and pen == "L" and corner not in (before, (px_x, px_y)):
            path.append(f"L{px(corner[0])},{px(corner[1])}")
        path.append(f"{pen}{px(px_x)},{px(px_y)}")
        pen, before = "L", (px_x, px_y)
    if not path:
        return ""
    return f"<path{attributes(d=''.join(path), fill='none', **stroke(line), **_opaque(trace.get('opacity', 1)))}/>"


def areas(trace: Trace, x: Floats, y: Floats) -> str:
    """Return the area that a trace's points go round, one after another; a gap begins another one."""
    rows = np.column_stack([x, y])
    seen = np.isfinite(rows).all(axis=1)
    parts = np.split(rows, np.flatnonzero(~seen))
    path = "".join(
        "M" + "L".join(f"{px(at_x)},{px(at_y)}" for at_x, at_y in part.tolist()) + "Z"
        for part in (each[np.isfinite(each).all(axis=1)] for each in parts)
        if len(part)
    )
    return f"<path{attributes(d=path, fill=trace['fillcolor'], **_opaque(trace.get('opacity', 1)))}/>" if path else ""


def stroke(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line's colour, width and dashes as attributes."""
    found = {"stroke": line["color"], "stroke_width": line.get("width", 1.5), "stroke_linejoin": "round"}
    return found | ({"stroke_dasharray": "2,3"} if line.get("dash") == "dot" else {})


def texts(trace: Trace, x: Floats, y: Floats) -> str:
    """Return a trace's texts, right of its marks."""
    size = trace.get("textfont", {}).get("size", 11)
    written = zip(x.tolist(), y.tolist(), trace.get("text", ()), strict=False)
    return "".join(
        text(at_x + 9, at_y + size * 0.35, label.strip(), size=size) for at_x, at_y, label in written if label
    )


def bars(trace: Trace, across: Scale, along: Scale) -> str:
    """Return a trace of horizontal bars, with the texts inside them."""
    base, length = np.asarray(trace["base"], float), np.asarray(trace["x"], float)
    middle, width = np.asarray(trace["y"], float), np.asarray(trace["width"], float)
    left, right = across(base), across(base + length)
    upper, lower = along(middle + width / 2), along(middle - width / 2)
    path = "".join(
        f"M{px(x0)},{px(y0)}H{px(x1)}V{px(y1)}H{px(x0)}Z"
        for x0, x1, y0, y1 in zip(left.tolist(), right.tolist(), upper.tolist(), lower.tolist(), strict=True)
    )
    marker = trace["marker"]
    ink = _ink(marker, hollow=marker["color"] == "rgba(0,0,0,0)") | _opaque(marker.get("opacity", 1))
    shape = f"<path{attributes(d=path, **ink)}/>"
    font = trace.get("textfont", {})
    inside = zip(((left + right) / 2).tolist(), ((upper + lower) / 2).tolist(), trace.get("text", ()), strict=False)
    return shape + "".join(
        text(x, y + 4, label, size=font.get("size", 11), anchor="middle", fill=font.get("color"))
        for x, y, label in inside
        if label
    )
