"""Plateaus: metrics of few values, and where a result would only repeat another."""

import math
from itertools import chain

import numpy as np
import pytest
from estimating import opened, result, search
from scipy.spatial.distance import pdist, squareform

from tunewidgets.history import sentence
from tunewidgets.samplers import gp_round
from tunewidgets.samplers.gp import GP
from tunewidgets.samplers.gp_criteria import Feasible, Single, acquire
from tunewidgets.samplers.gp_cube import Cube
from tunewidgets.samplers.gp_evidence import Reader
from tunewidgets.samplers.gp_plateaus import Plateaus, Seen, Unrepeated, likeliest_reach, plateaus_of
from tunewidgets.samplers.observations import Observations
from tunewidgets.space import Choice, Float, Int, Space
from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.model import Model, fit
from tunewidgets.surrogate.posterior import Posterior
from tunewidgets.surrogate.warp import NONE, Warp

PLANE = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0))
MIXED = Space(
    x=Float(0.0, 1.0),
    kind=Choice(("a", "b", "c")),
    depth=Int(1, 9).when(kind=["b", "c"]),
    norm=Choice(("p", "q", "r")).when(kind=["b", "c"]),
)


def model_of(space, points, values, lengths):
    """A model whose length scales are given."""
    kernel = Kernel(Cube(space).layout)
    theta = np.log([*lengths, *[1.0] * len(kernel.terms), 1e-6])
    return Model(Warp(NONE, values), Posterior(kernel, theta, points, values))


def plateaus(points, values, lengths=(1.0, 1.0), space=PLANE):
    points, values = np.array(points), np.array(values)
    model = model_of(space, points, values, lengths)
    return Plateaus(model, points, likeliest_reach(model, Seen(points, values)))


def reach(points, values):
    points, values = np.array(points), np.array(values)
    return likeliest_reach(model_of(PLANE, points, values, (1.0, 1.0)), Seen(points, values))


def off(found, gap):
    """How likely a place so many length scales from one result is off its plateau."""
    return 1.0 - math.exp(-((gap / found.reach) ** 2))


def along(*places):
    return [[place, 0.5] for place in places]


def test_values_that_never_repeat_have_no_plateau():
    assert reach(along(0.1, 0.2, 0.9), [3.0, 2.0, 1.0]) == 0.0
    assert reach(along(0.4), [3.0]) == 0.0


def test_the_reach_lies_between_steps_that_repeat_and_steps_that_do_not():
    near = plateaus(along(0.1, 0.15, 0.5, 0.55, 0.9, 0.95), [3.0, 3.0, 2.0, 2.0, 1.0, 1.0])
    assert 0.05 < near.reach < 0.4
    wide = plateaus(along(0.1, 0.3, 0.2, 0.9, 0.8, 0.7), [3.0, 3.0, 3.0, 1.0, 1.0, 1.0])
    assert wide.reach > near.reach


def by_hand(points, values, reach):
    """The log likelihood of values, one after another: each repeats the nearest on whose plateau it lies."""
    gaps, total = squareform(pdist(points)), 0.0
    pairs = [(i, j) for j in range(len(values)) for i in range(j)]
    far = [pair for pair in pairs if gaps[pair] > np.median([gaps[each] for each in pairs])]
    chance = (sum(values[i] == values[j] for i, j in far) + 1) / (len(far) + 2)
    for here in range(1, len(values)):
        left, probability = 1.0, 0.0
        for other in sorted(range(here), key=lambda each: gaps[here, each]):
            on = math.exp(-((gaps[here, other] / reach) ** 2))
            probability += left * on * (values[here] == values[other])
            left *= 1.0 - on
        total += math.log(probability + left * (chance if values[here] in values[:here] else 1.0 - chance))
    return total


@pytest.mark.parametrize("seed", range(5))
def test_the_reach_is_the_likeliest(seed):
    points = np.random.default_rng(seed).random((25, 2))
    values = np.floor(5.0 * points[:, 0] + 2.0 * points[:, 1]).tolist()
    found = reach(points, values)
    around = [by_hand(points, values, found * factor) for factor in (0.6, 0.8, 1.0, 1.25, 1.6)]
    assert int(np.argmax(around)) == 2
    assert around[2] > by_hand(points, values, 1e-3) + 1.0


STEPS = along(0.1, 0.14, 0.18, 0.4, 0.44, 0.7, 0.74, 0.78), [3.0, 3.0, 3.0, 2.0, 2.0, 1.0, 1.0, 1.0]


def test_distances_are_in_length_scales():
    near, far = (plateaus(*STEPS, (length, 1.0)) for length in (1.0, 0.1))
    assert far.reach == pytest.approx(10.0 * near.reach, rel=0.2)
    place = np.array([[0.28, 0.5]])
    assert np.exp(far.log_chance(place)) == pytest.approx(np.exp(near.log_chance(place)), abs=0.1)


@pytest.mark.parametrize("levels", [2, 5, 20])
def test_values_that_repeat_anywhere_make_no_plateau(levels):
    rng = np.random.default_rng(0)
    points = rng.random((60, 2))
    assert reach(points, rng.integers(0, levels, 60).astype(float)) == 0.0
    assert reach(points, np.floor(3.0 * points[:, 0])) > 0.15


def test_the_chance_grows_with_the_distance_from_the_results():
    found = plateaus(*STEPS)
    chance = np.exp(found.log_chance(np.array(along(0.18, 0.21, 0.25, 0.28, 0.4))))
    assert chance[0] < 1e-9
    assert (np.diff(chance[:4]) > 0.0).all()
    assert chance[3] == pytest.approx(math.prod(off(found, abs(0.28 - place)) for place, _ in STEPS[0]))
    assert chance[4] < 1e-9


