"""A trial that is run again by the user's wish: what it repeats replaces what an attempt before has reported."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.history import (
    Constraint,
    Continued,
    Ended,
    Goal,
    History,
    Limits,
    Lost,
    Opened,
    Place,
    Reported,
    Started,
)
from tunewidgets.space import Space

LOW, HIGH = Place(0, 0, 1), Place(0, 1, 9)
NAN = math.nan


def history(*events, direction="min", value="best", constraints=()):
    found = History()
    for event in (
        Opened(0, Space(), Limits(), (Goal("loss", direction),), value=value, constraints=constraints),
        *events,
    ):
        found.append(event)
    return found


def reports(trial, attempt, values, first=1, **metrics):
    return [Reported(trial, attempt, step, value, metrics) for step, value in enumerate(values, first)]


def failed(values, trial=0, place=HIGH):
    return [Started(trial, {}, place), *reports(trial, 1, values), Ended(trial, 1, "failed", place)]


def again(values, trial=0, attempt=2, first=1, place=HIGH, **metrics):
    return [Continued(trial, place, attempt, "retried"), *reports(trial, attempt, values, first, **metrics)]


def rested(trial, value, place=LOW, **metrics):
    at_rest = Ended(trial, 1, "paused", place, value)
    return [Started(trial, {}, place), Reported(trial, 1, 1, value, metrics), at_rest]


def told(found, trial=0):
    is_so = found.trials[trial]
    return is_so.value, is_so.value_step, is_so.last, is_so.step


@pytest.mark.parametrize(("direction", "rule"), [("min", "best"), ("max", "best"), ("min", "last"), ("max", "last")])
def test_the_value_is_of_the_attempt_that_did_not_fail(direction, rule):
    sign = 1.0 if direction == "min" else -1.0
    events = [*failed([0.0, 0.1]), *again([sign * 1.7, sign * 1.2, sign * 1.03])]
    found = history(*events, direction=direction, value=rule)
    assert told(found) == (sign * 1.03, 3, sign * 1.03, 3)
    assert {report.attempt for report in found.reports(0)} == {2}


def test_until_it_reports_it_keeps_what_it_had():
    assert told(history(*failed([0.0, 0.1]), *again([]))) == (0.0, 1, 0.1, 2)


def test_its_first_report_already_takes_all_away():
    found = history(*failed([0.3, 0.0, 0.2]), *again([0.9]))
    assert told(found) == (0.9, 1, 0.9, 1)
    assert [report.step for report in found.reports(0)] == [1]


def test_what_lies_before_its_checkpoint_stays():
    found = history(*failed([0.5, 0.4, 0.0, 0.0]), *again([0.45], first=3))
    assert told(found) == (0.4, 2, 0.45, 3)
    assert [(report.attempt, report.step) for report in found.reports(0)] == [(1, 1), (1, 2), (2, 3)]
    assert told(history(*failed([0.5, 0.0, 0.3]), *again([NAN], first=3), value="last")) == (0.0, 2, NAN, 3)


def test_an_attempt_without_any_finite_value_leaves_none():
    value, value_step, last, step = told(history(*failed([0.0]), *again([NAN, math.inf])))
    assert (value, value_step, last, step) == (None, 0, math.inf, 2)


def test_a_leg_that_is_lost_before_it_reports_has_replaced_nothing_and_the_next_one_does():
    lost = [Lost(0, 2, "worker"), Continued(0, HIGH, 3, "lost")]
    assert told(history(*failed([0.0, 0.1]), *again([]), *lost)) == (0.0, 1, 0.1, 2)
    assert told(history(*failed([0.0, 0.1]), *again([]), *lost, *reports(0, 3, [0.7]))) == (0.7, 1, 0.7, 1)


def test_a_loss_after_it_is_a_loss_as_ever():
    lost = [Lost(0, 2, "worker"), Continued(0, HIGH, 3, "lost"), *reports(0, 3, [0.9])]
    assert told(history(*failed([0.0]), *again([0.7, 0.5]), *lost)) == (0.5, 2, 0.9, 2)


def test_an_incumbent_that_is_worse_than_it_had_said_gives_way():
    events = [*rested(0, 0.0), *rested(1, 0.5), Continued(0, HIGH, 2, "promoted"), Ended(0, 2, "failed", HIGH)]
    assert history(*events, *again([], attempt=3)).incumbent.number == 0
    found = history(*events, *again([0.7], attempt=3))
    assert (found.incumbent.number, found.incumbent.value, found.trials[0].reached) == (1, 0.5, 0)
    found.append(Ended(0, 3, "completed", HIGH, 0.7))
    assert (found.incumbent.number, found.incumbent.reached) == (0, 9)


def test_an_incumbent_that_goes_on_from_where_it_rested_stays():
    events = [*rested(0, 0.2), *rested(1, 0.5), Continued(0, HIGH, 2, "promoted"), *reports(0, 2, [0.0], 2)]
    found = history(*events, Ended(0, 2, "failed", HIGH), *again([0.3], attempt=3, first=2))
    assert (found.incumbent.number, found.incumbent.value, found.trials[0].reached) == (0, 0.2, 1)


def test_constraints_are_those_of_the_report_that_gives_the_value():
    small = (Constraint("size", 10.0),)
    spoilt = [Started(0, {}, HIGH), *reports(0, 1, [0.0], size=99.0), Ended(0, 1, "failed", HIGH)]
    found = history(*spoilt, *again([0.5, 0.6], size=5.0), Ended(0, 2, "completed", HIGH, 0.6), constraints=small)
    assert (found.incumbent.number, found.incumbent.value, found.is_feasible(found.trials[0])) == (0, 0.5, True)


VALUES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, -1.0, NAN, math.inf]), max_size=5)


@given(VALUES, VALUES, st.integers(1, 6), st.sampled_from(["min", "max"]), st.sampled_from(["best", "last"]))
def test_it_stands_as_if_it_had_never_failed(before, after, first, direction, rule):
    first = min(first, len(before) + 1)
    found = history(*failed(before), *again(after, first=first), direction=direction, value=rule)
    one = [*before[: first - 1], *after] if after else before
    calm = history(Started(0, {}, HIGH), *reports(0, 1, one), direction=direction, value=rule)
    assert list(map(repr, told(found))) == list(map(repr, told(calm)))
    seen = lambda which: [(report.step, repr(report.value)) for report in which.reports(0)]
    assert seen(found) == seen(calm)


@given(VALUES, VALUES)
def test_stepping_back_is_the_fold_of_what_was_there(before, after):
    found = history(*rested(1, 0.2, HIGH), *failed(before), *again(after), Ended(0, 2, "paused", HIGH))
    growing = History()
    for seq in range(len(found) + 1):
        back = found.upto(seq)
        assert repr(dict(back.trials)) == repr(dict(growing.trials))
        assert repr(back.incumbent) == repr(growing.incumbent)
        growing.extend(found[seq : seq + 1])
