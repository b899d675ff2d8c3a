import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from tunewidgets.errors import StoreError
from tunewidgets.history import Entry, Paused, Reported, Resumed
from tunewidgets.store import SearchFolder, SqliteStore, connections, sqlite
from tunewidgets.testing.events import numbered

WRITE_AND_DIE = """
import os, sys, pathlib
from tunewidgets.history import Paused
from tunewidgets.store import SqliteStore
from tunewidgets.testing.events import numbered
store = SqliteStore(pathlib.Path(sys.argv[1]), write=True, journal=sys.argv[2])
store.append(numbered([Paused()] * 3))
os.kill(os.getpid(), 9)
"""

READ_AS_A_GUEST = """
import os, sys, pathlib
from tunewidgets.errors import StoreError
from tunewidgets.history import Paused
from tunewidgets.store import SqliteStore
if os.getuid() == 0:
    os.setuid(65534)
store = SqliteStore(pathlib.Path(sys.argv[1]), write=False)
for line in sys.stdin:
    print(store.version(), len(store.read()), flush=True)
try:
    store.put(Paused())
except StoreError as error:
    print(error)
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


def open_file(path):
    return closing(sqlite3.connect(path))


def journal_of(folder):
    with open_file(folder / "search.sqlite") as connection:
        return connection.execute("PRAGMA journal_mode").fetchall()[0][0]


def write_and_die(folder, journal="wal"):
    done = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(folder), journal], check=False)
    assert done.returncode == -9


def test_the_file_system_chooses_the_journal(folder, monkeypatch):
    SqliteStore(folder, write=True).close()
    assert journal_of(folder) == "wal"
    monkeypatch.setattr(sqlite, "is_networked", lambda folder: True)
    SqliteStore(folder, write=True).close()
    assert journal_of(folder) == "delete"
    SqliteStore(folder, write=True, journal="wal").close()
    assert journal_of(folder) == "wal"


def test_every_commit_is_synced(folder):
    with closing(SqliteStore(folder, write=True)) as store:
        store.put(Paused())
        for database in (store._search, store._outbox):
            assert database.connection().execute("PRAGMA synchronous").fetchall() == [(2,)]


def test_a_newer_format_asks_for_an_upgrade(folder):
    SqliteStore(folder, write=True).close()
    with open_file(folder / "search.sqlite") as connection, connection:
        connection.execute("UPDATE meta SET value = 2 WHERE key = 'format'")
    with closing(SqliteStore(folder, write=False)) as viewer:
        for ask in (viewer.read, viewer.version, viewer.cursor):
            with pytest.raises(StoreError, match=r"newer version.*format 2.*knows 1.*Upgrade"):
                ask()
    with pytest.raises(StoreError, match="Upgrade"):
        SqliteStore(folder, write=True)


def test_an_unknown_kind_asks_for_an_upgrade(folder):
    with closing(SqliteStore(folder, write=True)) as store:
        with open_file(folder / "search.sqlite") as connection, connection:
            connection.execute("INSERT INTO events VALUES (0, 1.0, 'Teleported', '[]')")
        with pytest.raises(StoreError, match=r"Teleported.*newer"):
            store.read()


def test_a_stranger_in_the_file_is_noticed(folder):
    with closing(SqliteStore(folder, write=True)) as store:
        store.append(numbered([Paused()]))
        with open_file(folder / "search.sqlite") as connection, connection:
            connection.execute("INSERT INTO events VALUES (1, 1.0, 'Paused', '[]')")
        with pytest.raises(StoreError, match="taken over"):
            store.append(numbered([Paused()], first=1))
        assert len(store.read()) == 2


def test_a_full_disk_keeps_what_was_stored(folder):
    with closing(SqliteStore(folder, write=True)) as store:
        store.append(numbered([Paused()]), cursor=1)
        connection = store._search.connection()
        pages = connection.execute("PRAGMA page_count").fetchall()[0][0]
        connection.execute(f"PRAGMA max_page_count={pages + 1}").fetchall()
        big = [Reported(0, 1, n, 0.5, {"x" * 5000: 1.0}) for n in range(9)]
        with pytest.raises(StoreError, match=r"full.*free some space"):
            store.append(numbered(big, first=1), cursor=2)
        assert (len(store.read()), store.cursor()) == (1, 1)
        connection.execute("PRAGMA max_page_count=100000").fetchall()
        store.append(numbered(big, first=1), cursor=2)
        assert (len(store.read()), store.cursor()) == (10, 2)


def test_what_is_not_json_is_refused_whole(folder):
    with closing(SqliteStore(folder, write=True)) as store:
        with pytest.raises(StoreError, match=r"Reported cannot be stored.*JSON types"):
            store.append(numbered([Paused(), Reported(0, 1, 1, {1, 2})]))
        with pytest.raises(StoreError, match="not NaN"):
            store.append([Entry(0, float("nan"), Paused())])
        assert store.read() == []
        store.append(numbered([Paused()]))


def test_a_damaged_file_says_so(folder):
    folder.mkdir()
    (folder / "search.sqlite").write_bytes(b"not a database at all" * 500)
    with closing(SqliteStore(folder, write=False)) as viewer, pytest.raises(StoreError, match="damaged"):
        viewer.read()
    with pytest.raises(StoreError, match="damaged"):
        SqliteStore(folder, write=True)


def test_a_file_that_is_still_empty_is_an_empty_search(folder):
    folder.mkdir()
    (folder / "search.sqlite").touch()
    (folder / "commands.sqlite").touch()
    with closing(SqliteStore(folder, write=False)) as viewer:
        assert (viewer.read(), viewer.commands(0), viewer.cursor()) == ([], [], 0)
        before = viewer.version()
        with closing(SqliteStore(folder, write=True)) as store:
            store.append(numbered([Paused()]))
        assert viewer.version() != before
        assert viewer.put(Paused()) == 1


def test_a_place_that_cannot_be_written_says_the_cure(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file/run.*cannot be written.*directory="):
        SqliteStore(tmp_path / "file" / "run", write=True)


def test_a_command_needs_a_search(folder):
    with closing(SqliteStore(folder, write=False)) as viewer, pytest.raises(StoreError, match="No search is in"):
        viewer.put(Paused())
    assert not folder.exists()


def test_a_closed_handle_says_so(folder):
    store = SqliteStore(folder, write=True)
    store.close()
    asks = (store.read, store.version, store.cursor, lambda: store.put(Paused()), lambda: store.append([]))
    for ask in (*asks, lambda: store.commands(0)):
        with pytest.raises(StoreError, match="is closed"):
            ask()


def test_a_read_in_progress_does_not_hold_up_the_writer(folder):
    with closing(SqliteStore(folder, write=True)) as store, closing(SqliteStore(folder, write=False)) as viewer:
        store.append(numbered([Paused()] * 50))
        with open_file(folder / "search.sqlite") as reader:
            rows = reader.execute("SELECT seq FROM events")
            next(rows)
            store.append(numbered([Paused()], first=50))
            assert len(rows.fetchall()) == 49
        assert len(viewer.read()) == 51


def test_a_writer_that_waits_too_long_for_a_reader_on_a_network_says_so(folder, monkeypatch):
    monkeypatch.setattr(connections, "PATIENCE", 0.05)
    with closing(SqliteStore(folder, write=True, journal="delete")) as store:
        store.append(numbered([Paused()] * 50))
        with open_file(folder / "search.sqlite") as reader:
            rows = reader.execute("SELECT seq FROM events")
            next(rows)
            with pytest.raises(StoreError, match="held by another process"):
                store.append(numbered([Paused()], first=50))
            rows.close()
        store.append(numbered([Paused()], first=50))
        assert len(store.read()) == 51


def test_readers_wait_for_a_commit_and_versions_do_not(folder):
    with closing(SqliteStore(folder, write=True, journal="delete")) as store:
        store.append(numbered([Paused()]))
    with closing(SqliteStore(folder, write=False)) as viewer, open_file(folder / "search.sqlite") as writer:
        before = viewer.version()
        writer.isolation_level = None
        writer.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        assert viewer.version() == before
        assert time.monotonic() - started < 1
        found = []
        reading = threading.Thread(target=lambda: found.extend(viewer.read()))
        reading.start()
        writer.execute("INSERT INTO events VALUES (1, 1.0, 'Paused', '[]')")
        writer.execute("COMMIT")
        reading.join(20)
        assert len(found) == 2
        assert viewer.version() != before


def test_asking_the_version_is_cheap(folder):
    with closing(SqliteStore(folder, write=True)) as store, closing(SqliteStore(folder, write=False)) as viewer:
        store.append(numbered([Paused()]))
        store.put(Paused())
        viewer.version()
        started = time.process_time()
        for _ in range(500):
            viewer.version()
        assert (time.process_time() - started) / 500 < 500e-6  # about 10 us; the rest is for a loaded machine


def test_appending_a_hundred_reports_is_cheap(folder):
    with closing(SqliteStore(folder, write=True)) as store:
        costs = []
        for turn in range(10):
            entries = numbered([Reported(n, 1, turn, 0.5, {"loss": 0.1}) for n in range(100)], first=100 * turn)
            started = time.process_time()
            store.append(entries)
            costs.append(time.process_time() - started)
        assert min(costs) < 5e-3  # about 1 ms; the rest is for a loaded machine


def test_nothing_is_unpickled(folder, monkeypatch):
    def refuse(*_):
        raise AssertionError("unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    with closing(SqliteStore(folder, write=True)) as store:
        (folder / "payload.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
        store.append(numbered([Paused()]))
        assert len(store.read()) == 1


@pytest.mark.process
@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_the_last_reader_after_a_killed_writer(folder, journal):
    """It reads all that was kept, and leaves the log to the next writer."""
    write_and_die(folder, journal)
    log = folder / "search.sqlite-wal"
    size = log.stat().st_size if journal == "wal" else 0
    assert (size > 0) == (journal == "wal")
    (folder / "search.sqlite-shm").unlink(missing_ok=True)  # as after a restart of the machine
    for _ in range(2):
        with closing(SqliteStore(folder, write=False)) as viewer:
            assert len(viewer.read()) == 3
        assert (log.stat().st_size if log.exists() else 0) == size
    with closing(SqliteStore(folder, write=True, journal=journal)) as heir:
        heir.append(numbered([Resumed()], first=3))
        assert len(heir.read()) == 4


@pytest.mark.process
def test_a_commit_cut_short_is_undone_by_the_first_reader(folder):
    """A rollback journal is left behind with the file half written; the reader puts the file right."""
    with closing(SqliteStore(folder, write=True, journal="delete")) as store:
        store.append(numbered([Paused()] * 40))
        connection = store._search.connection()
        connection.execute("PRAGMA cache_size=1").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE events SET body = ?", ("x" * 3000,))  # spills into the file before the commit
        half = folder.with_name("half")
        shutil.copytree(folder, half)
        connection.execute("ROLLBACK")
    assert (half / "search.sqlite-journal").exists()
    with closing(SqliteStore(half, write=False)) as viewer:
        assert viewer.read() == numbered([Paused()] * 40)


@pytest.fixture
def shown():
    """Give a folder that everybody may look into and nobody but its owner may write."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place) / "run"
        (Path(place) / "run").chmod(0o700)


