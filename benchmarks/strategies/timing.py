"""Milliseconds for one suggestion against the length of the history, ours and Optuna's in one run, one thread.

The task is a smooth function of six numbers, two of them on logarithmic scales. A history of n results of random
configurations is given at once; then come six steps of suggesting and telling, of which the first, in which models are
fitted for the first time, is not counted. The figure is the median of the other five.
"""

import json
import logging
import os
import statistics
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.places import ROOT
from benchmarks.strategies.peer_timing import COUNTED, KNOBS, loss
from tunewidgets.history import Ended, Event, Goal, Limits, Opened, Place, Reported, Started
from tunewidgets.samplers import SAMPLERS, Proposer, generator_for, sampler_from_json
from tunewidgets.space import Float, Space

_LOG = logging.getLogger("benchmarks.strategies")
Milliseconds = dict[str, dict[int, float]]
"""By method and length of the history."""

_MODEL = (10, 20, 50, 100, 200, 500)
_LONG = (*_MODEL, 1000, 3000, 10_000)
LENGTHS: Mapping[str, tuple[int, ...]] = {
    "our gp": (*_MODEL, 1000),
    "our tpe": _LONG,
    "our evolution": _LONG,
    "our random": _LONG,
    "Optuna GP": _MODEL,
    "Optuna TPE": _LONG,
}
_PLACE = Place(0, 0, None)


def take(python: Path | None, *, quick: bool) -> Milliseconds:
    """Take all figures, the methods in turn at every length; Optuna's where its Python is given."""
    taken: Milliseconds = {name: {} for name in LENGTHS if _is_there(name, python)}
    for length in _LONG:
        for name in taken:
            if length in LENGTHS[name] and (length in _MODEL or not quick):
                taken[name][length] = _ours(name, length) if name.startswith("our ") else _theirs(python, name, length)
        _LOG.info("suggestions after %d results are timed", length)
    return taken


def _is_there(name: str, python: Path | None) -> bool:
    return name.removeprefix("our ") in SAMPLERS if name.startswith("our ") else python is not None


def _theirs(python: Path | None, name: str, length: int) -> float:
    command = [
        str(python),
        "-m",
        "benchmarks.strategies.peer_timing",
        name.removeprefix("Optuna ").lower(),
        str(length),
    ]
    alone = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, cwd=ROOT, env=alone, capture_output=True, text=True)  # noqa: S603 - the peers' Python
    return float(json.loads(done.stdout.splitlines()[-1]))


def _ours(name: str, length: int) -> float:
    rng = np.random.default_rng(length)
    space = Space({knob.name: Float(knob.low, knob.high, sampling="log" if knob.log else "linear") for knob in KNOBS})
    proposer = sampler_from_json({"name": name.removeprefix("our ")}).begin()
    proposer.apply(Opened(0, space, Limits(length + COUNTED + 1), (Goal("loss", "min"),)))
    for trial in range(length):
        config = {knob.name: knob.draw(rng) for knob in KNOBS}
        _apply(proposer, Started(trial, config, _PLACE, "user", {}, seen=0))
    seconds = []
    with threadpool_limits(1):
        for trial in range(length, length + COUNTED + 1):
            began = time.perf_counter()
            found = proposer.suggest(space, generator_for(0, trial))[0]
            seconds.append(time.perf_counter() - began)
            _apply(proposer, Started(trial, found.config, _PLACE, "sampler", found.notes, seen=0))
    return 1000 * statistics.median(seconds[1:])


def _apply(proposer: Proposer, started: Started) -> None:
    """Tell of a trial from its start to its end."""
    value = loss(dict(started.config))
    events: tuple[Event, ...] = (
        started,
        Reported(started.trial, 1, 1, value),
        Ended(started.trial, 1, "completed", _PLACE, value),
    )
    for event in events:
        proposer.apply(event)
