"""The contract suite of samplers: a new sampler joins with one line.

::

    class TestMySampler(SamplerContract):
        def sampler(self) -> Sampler:
            return MySampler()

A sampler that `sampler_from_json` does not know says in `restored` how it comes back; one that cannot work in every
space says in `spaces` in which it can. pytest collects the suite's tests through the subclass, whose module must be
importable.
"""

import json
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any

import pytest

from tunewidgets.history import (
    Config,
    Ended,
    Enqueued,
    Event,
    Goal,
    Limits,
    Opened,
    Place,
    Reported,
    SpaceEdited,
    Started,
)
from tunewidgets.samplers import Proposer, Sampler, Suggestion, config_key, generator_for, sampler_from_json
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space

SPACES: Mapping[str, Space] = {
    "every type": Space(
        units=Int(32, 512, step=32),
        layers=Int(1, 8),
        width=Int(1, 1024, sampling="log"),
        dropout=Float(0.0, 0.5, step=0.1),
        rate=Float(1e-4, 1e-1, sampling="log"),
        momentum=Float(0.9, 0.999, sampling="reverse_log"),
        noise=Float(-1.0, 1.0),
        optimizer=Choice(("adam", "sgd", "lion")),
        size=Choice((8, 16, 32), ordered=True),
        bias=Boolean(),
        epochs=Fixed(3),
    ),
    "conditions": Space(
        kind=Choice(("a", "b", "c")),
        depth=Int(1, 4).when(kind=["b", "c"]),
        rate=Float(0.0, 1.0).when(kind="c"),
        deep=Boolean().when(depth=[3, 4]),
    ),
    "logarithms": Space(x=Float(1e-12, 1e12, sampling="log"), n=Int(1, 10**4, sampling="log")),
    "tiny": Space(a=Choice(("x", "y")), n=Int(0, 2), deep=Boolean().when(a="y")),
    "mixed values": Space(v=Choice((2, "2", 2.5, True))),
    "numbers": Space(n=Int(0, 2), x=Float(0.0, 0.5, step=0.5), size=Choice((8, 16), ordered=True), f=Fixed(1)),
    "one point": Space(f=Fixed("only"), n=Int(4, 4)),
    "wide": Space({f"p{number:02}": Float(0.0, 1.0) if number % 2 else Int(0, 9) for number in range(40)}),
}
"""Spaces of every shape, by name."""

FINITE = tuple(name for name, space in SPACES.items() if space.size < 100)  # noqa: PLR2004 - few enough to try all
_SEED = 11
_PLACE = Place(0, 0, None)


def opened(space: Space, seed: int = _SEED) -> Opened:
    """Return the event that opens a search over a space."""
    return Opened(seed, space, Limits(), (Goal("loss", "min"),))


def begun(sampler: Sampler, events: Iterable[Event]) -> Proposer:
    """Return a new proposer that has been told these events."""
    proposer = sampler.begin()
    for event in events:
        proposer.apply(event)
    return proposer


def ask(proposer: Proposer, space: Space, trial: int, n: int = 1) -> list[Suggestion]:
    """Ask for suggestions as the driver does."""
    return proposer.suggest(space, generator_for(_SEED, trial), n)


def searched(sampler: Sampler, space: Space, trials: int) -> list[Event]:
    """Return the events of a search of at most so many trials, each of which reports one value and is completed."""
    events: list[Event] = [opened(space)]
    proposer = begun(sampler, events)
    for trial in range(trials):
        found = ask(proposer, space, trial)
        if not found:
            break
        started = Started(trial, found[0].config, _PLACE, "sampler", found[0].notes, len(events))
        value = float(trial * 7 % 5)
        ended = Ended(trial, 1, "completed", _PLACE, value, {"kind": "returned"})
        fresh: list[Event] = [started, Reported(trial, 1, 1, value), ended]
        for event in fresh:
            proposer.apply(event)
        events += fresh
    return events


def configs(events: Iterable[Event]) -> list[Config]:
    """Return the configurations that were started."""
    return [event.config for event in events if isinstance(event, Started)]


