"""CMA-ES: the package's own loop where trials come one by one, and a function of the events where they do not."""

import importlib
import itertools
import math
import sys

import numpy as np
import pytest
from evolving import PLACE, SEED, best, opened, search, starts, told, trial

from tunewidgets.errors import StrategyError
from tunewidgets.history import (
    Constraint,
    Continued,
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
from tunewidgets.samplers.cloud import FAILED, RESTED, STOPPED, Axes, Outcome, compared
from tunewidgets.samplers.cmaes import CMAES
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space
from tunewidgets.testing.samplers import SPACES, SamplerContract

cmaes = pytest.importorskip("cmaes")

PLANE = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0))
FIVE = Space({f"x{number}": Float(-5.0, 5.0) for number in range(5)})


class TestCMAES(SamplerContract):
    trials = 30
    spaces = ("logarithms", "numbers", "one point", "wide")
    edited = (Space(x=Float(0.0, 1.0), n=Int(0, 3)), Space(n=Int(1, 3), m=Float(0.0, 1.0, step=0.5)))

    def sampler(self):
        return CMAES(population=4)


@pytest.mark.parametrize("space", [Space(x=Float(0.0, 1.0)), Space(n=Int(0, 40)), Space(n=Int(1, 2), f=Fixed(1))])
def test_one_parameter_is_enough(space):
    events = starts(search(CMAES(), space, lambda config: float(next(iter(config.values()))), 60))
    assert len(events) == min(60, space.size)
    assert len({config_key(event.config) for event in events}) == len(events)


def ellipsoid(config):
    """An ellipsoid of condition 1e4 that no axis is aligned with; its minimum lies at 1."""
    rotation, _ = np.linalg.qr(np.random.default_rng(7).standard_normal((5, 5)))
    point = rotation @ (np.array(list(config.values())) - 1.0)
    return float((10.0 ** np.linspace(0.0, 4.0, 5) * point**2).sum())


def test_it_finds_the_minimum_of_a_rotated_ellipsoid():
    assert best(search(CMAES(), FIVE, ellipsoid, 1500)) < 1e-8


def test_one_by_one_it_is_the_packages_own_loop():
    events = starts(search(CMAES(population=6), FIVE, ellipsoid, 60))
    own = cmaes.CMA(mean=np.full(5, 0.5), sigma=0.3, bounds=np.array([[0.0, 1.0]] * 5), population_size=6)
    for generation in range(10):
        solutions = []
        for point in range(6):
            number = 6 * generation + point
            own.reseed_rng(int(generator_for(SEED, number).integers(2**32)))
            x = own.ask()
            config = FIVE.decode(x[None, :])[0]
            assert events[number].config == config
            assert events[number].notes["x"] == x.tolist()
            assert (events[number].notes["generation"], events[number].notes["point"]) == (generation + 1, point + 1)
            solutions.append((x, ellipsoid(config)))
        own.tell(solutions)


def test_directions_are_taken_out():
    down = starts(search(CMAES(), FIVE, ellipsoid, 40))
    up = starts(search(CMAES(), FIVE, lambda config: -ellipsoid(config), 40, goals=("max",)))
    assert [event.config for event in up] == [event.config for event in down]


def test_what_a_suggestion_says():
    events = search(CMAES(population=4), PLANE, lambda config: (config["x"] - 0.25) ** 2, 10)
    notes = starts(events)[9].notes
    assert {name: notes[name] for name in ("kind", "phase", "era", "restart", "generation", "point", "population")} == {
        "kind": "cmaes",
        "phase": "point",
        "era": 0,
        "restart": 0,
        "generation": 3,
        "point": 2,
        "population": 4,
    }
    assert 0.05 < notes["sigma"] < 0.6
    assert set(notes["centre"]) == {"x", "y"}
    centre = f"x {notes['centre']['x']:.4g}, y {notes['centre']['y']:.4g}"
    assert sentence(notes) == f"generation 3, point 2 of 4: step size {notes['sigma']:.2g} around {centre}"


def asynchronous(order, population=4):
    """Return the proposer after 12 trials of which those in `order` have ended, in that order."""
    proposer = told(CMAES(population=population), [opened(PLANE)])
    ends = {}
    for number in range(12):
        config, notes = proposer.suggest(PLANE, generator_for(SEED, number))[0]
        started, *ends[number] = trial(number, config, config["x"] + config["y"], notes)
        proposer.apply(started)
    for number in order:
        for event in ends[number]:
            proposer.apply(event)
    return proposer


