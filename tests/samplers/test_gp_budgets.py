"""The Gaussian process's model of results at several budgets."""

import math

import numpy as np
import pytest
from test_gp import LINE, RETURNED, bowl, opened

from tunewidgets.history import Constraint, Ended, Goal, Place, Reported, Started, sentence
from tunewidgets.samplers import generator_for, gp_evidence, gp_models, gp_plateaus
from tunewidgets.samplers.gp import GP
from tunewidgets.samplers.gp_budgets import chosen, heights_of
from tunewidgets.samplers.gp_cube import Cube
from tunewidgets.samplers.gp_evidence import Reader
from tunewidgets.samplers.gp_models import Kernels, fit_models
from tunewidgets.samplers.gp_plateaus import Plateaus, Seen, likeliest_reach, plateaus_of
from tunewidgets.samplers.gp_rounding import likelihoods
from tunewidgets.samplers.observations import Observations
from tunewidgets.space import Choice, Float, Space
from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.model import fit
from tunewidgets.testing.samplers import begun

LOW, HIGH = Place(0, 0, 1), Place(0, 1, 9)


@pytest.mark.parametrize(
    ("budgets", "heights"),
    [
        ([9], {9: 1.0}),
        ([None], {None: 1.0}),
        ([27, 1, 9, 3], {1: 0.0, 3: 1 / 3, 9: 2 / 3, 27: 1.0}),
        ([None, 3, 9], {3: 0.0, 9: 0.5, None: 1.0}),
    ],
)
def test_budgets_lie_on_a_logarithmic_scale(budgets, heights):
    found = heights_of(budgets)
    assert list(found) == list(heights)
    assert found == pytest.approx(heights)


@pytest.mark.parametrize("rungs", [(2, 3, 7, 14, 27), (1, 3, 5, 10, 20, 41, 81), (1, 3, 9, 27, None)])
def test_every_rung_of_a_ladder_is_modelled(rungs):
    for asked in rungs:
        assert chosen(rungs, asked) == list(reversed(rungs))


@pytest.mark.parametrize("asked", [1, 37, 50])
def test_of_many_budgets_the_one_asked_for_and_a_few_others_are_modelled(asked):
    found = chosen(range(1, 51), asked)
    assert len(found) <= 9
    assert {1, asked, 50} <= set(found)


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
    assert found.counts == (3, 12)
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


def test_low_budgets_tell_where_the_best_place_of_a_high_one_is():
    events = [opened(LINE), *laddered(lambda x: bowl({"x": x}) + 2.0, lambda x: bowl({"x": x}))]
    found, cube = evidence_of(events), Cube(LINE)
    model = fit_models(cube, Kernels.of(cube), found, {}, "auto", np.random.default_rng(0)).goals[0]
    places = np.linspace(0.0, 1.0, 101)
    least = places[model.outlook(places[:, None]).median.argmin()]
    best = min(places, key=lambda x: bowl({"x": x}))
    assert best < 0.6  # nothing there has been trained to the higher budget
    assert least == pytest.approx(best, abs=0.1)


def test_the_reason_tells_what_was_seen_at_which_budget():
    events = [opened(LINE), *laddered(lambda x: bowl({"x": x}) + 2.0, lambda x: bowl({"x": x}))]
    found = begun(GP(initial=2, random_fraction=0.0), events).suggest(LINE, generator_for(0, 12))[0]
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


@pytest.mark.parametrize(("budgets", "counts"), [([1, 9], (3, 12)), ([9], ()), ([1, 3, 9], ())])
def test_with_other_budgets_hyperparameters_are_fitted_anew(budgets, counts):
    found, cube = evidence_of([opened(LINE), *laddered(lambda x: 6.0 - x, lambda x: x)]), Cube(LINE)
    size = Kernels.of(cube).lifted.size
    goal = {"theta": [0.0] * size, "transform": "none", "counts": [3, 12]}
    warm = {"layout": cube.digest, "budgets": budgets, "goals": [goal], "constraints": []}
    assert gp_models._Starts(warm, cube, found, size).of("goals", 1)[0].counts == counts
    assert gp_models._Starts(warm, cube, found, size + 1).of("goals", 1) == [None]
    assert gp_models._Starts(warm, cube, found, size).of("goals", 2) == [None, None]


def test_where_results_at_the_budget_fill_the_model_there_is_no_room_for_others(monkeypatch):
    events = [opened(LINE), *laddered(lambda x: 6.0 - x, lambda x: x)]
    monkeypatch.setattr(gp_evidence, "_MOST_WITH_OTHERS", 3)
    found = evidence_of(events)
    assert (len(found.points), found.budgets, found.height, found.counts) == (3, (9,), 1.0, (3, 0))
    monkeypatch.setattr(gp_evidence, "_MOST_WITH_OTHERS", 8)
    found = evidence_of(events)
    assert (len(found.points), found.counts) == (8, (3, 12))  # what was left out counts nevertheless
    assert found.objectives[3:, 0].min() == pytest.approx(5.0)  # the best ones stay


