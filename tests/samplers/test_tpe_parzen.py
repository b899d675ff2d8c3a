"""Parzen densities: they integrate to one, and what is drawn from them follows them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from tunewidgets.samplers.parzen import Axis, Parzen, axes_of, bandwidths
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space

PARAMETERS = {
    "range": Float(0.0, 1.0),
    "many steps": Int(1, 1000),
    "steps": Int(0, 6),
    "steps on a logarithmic scale": Int(1, 9, sampling="log"),
    "reversed": Int(1, 9, sampling="reverse_log"),
    "ordered": Choice([8, 16, 32]),
    "categories": Choice(["a", "b", "c", "d"]),
    "boolean": Boolean(),
    "a single value": Fixed(3),
    "two values": Int(0, 1),
}
BRANCHES = Space(kind=Choice(["a", "b"]), n=Int(0, 2).when(kind="a"), x=Float(0.0, 1.0).when(kind="b"))


def density(space, configs, weights=None, prior=1.0):
    points = space.encode(configs)
    return Parzen(axes_of(space), points, np.ones(len(points)) if weights is None else np.array(weights), prior)


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("count", [0, 1, 2, 7, 40])
def test_the_density_of_one_parameter_sums_to_one(name, count):
    space = Space(p=PARAMETERS[name])
    rng = np.random.default_rng(count)
    parzen = density(space, [space.sample(rng) for _ in range(count)], rng.uniform(0.0, 2.0, count))
    if PARAMETERS[name].size <= 64:
        cube = space.encode([{"p": value} for value in PARAMETERS[name].levels()])
        assert np.exp(parzen.log_density(cube)).sum() == pytest.approx(1.0)
    else:
        cube = np.linspace(0.0, 1.0, 20_001)[:, None]
        assert integrate.trapezoid(np.exp(parzen.log_density(cube)), cube[:, 0]) == pytest.approx(1.0, abs=1e-4)


def test_the_density_of_several_parameters_integrates_to_one():
    space = Space(x=Float(0.0, 1.0), y=Float(1e-3, 1.0, sampling="log"), k=Choice(["a", "b", "c"]), n=Int(0, 3))
    rng = np.random.default_rng(0)
    parzen = density(space, [space.sample(rng) for _ in range(9)])
    cells = (np.arange(80) + 0.5) / 80
    cube = np.array(np.meshgrid(cells, cells, (np.arange(3) + 0.5) / 3, (np.arange(4) + 0.5) / 4)).reshape(4, -1).T
    assert np.exp(parzen.log_density(cube)).sum() / 80**2 == pytest.approx(1.0, abs=2e-3)


def test_over_the_branches_of_a_space_it_sums_to_one():
    configs = [{"kind": "a", "n": 2}, {"kind": "a", "n": 2}, {"kind": "b", "x": 0.3}]
    parzen = density(BRANCHES, configs)
    finite = BRANCHES.encode([{"kind": "a", "n": n} for n in range(3)])
    places = np.linspace(0.0, 1.0, 4001)
    endless = BRANCHES.encode([{"kind": "b", "x": x} for x in places.tolist()])
    share = np.exp(parzen.log_density(finite)).sum()
    rest = integrate.trapezoid(np.exp(parzen.log_density(endless)), places)
    assert share + rest == pytest.approx(1.0, abs=1e-5)
    # two points of branch a (4/5 each, as three points leave 1 / (3 + 2) to the other), one of b, one uniform
    assert share == pytest.approx((0.8 + 0.8 + 0.2 + 0.5) / 4)


def test_a_mixture_by_hand():
    parzen = density(Space(x=Float(0.0, 1.0)), [{"x": 0.2}, {"x": 0.6}], [1.5, 0.5], prior=2.0)
    width = 0.4  # from one to the other
    kernels = [stats.truncnorm((0.0 - m) / width, (1.0 - m) / width, m, width) for m in (0.2, 0.6)]
    places = np.array([0.0, 0.1, 0.5, 1.0])
    expected = 1.5 / 4 * kernels[0].pdf(places) + 0.5 / 4 * kernels[1].pdf(places) + 2.0 / 4
    np.testing.assert_allclose(np.exp(parzen.log_density(places[:, None])), expected, rtol=1e-12)


def test_categories_by_hand():
    space = Space(k=Choice(["a", "b", "c"]))
    parzen = density(space, [{"k": "a"}, {"k": "a"}, {"k": "b"}])
    # own 1 - 2 / 6, others 1 / 6 each, and the uniform component
    expected = [(2 / 3 + 2 / 3 + 1 / 6 + 1 / 3) / 4, (1 / 6 + 1 / 6 + 2 / 3 + 1 / 3) / 4, (3 / 6 + 1 / 3) / 4]
    found = np.exp(parzen.log_density(space.encode([{"k": each} for each in "abc"])))
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("name", PARAMETERS)
def test_what_is_drawn_follows_the_density(name):
    space = Space(p=PARAMETERS[name])
    rng = np.random.default_rng(1)
    parzen = density(space, [space.sample(rng) for _ in range(4)])
    drawn = space.snap(parzen.sample(np.random.default_rng(2), 4000))[:, 0]
    if PARAMETERS[name].size <= 64:
        units = space.encode([{"p": value} for value in PARAMETERS[name].levels()])
        counts = np.array([np.count_nonzero(np.isclose(drawn, unit)) for unit in units[:, 0]])
        assert counts.sum() == 4000
        np.testing.assert_allclose(counts / 4000, np.exp(parzen.log_density(units)), atol=0.03)
    else:
        edges = np.linspace(0.0, 1.0, 5001)
        mass = integrate.cumulative_trapezoid(np.exp(parzen.log_density(edges[:, None])), edges, initial=0.0)
        # the Kolmogorov-Smirnov distance of 4,000 draws stays below 0.0256 in 99 of 100 cases; steps add 1 / 1000
        reached = np.searchsorted(np.sort(drawn), edges, side="right") / 4000
        assert np.max(np.abs(reached - mass)) < 0.0266


def test_branches_are_drawn_with_what_belongs_to_them():
    configs = [{"kind": "a", "n": 2}, {"kind": "a", "n": 2}, {"kind": "b", "x": 0.3}]
    drawn = BRANCHES.decode(density(BRANCHES, configs).sample(np.random.default_rng(0), 4000))
    share = sum(config["kind"] == "a" for config in drawn) / 4000
    assert share == pytest.approx((0.8 + 0.8 + 0.2 + 0.5) / 4, abs=0.03)
    expected = np.exp(density(BRANCHES, configs).log_density(BRANCHES.encode([{"kind": "a", "n": 2}])))[0]
    assert drawn.count({"kind": "a", "n": 2}) / 4000 == pytest.approx(expected, abs=0.03)


def test_it_draws_so_many_numbers_and_no_more():
    rng, same = np.random.default_rng(3), np.random.default_rng(3)
    density(BRANCHES, [{"kind": "b", "x": 0.3}]).sample(rng, 5)
    same.random((5, 4))
    assert rng.random() == same.random()


@pytest.mark.parametrize(
    ("values", "widths"),
    [
        ([], []),
        ([0.5], [0.5]),
        ([0.1], [0.9]),
        ([0.9, 0.1, 0.4], [0.5, 0.3, 0.5]),
        ([0.2, 0.2, 0.2], [0.25, 0.25, 0.25]),
        ([math.nan, 0.1, 0.8], [1.0, 0.7, 0.7]),
        ([math.nan], [1.0]),
    ],
)
def test_bandwidths_by_hand(values, widths):
    np.testing.assert_allclose(bandwidths(np.array(values, dtype=float)), widths)


@given(st.lists(st.floats(0.0, 1.0), max_size=200))
def test_bandwidths_are_in_bounds_in_whatever_order(values):
    widths = bandwidths(np.array(values, dtype=float))
    assert np.all((widths >= max(0.01, 1.0 / (len(values) + 1.0))) & (widths <= 1.0))
    np.testing.assert_array_equal(np.sort(bandwidths(np.array(values[::-1], dtype=float))), np.sort(widths))


@given(st.integers(0, 30), st.integers(0, 10**6))
def test_densities_are_finite_everywhere_in_the_space(count, seed):
    space = Space(PARAMETERS)
    rng = np.random.default_rng(seed)
    parzen = density(space, [space.sample(rng) for _ in range(count)])
    cube = space.snap(np.vstack((parzen.sample(rng, 4), np.zeros(len(space)), np.ones(len(space)))))
    assert np.all(np.isfinite(parzen.log_density(cube)))


def test_a_point_that_counts_nothing_changes_nothing():
    space = Space(k=Choice(["a", "b"]))
    with_it = density(space, [{"k": "a"}, {"k": "b"}], [1.0, 0.0]).log_density(space.encode([{"k": "b"}]))
    assert math.exp(with_it[0]) == pytest.approx((1 / 4 + 1 / 2) / 2)


def test_parts_of_a_logarithmic_integer_are_those_of_the_space():
    axis = axes_of(Space(n=Int(1, 9, sampling="log")))[0]
    parameter = Int(1, 9, sampling="log")
    units = np.linspace(0.0, 1.0, 997)
    assert axis.index(units).tolist() == [parameter.from_unit(unit) - 1 for unit in units.tolist()]
    assert axis.index(np.array([np.nan])).tolist() == [9]
    assert Axis(np.array([0.0, 1.0]), ordered=False).is_constant
