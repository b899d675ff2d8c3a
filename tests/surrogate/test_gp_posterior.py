"""Gaussian-process regression against literal values, scikit-learn, finite differences and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets.surrogate.factor import Factor, SingularError
from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.layout import Column, Layout
from tunewidgets.surrogate.likelihood import Likelihood
from tunewidgets.surrogate.posterior import Posterior
from tunewidgets.surrogate.priors import default_prior

POINTS = np.array([[0.0], [0.4], [1.0]])
TARGETS = np.array([1.0, -0.5, 0.7])
AT = np.array([[0.2], [0.5], [0.7], [2.0]])
THETA = np.log([0.3, 1.0, 1e-6])
LINE = Layout((Column(),))

KNOWN = {
    "rbf": (
        [0.240293, -0.578404, -0.127790, 0.003329],
        [0.297730, 0.262226, 0.567959, 0.999992],
        -4.015792,
    ),
    "matern52": (
        [0.240319, -0.510468, -0.026672, 0.012588],
        [0.464129, 0.375067, 0.713584, 0.999876],
        -3.932975,
    ),
}

BRANCHES = Layout(
    (
        Column(categories=3),
        Column(rules=((0, frozenset({0.5, 5 / 6})),)),
        Column(rules=((0, frozenset({5 / 6})),)),
        Column(),
        Column(low=0.1, high=0.9),
    )
)


def branch_points(n, seed=0):
    """Points of BRANCHES, NaN where inactive."""
    points = np.random.default_rng(seed).random((n, 5))
    points[:, 0] = (np.floor(points[:, 0] * 3) + 0.5) / 3
    points[points[:, 0] < 0.4, 1] = np.nan
    points[points[:, 0] < 0.7, 2] = np.nan
    return points


@pytest.mark.parametrize("family", KNOWN)
def test_posterior_and_likelihood_have_their_known_values(family):
    mean, sd, likelihood = KNOWN[family]
    kernel = Kernel(LINE, family)
    found = Posterior(kernel, THETA, POINTS, TARGETS, mean=0.0).predict(AT)
    assert found.mean == pytest.approx(mean, abs=1e-6)
    assert found.sd == pytest.approx(sd, abs=1e-6)
    assert Likelihood(kernel, kernel.rows(POINTS))(THETA, TARGETS)[0] == pytest.approx(likelihood, abs=1e-6)


@pytest.mark.parametrize("family", KNOWN)
def test_regression_agrees_with_scikit_learn(family):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

    rng = np.random.default_rng(1)
    points, targets, at = rng.random((25, 3)), rng.standard_normal(25), rng.random((7, 3))
    theta = np.log([0.2, 0.7, 1.9, 2.3, 0.04])
    lengths = np.exp(theta[:3])
    shape = RBF(lengths) if family == "rbf" else Matern(lengths, nu=2.5)
    theirs = GaussianProcessRegressor(ConstantKernel(2.3) * shape + WhiteKernel(0.04), alpha=0.0, optimizer=None)
    theirs.fit(points, targets)
    value, gradient = theirs.log_marginal_likelihood(np.log([2.3, *lengths, 0.04]), eval_gradient=True)
    mean, covariance = theirs.predict(at, return_cov=True)

    kernel = Kernel(Layout((Column(), Column(), Column())), family)
    ours, slope = Likelihood(kernel, kernel.rows(points))(theta, targets)
    found = Posterior(kernel, theta, points, targets, mean=0.0).predict(at)
    assert ours == pytest.approx(value, rel=1e-10)
    assert slope == pytest.approx([*gradient[1:4], gradient[0], gradient[4]], rel=1e-8)
    assert found.mean == pytest.approx(mean, rel=1e-9)
    assert found.sd**2 == pytest.approx(np.diag(covariance) - 0.04, rel=1e-7)


def test_the_likelihoods_gradient_is_its_slope():
    kernel, targets = Kernel(BRANCHES), np.random.default_rng(3).random(30)
    likelihood = Likelihood(kernel, kernel.rows(branch_points(30)))
    theta = np.random.default_rng(4).normal(-1.0, 0.5, kernel.size)
    numeric = [
        (likelihood(theta + step, targets)[0] - likelihood(theta - step, targets)[0]) / 2e-6
        for step in 1e-6 * np.eye(kernel.size)
    ]
    assert likelihood(theta, targets)[1] == pytest.approx(numeric, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("family", KNOWN)
def test_the_posteriors_slopes_are_its_slopes(family):
    kernel = Kernel(BRANCHES, family)
    theta = np.concatenate([np.log([0.7, 0.4, 0.5, 0.3, 0.6]), np.log([1.0, 0.8, 2.0]), [np.log(1e-3)]])
    model = Posterior(kernel, theta, branch_points(20), np.random.default_rng(0).standard_normal(20))
    at = branch_points(9, seed=5)
    slopes = model.slopes(at)
    assert slopes.mean == pytest.approx(model.predict(at).mean)
    assert slopes.sd == pytest.approx(model.predict(at).sd)
    for column in (1, 2, 3, 4):
        step = np.zeros(5)
        step[column] = 1e-6
        above, below = model.predict(at + step), model.predict(at - step)
        active = ~np.isnan(at[:, column])
        mean_slope = np.where(active, (above.mean - below.mean) / 2e-6, 0.0)
        sd_slope = np.where(active, (above.sd - below.sd) / 2e-6, 0.0)
        assert slopes.mean_slope[:, column] == pytest.approx(mean_slope, abs=1e-6)
        assert slopes.sd_slope[:, column] == pytest.approx(sd_slope, abs=1e-6)
    assert not slopes.mean_slope[:, 0].any()


def test_leaving_one_out_is_what_a_model_without_it_predicts():
    kernel = Kernel(BRANCHES)
    points, targets = branch_points(15), np.random.default_rng(0).standard_normal(15)
    theta = np.concatenate([np.zeros(8), [np.log(0.01)]])
    left = Posterior(kernel, theta, points, targets, mean=0.2).leave_one_out()
    for out in range(15):
        rest = np.arange(15) != out
        found = Posterior(kernel, theta, points[rest], targets[rest], mean=0.2).predict(points[[out]])
        assert left.mean[out] == pytest.approx(found.mean[0], rel=1e-8)
        assert left.sd[out] ** 2 == pytest.approx(found.sd[0] ** 2 + 0.01, rel=1e-8)


def test_draws_have_the_posteriors_mean_and_covariance():
    kernel = Kernel(LINE)
    model = Posterior(kernel, np.log([0.3, 1.0, 1e-4]), POINTS, TARGETS, mean=0.0)
    at = np.array([[0.2], [0.25], [0.8]])
    draws = model.sample(at, np.random.default_rng(0), 20_000)
    found = model.predict(at)
    assert draws.shape == (20_000, 3)
    assert draws.mean(axis=0) == pytest.approx(found.mean, abs=0.02)
    assert draws.std(axis=0) == pytest.approx(found.sd, rel=0.03)
    # Near points move together, far ones do not.
    assert np.corrcoef(draws.T)[0, 1] > 0.9 > abs(np.corrcoef(draws.T)[0, 2])


def test_believing_a_point_changes_no_mean_and_removes_its_doubt():
    kernel = Kernel(LINE)
    model = Posterior(kernel, np.log([0.3, 1.0, 1e-6]), POINTS, TARGETS)
    after = model.believing(np.array([[0.7]]))
    assert after.predict(AT).mean == pytest.approx(model.predict(AT).mean, abs=1e-9)
    assert after.predict(AT).sd[2] < 2e-3 < model.predict(AT).sd[2]
    assert (after.predict(AT).sd <= model.predict(AT).sd + 1e-12).all()
    assert model.believing(np.empty((0, 1))) is model


def test_the_mean_is_estimated_by_generalised_least_squares():
    kernel = Kernel(LINE)
    theta = np.log([0.3, 1.0, 1e-2])
    covariance = kernel.covariance(*_scaled(kernel, theta, POINTS)) + 0.01 * np.eye(3)
    ones = np.linalg.solve(covariance, np.ones(3))
    expected = (ones @ TARGETS) / (ones.sum() + 1.0)
    assert Posterior(kernel, theta, POINTS, TARGETS).mean == pytest.approx(expected)


def _scaled(kernel, theta, points):
    from tunewidgets.surrogate.kernel import Scales

    rows = kernel.rows(points)
    return Scales.of(theta, len(kernel.terms)), rows, rows


def test_repeated_points_without_noise_are_no_trouble():
    points, targets = np.repeat(POINTS, 4, axis=0), np.repeat(TARGETS, 4)
    theta = np.log([50.0, 100.0, 1e-30])
    found = Posterior(Kernel(LINE, "rbf"), theta, points, targets).predict(AT)
    assert np.isfinite(found).all()


def test_a_matrix_that_has_no_root_is_refused():
    with pytest.raises(SingularError, match="not positive definite"):
        Factor(np.array([[1.0, 2.0], [2.0, 1.0]]))


def test_a_factor_solves_inverts_and_colours():
    matrix = np.array([[4.0, 1.0], [1.0, 3.0]])
    factor = Factor(matrix.copy())
    assert factor.log_determinant == pytest.approx(np.log(11.0))
    assert factor.solve(np.array([1.0, 2.0])) == pytest.approx([1 / 11, 7 / 11])
    assert factor.inverse() == pytest.approx(np.linalg.inv(matrix))
    root = factor.color(np.eye(2))
    assert root @ root.T == pytest.approx(matrix)
    assert root @ factor.whiten(np.eye(2)) == pytest.approx(np.eye(2))


def test_the_prior_pulls_hyperparameters_towards_its_middle():
    kernel = Kernel(Layout((Column(), Column())))
    prior = default_prior(kernel)
    points = np.random.default_rng(0).random((3, 2))
    likelihood = Likelihood(kernel, kernel.rows(points))
    found = likelihood.best(np.zeros(3), prior, [prior.start], 50)
    assert ((found >= prior.lower) & (found <= prior.upper)).all()
    assert found[:2] == pytest.approx(prior.mean[:2], abs=0.5)
    value, slope = prior.penalty(prior.mean)
    assert value == 0.0
    assert not slope.any()
    assert prior.penalty(prior.mean + prior.sd)[0] == pytest.approx(0.5 * kernel.size)


def test_hyperparameters_are_found_from_enough_data():
    rng = np.random.default_rng(0)
    points = rng.random((150, 2))
    targets = np.sin(12.0 * points[:, 0]) + 0.1 * rng.standard_normal(150)
    kernel = Kernel(Layout((Column(), Column())))
    prior = default_prior(kernel)
    found = np.exp(Likelihood(kernel, kernel.rows(points)).best(targets, prior, [prior.start], 50))
    assert found[0] < 0.5  # only the first column matters
    assert found[1] > 3.0
    assert found[-1] == pytest.approx(0.01, rel=0.5)


@st.composite
def layouts(draw):
    """Layouts with conditions on earlier categories, several at once among them."""
    columns = []
    for index in range(draw(st.integers(1, 6))):
        parents = [j for j in range(index) if columns[j].categories]
        chosen = draw(st.lists(st.sampled_from(parents), max_size=2, unique=True)) if parents else []
        rules = []
        for parent in chosen:
            count = columns[parent].categories
            values = draw(st.sets(st.integers(0, count - 1), min_size=1))
            rules.append((parent, frozenset((value + 0.5) / count for value in values)))
        columns.append(Column(categories=draw(st.sampled_from((0, 2, 3))), rules=tuple(rules)))
    return Layout(tuple(columns))


def inhabitants(layout, n, seed):
    """Random points of a layout, NaN where inactive; parents stand before children."""
    points = np.random.default_rng(seed).random((n, len(layout.columns)))
    for j, column in enumerate(layout.columns):
        if column.categories:
            points[:, j] = (np.floor(points[:, j] * column.categories) + 0.5) / column.categories
        for parent, values in column.rules:
            points[~np.isin(points[:, parent], list(values)), j] = np.nan
    return points


@settings(max_examples=40, deadline=None)
@given(layouts(), st.sampled_from(("matern52", "rbf")), st.integers(0, 10**6))
def test_the_kernel_is_symmetric_and_positive_semidefinite(layout, family, seed):
    kernel = Kernel(layout, family)
    theta = np.random.default_rng(seed).normal(0.0, 1.0, kernel.size)
    scales, rows, _ = _scaled(kernel, theta, inhabitants(layout, 25, seed))
    covariance = kernel.covariance(scales, rows, rows)
    assert (covariance == covariance.T).all()
    assert np.linalg.eigvalsh(covariance).min() > -1e-9 * len(covariance) * covariance.max()
    assert np.diag(covariance) == pytest.approx(kernel.variance(scales, rows))


def test_two_configurations_share_only_what_both_have():
    kernel = Kernel(BRANCHES)
    theta = np.concatenate([np.log([0.7, 0.4, 0.5, 0.3, 0.6]), np.log([1.0, 2.0, 4.0]), [-9.0]])
    first = np.array([[1 / 6, np.nan, np.nan, 0.3, 0.4]])
    second = np.array([[0.5, 0.2, np.nan, 0.3, 0.4]])
    third = np.array([[5 / 6, 0.2, 0.9, 0.3, 0.4]])
    scales, rows, _ = _scaled(kernel, theta, np.concatenate([first, second, third]))
    k = kernel.covariance(scales, rows, rows)
    apart = float(_matern(1.0 / 0.7))
    assert k.diagonal() == pytest.approx([1.0, 3.0, 7.0])  # each branch adds its own variance
    assert k[0, 1] == k[0, 2] == pytest.approx(apart)
    assert k[1, 2] == pytest.approx(3.0 * apart)


def _matern(r):
    s = np.sqrt(5.0) * r
    return (1.0 + s + s * s / 3.0) * np.exp(-s)


def test_groups_are_what_is_active_together():
    groups = [(group.own, group.seen) for group in BRANCHES.groups]
    assert groups == [((0, 3, 4), (0, 3, 4)), ((1,), (0, 1, 3, 4)), ((2,), (0, 1, 2, 3, 4))]


def test_what_hangs_on_a_constant_is_always_active():
    layout = Layout((Column(constant=True), Column(rules=((0, frozenset({0.5})),)), Column()))
    assert [group.seen for group in layout.groups] == [(1, 2)]
    assert not layout.conditional


def test_what_needs_a_child_needs_its_parent_too():
    half = frozenset({0.25})
    layout = Layout((Column(2), Column(2, rules=((0, half),)), Column(rules=((1, half),)), Column(rules=((0, half),))))
    assert [(group.own, group.seen) for group in layout.groups] == [
        ((0,), (0,)),
        ((1, 3), (0, 1, 3)),
        ((2,), (0, 1, 2, 3)),
    ]
