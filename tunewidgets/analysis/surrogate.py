"""What a Gaussian process believes of a search's goals: as its sampler would, or fitted to look at any other search."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tunewidgets.errors import TuneError
from tunewidgets.history import NOTHING, Config, Data, Goal, History, Started
from tunewidgets.samplers import GP, generator_for, sampler_from_json
from tunewidgets.samplers.gp_cube import Cube
from tunewidgets.samplers.gp_evidence import Evidence, Reader
from tunewidgets.samplers.gp_models import Kernels, Models, fit_models
from tunewidgets.samplers.gp_plateaus import Plateaus, plateaus_of
from tunewidgets.samplers.gp_rounding import below, step_of
from tunewidgets.samplers.observations import Budget, Observations
from tunewidgets.samplers.threads import one_thread
from tunewidgets.surrogate.acquisition import log_feasibility
from tunewidgets.surrogate.model import Model
from tunewidgets.surrogate.pareto import expected_gain, search_boxes

FloatArray = npt.NDArray[np.float64]

ENOUGH = 3
"""Results from which on there is a surrogate."""

_MOST_GOALS = 3  # up to so many have a model each, and an expected hypervolume improvement


@dataclass(frozen=True, slots=True)
class Predicted:
    """What is predicted of one goal, in its own units; arrays of shape (n,).

    Attributes
    ----------
    median : ndarray
        The middle of what is predicted.
    low, high : ndarray
        The ends of the band from one standard deviation below to one above, before transforming back.
    """

    median: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Checked:
    """Results beside what the surrogate predicts of each when it is left out; arrays of shape (n,).

    Attributes
    ----------
    trials : ndarray of int
        The trials' numbers.
    observed : ndarray
        Their values.
    predicted : Predicted
        What was predicted of each without it, noise included.
    inside : float
        The share of results within their bands: 0.68 where the bands are right.
    """

    trials: npt.NDArray[np.int64]
    observed: FloatArray
    predicted: Predicted
    inside: float


class Surrogate:
    """Gaussian processes of a search's goals, as they would be asked for the next suggestion.

    Where the search's sampler is the Gaussian process, its settings are used, the fit begins from the last one's
    hyperparameters, and running trials are taken to turn out as predicted: it is the sampler's own model. For any other
    search one is fitted with default settings, to look at.

    Parameters
    ----------
    history : History
        What has happened.
    goal : int
        Which goal is looked at.

    Attributes
    ----------
    own : bool
        Whether it is the sampler's.
    space : Space
        What is searched.
    goal : Goal
        The one that is looked at.
    budget : int or None
        That of the results that it predicts.
    results, standing_in : int
        How many there are, and how many trials besides count as bad because they failed or were stopped.
    spread : float
        What separates the best of the results from the worst, in the goal's units.
    acquisitions : tuple of str
        Those that `acquisition` knows, the sampler's own first.

    Raises
    ------
    TuneError
        If there is none; the message says why, and when there will be.
    """

    def __init__(self, history: History, goal: int = 0) -> None:
        self.space = history.space
        if all(parameter.size == 1 for parameter in self.space.values()):
            raise TuneError("there is nothing to choose in this space, so no surrogate of it")
        self._seen, warm = _folded(history)
        self.cube = Cube(self.space)
        evidence = self._evidence(history)
        settings = _settings(history)
        self.own = settings is not None
        self._settings = settings or GP()
        self.goal: Goal = history.opened.goals[goal] if history.opened else Goal("value", "min")
        self._goal = goal
        rng = generator_for(history.seed, len(history.trials))
        with one_thread():
            if evidence.objectives.shape[1] > _MOST_GOALS:  # the sampler mixes them; here one is looked at by itself
                evidence, self._at = evidence._replace(objectives=evidence.objectives[:, [goal]]), 0
            else:
                self._at = goal
            self._evidence_seen = evidence
            kernels = Kernels.of(self.cube)
            self._fitted = fit_models(self.cube, kernels, evidence, warm, self._settings.transform, rng)
            self.models: Models = self._fitted.believing(evidence.pending)
        self._step = step_of(evidence.objectives[evidence.observed, self._at])
        self._plateaus = self._plateaus_of(evidence)
        self.budget: Budget = evidence.budget
        here = evidence.here & evidence.observed
        self.standing_in = int((evidence.here & ~evidence.observed).sum())
        self.results = evidence.results - self.standing_in
        self.spread = float(np.ptp(evidence.objectives[here, self._at]))
        self.acquisitions = self._named()

    def _evidence(self, history: History) -> Evidence:
        evidence = Reader(self._seen, self.cube).evidence(ENOUGH)
        count = 0 if evidence is None else int((evidence.observed & evidence.here).sum())
        if evidence is None or count < ENOUGH:
            end = "" if history.closed else f", and is drawn from {ENOUGH} on"
            have = {0: "no trial has", 1: "1 trial has"}.get(count, f"{count} trials have")
            raise TuneError(f"{have} a result that a surrogate could be fitted to{end}")
        return evidence

    def _plateaus_of(self, evidence: Evidence) -> Plateaus | None:
        return plateaus_of(self._fitted.goals[0], evidence, self._step) if len(self._fitted.goals) == 1 else None

    def _named(self) -> tuple[str, ...]:
        bound = "LCB" if self.goal.direction == "min" else "UCB"
        one = {"pi": "PI", "lcb": bound, "ucb": bound}.get(self._settings.acquisition, "EI")
        names = [one, *(name for name in ("EI", "PI", bound) if name != one)]
        return ("EHVI", *names) if len(self.models.goals) > 1 else tuple(names)

    @property
    def _model(self) -> Model:
        return self.models.goals[self._at]

    @property
    def _bar(self) -> float:
        """What an improvement of the goal has to get below, in the model's units."""
        fitted = self._model.posterior.fitted
        feasible = self.models.feasible
        best = float((fitted[feasible] if feasible.any() else fitted).min())
        return below(self._model.warp, best, self._step)

    # --- what it says ------------------------------------------------------------------------------------------------

    def predict(self, points: FloatArray) -> Predicted:
        """Return what is predicted at points of the unit cube, of shape (n, d), NaN where inactive."""
        outlook = self._model.outlook(points)
        return self._in_units(outlook.median, outlook.low, outlook.high)

    def draws(self, points: FloatArray, rng: np.random.Generator, count: int) -> FloatArray:
        """Return functions drawn from the joint posterior at points of shape (n, d), in the goal's units.

        Returns
        -------
        ndarray of shape (count, n)
        """
        return self._raw(self._model.warp.inverse(self._model.posterior.sample(points, rng, count)))

    def acquisition(self, name: str, points: FloatArray) -> FloatArray:
        """Return an acquisition function at points.

        Parameters
        ----------
        name : str
            One of `acquisitions`: the expected improvement "EI" in the goal's units, the probability of improvement
            "PI", the confidence bound "LCB" or "UCB" in the goal's units, or of several goals the expected hypervolume
            improvement "EHVI". As the sampler does, the first, second and last are multiplied by the probabilities that
            the constraints hold and that the result repeats none.
        points : ndarray of shape (n, d)
            Rows of the unit cube, NaN where inactive.

        Returns
        -------
        ndarray of shape (n,)
        """
        mean, sd = self._model.posterior.predict(points)
        if name in ("LCB", "UCB"):
            return self._raw(self._model.warp.inverse(mean - self._settings.beta * sd))
        return self._improving(name, points, mean, sd) * np.exp(self._log_chance(points))

    def _improving(self, name: str, points: FloatArray, mean: FloatArray, sd: FloatArray) -> FloatArray:
        xi = self._settings.xi
        if name == "PI":
            chance: FloatArray = np.exp(np.asarray(log_feasibility(mean, sd, self._bar - xi)))
            return chance
        if name == "EI":
            return self._model.improvement(mean, sd, self._bar - xi)
        seen = [model.posterior.predict(points) for model in self.models.goals]
        means, sds = (np.stack([each[index] for each in seen], axis=-1) for index in (0, 1))
        gain: FloatArray = expected_gain(means, sds, search_boxes(self.models.front, self.models.reference)).value
        return gain

    def _log_chance(self, points: FloatArray) -> FloatArray:
        chance = np.zeros(len(points))
        for model in self.models.constraints:
            chance += np.asarray(log_feasibility(*model.posterior.predict(points), 0.0))
        return chance + self._plateaus.log_chance(points) if self._plateaus else chance

    def checked(self) -> Checked:
        """Return the results beside what is predicted of each when it is left out."""
        evidence = self._evidence_seen
        rows = np.flatnonzero(evidence.observed & evidence.here)
        model = self._fitted.goals[self._at]
        mean, sd = (each[rows] for each in model.posterior.leave_one_out())
        outlook = model.outlook_of(mean, sd)
        observed = self._raw(evidence.objectives[rows, self._at])
        predicted = self._in_units(outlook.median, outlook.low, outlook.high)
        within = (predicted.low <= observed) & (observed <= predicted.high)
        return Checked(self._numbers(evidence.points[rows]), observed, predicted, float(within.mean()))

    def next(self, history: History) -> Config | None:
        """Return what the sampler would try next; None where it has no surrogate, or the search is at rest."""
        if not self.own or history.closed or history.queue:
            return None
        proposer = self._settings.begin()
        for event in history:
            proposer.apply(event)
        found = proposer.suggest(self.space, generator_for(history.seed, len(history.trials)))
        return found[0].config if found else None

    def closeness(self, points: FloatArray, others: FloatArray) -> FloatArray:
        """Return how far points lie from others in length scales of the goal's model; arrays of shape (n, d) to (n,).

        A category that differs, and a parameter that only one of the two has, count as one length scale.
        """
        kernel = self._model.posterior.kernel
        columns = list(kernel.columns)
        lengths = np.exp(self._model.posterior.theta[: len(columns)])
        categories = np.array([bool(kernel.layout.columns[column].categories) for column in columns], dtype=bool)
        gaps = np.abs(points[:, columns] - others[:, columns])
        gaps = np.where(np.isnan(gaps), 1.0, np.where(categories, gaps > 0.0, gaps / lengths))
        both = np.isnan(points[:, columns]) & np.isnan(others[:, columns])
        squared: FloatArray = (np.where(both, 0.0, gaps) ** 2).sum(axis=1)
        return np.sqrt(squared)

    def _numbers(self, points: FloatArray) -> npt.NDArray[np.int64]:
        """Return the trials that points belong to; of several with one configuration the first, -1 for known ones."""
        found: dict[bytes, int] = {}
        for number, config in self._seen.configs.items():
            row = self.cube.encode(config)
            if row is not None:
                found.setdefault(self.cube.keys(row[None])[0], number)
        return np.array([found.get(key, -1) for key in self.cube.keys(points)], dtype=np.int64)

    def _in_units(self, median: FloatArray, low: FloatArray, high: FloatArray) -> Predicted:
        ends = self._raw(low), self._raw(high)
        return Predicted(self._raw(median), np.minimum(*ends), np.maximum(*ends))

    def _raw(self, values: FloatArray) -> FloatArray:
        return values if self.goal.direction == "min" else -values


def _folded(history: History) -> tuple[Observations, Data]:
    """Return what was observed, and the hyperparameters of the sampler's last fit."""
    seen, warm = Observations(), NOTHING
    for event in history:
        seen.apply(event)
        if isinstance(event, Started) and event.origin == "sampler":
            warm = event.notes.get("model", warm)
    return seen, warm


def _settings(history: History) -> GP | None:
    """Return the settings of the search's sampler where it is a Gaussian process."""
    data: Data = (history.opened.strategy.get("sampler") or {}) if history.opened else {}
    if data.get("name") != "gp":
        return None
    sampler = sampler_from_json(data)
    return sampler if isinstance(sampler, GP) else None
