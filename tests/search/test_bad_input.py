"""Bad input at the door: refused before anything starts, with what came, what was expected and the cure."""

import os
import re
import threading

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC

import tunewidgets as tw

SPACE = tw.Space(x=tw.Float(0.0, 1.0))
MIXED = tw.Space(x=tw.Float(0.0, 1.0), kind=tw.Choice(["a", "b"]))
X, Y = np.arange(60.0).reshape(30, 2), np.arange(30) % 2


def f(config):
    return config["x"]


def reports(trial):
    trial.report(1, trial.config["x"])


def locked():
    lock = threading.Lock()
    return lambda _config: lock.locked()


def opened():
    handle = open(os.devnull)  # noqa: PTH123, SIM115 - what a notebook has lying about
    return handle, lambda _config: handle.read()


def svc(**options):
    return tw.SklearnObjective(SVC(), options.pop("X", X), options.pop("y", Y), cv=3, **options)


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way")
    yield
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "in the way"


def refused(error, *essentials, **options):
    """Ask `tune` with one argument that is wrong; the message holds every essential."""
    options = {"target": f, "space": SPACE, "direction": "min", "trials": 3} | options
    with pytest.raises(error) as caught:
        tw.tune(options.pop("target"), options.pop("space"), **options)
    for essential in essentials:
        assert essential in str(caught.value)


STRATEGIES = [
    ({"strategy": "hyperbnd"}, ["strategy must be one of 'gp', 'bayesian', 'tpe', 'evolution',", "'hyperband', 'asha'",
                                "not 'hyperbnd'; did you mean 'hyperband'?"]),
    ({"sampler": "rnadom"}, ["sampler must be one of 'gp', 'tpe', 'evolution'", "not 'rnadom'; did", "'random'?"]),
    ({"schedule": "ful"}, ["schedule must be one of 'full', 'successive_halving', 'hyperband'", "mean 'full'?"]),
    ({"schedule": "patience"}, ["schedule='patience' has a setting that must be given", "such as tw.Patience(5)"]),
    ({"strategy": 3}, ["strategy must be one of", "not 3"]),
    ({"sampler": tw.Full(3)}, ["sampler must be one of 'gp'", "not Full(max_budget=3)"]),
    ({"sampler": "optuna"}, ["sampler='optuna' needs to be told which one: sampler=tw.OptunaSampler("]),
    ({"sampler": tw.Evolution, "trials": 3}, ["sampler must be one of 'gp'", "Evolution'>"]),
    ({"sampler": "cmaes", "space": MIXED}, ["kind"]),
    ({"sampler": tw.Evolution(), "objective": ["loss", "size"], "direction": ["min", "min"]},
     ["Evolution optimises one metric, and loss and size are to be optimised together: use one of 'gp', 'tpe', "]),
    ({"target": reports, "schedule": tw.ASHA(9), "objective": ["loss", "size"], "direction": ["min", "min"]},
     ['ASHA compares trials by one metric, and loss and size are to be optimised together: use schedule="full"']),
    ({"constraints": ["latency"]}, ["constraints must give a bound for each metric by name"]),
    ({"stop_when": 0.98}, ["stop_when must be rules such as tw.Target(0.98)", "not 0.98"]),
    ({"stop_when": [tw.Target]}, ["stop_when must be rules such as tw.Target(0.98)"]),
    ({"warm_start": 3}, ["warm_start must be an earlier search (or its name or folder), a table", "not 3"]),
    ({"warm_start": [({"x": 99.0}, 0.5)]}, ["none of the 1 results in warm_start can be used; the first, row 0 of"]),
    ({"schedule": tw.Random()}, ["schedule must be one of 'full'", "not Random()"]),
    ({"direction": "maximize"}, ["direction must be 'min' or 'max', not 'maximize'"]),
    ({"workers": 0}, ["workers must be a positive integer, or 'auto'", "not 0"]),
    ({"workers": 1.5}, ["workers must be a positive integer", "not 1.5"]),
    ({"workers": True}, ["workers must be a positive integer", "not True"]),
    ({"workers": "two"}, ["workers must be a positive integer", "not 'two'"]),
    ({"trials": 0}, ["trials must be an integer of at least 1, not 0"]),
    ({"trials": -3}, ["trials must be an integer of at least 1, not -3"]),
    ({"trials": 2.0}, ["trials must be an integer of at least 1, not 2.0"]),
    ({"trials": "ten"}, ["trials must be an integer of at least 1, not 'ten'"]),
    ({"timeout": "10"}, ["timeout must be a positive number of seconds or None, not '10'"]),
    ({"timeout": 0}, ["timeout must be a positive number of seconds or None, not 0"]),
    ({"timeout": float("nan")}, ["timeout must be a positive number of seconds", "not nan"]),
    ({"trial_timeout": -1}, ["trial_timeout must be a positive number of seconds or None, not -1"]),
    ({"max_consecutive_failures": 0}, ["max_consecutive_failures must be an integer of at least 1, not 0"]),
    ({"keep": "bset:3"}, ["keep must be 'all' or 'best:N' with N of at least 1, not 'bset:3'"]),
    ({"keep": "best:0"}, ["keep must be 'all' or 'best:N'", "not 'best:0'"]),
    ({"keep": 3}, ["keep must be 'all' or 'best:N'", "not 3"]),
    ({"seed": -1}, ["seed must be an integer of at least 0 or None, not -1"]),
    ({"seed": "lucky"}, ["seed must be an integer of at least 0 or None, not 'lucky'"]),
    ({"executor": "proces"}, ["executor must be 'process' or 'inline', not 'proces'"]),
    ({"if_exists": "replce"}, ["if_exists must be one of 'attach', 'replace', 'new', not 'replce'"]),
    ({"name": "a/b"}, ["a search's name is its folder's: letters, digits", "not 'a/b'"]),
    ({"name": ".."}, ["a search's name is its folder's", "not '..'"]),
    ({"name": "x" * 81}, ["at most 80 of them"]),
    ({"name": 5}, ["a search's name is its folder's", "not 5"]),
    ({"objective": ["a", "b"]}, ["direction must have one entry for each metric: there are 2 (a, b) and 1 came"]),
    ({"objective": 3}, ["objective must be a metric's name such as 'val_accuracy', or a list of them, not 3"]),
    ({"trials": None}, ["nothing would ever end this search: give trials=20, or timeout=600 (seconds)"]),
    ({"strategy": "hyperband"}, ["Hyperband compares trials on their way, and this objective tells its",
                                 "value only at the end", "let it take `trial` and call", 'schedule="full"']),
    ({"strategy": "hyperband", "target": reports}, ["Hyperband needs the largest budget of one trial in steps",
                                                    "give schedule=tw.Hyperband(max_budget=27)"]),
    ({"schedule": "successive_halving", "target": reports}, ["SuccessiveHalving needs the largest budget"]),
    ({"strategy": tw.Hyperband(9, iterations=None), "target": reports, "trials": None},
     ["Hyperband(iterations=None) never ends by itself: give trials=... or iterations=1"]),
]  # fmt: skip


