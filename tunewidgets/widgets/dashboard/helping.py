"""What runs in the helper process: it opens searches, folds their histories and draws cards, one wish after another."""

import os
import pickle
import sys
import time
from collections import OrderedDict
from select import select
from typing import IO, Any

from tunewidgets.figures.cards import Answer, Broken, draw
from tunewidgets.history import Entry, History, SearchView
from tunewidgets.runner.platform import lower_priority
from tunewidgets.widgets.dashboard.helper import Wish

IDLE = 600.0
"""Seconds without a wish after which the process ends."""
_NICE = 12  # below the kernel, and below the trials
_KEPT, _ANSWERS = 4, 64


class Searches:
    """The searches that were asked about last: each with its view and everything that it has seen of its history."""

    def __init__(self) -> None:
        self._views: OrderedDict[bytes, tuple[SearchView, list[Entry]]] = OrderedDict()
        self._histories: OrderedDict[bytes, History] = OrderedDict()
        self._answers: OrderedDict[Any, Answer] = OrderedDict()

    def answer(self, wish: Wish) -> Answer:
        """Draw a card; the same wish is not drawn twice."""
        key = (wish.search, wish.card, wish.entries, tuple(sorted(wish.asked.items())))
        if key not in self._answers:
            self._answers[key] = draw(wish.card, self._history(wish), plan=wish.plan, asked=wish.asked)
        self._answers.move_to_end(key)
        while len(self._answers) > _ANSWERS:
            self._answers.popitem(last=False)
        return self._answers[key]

    def _history(self, wish: Wish) -> History:
        """Return the history after so many events: the last one goes on, or begins anew where it is past that."""
        entries = self._entries(wish)
        history = self._histories.get(wish.search)
        if history is None or len(history) > wish.entries:
            history = self._histories[wish.search] = History()
        history.extend(entries[len(history) : wish.entries])
        self._histories.move_to_end(wish.search)
        while len(self._histories) > _KEPT:
            self._histories.popitem(last=False)
        return history

    def _entries(self, wish: Wish) -> list[Entry]:
        if wish.search not in self._views:
            self._views[wish.search] = (pickle.loads(wish.search)(), [])
        view, entries = self._views[wish.search]
        if len(entries) < wish.entries:
            entries.extend(view.read(len(entries)))
        self._views.move_to_end(wish.search)
        while len(self._views) > _KEPT:
            self._views.popitem(last=False)
        return entries


def serve(wishes: IO[bytes], answers: IO[bytes]) -> None:
    """Fulfil wishes until there are no more, or none has come for a while."""
    searches = Searches()
    while _comes(wishes):
        try:
            number, wish = pickle.load(wishes)
        except EOFError:
            return
        began = time.perf_counter()
        try:
            answer = searches.answer(Wish(*wish))
        except Exception as error:  # noqa: BLE001 - one card's error must not end the process that draws the others
            answer = Broken(f"the card could not be drawn: {type(error).__name__}: {error}")
        pickle.dump((number, (answer, time.perf_counter() - began)), answers)
        answers.flush()


def _comes(wishes: IO[bytes]) -> bool:
    """Wait for something to read; pipes of Windows cannot be waited for, and there it waits as long as it takes."""
    return sys.platform == "win32" or bool(select([wishes], [], [], IDLE)[0])


def main() -> None:
    """Run the process: wishes come by its input, answers go by its output."""
    lower_priority(_NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints must not print among the answers
    # Unbuffered: a wish that lay in a buffer could not be waited for.
    serve(os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0), answers)
