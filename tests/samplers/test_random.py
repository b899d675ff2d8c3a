"""Random search, where some branches of a space are finite."""

import numpy as np
from evolving import SEED, opened, starts, told, trial

from tunewidgets.history import Started
from tunewidgets.samplers import Random, config_key, generator_for
from tunewidgets.space import Choice, Float, Int, Space

BRANCHES = Space(kind=Choice(("a", "b", "c")), n=Int(1, 2).when(kind="b"), x=Float(0.0, 1.0).when(kind="c"))


def drawn(space, trials, n=1):
    events = [opened(space)]
    proposer = told(Random(), events)
    while len(starts(events)) < trials:
        number = len(starts(events))
        for offset, found in enumerate(proposer.suggest(space, generator_for(SEED, number), n)):
            for event in (fresh := trial(number + offset, found.config, 0.0, found.notes)):
                proposer.apply(event)
            events += fresh
    return [event.config for event in starts(events)]


def test_a_finite_branch_is_tried_once_and_then_the_others_are():
    for n in (1, 4):
        configs = drawn(BRANCHES, 60, n)
        keys = list(map(config_key, configs))
        assert len(set(keys)) == len(keys) == 60
        assert [config for config in configs if config["kind"] == "a"] == [{"kind": "a"}]
        assert sorted(config["n"] for config in configs if config["kind"] == "b") == [1, 2]


def test_in_an_infinite_space_it_is_the_spaces_own_sample():
    space = Space(x=Float(0.0, 1.0), n=Int(0, 9))
    found = told(Random(), [opened(space)]).suggest(space, generator_for(SEED, 3))[0].config
    assert found == space.sample(generator_for(SEED, 3))


def test_a_large_finite_space_is_exhausted_to_the_last():
    space = Space(n=Int(1, 20_000))
    events = [opened(space)]
    events += [Started(number, {"n": number + 1}, None, "user", {}, 0) for number in range(20_000) if number != 777]
    proposer = told(Random(), events)
    assert [each.config for each in proposer.suggest(space, generator_for(SEED, 1), 3)] == [{"n": 778}]
    proposer.apply(Started(20_000, {"n": 778}, None, "user", {}, 0))
    assert proposer.suggest(space, generator_for(SEED, 2)) == []


def test_all_that_is_left_is_drawn_with_the_same_chance():
    space = Space(n=Int(0, 99))
    events = [opened(space), *(Started(number, {"n": number}, None, "user", {}, 0) for number in range(96))]
    proposer = told(Random(), events)
    found = [proposer.suggest(space, generator_for(SEED, number))[0].config["n"] for number in range(400)]
    assert np.bincount(found)[96:].tolist() == [found.count(number) for number in range(96, 100)]
    assert all(70 < found.count(number) < 130 for number in range(96, 100))