@pytest.mark.parametrize(("options", "essentials"), STRATEGIES, ids=[case[1][0][:60] for case in STRATEGIES])
def test_what_was_asked_cannot_work(options, essentials):
    refused(tw.StrategyError, *essentials, **options)


def test_what_cannot_begin_is_never_started(monkeypatch):
    def begin(schedule):
        raise tw.StrategyError(f"{schedule} cannot begin")

    monkeypatch.setattr(tw.Hyperband, "begin", begin)
    refused(tw.StrategyError, "cannot begin", target=reports, strategy=tw.Hyperband(9))


@pytest.mark.parametrize("metric", ["value", "fitness", "kappa"])
def test_a_direction_that_cannot_be_inferred_is_asked_for(metric):
    words = f"whether to minimise or maximise cannot be told from the metric '{metric}': give direction='min' or "
    refused(tw.StrategyError, words, direction=None, objective=metric)


def test_the_schedules_own_settings():
    cases = {
        "max_budget must be an integer of at least 1, not 0": lambda: tw.Hyperband(0),
        "max_budget must be an integer of at least 1, not 2.5": lambda: tw.Hyperband(2.5),
        "factor must be an integer of at least 2, not 1": lambda: tw.Hyperband(9, factor=1),
        "iterations must be an integer of at least 1, not 0": lambda: tw.Hyperband(9, iterations=0),
        "arithmetic must be one of 'algorithm1', 'printed', 'keras_tuner', not 'mine'": lambda: tw.Hyperband(
            9, arithmetic="mine"
        ),
        "max_epochs is another name of max_budget: give one of 3 and 9": lambda: tw.Hyperband(9, max_epochs=3),
        "min_budget (10) must not exceed max_budget (9)": lambda: tw.SuccessiveHalving(9, min_budget=10),
        "arithmetic must be 'paper' or 'scikit-learn', not 'x'": lambda: tw.SuccessiveHalving(arithmetic="x"),
        "max_budget must be an integer of at least 1, not '3'": lambda: tw.Full("3"),
        "levels must be a positive integer, or one for each name, not 0": lambda: tw.Grid(0),
        "levels must be a positive integer, or one for each name, not True": lambda: tw.Grid(levels=True),
    }
    for message, make in cases.items():
        with pytest.raises(tw.StrategyError, match=re.escape(message)):
            make()


SPACES = [
    (lambda: tw.Int(9, 1), ["9", "1"]),
    (lambda: tw.Float(1.0, float("nan")), ["nan"]),
    (lambda: tw.Float(0.0, 1.0, sampling="log"), ["log", "0"]),
    (lambda: tw.Int(-1, 8, sampling="log"), ["log", "-1"]),
    (lambda: tw.Int(1, 8, step=0), ["step"]),
    (lambda: tw.Float(0.0, 1.0, step=2.0), ["step"]),
    (lambda: tw.Choice([]), ["choice"]),
    (lambda: tw.Choice(["a", "a"]), ["'a'"]),
    (lambda: tw.Space(x=tw.Int(0, 1), y=tw.Int(0, 1).when(z=1)), ["z"]),
    (lambda: tw.Space(x=tw.Choice(["a"]), y=tw.Int(0, 1).when(x="b")), ["'b'"]),
    (lambda: tw.Space(x=3), ["x", "3"]),
]


