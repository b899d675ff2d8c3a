"""The tree-structured Parzen estimator: the contract, what it finds, and how it copes."""

import math

import numpy as np
import pytest
from estimating import BRANCHES, LINE, SQUARE, WHOLE, bowl, opened, result, scattered, search

from tunewidgets.history import Continued, Ended, Goal, Judged, Known, Place, Reported, SpaceEdited, Started, sentence
from tunewidgets.samplers import config_key, generator_for
from tunewidgets.samplers.tpe import TPE
from tunewidgets.space import Boolean, Choice, Float, Int, Space
from tunewidgets.testing.samplers import SamplerContract, begun


class TestTPE(SamplerContract):
    def sampler(self):
        return TPE(startup_trials=3)


class TestTPEOneByOne(SamplerContract):
    def sampler(self):
        return TPE(startup_trials=2, multivariate=False, candidates=4, gamma=0.5)


# --- what it finds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("multivariate", [True, False])
def test_it_goes_where_it_was_good(multivariate):
    found = search(bowl, SQUARE, 60, TPE(multivariate=multivariate))
    first, last = ([bowl(each.config) for each in part] for part in (found[:10], found[-20:]))
    assert np.median(last) < 0.2 * np.median(first)
    assert min(map(bowl, (each.config for each in found))) < 0.003


def test_it_finds_the_maximum_where_that_is_the_goal():
    found = search(lambda c: -bowl(c), SQUARE, 60, goals=(Goal("score", "max"),))
    same = search(bowl, SQUARE, 60)
    assert [each.config for each in found] == [each.config for each in same]
    assert found[-1].notes["best"] == -same[-1].notes["best"]


def test_it_finds_the_good_branch_and_the_place_within_it():
    def cost(config):
        if config["heat"] == "gas":
            return 1.0 + config["lid"]
        return abs(math.log(config["watts"] / 1000)) + 0.3 * config["lid"]

    found = search(cost, BRANCHES, 60)
    late = [each.config for each in found[-20:]]
    assert sum(config["heat"] == "coil" for config in late) >= 15
    best = min((each.config for each in found), key=cost)
    assert best["heat"] == "coil"
    assert 700 < best["watts"] < 1400


def test_it_learns_which_category_and_which_step_are_good():
    space = Space(kind=Choice(list("abcdef")), size=Choice([8, 16, 32, 64, 128]), on=Boolean(), rest=Float(0.0, 1.0))

    def cost(config):
        return (config["kind"] != "d") + abs(math.log2(config["size"] / 64)) + config["on"] + config["rest"]

    found = search(cost, space, 50)
    late = [each.config for each in found[-15:]]
    assert sum(config["kind"] == "d" for config in late) >= 8
    assert min(cost(each.config) for each in found) < 0.2


def test_what_belongs_together_is_modelled_together():
    # Good are (low, low) and (high, high): each parameter by itself says nothing.
    rng = np.random.default_rng(0)
    events = [opened()]
    for trial, (x, y) in enumerate(rng.random((60, 2)).tolist()):
        events += result(trial, {"x": x, "y": y}, abs(x - y))
    together = begun(TPE(gamma=0.3, candidates=64), events)
    gaps = [abs(s.config["x"] - s.config["y"]) for s in together.suggest(SQUARE, generator_for(0, 60), 20)]
    alone = begun(TPE(gamma=0.3, candidates=64, multivariate=False), events)
    others = [abs(s.config["x"] - s.config["y"]) for s in alone.suggest(SQUARE, generator_for(0, 60), 20)]
    assert np.median(gaps) < 0.15 < np.median(others)


# --- bad ones --------------------------------------------------------------------------------------------------------


def test_failed_trials_are_bad_ones():
    events = scattered([None if trial >= 12 else 1.0 - trial / 24 for trial in range(24)])
    suggestions = begun(TPE(), events).suggest(LINE, generator_for(0, 24), 8)
    assert all(suggestion.config["x"] < 0.55 for suggestion in suggestions)
    assert suggestions[0].notes["good"] == 4
    assert suggestions[0].notes["bad"] == 20


def test_a_value_that_is_no_number_is_a_failure():
    events = [opened(LINE)]
    for trial in range(12):
        config = {"x": (trial + 0.5) / 12}
        events += [Started(trial, config, WHOLE), Reported(trial, 1, 1, math.nan if trial % 2 else float(trial))]
        events.append(Ended(trial, 1, "failed" if trial % 2 else "completed", WHOLE))
    notes = begun(TPE(), events).suggest(LINE, generator_for(0, 12))[0].notes
    assert (notes["good"], notes["bad"], notes["best"]) == (2, 10, 0.0)