class SamplerContract:
    """What every sampler promises; see the module's text for how to join."""

    trials = 12
    """How many configurations of an infinite space are asked for."""

    spaces: Collection[str] = tuple(SPACES)
    """The names of the spaces in which the sampler can work."""

    edited: tuple[Space, Space] = (SPACES["conditions"], Space(kind=Choice(("c", "d")), size=Int(1, 3)))
    """A space, and the finite one that takes its place in the middle of a search."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a test that asks for the name of a space in all of them, or in all that are finite."""
        for argument, names in (("name", SPACES), ("finite", FINITE)):
            if argument in metafunc.fixturenames:
                metafunc.parametrize(argument, [name for name in names if name in self.spaces])

    def small(self) -> Space:
        """Return a space in which all can be tried."""
        return next(SPACES[name] for name in FINITE if name in self.spaces and SPACES[name].size > 1)

    def sampler(self) -> Sampler:
        """Return the sampler."""
        raise NotImplementedError

    def restored(self, data: Mapping[str, Any]) -> Sampler:
        """Return the sampler that `to_json` wrote."""
        return sampler_from_json(data)

    def test_every_suggestion_is_a_configuration_of_the_space(self, name: str) -> None:
        """In bounds, with plain values, every active parameter present and no other."""
        space = SPACES[name]
        found = configs(searched(self.sampler(), space, self.trials))
        assert found
        for config in found:
            assert set(config) == set(space.active(config))
            assert config_key(space.validate(config)) == config_key(config)

    def test_a_finite_space_is_tried_once_and_is_then_exhausted(self, finite: str) -> None:
        """No configuration comes twice, none is left out, and afterwards nothing is suggested, however often asked."""
        space = SPACES[finite]
        events = searched(self.sampler(), space, 200)
        keys = [config_key(config) for config in configs(events)]
        assert len(set(keys)) == len(keys) == space.size
        proposer = begun(self.sampler(), events)
        assert [ask(proposer, space, len(keys), n) for n in (1, 3, 1)] == [[], [], []]

    def test_asked_twice_it_answers_the_same(self, name: str) -> None:
        """Asking changes nothing but caches."""
        space = SPACES[name]
        events = searched(self.sampler(), space, 3)
        proposer = begun(self.sampler(), events)
        first = ask(proposer, space, 3)
        assert ask(proposer, space, 3) == first
        assert ask(proposer, space, 3, 4) == ask(proposer, space, 3, 4)
        assert ask(proposer, space, 3) == first

    def test_rebuilt_from_the_events_it_answers_the_same(self, name: str) -> None:
        """What it has learned is a function of the events: at every moment a new proposer takes over."""
        space = SPACES[name]
        events = searched(self.sampler(), space, self.trials)
        for number, event in enumerate(events):
            if isinstance(event, Started):
                proposer = begun(self.sampler(), events[:number])
                assert ask(proposer, space, event.trial) == [Suggestion(event.config, event.notes)]

    def test_several_at_once_differ_where_the_space_allows(self, name: str) -> None:
        """As many as were asked for or are left; in a finite space no two the same and none that runs already."""
        space = SPACES[name]
        events = searched(self.sampler(), space, 2)
        found = ask(begun(self.sampler(), events), space, 2, 4)
        keys = [config_key(suggestion.config) for suggestion in found]
        tried = {config_key(config) for config in configs(events)}
        assert len(keys) == min(4, space.size - len(tried))
        if name in FINITE:
            assert len({*tried, *keys}) == len(tried) + len(keys)

    def test_notes_and_settings_survive_json(self, name: str) -> None:
        """What the store keeps is what the proposer wrote, and the sampler that comes back suggests the same."""
        space = SPACES[name]
        sampler = self.sampler()
        again = self.restored(json.loads(json.dumps(sampler.to_json())))
        assert again == sampler
        assert again.to_json() == sampler.to_json()
        events = searched(sampler, space, self.trials)
        assert searched(again, space, self.trials) == events
        for event in events:
            if isinstance(event, Started):
                assert json.loads(json.dumps(dict(event.notes))) == event.notes
                assert event.notes["kind"]

    def test_what_the_user_tried_is_not_tried_again(self) -> None:
        """A configuration that the user added counts as tried, wherever it comes from."""
        space = self.small()
        mine = list(space.grid())[-2]
        events: list[Event] = [opened(space), Enqueued(mine), Started(0, mine, _PLACE, "user", {"kind": "enqueued"}, 2)]
        proposer = begun(self.sampler(), events)
        keys = [config_key(mine)]
        while found := ask(proposer, space, len(keys)):
            proposer.apply(Started(len(keys), found[0].config, _PLACE, "sampler", found[0].notes, 0))
            keys.append(config_key(found[0].config))
        assert len(set(keys)) == len(keys) == space.size

    def test_an_edited_space_is_searched_from_then_on(self) -> None:
        """Old configurations outside the new space are no trouble."""
        before, after = self.edited
        events = searched(self.sampler(), before, 4)
        tried = len(configs(events))
        proposer = begun(self.sampler(), [*events, SpaceEdited(after)])
        found: list[Hashable] = []
        while suggested := ask(proposer, after, tried + len(found)):
            proposer.apply(Started(tried + len(found), suggested[0].config, _PLACE, "sampler", suggested[0].notes, 0))
            found.append(config_key(suggested[0].config))
        assert len(set(found)) == len(found) == after.size

    def test_another_seed_is_another_search_but_never_another_space(self) -> None:
        """Whatever the seed, the same finite space is gone through."""
        space = self.small()
        proposer = begun(self.sampler(), [opened(space, seed=2**80)])
        found = proposer.suggest(space, generator_for(2**80, 0), int(space.size) + 1)
        assert len({config_key(suggestion.config) for suggestion in found}) == space.size
