"""How the two database files of a search are opened and watched, and what their errors mean to a user.

search.sqlite has one writer and, in the write-ahead mode, readers that cannot write a byte of it: they neither
checkpoint nor clear the log when they close, because SQLite before 3.51.3 may damage a database whose log is reset
by one connection while another checkpoints it. For the same reason nothing here opens a database as a plain file:
closing such a handle would drop the locks that SQLite holds on it for this process.
"""

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from tunewidgets.errors import StoreError
from tunewidgets.store.folder import unwritable

Journal = Literal["wal", "delete"]
"""SQLite's journal modes in use: write-ahead log, or a rollback journal that is deleted after each commit."""

FORMAT = 1
PATIENCE = 30.0
"""Seconds to wait for another process's lock; a disk that is that slow is as good as broken."""

Connect = Callable[[Path], sqlite3.Connection | None]


Identity = tuple[int, int]
"""What tells a file or a folder from every other one that exists: its device and its number there."""


class Snapshot(sqlite3.Connection):
    """A connection that sees the file as it was when it was opened, and nothing that came later."""


class Database:
    """One database file as one handle sees it: opened once it is there, asked, watched for what others commit.

    Not safe to use from several threads at once; the store holds its lock.

    Parameters
    ----------
    path : Path
        The file.
    connect : callable
        Opens it; returns None while there is nothing in it yet.
    """

    def __init__(self, path: Path, connect: Connect) -> None:
        self.path = path
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._signature: object = None
        self._identity: Identity | None = None
        self._mark: object = None

    def connection(self) -> sqlite3.Connection | None:
        """Return the open connection, None while there is nothing to open."""
        if isinstance(self._connection, Snapshot) and self._signature != _signature(self.path) and not self.replaced:
            self.close()
        if self._connection is None:
            # Before opening: what changes in between is then noticed at the next look.
            self._signature = _signature(self.path)
            self._connection = self._opened()
        return self._connection

    def _opened(self) -> sqlite3.Connection | None:
        """Open the file and note which one it is."""
        while True:
            before = identity(self.path)
            connection = self._connect(self.path)
            self._identity = None if connection is None else identity(self.path)
            if connection is None or before in (None, self._identity):
                return connection
            connection.close()  # another file was put in its place meanwhile: which of the two is open nobody can say

    @property
    def replaced(self) -> bool:
        """Whether the file that is open is no longer the one at its path: it was deleted, perhaps for another."""
        return self._identity is not None and self._identity != identity(self.path)

    def adopt(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """Use this connection from here on."""
        self.close()
        self._connection, self._identity = connection, identity(self.path)
        return connection

    def rows(self, query: str, arguments: Sequence[Any] = ()) -> list[Any]:
        """Return all rows at once, so that no read stays open; none while there is no file."""
        deadline = time.monotonic() + PATIENCE
        with explained(self.path):
            while True:
                try:
                    connection = self.connection()
                    return [] if connection is None else connection.execute(query, arguments).fetchall()
                except sqlite3.OperationalError as error:
                    if not _is_busy(error) or time.monotonic() > deadline:
                        raise
                # SQLite's own waits grow to 100 ms, which a busy writer's short pauses never meet.
                time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311 - a pause, nothing secret

    def mark(self) -> object:
        """Return something that compares unequal once others have committed anything."""
        with explained(self.path):
            try:
                connection = self.connection()
                if isinstance(connection, Snapshot):
                    self._mark = self._signature
                elif connection is not None:
                    self._mark = connection.execute("PRAGMA data_version").fetchall()
            except sqlite3.OperationalError as error:
                # Somebody may be committing this moment: the next look sees it.
                if not _is_busy(error):
                    raise
            return self._mark

    def close(self) -> None:
        """Close the connection; may be called twice."""
        connection, self._connection, self._identity = self._connection, None, None
        if connection is not None:
            connection.close()


def open_writer(path: Path, journal: Journal) -> sqlite3.Connection:
    """Open search.sqlite for its only writer, made new where it is missing."""
    connection = _open(path, "mode=rwc", patience=PATIENCE)
    try:
        if _has_table(connection, "meta"):
            _check_format(path, connection)
        connection.execute(f"PRAGMA journal_mode={journal}").fetchall()
        connection.execute("PRAGMA synchronous=FULL")
        if not _has_table(connection, "meta"):
            connection.executescript(_script("schema.sql"))
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection | None:
    """Open search.sqlite for reading, without waiting for locks; None while its writer has not made it."""
    if not path.exists():
        return None
    connection = _open_live(path)
    try:
        ready = _has_table(connection, "meta")
        if ready:
            _check_format(path, connection)
    except BaseException:
        connection.close()
        raise
    if not ready:
        connection.close()
        return None
    return connection


def open_commands(path: Path) -> sqlite3.Connection | None:
    """Open commands.sqlite for reading, without waiting for locks; None while nobody has put a command.

    SQLite may write all the same, so that a commit cut short by a crash can be rolled back; SQLite itself
    falls back to reading where the file cannot be written.
    """
    if not path.exists():
        return None
    connection = _open(path, "mode=rw")
    try:
        ready = _has_table(connection, "commands")
    except BaseException:
        connection.close()
        raise
    if not ready:
        connection.close()
        return None
    connection.execute("PRAGMA query_only=ON")
    return connection


def create_commands(path: Path) -> sqlite3.Connection:
    """Open commands.sqlite to put into, made new where it is missing."""
    connection = _open(path, "mode=rwc", patience=PATIENCE)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_script("commands.sql"))
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit all of the block or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # After some errors, a full disk among them, SQLite has rolled back already.
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into `StoreError`, with what to do about them."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explanation(path, error) from error


