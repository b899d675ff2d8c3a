"""A plain Python function as an objective: ``f(config) -> float`` or ``f(trial)`` that reports."""

import copy
import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from tunewidgets.errors import ObjectiveError
from tunewidgets.history import Config, Direction
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.checkpoint import Checkpoint
from tunewidgets.objectives.seeding import seeded
from tunewidgets.objectives.trial import LiveTrial
from tunewidgets.objectives.values import describe, to_float

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NOTHING = object()


class FunctionObjective(Objective):
    """A function, called once a leg.

    The function gets a `LiveTrial` where its first parameter is named ``trial`` or annotated so; it then reports as it
    trains, and schedules can stop it early. Any other function gets the configuration, a dict, and returns its value,
    or several metrics by name, ``{"accuracy": 0.97, "latency_ms": 12.0}``, of which `tune` is told what to optimise.
    While it runs, ``random`` and ``numpy.random`` are seeded with the trial's seed.

    Parameters
    ----------
    function : callable
        ``f(config) -> float`` or ``f(trial)``.

    Attributes
    ----------
    style : {"config", "trial"}
        What the function gets.
    metric : str or None
        Which of the metrics is its value, where it returns several.

    Examples
    --------
    >>> FunctionObjective(lambda config: config["x"] ** 2).style
    'config'
    >>> FunctionObjective(lambda trial: trial.report(1, trial.config["x"] ** 2)).style
    'trial'
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.style = "trial" if _wants_trial(function) else "config"
        self.reports = self.style == "trial"
        self.unit = "step" if self.reports else "evaluation"

    def __repr__(self) -> str:
        return f"FunctionObjective({_name(self.function)})"

    def with_metric(self, metric: str, direction: Direction) -> Self:  # noqa: ARG002 - the contract's signature
        """Return a copy that takes this one of the metrics returned as its value."""
        other = copy.copy(self)
        other.metric = metric
        return other

    def check(self) -> None:
        """Refuse what cannot be called with one argument and return a value.

        Raises
        ------
        ObjectiveError
            It is no callable, takes no positional argument or needs several, or is a coroutine or a generator.
        """
        name = _name(self.function)
        if not callable(self.function):
            raise ObjectiveError(f"what is tuned must be a function; {describe(self.function)} came.")
        if _is_kind(self.function, inspect.iscoroutinefunction):
            raise ObjectiveError(
                f"{name} is an async function; a plain one was expected. Cure: def instead of async def."
            )
        if _is_kind(self.function, inspect.isgeneratorfunction):
            raise ObjectiveError(
                f"{name} is a generator function (it has a yield); a plain one was expected. "
                "Cure: return the value, or take `trial` and call trial.report(step, value)."
            )
        _check_parameters(name, _parameters(self.function))

    def run(self, trial: LiveTrial) -> float | None:
        """Call the function for one leg.

        Parameters
        ----------
        trial : LiveTrial
            The leg.

        Returns
        -------
        float or None
            What the function returned, where it reported nothing; None where reports or a dict of metrics said it.

        Raises
        ------
        ObjectiveError
            A function that does not report returned no number, or a dict without the metric.
        LegEnd
            See `Objective.run`.
        """
        with seeded(trial.seed):
            value = self.function(trial if self.reports else trial.config)
        trial.settle()
        if self.reports and (trial.reported or (value is None and trial.saved_step)):
            return None  # its reports, of this leg or one before, have said it
        if isinstance(value, Mapping) and self.metric is not None:
            self._report_metrics(trial, value)
            return None
        return to_float(value, f"the value that {_name(self.function)} returned", self._cure(value))

    def _report_metrics(self, trial: LiveTrial, metrics: Mapping[Any, Any]) -> None:
        if self.metric not in metrics:
            names = ", ".join(map(repr, metrics)) or "nothing"
            raise ObjectiveError(
                f"{_name(self.function)} returned a dict with {names}, and {self.metric!r} is what is optimised. "
                "Cure: return that too, or name another one, tune(..., objective='loss')."
            )
        further = {str(name): value for name, value in metrics.items() if name != self.metric}
        if clash := further.keys() & {"step", "value"}:
            raise ObjectiveError(
                f"{_name(self.function)} returned a metric named {clash.pop()!r}, a name that a trial has another "
                "meaning for. Cure: give it another name."
            )
        trial.report(trial.budget or 1, metrics[self.metric], **further)

    def model(self, trial_folder: Path, config: Config, seed: int) -> Any:  # noqa: ARG002 - what was saved is all there is
        """Return what the trial saved last with ``trial.save``.

        Raises
        ------
        ObjectiveError
            Nothing usable was saved.
        """
        if not self.reports:
            raise ObjectiveError(
                f"there is no model: {_name(self.function)} gets a configuration and keeps nothing. "
                "Cure: take `trial` instead of the configuration and call trial.save(model), or train once more with "
                "the best configuration."
            )
        checkpoint = Checkpoint(trial_folder / "checkpoint")
        state = checkpoint.read(_NOTHING)
        if state is _NOTHING:
            why = checkpoint.problem or "the trial saved nothing"
            raise ObjectiveError(f"there is no model: {why}. Cure: call trial.save(model) in {_name(self.function)}.")
        return state

    def _cure(self, value: Any) -> str:
        if self.reports:
            return "call trial.report(step, value) or return a float."
        return "return a float; is a `return` missing?" if value is None else "return a float."


def _check_parameters(name: str, parameters: list[inspect.Parameter] | None) -> None:
    if parameters is None:
        return  # written in C, with a signature that Python cannot see: the call will tell
    places = [it for it in parameters if it.kind in (*_POSITIONAL, inspect.Parameter.VAR_POSITIONAL)]
    needed = [it.name for it in parameters if it.default is inspect.Parameter.empty and it.kind in _POSITIONAL]
    needed += [it.name for it in parameters if it.default is it.empty and it.kind is it.KEYWORD_ONLY]
    if not places:
        raise ObjectiveError(
            f"{name} takes no positional argument; one was expected. "
            "Cure: take the configuration, def f(config): ..., or the trial, def f(trial): ..."
        )
    if len(needed) > 1:
        raise ObjectiveError(
            f"{name} needs {len(needed)} arguments ({', '.join(needed)}); it is called with one. "
            "Cure: take one configuration, a dict; for a function f of several, lambda config: f(**config)."
        )


def _wants_trial(function: Callable[..., Any]) -> bool:
    parameters = _parameters(function)
    if not parameters or parameters[0].kind not in _POSITIONAL:
        return False
    annotation = parameters[0].annotation
    named = annotation.strip("'\"").rpartition(".")[2] if isinstance(annotation, str) else annotation
    return parameters[0].name == "trial" or named in (LiveTrial, LiveTrial.__name__)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def _is_kind(function: Any, test: Callable[[Any], bool]) -> bool:
    """Apply a test to the function, and to what a partial or an object with ``__call__`` would run."""
    inner = function.func if isinstance(function, functools.partial) else function
    return test(inner) or (not inspect.isroutine(inner) and test(type(inner).__call__))


def _name(function: Any) -> str:
    inner = function.func if isinstance(function, functools.partial) else function
    name = getattr(inner, "__name__", type(inner).__name__)
    return "the function" if name == "<lambda>" else str(name)
