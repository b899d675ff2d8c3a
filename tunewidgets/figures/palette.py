"""One colour and one symbol for every state: the only place that knows them.

The colours follow Okabe and Ito's set, which people with the common colour deficiencies tell apart, shifted in
lightness until each has a contrast of at least 3 to 1 on white, on #111 and on JupyterLab's #212121 (WCAG 2.1, 1.4.11),
so that one figure serves the light and the dark theme. That holds with their opacities too: what is to step back is
grey and thin, not pale. Colour never stands alone: each state has a symbol of its own.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Mark(NamedTuple):
    """How a state looks: a CSS colour, a Plotly marker symbol, and how opaque its curves are."""

    color: str
    symbol: str
    opacity: float = 0.9


GREEN, BLUE, AMBER, GREY = "#00936b", "#1f83c9", "#b07d10", "#808080"
VERMILION, BROWN, INDIGO, PURPLE = "#c9590a", "#a66942", "#6f6fd8", "#b8629a"

STATES: Mapping[str, Mark] = MappingProxyType(
    {
        "completed": Mark(GREEN, "circle"),
        "running": Mark(BLUE, "circle-open"),
        "paused": Mark(AMBER, "diamond"),
        "pruned": Mark(GREY, "triangle-down", 0.85),
        "stopped": Mark(BROWN, "square"),
        "interrupted": Mark(INDIGO, "triangle-up-open"),
        "failed": Mark(VERMILION, "x", 0.85),
    }
)
"""A trial's states, in the order of the legend."""

OUTCOMES: Mapping[str, Mark] = MappingProxyType(
    {
        "promoted": Mark(INDIGO, "triangle-right"),
        "completed": STATES["completed"],
        "running": STATES["running"],
        "paused": STATES["paused"],
        "pruned": STATES["pruned"],
        "stopped": STATES["stopped"],
        "failed": STATES["failed"],
    }
)
"""What becomes of a trial at a rung, in the order of the legend."""

INCUMBENT = Mark(PURPLE, "star", 1.0)
"""The best trial, and the line of the best values."""

OVER = Mark(VERMILION, "triangle-up", 0.85)
"""A trial that breaks a constraint: it is never the best, however good its value."""

TO_COME = Mark(GREY, "circle-open", 0.85)
"""A place that is planned and still empty."""

NEXT = Mark(VERMILION, "diamond", 1.0)
"""What would be tried next."""

HEAT = ("#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725")
"""From low to high: viridis, whose lightness grows evenly, so that it reads without colour too."""

GLOW = ("#000004", "#420a68", "#932667", "#dd513a", "#fca50a", "#fcffa4")
"""The same for what stands beside it: inferno."""

WORST_TO_BEST = ("#4066c6", "#7d5fc0", "#ad629f", "#c46e6e", "#d07c20")
"""Values from the worst to the best, at equal distances: blue to orange, which people with the common colour
deficiencies tell apart, lighter step by step, and all of it within the lightness that both pages leave."""

CLEAR = "rgba(0,0,0,0)"
GRID = "rgba(128,128,128,0.25)"
"""Grid lines on any page."""


def faint(color: str, opacity: float) -> str:
    """Return a colour of this palette with its opacity in it, for what has an outline in full.

    Examples
    --------
    >>> faint("#1f83c9", 0.4)
    'rgba(31,131,201,0.4)'
    """
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
