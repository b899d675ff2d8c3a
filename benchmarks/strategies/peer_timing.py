"""Optuna's milliseconds for a suggestion: ``python -m benchmarks.strategies.peer_timing gp 100``, by the peers' Python.

The task stands here as well: both sides need it.
"""

import json
import math
import statistics
import sys
import time

import numpy as np

from benchmarks.strategies.knobs import Config, Knob

KNOBS = (
    Knob("a", "float", 1e-4, 1.0, log=True),
    Knob("b", "float", 1e-4, 1.0, log=True),
    *(Knob(name, "float", 0.0, 1.0) for name in "cdef"),
)
COUNTED = 5


def loss(c: Config) -> float:
    """Return a smooth loss with one minimum and a ripple."""
    a, b = math.log10(c["a"]) / 4 + 1, math.log10(c["b"]) / 4 + 1
    bowl = (a - 0.4) ** 2 + (b - 0.7) ** 2 + a * (c["c"] - 0.3) ** 2 + (c["d"] - b) ** 2 + 0.5 * (c["e"] - 0.5) ** 2
    return bowl + 0.05 * math.sin(9 * c["f"])


def take(sampler: str, length: int) -> float:
    """Return the median of the steps that count, in milliseconds."""
    import optuna  # noqa: PLC0415 - our side reads this file too, for the task

    from benchmarks.strategies.peer_optuna import SAMPLERS, config_of  # noqa: PLC0415 - likewise

    rng, study = np.random.default_rng(length), optuna.create_study(sampler=SAMPLERS[sampler](0))
    ranges = {knob.name: optuna.distributions.FloatDistribution(knob.low, knob.high, log=knob.log) for knob in KNOBS}
    for _ in range(length):
        config = {knob.name: knob.draw(rng) for knob in KNOBS}
        study.add_trial(optuna.trial.create_trial(params=config, distributions=ranges, value=loss(config)))
    seconds = []
    for _ in range(COUNTED + 1):
        began = time.perf_counter()
        trial = study.ask()
        config = config_of(trial, KNOBS)
        seconds.append(time.perf_counter() - began)
        study.tell(trial, loss(config))
    return 1000 * statistics.median(seconds[1:])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(take(sys.argv[1], int(sys.argv[2]))) + "\n")
