"""The Gaussian-process sampler: the contract with a model in use, and what it does with odd results."""

import json
import math

import numpy as np
import pytest

from tunewidgets.errors import StrategyError
from tunewidgets.history import (
    Ended,
    Goal,
    Known,
    Limits,
    Opened,
    Place,
    Reported,
    SpaceEdited,
    Started,
    sentence,
)
from tunewidgets.samplers import config_key, generator_for
from tunewidgets.samplers.gp import GP
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space
from tunewidgets.testing.samplers import SPACES, SamplerContract, begun

PLACE = Place(0, 0, None)
RETURNED = {"kind": "returned"}
LINE = Space(x=Float(0.0, 1.0))
LOSS = (Goal("loss", "min"),)
BRANCHES = Space(
    kind=Choice(("a", "b")),
    x=Float(0.0, 1.0),
    deep=Float(0.0, 1.0).when(kind="a"),
    steps=Int(1, 9).when(kind="b"),
)


class TestGP(SamplerContract):
    def sampler(self):
        return GP(initial=4)


def opened(space, seed=0, goals=LOSS, **others):
    return Opened(seed, space, Limits(), goals, **others)


def results(number, config, value, notes=None, metrics=None):
    """A trial that has run and returned; without a value it fails."""
    started = Started(number, config, PLACE, "sampler" if notes else "user", notes or {}, 0)
    if value is None:
        return [started, Ended(number, 1, "failed", PLACE, None, {"kind": "error"})]
    return [
        started,
        Reported(number, 1, 1, value, metrics or {}),
        Ended(number, 1, "completed", PLACE, value, RETURNED),
    ]


def search(sampler, space, objective, trials, opening=None, seed=0):
    """A whole search; the objective gives a value, None for a failure, or a pair of value and metrics."""
    events = [opening or opened(space, seed)]
    proposer = begun(sampler, events)
    for number in range(trials):
        found = proposer.suggest(space, generator_for(seed, number))
        if not found:
            break
        answer = objective(found[0].config)
        value, metrics = answer if isinstance(answer, tuple) else (answer, {})
        fresh = results(number, found[0].config, value, found[0].notes, metrics)
        for event in fresh:
            proposer.apply(event)
        events += fresh
    return events


def starts(events):
    return [event for event in events if isinstance(event, Started)]


def told(sampler, space, pairs, opening=None):
    """A proposer that knows these configurations and values."""
    events = [opening or opened(space)]
    for number, (config, value) in enumerate(pairs):
        events += results(number, config, value)
    return begun(sampler, events)


def bowl(config):
    return sum((float(value) - 0.3) ** 2 for value in config.values() if isinstance(value, float))


def rough(x):
    return math.sin(13.0 * x) + math.sin(40.0 * x)


def mixed(config):
    """A value from a configuration of any space, reproducible everywhere."""
    return sum(len(repr(value)) * (index + 1) for index, value in enumerate(config.values())) % 17 / 7.0


@pytest.mark.parametrize("name", SPACES)
def test_with_a_model_in_use_it_is_a_function_of_the_events(name):
    space = SPACES[name]
    events = search(GP(initial=3), space, mixed, 9)
    for number, event in enumerate(events):
        if isinstance(event, Started):
            copied = json.loads(json.dumps(dict(event.notes)))
            assert copied == event.notes
            proposer = begun(GP(initial=3), events[:number])
            found = proposer.suggest(space, generator_for(0, event.trial))
            assert found == proposer.suggest(space, generator_for(0, event.trial))
            assert [(found[0].config, found[0].notes)] == [(event.config, event.notes)]
            assert config_key(space.validate(event.config)) == config_key(event.config)
    keys = [config_key(event.config) for event in starts(events)]
    assert len(set(keys)) == len(keys) == min(9, space.size)
    assert space.size == 1 or any("model" in event.notes for event in starts(events))


@pytest.mark.parametrize("acquisition", ["log_ei", "ei", "pi", "lcb", "ucb", "thompson"])
@pytest.mark.parametrize("space", [Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0)), SPACES["tiny"]], ids=["square", "tiny"])
def test_every_acquisition_searches(acquisition, space):
    objective = bowl if "x" in space else mixed
    events = search(GP(acquisition=acquisition, initial=4), space, objective, 14)
    if "x" in space:
        assert min(bowl(event.config) for event in starts(events)) < 0.02
    else:
        assert len(starts(events)) == space.size


