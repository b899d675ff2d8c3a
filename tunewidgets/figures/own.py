"""Cards of the user's own: a function from a search's history to a figure."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from tunewidgets.errors import TuneError
from tunewidgets.figures.answers import Answer, Drawn, NotYet
from tunewidgets.figures.card import Card
from tunewidgets.history import History

Make = Callable[[History], Any]
"""Returns a `plotly.graph_objects.Figure`, a Plotly spec as a dict, or a sentence: why there is nothing to show yet."""


def card(
    title: str = "",
    *,
    sentence: str = "",
    help: str = "",  # noqa: A002 - the word that all cards have for it
    wide: bool = False,
) -> Callable[[Make], Card]:
    """Make a card of a function.

    Parameters
    ----------
    title : str
        What stands above it; the function's name unless given.
    sentence : str
        What it shows, in one line.
    help : str
        How it is read; the function's docstring unless given.
    wide : bool
        Whether it needs the width of two cards.

    Returns
    -------
    callable
        A decorator: it turns ``f(history)`` into a `Card` of the function's name. The function returns a
        `plotly.graph_objects.Figure`, a Plotly spec as a dict, or a sentence that says why there is nothing to show
        yet. It is called in the kernel, whenever the search has changed and the card is in sight, so it must be quick;
        what it raises is shown in the card and nowhere else. Points whose ``customdata`` are numbers of trials select
        them.

    Raises
    ------
    TuneError
        When it is applied to what has no name, as a lambda.

    Examples
    --------
    >>> @card("Seconds", sentence="How long each trial took")
    ... def seconds(history):
    ...     trials = list(history.trials)
    ...     bars = {"type": "bar", "x": trials, "y": [1.0] * len(trials), "customdata": trials}
    ...     return {"data": [bars], "layout": {}}
    >>> seconds.name, seconds.title
    ('seconds', 'Seconds')
    """

    def made(make: Make) -> Card:
        name = getattr(make, "__name__", "")
        if not name.isidentifier():
            raise TuneError(f"a card is made of a named function, not of {make!r}: write `def name(history): ...`")
        words = title or name.replace("_", " ").capitalize()
        return Card(
            name,
            words,
            sentence or words,
            help or (make.__doc__ or "").strip() or sentence or words,
            lambda history, _plan, _asked: _answer(make(history), name),
            wide=wide,
        )

    return made


def _answer(found: Any, name: str) -> Answer:
    if isinstance(found, str):
        return NotYet(found)
    if hasattr(found, "to_json"):
        found = _decoded(json.loads(found.to_json()))
    if not isinstance(found, Mapping) or "data" not in found:
        raise TuneError(
            f"{name} must return a plotly.graph_objects.Figure, a dict with 'data' and 'layout', or a sentence, "
            f"not {type(found).__name__}"
        )
    # A template would bring colours of its own, and a width would not be that of the page.
    layout = {key: value for key, value in found.get("layout", {}).items() if key not in ("template", "width")}
    return Drawn({"data": [_arrayed(trace) for trace in found["data"]], "layout": layout})


def _arrayed(value: Any) -> Any:
    """Return a spec in which what is like an array is one, and what is like a list is one."""
    if isinstance(value, Mapping):
        return {name: _arrayed(item) for name, item in value.items()}
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return value
    return np.asarray(value) if hasattr(value, "__array__") else [_arrayed(item) for item in value]


def _decoded(value: Any) -> Any:
    """Return a figure's JSON with arrays: Plotly writes arrays of numbers as base64, in which no trial is found."""
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if {"dtype", "bdata"} <= set(value):
        array = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
        return array.reshape(_shape(value.get("shape")))
    return {name: _decoded(item) for name, item in value.items()}


def _shape(written: Any) -> tuple[int, ...]:
    """Return the shape that Plotly wrote: '2, 3' for a table, nothing for a row."""
    return tuple(int(part) for part in str(written).split(",")) if written else (-1,)
