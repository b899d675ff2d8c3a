"""A search seen through its folder: what a viewer in another process reads and sends."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tunewidgets.history import Closed, Entry, Extended, Opened, Printed, Pulse, Resumed, Retried, UserEvent, reopens
from tunewidgets.store.folder import SearchFolder, read_json
from tunewidgets.store.lease import holder_alive, read_lease
from tunewidgets.store.output import logs, tail
from tunewidgets.store.sqlite import SqliteStore

FAILURE = "coordinator.failure.json"
"""What ended the last coordinator, where it was an error of its own."""

_TELLING = (Opened, Closed, Extended, Resumed, Retried)
"""The kinds of events by which a pulse is told."""

_STARTING = 20.0
_PULSE_SECONDS = 0.5
_NAMED = 5
_MEGABYTES = 100_000


class FolderView:
    """Implements `tunewidgets.history.SearchView` on a search's folder; safe to use from any thread.

    Parameters
    ----------
    folder : SearchFolder
        The search's folder.
    revive : callable, optional
        Starts a coordinator where none lives; called after each command that lets a resting search go on.
    """

    def __init__(self, folder: SearchFolder, revive: Callable[[], object] | None = None) -> None:
        self._folder, self._revive = folder, revive
        self._store = SqliteStore(folder.path, write=False)
        self._lock = threading.Lock()
        self._signs = _Signs()
        self._launched_at: float | None = None
        self._reopening = 0
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

    def read(self, since: int = 0, most: int | None = None) -> Sequence[Entry]:
        """Return the committed entries from number `since` on, the first `most` of them."""
        return self._store.read(since, most)

    def send(self, command: UserEvent) -> None:
        """Hand a command to the search; one that lets it go on starts a coordinator too, where none lives."""
        number = self._store.put(command)
        if isinstance(command, Resumed | Extended | Retried):
            self._reopening = number
            self._pulse = (0.0, Pulse("starting"))
            if self._revive is not None:
                self._revive()

    @property
    def is_reopening(self) -> bool:
        """Whether it was told through this view to go on, and has not taken note yet: its rest is over."""
        if self._reopening and self._store.cursor() >= self._reopening:
            self._reopening = 0
        return self._reopening > 0

    def launched(self) -> None:
        """Note that a coordinator is started just now: until it shows up, the search is starting."""
        self._launched_at = time.time()
        self._pulse = (0.0, Pulse("starting"))

    def pulse(self) -> Pulse:
        """Tell how the coordinator is; looked up at most twice a second."""
        now = time.monotonic()
        if now - self._pulse[0] >= _PULSE_SECONDS:
            self._pulse = (now, self._look())
        return self._pulse[1]

    def _look(self) -> Pulse:
        if self._store.replaced:
            return Pulse("gone", "This search was deleted or replaced. tw.attach(...) shows the one that is there now.")
        signs = self._read_signs()
        if holder_alive(self.folder):
            return Pulse("alive", signs.doubts) if signs.seen else Pulse("starting", self._sent_along())
        if signs.closed and not self.is_reopening:
            return Pulse("alive")
        if self._is_awaited():
            return Pulse("starting", self._sent_along())
        return Pulse("gone", f"{self._what_ended_it()} search.resume() goes on from the last result.")

    def _read_signs(self) -> "_Signs":
        # Not by a History: the pulse is asked from several threads, and every viewer folds one of its own already.
        with self._lock:
            entries, seen = self._store.read_kinds(_TELLING, self._signs.seen)
            for entry in entries:
                self._signs.take(entry)
            self._signs.seen = seen
            return self._signs

    def _what_ended_it(self) -> str:
        failure = read_json(self._folder.path / FAILURE)
        if failure is None:
            return (
                "The search's coordinator is gone, and the search has not ended: its process or its machine was ended."
            )
        return f"The search's coordinator failed: {failure['text']} (coordinator.log has more)."

    def _is_awaited(self) -> bool:
        """Whether a coordinator was started and has not shown up yet: one that came and went is not awaited."""
        if self._launched_at is None or not 0 <= time.time() - self._launched_at < _STARTING:
            return False
        info = read_lease(self.folder)
        return info is None or info.since < self._launched_at

    def _sent_along(self) -> str:
        """Say what went along from the notebook, the largest first."""
        spec = read_json(self._folder.spec) or {}
        parts = [f"{name} ({kind}, {_size(size)})" for name, kind, size in spec.get("captured", ())]
        shown = ", ".join(parts[:_NAMED]) + (f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else "")
        return f"Sent along from here: {shown}." if parts else ""

    def log_tail(self, size: int = 2000) -> str:
        """Return the end of the coordinator's output, at most `size` characters; empty where there is none."""
        try:
            return self._folder.log.read_text(encoding="utf-8", errors="replace")[-size:].strip()
        except OSError:
            return ""

    def printed(self, trial: int, most: int) -> Printed:
        """Return the last `most` bytes of what a trial has printed so far; of the rest only its size is looked at."""
        return tail(logs(self._folder.trial(trial)), most)

    def close(self) -> None:
        """Release the files."""
        self._store.close()


class _Signs:
    """The few signs that a pulse is told by: how much there is, whether it is at rest, and what was doubtful."""

    def __init__(self) -> None:
        self.seen, self.doubts = 0, ""
        self.closed: Closed | None = None

    def take(self, entry: Entry) -> None:
        """Take note of the next entry of a kind that tells something."""
        if isinstance(entry.event, Opened):
            doubts = entry.event.strategy.get("doubts", ())
            self.doubts = f"About the space, found by running the builder: {' '.join(doubts)}" if doubts else ""
        elif isinstance(entry.event, Closed):
            self.closed = entry.event
        elif self.closed is not None and reopens(entry.event, self.closed):
            self.closed = None


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= _MEGABYTES else f"{max(1, round(size / 1e3))} kB"
