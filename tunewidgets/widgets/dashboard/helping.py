"""What runs in the helper process: it opens searches, folds their histories and draws cards, one wish after another."""

import os
import pickle
import sys
import time
from collections import OrderedDict
from contextlib import suppress
from select import select
from typing import IO, Any

from tunewidgets.figures.cards import Answer, Broken, NotYet, draw
from tunewidgets.history import Entry, History, SearchView
from tunewidgets.runner.platform import lower_priority
from tunewidgets.widgets.dashboard.helper import Wish, read_parcel, write_parcel

IDLE = 600.0
"""Seconds without a wish after which the process ends."""
_NICE = 12  # below the kernel, and below the trials
_KEPT, _ANSWERS = 4, 64


class _Search:
    """One search: its view, everything that was read of it, and the history that was drawn last."""

    def __init__(self, search: bytes) -> None:
        self.view: SearchView = pickle.loads(search)()
        self._entries: list[Entry] = []
        self._history = History()

    def history(self, entries: int) -> History:
        """Return the history after so many events: the last one goes on, or begins anew where it is past that."""
        if len(self._entries) < entries:
            self._entries.extend(self.view.read(len(self._entries)))
        if len(self._history) > entries:
            self._history = History()
        self._history.extend(self._entries[len(self._history) : entries])
        return self._history

    def close(self) -> None:
        with suppress(Exception):  # a view need not be closed; what was, must not keep its files open
            getattr(self.view, "close", lambda: None)()


class Searches:
    """The searches that were asked about last, and the answers that were given."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[bytes, float], _Search] = OrderedDict()
        self._answers: OrderedDict[Any, Answer] = OrderedDict()

    def answer(self, wish: Wish) -> Answer:
        """Draw a card; the same wish is not drawn twice."""
        key = (wish.search, wish.began, wish.card, wish.entries, tuple(sorted(wish.asked.items())))
        if key not in self._answers:
            history = self._search(wish).history(wish.entries)
            if len(history) and history[0].at != wish.began:
                return NotYet("this search was deleted or replaced")
            self._answers[key] = draw(wish.card, history, plan=wish.plan, asked=wish.asked)
        self._answers.move_to_end(key)
        while len(self._answers) > _ANSWERS:
            self._answers.popitem(last=False)
        return self._answers[key]

    def _search(self, wish: Wish) -> _Search:
        key = (wish.search, wish.began)
        if key not in self._known:
            # Another search in the same folder is gone, or is the older one: its files must not be held open.
            for other in [each for each in self._known if each[0] == wish.search]:
                self._known.pop(other).close()
            self._known[key] = _Search(wish.search)
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)[1].close()
        return self._known[key]


def serve(wishes: IO[bytes], answers: IO[bytes]) -> None:
    """Fulfil wishes until there are no more, or none has come for a while."""
    searches = Searches()
    while _comes(wishes):
        try:
            number, wish = read_parcel(wishes)
        except EOFError:
            return
        began = time.perf_counter()
        try:
            answer = searches.answer(Wish(*wish))
        except Exception as error:  # noqa: BLE001 - one card's error must not end the process that draws the others
            answer = Broken(f"the card could not be drawn: {type(error).__name__}: {error}")
        write_parcel(answers, (number, (answer, time.perf_counter() - began)))


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
