"""A store in memory: for tests, for searches inside this process and for simulated ones."""

from collections.abc import Sequence
from threading import Lock

from tunewidgets.history import Entry, UserEvent
from tunewidgets.store.base import Command
from tunewidgets.store.checks import check_command, check_cursor, check_follows


class MemoryStore:
    """Keeps the entries of one search as long as the object lives; safe to use from any thread.

    It keeps the events themselves, not copies: they are frozen, and the mappings in them are not to be changed.

    Examples
    --------
    >>> from tunewidgets.history import Paused
    >>> store = MemoryStore()
    >>> store.append([Entry(0, 1.5, Paused())], cursor=1)
    >>> store.read(), store.cursor()
    ([Entry(seq=0, at=1.5, event=Paused())], 1)
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: list[Entry] = []
        self._commands: list[UserEvent] = []
        self._cursor = 0
        self._version = 0

    def append(self, entries: Sequence[Entry], cursor: int | None = None) -> None:
        """Keep entries, and with them the number of the last command consumed; see `Store.append`."""
        with self._lock:
            check_follows(entries, len(self._entries))
            if cursor is not None:
                check_cursor(cursor, self._cursor)
                self._cursor = cursor
            self._entries.extend(entries)
            self._version += 1

    def read(self, since: int = 0) -> list[Entry]:
        """Return the entries from number `since` on."""
        with self._lock:
            return self._entries[max(since, 0) :]

    def cursor(self) -> int:
        """Return the number of the last command consumed, 0 before the first."""
        return self._cursor

    def put(self, command: UserEvent) -> int:
        """Add a command and return its number; see `Store.put`."""
        check_command(command)
        with self._lock:
            self._commands.append(command)
            self._version += 1
            return len(self._commands)

    def commands(self, after: int) -> list[Command]:
        """Return the commands with numbers above `after`, in order."""
        first = max(after, 0)
        with self._lock:
            return [Command(number, event) for number, event in enumerate(self._commands[first:], first + 1)]

    def version(self) -> int:
        """Return a number that changes when there may be something new to read."""
        return self._version

    def close(self) -> None:
        """Do nothing: what is kept goes with the object."""
