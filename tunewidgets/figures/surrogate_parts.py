"""What the pictures of a surrogate share: axes of parameters, and the trials as marks on them."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tunewidgets.analysis.landscape import Axis, Landscape, Spot, varying
from tunewidgets.analysis.surrogate import Surrogate
from tunewidgets.errors import TuneError
from tunewidgets.figures.answers import Asked, NotYet, Option, option
from tunewidgets.figures.layout import LOGARITHMIC, plain, short, title, told_apart
from tunewidgets.figures.palette import GREEN, GREY, INCUMBENT, NEXT, STATES, Mark
from tunewidgets.history import History, amount
from tunewidgets.history.words import number

Place = Callable[[tuple[Any, ...]], tuple[Any, Any]]
"""From a trial's values of the axes' parameters to where it is drawn."""

NEAR, FAR = Mark(GREEN, "circle"), Mark(GREY, "circle", 0.4)
RUNNING = STATES["running"]
_DECADES = 2.0  # from so many on, an axis has ticks at powers of ten only
_NARROW, _INWARDS = 4, 0.05
_PLAIN = 3  # powers of ten up to this one are written out
_RAISED = str.maketrans(
    "-0123456789",
    "\N{SUPERSCRIPT MINUS}\N{SUPERSCRIPT ZERO}\N{SUPERSCRIPT ONE}\N{SUPERSCRIPT TWO}"
    "\N{SUPERSCRIPT THREE}\N{SUPERSCRIPT FOUR}\N{SUPERSCRIPT FIVE}\N{SUPERSCRIPT SIX}"
    "\N{SUPERSCRIPT SEVEN}\N{SUPERSCRIPT EIGHT}\N{SUPERSCRIPT NINE}",
)


def positions(axis: Axis) -> np.ndarray[Any, Any]:
    """Return where an axis's values lie: categories have a place each, counted from 0."""
    return np.arange(len(axis.values)) if axis.categories else np.array(axis.values, dtype=np.float64)


def position(axis: Axis, value: Any) -> float:
    """Return where one value lies; a category that is not drawn lies nowhere."""
    if not axis.categories:
        return float(value)
    return float(axis.values.index(value)) if value in axis.values else float("nan")


LETTERS = 84
"""So many letters stand side by side in a figure across a dashboard of 700 pixels."""

_TELLING = 6
"""Labels of categories are not cut to fewer letters than this."""


def parameter_axis(axis: Axis, most: int = 8, letters: int | None = None) -> dict[str, Any]:
    """Return a figure's axis for a parameter, its ends those of the parameter.

    Parameters
    ----------
    axis : Axis
        What is known of the parameter.
    most : int
        So many powers of ten at most.
    letters : int, optional
        How many letters stand side by side along it; without it there is room for every category.
    """
    room = letters or LETTERS
    found: dict[str, Any] = {
        "title": title(plain(short(axis.name, min(30, room)))), "showgrid": False, "zeroline": False,
    }  # fmt: skip
    if axis.categories:
        return {**found, "range": [-0.5, len(axis.values) - 0.5], **_categories(axis, letters)}
    ends = float(axis.values[0]), float(axis.values[-1])
    if axis.log:
        return {**found, **LOGARITHMIC, **_decades(float(np.log10(ends[0])), float(np.log10(ends[1])), most)}
    pad = 0.5 if ends[0] == ends[1] else 0.0
    return {**found, "range": [ends[0] - pad, ends[1] + pad]}


