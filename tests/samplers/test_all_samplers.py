"""Laws of all samplers at once: the same in another process, and one configuration where there is nothing to choose."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tunewidgets.history import Started
from tunewidgets.samplers import CMAES, GP, NSGA2, TPE, Evolution, Genetic, Grid, Random, Sobol
from tunewidgets.space import Space
from tunewidgets.testing.samplers import SPACES, searched

SAMPLERS = {
    "gp": GP(initial=3),
    "tpe": TPE(startup_trials=3),
    "evolution": Evolution(population=4, sample=2),
    "genetic": Genetic(population=4),
    "nsga2": NSGA2(population=4),
    "cmaes": CMAES(),
    "random": Random(),
    "sobol": Sobol(),
    "grid": Grid(3, order="shuffled"),
}


def suggested():
    """Every suggestion of every sampler in a search of its own, as text."""
    told = {}
    for name, sampler in SAMPLERS.items():
        space = SPACES["logarithms" if name == "cmaes" else "conditions"]
        starts = [event for event in searched(sampler, space, 8) if isinstance(event, Started)]
        told[name] = [[dict(start.config), dict(start.notes)] for start in starts]
    return json.dumps(told, sort_keys=True)


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_a_space_without_parameters_has_one_configuration(sampler):
    assert [event.config for event in searched(sampler, Space(), 5) if isinstance(event, Started)] == [{}]


def test_another_process_suggests_the_same():
    code = "import test_all_samplers as it; print(it.suggested())"
    # Sets and dicts of another order, and another number of threads, must change nothing.
    env = os.environ | {"PYTHONHASHSEED": "4", "PYTHONPATH": str(Path(__file__).parent), "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(suggested())