def test_stopped_trials_are_bad_ones_however_good_they_looked():
    rung = Place(0, 0, 9)
    events = [opened(LINE)]
    for trial in range(30):
        x = (trial + 0.5) / 30
        if x > 0.5:
            reason = {"kind": "median"}
            events += [Started(trial, {"x": x}, rung), Reported(trial, 1, 1, 0.001)]
            events += [Judged(trial, 1, 1, "stop", reason), Ended(trial, 1, "pruned", rung, 0.001, reason)]
        else:
            events += result(trial, {"x": x}, 1.0 + x, rung)
    suggestions = begun(TPE(), events).suggest(LINE, generator_for(0, 30), 20)
    assert sum(suggestion.config["x"] < 0.5 for suggestion in suggestions) >= 18
    assert suggestions[0].notes["bad"] == 25


def test_what_failed_on_the_way_up_is_bad_where_it_was_good():
    low, high = Place(0, 0, 1), Place(0, 1, 3)
    events = [opened(LINE)]
    for trial in range(20):
        start, report, _ = result(trial, {"x": (trial + 0.5) / 20}, float(trial), low)
        events += [start, report, Ended(trial, 1, "paused", low, float(trial))]
    events += [Continued(trial, high, 2, "promoted") for trial in range(8)]
    promoted = begun(TPE(), events).suggest(LINE, generator_for(0, 20))[0].notes
    failed = [Ended(trial, 2, "failed", high) for trial in range(8)]
    suggestions = begun(TPE(), [*events, *failed]).suggest(LINE, generator_for(0, 20), 8)
    assert (promoted["best"], promoted["threshold"]) == (0.0, 2.0)
    assert (suggestions[0].notes["best"], suggestions[0].notes["threshold"]) == (8.0, 10.0)
    assert np.median([suggestion.config["x"] for suggestion in suggestions]) > 0.35


def test_only_failures_leave_it_at_drawing():
    suggestions = begun(TPE(), scattered([None] * 15)).suggest(LINE, generator_for(0, 15), 3)
    assert [suggestion.notes["startup"] for suggestion in suggestions] == [15, 16, 17]
    assert sentence(suggestions[0].notes) == "drawn at random: the model begins with 10 results"


def test_equal_results_are_no_trouble():
    suggestions = begun(TPE(), scattered([0.5] * 30)).suggest(LINE, generator_for(0, 30), 3)
    assert all(math.isfinite(suggestion.notes["ratio"]) for suggestion in suggestions)
    assert suggestions[0].notes["threshold"] == 0.5


@pytest.mark.parametrize("values", [[1e300, -1e300, 0.0], [1e-300, 2e-300, 0.0], [-1.7e308, 1.7e308, 1e308]])
def test_extreme_values_are_no_trouble(values):
    suggestions = begun(TPE(), scattered(values * 7)).suggest(LINE, generator_for(0, 21), 3)
    assert len({suggestion.config["x"] for suggestion in suggestions}) == 3


def test_trials_under_way_push_the_next_ones_away():
    events = scattered([abs(trial - 20) for trial in range(41)])
    alone = begun(TPE(candidates=200), events).suggest(LINE, generator_for(0, 41))[0].config["x"]
    crowd = [Started(41 + number, {"x": alone + 1e-4 * number}, WHOLE) for number in range(12)]
    moved = begun(TPE(candidates=200), [*events, *crowd]).suggest(LINE, generator_for(0, 41))[0]
    assert abs(moved.config["x"] - alone) > 0.02
    assert moved.notes["pending"] == 12


def test_several_at_once_keep_their_distance():
    events = scattered([abs(trial - 20) for trial in range(41)])
    several = begun(TPE(), events).suggest(LINE, generator_for(0, 41), 8)
    singles = [begun(TPE(), events).suggest(LINE, generator_for(0, trial))[0].config["x"] for trial in range(41, 49)]
    spread = [float(np.ptp(places)) for places in ([each.config["x"] for each in several], singles)]
    assert spread[0] > spread[1]
    assert several[:3] == begun(TPE(), events).suggest(LINE, generator_for(0, 41), 3)


# --- how much there is -----------------------------------------------------------------------------------------------


def test_a_history_of_one_and_of_two():
    for count in (1, 2):
        notes = begun(TPE(startup_trials=1), scattered([1.0, 2.0][:count])).suggest(LINE, generator_for(0, 9))[0].notes
        assert (notes["good"], notes["bad"]) == (1, count - 1)
    notes = begun(TPE(startup_trials=1), scattered([1.0])).suggest(LINE, generator_for(0, 9))[0].notes
    assert sentence(notes).endswith("as likely around the best one (value at most 1) as anywhere in the space")


def test_ten_thousand_results_are_thinned_and_it_says_so():
    rng = np.random.default_rng(0)
    events = [opened()]
    for trial, (x, y) in enumerate(rng.random((10_000, 2)).tolist()):
        events += result(trial, {"x": x, "y": y}, bowl({"x": x, "y": y}))
    suggestion = begun(TPE(), events).suggest(SQUARE, generator_for(0, 10_000))[0]
    assert bowl(suggestion.config) < 0.01
    assert {key: suggestion.notes[key] for key in ("good", "bad", "thinned")} == {
        "good": 25,
        "bad": 9975,
        "thinned": 1000,
    }
    assert "as among the other 9,975, judged by 1,000 of the others" in sentence(suggestion.notes)


