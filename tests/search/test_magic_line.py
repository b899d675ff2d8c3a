"""The grammar of %tune, as literals."""

import re

import pytest

from tunewidgets.errors import StrategyError
from tunewidgets.magic_line import VERBS, parse


def given(line):
    """What a line gave beyond its defaults."""
    asked, bare = parse(line), parse("x")
    defaults = vars(bare.options)
    return {name: value for name, value in vars(asked.options).items() if value != defaults[name]}


def test_a_bare_target_has_these_defaults():
    asked = parse("build_model")
    assert (asked.verb, asked.target, asked.help) == (None, "build_model", "")
    chosen = {name: value for name, value in vars(asked.options).items() if value is not None}
    assert chosen == {
        "target": "build_model",
        "data": [],
        "cv": 5,
        "workers": "auto",
        "directory": "tune_runs",
        "if_exists": "attach",
        "wait": False,
    }


def test_the_line_of_the_readme():
    line = "build_model --data x_train y_train --objective val_accuracy --strategy hyperband --max-epochs 9 --workers 2"
    assert given(line) == {
        "target": "build_model",
        "data": ["x_train", "y_train"],
        "objective": ["val_accuracy"],
        "strategy": "hyperband",
        "max_budget": 9,
        "workers": 2,
    }


def test_every_option():
    line = (
        "f --space s --direction max --epochs 3 --batch-size 32 --validation-split 0.1 --validation-data a b "
        "--callbacks c --cv 3 --sampler sobol --schedule full --max-budget 9 --min-budget 2 --configurations 8 "
        "--factor 4 --iterations 2 --arithmetic printed --trials 20 --seed 7 --timeout 1.5 --trial-timeout 60 "
        "--name 'my run' --directory '/tmp/my runs' --if-exists new --wait --objective loss size "
        "--constraint ms=20 b=.5 --variant stopping --brackets 2 --warm-start before table --target 0.9 "
        "--no-improvement 5 --total-budget 90 --constraint c=1 --steps 4 --min-delta 0.01 --warmup 2 --least 3"
    )
    assert given(line) == {
        "target": "f",
        "space": "s",
        "direction": ["max"],
        "objective": ["loss", "size"],
        "constraint": [("ms", 20.0), ("b", 0.5), ("c", 1.0)],
        "steps": 4,
        "min_delta": 0.01,
        "warmup": 2,
        "least": 3,
        "variant": "stopping",
        "brackets": 2,
        "warm_start": ["before", "table"],
        "target_value": 0.9,
        "no_improvement": 5,
        "total_budget": 90,
        "epochs": 3,
        "batch_size": 32,
        "validation_split": 0.1,
        "validation_data": ["a", "b"],
        "callbacks": "c",
        "cv": 3,
        "sampler": "sobol",
        "schedule": "full",
        "max_budget": 9,
        "min_budget": 2,
        "configurations": 8,
        "factor": 4,
        "iterations": 2,
        "arithmetic": "printed",
        "trials": 20,
        "seed": 7,
        "timeout": 1.5,
        "trial_timeout": 60.0,
        "name": "my run",
        "directory": "/tmp/my runs",
        "if_exists": "new",
        "wait": True,
    }


@pytest.mark.parametrize("verb", VERBS)
def test_the_verbs(verb):
    assert (parse(verb).verb, parse(verb).target) == (verb, None)
    asked = parse(f"{verb} digits --directory elsewhere")
    assert (asked.verb, asked.target, asked.options.directory) == (verb, "digits", "elsewhere")
    assert parse(f"{verb} --help").help.startswith(f"usage: %tune {verb} ")


def test_stop_now():
    assert parse("stop").options.now is False
    assert parse("stop --now").options.now is True
    assert parse("stop digits --now").target == "digits"


@pytest.mark.parametrize("line", ["", "   ", "--help", "-h", "build_model --help", "build_model --data x y -h"])
def test_help_lists_every_verb_and_option(line):
    text = parse(line).help
    for word in (*VERBS, "TARGET", "--data", "--space", "--max-epochs", "--workers", "--if-exists", "--wait"):
        assert word in text


REFUSED = [
    (
        "f --strateg hyperband",
        "there is no option --strateg; did you mean --strategy?; %tune --help lists what there is",
    ),
    ("f --xyzzy", "there is no option --xyzzy; %tune --help lists what there is"),
    ("f --trials", "argument --trials: expected one argument"),
    ("f --trials many", "argument --trials: invalid int value: 'many'"),
    ("f --workers two", "argument --workers: expected a number or 'auto', not 'two'"),
    ("f --timeout soon", "argument --timeout: invalid float value: 'soon'"),
    ("f --direction up", "argument --direction: invalid choice: 'up' (choose from 'min', 'max')"),
    ("f --constraint ms", "argument --constraint: expected METRIC=BOUND such as latency_ms=20, not 'ms'"),
    ("f --if-exists delete", "argument --if-exists: invalid choice: 'delete'"),
    ("f --validation-data x", "argument --validation-data: expected 2 arguments"),
    ("f g", "'g' is one word too many; %tune --help lists what there is"),
    ("pause --now", "there is no option --now"),
    ("f --name 'open", "the line cannot be read: No closing quotation; every quote needs its end"),
    ("--trials 3", "the following arguments are required: TARGET"),
]


@pytest.mark.parametrize(("line", "message"), REFUSED)
def test_what_cannot_be_read_is_named_with_its_cure(line, message):
    with pytest.raises(StrategyError, match=re.escape(message)):
        parse(line)
