"""Cards to wire: which card is worth drawing now, and what of it the pages do not have yet."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from tunewidgets.analysis.table import Table
from tunewidgets.figures.answers import Answer, Broken, Drawn, NotYet, Option, Tabled
from tunewidgets.history import History, sentence
from tunewidgets.widgets.dashboard.brush import Brushed
from tunewidgets.widgets.dashboard.wire import pack, slim

SHARE = 8.0
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
    """

    def __init__(self, cards: Sequence[str], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cards = tuple(cards)
        self._stale = set(cards)
        self._not_before: dict[str, float] = {}
        self._digests: dict[str, bytes] = {}

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

    def stale(self, cards: Sequence[str]) -> list[str]:
        """Return those of `cards` that have not been drawn since the last change."""
        return [name for name in cards if name in self._stale]

    def due(self, cards: Sequence[str], now: float) -> list[str]:
        """Return those of the stale cards that may be drawn now, the one that has waited longest first."""
        waiting = [name for name in self.stale(cards) if now >= self._not_before.get(name, now)]
        return sorted(waiting, key=lambda name: self._not_before.get(name, 0.0))

    def frame(
        self, cards: Sequence[str], draw: Callable[[str], Answer | Brushed], *, whole: bool = False
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
            card, own = pack(plain(draw(name)))
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


def columns(table: Table) -> dict[str, Any]:
    """Turn a table's rows into columns: numbers travel as arrays, and a state is written once.

    Returns
    -------
    dict
        ``total``, ``best`` (trials' numbers), ``direction``; ``columns``, a list of dicts with ``name``,
        ``kind`` ("number", "text", "value") and ``values`` by row; NaN or None where a row has none.
    """
    rows = table.rows
    numbers: dict[str, Sequence[float | None]] = {
        "Trial": [row.number for row in rows],
        table.metric or "value": [row.value for row in rows],
        table.unit + "s": [row.budget for row in rows],
        "Bracket": [row.bracket for row in rows],
        "Rung": [row.rung for row in rows],
        "Seconds": [row.seconds for row in rows],
    }
    found = {name: _column(name, "number", _floats(values)) for name, values in numbers.items()}
    state = _column("State", "state", [row.state for row in rows])
    further = [_column(name, "number", _floats([row.further.get(name) for row in rows])) for name in table.further]
    why = [
        _column("Why", "text", ["; ".join(filter(None, (row.broken, row.reason))) for row in rows]),
        _column("Tried because", "text", [row.suggested for row in rows]),
    ]
    parameters = [_parameter(name, [row.config.get(name) for row in rows]) for name in table.parameters]
    first, value, budget, *rest = found.values()
    if all(row.bracket is None for row in rows):
        rest = rest[2:]
    return {
        "total": table.total,
        "best": list(table.best),
        "direction": table.direction,
        # Where every trial trains to its end, why it was tried tells them apart, and their states do not.
        "columns": [first, state, value, *further, budget, *parameters, *(why if table.compared else why[::-1]), *rest],
    }


def _column(name: str, kind: str, values: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "values": values}


def _floats(values: Sequence[float | None]) -> np.ndarray[Any, Any]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _parameter(name: str, values: Sequence[Any]) -> dict[str, Any]:
    if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        return _column(name, "parameter number", _floats(values))
    return _column(name, "parameter", [value if isinstance(value, str | None) else repr(value) for value in values])
