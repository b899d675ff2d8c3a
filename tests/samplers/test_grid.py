"""The grid, nested and shuffled, over spaces with conditions."""

import subprocess
import sys

import pytest
from evolving import SEED, opened, search, starts, told, trial
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.errors import SpaceError, StrategyError
from tunewidgets.history import SpaceEdited, sentence
from tunewidgets.samplers import Grid, config_key, generator_for
from tunewidgets.samplers.grid_index import GridIndex, shuffled
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space
from tunewidgets.testing.samplers import SPACES, SamplerContract

TREE = Space(
    depth=Int(1, 3).when(kind=["b", "c"]),
    kind=Choice(("a", "b", "c")),
    rate=Float(0.0, 1.0).when(kind="c", depth=[2, 3]),
    deep=Boolean().when(depth=3),
    other=Choice(("x", "y")),
    f=Fixed(1),
)


class TestShuffledGrid(SamplerContract):
    def sampler(self):
        return Grid(3, order="shuffled")


def keys(configs):
    return [config_key(config) for config in configs]


def tried(sampler, space, seed=SEED):
    return [event.config for event in starts(search(sampler, space, lambda _config: 0.0, 2000, seed=seed))]


@pytest.mark.parametrize("space", [TREE, SPACES["conditions"], SPACES["tiny"], SPACES["numbers"], SPACES["one point"]])
@pytest.mark.parametrize("levels", [1, 3])
def test_every_point_has_one_number(space, levels):
    index = GridIndex(space, levels)
    points = keys(space.grid(levels))
    assert len(points) == len(set(points)) == index.size
    assert sorted(map(repr, points)) == sorted(map(repr, keys(map(index.config, range(index.size)))))
    assert all(list(index.config(number)) == list(space.active(index.config(number))) for number in range(index.size))


def test_levels_by_name_are_kept():
    index = GridIndex(TREE, {"rate": 4, "depth": 2})
    assert index.size == len(list(TREE.grid({"rate": 4, "depth": 2})))
    assert {index.config(number).get("depth") for number in range(index.size)} == {None, 1, 3}
    with pytest.raises(SpaceError, match="'nothing', which is not in the space"):
        GridIndex(TREE, {"nothing": 3})


def test_a_space_over_which_it_cannot_be_laid_is_refused():
    Grid(3).check_space(TREE)
    with pytest.raises(SpaceError, match="only an Int or a Float is cut into levels"):
        Grid({"kind": 2}).check_space(TREE)
    with pytest.raises(SpaceError, match="1,000,000,000 values, more than a list should hold"):
        Grid().check_space(Space(n=Int(1, 10**9)))


def test_nested_and_shuffled_try_the_same_points_once():
    nested, mixed = tried(Grid(3), TREE), tried(Grid(3, order="shuffled"), TREE)
    assert len(set(keys(nested))) == len(nested) == GridIndex(TREE, 3).size
    assert sorted(map(repr, keys(nested))) == sorted(map(repr, keys(mixed)))
    assert nested != mixed
    assert tried(Grid(3, order="shuffled"), TREE, seed=6) != mixed


def test_a_shuffled_grid_goes_on_where_it_stopped():
    space = SPACES["every type"]
    events = search(Grid(2, order="shuffled"), space, lambda _config: 0.0, 40)
    notes = starts(events)[39].notes
    assert notes == {"kind": "grid", "index": 39, "of": GridIndex(space, 2).size, "order": "shuffled"}
    resumed = told(Grid(2, order="shuffled"), events[: 1 + 3 * 39]).suggest(space, generator_for(1, 1), 2)
    assert resumed[0] == (starts(events)[39].config, notes)
    assert resumed[1].notes["index"] == 40


def test_a_shuffled_grid_of_astronomical_size_is_nowhere_listed():
    space = Space({f"p{number}": Int(0, 99) for number in range(300)})
    assert GridIndex(space, 10).size == 100**300
    configs = [event.config for event in starts(search(Grid(order="shuffled"), space, lambda _config: 0.0, 20))]
    assert len(set(keys(configs))) == 20
    shares = [sum(config["p0"] < 50 for config in configs), sum(config["p299"] < 50 for config in configs)]
    assert all(3 <= share <= 17 for share in shares)


def test_conditions_that_would_list_millions_are_counted():
    space = Space(
        {f"on{number}": Boolean() for number in range(25)}
        | {f"n{number}": Int(1, 3).when({f"on{number}": True}) for number in range(25)}
    )
    index = GridIndex(space, 10)
    assert index.size == 4**25 == space.size
    assert len({config_key(index.config(number * 10**12)) for number in range(50)}) == 50


NUMBERED = """
from tunewidgets.samplers.grid_index import GridIndex, shuffled
from tunewidgets.space import Boolean, Choice, Int, Space

space = Space(kind=Choice(("a", "b")), n=Int(1, 3).when(kind="b"), m=Int(1, 2).when(kind="b"), o=Boolean())
index = GridIndex(space, 3)
answer = [list(index.config(shuffled(place, index.size, b"7")).values()) for place in range(index.size)]
"""


def test_numbers_are_the_same_in_every_process():
    here: dict = {}
    exec(NUMBERED, here)
    command = [sys.executable, "-c", NUMBERED + "print(answer)"]
    there = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "1"}).stdout
    assert there.strip() == repr(here["answer"])


@given(st.integers(1, 150), st.binary(max_size=64))
def test_a_shuffle_is_a_permutation(size, key):
    assert sorted(shuffled(place, size, key) for place in range(size)) == list(range(size))


def test_a_shuffle_puts_every_number_everywhere():
    firsts = [shuffled(0, 5, str(seed).encode()) for seed in range(500)]
    assert all(70 < firsts.count(number) < 130 for number in range(5))


def test_what_the_user_tried_is_passed_over_and_an_edited_space_begins_anew():
    space, wider = Space(n=Int(1, 3)), Space(n=Int(1, 5))
    for order in ("nested", "shuffled"):
        proposer = told(
            Grid(order=order), [opened(space), *trial(0, {"n": 2}, 0.0, {"kind": "enqueued"}, origin="user")]
        )
        found = proposer.suggest(space, generator_for(SEED, 1), 5)
        assert sorted(each.config["n"] for each in found) == [1, 3]
        for event in trial(1, found[0].config, 0.0, found[0].notes):
            proposer.apply(event)
        proposer.apply(SpaceEdited(wider))
        left = {1, 2, 3, 4, 5} - {2, found[0].config["n"]}
        assert {each.config["n"] for each in proposer.suggest(wider, generator_for(SEED, 2), 9)} == left


def test_settings_and_sentences():
    assert Grid({"x": 3}, order="shuffled").to_json() == {"name": "grid", "levels": {"x": 3}, "order": "shuffled"}
    assert sentence({"kind": "grid", "index": 4, "of": 12, "order": "shuffled"}).startswith("point 5 of the")
    with pytest.raises(StrategyError, match="order must be 'nested' or 'shuffled', not 'random'"):
        Grid(order="random")
