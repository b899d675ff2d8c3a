"""Rounded results: the step is found, an improvement is a whole one, and equal values are then no plateau."""

from types import SimpleNamespace

import numpy as np
import pytest
from estimating import search
from scipy.integrate import quad
from scipy.stats import norm

from tunewidgets.history import sentence
from tunewidgets.samplers import gp_round
from tunewidgets.samplers.gp import GP
from tunewidgets.samplers.gp_cube import Cube
from tunewidgets.samplers.gp_plateaus import Seen, likeliest_reach
from tunewidgets.samplers.gp_rounding import below, likelihoods, step_of
from tunewidgets.space import Float, Space
from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.model import Model, fit
from tunewidgets.surrogate.posterior import Posterior
from tunewidgets.surrogate.warp import CHOICES, FAMILIES, NONE, Warp

PLANE = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0))
KERNEL = Kernel(Cube(PLANE).layout)


def bowl(points):
    return 2.0 * ((points[:, 0] - 0.3) ** 2 + (points[:, 1] - 0.8) ** 2)


@pytest.mark.parametrize(("step", "offset"), [(0.01, 0.0), (1.0, 3.0), (1 / 360, 0.1), (0.25, -7.0), (20.0, 1e4)])
@pytest.mark.parametrize("precision", [np.float64, np.float32])
def test_the_step_of_rounded_values_is_found(step, offset, precision):
    whole = np.random.default_rng(0).integers(0, 40, 60)
    values = (offset + step * whole).astype(precision).astype(np.float64)
    tolerance = 1e-5 if precision is np.float64 else 1e-3
    assert step_of(values) == pytest.approx(step, rel=tolerance)


def test_values_that_are_whole_steps_apart_by_more_than_one_have_the_larger_step():
    assert step_of(np.array([0.0, 4.0, 4.0, 10.0, 16.0])) == pytest.approx(2.0)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [3.0],
        [3.0, 3.0, 3.0, 3.0],
        [1.0, 2.0, 2.0, 3.0],
        [0.1, 0.2, 0.3, 0.4, 0.5],
        [0.0, 0.5, 0.5, 1.0, 1.0 + 1 / 2048],
        [1.0, 2.0, 2.0, 3.0, 1e9],
        [0.0, 0.5, 0.5, 1.0, 0.5**0.5],
    ],
    ids=["none", "one", "constant", "three different", "none repeats", "fine steps", "diverged", "one that fits not"],
)
def test_where_nothing_points_to_a_step_there_is_none(values):
    assert step_of(np.array(values)) == 0.0


def test_values_at_random_of_which_two_agree_have_hardly_ever_a_step():
    rng = np.random.default_rng(0)
    found = [step_of(np.append(values, values[0])) for values in rng.random((1000, 4))]
    assert np.count_nonzero(found) <= 5


@pytest.mark.parametrize("form", [*CHOICES, *FAMILIES["rank"]], ids=lambda form: form.name)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_half_a_step_below_a_value_is_half_the_shorter_of_those_beside_it(form, place):
    values = np.array([0.10, 0.12, 0.15, 0.30, 0.90])
    warp = Warp(form, values)
    lower, here, upper = warp.forward(values[place] + np.array([-0.02, 0.0, 0.02]))
    bar = below(warp, float(here), 0.02)
    assert here - bar == pytest.approx(0.5 * min(here - lower, upper - here))
    assert 0.0 < here - bar < 1.5
    assert below(warp, float(here), 0.0) == here
    if form == NONE:
        assert warp.inverse(np.array([bar]))[0] == pytest.approx(values[place] - 0.01)


@pytest.mark.parametrize("form", CHOICES, ids=lambda form: form.name)
def test_a_transform_that_stretches_the_ends_does_not_stretch_the_step(form):
    values = np.array([0.0, 1.0, 2.0, *[3.0] * 17])
    warp = Warp(form, values)
    for best in (0.0, 3.0):
        here = float(warp.forward(np.array([best]))[0])
        assert here - below(warp, here, 1.0) < 2.0


def test_values_near_the_end_of_all_numbers_have_no_step_and_no_warning():
    assert step_of(np.array([-1.5e308, 0.0, 0.0, 0.5e308, 1.5e308])) == 0.0


def test_single_precision_leaves_steps_that_are_small_against_the_values():
    accuracies = np.array([0.9701, 0.9702, 0.9702, 0.9705, 0.9741], dtype=np.float32).astype(np.float64)
    assert step_of(accuracies) == pytest.approx(1e-4, rel=0.01)
    assert step_of(100.0 * accuracies) == pytest.approx(1e-2, rel=0.01)


