"""Who is inside a brush."""

import math

import pytest
from histories import SPACE, Recorder, asynchronous_history, hyperband_history
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.analysis import inside
from tunewidgets.analysis.brush import check_intervals
from tunewidgets.errors import TuneError
from tunewidgets.history import Goal, Limits, Opened, Place
from tunewidgets.space import Boolean, Choice, Space

HISTORY = asynchronous_history(40)
TRIALS = HISTORY.trials.values()


def numbers(keep):
    return {trial.number for trial in TRIALS if keep(trial)}


def test_no_interval_leaves_all():
    assert inside(HISTORY, {}) == frozenset(HISTORY.trials)


def test_both_ends_belong_to_an_interval():
    units = sorted(trial.config["units"] for trial in TRIALS)
    low, high = units[10], units[25]
    assert inside(HISTORY, {"units": [low, high]}) == numbers(lambda t: low <= t.config["units"] <= high)
    assert inside(HISTORY, {"units": [low, low]}) == numbers(lambda t: t.config["units"] == low)


def test_an_end_may_be_open():
    assert inside(HISTORY, {"val_accuracy": [0.6, None]}) == numbers(lambda t: t.value >= 0.6)
    assert inside(HISTORY, {"val_accuracy": [None, 0.6]}) == numbers(lambda t: t.value <= 0.6)
    assert inside(HISTORY, {"dropout": [None, None]}) == frozenset(HISTORY.trials)


def test_categories_are_listed():
    assert inside(HISTORY, {"optimizer": ["sgd"]}) == numbers(lambda t: t.config["optimizer"] == "sgd")
    assert inside(HISTORY, {"optimizer": ["sgd", "adam"]}) == frozenset(HISTORY.trials)
    assert inside(HISTORY, {"optimizer": []}) == inside(HISTORY, {"optimizer": ["lion"]}) == frozenset()


def test_intervals_hold_together():
    both = inside(HISTORY, {"optimizer": ["sgd"], "units": [64, 256]})
    assert both == inside(HISTORY, {"optimizer": ["sgd"]}) & inside(HISTORY, {"units": [64, 256]})
    assert both


def test_what_is_inactive_is_outside():
    assert inside(HISTORY, {"momentum": [None, None]}) == numbers(lambda t: "momentum" in t.config)


def test_what_has_no_value_is_outside():
    history = hyperband_history()
    assert set(history.trials) - inside(history, {"val_accuracy": [None, None]}) == {4, 13, 14}


def test_of_a_further_goal_it_is_the_value_in_the_same_report():
    recorder = Recorder(open_now=False)
    recorder.say(Opened(0, SPACE, Limits(), (Goal("val_accuracy", "max"), Goal("loss", "min"))))
    recorder.report(recorder.start(Place(0, 0, 3)), 1, 0.5)
    recorder.report(recorder.start(Place(0, 0, 3)), 1, 0.9)
    assert inside(recorder.history, {"loss": [0.4, 0.6]}) == {0}
    assert inside(recorder.history, {"loss": [None, 0.4], "val_accuracy": [0.8, None]}) == {1}


@pytest.mark.parametrize("odd", [{"gone": [0, 1]}, {"units": ["a"]}, {"units": [64]}, {"units": [1, 2, 3]}])
def test_what_does_not_suit_counts_for_nothing(odd):
    assert inside(HISTORY, odd) == frozenset(HISTORY.trials)
    assert inside(HISTORY, {**odd, "optimizer": ["sgd"]}) == inside(HISTORY, {"optimizer": ["sgd"]})


def test_a_list_of_two_numbers_is_two_categories_where_the_parameter_is_a_choice():
    recorder = Recorder(open_now=False)
    space = Space(batch=Choice([16, 32, 64]), flag=Boolean())
    recorder.say(Opened(0, space, Limits(), (Goal("loss", "min"),)))
    for batch in (16, 32, 64):
        recorder.start(Place(0, 0, 1), {"batch": batch, "flag": batch == 32})
    assert inside(recorder.history, {"batch": [16, 64]}) == {0, 2}
    assert inside(recorder.history, {"flag": [True]}) == {1}
    assert inside(recorder.history, {"flag": [1]}) == frozenset(), "True is not 1"


@given(low=st.floats(-0.5, 1.0), wide=st.floats(0, 1), shrink=st.floats(0, 0.5))
def test_a_smaller_interval_holds_no_more(low, wide, shrink):
    outer = {"dropout": [low, low + wide]}
    inner = {"dropout": [low + shrink * wide, low + wide]}
    assert inside(HISTORY, inner) <= inside(HISTORY, outer)


def test_the_lower_end_is_put_first_and_infinity_is_open():
    assert check_intervals({"a": (3, 1), "b": [0.5, math.inf], "c": ("x",)}) == {
        "a": [1, 3],
        "b": [0.5, None],
        "c": ["x"],
    }
    assert check_intervals({"a": [None, 2]}) == {"a": [None, 2]}


@pytest.mark.parametrize("wrong", [3, [1, 2], {"a": 3}, {"a": "adam"}, {"a": [object()]}, {1: [0, 1]}, {"a": None}])
def test_what_is_no_brush_is_refused_with_an_example(wrong):
    with pytest.raises(
        TuneError, match=r"a brush is a dict .*write|must be \[low, high\], either of which may be None"
    ):
        check_intervals(wrong)
