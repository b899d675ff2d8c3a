"""A grid by number: its size, and the configuration at any place, without going through the others."""

import hashlib
from collections.abc import Mapping
from typing import Any

from tunewidgets.space import Space
from tunewidgets.space.grid import DEFAULT_LEVELS
from tunewidgets.space.numeric import Number

# The parameters that are still open, by name, each with the parents whose values are not known yet.
Pending = frozenset[tuple[str, frozenset[str]]]

_ROUNDS = 8


class GridIndex:
    """The configurations of a grid, numbered from 0.

    Parameters
    ----------
    space : Space
        The space.
    levels : int or mapping of str to int
        As for `Space.grid`.

    Raises
    ------
    SpaceError
        As for `Space.grid`.

    Notes
    -----
    Parameters that do not depend on one another are the digits of a number. In a group that does, one is taken that
    waits for no other; its values follow one another, each with as many numbers as there are ways to fill the rest of
    the group under it. Nothing is listed but the levels of each parameter.

    Examples
    --------
    >>> grid = GridIndex(Space(kind=Choice(["a", "b"]), n=Int(1, 2).when(kind="b")), 10)
    >>> [grid.config(number) for number in range(grid.size)]
    [{'kind': 'a'}, {'kind': 'b', 'n': 1}, {'kind': 'b', 'n': 2}]
    """

    def __init__(self, space: Space, levels: int | Mapping[str, int]) -> None:
        space.grid(levels)  # refuses levels that make no sense
        self._levels = {name: _levels(space, name, levels) for name in space}
        self._rules = {name: _rules(space, name) for name in space}
        self._order = {name: place for place, name in enumerate(space)}
        self._counts: dict[Pending, int] = {}
        self._all: Pending = frozenset((name, frozenset(rules)) for name, rules in self._rules.items())
        self.size = self._count(self._all)

    def config(self, number: int) -> dict[str, Any]:
        """Return the configuration with that number, from 0 to `size` - 1."""
        config: dict[str, Any] = {}
        self._fill(self._all, number, config)
        return {name: config[name] for name in self._order if name in config}

    def _count(self, pending: Pending) -> int:
        number = 1
        for group in self._groups(pending):
            number *= self._group_count(group)
        return number

    def _group_count(self, group: Pending) -> int:
        if group not in self._counts:
            self._counts[group] = sum(len(values) * self._count(rest) for values, rest in self._branches(group)[1])
        return self._counts[group]

    def _fill(self, pending: Pending, number: int, config: dict[str, Any]) -> None:
        for group in self._groups(pending):
            number, place = divmod(number, self._group_count(group))
            root, ways = self._branches(group)
            for values, rest in ways:
                each = self._count(rest)
                if place < len(values) * each:
                    value, below = divmod(place, each)
                    config[root] = values[value]
                    self._fill(rest, below, config)
                    break
                place -= len(values) * each

    def _branches(self, group: Pending) -> tuple[str, list[tuple[list[Any], Pending]]]:
        """Return a parameter that waits for no other, and its values with what is open under them."""
        waits_of = dict(group)
        free = [name for name in waits_of if not waits_of[name]]
        children = {name: [other for other in waits_of if name in waits_of[other]] for name in free}
        root = max(free, key=lambda name: (len(children[name]), -self._order[name]))
        values: dict[frozenset[str], list[Any]] = {}
        for value in self._levels[root]:
            active = frozenset(child for child in children[root] if value in self._rules[child][root])
            values.setdefault(active, []).append(value)
        rest = {name: waits for name, waits in waits_of.items() if name != root}
        return root, [(each, _after(rest, root, set(children[root]) - active)) for active, each in values.items()]

    def _groups(self, pending: Pending) -> list[Pending]:
        """Split what is open into groups that do not depend on one another, in the order of the space."""
        waits_of = dict(pending)
        links: dict[str, set[str]] = {name: set(waits) for name, waits in pending}
        for name, waits in pending:
            for parent in waits:
                links[parent].add(name)
        groups: list[Pending] = []
        seen: set[str] = set()
        for start in sorted(links, key=self._order.__getitem__):
            if start not in seen:
                group = _linked(start, links)
                seen |= group
                groups.append(frozenset((name, waits_of[name]) for name in group))
        return groups


def shuffled(place: int, size: int, key: bytes) -> int:
    """Return which of `size` numbers stands at a place of a random order: a permutation that is listed nowhere.

    Parameters
    ----------
    place : int
        From 0 to `size` - 1.
    size : int
        How many there are.
    key : bytes
        Chooses the order; at most 64.

    Notes
    -----
    A Feistel network permutes the smallest power of four that holds all numbers; what falls outside is sent through it
    again until it falls inside (Black, Rogaway: Ciphers with arbitrary finite domains, CT-RSA 2002).
    """
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    number = place
    while True:
        left, right = number >> half, number & ((1 << half) - 1)
        for turn in range(_ROUNDS):
            left, right = right, left ^ _scrambled(right, turn, half, key)
        number = left << half | right
        if number < size:
            return number


def _scrambled(number: int, turn: int, bits: int, key: bytes) -> int:
    length = (bits + 7) // 8
    digest = hashlib.blake2b(bytes([turn]) + number.to_bytes(length, "little"), key=key).digest()
    while len(digest) < length:  # more digits than the hash has: a grid beyond 2^1000 points
        digest += hashlib.blake2b(digest, key=key).digest()
    return int.from_bytes(digest, "little") & ((1 << bits) - 1)


def _levels(space: Space, name: str, levels: int | Mapping[str, int]) -> list[Any]:
    parameter = space[name]
    if not isinstance(levels, Mapping):
        return parameter.levels(levels)
    if name in levels and isinstance(parameter, Number):
        return parameter.points(levels[name])
    return parameter.levels(DEFAULT_LEVELS)


def _rules(space: Space, name: str) -> dict[str, frozenset[Any]]:
    rules: dict[str, frozenset[Any]] = {}
    for condition in space[name].conditions:
        values = frozenset(space[condition.parent].normalise(value) for value in condition.values)
        rules[condition.parent] = rules.get(condition.parent, values) & values
    return rules


def _after(rest: Mapping[str, frozenset[str]], root: str, inactive: set[str]) -> Pending:
    """Return what is open once the root's value is known: the inactive go, and those that need them."""
    gone = set(inactive)
    while more := {name for name, waits in rest.items() if name not in gone and waits & gone}:
        gone |= more
    return frozenset((name, waits - {root}) for name, waits in rest.items() if name not in gone)


def _linked(start: str, links: Mapping[str, set[str]]) -> set[str]:
    group, frontier = {start}, [start]
    while frontier:
        new = links[frontier.pop()] - group
        group |= new
        frontier.extend(new)
    return group