def _categories(axis: Axis, letters: int | None) -> dict[str, Any]:
    """Return the ticks of categories: of many only some have a label, so that none runs into its neighbour."""
    texts = [number(value) for value in axis.values]
    if letters is None:
        return {"tickvals": list(range(len(texts))), "ticktext": [plain(text) for text in told_apart(texts, 12)]}
    least = max(map(len, told_apart(texts, _TELLING))) + 1
    step = max(1, -(-least * len(texts) // letters))
    told = told_apart(texts, min(12, max(_TELLING, letters * step // len(texts) - 1)))
    shown = range(0, len(texts), step)
    return {"tickvals": list(shown), "ticktext": [plain(told[at]) for at in shown]}


def _decades(low: float, high: float, most: int) -> dict[str, Any]:
    """Return the range of a logarithmic axis, with at most so many powers of ten as ticks.

    Plotly writes powers larger than other numbers, so they are written here. In narrow parts the ends have none: they
    would run into those of the part beside it.
    """
    found: dict[str, Any] = {"range": [low, high]}
    if high - low < _DECADES:
        return found | _between(low, high, most)
    room = _INWARDS * (high - low) if most <= _NARROW else 0.0
    powers = [power for power in range(math.ceil(low), math.floor(high) + 1) if low + room <= power <= high - room]
    shown = powers[:: max(1, -(-len(powers) // most))]
    return {**found, "tickvals": [10.0**power for power in shown], "ticktext": [_power(power) for power in shown]}


def _between(low: float, high: float, most: int) -> dict[str, Any]:
    """Return ticks at 1, 2 and 5 of less than two powers of ten, or at some of them where there is little room."""
    found = [factor * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for factor in (1, 2, 5)]
    inside = [value for value in found if low <= math.log10(value) <= high]
    shown = inside[:: max(1, -(-len(inside) // most))]
    return {"tickvals": shown, "ticktext": [number(value) for value in shown]}


def _power(exponent: int) -> str:
    if -_PLAIN <= exponent <= _PLAIN:
        return f"{10.0**exponent:g}"
    return "10" + str(exponent).translate(_RAISED)


def surrogate_of(history: History, asked: Asked, begins: str) -> tuple[Surrogate, Option] | NotYet:
    """Return a search's surrogate, of the goal that was asked for, with that option; or why there is none.

    Parameters
    ----------
    history : History
        What has happened.
    asked : mapping of str to str
        "goal": which goal is looked at.
    begins : str
        What happens when three trials have a value, for a search that has no trial yet: "effects are worked out".

    Returns
    -------
    tuple of (Surrogate, Option), or NotYet
    """
    if not history.trials or not varying(history.space):
        return NotYet(f"no trial has come to rest yet: {begins} when three have a value")
    goals = [goal.metric for goal in history.opened.goals] if history.opened else [""]
    goal = option("goal", "goal", goals, asked)
    try:
        return Surrogate(history, goals.index(goal.value)), goal
    except TuneError as error:
        return NotYet(str(error))


def results_words(history: History, surrogate: Surrogate) -> str:
    """Say of what results a surrogate is: '23 results at 27 epochs'."""
    budget = f" at {amount(surrogate.budget, history.opened.unit)}" if surrogate.budget and history.opened else ""
    bad = (
        f", and {surrogate.standing_in:,} that failed or were stopped, taken to be bad" if surrogate.standing_in else ""
    )
    return f"{surrogate.results:,} results{budget}{bad}"


def heading(text: str, x: float, y: float) -> dict[str, Any]:
    """Return an annotation that names a part of the figure, above its left edge; in shares of the figure."""
    return {
        "text": plain(text), "x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom",
        "showarrow": False, "font": {"size": 12},
    }  # fmt: skip


def marks(
    seen: Landscape, place: Place, best: int | None, *, edge: str | None = None, running: bool = True, **where: Any
) -> list[dict[str, Any]]:
    """Return the trials as traces: those that tell of what is seen, the others faded, running ones and the best.

    Parameters
    ----------
    seen : Landscape
        What is seen.
    place : callable
        Returns where a trial is drawn.
    best : int or None
        The best trial.
    edge : str or None
        The colour of the marks' edges, where they stand on a map.
    running : bool
        Whether running trials are drawn too.
    **where : Any
        The axes, and whether the legend names them.
    """
    there = [spot for spot in seen.spots if not spot.running and spot.trial != best]
    parts: list[tuple[str, Mark, Sequence[Spot], int]] = [
        ("other trials", FAR, [spot for spot in there if not spot.near], 6),
        ("results near by", NEAR, [spot for spot in there if spot.near], 8),
        ("running", RUNNING, [spot for spot in seen.spots if spot.running and running], 9),
        ("best", INCUMBENT, [spot for spot in seen.spots if spot.trial == best], 14),
    ]
    return [
        _marked(name, mark, [place(spot.place) for spot in spots], [spot.trial for spot in spots], size, edge) | where
        for name, mark, spots, size in parts
        if spots
    ]


def next_mark(at: tuple[Any, Any], *, edge: str | None = None, **where: Any) -> dict[str, Any]:
    """Return the sampler's next suggestion as a trace."""
    return _marked("next", NEXT, [at], [-1], 12, edge) | where


def _marked(
    name: str, mark: Mark, places: Sequence[tuple[Any, Any]], trials: Sequence[int], size: int, edge: str | None
) -> dict[str, Any]:
    hollow = mark.symbol.endswith("-open")
    marker: dict[str, Any] = {"color": mark.color, "symbol": mark.symbol, "size": size, "opacity": mark.opacity}
    if hollow:
        marker["line"] = {"width": 2.2, "color": mark.color}
    elif edge:
        marker["line"] = {"width": 1.2, "color": edge}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": np.array([x for x, _ in places]),
        "y": np.array([y for _, y in places], dtype=np.float64),
        "customdata": np.array(trials, dtype=np.int64),
        "marker": marker,
        "cliponaxis": False,
        "hoverinfo": "none",
    }
