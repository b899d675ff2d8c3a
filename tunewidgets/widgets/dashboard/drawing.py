"""A dashboard's cards, drawn of what is shown: light ones at once, heavy ones by the helper where there is one."""

from collections.abc import Callable

from tunewidgets.figures.cards import CARDS, Answer, Asked, draw
from tunewidgets.history import Plan
from tunewidgets.widgets.dashboard.frame import Framer, final
from tunewidgets.widgets.dashboard.heavy import Heavy
from tunewidgets.widgets.dashboard.reading import Reading


class Drawing:
    """Draws cards.

    Parameters
    ----------
    reading : Reading
        What is shown.
    framer : Framer
        Is told of cards whose answer is not the last word.
    plan : Plan or None
        What the schedule will do.
    asked : callable
        Returns what was chosen of a card's options, by the card's name.
    heavy : Heavy or None
        Fetches the heavy cards; without it they are drawn here.
    """

    def __init__(
        self,
        reading: Reading,
        framer: Framer,
        plan: Plan | None,
        asked: Callable[[str], Asked],
        heavy: Heavy | None,
    ) -> None:
        self._reading, self._framer, self._plan, self._asked, self._heavy = reading, framer, plan, asked, heavy

    def draw(self, name: str) -> Answer:
        """Return a card's answer; of a heavy one the newest there is."""
        shown, asked = self._reading.shown, self._asked(name)
        if self._heavy is None or not CARDS[name].heavy:
            return final(draw(name, shown, plan=self._plan, asked=asked), shown)
        answer, settled = self._heavy.answer(name, len(shown), asked)
        if not settled:
            self._framer.awaits(name)
        return final(answer, shown)
