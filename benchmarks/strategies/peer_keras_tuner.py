"""Keras Tuner's Bayesian oracle on our problems, conditional ones with its conditional scopes."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from typing import Any
from unittest.mock import patch

os.environ.setdefault("KERAS_BACKEND", "torch")
warnings.filterwarnings("ignore")

import keras_tuner  # noqa: E402 - the backend must be named first

from benchmarks.strategies.knobs import Config, Knob, Problem  # noqa: E402 - likewise
from benchmarks.strategies.traces import Trace  # noqa: E402 - likewise

VERSION = version("keras-tuner")


def _scopes(knob: Knob, knobs: dict[str, Knob]) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the conditions of a parameter and of its parents, outermost first."""
    if knob.when is None:
        return []
    return [*_scopes(knobs[knob.when[0]], knobs), knob.when]


def _of_one_type(choices: tuple[Any, ...]) -> list[Any]:
    """Return the values as Keras Tuner wants them: integers among floats as floats, which are equal to them."""
    return [float(each) for each in choices] if float in map(type, choices) else list(choices)


def _declare(space: keras_tuner.HyperParameters, knob: Knob) -> None:
    sampling = "log" if knob.log else "linear"
    if knob.type in ("choice", "ordinal"):
        space.Choice(knob.name, _of_one_type(knob.choices), ordered=knob.type == "ordinal")
    elif knob.type == "int":
        space.Int(knob.name, int(knob.low), int(knob.high), sampling=sampling)
    else:
        space.Float(knob.name, float(knob.low), float(knob.high), sampling=sampling)


def space_of(problem: Problem) -> keras_tuner.HyperParameters:
    """Return the problem's parameters in Keras Tuner's words."""
    space, knobs = keras_tuner.HyperParameters(), {knob.name: knob for knob in problem.knobs}
    for knob in problem.knobs:
        with ExitStack() as stack:
            for parent, values in _scopes(knob, knobs):
                stack.enter_context(space.conditional_scope(parent, list(values)))
            _declare(space, knob)
    return space


def _config(problem: Problem, values: Config) -> Config:
    config: Config = {}
    for knob in problem.knobs:
        if knob.is_active(config):
            value = values[knob.name]
            config[knob.name] = int(value) if knob.type == "int" else value
    return config


@contextmanager
def _unchecked() -> Iterator[None]:
    """Leave out scikit-learn's checks of what is passed to a Gaussian process.

    The oracle predicts one point at a time, thousands for a suggestion, and most of its time goes into checking that
    each is an array. Without the checks the numbers are the same.
    """

    def passed(_model: Any, X: Any, y: Any = None, **_how: Any) -> Any:  # noqa: N803 - scikit-learn's name
        return X if y is None else (X, y)

    with patch("sklearn.gaussian_process._gpr.validate_data", passed):
        yield


def search(problem: Problem, evaluations: int, seed: int) -> Trace:
    """Run a search with the oracle's defaults."""
    trace = Trace(problem)
    with tempfile.TemporaryDirectory() as folder, _unchecked():
        oracle = keras_tuner.oracles.BayesianOptimizationOracle(
            objective=keras_tuner.Objective("loss", "min"),
            max_trials=evaluations,
            hyperparameters=space_of(problem),
            seed=seed + 1,  # it takes 0 for none given, and draws one of its own
        )
        oracle.verbose = False
        oracle._set_project_dir(folder, "run")  # noqa: SLF001 - a tuner does this; there is no public way
        for number in range(evaluations):
            trial = oracle.create_trial("tuner")
            config = _config(problem, trial.hyperparameters.values)
            loss = problem.loss(config)
            oracle.update_trial(trial.trial_id, {"loss": loss})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
            trace.report(number, config, loss)
    trace.finish()
    return trace
