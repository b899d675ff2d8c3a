"""Where the user has edited the space: a line across a figure, with a word at its top."""

from collections.abc import Iterable, Mapping
from typing import Any

from tunewidgets.figures.answers import Spec
from tunewidgets.figures.palette import INDIGO


def with_edits(figure: Spec, places: Iterable[float]) -> Spec:
    """Return a figure with a dotted line at each of these places of its x axis; the same where there are none."""
    found = list(places)
    if not found:
        return figure
    layout: Mapping[str, Any] = figure["layout"]
    shapes = [*layout.get("shapes", ()), *map(_line, found)]
    notes = [*layout.get("annotations", ()), *map(_word, found)]
    return {**figure, "layout": {**layout, "shapes": shapes, "annotations": notes}}


def _line(at: float) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
        "line": {"color": INDIGO, "width": 1.5, "dash": "dash"},
    }  # fmt: skip


def _word(at: float) -> dict[str, Any]:
    return {
        "x": at, "xref": "x", "y": 1, "yref": "paper", "text": "space edited", "showarrow": False, "xanchor": "left",
        "yanchor": "top", "xshift": 3, "font": {"size": 11, "color": INDIGO},
    }  # fmt: skip
