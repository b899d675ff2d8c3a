"""How long ``import tunewidgets`` takes in a fresh Python, beside its peers."""

import subprocess
import sys

from benchmarks.places import ROOT
from benchmarks.record import Result, Spread, Table, at_most

MOST = 0.5
OURS = "tunewidgets"
MODULES = (OURS, "optuna", "keras_tuner")
CODE = (
    "import time, sys; t = time.perf_counter(); import {}; print(time.perf_counter() - t); "
    "print([m for m in ('pandas', 'scipy', 'sklearn', 'plotly', 'keras', 'tensorflow') if m in sys.modules])"
)


def run(*, quick: bool) -> Result:
    """Import each in a process of its own, in turn; a first round, which fills caches, is not counted."""
    rounds = 1 if quick else 10
    seconds: dict[str, list[float]] = {module: [] for module in MODULES}
    heavy: dict[str, str] = {}
    for turn in range(rounds + 1):
        for module, taken in seconds.items():
            figure, heavy[module] = _import(module)
            if turn:
                taken.append(figure)
    spreads = {module: Spread.of(taken) for module, taken in seconds.items()}
    rows = [(f"`import {module}`", spread.text(), heavy[module]) for module, spread in spreads.items()]
    return Result(
        title="Importing",
        how=f"{rounds} fresh processes each, in turn, after one that is not counted; Python's own start is not in it.",
        tables=(Table(("statement", "median (quartiles), s", "heavy packages it brings in"), tuple(rows)),),
        budgets=(at_most("`import tunewidgets`, median", MOST, spreads[OURS].median, " s"),),
        raw={f"import {module}, s": taken for module, taken in seconds.items()},
    )


def _import(module: str) -> tuple[float, str]:
    done = subprocess.run(  # noqa: S603 - this very Python, and names written above
        [sys.executable, "-c", CODE.format(module)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    figure, heavy = done.stdout.splitlines()[-2:]
    return float(figure), heavy.strip("[]").replace("'", "") or "none"
