"""One round of Gaussian-process suggestions: design, models, criterion, hunt, notes."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from tunewidgets.history import Data
from tunewidgets.samplers.base import Suggestion
from tunewidgets.samplers.gp_branches import another, branches
from tunewidgets.samplers.gp_criteria import DOUBT, Drawn, Feasible, Hypervolume, Single, acquire, doubted
from tunewidgets.samplers.gp_cube import Cube, FloatArray
from tunewidgets.samplers.gp_design import Design
from tunewidgets.samplers.gp_evidence import Evidence, Reader
from tunewidgets.samplers.gp_models import Kernels, Models, fit_models
from tunewidgets.samplers.gp_notes import Choice, Teller
from tunewidgets.samplers.gp_plateaus import Plateaus, Unrepeated, plateaus_of
from tunewidgets.samplers.gp_rounding import below, step_of
from tunewidgets.samplers.gp_search import Found, Hunt, Scored
from tunewidgets.samplers.observations import Observations
from tunewidgets.space import Space

_ENOUGH = 3  # results at a budget for it to be the one asked for: lower ones tell of it as well
_GOOD = 8  # results around which candidates are looked for
_ENUMERABLE = 2_048  # configurations of a space that are all scored
_REDRAWS = 1_000
# An expected improvement below this share of what separates the best result from the median is of no use to anybody.
_NEGLIGIBLE, _NOTHING = 3e-3, 3e-5
_TURNS = 3

_Chosen = tuple[FloatArray, Data]


class Aim(NamedTuple):
    """The settings of a round; see `GP`."""

    acquisition: str
    xi: float
    beta: float
    transform: str
    initial: int
    random_fraction: float


class View:
    """What is worked out once for a space."""

    def __init__(self, space: Space, seen: Observations) -> None:
        self.space = space
        self.cube = Cube(space)
        self.kernels = Kernels.of(self.cube)
        self.reader = Reader(seen, self.cube)
        self.design = Design(self.cube, seen.seed)
        self._all: FloatArray | None = None

    @property
    def everything(self) -> FloatArray:
        """The points of all configurations of a space that has few."""
        if self._all is None:
            self._all = self.space.encode(self.space.grid())
        return self._all


class Round:
    """The suggestions that are made on one state of a search.

    Parameters
    ----------
    aim : Aim
        The settings.
    view : View
        The space.
    seen : Observations
        The results.
    index : int
        Where the design goes on.
    warm : mapping
        Where the fits begin.
    """

    def __init__(self, aim: Aim, view: View, seen: Observations, index: int, warm: Mapping[str, Any]) -> None:
        self._aim, self._view, self._seen, self._index, self._warm = aim, view, seen, index, warm
        self._tried = view.reader.tried()
        self._taken = set(view.cube.keys(self._tried))
        self._added = self._tried[:0]
        self._evidence = evidence = view.reader.evidence(_ENOUGH)
        self._step = step_of(evidence.objectives[evidence.observed, 0]) if evidence else 0.0
        self._models: Models | None = None

    def suggestions(self, rng: np.random.Generator, n: int) -> list[Suggestion]:
        """Return up to `n` suggestions, each made as if those before it were running."""
        found: list[Suggestion] = []
        for _ in range(n):
            chosen = self._chosen(rng)
            if chosen is None:
                break
            point, notes = chosen
            self._added = np.concatenate([self._added, point[None]])
            self._taken.update(self._view.cube.keys(point[None]))
            found.append(Suggestion(self._view.cube.config(point), notes))
        return found

    def _chosen(self, rng: np.random.Generator) -> _Chosen | None:
        if len(self._taken) >= self._view.space.size:
            return None
        evidence = self._evidence
        if evidence is None or self._early(evidence):
            return self._designed() or self._drawn(rng, {"kind": "gp", "rest": True})
        budgets, fraction = len(self._seen.levels()), self._aim.random_fraction
        if budgets > 1 and rng.random() < fraction:
            return self._drawn(rng, {"kind": "gp", "random": fraction, "budgets": budgets})
        return self._modelled(evidence, rng) or self._drawn(rng, {"kind": "gp", "rest": True})

    def _early(self, evidence: Evidence) -> bool:
        """Tell whether it is too early for a model: too little was tried, or under half of the design has results."""
        tried = len(self._tried) + len(self._added)
        return tried < self._aim.initial or 2 * sum(evidence.counts) < self._aim.initial

    def _designed(self) -> _Chosen | None:
        found = self._view.design.next(self._index, self._taken)
        if found is None:
            return None
        point, place = found
        self._index = place + 1
        waiting = len(self._tried) + len(self._added) >= self._aim.initial
        return point, {"kind": "gp", "design": place, "of": self._aim.initial, "waiting": waiting}

    def _drawn(self, rng: np.random.Generator, notes: Data) -> _Chosen | None:
        """Return a configuration at random that is not taken."""
        cube = self._view.cube
        points = cube.snap(cube.random(_REDRAWS, rng))
        free = [point for point, key in zip(points, cube.keys(points), strict=True) if key not in self._taken]
        point = free[0] if free else next(self._untaken(), None)
        return None if point is None else (point, notes)

    def _untaken(self) -> Iterator[FloatArray]:
        """Go through the whole space; only where a thousand draws have found nothing."""
        for config in self._view.space.grid():
            point = self._view.space.encode([config])
            if self._view.cube.keys(point)[0] not in self._taken:
                yield point[0]

    def _modelled(self, evidence: Evidence, rng: np.random.Generator) -> _Chosen | None:
        view, aim = self._view, self._aim
        if self._models is None:
            self._models = fit_models(view.cube, view.kernels, evidence, self._warm, aim.transform, rng)
        models = self._models.believing(np.concatenate([evidence.pending, self._added]))
        acquisition, criterion = self._criterion(models, evidence, rng)
        found = self._hunted(Hunt(view.cube, criterion, self._taken, rng), models)
        if found is None:
            return None
        best = self._bar(models) if models.feasible.any() else math.inf
        choice = Choice(found.point, acquisition, found.score, best, new=_chance(criterion, found))
        choice = self._instead(choice, criterion, models, evidence, rng) or choice
        teller = Teller(view.cube, self._seen, evidence, xi=aim.xi, beta=aim.beta, step=self._step)
        notes = teller.notes(choice, models, np.concatenate([self._tried, self._added]))
        return choice.point, {**notes, "model": self._models.to_json(view.cube)}

    def _instead(
        self, choice: Choice, criterion: Scored, models: Models, evidence: Evidence, rng: np.random.Generator
    ) -> Choice | None:
        """Return what to try in place of a choice from which too little can be gained; None to keep it.

        In a conditional space two of three trials look into another branch where little can be gained, as the model
        may be wrong here as well; all of them where there is nothing to gain at all. In another space the model is then
        taken to be surer of itself than it should be.
        """
        if choice.acquisition not in ("log_ei", "ei"):
            return None
        gain = self._gain(choice, models, evidence)
        if not len(self._view.cube.gates):
            return self._doubting(criterion, models, rng) if gain < _NOTHING else None
        turn = (len(self._tried) + len(self._added)) % _TURNS > 0
        return self._elsewhere(models, rng) if gain < (_NEGLIGIBLE if turn else _NOTHING) else None

    def _gain(self, choice: Choice, models: Models, evidence: Evidence) -> float:
        """Return the expected improvement, plateaus or not, as a share of what separates the best from the median."""
        model = models.goals[0]
        mean, sd = model.posterior.predict(choice.point[None])
        gain = float(model.improvement(mean[0], sd[0], choice.best))
        spread = evidence.median - evidence.best
        return gain / spread if spread > 0.0 else math.inf

    def _doubting(self, sure: Scored, models: Models, rng: np.random.Generator) -> Choice | None:
        """Return where most can be gained if the model is less sure than it says."""
        best = self._bar(models)
        acquisition = doubted(acquire("log_ei", best, self._aim.xi, 0.0), DOUBT)
        single = Single(models.goals[0], acquisition, Feasible(models.constraints))
        criterion = _weighed(single, sure.plateaus if isinstance(sure, Unrepeated) else None)
        found = self._hunted(Hunt(self._view.cube, criterion, self._taken, rng), models)
        if found is None:
            return None
        return Choice(found.point, "doubt", found.score, best, new=_chance(criterion, found))

    def _elsewhere(self, models: Models, rng: np.random.Generator) -> Choice | None:
        """Return the most promising configuration of the branch that deserves the next look."""
        cube, posterior = self._view.cube, models.goals[0].posterior
        once = self._once(posterior.points)
        points = posterior.points[once]
        values = np.where(models.feasible, posterior.fitted, posterior.fitted.max())[once]
        branch = another(branches(cube, points, rng), values)
        if branch is None:
            return None
        inside = branch.members[np.argsort(values[branch.members], kind="stable")]
        best = float(values[inside[0]] if len(inside) else np.median(values))
        bar = below(models.goals[0].warp, best, self._step)
        criterion = Single(models.goals[0], acquire("log_ei", bar, 0.0, 0.0), Feasible(models.constraints))
        hunt = Hunt(cube, criterion, self._taken, rng, branch.gates)
        if self._view.space.size <= _ENUMERABLE:
            everything = self._view.everything
            found = hunt.among(everything[(np.isnan(branch.gates) | (everything == branch.gates)).all(axis=1)])
        else:
            found = hunt.everywhere(points[inside[:_GOOD]])
        return None if found is None else Choice(found.point, "branch", found.score, bar, branch.gates, best)

    def _hunted(self, hunt: Hunt, models: Models) -> Found | None:
        if self._view.space.size <= _ENUMERABLE:
            return hunt.among(self._view.everything)
        good = self._good(models)
        return hunt.once(good) if self._aim.acquisition == "thompson" else hunt.everywhere(good)

    def _good(self, models: Models) -> FloatArray:
        """Return the best points, what is believed included, feasible ones first; of several ranks the best counts."""
        ranks = models.means.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable").min(axis=1)
        order = np.lexsort((ranks, ~models.feasible))
        points = models.goals[0].posterior.points[order]
        good: FloatArray = points[self._once(points)[:_GOOD]]
        return good

    def _once(self, points: FloatArray) -> list[int]:
        """Return where each configuration occurs first: it does so once for every budget that it was trained to."""
        keys = self._view.cube.keys(points)
        return sorted(dict(zip(reversed(keys), reversed(range(len(keys))), strict=True)).values())

    def _criterion(self, models: Models, evidence: Evidence, rng: np.random.Generator) -> tuple[str, Scored]:
        aim, feasible = self._aim, Feasible(models.constraints)
        assert self._models is not None
        if not self._models.feasible.any():
            return "feasibility", feasible
        if len(models.goals) > 1:
            return "ehvi", Hypervolume(models.goals, models.front, models.reference, feasible)
        name = "parego" if models.weights else self._name()
        if aim.acquisition == "thompson":
            return name, Drawn(models.goals[0], rng, feasible)
        acquisition = "lcb" if aim.acquisition == "ucb" else aim.acquisition
        improves = acquisition in ("log_ei", "ei", "pi") and not models.weights
        plateaus = plateaus_of(self._models.goals[0], evidence, self._step) if improves else None
        if acquisition == "ei" and (models.constraints or plateaus):
            acquisition = "log_ei"  # logarithms of probabilities are added to it, not multiplied by it
        best = self._bar(models) if improves else models.best
        single = Single(models.goals[0], acquire(acquisition, best, aim.xi, aim.beta), feasible)
        return name, _weighed(single, plateaus)

    def _bar(self, models: Models) -> float:
        """Return what an improvement has to get below: the best value, by half a step where results are rounded."""
        several = len(models.goals) > 1 or models.weights  # of a mixture the step is unknown
        return models.best if several else below(models.goals[0].warp, models.best, self._step)

    def _name(self) -> str:
        """Return the acquisition's name as the user's direction has it."""
        if self._aim.acquisition in ("lcb", "ucb"):
            return "lcb" if self._seen.goals[0].direction == "min" else "ucb"
        return self._aim.acquisition


def _weighed(single: Single, plateaus: Plateaus | None) -> Single | Unrepeated:
    """Return a criterion in which an improvement counts as far as it repeats no result."""
    return Unrepeated(single, plateaus) if plateaus else single


def _chance(criterion: Scored, found: Found) -> float | None:
    return criterion.chance(found.point) if isinstance(criterion, Unrepeated) else None
