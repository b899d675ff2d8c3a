"""Regularized evolution: aging, tournaments, and what takes part."""

import math

import numpy as np
import pytest
from evolving import PLACE, SEED, best, opened, search, starts, told, trial

from tunewidgets.errors import StrategyError
from tunewidgets.history import (
    Continued,
    Ended,
    Enqueued,
    Extended,
    Known,
    Limits,
    Place,
    Reported,
    SpaceEdited,
    Started,
    sentence,
)
from tunewidgets.samplers import NSGA2, Genetic, Random, config_key, generator_for
from tunewidgets.samplers.breeding import scaled
from tunewidgets.samplers.evolution import Evolution
from tunewidgets.space import Boolean, Choice, Float, Int, Space
from tunewidgets.testing.samplers import SPACES, SamplerContract

LINE = Space(x=Float(0.0, 1.0))
WIDE = Space({f"c{number}": Choice(("a", "b", "c", "d")) for number in range(8)})


class TestEvolution(SamplerContract):
    def sampler(self):
        return Evolution(population=3, sample=2)


class TestEvolutionByItsBudget(SamplerContract):
    def sampler(self):
        return Evolution()


def parents(proposer, space, asked=range(100, 300)):
    """Return the parents of many children."""
    return {
        parent
        for number in asked
        for suggestion in proposer.suggest(space, generator_for(SEED, number))
        for parent in suggestion.notes["parents"]
    }


def line(values):
    """Return the events of trials along a line with these values."""
    events = [opened(LINE, trials=50)]
    for number, value in enumerate(values):
        events += trial(number, {"x": (number + 1) / 100}, value)
    return events


def test_the_oldest_dies_however_good_it_is():
    everybody = Evolution(population=3, sample=1)
    assert parents(told(everybody, line([0.0, 5.0, 6.0])), LINE) == {0, 1, 2}
    assert parents(told(everybody, line([0.0, 5.0, 6.0, 7.0])), LINE) == {1, 2, 3}
    assert parents(told(everybody, line([0.0, 5.0, 6.0, 7.0, 8.0])), LINE) == {2, 3, 4}


def test_the_best_of_the_sample_is_the_parent():
    # With the whole population in nearly every sample of 30, the best of the three newest has nearly all children.
    proposer = told(Evolution(population=3, sample=3), line([0.0, 6.0, 5.0, 7.0]))
    drawn = [proposer.suggest(LINE, generator_for(SEED, number))[0].notes["parents"] for number in range(100, 400)]
    shares = [drawn.count([number]) / 300 for number in (2, 1, 3)]
    assert shares[0] == pytest.approx(19 / 27, abs=0.08)  # it is missed with probability (2/3)^3
    assert shares[1] == pytest.approx(7 / 27, abs=0.08)
    assert shares[2] == pytest.approx(1 / 27, abs=0.04)
    assert drawn.count([0]) == 0


def test_a_sample_of_one_ignores_the_values():
    proposer = told(Evolution(population=4, sample=1), line([1.0, 2.0, 3.0, 4.0]))
    drawn = [proposer.suggest(LINE, generator_for(SEED, number))[0].notes["parents"][0] for number in range(400)]
    assert all(drawn.count(number) > 70 for number in range(4))


def test_equals_have_the_same_chance():
    proposer = told(Evolution(population=4, sample=3), line([1.0, 1.0, 1.0, 1.0]))
    drawn = [proposer.suggest(LINE, generator_for(SEED, number))[0].notes for number in range(400)]
    assert all(sum(notes["parents"] == [number] for notes in drawn) > 60 for number in range(4))
    assert {notes["ranks"][0] for notes in drawn} == {1}


