"""A card's figure as a picture, drawn without a browser: the part of Plotly's language that the cards use.

That is: scatter traces with lines, steps, gaps, markers, texts and filled areas; horizontal bars; linear and
logarithmic axes, of which several may stand one above the other and side by side; maps of colours; parallel
coordinates; shapes; annotations; the legend on top. There is no script in it, and user text is escaped.
"""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tunewidgets.figures.svg_axes import Floats, Scale, Tick, scale, ticks
from tunewidgets.figures.svg_maps import COLOUR_BAR, MAPS, colour_map
from tunewidgets.figures.svg_marks import areas, bars, lines, markers, stroke, texts
from tunewidgets.figures.svg_parallel import parallel_lines_svg
from tunewidgets.figures.svg_text import LINE, attributes, px, text, width_of
from tunewidgets.figures.theme import THEMES, Colors, Theme

_SIZE = 12
_KEY = 26
"""The width of a legend's mark."""

Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things stand: the picture's size and the edges of the plot, in pixels, y downwards."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float


def to_svg(figure: Spec, width: int = 860, height: int | None = None, theme: Theme = "light") -> str:
    """Draw a card's figure.

    Parameters
    ----------
    figure : mapping
        A Plotly spec as a card draws it.
    width, height : int
        The picture's size in pixels; by default the height that the figure asks for.
    theme : {"light", "dark", "page"}
        The colours. "page" takes the text's colour from the page in which the picture stands, on a clear background.

    Returns
    -------
    str
        One ``svg`` element without script; it scales to the width it is given.
    """
    colors = THEMES[theme]
    layout, traces = figure["layout"], figure["data"]
    if any(trace["type"] == "parcoords" for trace in traces):
        frame = Frame(width, height or layout.get("height", 360), 0, width, 0, 0)
        return _picture(frame, colors, parallel_lines_svg(traces[0], (frame.width, frame.height), colors))
    legend, rows = _legend(traces, layout, width)
    bar = COLOUR_BAR if any(trace["type"] in MAPS for trace in traces) else 16
    whole = Frame(width, height or layout.get("height", 360), 0, width - bar, 16 + rows * 20, 0)
    whole = replace(whole, bottom=whole.height - 44 - _SIZE * LINE * _further_lines(layout))
    along = _scales("y", layout, traces, (whole.bottom, whole.top))
    frame = replace(whole, left=_left(layout, along))
    across = _scales("x", layout, traces, (frame.left, frame.right))
    body = "".join(
        [
            legend,
            *(_shape(shape, across["x"], along["y"], frame) for shape in layout.get("shapes", ())),
            *(
                _horizontal(layout[_long(name)], on, colors, _stripe(layout[_long(name)], across, frame))
                for name, on in along.items()
            ),
            *(
                _vertical(layout[_long(name)], on, colors, _panel(name, along, layout, _between(frame, on)))
                for name, on in across.items()
            ),
            _marks(traces, across, along),
            *(_annotation(note, across["x"], along["y"], frame) for note in layout.get("annotations", ())),
        ]
    )
    return _picture(frame, colors, body)


def _picture(frame: Frame, colors: Colors, body: str) -> str:
    size = attributes(
        viewBox=f"0 0 {px(frame.width)} {px(frame.height)}",
        width=px(frame.width),
        height=px(frame.height),
        style="max-width:100%;height:auto",
        font_family="system-ui,sans-serif",
        font_size=_SIZE,
        fill=colors.text,
        role="img",
    )
    paper = "" if colors.background == "none" else f'<rect width="100%" height="100%" fill="{colors.background}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg"{size}>{paper}{body}</svg>'


def _axis_names(layout: Spec, kind: str) -> list[str]:
    """Return the short names of the axes of a kind: 'y', 'y2' ..."""
    return [name.replace("axis", "") for name in layout if name.startswith(f"{kind}axis")]


def _further_lines(layout: Spec) -> int:
    """Return how many lines the longest title of an x axis has, besides the first."""
    titles = (str((layout[_long(name)].get("title") or {}).get("text", "")) for name in _axis_names(layout, "x"))
    return max(each.count("<br>") for each in titles)


def _long(name: str) -> str:
    return f"{name[0]}axis{name[1:]}"


def _left(layout: Spec, along: Mapping[str, Scale]) -> float:
    """Return where the plot begins: behind the labels and titles of the y axes."""
    labels = [tick.text for name, on in along.items() for tick in _ticks(layout[_long(name)], on)]
    titled = any(layout[_long(name)].get("title") for name in along)
    return 14 + max((width_of(label, _SIZE) for label in labels), default=0) + (18 if titled else 0)


