"""The plan, and what became of it."""

import pytest
from histories import (
    R9,
    R27,
    Recorder,
    asynchronous_history,
    empty_history,
    full_history,
    hyperband_history,
    ladder_history,
)

from tunewidgets.analysis import Member, actual_plan, bracket_ladders
from tunewidgets.analysis.brackets import outcomes
from tunewidgets.history import Continued, Ended, History, Judged, Place, Plan, Planned, Reported


def standing(record):
    return [
        [
            (rung.planned, rung.entered, rung.settled, rung.count("promoted"), rung.count("pruned"))
            for rung in bracket.rungs
        ]
        for bracket in record.brackets
    ]


def test_the_plan_is_there_before_the_first_trial():
    record = bracket_ladders(empty_history(), R9)
    assert standing(record) == [
        [(9, 0, 0, 0, 0), (3, 0, 0, 0, 0), (1, 0, 0, 0, 0)],
        [(5, 0, 0, 0, 0), (1, 0, 0, 0, 0)],
        [(3, 0, 0, 0, 0)],
    ]
    assert (record.spent, record.planned) == (0, 69)
    assert [bracket.planned for bracket in record.brackets] == [21, 21, 27]


def test_a_search_under_way():
    record = bracket_ladders(hyperband_history(), R9)
    assert standing(record) == [
        [(9, 9, 9, 3, 5), (3, 3, 3, 1, 2), (1, 1, 1, 0, 0)],
        [(5, 5, 3, 0, 0), (1, 0, 0, 0, 0)],
        [(3, 1, 0, 0, 0)],
    ]
    rung = record.brackets[1].rungs[0]
    assert {outcome: [member.trial for member in found] for outcome, found in outcomes(rung)} == {
        "paused": [9, 10],
        "running": [12, 13],  # the lost leg of 13 will be run again
        "stopped": [11],
    }
    assert record.brackets[0].rungs[0].count("failed") == 1
    assert record.brackets[2].rungs[0].to_come == 2
    assert [bracket.spent for bracket in record.brackets] == [20, 9, 0]


def test_members_carry_value_and_rank_of_the_judgement():
    record = bracket_ladders(ladder_history(R9, failing=frozenset({4})), R9)
    members = {member.trial: member for member in record.brackets[0].rungs[0].members}
    assert members[4] == Member(4, "failed")
    ranks = sorted(member.rank for member in members.values() if member.rank is not None)
    assert ranks == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(member.of == 9 for member in members.values() if member.rank is not None)
    best = min((m for m in members.values() if m.rank), key=lambda m: m.rank)
    assert best.value == max(m.value for m in members.values() if m.value is not None)
    assert best.outcome == "promoted"


def test_the_value_of_a_lower_rung_is_kept_when_a_trial_goes_on():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 1))
    recorder.report(trial, 1, 0.5)
    recorder.pause(trial)
    recorder.promote(trial, Place(0, 1, 3), (1, 1, 1))
    recorder.report(trial, 3, 0.7)
    recorder.complete(trial)
    lower, upper = bracket_ladders(recorder.history).brackets[0].rungs
    assert lower.members == (Member(0, "promoted", 0.5, 1, 1),)
    assert upper.members == (Member(0, "completed", 0.7),)


@pytest.mark.parametrize("plan", [R9, R27])
def test_an_undisturbed_run_does_what_was_planned(plan):
    history = ladder_history(plan)
    assert actual_plan(history) == plan
    record = bracket_ladders(history, plan)
    assert record.spent == record.planned == plan.budget


def test_a_leg_run_again_after_a_loss_counts_once():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 1))
    recorder.lose(trial)
    recorder.say(Continued(trial, Place(0, 0, 1), 2, "lost"))
    assert actual_plan(recorder.history) == Plan(((Planned(1, 1),),))
    assert bracket_ladders(recorder.history).brackets[0].rungs[0].members == (Member(0, "running"),)


def test_without_a_plan_the_rungs_are_those_that_were_reached():
    record = bracket_ladders(asynchronous_history(30))
    (bracket,) = record.brackets
    assert [rung.budget for rung in bracket.rungs] == [1, 3, 9]
    assert bracket.rungs[0].entered == 30
    assert bracket.rungs[0].count("promoted") == bracket.rungs[1].entered
    assert bracket.planned is None
    assert record.planned is None


def test_a_schedule_that_stops_on_the_way_climbs_by_its_judgements():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 9))
    facts = {"kind": "rung", "value": 0.5, "rank": 1, "of": 3, "places": 1}
    recorder.say(Reported(trial, 1, 1, 0.5))
    recorder.say(Judged(trial, 1, 1, "continue", {**facts, "rung": 0, "budget": 1, "verdict": "promoted"}))
    recorder.say(Reported(trial, 1, 3, 0.6))
    out = {**facts, "rung": 1, "budget": 3, "value": 0.6, "rank": 3, "verdict": "out"}
    recorder.say(Judged(trial, 1, 3, "stop", out))
    recorder.say(Ended(trial, 1, "pruned", Place(0, 0, 9), 0.6, out))
    (bracket,) = bracket_ladders(recorder.history).brackets
    assert [(rung.budget, rung.members) for rung in bracket.rungs] == [
        (1, (Member(0, "promoted", 0.5, 1, 3),)),
        (3, (Member(0, "pruned", 0.6, 3, 3),)),
    ]


def test_nothing_climbs_where_every_trial_trains_fully():
    assert not bracket_ladders(full_history(5, budget=8)).climbs
    assert not bracket_ladders(History(), Plan(((Planned(5, 8),),))).climbs
    assert bracket_ladders(History()).brackets == ()


def test_trials_outside_all_brackets_are_counted_in_the_sum_only():
    recorder = Recorder()
    trial = recorder.start(Place(None, 0, 4))
    recorder.complete(trial)
    record = bracket_ladders(recorder.history, R9)
    assert record.spent == 4
    assert [bracket.spent for bracket in record.brackets] == [0, 0, 0]
    assert actual_plan(recorder.history) == Plan(())