@pytest.mark.parametrize(("make", "essentials"), SPACES)
def test_a_space_that_cannot_be_is_refused_when_it_is_made(make, essentials):
    with pytest.raises(tw.SpaceError) as caught:
        make()
    for essential in essentials:
        assert essential in str(caught.value).lower()


def test_a_space_that_is_missing_empty_or_something_else():
    refused(tw.SpaceError, "a space is needed: tw.tune(target, tw.Space(x=tw.Float(0, 1)), ...)", space=None)
    refused(tw.SpaceError, "space must be a tw.Space, not dict", space={"x": (0, 1)})
    refused(tw.SpaceError, "the space has no parameters: give it some, tw.Space(x=tw.Float(0, 1))", space=tw.Space())


def test_a_grid_that_cannot_be_laid_over_the_space():
    refused(tw.SpaceError, "grid(levels=...) names 'y', which is not in the space", sampler=tw.Grid({"y": 3}))
    space = tw.Space(n=tw.Int(1, 10**9))
    refused(tw.SpaceError, "1,000,000,000 values, more than a list should hold", sampler="grid", space=space)


def test_what_is_no_objective():
    refused(tw.ObjectiveError, "what is tuned must be a function or an objective; int 3 came. Cure: pass", target=3)
    refused(tw.ObjectiveError, "the estimator SVC came without data. Cure: tw.SklearnObjective(SVC(", target=SVC())
    refused(tw.ObjectiveError, "the class SVC came. Cure: make an instance of it, SVC(...)", target=SVC)
    refused(tw.ObjectiveError, "needs 2 arguments (a, b); it is called with one. Cure:", target=lambda a, b: a + b)
    refused(tw.ObjectiveError, "builds a Keras model, and its data are missing. Cure:", target=lambda hp: hp)

    async def later(_config):
        return 1.0

    refused(tw.ObjectiveError, "later is an async function; a plain one was expected. Cure: def", target=later)


def test_parameters_and_data_that_do_not_fit_an_estimator():
    space = tw.Space(C=tw.Float(0.1, 1.0))
    unknown = tw.Space(c=tw.Float(0.1, 1.0))
    refused(tw.ObjectiveError, "SVC has no parameter 'c'", "It has: C, break_ties", target=svc(), space=unknown)
    refused(
        tw.ObjectiveError, "X and y must have as many rows; X has 30 and y has 29", target=svc(y=Y[:-1]), space=space
    )
    refused(tw.ObjectiveError, "99", target=svc(scoring="acuracy_99"), space=space, direction=None)
    words = ["Hyperband compares trials on their way", 'give it a budget, resource="n_samples" or a parameter']
    refused(tw.StrategyError, *words, target=svc(), space=space, strategy="hyperband")
    forest = tw.SklearnObjective(RandomForestClassifier(), X, Y, cv=3, resource="n_trees", max_budget=9)
    refused(tw.ObjectiveError, "n_trees", target=forest, space=tw.Space(max_depth=tw.Int(1, 3)), strategy="hyperband")


def test_data_of_unequal_length_for_a_builder():
    def build_model(hp):
        return hp.Int("units", 1, 3)

    target = tw.KerasObjective(build_model, X, Y[:-1], epochs=1, validation_split=0.2)
    refused(tw.ObjectiveError, "30", "29", target=target, space=None, objective="val_accuracy", direction=None)


def test_what_cannot_be_sent_is_named():
    handle, function = opened()
    with handle:
        words = ["the variable `handle`", "TextIOWrapper", "cannot be sent to another process", "Cure: open it inside"]
        refused(tw.PayloadError, *words, target=function)
    words = ["the variable `lock` (a _thread.lock)", "cannot be sent to another process", "Cure: create it inside the"]
    refused(tw.PayloadError, *words, target=locked())


def test_a_folder_that_cannot_be_written():
    for directory in ("file", "file/deeper"):
        words = ["The search's folder", "cannot be written", "Choose a place that can: directory='/some/local/folder'"]
        refused(tw.StoreError, *words, directory=directory)
    refused(tw.StoreError, "directory must be a path such as 'tune_runs', not None", directory=None)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    home = tmp_path.parent / f"{tmp_path.name}-closed"
    home.mkdir(mode=0o500)
    refused(tw.StoreError, "cannot be written", "Permission denied", directory=home)


def test_a_refusal_leaves_no_folder_behind_that_was_made_for_it():
    handle, function = opened()
    with handle:
        refused(tw.PayloadError, "handle", target=function, directory="runs/deep/deeper")
