"""Our samplers and schedules on the problems, through the real driver on a simulated clock."""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal, NamedTuple

import tunewidgets
from benchmarks.strategies import tasks
from benchmarks.strategies.kept import Run
from benchmarks.strategies.knobs import Kind, Knob, Problem
from benchmarks.strategies.traces import CHECKPOINTS, Trace
from tunewidgets.history import Goal, History, Limits, Opened, Reported
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.simulated import SimulatedExecutor, World
from tunewidgets.samplers import SAMPLERS, sampler_from_json
from tunewidgets.schedules import SCHEDULES, schedule_from_json
from tunewidgets.space import Choice, Float, Int, Parameter, Space
from tunewidgets.store.memory import MemoryStore

_LOG = logging.getLogger("benchmarks.strategies")
_FULL = {"name": "full"}


class Method(NamedTuple):
    """A pair of ours, on some kinds of tasks.

    Attributes
    ----------
    name : str
        Its name in tables.
    kinds : tuple
        The kinds of tasks.
    sampler, schedule : mapping
        The settings, as `to_json` writes them.
    evaluations : int or None
        Where fewer than the last checkpoint are enough.
    """

    name: str
    kinds: tuple[Kind, ...]
    sampler: Mapping[str, Any]
    schedule: Mapping[str, Any] = _FULL
    evaluations: int | None = None

    @property
    def is_there(self) -> bool:
        """Whether the kit has both."""
        return self.sampler["name"] in SAMPLERS and self.schedule["name"] in SCHEDULES

    @property
    def is_slow(self) -> bool:
        """Whether it fits a model hundreds of times a run."""
        return self.sampler["name"] == "gp" and self.schedule != _FULL


_ALL: tuple[Kind, ...] = ("numeric", "tables", "conditional")
_MULTI: tuple[Kind, ...] = ("fidelity",)
METHODS = (
    Method("random", (*_ALL, "nas"), {"name": "random"}),
    Method("sobol", _ALL, {"name": "sobol"}),
    Method("gp", _ALL, {"name": "gp"}, evaluations=50),
    Method("tpe", (*_ALL, "nas"), {"name": "tpe"}),
    Method("evolution", (*_ALL, "nas"), {"name": "evolution"}),
    Method("genetic", (*_ALL, "nas"), {"name": "genetic"}),
    Method("cmaes", ("numeric",), {"name": "cmaes"}),
    *(Method(f"{name}, full", _MULTI, {"name": name}) for name in ("random", "tpe", "gp")),
    *(
        Method(f"{title} + {name}", _MULTI, {"name": name}, schedule)
        for title, schedule in (
            ("hyperband", {"name": "hyperband", "iterations": None}),
            ("asha (promotion)", {"name": "asha", "variant": "promotion"}),
            ("asha (stopping)", {"name": "asha", "variant": "stopping"}),
        )
        for name in ("random", "tpe", "gp")
    ),
)
"""What is run; one whose sampler or schedule the kit does not have is left out, by name."""


def space_of(problem: Problem) -> Space:
    """Return the problem's space in our words."""
    return Space({knob.name: _parameter(knob) for knob in problem.knobs})


def _parameter(knob: Knob) -> Parameter:
    sampling: Literal["log", "linear"] = "log" if knob.log else "linear"
    made: Parameter
    if knob.type in ("choice", "ordinal"):
        made = Choice(list(knob.choices), ordered=knob.type == "ordinal")
    elif knob.type == "int":
        made = Int(int(knob.low), int(knob.high), sampling=sampling)
    else:
        made = Float(float(knob.low), float(knob.high), sampling=sampling)
    return made.when({knob.when[0]: list(knob.when[1])}) if knob.when else made


def run(problem: Problem, method: Method, seed: int) -> Trace:
    """Run one search with one worker.

    Parameters
    ----------
    problem : Problem
        What is tuned.
    method : Method
        By what.
    seed : int
        Of the search.

    Returns
    -------
    Trace
        Its regrets, by the rule that holds for everybody.
    """
    most, epochs = method.evaluations or CHECKPOINTS[problem.kind][-1], problem.epochs or 1
    full = method.schedule == _FULL
    # A ladder goes on until the cost is spent. So many trials cannot be had for it, but without end it needs a limit.
    limit = most if full else most * epochs
    schedule = schedule_from_json(method.schedule).resolved(problem.epochs, limit, "epochs")
    budgeted = problem.epochs is not None
    world = World(
        lambda config, step: problem.loss(dict(config), step if budgeted else None), stride=epochs if full else 1
    )
    executor, store, trace = SimulatedExecutor(world), MemoryStore(), Trace(problem)
    store.append([History().append(Opened(seed, space_of(problem), Limits(limit), (Goal("loss", "min"),)), 0.0)])
    driver = Driver(store, schedule, sampler_from_json(method.sampler), executor, lambda: executor.now)
    read = 0
    while not driver.done and trace.cost < most:
        driver.turn(1.0)
        _tell(trace, driver.history, read)
        read = len(driver.history)
    trace.finish(most)
    return trace


def _tell(trace: Trace, history: History, read: int) -> None:
    """Tell the trace of the reports that have come since so many events."""
    for entry in history.since(read):
        if isinstance(entry.event, Reported):
            number = entry.event.trial
            trace.report(number, dict(history.trials[number].config), entry.event.value, entry.event.step)


class Work(NamedTuple):
    """One run to be made."""

    folder: Path
    kind: Kind
    task: str
    method: Method
    seed: int


def plan(
    folder: Path, kinds: Iterable[Kind], seeds: int, only: tuple[str, ...] = (), *, quick: bool = False
) -> list[Work]:
    """Return the runs to make; what is not there is left out, by name, and with `quick` so is what is slow."""
    kinds, gone = tuple(kinds), tasks.missing(folder)
    if gone:
        _LOG.warning("left out, for want of the folder or of ioh: %s", ", ".join(gone))
    if absent := [method.name for method in METHODS if not method.is_there]:
        _LOG.warning("left out, for the kit does not have them: %s", ", ".join(absent))
    chosen = [method for method in METHODS if method.is_there and (not only or method.name in only)]
    chosen = [method for method in chosen if not (quick and method.is_slow)]
    return [
        Work(folder, kind, task, method, seed)
        for seed in range(seeds)
        for method in chosen
        for kind in method.kinds
        if kind in kinds
        for task in tasks.names(kind)
        if task not in gone
    ]


def make(work: Work) -> tuple[Kind, Run] | str:
    """Make one run; a failure is answered as a text."""
    problem = tasks.load(work.folder, work.kind, work.task)
    try:
        trace = run(problem, work.method, work.seed)
    except Exception as error:  # noqa: BLE001 - one that fails is told of, and does not keep the others from running
        return f"{work.method.name} on {work.task}, seed {work.seed}: {type(error).__name__}: {error}"
    return work.kind, Run.of(trace, work.task, work.method.name, tunewidgets.__version__, work.seed)


def make_all(works: list[Work], jobs: int) -> Iterator[tuple[Kind, Run]]:
    """Make runs in so many processes, each in one thread, and hand them over as they come."""
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:  # a fork would have its threads already
        for number, made in enumerate(pool.map(make, works, chunksize=1), 1):
            if isinstance(made, str):
                _LOG.error("failed: %s", made)
                continue
            if number % 200 == 0:
                _LOG.info("%d of %d runs", number, len(works))
            yield made
