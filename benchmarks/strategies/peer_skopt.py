"""scikit-optimize's Gaussian process on our problems without conditions."""

import warnings
from importlib.metadata import version
from typing import Any

from skopt import Optimizer
from skopt.space import Categorical, Integer, Real

from benchmarks.strategies.knobs import Knob, Problem
from benchmarks.strategies.traces import Trace

VERSION = version("scikit-optimize")


def _dimension(knob: Knob) -> Any:
    prior = "log-uniform" if knob.log else "uniform"
    if knob.type == "choice":
        return Categorical(list(knob.choices), name=knob.name)
    if knob.type == "ordinal":
        return Integer(0, len(knob.choices) - 1, name=knob.name)
    if knob.type == "int":
        return Integer(int(knob.low), int(knob.high), prior=prior, name=knob.name)
    return Real(knob.low, knob.high, prior=prior, name=knob.name)


def _value(knob: Knob, value: Any) -> Any:
    if knob.type == "choice":
        return value
    if knob.type == "ordinal":
        return knob.choices[int(value)]
    return int(value) if knob.type == "int" else float(value)


def search(problem: Problem, evaluations: int, seed: int) -> Trace:
    """Run a search with the optimizer's defaults."""
    warnings.filterwarnings("ignore")  # of points asked for twice, and of fits that end early: many a run
    optimizer = Optimizer([_dimension(knob) for knob in problem.knobs], random_state=seed)
    trace = Trace(problem)
    for number in range(evaluations):
        point = optimizer.ask()
        config = {knob.name: _value(knob, value) for knob, value in zip(problem.knobs, point, strict=True)}
        loss = problem.loss(config)
        optimizer.tell(point, loss, fit=number + 1 < evaluations)
        trace.report(number, config, loss)
    trace.finish()
    return trace
