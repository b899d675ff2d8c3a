"""The dashboard's cards by name, and the one function that draws any of them and never raises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tunewidgets.analysis.table import trial_table
from tunewidgets.figures.answers import Answer, Broken, Drawn, NotYet, Tabled
from tunewidgets.figures.brackets import draw_brackets
from tunewidgets.figures.curves import draw_curves
from tunewidgets.figures.pareto import draw_pareto
from tunewidgets.figures.timeline import draw_timeline
from tunewidgets.figures.trials import draw_trials
from tunewidgets.history import History, Plan

__all__ = ["CARDS", "Answer", "Broken", "Card", "Drawn", "NotYet", "Tabled", "draw"]

ROWS_IN_SIGHT = 1000
"""A table of more rows than this keeps the best, the active and the newest; the record says how many there are."""


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
        ``draw(history, plan)`` returns the card's answer; it may raise.
    """

    name: str
    title: str
    sentence: str
    help: str
    draw: Callable[[History, Plan | None], Answer]


def _draw_table(history: History, _plan: Plan | None) -> Answer:
    if not history.trials:
        return NotYet("no trial has started yet: each gets a row when it does")
    return Tabled(trial_table(history, at_most=ROWS_IN_SIGHT))


_ALL = (
    Card(
        "trials",
        "Trials",
        "Every trial's value, and the best so far",
        "Each mark is a trial at its number and its value; its shape and colour say its state, and a larger mark was "
        "trained further. The line is the best value so far among the trials of the highest budget reached. Trials "
        "that have no value, such as failed ones, stand on the rail below. Where there are constraints, a trial that "
        "exceeds a bound is marked so, and the line passes it by. With several goals, stars are the trials that none "
        "beats in all of them, at their values of the first.",
        lambda history, _plan: draw_trials(history),
    ),
    Card(
        "curves",
        "Curves",
        "Every trial's reports against the budget it has used",
        "Each line is a trial's learning curve. Pruned trials are faded, the best one is drawn strongest, and dotted "
        "lines are the rungs at which trials are compared.",
        draw_curves,
    ),
    Card(
        "brackets",
        "Brackets",
        "The schedule's plan, and how far it has come",
        "Each row is a bracket, each column a rung: so many configurations at so large a budget. Outlines are planned "
        "and still to come. At a rung the trials are compared; the best go on to the right, the others are cut. "
        "A number is a value at the rung itself: the best epoch of the trial may have been better. Below stands how "
        "well the ranks at neighbouring rungs agree; where it is little, a low budget misleads.",
        draw_brackets,
    ),
    Card(
        "pareto",
        "Pareto",
        "What one goal costs in another, and the trials that none beats",
        "For searches with several goals. Each mark is a trial at its values of the first two; a star is one that no "
        "other beats in all goals at once, and the line is the border of what the stars rule out. Where there are "
        "constraints, a trial that exceeds a bound is marked so, and is no star. Below, the hypervolume: of the box "
        "between a corner beyond the worst values and the best value of every goal, the share that the stars rule out. "
        "A level line says that no better trade-offs are found any more. Click a star to see its configuration.",
        lambda history, _plan: draw_pareto(history),
    ),
    Card(
        "timeline",
        "Timeline",
        "When each leg ran, and where workers stood idle",
        "Each bar is a leg: one go of a trial in a process of its own, from its start to where it was paused, cut, "
        "ended or lost; its colour says which. Rows are legs that ran at once, so what is white between bars while the "
        "search was at work is a worker that had nothing to do. Pauses and rests are left out of the time; a dotted "
        "line marks them.",
        lambda history, _plan: draw_timeline(history),
    ),
    Card(
        "table",
        "Table",
        "Every trial with its configuration, why it was tried, and the reason for its state",
        "A row is a trial. Sort by a column, filter by a word, select a row to see the trial in all cards.",
        _draw_table,
    ),
)

CARDS: Mapping[str, Card] = MappingProxyType({card.name: card for card in _ALL})
"""The cards in the order in which a dashboard shows them."""


def draw(name: str, history: History, *, plan: Plan | None = None) -> Answer:
    """Draw a card.

    Parameters
    ----------
    name : str
        One of `CARDS`.
    history : History
        What has happened.
    plan : Plan or None
        What the schedule will do, where it knows: the brackets are drawn from it before the first trial.

    Returns
    -------
    Drawn, Tabled, NotYet or Broken
        Never raises: an exception while drawing, an unknown name included, becomes `Broken` with its message.

    Examples
    --------
    >>> draw("trials", History())
    NotYet(why='no trial has started yet: each is drawn when it does')
    """
    card = CARDS.get(name)
    if card is None:
        return Broken(f"there is no card {name!r}; there are {', '.join(CARDS)}")
    try:
        return card.draw(history, plan)
    except Exception as error:  # noqa: BLE001 - one card's error must never take the dashboard down
        return Broken(f"the card {card.title} could not be drawn: {type(error).__name__}: {error}")
