"""Methods made by hand, for whatever compares them."""

import numpy as np

from tunewidgets.analysis.compare import Field, compare_methods
from tunewidgets.analysis.courses import Course


def ran(values, *, seed=None, costs=None, reached=None):
    """A course of these best values, one a trial unless costs are given, of two epochs and three seconds each."""
    trials = np.array(costs or range(1, len(values) + 1), float)
    end = float(reached or (trials[-1] if len(trials) else 0))
    scales = {"trials": 1.0, "budget": 2.0, "time": 3.0}
    return Course(
        seed,
        np.array(values, float),
        {cost: trials * scale for cost, scale in scales.items()},
        {cost: end * scale for cost, scale in scales.items()},
    )


def compared(methods, cost="trials", direction="min", *, paired=False):
    """Compare methods given as lists of courses, or of final values."""
    made = {
        name: [
            each if isinstance(each, Course) else ran([each], seed=number if paired else None)
            for number, each in enumerate(group)
        ]
        for name, group in methods.items()
    }
    return compare_methods(Field("loss", direction, "epoch", made), cost)
