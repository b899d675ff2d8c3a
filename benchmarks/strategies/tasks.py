"""The problems by kind: those of a folder of tasks, the BBOB suite's, and the conditional ones of our own.

The folder holds a file ``tasks.py`` with ``load(name)``; what that returns has `parameters` (mappings with name, type,
low, high, log, choices, when), `best`, `maximize`, `fidelity` (with `high`) or None, and is called with a configuration
and a budget.
"""

import importlib.util
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.strategies.bbob import FUNCTIONS, bbob, has_ioh
from benchmarks.strategies.conditional import mirage, orchard
from benchmarks.strategies.knobs import KINDS, Config, Kind, Knob, Problem

LCBENCH = tuple(f"lcbench_{number}" for number in (7593, 126026, 167168, 168330))
FOLDER: Mapping[Kind, tuple[str, ...]] = {
    "numeric": ("branin", "ackley5", *LCBENCH),
    "tables": ("hpobench_australian", "hpobench_phoneme", "hpobench_segment", "hpolib_naval_propulsion"),
    "conditional": ("kettle",),
    "nas": ("nasbench201_cifar10", "nasbench201_imagenet", "nasbench_graph_cora", "nasbench_graph_pubmed"),
    "fidelity": ("nasbench_nlp", *LCBENCH),
}
"""What is taken from the folder; the numeric kind takes training at the full budget."""

OWN: Mapping[str, Callable[[], Problem]] = {"mirage": mirage, "orchard": orchard}
BRANCHES: Mapping[str, tuple[Any, ...]] = {"kettle": ("wave",)}
"""The branches that hold the best configurations of the folder's conditional tasks."""


def names(kind: Kind) -> tuple[str, ...]:
    """Return the names of a kind's tasks."""
    own = tuple(OWN) if kind == "conditional" else ()
    suite = tuple(f"bbob_{name}" for name in FUNCTIONS) if kind == "numeric" else ()
    return (*FOLDER[kind], *suite, *own)


def load(folder: Path, kind: Kind, name: str) -> Problem:
    """Return a task.

    Raises
    ------
    ModuleNotFoundError
        If it belongs to the BBOB suite and `ioh` is not installed.
    FileNotFoundError
        If it belongs to the folder, and that has no ``tasks.py``.
    """
    if name in OWN:
        return OWN[name]()
    if name.startswith("bbob_"):
        return bbob(name.removeprefix("bbob_"))
    return adapted(_module(folder).load(name), kind)


def adapted(task: Any, kind: Kind) -> Problem:
    """Return a task of the folder as a problem."""
    sign = -1.0 if task.maximize else 1.0

    def loss(config: Config, budget: int | None) -> float:
        return sign * float(task(config, budget))

    knobs = tuple(Knob.of(each) for each in task.parameters)
    epochs = task.fidelity.high if kind == "fidelity" else None
    return Problem(task.name, kind, knobs, loss, sign * float(task.best), epochs, BRANCHES.get(task.name))


def missing(folder: Path) -> tuple[str, ...]:
    """Return the names of the tasks that cannot be loaded here."""
    gone = () if (folder / "tasks.py").exists() else tuple(name for kind in KINDS for name in FOLDER[kind])
    return gone if has_ioh() else (*gone, *(f"bbob_{name}" for name in FUNCTIONS))


@lru_cache
def _module(folder: Path) -> ModuleType:
    file = folder / "tasks.py"
    spec = importlib.util.spec_from_file_location("tasks_of_the_folder", file)
    if spec is None or spec.loader is None or not file.exists():
        raise FileNotFoundError(f"there is no {file}: give the folder of the tasks with --tasks FOLDER")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
