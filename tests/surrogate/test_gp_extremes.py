"""The surrogate where numbers end: huge and tiny values, certain improvements, covariances on the edge of singular."""

import math

import numpy as np
import pytest

from tunewidgets.surrogate.dominance import non_dominated, non_dominated_sort
from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.layout import Column, Layout
from tunewidgets.surrogate.model import Model
from tunewidgets.surrogate.pareto import expected_gain, expected_hypervolume_improvement, search_boxes
from tunewidgets.surrogate.posterior import Posterior
from tunewidgets.surrogate.warp import CHOICES, NONE, Form, Warp

LINE = Kernel(Layout((Column(),)))
FORMS = (*CHOICES, Form("rank"), Form("bilog"))
EXTREMES = (
    [0.0, 1e-300, 2e-300, 3e-300, 1e100],
    [1e308, -1e308, 1e-308],
    [0.0, 5e-324, 1e-323],
    [1.0, 1.0 + 1e-15, 1e308],
    [0.0, 0.0, 0.0, 5e-324],
    [-5e-324, 0.0, 1.0],
)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("values", EXTREMES, ids=str)
def test_no_values_are_too_far_apart_or_too_near_to_each_other(form, values):
    warp = Warp(form, np.array(values))
    there = warp.forward(np.array(values))
    assert np.isfinite(there).all()
    assert (np.diff(there[np.argsort(values)]) >= 0.0).all()
    assert np.isfinite(warp.inverse(np.linspace(-1e4, 1e4, 9))).all()
    assert math.isfinite(warp.log_jacobian())


def test_values_whose_squares_vanish_are_told_apart():
    values = np.array([1.0, 2.0, 4.0])
    tiny = Warp(NONE, 1e-200 * values)
    assert tiny.forward(1e-200 * values) == pytest.approx(Warp(NONE, values).forward(values))
    assert tiny.inverse(np.array([0.0])) == pytest.approx(1e-200 * values.mean())


@pytest.mark.parametrize("reach", [2.0, 8.9, 9.1, 50.0, 1e3, 1e5, 1e9])
def test_an_improvement_that_is_certain_is_the_whole_distance(reach):
    model = Model(Warp(NONE, np.array([0.0, 1.0, 2.0])), None)
    found = model.improvement(-1.0, 1.0 / reach, 0.0) / model.warp.spread
    assert found == pytest.approx(1.0, rel=0.01 if reach == 2.0 else 1e-9)


def test_what_is_fitted_is_what_is_predicted_where_rounding_asks_for_more_noise():
    points = np.concatenate([np.full((40, 1), 0.5), [[0.1], [0.9]]])
    targets = np.concatenate([np.linspace(-1.0, 1.0, 40), [0.3, -0.2]])
    posterior = Posterior(LINE, np.log([0.5, 1.0, 1e-300]), points, targets)
    assert posterior.fitted == pytest.approx(posterior.predict(points).mean, abs=1e-5)


def test_objectives_whose_sums_are_no_numbers_are_ranked():
    values = np.array([[1e308, 1e308, 1e308], [1.5e308, 1e308, 1e308], [-1e308, -1e308, 1.7e308]])
    assert non_dominated(values).tolist() == [True, False, True]
    assert non_dominated_sort(values).tolist() == [0, 1, 0]


def test_a_gain_over_boxes_that_were_cut_before_is_the_same():
    rng = np.random.default_rng(0)
    mean, sd, front, corner = rng.random((5, 3)), rng.random((5, 3)), rng.random((9, 3)), np.ones(3)
    expected = expected_hypervolume_improvement(mean, sd, front, corner, gradient=True)
    for one, other in zip(expected_gain(mean, sd, search_boxes(front, corner)), expected, strict=True):
        assert (one == other).all()
