"""The dashboard's cards by name, and the one function that draws any of them and never raises."""

from collections.abc import Iterable, Sequence

from tunewidgets.analysis.plans import plan_now
from tunewidgets.errors import StrategyError, TuneError
from tunewidgets.figures.answers import Answer, Asked, Broken, Drawn, NotYet, Option, Tabled
from tunewidgets.figures.card import Card
from tunewidgets.figures.catalogue import CARDS
from tunewidgets.history import NOTHING, History, Plan

RESERVED = frozenset({"brush"})
"""Names that a dashboard uses for what is no card."""

__all__ = [
    "CARDS",
    "Answer",
    "Asked",
    "Broken",
    "Card",
    "Drawn",
    "NotYet",
    "Option",
    "Tabled",
    "check_options",
    "draw",
    "find_cards",
]


def find_cards(wanted: Iterable[str | Card]) -> tuple[Card, ...]:
    """Return cards by their names; a card of the user's own stands for itself.

    Raises
    ------
    StrategyError
        If there is no card of a name, one is there twice, or a card of the user's own has the name of another.
    """
    found: dict[str, Card] = {}
    for each in wanted:
        card = each if isinstance(each, Card) else CARDS.get(each)
        if card is None:
            raise StrategyError(f"there is no card {each!r}; cards are {', '.join(map(repr, CARDS))}")
        if isinstance(each, Card) and (card.name in CARDS or card.name in RESERVED):
            raise StrategyError(f"two cards are called {card.name!r}: rename the function of your own one")
        if card.name in found:
            raise StrategyError(f"the card {card.name!r} is there twice: a dashboard shows a card in one place")
        found[card.name] = card
    return tuple(found.values())


def draw(name: str | Card, history: History, *, plan: Plan | None = None, asked: Asked = NOTHING) -> Answer:
    """Draw a card.

    Parameters
    ----------
    name : str or Card
        One of `CARDS`, or a card of the user's own.
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
    card = name if isinstance(name, Card) else CARDS.get(name)
    if card is None:
        return Broken(f"there is no card {name!r}; there are {', '.join(CARDS)}")
    try:
        return card.draw(history, plan_now(history, plan), asked)
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
