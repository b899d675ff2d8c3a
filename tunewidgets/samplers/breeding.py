"""What the evolutionary samplers have in common: who may be a parent, and how a child comes to be suggested."""

import math
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any, ClassVar, NamedTuple

import numpy as np

from tunewidgets.errors import SpaceError, StrategyError
from tunewidgets.history import Config, Continued, Data, Ended, Event, Started
from tunewidgets.samplers.base import Suggestion, Tried, config_key
from tunewidgets.samplers.observations import Budget, Level, Observations, broken
from tunewidgets.samplers.untried import Untried
from tunewidgets.space import Space

_ATTEMPTS = 64
_BOLDER = 8  # after so many children that were tried already, the next ones differ in one more parameter
_FEW, _MANY = 200, 20_000


class Pool(NamedTuple):
    """Who may be a parent.

    Attributes
    ----------
    trials : tuple of int
        The members, in an order of the sampler's own; results known before the search have negative numbers.
    ranks : tuple of int
        How good each is: 0 is the best. Members of one rank are equals.
    budget : int or None
        The budget at which they were compared.
    room : tuple of float
        How much room each has among those of its rank; empty where nothing is made of that.
    """

    trials: tuple[int, ...]
    ranks: tuple[int, ...]
    budget: Budget
    room: tuple[float, ...] = ()


class Population(NamedTuple):
    """Who lives.

    Attributes
    ----------
    trials : tuple of int
        The members, each once; results known before the search have negative numbers.
    size : int
        How many members there are once the first population is complete.
    """

    trials: tuple[int, ...]
    size: int


