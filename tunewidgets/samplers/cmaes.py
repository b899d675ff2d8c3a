"""CMA-ES: a cloud of points that moves, stretches and turns towards the better ones; needs the package `cmaes`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import (
    Config,
    Constraint,
    Continued,
    Ended,
    Event,
    Opened,
    Reported,
    SpaceEdited,
    Started,
    is_finite,
)
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.samplers.breeding import check_share, check_whole
from tunewidgets.samplers.cloud import FAILED, RESTED, STOPPED, Axes, Cloud, Outcome, load
from tunewidgets.samplers.observations import Observations
from tunewidgets.samplers.untried import Untried
from tunewidgets.space import Choice, Parameter, Space
from tunewidgets.space.numeric import Number

_REDRAWS = 100
_LEAST = 4
_FATES = {"completed": RESTED, "paused": RESTED, "pruned": STOPPED, "stopped": STOPPED, "failed": FAILED}


@dataclass(frozen=True, slots=True)
class CMAES:
    """Covariance matrix adaptation: points are drawn from a normal distribution, which follows the better half.

    For spaces of numbers without conditions. Steps and ordered choices are drawn with a margin, so that no level is
    ever out of reach. A generation's results are learned from once there are `population` of them; until then further
    workers draw from the same distribution, and what comes too late for its generation is not learned from. When the
    distribution has shrunk to a point, or gives nothing that was not tried, the search starts again elsewhere with
    twice the population.

    Parameters
    ----------
    population : int, optional
        How many results make a generation, at least 4; 4 + floor(3 ln d) for d parameters unless given.
    sigma : float
        The first step size, as a share of each parameter's scale.

    Raises
    ------
    StrategyError
        A setting is out of range.

    Notes
    -----
    Trials are compared where they first come to rest: under successive halving at their first rung, with those of the
    same rung only. What was stopped on its way is behind those, and what failed is last; when it is run again while its
    generation is open, what becomes of it counts instead. Only the first goal counts;
    what breaks constraints is behind all that keep them. What the user added is not learned from. The search begins in
    the middle of the space, or at the best of the results known before. The class used is `cmaes.CMAwM`, which is
    `cmaes.CMA` where no parameter has levels; `sigma` is its advice for a start anywhere in the range.

    References
    ----------
    Hansen: The CMA evolution strategy: a tutorial, arXiv 1604.00772, 2016. Hamano, Saito, Nomura, Shirakawa: CMA-ES
    with margin, GECCO 2022. Auger, Hansen: A restart CMA evolution strategy with increasing population size, CEC 2005.
    Nomura, Shibata: cmaes: a simple yet practical Python library for CMA-ES, arXiv 2402.01373, 2024.

    Examples
    --------
    >>> CMAES(population=8).to_json()
    {'name': 'cmaes', 'population': 8, 'sigma': 0.3}
    """

    population: int | None = None
    sigma: float = 0.3

    def __post_init__(self) -> None:
        check_whole("population", self.population, _LEAST)
        check_share("sigma", self.sigma, zero=False)

    def begin(self) -> "CMAESProposer":
        """Return an empty proposer."""
        return CMAESProposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "cmaes", "population": self.population, "sigma": self.sigma}

    def check_space(self, space: Space) -> None:
        """Refuse a space in which this sampler cannot work.

        Raises
        ------
        StrategyError
            A parameter is no number, or is active under a condition only; or the package `cmaes` is not installed.
        """
        faults = [_fault(name, space[name]) for name in space]
        if any(faults):
            raise StrategyError(
                f"cmaes works in spaces of numbers without conditions, but {', '.join(filter(None, faults))}. Take a "
                "sampler that works in every space, such as 'gp', 'tpe' or 'evolution', or a space without these."
            )
        load()


def _fault(name: str, parameter: Parameter) -> str:
    if parameter.conditions:
        return f"{name!r} is active under a condition only"
    ordered = isinstance(parameter, Choice) and parameter.ordered
    if parameter.size > 1 and not ordered and not isinstance(parameter, Number):
        return f"{name!r} is {'a Choice without an order' if isinstance(parameter, Choice) else 'a Boolean'}"
    return ""


class CMAESProposer:
    """What came to rest, in its order, and the distribution that follows from it.

    Events are noted when they come and told to the distribution when the next point is asked for, in the same order:
    so the same events give the same distribution, to the last bit, whenever it was asked.
    """

    def __init__(self, settings: CMAES) -> None:
        self._settings = settings
        self._tried = Tried()
        self._seen = Observations()
        self._log: list[int | Outcome] = []  # a trial that started, or how one came to rest
        self._rested: dict[int, int] = {}  # how a trial came to rest first
        self._last: dict[int, Reported] = {}
        self._best: tuple[float, float, Config] | None = None  # -budget, value, configuration
        self._eras = 0
        self._start: Config | None = None
        self._cloud: tuple[Space, int, Cloud] | None = None

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._tried.apply(event)
        self._seen.apply(event)
        if isinstance(event, Opened):
            self._opened(event)
        elif isinstance(event, SpaceEdited):
            # Points of the old space mean nothing in the new one: begin anew, where it was best.
            self._start, self._eras = (self._best[2] if self._best else None), self._eras + 1
            self._log, self._cloud = [], None
        elif isinstance(event, Started):
            if event.origin == "sampler":
                self._log.append(event.trial)
        elif isinstance(event, Reported):
            self._last[event.trial] = event
        elif isinstance(event, Continued):
            if event.why == "retried" and self._rested.get(event.trial) != RESTED:
                self._rested.pop(event.trial, None)  # what becomes of it counts instead
        elif isinstance(event, Ended) and event.trial not in self._rested:
            self._ended(event)

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:
        """Return up to `n` points of the distribution that were not tried.

        Raises
        ------
        StrategyError
            The space is none of numbers without conditions, or the package `cmaes` is not installed.
        """
        self._settings.check_space(space)
        cloud = self._told(space)
        fresh = Untried(space, self._tried)
        found: list[Suggestion] = []
        for ahead in range(n):
            suggestion = self._point(cloud, rng, fresh, ahead)
            if suggestion is None and cloud.generation > 1:
                suggestion = self._point(cloud.restarted(), rng, fresh, ahead)
            suggestion = suggestion or _left(rng, fresh)
            if suggestion is None:
                break
            found.append(suggestion)
        return found

    def _opened(self, event: Opened) -> None:
        sign = 1.0 if event.goals[0].direction == "min" else -1.0
        for known in event.known:
            if is_finite(known.values[0]):
                self._better(known.budget, sign * known.values[0], known.config)
        self._start = self._best[2] if self._best else None

    def _ended(self, event: Ended) -> None:
        fate = self._rested[event.trial] = _FATES[event.state]
        # At a rung, values are compared as they are there; at the end, by the search's rule.
        report = self._last.get(event.trial) if event.state == "paused" else self._seen.best(event.trial)
        if fate == FAILED or report is None or not is_finite(report.value):
            self._log.append(Outcome(event.trial, FAILED, 0, 0.0, 0.0))
            return
        value = self._seen.raw(report.value)  # its own inverse
        metrics = {self._seen.goals[0].metric: report.value, **report.metrics}
        broken = sum(excess(metrics, each) for each in self._seen.constraints)
        budget = np.inf if event.place.budget is None else float(event.place.budget)
        reach = budget if fate == RESTED else float(self._last[event.trial].step)
        self._log.append(Outcome(event.trial, fate, reach, value, broken))
        if event.state == "completed" and not broken:
            self._better(event.place.budget, value, self._seen.config(event.trial))

    def _better(self, budget: int | None, value: float, config: Config) -> None:
        candidate = (-np.inf if budget is None else float(-budget), value)
        if self._best is None or candidate < self._best[:2]:
            self._best = (*candidate, config)

    def _told(self, space: Space) -> Cloud:
        if self._cloud is None or (self._cloud[0] is not space and self._cloud[0] != space):
            axes = Axes.of(space)
            seed = (self._seen.seed, self._eras)
            self._cloud = (space, 0, Cloud(axes, self._settings.population, self._settings.sigma, seed, self._start))
        space, told, cloud = self._cloud
        for entry in self._log[told:]:
            notes = self._seen.notes[entry.trial if isinstance(entry, Outcome) else entry]
            cloud.tell(entry, notes)
        self._cloud = (space, len(self._log), cloud)
        return cloud

    def _point(self, cloud: Cloud, rng: np.random.Generator, fresh: Untried, ahead: int) -> Suggestion | None:
        if not cloud.axes.names:
            return None
        for config, point in cloud.draws(int(rng.integers(2**32)), _REDRAWS):
            if fresh.take(config):
                return Suggestion(config, {"kind": "cmaes", **cloud.notes(point, ahead)})
        return None


def _left(rng: np.random.Generator, fresh: Untried) -> Suggestion | None:
    config = fresh.take_any(rng)
    return None if config is None else Suggestion(config, {"kind": "cmaes", "phase": "left"})


def excess(metrics: Mapping[str, float], constraint: Constraint) -> float:
    """Return by how much a constraint is broken; without bound where its metric was not reported."""
    metric = float(metrics.get(constraint.metric, np.nan))
    return float(np.inf) if np.isnan(metric) else max(0.0, metric - constraint.bound)
