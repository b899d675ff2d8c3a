"""How a card can end: with a figure, with a table, with 'not yet, because ...', or with an error confined to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunewidgets.analysis.table import Table

Spec = Mapping[str, Any]
"""A Plotly figure as plain data: ``"data"``, a list of traces, and ``"layout"``; arrays are numpy's or lists."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The card's figure.

    Attributes
    ----------
    figure : dict
        A Plotly spec with the keys ``"data"`` and ``"layout"``. Colours of text, axes and grid are left out: the page
        sets them from its theme, `tunewidgets.figures.themed` for static use. Points carry trial numbers in
        ``customdata``, no texts.
    """

    figure: Spec


@dataclass(frozen=True, slots=True)
class Tabled:
    """The card's record, which the page draws as a table."""

    record: Table


@dataclass(frozen=True, slots=True)
class NotYet:
    """There is nothing to draw; `why` is a sentence that says when there will be, or why there never is."""

    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Drawing failed; `message` is for the user. Other cards are not touched by it."""

    message: str


Answer = Drawn | Tabled | NotYet | Broken
"""What `tunewidgets.figures.draw` returns."""
