"""syne-tune's regularized evolution, ASHA and its kin on our problems, one worker."""

import datetime as dt
import logging
import warnings
from importlib.metadata import version
from typing import Any

import numpy as np

warnings.filterwarnings("ignore")

from syne_tune import config_space as cs  # noqa: E402 - it warns of optional parts as it is imported
from syne_tune.backend.trial_status import Trial  # noqa: E402 - likewise
from syne_tune.optimizer.scheduler import SchedulerDecision, TrialScheduler  # noqa: E402 - likewise
from syne_tune.optimizer.schedulers.asha import AsynchronousSuccessiveHalving  # noqa: E402 - likewise
from syne_tune.optimizer.schedulers.searchers.regularized_evolution import RegularizedEvolution  # noqa: E402 - likewise

from benchmarks.strategies.knobs import Knob, Problem  # noqa: E402 - likewise
from benchmarks.strategies.traces import Trace  # noqa: E402 - likewise

VERSION = version("syne-tune")
POPULATION, SAMPLE = 10, 3
BRACKETS = {"asha": 1, "hyperband": 3, "bohb": 3}
logging.getLogger("syne_tune").setLevel(logging.ERROR)


def _domain(knob: Knob) -> Any:
    if knob.type == "choice":
        return cs.choice(list(knob.choices))
    if knob.type == "ordinal":
        return cs.ordinal(list(knob.choices), kind="equal")
    if knob.type == "int":
        return (cs.lograndint if knob.log else cs.randint)(int(knob.low), int(knob.high))
    return (cs.loguniform if knob.log else cs.uniform)(float(knob.low), float(knob.high))


def evolution(problem: Problem, evaluations: int, seed: int) -> Trace:
    """Run regularized evolution."""
    np.random.seed(seed)  # noqa: NPY002 - it draws the first configurations from the global generator
    searcher = RegularizedEvolution(
        {knob.name: _domain(knob) for knob in problem.knobs},
        points_to_evaluate=[],
        population_size=POPULATION,
        sample_size=SAMPLE,
        random_seed=seed,
    )
    trace = Trace(problem)
    for number in range(evaluations):
        config = searcher.suggest()
        loss = problem.loss(config)
        searcher.on_trial_complete(number, config, loss)
        trace.report(number, config, loss)
    trace.finish()
    return trace


def _scheduler(problem: Problem, name: str, seed: int) -> TrialScheduler:
    return AsynchronousSuccessiveHalving(
        {knob.name: _domain(knob) for knob in problem.knobs},
        metric="loss",
        searcher="kde" if name == "bohb" else "random_search",
        time_attr="epoch",
        max_t=problem.epochs or 1,
        brackets=BRACKETS[name],
        random_seed=seed,
        searcher_kwargs={"points_to_evaluate": []},
    )


def halving(problem: Problem, name: str, cost: int, seed: int) -> Trace:
    """Run asynchronous successive halving: trials that are beaten at a rung are stopped."""
    np.random.seed(seed)  # noqa: NPY002 - it draws the bracket from the global generator
    scheduler, trace, number = _scheduler(problem, name, seed), Trace(problem), 0
    while trace.cost < cost:
        suggested = scheduler.suggest()
        trial = Trial(number, suggested.config, dt.datetime.now(dt.UTC))
        scheduler.on_trial_add(trial)
        _train(scheduler, trial, problem, trace)
        number += 1
    return trace


def _train(scheduler: TrialScheduler, trial: Trial, problem: Problem, trace: Trace) -> None:
    epochs = problem.epochs or 1
    for epoch in range(1, epochs + 1):
        result = {"loss": problem.loss(trial.config, epoch), "epoch": epoch}
        trace.report(trial.trial_id, trial.config, result["loss"], epoch)
        if epoch == epochs:
            scheduler.on_trial_complete(trial, result)
        elif scheduler.on_trial_result(trial, result) == SchedulerDecision.STOP:
            return
