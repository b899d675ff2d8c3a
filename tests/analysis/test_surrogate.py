"""The surrogate of a search: the sampler's own model or one to look at, along parameters, and how good it is."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets.analysis.landscape import ALONG_TWO, LEVELS, landscape, levels, varying
from tunewidgets.analysis.surrogate import ENOUGH, Surrogate
from tunewidgets.errors import TuneError
from tunewidgets.history import Closed, Constraint, Ended, Goal, History, Limits, Opened, Place, Reported, Started
from tunewidgets.samplers import GP, Random, generator_for
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space
from tunewidgets.surrogate.acquisition import expected_improvement

SPACE = Space(
    c=Float(1e-3, 1e3, sampling="log"),
    kernel=Choice(["rbf", "poly", "linear"]),
    degree=Int(2, 5).when(kernel="poly"),
    shrink=Boolean(),
    fixed=Fixed(3),
)
ACCURACY, TIME = Goal("accuracy", "max"), Goal("seconds", "min")


def accuracy(config):
    value = 0.95 - 0.02 * (math.log10(config["c"]) - 1) ** 2
    return value - {"rbf": 0.0, "poly": 0.01 * config.get("degree", 0), "linear": 0.1}[config["kernel"]]


def seconds(config):
    return 1.0 + abs(math.log10(config["c"]))


def search(sampler, trials, *, space=SPACE, goals=(ACCURACY,), constraints=(), value=accuracy, running=0, end=False):
    """Run a sampler by hand; the last trials are still running."""
    history, proposer = History(), sampler.begin()
    said = []

    def say(event):
        said.append(history.append(event, 1e9 + len(history)))
        proposer.apply(event)

    say(Opened(1, space, Limits(trials=trials), goals, {"sampler": sampler.to_json()}, constraints=constraints))
    for number in range(trials):
        ((config, notes),) = proposer.suggest(space, generator_for(1, number))
        say(Started(number, config, Place(0, 0, None), "sampler", notes, len(history)))
        if number < trials - running:
            say(Reported(number, 1, 1, value(config), {"seconds": seconds(config) if "c" in config else 1.0}))
            say(Ended(number, 1, "completed", Place(0, 0, None), value(config), {"kind": "returned", "step": 1}))
    if end:
        say(Closed("finished"))
    return history


@cache
def by_gp():
    return search(GP(), 14)


@cache
def by_chance():
    return search(Random(), 20, end=True)


def test_it_predicts_what_it_has_seen():
    history = by_chance()
    surrogate = Surrogate(history)
    points = surrogate.cube.space.encode([trial.config for trial in history.trials.values()])
    seen = surrogate.predict(points)
    values = np.array([trial.value for trial in history.trials.values()])
    assert np.abs(seen.median - values).max() < 0.02
    assert (seen.low <= seen.median).all()
    assert (seen.median <= seen.high).all()
    assert (surrogate.own, surrogate.results) == (False, 20)


def test_its_next_suggestion_is_what_the_sampler_tries_next():
    whole = by_gp()
    for number in (8, 11, 13):
        before = next(entry.seq for entry in whole.entries if getattr(entry.event, "trial", None) == number)
        history = whole.upto(before)
        assert Surrogate(history).next(history) == whole.trials[number].config


def test_a_search_without_a_surrogate_of_its_own_has_no_next_suggestion():
    history = search(Random(), 6)
    assert Surrogate(history).next(history) is None
    over = search(GP(), 12, end=True)
    assert Surrogate(over).next(over) is None, "it is at rest"


def test_the_expected_improvement_is_the_textbooks_in_the_metrics_units():
    history = search(GP(transform="none"), 10)
    surrogate = Surrogate(history)
    points = SPACE.encode([SPACE.sample(np.random.default_rng(seed)) for seed in range(40)])
    model = surrogate.models.goals[0]
    mean, sd = model.posterior.predict(points)
    fitted = model.posterior.fitted.min()
    expected = np.asarray(expected_improvement(mean, sd, best=fitted)) * model.warp.spread
    assert surrogate.acquisition("EI", points) == pytest.approx(expected, rel=1e-6, abs=1e-15)
    improved = surrogate.acquisition("PI", points)
    assert ((improved >= 0) & (improved <= 1)).all()
    assert surrogate.acquisition("UCB", points) == pytest.approx(
        -(mean - 2 * sd) * model.warp.spread - model.warp.centre
    )


def test_a_constraint_multiplies_the_improvement_by_the_probability_that_it_holds():
    surrogate = Surrogate(search(Random(), 12, constraints=(Constraint("seconds", 2.0),)))
    points = SPACE.encode([{"c": c, "kernel": "rbf", "shrink": True, "fixed": 3} for c in (1.5, 3e-3)])
    improves = surrogate.acquisition("EI", points)
    (held,) = surrogate.models.constraints
    (mean, sd), (low, high) = held.posterior.predict(points), surrogate.models.goals[0].posterior.predict(points)
    best = surrogate.models.goals[0].posterior.fitted[surrogate.models.feasible].min()
    chance = [0.5 * math.erfc(m / s / math.sqrt(2)) for m, s in zip(mean, sd, strict=True)]
    assert improves == pytest.approx(surrogate.models.goals[0].improvement(low, high, best) * chance)
    assert chance[0] > 0.9, "1.2 s keep the bound"
    assert chance[1] < 0.1, "1 + 2.5 s break it"


def test_the_samplers_acquisition_comes_first():
    assert Surrogate(by_gp()).acquisitions == ("EI", "PI", "UCB")
    assert Surrogate(search(GP(acquisition="lcb"), 4)).acquisitions == ("UCB", "EI", "PI")
    down = search(Random(), 4, goals=(Goal("loss", "min"),))
    assert Surrogate(down).acquisitions == ("EI", "PI", "LCB")


def test_of_several_goals_each_is_looked_at_by_itself():
    history = search(Random(), 12, goals=(ACCURACY, TIME))
    first, second = Surrogate(history, 0), Surrogate(history, 1)
    assert first.acquisitions[0] == second.acquisitions[0] == "EHVI"
    assert (first.goal, second.goal) == (ACCURACY, TIME)
    points = SPACE.encode([trial.config for trial in history.trials.values()])
    assert first.acquisition("EHVI", points) == pytest.approx(second.acquisition("EHVI", points))
    assert np.abs(second.predict(points).median - [seconds(t.config) for t in history.trials.values()]).max() < 0.3


def test_more_goals_than_are_modelled_together_have_one_model_each():
    many = (ACCURACY, TIME, Goal("seconds2", "min"), Goal("seconds3", "min"))
    history = History()
    history.append(Opened(1, SPACE, Limits(), many, {"sampler": Random().to_json()}))
    for number in range(6):
        config = SPACE.sample(np.random.default_rng(number))
        history.append(Started(number, config, Place(0, 0, None)))
        metrics = {"seconds": seconds(config), "seconds2": 2.0 * number, "seconds3": -number}
        history.append(Reported(number, 1, 1, accuracy(config), metrics))
        history.append(Ended(number, 1, "completed", Place(0, 0, None), accuracy(config)))
    surrogate = Surrogate(history, 2)
    assert surrogate.acquisitions == ("EI", "PI", "LCB")
    assert len(surrogate.models.goals) == 1


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (lambda: search(Random(), 2), "2 trials have"),
        (lambda: search(Random(), 3, running=3), "no trial has"),
        (lambda: search(Random(), 1), "1 trial has"),
        (lambda: search(Random(), 1, space=Space(fixed=Fixed(3)), value=lambda _config: 0.5), "nothing to choose"),
        (History, "nothing to choose"),
    ],
)
def test_where_there_is_none_it_says_why(history, words):
    with pytest.raises(TuneError, match=words):
        Surrogate(history())


def test_it_begins_with_three_results():
    assert Surrogate(search(Random(), ENOUGH)).results == ENOUGH


def test_results_are_checked_against_what_is_predicted_without_them():
    history = by_chance()
    checked = Surrogate(history).checked()
    assert checked.trials.tolist() == list(range(20))
    assert checked.observed.tolist() == pytest.approx([history.trials[n].value for n in checked.trials])
    inside = (checked.predicted.low <= checked.observed) & (checked.observed <= checked.predicted.high)
    assert checked.inside == inside.mean()
    assert np.corrcoef(checked.observed, checked.predicted.median)[0, 1] > 0.7
    assert np.abs(checked.observed - checked.predicted.median).max() > 1e-4, "they are left out"


# --- along one or two parameters -------------------------------------------------------------------------------------


def test_what_varies_is_listed_with_numbers_that_are_always_active_first():
    assert varying(SPACE) == ("c", "kernel", "shrink", "degree")


def test_the_values_of_a_parameter_are_all_there_are_or_spread_over_its_scale():
    assert levels(SPACE["degree"], 10) == (2, 3, 4, 5)
    assert levels(SPACE["c"], 7) == pytest.approx((1e-3, 1e-2, 0.1, 1, 10, 100, 1000))


def test_one_parameter_is_seen_with_the_others_as_in_the_best_trial():
    history = by_gp()
    seen = landscape(history, Surrogate(history), ["c"], acquisition="EI")
    best = history.incumbent
    assert seen.at == best.number
    assert seen.held == {name: best.config[name] for name in ("kernel", "shrink")}
    assert (seen.axes[0].name, seen.axes[0].log, seen.axes[0].categories) == ("c", True, False)
    where = int(np.argmin(np.abs(np.log(np.array(seen.axes[0].values) / best.config["c"]))))
    assert seen.predicted.median[where] == pytest.approx(best.value, abs=0.01)
    (spot,) = [spot for spot in seen.spots if spot.trial == best.number]
    assert (spot.place, spot.value, spot.near) == ((best.config["c"],), best.value, True)
    assert any(not spot.near for spot in seen.spots)


def test_values_can_be_held_elsewhere_and_those_that_do_not_belong_are_passed_over():
    history, surrogate = by_gp(), Surrogate(by_gp())
    there = landscape(history, surrogate, ["c"], acquisition="EI", held={"kernel": "poly", "degree": 5, "shrink": 7})
    assert there.held["kernel"] == "poly"
    assert there.held["degree"] == 5, "active, as the kernel is"
    assert isinstance(there.held["shrink"], bool)


def test_a_parameter_that_is_inactive_in_the_best_trial_is_seen_where_it_is_active():
    history = by_gp()
    seen = landscape(history, Surrogate(history), ["degree", "c"], acquisition="EI")
    assert history.trials[seen.at].config["kernel"] == "poly"
    assert np.isfinite(seen.predicted.median).all()
    assert seen.predicted.median.shape == (ALONG_TWO, 4)
    assert {spot.trial for spot in seen.spots} == {t.number for t in history.trials.values() if "degree" in t.config}


def test_where_a_parameter_is_inactive_there_is_nothing():
    history = by_gp()
    seen = landscape(history, Surrogate(history), ["kernel", "degree"], acquisition="EI")
    assert seen.axes[0].categories
    poly = seen.axes[0].values.index("poly")
    assert np.isfinite(seen.predicted.median[:, poly]).all()
    assert np.isnan(np.delete(seen.predicted.median, poly, axis=1)).all()
    assert np.isnan(np.delete(seen.acquisition, poly, axis=1)).all()


def test_a_branch_that_nobody_has_tried_can_be_looked_at():
    space = Space(kind=Choice(["a", "b"]), x=Float(0.0, 1.0), y=Float(0.0, 1.0).when(kind="b"))
    history = History()
    history.append(Opened(1, space, Limits(), (ACCURACY,), {"sampler": Random().to_json()}))
    for number in range(4):
        history.append(Started(number, {"kind": "a", "x": number / 4}, Place(0, 0, None)))
        history.append(Reported(number, 1, 1, float(number)))
        history.append(Ended(number, 1, "completed", Place(0, 0, None), float(number)))
    seen = landscape(history, Surrogate(history), ["y"], acquisition="EI")
    assert seen.at is None
    assert seen.held["kind"] == "b"
    assert np.isfinite(seen.predicted.median).all()


def test_the_peak_is_where_the_acquisition_is_largest():
    history = by_gp()
    seen = landscape(history, Surrogate(history), ["c", "shrink"], acquisition="EI")
    row, column = np.unravel_index(np.argmax(seen.acquisition), seen.acquisition.shape)
    assert seen.peak == (seen.axes[0].values[column], seen.axes[1].values[row])


def test_running_trials_are_seen():
    history = search(GP(), 12, running=2)
    seen = landscape(history, Surrogate(history), ["c"], acquisition="EI")
    assert [spot.trial for spot in seen.spots if spot.running] == [10, 11]
    assert all(spot.value is None for spot in seen.spots if spot.running)
    assert seen.next is not None


@settings(max_examples=15, deadline=None)
@given(st.permutations(["c", "kernel", "shrink", "degree"]), st.integers(0, LEVELS - 1))
def test_whatever_is_looked_at_bands_hold_their_medians(names, level):
    history = by_chance()
    held = {"c": levels(SPACE["c"], LEVELS)[level]}
    seen = landscape(history, Surrogate(history), names[:2], acquisition="PI", held=held)
    known = np.isfinite(seen.predicted.median)
    assert known.any()
    assert (seen.predicted.low[known] <= seen.predicted.median[known]).all()
    assert (seen.predicted.median[known] <= seen.predicted.high[known]).all()
    assert ((seen.acquisition[known] >= 0) & (seen.acquisition[known] <= 1 + 1e-12)).all()
