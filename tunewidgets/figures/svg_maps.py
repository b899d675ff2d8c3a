"""Maps of colours as part of an SVG picture: a small PNG that the viewer scales up, and a bar that explains it."""

import base64
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.figures.svg_axes import Floats, Scale, number
from tunewidgets.figures.svg_text import attributes, px, text

MAPS = ("heatmap", "contour")
"""Types of traces that are maps."""

COLOUR_BAR = 64
"""The room that a bar and its numbers take, right of a map."""

_BAR = 9
_GAP = 6
_STEPS = 24


def colour_map(trace: Mapping[str, Any], across: Scale, along: Scale) -> str:
    """Return a trace of type "heatmap" or "contour" as an image on its axes, with its colour bar; NaN is left clear."""
    heights = np.asarray(trace["z"], float)
    known = heights[np.isfinite(heights)]
    if not known.size:
        return ""
    low, high = float(known.min()), float(known.max())
    shares = (heights - low) / ((high - low) or 1.0)
    image = _png(_colours(shares[::-1], trace["colorscale"]))
    left, right = _ends(across(trace["x"]), cells=trace["type"] == "heatmap")
    bottom, top = _ends(along(trace["y"]), cells=trace["type"] == "heatmap")
    box = attributes(
        x=px(min(left, right)), y=px(min(bottom, top)), width=px(abs(right - left)), height=px(abs(bottom - top)),
        preserveAspectRatio="none", href=f"data:image/png;base64,{base64.b64encode(image).decode()}",
        image_rendering="pixelated" if trace["type"] == "heatmap" else None,
    )  # fmt: skip
    return f"<image{box}/>{_bar(trace, (low, high), across, along)}"


def _ends(places: Floats, *, cells: bool) -> tuple[float, float]:
    """Return where a map begins and ends: cells reach half a step beyond their places."""
    first, last = float(places[0]), float(places[-1])
    half = (last - first) / (2 * (len(places) - 1)) if cells and len(places) > 1 else 0.0
    return first - half, last + half


def _colours(shares: Floats, scale: Sequence[Sequence[Any]]) -> npt.NDArray[np.uint8]:
    """Return red, green, blue and opacity for shares from 0 to 1; shape (n, m, 4)."""
    stops = np.array([stop for stop, _ in scale], float)
    parts = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for _, color in scale], float)
    filled = np.nan_to_num(shares, nan=0.0)
    channels = [np.interp(filled, stops, channel) for channel in parts.T]
    opacity = np.where(np.isfinite(shares), 255.0, 0.0)
    return np.stack([*channels, opacity], axis=-1).round().astype(np.uint8)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return pixels as a PNG file: a header, the rows without a filter, an end (ISO/IEC 15948)."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\x00" + row.tobytes() for row in pixels)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def _bar(trace: Mapping[str, Any], ends: tuple[float, float], across: Scale, along: Scale) -> str:
    """Draw the colours from the lowest to the highest value, right of the map."""
    x, top, height = across.end + _GAP, min(along.start, along.end), abs(along.end - along.start)
    steps = _colours(np.linspace(1.0, 0.0, _STEPS)[:, None], trace["colorscale"])[:, 0, :3]
    size = height / _STEPS
    box = {"x": px(x), "width": _BAR, "height": px(size + 0.5)}
    boxes = "".join(
        f"<rect{attributes(**box, y=px(top + at * size), fill='#' + bytes(step).hex())}/>"
        for at, step in enumerate(steps)
    )
    # Of a map in decades the heights are logarithms.
    low, high = (10.0**end if "tickprefix" in trace.get("colorbar", {}) else end for end in ends)
    words = text(x + _BAR + 3, top + 9, number(high), size=10) + text(x + _BAR + 3, top + height, number(low), size=10)
    return boxes + words