def test_further_workers_draw_from_the_same_distribution():
    notes = asynchronous([5, 0, 11]).suggest(PLANE, generator_for(SEED, 12))[0].notes
    assert (notes["generation"], notes["point"]) == (1, 13)
    assert sentence(notes).startswith("generation 1, point 13, while results of the 4 are still to come: step size 0.3")


def test_a_generation_is_told_when_enough_of_its_results_are_in():
    notes = asynchronous([5, 0, 11, 7]).suggest(PLANE, generator_for(SEED, 12))[0].notes
    assert (notes["generation"], notes["point"]) == (2, 1)
    late = asynchronous([5, 0, 11, 7, 1, 2, 3, 4, 6, 8]).suggest(PLANE, generator_for(SEED, 12))[0].notes
    assert late == notes, "what comes after its generation was told changes nothing"
    assert asynchronous([5, 0, 11, 8]).suggest(PLANE, generator_for(SEED, 12))[0].notes["x"] != notes["x"]
    assert asynchronous([11, 0, 7, 5]).suggest(PLANE, generator_for(SEED, 12))[0].notes["x"] == notes["x"]


def run_again(trial, value):
    """The events of a failed trial that is run again and completes."""
    ended = Ended(trial, 2, "completed", PLACE, value, {"kind": "returned"})
    return [Continued(trial, PLACE, 2, "retried"), Reported(trial, 2, 1, value), ended]


def generation(fails, then=lambda _number, _config: []):
    """Return the proposer after the four trials of a generation, some of which fail at first; and what they gave."""
    proposer, configs = told(CMAES(population=4), [opened(PLANE)]), []
    for number in range(4):
        config, notes = proposer.suggest(PLANE, generator_for(SEED, number))[0]
        value = None if number in fails else config["x"] + config["y"]
        for event in (*trial(number, config, value, notes), *(then(number, config) if number in fails else [])):
            proposer.apply(event)
        configs.append(config)
    return proposer, configs


def test_a_failed_trial_that_is_run_again_in_time_is_learned_from_as_if_it_had_never_failed():
    again = lambda number, config: run_again(number, config["x"] + config["y"])
    following = lambda proposer: proposer.suggest(PLANE, generator_for(SEED, 4))[0].notes
    calm, mended, spoilt = (following(generation(*how)[0]) for how in (((),), ({1}, again), ({1},)))
    assert (mended["generation"], mended["point"]) == (2, 1)
    assert mended == calm
    assert mended != spoilt


def test_run_again_when_its_generation_is_over_it_may_still_be_where_an_edited_search_begins():
    proposer, configs = generation({1})
    before = proposer.suggest(PLANE, generator_for(SEED, 4))
    for event in run_again(1, -9.0):
        proposer.apply(event)
    assert proposer.suggest(PLANE, generator_for(SEED, 4)) == before, "too late for its generation"
    proposer.apply(SpaceEdited(PLANE))
    centre = proposer.suggest(PLANE, generator_for(SEED, 4))[0].notes["centre"]
    assert centre == pytest.approx(configs[1])


def test_a_trial_that_rested_before_it_failed_counts_where_it_rested():
    proposer, low, high = told(CMAES(population=4), [opened(PLANE)]), Place(0, 0, 1), Place(0, 1, 3)
    config, notes = proposer.suggest(PLANE, generator_for(SEED, 0))[0]
    for event in (
        Started(0, config, low, "sampler", notes),
        Reported(0, 1, 1, 0.5),
        Ended(0, 1, "paused", low, 0.5),
        Continued(0, high, 2, "promoted"),
        Ended(0, 2, "failed", high),
        Continued(0, high, 3, "retried"),
        Reported(0, 3, 2, 0.4),
        Ended(0, 3, "paused", high, 0.4),
    ):
        proposer.apply(event)
    assert proposer._log == [0, Outcome(0, RESTED, 1.0, 0.5, 0)]


def test_rebuilt_at_any_event_it_is_the_same_to_the_last_bit():
    events = search(CMAES(population=5), FIVE, ellipsoid, 120)
    asked_always = told(CMAES(population=5), [])
    for number, event in enumerate(events):
        if isinstance(event, Started):
            asked_always.suggest(FIVE, generator_for(SEED, 1000))
            if number % 5 == 0:
                rebuilt = told(CMAES(population=5), events[:number])
                config, notes = rebuilt.suggest(FIVE, generator_for(SEED, event.trial))[0]
                assert (config, notes) == (event.config, event.notes)
                assert asked_always.suggest(FIVE, generator_for(SEED, event.trial))[0] == (config, notes)
        asked_always.apply(event)


