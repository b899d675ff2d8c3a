"""What a sampler can learn from a search, at every budget where trials are compared."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.history import (
    Constraint,
    Continued,
    Ended,
    Extended,
    Goal,
    Judged,
    Known,
    Limits,
    Lost,
    Opened,
    Place,
    Reported,
    Started,
)
from tunewidgets.samplers.observations import Observations, broken, within_reach
from tunewidgets.space import Float, Space

SPACE = Space(x=Float(0.0, 1.0))
LOSS = (Goal("loss", "min"),)


def opened(goals=LOSS, **more):
    return Opened(5, SPACE, Limits(20), goals, **more)


def seen(*events):
    observations = Observations()
    for event in events:
        observations.apply(event)
    return observations


def trial(number, values, state="completed", budget=None, rung=0, **metrics):
    """A trial that reports these values from step 1 on, and then comes to rest."""
    place = Place(0, rung, budget)
    reports = [
        Reported(number, 1, step, value, {name: column[step - 1] for name, column in metrics.items()})
        for step, value in enumerate(values, 1)
    ]
    return [Started(number, {"x": number / 10}, place), *reports, Ended(number, 1, state, place, values[-1])]


def test_nothing_is_known_of_an_empty_search():
    assert seen(opened()).level(1) is None
    assert seen(opened()).at(9).trials == ()


def test_a_completed_trial_counts_by_the_search_s_rule():
    events = [*trial(0, [0.9, 0.2, 0.5]), *trial(1, [math.nan, 0.4, math.inf])]
    assert seen(opened(), *events).level(1).values.tolist() == [0.2, 0.4]
    last = seen(opened(value="last"), *events).level(1)
    assert last.values.tolist() == [0.5, 0.4]
    assert last.budget is None


def test_directions_are_taken_out_and_can_be_put_back():
    observations = seen(opened((Goal("accuracy", "max"),)), *trial(0, [0.7, 0.9, 0.8]))
    assert observations.level(1).values.tolist() == [-0.9]
    assert observations.raw(-0.9) == 0.9


def test_failed_running_and_stopped_trials_are_told_apart():
    place = Place(0, 0, 9)
    level = seen(
        opened(),
        *trial(0, [0.3] * 9, budget=9),
        Started(1, {"x": 0.1}, place),
        Ended(1, 1, "failed", place),
        Started(2, {"x": 0.2}, place),
        Reported(2, 1, 1, 0.5),
        *trial(3, [0.8, 0.7], "pruned", 9),
        Started(4, {"x": 0.4}, place),
        Ended(4, 1, "stopped", place),
        *trial(5, [math.nan], "pruned", 9),
    ).level(1)
    assert (level.trials, level.failed, level.pending, dict(level.stopped)) == ((0,), (1, 4, 5), (2,), {3: 0.7})


def test_a_lost_leg_leaves_its_trial_pending():
    observations = seen(opened(), Started(0, {"x": 0.1}, Place(0, 0, 3)), Lost(0, 1, "worker"))
    assert observations.running == (0,)


class TestRungs:
    """Ten trials at 1, three of them promoted to 3, one of these to 9."""

    def events(self, promoted=((0, 3), (1, 3), (2, 3), (0, 9))):
        events = [opened()]
        for number in range(10):
            events += trial(number, [number / 10], "paused", 1)
        for number, budget in promoted:
            rung, attempt = {3: (1, 2), 9: (2, 3)}[budget]
            place = Place(0, rung, budget)
            events.append(Continued(number, place, attempt, "promoted"))
            events += [
                Reported(number, attempt, step, 1 / step + number) for step in range(budget // 3 + 1, budget + 1)
            ]
            events.append(Ended(number, attempt, "completed" if budget == 9 else "paused", place, 1 / budget + number))
        return events

    def test_the_highest_level_with_enough_results_is_given(self):
        observations = seen(*self.events())
        assert observations.levels() == {1: 10, 3: 3, 9: 1}
        assert [observations.level(least).budget for least in (1, 2, 3, 4, 10, 11)] == [9, 3, 3, 1, 1, 1]

    def test_the_values_are_those_at_the_rung(self):
        level = seen(*self.events()).at(3)
        assert level.trials == (0, 1, 2)
        assert level.values == pytest.approx([1 / 3, 4 / 3, 7 / 3])

    def test_a_promoted_trial_is_pending_only_where_it_has_no_result(self):
        observations = seen(*self.events(), Continued(1, Place(0, 2, 9), 3, "promoted"))
        assert observations.at(9).pending == (1,)
        assert observations.at(3).pending == ()

    def test_a_trial_that_passes_a_rung_of_others_has_a_result_there(self):
        more = trial(10, [0.5, 0.4, 0.05, 0.2], "completed", 9)
        assert seen(*self.events(), *more).at(3).values[-1] == 0.05
        assert seen(opened(), *more, *self.events()[1:]).at(3).values[-1] == 0.05

    def test_a_judgement_that_names_a_budget_makes_a_level(self):
        place = Place(0, 0, 9)
        reason = {"kind": "asha", "verdict": "passed", "budget": 3}
        observations = seen(
            opened(),
            Started(0, {"x": 0.5}, place),
            *(Reported(0, 1, step, 1 / step) for step in (1, 2, 3)),
            Judged(0, 1, 3, "continue", reason),
            Reported(0, 1, 4, 0.25),
        )
        assert observations.levels() == {3: 1}
        assert observations.at(3).values == pytest.approx([1 / 3])

    @given(st.permutations([(0, 3), (1, 3), (2, 3)]), st.integers(1, 60))
    def test_what_was_asked_before_changes_nothing(self, order, at):
        events = self.events(tuple(order))
        asked = Observations()
        for number, event in enumerate(events):
            asked.apply(event)
            if number % at == 0:
                asked.level(3), asked.at(1), asked.at(3)
        fresh = seen(*events)
        for budget in (1, 3):
            assert asked.at(budget)[:2] == fresh.at(budget)[:2]
            assert np.array_equal(asked.at(budget).values, fresh.at(budget).values)


def test_several_goals_and_constraints_stand_beside_the_value():
    goals = (Goal("accuracy", "max"), Goal("size", "min"))
    observations = seen(
        opened(goals, constraints=(Constraint("latency", 20.0),)),
        *trial(0, [0.8, 0.9], size=[5.0, 6.0], latency=[10.0, 25.0]),
        *trial(1, [0.7]),
    )
    level = observations.level(1)
    assert level.objectives[0].tolist() == [-0.9, 6.0]
    assert level.violations[0].tolist() == [5.0]
    assert np.isnan(level.objectives[1, 1])
    assert np.isnan(level.violations[1, 0])
    assert observations.raw(6.0, 1) == 6.0


def test_a_constraint_may_be_on_what_is_optimised():
    level = seen(opened(constraints=(Constraint("loss", 0.5),)), *trial(0, [0.7]), *trial(1, [0.2])).level(1)
    assert level.violations[:, 0] == pytest.approx([0.2, -0.3])


def test_known_results_have_negative_numbers():
    known = (Known({"x": 0.1}, (0.3,)), Known({"x": 0.2}, (math.nan,)), Known({"x": 0.3}, (0.1,), 3))
    observations = seen(opened(known=known), *trial(0, [0.2]))
    level = observations.level(1)
    assert (level.trials, level.values.tolist()) == ((-1, 0), [0.3, 0.2])
    assert observations.at(3).trials == (-3,)
    assert observations.config(-1) == {"x": 0.1}


def test_extended_limits_are_known():
    assert seen(opened(), Extended(Limits(50))).limits.trials == 50


def test_a_metric_that_is_no_finite_number_is_one_that_was_not_reported():
    goals = (Goal("loss", "min"), Goal("size", "max"))
    known = (Known({"x": 0.1}, (0.5, -math.inf)),)
    level = seen(opened(goals, known=known), *trial(0, [0.7], size=[math.inf]), *trial(1, [0.6], size=[4.0])).level(1)
    assert np.array_equal(level.objectives, [[0.5, math.nan], [0.7, math.nan], [0.6, -4.0]], equal_nan=True)


def test_a_violation_beyond_all_numbers_is_infinite():
    level = seen(opened(constraints=(Constraint("g", -1e308),)), *trial(0, [0.7], g=[1.5e308])).level(1)
    assert level.violations.tolist() == [[math.inf]]


def test_constraints_are_broken_in_shares_of_the_worst_that_was_seen():
    violations = np.array([[-1.0, -5.0], [2.0, -1.0], [1.0, 100.0], [-3.0, 200.0], [math.nan, 0.0], [0.5, math.inf]])
    assert broken(violations).tolist() == [0.0, 1.0, 1.0, 1.0, math.inf, math.inf]
    assert broken(np.empty((2, 0))).tolist() == [0.0, 0.0]


def test_what_is_hardly_broken_is_broken_beside_the_worst_there_can_be():
    shares = broken(np.array([[1e-20], [1.7e308], [0.0]]))
    assert 0.0 < shares[0] < 1e-300
    assert shares[1:].tolist() == [1.0, 0.0]
    assert np.isfinite(broken(np.full((2, 3), 1.7e308))).all()


def test_goals_so_large_that_their_sum_is_none_change_their_unit():
    goals = np.array([[1.7e308, 3.0], [-1.7e308, 5.0], [math.nan, 7.0]])
    scaled = within_reach(goals)
    assert np.array_equal(scaled[:, 1], goals[:, 1])
    assert scaled[:2, 0].tolist() == [1.7e308 / 2**20, -1.7e308 / 2**20]
    assert math.isnan(scaled[2, 0])


def test_a_trial_that_was_stopped_and_is_compared_later_is_no_unknown_any_more():
    events = [opened(), *trial(0, [0.9, 0.8, 0.7, 0.6], "stopped", 9)]
    assert dict(seen(*events, *trial(1, [0.5], budget=9)).at(9).stopped) == {0: 0.6}
    level = seen(*events, *trial(1, [0.5, 0.4, 0.3], "paused", 3)).at(3)
    assert (level.trials, dict(level.stopped)) == ((0, 1), {})


def test_a_level_has_enough_of_what_is_usable():
    events = [opened()]
    for number in range(6):
        events += trial(number, [0.5], "paused", 1)
    for number in range(6, 9):
        events += trial(number, [0.5, 0.4, 0.3], "completed", 3)
    observations = seen(*events)
    odd = lambda trials: sum(number % 2 for number in trials)
    assert [observations.level(least).budget for least in (3, 4)] == [3, 1]
    assert [observations.level(least, odd).budget for least in (1, 2, 3, 4)] == [3, 1, 1, 1]
    assert observations.level(1, lambda _trials: 0).budget == 3


def retried(values, number=0, attempt=2, first=1, budget=9):
    """The trial's next attempt, by the user's wish, that reports these values."""
    reports = [Reported(number, attempt, step, value) for step, value in enumerate(values, first)]
    return [Continued(number, Place(0, 0, budget), attempt, "retried"), *reports]


@pytest.mark.parametrize(("rule", "value"), [("best", 1.03), ("last", 1.2)])
def test_a_trial_that_is_run_again_has_the_value_of_the_new_attempt(rule, value):
    events = [opened(value=rule), *trial(0, [0.0, 0.0], "failed", 3), *retried([1.7, 1.03, 1.2], budget=3)]
    observations = seen(*events, Ended(0, 2, "completed", Place(0, 0, 3), 1.2))
    assert observations.best(0).value == value
    assert observations.at(3).values.tolist() == [value]


def test_it_keeps_its_value_until_it_reports_and_what_lies_before_its_checkpoint():
    events = [opened(), *trial(0, [0.5, 0.0, 0.1], "failed", 9)]
    assert seen(*events, *retried([])).best(0).value == 0.0
    assert seen(*events, *retried([0.7], first=2)).best(0).value == 0.5
    assert seen(*events, *retried([math.nan])).best(0) is None


def test_results_that_it_repeats_are_gone_until_they_are_there_again():
    others = [*trial(1, [0.4], "paused", 1), *trial(2, [0.6, 0.5, 0.3], "paused", 3)]
    observations = seen(opened(), *others, *trial(0, [0.0, 0.0, 0.0, 0.0], "failed", 9))
    assert [observations.at(budget).trials for budget in (1, 3)] == [(0, 1, 2), (0, 2)]
    for event in retried([0.9]):
        observations.apply(event)
    assert [observations.at(budget).trials for budget in (1, 3)] == [(0, 1, 2), (2,)]
    assert (observations.at(1).values.tolist(), observations.at(3).pending) == ([0.9, 0.4, 0.6], (0,))
    for step, value in ((2, 0.8), (3, 0.7)):
        observations.apply(Reported(0, 2, step, value))
    assert observations.at(3).values.tolist() == [0.7, 0.3]


def test_a_level_without_anybody_left_is_none():
    place = Place(0, 1, 9)
    fails = [Continued(0, place, 2, "promoted"), Ended(0, 2, "failed", place)]
    observations = seen(opened(), *trial(0, [0.5, 0.4, 0.0], "paused", 3), *fails, *retried([0.9], attempt=3))
    assert (observations.levels(), observations.level(1)) == ({}, None)
