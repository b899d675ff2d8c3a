"""Text and attributes of SVG elements: everything that is written passes through here and is escaped."""

import html
from collections.abc import Iterable
from typing import Any

LINE = 1.3
"""The distance of two lines of text, in heights of the letters."""

_LETTER = 0.56
"""The mean width of a letter, in heights: there is no browser to measure it."""


def px(value: float) -> str:
    """Write a coordinate with one decimal, without idle zeros."""
    return f"{value:.1f}".removesuffix(".0").replace("-0.0", "0")


def joined(numbers: Iterable[str]) -> str:
    """Join the numbers of a path; one with a minus sign needs no blank before it."""
    return " ".join(numbers).replace(" -", "-")


def attributes(**values: Any) -> str:
    """Return attributes, each with a blank before it; an underscore in a name stands for a hyphen, None is left out."""
    return "".join(
        f' {name.replace("_", "-")}="{html.escape(_value(value))}"'
        for name, value in values.items()
        if value is not None
    )


def _value(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def width_of(label: str, size: float) -> float:
    """Estimate a text's width in pixels; of several lines, the widest one's."""
    return max(len(html.unescape(line)) for line in label.split("<br>")) * size * _LETTER


def text(
    x: float,
    y: float,
    label: str,
    *,
    size: float = 12,
    anchor: str | None = None,
    fill: str | None = None,
    turn: bool = False,
) -> str:
    """Return a text element; lines are parted by ``<br>``, and y is the base line of the first.

    Parameters
    ----------
    x, y : float
        Pixels.
    label : str
        As in a Plotly spec: HTML entities are decoded, then everything is escaped.
    size : float
        The letters' height in pixels.
    anchor : {None, "middle", "end"}
        Which part of the text stands at x; None: its beginning.
    fill : str, optional
        A CSS colour; None: the picture's own.
    turn : bool
        Whether it reads upwards.
    """
    rotation = f"rotate(-90 {px(x)} {px(y)})" if turn else None
    style = attributes(x=px(x), y=px(y), font_size=size, text_anchor=anchor, fill=fill, transform=rotation)
    pieces = [html.escape(html.unescape(line)) for line in label.split("<br>")]
    if len(pieces) == 1:
        return f"<text{style}>{pieces[0]}</text>"
    rows = "".join(
        f"<tspan{attributes(x=px(x), dy=px(size * LINE) if index else None)}>{piece}</tspan>"
        for index, piece in enumerate(pieces)
    )
    return f"<text{style}>{rows}</text>"
