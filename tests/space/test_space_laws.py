"""Laws that hold for every parameter and every space."""

import json
import math
import pickle
import types

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import discrete, finite_spaces, parameters, spaces, spaces_and_configs, spaces_and_cubes

import tunewidgets.space
from tunewidgets.space import Parameter, Space

units = st.sampled_from([0.0, 1.0, math.nextafter(1.0, 0.0)]) | st.floats(0.0, 1.0)
tw = types.SimpleNamespace(**{name: getattr(tunewidgets.space, name) for name in tunewidgets.space.__all__})
# Spaces are built from many draws; the laws are cheap.
slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)


def is_close(parameter, left, right):
    if parameter.size < math.inf:
        return left == right
    # Small values of a linear or reversed range are as coarse as its large ones.
    slack = 0.0 if parameter.sampling == "log" else 1e-12 * max(abs(parameter.min_value), abs(parameter.max_value))
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=slack)


@given(discrete, units)
def test_a_discrete_value_comes_back_exactly(parameter, unit):
    value = parameter.from_unit(unit)
    again = parameter.from_unit(parameter.to_unit(value))
    assert again == value
    assert type(again) is type(value)


@given(parameters, units)
def test_from_unit_is_total_and_to_unit_stays_inside(parameter, unit):
    value = parameter.from_unit(unit)
    assert parameter.contains(value)
    assert parameter.normalise(value) == value
    assert 0.0 <= parameter.to_unit(value) <= 1.0


@given(parameters, st.lists(units, max_size=4))
def test_snap_is_to_unit_of_from_unit(parameter, column):
    snapped = parameter.snap(np.array(column, dtype=float))
    expected = [parameter.to_unit(parameter.from_unit(unit)) for unit in column]
    if parameter.size < math.inf:
        assert snapped.tolist() == expected
    else:
        again = [parameter.from_unit(unit) for unit in snapped.tolist()]
        assert again == [parameter.from_unit(unit) for unit in column]


@given(parameters)
def test_the_default_is_a_value(parameter):
    assert parameter.contains(parameter.default)


@given(parameters, st.integers(1, 12))
def test_levels_are_distinct_values(parameter, number):
    assume(parameter.size <= 1000 or parameter.size == math.inf)
    levels = parameter.levels(number)
    assert len(set(levels)) == len(levels)
    assert all(parameter.contains(level) for level in levels)
    assert len(levels) == parameter.size if parameter.size < math.inf else len(levels) <= number


@given(discrete)
def test_all_levels_are_reached_in_their_order(parameter):
    assume(parameter.size <= 1000)
    levels = parameter.levels()
    places = [parameter.to_unit(level) for level in levels]
    assert places == sorted(places)
    assert [parameter.from_unit(place) for place in places] == levels


@given(parameters)
def test_a_parameter_survives_json_source_and_pickle(parameter):
    for again in (
        Parameter.from_json(json.loads(json.dumps(parameter.to_json()))),
        eval(parameter.to_source(), {"tw": tw}),
        pickle.loads(pickle.dumps(parameter)),
    ):
        assert again == parameter
        assert hash(again) == hash(parameter)
        assert again.to_json() == parameter.to_json()
        assert again.default == parameter.default


@slow
@given(spaces())
def test_a_space_survives_json_source_and_pickle(space):
    for again in (
        Space.from_json(json.loads(json.dumps(space.to_json()))),
        eval(space.to_source(), {"tw": tw}),
        pickle.loads(pickle.dumps(space)),
    ):
        assert again == space
        assert hash(again) == hash(space)
        assert list(again) == list(space)


@slow
@given(spaces_and_configs())
def test_every_sample_is_valid_and_has_the_active_parameters_only(drawn):
    space, configs = drawn
    for config in configs:
        assert space.validate(config) == config
        assert list(space.validate(config)) == list(config)
        assert tuple(config) == space.active(config)
        assert [name for name in space if name in config] == list(config)


@slow
@given(spaces_and_configs())
def test_active_is_what_the_conditions_say(drawn):
    space, configs = drawn
    for config in configs:
        for name, parameter in space.items():
            holds = all(
                condition.parent in config
                and any(
                    space[condition.parent].normalise(value) == config[condition.parent] for value in condition.values
                )
                for condition in parameter.conditions
            )
            assert holds == (name in config)


@slow
@given(spaces_and_configs(kinds=discrete))
def test_decoding_undoes_encoding_exactly(drawn):
    space, configs = drawn
    cube = space.encode(configs)
    assert cube.shape == (len(configs), len(space))
    assert space.decode(cube) == configs


@slow
@given(spaces_and_configs())
def test_decoding_undoes_encoding_and_nan_marks_the_inactive(drawn):
    space, configs = drawn
    cube = space.encode(configs)
    for config, row, again in zip(configs, cube, space.decode(cube), strict=True):
        assert [name for name, unit in zip(space, row, strict=True) if not np.isnan(unit)] == list(config)
        assert list(again) == list(config)
        for name, value in config.items():
            assert is_close(space[name], again[name], value)


@slow
@given(spaces_and_cubes())
def test_decode_is_total_and_snap_is_encode_of_decode(drawn):
    space, cube = drawn
    configs = space.decode(cube)
    assert [space.validate(config) for config in configs] == configs
    snapped, encoded = space.snap(cube), space.encode(configs)
    assert space.decode(snapped) == configs
    np.testing.assert_array_equal(np.isnan(snapped), np.isnan(encoded))
    finite = [parameter.size < math.inf for parameter in space.values()]
    np.testing.assert_array_equal(snapped[:, finite], encoded[:, finite])


@slow
@given(spaces_and_configs())
def test_validate_is_idempotent_and_takes_numpy_and_any_order(drawn):
    space, configs = drawn
    for config in configs:
        wrapped = {name: np.float64(value) if type(value) is float else value for name, value in config.items()}
        reverse = dict(reversed(wrapped.items()))
        once = space.validate(reverse)
        assert once == config
        assert list(once) == list(config)
        assert {name: type(value) for name, value in once.items()} == {n: type(v) for n, v in config.items()}
        assert space.validate(once) == once


@slow
@given(finite_spaces)
def test_a_grid_has_every_configuration_once(space):
    assume(space.size <= 2000)
    configs = list(space.grid())
    assert len(configs) == space.size
    assert len({tuple(config.items()) for config in configs}) == len(configs)
    assert all(space.validate(config) == config for config in configs)


@slow
@given(finite_spaces, st.integers(0, 2**32))
def test_a_grid_has_every_sample(space, seed):
    assume(space.size <= 500)
    configs = list(space.grid())
    rng = np.random.default_rng(seed)
    assert all(space.sample(rng) in configs for _ in range(5))


@slow
@given(spaces(), st.integers(0, 2**32))
def test_a_sample_is_the_decoded_uniform_draw(space, seed):
    one, two = np.random.default_rng(seed), np.random.default_rng(seed)
    assert space.sample(one) == space.decode(two.random((1, len(space))))[0]
    assert one.random() == two.random()


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_gives_the_same_sample(seed):
    space = Space(a=tunewidgets.space.Int(1, 10**9), b=tunewidgets.space.Float(0, 1))
    first = space.sample(np.random.default_rng(seed))
    assert first == space.sample(np.random.default_rng(seed))
    assert first != space.sample(np.random.default_rng(seed + 1))