def _explanation(path: Path, error: sqlite3.Error) -> StoreError:
    name = _named(error)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return unwritable(path.parent, f"{error} ({path.name})")
    if name == "SQLITE_FULL":
        return StoreError(
            f"The disk that holds the search's folder {str(path.parent)!r} is full ({error}). Nothing that was stored "
            "is lost: free some space and resume the search."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(
            f"{str(path)!r} was held by another process for more than {PATIENCE:.0f} s ({error}). End that process, "
            "or choose a local folder: directory='/some/local/folder'."
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreError(f"{str(path)!r} is damaged ({error}). Put a backup in its place, or start a new search.")
    return StoreError(
        f"{str(path)!r} cannot be used: {error} ({name or type(error).__name__}). If its disk is a network's, choose a "
        "local folder: directory='/some/local/folder'."
    )


def _open_live(path: Path) -> sqlite3.Connection:
    """Open to see what is there now and what comes; as a last resort only what is there now."""
    connection = _open(path, "mode=ro")
    try:
        journal = connection.execute("PRAGMA journal_mode").fetchall()[0][0]
        _has_table(connection, "meta")
    except sqlite3.OperationalError as error:
        connection.close()
        writable = os.access(path.parent, os.W_OK)
        if writable and _named(error) == "SQLITE_READONLY_ROLLBACK":
            return _open_query_only(path)
        # Sharing a write-ahead log takes files beside it, which a folder closed to us refuses.
        if not writable and _named(error).startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
            return _open_snapshot(path, error)
        raise
    except BaseException:
        connection.close()
        raise
    if journal == "wal":
        return connection
    connection.close()
    return _open_query_only(path)


def _open_query_only(path: Path) -> sqlite3.Connection:
    """Open for queries, but so that SQLite may undo a commit cut short by a crash of the writer."""
    connection = _open(path, "mode=rw")
    connection.execute("PRAGMA query_only=ON")
    return connection


def _open_snapshot(path: Path, cause: sqlite3.OperationalError) -> sqlite3.Connection:
    """Open what is there now without touching the folder, with what still stands in the write-ahead log."""
    if path.with_name(f"{path.name}-journal").exists():
        raise cause  # the file may hold half of a commit; somebody who may write has to open it once
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or not log.stat().st_size:
        return _open(path, "mode=ro&immutable=1", Snapshot)
    # Without locks and for itself alone, SQLite keeps the log's index in its own memory instead of in a file.
    connection = _open(path, "mode=ro&vfs=unix-none", Snapshot)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
    return connection


def _open(
    path: Path, options: str, factory: type[sqlite3.Connection] = sqlite3.Connection, patience: float = 0.0
) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
        factory=factory,
        uri=True,
    )


def _has_table(connection: sqlite3.Connection, table: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchall())


def _check_format(path: Path, connection: sqlite3.Connection) -> None:
    found = connection.execute("SELECT value FROM meta WHERE key = 'format'").fetchall()[0][0]
    if found > FORMAT:
        raise StoreError(
            f"The search in {str(path.parent)!r} was written by a newer version of tunewidgets (format {found}; this "
            f"version knows {FORMAT}). Upgrade: pip install --upgrade tunewidgets."
        )


def _script(name: str) -> str:
    return files("tunewidgets.store").joinpath(name).read_text(encoding="utf-8")


def identity(path: Path) -> Identity | None:
    """Return which file or folder is at a path; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _signature(path: Path) -> object:
    """Return what tells apart two states of a database without opening it."""
    return tuple(_stamp(place) for place in (path, path.with_name(f"{path.name}-wal")))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _is_busy(error: sqlite3.Error) -> bool:
    return _named(error).startswith("SQLITE_BUSY")


def _named(error: sqlite3.Error) -> str:
    """Return SQLite's name of an error; empty where Python's own layer raised it."""
    return str(getattr(error, "sqlite_errorname", ""))