def test_results_known_before_the_search_begin_the_model():
    known = tuple(Known({"x": x, "y": 0.8}, (bowl({"x": x, "y": 0.8}),)) for x in np.linspace(0.0, 1.0, 20).tolist())
    suggestion = begun(TPE(), [opened(known=known)]).suggest(SQUARE, generator_for(0, 0))[0]
    assert (suggestion.notes["good"], suggestion.notes["bad"]) == (3, 17)


def test_the_highest_budget_with_enough_results_is_modelled():
    events = [opened(LINE)]
    for trial in range(20):
        x = (trial + 0.5) / 20
        # at 1 epoch the right end looks good, at 9 the left one
        place, value = (Place(0, 0, 1), 1.0 - x) if trial % 2 else (Place(1, 0, 9), x)
        events += result(trial, {"x": x}, value, place)
    sampler = TPE(random_fraction=0)
    notes = begun(sampler, events).suggest(LINE, generator_for(0, 20))[0].notes
    assert (notes["budget"], notes["budgets"]) == (9, 2)
    low = begun(sampler, events).suggest(LINE, generator_for(0, 20), 10)
    assert np.median([suggestion.config["x"] for suggestion in low]) < 0.4
    assert sentence(notes, "epoch").endswith(", from the results at 9 epochs")
    # with one result fewer up there, the lower budget has more to tell
    fewer = begun(sampler, events[:-6] + events[-3:]).suggest(LINE, generator_for(0, 20), 10)
    assert fewer[0].notes["budget"] == 1
    assert np.median([suggestion.config["x"] for suggestion in fewer]) > 0.6


def test_where_there_are_several_budgets_a_third_is_drawn_at_random():
    events = [opened(LINE)]
    for trial in range(30):
        x = (trial + 0.5) / 30
        events += result(trial, {"x": x}, x, Place(0, 0, 1 + trial % 2))
    proposer = begun(TPE(), events)
    suggestions = [proposer.suggest(LINE, generator_for(0, trial))[0] for trial in range(30, 230)]
    drawn = [suggestion for suggestion in suggestions if "random" in suggestion.notes]
    assert 50 <= len(drawn) <= 85
    assert np.median([suggestion.config["x"] for suggestion in drawn]) == pytest.approx(0.5, abs=0.15)
    assert sentence(drawn[0].notes) == "drawn at random, as 33% are: low budgets may mislead the model"


# --- spaces ----------------------------------------------------------------------------------------------------------


def test_after_an_edit_only_what_is_still_in_the_space_is_learned_from():
    events = scattered([abs(trial - 6.0) for trial in range(30)])
    narrow = Space(x=Float(0.5, 1.0))
    proposer = begun(TPE(), [*events, SpaceEdited(narrow)])
    suggestion = proposer.suggest(narrow, generator_for(0, 30))[0]
    assert 0.5 <= suggestion.config["x"] <= 1.0
    assert suggestion.notes["good"] + suggestion.notes["bad"] == 15
    wide = Space(x=Float(0.0, 1.0), extra=Boolean())
    assert proposer.suggest(wide, generator_for(0, 30))[0].notes["startup"] == 30
    assert proposer.suggest(LINE, generator_for(0, 30))[0].notes["bad"] == 25


def test_after_an_edit_the_budget_is_one_with_enough_results_in_the_space():
    events = [opened(LINE)]
    for trial in range(30):
        events += result(trial, {"x": (trial + 0.5) / 30}, trial, Place(0, 0, 9 if trial < 12 else 1))
    sampler, right = TPE(random_fraction=0), Space(x=Float(0.4, 1.0))
    assert begun(sampler, events).suggest(LINE, generator_for(0, 30))[0].notes["budget"] == 9
    edited = begun(sampler, [*events, SpaceEdited(right)])
    assert edited.suggest(right, generator_for(0, 30))[0].notes["budget"] == 1


def test_a_finite_branch_that_is_all_tried_is_left():
    space = Space(kind=Choice(["few", "many"]), n=Int(0, 2).when(kind="few"), x=Float(0.0, 1.0).when(kind="many"))
    found = search(lambda c: float(c["kind"] == "many"), space, 40)
    keys = [config_key(each.config) for each in found]
    assert len(set(keys)) == 40
    assert sum(each.config["kind"] == "few" for each in found) == 3


def test_the_startup_leaves_no_half_of_a_range_out():
    found = [each.config for each in search(bowl, SQUARE, 8)]
    assert sorted(int(8 * config["x"]) for config in found) == list(range(8))