def _scales(direction: str, layout: Spec, traces: list[Spec], ends: tuple[float, float]) -> dict[str, Scale]:
    """Return the scales of the axes of a direction, "x" or "y", each on its share of the pixels from end to end."""
    start, end = ends
    found = {}
    for name in _axis_names(layout, direction):
        axis = layout[_long(name)]
        low, high = (start + share * (end - start) for share in axis.get("domain", (0, 1)))
        drawn = (_extent(trace, direction) for trace in traces if trace.get(f"{direction}axis", direction) == name)
        found[name] = scale(axis, drawn, low, high)
    return found


def _extent(trace: Spec, direction: str) -> Floats:
    values = np.asarray(trace[direction], float)
    if trace["type"] == "bar" and direction == "x":
        base = np.asarray(trace["base"], float)
        return np.concatenate([base, base + values])
    return values


def _marks(traces: list[Spec], across: Mapping[str, Scale], along: Mapping[str, Scale]) -> str:
    where = ((trace, across[trace.get("xaxis", "x")], along[trace.get("yaxis", "y")]) for trace in traces)
    return "".join(part for found in where for part in _trace(*found))


def _trace(trace: Spec, across: Scale, along: Scale) -> Iterator[str]:
    if trace["type"] == "bar":
        yield bars(trace, across, along)
        return
    if trace["type"] in MAPS:
        yield colour_map(trace, across, along)
        return
    x, y = across(trace["x"]), along(trace["y"])
    # A stray beyond the axis's end is not drawn, and neither is the line to it.
    edge = sorted((along.start, along.end))
    if trace.get("fill") == "toself":
        yield areas(trace, x, np.clip(y, edge[0], edge[1]))
    y = np.where((y >= edge[0] - 1) & (y <= edge[1] + 1), y, np.nan)
    mode = trace.get("mode", "lines").split("+")
    if "lines" in mode:
        yield lines(trace, x, y)
    if "markers" in mode:
        yield markers(trace, x, y)
    if "text" in mode:
        yield texts(trace, x, y)


def _line(x0: float, y0: float, x1: float, y1: float, color: str) -> str:
    return f"<line{attributes(x1=px(x0), y1=px(y0), x2=px(x1), y2=px(y1), stroke=color)}/>"


def _ticks(axis: Spec, on: Scale) -> list[Tick]:
    """Return the ticks of a y axis; none where their labels would only repeat those of the axis beside it."""
    return [] if not axis.get("showticklabels", True) else ticks(axis, on, max(2, round(abs(on.end - on.start) / 40)))


def _horizontal(axis: Spec, on: Scale, colors: Colors, frame: Frame) -> str:
    """Draw a y axis: its line, its grid, its labels and its title."""
    parts = [_line(frame.left, on.start, frame.left, on.end, colors.axis)]
    for tick in _ticks(axis, on):
        y = float(on(tick.value))
        if axis.get("showgrid", True):
            parts.append(_line(frame.left, y, frame.right, y, colors.grid))
        parts.append(_line(frame.left - 4, y, frame.left, y, colors.axis))
        lift = tick.text.count("<br>") * _SIZE * LINE / 2
        parts.append(text(frame.left - 7, y + 4 - lift, tick.text, anchor="end"))
    if axis.get("title"):
        parts.append(text(14, (on.start + on.end) / 2, axis["title"]["text"], anchor="middle", turn=True))
    return "".join(parts)


def _between(frame: Frame, on: Scale) -> Frame:
    """Return the part of the picture over which an x axis goes."""
    return replace(frame, left=on.start, right=on.end)


def _stripe(axis: Spec, across: Mapping[str, Scale], frame: Frame) -> Frame:
    """Return the part of the picture beside a y axis: where the x axis is that it belongs to."""
    return _between(frame, across.get(axis.get("anchor", "x"), next(iter(across.values()))))


def _panel(name: str, along: Mapping[str, Scale], layout: Spec, frame: Frame) -> Frame:
    """Return the part of the picture above an x axis: where the y axes stand that belong to it."""
    mine = [on for other, on in along.items() if layout[_long(other)].get("anchor", "x") == name]
    return replace(frame, top=min(on.end for on in mine), bottom=max(on.start for on in mine))


