"""The contract suite of stores: a new store joins with one line for each of its handles.

::

    class TestMyStore(StoreContract):
        def writer(self, folder: Path) -> Store:
            return MyStore(folder, write=True)

        def reader(self, folder: Path) -> Store:        # only where other handles can read
            return MyStore(folder, write=False)

A store that other processes can reach inherits `SharedStoreContract` instead and gives both; it is then killed in the
middle of its work too. pytest collects the suite's tests through the subclass, whose module must be importable.
"""

import multiprocessing
import os
import random
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets import history
from tunewidgets.errors import StoreError
from tunewidgets.history import Entry, Event
from tunewidgets.history.codec import encode
from tunewidgets.store import Store
from tunewidgets.testing.events import COMMANDS, EVENTS, EVERY_KIND, assert_same, numbered


class StoreContract:
    """What every store promises; see the module's text for how to join."""

    def writer(self, folder: Path) -> Store:
        """Return a handle that appends, on a folder that need not exist."""
        raise NotImplementedError

    def reader(self, folder: Path) -> Store | None:
        """Return another handle, to read the same search and put commands; None where there is no such thing."""
        del folder
        return None

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Return a folder that does not exist yet."""
        return tmp_path / "runs" / "search é?#%20"

    @pytest.fixture
    def store(self, folder: Path) -> Iterator[Store]:
        """Return a new, empty store for writing."""
        with closing(self.writer(folder)) as store:
            yield store

    @pytest.fixture
    def viewer(self, store: Store, folder: Path) -> Iterator[Store]:
        """Return another handle on that store, or itself where there is no such thing."""
        with closing(self.reader(folder) or store) as viewer:
            yield viewer

    def test_a_new_store_is_empty(self, store: Store, viewer: Store) -> None:
        """Nothing is there, and asking for it is no error."""
        for handle in (store, viewer):
            assert handle.read() == []
            assert handle.cursor() == 0
            assert handle.commands(0) == []

    def test_the_examples_have_every_kind(self) -> None:
        """A new kind of event joins the suite too."""
        assert {type(event) for event in EVERY_KIND} == set(get_args(Event))

    def test_every_kind_comes_back_exactly(self, store: Store, viewer: Store) -> None:
        """Guarantee 3."""
        entries = numbered(EVERY_KIND)
        store.append(entries)
        assert_same(store.read(), entries)
        assert_same(viewer.read(), entries)

    def test_reading_from_a_number_on(self, store: Store, viewer: Store) -> None:
        """Guarantee 2: `read(n)` is the list without its first n."""
        entries = numbered(EVERY_KIND)
        store.append(entries[:3])
        store.append(entries[3:])
        for since in (0, 1, 3, len(entries) - 1, len(entries), len(entries) + 5):
            assert_same(viewer.read(since), entries[since:])

    @pytest.mark.parametrize("numbers", [[3], [1], [0], [2, 4], [2, 2], [3, 2]])
    def test_an_append_that_does_not_continue_is_refused_whole(
        self, store: Store, viewer: Store, numbers: list[int]
    ) -> None:
        """Guarantees 1 and 2."""
        store.append(numbered(EVERY_KIND[:2]), cursor=1)
        with pytest.raises(StoreError, match="was expected"):
            store.append([Entry(number, 1.0, history.Paused()) for number in numbers], cursor=9)
        assert_same(viewer.read(), numbered(EVERY_KIND[:2]))
        assert viewer.cursor() == 1
        store.append(numbered(EVERY_KIND[2:4], first=2))
        assert len(viewer.read()) == 4  # noqa: PLR2004 - two and two

    def test_what_was_read_does_not_change(self, store: Store, viewer: Store) -> None:
        """Guarantee 3: neither a later append nor a reader's list reaches what was read."""
        store.append(numbered(EVERY_KIND[:3]))
        read = viewer.read()
        store.append(numbered(EVERY_KIND[3:5], first=3))
        assert_same(read, numbered(EVERY_KIND[:3]))
        read.clear()
        assert_same(viewer.read(), numbered(EVERY_KIND[:5]))

    def test_the_cursor_is_kept_with_its_entries(self, store: Store, viewer: Store) -> None:
        """Guarantees 1 and 5."""
        store.append(numbered(EVERY_KIND[:1]))
        assert viewer.cursor() == 0
        store.append(numbered(EVERY_KIND[1:2], first=1), cursor=3)
        assert (len(viewer.read()), viewer.cursor()) == (2, 3)
        store.append(numbered(EVERY_KIND[2:3], first=2))
        assert viewer.cursor() == 3  # noqa: PLR2004 - as above
        store.append([], cursor=4)  # a command that became nothing is consumed too
        assert (len(viewer.read()), viewer.cursor()) == (3, 4)
        with pytest.raises(StoreError, match="go back to 3"):
            store.append(numbered(EVERY_KIND[3:4], first=3), cursor=3)
        assert (len(viewer.read()), viewer.cursor()) == (3, 4)

    def test_version_changes_with_every_novelty(self, store: Store, viewer: Store) -> None:
        """Guarantee 4, for the writer's own handle and for others; and it rests while nothing happens."""
        seen: list[tuple[int, int]] = []
        for novelty in (
            lambda: None,
            lambda: store.append(numbered(EVERY_KIND[:1])),
            lambda: store.put(history.Paused()),
            lambda: viewer.put(history.Resumed()),
            lambda: store.append(numbered(EVERY_KIND[1:2], first=1), cursor=2),
            lambda: viewer.put(history.Paused()),
        ):
            novelty()
            now = store.version(), viewer.version()
            viewer.read(), store.commands(0)
            assert (store.version(), viewer.version()) == now
            assert all(now[0] != before[0] and now[1] != before[1] for before in seen)
            seen.append(now)

    def test_commands_keep_their_order_and_numbers(self, store: Store, viewer: Store) -> None:
        """Guarantee 5."""
        handles = [store, viewer]
        numbers = [handles[index % 2].put(command) for index, command in enumerate(COMMANDS)]
        assert numbers == list(range(1, len(COMMANDS) + 1))
        for handle in handles:
            for after in (0, 1, len(COMMANDS) - 1, len(COMMANDS), len(COMMANDS) + 3):
                found = handle.commands(after)
                assert [command.number for command in found] == numbers[after:]
                assert [encode(command.event) for command in found] == [encode(event) for event in COMMANDS[after:]]

    def test_only_a_users_event_is_a_command(self, store: Store) -> None:
        """What the driver alone may say does not come in by this door."""
        with pytest.raises(StoreError, match="TimeUp"):
            store.put(history.TimeUp())  # type: ignore[arg-type]  # on purpose
        assert store.commands(0) == []

    def test_threads_may_share_a_handle(self, store: Store) -> None:
        """Puts from four threads while a fifth appends: nothing is lost, numbers are each given once."""
        given_out: list[int] = []

        def put() -> None:
            given_out.extend(store.put(history.WorkersChanged(n)) for n in range(1, 6))

        threads = [threading.Thread(target=put) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(10):
            store.append(numbered([history.Paused()], first=number))
        for thread in threads:
            thread.join()
        assert sorted(given_out) == [command.number for command in store.commands(0)] == list(range(1, 21))
        assert [entry.seq for entry in store.read()] == list(range(10))

    def test_closing_twice_is_fine(self, folder: Path) -> None:
        """As a context that fails half way does."""
        store = self.writer(folder)
        store.append(numbered(EVERY_KIND[:1]))
        store.close()
        store.close()

    def test_any_events_in_any_appends_come_back(self) -> None:
        """Guarantees 1 to 4 as laws, over random events cut into random appends."""

        @settings(max_examples=15, deadline=None, database=None)
        @given(st.lists(st.lists(EVENTS, max_size=5), max_size=5))
        def law(appends: list[list[Event]]) -> None:
            with tempfile.TemporaryDirectory() as place, self._opened(Path(place) / "search") as (store, viewer):
                self._check_appends(store, viewer, appends)

        law()

    @contextmanager
    def _opened(self, folder: Path) -> Iterator[tuple[Store, Store]]:
        with closing(self.writer(folder)) as store, closing(self.reader(folder) or store) as viewer:
            yield store, viewer

    def _check_appends(self, store: Store, viewer: Store, appends: list[list[Event]]) -> None:
        whole: list[Entry] = []
        for events in appends:
            before = viewer.version()
            fresh = numbered(events, first=len(whole))
            store.append(fresh, cursor=len(whole) + len(fresh))
            assert not fresh or viewer.version() != before
            assert_same(viewer.read(len(whole)), fresh)
            whole += fresh
            assert viewer.cursor() == len(whole)
        assert_same(viewer.read(), whole)


class SharedStoreContract(StoreContract):
    """What a store promises further that outlives its handles and that several processes can reach.

    Its tests start processes, and kill some of them with SIGKILL in the middle of their work.
    """

    def test_everything_is_there_again(self, folder: Path) -> None:
        """Guarantee 1: a new handle reads what an earlier one was told, and goes on from there."""
        with closing(self.writer(folder)) as store:
            store.append(numbered(EVERY_KIND), cursor=2)
            store.put(history.Paused())
        with closing(self.writer(folder)) as store:
            assert_same(store.read(), numbered(EVERY_KIND))
            assert (store.cursor(), len(store.commands(0))) == (2, 1)
            store.append(numbered([history.Resumed()], first=len(EVERY_KIND)))
            assert store.put(history.Resumed()) == 2  # noqa: PLR2004 - the second one

    def test_a_reader_may_come_before_the_writer(self, folder: Path) -> None:
        """It sees an empty search, and notices the first entry."""
        with closing(self._second(folder)) as viewer:
            before = viewer.version()
            assert (viewer.read(), viewer.commands(0), viewer.cursor()) == ([], [], 0)
            assert viewer.version() == before
            with closing(self.writer(folder)) as store:
                store.append(numbered(EVERY_KIND[:2]), cursor=1)
                assert viewer.version() != before
                assert (len(viewer.read()), viewer.cursor()) == (2, 1)

    def test_a_reader_outlives_the_writer(self, folder: Path) -> None:
        """And sees what the next writer appends."""
        with closing(self._second(folder)) as viewer:
            for number in range(3):
                before = viewer.version()
                with closing(self.writer(folder)) as store:
                    store.append(numbered([history.Paused()], first=number))
                assert viewer.version() != before
                assert len(viewer.read()) == number + 1

    def test_a_reader_does_not_append(self, store: Store, folder: Path) -> None:
        """One writer."""
        del store
        with closing(self._second(folder)) as viewer, pytest.raises(StoreError, match="only reads"):
            viewer.append(numbered(EVERY_KIND[:1]))

    def test_a_new_writer_shuts_out_the_old_one(self, store: Store, folder: Path) -> None:
        """A coordinator that was believed dead and wakes up cannot spoil what its successor does."""
        store.append(numbered(EVERY_KIND[:1]))
        with closing(self.writer(folder)) as successor:
            with pytest.raises(StoreError, match="taken over"):
                store.append(numbered(EVERY_KIND[1:2], first=1))
            successor.append(numbered(EVERY_KIND[1:3], first=1))
            with pytest.raises(StoreError, match="number 3 was expected"):
                store.append(numbered(EVERY_KIND[1:2], first=1))
            assert_same(successor.read(), numbered(EVERY_KIND[:3]))

    @pytest.mark.process
    def test_commands_from_several_processes(self, store: Store, folder: Path) -> None:
        """Guarantee 5: numbers are given once, without gaps, and each process's commands keep their order."""
        context = multiprocessing.get_context("spawn")
        senders = [context.Process(target=self._send_commands, args=(folder, 100 * n)) for n in (1, 2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(60)
        found = store.commands(0)
        assert [command.number for command in found] == list(range(1, 41))
        for first in (100, 200):
            said = [c.event.workers for c in found if isinstance(c.event, history.WorkersChanged)]
            assert [n for n in said if first <= n < first + 100] == list(range(first, first + 20))

    @pytest.mark.process
    def test_kill_9_loses_nothing_and_tears_nothing(self, folder: Path) -> None:
        """Guarantee 1, ten times; and meanwhile a reader sees only whole appends (guarantees 3 and 6)."""
        chance = random.Random(20240229)  # noqa: S311 - when to kill, nothing secret
        with closing(self._second(folder)) as viewer:
            stored = 0
            for _ in range(10):
                acknowledged = self._write_and_die(folder, viewer, chance.randrange(1, 25), stored)
                stored = _check_whole_appends(viewer, stored)
                assert stored >= acknowledged
            with closing(self._second(folder)) as late, closing(self.writer(folder)) as heir:
                assert _check_whole_appends(late) == _check_whole_appends(heir) == heir.cursor() == stored

    def _second(self, folder: Path) -> Store:
        viewer = self.reader(folder)
        assert viewer is not None, "a shared store has readers"
        return viewer

    def _send_commands(self, folder: Path, first: int) -> None:
        with closing(self._second(folder)) as viewer:
            for n in range(20):
                viewer.put(history.WorkersChanged(first + n))

    def _write_and_die(self, folder: Path, viewer: Store, appends: int, stored: int) -> int:
        """Let a process write, read along until so many appends are acknowledged, kill it.

        Returns the length of the history that it last called kept.
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=self._write_on, args=(folder, theirs))
        process.start()
        theirs.close()
        acknowledged = 0
        try:
            for _ in range(appends):
                acknowledged = ours.recv()
                stored = _check_whole_appends(viewer, stored)
                assert stored >= acknowledged
        finally:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
        while ours.poll():
            try:
                acknowledged = ours.recv()
            except EOFError:
                break
        ours.close()
        return acknowledged

    def _write_on(self, folder: Path, acknowledge: Connection) -> None:
        """Append what `_expected_append` says, from where the store ends, for ever."""
        store = self.writer(folder)
        first = len(store.read())
        while True:
            fresh = _expected_append(first)
            first += len(fresh)
            store.append(fresh, cursor=first)
            acknowledge.send(first)


def _expected_append(first: int) -> list[Entry]:
    """Return the append that begins at a number: one to five entries whose events tell their place in it."""
    size = 1 + first % 5
    return numbered([history.Reported(first, size, n, first / 3, {"n": float("nan")}) for n in range(size)], first)


def _check_whole_appends(viewer: Store, since: int = 0) -> int:
    """Fail unless whole appends follow from number `since` on, each as it was meant; return the history's length."""
    found = viewer.read(since)
    length = 0
    while length < len(found):
        fresh = _expected_append(since + length)
        assert_same(found[length : length + len(fresh)], fresh)
        length += len(fresh)
    # The cursor is asked for later than the entries, so it may be ahead of them, but never behind.
    assert viewer.cursor() >= since + length
    return since + length
