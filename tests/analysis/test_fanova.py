"""Functional ANOVA of functions on boxes: shares that are known by hand, and what holds for all of them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets.analysis.fanova import Axis, Boxes, Domain

LEVELS = 4


def levels(n):
    return Axis((np.arange(n) + 0.5) / n)


def on_grid(values):
    """The function that has these values on a regular grid."""
    shape = values.shape
    corners = np.array(list(itertools.product(*map(range, shape))), float)
    return Boxes(corners / shape, (corners + 1) / shape, values.ravel())


def shares(values, axes=None, regions=None):
    return Domain(axes or [Axis()] * values.ndim, regions).shares(on_grid(np.asarray(values, float)))


def by_hand(values):
    """Shares by their definition: means over the grid."""
    centred = values - values.mean()
    axes = range(values.ndim)
    means = {
        kept: centred.mean(axis=tuple(axis for axis in axes if axis not in kept), keepdims=True)
        for size in (1, 2)
        for kept in itertools.combinations(axes, size)
    }
    singles = np.array([(means[(axis,)] ** 2).mean() for axis in axes])
    pairs = np.zeros((values.ndim,) * 2)
    for one, other in itertools.combinations(axes, 2):
        part = means[(one, other)] - means[(one,)] - means[(other,)]
        pairs[one, other] = pairs[other, one] = (part**2).mean()
    total = (centred**2).mean()
    return singles / total, pairs / total


U = (np.arange(LEVELS) + 0.5) / LEVELS - 0.5


def test_an_additive_function_is_divided_by_the_squares_of_its_slopes():
    found = shares(3 * U[:, None, None] + 2 * U[None, :, None] + 1 * U[None, None, :])
    assert found.singles == pytest.approx([9 / 14, 4 / 14, 1 / 14])
    assert found.pairs == pytest.approx(np.zeros((3, 3)), abs=1e-12)


def test_a_product_of_centred_parameters_is_all_interaction():
    found = shares(U[:, None] * U[None, :])
    assert found.singles == pytest.approx([0, 0], abs=1e-12)
    assert found.pairs == pytest.approx(np.array([[0, 1], [1, 0]]))


def test_a_product_of_three_leaves_nothing_for_singles_and_pairs():
    found = shares(U[:, None, None] * U[None, :, None] * U[None, None, :])
    assert found.singles.sum() + found.pairs.sum() == pytest.approx(0, abs=1e-12)


def test_a_dummy_has_nothing():
    found = shares(np.broadcast_to((U**3)[:, None], (LEVELS, LEVELS)))
    assert found.singles == pytest.approx([1, 0])
    assert found.pairs.sum() == pytest.approx(0, abs=1e-12)


def test_a_constant_function_has_no_variance_to_divide():
    assert shares(np.ones((2, 2))) is None


GRIDS = st.integers(1, 3).flatmap(
    lambda dimensions: st.lists(st.integers(-9, 9), min_size=3**dimensions, max_size=3**dimensions).map(
        lambda values: np.array(values, float).reshape((3,) * dimensions)
    )
)


@settings(max_examples=40)
@given(GRIDS)
def test_shares_are_those_of_the_definition_and_at_most_one_in_all(values):
    found = shares(values)
    if np.ptp(values) == 0:
        assert found is None
        return
    singles, pairs = by_hand(values)
    assert found.singles == pytest.approx(singles, abs=1e-9)
    assert found.pairs == pytest.approx(pairs, abs=1e-9)
    assert (found.singles >= 0).all()
    assert (found.pairs >= 0).all()
    assert found.singles.sum() + found.pairs.sum() / 2 <= 1 + 1e-9


@settings(max_examples=40)
@given(GRIDS, st.randoms(use_true_random=False))
def test_permuting_parameters_permutes_shares(values, random):
    order = list(range(values.ndim))
    random.shuffle(order)
    found, moved = shares(values), shares(values.transpose(order))
    if found is None:
        assert moved is None
        return
    assert moved.singles == pytest.approx(found.singles[order], abs=1e-9)
    assert moved.pairs == pytest.approx(found.pairs[np.ix_(order, order)], abs=1e-9)


@settings(max_examples=40)
@given(GRIDS, st.integers(1, 5), st.integers(-5, 5))
def test_units_do_not_matter(values, factor, shift):
    found, moved = shares(values), shares(factor * values + shift)
    assert (found is None) == (moved is None)
    if found is not None:
        assert moved.singles == pytest.approx(found.singles, abs=1e-9)


def test_a_border_anywhere_between_two_values_parts_them_in_the_same_way():
    for border in (0.26, 0.5, 0.74):
        boxes = Boxes(np.array([[0.0], [border]]), np.array([[border], [1.0]]), np.array([0.0, 1.0]))
        assert Domain([levels(2)]).axes[0].measure(boxes.high).tolist() == [[0.5], [1.0]]


def test_a_cut_cube_has_the_shares_of_what_is_in_it():
    values = np.array([[0.0, 1.0], [0.0, 100.0]])
    found = shares(values, [Axis(low=0.0, high=0.5), Axis()])
    assert found.singles == pytest.approx([0, 1])
    found = shares(values, [Axis(np.array([0.25, 0.75]), 0.25, 0.25), Axis()])
    assert found.singles == pytest.approx([0, 1])


SGD = {0: np.array([False, True])}


def test_a_conditional_parameter_counts_where_it_is_active_times_how_often_that_is():
    # adam: 1; sgd: 0 or 2 by the momentum. The optimizers are equally good on average.
    found = shares([[1, 1], [0, 2]], [levels(2), Axis()], [{}, SGD])
    assert found.singles == pytest.approx([0, 1])
    assert found.pairs.sum() == pytest.approx(0, abs=1e-12)
    # adam: 3. Variance 1.5, of which 1 is between the optimizers.
    found = shares([[3, 3], [0, 2]], [levels(2), Axis()], [{}, SGD])
    assert found.singles == pytest.approx([2 / 3, 1 / 3])
    # As a default in its place, or any coordinate, it would have half of that alone, and half with its parent.
    found = shares([[3, 3], [0, 2]], [levels(2), Axis()])
    assert found.singles == pytest.approx([2 / 3, 1 / 6])
    assert found.pairs[0, 1] == pytest.approx(1 / 6)


def test_parameters_that_are_never_active_together_are_no_pair():
    domain = Domain([levels(2), Axis(), Axis()], [{}, SGD, {0: np.array([True, False])}])
    assert domain.meet(0, 1)
    assert not domain.meet(1, 2)
    values = np.zeros((2, 2, 2))
    values[1] += np.array([0, 2])[:, None]
    values[0] += np.array([0, 4])[None, :]
    found = domain.shares(on_grid(values))
    # Between the two: 1/4; 0 or 2 half of the time: 1/2; 0 or 4 half of the time: 2.
    assert found.singles == pytest.approx(np.array([0.25, 0.5, 2.0]) / 2.75)
    assert found.pairs.sum() == pytest.approx(0, abs=1e-12)


@settings(max_examples=40)
@given(st.lists(st.integers(-5, 5), min_size=3 * 2 * 2 * 2, max_size=3 * 2 * 2 * 2))
def test_conditional_parts_are_at_most_one_in_all(numbers):
    """The second is active under two of the first's three values, the third where the second has its upper value."""
    values = np.array(numbers, float).reshape(3, 2, 2, 2)
    second = {0: np.array([True, False, True])}
    third = {**second, 1: np.array([False, True])}
    values[1] = values[1].mean(axis=(0, 1), keepdims=True)
    values[:, 0] = values[:, 0].mean(axis=1, keepdims=True)
    found = shares(values, [levels(3), levels(2), levels(2), levels(2)], [{}, second, third, {}])
    if found is not None:
        assert found.singles.sum() + found.pairs.sum() / 2 <= 1 + 1e-9
