"""The benchmarks' package stands beside the kit, not in it."""

import os
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:
    sys.path.append(ROOT)

FOLDER = """
from types import SimpleNamespace

def load(name):
    parameters = [
        {"name": "how", "type": "choice", "choices": ["a", "b"], "when": None},
        {"name": "rate", "type": "float", "low": 1e-3, "high": 1.0, "log": True, "when": ("how", ("b",))},
        {"name": "size", "type": "ordinal", "choices": [1, 2, 4.0], "when": None},
        {"name": "count", "type": "int", "low": 1, "high": 9, "log": False, "when": None},
    ]
    class Task(SimpleNamespace):
        def __call__(self, config, budget=None):
            return config["count"] * (budget or 4)
    return Task(name=name, parameters=parameters, best=36, maximize=True, fidelity=SimpleNamespace(high=4))
"""


@pytest.fixture
def folder(tmp_path):
    """A folder of tasks as the benchmark wants it."""
    (tmp_path / "tasks.py").write_text(FOLDER, encoding="utf-8")
    return tmp_path


@pytest.fixture
def real():
    """The folder of the real tasks, where its path is known."""
    given = os.environ.get("TUNEWIDGETS_TASKS")
    if not given or not os.path.exists(os.path.join(given, "tasks.py")):  # noqa: PTH110, PTH118 - one line
        pytest.skip("TUNEWIDGETS_TASKS does not name the folder of the benchmark's tasks")
    return given
