"""Regularized evolution: children of good parents, and the oldest makes room."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import Config, Event, Opened, Started
from tunewidgets.samplers.base import Suggestion, config_key
from tunewidgets.samplers.breeding import (
    Breeder,
    Pool,
    check_share,
    check_whole,
    difference,
    notes_of,
    scaled,
    standing,
)
from tunewidgets.samplers.mutation import STEP, mutate
from tunewidgets.samplers.observations import Level
from tunewidgets.space import Space


@dataclass(frozen=True, slots=True)
class Evolution:
    """Regularized (aging) evolution: the best of a few members drawn from the newest trials has a child.

    The population is the newest `population` trials that have results: whatever joins, the oldest dies, however good it
    is, so only what is found again and again stays. A child differs from its parent in one parameter. One that was
    tried before is not tried again: as its value is known, it is born again at once, and the next tournament follows;
    after several of these, children differ in more parameters. No trial waits for another.

    Parameters
    ----------
    population : int, optional
        How many members there are. Unless given, it follows the number of trials that the search may have (those it
        had so far, where that has no limit): 10 up to 200 trials, 100 from 20,000 on, in proportion to a power of the
        trials between.
    sample : int, optional
        How many members, drawn with replacement, compete to be the parent. Unless given, 3 up to 200 trials and 25
        from 20,000 on; never more than the population.
    step : float
        The standard deviation of a numeric mutation, as a share of the parameter's scale.

    Raises
    ------
    StrategyError
        A setting is out of range, or `sample` exceeds `population`.

    Notes
    -----
    The members are compared at the highest budget at which enough trials have results, and age in the order in
    which they were started; results known before the search are older, in the order in which they were given.

    References
    ----------
    Real, Aggarwal, Huang, Le: Regularized evolution for image classifier architecture search, AAAI 2019 (population
    100, sample 25 for 20,000 models). Dong, Yang: NAS-Bench-201, ICLR 2020 (10 and 3 for a few hundred).

    Examples
    --------
    >>> Evolution(population=20, sample=5).to_json()
    {'name': 'evolution', 'population': 20, 'sample': 5, 'step': 0.2}
    """

    population: int | None = None
    sample: int | None = None
    step: float = STEP

    def __post_init__(self) -> None:
        check_whole("population", self.population, 1)
        check_whole("sample", self.sample, 1)
        check_share("step", self.step, zero=False)
        if self.population is not None and self.sample is not None and self.sample > self.population:
            raise StrategyError(
                f"sample={self.sample} members cannot be drawn from a population of {self.population}: give a smaller "
                "sample or a larger population"
            )

    def begin(self) -> "EvolutionProposer":
        """Return an empty proposer."""
        return EvolutionProposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "evolution", "population": self.population, "sample": self.sample, "step": self.step}


class EvolutionProposer(Breeder):
    """The newest trials with results, and the tournaments among them."""

    kind = "evolution"

    def __init__(self, settings: Evolution) -> None:
        super().__init__()
        self._settings = settings
        self._births: list[int] = []
        self._numbers: dict[object, int] = {}

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        super().apply(event)
        if isinstance(event, Opened):
            self._births = [-1 - index for index in range(len(event.known))]
        elif isinstance(event, Started):
            self._births += [*event.notes.get("again", ()), event.trial]
            self._numbers[config_key(event.config)] = event.trial

    def _population(self) -> int:
        if self._settings.population is not None:
            return self._settings.population
        return max(scaled(10, 100, self.expected), self._settings.sample or 1)

    def _pool(self, space: Space, size: int) -> Pool:
        level = self.level(space, size)
        if level is None:
            return Pool((), (), None)
        newest: list[int] = []
        for trial in reversed(self._births):
            if len(newest) == size:
                break
            if _position(level, trial) is not None and self.members(space, (trial,)):
                newest.append(trial)
        return _aged(level, newest[::-1])

    def _child(self, space: Space, rng: np.random.Generator, pool: Pool, mutations: int) -> Suggestion:
        sample = min(self._settings.sample or scaled(3, 25, self.expected), len(pool.trials))
        drawn: list[int] = rng.integers(len(pool.trials), size=sample).tolist()
        parent = pool.trials[min(drawn, key=lambda member: pool.ranks[member])]
        child = config = self.config(parent)
        for _ in range(mutations):
            child = mutate(space, child, rng, self._settings.step)
        notes = notes_of(self.kind, [parent], pool, sample=sample, **difference(config, child))
        return Suggestion(child, notes)

    def _found_again(self, space: Space, pool: Pool, config: Config, again: list[int]) -> Pool:
        # Its value is known, so it is born again at no cost: the youngest now, and the oldest makes room for it.
        trial = self._numbers.get(config_key(config))
        level = self._seen.at(pool.budget)
        if trial is None or _position(level, trial) is None or not self.members(space, (trial,)):
            return pool
        again.append(trial)
        return _aged(level, [*pool.trials[1:], trial])


def _aged(level: Level, trials: list[int]) -> Pool:
    positions = [position for trial in trials if (position := _position(level, trial)) is not None]
    return Pool(tuple(trials), standing(level, positions), level.budget)


def _position(level: Level, trial: int) -> int | None:
    position = bisect_left(level.trials, trial)
    return position if position < len(level.trials) and level.trials[position] == trial else None
