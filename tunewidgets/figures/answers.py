"""How a card can end: with a figure, with a table, with 'not yet, because ...', or with an error confined to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tunewidgets.analysis.table import Table

Spec = Mapping[str, Any]
"""A Plotly figure as plain data: ``"data"``, a list of traces, and ``"layout"``; arrays are numpy's or lists."""


Asked = Mapping[str, str]
"""What a person has chosen of a card's options, by name; what is not there, or not to be had, is the first choice."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something that a person may choose about a card.

    Attributes
    ----------
    name : str
        By which it is asked for: ``search.figure("curves", metric="loss")``.
    label : str
        What stands before the choices.
    choices : tuple of str
        What there is to choose, the one that is shown unasked first.
    value : str
        What was chosen.
    slides : bool
        Whether the choices are steps of a scale, ascending: the page shows a slider, apart from the other options.
    """

    name: str
    label: str
    choices: tuple[str, ...]
    value: str
    slides: bool = False


def option(name: str, label: str, choices: Iterable[str], asked: Asked) -> Option:
    """Return an option with what was asked for, or the first choice where that is not to be had.

    Examples
    --------
    >>> option("scale", "scale", ("linear", "log"), {"scale": "log"}).value
    'log'
    >>> option("scale", "scale", ("linear", "log"), {"scale": "cubic"}).value
    'linear'
    """
    found = tuple(choices)
    wanted = asked.get(name, found[0])
    return Option(name, label, found, wanted if wanted in found else found[0])


@dataclass(frozen=True, slots=True)
class Drawn:
    """The card's figure.

    Attributes
    ----------
    figure : dict
        A Plotly spec with the keys ``"data"`` and ``"layout"``. Colours of text, axes and grid are left out: the page
        sets them from its theme, `tunewidgets.figures.themed` for static use. Points carry trial numbers in
        ``customdata``, no texts.
    options : tuple of Option
        What a person may choose.
    note : str
        A line of plain text on what is drawn: of how many results, by whom, at what.
    """

    figure: Spec
    options: tuple[Option, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tabled:
    """The card's record, which the page draws as a table."""

    record: Table


@dataclass(frozen=True, slots=True)
class NotYet:
    """There is nothing to draw; it is said when there will be, or why there never is.

    Attributes
    ----------
    why : str
        The sentence.
    options : tuple of Option
        As in `Drawn`: with another choice there may be something.
    expected : bool
        Whether there will be something if the search goes on as it is set up. Where not, the page keeps no room for a
        figure: the card is one line, until there is something after all.
    """

    why: str
    options: tuple[Option, ...] = ()
    expected: bool = True


@dataclass(frozen=True, slots=True)
class Broken:
    """Drawing failed; `message` is for the user. Other cards are not touched by it."""

    message: str


Answer = Drawn | Tabled | NotYet | Broken
"""What `tunewidgets.figures.draw` returns."""
