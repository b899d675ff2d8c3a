"""Conditions inferred from runs: under which values of which parents a build function asks for a parameter.

For one parameter, the runs that asked for it are the positive ones, those that did not (while its conditional scopes
held) the negative ones. A parent must have been asked for earlier in every positive run. The condition on a parent
names the values it had in positive runs, so no positive run is ever excluded; the parents chosen are as few as it takes
to exclude all negative ones. Every condition is then verified, by trying all the parent's values in the run in which
the parameter was met first.
"""

import itertools
from collections.abc import Mapping
from typing import Any

from tunewidgets.objectives.probe_known import MOST_LISTED, MOST_SEARCHED, MOST_VALUES, Known, holds
from tunewidgets.objectives.probe_runs import Key, Run, Runs, key_of
from tunewidgets.space import Condition, Parameter

Line = dict[Key, bool]
# The values of a parent under which the parameter is asked for; None: whatever it has, as long as it is active.
Allowed = frozenset[Key] | None


class Inference:
    """Infers the conditions of one parameter.

    Parameters
    ----------
    name : str
        The parameter.
    known : Known
        What has been met; new runs are noted there.
    runs : Runs
        What has been run, and how to run more.
    """

    def __init__(self, name: str, known: Known, runs: Runs) -> None:
        self.name = name
        self._known = known
        self._runs = runs
        self._explicit = known.explicit(name)
        self._verified: dict[str, Allowed] = {}
        self._unnamed: list[str] = []

    def conditions(
        self, inferred: Mapping[str, tuple[Condition, ...]], *, verify: bool = True
    ) -> tuple[tuple[Condition, ...], str | None]:
        """Return the conditions, those of the scopes first, and in words what they fail to express.

        Parameters
        ----------
        inferred : mapping
            The conditions of the parameters that are asked for before this one.
        verify : bool
            Whether to try the parents' values; without, only parents whose values have all been met are used.

        Raises
        ------
        OutOfTime
            Values that had to be tried were not.
        """
        if not verify:
            self._verify_by_what_was_met()
        chosen, missed = self._cover()
        while any(parent not in self._verified for parent in chosen):
            for parent in chosen:
                if parent not in self._verified:
                    self._verified[parent] = self._allowed(parent)
            chosen, missed = self._cover()
        conditions = list(self._explicit)
        for parent in sorted(chosen, key=list(self._known.parameters).index):
            own = self._condition(parent, inferred)
            conditions += [condition for condition in own if condition not in conditions]
        return tuple(conditions), self._doubt(conditions) if missed else None

    def _cover(self) -> tuple[list[str], set[Run]]:
        """Return the fewest parents that exclude the negative runs, greedily, and the runs that none excludes."""
        positive, negative = self._split()
        excluded = {}
        for parent in self._candidates(positive):
            allowed = self._values(parent, positive)
            excluded[parent] = {run for run in negative if _excludes(parent, allowed, run)}
        left, chosen = set(negative), list[str]()
        while left:
            gains = {parent: _gain(parent, excluded[parent] & left) for parent in excluded}
            best = max(gains, key=lambda parent: gains[parent], default=None)
            if best is None or gains[best][0] == 0:
                break
            chosen.append(best)
            left -= excluded[best]
        return _without_spare(chosen, excluded), left

    def _split(self) -> tuple[list[Run], list[Run]]:
        positive = [run for run in self._runs.done if self.name in run.values]
        negative = [
            run
            for run in self._runs.done
            if not run.partial and self.name not in run.values and holds(self._explicit, run.values)
        ]
        return positive, negative

    def _candidates(self, positive: list[Run]) -> list[str]:
        """Return the parameters that every positive run asked for before this one; the nearest first."""
        earlier = [_before(self.name, run) for run in positive]
        common = set(earlier[0]).intersection(*earlier) if earlier else set()
        return [name for name in reversed(earlier[0]) if name in common] if earlier else []

    def _values(self, parent: str, positive: list[Run]) -> Allowed:
        verified = self._verified.get(parent, frozenset())
        if verified is None:
            return None
        return verified | {key_of(run.values[parent]) for run in positive}

    def _verify_by_what_was_met(self) -> None:
        for parent in self._candidates(self._split()[0]):
            parameter = self._known.parameters[parent]
            met = {key_of(run.values[parent]) for run in self._runs.done if parent in run.values}
            if parent not in self._verified:
                self._verified[parent] = frozenset() if len(met) == parameter.size else None

    def _allowed(self, parent: str) -> Allowed:
        """Return the parent's values under which this parameter is asked for, as far as a condition can name them."""
        parameter = self._known.parameters[parent]
        line = self._line(parent, parameter)
        if all(line.values()):
            return None
        levels = parameter.levels() if parameter.size <= MOST_SEARCHED else []
        allowed = _filled(levels, line)
        if 0 < len(allowed) <= MOST_VALUES:
            return allowed
        self._unnamed.append(parent)
        return None

    def _line(self, parent: str, parameter: Parameter) -> Line:
        """Try the parent's values in the run that met this parameter; between two that differ, find the boundary."""
        line: Line = {key_of(self._known.witnesses[self.name][parent]): True}
        values = self._known.to_try(parent)
        for value in values:
            self._try(parent, value, line)
        if len(set(line.values())) == 1 or parameter.size <= len(values):
            return line
        if parameter.size <= MOST_LISTED:
            for value in parameter.levels():
                self._try(parent, value, line)
        elif parameter.size <= MOST_SEARCHED:
            self._bisect(parent, parameter.levels(), line)
        return line

    def _bisect(self, parent: str, levels: list[Any], line: Line) -> None:
        tried = [index for index, level in enumerate(levels) if key_of(level) in line]
        for low, high in itertools.pairwise(tried):
            first, last = low, high
            if line[key_of(levels[low])] == line[key_of(levels[high])]:
                continue
            while last - first > 1:
                middle = (first + last) // 2
                self._try(parent, levels[middle], line)
                same = line[key_of(levels[middle])] == line[key_of(levels[low])]
                first, last = (middle, last) if same else (first, middle)

    def _try(self, parent: str, value: Any, line: Line) -> None:
        if key_of(value) in line:
            return
        run, _ = self._runs.run({**self._known.witnesses[self.name], parent: value})
        self._known.note(run)
        # A run that ended before it came to this parameter says nothing about it: nothing is excluded for it.
        line[key_of(value)] = self.name in run.values or run.partial

    def _condition(self, parent: str, inferred: Mapping[str, tuple[Condition, ...]]) -> tuple[Condition, ...]:
        allowed = self._values(parent, self._split()[0])
        parameter = self._known.parameters[parent]
        if allowed is not None and len(allowed) < parameter.size:
            levels = [level for level in parameter.levels() if key_of(level) in allowed]
            return (Condition(parent, tuple(levels)),)
        # It is asked for wherever the parent is: what the parent depends on says it better than all its values.
        return inferred.get(parent, ())

    def _doubt(self, conditions: list[Condition]) -> str:
        why = (
            f"depends on {' and '.join(map(repr, self._unnamed))} in a way that no short list of values expresses"
            if self._unnamed
            else "is not asked for in every case, and no conditions on single parameters say when"
        )
        known = " and ".join(condition.to_text() for condition in conditions)
        return f"{self.name!r} {why}; it is searched {f'wherever {known}' if known else 'always'}."


def _before(name: str, run: Run) -> list[str]:
    names = list(run.values)
    return names[: names.index(name)]


def _excludes(parent: str, allowed: Allowed, run: Run) -> bool:
    return parent not in run.values or (allowed is not None and key_of(run.values[parent]) not in allowed)


def _gain(parent: str, gained: set[Run]) -> tuple[int, int]:
    """Return how many runs a parent excludes, and how many of them by its value, not by its absence."""
    return len(gained), sum(parent in run.values for run in gained)


def _without_spare(chosen: list[str], excluded: Mapping[str, set[Run]]) -> list[str]:
    """Return the parents without those of which the others exclude all that they do."""
    kept = list(chosen)
    for parent in chosen:
        others = set[Run]().union(*(excluded[other] for other in kept if other != parent))
        if excluded[parent] <= others:
            kept.remove(parent)
    return kept


def _filled(levels: list[Any], line: Line) -> frozenset[Key]:
    """Return the levels under which the parameter is asked for; one not tried goes by the tried one below it."""
    allowed: list[Key] = []
    state = False
    for level in levels:
        state = line.get(key_of(level), state)
        if state:
            allowed.append(key_of(level))
    return frozenset(allowed)
