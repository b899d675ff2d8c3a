"""The store of a real search: two SQLite files in its folder, one writer, any number of readers."""

import time
from collections.abc import Sequence
from pathlib import Path
from sqlite3 import Connection, IntegrityError
from threading import RLock

from tunewidgets.errors import StoreError
from tunewidgets.history import Entry, Event, UserEvent
from tunewidgets.history.codec import decode, decode_all, encode
from tunewidgets.store.base import Command
from tunewidgets.store.checks import check_command, check_cursor, check_follows
from tunewidgets.store.connections import (
    Database,
    Identity,
    Journal,
    create_commands,
    explained,
    identity,
    open_commands,
    open_reader,
    open_writer,
    transaction,
)
from tunewidgets.store.filesystems import is_networked
from tunewidgets.store.folder import SearchFolder

_REPLACED_SECONDS = 0.5
_INSERT = "INSERT INTO events (seq, at, kind, body) VALUES (?, ?, ?, ?)"
_SELECT = "SELECT seq, at, kind, body FROM events WHERE seq >= ? ORDER BY seq LIMIT ?"
_PUT = "INSERT INTO commands (at, kind, body) VALUES (?, ?, ?)"


class SqliteStore:
    """Keeps a search's entries in search.sqlite and its commands in commands.sqlite; usable from any thread.

    Each append is one transaction, on the disk when it returns. Readers see whole appends only, never wait for the
    writer and never hold it up; where the folder lies on a network's file system the two may wait for each other as
    long as one query or one commit takes. Reading never unpickles anything.

    Parameters
    ----------
    folder : Path
        The search's folder. A writer makes it where it is missing; a reader may come before the writer, and sees an
        empty search until then.
    write : bool
        Whether this handle appends. A new writer takes over: an older one's next append is refused. (`put` needs no
        writer.)
    journal : {"wal", "delete"}, optional
        SQLite's journal mode; otherwise "delete" on a network's file system and "wal" elsewhere.

    Raises
    ------
    StoreError
        If the folder cannot be written, or a newer version of the library wrote it; so do all methods.

    Examples
    --------
    >>> store = SqliteStore(Path("tune_runs/digits"), write=True)           # doctest: +SKIP
    >>> store.append([Entry(0, time.time(), opened)])                       # doctest: +SKIP
    >>> SqliteStore(Path("tune_runs/digits"), write=False).put(Paused())    # doctest: +SKIP
    1
    """

    def __init__(self, folder: Path, *, write: bool, journal: Journal | None = None) -> None:
        self._layout = SearchFolder(Path(folder))
        self._lock = RLock()
        self._search = Database(self._layout.search, open_reader)
        self._commands = Database(self._layout.commands, open_commands)
        # A connection of its own for putting: it waits for locks, those that read do not.
        self._outbox = Database(self._layout.commands, create_commands)
        self._home: Identity | None = identity(self._layout.path)
        self._replaced = (0.0, False)  # when it was looked up, and what was found
        self._closed = False
        self._turn = 0  # which writer of this search we are; 0: none
        self._next: int | None = None  # the number that comes next; None: to be looked up
        self._appends = 0
        self._marks: object = None
        self._version = 0
        if write:
            self._take_over(journal)

    def append(self, entries: Sequence[Entry], cursor: int | None = None) -> None:
        """Keep entries, and with them the number of the last command consumed; see `Store.append`.

        Raises
        ------
        StoreError
            If the entries do not continue the stored ones, another writer has taken over, an event holds what is not
            JSON, or the disk refuses; nothing of them is kept then.
        """
        with self._lock:
            connection = self._writing()
            expected = self._expected(connection)
            check_follows(entries, expected)
            rows = [(entry.seq, entry.at, *_encoded(entry.event)) for entry in entries]
            # Whatever interrupts from here on, the number that comes next is looked up again.
            self._next = None
            with explained(self._layout.search), transaction(connection):
                self._check_turn(connection)
                self._insert(connection, rows)
                if cursor is not None:
                    self._move_cursor(connection, cursor)
            self._next = expected + len(rows)
            self._appends += 1

    def read(self, since: int = 0, most: int | None = None) -> list[Entry]:
        """Return the entries from number `since` on, the first `most`; none while the search has no file yet."""
        with self._lock:
            self._check_open()
            rows = self._search.rows(_SELECT, (since, -1 if most is None else most))
        return _entries(rows)

    def read_kinds(self, kinds: Sequence[type], since: int = 0) -> tuple[list[Entry], int]:
        """Return the entries of some kinds from number `since` on, and how many entries of all kinds there are.

        What is not asked for is not decoded: a long search is looked through in a moment.
        """
        names = [kind.__name__ for kind in kinds]
        marks = ",".join("?" * len(names))
        with self._lock:
            self._check_open()
            last = self._search.rows("SELECT coalesce(max(seq), -1) FROM events")
            length = int(last[0][0]) + 1 if last else 0
            query = f"SELECT seq, at, kind, body FROM events WHERE seq >= ? AND seq < ? AND kind IN ({marks})"  # noqa: S608 - question marks only
            rows = self._search.rows(f"{query} ORDER BY seq", (since, length, *names)) if since < length else []
        return _entries(rows), length

    def cursor(self) -> int:
        """Return the number of the last command consumed, 0 before the first."""
        with self._lock:
            self._check_open()
            rows = self._search.rows("SELECT value FROM meta WHERE key = 'cursor'")
        return int(rows[0][0]) if rows else 0

    def put(self, command: UserEvent) -> int:
        """Add a command, on the disk when this returns, and return its number; any handle may.

        Raises
        ------
        StoreError
            If no search is in the folder, another search has taken its place, or the folder cannot be written.
        """
        check_command(command)
        row = (time.time(), *_encoded(command))
        with self._lock:
            self._check_open()
            if self._is_replaced():
                raise StoreError("this search was deleted or replaced; attach(...) shows the new one")
            if not self._layout.path.is_dir():
                raise StoreError(f"No search is in {str(self._layout.path)!r}: a command needs one that was started.")
            with explained(self._layout.commands):
                connection = self._outbox.connection()
                assert connection is not None  # create_commands always opens
                with transaction(connection):
                    number = connection.execute(_PUT, row).lastrowid
        assert number is not None  # an INSERT has a row
        return number

    def commands(self, after: int) -> list[Command]:
        """Return the commands with numbers above `after`, in order."""
        with self._lock:
            self._check_open()
            rows = self._commands.rows(
                "SELECT number, kind, body FROM commands WHERE number > ? ORDER BY number", (after,)
            )
        return [Command(number, _user_event(kind, body)) for number, kind, body in rows]

    def version(self) -> int:
        """Return a number that changes when there may be something new to read; costs microseconds."""
        with self._lock:
            self._check_open()
            marks = (self._appends, self._search.mark(), self._commands.mark())
            if marks != self._marks:
                self._marks = marks
                self._version += 1
            return self._version

    @property
    def replaced(self) -> bool:
        """Whether the search that this handle reads was deleted, perhaps for another; looked up twice a second."""
        with self._lock:
            now = time.monotonic()
            if now - self._replaced[0] >= _REPLACED_SECONDS:
                self._replaced = (now, self._is_replaced())
            return self._replaced[1]

    def _is_replaced(self) -> bool:
        # The database's number is its own as long as it is open. The folder's may be given away again once it is
        # deleted, but where a search is replaced both folders exist for a moment.
        here = identity(self._layout.path)
        self._home = self._home or here  # a reader may come before the search's folder
        return self._home != here or self._search.replaced

    def close(self) -> None:
        """Release files and connections; may be called twice."""
        with self._lock:
            self._closed = True
            self._search.close()
            self._commands.close()
            self._outbox.close()

    def _take_over(self, journal: Journal | None) -> None:
        path = self._layout.create().search
        self._home = identity(self._layout.path)
        mode = journal or ("delete" if is_networked(self._layout.path) else "wal")
        try:
            with explained(path):
                connection = self._search.adopt(open_writer(path, mode))
                with transaction(connection):
                    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'writer'")
                    self._turn = _meta(connection, "writer")
        except BaseException:
            self.close()
            raise

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(f"This handle on the search in {str(self._layout.path)!r} is closed; open another.")

    def _writing(self) -> Connection:
        self._check_open()
        connection = self._search.connection() if self._turn else None
        if connection is None:
            raise StoreError(
                f"This handle on the search in {str(self._layout.path)!r} only reads. The coordinator appends; "
                "anybody else sends commands with put()."
            )
        return connection

    def _expected(self, connection: Connection) -> int:
        if self._next is None:
            with explained(self._layout.search):
                self._next = int(connection.execute("SELECT coalesce(max(seq), -1) + 1 FROM events").fetchall()[0][0])
        return self._next

    def _check_turn(self, connection: Connection) -> None:
        """Refuse where a later writer was opened: what this one believes about the search is out of date."""
        if _meta(connection, "writer") != self._turn:
            raise self._superseded()

    def _superseded(self) -> StoreError:
        return StoreError(
            f"Another coordinator has taken over the search in {str(self._layout.path)!r}; this one must not write "
            "any more and should end."
        )

    def _insert(self, connection: Connection, rows: list[tuple[int, float, str, str]]) -> None:
        try:
            connection.executemany(_INSERT, rows)
        except IntegrityError as error:
            if getattr(error, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_PRIMARYKEY":
                raise self._superseded() from error
            raise StoreError(f"An entry's time must be a number of seconds, not NaN ({error}).") from error

    def _move_cursor(self, connection: Connection, cursor: int) -> None:
        check_cursor(cursor, _meta(connection, "cursor"))
        connection.execute("UPDATE meta SET value = ? WHERE key = 'cursor'", (cursor,))


def _meta(connection: Connection, key: str) -> int:
    return int(connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchall()[0][0])


def _entries(rows: Sequence[tuple[int, float, str, str]]) -> list[Entry]:
    events = decode_all([(kind, body) for _, _, kind, body in rows])
    return [Entry(seq, at, event) for (seq, at, _, _), event in zip(rows, events, strict=True)]


def _encoded(event: Event) -> tuple[str, str]:
    try:
        return encode(event)
    except (TypeError, ValueError) as error:
        raise StoreError(f"An event of the kind {type(event).__name__} cannot be stored: {error}.") from error


def _user_event(kind: str, body: str) -> UserEvent:
    event = decode(kind, body)
    check_command(event)
    return event  # type: ignore[return-value]  # check_command has just made sure