class Guest:
    """Another user who reads; where the tests do not run as root, the owner without the right to write."""

    def __init__(self, folder):
        self.folder = folder
        folder.chmod(0o555)
        command = [sys.executable, "-c", READ_AS_A_GUEST, str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def look(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        version, length = self.process.stdout.readline().split()
        return int(version), int(length)

    def leave(self):
        said, _ = self.process.communicate(timeout=60)
        return said


@pytest.mark.process
@pytest.mark.parametrize("log", ["closed", "killed", "killed, shared memory gone"])
def test_a_guest_sees_what_is_there_and_what_comes_later(shown, log):
    if log == "closed":
        with closing(SqliteStore(shown, write=True)) as store:
            store.append(numbered([Paused()] * 3))
    else:
        write_and_die(shown)
        if log != "killed":
            (shown / "search.sqlite-shm").unlink()
    guest = Guest(shown)
    version, length = guest.look()
    assert length == 3
    assert guest.look() == (version, 3)
    shown.chmod(0o755)
    with closing(SqliteStore(shown, write=True)) as store:
        store.append(numbered([Resumed()], first=3))
        newer, length = guest.look()
        assert (newer != version, length) == (True, 4)
        store.append(numbered([Paused()], first=4))
        assert guest.look()[0] != newer
    if os.getuid() == 0:
        assert "cannot be written" in guest.leave()
    else:
        guest.leave()


def test_the_folder_is_private(folder):
    SqliteStore(folder, write=True).close()
    assert SearchFolder(folder).path.stat().st_mode & 0o777 == 0o700


def test_a_bit_of_a_search_or_some_kinds_of_its_events_can_be_read(folder):
    with closing(SqliteStore(folder, write=True)) as store:
        assert store.read_kinds([Paused]) == ([], 0)
        entries = numbered([Paused(), Reported(0, 1, 1, 0.5), Resumed(), Paused()])
        store.append(entries)
        assert store.read(1, 2) == entries[1:3]
        assert store.read(3, 2) == entries[3:]
        assert store.read_kinds([Paused, Resumed], 1) == (entries[2:], 4)
        assert store.read_kinds([Paused], 4) == ([], 4)
