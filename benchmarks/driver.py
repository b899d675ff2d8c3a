"""What the driver costs an event, at ten and at a hundred thousand trials, on a simulated clock."""

import cProfile
import gc
import io
import logging
import math
import pstats
import time
from typing import Any

from benchmarks.record import Budget, Result, Spread, Table, at_most, number
from tunewidgets.history import Config, Goal, History, Limits, Opened
from tunewidgets.runner.coordinator import calm_collector
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.simulated import SimulatedExecutor, World
from tunewidgets.samplers import Random
from tunewidgets.schedules import ASHA, Full, Hyperband, Schedule
from tunewidgets.space import Choice, Float, Int, Space
from tunewidgets.store.memory import MemoryStore

MOST_US = 20.0
WORKERS = 1000
LARGEST = 81
SCHEDULES: dict[str, Schedule] = {
    "full over random": Full(LARGEST),
    "Hyperband(81) over random": Hyperband(LARGEST, iterations=None),
    "ASHA(81) over random": ASHA(LARGEST),
}
_COLLECTOR = (
    "Python's cycle collector is set as the coordinator sets it, to look rarely; the last column is one run with its"
    " usual settings: the difference is what it takes for going through everything that the history holds, again and"
    " again."
)
_LOG = logging.getLogger("benchmarks")


def run(*, quick: bool) -> Result:
    """Take turns over schedules and sizes; then profile one run of the smaller size."""
    sizes, rounds = ((500, 2000), 2) if quick else ((10_000, 100_000), 2)
    cost: dict[tuple[str, int], list[float]] = {(name, size): [] for name in SCHEDULES for size in sizes}
    events: dict[tuple[str, int], int] = {}
    bare: dict[tuple[str, int], float] = {}
    for turn in range(rounds):
        for (name, size), taken in cost.items():
            seconds, events[name, size] = _drive(SCHEDULES[name], size)
            taken.append(1e6 * seconds / events[name, size])
            if not turn:
                bare[name, size] = 1e6 * _drive(SCHEDULES[name], size, calm=False)[0] / events[name, size]
    for name, schedule in SCHEDULES.items():
        _LOG.info("hot spots, %s, %d trials:\n%s", name, sizes[0], profile(schedule, sizes[0]))
    return _result(cost, bare, events, f"{rounds} rounds, in turn")


def _result(
    cost: dict[tuple[str, int], list[float]],
    bare: dict[tuple[str, int], float],
    events: dict[tuple[str, int], int],
    sizes: str,
) -> Result:
    spreads = {key: Spread.of(values) for key, values in cost.items()}
    rows = [
        (name, f"{size:,}", f"{events[name, size]:,}", spread.text(), number(bare[name, size]))
        for (name, size), spread in spreads.items()
    ]
    small, large = sorted({size for _, size in cost})
    budgets: list[Budget] = []
    for name in SCHEDULES:
        budgets += [
            at_most(f"{name}, {size:,} trials, an event", MOST_US, spreads[name, size].median, " us")
            for size in (small, large)
        ]
        growth = spreads[name, large].median / spreads[name, small].median
        allowed = math.log(events[name, large]) / math.log(events[name, small])
        budgets.append(at_most(f"{name}, growth of the cost an event", round(allowed, 2), growth, "x"))
    return Result(
        title="The driver's cost an event",
        how=f"Whole searches on the simulated clock with {WORKERS:,} workers: suggesting, judging, folding and a store "
        f"in memory; each leg reports once, at its budget. {sizes}. The growth allowed is that of the "
        "logarithm of the number of events.",
        tables=(
            Table(
                ("strategy", "trials", "events", "median (quartiles), us an event", "with the usual collector, us"),
                tuple(rows),
            ),
        ),
        budgets=tuple(budgets),
        raw={f"{name}, {size} trials, us": values for (name, size), values in cost.items()},
        notes=(_COLLECTOR,),
    )


def _space() -> Space:
    return Space(
        units=Int(32, 512, step=32),
        rate=Float(1e-4, 1e-1, sampling="log"),
        optimizer=Choice(("adam", "sgd")),
        momentum=Float(0.0, 0.99).when(optimizer="sgd"),
    )


def _value(config: Config, step: int) -> float:
    return float(-abs(math.log(config["rate"]) + 5.0) - 1.0 / step)


def _made(schedule: Schedule, trials: int) -> Driver:
    # Trials differ in pace, as they do in life; how, must cost nothing worth measuring.
    world = World(_value, pace=lambda trial: 0.5 + (trial * 0.618) % 1.0, stride=LARGEST)
    store, executor = MemoryStore(), SimulatedExecutor(world)
    opened = Opened(0, _space(), Limits(trials), (Goal("loss", "max"),), workers=WORKERS)
    store.append([History().append(opened, 0.0)])
    return Driver(store, schedule, Random(), executor, lambda: executor.now)


def _drive(schedule: Schedule, trials: int, *, calm: bool = True) -> tuple[float, int]:
    """Return the seconds of a whole search and the number of its events."""
    gc.collect()
    usual = gc.get_threshold()
    driver = _made(schedule, trials)
    if calm:
        calm_collector()
    began = time.perf_counter()
    driver.run()
    seconds = time.perf_counter() - began
    gc.unfreeze()
    gc.set_threshold(*usual)
    assert len(driver.history.trials) == trials, driver.history.closed
    return seconds, len(driver.history)


def profile(schedule: Schedule, trials: int, lines: int = 14) -> str:
    """Return where the time of a search goes: the functions that take most of it themselves."""
    driver = _made(schedule, trials)
    profiler = cProfile.Profile()
    profiler.runcall(driver.run)
    out = io.StringIO()
    statistics: Any = pstats.Stats(profiler, stream=out)
    statistics.strip_dirs().sort_stats("tottime").print_stats(lines)
    return out.getvalue().partition("Ordered by")[2]
