"""The data that say why a Gaussian process proposed a configuration, in the units that the user knows."""

import math
from typing import Any, NamedTuple

import numpy as np

from tunewidgets.samplers.gp_criteria import DOUBT, Feasible
from tunewidgets.samplers.gp_cube import Cube, FloatArray
from tunewidgets.samplers.gp_evidence import Evidence
from tunewidgets.samplers.gp_models import Models
from tunewidgets.samplers.observations import Observations
from tunewidgets.surrogate.acquisition import feasibility, probability_of_improvement

_EXPECTING = ("log_ei", "ei", "doubt", "branch")
_IMPROVING = (*_EXPECTING, "pi")
_FAR = 0.1  # of a parameter's scale, within which nothing was tried


class Choice(NamedTuple):
    """A point that was chosen.

    Attributes
    ----------
    point : ndarray of shape (d,)
        The point.
    acquisition : str
        By which acquisition; "branch" for a look into another branch, "doubt" where the model saw nothing to gain and
        was taken to be less sure than it says.
    score : float
        Its criterion there.
    best : float
        What it has to get below, in the first model's units.
    gates : ndarray of shape (d,) or None
        The branch that was looked into.
    branch_best : float
        The best value there, likewise.
    new : float or None
        The probability that the result repeats none; None where no results repeat.
    """

    point: FloatArray
    acquisition: str
    score: float
    best: float
    gates: FloatArray | None = None
    branch_best: float = math.nan
    new: float | None = None


class Teller:
    """Makes notes of the choices that were made on one state of a search.

    Parameters
    ----------
    cube : Cube
        The space.
    seen : Observations
        What was observed.
    evidence : Evidence
        The results that the models were fitted to.
    xi, beta : float
        The acquisitions' settings.
    step : float
        What the first goal's results are rounded to; 0 where they are not.
    """

    def __init__(
        self, cube: Cube, seen: Observations, evidence: Evidence, *, xi: float, beta: float, step: float
    ) -> None:
        self._cube, self._seen, self._evidence = cube, seen, evidence
        self._xi, self._beta, self._step = xi, beta, step

    def notes(self, choice: Choice, models: Models, tried: FloatArray) -> dict[str, Any]:
        """Return the notes of a choice.

        Parameters
        ----------
        choice : Choice
            The point.
        models : Models
            What was believed when it was chosen.
        tried : ndarray of shape (n, d)
            Points of all that was tried before.
        """
        notes: dict[str, Any] = {"kind": "gp", "acquisition": choice.acquisition}
        notes |= self._several(choice, models) if len(self._seen.goals) > 1 else self._one(choice, models)
        if choice.gates is not None:
            notes |= self._branch(choice, choice.gates, models)
        if models.constraints:
            seen = [model.posterior.predict(choice.point[None]) for model in models.constraints]
            notes["feasible"] = float(math.prod(feasibility(mean[0], sd[0], 0.0) for mean, sd in seen))
        if choice.new is not None:
            notes["new"] = choice.new
        if choice.acquisition == "doubt":
            notes["doubt"] = DOUBT
        notes |= {"budget": self._evidence.budget, "results": self._evidence.results}
        if len(self._evidence.budgets) > 1:
            notes["others"] = int((~self._evidence.here).sum())
        notes["far"] = self._far(choice.point, tried)
        if self._evidence.thinned:
            notes["thinned"] = int(self._evidence.here.sum())
        return notes

    def _one(self, choice: Choice, models: Models) -> dict[str, Any]:
        model = models.goals[0]
        mean, sd = model.posterior.predict(choice.point[None])
        outlook = model.outlook_of(mean, sd)
        score = self._score(choice, models, float(mean[0]), float(sd[0]))
        notes = {
            "score": score,
            "mean": self._seen.raw(float(outlook.median[0])),
            "sd": float(outlook.sd[0]),
            "best": self._seen.raw(self._evidence.best),
            "transform": model.warp.form.name,
        }
        return {**notes, "step": self._step} if self._step and choice.acquisition in _IMPROVING else notes

    def _score(self, choice: Choice, models: Models, mean: float, sd: float) -> float:
        model = models.goals[0]
        if choice.acquisition in _EXPECTING:
            spread = DOUBT * sd if choice.acquisition == "doubt" else sd
            xi = 0.0 if choice.acquisition == "branch" else self._xi
            return float(model.improvement(mean, spread, choice.best - xi))
        if choice.acquisition == "pi":
            return float(probability_of_improvement(mean, sd, choice.best, self._xi))
        if choice.acquisition == "feasibility":
            return math.exp(choice.score)
        if choice.acquisition == "thompson":
            bound = float(Feasible(models.constraints).score(choice.point[None])[0]) - choice.score
        else:
            bound = mean - self._beta * sd
        return self._seen.raw(float(model.warp.inverse(np.array(bound))))

    def _several(self, choice: Choice, models: Models) -> dict[str, Any]:
        # Of a mixture the criterion may be a bound or a draw, which is no logarithm and may be large.
        score = math.exp(min(choice.score, 0.0) if models.weights else choice.score)
        notes: dict[str, Any] = {"score": score, "goals": [goal.metric for goal in self._seen.goals]}
        if models.weights:
            return {**notes, "weights": list(models.weights)}
        outlooks = [model.outlook(choice.point[None]) for model in models.goals]
        notes["mean"] = [self._seen.raw(float(each.median[0]), goal) for goal, each in enumerate(outlooks)]
        notes["sd"] = [float(each.sd[0]) for each in outlooks]
        notes["transform"] = [model.warp.form.name for model in models.goals]
        return notes

    def _branch(self, choice: Choice, gates: FloatArray, models: Models) -> dict[str, Any]:
        """Return the branch as the user wrote it, and what is best in it."""
        names = [name for name, gate in zip(self._cube.names, gates, strict=True) if not math.isnan(gate)]
        values = self._cube.config(choice.point)
        best = models.goals[0].warp.inverse(np.array(choice.branch_best))
        return {"branch": {name: values[name] for name in names}, "branch_best": self._seen.raw(float(best))}

    def _far(self, point: FloatArray, tried: FloatArray) -> list[str]:
        """Return the parameters in which nothing tried comes near the point."""
        near = np.full(len(point), math.inf)
        if len(tried):
            gaps = np.where(np.isnan(tried), math.inf, np.abs(tried - point))
            near = gaps.min(axis=0)
        columns = zip(self._cube.names, self._cube.layout.columns, near, point, strict=True)
        return [
            name
            for name, column, gap, place in columns
            if not column.constant and not math.isnan(place) and gap > (1e-9 if column.categories else _FAR)
        ]
