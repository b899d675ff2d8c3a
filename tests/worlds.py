"""Simulated searches for the driver's tests: deterministic worlds, crashes at any commit, and what came of it."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from tunewidgets.history import Continued, Goal, History, Limits, Opened, Started
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.simulated import SimulatedExecutor, World
from tunewidgets.space import Choice, Float, Int, Space
from tunewidgets.store.base import Command
from tunewidgets.store.memory import MemoryStore

SPACE = Space(
    x=Float(0.0, 1.0),
    units=Int(1, 64, sampling="log"),
    kind=Choice(["a", "b"]),
    extra=Float(1e-3, 1.0, sampling="log").when(kind="b"),
)


def value(config, step):
    return float(config["x"] + 1.0 / step + 0.1 * config.get("extra", 0.5))


class CrashError(Exception):
    pass


class CrashingStore(MemoryStore):
    """Dies before or after an append, at the given ticks; a command arrives as soon as so many trials have settled."""

    def __init__(self, commands=()):
        super().__init__()
        self.ticks = set()
        self.tick = 0
        self.steering = commands
        self.driver = None
        self.asked = 0

    def version(self):
        self.asked += 1
        return self.asked

    def commands(self, after):
        history = self.driver.history
        settled = sum(t.state not in ("running", "interrupted") for t in history.trials.values())
        stuck = history.closed or (history.status == "paused" and not history.running)
        there = itertools.takewhile(lambda item: item[0] <= settled or stuck, self.steering[after:])
        return [Command(after + 1 + i, event) for i, (_, event) in enumerate(there)]

    def _point(self):
        self.tick += 1
        if self.tick in self.ticks:
            raise CrashError

    def append(self, entries, cursor=None):
        self._point()
        super().append(entries, cursor)
        self._point()


class SteeredStore(MemoryStore):
    """Hands over what was said, as soon as it was said."""

    def __init__(self):
        super().__init__()
        self.said = []

    def version(self):
        return len(self.said)

    def commands(self, after):
        return [Command(after + 1 + i, event) for i, event in enumerate(self.said[after:])]


@dataclass
class Lab:
    """One simulated search; `commands` are put when so many trials have come to rest."""

    schedule: object
    sampler: object
    workers: int = 1
    trials: int | None = 30
    seed: int = 3
    fail: float = 0.0
    lose: float = 0.0
    spread: float = 0.0
    stride: int = 1
    pace_seed: int = 0
    failures: int | None = None
    timeout: float | None = None
    commands: list = field(default_factory=list)
    crash_at: tuple = ()
    downtime: float = 0.0
    space: Space = SPACE
    value: object = staticmethod(value)
    direction: str = "min"

    def world(self):
        def pace(trial):
            return (
                float(np.random.default_rng((self.pace_seed, trial)).lognormal(0, self.spread)) if self.spread else 1.0
            )

        def at(kind, rate):
            def step(trial, attempt):
                rng = np.random.default_rng((kind, trial, attempt if kind == 2 else 0))
                return int(rng.integers(1, 10)) if rng.random() < rate else None

            return step

        return World(self.value, pace, at(1, self.fail), at(2, self.lose), stride=self.stride)

    def run(self):
        self.store = CrashingStore(self.commands)
        limits = Limits(self.trials, self.timeout, self.failures)
        opened = Opened(self.seed, self.space, limits, (Goal("loss", self.direction),), workers=self.workers)
        self.store.append(_first(opened))
        self.store.ticks, self.store.tick, self.crashes = set(self.crash_at), 0, 0
        self.now = 0.0
        while True:
            try:
                return self._drive()
            except CrashError:
                self.crashes += 1
                self.now += self.downtime

    def _drive(self):
        executor = SimulatedExecutor(self.world(), self.now)
        driver = Driver(self.store, self.schedule, self.sampler, executor, lambda: executor.now)
        self.store.driver = driver
        for _ in range(20_000):
            driver.turn(1.0)
            self.now = executor.now
            if driver.done and driver._cursor == len(self.commands):
                driver._commit()
                return driver.history
        raise AssertionError("the search does not come to rest")


def _first(event):
    history = History()
    return [history.append(event, 0.0)]


def outcome(history):
    """What a user would call the same trials: configuration, places it trained at, how it ended, its values."""
    places = {}
    for event in history:
        if isinstance(event, Started) or (isinstance(event, Continued) and event.why == "promoted"):
            places.setdefault(event.trial, []).append(tuple(event.place))
    return {
        n: (dict(t.config), places[n], t.state, t.value, [(r.step, r.value) for r in history.reports(n)])
        for n, t in history.trials.items()
    }
