"""A search seen through its folder: what a viewer in another process reads and sends."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tunewidgets.history import Closed, Entry, Extended, History, Pulse, Resumed, UserEvent
from tunewidgets.store.folder import SearchFolder
from tunewidgets.store.lease import holder_alive
from tunewidgets.store.sqlite import SqliteStore

_STARTING = 20.0
_PULSE_SECONDS = 0.5


class FolderView:
    """Implements `tunewidgets.history.SearchView` on a search's folder; safe to use from any thread.

    Parameters
    ----------
    folder : SearchFolder
        The search's folder.
    """

    def __init__(self, folder: SearchFolder) -> None:
        self._folder = folder
        self._store = SqliteStore(folder.path, write=False)
        self._lock = threading.Lock()
        self._history = History()
        self._version = -1
        self._launched = 0.0
        self._pulse: tuple[float, Pulse] = (0.0, Pulse("starting"))

    @property
    def name(self) -> str:
        """The search's name: that of its folder."""
        return self._folder.path.name

    @property
    def folder(self) -> Path:
        """The search's folder."""
        return self._folder.path

    def version(self) -> int:
        """Return a number that changes whenever there may be new entries."""
        return self._store.version()

    def read(self, since: int = 0) -> Sequence[Entry]:
        """Return the committed entries from number `since` on."""
        return self._store.read(since)

    def send(self, command: UserEvent) -> None:
        """Hand a command to the search."""
        self._store.put(command)

    def history(self) -> History:
        """Return the history as it is now: one growing object, shared by all callers."""
        with self._lock:
            version = self._store.version()
            if version != self._version:
                self._history.extend(self._store.read(len(self._history)))
                self._version = version
            return self._history

    def launched(self) -> None:
        """Note that a coordinator was started just now: until it shows up, the search is starting."""
        self._launched = time.monotonic()
        self._pulse = (0.0, Pulse("starting"))

    def pulse(self) -> Pulse:
        """Tell how the coordinator is; looked up at most twice a second."""
        now = time.monotonic()
        if now - self._pulse[0] >= _PULSE_SECONDS:
            self._pulse = (now, self._look(now))
        return self._pulse[1]

    def _look(self, now: float) -> Pulse:
        history = self.history()
        if holder_alive(self.folder):
            return Pulse("alive" if len(history) else "starting")
        if history.closed is not None:
            return Pulse("alive")
        if self._launched and now - self._launched < _STARTING:
            return Pulse("starting")
        words = "The search's coordinator is gone, and the search has not ended: its process or its machine was ended."
        return Pulse("gone", f"{words} search.resume() goes on from the last result.")

    def log_tail(self, size: int = 2000) -> str:
        """Return the end of the coordinator's output, at most `size` characters; empty where there is none."""
        try:
            return self._folder.log.read_text(encoding="utf-8", errors="replace")[-size:].strip()
        except OSError:
            return ""

    def close(self) -> None:
        """Release the files."""
        self._store.close()


def reopens(event: UserEvent) -> bool:
    """Whether a command lets a search that has come to rest go on, so that it needs a coordinator again."""
    return isinstance(event, Resumed | Extended)


def is_failed(closed: Closed | None) -> bool:
    """Whether a search ended without doing its work."""
    return closed is not None and closed.state == "failed"
