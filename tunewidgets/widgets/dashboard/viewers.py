"""Who is looking: which pages there are, what they see, and how far each has drawn."""

from collections.abc import Iterable
from dataclasses import dataclass, field

LATE = 3.0
"""Seconds after which a page that does not acknowledge is no longer waited for: its cell blocks, or it was reloaded."""
SILENT = 60.0
"""Seconds without a word after which a page may be gone: it is served sparingly."""
FORGOTTEN = 600.0
"""Seconds without a word after which a page is forgotten."""


@dataclass
class Viewer:
    """One page.

    Attributes
    ----------
    heard : float
        When it last spoke.
    owes : float or None
        Since when it owes an acknowledgement; None: it has drawn everything.
    cards : frozenset of str or None
        What it has in sight; None: it has not said.
    said_at : int
        The number of the message in which it said so.
    """

    heard: float
    owes: float | None = None
    cards: frozenset[str] | None = None
    said_at: int = -1


@dataclass
class Viewers:
    """The pages that show a widget, by the id that each gives itself.

    A display counts as a page that has not spoken yet, so that something is sent before the first word of a page can
    arrive: while a cell blocks the kernel, none may. Once one has arrived, pages speak for themselves.
    """

    _pages: dict[str, Viewer] = field(default_factory=dict)
    _displayed: float | None = None
    _sent: int = -1

    def display(self, now: float) -> None:
        """Note that the widget is being displayed somewhere."""
        self._displayed = now

    def unheard(self, now: float) -> float:
        """Return for how many seconds it has been displayed without a word from any page; 0 where one has spoken."""
        return 0.0 if self._displayed is None else now - self._displayed

    def hear(self, page: str, now: float) -> bool:
        """Note that a page has spoken; tell whether it is a new one."""
        new = page not in self._pages
        self._pages.setdefault(page, Viewer(now)).heard = now
        self._displayed = None
        return new

    def see(self, page: str, cards: Iterable[str], number: int) -> None:
        """Note which cards a page has in sight, as it says in its message of that number; later ones may have come."""
        viewer = self._pages[page]
        if number > viewer.said_at:
            viewer.cards, viewer.said_at = frozenset(cards), number

    def leave(self, page: str) -> None:
        """Forget a page that says good-bye."""
        self._pages.pop(page, None)

    def owe(self, seq: int, now: float) -> None:
        """Note that message `seq` was sent: every page owes an acknowledgement."""
        self._sent = seq
        for page in self._pages.values():
            page.owes = now if page.owes is None else page.owes

    def acknowledge(self, page: str, seq: int, now: float) -> None:
        """Note that a page has drawn message `seq` and with it all earlier ones."""
        self._pages[page].owes = None if seq >= self._sent else now

    def caught_up(self, now: float) -> bool:
        """Whether the last message is drawn in one page at least, and in every page that does not hang behind."""
        return not self.drawing(now) and any(page.owes is None for page in self._pages.values())

    def drawing(self, now: float) -> bool:
        """Whether some page is about to draw the last message, as far as can be told; one that hangs behind is not."""
        return any(page.owes is not None and now - page.owes <= LATE for page in self._pages.values())

    def in_sight(self, cards: Iterable[str], now: float) -> list[str]:
        """Return those of `cards` that some page has in sight; a page that has not said counts for all."""
        self._forget(now)
        pages = list(self._pages.values())
        if not pages or any(page.cards is None for page in pages):
            return list(cards)
        return [card for card in cards if any(page.cards and card in page.cards for page in pages)]

    def patience(self, now: float) -> float | None:
        """Return after how many seconds without an acknowledgement the newest state is sent all the same.

        Returns
        -------
        float or None
            1 second while pages speak, 5 for silent ones; None: there is nobody to send anything to.
        """
        self._forget(now)
        heard = [page.heard for page in self._pages.values()]
        if self._displayed is not None:
            heard.append(self._displayed)
        if not heard or now - max(heard) > FORGOTTEN:
            return None
        return 5.0 if now - max(heard) > SILENT else 1.0

    def _forget(self, now: float) -> None:
        self._pages = {name: page for name, page in self._pages.items() if now - page.heard <= FORGOTTEN}