def test_when_it_has_converged_it_starts_elsewhere_with_twice_the_population():
    events = search(CMAES(population=4), PLANE, lambda config: (config["x"] - 0.2) ** 2 + config["y"] ** 2, 900)
    runs = {}
    for event in starts(events):
        runs.setdefault(event.notes["restart"], []).append(event)
    assert len(runs) >= 2
    assert {event.notes["population"] for event in runs[0]} == {4}
    assert {event.notes["population"] for event in runs[1]} == {8}
    assert (runs[1][0].notes["generation"], runs[1][0].notes["point"], runs[1][0].notes["sigma"]) == (1, 1, 0.3)
    assert runs[0][-1].notes["sigma"] < 1e-4
    assert sentence(runs[1][0].notes).startswith("generation 1, restart 1, point 1 of 8: step size 0.3 around x ")


def test_a_constant_objective_ends_in_restarts():
    events = search(CMAES(population=4), PLANE, lambda _config: 1.0, 200)
    assert starts(events)[-1].notes["restart"] >= 1


def test_levels_are_never_tried_twice_and_the_best_is_found_early():
    space = Space(a=Int(0, 9), b=Int(0, 9), c=Float(0.0, 1.0, step=0.25))
    objective = lambda config: (config["a"] - 7) ** 2 + (config["b"] - 2) ** 2 + config["c"]
    events = search(CMAES(), space, objective, 600)
    configs = [event.config for event in starts(events)]
    assert len(configs) == len(set(map(config_key, configs))) == 500
    assert configs.index({"a": 7, "b": 2, "c": 0.0}) < 120
    left = starts(events)[-1].notes
    assert left == {"kind": "cmaes", "phase": "left"}
    assert sentence(left) == "drawn at random from what is left: all points that came up were tried before"


def test_it_begins_at_the_best_result_known_before():
    known = [Known({"x": 0.9, "y": 0.1}, (2.0,)), Known({"x": 0.75, "y": 0.25}, (1.0,)), Known({"x": 7.0}, (5.0,))]
    notes = told(CMAES(), [opened(PLANE, known=known)]).suggest(PLANE, generator_for(SEED, 0))[0].notes
    assert notes["centre"] == {"x": 0.75, "y": 0.25}
    elsewhere = [Known({"x": 7.0}, (0.0,))]
    notes = told(CMAES(), [opened(PLANE, known=elsewhere)]).suggest(PLANE, generator_for(SEED, 0))[0].notes
    assert notes["centre"] == {"x": 0.5, "y": 0.5}


def test_what_the_user_added_is_not_told():
    events = search(CMAES(population=4), PLANE, lambda config: config["x"], 4)
    mine = trial(4, {"x": 0.0, "y": 0.0}, -9.0, {"kind": "enqueued"}, origin="user")
    with_mine = told(CMAES(population=4), [*events[:7], *mine, *events[7:]])
    without = told(CMAES(population=4), events)
    assert with_mine.suggest(PLANE, generator_for(SEED, 5)) == without.suggest(PLANE, generator_for(SEED, 5))


def test_an_edited_space_begins_anew_where_it_was_best():
    after = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0), z=Fixed(1))
    events = search(CMAES(population=4), PLANE, lambda config: config["x"] + config["y"], 11)
    wider = Space(x=Float(0.0, 2.0), y=Float(0.0, 1.0))
    finest = min(starts(events), key=lambda event: event.config["x"] + event.config["y"]).config
    notes = told(CMAES(population=4), [*events, SpaceEdited(wider)]).suggest(wider, generator_for(SEED, 11))[0].notes
    assert (notes["era"], notes["generation"], notes["point"]) == (1, 1, 1)
    assert notes["centre"] == pytest.approx(finest)
    notes = told(CMAES(population=4), [*events, SpaceEdited(after)]).suggest(after, generator_for(SEED, 11))[0].notes
    assert notes["centre"] == {"x": 0.5, "y": 0.5}, "no configuration of the new space was tried"


def test_what_ends_after_the_space_was_edited_is_of_another_era():
    proposer = asynchronous([])
    ends = [event for number in range(8) for event in trial(number, {}, 1.0)[1:]]
    for event in [SpaceEdited(Space(x=Float(0.0, 2.0), y=Float(0.0, 2.0))), *ends]:
        proposer.apply(event)
    notes = proposer.suggest(Space(x=Float(0.0, 2.0), y=Float(0.0, 2.0)), generator_for(SEED, 12))[0].notes
    assert (notes["era"], notes["generation"], notes["point"]) == (1, 1, 1)


