"""A genetic algorithm: tournaments, crossover, mutation, and an elite that does not age."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.samplers.base import Suggestion
from tunewidgets.samplers.breeding import (
    Breeder,
    Pool,
    check_whole,
    notes_of,
    scaled,
    standing,
)
from tunewidgets.samplers.crossover import How
from tunewidgets.samplers.mating import Mating, offspring
from tunewidgets.samplers.mutation import STEP
from tunewidgets.space import Space


@dataclass(frozen=True, slots=True)
class Genetic:
    """A steady-state genetic algorithm: the winners of two tournaments have a child, which joins once it has a result.

    The population is the `elite` best trials so far and, for the other places, the newest ones: whatever joins, the
    oldest outside the elite dies. No trial waits for a generation to be complete.

    Parameters
    ----------
    population : int, optional
        How many members there are. Unless given, 20 for up to 200 trials and 100 from 20,000 on (see `Evolution`).
    elite : int, optional
        How many of the best never die; a tenth of the population, at least 1, unless given.
    tournament : int
        How many members, drawn with replacement, compete to be a parent.
    crossover : {"blend", "uniform", "sbx"}
        How numbers are crossed; see `tunewidgets.samplers.crossover.cross`.
    crossover_rate : float
        How often a child has two parents; otherwise it has one.
    mutation_rate : float, optional
        The chance of each parameter to be mutated; 1 / (number of active ones) unless given. Where chance changes
        nothing in a child of one parent, one parameter is mutated.
    step : float
        The standard deviation of a numeric mutation, as a share of the parameter's scale.

    Raises
    ------
    StrategyError
        A setting is out of range, or `elite` exceeds `population`.

    References
    ----------
    Goldberg, Deb: A comparative analysis of selection schemes used in genetic algorithms, FOGA 1, 1991 (tournaments);
    Syswerda: A study of reproduction in generational and steady-state genetic algorithms, the same volume; Eshelman,
    Schaffer 1993 (blend crossover); Muehlenbein: How genetic algorithms really work, PPSN 2, 1992 (rate 1 / n).

    Examples
    --------
    >>> Genetic(population=30, elite=3).to_json()["elite"]
    3
    """

    population: int | None = None
    elite: int | None = None
    tournament: int = 3
    crossover: How = "blend"
    crossover_rate: float = 0.9
    mutation_rate: float | None = None
    step: float = STEP

    def __post_init__(self) -> None:
        self.mating.check()
        check_whole("population", self.population, 1)
        check_whole("elite", self.elite, 0)
        check_whole("tournament", self.tournament, 1, none=False)
        if self.population is not None and self.elite is not None and self.elite > self.population:
            raise StrategyError(f"elite={self.elite} does not fit into a population of {self.population}")

    def begin(self) -> "GeneticProposer":
        """Return an empty proposer."""
        return GeneticProposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {
            "name": "genetic",
            "population": self.population,
            "elite": self.elite,
            "tournament": self.tournament,
            **self.mating._asdict(),
        }

    @property
    def mating(self) -> Mating:
        """How two become one."""
        return Mating(self.crossover, self.crossover_rate, self.mutation_rate, self.step)


class GeneticProposer(Breeder):
    """The best and the newest trials with results, and their matings."""

    kind = "genetic"

    def __init__(self, settings: Genetic) -> None:
        super().__init__()
        self._settings = settings

    def _population(self) -> int:
        if self._settings.population is not None:
            return self._settings.population
        return max(scaled(20, 100, self.expected), self._settings.elite or 1)

    def _pool(self, space: Space, size: int) -> Pool:
        level = self.level(space, size)
        if level is None:
            return Pool((), (), None)
        elite = max(1, size // 10) if self._settings.elite is None else self._settings.elite
        best = self.best(space, level, elite)
        newest = self.newest(space, level.trials, size)
        others = [position for position in newest if position not in best]
        chosen = sorted(best + others[max(0, len(best) + len(others) - size) :])
        trials = tuple(level.trials[position] for position in chosen)
        return Pool(trials, standing(level, chosen), level.budget)

    def _child(self, space: Space, rng: np.random.Generator, pool: Pool, mutations: int) -> Suggestion:
        first, second = self._winner(rng, pool), self._winner(rng, pool)
        mated = offspring(space, self.config(first), self.config(second), rng, self._settings.mating, mutations)
        parents = [first] if mated.crossed is None else [first, second]
        return Suggestion(mated.config, notes_of(self.kind, parents, pool, **mated.notes(parents)))

    def _winner(self, rng: np.random.Generator, pool: Pool) -> int:
        drawn: list[int] = rng.integers(len(pool.trials), size=self._settings.tournament).tolist()
        return pool.trials[min(drawn, key=lambda member: pool.ranks[member])]