def test_of_a_goal_to_be_maximised_the_largest_wins():
    events = [opened(LINE, trials=50, goals=("max",))]
    for number in range(5):
        events += trial(number, {"x": (number + 1) / 100}, float(number))
    assert 4 in parents(told(Evolution(population=5, sample=5), events), LINE, range(8))
    notes = told(Evolution(population=5, sample=20 // 4), events).suggest(LINE, generator_for(SEED, 9))[0].notes
    assert notes["ranks"] == [5 - notes["parents"][0]]


@pytest.mark.parametrize(
    ("trials", "population", "sample"),
    [(1, 10, 3), (200, 10, 3), (2_000, 32, 9), (20_000, 100, 25), (10**6, 100, 25)],
)
def test_population_and_sample_follow_the_budget(trials, population, sample):
    assert (scaled(10, 100, trials), scaled(3, 25, trials)) == (population, sample)


def test_the_first_ones_are_drawn_at_random_and_say_so():
    events = search(Evolution(), WIDE, lambda config: list(config.values()).count("a") * 1.0, 12)
    notes = [event.notes for event in starts(events)]
    assert [each.get("phase") for each in notes] == ["first"] * 10 + [None] * 2
    assert [each["parents"] for each in notes[:10]] == [[]] * 10
    assert notes[0] == {
        "kind": "evolution",
        "parents": [],
        "phase": "first",
        "population": 10,
        "number": 0,
        "results": 0,
    }
    assert sentence(notes[3]) == "one of the first 10, drawn before the evolution begins"
    assert (notes[10]["population"], notes[10]["sample"], len(notes[10]["parents"])) == (10, 3, 1)


def test_with_many_workers_more_are_drawn_until_there_are_results():
    events = [opened(WIDE)]
    events += [Started(number, config, PLACE, "sampler", {}, 0) for number, config in enumerate(list(WIDE.grid())[:25])]
    proposer = told(Evolution(), events)
    notes = proposer.suggest(WIDE, generator_for(SEED, 25))[0].notes
    assert (notes["phase"], notes["number"], notes["results"]) == ("first", 25, 0)
    assert sentence(notes) == "drawn at random: 0 results so far, the evolution begins with 10"


def test_a_limit_that_is_extended_makes_a_larger_population():
    events = [*search(Evolution(), WIDE, lambda config: float(ord(config["c0"]) % 7), 30), Extended(Limits(20_000))]
    notes = told(Evolution(), events).suggest(WIDE, generator_for(SEED, 30))[0].notes
    assert (notes["phase"], notes["population"], notes["results"]) == ("first", 100, 30)


def test_a_child_says_what_changed():
    space = Space(rate=Float(1e-4, 1e-1, sampling="log"), kind=Choice(("a", "b")), deep=Boolean().when(kind="b"))
    events = [opened(space, trials=50), *trial(0, {"rate": 0.001, "kind": "a"}, 1.0)]
    proposer = told(Evolution(population=1, sample=1), events)
    found = [proposer.suggest(space, generator_for(SEED, number))[0] for number in range(1, 40)]
    rates = [each for each in found if "rate" in each.notes["changed"]]
    kinds = [each for each in found if "kind" in each.notes["changed"]]
    assert len(rates) + len(kinds) == len(found)
    assert min(len(rates), len(kinds)) > 5
    rate = rates[0].config["rate"]
    assert rates[0].notes == {
        "kind": "evolution",
        "parents": [0],
        "ranks": [1],
        "population": 1,
        "budget": None,
        "sample": 1,
        "changed": {"rate": [0.001, rate]},
        "gained": {},
        "lost": [],
    }
    assert sentence(rates[0].notes) == f"child of trial 0: rate 0.001 → {rate:.4g}"
    deep = kinds[0].config["deep"]
    assert (kinds[0].notes["changed"], kinds[0].notes["gained"]) == ({"kind": ["a", "b"]}, {"deep": deep})
    assert sentence(kinds[0].notes) == f"child of trial 0: kind a → b, with deep {deep}"


def test_a_child_that_was_tried_is_born_again_and_ages_anew():
    space = Space(a=Choice(("x", "y")), b=Choice(("x", "y")), c=Choice(("x", "y")))
    config = lambda word: dict(zip("abc", word, strict=True))
    events = [opened(space, trials=50)]
    for number, (word, value) in enumerate([("xxx", 0.0), ("yxx", 1.0), ("xyx", 2.0), ("xxy", 3.0)]):
        events += trial(number, config(word), value)
    events += trial(4, config("yyy"), 9.0, {"kind": "evolution", "parents": [1], "again": [0]})
    proposer = told(Evolution(population=3, sample=1), events)
    notes = [proposer.suggest(space, generator_for(SEED, number))[0].notes for number in range(100, 200)]
    at_once = [each["parents"][0] for each in notes if "again" not in each]
    assert set(at_once) == {3, 4}, "all children of 0 were tried, and 1 and 2 are dead"
    found = [each["again"] for each in notes if "again" in each]
    assert {each[0] for each in found} == {0, 1, 2, 3}, "0 was born again just before 4: 1, 2 and 3 are its children"
    after = {each["parents"][0] for each in notes if each.get("again") == [1]}
    assert after == {1, 4}, "0, 4 and 1 live now, 3 is out"


def test_failures_and_stopped_trials_leave_no_children():
    events = [opened(LINE, trials=50), *trial(0, {"x": 0.1}, 1.0), *trial(1, {"x": 0.2}, 2.0)]
    events += trial(2, {"x": 0.3}, None)
    events += [
        Started(3, {"x": 0.4}, PLACE, "sampler", {}, 0),
        Reported(3, 1, 1, math.nan),
        Ended(3, 1, "failed", PLACE, None, {}),
        Started(4, {"x": 0.5}, PLACE, "sampler", {}, 0),
        Reported(4, 1, 1, -9.0),
        Ended(4, 1, "pruned", PLACE, -9.0, {}),
        Started(5, {"x": 0.6}, PLACE, "sampler", {}, 0),
    ]
    assert parents(told(Evolution(population=2, sample=1), events), LINE) == {0, 1}


def test_what_failed_on_its_way_up_leaves_no_children():
    events = [opened(LINE, trials=50)]
    for number in range(4):
        start = Started(number, {"x": (number + 1) / 10}, Place(0, 0, 1), "sampler", {}, 0)
        events += [start, Reported(number, 1, 1, float(number)), Ended(number, 1, "paused", Place(0, 0, 1), 1.0, {})]
    events += [Continued(0, Place(0, 1, 3), 2, "promoted"), Ended(0, 2, "failed", Place(0, 1, 3), None, {})]
    for sampler in (Evolution(population=3, sample=1), Genetic(population=3), NSGA2(population=3)):
        assert parents(told(sampler, events), LINE) == {1, 2, 3}


@pytest.mark.parametrize("sampler", [Evolution(), Genetic(crossover="uniform"), NSGA2(crossover="uniform")])
def test_nothing_comes_twice_beside_a_continuous_parameter(sampler):
    space = Space(x=Float(0.0, 1.0), kind=Choice(("a", "b", "c")), flag=Boolean())
    objective = lambda config: (config["kind"] != "b") + config["flag"] + abs(config["x"] - 0.5)
    configs = [config_key(event.config) for event in starts(search(sampler, space, objective, 150))]
    assert len(set(configs)) == len(configs) == 150


def test_where_everything_fails_it_goes_on_drawing():
    events = search(Evolution(population=3, sample=2), LINE, lambda _config: None, 10)
    assert [event.notes["phase"] for event in starts(events)] == ["first"] * 10


def test_added_and_known_results_take_part():
    known = [Known({"x": 0.9}, (3.0,)), Known({"x": 0.8}, (4.0,)), Known({"x": 0.7}, (math.nan,))]
    events = [opened(LINE, trials=50, known=known), Enqueued({"x": 0.5})]
    events += trial(0, {"x": 0.5}, 5.0, {"kind": "enqueued"}, origin="user")
    assert parents(told(Evolution(population=3, sample=1), events), LINE) == {-1, -2, 0}
    events += trial(1, {"x": 0.4}, 5.0)
    assert parents(told(Evolution(population=3, sample=1), events), LINE) == {-2, 0, 1}, "-1 is the oldest"
    notes = {"kind": "evolution", "parents": [-2], "changed": {"x": [0.8, 0.75]}, "gained": {}, "lost": []}
    assert sentence(notes) == "child of result 2 known before: x 0.8 → 0.75"


def test_of_the_results_known_before_the_last_ones_are_the_youngest():
    known = [Known({"x": (index + 1) / 10}, (1.0,)) for index in range(6)]
    begun = [opened(LINE, trials=50, known=known), *trial(0, {"x": 0.75}, 2.0)]
    assert parents(told(Evolution(population=3, sample=1), begun), LINE) == {-5, -6, 0}
    assert parents(told(Genetic(population=3, elite=0), begun), LINE) == {-5, -6, 0}
    assert parents(told(Genetic(population=3, elite=0), begun[:1]), LINE) == {-4, -5, -6}


def test_a_child_is_never_its_parent_again_even_where_that_was_not_tried_here():
    space = Space(n=Int(0, 1))
    events = [opened(space, trials=50, known=[Known({"n": 0}, (1.0,))]), *trial(0, {"n": 1}, None)]
    config, notes = told(Evolution(population=1, sample=1), events).suggest(space, generator_for(SEED, 1))[0]
    assert config == {"n": 0}
    assert (notes["phase"], notes["parents"]) == ("left", [])


def test_a_result_that_breaks_a_constraint_is_behind_all_that_keep_it():
    events = [opened(LINE, trials=50, bounds=(1.0,))]
    for number, (value, metric) in enumerate([(0.0, 1.5), (9.0, 1.0), (5.0, 0.5), (-1.0, 7.0), (-2.0, math.nan)]):
        events += trial(number, {"x": (number + 1) / 10}, value, metrics={"g0": metric})
    proposer = told(Evolution(population=5, sample=5), events)
    found = [proposer.suggest(LINE, generator_for(SEED, number))[0].notes for number in range(300)]
    ranks = {notes["parents"][0]: notes["ranks"][0] for notes in found}
    assert {2: 1, 1: 2, 0: 3}.items() <= ranks.items()
    assert ranks.get(3, 4) == 4
    assert ranks.get(4, 5) == 5


def test_under_a_ladder_it_compares_at_the_highest_budget_that_has_enough():
    events = [opened(LINE, trials=50)]
    for number in range(6):
        events += [
            Started(number, {"x": (number + 1) / 10}, Place(0, 0, 1), "sampler", {}, 0),
            Reported(number, 1, 1, float(number)),
            Ended(number, 1, "paused", Place(0, 0, 1), float(number), {}),
        ]
    for number in range(3):
        events += [Reported(number, 2, 3, 9.0 - number), Ended(number, 2, "paused", Place(0, 1, 3), 0.0, {})]
    three, four = (told(Evolution(population=size, sample=size), events) for size in (3, 4))
    notes = [proposer.suggest(LINE, generator_for(SEED, 7))[0].notes for proposer in (three, four)]
    assert [each["budget"] for each in notes] == [3, 1]
    assert parents(three, LINE) <= {0, 1, 2}
    assert parents(four, LINE) <= {2, 3, 4, 5}


def test_after_an_edit_the_budget_is_one_with_enough_results_in_the_space():
    after = Space(x=Float(0.4, 1.0))
    events = [opened(LINE, trials=50)]
    for number in range(9):
        place = Place(0, 0, 1 if number > 3 else 3)
        start = Started(number, {"x": (number + 1) / 10}, place, "sampler", {}, 0)
        events += [start, Reported(number, 1, place.budget, 1.0), Ended(number, 1, "completed", place, 1.0, {})]
    for sampler in (Evolution(population=3), Genetic(population=3), NSGA2(population=3)):
        proposer = told(sampler, events)
        assert proposer.suggest(LINE, generator_for(SEED, 9))[0].notes["budget"] == 3
        proposer.apply(SpaceEdited(after))
        assert proposer.suggest(after, generator_for(SEED, 9))[0].notes["budget"] == 1


def test_trials_outside_an_edited_space_do_not_take_part():
    after = Space(x=Float(0.0, 0.035), y=Boolean())
    events = line([1.0, 2.0, 3.0, 4.0, 5.0])
    events += [SpaceEdited(after), *trial(5, {"x": 0.01, "y": True}, 1.0), *trial(6, {"x": 0.02, "y": True}, 1.0)]
    proposer = told(Evolution(population=2, sample=1), events)
    assert parents(proposer, after) == {5, 6}
    assert proposer.suggest(LINE, generator_for(SEED, 9))[0].config.keys() == {"x"}, "asked about the old one again"


def test_the_last_configurations_of_a_finite_space_are_drawn():
    space = SPACES["tiny"]
    events = search(Evolution(population=2, sample=2), space, lambda config: float(config["n"]), 20)
    assert len(starts(events)) == space.size
    assert sentence({"kind": "evolution", "parents": [], "phase": "left", "population": 2}).startswith(
        "drawn at random"
    )


def test_it_finds_better_values_than_random_search():
    objective = lambda config: float(sum(value != "c" for value in config.values()))
    evolved, drawn = (
        [best(search(sampler, WIDE, objective, 120, seed=seed)) for seed in range(8)]
        for sampler in (Evolution(), Random())
    )
    assert np.mean(evolved) < np.mean(drawn) - 1.0


def test_a_constant_objective_is_no_trouble():
    events = search(Evolution(population=4), SPACES["every type"], lambda _config: 1.0, 40)
    assert len(starts(events)) == 40


def test_ten_thousand_trials_are_no_trouble():
    rng = np.random.default_rng(0)
    events = [opened(WIDE)]
    for number in range(10_000):
        events += trial(number, WIDE.sample(rng), float(number % 97))
    notes = told(Evolution(), events).suggest(WIDE, generator_for(SEED, 10_000))[0].notes
    assert (notes["population"], notes["sample"]) == (71, 18)
    assert notes["parents"][0] >= 10_000 - 71


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"population": 0}, "population must be an integer of at least 1, or None, not 0"),
        ({"sample": True}, "sample must be an integer of at least 1, or None, not True"),
        ({"population": 4, "sample": 5}, "sample=5 members cannot be drawn from a population of 4"),
        ({"step": 0.0}, "step must be a number above 0 and up to 1, not 0.0"),
        ({"step": "big"}, "step must be a number above 0 and up to 1, not 'big'"),
    ],
)
def test_settings_out_of_range_are_refused(settings, words):
    with pytest.raises(StrategyError, match=words.replace("(", "\\(")):
        Evolution(**settings)


def test_a_sample_larger_than_the_default_population_makes_it_larger():
    events = [opened(Space(x=Int(0, 1000)), trials=50)]
    notes = told(Evolution(sample=15), events).suggest(events[0].space, generator_for(SEED, 0))[0].notes
    assert notes["population"] == 15
