"""A dashboard's heavy cards: asked of the helper no more often than they can be drawn, and remembered."""

import pickle
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from tunewidgets.figures.answers import Answer, Asked, NotYet
from tunewidgets.figures.cards import CARDS
from tunewidgets.history import History, Plan
from tunewidgets.widgets.dashboard.helper import Fulfilled, Helper, Reopen, Wish

REST = 3.0
"""A card rests for this many times what it took before it is drawn again: trials need the machine."""
LONGEST = 20.0
"""Seconds that it rests at most."""


AFRESH = 2.0
"""Seconds after which a card is asked for once more whose helper was lost."""


class State(NamedTuple):
    """What a card was drawn of: when the search began, the length of its history, and what was asked."""

    began: float
    entries: int
    asked: tuple[tuple[str, str], ...]


class Heavy:
    """Fetches cards from the helper.

    Parameters
    ----------
    helper : Helper
        Who draws.
    reopen : callable
        Opens the search there.
    plan : Plan or None
        What the schedule will do.
    arrived : callable
        Called with a card's name when its answer is there, on any thread.
    clock : callable
        Seconds on a clock that only goes forward.
    """

    def __init__(
        self,
        helper: Helper,
        reopen: Reopen,
        plan: Plan | None,
        arrived: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._helper, self._plan, self._arrived, self._clock = helper, plan, arrived, clock
        self._search = pickle.dumps(reopen)
        self._lock = Lock()
        self._known: dict[str, tuple[State, Answer]] = {}
        self._waiting: dict[str, State] = {}
        self._rested: dict[str, float] = {}
        self._lost: set[str] = set()

    def answer(self, card: str, history: History, asked: Asked) -> tuple[Answer, bool]:
        """Return the newest answer there is, and whether it is of this very state: then nothing more is to come.

        What belongs to another choice or another moment is asked for at once; what only lags behind the search, when
        the card has rested, and what was lost with the helper, a moment later.
        """
        began = history[0].at if len(history) else 0.0
        state = State(began, len(history), tuple(sorted(asked.items())))
        with self._lock:
            known = self._known.get(card)
            lost = card in self._lost
            if known is not None and known[0] == state and not lost:
                return known[1], True
            rests = self._clock() < self._rested.get(card, 0.0)
            lags = known is not None and known[0][::2] == state[::2] and known[0].entries < state.entries
            asks = card not in self._waiting and not (rests and (lags or lost))
            if asks:
                self._waiting[card] = state
        if asks:
            wish = Wish(self._search, began, card, len(history), dict(asked), self._plan)
            self._helper.ask(wish, lambda found: self._take(card, found))
        if known is None:
            return NotYet(f"the card {CARDS[card].title} takes a moment to be worked out"), False
        return known[1], False

    def _take(self, card: str, found: Fulfilled) -> None:
        with self._lock:
            self._known[card] = (self._waiting.pop(card), found.answer)
            (self._lost.add if found.lost else self._lost.discard)(card)
            rest = AFRESH if found.lost else min(LONGEST, REST * found.seconds)
            self._rested[card] = self._clock() + rest
        self._arrived(card)