def test_a_place_among_several_results_is_less_likely_to_be_new_than_a_place_beside_one():
    points = [[0.4, 0.5], [0.6, 0.5], [0.5, 0.4], [0.5, 0.6], [0.1, 0.9], [0.9, 0.1], [0.1, 0.1], [0.9, 0.9]]
    found = plateaus(points, [1.0] * 4 + [2.0, 3.0, 4.0, 5.0])
    among, beside = np.exp(found.log_chance(np.array([[0.5, 0.5], [0.9, 1.0]])))
    assert among < 0.5 * beside


def test_two_values_of_a_category_are_one_length_scale_apart_and_so_are_a_value_and_none():
    seen = [0.5, 0.52, 0.54, 0.56, 0.8, 0.82, 0.84, 1.0]
    points = MIXED.encode([{"x": x, "kind": "a"} for x in seen])
    found = plateaus(points, [1.0] * 4 + [2.0] * 3 + [3.0], (0.5, 1.0, 2.0, 1.5), MIXED)
    for depth, place in ((1, 0.0), (5, 0.5), (9, 1.0)):
        for norm in ("p", "q", "r"):
            other = MIXED.encode([{"x": 0.5, "kind": "b", "depth": depth, "norm": norm}])
            apart = 1.0**2 + (1 / 1.5) ** 2 + (1 + (place - 0.5) ** 2) / 2**2
            each = [off(found, math.sqrt(apart + ((x - 0.5) / 0.5) ** 2)) for x in seen]
            assert np.exp(found.log_chance(other)) == pytest.approx([math.prod(each)])


def test_one_coincidence_makes_no_plateau():
    rng = np.random.default_rng(0)
    reaches = []
    for _ in range(20):
        points, values = rng.random((30, 2)), rng.random(30)
        values[7] = values[20]
        reaches.append(reach(points, values))
    assert np.count_nonzero(reaches) <= 2


def test_among_very_many_equal_results_places_can_still_be_told_apart():
    points = np.random.default_rng(0).random((400, 2))
    found = plateaus(points, np.floor(2.0 * points[:, 0]))
    scores = found.log_chance(np.random.default_rng(1).random((50, 2)))
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) == 50


def test_what_repeats_far_away_as_well_is_no_plateau():
    assert reach(along(0.1, 0.3, 0.5, 0.9), [1.0] * 4) == 0.0
    twice = [*along(0.1, 0.3, 0.5, 0.7, 0.9), [0.9, 0.5]]
    assert reach(twice, [5.0, 4.0, 3.0, 2.0, 1.0, 1.0]) == 0.0


@pytest.mark.parametrize("space", [PLANE, MIXED])
def test_slopes_are_those_of_finite_differences(space):
    rng = np.random.default_rng(1)
    points = space.snap(rng.random((24, len(space))))
    values = np.floor(3.0 * points[:, 0])
    model = fit(Kernel(Cube(space).layout), points, values)
    flat = Plateaus(model, points, likeliest_reach(model, Seen(points, values)))
    found = Unrepeated(Single(model, acquire("log_ei", float(values.min()), 0.0, 0.0), Feasible(())), flat)
    places = space.snap(rng.random((6, len(space))))
    value, slopes = found.slopes(places)
    assert value == pytest.approx(found.score(places), rel=1e-9)
    step = np.zeros(places.shape)
    step[:, 0] = 1e-6
    by_hand = (found.score(places + step) - found.score(places - step)) / 2e-6
    assert slopes[:, 0] == pytest.approx(by_hand, rel=1e-3, abs=1e-4)


def test_what_stands_for_failed_trials_is_no_plateau():
    seen = Observations()
    trials = [
        result(number, {"x": x, "y": 0.5}, value)
        for number, (x, value) in enumerate([(0.1, 3.0), (0.2, 2.0), (0.3, None), (0.4, None), (0.5, 1.0)])
    ]
    for event in [opened(PLANE), *chain.from_iterable(trials)]:
        seen.apply(event)
    evidence = Reader(seen, Cube(PLANE)).evidence(1)
    assert evidence.observed.tolist() == [True, True, True, False, False]
    model = fit(Kernel(Cube(PLANE).layout), evidence.points, evidence.objectives[:, 0])
    assert plateaus_of(model, evidence, 0.0) is None


def steps(config):
    """A bowl of which only every fourth of an axis is known: what lies between is answered by the nearest."""
    x, y = round(4.0 * config["x"]) / 4.0, round(4.0 * config["y"]) / 4.0
    return math.exp((x - 0.3) ** 2 + (y - 0.8) ** 2)


def closest(found):
    """How close to each other two configurations of the models came."""
    points = np.array([[each.config["x"], each.config["y"]] for each in found if "mean" in each.notes])
    return pdist(points).min()


def test_on_plateaus_a_search_says_so_and_goes_further(monkeypatch):
    found = search(steps, PLANE, 20, GP(transform="none"))
    assert sum("new" in each.notes for each in found) > 5
    monkeypatch.setattr(gp_round, "plateaus_of", lambda *_: None)
    assert closest(found) > 1.5 * closest(search(steps, PLANE, 20, GP(transform="none")))
    assert "repeats no result beside it with probability 0." in sentence(found[-1].notes)


def test_a_smooth_function_knows_nothing_of_plateaus():
    found = search(lambda config: (config["x"] - 0.3) ** 2 + config["y"], PLANE, 12, GP())
    assert not any("new" in each.notes for each in found)


@pytest.mark.parametrize("acquisition", ["ei", "pi", "lcb", "thompson"])
def test_only_improvements_are_weighed(acquisition):
    found = search(steps, PLANE, 14, GP(acquisition=acquisition, transform="none"))
    assert any("new" in each.notes for each in found) == (acquisition in ("ei", "pi"))
