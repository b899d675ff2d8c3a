"""Colours of text, axes and grid for figures that no page themes: static pictures and `go.Figure`."""

import textwrap
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from tunewidgets.figures.layout import plain

_CAPTION, _LINE = 120, 22
"""Letters in a line of a caption, and its height in pixels."""

Theme = Literal["light", "dark", "page"]
"""``"page"``: for a picture inside a page, whose text colour it takes over; its lines suit light and dark pages."""


class Colors(NamedTuple):
    """CSS colours of a theme."""

    text: str
    axis: str
    grid: str
    background: str


THEMES: Mapping[Theme, Colors] = MappingProxyType(
    {
        "light": Colors("#24292f", "#8c8c8c", "#e3e3e3", "#ffffff"),
        "dark": Colors("#e6e6e6", "#8c8c8c", "#3a3a3a", "#111111"),
        "page": Colors("currentColor", "#8c8c8c", "rgba(128,128,128,0.25)", "none"),
    }
)


def themed(figure: Mapping[str, Any], theme: Literal["light", "dark"] = "light") -> dict[str, Any]:
    """Return a copy of a figure spec with the colours of a theme; the background stays transparent.

    Parameters
    ----------
    figure : mapping
        A Plotly spec as a card draws it.
    theme : {"light", "dark"}
        What it will stand on.

    Returns
    -------
    dict
        With the same traces; only the layout is new.

    Examples
    --------
    >>> themed({"data": [], "layout": {"xaxis": {}}}, "dark")["layout"]["font"]
    {'color': '#e6e6e6'}
    """
    colors = THEMES[theme]
    lines = {"gridcolor": colors.grid, "linecolor": colors.axis, "tickcolor": colors.axis}
    layout = {
        name: {**lines, **part} if name.startswith(("xaxis", "yaxis")) else part
        for name, part in figure["layout"].items()
    }
    for name, scene in layout.items():
        if name.startswith("scene"):
            axes = {axis: {**lines, **part} for axis, part in scene.items() if axis.endswith("axis")}
            layout[name] = {**scene, **axes}
    layout["font"] = {**layout.get("font", {}), "color": colors.text}
    return {**figure, "layout": layout}


def captioned(figure: Mapping[str, Any], note: str) -> Mapping[str, Any]:
    """Return a figure spec with a note above it, where no page shows that; the same figure where the note is empty.

    Examples
    --------
    >>> captioned({"data": [], "layout": {"margin": {"t": 44}}}, "Of 3 results.")["layout"]["margin"]
    {'t': 66}
    """
    if not note:
        return figure
    lines = textwrap.wrap(note, _CAPTION)
    layout = {**figure["layout"]}
    margin = layout.get("margin", {})
    room = {"margin": {**margin, "t": margin.get("t", 0) + _LINE * len(lines)}}
    text = "<br>".join(plain(line) for line in lines)
    title = {"text": text, "font": {"size": 12}, "x": 0.01, "xanchor": "left", "y": 0.99, "yanchor": "top"}
    return {**figure, "layout": {**layout, **room, "title": title}}
