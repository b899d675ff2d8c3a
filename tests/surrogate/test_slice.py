"""A posterior seen where its last column has one value."""

import numpy as np
import pytest
from test_gp_posterior import BRANCHES, branch_points

from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.layout import Column, Layout
from tunewidgets.surrogate.model import fit
from tunewidgets.surrogate.posterior import Posterior
from tunewidgets.surrogate.priors import default_prior
from tunewidgets.surrogate.slice import Slice, lifted, lifted_kernel

KERNEL, WHOLE = Kernel(BRANCHES), lifted_kernel(BRANCHES)
HEIGHTS = np.repeat([0.0, 0.5, 1.0], 10)


def made(height=1.0):
    """A posterior of three budgets, and its slice."""
    points = lifted(branch_points(30), HEIGHTS)
    theta = np.concatenate([np.full(WHOLE.size - 1, -0.3), [np.log(1e-4)]])
    whole = Posterior(WHOLE, theta, points, np.random.default_rng(0).standard_normal(30))
    return whole, Slice(whole, height, KERNEL)


def test_heights_have_a_share_in_every_term_and_a_term_of_their_own():
    assert WHOLE.columns == (*KERNEL.columns, 5, 6)
    assert WHOLE.size == KERNEL.size + 3
    assert WHOLE.shared == len(KERNEL.terms) == len(WHOLE.terms) - 1
    assert all(5 in term.numbers and 6 not in term.numbers for term in WHOLE.terms[:-1])
    assert WHOLE.terms[-1].numbers.tolist() == [6]


def test_branches_have_their_prior_and_the_height_has_that_of_a_single_term():
    plain, whole = default_prior(KERNEL), default_prior(WHOLE)
    assert whole.mean[-5:-2] == pytest.approx(plain.mean[-4:-1])
    assert whole.mean[-2] == 0.0


def test_that_points_have_heights_changes_nothing_of_what_is_believed_of_points():
    plain, whole = default_prior(KERNEL), default_prior(WHOLE)
    assert whole.mean[:5] == pytest.approx(plain.mean[:5])
    assert whole.mean[5] == whole.mean[4]
    assert whole.mean[6] == default_prior(Kernel(Layout((Column(),)))).mean[0]


def test_what_a_height_does_to_all_points_alike_is_told_from_what_they_are():
    rng = np.random.default_rng(1)
    low, high, at = rng.random((25, 1)), rng.random((4, 1)), rng.random((40, 1))
    square = Layout((Column(),))
    both = lifted(np.concatenate([low, high]), np.repeat([0.0, 1.0], [25, 4]))
    values = np.concatenate([(low[:, 0] - 0.3) ** 2 + 2.0, (high[:, 0] - 0.3) ** 2])
    found = fit(lifted_kernel(square), both, values).at(1.0, Kernel(square)).outlook(at)
    assert np.abs(found.median - (at[:, 0] - 0.3) ** 2).mean() < 0.03


def test_what_a_slice_leaves_out_it_predicts_where_it_was_observed():
    whole, found = made(0.3)
    assert np.array_equal(found.leave_one_out(), whole.leave_one_out())


@pytest.mark.parametrize("height", [0.0, 0.3, 1.0])
def test_a_slice_predicts_what_the_whole_predicts_there(height):
    whole, found = made(height)
    at = branch_points(7, seed=5)
    there = np.column_stack([at, np.full(7, height), np.full(7, height)])
    assert found.predict(at).mean == pytest.approx(whole.predict(there).mean)
    assert found.predict(at).sd == pytest.approx(whole.predict(there).sd)
    assert found.slopes(at).mean_slope == pytest.approx(whole.slopes(there).mean_slope[:, :-2])
    assert found.slopes(at).sd_slope.shape == at.shape
    one, other = (each.sample(where, np.random.default_rng(2), 3) for each, where in ((found, at), (whole, there)))
    assert one == pytest.approx(other)


def test_what_was_observed_elsewhere_is_predicted_on_the_slice():
    whole, found = made()
    assert found.points.shape == (30, len(BRANCHES.columns))
    assert found.fitted == pytest.approx(whole.predict(lifted(found.points, 1.0)).mean)
    assert found.fitted[20:] == pytest.approx(whole.fitted[20:], abs=1e-3)


def test_believing_a_point_removes_its_doubt_on_the_slice():
    _, found = made()
    at = branch_points(3, seed=9)
    after = found.believing(at)
    assert after.predict(at).mean == pytest.approx(found.predict(at).mean, abs=1e-3)
    assert (after.predict(at).sd < 0.2 * found.predict(at).sd).all()
    assert len(after.fitted) == 33
    assert found.believing(at[:0]) is found


def test_low_budgets_that_agree_with_high_ones_tell_of_them():
    rng = np.random.default_rng(0)
    low, high, at = rng.random((40, 2)), rng.random((6, 2)), rng.random((50, 2))
    value = lambda points: np.sin(5.0 * points[:, 0]) + points[:, 1] ** 2
    square = Layout((Column(), Column()))
    both = lifted(np.concatenate([low, high]), np.repeat([0.0, 1.0], [40, 6]))
    joint = fit(lifted_kernel(square), both, np.concatenate([value(low) + 0.7, value(high)])).at(1.0, Kernel(square))
    alone = fit(Kernel(square), high, value(high))
    missed = [np.abs(each.outlook(at).median - value(at)).mean() for each in (joint, alone)]
    assert missed[0] < 0.5 * missed[1]
