"""The pieces of the Gaussian-process sampler: cube, neighbours, hunt, design, branches, thinning, sentences."""

import math

import numpy as np
import pytest

from tunewidgets.history import sentence
from tunewidgets.samplers.gp_branches import another, branches
from tunewidgets.samplers.gp_criteria import Feasible, Hypervolume, Single, acquire
from tunewidgets.samplers.gp_cube import Cube, layout_of
from tunewidgets.samplers.gp_design import Design
from tunewidgets.samplers.gp_evidence import thinned
from tunewidgets.samplers.gp_search import Hunt
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space
from tunewidgets.surrogate.kernel import Kernel
from tunewidgets.surrogate.model import fit
from tunewidgets.testing.samplers import SPACES

TREE = Space(
    kind=Choice(("a", "b", "c")),
    depth=Int(1, 4).when(kind=["b", "c"]),
    rate=Float(0.0, 1.0).when(kind="c"),
    deep=Boolean().when(depth=[3, 4]),
    always=Float(1e-3, 1.0, sampling="log"),
    fixed=Fixed(3),
)


class Height:
    """A criterion with one peak, whatever is inactive left out."""

    def __init__(self, peak):
        self.peak = peak

    def score(self, points):
        return -np.nansum((points - self.peak) ** 2, axis=1)

    def slopes(self, points):
        return self.score(points), -2.0 * np.nan_to_num(points - self.peak)


def test_a_layout_knows_kinds_and_conditions():
    layout = layout_of(TREE)
    assert layout.categories == (0, 3)
    assert layout.numbers == (1, 2, 4)
    assert layout.columns[1].low == 0.125
    assert layout.columns[1].high == 0.875
    assert [group.seen for group in layout.groups] == [(0, 4), (0, 1, 4), (0, 1, 2, 4), (0, 1, 3, 4)]
    assert layout_of(Space(size=Choice((8, 16)), flag=Boolean())).numbers == (0,)


def test_numbers_reach_from_0_to_1_in_a_models_eyes():
    space = Space(n=Int(1, 4), m=Int(1, 100, sampling="log"), x=Float(-1.0, 1.0), s=Choice((1, 2, 4)))
    low, high = space.encode([{"n": 1, "m": 1, "x": -1.0, "s": 1}, {"n": 4, "m": 100, "x": 1.0, "s": 4}])
    seen = layout_of(space).coordinates(np.stack([low, high]))
    assert seen == pytest.approx(np.array([[0.0] * 4, [1.0] * 4]))


def test_digests_tell_spaces_apart():
    digests = {Cube(space).digest for space in SPACES.values()}
    assert len(digests) == len(SPACES)
    assert Cube(TREE).digest == Cube(TREE.with_parameters(always=Float(1e-4, 1.0, sampling="log"))).digest


@pytest.mark.parametrize("name", SPACES)
def test_neighbours_are_other_configurations(name):
    space = SPACES[name]
    cube, rng = Cube(space), np.random.default_rng(0)
    places = cube.random(200, rng)
    near = cube.neighbours(places, np.full(200, 1e-4), rng)
    assert ((near >= 0.0) & (near <= 1.0)).all()
    changed = [a != b for a, b in zip(cube.keys(cube.snap(places)), cube.keys(cube.snap(near)), strict=True)]
    # A category may draw itself again; numbers always move, by a level at least.
    only_categories = not cube.layout.numbers
    assert sum(changed) >= (0 if space.size == 1 else 60 if only_categories else 120)
    if name == "logarithms":
        assert all(changed)


def test_a_step_moves_at_least_one_level_and_stays_inside():
    space = Space(n=Int(1, 5))
    cube, rng = Cube(space), np.random.default_rng(0)
    for value in range(1, 6):
        place = np.tile(space.encode([{"n": value}]), (50, 1))
        found = {config["n"] for config in space.decode(cube.neighbours(place, np.full(50, 1e-6), rng))}
        assert found == {neighbour for neighbour in (value - 1, value + 1) if 1 <= neighbour <= 5}


def test_the_hunt_finds_a_peak_over_numbers_levels_and_categories():
    cube = Cube(SPACES["every type"])
    peak = cube.snap(np.full((1, len(cube.names)), 0.37))
    good = cube.snap(cube.random(5, np.random.default_rng(1)))
    found = Hunt(cube, Height(peak), frozenset(), np.random.default_rng(0)).everywhere(good)
    assert cube.config(found.point)["optimizer"] == "sgd"
    assert found.score > -0.01


