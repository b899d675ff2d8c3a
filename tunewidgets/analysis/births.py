"""Births: where each trial of an evolution comes from, and whether it turned out better than its parents."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from tunewidgets.analysis.trials import trained
from tunewidgets.history import History, Reported, Trial, better, is_finite

Kind = Literal["random", "mutation", "crossover", "user"]


class Change(NamedTuple):
    """A mutation: this parameter had this value before, and that one after."""

    parameter: str
    before: Any
    after: Any


class Birth(NamedTuple):
    """How one trial came to be.

    Attributes
    ----------
    number : int
        The trial's number.
    kind : str
        "random" (drawn, without parents), "mutation" (of one parent), "crossover" (of two, mutated or not) or "user".
    parents : tuple of int
        Trials; results known before the search have negative numbers.
    generation : int
        0 without parents, else one more than the higher of theirs.
    changes : tuple of Change
        What mutated: beside its one parent, or beside what was crossed of two.
    improved : bool or None
        Whether it is better than its parents: it beats one of them, and none is as good as it. None without parents,
        and where nothing is to be compared (yet).
    """

    number: int
    kind: Kind
    parents: tuple[int, ...]
    generation: int
    changes: tuple[Change, ...]
    improved: bool | None


def births(history: History) -> tuple[Birth, ...]:
    """Tell of every trial where it comes from.

    A child and a parent are compared as far as both have trained, each by its value up to there. One that keeps the
    constraints beats one that does not; among several goals, to beat is to be no worse in any and better in one. A
    child that failed is not better, whatever it was on the way.

    Parameters
    ----------
    history : History
        What has happened; samplers write parents and changes into the notes of their suggestions.

    Returns
    -------
    tuple of Birth
        By number. Costs time proportional to the number of trials, where they were trained equally far.

    Examples
    --------
    >>> births(History())
    ()
    """
    depth: dict[int, int] = {}
    found = []
    judge = _Judge(history)
    for trial in history.trials.values():
        parents = tuple(trial.notes.get("parents", ()))
        depth[trial.number] = 1 + max(depth.get(parent, 0) for parent in parents) if parents else 0
        changed = trial.notes.get("changed", {}).items()
        found.append(
            Birth(
                number=trial.number,
                kind=_kind(trial, parents),
                parents=parents,
                generation=depth[trial.number],
                changes=tuple(Change(name, before, after) for name, (before, after) in changed),
                improved=judge.improved(trial, parents),
            )
        )
    return tuple(found)


def _kind(trial: Trial, parents: Sequence[int]) -> Kind:
    if trial.origin == "user":
        return "user"
    if not parents:
        return "random"
    return "mutation" if len(parents) == 1 else "crossover"


class _Result(NamedTuple):
    """What is compared: whether all constraints are kept, and the goals, smaller is better."""

    feasible: bool
    costs: tuple[float, ...]


_Pair = tuple[_Result, _Result]


class _Judge:
    """Compares children with their parents; what a trial had come to after so many steps is looked up once."""

    def __init__(self, history: History) -> None:
        opened = history.opened
        self._history = history
        self._goals = opened.goals if opened else (history.goal,)
        self._constraints = opened.constraints if opened else ()
        self._known = opened.known if opened else ()
        self._simple = len(self._goals) == 1 and not self._constraints
        self._results: dict[tuple[int, int], _Result | None] = {}

    def improved(self, child: Trial, parents: Sequence[int]) -> bool | None:
        """Tell whether a child beats one of its parents, and none of them is as good as it."""
        if not parents or child.state in ("running", "interrupted"):
            return None
        if child.state == "failed":
            return False
        pairs = [self._pair(child, parent) if parent >= 0 else self._beside_known(child, parent) for parent in parents]
        known = [pair for pair in pairs if pair is not None]
        if len(known) < len(pairs):
            return None
        beats_one = any(_beats(mine, theirs) for mine, theirs in known)
        return beats_one and not any(_beats(theirs, mine) or theirs == mine for mine, theirs in known)

    def _pair(self, child: Trial, parent: int) -> _Pair | None:
        """Return both results as far as both have trained; None where one of them has none there."""
        other = self._history.trials[parent]
        upto = min(trained(child), trained(other))
        mine, theirs = self._result(child, upto), self._result(other, upto)
        return None if mine is None or theirs is None else (mine, theirs)

    def _beside_known(self, child: Trial, parent: int) -> _Pair | None:
        if -parent > len(self._known):
            return None
        known = self._known[-1 - parent]
        as_far = child.state == "completed" if known.budget is None else trained(child) >= known.budget
        mine = self._result(child, trained(child) if known.budget is None else known.budget) if as_far else None
        if mine is None or len(known.values) < len(self._goals) or not all(map(is_finite, known.values)):
            return None
        # What it came to in other metrics nobody has written down: it counts as one that breaks their bounds.
        return mine, _Result(not self._constraints, self._costs(known.values))

    def _result(self, trial: Trial, upto: int) -> _Result | None:
        key = (trial.number, upto)
        if key not in self._results:
            self._results[key] = self._after(trial, upto)
        return self._results[key]

    def _after(self, trial: Trial, upto: int) -> _Result | None:
        """Return what a trial had come to after so many steps."""
        if self._simple and trained(trial) <= upto:  # most are compared so, and nothing needs looking up
            return None if trial.value is None else _Result(feasible=True, costs=self._costs((trial.value,)))
        report = self._counting(trial, upto)
        if report is None:
            return None
        metrics = {**report.metrics, self._goals[0].metric: report.value}
        values = [metrics.get(goal.metric, math.nan) for goal in self._goals]
        if not all(map(is_finite, values)):
            return None
        kept = all(metrics.get(each.metric, math.inf) <= each.bound for each in self._constraints)
        return _Result(kept, self._costs(values))

    def _counting(self, trial: Trial, upto: int) -> Reported | None:
        """Return the report that gives a trial its value if it had stopped after so many steps."""
        best: Reported | None = None
        for report in self._history.reports(trial.number):
            if report.step <= upto and is_finite(report.value):
                known = None if best is None else best.value
                if self._history.rule == "last" or better(report.value, known, self._history.direction):
                    best = report
        return best

    def _costs(self, values: Iterable[float]) -> tuple[float, ...]:
        pairs = zip(values, self._goals, strict=False)
        return tuple(float(value if goal.direction == "min" else -value) for value, goal in pairs)


def _beats(one: _Result, other: _Result) -> bool:
    if one.feasible != other.feasible:
        return one.feasible
    return one.costs != other.costs and all(a <= b for a, b in zip(one.costs, other.costs, strict=True))
