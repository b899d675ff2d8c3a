"""What is refused of a scikit-learn objective before anything starts, each with its cure."""

from collections.abc import Mapping
from typing import Any

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.values import describe, is_integer
from tunewidgets.space import Space
from tunewidgets.space.structure import nearest


def is_classifier(estimator: Any) -> bool:
    """Tell whether scikit-learn takes the estimator for a classifier."""
    from sklearn.base import is_classifier as told  # noqa: PLC0415 - heavy: imported where first used

    return bool(told(estimator))


def check_estimator(estimator: Any) -> None:
    """Refuse what is no estimator."""
    if isinstance(estimator, type):
        name = estimator.__name__
        raise ObjectiveError(f"estimator must be an instance; the class {name} came. Cure: {name}().")
    missing = [name for name in ("fit", "get_params", "set_params") if not hasattr(estimator, name)]
    if missing:
        raise ObjectiveError(
            f"estimator must be a scikit-learn estimator; {describe(estimator)} has no {missing[0]}(). "
            "Cure: pass an estimator or a pipeline, such as SVC(), or tune a function of your own."
        )


def check_data(estimator: Any, X: Any, y: Any, scoring: Any) -> None:  # noqa: N803 - scikit-learn's name
    """Refuse data without rows, of unequal length, or without the targets that are needed."""
    rows = _rows(X, "X")
    if y is not None and _rows(y, "y") != rows:
        raise ObjectiveError(f"X and y must have as many rows; X has {rows} and y has {_rows(y, 'y')}.")
    from sklearn.base import is_regressor  # noqa: PLC0415 - heavy: imported where first used

    if y is None and (scoring is not None or is_classifier(estimator) or is_regressor(estimator)):
        name = type(estimator).__name__
        what = f"scoring={scoring!r}" if scoring is not None else f"the score of {name}"
        raise ObjectiveError(f"{what} needs targets; y is None. Cure: SklearnObjective({name}(...), X, y).")


def check_scoring(estimator: Any, scoring: Any) -> None:
    """Refuse scorings that scikit-learn does not know, and several at once."""
    if scoring is None:
        if not hasattr(estimator, "score"):
            name = type(estimator).__name__
            raise ObjectiveError(f'{name} has no score() of its own. Cure: name one, such as scoring="accuracy".')
    elif isinstance(scoring, str):
        from sklearn.metrics import get_scorer_names  # noqa: PLC0415 - heavy: imported where first used

        known = get_scorer_names()
        if scoring not in known:
            raise ObjectiveError(
                f"scoring={scoring!r} is not known to scikit-learn.{nearest(scoring, known)} "
                "Cure: one of sklearn.metrics.get_scorer_names(), or a function scorer(estimator, X, y)."
            )
    elif not callable(scoring):
        raise ObjectiveError(
            f"scoring must be one scorer's name or a function; {describe(scoring)} came. "
            'Cure: scoring="accuracy"; further scores belong into a scorer of your own.'
        )


def check_fit_params(fit_params: Any) -> None:
    """Refuse what cannot be passed to fit by name."""
    if fit_params is not None and not isinstance(fit_params, Mapping):
        raise ObjectiveError(
            f'fit_params must be a mapping, such as {{"sample_weight": weights}}; {describe(fit_params)} came.'
        )


def check_resource(estimator: Any, resource: str | None, max_budget: Any) -> None:
    """Refuse a resource that is no integer parameter, and a largest budget that is missing or idle."""
    if resource is None:
        if max_budget is not None:
            raise ObjectiveError(
                f"max_budget={max_budget!r} needs a resource to count. "
                'Cure: resource="n_samples", or a parameter such as resource="n_estimators".'
            )
        return
    parameters = estimator.get_params()
    if resource not in parameters:
        raise ObjectiveError(
            f'resource must be "n_samples" or a parameter of {type(estimator).__name__}; {describe(resource)} came.'
            f"{nearest(resource, ['n_samples', *parameters])}"
        )
    value = parameters[resource]
    if value is not None and not is_integer(value):
        raise ObjectiveError(
            f"resource={resource!r} must be an integer parameter, since a budget is an integer; it is {value!r}. "
            'Cure: resource="n_samples", or an integer parameter such as "n_estimators" or "max_iter".'
        )
    if not _is_budget(max_budget):
        raise ObjectiveError(
            f"resource={resource!r} needs max_budget, an integer of at least 1; {describe(max_budget)} came. "
            f"Cure: the largest {resource} worth trying, such as max_budget=100."
        )


def check_samples(max_budget: Any, available: int) -> None:
    """Refuse a number of samples that the smallest training fold does not have."""
    if not _is_budget(max_budget) or max_budget > available:
        raise ObjectiveError(
            f"max_budget must be from 1 to {available}, the size of the smallest training fold; "
            f"{describe(max_budget)} came. Cure: leave it out to use them all."
        )


def check_names(estimator: Any, space: Space, resource: str | None) -> None:
    """Refuse a space's names that mean nothing to the estimator."""
    name, known = type(estimator).__name__, estimator.get_params()
    if resource is not None and resource in space:
        raise ObjectiveError(f"the budget sets {resource!r} (it is the resource). Cure: take it out of the space.")
    for parameter in space:
        if parameter not in known:
            raise ObjectiveError(
                f"{name} has no parameter {parameter!r}.{nearest(parameter, known)} It has: {', '.join(sorted(known))}."
            )


def _is_budget(value: Any) -> bool:
    return is_integer(value) and value >= 1


def _rows(data: Any, name: str) -> int:
    shape = getattr(data, "shape", None)
    if shape is not None and len(shape) > 0:
        return int(shape[0])
    if hasattr(data, "__len__") and shape is None and not isinstance(data, str | bytes):
        return len(data)
    raise ObjectiveError(
        f"{name} must have rows: an array, a DataFrame, a sparse matrix or a list; {describe(data)} came."
    )
