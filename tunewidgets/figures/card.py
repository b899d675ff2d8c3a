"""What a card is: a view of a search, by name, with the words that explain it."""

from collections.abc import Callable
from dataclasses import dataclass

from tunewidgets.figures.answers import Answer, Asked
from tunewidgets.history import History, Plan


@dataclass(frozen=True, slots=True)
class Card:
    """One view of a search.

    Attributes
    ----------
    name : str
        By which it is asked for: ``search.figure("brackets")``.
    title : str
        What stands above it.
    sentence : str
        What it shows, in one line; also its text for screen readers.
    help : str
        How it is read: what marks, lines and colours mean.
    draw : callable
        ``draw(history, plan, asked)`` returns the card's answer; it may raise.
    heavy_from : int or None
        From so many trials on drawing takes long, and a live dashboard has it done in a process of its own; None:
        never.
    wide : bool
        Whether it needs the width of two cards.
    brushes : bool
        Whether it is drawn of the brushed trials alone; it finds the intervals in ``asked["brushed"]``, as JSON.
    """

    name: str
    title: str
    sentence: str
    help: str
    draw: Callable[[History, Plan | None, Asked], Answer]
    heavy_from: int | None = None
    wide: bool = False
    brushes: bool = False
