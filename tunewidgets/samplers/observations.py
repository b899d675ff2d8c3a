"""What a sampler can learn from a search: configurations and their values at the budgets where trials are compared."""

import math
from collections.abc import Callable, Collection, Mapping
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
    ValueRule,
    is_finite,
)
from tunewidgets.history.courses import Courses

FloatArray = npt.NDArray[np.float64]
Budget = int | None

_OPEN_ENDED = math.inf  # a budget that ends when the objective returns is the highest one
_STOPPED_EARLY = ("pruned", "stopped")
_LEAST_SHARE = float(np.finfo(np.float64).tiny)
_LARGE, _SMALLER = 1e300, 2.0**-20  # a power of two: nothing is rounded


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
        The values of all goals, likewise; NaN where one was not reported, or not as a finite number.
    violations : ndarray of shape (n, constraints)
        Metric minus bound: at most 0 where the constraint holds, NaN where the metric was not reported.
    failed : tuple of int
        Trials that failed, wherever they did: one that was promoted from this budget may have a value here.
    pending : tuple of int
        Trials that are running now and have no value at this budget.
    stopped : mapping of int to float
        Trials that were stopped on their way and were compared at no budget: their value so far, to be minimised. A
        sampler takes them for bad ones rather than for unknown.
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
    search's rule (the best or the last finite report); elsewhere it is the report at that step. What a trial repeats
    that is run again by the user's wish replaces what it had come to before.

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
        self._rule: ValueRule = "best"
        self._configs: dict[int, Config] = {}
        self._notes: dict[int, Data] = {}
        self._origins: dict[int, str] = {}
        self._courses = Courses()
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
            self._running[event.trial] = None
        elif isinstance(event, Ended):
            self._ended(event)
        elif isinstance(event, Continued):
            self._courses.continued(event)
            self._running[event.trial] = None
            for index in (self._failed, self._stopped):  # run again by the user's wish: what becomes of it is open
                index.pop(event.trial, None)
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
                values = map(_finite_or_nan, known.values)
                missing = (math.nan,) * (len(event.goals) - len(known.values) + len(event.constraints))
                self._results.setdefault(known.budget, {})[-1 - index] = (*values, *missing)

    def _reported(self, event: Reported) -> None:
        if self._courses.add(event):
            self._go_back(event)
        if event.step in self._stepped and is_finite(event.value):
            self._results.setdefault(event.step, {})[event.trial] = self._numbers(event)
            self._cache.pop(event.step, None)
        best = self._best.get(event.trial)
        if is_finite(event.value) and (best is None or self._rule == "last" or self._improves(event, best)):
            self._best[event.trial] = event

    def _go_back(self, event: Reported) -> None:
        """Forget what an attempt before had come to where the newest one begins, by the user's wish."""
        best = self._courses.value(event.trial, self._rule, self.goals[0].direction)
        self._best.pop(event.trial, None)
        if best is not None:
            self._best[event.trial] = best
        for budget, results in self._results.items():
            if budget is None or budget >= event.step:
                results.pop(event.trial, None)
        self._results = {budget: results for budget, results in self._results.items() if results}
        self._cache.clear()

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
        for trial, reports in self._courses.by_trial.items():
            passed = reports.get(budget)
            if passed is not None and trial not in self._results.get(budget, {}):
                self._add(budget, trial, passed)
                if is_finite(passed.value):
                    self._stopped.pop(trial, None)  # it is compared now

    def _last(self, trial: int) -> Reported | None:
        reports = self._courses.of(trial)
        return reports[max(reports)] if reports else None

    def _add(self, budget: Budget, trial: int, report: Reported | None) -> None:
        if report is not None and is_finite(report.value):
            self._results.setdefault(budget, {})[trial] = self._numbers(report)

    def _numbers(self, report: Reported) -> tuple[float, ...]:
        metrics = {self.goals[0].metric: report.value, **report.metrics}
        goals = (_finite_or_nan(metrics.get(goal.metric, math.nan)) for goal in self.goals[1:])
        bounded = (float(metrics.get(each.metric, math.nan)) for each in self.constraints)
        return (report.value, *goals, *bounded)

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
        """The trials that failed, or were stopped before they had any value."""
        return frozenset(self._failed)

    def config(self, trial: int) -> Config:
        """Return a trial's configuration."""
        return self._configs[trial]

    def best(self, trial: int) -> Reported | None:
        """Return the report that gives a trial its value, wherever it stands; None where it has none."""
        return self._best.get(trial)

    def reports(self, trial: int) -> Mapping[int, Reported]:
        """Return a trial's reports by step."""
        return self._courses.of(trial)

    def levels(self) -> dict[Budget, int]:
        """Return how many results there are at each budget, lowest budget first."""
        return {budget: len(self._results[budget]) for budget in sorted(self._results, key=_height)}

    def level(self, least: int, usable: Callable[[Collection[int]], int] = len) -> Level | None:
        """Return the results at the highest budget that has at least `least` of them.

        Where no budget has so many, the one with the most results (of several, the highest) is returned; None where
        there is no result at all.

        Parameters
        ----------
        least : int
            How many results are enough.
        usable : callable
            Returns how many of some trials count: those whose configurations are of the space, once it was edited.
            All, unless given.
        """
        most, chosen = -1, None
        for budget in sorted(self._results, key=_height, reverse=True):
            count = usable(self._results[budget])
            if count >= least:
                return self.at(budget)
            if count > most:
                most, chosen = count, budget
        return self.at(chosen) if self._results else None

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
        with np.errstate(over="ignore"):  # beyond all numbers it is infinite, which is as good an answer
            violations = table[:, len(self.goals) :] - np.array([each.bound for each in self.constraints])
        pending = tuple(trial for trial in self._running if trial not in results)
        stopped = MappingProxyType(dict(self._stopped))
        return Level(budget, trials, objectives[:, 0], objectives, violations, tuple(self._failed), pending, stopped)


def broken(violations: FloatArray) -> FloatArray:
    """Return by how much each result breaks its constraints in all.

    Metrics have units of their own: of each, what is too much counts in shares of the worst that was seen of it.

    Parameters
    ----------
    violations : ndarray of shape (n, constraints)
        As in `Level`; what was not reported is as bad as can be.

    Returns
    -------
    ndarray of shape (n,)
        0 where all hold, and only there; infinite where a metric was not reported.
    """
    excess = np.where(np.isnan(violations), np.inf, violations).clip(0.0)
    scale = np.where(np.isfinite(excess), excess, 0.0).max(axis=0, initial=0.0)
    shares = excess / np.where(scale > 0.0, scale, 1.0)
    # A share may be too small to be a number, and is one of what is broken nevertheless.
    total: FloatArray = np.where(excess > 0.0, np.maximum(shares, _LEAST_SHARE), 0.0).sum(axis=1)
    return total


def within_reach(objectives: FloatArray) -> FloatArray:
    """Return finite objectives, or NaN, in other units where they are so large that sums of them would be none."""
    largest = np.where(np.isnan(objectives), 0.0, np.abs(objectives)).max(axis=0, initial=0.0)
    return objectives * np.where(largest > _LARGE, _SMALLER, 1.0)


def _finite_or_nan(value: float) -> float:
    return float(value) if is_finite(value) else math.nan


def _height(budget: Budget) -> float:
    return _OPEN_ENDED if budget is None else float(budget)
