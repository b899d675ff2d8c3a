"""The Gaussian-process sampler on odd histories: the end of numbers, later failures, edits, infinite metrics."""

import itertools
import json
import math

import numpy as np
import pytest

from tunewidgets.history import (
    Constraint,
    Ended,
    Goal,
    Limits,
    Opened,
    Place,
    Reported,
    SpaceEdited,
    Started,
    sentence,
)
from tunewidgets.samplers import generator_for
from tunewidgets.samplers.gp import GP
from tunewidgets.samplers.gp_cube import Cube
from tunewidgets.samplers.gp_evidence import Reader
from tunewidgets.samplers.observations import Observations
from tunewidgets.space import Float, Int, Space
from tunewidgets.testing.samplers import begun

PLACE = Place(0, 0, None)
LOW, HIGH = Place(0, 0, 1), Place(0, 1, 9)
RETURNED = {"kind": "returned"}
LINE = Space(x=Float(0.0, 1.0))


def events_of(rows, goals=("loss",), constraints=(), space=LINE):
    """A history of trials that were completed; rows are of configuration, value and metrics."""
    opened = Opened(0, space, Limits(), tuple(Goal(goal, "min") for goal in goals), constraints=constraints)
    events = [opened]
    for number, (config, value, metrics) in enumerate(rows):
        events += [
            Started(number, config, PLACE, "user", {}, 0),
            Reported(number, 1, 1, value, metrics),
            Ended(number, 1, "completed", PLACE, value, RETURNED),
        ]
    return events


def line(values, metrics=lambda x: {}):
    places = np.linspace(0.0, 1.0, len(values)).tolist()
    return [({"x": x}, value, metrics(x)) for x, value in zip(places, values, strict=True)]


def evidence_of(events, space=LINE, least=1):
    seen = Observations()
    for event in events:
        seen.apply(event)
    return Reader(seen, Cube(space)).evidence(least)


def checked(suggestion, space=LINE):
    space.validate(suggestion.config)
    json.dumps(dict(suggestion.notes), allow_nan=False)
    assert sentence(suggestion.notes)
    return suggestion


@pytest.mark.parametrize("transform", ["auto", "none", "log", "power", "rank"])
@pytest.mark.parametrize(
    "values",
    [
        [1e308, 1.7e308, 1.6e308, -1.7e308],
        [0.0, 1e-300, 2e-300, 1e100],
        [5e-324, 0.0, -5e-324, 0.0],
        [1e-308, 2e-308, 1.0, 1e308],
    ],
    ids=str,
)
def test_values_at_the_end_of_numbers_are_no_trouble(transform, values):
    proposer = begun(GP(initial=2, transform=transform), events_of(line(values)))
    for suggestion in proposer.suggest(LINE, generator_for(0, 4), 2):
        checked(suggestion)
        assert "model" in suggestion.notes


def test_a_mixture_of_goals_may_have_any_bound():
    names = ("a", "b", "c", "d")
    rows = line([0.3, 0.1, 0.7, 0.2], lambda x: {"b": x, "c": 1.0 - x, "d": x * x})
    proposer = begun(GP(initial=2, acquisition="lcb", beta=1e6), events_of(rows, names))
    assert checked(proposer.suggest(LINE, generator_for(0, 4))[0]).notes["acquisition"] == "parego"


def test_with_constraints_an_improvement_is_multiplied_by_their_probability():
    rows = line([-x for x in np.linspace(0.0, 1.0, 7)], lambda x: {"size": x})
    events = events_of(rows, constraints=(Constraint("size", 0.45),))
    configs = [
        begun(GP(acquisition=acquisition), events).suggest(LINE, generator_for(0, 7))[0].config
        for acquisition in ("ei", "log_ei")
    ]
    assert configs[0] == configs[1]


def test_with_constraints_a_draw_is_told_without_them():
    rows = line([10.0, 10.1, 10.2, 10.3], lambda x: {"size": 1.0 + 0.01 * x})
    rows.append(({"x": 0.5}, 10.15, {"size": -0.001}))
    proposer = begun(
        GP(initial=2, acquisition="thompson", transform="none"), events_of(rows, constraints=(Constraint("size", 0.0),))
    )
    for trial in range(5, 15):
        notes = checked(proposer.suggest(LINE, generator_for(0, trial))[0]).notes
        assert abs(notes["score"] - notes["mean"]) <= 6.0 * notes["sd"] + 1e-6


