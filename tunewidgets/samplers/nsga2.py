"""NSGA-II: several goals at once, by fronts and by the room on them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.samplers.base import Suggestion
from tunewidgets.samplers.breeding import Breeder, Pool, check_whole, notes_of, scaled
from tunewidgets.samplers.crossover import How
from tunewidgets.samplers.mating import Mating, offspring
from tunewidgets.samplers.mutation import STEP
from tunewidgets.samplers.observations import FloatArray, Level, broken, within_reach
from tunewidgets.space import Space

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NSGA2:
    """NSGA-II: parents from the better fronts and, on one front, from where there is most room.

    One result **dominates** another where it is no worse in any goal and better in one. The first front is what nothing
    dominates, the second what nothing but the first does, and so on. A result that breaks a constraint is behind all
    that keep them. After every `population` results the best of the old population and of these make the new one;
    results that have come since then take part already, so that nothing waits for a generation to be complete. With
    one goal it is a genetic algorithm in which only the best survive.

    Parameters
    ----------
    population : int, optional
        How many members there are. Unless given, 20 for up to 200 trials and 100 from 20,000 on (see `Evolution`).
    crossover : {"sbx", "uniform", "blend"}
        How numbers are crossed; see `tunewidgets.samplers.crossover.cross`.
    crossover_rate, mutation_rate, step
        As for `Genetic`.

    Raises
    ------
    StrategyError
        A setting is out of range.

    References
    ----------
    Deb, Pratap, Agarwal, Meyarivan: A fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE Transactions on
    Evolutionary Computation 6, 2002 (fronts, crowding, constraint domination, crossover rate 0.9, mutation 1 / n).

    Examples
    --------
    >>> NSGA2(population=40).to_json()["population"]
    40
    """

    population: int | None = None
    crossover: How = "sbx"
    crossover_rate: float = 0.9
    mutation_rate: float | None = None
    step: float = STEP

    def __post_init__(self) -> None:
        self.mating.check()
        check_whole("population", self.population, 1)

    @property
    def mating(self) -> Mating:
        """How two become one."""
        return Mating(self.crossover, self.crossover_rate, self.mutation_rate, self.step)

    def begin(self) -> "NSGA2Proposer":
        """Return an empty proposer."""
        return NSGA2Proposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "nsga2", "population": self.population, **self.mating._asdict()}


class NSGA2Proposer(Breeder):
    """The survivors of all results so far, and their matings."""

    kind = "nsga2"

    def __init__(self, settings: NSGA2) -> None:
        super().__init__()
        self._settings = settings
        self._folded: Folded | None = None

    def _population(self) -> int:
        return self._settings.population or scaled(20, 100, self.expected)

    def _pool(self, space: Space, size: int) -> Pool:
        level = self.level(space, size)
        if level is None:
            return Pool((), (), None)
        positions = self.members(space, level.trials)
        table = results(level, positions)
        self._folded = fold(table, size, self._folded)
        kept = self._folded.survivors(table, size)
        ranks, room = crowded(table[kept])
        trials = tuple(level.trials[positions[member]] for member in kept.tolist())
        return Pool(trials, tuple(ranks.tolist()), level.budget, tuple(room.tolist()))

    def _child(self, space: Space, rng: np.random.Generator, pool: Pool, mutations: int) -> Suggestion:
        first, second = self._winner(rng, pool), self._winner(rng, pool)
        mated = offspring(space, self.config(first), self.config(second), rng, self._settings.mating, mutations)
        parents = [first] if mated.crossed is None else [first, second]
        return Suggestion(mated.config, notes_of(self.kind, parents, pool, **mated.notes(parents)))

    @staticmethod
    def _winner(rng: np.random.Generator, pool: Pool) -> int:
        drawn: list[int] = rng.integers(len(pool.trials), size=2).tolist()
        return pool.trials[min(drawn, key=lambda member: (pool.ranks[member], -pool.room[member]))]


class Folded(NamedTuple):
    """The generations so far: a cache, which says nothing that the results do not say.

    Attributes
    ----------
    table : ndarray of shape (n, 1 + goals)
        The results that they were made from.
    size : int
        How many members a generation has.
    generations : list of ndarray
        The rows that survived after size, 2 size, 3 size ... results.
    """

    table: FloatArray
    size: int
    generations: list[IntArray]

    def survivors(self, table: FloatArray, size: int) -> IntArray:
        """Return the rows that make up the population now, in their order."""
        done = len(self.generations) * size
        last = self.generations[-1] if self.generations else np.empty(0, dtype=np.int64)
        return select(table, np.concatenate([last, np.arange(done, len(table))]), size)


def fold(table: FloatArray, size: int, before: Folded | None) -> Folded:
    """Return the generations of these results; those that earlier results share are taken over."""
    generations: list[IntArray] = []
    if before is not None and before.size == size:
        generations = before.generations[: _shared(table, before.table) // size]
    for end in range((len(generations) + 1) * size, len(table) + 1, size):
        last = generations[-1] if generations else np.empty(0, dtype=np.int64)
        generations.append(select(table, np.concatenate([last, np.arange(end - size, end)]), size))
    return Folded(table, size, generations)


def results(level: Level, positions: list[int]) -> FloatArray:
    """Return a row for each result: by how much it breaks constraints, and its goals; unreported ones are infinite."""
    table = np.column_stack([broken(level.violations), level.objectives])[positions]
    return np.where(np.isnan(table), np.inf, table)


def select(table: FloatArray, rows: IntArray, size: int) -> IntArray:
    """Return the `size` best of some rows, ascending: by front, then by room."""
    if len(rows) <= size:
        return rows
    ranks, room = crowded(table[rows])
    return np.sort(rows[np.lexsort((-room, ranks))[:size]])


def crowded(table: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the front of each row, 0 for the first, and its room there (the crowding distance).

    What keeps the constraints comes first; what breaks them follows in the order of how much, equals on one front.
    """
    from tunewidgets.surrogate.pareto import crowding_distance  # noqa: PLC0415 - scipy comes with it

    keeps = table[:, 0] <= 0.0
    goals = _finite(table[:, 1:])
    ranks = np.empty(len(table), dtype=np.int64)
    ranks[keeps] = _fronts(goals[keeps])
    breaks = np.unique(table[~keeps, 0], return_inverse=True)[1]
    ranks[~keeps] = breaks + (ranks[keeps].max() + 1 if keeps.any() else 0)
    room = np.empty(len(table))
    for rank in np.unique(ranks):
        room[ranks == rank] = crowding_distance(goals[ranks == rank])
    return ranks, room


def _fronts(goals: FloatArray) -> IntArray:
    from tunewidgets.surrogate.pareto import non_dominated_sort  # noqa: PLC0415 - scipy comes with it

    if goals.shape[1] == 1:
        return np.unique(goals[:, 0], return_inverse=True)[1].astype(np.int64)
    return non_dominated_sort(goals)


def _finite(goals: FloatArray) -> FloatArray:
    """Return the goals with something worse than all others in place of what was not reported."""
    known = np.isfinite(goals)
    goals = within_reach(np.where(known, goals, 0.0))
    return np.where(known, goals, 2.0 * np.abs(goals).max(axis=0, initial=0.0) + 1.0)


def _shared(table: FloatArray, before: FloatArray) -> int:
    """Return how many first rows two tables share."""
    common = min(len(table), len(before))
    differs = np.flatnonzero((table[:common] != before[:common]).any(axis=1))
    return int(differs[0]) if len(differs) else common
