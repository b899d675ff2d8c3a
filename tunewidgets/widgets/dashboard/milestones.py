"""When the static output below a dashboard is worth drawing again."""

from dataclasses import dataclass

from tunewidgets.history import History

APART = 5.0
"""Seconds between two milestones at the least; the beginning, the first result and the end wait for nothing."""
SHARE = 50.0
"""Between two milestones lies this many times what drawing one takes."""


@dataclass
class Milestones:
    """Remembers what the static output shows.

    The milestones are the beginning, the first result, a new incumbent (at most one every `APART` seconds, and fewer
    where drawing takes long) and the end.
    """

    _begun: bool = False
    _apart: float = APART
    _incumbent: tuple[int, float | None] | None = None
    _closed: bool = False
    _at: float = float("-inf")

    def due(self, history: History, now: float) -> bool:
        """Tell whether a milestone has been reached since the last one; if so, it is the last one from now on."""
        best = history.incumbent
        incumbent = (best.number, best.value) if best else None
        closed = history.closed is not None
        first = self._incumbent is None and incumbent is not None
        improved = incumbent != self._incumbent and now - self._at >= self._apart
        if self._begun and not (first or improved or closed != self._closed):
            return False
        self._begun = True
        self._incumbent, self._closed, self._at = incumbent, closed, now
        return True

    def rest(self, cost: float) -> None:
        """Note how many seconds drawing the last milestone took."""
        self._apart = max(APART, SHARE * cost)
