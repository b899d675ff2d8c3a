"""One round of Gaussian-process suggestions: design, models, criterion, hunt, notes."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from tunewidgets.history import Data
from tunewidgets.samplers.base import Suggestion
from tunewidgets.samplers.gp_branches import another, branches
from tunewidgets.samplers.gp_criteria import Drawn, Feasible, Hypervolume, Single, acquire
from tunewidgets.samplers.gp_cube import Cube, FloatArray
from tunewidgets.samplers.gp_design import Design
from tunewidgets.samplers.gp_evidence import Evidence, Reader, median
from tunewidgets.samplers.gp_models import Models, fit_models
from tunewidgets.samplers.gp_notes import Choice, Teller
from tunewidgets.samplers.gp_plateaus import Plateaus, Unrepeated, plateaus_of
from tunewidgets.samplers.gp_search import Found, Hunt, Scored
from tunewidgets.samplers.observations import Observations
from tunewidgets.space import Space
from tunewidgets.surrogate.kernel import Kernel

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
        self.kernel = Kernel(self.cube.layout)
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
        self._evidence = view.reader.evidence(max(aim.initial, len(view.kernel.columns) + 1))
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
        return tried < self._aim.initial or 2 * evidence.results < self._aim.initial

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
            self._models = fit_models(view.cube, view.kernel, evidence, self._warm, aim.transform, rng)
        models = self._models.believing(np.concatenate([evidence.pending, self._added]))
        acquisition, criterion = self._criterion(models, evidence, rng)
        found = self._hunted(Hunt(view.cube, criterion, self._taken, rng), models)
        if found is None:
            return None
        best = models.best if models.feasible.any() else math.inf
        new = criterion.chance(found.point) if isinstance(criterion, Unrepeated) else None
        choice = Choice(found.point, acquisition, found.score, best, new=new)
        teller = Teller(view.cube, self._seen, evidence, xi=aim.xi, beta=aim.beta)
        tried = np.concatenate([self._tried, self._added])
        if self._idle(choice, models, evidence):
            choice = self._elsewhere(models, rng) or choice
        notes = teller.notes(choice, models, tried)
        return choice.point, {**notes, "model": self._models.to_json(view.cube)}

    def _idle(self, choice: Choice, models: Models, evidence: Evidence) -> bool:
        """Tell whether this trial may look into another branch; what may be gained is judged without plateaus.

        Two of three may where too little can be gained, as the model may be wrong here as well; all of them where there
        is nothing to gain at all.
        """
        turn = (len(self._tried) + len(self._added)) % _TURNS > 0
        if not len(self._view.cube.gates) or choice.acquisition not in ("log_ei", "ei"):
            return False
        model = models.goals[0]
        mean, sd = model.posterior.predict(choice.point[None])
        gain = model.improvement(float(mean[0]), float(sd[0]), choice.best)
        return gain < (_NEGLIGIBLE if turn else _NOTHING) * (median(evidence.objectives[:, 0]) - evidence.best)

    def _elsewhere(self, models: Models, rng: np.random.Generator) -> Choice | None:
        """Return the most promising configuration of the branch that deserves the next look."""
        cube, posterior = self._view.cube, models.goals[0].posterior
        values = np.where(models.feasible, posterior.fitted, posterior.fitted.max())
        branch = another(branches(cube, posterior.points, rng), values)
        if branch is None:
            return None
        inside = branch.members[np.argsort(values[branch.members], kind="stable")]
        best = float(values[inside[0]] if len(inside) else np.median(values))
        criterion = Single(models.goals[0], acquire("log_ei", best, 0.0, 0.0), Feasible(models.constraints))
        hunt = Hunt(cube, criterion, self._taken, rng, branch.gates)
        if self._view.space.size <= _ENUMERABLE:
            everything = self._view.everything
            found = hunt.among(everything[(np.isnan(branch.gates) | (everything == branch.gates)).all(axis=1)])
        else:
            found = hunt.everywhere(posterior.points[inside[:_GOOD]])
        return None if found is None else Choice(found.point, "branch", found.score, best, branch.gates)

    def _hunted(self, hunt: Hunt, models: Models) -> Found | None:
        if self._view.space.size <= _ENUMERABLE:
            return hunt.among(self._view.everything)
        good = models.goals[0].posterior.points[self._order(models)[:_GOOD]]
        return hunt.once(good) if self._aim.acquisition == "thompson" else hunt.everywhere(good)

    def _order(self, models: Models) -> np.ndarray:
        """Return the results and what is believed, best first, feasible before others; of several ranks the best."""
        ranks = models.means.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable").min(axis=1)
        order: np.ndarray = np.lexsort((ranks, ~models.feasible))
        return order

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
        plateaus = self._plateaus(evidence)
        acquisition = "lcb" if aim.acquisition == "ucb" else aim.acquisition
        if acquisition == "ei" and (models.constraints or plateaus):
            acquisition = "log_ei"  # logarithms of probabilities are added to it, not multiplied by it
        single = Single(models.goals[0], acquire(acquisition, models.best, aim.xi, aim.beta), feasible)
        return name, Unrepeated(single, plateaus) if plateaus else single

    def _plateaus(self, evidence: Evidence) -> Plateaus | None:
        """Return where results repeat, if an improvement is looked for in the values of one goal."""
        assert self._models is not None
        improves = self._aim.acquisition in ("log_ei", "ei", "pi") and not self._models.weights
        return plateaus_of(self._models.goals[0], evidence) if improves else None

    def _name(self) -> str:
        """Return the acquisition's name as the user's direction has it."""
        if self._aim.acquisition in ("lcb", "ucb"):
            return "lcb" if self._seen.goals[0].direction == "min" else "ucb"
        return self._aim.acquisition
