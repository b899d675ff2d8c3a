"""What the legs of the executors' suite do, by name: importable without pytest, in whatever process runs them."""

import ctypes
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.trial import LiveTrial


def act(trial: LiveTrial) -> Any:
    """Do what the configuration says under ``do``."""
    return _ACTS[trial.config["do"]](trial)


def _count(trial: LiveTrial) -> None:
    for step in trial.steps():
        trial.report(step, step / 2, double=step * 2.0)


def _keep(trial: LiveTrial) -> None:
    for step in trial.steps():
        trial.save(trial.load(default=0) + 1)
        trial.report(step, float(trial.load()))


def _tell_order(trial: LiveTrial) -> None:
    facts = [trial.number, trial.attempt, trial.budget, trial.seed, dict(trial.config)]
    (trial.checkpoint_dir / "order").write_text(repr(facts))
    trial.report(1, 0.0)


def _mark_after_report(trial: LiveTrial) -> None:
    trial.report(1, 0.0)
    (trial.checkpoint_dir / "after").touch()
    trial.report(2, 0.0)


def _raise(_trial: LiveTrial) -> NoReturn:
    raise ValueError("a value of its own")


def _exit(_trial: LiveTrial) -> NoReturn:
    sys.exit(3)


def _specials(trial: LiveTrial) -> None:
    for step, value in enumerate((math.nan, math.inf, -math.inf, 1e308), start=1):
        trial.report(step, value)


def _end_process(_trial: LiveTrial) -> NoReturn:
    os._exit(3)


def _segfault(_trial: LiveTrial) -> None:
    ctypes.string_at(0)


def _kill_itself(_trial: LiveTrial) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang(trial: LiveTrial) -> NoReturn:
    # Written before the report, so that whoever has the report has the number.
    (trial.checkpoint_dir / "pid").write_text(str(os.getpid()))
    trial.report(1, 0.0)
    while True:
        time.sleep(3600)


_ACTS: dict[str, Callable[[LiveTrial], Any]] = {
    "return": lambda _trial: 0.25,
    "return nothing": lambda _trial: None,
    "return text": lambda _trial: "good",
    "return a function": lambda _trial: _raise,
    "count": _count,
    "keep": _keep,
    "tell order": _tell_order,
    "mark": _mark_after_report,
    "raise": _raise,
    "exit": _exit,
    "specials": _specials,
    "end process": _end_process,
    "segfault": _segfault,
    "kill itself": _kill_itself,
    "hang": _hang,
}


class Learning(Objective):
    """Meets a parameter that the space did not know."""

    def run(self, trial: LiveTrial) -> float | None:  # noqa: D102 - the base class says it
        return float(len(trial.config))

    def met(self) -> dict[str, Any]:  # noqa: D102 - the base class says it
        return {"units": {"kind": "Int", "range": [1, 8]}}

    def model(self, trial_folder: Path, config: Any, seed: int) -> Any:  # noqa: ARG002, D102 - the base class says it
        return None
