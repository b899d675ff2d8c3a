"""The Sobol sequence, where some branches of a space are finite, and at the end of a finite space."""

from evolving import SEED, opened, search, starts, told, trial

from tunewidgets.history import SpaceEdited, sentence
from tunewidgets.samplers import TPE, Sobol, config_key, generator_for
from tunewidgets.space import Choice, Float, Int, Space

BRANCHES = Space(kind=Choice(("a", "b")), x=Float(0.0, 1.0).when(kind="b"))


def test_a_finite_branch_is_tried_once_and_then_the_others_are():
    configs = [event.config for event in starts(search(Sobol(), BRANCHES, lambda _config: 0.0, 40))]
    assert len(set(map(config_key, configs))) == len(configs) == 40
    assert configs.count({"kind": "a"}) == 1


def test_points_that_were_passed_over_are_not_looked_at_again():
    events = starts(search(Sobol(), BRANCHES, lambda _config: 0.0, 10))
    places = [event.notes["index"] for event in events]
    assert places == sorted(set(places))
    assert places[-1] > 10


def test_the_last_of_a_large_finite_space_are_drawn():
    space = Space(n=Int(1, 3000))
    events = [opened(space)]
    for number in range(2999):
        events += trial(number, {"n": number + (number >= 777) + 1}, 0.0, origin="user")
    proposer = told(Sobol(), events)
    config, notes = proposer.suggest(space, generator_for(SEED, 1))[0]
    assert config == {"n": 778}
    for event in trial(2999, config, 0.0, notes):
        proposer.apply(event)
    assert proposer.suggest(space, generator_for(SEED, 2)) == []
    proposer.apply(SpaceEdited(wider := Space(n=Int(1, 4000))))
    assert proposer.suggest(wider, generator_for(SEED, 2))[0].notes["kind"] == "sobol"


def test_what_a_suggestion_says():
    notes = starts(search(Sobol(), Space(x=Float(0.0, 1.0)), lambda _config: 0.0, 3))[2].notes
    assert notes == {"kind": "sobol", "index": 2}
    assert sentence(notes) == "point 3 of a Sobol sequence: it fills the widest gap"


def test_a_space_without_parameters_has_one_configuration():
    space = Space()
    for sampler in (Sobol(), TPE(), TPE(startup_trials=1, multivariate=False)):
        events = search(sampler, space, lambda _config: 0.0, 3)
        assert [event.config for event in starts(events)] == [{}]
        assert told(sampler, events).suggest(space, generator_for(SEED, 1), 2) == []
