"""Plotly.js on its way to pages that have none: once a page, and not again before it can have arrived."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tunewidgets.errors import TuneError
from tunewidgets.figures import plotlyjs

AGAIN = 2.5
"""Seconds within which a page is not sent plotly.js twice: it asks again after one, when it may be on its way."""
UNHEARD = 1.0
"""Seconds after a display in which a page has asked for plotly.js, where the kernel can hear it."""

Send = Callable[[Mapping[str, Any], Sequence[bytes]], None]


class Shipping:
    """Sends plotly.js to pages that ask, and to one that cannot.

    Parameters
    ----------
    send : callable
        Sends a message with its buffers to all pages.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._helped = True
        self._asked: dict[str, tuple[int, float]] = {}

    def display(self) -> None:
        """Note that the widget is being displayed: a page may be about to ask."""
        self._helped = False

    def ask(self, page: str, number: int, now: float) -> None:
        """Answer a page's question of that number."""
        last, at = self._asked.get(page, (-1, float("-inf")))
        # A page asks again where an answer is late. Questions that waited for the end of a cell come out of order or
        # all at once, and one answer of 1.5 MB does for them.
        if number <= last or now - at < AGAIN:
            return
        self._asked[page] = (number, now)
        self._ship()

    def unasked(self, unheard: float) -> None:
        """Send it to a page that cannot ask, because a cell keeps the kernel from hearing it for so many seconds."""
        if not self._helped and unheard >= UNHEARD:
            self._helped = True
            self._ship()

    def _ship(self) -> None:
        try:
            self._send({"kind": "plotly", "version": plotlyjs.version()}, [plotlyjs.compressed()])
        except (TuneError, OSError) as error:
            self._send({"kind": "no plotly", "text": str(error)}, [])
