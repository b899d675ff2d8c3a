"""The Gaussian process's model of results at several budgets."""

import math

import numpy as np
import pytest
from test_gp import LINE, RETURNED, bowl, opened

from tunewidgets.history import Constraint, Ended, Place, Reported, Started, sentence
from tunewidgets.samplers import generator_for, gp_models
from tunewidgets.samplers.gp import GP
from tunewidgets.samplers.gp_budgets import modelled
from tunewidgets.samplers.gp_cube import Cube
from tunewidgets.samplers.gp_evidence import Reader
from tunewidgets.samplers.gp_models import Kernels, fit_models
from tunewidgets.samplers.observations import Observations
from tunewidgets.testing.samplers import begun

LOW, HIGH = Place(0, 0, 1), Place(0, 1, 9)


@pytest.mark.parametrize(
    ("budgets", "asked", "expected"),
    [
        ([9], 9, {9: 1.0}),
        ([None], None, {None: 1.0}),
        ([1, 3, 9, 27], 27, {1: 0.0, 3: 1 / 3, 9: 2 / 3, 27: 1.0}),
        ([1, 3, 9, 27], 3, {1: 0.0, 3: 1 / 3, 9: 2 / 3, 27: 1.0}),
        (list(range(1, 51)), 50, {1: 0.0, 3: None, 6: None, 12: None, 25: None, 50: 1.0}),
        ([5, None], None, {5: 0.0, None: 1.0}),
        ([3, 9, None], 3, {3: 0.0, 9: 0.5, None: 1.0}),
    ],
)
def test_budgets_are_a_factor_apart_on_a_logarithmic_scale(budgets, asked, expected):
    found = modelled(budgets, asked)
    assert list(found) == list(expected)
    for budget, height in expected.items():
        assert height is None or found[budget] == pytest.approx(height)


def laddered(low, high, metrics=None, best=3):
    """Trials at even places that are compared at budget 1; those from the given one on go on to budget 9."""
    events = []
    for number, x in enumerate(np.linspace(0.0, 1.0, 12).tolist()):
        extra = metrics or (lambda _x, _budget: {})
        events += [
            Started(number, {"x": x}, LOW, "user", {}, 0),
            Reported(number, 1, 1, low(x), extra(x, 1)),
            Ended(number, 1, "paused", LOW, low(x), {"kind": "rung", "budget": 1}),
        ]
        if number >= 12 - best:
            events += [
                Reported(number, 2, 9, high(x), extra(x, 9)),
                Ended(number, 2, "completed", HIGH, None, RETURNED),
            ]
    return events


def evidence_of(events, least=3):
    seen = Observations()
    for event in events:
        seen.apply(event)
    return Reader(seen, Cube(LINE)).evidence(least)


def test_results_at_other_budgets_follow_those_at_the_one_asked_for():
    events = [opened(LINE), *laddered(lambda x: 6.0 - x, lambda x: x)]
    found = evidence_of(events)
    assert (found.budget, found.results, found.budgets) == (9, 3, (1, 9))
    assert found.heights.tolist() == [1.0] * 3 + [0.0] * 12
    assert found.here.sum() == 3
    assert found.objectives[:3, 0] == pytest.approx([9 / 11, 10 / 11, 1.0])
    assert found.objectives[3:, 0] == pytest.approx(6.0 - np.linspace(0.0, 1.0, 12))
    assert found.best == pytest.approx(9 / 11)
    assert found.median == pytest.approx(10 / 11)
    assert not found.thinned
    low = evidence_of(events, least=4)
    assert (low.budget, low.height) == (1, 0.0)
    assert low.heights.tolist() == [0.0] * 12 + [1.0] * 3


def test_a_failed_trial_counts_once_and_as_the_worst_at_the_budget_asked_for():
    events = [opened(LINE), *laddered(lambda x: 5.0 + x, lambda x: x), Ended(0, 2, "failed", HIGH, None, {})]
    found = evidence_of(events)
    assert len(found.points) == 3 + 1 + 11
    assert found.observed.tolist() == [True] * 3 + [False] + [True] * 11
    assert found.objectives[3, 0] == pytest.approx(1.0)
    assert found.heights[3] == 1.0


def test_the_best_place_at_a_low_budget_is_tried_before_anything_is_known_of_it_at_a_high_one():
    events = [opened(LINE), *laddered(lambda x: bowl({"x": x}) + 2.0, lambda x: bowl({"x": x}))]
    proposer = begun(GP(initial=2, random_fraction=0.0), events)
    found = proposer.suggest(LINE, generator_for(0, 12))[0]
    best = min(np.linspace(0.0, 1.0, 1_001), key=lambda x: bowl({"x": x}))
    assert best < 0.6  # nothing there has been trained to the higher budget
    assert found.config["x"] == pytest.approx(best, abs=0.15)
    assert (found.notes["budget"], found.notes["results"], found.notes["others"]) == (9, 3, 12)
    assert "from 3 results at 9 epochs and 12 at other budgets" in sentence(found.notes, "epoch")
    assert found.notes["best"] == pytest.approx(bowl({"x": 9 / 11}))


def test_constraints_hold_at_the_budget_that_is_asked_for():
    # At the low budget everything is too large; at the high one nothing is.
    events = laddered(lambda x: 5.0 + x, lambda x: x, lambda x, budget: {"size": 1.0 - 0.1 * budget + 0.01 * x}, best=6)
    found = evidence_of([opened(LINE, constraints=(Constraint("size", 0.5),)), *events])
    cube = Cube(LINE)
    models = fit_models(cube, Kernels.of(cube), found, {}, "auto", np.random.default_rng(0))
    assert models.feasible.all()
    assert math.isfinite(models.best)


def test_the_next_fit_begins_where_the_last_one_ended_also_with_several_budgets():
    events = [opened(LINE), *laddered(lambda x: 1.0 - x, lambda x: x)]
    found, cube = evidence_of(events), Cube(LINE)
    kernels = Kernels.of(cube)
    first = fit_models(cube, kernels, found, {}, "auto", np.random.default_rng(0)).to_json(cube)
    assert len(first["goals"][0]["theta"]) == kernels.lifted.size == kernels.points.size + 3
    again = fit_models(cube, kernels, found, first, "auto", np.random.default_rng(0)).to_json(cube)
    assert again["goals"][0]["theta"] == pytest.approx(first["goals"][0]["theta"], abs=0.05)


@pytest.mark.parametrize(("budgets", "results"), [([1, 9], 15), ([9], 0), ([1, 3, 9], 0)])
def test_with_other_budgets_hyperparameters_are_fitted_anew(budgets, results):
    found, cube = evidence_of([opened(LINE), *laddered(lambda x: 6.0 - x, lambda x: x)]), Cube(LINE)
    size = Kernels.of(cube).lifted.size
    goal = {"theta": [0.0] * size, "transform": "none", "results": 15}
    warm = {"layout": cube.digest, "budgets": budgets, "goals": [goal], "constraints": []}
    assert gp_models._Starts(warm, cube, found, size).of("goals", 1)[0].results == results
    assert gp_models._Starts(warm, cube, found, size + 1).of("goals", 1) == [None]
    assert gp_models._Starts(warm, cube, found, size).of("goals", 2) == [None, None]
