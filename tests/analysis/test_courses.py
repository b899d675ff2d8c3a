"""How a search's best value came about, in trials, in budget and in time."""

import numpy as np
import pytest
from families import evolved
from histories import BEGIN, R9, Recorder, full_history, hyperband_history, ladder_history

from tunewidgets.analysis.courses import COSTS, course
from tunewidgets.history import Closed, Extended, History, Limits, Paused, Place, Resumed


def recorded(*values, direction="max"):
    """Trials one after another, each of two steps, and every step takes a second."""
    recorder = Recorder(direction=direction)
    for first, second in values:
        trial = recorder.start(Place(0, 0, 2))
        recorder.report(trial, 1, first)
        recorder.report(trial, 2, second)
        recorder.complete(trial)
    return recorder


def test_the_best_value_changes_where_a_better_trial_comes_to_rest():
    found = course(recorded((0.1, 0.5), (0.2, 0.4), (0.7, 0.6)).history)
    assert found.values.tolist() == [0.5, 0.7]
    assert found.costs["trials"].tolist() == [1, 3]
    assert found.costs["budget"].tolist() == [2, 6]
    assert found.costs["time"] == pytest.approx([2.3, 6.9])
    assert dict(found.reached) == {"trials": 3, "budget": 6, "time": pytest.approx(6.9)}
    assert found.seed == 0


def test_it_is_read_as_steps():
    found = course(recorded((0.1, 0.5), (0.2, 0.4), (0.7, 0.6), direction="max").history)
    values = found.at("trials", [0, 0.9, 1, 2, 3, 99])
    assert np.isnan(values[:2]).all()
    assert values[2:].tolist() == [0.5, 0.5, 0.7, 0.7]
    assert found.at("budget", 5.9).tolist() == [0.5]


def test_where_values_are_minimised_smaller_ones_count():
    assert course(recorded((0.9, 0.5), (0.2, 0.4), direction="min").history).values.tolist() == [0.5, 0.2]


def test_pauses_and_rests_cost_no_time():
    recorder = recorded((0.1, 0.5))
    recorder.say(Paused())
    recorder.say(Resumed(), 1000.0)
    recorder.say(Closed("finished", {}))
    recorder.say(Extended(Limits(trials=9)), 5000.0)
    trial = recorder.start(Place(0, 0, 1))
    recorder.report(trial, 1, 0.9)
    recorder.complete(trial)
    assert course(recorder.history).reached["time"] == pytest.approx(2.3 + 1.3)
    assert recorder.at - BEGIN > 6000


def test_under_rungs_the_value_is_the_incumbents_and_may_get_worse_at_a_higher_budget():
    recorder = Recorder()
    for value in (0.9, 0.5):
        trial = recorder.start(Place(0, 0, 1))
        recorder.report(trial, 1, value)
        recorder.pause(trial)
    recorder.promote(1, Place(0, 1, 3), (1, 2, 1))
    recorder.report(1, 3, 0.6)
    recorder.complete(1)
    found = course(recorder.history)
    assert found.values.tolist() == [0.9, 0.6]
    assert found.costs["budget"].tolist() == [1, 4]
    assert found.reached["trials"] == 2


@pytest.mark.parametrize("history", [ladder_history(R9), hyperband_history(), full_history(20, budget=3, running=2)])
def test_the_last_value_is_the_incumbents_and_costs_grow(history):
    found = course(history)
    assert found.values[-1] == history.incumbent.value
    for cost in COSTS:
        assert (np.diff(found.costs[cost]) >= 0).all()
        assert found.costs[cost][-1] <= found.reached[cost]
    assert found.reached["trials"] == sum(t.attempt > 1 or t.state != "running" for t in history.trials.values()) - sum(
        t.state == "interrupted" and t.attempt == 1 for t in history.trials.values()
    )


def test_a_prefix_of_a_search_has_the_same_course_as_far_as_it_goes():
    history = evolved("genetic", 30)
    whole = course(history)
    for seq in range(0, len(history), 17):
        part = course(history.upto(seq))
        assert part.values.tolist() == whole.values[: len(part.values)].tolist()
        assert all(part.reached[cost] <= whole.reached[cost] for cost in COSTS)


def test_before_anything_happened():
    found = course(History())
    assert (found.seed, len(found.values)) == (None, 0)
    assert np.isnan(found.at("trials", [0, 5])).all()
