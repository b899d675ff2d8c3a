"""The front of several goals: who is on it, who is left out, and how much it rules out."""

import itertools
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.analysis.front import Front, Growth, pareto_front
from tunewidgets.history import (
    Constraint,
    Continued,
    Ended,
    Goal,
    History,
    Limits,
    Opened,
    Place,
    Reported,
    Started,
    better,
)
from tunewidgets.space import Float, Space

ACCURACY, PARAMS, TIME = Goal("val_accuracy", "max"), Goal("params", "min"), Goal("time", "min")
SPACE = Space(x=Float(0.0, 1.0))


def history(trials, goals=(ACCURACY, PARAMS), constraints=(), state="completed"):
    """A history of trials, each a list of (value, metrics) step by step, or a tuple of values of all goals."""
    made = History()
    made.append(Opened(0, SPACE, Limits(), goals, unit="epoch", constraints=constraints))
    for number, trial in enumerate(trials):
        steps = (
            [(trial[0], dict(zip([g.metric for g in goals[1:]], trial[1:], strict=True)))]
            if isinstance(trial, tuple)
            else trial
        )
        place = Place(0, 0, len(steps))
        made.append(Started(number, {"x": 0.5}, place))
        for step, (value, metrics) in enumerate(steps, 1):
            made.append(Reported(number, 1, step, value, metrics))
        made.append(Ended(number, 1, state, place))
    return made


def numbers(front, *, on_front=True):
    return [point.number for point in front.points if point.on_front is on_front]


def test_nothing_is_dominated_on_the_front_and_it_begins_with_the_best_by_the_first_goal():
    front = pareto_front(history([(0.8, 10.0), (0.9, 20.0), (0.85, 25.0), (0.7, 10.0), (0.95, 50.0)]))
    assert front.trials == (4, 1, 0)
    assert numbers(front) == [0, 1, 4]
    assert front.points[2].values == (0.85, 25.0)
    assert (front.goals, front.unit, front.budget) == ((ACCURACY, PARAMS), "epoch", 1)


def test_equals_stand_on_the_front_together():
    assert pareto_front(history([(0.9, 10.0), (0.8, 20.0), (0.9, 10.0)])).trials == (0, 2)


def test_what_breaks_a_constraint_or_does_not_say_is_no_part_of_it():
    steps = [
        [(0.9, {"params": 10.0, "latency": 30.0})],
        [(0.8, {"params": 20.0, "latency": 20.0})],
        [(0.85, {"params": 25.0})],
        [(0.7, {"params": 30.0, "latency": 5.0})],
    ]
    front = pareto_front(history(steps, constraints=(Constraint("latency", 20.0),)))
    assert front.trials == (1,)
    assert [point.feasible for point in front.points] == [False, True, False, True]
    assert front.points[0].values == (0.9, 10.0)


def test_a_trial_without_a_value_of_every_goal_cannot_be_compared():
    steps = [
        [(0.9, {})],
        [(0.8, {"params": nan})],
        [(0.8, {"params": inf})],
        [(nan, {"params": 1.0})],
        [(0.5, {"params": 3})],
    ]
    front = pareto_front(history(steps))
    assert [point.number for point in front.points] == [4]
    assert front.points[0].values == (0.5, 3.0)


def test_the_other_goals_are_those_of_the_report_that_gives_the_value():
    steps = [(0.8, {"params": 1.0}), (0.9, {"params": 2.0}), (0.7, {"params": 3.0})]
    assert pareto_front(history([steps])).points[0].values == (0.9, 2.0)


def test_only_the_highest_budget_counts_and_only_what_rests_there():
    made = history([(0.9, 10.0), (0.5, 5.0)], state="paused")
    assert pareto_front(made).trials == (0, 1)
    made.append(Continued(0, Place(0, 1, 3), 2, "promoted"))
    made.append(Reported(0, 2, 3, 0.2, {"params": 99.0}))
    assert 1 in pareto_front(made).trials
    made.append(Ended(0, 2, "completed", Place(0, 1, 3)))
    front = pareto_front(made)
    assert (front.trials, front.budget, len(front.points)) == ((0,), 3, 1)


def test_stopped_and_failed_trials_are_no_part_of_it():
    for state in ("failed", "stopped"):
        assert pareto_front(history([(0.9, 10.0)], state=state)).points == ()


def test_a_search_without_budgets_has_a_front_too():
    made = History()
    made.append(Opened(0, SPACE, Limits(), (ACCURACY, PARAMS)))
    place = Place(0, 0, None)
    for event in (
        Started(0, {"x": 0.5}, place),
        Reported(0, 1, 1, 0.9, {"params": 3.0}),
        Ended(0, 1, "completed", place),
    ):
        made.append(event)
    front = pareto_front(made)
    assert (front.trials, front.budget) == ((0,), None)


@given(st.lists(st.tuples(st.integers(0, 3).map(float)), max_size=6), st.sampled_from(["min", "max"]))
def test_with_one_goal_it_is_the_incumbent(values, direction):
    made = history(values, goals=(Goal("loss", direction),))
    front = pareto_front(made)
    assert front.trials == (() if made.incumbent is None else (made.incumbent.number,))
    assert (front.reference, front.growth) == (None, ())


def test_before_anything_has_happened():
    assert pareto_front(History()) == Front((), "step", None, (), (), None, ())
    assert pareto_front(history([])).trials == ()


def test_the_hypervolume_grows_from_a_reference_beyond_the_worst():
    front = pareto_front(history([(1.0, 20.0), (0.0, 10.0), (0.5, 30.0), (0.5, 15.0)]))
    assert front.reference == pytest.approx((-0.1, 32.0))
    # Trial 0 alone rules out 1.1 x 12; trial 1 adds 0.1 x 10 below it; trial 3 adds 0.5 x 5 above trial 1.
    assert [growth.number for growth in front.growth] == [0, 1, 3]
    assert [growth.hypervolume for growth in front.growth] == pytest.approx([13.2, 14.2, 16.7])


def test_goals_in_which_all_agree_still_have_a_volume():
    assert pareto_front(history([(0.5, 10.0)])).growth == (Growth(0, pytest.approx(0.1 * 1.0)),)


VALUES = st.tuples(*[st.integers(0, 4).map(float)] * 3)


@given(st.lists(VALUES, max_size=12))
def test_the_front_is_what_nothing_dominates(trials):
    goals = (ACCURACY, PARAMS, TIME)
    front = pareto_front(history(trials, goals))

    def dominates(one, other):
        pairs = list(zip(one, other, goals, strict=True))
        return not any(better(b, a, g.direction) for a, b, g in pairs) and any(
            better(a, b, g.direction) for a, b, g in pairs
        )

    expected = {n for n, one in enumerate(trials) if not any(dominates(other, one) for other in trials)}
    assert set(front.trials) == set(numbers(front)) == expected
    firsts = [trials[number][0] for number in front.trials]
    assert firsts == sorted(firsts, reverse=True)
    volumes = [growth.hypervolume for growth in front.growth]
    assert all(a < b for a, b in itertools.pairwise(volumes))
