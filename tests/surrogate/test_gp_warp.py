"""Outcome transforms: increasing, invertible, chosen by likelihood, and never blinded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.layout import Column, Layout
from tunewidgets.surrogate.model import Start, fit
from tunewidgets.surrogate.warp import CHOICES, FAMILIES, NONE, Form, Warp, form_of

FORMS = (*CHOICES, Form("rank"), Form("bilog"))
LINE = Kernel(Layout((Column(),)))
SQUARE = Kernel(Layout((Column(), Column())))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMS), st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20, unique=True))
def test_transforms_keep_the_order_and_come_back(form, values):
    values = np.sort(np.round(np.array(values), 3))
    values = values[np.concatenate([[True], np.diff(values) > 0.0])]
    warp = Warp(form, values)
    there = warp.forward(values)
    assert (np.diff(there) >= 0.0).all()
    back = warp.inverse(there)
    assert back == pytest.approx(values, rel=1e-6, abs=1e-6 * max(1.0, float(np.abs(values).max())))


@pytest.mark.parametrize("form", CHOICES, ids=lambda form: form.name)
def test_the_jacobian_is_the_product_of_the_slopes(form):
    values = np.array([0.3, 0.5, 0.9, 2.0, 7.0])
    warp = Warp(form, values)
    # At the value where it is anchored a slope can be taken to one side only; all are smooth there.
    slopes = (warp.forward(values + 1e-7) - warp.forward(values - 1e-7)) / 2e-7
    assert warp.log_jacobian() == pytest.approx(float(np.log(slopes).sum()), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_beyond_the_values_the_inverse_goes_on(form):
    warp = Warp(form, np.array([1.0, 2.0, 4.0, 8.0]))
    line = warp.inverse(np.linspace(-6.0, 6.0, 50))
    assert np.isfinite(line).all()
    assert (np.diff(line) >= -1e-12).all()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_equal_values_huge_values_and_a_single_one_are_no_trouble(form):
    for values in ([5.0, 5.0, 5.0], [2.0], [1e300, -1e300, 0.0], [0.0, 1e-300]):
        assert np.isfinite(Warp(form, np.array(values)).forward(np.array(values))).all()


def test_a_constraints_bound_stays_where_it_is():
    warp = Warp(Form("bilog"), np.array([-3.0, 10.0, 1e5]))
    assert warp.forward(np.array([0.0])) == 0.0
    assert np.sign(warp.forward(np.array([-1e-9, 1e-9]))).tolist() == [-1.0, 1.0]


def test_names_tell_the_forms_apart():
    names = [form.name for forms in FAMILIES.values() for form in forms]
    assert len(set(names)) == len(names)
    assert [form_of(name) for name in ("log 0.3", "log 1 mirrored", "power 1", "rank", "?")] == [
        Form("log", 0.3),
        Form("log", 1.0, mirrored=True),
        Form("power", 1.0),
        Form("rank"),
        NONE,
    ]


def test_the_data_choose_the_transform():
    points = np.linspace(0.0, 1.0, 25)[:, None]
    curve = np.sin(7.0 * points[:, 0])
    assert fit(LINE, points, curve).warp.form.kind in ("none", "power")
    assert fit(LINE, points, np.exp(6.0 * curve)).warp.form == Form("log", 0.03)
    assert fit(LINE, points, -np.exp(6.0 * curve)).warp.form.mirrored


@pytest.mark.parametrize("seed", range(3))
def test_the_number_of_equal_values_does_not_choose_the_transform(seed):
    rng = np.random.default_rng(seed)
    far, near = rng.random((16, 2)), 0.5 + 0.05 * rng.random((20, 2))
    values = 10.0 + 5.0 * np.sin(5.0 * far[:, 0]) + 3.0 * far[:, 1]
    plateau = np.full(len(near), values.min() - 1.0)
    seen = fit(SQUARE, np.concatenate([far, near]), np.concatenate([values, plateau]))
    assert seen.warp.form.mirrored or seen.warp.form.strength >= 1.0


def test_values_that_are_all_equal_are_not_transformed():
    assert fit(LINE, np.linspace(0.0, 1.0, 6)[:, None], np.full(6, 0.5)).warp.form == NONE


def test_the_jacobian_may_be_taken_at_some_of_the_values():
    warp = Warp(Form("log", 1.0), np.array([1.0, 1.0, 1.0, 2.0, 4.0]))
    halves = warp.log_jacobian(np.array([1.0, 1.0])) + warp.log_jacobian(np.array([1.0, 2.0, 4.0]))
    assert halves == pytest.approx(warp.log_jacobian(), rel=1e-12)


def test_diverged_runs_do_not_blind_the_model():
    points = np.linspace(0.0, 1.0, 12)[:, None]
    values = 0.1 + (points[:, 0] - 0.3) ** 2
    values[[8, 10]] = 1e8, 3e9
    seen = fit(LINE, points, values).outlook(np.array([[0.3], [0.05], [0.5]]))
    assert seen.median == pytest.approx([0.1, 0.1625, 0.14], abs=0.05)


def test_a_fit_goes_on_from_where_the_last_one_ended():
    points = np.random.default_rng(0).random((20, 1))
    values = np.exp(3.0 * points[:, 0])
    first = fit(LINE, points, values)
    written = first.start.to_json()
    read = Start.from_json(written, LINE.size)
    assert read == first.start
    assert first.posterior.theta.tolist() == written["theta"]
    again = fit(LINE, points, values, start=read)
    assert again.posterior.theta == pytest.approx(first.posterior.theta, abs=0.05)
    assert Start.from_json(written, LINE.size + 1) is None
    assert Start.from_json({"theta": [float("nan")] * 3}, 3) is None
    assert Start.from_json(None, 3) is None


def test_predictions_come_back_in_the_metrics_units():
    points = np.linspace(0.0, 1.0, 15)[:, None]
    values = np.exp(4.0 * points[:, 0])
    model = fit(LINE, points, values, transforms=(Form("log", 0.03),))
    at = np.array([[0.52]])
    outlook = model.outlook(at)
    assert outlook.median == pytest.approx(np.exp(4.0 * 0.52), rel=0.01)
    assert outlook.low < outlook.median < outlook.high
    assert outlook.sd == pytest.approx((outlook.high - outlook.low) / 2.0)


@pytest.mark.parametrize(("mean", "sd", "best"), [(0.0, 1.0, 0.0), (1.0, 0.5, 0.0), (-1.0, 0.2, 0.0), (3.0, 0.5, 0.0)])
def test_expected_improvement_in_the_metrics_units(mean, sd, best):
    points = np.linspace(0.0, 1.0, 9)[:, None]
    plain = fit(LINE, points, np.sin(5.0 * points[:, 0]), transforms=(NONE,))
    from tunewidgets.surrogate.acquisition import expected_improvement

    expected = float(expected_improvement(mean, sd, best)) * plain.warp.spread
    assert plain.improvement(mean, sd, best) == pytest.approx(expected, rel=1e-8)
    bent = fit(LINE, points, np.exp(5.0 * points[:, 0]), transforms=(Form("log", 1.0),))
    draws = np.random.default_rng(0).normal(mean, sd, 400_000)
    gains = np.maximum(bent.warp.inverse(np.array(best)) - bent.warp.inverse(draws), 0.0)
    assert bent.improvement(mean, sd, best) == pytest.approx(gains.mean(), rel=0.02, abs=1e-7)


def test_no_improvement_is_expected_from_what_is_hopeless():
    points = np.linspace(0.0, 1.0, 5)[:, None]
    model = fit(LINE, points, points[:, 0], transforms=(NONE,))
    assert model.improvement(5.0, 0.1, 0.0) == 0.0
