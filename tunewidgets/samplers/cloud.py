"""The distribution of CMA-ES as a function of what came to rest: generations, restarts, and the points drawn."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from tunewidgets.errors import SpaceError, StrategyError
from tunewidgets.history import Config, Data
from tunewidgets.space import Int, Space

FloatArray = npt.NDArray[np.float64]

RESTED, STOPPED, FAILED = range(3)
"""How a trial can come to rest: at a budget where trials are compared, before one, or without a value."""

_DOUBLINGS = 9  # as often as in the paper on restarts; from there on the population stays
_FINE = 1_000  # a parameter with more levels than this is as good as continuous
_STREAM = 2**32 - 1  # no trial has this number: its stream is free for the starting points


def load() -> Any:
    """Return the package `cmaes`.

    Raises
    ------
    StrategyError
        It is not installed.
    """
    try:
        return import_module("cmaes")
    except ImportError:
        raise StrategyError(
            "sampler 'cmaes' needs the package cmaes, which is not installed. Run: pip install cmaes"
        ) from None


class Outcome(NamedTuple):
    """How a trial came to rest.

    Attributes
    ----------
    trial : int
        Its number.
    fate : int
        `RESTED`, `STOPPED` or `FAILED`.
    reach : float
        The budget at which it rests, infinite where that has no end; the step at which it was stopped.
    value : float
        The first goal, minimised.
    broken : float
        By how much it breaks constraints, in all.
    """

    trial: int
    fate: int
    reach: float
    value: float
    broken: float


class Axes(NamedTuple):
    """The parameters that have several values, as axes of the unit cube.

    Attributes
    ----------
    space : Space
        The space they are of.
    names : tuple of str
        The d parameters.
    bounds : ndarray of shape (d, 2)
        The ends of each axis: 0 and 1, or the first and the last level.
    steps : ndarray of shape (d,)
        What lies between two levels, 0 on a continuous axis.
    """

    space: Space
    names: tuple[str, ...]
    bounds: FloatArray
    steps: FloatArray

    @classmethod
    def of(cls, space: Space) -> Self:
        """Return the axes of a space without conditions."""
        names = tuple(name for name in space if space[name].size > 1)
        steps = np.array([_step(space, name) for name in names])
        return cls(space, names, np.column_stack([steps / 2.0, 1.0 - steps / 2.0]), steps)

    def config(self, point: FloatArray) -> dict[str, Any]:
        """Return the configuration at a point of the axes, which may lie beyond their ends."""
        units = dict(zip(self.names, point.clip(0.0, 1.0).tolist(), strict=True))
        return self.space.decode([[units.get(name, 0.5) for name in self.space]])[0]

    def point(self, config: Config) -> FloatArray | None:
        """Return where a configuration lies; None where it is none of the space."""
        try:
            units: FloatArray = self.space.encode([config])[0]
        except SpaceError:
            return None
        return units[[name in self.names for name in self.space]].clip(self.bounds[:, 0], self.bounds[:, 1])


def _step(space: Space, name: str) -> float:
    parameter = space[name]
    uneven = isinstance(parameter, Int) and parameter.step is None  # its values have unequal shares of the scale
    return 0.0 if uneven or parameter.size > _FINE else 1.0 / float(parameter.size)


class Cloud:
    """The distribution, told of every start and every outcome in the order of the events.

    Parameters
    ----------
    axes : Axes
        What it is a distribution over.
    population : int or None
        How many outcomes make a generation of the first run; None: 4 + floor(3 ln d).
    sigma : float
        The step size at the start of a run.
    seed : tuple of int
        The search's seed, and how often the space was edited before.
    start : mapping or None
        Where the first run begins; the middle of the cube where that is None, or none of the space.
    restart : int
        How often it began anew.

    Attributes
    ----------
    restart : int
        As above.
    generation : int
        The one being drawn, counted from 1 in each run.
    """

    def __init__(
        self,
        axes: Axes,
        population: int | None,
        sigma: float,
        seed: tuple[int, int],
        start: Config | None,
        restart: int = 0,
    ) -> None:
        self.axes = axes
        self._settings = (population, sigma)
        self._seed = seed
        self._begin_at = start
        self.restart = restart
        self._begin()

    @property
    def population(self) -> int:
        """How many outcomes make a generation."""
        return int(self._optimizer.population_size)

    def restarted(self) -> "Cloud":
        """Return the cloud as it would begin anew."""
        return Cloud(self.axes, *self._settings, self._seed, None, self.restart + 1)

    def tell(self, entry: int | Outcome, notes: Data) -> None:
        """Take note that a trial started (its number), or how it came to rest."""
        if notes.get("phase") != "point" or notes["era"] != self._seed[1]:
            return
        if notes["restart"] > self.restart:
            self.restart = int(notes["restart"])
            self._begin()
        if (notes["restart"], notes["generation"]) != (self.restart, self.generation):
            return
        if not isinstance(entry, Outcome):
            self._drawn += 1
            return
        # Run again by the user's wish it comes to rest once more, and is one point nevertheless.
        self._outcomes[:] = [each for each in self._outcomes if each[0].trial != entry.trial]
        self._outcomes.append((entry, np.array(notes["x"], dtype=np.float64)))
        if len(self._outcomes) == self.population:
            self._learn()

    def draws(self, seed: int, most: int) -> Iterator[tuple[dict[str, Any], FloatArray]]:
        """Yield configurations, and the points that stand for them in the distribution."""
        self._optimizer.reseed_rng(seed)
        for _ in range(most):
            shown, point = self._optimizer.ask()
            yield self.axes.config(shown), point

    def notes(self, point: FloatArray, ahead: int) -> dict[str, Any]:
        """Return what a point's trial must carry: where the point belongs, and what the distribution was."""
        return {
            "phase": "point",
            "era": self._seed[1],
            "restart": self.restart,
            "generation": self.generation,
            "point": self._drawn + ahead + 1,
            "population": self.population,
            "sigma": self.sigma,
            "centre": {name: self.axes.config(self._optimizer.mean)[name] for name in self.axes.names},
            "x": point.tolist(),
        }

    @property
    def sigma(self) -> float:
        """The step size, as a share of the axes."""
        return float(self._optimizer._cma._sigma)  # noqa: SLF001 - the package shows it nowhere else

    def _begin(self) -> None:
        self.generation, self._drawn = 1, 0
        self._outcomes: list[tuple[Outcome, FloatArray]] = []
        if not self.axes.names:
            return
        population, sigma = self._settings
        base = population or 4 + int(3 * np.log(len(self.axes.names)))
        self._optimizer = load().CMAwM(
            mean=self._mean(),
            sigma=sigma,
            bounds=self.axes.bounds,
            steps=self.axes.steps,
            population_size=base * 2 ** min(self.restart, _DOUBLINGS),
        )

    def _mean(self) -> FloatArray:
        low, high = self.axes.bounds.T
        if self.restart:
            stream = np.random.SeedSequence(self._seed[0], spawn_key=(_STREAM, self._seed[1], self.restart))
            drawn: FloatArray = np.random.default_rng(stream).uniform(low, high)
            return drawn
        start = None if self._begin_at is None else self.axes.point(self._begin_at)
        return np.full(len(low), 0.5) if start is None else start

    def _learn(self) -> None:
        ranked = compared(self._outcomes)
        self._outcomes, self._drawn = [], 0
        self.generation += 1
        if not ranked:  # all failed: nothing to learn from
            return
        with np.errstate(all="ignore"):  # a degenerate distribution shows in its numbers, and ends
            self._optimizer.tell(ranked)
            ended = self._broken() or self._optimizer.should_stop()
        if ended:
            self.restart += 1
            self._begin()

    def _broken(self) -> bool:
        spread = self._optimizer._cma._C  # noqa: SLF001 - the package shows it nowhere else
        return not (np.isfinite(self._optimizer.mean).all() and np.isfinite(spread).all() and 0 < self.sigma < np.inf)


