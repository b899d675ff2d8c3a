"""The genetic algorithm: elite, tournaments, and what a child has from whom."""

import numpy as np
import pytest
from evolving import SEED, best, opened, search, starts, told, trial

from tunewidgets.errors import StrategyError
from tunewidgets.history import Known, SpaceEdited, sentence
from tunewidgets.samplers import Random, generator_for
from tunewidgets.samplers.genetic import Genetic
from tunewidgets.space import Boolean, Choice, Float, Space
from tunewidgets.testing.samplers import SPACES, SamplerContract

LINE = Space(x=Float(0.0, 1.0))


class TestGenetic(SamplerContract):
    def sampler(self):
        return Genetic(population=4, elite=1)


class TestGeneticUniform(SamplerContract):
    def sampler(self):
        return Genetic(population=3, crossover="uniform", crossover_rate=1.0, mutation_rate=0.2)


def line(values):
    events = [opened(LINE, trials=50)]
    for number, value in enumerate(values):
        events += trial(number, {"x": (number + 1) / 100}, value)
    return events


def parents(sampler, events, space=LINE):
    proposer = told(sampler, events)
    return {
        parent
        for number in range(100, 250)
        for parent in proposer.suggest(space, generator_for(SEED, number))[0].notes["parents"]
    }


def test_the_elite_never_dies_and_the_others_age():
    values = [3.0, 0.0, 9.0, 1.0, 8.0, 7.0, 6.0]
    assert parents(Genetic(population=4, elite=2, tournament=1), line(values)) == {1, 3, 5, 6}
    assert parents(Genetic(population=4, elite=1, tournament=1), line(values)) == {1, 4, 5, 6}
    assert parents(Genetic(population=4, elite=0, tournament=1), line(values)) == {3, 4, 5, 6}
    assert parents(Genetic(population=4, elite=4, tournament=1), line(values)) == {0, 1, 3, 6}
    assert parents(Genetic(population=4, tournament=1), line(values)) == {1, 4, 5, 6}, "one of four, unless given"


def test_an_elite_that_is_new_takes_one_place():
    assert parents(Genetic(population=3, elite=2, tournament=1), line([5.0, 9.0, 8.0, 1.0])) == {0, 2, 3}


def test_a_larger_tournament_prefers_the_better():
    proposer = told(Genetic(population=4, elite=0, tournament=4), line([4.0, 3.0, 2.0, 1.0]))
    notes = [proposer.suggest(LINE, generator_for(SEED, number))[0].notes for number in range(300)]
    drawn = [parent for each in notes for parent in each["parents"][:1]]
    assert drawn.count(3) / 300 == pytest.approx(1 - (3 / 4) ** 4, abs=0.09)
    assert drawn.count(0) / 300 < 0.03


def test_population_follows_the_budget():
    events = [opened(LINE, trials=200)]
    notes = told(Genetic(), events).suggest(LINE, generator_for(SEED, 0))[0].notes
    assert notes["population"] == 20
    notes = told(Genetic(), [opened(LINE, trials=20_000)]).suggest(LINE, generator_for(SEED, 0))[0].notes
    assert notes["population"] == 100
    assert sentence(notes) == "one of the first 100, drawn before the evolution begins"


def test_a_child_of_two_says_what_it_has_from_whom():
    space = Space(rate=Float(0.0, 1.0), kind=Choice(("a", "b")), deep=Boolean().when(kind="b"), size=Choice((1, 2)))
    known = [
        Known({"rate": 0.5, "kind": "a", "size": 1}, (1.0,)),
        Known({"rate": 0.6, "kind": "b", "deep": True, "size": 2}, (2.0,)),
    ]
    sampler = Genetic(population=2, tournament=1, crossover_rate=1.0, mutation_rate=0.0)
    proposer = told(sampler, [opened(space, trials=50, known=known)])
    notes = [proposer.suggest(space, generator_for(SEED, number))[0] for number in range(60)]
    crossed = [each for each in notes if each.notes["parents"] == [-1, -2]]
    assert len(crossed) > 8
    for config, told_of in crossed:
        assert told_of["between"] == ["rate"]
        assert {*told_of["taken"]["-1"], *told_of["taken"]["-2"]} == set(config) - {"rate"}
        assert "deep" not in told_of["taken"]["-1"]
        assert told_of["ranks"] == [1, 2]


def test_the_elite_is_of_the_space_as_it_is_now():
    after = Space(x=Float(0.015, 1.0))
    events = [*line([0.0, 5.0, 6.0, 7.0]), SpaceEdited(after)]
    assert parents(Genetic(population=2, elite=1, tournament=1), events, after) == {1, 3}


def test_it_is_better_than_random_search():
    space = Space({f"x{number}": Float(0.0, 1.0) for number in range(5)})
    objective = lambda config: sum((value - 0.7) ** 2 for value in config.values())
    bred, drawn = (
        [best(search(sampler, space, objective, 100, seed=seed)) for seed in range(5)]
        for sampler in (Genetic(), Random())
    )
    assert np.mean(bred) < 0.5 * np.mean(drawn)


def test_failed_and_constant_results_are_no_trouble():
    space = SPACES["every type"]
    results = iter([None, 1.0, 1.0] * 20)
    events = search(Genetic(population=6), space, lambda _config: next(results), 45)
    assert len(starts(events)) == 45
    assert all(number % 3 for event in starts(events) for number in event.notes["parents"]), (
        "failed ones have no children"
    )


def test_ten_thousand_trials_are_no_trouble():
    rng = np.random.default_rng(0)
    events = [opened(LINE)]
    for number in range(10_000):
        events += trial(number, LINE.sample(rng), float(number))
    found = told(Genetic(), events).suggest(LINE, generator_for(SEED, 10_000), 20)
    used = {parent for each in found for parent in each.notes["parents"]}
    assert used & set(range(8))
    assert all(parent < 8 or parent > 9_900 for parent in used)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"population": 3, "elite": 4}, "elite=4 does not fit into a population of 3"),
        ({"elite": -1}, "elite must be an integer of at least 0, or None, not -1"),
        ({"tournament": 0}, "tournament must be an integer of at least 1, not 0"),
        ({"crossover": "two"}, "crossover must be one of 'uniform', 'blend', 'sbx', not 'two'"),
        ({"crossover_rate": 1.5}, "crossover_rate must be a number from 0 to 1, not 1.5"),
        ({"mutation_rate": -0.5}, "mutation_rate must be a number from 0 to 1, not -0.5"),
    ],
)
def test_settings_out_of_range_are_refused(settings, words):
    with pytest.raises(StrategyError, match=words):
        Genetic(**settings)
