"""How many distinct configurations a space has, without making them."""

import math
from collections.abc import Iterable
from typing import Any

from tunewidgets.space.structure import Entry

# For each parameter not yet counted, the parents whose values are still open.
Pending = frozenset[tuple[str, frozenset[str]]]


def count_configurations(entries: Iterable[Entry]) -> int | float:
    """Return the number of distinct configurations; infinite where a continuous parameter can be active.

    Parameters that do not depend on one another multiply. In a group that does, one parameter is taken that waits for
    no other, and the counts under its values are added; values under which the same children are active are taken
    together. So the work grows with the parents that share children, not with the number of configurations.
    """
    entries = tuple(entries)
    counter = _Counter(entries)
    return counter.count(frozenset((entry.name, frozenset(parent for parent, _ in entry.rules)) for entry in entries))


class _Counter:
    """The recursion and what it has worked out so far."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self._parameters = {entry.name: entry.parameter for entry in entries}
        self._rules = {entry.name: dict(entry.rules) for entry in entries}
        self._known: dict[Pending, int | float] = {}

    def count(self, pending: Pending) -> int | float:
        """Return the number of ways to fill the parameters that are pending."""
        number: int | float = 1
        for group in _groups(pending):
            number = _times(number, self._group(group))
        return number

    def _group(self, group: Pending) -> int | float:
        if len(group) == 1:
            return self._parameters[next(iter(group))[0]].size
        if group not in self._known:
            self._known[group] = self._branch(dict(group))
        return self._known[group]

    def _branch(self, group: dict[str, frozenset[str]]) -> int | float:
        """Add up the counts under the values of one parameter that waits for no other."""
        children = {
            name: [child for child, waits in group.items() if name in waits]
            for name, waits in sorted(group.items())
            if not waits
        }
        root = max(children, key=lambda name: len(children[name]))
        rest = {name: waits for name, waits in group.items() if name != root}
        ways = [
            _times(number, self.count(self._after(rest, root, children[root], active)))
            for active, number in self._outcomes(root, children[root])
        ]
        return sum(ways)

    def _outcomes(self, root: str, children: list[str]) -> list[tuple[frozenset[str], int | float]]:
        """Return each set of children that some value of the root makes active, and the number of such values."""
        allowed = {child: self._rules[child][root] for child in children}
        named: set[Any] = set().union(*allowed.values())
        counts: dict[frozenset[str], int | float] = {}
        for value in named:
            active = frozenset(child for child in children if value in allowed[child])
            counts[active] = counts.get(active, 0) + 1
        other = self._parameters[root].size - len(named)
        if other:
            counts[frozenset()] = other
        return list(counts.items())

    @staticmethod
    def _after(rest: dict[str, frozenset[str]], root: str, children: list[str], active: frozenset[str]) -> Pending:
        """Return what is pending once the root's value is known: the inactive go, and those that need them."""
        gone = set(children) - active
        while more := {name for name, waits in rest.items() if name not in gone and waits & gone}:
            gone |= more
        return frozenset((name, waits - {root}) for name, waits in rest.items() if name not in gone)


def _times(left: float, right: float) -> int | float:
    # Python cannot multiply infinity by an integer beyond the floats.
    return math.inf if math.inf in (left, right) else left * right


def _groups(pending: Pending) -> list[Pending]:
    """Split what is pending into groups that do not depend on one another."""
    links: dict[str, set[str]] = {name: set(waits) for name, waits in pending}
    for name, waits in pending:
        for parent in waits:
            links[parent].add(name)
    waits_of = dict(pending)
    groups, seen = [], set[str]()
    for start in links:
        if start in seen:
            continue
        group, frontier = {start}, [start]
        while frontier:
            new = links[frontier.pop()] - group
            group |= new
            frontier.extend(new)
        seen |= group
        groups.append(frozenset((name, waits_of[name]) for name in group))
    return groups
