"""The plan of a search that was extended."""

import pytest
from histories import Recorder

from tunewidgets.analysis.plans import plan_now
from tunewidgets.analysis.progress import search_progress
from tunewidgets.figures import draw
from tunewidgets.history import Extended, Goal, Limits, Opened
from tunewidgets.schedules import Full, Hyperband
from tunewidgets.space import Float, Space


def opened(schedule, trials):
    recorder = Recorder(open_now=False)
    strategy = {"schedule": schedule.to_json()}
    recorder.say(Opened(0, Space(x=Float(0, 1)), Limits(trials), (Goal("loss", "min"),), strategy))
    return recorder


@pytest.mark.parametrize("schedule", [Full(5), Hyperband(9), Hyperband(9, iterations=None)])
def test_under_another_limit_it_is_what_the_schedule_plans_now(schedule):
    recorder = opened(schedule, 4)
    plan = schedule.plan(4)
    assert plan_now(recorder.history, plan) is plan
    recorder.say(Extended(Limits(12)))
    assert plan_now(recorder.history, plan) == schedule.plan(12)
    assert search_progress(recorder.history, plan).trials == 12
    assert search_progress(recorder.history, plan).spent_planned == schedule.plan(12).budget


def test_without_a_limit_there_may_be_none():
    recorder = opened(Full(5), 4)
    recorder.say(Extended(Limits(None, 60.0)))
    assert plan_now(recorder.history, Full(5).plan(4)) is None


def test_the_unit_stays_and_a_schedule_that_nobody_knows_keeps_its_plan():
    recorder = opened(Hyperband(9), 4)
    recorder.say(Extended(Limits(12)))
    plan = Hyperband(9).plan(4)
    assert plan_now(recorder.history, plan).unit == plan.unit
    other = Recorder(limits=Limits(4))  # its settings say no largest budget
    other.say(Extended(Limits(12)))
    assert plan_now(other.history, plan) is plan


def test_the_card_of_brackets_draws_it():
    recorder = opened(Hyperband(9), 4)
    plan = Hyperband(9).plan(4)
    before = repr(draw("brackets", recorder.history, plan=plan).figure)
    recorder.say(Extended(Limits(17)))
    after = repr(draw("brackets", recorder.history, plan=plan).figure)
    assert after != before
    assert after == repr(draw("brackets", recorder.history, plan=Hyperband(9).plan(17)).figure)
