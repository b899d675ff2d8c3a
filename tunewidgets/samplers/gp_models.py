"""The models of a search: one for each goal, or one for a mixture of them, and one for each constraint."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.samplers.gp_cube import Cube, FloatArray
from tunewidgets.samplers.gp_evidence import Evidence
from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.model import Model, Start, fit
from tunewidgets.surrogate.pareto import augmented_chebyshev, non_dominated, simplex_weights, unit_range
from tunewidgets.surrogate.warp import CHOICES, FAMILIES, Form

# The boxes into which the improvement is cut grow with the front to the power of k // 2.
_MOST_EXACT = 3
_BEYOND = 0.1  # of the results' range: how far behind the worst the reference lies


class Models(NamedTuple):
    """What is believed of a search's metrics.

    Attributes
    ----------
    goals : tuple of Model
        One for each goal; a single one for their mixture where `weights` is given.
    constraints : tuple of Model
        One for each constraint of which anything was reported, of metric minus bound.
    feasible : ndarray of bool of shape (n,)
        Which of the points keep the constraints, as observed, or as predicted where not.
    weights : tuple of float
        Of the goals in the mixture; empty where there is a model for each.
    """

    goals: tuple[Model, ...]
    constraints: tuple[Model, ...]
    feasible: npt.NDArray[np.bool_]
    weights: tuple[float, ...]

    @property
    def best(self) -> float:
        """The least posterior mean at feasible points, in the first model's units: noise has no part in it."""
        return float(self.goals[0].posterior.fitted[self.feasible].min())

    @property
    def means(self) -> FloatArray:
        """The posterior means at all points, of shape (n, k)."""
        return np.stack([model.posterior.fitted for model in self.goals], axis=1)

    @property
    def front(self) -> FloatArray:
        """The posterior means at feasible points that no other one beats in every goal; shape (m, k)."""
        means = self.means[self.feasible]
        front: FloatArray = means[non_dominated(means)]
        return front

    @property
    def reference(self) -> FloatArray:
        """What is bad enough in every goal: a little worse than the worst that was seen; shape (k,)."""
        worst, best = self.means.max(axis=0), self.means.min(axis=0)
        reference: FloatArray = worst + _BEYOND * (worst - best)
        return reference

    def believing(self, points: FloatArray) -> "Models":
        """Return the models after further points had turned out exactly as predicted."""
        if not len(points):
            return self
        goals = tuple(model.believing(points) for model in self.goals)
        constraints = tuple(model.believing(points) for model in self.constraints)
        holds = np.ones(len(points), dtype=bool)
        for model in self.constraints:
            holds &= model.posterior.predict(points).mean <= 0.0
        return Models(goals, constraints, np.concatenate([self.feasible, holds]), self.weights)

    def to_json(self, cube: Cube) -> dict[str, Any]:
        """Return where the next fits begin."""
        return {
            "layout": cube.digest,
            "goals": [model.start.to_json() for model in self.goals],
            "constraints": [model.start.to_json() for model in self.constraints],
        }


def fit_models(
    cube: Cube, kernel: Kernel, evidence: Evidence, warm: Mapping[str, Any], transform: str, rng: np.random.Generator
) -> Models:
    """Fit the models of a search.

    Parameters
    ----------
    cube : Cube
        The space.
    kernel : Kernel
        The covariance of its points.
    evidence : Evidence
        The results.
    warm : mapping
        What `Models.to_json` wrote when it last fitted; anything else begins from the start.
    transform : str
        "auto", or a family of transforms.
    rng : numpy.random.Generator
        Draws the weights of a mixture of many goals.
    """
    targets, weights = _targets(evidence.objectives, rng)
    forms = CHOICES if transform == "auto" else FAMILIES[transform]
    starts = _starts(warm, cube, "goals", targets.shape[1], kernel.size)
    goals = tuple(
        fit(kernel, evidence.points, column, start=start, transforms=forms)
        for column, start in zip(targets.T, starts, strict=True)
    )
    constraints, feasible = _constraints(cube, kernel, evidence, warm)
    return Models(goals, constraints, feasible, weights)


def _targets(objectives: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, tuple[float, ...]]:
    """Return what is modelled: the goals, or for many of them one mixture with weights drawn anew.

    References
    ----------
    Knowles: ParEGO, IEEE Transactions on Evolutionary Computation 10(1), 2006.
    """
    count = objectives.shape[1]
    if count <= _MOST_EXACT:
        return objectives, ()
    weights = simplex_weights(count, rng)
    return augmented_chebyshev(unit_range(objectives), weights)[:, None], tuple(weights.tolist())


def _constraints(
    cube: Cube, kernel: Kernel, evidence: Evidence, warm: Mapping[str, Any]
) -> tuple[tuple[Model, ...], npt.NDArray[np.bool_]]:
    violations = evidence.violations
    feasible = np.ones(len(violations), dtype=bool)
    starts = _starts(warm, cube, "constraints", violations.shape[1], kernel.size)
    models: list[Model] = []
    for column, start in zip(violations.T, starts, strict=True):
        known = np.isfinite(column)
        if not known.any():
            continue
        model = fit(kernel, evidence.points[known], column[known], start=start, transforms=(Form("bilog"),))
        predicted = model.posterior.predict(evidence.points).mean <= 0.0
        feasible &= np.where(known, column <= 0.0, predicted)
        models.append(model)
    return tuple(models), feasible


def _starts(warm: Mapping[str, Any], cube: Cube, part: str, count: int, size: int) -> Sequence[Start | None]:
    written = warm.get(part) if warm.get("layout") == cube.digest else None
    if not isinstance(written, list) or len(written) != count:
        return [None] * count
    return [Start.from_json(each, size) for each in written]