class Breeder(ABC):
    """A proposer that draws a first population at random and then makes children of it.

    A trial takes part as soon as it has a result at the budget where the population is compared: the highest at which
    there are enough of them. Trials that failed, or were stopped before anything was compared, leave no children and
    take nobody's place. Trials that the user added, and results known before the search, take part like any other;
    configurations outside a space that was edited do not.
    """

    kind: ClassVar[str]

    def __init__(self) -> None:
        self._seen = Observations()
        self._tried = Tried()
        self._started = 0
        self._members: tuple[Space | None, dict[int, Config | None]] = (None, {})
        self._failed: set[int] = set()

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._seen.apply(event)
        self._tried.apply(event)
        self._started += isinstance(event, Started)
        if isinstance(event, Ended) and event.state == "failed":
            self._failed.add(event.trial)  # it may have been good at a lower budget, and is no parent nevertheless
        elif isinstance(event, Continued) and event.why == "retried":
            self._failed.discard(event.trial)

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:
        """Return up to `n` children, or configurations of the first population."""
        fresh = Untried(space, self._tried)
        size = self._population()
        pool = self._pool(space, size)
        found: list[Suggestion] = []
        for number in range(self._started, self._started + n):
            suggestion = self._bred(space, rng, pool, fresh) if len(pool.trials) >= size else None
            suggestion = suggestion or self._drawn(rng, fresh, number, pool, size)
            if suggestion is None:
                break
            found.append(suggestion)
        return found

    def population(self, space: Space) -> Population:
        """Return who would be a parent if a child were asked for now.

        Parameters
        ----------
        space : Space
            From which it would come: members are configurations of it.

        Returns
        -------
        Population
            Who there is, and how many there are once the first population is complete.
        """
        size = self._population()
        return Population(tuple(dict.fromkeys(self._pool(space, size).trials)), size)

    @abstractmethod
    def _population(self) -> int:
        """Return how many members the population has."""

    @abstractmethod
    def _pool(self, space: Space, size: int) -> Pool:
        """Return who may be a parent; fewer than `size` while the first population is being drawn."""

    @abstractmethod
    def _child(self, space: Space, rng: np.random.Generator, pool: Pool, mutations: int) -> Suggestion:
        """Return a child that differs from its parent, or the mixture of its parents, in so many mutations at least."""

    @property
    def expected(self) -> int:
        """How many trials there may be; where there is no limit, how many there have been."""
        limit = self._seen.limits.trials
        return self._started if limit is None else limit

    def config(self, trial: int) -> Config:
        """Return a member's configuration, as the space has it."""
        config = self._members[1][trial]
        assert config is not None, "only configurations of the space are members"
        return config

    def level(self, space: Space, size: int) -> Level | None:
        """Return the results at the highest budget at which there are enough members, as `Observations.level` does."""
        return self._seen.level(size, lambda trials: len(self.members(space, trials)))

    def members(self, space: Space, trials: Collection[int]) -> list[int]:
        """Return the positions of those trials that did not fail and whose configurations are of the space."""
        if self._members[0] is not space:
            self._members = (space, {})
        known = self._members[1]
        for trial in trials:
            if trial not in known:
                known[trial] = _fitting(space, self._seen.config(trial))
        return [
            position for position, trial in enumerate(trials) if known[trial] is not None and trial not in self._failed
        ]

    def newest(self, space: Space, trials: Sequence[int], most: int) -> list[int]:
        """Return the positions of the newest members among some trials, at most so many, the oldest first.

        Results known before the search are older than all trials; of them, those that were given last are the newest.
        """
        known = bisect_left(trials, 0)
        found: list[int] = []
        for position in chain(range(len(trials) - 1, known - 1, -1), range(known)):
            if len(found) == most:
                break
            if self.members(space, trials[position : position + 1]):
                found.append(position)
        return found[::-1]

    def best(self, space: Space, level: Level, most: int) -> list[int]:
        """Return the positions of the best members at a level, at most so many."""
        found: list[int] = []
        for position in np.lexsort((level.values, broken(level.violations))).tolist():
            if len(found) == most:
                break
            if self.members(space, level.trials[position : position + 1]):
                found.append(position)
        return found

    def _bred(self, space: Space, rng: np.random.Generator, pool: Pool, fresh: Untried) -> Suggestion | None:
        again: list[int] = []
        for attempt in range(_ATTEMPTS):
            child = self._child(space, rng, pool, 1 + attempt // _BOLDER)
            parents = {config_key(self.config(trial)) for trial in child.notes["parents"]}
            if config_key(child.config) not in parents and fresh.take(child.config):
                return Suggestion(child.config, {**child.notes, "again": again}) if again else child
            pool = self._found_again(space, pool, child.config, again)
        return None

    def _found_again(self, space: Space, pool: Pool, config: Config, again: list[int]) -> Pool:  # noqa: ARG002 - for those who care
        """Return the pool after a child turned out to be known; what it changes is noted down in `again`."""
        return pool

    def _drawn(self, rng: np.random.Generator, fresh: Untried, number: int, pool: Pool, size: int) -> Suggestion | None:
        config = fresh.take_any(rng)
        if config is None:
            return None
        notes: dict[str, Any] = {"kind": self.kind, "parents": [], "phase": "left", "population": size}
        if len(pool.trials) < size:
            notes.update(phase="first", number=number, results=len(set(pool.trials)))
        return Suggestion(config, notes)


def standing(level: Level, positions: Sequence[int]) -> tuple[int, ...]:
    """Return the ranks of some results by the first goal: 0 for the best, the same for equals.

    What breaks constraints is behind all that keep them; of two such, the one that breaks them by less is better. An
    unreported metric breaks its constraint.
    """
    chosen = np.asarray(positions, dtype=np.int64)
    keys = np.column_stack([broken(level.violations[chosen]), level.values[chosen]])
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    ordered = keys[order]
    ranks = np.zeros(len(order), dtype=np.int64)
    ranks[order[1:]] = np.cumsum((ordered[1:] != ordered[:-1]).any(axis=1))
    return tuple(ranks.tolist())


def scaled(small: int, large: int, trials: int) -> int:
    """Return a number that is `small` for up to 200 trials, `large` from 20,000 on, and in proportion between.

    Between the two it grows by the same factor whenever the trials double.
    """
    share = math.log(max(trials, 1) / _FEW) / math.log(_MANY / _FEW)
    grown: float = small * (large / small) ** min(max(share, 0.0), 1.0)
    return round(grown)


def difference(parent: Config, child: Config) -> dict[str, Any]:
    """Return how a child differs from its parent, as notes: what changed, what it gained and what it lost."""
    return {
        "changed": {
            name: [parent[name], child[name]] for name in child if name in parent and _differ(name, parent, child)
        },
        "gained": {name: child[name] for name in child if name not in parent},
        "lost": [name for name in parent if name not in child],
    }


def check_whole(name: str, value: Any, least: int, *, none: bool = True) -> None:
    """Refuse what is no integer of at least `least`, nor None where `none` allows it.

    Raises
    ------
    StrategyError
        It is neither.
    """
    if value is None and none:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise StrategyError(f"{name} must be an integer of at least {least}{', or None' * none}, not {value!r}")


def check_share(name: str, value: Any, *, zero: bool = True) -> None:
    """Refuse what is no number from 0 to 1.

    Raises
    ------
    StrategyError
        It is none, or it is 0 where that makes no sense.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0 or not (zero or value):
        least = "from 0" if zero else "above 0 and up"
        raise StrategyError(f"{name} must be a number {least} to 1, not {value!r}")


def _differ(name: str, parent: Config, child: Config) -> bool:
    return config_key({name: parent[name]}) != config_key({name: child[name]})


def _fitting(space: Space, config: Config) -> Config | None:
    try:
        return space.validate(config)
    except SpaceError:
        return None


def notes_of(kind: str, parents: Sequence[int], pool: Pool, **more: Any) -> Data:
    """Return a child's notes: its parents, the population they come from, and what is said of the child besides."""
    ranks = [pool.ranks[pool.trials.index(parent)] + 1 for parent in parents]
    shared = {"kind": kind, "parents": list(parents), "ranks": ranks, "population": len(pool.trials)}
    return {**shared, "budget": pool.budget, **more}
