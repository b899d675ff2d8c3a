"""What a sampler can learn from a search: configurations and their values at the budgets where trials are compared."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.history import (
    Config,
    Constraint,
    Continued,
    Data,
    Ended,
    Event,
    Extended,
    Goal,
    Judged,
    Limits,
    Opened,
    Reported,
    Started,
    is_finite,
)

FloatArray = npt.NDArray[np.float64]
Budget = int | None

_OPEN_ENDED = math.inf  # a budget that ends when the objective returns is the highest one
_STOPPED_EARLY = ("pruned", "stopped")


class Level(NamedTuple):
    """The results at one budget, all to be minimised.

    Attributes
    ----------
    budget : int or None
        How far the trials had trained; None: until the objective returned.
    trials : tuple of int
        Ascending. Results that were known before the search have negative numbers.
    values : ndarray of shape (n,)
        The first goal's values, finite, with the direction taken out.
    objectives : ndarray of shape (n, goals)
        The values of all goals, likewise; NaN where one was not reported.
    violations : ndarray of shape (n, constraints)
        Metric minus bound: at most 0 where the constraint holds, NaN where the metric was not reported.
    failed : tuple of int
        Trials that ended without any value.
    pending : tuple of int
        Trials that may still get a value at this budget.
    stopped : mapping of int to float
        Trials that were stopped on their way to it and were compared at no budget: their value so far, to be
        minimised. A sampler takes them for bad ones rather than for unknown.
    """

    budget: Budget
    trials: tuple[int, ...]
    values: FloatArray
    objectives: FloatArray
    violations: FloatArray
    failed: tuple[int, ...]
    pending: tuple[int, ...]
    stopped: Mapping[int, float]


class Observations:
    """A fold over the events of a search; a sampler that learns keeps one and reads it.

    A trial has a result at a budget where it came to rest, where a schedule judged it, and, as soon as others are
    compared at that budget, where it passed by and reported. At the end of its training its result is its value by the
    search's rule (the best or the last finite report); elsewhere it is the report at that step.

    Attributes
    ----------
    seed : int
        Of the search.
    goals : tuple of Goal
        What is optimised, the first one first.
    constraints : tuple of Constraint
        What must hold.
    limits : Limits
        Where the search ends at the latest.

    Examples
    --------
    >>> seen = Observations()
    >>> for event in history:
    ...     seen.apply(event)
    >>> level = seen.level(least=10)
    >>> [seen.config(trial) for trial in level.trials]
    [{'x': 0.25}, {'x': 0.75}]
    """

    def __init__(self) -> None:
        self.seed = 0
        self.goals: tuple[Goal, ...] = (Goal("value", "min"),)
        self.constraints: tuple[Constraint, ...] = ()
        self.limits = Limits()
        self._rule = "best"
        self._configs: dict[int, Config] = {}
        self._notes: dict[int, Data] = {}
        self._origins: dict[int, str] = {}
        self._reports: dict[int, dict[int, Reported]] = {}
        self._best: dict[int, Reported] = {}
        self._results: dict[Budget, dict[int, tuple[float, ...]]] = {}
        self._stepped: set[int] = set()  # budgets at which some trial was compared before its end
        self._running: dict[int, None] = {}
        self._failed: dict[int, None] = {}
        self._stopped: dict[int, float] = {}
        self._cache: dict[Budget, Level] = {}

    # --- folding ---------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Reported):
            self._reported(event)
        elif isinstance(event, Started):
            self._configs[event.trial], self._notes[event.trial] = event.config, event.notes
            self._origins[event.trial] = event.origin
            self._reports[event.trial] = {}
            self._running[event.trial] = None
        elif isinstance(event, Ended):
            self._ended(event)
        elif isinstance(event, Continued):
            self._running[event.trial] = None
        elif isinstance(event, Judged):
            self._judged(event)
        elif isinstance(event, Opened):
            self._opened(event)
        elif isinstance(event, Extended):
            self.limits = event.limits
        else:
            return
        if not isinstance(event, Reported):
            self._cache.clear()

    def _opened(self, event: Opened) -> None:
        self.seed, self.goals, self.constraints = event.seed, event.goals, event.constraints
        self.limits, self._rule = event.limits, event.value
        for index, known in enumerate(event.known):
            self._configs[-1 - index] = known.config
            if is_finite(known.values[0]):
                missing = (math.nan,) * (len(event.goals) - len(known.values) + len(event.constraints))
                self._results.setdefault(known.budget, {})[-1 - index] = (*known.values, *missing)

    def _reported(self, event: Reported) -> None:
        self._reports[event.trial][event.step] = event
        if event.step in self._stepped and is_finite(event.value):
            self._results.setdefault(event.step, {})[event.trial] = self._numbers(event)
            self._cache.pop(event.step, None)
        best = self._best.get(event.trial)
        if is_finite(event.value) and (best is None or self._rule == "last" or self._improves(event, best)):
            self._best[event.trial] = event

    def _improves(self, event: Reported, best: Reported) -> bool:
        return event.value < best.value if self.goals[0].direction == "min" else event.value > best.value

    def _ended(self, event: Ended) -> None:
        self._running.pop(event.trial, None)
        if event.state == "failed":
            self._failed[event.trial] = None
        elif event.state == "completed":
            self._add(event.place.budget, event.trial, self._best.get(event.trial))
        elif event.state == "paused" and event.place.budget is not None:
            self._compare_at(event.place.budget)
            self._add(event.place.budget, event.trial, self._last(event.trial))
        if event.state in _STOPPED_EARLY:
            self._stopped_early(event.trial)

    def _stopped_early(self, trial: int) -> None:
        best = self._best.get(trial)
        if best is None:
            self._failed[trial] = None
        elif not any(trial in results for results in self._results.values()):
            self._stopped[trial] = best.value if self.goals[0].direction == "min" else -best.value

    def _judged(self, event: Judged) -> None:
        budget = event.reason.get("budget")
        if event.reason.get("kind") != "budget" and isinstance(budget, int):
            self._compare_at(budget)
            self._add(budget, event.trial, self._last(event.trial))

    def _compare_at(self, budget: int) -> None:
        """Give every trial that has passed this budget its result there: others are compared at it from now on."""
        if budget in self._stepped:
            return
        self._stepped.add(budget)
        for trial, reports in self._reports.items():
            passed = reports.get(budget)
            if passed is not None and trial not in self._results.get(budget, {}):
                self._add(budget, trial, passed)

    def _last(self, trial: int) -> Reported | None:
        reports = self._reports[trial]
        return reports[max(reports)] if reports else None

    def _add(self, budget: Budget, trial: int, report: Reported | None) -> None:
        if report is not None and is_finite(report.value):
            self._results.setdefault(budget, {})[trial] = self._numbers(report)

    def _numbers(self, report: Reported) -> tuple[float, ...]:
        further = [*(goal.metric for goal in self.goals[1:]), *(each.metric for each in self.constraints)]
        metrics = {self.goals[0].metric: report.value, **report.metrics}
        return (report.value, *(float(metrics.get(name, math.nan)) for name in further))

    # --- reading ---------------------------------------------------------------------------------------------------

    @property
    def configs(self) -> Mapping[int, Config]:
        """Every configuration by trial, those known before the search (negative numbers) included."""
        return MappingProxyType(self._configs)

    @property
    def notes(self) -> Mapping[int, Data]:
        """What the sampler noted when it suggested a trial."""
        return MappingProxyType(self._notes)

    @property
    def origins(self) -> Mapping[int, str]:
        """Who chose a trial's configuration, "sampler" or "user"."""
        return MappingProxyType(self._origins)

    @property
    def running(self) -> tuple[int, ...]:
        """The trials that have a leg running now, lost legs included: they will be run again."""
        return tuple(self._running)

    @property
    def failed(self) -> frozenset[int]:
        """The trials that ended without any value."""
        return frozenset(self._failed)

    def config(self, trial: int) -> Config:
        """Return a trial's configuration."""
        return self._configs[trial]

    def best(self, trial: int) -> Reported | None:
        """Return the report that gives a trial its value, wherever it stands; None where it has none."""
        return self._best.get(trial)

    def levels(self) -> dict[Budget, int]:
        """Return how many results there are at each budget, lowest budget first."""
        return {budget: len(self._results[budget]) for budget in sorted(self._results, key=_height)}

    def level(self, least: int) -> Level | None:
        """Return the results at the highest budget that has at least `least` of them.

        Where no budget has so many, the one with the most results (of several, the highest) is returned; None where
        there is no result at all.
        """
        counts = self.levels()
        if not counts:
            return None
        enough = [budget for budget, count in counts.items() if count >= least]
        budget = enough[-1] if enough else max(counts, key=lambda each: (counts[each], _height(each)))
        return self.at(budget)

    def at(self, budget: Budget) -> Level:
        """Return the results at one budget."""
        if budget not in self._cache:
            self._cache[budget] = self._level(budget)
        return self._cache[budget]

    def raw(self, value: float, goal: int = 0) -> float:
        """Return a value that was to be minimised as the user knows it."""
        return value if self.goals[goal].direction == "min" else -value

    def _level(self, budget: Budget) -> Level:
        results = self._results.get(budget, {})
        trials = tuple(sorted(results))
        table = np.array([results[trial] for trial in trials], dtype=np.float64)
        table = table.reshape(len(trials), len(self.goals) + len(self.constraints))
        signs = np.array([1.0 if goal.direction == "min" else -1.0 for goal in self.goals])
        objectives = table[:, : len(self.goals)] * signs
        violations = table[:, len(self.goals) :] - np.array([each.bound for each in self.constraints])
        pending = tuple(trial for trial in self._running if trial not in results)
        stopped = MappingProxyType(dict(self._stopped))
        return Level(budget, trials, objectives[:, 0], objectives, violations, tuple(self._failed), pending, stopped)


def _height(budget: Budget) -> float:
    return _OPEN_ENDED if budget is None else float(budget)