def test_where_nothing_near_is_untried_it_starts_elsewhere():
    space = Space(a=Int(0, 30), b=Int(0, 30))
    events = starts(search(CMAES(population=4), space, lambda config: config["a"] + config["b"], 400))
    places = [
        (event.notes["restart"], event.notes["generation"]) for event in events if event.notes["phase"] == "point"
    ]
    moves = [before for before, after in itertools.pairwise(places) if after[0] > before[0]]
    assert moves
    assert any(places.count(place) < 4 * 2 ** place[0] for place in moves), "in the middle of a generation"


def test_failures_are_last_and_a_generation_of_failures_teaches_nothing():
    results = iter([None] * 4 + [3.0, None, 1.0, math.nan] * 20)
    events = search(CMAES(population=4), PLANE, lambda _config: next(results), 40)
    notes = [event.notes for event in starts(events)]
    assert notes[4]["generation"] == 2
    assert notes[4]["centre"] == {"x": 0.5, "y": 0.5}
    assert notes[4]["sigma"] == 0.3
    assert notes[8]["centre"] != notes[4]["centre"]


def outcome(number, fate, value=0.0, reach=math.inf, broken=0.0):
    return Outcome(number, fate, reach, value, broken), np.array([float(number)])


def order(*outcomes):
    return [int(point[0]) for point, _ in compared(list(outcomes))], [value for _, value in compared(list(outcomes))]


def test_outcomes_are_compared_with_those_of_the_same_budget_only():
    assert order(outcome(0, RESTED, 3.0), outcome(1, RESTED, 1.0), outcome(2, FAILED)) == ([1, 0, 2], [1.0, 3.0, 3.0])
    assert order(outcome(0, FAILED), outcome(1, FAILED)) == ([], [])
    low, high = (
        (outcome(0, RESTED, 9.0, 1), outcome(1, RESTED, 8.0, 1)),
        (outcome(2, RESTED, 2.0, 3), outcome(3, RESTED, 1.0, 3)),
    )
    assert order(*low, *high)[0] == [1, 3, 0, 2]
    stopped = [outcome(0, STOPPED, 1.0, 5), outcome(1, STOPPED, 0.0, 2), outcome(2, RESTED, 9.0), outcome(3, FAILED)]
    assert order(*stopped) == ([2, 0, 1, 3], [0.0, 1.0, 2.0, 3.0])
    broken = [outcome(0, RESTED, 1.0, broken=2.0), outcome(1, RESTED, 5.0), outcome(2, RESTED, 0.0, broken=3.0)]
    assert order(*broken)[0] == [1, 0, 2]


def test_a_constraint_that_is_broken_counts_before_the_value():
    answers = iter([[1.0, {"g0": 5.0}], [2.0, {"g0": 0.0}], [3.0, {"g0": 0.0}], [0.0, {}]] * 3)
    events = search(CMAES(population=4), PLANE, lambda _config: next(answers), 8, bounds=(1.0,))
    mine = cmaes.CMA(mean=np.full(2, 0.5), sigma=0.3, bounds=np.array([[0.0, 1.0]] * 2), population_size=4)
    points = [np.array(event.notes["x"]) for event in starts(events)[:4]]
    mine.tell([(points[1], 0.0), (points[2], 1.0), (points[0], 2.0), (points[3], 3.0)])
    centre = starts(events)[4].notes["centre"]
    assert [centre["x"], centre["y"]] == mine.mean.clip(0.0, 1.0).tolist()


def test_under_a_ladder_it_learns_from_the_first_rung():
    events = [opened(PLANE)]
    proposer = told(CMAES(population=4), events)
    for number in range(4):
        config, notes = proposer.suggest(PLANE, generator_for(SEED, number))[0]
        for event in [
            Started(number, config, Place(0, 0, 2), "sampler", notes, 0),
            Reported(number, 1, 1, 0.0),
            Reported(number, 1, 2, config["x"]),
            Ended(number, 1, "paused", Place(0, 0, 2), 0.0, {}),
        ]:
            proposer.apply(event)
        if number == 1:  # it is promoted, and counts no second time
            proposer.apply(Reported(1, 2, 6, -5.0))
            proposer.apply(Ended(1, 2, "completed", Place(0, 1, 6), -5.0, {}))
        if number == 2:
            assert proposer.suggest(PLANE, generator_for(SEED, 4))[0].notes["generation"] == 1
    first = proposer.suggest(PLANE, generator_for(SEED, 4))[0].notes
    assert first["generation"] == 2
    straight = starts(search(CMAES(population=4), PLANE, lambda config: config["x"], 5))[4].notes
    assert first == straight
    proposer.apply(Reported(0, 2, 6, -5.0))
    proposer.apply(Ended(0, 2, "completed", Place(0, 1, 6), -5.0, {}))
    assert proposer.suggest(PLANE, generator_for(SEED, 4))[0].notes == first, "it was told already"


