"""Parallel coordinates as an SVG picture."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tunewidgets.figures.svg_axes import Floats
from tunewidgets.figures.svg_text import attributes, px, text
from tunewidgets.figures.theme import Colors

_TOP, _BOTTOM, _SIDE = 40.0, 16.0, 64.0
_MOST = 600  # lines in a picture: more make it large, and are a blot


def parallel_lines_svg(trace: Mapping[str, Any], size: tuple[float, float], colors: Colors) -> str:
    """Return a trace of type "parcoords" as lines and axes, in a picture of this width and height."""
    width, height = size
    dimensions = trace["dimensions"]
    x = np.linspace(_SIDE, width - _SIDE, len(dimensions)) if len(dimensions) > 1 else np.array([width / 2])
    y = np.stack([_heights(dimension, height) for dimension in dimensions], axis=1)
    kept = np.linspace(0, len(y) - 1, min(len(y), _MOST)).astype(int)
    inks = _inks(trace["line"])
    lines = "".join(_line(x, y[at], inks[at]) for at in kept)
    return lines + "".join(
        _axis(dimension, float(at), height, colors) for dimension, at in zip(dimensions, x, strict=True)
    )


def _heights(dimension: Mapping[str, Any], height: float) -> Floats:
    low, high = dimension["range"]
    shares = (np.asarray(dimension["values"], float) - low) / ((high - low) or 1.0)
    heights: Floats = height - _BOTTOM - shares * (height - _TOP - _BOTTOM)
    return heights


def _inks(line: Mapping[str, Any]) -> list[str]:
    """Return each line's colour: the stop of the scale that is nearest below its value."""
    values = np.asarray(line["color"], float)
    low, high = line["cmin"], line["cmax"]
    shares = np.clip((values - low) / ((high - low) or 1.0), 0.0, 1.0)
    stops = np.array([stop for stop, _ in line["colorscale"]], float)
    places = np.clip(np.searchsorted(stops, shares, side="right") - 1, 0, len(stops) - 1)
    return [str(line["colorscale"][place][1]) for place in places]


def _line(x: Floats, y: Floats, ink: str) -> str:
    path = "M" + "L".join(f"{px(at)},{px(height)}" for at, height in zip(x.tolist(), y.tolist(), strict=True))
    return f"<path{attributes(d=path, fill='none', stroke=ink, stroke_width=1, opacity=0.6)}/>"


def _axis(dimension: Mapping[str, Any], x: float, height: float, colors: Colors) -> str:
    rule = attributes(x1=px(x), x2=px(x), y1=px(_TOP), y2=px(height - _BOTTOM), stroke=colors.axis)
    low, high = dimension["range"]
    marks = zip(dimension["tickvals"], dimension["ticktext"], strict=True)
    labels = "".join(
        text(x - 5, height - _BOTTOM - (value - low) / ((high - low) or 1.0) * (height - _TOP - _BOTTOM) + 4, label,
             size=10, anchor="end")
        for value, label in marks
    )  # fmt: skip
    return f"<line{rule}/>{labels}{text(x, _TOP - 14, dimension['label'], size=12, anchor='middle')}"
