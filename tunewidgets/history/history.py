"""The history of a search: its events in their places, and what follows from them."""

from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence
from types import MappingProxyType
from typing import overload

from tunewidgets.history.collector import uncollected
from tunewidgets.history.events import (
    NOTHING,
    Config,
    Data,
    Entry,
    Event,
    Reported,
)
from tunewidgets.history.indexes import Indexes
from tunewidgets.history.records import Leg, Status, Trial


class History(Indexes):
    """Append-only events and their indexes.

    Parameters
    ----------
    entries : iterable of Entry
        Events in their places, as a store reads them.

    Notes
    -----
    A history is a fold: two histories of the same entries are equal in every answer. Readers never change it; only the
    driver appends, and a viewer appends what it has read from the store.

    Examples
    --------
    >>> history = History()
    >>> history.append(Opened(0, Space(), Limits(), (Goal("loss", "min"),)))
    Entry(seq=0, ...)
    >>> history.append(Started(0, {}, Place(0, 0, 1)))
    Entry(seq=1, ...)
    >>> history.append(Reported(0, 1, 1, 0.25))
    Entry(seq=2, ...)
    >>> history.trials[0].value
    0.25
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        super().__init__()
        self._entries: list[Entry] = []
        self.extend(entries)

    # --- reading ---------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> Sequence[Entry]:
        """Every event in its place, oldest first."""
        return tuple(self._entries)

    def since(self, seq: int) -> list[Entry]:
        """Return the entries from number `seq` on."""
        return self._entries[seq:]

    def upto(self, seq: int) -> "History":
        """Return the history as it was when it had `seq` events: the way to step back in time."""
        return History(self._entries[:seq])

    @property
    def trials(self) -> Mapping[int, Trial]:
        """Every trial by its number."""
        return MappingProxyType(self._trials)

    def reports(self, trial: int) -> list[Reported]:
        """Return a trial's reports by step; a step that was reported again by a later attempt counts once."""
        by_step = self._courses.of(trial)
        return [by_step[step] for step in sorted(by_step)]

    @property
    def courses(self) -> Mapping[int, Mapping[int, Reported]]:
        """The reports by step, in no order, of every trial that has any: `reports` of many trials at once."""
        return MappingProxyType(self._courses.by_trial)

    @property
    def legs(self) -> Mapping[tuple[int, int], Leg]:
        """Every leg by (trial, attempt), in the order in which they began."""
        return MappingProxyType(self._legs)

    @property
    def running(self) -> KeysView[int]:
        """The trials that have a leg running now: a live view, so copy it before appending while you go through it."""
        return self._running.keys()

    @property
    def interrupted(self) -> KeysView[int]:
        """The trials whose leg was lost and is still to be run again, the first lost first; a live view."""
        return self._interrupted.keys()

    @property
    def to_retry(self) -> KeysView[int]:
        """The trials that the user wants run again and that have not begun, the first asked for first; a live view."""
        return self._to_retry.keys()

    @property
    def queue(self) -> Sequence[Config]:
        """Configurations of the user that are not started yet, the next one first; a live view."""
        return self._queue

    @property
    def to_stop(self) -> Mapping[int, bool]:
        """Trials that the user wants stopped and that have not ended; the value says 'at once'."""
        return MappingProxyType(self._to_stop)

    @property
    def seed(self) -> int:
        """The seed of the search, 0 before it is opened."""
        return self.opened.seed if self.opened else 0

    @property
    def counts(self) -> Mapping[str, int]:
        """How many trials are in each state that occurs."""
        return MappingProxyType({state: n for state, n in self._counts.items() if n})

    @property
    def status(self) -> Status:
        """Where the search stands, as far as events tell."""
        if self.opened is None:
            return "starting"
        if self.closed is not None:
            return self.closed.state
        if self.closing is not None:
            return "stopping"
        return "paused" if self._paused else "running"

    # --- folding ---------------------------------------------------------------------------------------------------

    def append(self, event: Event, at: float = 0.0) -> Entry:
        """Add an event at the end and return it in its place; `at` is its time in seconds since the epoch."""
        entry = Entry(len(self._entries), at, event)
        self._entries.append(entry)
        self._fold(event, at)
        return entry

    def extend(self, entries: Iterable[Entry]) -> None:
        """Add entries that are in their places already.

        Raises
        ------
        ValueError
            If an entry is not the next one: something was skipped or read twice.
        """
        with uncollected():
            for entry in entries:
                if entry.seq != len(self._entries):
                    raise ValueError(f"expected entry {len(self._entries)} of the history, got {entry.seq}")
                self.append(entry.event, entry.at)

    def __iter__(self) -> Iterator[Event]:
        return (entry.event for entry in self._entries)

    @overload
    def __getitem__(self, seq: int) -> Entry: ...
    @overload
    def __getitem__(self, seq: slice) -> list[Entry]: ...
    def __getitem__(self, seq: int | slice) -> Entry | list[Entry]:
        return self._entries[seq]

    def why(self, trial: int) -> Data:
        """Return the data that says why a trial is where it is; empty where nothing is to say."""
        found = self._trials.get(trial)
        return found.reason if found else NOTHING
