"""Where trials come from, and whether they turned out better than their parents."""

from math import nan

import pytest
from families import add, child, drawn, evolved, family, opened
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.analysis.births import Change, births
from tunewidgets.history import Constraint, Goal, History
from tunewidgets.schedules import ASHA

TWO_GOALS = (Goal("loss", "min"), Goal("size", "min"))


def improved(history):
    return [birth.improved for birth in births(history)]


def test_the_kinds_of_birth_their_generations_and_what_changed():
    history = family(
        (drawn(), 0.5), (drawn(), 0.4), (child(0, rate=(0.5, 0.6)), 0.3), (child(2, 1, kind=("a", "b")), 0.2)
    )
    add(history, {}, 0.1, origin="user")
    found = births(history)
    assert [birth.kind for birth in found] == ["random", "random", "mutation", "crossover", "user"]
    assert [birth.generation for birth in found] == [0, 0, 1, 2, 0]
    assert [birth.parents for birth in found] == [(), (), (0,), (2, 1), ()]
    assert found[2].changes == (Change("rate", 0.5, 0.6),)
    assert found[3].changes == (Change("kind", "a", "b"),)
    assert improved(history) == [None, None, True, True, None]


@pytest.mark.parametrize(
    ("direction", "parent", "value", "expected"),
    [("min", 0.5, 0.4, True), ("min", 0.5, 0.5, False), ("min", 0.5, 0.6, False), ("max", 0.5, 0.6, True),
     ("max", 0.5, 0.4, False)],
)  # fmt: skip
def test_a_child_is_better_than_its_one_parent(direction, parent, value, expected):
    history = family((drawn(), parent), (child(0), value), goals=(Goal("loss", direction),))
    assert improved(history)[1] is expected


@pytest.mark.parametrize(("value", "expected"), [(0.3, True), (0.4, False), (0.45, False), (0.6, False)])
def test_of_two_parents_it_must_be_better_than_the_better_one(value, expected):
    assert improved(family((drawn(), 0.5), (drawn(), 0.4), (child(0, 1), value)))[2] is expected


def test_a_failed_child_is_no_better_and_one_under_way_or_without_a_value_is_not_compared():
    history = family((drawn(), 0.5), (child(0), None), (child(0), nan))
    add(history, child(0), [0.1, 0.1], state="running")
    add(history, child(0), [], state="stopped")
    assert improved(history) == [None, False, None, None, None]


def test_a_child_that_was_stopped_early_is_compared_as_far_as_both_have_trained():
    history = family((drawn(), [0.9, 0.6, 0.2]))
    add(history, child(0), [0.8], state="pruned")
    add(history, child(0), [0.95, 0.7], state="pruned")
    add(history, child(1), [0.95, 0.7, 0.1])
    assert improved(history) == [None, True, False, False]


def test_values_follow_the_searchs_rule():
    trials = [(drawn(), [0.2, 0.6]), (child(0), [0.3, 0.5])]
    assert improved(family(*trials))[1] is False
    assert improved(family(*trials, rule="last"))[1] is True


@pytest.mark.parametrize(
    ("values", "expected"), [((0.4, 9), True), ((0.4, 12), False), ((0.5, 10), False), ((0.6, 1), False)]
)
def test_of_several_goals_it_must_be_no_worse_in_any_and_better_in_one(values, expected):
    history = opened(TWO_GOALS)
    add(history, drawn(), 0.5, metrics={"size": 10})
    add(history, child(0), values[0], metrics={"size": values[1]})
    add(history, child(0), 0.1)  # its size nobody knows
    assert improved(history) == [None, expected, None]


def test_what_keeps_the_constraints_beats_what_does_not():
    history = opened(constraints=(Constraint("ms", 20.0),))
    add(history, drawn(), 0.5, metrics={"ms": 10})
    add(history, child(0), 0.1, metrics={"ms": 30})
    add(history, child(1), 0.4, metrics={"ms": 20})
    add(history, child(1), 0.05, metrics={"ms": 99})
    assert improved(history) == [None, False, True, True]


def test_a_parent_may_be_a_result_known_before():
    known = (({"rate": 0.1, "kind": "a"}, (0.5,), None), ({"rate": 0.2, "kind": "a"}, (0.3,), 2))
    history = opened(known=known)
    add(history, child(-1), 0.4)
    add(history, child(-2), [0.4])
    add(history, child(-2), [0.4, 0.2, 0.1])
    add(history, child(-9), 0.1)
    assert improved(history) == [True, None, True, None]
    assert {birth.generation for birth in births(history)} == {1}


def test_before_anything_happened():
    assert births(History()) == ()
    assert births(opened()) == ()


@pytest.mark.parametrize("name", ["evolution", "genetic", "nsga2"])
@pytest.mark.parametrize("schedule", [None, ASHA(max_budget=9)])
def test_in_a_real_search_each_child_is_one_more_than_its_parents_and_differs_from_them(name, schedule):
    history = evolved(name, schedule=schedule, fail=0.1)
    found = births(history)
    children = [birth for birth in found if birth.parents]
    assert len(children) > 30
    for birth in children:
        assert birth.generation == 1 + max(found[parent].generation for parent in birth.parents)
        assert all(parent < birth.number for parent in birth.parents)
        config = history.trials[birth.number].config
        for change in birth.changes:
            assert config[change.parameter] == change.after != change.before
            if birth.kind == "mutation":
                assert history.trials[birth.parents[0]].config[change.parameter] == change.before
    assert {birth.improved for birth in children} >= {True, False}


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=12), st.data())
def test_a_child_and_its_mirror_image_agree(values, data):
    """Whether a child is better does not depend on the direction, if values are turned round with it."""
    parents = [
        data.draw(st.lists(st.integers(0, n - 1), max_size=2, unique=True)) if n else [] for n in range(len(values))
    ]
    rows = [(child(*who) if who else drawn(), float(value)) for who, value in zip(parents, values, strict=True)]
    turned = [(notes, -value) for notes, value in rows]
    assert improved(family(*rows)) == improved(family(*turned, goals=(Goal("loss", "max"),)))
    for birth in births(family(*rows)):
        beaten = [values[parent] > values[birth.number] for parent in birth.parents]
        assert birth.improved == (all(beaten) if beaten else None)
