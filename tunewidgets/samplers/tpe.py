"""The tree-structured Parzen estimator: go where good configurations are dense and bad ones are not."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tunewidgets.errors import SpaceError, StrategyError
from tunewidgets.history import Config, Data, Event
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.samplers.observations import FloatArray, Level, Observations
from tunewidgets.samplers.parzen import Axis, IntArray, Parzen, axes_of
from tunewidgets.samplers.sobol import SobolSequence
from tunewidgets.samplers.tpe_split import Split, good_count, split
from tunewidgets.samplers.untried import Untried
from tunewidgets.space import Space

_MOST_BAD = 1_000  # beyond, the bad ones are thinned evenly: their density hardly changes, the time for it does
_ROUNDS = 8  # of candidates, before those that are left are looked for
_LISTED = 1_000  # up to so many configurations all that are left are compared
_MOST_LOG = 700.0  # of a ratio that is a number


@dataclass(frozen=True, slots=True)
class TPE:
    """Model good and bad configurations apart, and try what is likelier among the good ones.

    Of the results so far the best few are good, all others bad. A Parzen density is made of each, l of the good ones
    and g of the bad ones; a number of candidates is drawn from l, and the one with the largest l / g is tried. Where
    the threshold is the quantile gamma of the values, the expected improvement grows with (gamma + (1 - gamma) g /
    l)^-1, and so with l / g (Bergstra et al. 2011).

    All parameters are modelled together, those that are active only in a branch within it, and the choice of the branch
    with them. Failed and stopped trials count among the bad ones, and so do trials under way, so that several at once
    do not crowd at one place. With several goals the good ones are taken front by front, with constraints those come
    first that keep them. Under a schedule with several budgets the highest one with enough results is modelled, and a
    share of the trials is drawn at random, for low budgets may mislead; with Hyperband this is BOHB.

    Parameters
    ----------
    startup_trials : int
        How many results there must be before the model begins; until then a scrambled Sobol sequence is followed, which
        is no worse than chance and leaves no branch and no part of a range out. 10 as in Optuna.
    candidates : int
        How many are drawn from l for one suggestion. 24 as in hyperopt, the authors' own software, and in Optuna; more
        of them exploit more.
    gamma : float
        The share of good ones, between 0 and 1; at most 25 are taken. 0.15 as Falkner et al. 2018 and Watanabe 2023.
    prior_weight : float
        How many results the uniform part of both densities is worth. 1 as in Bergstra et al. 2011.
    multivariate : bool
        Whether parameters are modelled together (Falkner et al. 2018; Watanabe 2023) or, as at first, each by itself.
    random_fraction : float
        Which share is drawn at random where there are results at several budgets. 1/3 as in Falkner et al. 2018.

    Raises
    ------
    StrategyError
        If a setting is out of its range.

    References
    ----------
    Bergstra, Bardenet, Bengio, Kegl: Algorithms for hyper-parameter optimization, NeurIPS 2011. Falkner, Klein, Hutter:
    BOHB: robust and efficient hyperparameter optimization at scale, ICML 2018. Watanabe: Tree-structured Parzen
    estimator: understanding its algorithm components and their roles for better empirical performance, arXiv
    2304.11127, 2023.

    Examples
    --------
    >>> TPE(gamma=0.25).to_json()["gamma"]
    0.25
    """

    startup_trials: int = 10
    candidates: int = 24
    gamma: float = 0.15
    prior_weight: float = 1.0
    multivariate: bool = True
    random_fraction: float = 1 / 3

    def __post_init__(self) -> None:
        for name in ("startup_trials", "candidates"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise StrategyError(f"{name} must be a positive integer, not {value!r}")
        if not _is_number(self.gamma) or not 0.0 < self.gamma < 1.0:
            raise StrategyError(f"gamma must be a share between 0 and 1, not {self.gamma!r}")
        if not _is_number(self.prior_weight) or not 0.0 < self.prior_weight < math.inf:
            raise StrategyError(f"prior_weight must be a positive number, not {self.prior_weight!r}")
        if not _is_number(self.random_fraction) or not 0.0 <= self.random_fraction <= 1.0:
            raise StrategyError(f"random_fraction must be a share from 0 to 1, not {self.random_fraction!r}")
        if not isinstance(self.multivariate, bool):
            raise StrategyError(f"multivariate must be True or False, not {self.multivariate!r}")

    def begin(self) -> "TPEProposer":
        """Return an empty proposer."""
        return TPEProposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {
            "name": "tpe",
            "startup_trials": self.startup_trials,
            "candidates": self.candidates,
            "gamma": self.gamma,
            "prior_weight": self.prior_weight,
            "multivariate": self.multivariate,
            "random_fraction": self.random_fraction,
        }


class TPEProposer:
    """What the estimator has seen, and the points of the unit cube that it has worked out."""

    def __init__(self, settings: TPE) -> None:
        self._settings = settings
        self._seen = Observations()
        self._tried = Tried()
        self._cube = _Cube()
        self._sobol = SobolSequence()

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._seen.apply(event)
        self._tried.apply(event)

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:
        """Return up to `n` configurations that were not tried; fewer where the space is exhausted."""
        self._cube.begin(space)
        level = self._seen.level(self._settings.startup_trials, self._usable)
        model = None if level is None else self._model(level)
        fresh = Untried(space, self._tried)
        found: list[Suggestion] = []
        while len(found) < n:
            taken = [suggestion.config for suggestion in found]
            if model is None:
                suggestion = self._startup(space, rng, fresh, len(found))
            else:
                suggestion = self._modelled(model, space, rng, fresh, taken)
            if suggestion is None:
                break
            found.append(suggestion)
        return found

    # --- before the model --------------------------------------------------------------------------------------------

    def _startup(self, space: Space, rng: np.random.Generator, fresh: Untried, suggested: int) -> Suggestion | None:
        index = sum(trial >= 0 for trial in self._seen.configs) + suggested
        notes = {"kind": "tpe", "startup": index, "of": self._settings.startup_trials}
        if index < self._settings.startup_trials:
            config = space.decode(self._sobol.point(len(space), self._seen.seed, index))[0]
            if fresh.take(config):
                return Suggestion(config, notes)
        return _drawn(rng, fresh, notes)

    # --- with the model ----------------------------------------------------------------------------------------------

    def _usable(self, trials: Collection[int]) -> int:
        return int(np.count_nonzero(self._cube.places(trials, self._seen.configs) >= 0))

    def _model(self, level: Level) -> "_Model | None":
        """Return what is known at a level, or None where that is too little."""
        cube, configs = self._cube, self._seen.configs
        places = cube.places(level.trials, configs)
        worse = cube.places((*level.stopped, *level.failed), configs)
        worse = worse[worse >= 0]
        # A trial that failed later on was good at this budget and is bad nevertheless.
        rows = np.flatnonzero((places >= 0) & ~np.isin(places, worse))
        if not len(rows) or len(rows) + len(worse) < self._settings.startup_trials:
            return None
        pending = cube.places(level.pending, configs)
        pending = pending[pending >= 0]
        parts = split(level, rows, good_count(self._settings.gamma, len(rows) + len(worse)))
        bad = np.concatenate((places[parts.bad], worse))
        kept = _thinned(bad, _MOST_BAD)
        notes = {**self._notes(level, parts), "bad": len(bad), "pending": len(pending)}
        if len(kept) < len(bad):
            notes["thinned"] = len(kept)
        crowd = np.concatenate((kept, pending))
        return _Model(cube.axes, cube.points[places[parts.good]], parts.weights, cube.points[crowd], notes)

    def _notes(self, level: Level, parts: Split) -> dict[str, Any]:
        seen = self._seen
        return {
            "kind": "tpe",
            "good": len(parts.good),
            "budget": level.budget,
            "budgets": len(seen.levels()),
            "best": seen.raw(float(level.values[parts.good[0]])),
            "threshold": None if parts.threshold is None else seen.raw(parts.threshold),
            "direction": seen.goals[0].direction,
            "goals": len(seen.goals),
        }

    def _modelled(
        self, model: "_Model", space: Space, rng: np.random.Generator, fresh: Untried, taken: list[Config]
    ) -> Suggestion | None:
        fraction = self._settings.random_fraction
        if model.notes["budgets"] > 1 and rng.random() < fraction:
            return _drawn(rng, fresh, {"kind": "tpe", "random": fraction, "budgets": model.notes["budgets"]})
        # What was suggested a moment ago will be under way: it counts among the bad ones, as all that is.
        crowd = np.vstack((model.bad, space.encode(taken))) if taken else model.bad
        densities = _Densities(model, crowd, self._settings)
        for _ in range(_ROUNDS):
            best = _best(densities, space, densities.draw(space, rng, self._settings.candidates), fresh)
            if best is not None:
                return best
        if space.size <= _LISTED:
            rest = [config for config in space.grid() if config in fresh]
        else:
            rest = [config for config in (fresh.draw(rng),) if config is not None]
        return _best(densities, space, space.encode(rest), fresh) if rest else None


def _drawn(rng: np.random.Generator, fresh: Untried, notes: Data) -> Suggestion | None:
    """Take an untried configuration at random."""
    config = fresh.take_any(rng)
    return None if config is None else Suggestion(config, notes)


def _best(densities: "_Densities", space: Space, cube: FloatArray, fresh: Untried) -> Suggestion | None:
    """Take the untried configuration among these points that has the largest ratio."""
    ratios = densities.log_ratio(cube)
    for index in np.argsort(-ratios, kind="stable").tolist():
        config = space.decode(cube[index][None, :])[0]
        if fresh.take(config):
            ratio = math.exp(min(max(float(ratios[index]), -_MOST_LOG), _MOST_LOG))
            return Suggestion(config, {**densities.notes, "ratio": ratio})
    return None


class _Model(NamedTuple):
    """The points of the good and of the bad ones, and what to say of them."""

    axes: tuple[Axis, ...]
    good: FloatArray
    weights: FloatArray
    bad: FloatArray
    notes: Data


class _Densities:
    """The densities l and g: over all parameters together, or the products of one for each."""

    def __init__(self, model: _Model, bad: FloatArray, settings: TPE) -> None:
        count = len(model.axes)
        self.notes = model.notes
        together = settings.multivariate or not count
        self._groups = [slice(0, count)] if together else [slice(i, i + 1) for i in range(count)]
        self._pairs = []
        for group in self._groups:
            # Modelled by itself, a parameter learns from the points in which it is active.
            active = [~np.isnan(points[:, group]).all(axis=1) for points in (model.good, bad)]
            good = Parzen(
                model.axes[group], model.good[active[0], group], model.weights[active[0]], settings.prior_weight
            )
            worse = bad[active[1], group]
            self._pairs.append((good, Parzen(model.axes[group], worse, np.ones(len(worse)), settings.prior_weight)))

    def draw(self, space: Space, rng: np.random.Generator, count: int) -> FloatArray:
        """Return candidates; of parameters modelled by themselves the best of each are put together."""
        columns = []
        for good, bad in self._pairs:
            drawn = good.sample(rng, count)
            if len(self._pairs) > 1:
                drawn = drawn[np.argsort(bad.log_density(drawn) - good.log_density(drawn), kind="stable")]
            columns.append(drawn)
        return space.snap(np.hstack(columns))

    def log_ratio(self, cube: FloatArray) -> FloatArray:
        """Return log(l / g) at snapped points."""
        total = np.zeros(len(cube))
        for group, (good, bad) in zip(self._groups, self._pairs, strict=True):
            total += good.log_density(cube[:, group]) - bad.log_density(cube[:, group])
        return total


class _Cube:
    """The configurations of trials as points of one space's unit cube, each worked out once."""

    def __init__(self) -> None:
        self.points: FloatArray = np.empty((0, 0))
        self.axes: tuple[Axis, ...] = ()
        self._space: Space | None = None
        self._places: dict[int, int] = {}
        self._count = 0

    def begin(self, space: Space) -> None:
        """Use this space from here on."""
        if space is not self._space:
            self.points, self.axes = np.empty((64, len(space))), axes_of(space)
            self._space, self._places, self._count = space, {}, 0

    def places(self, trials: Collection[int], configs: Mapping[int, Config]) -> IntArray:
        """Return in which row of the points each trial's configuration stands; -1 where it is none of the space."""
        for trial in trials:
            if trial not in self._places:
                self._places[trial] = self._encoded(configs[trial])
        return np.array([self._places[trial] for trial in trials], dtype=np.int64)

    def _encoded(self, config: Config) -> int:
        assert self._space is not None
        try:
            row = self._space.encode([config])
        except SpaceError:
            return -1  # from before the space was edited
        if self._count == len(self.points):
            self.points = np.concatenate((self.points, np.empty_like(self.points)))
        self.points[self._count] = row
        self._count += 1
        return self._count - 1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _thinned(places: IntArray, most: int) -> IntArray:
    return places if len(places) <= most else places[np.linspace(0, len(places) - 1, most).round().astype(np.int64)]
