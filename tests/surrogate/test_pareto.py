"""Fronts, their order and their hypervolume: by hand, by brute force and by chance."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tunewidgets.surrogate.acquisition import expected_improvement
from tunewidgets.surrogate.pareto import (
    augmented_chebyshev,
    crowding_distance,
    expected_hypervolume_improvement,
    hypervolume,
    hypervolume_subset,
    non_dominated,
    non_dominated_sort,
    search_boxes,
    simplex_weights,
    unit_range,
)

TABLES = st.tuples(st.integers(0, 12), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 4).map(float))
)


def beaten(values):
    """By the definition, pair by pair."""
    return np.array([any(np.all(q <= p) and np.any(q < p) for q in values) for p in values], dtype=bool)


def by_inclusion(points, reference):
    """The volume of a union of boxes by inclusion and exclusion."""
    total = 0.0
    for size in range(1, len(points) + 1):
        for chosen in itertools.combinations(points, size):
            total -= (-1.0) ** size * np.prod(np.clip(reference - np.max(chosen, axis=0), 0.0, None))
    return total


@given(TABLES)
def test_the_front_is_what_nothing_beats(values):
    assert non_dominated(values).tolist() == (~beaten(values)).tolist()


@given(TABLES)
def test_ranks_peel_one_front_after_the_other(values):
    ranks, left = non_dominated_sort(values), np.arange(len(values))
    for rank in itertools.count():
        if not len(left):
            break
        on_top = ~beaten(values[left])
        assert np.all(ranks[left[on_top]] == rank)
        left = left[~on_top]
    assert len(set(ranks.tolist())) == (max(ranks, default=-1) + 1)


def test_ranking_stops_where_enough_are_ranked():
    values = np.random.default_rng(0).normal(size=(60, 3))
    whole, part = non_dominated_sort(values), non_dominated_sort(values, most=20)
    last = int(part.max())
    assert last < whole.max()
    assert np.count_nonzero(part < last) >= 20
    assert part.tolist() == np.minimum(whole, last).tolist()


def test_crowding_by_hand():
    front = np.array([[0.0, 10.0], [1.0, 6.0], [2.0, 5.0], [10.0, 0.0]])
    assert crowding_distance(front).tolist() == [np.inf, 0.2 + 0.5, 0.9 + 0.6, np.inf]
    assert crowding_distance(front[:2]).tolist() == [np.inf, np.inf]
    assert crowding_distance(np.ones((4, 2))).tolist() == [0.0] * 4
    assert crowding_distance(np.empty((0, 2))).tolist() == []


@pytest.mark.parametrize(
    ("front", "reference", "volume"),
    [
        ([], [1.0, 1.0], 0.0),
        ([[1.0]], [3.5], 2.5),
        ([[1.0, 2.0], [2.0, 1.0]], [3.0, 3.0], 3.0),
        ([[1.0, 2.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]], [3.0, 3.0], 3.0),
        ([[0.0, 3.0], [5.0, -1.0]], [3.0, 3.0], 0.0),
        ([[0.0, 0.0, 0.0]], [1.0, 2.0, 3.0], 6.0),
        ([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]], [2.0, 2.0, 2.0], 4.0),
        ([[0.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.0]], [2.0, 2.0, 2.0, 2.0], 9.0),
    ],
)
def test_hypervolume_by_hand(front, reference, volume):
    assert hypervolume(front, reference) == pytest.approx(volume)


@given(st.integers(1, 5), st.integers(0, 6), st.integers(0, 10**6))
def test_hypervolume_is_that_of_the_union(k, n, seed):
    points = np.random.default_rng(seed).integers(0, 5, size=(n, k)).astype(float)
    reference = np.full(k, 4.5)
    assert hypervolume(points, reference) == pytest.approx(by_inclusion(points, reference))


@pytest.mark.parametrize("k", [2, 3, 4])
def test_hypervolume_against_chance(k):
    rng = np.random.default_rng(k)
    front, draws = rng.random((15, k)), rng.random((20_000, k))
    share = np.mean(np.any(np.all(front[:, None] <= draws, axis=2), axis=0))
    assert hypervolume(front, np.ones(k)) == pytest.approx(share, abs=0.015)


@given(st.integers(1, 4), st.integers(0, 8), st.integers(0, 10**6))
def test_boxes_cover_what_is_not_dominated_exactly_once(k, n, seed):
    rng = np.random.default_rng(seed)
    points, reference = rng.integers(0, 5, size=(n, k)).astype(float), np.full(k, 4.0)
    boxes = search_boxes(points, reference)
    draws = rng.uniform(-2.0, 5.0, size=(60, k))
    inside = np.all((boxes.lower <= draws[:, None]) & (draws[:, None] < boxes.upper), axis=2).sum(axis=1)
    free = [bool(np.all(draw < reference) and not np.any(np.all(points <= draw, axis=1))) for draw in draws]
    assert inside.tolist() == [int(each) for each in free]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_expected_improvement_of_the_hypervolume_against_chance(k):
    rng = np.random.default_rng(k)
    front, reference = rng.uniform(0.0, 1.0, size=(5, k)), np.full(k, 1.2)
    mean, sd = rng.uniform(-0.2, 0.9, size=(3, k)), rng.uniform(0.05, 0.4, size=(3, k))
    volume = hypervolume(front, reference)
    for row, expected in enumerate(expected_hypervolume_improvement(mean, sd, front, reference)):
        draws = rng.normal(mean[row], sd[row], size=(400, k))
        gains = [hypervolume([*front, draw], reference) - volume for draw in draws]
        assert expected == pytest.approx(np.mean(gains), abs=4 * np.std(gains) / 20 + 1e-12)


def test_with_one_objective_it_is_expected_improvement():
    mean, sd = np.array([[0.5], [2.0], [-1.0]]), np.array([[0.3], [1.0], [0.0]])
    found = expected_hypervolume_improvement(mean, sd, [[0.4], [1.0]], [5.0])
    np.testing.assert_allclose(found, expected_improvement(mean, sd, 0.4)[:, 0])


def test_certain_points_gain_what_they_add():
    front, reference = [[1.0, 2.0], [2.0, 1.0]], [3.0, 3.0]
    points = np.array([[0.0, 0.0], [1.5, 1.5], [2.5, 2.5], [0.5, 2.5], [1.0, 2.0]])
    found = expected_hypervolume_improvement(points, np.zeros((5, 2)), front, reference)
    np.testing.assert_allclose(found, [6.0, 0.25, 0.0, 0.25, 0.0], atol=1e-12)
    empty = expected_hypervolume_improvement([[1.0, 1.0]], [[0.0, 0.0]], np.empty((0, 2)), reference)
    np.testing.assert_allclose(empty, [4.0])


@pytest.mark.parametrize("k", [2, 3])
def test_its_gradients_are_those_of_finite_differences(k):
    rng = np.random.default_rng(k)
    front, reference = rng.random((6, k)), np.full(k, 1.1)
    mean, sd = rng.uniform(-0.2, 1.0, size=(4, k)), rng.uniform(0.1, 0.5, size=(4, k))
    value, by_mean, by_sd = expected_hypervolume_improvement(mean, sd, front, reference, gradient=True)
    np.testing.assert_array_equal(value, expected_hypervolume_improvement(mean, sd, front, reference))
    for j in range(k):
        step = 1e-6 * np.eye(k)[j]
        for found, moved in ((by_mean, (step, 0.0)), (by_sd, (0.0, step))):
            up = expected_hypervolume_improvement(mean + moved[0], sd + moved[1], front, reference)
            down = expected_hypervolume_improvement(mean - moved[0], sd - moved[1], front, reference)
            np.testing.assert_allclose(found[:, j], (up - down) / 2e-6, rtol=1e-4, atol=1e-8)


def test_many_points_are_worked_out_in_blocks(monkeypatch):
    rng = np.random.default_rng(0)
    front, mean, sd = rng.random((6, 3)), rng.random((9, 3)), rng.random((9, 3))
    whole = expected_hypervolume_improvement(mean, sd, front, np.ones(3))
    monkeypatch.setattr("tunewidgets.surrogate.pareto._BLOCK", 1)
    np.testing.assert_allclose(expected_hypervolume_improvement(mean, sd, front, np.ones(3)), whole, rtol=1e-13)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_a_subset_is_chosen_greedily_by_what_each_point_adds(k):
    points = np.random.default_rng(k).random((20, k))
    front, reference = points[non_dominated(points)], np.full(k, 1.1)
    count = min(4, len(front))
    chosen = hypervolume_subset(front, reference, count)
    assert len(set(chosen.tolist())) == count
    for number in range(count):
        reached = [hypervolume(front[[*chosen[:number], other]], reference) for other in range(len(front))]
        assert reached[chosen[number]] == pytest.approx(max(reached))


def test_a_subset_goes_on_where_nothing_is_gained():
    assert hypervolume_subset([[1.0, 1.0], [1.0, 1.0], [5.0, 0.0]], [2.0, 2.0], 3).tolist() == [0, 1, 2]


def test_scalarisation_by_hand_and_its_weights():
    values = [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    np.testing.assert_allclose(augmented_chebyshev(values, [0.8, 0.2]), [0.84, 0.425, 0.21])
    np.testing.assert_allclose(augmented_chebyshev(values, [0.8, 0.2], rho=0.0), [0.8, 0.4, 0.2])
    weights = np.array([simplex_weights(3, np.random.default_rng(seed)) for seed in range(200)])
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(weights.mean(axis=0), 1.0 / 3.0, atol=0.05)
    np.testing.assert_allclose(unit_range([[1.0, 5.0], [3.0, 5.0], [2.0, 5.0]]), [[0, 0], [1, 0], [0.5, 0]])


def test_a_flat_list_is_no_table():
    with pytest.raises(ValueError, match=r"shape \(n, k\)"):
        non_dominated([1.0, 2.0])