def test_the_hunt_keeps_off_what_is_taken_and_inside_its_branch():
    space = Space(a=Int(1, 3), b=Choice(("x", "y")))
    cube, everything = Cube(space), None
    everything = space.encode(space.grid())
    hunt = Hunt(cube, Height(everything[0]), {cube.keys(everything[:1])[0]}, np.random.default_rng(0))
    assert cube.config(hunt.everywhere(everything[:1]).point) != cube.config(everything[0])
    taken = set(cube.keys(everything))
    assert Hunt(cube, Height(0.5), taken, np.random.default_rng(0)).among(everything) is None
    branch = np.array([math.nan, 0.75])
    held = Hunt(cube, Height(everything[0]), frozenset(), np.random.default_rng(0), branch)
    assert cube.config(held.everywhere(everything[:1]).point) == {"a": 1, "b": "y"}


def test_a_design_is_the_same_for_the_same_seed_and_passes_over_what_is_taken():
    cube = Cube(TREE)
    first, again, other = Design(cube, 1), Design(cube, 1), Design(cube, 2)
    point, place = first.next(40, set())
    assert place == 40
    assert cube.keys(again.next(40, set())[0][None]) == cube.keys(point[None])
    assert cube.keys(other.next(40, set())[0][None]) != cube.keys(point[None])
    assert first.next(40, set(cube.keys(point[None])))[1] == 41


def test_branches_are_the_ways_of_setting_what_others_depend_on():
    cube = Cube(TREE)
    points = TREE.encode(
        [
            {"kind": "a", "always": 0.1, "fixed": 3},
            {"kind": "b", "depth": 1, "always": 0.1, "fixed": 3},
            {"kind": "a", "always": 0.2, "fixed": 3},
        ]
    )
    found = branches(cube, points, np.random.default_rng(0))
    configs = {
        tuple(cube.config(np.where(np.isnan(branch.gates), 0.5, branch.gates)).get(name) for name in ("kind", "depth"))
        for branch in found
        if not math.isnan(branch.gates[1])
    }
    assert configs == {(kind, depth) for kind in "bc" for depth in (1, 2, 3, 4)}
    assert len(found) == 9
    assert sorted(branch.members.tolist() for branch in found if len(branch.members)) == [[0, 2], [1]]


def test_the_next_look_goes_where_least_is_known_for_its_size():
    cube = Cube(Space(kind=Choice(("a", "b", "c")), x=Float(0.0, 1.0).when(kind="b"), y=Float(0.0, 1.0).when(kind="c")))
    kinds = ["a"] * 4 + ["b"] * 4 + ["c"]
    configs = [{"kind": kind, **({"b": {"x": 0.1}, "c": {"y": 0.1}}.get(kind, {}))} for kind in kinds]
    points = cube.space.encode(configs)
    found = branches(cube, points, np.random.default_rng(0))
    kind_of = lambda branch: "abc"[int(branch.gates[0] * 3)]
    values = np.array([-2.0, 0.0, 0.0, 0.0, 0.1, 0.5, 0.5, 0.5, 0.2])
    assert kind_of(another(found, values)) == "c"
    assert kind_of(another(found, np.where(np.arange(9) == 8, 3.0, values))) == "b"
    without = branches(cube, points[:4], np.random.default_rng(0))
    assert kind_of(another(without, values[:4])) in "bc"
    assert another([branch for branch in found if kind_of(branch) == "a"], values) is None


def test_thinning_keeps_the_best_the_newest_and_some_of_every_quality():
    values = np.random.default_rng(0).permutation(100).astype(float)
    kept = thinned(values, 50)
    assert len(kept) == 50
    assert (np.diff(kept) > 0).all()
    assert set(np.argsort(values)[:20]) <= set(kept)
    assert set(range(85, 100)) <= set(kept)
    assert max(np.diff(np.sort(values[kept]))) <= 8
    assert thinned(values, 100).tolist() == [*range(100)]


def models_of_a_plane(n=12):
    cube = Cube(Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0)))
    kernel, rng = Kernel(cube.layout), np.random.default_rng(0)
    points = rng.random((n, 2))
    values = [np.sin(5.0 * points[:, 0]) + points[:, 1], (points[:, 0] - 1.0) ** 2, points[:, 1] - 0.4]
    return [fit(kernel, points, each) for each in values], rng.random((6, 2))