def test_a_constraint_broken_without_measure_is_broken():
    rows = line([0.1, 0.2, 0.3], lambda x: {"size": math.inf if x == 0.0 else -math.inf if x == 1.0 else 0.0})
    violations = evidence_of(events_of(rows, constraints=(Constraint("size", 0.5),))).violations[:, 0]
    assert np.isfinite(violations).all()
    assert violations[0] > 1e200
    assert violations[1] == -0.5
    assert violations[2] < -1e200


def paused_and_failed(value):
    """Five trials are compared at budget 1; the best of them, number 2, is promoted and fails."""
    events = [Opened(0, LINE, Limits(), (Goal("loss", "min"),))]
    for number, x in enumerate((0.1, 0.3, 0.5, 0.7, 0.9)):
        result = value(x)
        events += [
            Started(number, {"x": x}, LOW, "user", {}, 0),
            Reported(number, 1, 1, result),
            Ended(number, 1, "paused", LOW, result, {"kind": "rung", "budget": 1}),
        ]
    return [*events, Ended(2, 2, "failed", HIGH, None, {"kind": "error"})]


def test_a_trial_that_failed_after_a_promotion_has_one_value_and_a_bad_one():
    found = evidence_of(paused_and_failed(lambda x: abs(x - 0.5)))
    rows = sorted(zip(found.points[:, 0].tolist(), found.objectives[:, 0].tolist(), strict=True))
    assert [x for x, _ in rows] == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9])
    assert rows[2][1] == pytest.approx(0.4)
    assert found.results == 5
    assert found.best == pytest.approx(0.2)


def test_after_an_edit_the_budget_is_one_with_results_in_the_new_space():
    events = [Opened(0, LINE, Limits(), (Goal("loss", "min"),))]
    for number, x in enumerate((0.1, 0.2, 0.3, 0.7, 0.8, 0.9)):
        place = LOW if x < 0.5 else HIGH
        events += [
            Started(number, {"x": x}, place, "user", {}, 0),
            Reported(number, 1, place.budget, x),
            Ended(number, 1, "completed", place, x, RETURNED),
        ]
    assert evidence_of(events, least=3).budget == 9
    half = Space(x=Float(0.0, 0.5))
    found = evidence_of([*events, SpaceEdited(half)], half, least=3)
    assert (found.budget, found.results) == (1, 3)


def test_one_result_is_one_result():
    events = [
        Opened(0, LINE, Limits(), (Goal("loss", "min"),)),
        Started(0, {"x": 0.5}, HIGH, "user", {}, 0),
        Reported(0, 1, 9, 1.0),
        Ended(0, 1, "completed", HIGH, 1.0, RETURNED),
    ]
    notes = begun(GP(initial=1), events).suggest(LINE, generator_for(0, 1))[0].notes
    assert "from 1 result at 9 epochs" in sentence(notes, "epoch")


def test_a_mixture_of_which_nothing_was_feasible_is_told_in_words():
    names = ("a", "b", "c", "d")
    rows = line([0.3, 0.1, 0.7, 0.2], lambda x: {"b": x, "c": 1.0 - x, "d": x * x, "size": 1.0 + x})
    events = events_of(rows, names, (Constraint("size", 0.5),))
    notes = begun(GP(initial=2), events).suggest(LINE, generator_for(0, 4))[0].notes
    assert sentence(notes).split("; ")[0].endswith("and nothing tried was")


def test_few_configurations_of_many_goals_are_all_tried():
    space = Space(n=Int(1, 9))
    events = events_of([({"n": 1}, 1.0, {"b": 1.0})], ("a", "b"), space=space)
    proposer, numbers = begun(GP(initial=1), events), {1}
    for number in itertools.count(1):
        found = proposer.suggest(space, generator_for(0, number))
        if not found:
            break
        n = checked(found[0], space).config["n"]
        assert n not in numbers
        numbers.add(n)
        proposer.apply(Started(number, {"n": n}, PLACE, "sampler", found[0].notes, 0))
        if n % 3:
            proposer.apply(Reported(number, 1, 1, float(n), {} if n % 2 else {"b": -float(n)}))
            proposer.apply(Ended(number, 1, "completed", PLACE, float(n), RETURNED))
    assert numbers == {*range(1, 10)}