def compared(outcomes: list[tuple[Outcome, FloatArray]]) -> list[tuple[FloatArray, float]]:
    """Return the points of a generation, best first, with numbers that ascend; none where all failed.

    The numbers are the values themselves where all can be compared; what failed has the worst of them. Outcomes at
    several budgets are merged by their place among those of the same budget, and then the numbers are ranks.
    """
    if all(outcome.fate == FAILED for outcome, _ in outcomes):
        return []
    outcomes = sorted(outcomes, key=lambda each: (each[0].fate, each[0].broken, each[0].value, each[0].trial))
    finished = [outcome for outcome, _ in outcomes if outcome.fate == RESTED]
    stopped = [outcome for outcome, _ in outcomes if outcome.fate == STOPPED]
    plain = len({outcome.reach for outcome in finished}) <= 1 and not stopped and not any(o.broken for o in finished)
    if plain:
        worst = finished[-1].value
        return [(point, outcome.value if outcome.fate == RESTED else worst) for outcome, point in outcomes]
    places = {trial: float(rank) for rank, trial in enumerate(_merged(finished) + _furthest(stopped))}
    ordered = sorted(outcomes, key=lambda each: places.get(each[0].trial, np.inf))
    return [(point, places.get(outcome.trial, float(len(places)))) for outcome, point in ordered]


def _merged(finished: list[Outcome]) -> list[int]:
    places: list[tuple[float, int]] = []
    for reach in {outcome.reach for outcome in finished}:
        peers = [outcome.trial for outcome in finished if outcome.reach == reach]
        places += [((rank + 0.5) / len(peers), trial) for rank, trial in enumerate(peers)]
    return [trial for _, trial in sorted(places)]


def _furthest(stopped: list[Outcome]) -> list[int]:
    return [outcome.trial for outcome in sorted(stopped, key=lambda each: (-each.reach, each.broken, each.value))]
