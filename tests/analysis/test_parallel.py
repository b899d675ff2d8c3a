"""Trials as lines: axes, and where each trial crosses them."""

import math

import numpy as np
import pytest
from histories import SPACE, Recorder, full_history, hyperband_history

from tunewidgets.analysis import parallel_lines
from tunewidgets.history import Ended, Goal, History, Limits, Opened, Place, Reported, SpaceEdited
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space

ACCURACY, LATENCY = Goal("accuracy", "max"), Goal("latency", "min")


def recorded(space, configs, goals=(ACCURACY,)):
    recorder = Recorder(open_now=False)
    recorder.say(Opened(0, space, Limits(), goals))
    for config in configs:
        recorder.start(Place(0, 0, 1), config)
    return recorder


def axes(record):
    return {axis.name: axis for axis in record.axes}


def column(record, name):
    return record.values[:, [axis.name for axis in record.axes].index(name)].tolist()


def test_parameters_in_the_spaces_order_then_the_goal():
    record = parallel_lines(hyperband_history())
    assert [axis.name for axis in record.axes] == ["units", "dropout", "optimizer", "momentum", "val_accuracy"]
    assert [axis.kind for axis in record.axes] == ["integer", "number", "category", "number", "number"]
    assert (axes(record)["units"].low, axes(record)["units"].high) == (32, 512)
    assert axes(record)["optimizer"].categories == ("adam", "sgd")
    assert [axis.goal for axis in record.axes] == [None] * 4 + [Goal("val_accuracy", "max")]
    assert record.values.shape == (len(record.numbers), 5)


def test_a_conditional_parameter_stands_behind_its_parent_wherever_it_was_declared():
    space = Space(
        kind=Choice(["tree", "net"]),
        rate=Float(0.0, 1.0),
        depth=Int(1, 9).when(kind="tree"),
        solver=Choice(["adam", "sgd"]).when(kind="net"),
        units=Int(1, 9).when(kind="net"),
        momentum=Float(0.0, 1.0).when(solver="sgd"),
    )
    record = parallel_lines(recorded(space, [{"kind": "tree", "rate": 0.5, "depth": 3}]).history)
    names = [axis.name for axis in record.axes]
    assert names == ["kind", "depth", "solver", "momentum", "units", "rate", "accuracy"]
    assert record.values[0, :2].tolist() == [0.0, 3.0], "the values go with their axes"


def test_a_line_misses_what_is_inactive_and_what_has_no_value():
    history = hyperband_history()
    record = parallel_lines(history)
    for trial, momentum in zip(history.trials.values(), column(record, "momentum"), strict=True):
        assert math.isnan(momentum) == ("momentum" not in trial.config)
    values = dict(zip(record.numbers.tolist(), column(record, "val_accuracy"), strict=True))
    assert math.isnan(values[4]), "a failed trial has none"
    assert math.isnan(values[14]), "one without a report neither"
    assert values[1] == history.trials[1].value


def test_what_a_failed_trial_reported_is_no_value():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 3))
    recorder.report(trial, 1, 0.9)
    recorder.fail(trial)
    assert math.isnan(column(parallel_lines(recorder.history), "val_accuracy")[0])


def test_a_parameter_with_one_value_alone_is_left_out():
    space = Space(a=Fixed(3), b=Choice(["x"]), c=Int(5, 5), d=Boolean())
    record = parallel_lines(recorded(space, [{"a": 3, "b": "x", "c": 5, "d": True}]).history)
    assert [axis.name for axis in record.axes] == ["d", "accuracy"]
    assert record.axes[0].categories == (False, True)
    assert column(record, "d") == [1]


