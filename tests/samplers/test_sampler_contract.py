"""Every sampler keeps the samplers' contract."""

import pytest

from tunewidgets.samplers import Grid, Random, Sobol, generator_for
from tunewidgets.space import Float, Space
from tunewidgets.testing.samplers import SPACES, SamplerContract, begun, configs, opened, searched


class TestRandom(SamplerContract):
    def sampler(self):
        return Random()


class TestGrid(SamplerContract):
    def sampler(self):
        return Grid(3)


class TestSobol(SamplerContract):
    def sampler(self):
        return Sobol()


def test_a_grid_goes_through_its_points_in_order():
    found = configs(searched(Grid(3), SPACES["tiny"], 20))
    assert [tuple(config.values()) for config in found] == [
        ("x", 0),
        ("x", 1),
        ("x", 2),
        ("y", 0, False),
        ("y", 0, True),
        ("y", 1, False),
        ("y", 1, True),
        ("y", 2, False),
        ("y", 2, True),
    ]


def test_a_grid_cuts_continuous_parameters_into_levels_by_name():
    space = Space(a=Float(0.0, 1.0), b=Float(1.0, 100.0, sampling="log"))
    found = configs(searched(Grid({"a": 2, "b": 3}), space, 20))
    assert [(config["a"], round(config["b"], 9)) for config in found] == [
        (0.0, 1.0),
        (0.0, 10.0),
        (0.0, 100.0),
        (1.0, 1.0),
        (1.0, 10.0),
        (1.0, 100.0),
    ]


def test_sobol_fills_the_unit_interval_evenly():
    space = SPACES["wide"]
    values = sorted(config["p01"] for config in configs(searched(Sobol(), space, 16)))
    assert [int(value * 16) for value in values] == [*range(16)]


@pytest.mark.parametrize("sampler", [Random(), Sobol()])
def test_two_seeds_draw_different_configurations(sampler):
    space = SPACES["wide"]
    first, second = (
        begun(sampler, [opened(space, seed)]).suggest(space, generator_for(seed, 0))[0].config for seed in (1, 2)
    )
    assert first != second
