"""Rules that end a whole search, as folds over its events."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets.errors import StrategyError
from tunewidgets.history import (
    Closed,
    Constraint,
    Continued,
    Ended,
    Extended,
    Goal,
    History,
    Judged,
    Limits,
    Lost,
    Opened,
    Paused,
    Place,
    Reported,
    Resumed,
    Started,
    sentence,
)
from tunewidgets.schedules import NoImprovement, Target, TotalBudget, stopping_from_json
from tunewidgets.space import Space


class Scene:
    """A watch and what happens in front of it."""

    def __init__(self, rule, direction="min", value="best"):
        self.watch = rule.begin()
        self.say(Opened(0, Space(), Limits(), (Goal("loss", direction),), value=value))
        self.trials = 0

    def say(self, event):
        self.watch.apply(event)
        assert self.watch.met() == self.watch.met()
        return self.watch.met()

    def start(self, budget=9, rung=0):
        self.trials += 1
        self.say(Started(self.trials - 1, {}, Place(0, rung, budget)))
        return self.trials - 1

    def report(self, trial, step, value, attempt=1):
        return self.say(Reported(trial, attempt, step, value))

    def end(self, trial, state="completed", budget=9, attempt=1):
        return self.say(Ended(trial, attempt, state, Place(0, 0, budget)))

    def run(self, value, budget=9, state="completed"):
        """One whole trial with one report at its budget."""
        trial = self.start(budget)
        self.report(trial, budget, value)
        return self.end(trial, state, budget)


def test_a_target_is_reached_as_soon_as_it_is_reported():
    scene = Scene(Target(0.3))
    trial = scene.start()
    assert scene.report(trial, 1, 0.31) is None
    assert scene.report(trial, 2, 0.3) == {"kind": "target", "target": 0.3, "trial": 0, "value": 0.3}
    assert scene.report(trial, 3, 0.5) is not None, "its best value stands"
    assert scene.end(trial)["trial"] == 0


def test_a_maximised_target():
    scene = Scene(Target(0.9), "max")
    assert scene.run(0.89) is None
    assert scene.run(0.95)["value"] == 0.95


def test_a_good_value_at_a_lower_budget_than_others_have_reached_is_only_promising():
    scene = Scene(Target(0.3))
    scene.run(0.5, budget=9)
    trial = scene.start()
    assert scene.report(trial, 3, 0.1) is None
    assert scene.report(trial, 8, 0.1) is None
    assert scene.report(trial, 9, 0.2)["value"] == 0.1
    low = Scene(Target(0.3))
    low.run(0.5, budget=9)
    assert low.run(0.1, budget=3, state="paused") is None


def test_a_hit_is_overtaken_by_others_who_come_to_rest_further_up():
    scene = Scene(Target(0.3))
    low, high = scene.start(3), scene.start(9)
    assert scene.report(low, 1, 0.2)["trial"] == low
    scene.report(high, 9, 0.5)
    assert scene.end(high) is None


@pytest.mark.parametrize("gone", [Ended(0, 1, "failed", Place(0, 0, 9)), Lost(0, 1, "worker"), Judged(0, 1, 1, "stop")])
def test_a_trial_that_is_gone_has_not_reached_it(gone):
    scene = Scene(Target(0.3))
    assert scene.report(scene.start(), 1, 0.2) is not None
    assert scene.say(gone) is None


def test_where_the_last_value_counts_a_trial_must_have_come_to_rest():
    scene = Scene(Target(0.3), value="last")
    trial = scene.start()
    assert scene.report(trial, 5, 0.2) is None
    scene.report(trial, 9, 0.4)
    assert scene.end(trial) is None
    assert scene.run(0.25)["trial"] == 1


def test_values_that_are_not_finite_reach_nothing():
    scene = Scene(Target(0.3))
    assert scene.run(math.nan) is None
    assert scene.run(-math.inf) is None


def test_a_target_renewed_asks_for_better():
    scene = Scene(Target(0.3))
    scene.run(0.2)
    scene.say(Closed("finished"))
    assert scene.say(Resumed()) is None
    assert scene.run(0.2) is None
    assert scene.run(0.25) is None
    assert scene.run(0.19)["value"] == 0.19
    assert scene.say(Extended(Limits(99))) is None
    assert scene.run(0.18)["trial"] == 4


def test_a_target_renewed_while_its_trial_still_runs():
    scene = Scene(Target(0.3))
    trial = scene.start()
    assert scene.report(trial, 1, 0.25) is not None
    assert scene.say(Extended(Limits(99))) is None
    assert scene.report(trial, 2, 0.25) is None
    assert scene.report(trial, 3, 0.2)["value"] == 0.2


@pytest.mark.parametrize("rule", [Target(0.3), NoImprovement(1), TotalBudget(1)])
def test_resuming_after_a_pause_changes_nothing(rule):
    scene = Scene(rule)
    scene.run(0.2)
    met = scene.run(0.2)
    assert met is not None
    scene.say(Paused())
    assert scene.say(Resumed()) == met


def test_a_rule_that_is_not_met_is_not_renewed():
    scene = Scene(TotalBudget(10))
    scene.run(0.5, budget=9)
    scene.say(Closed("finished"))
    scene.say(Resumed())
    assert scene.say(Extended(Limits(9))) is None
    assert scene.run(0.5, budget=1) == {"kind": "total_budget", "budget": 10, "spent": 10}


def test_no_improvement_in_so_many_trials():
    scene = Scene(NoImprovement(3))
    assert [scene.run(value) for value in (0.5, 0.6, 0.7, 0.4, 0.4, 0.5)] == [None] * 6
    assert scene.run(0.41) == {"kind": "no_improvement", "trials": 3, "trial": 3, "value": 0.4}
    scene.say(Closed("finished"))
    assert scene.say(Resumed()) is None
    assert [scene.run(0.5) for _ in range(3)][1:] == [None, scene.watch.met()]


def test_failures_count_and_the_users_own_stops_do_not():
    scene = Scene(NoImprovement(2))
    scene.run(0.5)
    scene.end(scene.start(), "stopped")
    assert scene.end(scene.start(), "failed") is None
    assert scene.end(scene.start(), "pruned") is not None
    nothing = Scene(NoImprovement(2))
    nothing.end(nothing.start(), "failed")
    assert nothing.end(nothing.start(), "failed") == {
        "kind": "no_improvement", "trials": 2, "trial": None, "value": None,
    }  # fmt: skip


def test_a_higher_budget_is_an_improvement_and_a_trial_counts_once():
    scene = Scene(NoImprovement(2))
    scene.run(0.5, budget=1, state="paused")
    scene.run(0.6, budget=1, state="paused")
    scene.say(Continued(1, Place(0, 1, 3), 2, "promoted"))
    scene.report(1, 3, 0.9, 2)
    assert scene.end(1, "paused", 3, 2) is None, "the first one at 3"
    assert scene.run(0.1, budget=1, state="paused") is None
    scene.say(Continued(2, Place(0, 1, 3), 2, "promoted"))
    assert scene.end(2, "failed", 3, 2) is None, "the same trial again"
    assert scene.end(0, "pruned", 1) is None, "it had come to rest before"
    assert scene.run(0.2, budget=1, state="paused") is not None


def test_the_total_budget_counts_training_once():
    scene = Scene(TotalBudget(12))
    scene.run(0.5, budget=3, state="paused")
    scene.say(Continued(0, Place(0, 1, 9), 2, "promoted"))
    scene.report(0, 5, 0.4, 2)
    scene.say(Lost(0, 2, "worker"))
    scene.say(Continued(0, Place(0, 1, 9), 3, "lost"))
    scene.report(0, 4, 0.4, 3)
    assert scene.report(0, 9, 0.4, 3) is None
    trial = scene.start()
    assert scene.report(trial, 3, 0.4) == {"kind": "total_budget", "budget": 12, "spent": 12}
    assert scene.report(trial, 5, 0.4)["spent"] == 14
    assert scene.say(Extended(Limits(99))) is None
    assert scene.report(trial, 9, 0.4) is None
    assert scene.run(0.1, budget=8) == {"kind": "total_budget", "budget": 26, "spent": 26}


EVENTS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([1, 3, 9]), st.sampled_from([0.1, 0.2, 0.3, math.nan]), st.booleans()),
    max_size=40,
)


def test_a_trial_that_breaks_a_constraint_reaches_nothing():
    watch = Target(0.3).begin()
    small = (Constraint("size", 10.0),)
    watch.apply(Opened(0, Space(), Limits(), (Goal("loss", "min"),), constraints=small))
    for trial, metrics in enumerate(({"size": 11.0}, {}, {"size": math.nan}, {"size": 10.0})):
        watch.apply(Started(trial, {}, Place(0, 0, 9)))
        watch.apply(Reported(trial, 1, 9, 0.1, metrics))
        watch.apply(Ended(trial, 1, "completed", Place(0, 0, 9)))
        assert (watch.met() is None) == (trial < 3)


def test_a_constraint_may_be_on_what_is_optimised():
    watch = Target(0.3).begin()
    bounds = (Constraint("loss", 0.5),)
    watch.apply(Opened(0, Space(), Limits(), (Goal("loss", "min"),), constraints=bounds))
    watch.apply(Started(0, {}, Place(0, 0, 1)))
    watch.apply(Reported(0, 1, 1, 0.2))
    assert watch.met()["value"] == 0.2


def test_where_nothing_keeps_the_constraints_it_says_so():
    watch = NoImprovement(2).begin()
    watch.apply(Opened(0, Space(), Limits(), (Goal("loss", "min"),), constraints=(Constraint("size", 10.0),)))
    for trial in range(2):
        watch.apply(Started(trial, {}, Place(0, 0, 1)))
        watch.apply(Reported(trial, 1, 1, 0.5, {"size": 11.0}))
        watch.apply(Ended(trial, 1, "completed", Place(0, 0, 1)))
    assert watch.met() == {"kind": "no_improvement", "trials": 2, "trial": None, "value": None, "breaking": 2}


def test_a_hit_whose_better_value_breaks_a_constraint_is_none():
    watch = Target(0.3).begin()
    watch.apply(Opened(0, Space(), Limits(), (Goal("loss", "min"),), constraints=(Constraint("size", 10.0),)))
    watch.apply(Started(0, {}, Place(0, 0, 9)))
    watch.apply(Reported(0, 1, 1, 0.2, {"size": 9.0}))
    assert watch.met() is not None
    watch.apply(Reported(0, 1, 2, 0.1, {"size": 11.0}))
    assert watch.met() is None, "at rest it will not be the incumbent"


@settings(max_examples=80, deadline=None)
@given(EVENTS, st.sampled_from(["min", "max"]), st.sampled_from(["best", "last"]), st.booleans())
def test_the_incumbent_of_the_watches_is_the_historys(steps, direction, rule, again):
    watch, history = Target(-1.0 if direction == "min" else 1.0).begin(), History()

    def say(event):
        history.append(event)
        watch.apply(event)

    low = (Constraint("size", 3.0), Constraint("loss", 0.25))
    say(Opened(0, Space(), Limits(), (Goal("loss", direction),), value=rule, constraints=low))
    for chosen, budget, value, fails in steps:
        trial = min(chosen, len(history.trials))
        known = history.trials.get(trial)
        if known is None:
            say(Started(trial, {}, Place(0, 0, budget)))
        elif known.state == "failed" and again:
            say(Continued(trial, Place(0, 0, budget), known.attempt + 1, "retried"))
        elif known.place.budget >= budget or known.state == "failed":
            continue
        else:
            say(Continued(trial, Place(0, 0, budget), known.attempt + 1, "promoted"))
        attempt = history.trials[trial].attempt
        say(Reported(trial, attempt, budget, value, {"size": float(chosen)}))
        assert watch._standing.trial == (history.incumbent.number if history.incumbent else None)
        state = "failed" if fails and trial % 2 else "paused"
        say(Ended(trial, attempt, state, Place(0, 0, budget), value))
        best = history.incumbent
        assert watch._standing.trial == (best.number if best else None)
        assert watch.met() is None


def test_a_trade_off_that_is_run_again_leaves_the_front_and_what_it_had_beaten_comes_back():
    standing = NoImprovement(9).begin()._standing
    place = Place(0, 0, 1)
    standing.apply(Opened(0, Space(), Limits(), (Goal("loss", "min"), Goal("size", "min"))))
    for trial, value in enumerate((0.5, 0.0)):
        standing.apply(Started(trial, {}, place))
        standing.apply(Reported(trial, 1, 1, value, {"size": 1.0}))
        standing.apply(Ended(trial, 1, "paused", place, value))
    assert set(standing.front) == {1}
    standing.apply(Continued(1, Place(0, 1, 3), 2, "promoted"))
    standing.apply(Ended(1, 2, "failed", Place(0, 1, 3)))
    standing.apply(Continued(1, Place(0, 1, 3), 3, "retried"))
    assert set(standing.front) == {1}, "nothing is repeated yet"
    standing.apply(Reported(1, 3, 1, 0.7, {"size": 1.0}))
    assert (set(standing.front), standing.trial) == ({0}, 0)


def test_a_target_may_be_a_number_of_numpy():
    assert Target(np.float32(0.5)).to_json() == {"name": "target", "value": 0.5}
    assert type(Target(np.int64(3)).value) is int


def test_rules_survive_json():
    rules = (Target(0.95), NoImprovement(20), TotalBudget(500))
    assert stopping_from_json([rule.to_json() for rule in rules]) == rules
    assert [rule.to_json() for rule in rules] == [
        {"name": "target", "value": 0.95},
        {"name": "no_improvement", "trials": 20},
        {"name": "total_budget", "budget": 500},
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Target("high"), "a target must be a finite number, not 'high'"),
        (lambda: Target(math.inf), "a target must be a finite number, not inf"),
        (lambda: Target(value=True), "a target must be a finite number, not True"),
        (lambda: NoImprovement(0), "trials must be an integer of at least 1, not 0"),
        (lambda: NoImprovement(None), "trials must be an integer of at least 1, not None"),
        (lambda: TotalBudget(1.5), "budget must be an integer of at least 1, not 1.5"),
        (lambda: stopping_from_json([{"name": "x"}]),
         "a stop rule must be one of 'target', 'no_improvement', 'total_budget', not 'x'"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(make, message):
    with pytest.raises(StrategyError, match=message):
        make()


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ({"kind": "target", "target": 0.95, "trial": 12, "value": 0.95312},
         "the target 0.95 is reached: trial 12 has 0.9531"),
        ({"kind": "no_improvement", "trials": 20, "trial": 7, "value": 0.91},
         "no improvement in 20 trials: trial 7 with 0.91 is still the best"),
        ({"kind": "no_improvement", "trials": 3, "trial": None, "value": None}, "3 trials in a row without any value"),
        ({"kind": "no_improvement", "trials": 3, "trial": None, "value": None, "breaking": 5},
         "3 trials in a row, and none yet that keeps the constraints"),
        ({"kind": "no_improvement", "trials": 9, "trial": 7, "value": 0.91, "front": 4},
         "no improvement in 9 trials: none of them adds to the 4 best trade-offs"),
        ({"kind": "total_budget", "budget": 500, "spent": 504},
         "the total budget of 500 epochs is spent: 504 epochs of training"),
    ],
)  # fmt: skip
def test_every_rule_says_why(reason, text):
    assert sentence(reason, "epoch") == text
