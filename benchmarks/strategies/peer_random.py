"""Random search, drawn by the problems themselves: the floor, and a check on the harness."""

import numpy as np

from benchmarks.strategies.knobs import Problem
from benchmarks.strategies.traces import Trace

VERSION = "-"


def search(problem: Problem, evaluations: int, seed: int) -> Trace:
    """Run so many random configurations, each trained in full."""
    rng, trace = np.random.default_rng(seed), Trace(problem)
    for number in range(evaluations):
        config = problem.sample(rng)
        trace.report(number, config, problem.loss(config), problem.epochs or 1)
    trace.finish()
    return trace
