"""Cards to wire: which card is worth drawing now, and what of it the pages do not have yet."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from tunewidgets.figures.answers import Answer, Broken, Drawn, NotYet, Option, Tabled
from tunewidgets.history import History, sentence
from tunewidgets.widgets.dashboard.brush import Brushed
from tunewidgets.widgets.dashboard.rows import SentRows, Unchanged, columns
from tunewidgets.widgets.dashboard.wire import pack, slim

SHARE = 4.0
"""A card rests for this many times its last cost before it is drawn again: the kernel is the user's."""
AT_ONCE = 0.05
"""Seconds of drawing after which the other cards wait for the next frame."""
SOON = 0.1
"""Seconds after which it is looked whether something better has come for a card."""
SLOWEST = 2.0
"""Seconds after which a card may be drawn again, whatever it costs."""


class Framer:
    """Knows for every card whether the pages have its newest state.

    Parameters
    ----------
    cards : sequence of str
        The names of the cards.
    clock : callable
        Seconds on a clock that only goes forward; the cost of drawing is measured with it.

    Attributes
    ----------
    rows : SentRows
        What the pages have of the table.
    """

    def __init__(self, cards: Sequence[str], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cards = tuple(cards)
        self._stale = set(cards)
        self._not_before: dict[str, float] = {}
        self._digests: dict[str, bytes] = {}
        self.rows = SentRows()

    def changed(self) -> None:
        """Note that the history has changed: every card may look different."""
        self._stale = set(self._cards)

    def hurry(self, name: str | None = None) -> None:
        """Note that somebody waits for a card to look different: none rests before it is drawn again.

        A card that is named is the only one, and is sent again also where it looks the same.
        """
        if name is None:
            self.changed()
            self._not_before.clear()
            return
        self._stale.add(name)
        self._not_before.pop(name, None)
        self._digests.pop(name, None)

    def awaits(self, name: str) -> None:
        """Note that something better is on its way for a card: it is drawn again before long."""
        self._stale.add(name)
        self._not_before[name] = self._clock() + SOON

    def hasten(self, names: Iterable[str]) -> None:
        """Note that there is something new to draw of these cards, and that somebody waits for it."""
        for name in names:
            self._stale.add(name)
            self._not_before.pop(name, None)

    def forget(self) -> None:
        """Note that a page has nothing: every card is sent again, at once, also where it looks the same."""
        self.hurry()
        self._digests.clear()
        self.rows.forget()

    def stale(self, cards: Sequence[str]) -> list[str]:
        """Return those of `cards` that have not been drawn since the last change."""
        return [name for name in cards if name in self._stale]

    def due(self, cards: Sequence[str], now: float) -> list[str]:
        """Return those of the stale cards that may be drawn now, the one that has waited longest first."""
        waiting = [name for name in self.stale(cards) if now >= self._not_before.get(name, now)]
        return sorted(waiting, key=lambda name: self._not_before.get(name, 0.0))

    def frame(
        self, cards: Sequence[str], draw: Callable[[str], Answer | Brushed | Unchanged], *, whole: bool = False
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Draw cards and pack those that look different from what was sent last.

        After `AT_ONCE` seconds the rest are left for the next frame, unless a page waits for the `whole`.

        Returns
        -------
        tuple of (dict, list of bytes)
            By name ``{"card": packed, "at": first buffer, "n": number of buffers}``, and all buffers.
        """
        packed: dict[str, Any] = {}
        buffers: list[bytes] = []
        end = self._clock() + AT_ONCE
        for name in cards:
            began = self._clock()
            if began > end and not whole:
                break
            self._stale.discard(name)
            answer = draw(name)
            if not isinstance(answer, Unchanged):
                card, own = pack(plain(answer))
                if self._news(name, card, own):
                    packed[name] = {"card": card, "at": len(buffers), "n": len(own)}
                    buffers += own
            ended = self._clock()
            if name not in self._stale:
                self._not_before[name] = ended + min(SLOWEST, SHARE * (ended - began))
        return packed, buffers

    def _news(self, name: str, card: Any, buffers: list[bytes]) -> bool:
        digest = hashlib.blake2b(json.dumps(card).encode(), digest_size=16)
        for buffer in buffers:
            digest.update(buffer)
        before, self._digests[name] = self._digests.get(name), digest.digest()
        return before != self._digests[name]


_ENDS = {"failed": "the search failed", "stopped": "the search was stopped", "finished": "the search ended"}


def final(answer: Answer, history: History) -> Answer:
    """Return a card's answer; that of a search which ended before its first trial must not promise anything."""
    if history.closed is None or history.trials or not isinstance(answer, NotYet):
        return answer
    words = f"{_ENDS[history.closed.state]} before its first trial"
    why = sentence(history.closed.reason)
    return NotYet(f"{words}: {why}" if why else words)


def plain(answer: Answer | Brushed) -> dict[str, Any]:
    """Return how a card ended, as data: ``end`` is "drawn", "table", "not yet" or "broken"; or who is brushed."""
    match answer:
        case Brushed():
            return asdict(answer)
        case Drawn(figure, options, note):
            drawn = {
                "data": [slim(trace) for trace in figure["data"]],
                "layout": figure["layout"],
                "options": _choices(options),
                "note": note,
            }
            return {"end": "drawn", **drawn}
        case Tabled(record):
            return {"end": "table", **columns(record)}
        case NotYet(why, options, expected):
            return {"end": "not yet", "text": why, "options": _choices(options), "expected": expected}
        case Broken(message):
            return {"end": "broken", "text": message}


def _choices(options: Sequence[Option]) -> list[dict[str, Any]]:
    """Return those options of which there is more than one choice, as data."""
    return [asdict(each) for each in options if len(each.choices) > 1]