def test_a_result_is_as_likely_as_the_model_says_of_its_step():
    points = np.random.default_rng(0).random((8, 2))
    values = np.round(4.0 * bowl(points)) / 4.0
    warp = Warp(NONE, values)
    model = Model(warp, Posterior(KERNEL, np.log([0.5, 0.5, 1.0, 1e-2]), points, warp.forward(values)))
    found = likelihoods(model, np.arange(8), values, 0.25)
    mean, sd = model.posterior.leave_one_out()
    for here, value in enumerate(values):
        low, high = warp.forward(np.array([value - 0.125, value + 0.125]))
        assert found[here] == pytest.approx(quad(norm(mean[here], sd[here]).pdf, low, high)[0], rel=1e-6)
    assert likelihoods(model, np.array([5, 2]), values[[5, 2]], 0.25) == pytest.approx(found[[5, 2]])


def test_equal_values_of_a_smooth_function_that_is_rounded_are_no_plateau():
    points = np.random.default_rng(1).random((40, 2))
    values = np.round(10.0 * bowl(points)) / 10.0
    model = fit(KERNEL, points, values)
    assert step_of(values) == pytest.approx(0.1)
    rounded = likelihoods(model, np.arange(40), values, 0.1)
    assert likeliest_reach(model, Seen(points, values)) > 0.0
    assert likeliest_reach(model, Seen(points, values, rounded)) == 0.0


def test_plateaus_are_still_seen_where_values_are_rounded_more_finely_than_they_repeat():
    points = np.random.default_rng(2).random((60, 2))
    values = np.round(bowl(np.round(4.0 * points) / 4.0), 3)  # answered by the nearest of 25 configurations
    model = fit(KERNEL, points, values)
    step = step_of(values)
    assert step
    assert likeliest_reach(model, Seen(points, values, likelihoods(model, np.arange(60), values, step))) > 0.05


def test_a_search_of_rounded_results_says_its_steps_and_weighs_no_plateaus():
    found = search(
        lambda config: round(8.0 * ((config["x"] - 0.3) ** 2 + (config["y"] - 0.8) ** 2), 1), PLANE, 24, GP()
    )
    last = found[-1].notes
    assert last["step"] == pytest.approx(0.1)
    assert "best so far 0 in steps of 0.1" in sentence(last)
    assert sum("new" in each.notes for each in found) <= 2


def test_a_search_without_steps_says_nothing_of_them():
    found = search(lambda config: (config["x"] - 0.3) ** 2 + config["y"], PLANE, 12, GP())
    assert not any("step" in each.notes for each in found)


def asked(monkeypatch, space, acquisition, **settings):
    """What each improvement of a search of rounded results has to get below, and the best value in the same units."""
    bars = []
    original = gp_round.acquire

    def noted(name, best, xi, beta):
        bars.append((name, best))
        return original(name, best, xi, beta)

    bests = []
    best_of = gp_round.Models.best.fget
    monkeypatch.setattr(gp_round.Models, "best", property(lambda models: bests.append(best_of(models)) or bests[-1]))
    monkeypatch.setattr(gp_round, "acquire", noted)
    found = search(
        lambda config: round(3.0 * (config["x"] - 0.3) ** 2, 1), space, 14, GP(acquisition=acquisition, **settings)
    )
    return bars, bests, found


@pytest.mark.parametrize("acquisition", ["log_ei", "ei", "pi"])
def test_an_improvement_has_to_be_one_of_half_a_step(monkeypatch, acquisition):
    bars, bests, found = asked(monkeypatch, Space(x=Float(0.0, 1.0)), acquisition)
    assert found[-1].notes["step"] == pytest.approx(0.1)
    assert bars[-1][1] < bests[-1] - 1e-3
    monkeypatch.setattr(gp_round, "step_of", lambda _values: 0.0)
    plain, same, _ = asked(monkeypatch, Space(x=Float(0.0, 1.0)), acquisition)
    assert plain[-1][1] == same[-1]


@pytest.mark.parametrize("acquisition", ["lcb", "thompson"])
def test_what_is_no_improvement_knows_no_step(acquisition):
    found = search(lambda config: round(config["x"], 1), Space(x=Float(0.0, 1.0)), 14, GP(acquisition=acquisition))
    assert not any("step" in each.notes for each in found)


def test_of_a_mixture_of_goals_the_step_is_unknown():
    assert step_of(np.array([0.0, 1.0, 1.0, 2.0, 3.0])) == 1.0
    models = SimpleNamespace(goals=(1, 2), weights=(), best=0.7)
    rounded = SimpleNamespace(_step=1.0)
    assert gp_round.Round._bar(rounded, models) == 0.7
