"""The dashboard's cards by name, and the one function that draws any of them and never raises."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tunewidgets.analysis.table import trial_table
from tunewidgets.errors import TuneError
from tunewidgets.figures.answers import Answer, Asked, Broken, Drawn, NotYet, Option, Tabled
from tunewidgets.figures.brackets import draw_brackets
from tunewidgets.figures.curves import draw_curves
from tunewidgets.figures.parallel import draw_parallel
from tunewidgets.figures.pareto import draw_pareto
from tunewidgets.figures.timeline import draw_timeline
from tunewidgets.figures.trials import draw_trials
from tunewidgets.history import NOTHING, History, Plan

__all__ = ["CARDS", "Answer", "Asked", "Broken", "Card", "Drawn", "NotYet", "Option", "Tabled", "check_options", "draw"]

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
        ``draw(history, plan, asked)`` returns the card's answer; it may raise.
    """

    name: str
    title: str
    sentence: str
    help: str
    draw: Callable[[History, Plan | None, Asked], Answer]


def _draw_table(history: History, _plan: Plan | None, _asked: Asked) -> Answer:
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
        lambda history, _plan, asked: draw_trials(history, asked),
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
        "well the ranks at neighbouring rungs agree; where it is little, a low budget misleads. As ranks, a line is a "
        "trial of one bracket, from its place at a rung to its place at the next; lines that cross have changed.",
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
        lambda history, _plan, asked: draw_pareto(history, asked),
    ),
    Card(
        "parallel",
        "Parallel coordinates",
        "Every trial as a line across its parameters to its value",
        "Each line is a trial: it crosses each axis at the trial's value of that parameter, and the last ones at its "
        "values of the goals. Its colour runs from blue, the worst, to orange, the best; grey lines have no value, as "
        "those of failed trials. A gap is a parameter that is inactive in that trial. Drag along an axis to brush an "
        "interval, drag it or its ends to change it, and click beside it to clear it; several intervals hold together. "
        "Every card then fades the trials outside, and the table leaves them out. By keyboard: Tab goes to an axis, "
        "the arrows move its interval, with Shift they stretch it, Delete clears it, and Escape clears all.",
        lambda history, _plan, asked: draw_parallel(history, asked),
    ),
    Card(
        "timeline",
        "Timeline",
        "When each leg ran, and where workers stood idle",
        "Each bar is a leg: one go of a trial in a process of its own, from its start to where it was paused, cut, "
        "ended or lost; its colour says which. Rows are legs that ran at once, so what is white between bars while the "
        "search was at work is a worker that had nothing to do. Pauses and rests are left out of the time; a dotted "
        "line marks them.",
        lambda history, _plan, _asked: draw_timeline(history),
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


def draw(name: str, history: History, *, plan: Plan | None = None, asked: Asked = NOTHING) -> Answer:
    """Draw a card.

    Parameters
    ----------
    name : str
        One of `CARDS`.
    history : History
        What has happened.
    plan : Plan or None
        What the schedule will do, where it knows: the brackets are drawn from it before the first trial.
    asked : mapping of str to str
        What was chosen of the card's options.

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
        return card.draw(history, plan, asked)
    except Exception as error:  # noqa: BLE001 - one card's error must never take the dashboard down
        return Broken(f"the card {card.title} could not be drawn: {type(error).__name__}: {error}")


def check_options(card: str, there_are: Sequence[Option], asked: Asked) -> None:
    """Complain of what was asked for and a card does not have.

    Raises
    ------
    TuneError
        If there is no such option, or no such choice of it.
    """
    known = {each.name: each for each in there_are}
    for name, value in asked.items():
        if name not in known:
            having = f"it has {', '.join(map(repr, known))}" if known else "it has none"
            raise TuneError(f"the card {card!r} has no option {name!r}: {having}")
        if value not in known[name].choices:
            choices = ", ".join(map(repr, known[name].choices))
            raise TuneError(f"the option {name!r} of the card {card!r} can be {choices}, not {value!r}")
