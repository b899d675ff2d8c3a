"""The models of a search: one for each goal, or one for a mixture of them, and one for each constraint."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.samplers.gp_cube import Cube, FloatArray
from tunewidgets.samplers.gp_evidence import Evidence
from tunewidgets.samplers.observations import Budget
from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.model import Model, Start, fit
from tunewidgets.surrogate.pareto import augmented_chebyshev, non_dominated, simplex_weights, unit_range
from tunewidgets.surrogate.slice import lifted, lifted_kernel
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
    budgets : tuple of int or None
        Those at which the results were reached.
    """

    goals: tuple[Model, ...]
    constraints: tuple[Model, ...]
    feasible: npt.NDArray[np.bool_]
    weights: tuple[float, ...]
    budgets: tuple[Budget, ...]

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
        feasible = np.concatenate([self.feasible, holds])
        return self._replace(goals=goals, constraints=constraints, feasible=feasible)

    def to_json(self, cube: Cube) -> dict[str, Any]:
        """Return where the next fits begin."""
        return {
            "layout": cube.digest,
            "budgets": list(self.budgets),
            "goals": [model.start.to_json() for model in self.goals],
            "constraints": [model.start.to_json() for model in self.constraints],
        }


class Kernels(NamedTuple):
    """The covariance of a space's points, and that of results at several budgets.

    Attributes
    ----------
    points : Kernel
        Of configurations.
    lifted : Kernel
        Of configurations at the heights of budgets.
    """

    points: Kernel
    lifted: Kernel

    @classmethod
    def of(cls, cube: Cube) -> "Kernels":
        """Return the kernels of a space."""
        return cls(Kernel(cube.layout), lifted_kernel(cube.layout))


def fit_models(
    cube: Cube, kernels: Kernels, evidence: Evidence, warm: Mapping[str, Any], transform: str, rng: np.random.Generator
) -> Models:
    """Fit the models of a search, at the budget that the evidence asks for.

    Parameters
    ----------
    cube : Cube
        The space.
    kernels : Kernels
        The covariances of its points.
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
    fitting = _Fitting(kernels, evidence)
    begin = _Starts(warm, cube, evidence, fitting.size)
    starts, bounds = begin.of("goals", targets.shape[1]), begin.of("constraints", evidence.violations.shape[1])
    everything = np.ones(len(targets), dtype=bool)
    goals = tuple(
        fitting.fit(everything, column, start, forms) for column, start in zip(targets.T, starts, strict=True)
    )
    constraints, feasible = _constraints(fitting, evidence, bounds)
    return Models(goals, constraints, feasible, weights, evidence.budgets)


class _Fitting:
    """Fits models to evidence: of one budget, or of several seen at one of them."""

    def __init__(self, kernels: Kernels, evidence: Evidence) -> None:
        self._kernels, self._evidence = kernels, evidence
        self._several = len(evidence.budgets) > 1
        self.size = (kernels.lifted if self._several else kernels.points).size

    def fit(
        self, rows: npt.NDArray[np.bool_], values: FloatArray, start: Start | None, forms: tuple[Form, ...]
    ) -> Model:
        """Fit a model to the values of some rows of the evidence."""
        evidence, kernels = self._evidence, self._kernels
        points = evidence.points[rows]
        if not self._several:
            return fit(kernels.points, points, values, start=start, transforms=forms, counts=evidence.counts)
        whole = lifted(points, evidence.heights[rows])
        model = fit(kernels.lifted, whole, values, start=start, transforms=forms, counts=evidence.counts)
        return model.at(evidence.height, kernels.points)


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
    fitting: _Fitting, evidence: Evidence, starts: Sequence[Start | None]
) -> tuple[tuple[Model, ...], npt.NDArray[np.bool_]]:
    feasible = np.ones(len(evidence.points), dtype=bool)
    models: list[Model] = []
    for column, start in zip(evidence.violations.T, starts, strict=True):
        known = np.isfinite(column)
        if not known.any():
            continue
        model = fitting.fit(known, column[known], start, (Form("bilog"),))
        predicted = model.posterior.predict(evidence.points).mean <= 0.0
        feasible &= np.where(known & evidence.here, column <= 0.0, predicted)
        models.append(model)
    return tuple(models), feasible


class _Starts:
    """Where fits of so many hyperparameters begin, as the notes of the last one have it."""

    def __init__(self, warm: Mapping[str, Any], cube: Cube, evidence: Evidence, size: int) -> None:
        self._warm, self._size = warm if warm.get("layout") == cube.digest else {}, size
        # With other budgets the heights mean something else, and a mixture with other weights is another function:
        # hyperparameters are a start and no more.
        mixed = evidence.objectives.shape[1] > _MOST_EXACT
        self._anew = mixed or warm.get("budgets") != list(evidence.budgets)

    def of(self, part: str, count: int) -> Sequence[Start | None]:
        """Return the starts of the goals or of the constraints; None each where nothing of use is known."""
        written = self._warm.get(part)
        if not isinstance(written, list) or len(written) != count:
            return [None] * count
        found = [Start.from_json(each, self._size) for each in written]
        return [replace(start, counts=()) if start and self._anew else start for start in found]