def _vertical(axis: Spec, on: Scale, colors: Colors, frame: Frame) -> str:
    """Draw an x axis."""
    parts = [_line(frame.left, frame.bottom, frame.right, frame.bottom, colors.axis)]
    shown = axis.get("showticklabels", True)
    for tick in ticks(axis, on, max(2, round((frame.right - frame.left) / 80))) if shown else ():
        x = float(on(tick.value))
        if axis.get("showgrid", True):
            parts.append(_line(x, frame.top, x, frame.bottom, colors.grid))
        parts.append(_line(x, frame.bottom, x, frame.bottom + 4, colors.axis))
        parts.append(text(x, frame.bottom + 18, tick.text, anchor="middle"))
    if axis.get("title"):
        middle = (frame.left + frame.right) / 2
        parts.append(text(middle, frame.bottom + 37, axis["title"]["text"], anchor="middle"))
    return "".join(parts)


def _shape(shape: Spec, across: Scale, along: Scale, frame: Frame) -> str:
    x0, x1 = (_at(shape, "x", end, across, frame) for end in "01")
    y0, y1 = (_at(shape, "y", end, along, frame) for end in "01")
    if shape["type"] == "line":
        return f"<line{attributes(x1=px(x0), y1=px(y0), x2=px(x1), y2=px(y1), **stroke(shape['line']))}/>"
    box = {"x": px(min(x0, x1)), "y": px(min(y0, y1)), "width": px(abs(x1 - x0)), "height": px(abs(y1 - y0))}
    return f"<rect{attributes(**box, fill=shape['fillcolor'])}/>"


def _at(part: Spec, direction: str, end: str, on: Scale, frame: Frame) -> float:
    """Return the pixel of a shape's or an annotation's coordinate, in data or in shares of the plot ('paper')."""
    value = float(part[f"{direction}{end}"])
    if part.get(f"{direction}ref") != "paper":
        return float(on(value))
    if direction == "x":
        return frame.left + value * (frame.right - frame.left)
    return frame.bottom - value * (frame.bottom - frame.top)


def _annotation(note: Spec, across: Scale, along: Scale, frame: Frame) -> str:
    x, y = _at(note, "x", "", across, frame), _at(note, "y", "", along, frame)
    font = note.get("font", {})
    size = font.get("size", _SIZE)
    anchor = {"left": None, "right": "end"}.get(note.get("xanchor", "center"), "middle")
    drop = {"bottom": -3.0, "top": float(size)}.get(note.get("yanchor", "middle"), size * 0.35)
    return text(x, y + drop - note.get("yshift", 0), note["text"], size=size, anchor=anchor, fill=font.get("color"))


def _legend(traces: list[Spec], layout: Spec, width: float) -> tuple[str, int]:
    """Draw the legend from left to right, in as many rows as it needs; return it with their number."""
    named = [trace for trace in traces if trace.get("showlegend", True) and trace.get("name")]
    if layout.get("legend", {}).get("traceorder") == "reversed":
        named.reverse()
    parts, x, row = [], 10.0, 0
    for trace in named:
        wide = _KEY + 6 + width_of(trace["name"], _SIZE) + 14
        if x + wide > width and x > 10:  # noqa: PLR2004 - the left edge
            x, row = 10.0, row + 1
        parts.append(_key(trace, x, 14.0 + 20 * row))
        parts.append(text(x + _KEY + 4, 18.0 + 20 * row, trace["name"]))
        x += wide
    return "".join(parts), (row + 1 if named else 0)


def _key(trace: Spec, x: float, y: float) -> str:
    if trace["type"] == "bar":
        box = {"x": px(x + 8), "y": px(y - 5), "width": 10, "height": 10}
        clear = trace["marker"]["color"] == "rgba(0,0,0,0)"
        ink = (
            {"fill": "none", "stroke": trace["marker"]["line"]["color"]}
            if clear
            else {"fill": trace["marker"]["color"]}
        )
        return f"<rect{attributes(**box, **ink)}/>"
    mode = trace.get("mode", "lines")
    drawn = ""
    if "lines" in mode:
        drawn += lines(trace, np.array([x, x + _KEY - 2]), np.array([y, y]))
    if "markers" in mode:
        one = {**trace, "marker": {**trace["marker"], "size": 9}}
        drawn += markers(one, np.array([x + _KEY / 2 - 1]), np.array([y]))
    return drawn


def described(svg: str, description: str) -> str:
    """Give a picture a text for those who cannot see it."""
    return svg.replace('role="img"', f'role="img" aria-label="{html.escape(description)}"', 1)
