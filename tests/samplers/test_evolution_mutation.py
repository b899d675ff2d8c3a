"""Mutation and crossover: laws that hold in every space."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.errors import StrategyError
from tunewidgets.samplers import Tried, config_key
from tunewidgets.samplers.breeding import difference
from tunewidgets.samplers.crossover import ALPHA, check_how, cross
from tunewidgets.samplers.mating import Mating, offspring
from tunewidgets.samplers.mutation import complete, mutate, mutate_each, mutate_value, reflect
from tunewidgets.samplers.untried import Untried, index_of, tunable, value_at, walk
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space
from tunewidgets.testing.samplers import SPACES

NAMES = st.sampled_from(sorted(SPACES))
SEEDS = st.integers(0, 2**32 - 1)
DEEP = Space(
    child=Float(0.0, 1.0).when(middle=["on", "half"]),
    middle=Choice(("on", "half", "off")).when(top="yes"),
    other=Int(1, 3).when(top="no", middle_of="x"),
    middle_of=Choice(("x", "y")),
    top=Choice(("yes", "no")),
)


def drawn(name, seed):
    space = DEEP if name is None else SPACES[name]
    rng = np.random.default_rng(seed)
    return space, space.sample(rng), space.sample(rng), rng


def valid(space, config):
    return config_key(space.validate(config)) == config_key(config) and list(config) == list(space.active(config))


@given(NAMES | st.none(), SEEDS, st.floats(1e-6, 1.0))
def test_a_mutation_changes_at_least_one_active_parameter_and_stays_valid(name, seed, step):
    space, parent, _, rng = drawn(name, seed)
    child = mutate(space, parent, rng, step)
    assert valid(space, child)
    notes = difference(parent, child)
    if tunable(space, parent):
        assert len(notes["changed"]) == 1
        changed = next(iter(notes["changed"]))
        assert notes["changed"][changed] == [parent[changed], child[changed]]
        assert set(notes["gained"]) == set(child) - set(parent)
        assert set(notes["lost"]) == set(parent) - set(child)
    else:
        assert child == parent


@given(NAMES | st.none(), SEEDS, st.sampled_from(["uniform", "blend", "sbx"]))
def test_a_child_of_two_is_valid_and_has_its_values_from_them(name, seed, how):
    space, first, second, rng = drawn(name, seed)
    crossed = cross(space, first, second, rng, how)
    assert valid(space, crossed.config)
    assert all(crossed.config[name] == (first, second)[parent][name] for name, parent in crossed.origin.items())
    told = {*crossed.origin, *crossed.between}
    for each in crossed.config:
        if each in first and each in second and first[each] == second[each]:
            assert crossed.config[each] == first[each]
            assert each not in told
        elif each in first or each in second:
            assert each in told
    assert how != "uniform" or crossed.between == ()


@given(NAMES | st.none(), SEEDS, st.sampled_from(["uniform", "blend", "sbx"]), st.integers(1, 5))
def test_offspring_is_valid_and_its_notes_tell_how_it_came_about(name, seed, how, mutations):
    space, first, second, rng = drawn(name, seed)
    mated = offspring(space, first, second, rng, Mating(how), mutations)
    assert valid(space, mated.config)
    before = first if mated.crossed is None else mated.crossed.config
    assert mated.mutations == difference(before, mated.config)
    notes = mated.notes([3, 12])
    if mated.crossed is not None:
        assert set(notes["taken"]) == {"3", "12"}
        assert {*notes["taken"]["3"], *notes["taken"]["12"], *notes["between"]} <= set(mated.config)


def test_a_child_of_equals_has_one_parent_and_a_mutation():
    space, config = SPACES["conditions"], {"kind": "b", "depth": 3, "deep": True}
    for seed in range(50):
        rng = np.random.default_rng(seed)
        mated = offspring(space, config, dict(config), rng, Mating("uniform", 1.0, 0.0), 1)
        assert mated.crossed is None
        assert mated.config != config


@given(st.floats(-10.0, 10.0))
def test_reflecting_stays_inside_and_keeps_what_is_inside(unit):
    assert 0.0 <= reflect(unit) <= 1.0
    if 0.0 <= unit <= 1.0:
        assert reflect(unit) == unit


@pytest.mark.parametrize(("unit", "folded"), [(-0.25, 0.25), (1.25, 0.75), (2.25, 0.25), (-1.5, 0.5), (3.0, 1.0)])
def test_reflecting_folds_at_the_ends(unit, folded):
    assert reflect(unit) == pytest.approx(folded)


def mutated(parameter, value, step=0.2, times=400):
    rng = np.random.default_rng(3)
    return [mutate_value(parameter, value, rng, step) for _ in range(times)]


def test_a_number_takes_a_gaussian_step_on_its_own_scale():
    rate = Float(1e-6, 1.0, sampling="log")
    steps = np.log10(mutated(rate, 1e-3, step=0.05)) + 3.0
    assert np.std(steps) == pytest.approx(0.05 * 6, rel=0.15)
    assert np.mean(steps) == pytest.approx(0.0, abs=0.05)


def test_a_number_with_levels_goes_at_least_one_level():
    assert set(mutated(Int(0, 100), 50, step=1e-4)) == {49, 51}
    assert set(mutated(Int(1, 10**6, sampling="log"), 1, step=1e-9)) == {2}
    assert set(mutated(Int(1, 10**6, sampling="log"), 10**6, step=1e-12)) == {10**6 - 1}
    assert set(mutated(Float(0.0, 1.0, step=0.25), 0.0, step=1e-4)) == {0.25}
    assert set(mutated(Float(0.0, 1.0, step=0.25), 1.0, step=1e-4)) == {0.75}


def test_an_ordered_choice_usually_goes_to_a_neighbour():
    found = mutated(Choice((8, 16, 32, 64, 128)), 32)
    assert set(found) == {8, 16, 64, 128}
    assert 0.8 < sum(value in {16, 64} for value in found) / len(found) < 0.95


def test_of_other_choices_each_is_as_likely():
    found = mutated(Choice(("a", "b", "c", "d")), "b", times=900)
    assert {value: round(found.count(value) / 300, 0) for value in set(found)} == {"a": 1.0, "c": 1.0, "d": 1.0}
    assert set(mutated(Boolean(), value=True)) == {False}


def test_a_blend_lies_between_the_parents_and_a_little_beyond():
    space = Space(x=Float(0.0, 1.0))
    rng = np.random.default_rng(0)
    found = [cross(space, {"x": 0.4}, {"x": 0.6}, rng, "blend").config["x"] for _ in range(500)]
    assert min(found) == pytest.approx(0.4 - ALPHA * 0.2, abs=0.01)
    assert max(found) == pytest.approx(0.6 + ALPHA * 0.2, abs=0.01)


def test_simulated_binary_crossover_stays_near_a_parent():
    space = Space(x=Float(0.0, 1.0))
    rng = np.random.default_rng(0)
    found = np.array([cross(space, {"x": 0.4}, {"x": 0.6}, rng, "sbx").config["x"] for _ in range(2000)])
    assert np.mean(found) == pytest.approx(0.5, abs=0.01)
    assert np.mean(np.minimum(np.abs(found - 0.4), np.abs(found - 0.6)) < 0.01) > 0.85
    # With distribution index 20 the two children are 1 + 1/42 ... apart in the mean of the contracting half: 20/21.
    inner = found[(found > 0.4) & (found < 0.6)]
    assert np.mean(np.abs(inner - 0.5) / 0.1) == pytest.approx(21 / 22, abs=0.01)


def test_what_a_parent_switches_off_goes_and_comes_back_drawn():
    rng = np.random.default_rng(0)
    on = {"child": 0.25, "middle": "on", "middle_of": "x", "top": "yes"}
    assert complete(DEEP, {**on, "middle": "half"}, rng) == {**on, "middle": "half"}, (
        "what stays active keeps its value"
    )
    assert complete(DEEP, {**on, "middle": "off"}, rng) == {"middle": "off", "middle_of": "x", "top": "yes"}
    off = complete(DEEP, {**on, "top": "no"}, rng)
    assert set(off) == {"other", "middle_of", "top"}
    back = [complete(DEEP, {**off, "top": "yes"}, rng) for _ in range(40)]
    assert {config["middle"] for config in back} == {"on", "half", "off"}
    assert all(("child" in config) == (config["middle"] != "off") for config in back)


def test_each_parameter_is_mutated_with_the_same_chance():
    space = Space({f"p{number}": Float(0.0, 1.0) for number in range(10)} | {"f": Fixed(1)})
    rng = np.random.default_rng(1)
    parent = space.sample(rng)
    counts = [
        len(difference(parent, mutate_each(space, parent, rng, rate=rate, least=0))["changed"])
        for rate in [None] * 500 + [0.5] * 500
    ]
    assert np.mean(counts[:500]) == pytest.approx(1.0, abs=0.15)
    assert np.mean(counts[500:]) == pytest.approx(5.0, abs=0.3)
    assert difference(parent, mutate_each(space, parent, rng, rate=0.0, least=0))["changed"] == {}


def test_a_crossover_that_there_is_none_of_is_refused():
    with pytest.raises(StrategyError, match="crossover must be one of 'uniform', 'blend', 'sbx', not 'two-point'"):
        check_how("two-point")


@given(
    st.sampled_from(
        [
            Int(3, 9),
            Int(2, 64, sampling="log"),
            Int(1, 9, sampling="reverse_log"),
            Choice(("a", "b")),
            Int(2, 64, step=2, sampling="log"),
            Float(0.0, 1.0, step=0.1),
            Boolean(),
            Fixed("x"),
        ]
    )
)
def test_values_are_numbered_in_their_order(parameter):
    values = [value_at(parameter, index) for index in range(parameter.size)]
    assert values == parameter.levels()
    assert [index_of(parameter, value) for value in values] == list(range(parameter.size))


@pytest.mark.parametrize("name", ["tiny", "numbers", "one point", "mixed values"])
def test_a_walk_passes_every_configuration_once(name):
    space = SPACES[name]
    found = [config_key(config) for config in walk(space, np.random.default_rng(0))]
    assert len(found) == len(set(found)) == space.size
    assert set(found) == set(map(config_key, space.grid()))


def test_a_walk_through_a_huge_space_lists_nothing():
    space = Space(kind=Choice(("a", "b")), n=Int(1, 10**12).when(kind="b"), x=Float(0.0, 1.0).when(kind="a"))
    steps = walk(space, np.random.default_rng(0))
    found = [next(steps) for _ in range(5)]
    assert len({config_key(config) for config in found}) == 5


def test_the_rest_of_a_space_is_drawn_evenly():
    space = Space(n=Int(0, 9))
    counts = dict.fromkeys(range(10), 0)
    for seed in range(300):
        fresh = Untried(space, Tried())
        assert all(fresh.take({"n": number}) for number in range(7))
        assert not fresh.take({"n": 3})
        counts[fresh.draw(np.random.default_rng(seed))["n"]] += 1
    assert [counts[number] for number in range(7)] == [0] * 7
    assert all(70 < counts[number] < 130 for number in (7, 8, 9))


def test_the_only_way_on_is_found_however_unlikely():
    space = Space(kind=Choice(tuple(range(20_000))), x=Float(0.0, 1.0).when(kind=[17]))
    fresh = Untried(space, Tried())
    assert all(fresh.take({"kind": number}) for number in range(20_000) if number != 17)
    config = fresh.draw(np.random.default_rng(0))
    assert config["kind"] == 17
    assert math.isfinite(config["x"])
    assert fresh.take(config)
    assert not fresh.take(config)
    assert fresh.draw(np.random.default_rng(1))["kind"] == 17
