"""Acquisition functions against literal values, hand-made posteriors, laws and finite differences."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from tunewidgets.surrogate.acquisition import (
    confidence_bound,
    expected_improvement,
    feasibility,
    log_expected_improvement,
    log_feasibility,
    probability_of_improvement,
)

LITERAL = [
    (0.0, 1.0, 0.0, 0.0, 0.3989422804, 0.5),
    (1.0, 1.0, 0.0, 0.0, 0.08331547059, 0.1586552539),
    (-1.0, 1.0, 0.0, 0.0, 1.083315471, 0.8413447461),
    (0.0, 1.0, 0.0, 0.01, 0.3939622273, 0.4960106437),
    (0.5, 0.25, 0.3, 0.0, 0.03005180847, 0.2118553986),
    (2.0, 0.5, 1.0, 0.0, 0.004245351308, 0.02275013195),
    (0.0, 0.0, 1.0, 0.0, 1.0, 1.0),
]
MEANS = st.floats(-50.0, 50.0)
SDS = st.floats(1e-3, 50.0)
EXTREME = -np.concatenate((-np.logspace(4, -2, 60), [0.0], np.linspace(0.01, 40.0, 40)))  # means: z is their negative


@pytest.mark.parametrize(("mean", "sd", "best", "xi", "improvement", "probability"), LITERAL)
def test_literal_values(mean, sd, best, xi, improvement, probability):
    assert expected_improvement(mean, sd, best, xi) == pytest.approx(improvement, rel=1e-9)
    assert probability_of_improvement(mean, sd, best, xi) == pytest.approx(probability, rel=1e-9)
    assert log_expected_improvement(mean, sd, best, xi) == pytest.approx(math.log(improvement), abs=1e-9)
    assert feasibility(mean, sd, best - xi) == pytest.approx(probability, rel=1e-9)


def test_a_hand_made_posterior_over_points_and_incumbents():
    mean, sd = np.array([[0.0], [1.0]]), np.array([[1.0], [0.5]])
    found = expected_improvement(mean, sd, np.array([0.0, 1.0, 2.0]))
    expected = [
        [
            integrate.quad(lambda y, m=m, s=s, b=b: (b - y) * stats.norm.pdf(y, m, s), -12.0, b)[0]
            for b in (0.0, 1.0, 2.0)
        ]
        for m, s in ((0.0, 1.0), (1.0, 0.5))
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-7)


@pytest.mark.parametrize("z", [-1e4, -1000.0, -100.0, -30.001, -29.999, -10.0, -5.0, -1.001, -0.999, -0.5])
def test_the_logarithm_far_below_against_an_integral(z):
    # h(z) = phi(z) times the integral of t exp(z t - t^2 / 2) over t > 0; with u = -z t nothing over- or underflows
    integral = integrate.quad(lambda u: u * math.exp(-u - 0.5 * (u / z) ** 2), 0.0, np.inf, epsabs=0.0, epsrel=1e-12)[0]
    log_h = -0.5 * z * z - 0.5 * math.log(2.0 * math.pi) + math.log(integral) - 2.0 * math.log(-z)
    assert log_expected_improvement(-z, 1.0, 0.0) == pytest.approx(log_h, rel=1e-14, abs=1e-11)
    assert log_expected_improvement(-2.0 * z, 2.0, 0.0) == pytest.approx(log_h + math.log(2.0), rel=1e-14, abs=1e-11)
    by_mean = log_expected_improvement(-z, 1.0, 0.0, gradient=True).by_mean
    below = integrate.quad(lambda u: math.exp(-u - 0.5 * (u / z) ** 2), 0.0, np.inf, epsabs=0.0, epsrel=1e-12)[0]
    assert by_mean == pytest.approx(z * below / integral, rel=1e-10)


@pytest.mark.parametrize(("z", "log_h"), [(0.0, -0.9189385332), (1.0, 0.0800262188), (40.0, 3.6888794541)])
def test_the_logarithm_above(z, log_h):
    assert log_expected_improvement(-z, 1.0, 0.0) == pytest.approx(log_h, abs=1e-9)


def test_the_improvement_is_the_exponential_of_its_logarithm():
    logs = log_expected_improvement(EXTREME, 1.0, 0.0)
    assert np.all(np.isfinite(logs))
    np.testing.assert_allclose(expected_improvement(EXTREME, 1.0, 0.0), np.exp(logs), rtol=1e-11)


def test_the_logarithm_falls_without_a_jump_where_the_formulas_meet():
    z = np.concatenate((np.linspace(-31.0, -29.0, 4001), np.linspace(-1.01, -0.99, 4001)))
    slopes = np.diff(log_expected_improvement(-z, 1.0, 0.0)) / np.diff(z)
    kept = np.delete(slopes, 4000)  # the step from one stretch to the other
    assert np.all(kept > 0.0)
    assert np.max(np.abs(np.diff(kept[:4000]))) < 0.05


def test_no_spread_is_certainty_and_never_nan():
    means = np.array([-1.0, 0.0, 1.0])
    assert expected_improvement(means, 0.0, 0.0).tolist() == [1.0, 0.0, 0.0]
    assert log_expected_improvement(means, 0.0, 0.0).tolist() == [0.0, -math.inf, -math.inf]
    assert probability_of_improvement(means, 0.0, 0.0).tolist() == [1.0, 0.0, 0.0]
    assert feasibility(means, 0.0, 0.0).tolist() == [1.0, 1.0, 0.0]
    assert log_feasibility(means, 0.0, 0.0).tolist() == [0.0, 0.0, -math.inf]
    assert confidence_bound(means, 0.0, 2.0).tolist() == [1.0, 0.0, -1.0]
    for function in (expected_improvement, log_expected_improvement, probability_of_improvement, feasibility):
        sloped = function(means, 0.0, 0.0, gradient=True)
        assert not np.isnan(np.stack(sloped)).any()
    assert expected_improvement(means, 0.0, 0.0, gradient=True).by_mean.tolist() == [-1.0, -0.5, 0.0]
    assert log_expected_improvement(-2.0, 0.0, 0.0, gradient=True).by_mean == -0.5


@pytest.mark.parametrize("sd", [1e-300, 1e-12, 1e12, 1e300])
def test_tiny_and_huge_spreads_are_no_trouble(sd):
    for function in (expected_improvement, log_expected_improvement, probability_of_improvement, feasibility):
        assert not np.isnan(np.stack(function([-1.0, 0.0, 1.0], sd, 0.0, gradient=True))).any()
    assert not np.isnan(np.stack(log_feasibility([-1.0, 0.0, 1.0], sd, 0.0, gradient=True))).any()


FUNCTIONS = {
    "expected improvement": lambda m, s, **kw: expected_improvement(m, s, 0.3, 0.05, **kw),
    "its logarithm": lambda m, s, **kw: log_expected_improvement(m, s, 0.3, 0.05, **kw),
    "probability of improvement": lambda m, s, **kw: probability_of_improvement(m, s, 0.3, 0.05, **kw),
    "confidence bound": lambda m, s, **kw: confidence_bound(m, s, 1.7, **kw),
    "feasibility": lambda m, s, **kw: feasibility(m, s, 0.3, **kw),
    "its logarithm too": lambda m, s, **kw: log_feasibility(m, s, 0.3, **kw),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_those_of_finite_differences(name):
    function = FUNCTIONS[name]
    mean, sd = (grid.ravel() for grid in np.meshgrid(np.linspace(-6.0, 40.0, 47), [0.2, 0.9, 3.0]))
    if "logarithm" not in name:
        mean = np.minimum(mean, 5.0)  # beyond, they are 0 but for rounding
    value, by_mean, by_sd = function(mean, sd, gradient=True)
    np.testing.assert_array_equal(value, function(mean, sd))
    step = 1e-6
    np.testing.assert_allclose(
        by_mean, (function(mean + step, sd) - function(mean - step, sd)) / (2 * step), rtol=2e-5, atol=2e-8
    )
    np.testing.assert_allclose(
        by_sd, (function(mean, sd + step) - function(mean, sd - step)) / (2 * step), rtol=2e-5, atol=2e-8
    )


@given(MEANS, SDS, st.floats(-50.0, 50.0), st.floats(0.0, 5.0))
def test_better_predictions_and_incumbents_further_away_promise_more(mean, sd, best, more):
    for function in (expected_improvement, log_expected_improvement, probability_of_improvement):
        here = function(mean, sd, best)
        assert function(mean - more, sd, best) >= here
        assert function(mean, sd, best + more) >= here
        assert function(mean, sd, best, more) <= here


@given(MEANS, SDS, st.floats(-50.0, 50.0), st.floats(0.0, 5.0))
def test_more_spread_promises_more_improvement(mean, sd, best, more):
    slack = 1e-12 * (abs(mean) + abs(best) + 1.0)
    assert expected_improvement(mean, sd + more, best) >= expected_improvement(mean, sd, best) - slack
    assert log_expected_improvement(mean, sd + more, best) >= log_expected_improvement(mean, sd, best) - 1e-9


@given(MEANS, SDS, st.floats(-50.0, 50.0))
def test_bounds_of_the_improvement(mean, sd, best):
    improvement = expected_improvement(mean, sd, best)
    assert improvement >= max(best - mean, 0.0) - 1e-12 * abs(best - mean)
    assert improvement <= max(best - mean, 0.0) + sd * 0.39894228040143276
    assert 0.0 <= probability_of_improvement(mean, sd, best) <= 1.0


@given(MEANS, SDS, st.floats(-50.0, 50.0), st.floats(-20.0, 20.0), st.floats(0.1, 10.0))
def test_shifting_and_scaling_the_value_shifts_and_scales_the_answer(mean, sd, best, shift, scale):
    moved = expected_improvement(scale * (mean + shift), scale * sd, scale * (best + shift))
    here = scale * expected_improvement(mean, sd, best)
    assert moved == pytest.approx(here, rel=1e-6, abs=1e-10)
