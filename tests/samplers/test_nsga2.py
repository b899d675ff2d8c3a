"""NSGA-II: fronts, room, constraints, and the population as a function of the results."""

import math

import numpy as np
import pytest
from evolving import SEED, best, opened, search, starts, told, trial

from tunewidgets.errors import StrategyError
from tunewidgets.history import Reported, SpaceEdited, Started
from tunewidgets.samplers import Random, generator_for
from tunewidgets.samplers.nsga2 import NSGA2, crowded, fold, select
from tunewidgets.space import Choice, Float, Int, Space
from tunewidgets.testing.samplers import SamplerContract

LINE = Space(x=Float(0.0, 1.0))
BOTH = ("min", "min")


class TestNSGA2(SamplerContract):
    def sampler(self):
        return NSGA2(population=4)


class TestNSGA2ByItsBudget(SamplerContract):
    def sampler(self):
        return NSGA2(crossover="uniform")


def table(*rows):
    return np.array([row if len(row) == 3 else (0.0, *row) for row in rows])


def test_fronts_and_room_come_in_the_order_of_constraints():
    rows = table((1, 4), (2, 2), (4, 1), (2, 5), (4, 4), (0.5, 0, 0), (0.25, 9, 9), (math.inf, 0, 0), (0.5, 1, 1))
    ranks, room = crowded(rows)
    assert ranks.tolist() == [0, 0, 0, 1, 1, 3, 2, 4, 3]
    assert room[:3].tolist() == [math.inf, 2.0, math.inf]


def test_a_goal_that_was_not_reported_is_the_worst():
    ranks, _ = crowded(table((1.0, math.inf), (1.0, 5.0), (2.0, math.inf)))
    assert ranks.tolist() == [1, 0, 2]


def test_the_best_front_survives_and_of_the_last_one_those_with_most_room():
    rows = table((0, 10), (1, 9), (1.2, 8.8), (5, 5), (10, 0), (11, 11), (12, 12))
    assert select(rows, np.arange(7), 4).tolist() == [0, 2, 3, 4]
    assert select(rows, np.arange(7), 6).tolist() == [0, 1, 2, 3, 4, 5]
    assert select(rows, np.array([5, 6]), 4).tolist() == [5, 6]


def test_generations_are_made_of_the_results_in_their_order():
    rows = table((9, 9), (8, 8), (5, 5), (7, 7), (1, 9), (6, 6), (9, 1))
    folded = fold(rows, 2, None)
    assert [generation.tolist() for generation in folded.generations] == [[0, 1], [2, 3], [2, 4]]
    assert folded.survivors(rows, 2).tolist() == [4, 6], "the newest takes part before its generation is complete"
    assert folded.survivors(rows[:6], 2).tolist() == [2, 4]


def test_what_was_folded_before_is_only_a_cache():
    rng = np.random.default_rng(0)
    rows = np.column_stack([np.zeros(60), rng.random((60, 2))])
    before = None
    for end in (7, 8, 20, 21, 60):
        before = fold(rows[:end], 4, before)
        afresh = fold(rows[:end], 4, None)
        assert [each.tolist() for each in before.generations] == [each.tolist() for each in afresh.generations]
    late = np.insert(rows, 30, [[0.0, 0.0, 0.0]], axis=0)  # a result that came late stands in its trial's place
    assert [each.tolist() for each in fold(late, 4, before).generations] == [
        each.tolist() for each in fold(late, 4, None).generations
    ]
    assert len(fold(rows, 5, before).generations) == 12


def hypervolume(points, reference):
    """Return the area that points dominate, by the sweep that every textbook has."""
    area, lowest = 0.0, reference[1]
    for first, second in sorted(points):
        if first < reference[0] and second < lowest:
            area += (reference[0] - first) * (lowest - second)
            lowest = second
    return area


def schaffer(config):
    """Two goals whose front is a convex curve in one direction of a space of four: ZDT1's shape."""
    rest = 1.0 + 3.0 * sum(config[f"x{number}"] for number in (1, 2, 3))
    return (config["x0"], rest * (1.0 - math.sqrt(config["x0"] / rest)))


def test_it_comes_near_the_front_of_two_goals():
    space = Space({f"x{number}": Float(0.0, 1.0) for number in range(4)})
    areas = {}
    for sampler in (NSGA2(), Random()):
        for seed in range(3):
            events = search(sampler, space, schaffer, 200, goals=BOTH, seed=seed)
            points = [(event.value, event.metrics["f1"]) for event in events if isinstance(event, Reported)]
            areas.setdefault(type(sampler), []).append(hypervolume(points, (1.1, 1.1)))
    # The whole front would dominate 0.877: 2/3 above the curve up to 1, and the margin around the unit square.
    assert min(areas[NSGA2]) > 0.45
    assert max(areas[Random]) < 0.3


