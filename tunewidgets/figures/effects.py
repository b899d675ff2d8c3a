"""The card Effects: what each parameter does, all others averaged over."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tunewidgets.analysis.effects import Effect, effects
from tunewidgets.analysis.surrogate import Surrogate
from tunewidgets.figures.answers import Answer, Asked, Drawn, NotYet, Spec
from tunewidgets.figures.layout import layout, value_axis
from tunewidgets.figures.surrogate_curves import columns, curves
from tunewidgets.figures.surrogate_parts import LETTERS, parameter_axis, results_words, surrogate_of
from tunewidgets.history import NOTHING, Goal, History

MOST = 8
"""So many parameters are drawn at most: those that reach furthest."""

_ROW = 4
_HEIGHT, _HIGHER = 300, 480
_GAP, _BELOW = 0.02, 0.2


def draw_effects(history: History, asked: Asked = NOTHING) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.
    asked : mapping of str to str
        "goal": which goal is looked at.

    Returns
    -------
    Drawn or NotYet
    """
    opened = surrogate_of(history, asked, "effects are worked out")
    if isinstance(opened, NotYet):
        return opened
    surrogate, goal = opened
    found = effects(surrogate)
    return Drawn(_figure(found[:MOST], surrogate.goal), (goal,), _note(history, surrogate, found))


def _note(history: History, surrogate: Surrogate, found: Sequence[Effect]) -> str:
    more = f" {MOST} of {len(found)} parameters are drawn, those that reach furthest." if len(found) > MOST else ""
    return f"By a Gaussian process, from {results_words(history, surrogate)}. Strongest first.{more}"


def _figure(found: Sequence[Effect], goal: Goal) -> Spec:
    rows = -(-len(found) // _ROW)
    wide = -(-len(found) // rows)
    data: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    ends = np.concatenate([np.concatenate([effect.predicted.low, effect.predicted.high]) for effect in found])
    values = value_axis(ends, goal.metric, goal.direction, "linear")
    for place, effect in enumerate(found):
        row, column = divmod(place, wide)
        suffix = "" if place == 0 else str(place + 1)
        width = (1.0 - _GAP * (wide - 1)) / wide
        left = column * (width + _GAP)
        height = (1.0 - _BELOW * (rows - 1)) / rows
        top = 1.0 - row * (height + _BELOW)
        on = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        data += (columns if effect.axis.categories else curves)(effect.axis, effect.predicted, on, first=place == 0)
        axes[f"xaxis{suffix}"] = {
            **parameter_axis(effect.axis, 3, LETTERS // wide),
            "domain": [left, left + width],
            "anchor": on["yaxis"],
            "tickangle": 0,
        }  # fmt: skip
        own = values if column == 0 else {**values, "title": None, "showticklabels": False}
        axes[f"yaxis{suffix}"] = {**own, "domain": [max(0.0, top - height), top], "anchor": on["xaxis"]}
    return {"data": data, "layout": layout(height=_HEIGHT if rows == 1 else _HIGHER, **axes)}