@pytest.mark.parametrize("acquisition", ["log_ei", "ei", "pi", "lcb"])
def test_the_slopes_of_criteria_are_their_slopes(acquisition):
    (model, _, constraint), at = models_of_a_plane()
    check_slopes(Single(model, acquire(acquisition, -1.0, 0.01, 2.0), Feasible([constraint])), at)


def test_the_slopes_of_the_expected_hypervolume_are_its_slopes():
    (first, second, constraint), at = models_of_a_plane()
    front = np.array([[-1.0, 0.5], [0.0, -0.8]])
    check_slopes(Hypervolume([first, second], front, np.array([2.0, 2.0]), Feasible([constraint])), at)


def check_slopes(criterion, at):
    value, slopes = criterion.slopes(at)
    assert value == pytest.approx(criterion.score(at))
    for column in (0, 1):
        step = np.zeros(2)
        step[column] = 1e-6
        numeric = (criterion.score(at + step) - criterion.score(at - step)) / 2e-6
        assert slopes[:, column] == pytest.approx(numeric, rel=1e-3, abs=1e-4)


SINGLE = {"kind": "gp", "acquisition": "log_ei", "score": 0.0312, "mean": 0.9621, "sd": 0.0113, "best": 0.958}


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            SINGLE | {"far": ["learning_rate"], "budget": None, "results": 9},
            "EI 0.031: predicted 0.962 ± 0.011, best so far 0.958; far from all tried in learning_rate",
        ),
        (
            SINGLE | {"acquisition": "pi", "score": 0.25, "far": [], "budget": 9, "results": 14},
            "PI 0.25: predicted 0.962 ± 0.011, best so far 0.958; from 14 results at 9 epochs",
        ),
        (
            SINGLE | {"budget": 9, "results": 14, "others": 120},
            (
                "EI 0.031: predicted 0.962 ± 0.011, best so far 0.958; "
                "from 14 results at 9 epochs and 120 at other budgets"
            ),
        ),
        (
            SINGLE | {"acquisition": "doubt", "doubt": 3.0},
            (
                "EI 0.031 if the model is 3 times as unsure as it says, as it sees nothing to gain anywhere: "
                "predicted 0.962 ± 0.011, best so far 0.958"
            ),
        ),
        (
            SINGLE | {"acquisition": "ucb", "score": 0.98466, "far": ["a", "b", "c"]},
            "UCB 0.9847: predicted 0.962 ± 0.011, best so far 0.958; far from all tried in a, b and c",
        ),
        (
            SINGLE | {"acquisition": "thompson", "score": 0.97, "feasible": 0.834},
            "a draw of the model says 0.97: predicted 0.962 ± 0.011, best so far 0.958; feasible with probability 0.83",
        ),
        (
            SINGLE | {"acquisition": "feasibility", "feasible": 0.31},
            "feasible with probability 0.31, and nothing tried was: predicted 0.962 ± 0.011",
        ),
        (
            SINGLE | {"results": 1500, "thinned": 1000, "mean": 1234567.0, "sd": 4321.0},
            "EI 0.031: predicted 1234567 ± 4321, best so far 0.958; fitted to 1000 of 1500 results",
        ),
        (
            SINGLE | {"acquisition": "branch", "branch": {"net": "deep", "n": 2}, "branch_best": 0.7},
            (
                "another look at net='deep' and n=2, as little is left to gain in the best branch: "
                "predicted 0.962 ± 0.011, best there 0.7, best so far 0.958"
            ),
        ),
        (
            {"kind": "gp", "acquisition": "ehvi", "score": 0.02, "goals": ["loss", "size"], "mean": [0.31, 120.0]}
            | {"sd": [0.02, 30.0]},
            "EHVI 0.02: predicted loss 0.310 ± 0.020 and size 120 ± 30",
        ),
        (
            {"kind": "gp", "acquisition": "parego", "score": 0.1, "goals": ["a", "b"], "weights": [0.25, 0.75]},
            "best for a mixture of the goals (0.25 a, 0.75 b)",
        ),
        ({"kind": "gp", "rest": True}, "one of the last configurations that were not tried"),
        (
            {"kind": "gp", "design": 3, "of": 10},
            "one of the first 10, spread over the space before the model begins",
        ),
        (
            {"kind": "gp", "design": 12, "of": 10, "waiting": True},
            "spread over the space while the model waits for results",
        ),
    ],
)
def test_reasons_are_said_in_one_line(reason, said):
    assert sentence(reason, "epoch") == said
