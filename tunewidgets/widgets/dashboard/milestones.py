"""When the static output below a dashboard is worth drawing again."""

from dataclasses import dataclass

from tunewidgets.history import History

APART = 10.0
"""Seconds between two milestones at the least; the beginning, the first result and the end wait for nothing."""
SHARE = 50.0
"""Between two milestones lies this many times what drawing one takes."""


@dataclass
class Milestones:
    """Remembers what the static output shows.

    The milestones are the beginning, the first result, a new incumbent (at most one every `APART` seconds, and fewer
    where drawing takes long) and the end. One that could not be drawn is due again `APART` seconds later.
    """

    _begun: bool = False
    _apart: float = APART
    _incumbent: tuple[int, float | None] | None = None
    _closed: bool = False
    _at: float = float("-inf")
    _owed: bool = False

    def due(self, history: History, now: float) -> bool:
        """Tell whether a milestone has been reached since the last one; if so, it is the last one from now on."""
        incumbent, closed = _state(history)
        first = self._incumbent is None and incumbent is not None
        at_once = not self._begun or first or closed != self._closed
        at_leisure = (self._owed or incumbent != self._incumbent) and now - self._at >= self._apart
        if not (at_once or at_leisure):
            return False
        self._begun = self._owed = True
        self._incumbent, self._closed, self._at = incumbent, closed, now
        return True

    def drawn(self, cost: float) -> None:
        """Note that the last milestone is drawn, and how many seconds that took."""
        self._owed, self._apart = False, max(APART, SHARE * cost)

    def behind(self, history: History) -> bool:
        """Whether the static output shows less than it could."""
        return self._owed or _state(history) != (self._incumbent, self._closed)


def _state(history: History) -> tuple[tuple[int, float | None] | None, bool]:
    best = history.incumbent
    return (best.number, best.value) if best else None, history.closed is not None
