"""What a user hands over, made into an objective, or an error that says how to."""

import inspect
from typing import Any

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.function import FunctionObjective
from tunewidgets.objectives.values import describe


def as_objective(target: Any) -> Objective:
    """Return an objective as it is and a function as a `FunctionObjective`.

    Parameters
    ----------
    target : Objective or callable
        What is to be tuned.

    Returns
    -------
    Objective
        Not yet checked.

    Raises
    ------
    ObjectiveError
        It is something else; the message says how an objective is made of it.

    Examples
    --------
    >>> as_objective(lambda config: config["x"])
    FunctionObjective(the function)
    """
    if isinstance(target, Objective):
        return target
    _refuse_known(target)
    if callable(target) and not inspect.isclass(target):
        return FunctionObjective(target)
    raise ObjectiveError(
        f"what is tuned must be a function or an objective; {describe(target)} came. "
        "Cure: pass a function f(config) -> float, a function f(trial) that reports, SklearnObjective(estimator, X, y) "
        "or KerasObjective(build_model, x, y)."
    )


def _refuse_known(target: Any) -> None:
    """Refuse what is nearly right, each with its own cure."""
    if inspect.isclass(target):
        raise ObjectiveError(f"what is tuned must be a function or an objective; the class {target.__name__} came. "
                             f"Cure: make an instance of it, {target.__name__}(...).")  # fmt: skip
    name = type(target).__name__
    if hasattr(target, "fit") and hasattr(target, "get_params"):
        raise ObjectiveError(f"the estimator {name} came without data. Cure: tw.SklearnObjective({name}(...), X, y).")
    if hasattr(target, "fit") and hasattr(target, "compile"):
        raise ObjectiveError(
            f"a Keras model ({name}) came; a tuner must build a new one for every trial. "
            "Cure: tw.KerasObjective(build_model, x, y) with def build_model(hp): ... return model."
        )
    if callable(target) and _first_parameter(target) == "hp":
        raise ObjectiveError(
            f"{getattr(target, '__name__', name)}(hp) builds a Keras model, and its data are missing. "
            "Cure: tw.KerasObjective(build_model, x, y, ...)."
        )


def _first_parameter(function: Any) -> str | None:
    try:
        return next(iter(inspect.signature(function).parameters), None)
    except (TypeError, ValueError):
        return None
