"""Which results are the good ones."""

import math
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.samplers.observations import Level
from tunewidgets.samplers.tpe_split import good_count, split


def level(objectives, violations=None):
    table = np.array(objectives, dtype=float).reshape(len(objectives), -1)
    broken = np.empty((len(table), 0)) if violations is None else np.array(violations, dtype=float)
    trials = tuple(range(len(table)))
    return Level(None, trials, table[:, 0], table, broken, (), (), MappingProxyType({}))


def parts(objectives, count, violations=None, rows=None):
    found = split(level(objectives, violations), np.arange(len(objectives)) if rows is None else np.array(rows), count)
    return found.good.tolist(), found.bad.tolist()


@pytest.mark.parametrize(("n", "count"), [(1, 1), (6, 1), (7, 2), (10, 2), (20, 3), (100, 15), (10**4, 25)])
def test_how_many_are_good(n, count):
    assert good_count(0.15, n) == count


def test_the_best_are_good_and_weighted_by_their_improvement():
    found = split(level([5.0, 1.0, 3.0, 4.0, 2.0]), np.arange(5), 3)
    assert found.good.tolist() == [1, 4, 2]
    assert found.bad.tolist() == [3, 0]
    assert found.weights.tolist() == [1.5, 1.0, 0.5]
    assert found.threshold == 3.0


def test_weights_where_there_is_nothing_to_compare_or_very_much():
    assert split(level([2.0, 1.0]), np.arange(2), 5).weights.tolist() == [1.0, 1.0]
    assert split(level([1.0, 1.0, 1.0]), np.arange(3), 2).weights.tolist() == [1.0, 1.0]
    assert split(level([-1.7e308, 0.0, 1.7e308]), np.arange(3), 2).weights == pytest.approx([4 / 3, 2 / 3])


def test_only_the_rows_asked_for_are_divided_and_ties_go_to_the_earlier():
    assert parts([0.0, 2.0, 2.0, 1.0], 2, rows=[1, 2, 3]) == ([3, 1], [2])


def test_constraints_come_first_then_the_violation():
    violations = [[0.5], [-1.0], [0.0], [0.1], [math.nan]]
    assert parts([0.0, 9.0, 8.0, 1.0, -5.0], 3, violations) == ([2, 1, 3], [0, 4])
    found = split(level([0.0, 9.0, 8.0, 1.0, -5.0], violations), np.arange(5), 3)
    assert found.threshold is None
    assert found.weights.tolist() == [1.0, 1.0, 1.0]


def test_what_is_hardly_broken_is_no_better_than_what_is_kept():
    assert parts([0.0, 9.0, 5.0], 1, [[1e-20], [0.0], [1.7e308]]) == ([1], [0, 2])


def test_goals_may_be_as_large_as_numbers_are():
    goals = [[1.7e308, 1.7e308, 1.7e308], [-1.7e308, 1.7e308, 0.0], [1.7e308, -1.7e308, 0.0], [0.0, 0.0, -1.0]]
    assert sorted(parts(goals, 3)[0]) == [1, 2, 3]


def test_metrics_of_other_units_count_alike():
    # a hundredth of the worst of the first metric, and half of the worst of the second
    violations = [[10.0, -1.0], [-1.0, 0.005], [1000.0, 0.01]]
    assert parts([0.0, 0.0, 0.0], 1, violations) == ([0], [1, 2])


def test_fronts_one_after_the_other():
    objectives = [[2.0, 2.0], [0.0, 1.0], [3.0, 3.0], [1.0, 0.0]]
    assert parts(objectives, 2) == ([1, 3], [0, 2])
    assert parts(objectives, 3) == ([1, 3, 0], [2])


def test_of_a_front_those_that_dominate_most_together():
    # the knee first, then the ends: three points close to the first end add next to nothing
    front = [[0.0, 1.0], [0.01, 0.99], [0.02, 0.98], [0.3, 0.3], [1.0, 0.0]]
    good, bad = parts(front, 3)
    assert set(good) >= {3, 4}
    assert len({*good} & {0, 1, 2}) == 1
    assert sorted(good + bad) == [0, 1, 2, 3, 4]


def test_a_goal_that_is_missing_comes_last():
    assert parts([[0.0, math.nan], [5.0, 5.0], [6.0, 6.0]], 2) == ([1, 2], [0])
    assert parts([[0.0, math.nan]], 1) == ([0], [])


def test_a_value_that_breaks_a_constraint_turns_no_weight_negative():
    found = split(level([0.0, 1.0, 3.0, 2.0], [[-1.0], [-1.0], [-1.0], [1.0]]), np.arange(4), 3)
    assert found.good.tolist() == [0, 1, 2]
    assert found.weights.tolist() == [2.0, 1.0, 0.0]


@given(st.integers(1, 3), st.integers(1, 30), st.integers(1, 12), st.integers(0, 10**6))
def test_every_row_is_in_exactly_one_part(goals, n, count, seed):
    rng = np.random.default_rng(seed)
    objectives = rng.integers(0, 4, size=(n, goals)).astype(float)
    found = split(level(objectives, rng.integers(-2, 2, size=(n, 1))), np.arange(n), count)
    assert sorted([*found.good.tolist(), *found.bad.tolist()]) == list(range(n))
    assert len(found.good) == min(n, count)
    assert found.weights.sum() == pytest.approx(len(found.good))
    assert np.all(found.weights >= 0.0)
