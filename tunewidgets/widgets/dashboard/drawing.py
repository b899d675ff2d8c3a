"""A dashboard's cards, drawn of what is shown: light ones at once, heavy ones by the helper where there is one."""

import json
from collections.abc import Sequence

from tunewidgets.figures.answers import Answer, Asked, NotYet
from tunewidgets.figures.card import Card
from tunewidgets.figures.cards import draw
from tunewidgets.history import History, Plan
from tunewidgets.widgets.dashboard.brush import BRUSH, Brushed, brushed
from tunewidgets.widgets.dashboard.chosen import Chosen
from tunewidgets.widgets.dashboard.frame import Framer, final
from tunewidgets.widgets.dashboard.heavy import Heavy
from tunewidgets.widgets.dashboard.reading import Reading
from tunewidgets.widgets.dashboard.rows import TABLE, Unchanged


class Drawing:
    """Draws cards.

    Parameters
    ----------
    cards : sequence of Card
        Which there are.
    reading : Reading
        What is shown.
    framer : Framer
        Is told of cards whose answer is not the last word.
    plan : Plan or None
        What the schedule will do.
    chosen : Chosen
        What a person has chosen.
    heavy : Heavy or None
        Fetches the heavy cards; without it they are drawn here.
    """

    def __init__(
        self,
        cards: Sequence[Card],
        reading: Reading,
        framer: Framer,
        plan: Plan | None,
        chosen: Chosen,
        heavy: Heavy | None,
    ) -> None:
        self._cards = {card.name: card for card in cards}
        self._reading, self._framer, self._plan, self._chosen, self._heavy = reading, framer, plan, chosen, heavy

    def draw(self, name: str) -> Answer | Brushed | Unchanged:
        """Return a card's answer, of a heavy one the newest there is, of the table what is new; or who is brushed."""
        shown = self._reading.shown
        if name == BRUSH:
            return brushed(shown, self._chosen.intervals())
        if name == TABLE:
            return self._table(shown)
        card, asked = self._cards[name], self._asked(name)
        if self._heavy is None or card.heavy_from is None or len(shown.trials) < card.heavy_from:
            return final(draw(card, shown, plan=self._plan, asked=asked), shown)
        answer, settled = self._heavy.answer(name, shown, asked)
        if not settled:
            self._framer.awaits(name)
        return final(answer, shown)

    def _table(self, shown: History) -> Answer | Unchanged:
        news, complete = self._framer.rows.news(shown)
        if not complete:
            self._framer.awaits(TABLE)
        return final(news, shown) if isinstance(news, NotYet) else news

    def _asked(self, name: str) -> Asked:
        asked, intervals = self._chosen.asked(name), self._chosen.intervals()
        return {**asked, "brushed": json.dumps(dict(intervals))} if intervals and self._cards[name].brushes else asked
