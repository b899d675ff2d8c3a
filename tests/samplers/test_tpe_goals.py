"""What a Parzen estimator does with several goals and with constraints, and what it says."""

import math

import numpy as np
import pytest
from estimating import LINE, SQUARE, opened, result, scattered, search

from tunewidgets.errors import StrategyError
from tunewidgets.history import Constraint, Goal, sentence
from tunewidgets.samplers import generator_for
from tunewidgets.samplers.tpe import TPE
from tunewidgets.testing.samplers import begun

# --- several goals, constraints --------------------------------------------------------------------------------------


def test_several_goals_are_pursued_along_the_front():
    def costs(config):
        return {"a": config["x"] ** 2 + config["y"], "b": (config["x"] - 1.0) ** 2 + config["y"]}

    goals = (Goal("a", "min"), Goal("b", "min"))
    found = search(costs, SQUARE, 70, goals=goals)
    late = [each.config for each in found[-30:]]
    assert np.median([config["y"] for config in late]) < 0.2
    assert np.ptp([config["x"] for config in late if config["y"] < 0.2]) > 0.5
    assert found[-1].notes["threshold"] is None
    assert "as likely among the 11 that come nearest to the front as among the other" in sentence(found[-1].notes)


def test_a_goal_that_was_not_reported_makes_a_trial_a_bad_one():
    goals = (Goal("a", "min"), Goal("b", "max"))
    events = [opened(LINE, goals)]
    for trial in range(20):
        metrics = {"b": 1.0} if trial < 10 else {}
        events += result(trial, {"x": (trial + 0.5) / 20}, 1.0 if trial < 10 else 0.0, **metrics)
    suggestions = begun(TPE(), events).suggest(LINE, generator_for(0, 20), 12)
    assert sum(suggestion.config["x"] < 0.5 for suggestion in suggestions) >= 10


def test_constraints_come_before_the_value():
    found = search(lambda c: {"loss": c["x"], "size": 1.0 - c["x"]}, LINE, 60, constraints=(Constraint("size", 0.6),))
    late = [each.config["x"] for each in found[-20:]]
    assert np.median(late) == pytest.approx(0.4, abs=0.1)
    assert found[-1].notes["best"] == pytest.approx(min(x.config["x"] for x in found if x.config["x"] >= 0.4), abs=0.1)


def test_where_no_constraint_was_kept_the_smallest_violation_is_sought():
    events = [opened(LINE, constraints=(Constraint("size", -1.0),))]
    for trial in range(20):
        x = (trial + 0.5) / 20
        events += result(trial, {"x": x}, x, size=(x - 0.7) ** 2)
    suggestions = begun(TPE(), events).suggest(LINE, generator_for(0, 20), 9)
    assert np.median([suggestion.config["x"] for suggestion in suggestions]) == pytest.approx(0.7, abs=0.1)
    assert "(not all of which keep the constraints)" in sentence(suggestions[0].notes)


# --- settings and words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"startup_trials": 0},
        {"startup_trials": 2.5},
        {"candidates": 0},
        {"candidates": True},
        {"gamma": 0.0},
        {"gamma": 1.0},
        {"gamma": "linear"},
        {"prior_weight": 0.0},
        {"prior_weight": math.inf},
        {"multivariate": 1},
        {"random_fraction": -0.1},
    ],
)
def test_settings_out_of_range_are_refused_by_name(settings):
    with pytest.raises(StrategyError, match=next(iter(settings))):
        TPE(**settings)


def test_what_it_notes_and_says():
    events = scattered([0.9 + trial / 1000 for trial in range(40)])
    events[0] = opened(LINE, (Goal("accuracy", "max"),))
    notes = begun(TPE(), events).suggest(LINE, generator_for(0, 40))[0].notes
    assert dict(notes) == {
        "kind": "tpe",
        "good": 6,
        "budget": None,
        "budgets": 1,
        "best": pytest.approx(0.939),
        "threshold": pytest.approx(0.934),
        "direction": "max",
        "goals": 1,
        "bad": 34,
        "pending": 0,
        "ratio": notes["ratio"],
    }
    said = sentence({**notes, "ratio": 3.21}, "epoch")
    assert said == "3.2 times as likely among the best 6 (value at least 0.934) as among the other 34"
    assert sentence({**notes, "ratio": 32.1}, "epoch").startswith("32 times as likely")
    assert sentence({**notes, "ratio": 1e9}, "epoch").startswith("over 10,000 times as likely")


def test_the_startup_says_so():
    first = begun(TPE(), [opened()]).suggest(SQUARE, generator_for(5, 0), 2)
    assert [dict(each.notes) for each in first] == [
        {"kind": "tpe", "startup": 0, "of": 10},
        {"kind": "tpe", "startup": 1, "of": 10},
    ]
    assert sentence(first[0].notes) == "one of the first 10, spread over the space before the model begins"