def test_results_that_lack_a_goal_are_left_out_at_other_budgets():
    events = laddered(lambda x: 6.0 - x, lambda x: x, lambda x, budget: {"size": x} if budget == 9 or x > 0.5 else {})
    found = evidence_of([opened(LINE, goals=(Goal("loss", "min"), Goal("size", "min"))), *events])
    assert found.here.sum() == 3
    assert len(found.points) == 3 + 6


def test_where_all_that_reached_a_budget_have_failed_another_is_asked_for():
    events = [opened(LINE), *laddered(lambda x: 6.0 - x, lambda x: x, best=4)]
    events += [Ended(number, 2, "failed", HIGH, None, {}) for number in range(8, 12)]
    found = evidence_of(events, least=4)
    assert found.budget == 1
    assert found.observed.sum() == 8


def test_a_mixture_of_goals_is_fitted_anew_for_other_weights():
    goals = tuple(Goal(name, "min") for name in "abcd")
    events = laddered(lambda x: 6.0 - x, lambda x: x, lambda x, _budget: dict.fromkeys("bcd", x))
    found, cube = evidence_of([opened(LINE, goals=goals), *events]), Cube(LINE)
    size = Kernels.of(cube).lifted.size
    goal = {"theta": [0.0] * size, "transform": "none", "counts": [3, 12]}
    warm = {"layout": cube.digest, "budgets": [1, 9], "goals": [goal], "constraints": []}
    assert gp_models._Starts(warm, cube, found, size).of("goals", 1)[0].counts == ()


def flat(x):
    """Every quarter is a plateau."""
    return math.exp(round(4.0 * x - 0.5))


def test_plateaus_at_any_budget_lie_around_all_results():
    found, cube = evidence_of([opened(LINE), *laddered(flat, lambda x: x)]), Cube(LINE)
    model = fit_models(cube, Kernels.of(cube), found, {}, "auto", np.random.default_rng(0)).goals[0]
    assert [rows.tolist() for rows in found.levels] == [list(range(3, 15)), [0, 1, 2]]
    assert len(np.unique(found.objectives[:3, 0])) == 3  # at the budget that is asked for nothing repeats
    plateaus = plateaus_of(model, found, 0.0)
    places = np.array([[0.0], [5 / 11], [1.0]])
    assert (plateaus.log_chance(places) < -10.0).all()
    values = found.objectives[:, 0]
    low, high = (Seen(found.points[rows], values[rows]) for rows in found.levels)
    assert plateaus.reach == likeliest_reach(model, low, high) < likeliest_reach(model, low)
    by_hand = Plateaus(model, np.linspace(0.0, 1.0, 12)[:, None], plateaus.reach)  # each counts once
    assert plateaus.log_chance(places + 0.01) == pytest.approx(by_hand.log_chance(places + 0.01))


def test_results_that_differ_at_a_high_budget_speak_against_plateaus_at_a_low_one():
    x = np.random.default_rng(0).permutation(np.linspace(0.0, 1.0, 20))[:, None]
    same = x[:, 0] < 0.5
    low, high = Seen(x, np.where(same, 0.9, x[:, 0])), Seen(x[same], x[same, 0])
    model = fit(Kernel(Cube(LINE).layout), x, x[:, 0])
    assert 0.0 < likeliest_reach(model, low, high) < 0.8 * likeliest_reach(model, low)


def test_rounding_is_judged_at_each_budget_by_its_own_results(monkeypatch):
    found, cube = (
        evidence_of([opened(LINE), *laddered(lambda x: round(4.0 * x), lambda x: round(4.0 * x) + 9.0)]),
        Cube(LINE),
    )
    model = fit_models(cube, Kernels.of(cube), found, {}, "auto", np.random.default_rng(0)).goals[0]
    asked = []

    def noted(model, rows, values, step):
        asked.append(rows.tolist())
        assert np.array_equal(values, found.objectives[rows, 0])
        return likelihoods(model, rows, values, step)

    monkeypatch.setattr(gp_plateaus, "likelihoods", noted)
    plateaus_of(model, found, 1.0)
    assert asked == [list(range(3, 15)), [0, 1, 2]]


def test_of_a_configuration_with_inactive_parameters_two_budgets_count_once_too():
    space = Space(kind=Choice(("a", "b")), x=Float(0.0, 1.0).when(kind="a"))
    points = space.encode([{"kind": "b"}, {"kind": "a", "x": 0.5}, {"kind": "b"}, {"kind": "a", "x": 0.5}])
    model = fit(Kernel(Cube(space).layout), points[:2], np.array([1.0, 2.0]))
    beside = space.encode([{"kind": "a", "x": 0.55}])
    once, twice = (Plateaus(model, each, 0.2).log_chance(beside) for each in (points[:2], points))
    assert once == twice