def test_parents_come_from_the_better_fronts():
    events = [opened(LINE, trials=50, goals=BOTH)]
    values = [(1.0, 4.0), (2.0, 2.0), (4.0, 1.0), (3.0, 5.0), (5.0, 5.0), (6.0, 6.0)]
    for number, each in enumerate(values):
        events += trial(number, {"x": (number + 1) / 100}, each)
    proposer = told(NSGA2(population=4, crossover_rate=0.0), events)
    notes = [proposer.suggest(LINE, generator_for(SEED, number))[0].notes for number in range(200)]
    assert {each["parents"][0] for each in notes} == {0, 1, 2, 3}
    assert {each["parents"][0]: each["ranks"][0] for each in notes} == {0: 1, 1: 1, 2: 1, 3: 2}
    counts = [sum(each["parents"] == [number] for each in notes) for number in range(4)]
    assert counts[3] < counts[1] < min(counts[0], counts[2]), "the ends have most room, the second front loses"


def test_directions_are_taken_out():
    events = [opened(LINE, trials=50, goals=("max", "min"))]
    for number, each in enumerate([(9.0, 1.0), (1.0, 9.0), (2.0, 8.0)]):
        events += trial(number, {"x": (number + 1) / 100}, each)
    notes = [told(NSGA2(population=3), events).suggest(LINE, generator_for(SEED, n))[0].notes for n in range(60)]
    ranks = {parent: rank for each in notes for parent, rank in zip(each["parents"], each["ranks"], strict=True)}
    assert ranks == {0: 1, 2: 2, 1: 3}


def test_what_breaks_a_constraint_does_not_survive_what_keeps_it():
    events = [opened(LINE, trials=50, goals=BOTH, bounds=(0.0,))]
    for number, metric in enumerate([1.0, 0.5, -1.0, 0.0, math.nan, 2.0]):
        events += trial(number, {"x": (number + 1) / 100}, (float(number), 1.0), metrics={"g0": metric})
    notes = [told(NSGA2(population=3), events).suggest(LINE, generator_for(SEED, n))[0].notes for n in range(60)]
    assert {parent for each in notes for parent in each["parents"]} == {1, 2, 3}


def test_with_one_goal_only_the_best_survive():
    events = [opened(LINE, trials=50)]
    for number, value in enumerate([3.0, 1.0, 4.0, 1.5, 9.0, 2.0, 6.0]):
        events += trial(number, {"x": (number + 1) / 100}, value)
    notes = [told(NSGA2(population=3), events).suggest(LINE, generator_for(SEED, n))[0].notes for n in range(60)]
    assert {parent for each in notes for parent in each["parents"]} == {1, 3, 5}
    objective = lambda config: (config["x"] - 0.3) ** 2
    assert best(search(NSGA2(), LINE, objective, 60)) < 1e-4


def test_results_that_come_in_another_order_give_the_same_population():
    rng = np.random.default_rng(2)
    trials = [trial(number, LINE.sample(rng), (rng.random(), rng.random())) for number in range(30)]
    begun = [opened(LINE, trials=50, goals=BOTH), *(events[0] for events in trials)]
    ends = [events[1:] for events in trials]
    answers = []
    for order in (range(30), rng.permutation(30)):
        proposer = told(NSGA2(population=5), begun)
        for place, number in enumerate(order):
            for event in ends[number]:
                proposer.apply(event)
            if place % 7 == 0:
                proposer.suggest(LINE, generator_for(SEED, 50))
        answers.append(proposer.suggest(LINE, generator_for(SEED, 31), 3))
    assert answers[0] == answers[1]


def test_an_edited_space_begins_with_those_that_are_left():
    after = Space(x=Float(0.0, 0.035), kind=Choice(("a", "b")))
    events = [opened(LINE, trials=50, goals=BOTH)]
    for number in range(10):
        events += trial(number, {"x": (number + 1) / 100}, (float(number), 1.0))
    events += [SpaceEdited(after), *trial(10, {"x": 0.01, "kind": "a"}, (9.0, 9.0))]
    notes = told(NSGA2(population=2), events).suggest(after, generator_for(SEED, 11))[0].notes
    assert (notes["phase"], notes["results"]) == ("first", 1)


def test_failures_constants_and_repeats_are_no_trouble():
    space = Space(n=Int(0, 30), kind=Choice(("a", "b")))
    results = iter([None, (1.0, math.nan), (1.0, 2.0)] * 30)
    events = search(NSGA2(population=4), space, lambda _config: next(results), 70, goals=BOTH)
    assert len(starts(events)) == 62
    assert all(isinstance(event, Started) for event in starts(events))


def test_settings_out_of_range_are_refused():
    with pytest.raises(StrategyError, match="population must be an integer of at least 1, or None, not 0"):
        NSGA2(population=0)
    with pytest.raises(StrategyError, match="step must be a number above 0"):
        NSGA2(step=0)


def test_goals_may_be_as_large_as_numbers_are():
    rows = table((1.7e308, -1.7e308, 1.0), (-1.7e308, 1.7e308, 1.0), (0.0, 0.0, 1.0), (1.7e308, 1.7e308, math.inf))
    rows = np.column_stack([np.zeros(4), rows])
    ranks, room = crowded(rows)
    assert ranks.tolist() == [0, 0, 0, 1]
    assert room.tolist() == [math.inf, math.inf, 2.0, math.inf]
