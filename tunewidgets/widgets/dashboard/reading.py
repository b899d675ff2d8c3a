"""What a dashboard knows of its search: the history as far as it is read, and the part of it that is shown."""

from collections import deque
from collections.abc import Callable

from tunewidgets.history import Entry, History, SearchView

BIT = 5000
"""Events that are folded in one go: about a tenth of a second."""

Moment = int | None
"""After how many events a search is shown; None: as it is now."""


class Reading:
    """Reads a search bit by bit, and steps back in time.

    Parameters
    ----------
    view : SearchView
        The search.
    moment : callable
        Returns after how many events it is to be shown.

    Attributes
    ----------
    history : History
        Everything that is read.
    """

    def __init__(self, view: SearchView, moment: Callable[[], Moment] = lambda: None) -> None:
        self._view, self._moment = view, moment
        self.history = History()
        self._past: History | None = None
        self._version: int | None = None
        self._ahead: deque[Entry] = deque()

    def read(self) -> bool:
        """Fold what is new; tell whether there was anything.

        Where folding is interrupted, as by Ctrl-C in a cell that asks for a picture, everything is read anew the next
        time: nobody knows what of the last events is folded.
        """
        version = self._view.version()
        if version != self._version:
            self._ahead.extend(self._view.read(self.known))
            self._version = version
        if not self._ahead:
            return False
        try:
            self.history.extend(self._ahead.popleft() for _ in range(min(BIT, len(self._ahead))))
        except BaseException:
            self.history, self._past, self._version = History(), None, None
            self._ahead.clear()
            raise
        return True

    @property
    def known(self) -> int:
        """How many events are read, also where they are not folded yet."""
        return len(self.history) + len(self._ahead)

    @property
    def behind(self) -> bool:
        """Whether there is more to fold: a long history is folded bit by bit, so that pages are answered."""
        return bool(self._ahead) or len(self._rewound()) != self._target()

    @property
    def replays(self) -> bool:
        """Whether less is shown than is known."""
        return self._target() < len(self.history)

    def _target(self) -> int:
        moment = self._moment()
        return len(self.history) if moment is None else max(0, min(moment, len(self.history)))

    def _rewound(self) -> History:
        """Return the history that is shown, as far as it is folded."""
        if not self.replays:
            self._past = None
            return self.history
        if self._past is None or len(self._past) > self._target():
            self._past = History()
        return self._past

    def rewind(self) -> bool:
        """Fold the past towards the moment that is to be shown; tell whether anything was folded."""
        past, target = self._rewound(), self._target()
        begin = len(past)
        if begin == target:
            return False
        try:
            past.extend(self.history.entries[begin : min(target, begin + BIT)])
        except BaseException:
            self._past = None
            raise
        return True

    @property
    def shown(self) -> History:
        """The history as it is shown: of a moment that is still being folded, as much as there is of it."""
        return self._rewound()
