"""Whether memory is flat: a straight line through what was in use after each lap, and how far it rises."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np

from benchmarks.record import Result, Table, at_most, number

MOST = 5.0
"""Percent by which something that is flat may grow in the last three quarters of the time."""
SHOWN = 12
COLUMNS = {
    "kernel": "kernel, MB",
    "objects": "Python objects in it",
    "helper": "helper process, MB",
    "heap": "page's JavaScript heap, MB",
    "nodes": "its DOM nodes",
    "listeners": "its event listeners",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What was in use at one moment, after all garbage was collected.

    Attributes
    ----------
    minute : float
        Since the beginning.
    updates, events : int
        How many updates the dashboard has sent, and how long the search's history is.
    kernel, helper : float
        Resident memory, MB.
    objects : int
        Objects in the kernel that Python's cycle collector knows.
    heap : float
        The page's JavaScript heap, MB.
    nodes, listeners : int
        The page's DOM nodes and event listeners.
    """

    minute: float
    updates: int
    events: int
    kernel: float
    objects: int
    helper: float
    heap: float
    nodes: int
    listeners: int

    def text(self) -> str:
        """Return it as a line of a log."""
        return ", ".join(f"{each.name} {getattr(self, each.name):,.1f}" for each in fields(self))


def growth(minutes: Sequence[float], values: Sequence[float]) -> float:
    """Return by how many percent values rise over the last three quarters of the time.

    The first quarter is left out: caches fill in it. The line through the rest has the median of the slopes between
    all pairs, so that no single value decides.

    Examples
    --------
    >>> growth([0, 1, 2, 3, 4], [90, 100, 101, 102, 103])
    2.9411764705882355
    """
    kept = [(minute, value) for minute, value in zip(minutes, values, strict=True) if minute >= minutes[-1] / 4]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(kept, 2)]
    middle = float(np.median([value for _, value in kept]))
    return 100 * float(np.median(slopes)) * (kept[-1][0] - kept[0][0]) / middle if slopes and middle else 0.0


def result(samples: Sequence[Sample], trials: int, plays: float) -> Result:
    """Return what the page shows of a soak."""
    minutes = [sample.minute for sample in samples]
    series = {name: [float(getattr(sample, name)) for sample in samples] for name in COLUMNS}
    last = samples[-1]
    return Result(
        title="Memory over a long time",
        how=f"A dashboard of a search with {trials:,} trials is used in JupyterLab for {last.minute:.0f} minutes. A "
        f"lap plays the search from its beginning for {plays:g} s, all cards of the Overview drawn at each step, opens "
        "every tab and selects trials; meanwhile the search is paused and resumed, now and then ended and resumed, "
        "twice a second in turn. What is in use is read after each lap, in the same state, all garbage collected. "
        f"{last.updates:,} updates were sent; the history grew from {samples[0].events:,} to {last.events:,} events, "
        "without a further trial.",
        tables=(_course(samples),),
        budgets=tuple(at_most(_what(name), MOST, growth(minutes, values), " %") for name, values in series.items()),
        raw={"minutes": minutes} | {COLUMNS[name]: values for name, values in series.items()},
        notes=(
            (
                "Growth is that of the line with the median slope between all pairs of laps, over the last three "
                f"quarters of the time, in percent of the median: what grows by at most {MOST:g} % is flat."
            ),
        ),
    )


def _what(name: str) -> str:
    return f"soak, growth of {COLUMNS[name].removesuffix(', MB')}"


def _course(samples: Sequence[Sample]) -> Table:
    picked = np.unique(np.linspace(0, len(samples) - 1, min(SHOWN, len(samples))).astype(int))
    rows = (
        (f"{sample.minute:.0f}", f"{sample.updates:,}", *(_cell(sample, name) for name in COLUMNS))
        for sample in (samples[index] for index in picked)
    )
    return Table(("minute", "updates", *COLUMNS.values()), tuple(rows))


def _cell(sample: Sample, name: str) -> str:
    value = getattr(sample, name)
    return f"{int(value):,}" if name in ("objects", "nodes", "listeners") else number(value)