def test_it_finds_the_bottom_of_a_bowl_in_each_direction():
    for direction, sign in (("min", 1.0), ("max", -1.0)):
        opening = opened(LINE, goals=(Goal("loss", direction),))
        events = search(GP(), LINE, lambda config, sign=sign: sign * bowl(config), 12, opening)
        assert min(bowl(event.config) for event in starts(events)) < 1e-6
        last = starts(events)[-1].notes
        assert last["best"] == pytest.approx(0.0, abs=1e-5)
        assert last["mean"] == pytest.approx(0.0, abs=1e-2)
        assert last["results"] == 11


def test_the_design_comes_first_and_says_so():
    events = search(GP(), LINE, bowl, 8)
    kinds = ["design" if "design" in event.notes else "model" for event in starts(events)]
    assert kinds == ["design"] * 6 + ["model"] * 2
    assert [event.notes["design"] for event in starts(events)[:6]] == [*range(6)]
    told = {sentence(event.notes) for event in starts(events)[:6]}
    assert told == {"one of the first 6, spread over the space before the model begins"}
    assert starts(search(GP(), BRANCHES, mixed, 1))[0].notes["of"] == 10


def test_every_level_is_as_likely_in_the_design():
    space = Space(n=Int(1, 8, sampling="log", step=2), kind=Choice(("a", "b", "c", "d")), on=Boolean())
    events = search(GP(initial=32), space, mixed, 16)
    for name, size in (("n", 4), ("kind", 4), ("on", 2)):
        values = [event.config[name] for event in starts(events)]
        assert {values.count(value) for value in set(values)} <= {16 // size - 1, 16 // size, 16 // size + 1}


def test_without_results_the_design_goes_on():
    proposer = begun(GP(initial=4), [opened(LINE)])
    found = proposer.suggest(LINE, generator_for(0, 0), 7)
    assert [suggestion.notes["design"] for suggestion in found] == [*range(7)]
    assert sentence(found[6].notes) == "spread over the space while the model waits for results"


def test_results_that_are_known_take_the_designs_place():
    known = tuple(Known({"x": x}, (bowl({"x": x}),)) for x in np.linspace(0.0, 1.0, 8).tolist())
    found = begun(GP(), [opened(LINE, known=known)]).suggest(LINE, generator_for(0, 0))[0]
    assert found.notes["results"] == 8
    assert found.config["x"] == pytest.approx(0.3, abs=0.05)


def test_pending_trials_are_kept_away_from():
    pairs = [({"x": x}, rough(x)) for x in (0.0, 0.1, 0.45, 0.6, 0.8, 1.0)]
    proposer = told(GP(), LINE, pairs)
    first = proposer.suggest(LINE, generator_for(0, 6))[0]
    proposer.apply(Started(6, first.config, PLACE, "sampler", first.notes, 0))
    second = proposer.suggest(LINE, generator_for(0, 6))[0]
    assert abs(second.config["x"] - first.config["x"]) > 0.01
    assert second.notes["best"] == first.notes["best"]


def test_several_at_once_are_as_one_after_the_other():
    pairs = [({"x": x}, rough(x)) for x in (0.0, 0.1, 0.45, 0.6, 0.8, 1.0)]
    proposer = told(GP(), LINE, pairs)
    found = proposer.suggest(LINE, generator_for(0, 6), 4)
    assert proposer.suggest(LINE, generator_for(0, 6)) == found[:1]
    places = sorted(suggestion.config["x"] for suggestion in found)
    assert min(np.diff(places)) > 1e-3


@pytest.mark.parametrize(
    "values",
    [
        [1.0] * 8,
        [None] * 8,
        [math.nan] * 8,
        [None, None, 1.0, 2.0, math.inf, math.nan, None, 3.0],
        [1e300, -1e300, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
        [1.0],
        [],
    ],
    ids=["constant", "failed", "NaN", "some", "huge", "one", "none"],
)
def test_odd_results_are_no_trouble(values):
    for space in (SPACES["every type"], BRANCHES):
        rng = np.random.default_rng(0)
        proposer = told(GP(initial=1), space, [(space.sample(rng), value) for value in values])
        found = proposer.suggest(space, generator_for(0, len(values)), 2)
        assert len(found) == 2
        for suggestion in found:
            space.validate(suggestion.config)
            json.loads(json.dumps(dict(suggestion.notes), allow_nan=False))
            assert sentence(suggestion.notes)


def test_where_trials_fail_it_stays_away():
    objective = lambda config: None if config["x"] > 0.5 else -config["x"]
    events = search(GP(), LINE, objective, 20)
    places = [event.config["x"] for event in starts(events)]
    assert sum(place > 0.5 for place in places[6:]) <= 5
    assert max(place for place in places if place <= 0.5) > 0.45


def test_a_stopped_trial_counts_as_a_bad_one():
    pairs = [({"x": x}, bowl({"x": x})) for x in (0.0, 0.2, 0.6, 0.8, 1.0)]
    proposer = told(GP(initial=5), LINE, pairs)
    before = proposer.suggest(LINE, generator_for(0, 9))[0].config["x"]
    started = Started(5, {"x": before}, PLACE, "user", {}, 0)
    for event in (started, Reported(5, 1, 1, 0.0), Ended(5, 1, "stopped", PLACE, 0.0, {"kind": "user"})):
        proposer.apply(event)
    after = proposer.suggest(LINE, generator_for(0, 9))[0]
    assert after.notes["results"] == 6
    assert abs(after.config["x"] - before) > 0.05
    assert after.notes["best"] == pytest.approx(0.01)


def test_an_exhausted_space_gives_nothing():
    space = Space(n=Int(1, 3), f=Fixed("x"))
    events = search(GP(initial=2), space, lambda config: float(config["n"]), 9)
    assert sorted(event.config["n"] for event in starts(events)) == [1, 2, 3]
    assert begun(GP(initial=2), events).suggest(space, generator_for(0, 3), 4) == []


def test_a_larger_finite_space_is_gone_through_without_repeats():
    space = Space(a=Int(1, 60), b=Int(1, 60))
    rng = np.random.default_rng(0)
    order = rng.permutation(3600)[:3590]
    pairs = [({"a": int(i) // 60 + 1, "b": int(i) % 60 + 1}, float(i)) for i in order[:60]]
    events = [opened(space)]
    for number, (config, value) in enumerate(pairs):
        events += results(number, config, value)
    for number, i in enumerate(order[60:], 60):
        events.append(Started(number, {"a": int(i) // 60 + 1, "b": int(i) % 60 + 1}, PLACE, "user", {}, 0))
        events.append(Ended(number, 1, "failed", PLACE, None, {"kind": "error"}))
    found = begun(GP(), events).suggest(space, generator_for(0, 3590), 3)
    keys = {config_key(event.config) for event in starts(events)}
    assert len(found) == 3
    assert not keys & {config_key(suggestion.config) for suggestion in found}


def test_the_space_may_change_in_mid_search():
    events = search(GP(initial=4), BRANCHES, mixed, 8)
    wider = BRANCHES.with_parameters(x=Float(0.0, 2.0), extra=Choice(("p", "q")))
    proposer = begun(GP(initial=4), [*events, SpaceEdited(wider)])
    assert "design" in proposer.suggest(wider, generator_for(0, 8))[0].notes  # nothing fits the new space
    narrower = BRANCHES.with_parameters(x=Float(0.0, 0.99))
    found = begun(GP(initial=4), [*events, SpaceEdited(narrower)]).suggest(narrower, generator_for(0, 8))[0]
    assert found.notes["model"]["layout"] == events[-3].notes["model"]["layout"]  # as models see it, nothing changed
    narrower.validate(found.config)


def test_a_fit_begins_where_the_notes_say():
    events = search(GP(initial=4), LINE, bowl, 7)
    here = begun(GP(initial=4), events).suggest(LINE, generator_for(0, 7))[0]
    last = starts(events)[-1]
    start = {"theta": [1.0, 1.0, -2.0], "transform": "none"}
    other = {**last.notes, "model": {**last.notes["model"], "goals": [start]}}
    changed = [Started(6, last.config, PLACE, "sampler", other, 0) if event is last else event for event in events]
    there = begun(GP(initial=4), changed).suggest(LINE, generator_for(0, 7))[0]
    assert here.notes["model"] != there.notes["model"] or here == there
    broken = {**last.notes, "model": {"layout": "?", "goals": 3}}
    changed = [Started(6, last.config, PLACE, "sampler", broken, 0) if event is last else event for event in events]
    assert begun(GP(initial=4), changed).suggest(LINE, generator_for(0, 7))


def test_past_a_thousand_results_it_thins_them_and_says_so():
    rng = np.random.default_rng(0)
    proposer = told(GP(), LINE, [({"x": x}, bowl({"x": x})) for x in rng.random(1100).tolist()])
    found = proposer.suggest(LINE, generator_for(0, 1100))[0]
    assert found.notes["results"] == 1100
    assert found.notes["thinned"] == 1000
    assert sentence(found.notes).endswith("fitted to 1000 of 1100 results")


def test_a_wide_space_is_searched():
    space = Space({f"p{number}": Float(0.0, 1.0) for number in range(40)})
    events = search(GP(), space, lambda config: sum((value - 0.5) ** 2 for value in config.values()), 30)
    values = [bowl(event.config) for event in starts(events)]
    assert len(values) == 30
    assert starts(events)[-1].notes["best"] < 2.0


def test_each_of_two_branches_is_searched():
    objective = lambda config: (
        0.2 + (config["x"] - 0.5) ** 2 + (config["deep"] - 0.5) ** 2
        if config["kind"] == "a"
        else 0.01 * abs(config["steps"] - 7) + (config["x"] - 0.2) ** 2
    )
    events = search(GP(), BRANCHES, objective, 30)
    best = min(starts(events), key=lambda event: objective(event.config))
    assert best.config["kind"] == "b"
    assert best.config["steps"] == 7


def decoy(config):
    """Branch a is good everywhere; b is better, but only in a narrow part of it."""
    if config["kind"] == "a":
        return 0.3 + 0.02 * (config["x"] - 0.5) ** 2 + 0.02 * (config["deep"] - 0.5) ** 2
    distance = 3.0 * (config["x"] - 0.8) ** 2 + 0.05 * (config["steps"] - 7) ** 2
    return 1.0 - math.exp(-4.0 * distance)


def test_where_nothing_is_left_to_gain_every_trial_looks_elsewhere():
    events = search(GP(), BRANCHES, lambda config: 0.4 * (config["kind"] != "a") + (config["x"] - 0.3) ** 2, 34)
    values = [event.value for event in events if isinstance(event, Reported)]
    notes = [event.notes for event in starts(events)]
    at_stake = [np.median(values[:number]) - min(values[:number]) for number in range(1, 34)]
    own = [
        note["score"] / stake
        for note, stake in zip(notes[1:], at_stake, strict=True)
        if note.get("acquisition") == "log_ei"
    ]
    assert min(own) > 2e-5
    assert sum(note.get("acquisition") == "branch" for note in notes) > 5


def test_a_branch_that_looked_worse_gets_another_look():
    found = []
    for seed in range(2):
        events = search(GP(), BRANCHES, decoy, 36, seed=seed)
        found.append(min(decoy(event.config) for event in starts(events)))
        looks = [event.notes for event in starts(events) if event.notes.get("acquisition") == "branch"]
        for look in looks:
            assert look["branch"] in ({"kind": "a"}, {"kind": "b"})
            assert look["branch_best"] >= look["best"] - 1e-6
            assert sentence(look).startswith("another look at kind=")
    assert max(found) < 0.01


def test_what_is_wrong_with_a_setting_is_said():
    for settings, message in (
        ({"acquisition": "best"}, "acquisition must be one of 'log_ei', 'ei'"),
        ({"xi": -1.0}, "xi must be a number of at least 0"),
        ({"beta": math.nan}, "beta must be a number of at least 0"),
        ({"initial": 0}, "initial must be an integer of at least 1"),
        ({"initial": True}, "initial must be an integer"),
        ({"transform": "sqrt"}, "transform must be one of 'auto', 'none'"),
    ):
        with pytest.raises(StrategyError, match=message):
            GP(**settings)


def test_settings_are_json():
    assert GP(xi=0.1).to_json() == {
        "name": "gp",
        "acquisition": "log_ei",
        "xi": 0.1,
        "beta": 2.0,
        "initial": None,
        "transform": "auto",
        "random_fraction": 1 / 3,
    }


def test_with_results_at_several_budgets_a_share_is_drawn_at_random():
    space = Space(x=Float(0.0, 1.0))

    def kinds(fraction, budgets):
        proposer = GP(initial=3, random_fraction=fraction).begin()
        events = [opened(space)]
        for number in range(8):
            place = Place(0, 0, budgets[number % len(budgets)])
            config = {"x": number / 8}
            events += [Started(number, config, place), Reported(number, 1, place.budget, config["x"])]
            events.append(Ended(number, 1, "completed", place, config["x"]))
        for event in events:
            proposer.apply(event)
        asked = [proposer.suggest(space, generator_for(0, trial))[0].notes for trial in range(8, 38)]
        return sum("random" in notes for notes in asked), asked

    assert kinds(1 / 3, [9])[0] == 0
    assert kinds(0.0, [1, 9])[0] == 0
    count, asked = kinds(1 / 3, [1, 9])
    assert 4 <= count <= 16
    notes = next(notes for notes in asked if "random" in notes)
    assert notes == {"kind": "gp", "random": 1 / 3, "budgets": 2}
    assert sentence(notes) == "drawn at random, as 33% are: low budgets may mislead the model"