def test_logarithmic_parameters_and_those_that_cannot_be():
    space = Space(rate=Float(1e-4, 1e-1, sampling="log"), back=Float(1.0, 9.0, sampling="reverse_log"))
    recorder = recorded(space, [{"rate": 0.01, "back": 2.0}])
    assert [axis.log for axis in parallel_lines(recorder.history).axes] == [True, False, False]
    recorder.start(Place(0, 0, 1), {"rate": 0.0, "back": 2.0})
    rate = parallel_lines(recorder.history).axes[0]
    assert (rate.log, rate.low, rate.high) == (False, 0.0, 0.1)


def test_what_was_tried_before_an_edit_of_the_space_is_shown():
    recorder = recorded(Space(n=Int(1, 9), old=Int(0, 5)), [{"n": 2, "old": 1}, {"n": 3, "old": 2}])
    recorder.say(SpaceEdited(Space(n=Choice(["few", "many"]), x=Float(10.0, 20.0))))
    recorder.start(Place(0, 0, 1), {"n": "few", "x": 30.0})
    record = parallel_lines(recorder.history)
    assert [axis.name for axis in record.axes] == ["n", "x", "old", "accuracy"]
    assert axes(record)["n"].categories == ("few", "many", 2, 3)
    assert column(record, "n") == [2, 3, 0]
    assert (axes(record)["x"].low, axes(record)["x"].high) == (10, 30)
    assert (axes(record)["old"].kind, axes(record)["old"].low, axes(record)["old"].high) == ("integer", 1, 2)


def test_true_is_not_one_and_odd_values_are_texts():
    recorder = recorded(Space(a=Choice([1, 2])), [{"a": 1}, {"a": True}, {"a": (1, 2)}, {"a": math.inf}, {"a": 1.0}])
    record = parallel_lines(recorder.history)
    assert record.axes[0].categories == (1, 2, True, "(1, 2)", "inf")
    assert column(record, "a") == [0, 2, 3, 4, 0]


def test_goals_have_an_axis_each_also_where_a_parameter_has_the_name():
    space = Space(latency=Float(0.0, 1.0))
    recorder = recorded(space, [{"latency": 0.5}, {"latency": 0.6}], (ACCURACY, LATENCY))
    recorder.say(Reported(0, 1, 1, 0.8, {"latency": 30.0}))
    recorder.say(Reported(1, 1, 1, 0.7, {"latency": math.nan}))
    record = parallel_lines(recorder.history)
    assert [axis.name for axis in record.axes] == ["latency", "accuracy", "latency (goal)"]
    np.testing.assert_equal(record.values, [[0.5, 0.8, 30.0], [0.6, 0.7, math.nan]])


def test_which_trials():
    history = hyperband_history()
    everyone = parallel_lines(history).numbers.tolist()
    valued = parallel_lines(history, "with a value").numbers.tolist()
    highest = parallel_lines(history, "highest budget")
    assert everyone == list(history.trials)
    assert set(everyone) - set(valued) == {4, 13, 14}
    assert highest.numbers.tolist() == [n for n, trial in history.trials.items() if trial.reached == 9]
    assert (highest.budget, highest.unit, parallel_lines(history).budget) == (9, "epoch", None)
    np.testing.assert_equal(parallel_lines(history, "with a value").values, parallel_lines(history).values[valued])


def test_an_axis_of_a_goal_without_values_has_no_ends():
    record = parallel_lines(recorded(SPACE, [{"units": 32}]).history)
    assert math.isnan(record.axes[-1].low)
    assert parallel_lines(History()).values.shape == (0, 1)


@pytest.mark.parametrize("which", ["all", "with a value", "highest budget"])
def test_a_search_that_ran_without_budgets(which):
    recorder = Recorder()
    trial = recorder.start(Place(None, 0, None))
    recorder.report(trial, 1, 0.5)
    recorder.say(Ended(trial, 1, "completed", Place(None, 0, None), 0.5, {"kind": "returned"}))
    record = parallel_lines(recorder.history, which)
    assert (record.numbers.tolist(), record.budget) == ([0], None)
    assert len(parallel_lines(full_history(12), which).numbers) == (12 if which == "all" else 11)
