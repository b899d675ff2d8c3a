"""The Gaussian process under ladders, with constraints, and with several goals."""

import math

import numpy as np
import pytest
from test_gp import LINE, RETURNED, bowl, opened, results, search, starts

from tunewidgets.history import (
    Constraint,
    Ended,
    Goal,
    Place,
    Reported,
    Started,
    sentence,
)
from tunewidgets.samplers import generator_for
from tunewidgets.samplers.gp import GP
from tunewidgets.space import Float, Space
from tunewidgets.testing.samplers import begun


@pytest.mark.parametrize(("promoted", "budget", "results"), [(8, 9, 8), (3, 9, 3), (2, 1, 12)])
def test_under_a_ladder_the_highest_budget_with_three_results_is_asked_for(promoted, budget, results):
    events = [opened(LINE)]
    for number, x in enumerate(np.linspace(0.0, 1.0, 12).tolist()):
        low, high = Place(0, 0, 1), Place(0, 1, 9)
        events += [
            Started(number, {"x": x}, low, "user", {}, 0),
            Reported(number, 1, 1, 1.0 - x),
            Ended(number, 1, "paused", low, 1.0 - x, {"kind": "rung", "budget": 1}),
        ]
        if number >= 12 - promoted:
            events += [Reported(number, 2, 9, bowl({"x": x})), Ended(number, 2, "completed", high, None, RETURNED)]
    found = begun(GP(random_fraction=0.0), events).suggest(LINE, generator_for(0, 12))[0]
    assert (found.notes["budget"], found.notes["results"]) == (budget, results)
    assert f"{results} results at {budget} epoch" in sentence(found.notes, "epoch")


def test_constraints_are_kept():
    opening = opened(LINE, constraints=(Constraint("size", 0.5),))
    objective = lambda config: (-config["x"], {"size": config["x"] ** 2})
    events = search(GP(), LINE, objective, 16, opening)
    places = [event.config["x"] for event in starts(events)]
    assert max(place for place in places if place**2 <= 0.5) == pytest.approx(math.sqrt(0.5), abs=0.01)
    last = starts(events)[-1].notes
    assert 0.0 <= last["feasible"] <= 1.0
    assert last["best"] >= -math.sqrt(0.5)
    assert "feasible with probability" in sentence(last)


def test_before_anything_is_feasible_that_is_looked_for():
    opening = opened(LINE, constraints=(Constraint("size", 0.1),))
    rng = np.random.default_rng(0)
    events = [opening]
    for number, x in enumerate((0.3 + 0.7 * rng.random(7)).tolist()):
        events += results(number, {"x": x}, -x, metrics={"size": x})
    found = begun(GP(), events).suggest(LINE, generator_for(0, 7))[0]
    assert found.notes["acquisition"] == "feasibility"
    assert found.config["x"] < 0.2
    assert sentence(found.notes).startswith("feasible with probability")


def test_a_constraint_nobody_reports_is_no_trouble():
    opening = opened(LINE, constraints=(Constraint("size", 0.1),))
    assert len(starts(search(GP(initial=2), LINE, bowl, 5, opening))) == 5


def test_two_goals_spread_over_the_front():
    goals = (Goal("loss", "min"), Goal("speed", "max"))
    space = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0))
    objective = lambda config: (config["x"] ** 2 + config["y"], {"speed": -((config["x"] - 1.0) ** 2) - config["y"]})
    events = search(GP(), space, objective, 22, opened(space, goals=goals))
    last = starts(events)[-1].notes
    assert last["acquisition"] == "ehvi"
    assert last["goals"] == ["loss", "speed"]
    front = sorted(event.config["x"] for event in starts(events)[8:] if event.config["y"] < 0.02)
    assert len(front) >= 8
    assert front[0] < 0.2
    assert front[-1] > 0.8
    assert max(np.diff(front)) < 0.35
    assert "predicted loss" in sentence(last)
    assert "speed" in sentence(last)


def test_four_goals_are_mixed_anew_for_every_trial():
    names = ("a", "b", "c", "d")
    goals = tuple(Goal(name, "min") for name in names)
    values = lambda config: [(config["x"] - place) ** 2 for place in (0.0, 0.3, 0.7, 1.0)]
    objective = lambda config: (values(config)[0], dict(zip(names[1:], values(config)[1:], strict=True)))
    events = search(GP(initial=4), LINE, objective, 8, opened(LINE, goals=goals))
    weights = [event.notes["weights"] for event in starts(events) if "weights" in event.notes]
    assert len(weights) == 4
    assert len({tuple(each) for each in weights}) == 4
    assert all(sum(each) == pytest.approx(1.0) for each in weights)
    assert sentence(starts(events)[-1].notes)
