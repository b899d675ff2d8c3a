"""Handles on a search whose folder was deleted, or that another search has taken the place of."""

import shutil
from contextlib import closing

import pytest

from tunewidgets.errors import StoreError
from tunewidgets.history import Paused, Resumed
from tunewidgets.store import SearchFolder, SqliteStore, connections, sqlite
from tunewidgets.testing.events import numbered

WORDS = r"^this search was deleted or replaced; attach\(\.\.\.\) shows the new one$"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def looked_up_at_once(monkeypatch):
    monkeypatch.setattr(sqlite, "_REPLACED_SECONDS", 0.0)


def write(folder, count):
    with closing(SqliteStore(folder, write=True)) as store:
        store.append(numbered([Paused()] * count))


def replace(folder, count=1):
    """Put another search in a search's place, as ``if_exists="replace"`` does."""
    beside = folder.with_name(".run.new")
    write(beside, count)
    shutil.rmtree(folder)
    beside.rename(folder)


def test_a_reader_notices_that_its_search_was_replaced(folder, looked_up_at_once):
    write(folder, 3)
    with closing(SqliteStore(folder, write=False)) as viewer:
        assert len(viewer.read()) == 3
        assert viewer.replaced is False
        replace(folder)
        assert viewer.replaced is True
        assert len(viewer.read()) == 3
    with closing(SqliteStore(folder, write=False)) as viewer:
        assert (viewer.replaced, len(viewer.read())) == (False, 1)


@pytest.mark.parametrize("put_before", [False, True])
def test_a_command_for_a_replaced_search_does_not_reach_the_new_one(folder, put_before):
    write(folder, 3)
    with closing(SqliteStore(folder, write=False)) as viewer:
        if put_before:
            viewer.put(Paused())
        assert viewer.replaced is False
        replace(folder)
        with pytest.raises(StoreError, match=WORDS):
            viewer.put(Paused())
    with closing(SqliteStore(folder, write=False)) as other:
        assert other.commands(0) == []
        assert other.put(Resumed()) == 1


def test_a_handle_that_never_read_notices_it_too(folder, looked_up_at_once):
    SearchFolder(folder).create()
    with closing(SqliteStore(folder, write=False)) as viewer:
        assert (viewer.read(), viewer.replaced) == ([], False)
        replace(folder)
        assert viewer.replaced is True


def test_deleted_and_made_anew_is_replaced(folder, looked_up_at_once):
    write(folder, 3)
    with closing(SqliteStore(folder, write=False)) as viewer:
        assert len(viewer.read()) == 3
        shutil.rmtree(folder)
        assert viewer.replaced is True
        with pytest.raises(StoreError, match=WORDS):
            viewer.put(Paused())
        write(folder, 2)
        assert viewer.replaced is True


def test_another_file_in_the_same_folder_is_noticed(folder, looked_up_at_once):
    write(folder, 3)
    with closing(SqliteStore(folder, write=False)) as viewer:
        assert len(viewer.read()) == 3
        shutil.copy(folder / "search.sqlite", folder / "copy")
        (folder / "copy").replace(folder / "search.sqlite")
        assert viewer.replaced is True


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_whatever_a_search_does_itself_replaces_nothing(folder, looked_up_at_once, journal):
    with closing(SqliteStore(folder, write=False)) as early:
        assert early.replaced is False
        with closing(SqliteStore(folder, write=True, journal=journal)) as writer:
            assert (early.read(), early.replaced) == ([], False)
            writer.append(numbered([Paused()]))
            assert (len(early.read()), early.replaced, writer.replaced) == (1, False, False)
            early.put(Paused())
        with closing(SqliteStore(folder, write=True, journal=journal)) as writer:
            writer.append(numbered([Paused()], first=1))
        assert (len(early.read()), early.replaced) == (2, False)
        assert early.put(Resumed()) == 2


def test_it_is_looked_up_twice_a_second(folder, monkeypatch):
    write(folder, 1)
    looks, clock = [], [100.0]
    monkeypatch.setattr(sqlite.time, "monotonic", lambda: clock[0])
    with closing(SqliteStore(folder, write=False)) as viewer:
        monkeypatch.setattr(sqlite, "identity", lambda path: looks.append(path) or connections.identity(path))
        for _ in range(100):
            assert viewer.replaced is False
        assert looks == [folder]
        replace(folder)
        assert viewer.replaced is False
        clock[0] += 0.5
        assert viewer.replaced is True
        assert looks.count(folder) == 2


def test_a_snapshot_of_a_replaced_search_is_not_mixed_with_the_new_one(folder):
    write(folder, 3)
    file = folder / "search.sqlite"
    query = "SELECT count(*) FROM events"
    snapshot = connections.Database(
        file, lambda path: connections._open(path, "mode=ro&immutable=1", connections.Snapshot)
    )
    with closing(snapshot):
        assert snapshot.rows(query) == [(3,)]
        write_more(folder)
        assert snapshot.rows(query) == [(4,)]
        replace(folder)
        assert snapshot.rows(query) == [(4,)]
        assert snapshot.replaced


def write_more(folder):
    with closing(SqliteStore(folder, write=True, journal="delete")) as store:
        store.append(numbered([Paused()], first=3))
