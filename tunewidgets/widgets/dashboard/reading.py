"""What a dashboard knows of its search: the history as far as it is read, and the part of it that is shown."""

from collections.abc import Callable

from tunewidgets.history import History, SearchView

BIT = 5000
"""Events that are read and folded in one go: about a tenth of a second."""

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
    more : bool
        Whether there is more to read at once: a long history is read bit by bit, so that pages are answered.
    """

    def __init__(self, view: SearchView, moment: Callable[[], Moment] = lambda: None) -> None:
        self._view, self._moment = view, moment
        self.history = History()
        self._past: History | None = None
        self._version: int | None = None
        self.more = False

    def read(self) -> bool:
        """Read and fold what is new, or a bit of it; tell whether there was anything.

        Where folding is interrupted, as by Ctrl-C in a cell that asks for a picture, everything is read anew the next
        time: nobody knows what of the last events is folded.
        """
        version = self._view.version()
        if version == self._version and not self.more:
            return False
        found = self._view.read(len(self.history), BIT)
        self._version, self.more = version, len(found) == BIT
        try:
            self.history.extend(found)
        except BaseException:
            self.history, self._past, self._version, self.more = History(), None, None, False
            raise
        return bool(found)

    @property
    def behind(self) -> bool:
        """Whether there is more to read, or to fold of the past that is to be shown."""
        return self.more or len(self._rewound()) != self._target()

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
