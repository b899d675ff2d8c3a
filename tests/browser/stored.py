"""A search with thousands of trials in its folder: simulated in seconds, stored as a coordinator would have done it."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Self

from tunewidgets.history import Config, Entry, Event, History, Limits, Started
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.simulated import SimulatedExecutor, World
from tunewidgets.runner.spec import Spec
from tunewidgets.samplers import Random
from tunewidgets.schedules import ASHA
from tunewidgets.space import Choice, Float, Int, Space
from tunewidgets.store.folder import SearchFolder
from tunewidgets.store.lease import Lease
from tunewidgets.store.memory import MemoryStore
from tunewidgets.store.sqlite import SqliteStore

SPACE = Space(
    units=Int(32, 512, step=32),
    rate=Float(1e-4, 1e-1, sampling="log"),
    optimizer=Choice(("adam", "sgd")),
    momentum=Float(0.0, 0.99).when(optimizer="sgd"),
)
SAMPLER, SCHEDULE = Random(), ASHA(9)
_HEARTBEAT = 1.0


def accuracy(config: Config, step: int) -> float:
    """What a trial reports at a step: best near a rate of 0.003 with many units."""
    return float(0.9 + 1e-4 * config["units"] - 0.05 * abs(math.log10(config["rate"]) + 2.5) - 0.2 / step)


def simulated(trials: int) -> list[Entry]:
    """Return the events of a search up to the start of so many trials: random configurations, ASHA with 9 epochs."""
    store = MemoryStore()
    # Trials differ in pace, as they do in life.
    executor = SimulatedExecutor(World(accuracy, pace=lambda trial: 0.5 + trial * 0.618 % 1.0))
    store.append([History().append(_spec("simulated").opened(SPACE), 0.0)])
    driver = Driver(store, SCHEDULE, SAMPLER, executor, lambda: executor.now)
    while len(driver.history.trials) < trials:
        driver.turn(1.0)
    return driver.history.entries


def before(entries: Sequence[Entry], trial: int) -> int:
    """Return how many events come before the start of that trial."""
    starts = (i for i, entry in enumerate(entries) if isinstance(entry.event, Started) and entry.event.trial == trial)
    return next(starts, len(entries))


def keep(folder: Path, entries: Sequence[Entry]) -> None:
    """Write a search of these events into its folder, the newest of them as if it had happened now."""
    late = time.time() - entries[-1].at
    _spec(folder.name).write(SearchFolder(folder).create())
    store = SqliteStore(folder, write=True)
    store.append([Entry(entry.seq, entry.at + late, entry.event) for entry in entries])
    store.close()


def by_trial(entries: Iterable[Entry]) -> Iterator[list[Event]]:
    """Yield events in bits that each end with the start of a trial; what comes after the last start is left out."""
    bit: list[Event] = []
    for entry in entries:
        bit.append(entry.event)
        if isinstance(entry.event, Started):
            yield bit
            bit = []


class Growing:
    """Holds a stored search as its coordinator would, and lets further events happen on a thread.

    Parameters
    ----------
    folder : Path
        The search's folder.
    stored : int
        How many events it has.
    bits : iterable of list of Event
        What is to happen: what is in one list at one time, and in one commit.

    Attributes
    ----------
    committed : dict of int to float
        When the start of each further trial was on the disk, in seconds since the epoch.
    """

    def __init__(self, folder: Path, stored: int, bits: Iterable[list[Event]]) -> None:
        self.committed: dict[int, float] = {}
        self._folder, self._count, self._bits = folder, stored, iter(bits)
        self._rate, self._begun, self._enough = 0.0, Signal(), Signal()
        self._thread = Thread(target=self._coordinate, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._enough.set()
        self._begun.set()
        self._thread.join()

    def begin(self, rate: float) -> None:
        """Let so many bits happen a second from now on."""
        self._rate = rate
        self._begun.set()

    def _coordinate(self) -> None:
        with closing(SqliteStore(self._folder, write=True)) as store, Lease.acquire(self._folder) as lease:
            while not self._begun.wait(_HEARTBEAT):
                lease.heartbeat()
            due = beat = time.monotonic()
            for bit in self._bits:
                if self._enough.wait(max(0.0, due - time.monotonic())):
                    return
                due += 1.0 / self._rate
                self._happen(store, bit)
                if time.monotonic() > beat:
                    lease.heartbeat()
                    beat = time.monotonic() + _HEARTBEAT
            while not self._enough.wait(_HEARTBEAT):
                lease.heartbeat()

    def _happen(self, store: SqliteStore, bit: list[Event]) -> None:
        now = time.time()
        store.append([Entry(self._count + i, now, event) for i, event in enumerate(bit)])
        self._count += len(bit)
        self.committed |= {event.trial: time.time() for event in bit if isinstance(event, Started)}


def _spec(name: str) -> Spec:
    return Spec(
        name=name,
        fingerprint="",
        sampler=SAMPLER.to_json(),
        schedule=SCHEDULE.to_json(),
        goals=(("val_accuracy", "max"),),
        limits=asdict(Limits(100_000)),
        workers=8,
        seed=0,
        space=SPACE.to_json(),
        unit="epoch",
        value="best",
        executor="process",
        threads=1,
        trial_timeout=None,
        cwd=".",
        path=(),
        preload=(),
    )