def test_axes_have_levels_where_these_have_equal_shares():
    space = Space(
        x=Float(1e-3, 1.0, sampling="log"),
        n=Int(1, 4),
        m=Int(1, 100, sampling="log"),
        f=Fixed("a"),
        c=Choice((8, 16), ordered=True),
        big=Int(0, 10**6),
    )
    axes = Axes.of(space)
    assert axes.names == ("x", "n", "m", "c", "big")
    assert axes.steps.tolist() == [0.0, 0.25, 0.0, 0.5, 0.0]
    assert axes.bounds.tolist() == [[0.0, 1.0], [0.125, 0.875], [0.0, 1.0], [0.25, 0.75], [0.0, 1.0]]
    config = {"x": 0.001, "n": 4, "m": 100, "f": "a", "c": 16, "big": 0}
    assert axes.config(axes.point(config)) == config
    assert axes.point({"x": 0.5}) is None


@pytest.mark.parametrize(
    ("space", "words"),
    [
        (Space(kind=Choice(("a", "b")), x=Float(0, 1)), "'kind' is a Choice without an order"),
        (Space(deep=Boolean(), x=Float(0, 1)), "'deep' is a Boolean"),
        (Space(n=Int(0, 1), x=Float(0, 1).when(n=1)), "'x' is active under a condition only"),
    ],
)
def test_spaces_that_are_not_of_numbers_are_refused_in_words(space, words):
    for ask in (CMAES().check_space, lambda space: told(CMAES(), [opened(space)]).suggest(space, generator_for(0, 0))):
        with pytest.raises(StrategyError) as caught:
            ask(space)
        assert words in str(caught.value)
        assert "such as 'gp', 'tpe' or 'evolution'" in str(caught.value)


def test_without_the_package_the_cure_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "cmaes", None)
    with pytest.raises(ImportError):
        importlib.import_module("cmaes")
    proposer = told(CMAES(), [opened(PLANE), *trial(0, {"x": 0.5, "y": 0.5}, 1.0)])
    with pytest.raises(StrategyError, match="pip install cmaes"):
        proposer.suggest(PLANE, generator_for(SEED, 1))


def test_ten_thousand_trials_are_no_trouble():
    rng = np.random.default_rng(0)
    events = [opened(PLANE)]
    for number in range(10_000):
        notes = {"kind": "random"}
        events += [
            Started(number, PLANE.sample(rng), PLACE, "sampler", notes, 0),
            Ended(number, 1, "completed", PLACE, 1.0, {}),
        ]
    assert told(CMAES(), events).suggest(PLANE, generator_for(SEED, 10_000))[0].notes["generation"] == 1


@pytest.mark.parametrize("name", ["logarithms", "wide"])
def test_long_searches_stay_in_bounds(name):
    space = SPACES[name]
    for event in starts(search(CMAES(), space, lambda config: -float(next(iter(config.values()))), 200)):
        assert space.validate(event.config) == event.config


def test_settings_out_of_range_are_refused():
    with pytest.raises(StrategyError, match="population must be an integer of at least 4, or None, not 3"):
        CMAES(population=3)
    with pytest.raises(StrategyError, match="sigma must be a number above 0 and up to 1, not 0"):
        CMAES(sigma=0)


def test_a_constraint_may_be_on_what_is_optimised():
    centres = []
    for constraints in ((), (Constraint("loss", 0.5),)):
        begun = Opened(SEED, PLANE, Limits(), (Goal("loss", "max"),), constraints=constraints)
        proposer = told(CMAES(population=4), [begun])
        for number in range(80):
            config, notes = proposer.suggest(PLANE, generator_for(SEED, number))[0]
            for event in trial(number, config, config["x"], notes):
                proposer.apply(event)
        centres.append(notes["centre"]["x"])
    assert centres[0] > 0.9
    assert 0.3 < centres[1] < 0.6
