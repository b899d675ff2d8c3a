"""A scikit-learn estimator with its data as an objective: the mean score of a cross-validation."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from tunewidgets.errors import ObjectiveError
from tunewidgets.history import Config
from tunewidgets.objectives import sklearn_checks as checks
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.folds import Fold, draw, freeze
from tunewidgets.objectives.seeding import SEEDS, seeded
from tunewidgets.objectives.trial import LiveTrial
from tunewidgets.space import Space

SAMPLES = "n_samples"
_UNITS = {"max_iter": "iteration", "n_iter": "iteration", "n_estimators": "tree"}


class SklearnObjective(Objective):
    """An estimator whose parameters are tuned by the mean of its cross-validated scores; more is better.

    The folds are drawn once and are the same for every trial, so that trials differ by their configurations alone. An
    estimator's ``random_state`` that is left None, also of a pipeline's steps, is set to the trial's seed. Each leg
    makes one report: the mean over the folds, with the metrics ``std`` (over the folds), ``fit_time`` and
    ``score_time`` (seconds a fold).

    Parameters
    ----------
    estimator : estimator
        With ``fit``, ``get_params`` and ``set_params``; pipelines too. It is cloned, never fitted itself.
    X : array-like of shape (n_samples, ...)
        What it is trained on: an array, a DataFrame, a sparse matrix or a list.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), optional
        What is to be predicted.
    cv : int, splitter or iterable of (train, test), default 5
        As for ``cross_val_score``: an integer means stratified folds for a classifier.
    scoring : str or callable, optional
        A scorer's name or ``scorer(estimator, X, y) -> float``; by default the estimator's own ``score``.
    resource : str, optional
        What the budget is: ``"n_samples"``, the number of training samples drawn from each training fold, or the name
        of one of the estimator's integer parameters, such as ``"n_estimators"``. Without it every trial is one
        evaluation on all the data.
    max_budget : int, optional
        The largest budget. Needed for a parameter; for ``"n_samples"`` it is by default all there are in the smallest
        training fold.
    fit_params : mapping, optional
        Passed to ``fit``; values as long as the data are split with them.

    Raises
    ------
    ObjectiveError
        By `check` and `check_space`, not here.

    Examples
    --------
    >>> from sklearn.svm import SVC                                     # doctest: +SKIP
    >>> objective = SklearnObjective(SVC(), X, y, scoring="accuracy")   # doctest: +SKIP
    >>> objective.metric, objective.direction                           # doctest: +SKIP
    ('accuracy', 'max')
    """

    direction: Literal["max"] = "max"  # scikit-learn's scorers negate what is minimised

    def __init__(
        self,
        estimator: Any,
        X: Any,  # noqa: N803 - the name that every user of scikit-learn knows
        y: Any = None,
        *,
        cv: Any = 5,
        scoring: str | Callable[..., float] | None = None,
        resource: str | None = None,
        max_budget: int | None = None,
        fit_params: Mapping[str, Any] | None = None,
    ) -> None:
        self.estimator, self.X, self.y, self.cv = estimator, X, y, cv
        self.scoring, self.resource, self.max_budget, self.fit_params = scoring, resource, max_budget, fit_params
        self.reports = resource is not None
        self.metric = _metric(scoring)
        self.unit = _unit(resource)
        self.preload = _preload(estimator)
        self._folds: list[Fold] | None = None
        if resource == SAMPLES and max_budget is None:
            with suppress(ObjectiveError):  # `check` says it where the user expects it
                self.max_budget = min(len(train) for train, _ in self._frozen_folds())

    def __repr__(self) -> str:
        return f"SklearnObjective({type(self.estimator).__name__})"

    def check(self) -> None:
        """Refuse estimators, data, scorings and resources that cannot work.

        Raises
        ------
        ObjectiveError
            The estimator has no ``fit``; X and y differ in length; y is missing; the scoring is unknown; the resource
            is no parameter, or its largest budget is missing or too large; the folds cannot be drawn.
        """
        checks.check_estimator(self.estimator)
        checks.check_data(self.estimator, self.X, self.y, self.scoring)
        checks.check_scoring(self.estimator, self.scoring)
        checks.check_fit_params(self.fit_params)
        if self.resource != SAMPLES:
            checks.check_resource(self.estimator, self.resource, self.max_budget)
        folds = self._frozen_folds()
        if self.resource == SAMPLES:
            checks.check_samples(self.max_budget, min(len(train) for train, _ in folds))

    def check_space(self, space: Space) -> None:
        """Refuse names that are no parameters of the estimator, and the one that the budget sets.

        Parameters
        ----------
        space : Space
            What is to be searched.

        Raises
        ------
        ObjectiveError
            The message names the nearest parameter.
        """
        checks.check_names(self.estimator, space, self.resource)

    def run(self, trial: LiveTrial) -> None:
        """Cross-validate one configuration and report the mean score.

        Parameters
        ----------
        trial : LiveTrial
            The leg; its budget is the resource.

        Raises
        ------
        LegEnd
            See `Objective.run`.
        Exception
            Whatever the estimator raises.
        """
        import numpy as np  # noqa: PLC0415 - beside its companion
        from sklearn.model_selection import cross_validate  # noqa: PLC0415 - heavy: imported where first used

        budget = trial.budget or self.max_budget
        with seeded(trial.seed):
            result = cross_validate(
                self._build(trial.config, trial.seed, budget),
                self.X,
                self.y,
                scoring=self.scoring,
                cv=self._drawn_folds(budget),
                params=self.fit_params,
                error_score="raise",
            )
        if "test_score" not in result:
            raise ObjectiveError(f"scoring must return one number; {self.metric} returned several.")
        scores = result["test_score"]
        times = {name: float(np.mean(result[name])) for name in ("fit_time", "score_time")}
        trial.report(budget or 1, float(np.mean(scores)), std=float(np.std(scores)), **times)

    def model(self, trial_folder: Path, config: Config, seed: int) -> Any:  # noqa: ARG002 - refitted, not kept
        """Return the estimator with this configuration, fitted anew on all the data with the resource at its largest.

        Parameters
        ----------
        trial_folder : Path
            Not needed.
        config : mapping
            The trial's configuration.
        seed : int
            The trial's seed.

        Returns
        -------
        estimator
            Fitted.
        """
        estimator = self._build(config, seed, self.max_budget)
        targets = () if self.y is None else (self.y,)
        with seeded(seed):
            return estimator.fit(self.X, *targets, **(self.fit_params or {}))

    def _build(self, config: Config, seed: int, budget: int | None) -> Any:
        from sklearn.base import clone  # noqa: PLC0415 - heavy: imported where first used

        estimator = clone(self.estimator).set_params(**config)
        if self.resource not in (None, SAMPLES):
            estimator.set_params(**{str(self.resource): budget})
        unset = [name for name, value in estimator.get_params().items() if _is_random_state(name) and value is None]
        return estimator.set_params(**dict.fromkeys(unset, seed % SEEDS))

    def _frozen_folds(self) -> list[Fold]:
        if self._folds is None:
            self._folds = freeze(self.estimator, self.X, self.y, self.cv)
        return self._folds

    def _drawn_folds(self, budget: int | None) -> list[Fold]:
        folds = self._frozen_folds()
        if self.resource != SAMPLES or budget is None:
            return folds
        labels = self.y if checks.is_classifier(self.estimator) else None
        return [(draw(train, labels, budget, fold), test) for fold, (train, test) in enumerate(folds)]


def _metric(scoring: Any) -> str:
    if isinstance(scoring, str):
        return scoring
    return str(getattr(scoring, "__name__", "score"))


def _unit(resource: str | None) -> str:
    if resource is None:
        return "evaluation"
    if resource == SAMPLES:
        return "sample"
    name = str(resource).rpartition("__")[2]
    return _UNITS.get(name, name.removeprefix("n_").removesuffix("s"))


def _is_random_state(name: str) -> bool:
    return name == "random_state" or name.endswith("__random_state")


def _preload(estimator: Any) -> tuple[str, ...]:
    tops = [type(estimator).__module__.partition(".")[0]]
    if hasattr(estimator, "get_params") and not isinstance(estimator, type):
        nested = estimator.get_params().values()
        tops += [type(value).__module__.partition(".")[0] for value in nested if hasattr(value, "fit")]
    return tuple(dict.fromkeys(top for top in ("sklearn", *tops) if top != "__main__"))
