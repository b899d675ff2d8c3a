"""Optuna's samplers and pruners on our problems."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import optuna

from benchmarks.strategies.knobs import Config, Knob, Problem
from benchmarks.strategies.traces import Trace

VERSION = optuna.__version__
optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


def _tpe(seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.TPESampler(seed=seed)


def _gp(seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.GPSampler(seed=seed, warn_independent_sampling=False)


def _random(seed: int) -> optuna.samplers.BaseSampler:
    return optuna.samplers.RandomSampler(seed=seed)


SAMPLERS: Mapping[str, Callable[[int], optuna.samplers.BaseSampler]] = {"tpe": _tpe, "gp": _gp, "random": _random}


def _pruner(name: str, epochs: int) -> optuna.pruners.BasePruner:
    if name == "sh":
        return optuna.pruners.SuccessiveHalvingPruner(min_resource=1)
    return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=epochs)


def _suggest(trial: optuna.Trial, knob: Knob) -> Any:
    """Return a value; an ordered one is asked for by its position, so that Optuna knows the order."""
    if knob.type == "choice":
        return trial.suggest_categorical(knob.name, knob.choices)
    if knob.type == "ordinal":
        return knob.choices[trial.suggest_int(knob.name, 0, len(knob.choices) - 1)]
    if knob.type == "int":
        return trial.suggest_int(knob.name, int(knob.low), int(knob.high), log=knob.log)
    return trial.suggest_float(knob.name, knob.low, knob.high, log=knob.log)


def config_of(trial: optuna.Trial, knobs: tuple[Knob, ...]) -> Config:
    """Ask for the active parameters, in Optuna's way: what hangs on a value is asked for where that value came."""
    config: Config = {}
    for knob in knobs:
        if knob.is_active(config):
            config[knob.name] = _suggest(trial, knob)
    return config


def search(problem: Problem, sampler: str, evaluations: int, seed: int) -> Trace:
    """Run a search in which every trial is trained in full."""
    study = optuna.create_study(sampler=SAMPLERS[sampler](seed))
    trace = Trace(problem)
    for number in range(evaluations):
        trial = study.ask()
        config = config_of(trial, problem.knobs)
        loss = problem.loss(config)
        study.tell(trial, loss)
        trace.report(number, config, loss, problem.epochs or 1)
    trace.finish()
    return trace


def pruned(problem: Problem, names: tuple[str, str], cost: int, seed: int) -> Trace:
    """Run a search with a sampler and a pruner that is asked after every epoch."""
    epochs = problem.epochs or 1
    sampler, pruner = names
    study = optuna.create_study(
        study_name=f"{problem.name}-{seed}",  # Hyperband draws a trial's bracket by the name
        sampler=SAMPLERS[sampler](seed),
        pruner=_pruner(pruner, epochs),
    )
    trace = Trace(problem)
    while trace.cost < cost:
        trial = study.ask()
        config = config_of(trial, problem.knobs)
        _train(study, trial, config, problem, trace)
    return trace


def _train(study: optuna.Study, trial: optuna.Trial, config: Config, problem: Problem, trace: Trace) -> None:
    loss, epochs = 0.0, problem.epochs or 1
    for epoch in range(1, epochs + 1):
        loss = problem.loss(config, epoch)
        trial.report(loss, epoch)
        trace.report(trial.number, config, loss, epoch)
        if epoch < epochs and trial.should_prune():
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            return
    study.tell(trial, loss)
