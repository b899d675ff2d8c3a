"""ASHA against the worked traces of Algorithm 2, and what it does that a synchronous halving does not."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.history import (
    Continue,
    Continued,
    Decision,
    Drop,
    Ended,
    Exhausted,
    Extended,
    Finished,
    Goal,
    Judged,
    Limits,
    Opened,
    Place,
    Reported,
    Start,
    Started,
    Wait,
    sentence,
)
from tunewidgets.schedules import ASHA, Hyperband
from tunewidgets.space import Space

LOSSES = (0.9, 0.5, 0.7, 0.3, 0.8, 0.2, 0.6, 0.4, 0.1)


def opened(trials=None, direction="min"):
    return Opened(0, Space(), Limits(trials, None, None), (Goal("loss", direction),))


def finish(ladder, trial, attempt, place, value):
    """One leg to its rung: the report, what is said to it, and its rest."""
    report = Reported(trial, attempt, place.budget, value)
    ladder.apply(report)
    decision = ladder.judge(report)
    ladder.apply(Judged(trial, attempt, place.budget, *decision))
    state = {"pause": "paused", "complete": "completed"}[decision.action]
    ladder.apply(Ended(trial, attempt, state, place, value, decision.reason))
    return decision


def climb(ladder, losses):
    """Let one worker do what the ladder says; return its jobs and its drops."""
    jobs, drops, attempts, places = [], [], {}, {}
    while True:
        step = ladder.next()
        if isinstance(step, Finished | Wait):
            return jobs, drops
        if isinstance(step, Drop):
            drops.append(step)
            ladder.apply(Ended(step.trial, attempts[step.trial], "pruned", places[step.trial], None, step.reason))
            continue
        if isinstance(step, Start):
            trial = len(attempts)
            attempts[trial] = 1
            ladder.apply(Started(trial, {}, step.place))
        else:
            trial = step.trial
            attempts[trial] += 1
            ladder.apply(Continued(trial, step.place, attempts[trial], "promoted", step.reason))
        jobs.append((trial, step.place.rung))
        places[trial] = step.place
        finish(ladder, trial, attempts[trial], step.place, losses[trial])


def begun(schedule, trials=None, direction="min"):
    ladder = schedule.begin()
    ladder.apply(opened(trials, direction))
    return ladder


def digits(jobs):
    return " ".join(f"{trial}{rung}" for trial, rung in jobs)


def test_the_worked_trace():
    jobs, drops = climb(begun(ASHA(9), 9), LOSSES)
    assert digits(jobs) == "00 10 20 11 30 31 40 50 51 52 60 70 80 81 82"
    assert sum(rung == 1 for _, rung in jobs) == 4, "one more than a synchronous halving promotes"
    assert [drop.trial for drop in drops] == [0, 4, 2, 6, 7, 1, 3], "the worst of the lowest rung first"


def test_the_worked_trace_with_the_losses_reversed():
    jobs, _ = climb(begun(ASHA(9), 9), LOSSES[::-1])
    assert digits(jobs) == "00 10 20 01 30 40 50 31 60 70 80 51 02"


def test_maximised_the_trace_is_the_mirror():
    jobs, _ = climb(begun(ASHA(9), 9, "max"), [-loss for loss in LOSSES])
    assert digits(jobs) == "00 10 20 11 30 31 40 50 51 52 60 70 80 81 82"


def test_the_reasons_of_the_trace_are_data():
    ladder = begun(ASHA(9), 9)
    for trial in range(3):
        ladder.apply(Started(trial, {}, Place(0, 0, 1)))
        decision = finish(ladder, trial, 1, Place(0, 0, 1), LOSSES[trial])
    facts = {"kind": "asha", "rung": 0, "budget": 1}
    assert decision == Decision("pause", facts | {"verdict": "reached", "value": 0.7, "rank": 2, "of": 3, "places": 1})
    promoted = facts | {"verdict": "promoted", "value": 0.5, "rank": 1, "of": 3, "places": 1}
    assert ladder.next() == Continue(1, Place(0, 1, 3), promoted)
    assert ladder.next() == Continue(1, Place(0, 1, 3), promoted), "asked twice it answers the same"


def test_what_is_dropped_knows_its_rank():
    _, drops = climb(begun(ASHA(9), 9), LOSSES)
    assert drops[0].reason == {
        "kind": "asha", "verdict": "out", "rung": 0, "budget": 1, "value": 0.9, "rank": 9, "of": 9, "places": 3,
    }  # fmt: skip
    assert drops[-1].reason["rung"] == 1
    assert (drops[-1].reason["rank"], drops[-1].reason["of"]) == (3, 4)


def test_a_search_too_small_to_promote_anybody_still_sends_its_best_to_the_top():
    jobs, drops = climb(begun(ASHA(27), 5), LOSSES)
    assert digits(jobs) == "00 10 20 11 30 31 40 32 33"
    assert [drop.trial for drop in drops] == [0, 4, 2, 1]
    jobs, _ = climb(begun(ASHA(9), 1), LOSSES)
    assert digits(jobs) == "00 01 02"


def test_one_is_sent_to_the_top_and_not_one_after_another():
    ladder = begun(ASHA(27), 2)
    for trial in range(2):
        ladder.apply(Started(trial, {}, Place(0, 0, 1)))
        finish(ladder, trial, 1, Place(0, 0, 1), LOSSES[trial])
    step = ladder.next()
    assert (step.trial, step.place.budget, step.reason["verdict"]) == (1, 3, "finalist")
    ladder.apply(Continued(1, step.place, 2, "promoted", step.reason))
    assert isinstance(ladder.next(), Wait), "nobody is dropped while it runs"
    ladder.apply(Ended(1, 2, "failed", step.place))
    assert isinstance(ladder.next(), Drop), "it was its rung's only place"


def test_a_bracket_sends_nobody_where_another_has_come_to_the_top():
    ladder = begun(ASHA(9, brackets=2), 5)
    jobs, drops = climb(ladder, LOSSES[:5])
    assert "02" not in digits(jobs)
    assert sum(drop.reason["verdict"] == "out" for drop in drops) == len(drops) >= 3
    assert max(rung for _, rung in jobs) == 2, "bracket 0's best went to 9"
    assert ladder._rungs[1][0].promoted == 0


def test_a_failure_has_come_to_its_rung_and_ranks_last():
    ladder = begun(ASHA(9))
    for trial in range(2):
        ladder.apply(Started(trial, {}, Place(0, 0, 1)))
        ladder.apply(Ended(trial, 1, "failed", Place(0, 0, 1)))
    ladder.apply(Started(2, {}, Place(0, 0, 1)))
    finish(ladder, 2, 1, Place(0, 0, 1), 5.0)
    step = ladder.next()
    assert (step.trial, step.reason["rank"], step.reason["of"]) == (2, 1, 3)


def test_a_trial_stopped_by_the_user_has_not_come():
    ladder = begun(ASHA(9))
    for trial in range(3):
        ladder.apply(Started(trial, {}, Place(0, 0, 1)))
        finish(ladder, trial, 1, Place(0, 0, 1), LOSSES[trial])
    assert isinstance(ladder.next(), Continue)
    ladder.apply(Ended(0, 1, "stopped", Place(0, 0, 1), 0.9, {"kind": "user"}))
    assert ladder.next() == Start(Place(0, 0, 1)), "of two results none goes on"


def test_it_never_waits_while_something_can_be_started():
    ladder = begun(ASHA(9), 50)
    for trial in range(50):
        assert ladder.next() == Start(Place(0, 0, 1))
        ladder.apply(Started(trial, {}, Place(0, 0, 1)))
    assert ladder.next() == Wait("50 legs are running")
    ladder.apply(Extended(Limits(51)))
    assert ladder.next() == Start(Place(0, 0, 1))
    ladder.apply(Exhausted())
    assert isinstance(ladder.next(), Wait)


def test_the_rungs_budgets():
    assert ASHA(9).budgets == (1, 3, 9)
    assert ASHA(81, min_budget=3).ladders == ((3, 9, 27, 81),)
    assert ASHA(50).budgets == tuple(rung.budget for rung in Hyperband(50).brackets()[0]) == (2, 6, 17, 50)
    assert ASHA(10).budgets == (1, 3, 10), "a rung at 9 of 10 would save nothing"
    assert ASHA(100, min_budget=5, factor=2).budgets == (6, 13, 25, 50, 100)
    assert ASHA(16, factor=4).budgets == (1, 4, 16)
    assert ASHA(1).budgets == (1,)


@given(st.integers(1, 300), st.integers(0, 5000), st.integers(2, 6))
def test_rungs_rise_by_the_factor_from_the_smallest_budget_to_the_largest(least, more, factor):
    budgets = ASHA(least + more, least, factor).budgets
    assert budgets[-1] == least + more
    assert budgets[0] >= least
    assert budgets[0] < least * factor + factor
    assert all(low < high for low, high in itertools.pairwise(budgets))
    assert all(abs(high / factor - low) <= 1 for low, high in itertools.pairwise(budgets))


def test_brackets_begin_higher_and_share_the_trials_as_hyperband_does():
    schedule = ASHA(81, brackets=5)
    assert [ladder[0] for ladder in schedule.ladders] == [1, 3, 9, 27, 81]
    ladder = begun(schedule)
    for trial in range(143):
        step = ladder.next()
        ladder.apply(Started(trial, {}, step.place))
    assert ladder._begun == [81, 34, 15, 8, 5]


# --- stopping -------------------------------------------------------------------------------------------------


def judged(ladder, trial, step, value, attempt=1):
    report = Reported(trial, attempt, step, value)
    ladder.apply(report)
    decision = ladder.judge(report)
    assert ladder.judge(report) == decision
    if decision.reason:
        ladder.apply(Judged(trial, attempt, step, *decision))
    return decision


def stopping(trials=20, schedule=None):
    ladder = begun(schedule or ASHA(9, variant="stopping"))
    for trial in range(trials):
        assert ladder.next() == Start(Place(0, 0, 9))
        ladder.apply(Started(trial, {}, Place(0, 0, 9)))
    return ladder


def test_the_first_ones_pass_and_then_the_best_third_so_far():
    ladder = stopping()
    decisions = [judged(ladder, trial, 1, loss) for trial, loss in enumerate(LOSSES)]
    assert [d.action for d in decisions] == [
        "continue", "continue", "stop", "continue", "stop", "continue", "stop", "stop", "continue",
    ]  # fmt: skip
    assert [(d.reason["rank"], d.reason["of"], d.reason["places"]) for d in decisions] == [
        (1, 1, 0), (1, 2, 0), (2, 3, 1), (1, 4, 1), (4, 5, 1), (1, 6, 2), (4, 7, 2), (3, 8, 2), (1, 9, 3),
    ]  # fmt: skip
    assert decisions[2].reason == {
        "kind": "asha", "verdict": "out", "rung": 0, "budget": 1, "value": 0.7, "rank": 2, "of": 3, "places": 1,
    }  # fmt: skip


def test_a_trial_is_judged_at_each_rung_once():
    ladder = stopping()
    assert judged(ladder, 0, 1, 0.5).reason["rung"] == 0
    assert judged(ladder, 0, 2, 0.4) == ("continue", {})
    assert judged(ladder, 0, 3, 0.4).reason["rung"] == 1
    assert judged(ladder, 0, 1, 0.5, attempt=2) == ("continue", {}), "a lost leg passes again without a word"
    assert judged(ladder, 0, 9, 0.3) == ("complete", {"kind": "budget", "budget": 9})


def test_a_report_that_jumps_over_a_rung_is_judged_at_it():
    ladder = stopping()
    assert judged(ladder, 0, 2, 0.5).reason["budget"] == 1
    assert judged(ladder, 1, 4, 0.5).reason["budget"] == 3, "over two of them: at the higher one"
    assert judged(ladder, 1, 5, 0.5) == ("continue", {})
    assert judged(ladder, 0, 8, 0.6).reason["of"] == 2


def test_a_value_that_is_not_finite_ranks_last():
    ladder = stopping()
    for trial in range(3):
        judged(ladder, trial, 1, 0.5)
    decision = judged(ladder, 3, 1, float("nan"))
    assert decision.action == "stop"
    assert (decision.reason["value"], decision.reason["rank"]) == (None, 4)
    assert judged(ladder, 4, 1, float("-inf")).reason["rank"] == 5
    assert (
        sentence(decision.reason, "epoch") == "pruned at rung 0 (1 epoch): no value ranks 4 of 4, the best one goes on"
    )


def test_failures_on_the_way_rank_last_too():
    ladder = stopping()
    for trial in (0, 1):
        ladder.apply(Ended(trial, 1, "failed", Place(0, 0, 9)))
    assert judged(ladder, 2, 1, 0.9).reason["of"] == 3
    assert judged(ladder, 3, 1, 0.8).reason["rank"] == 1


def test_an_objective_that_returns_early_is_complete():
    ladder = stopping()
    ladder.apply(Reported(0, 1, 1, 9.0))
    assert ladder.judge(Reported(0, 1, 9, 9.0)).action == "complete"


def test_several_brackets_of_stopping_ladders_judge_later():
    ladder = begun(ASHA(9, variant="stopping", brackets=3))
    places = []
    for trial in range(17):
        places.append(ladder.next().place)
        ladder.apply(Started(trial, {}, places[-1]))
    assert [sum(place.bracket == b for place in places) for b in range(3)] == [9, 5, 3]
    second = next(trial for trial, place in enumerate(places) if place.bracket == 1)
    assert judged(ladder, second, 1, 0.1) == ("continue", {})
    assert judged(ladder, second, 3, 0.1).reason["rung"] == 0


def run_again(ladder, trial, attempt, place=None):
    place = place or Place(0, 0, 9)
    ladder.apply(Continued(trial, place, attempt, "retried"))


def failed_at_the_second_rung(values=(0.0, 0.0)):
    """Four trials at rung 0, of which the first has an impossible value, passes two rungs with it, and fails."""
    ladder = stopping()
    for step, value in zip((1, 3), values, strict=True):
        judged(ladder, 0, step, value)
    for trial, loss in ((1, 0.5), (2, 0.6), (3, 0.7)):
        judged(ladder, trial, 1, loss)
    ladder.apply(Ended(0, 1, "failed", Place(0, 0, 9)))
    return ladder


def test_what_a_trial_repeats_that_is_run_again_is_ranked_and_judged_anew():
    ladder = failed_at_the_second_rung()
    run_again(ladder, 0, 2)
    assert ladder.judge(Reported(4, 1, 1, 0.4)).reason["rank"] == 2, "nothing is repeated yet"
    again = judged(ladder, 0, 1, 0.8, attempt=2)
    assert (again.action, again.reason["rank"], again.reason["of"]) == ("stop", 4, 4)
    assert judged(ladder, 4, 1, 0.4).reason["rank"] == 1
    assert judged(ladder, 4, 3, 0.4).reason["of"] == 1, "at the second rung nobody stands any more"


def test_what_lies_before_the_checkpoint_of_a_trial_that_is_run_again_stays():
    ladder = failed_at_the_second_rung()
    run_again(ladder, 0, 2)
    assert judged(ladder, 0, 2, 0.9, attempt=2) == ("continue", {})
    assert judged(ladder, 0, 3, 0.9, attempt=2).reason["rung"] == 1
    assert judged(ladder, 4, 1, 0.4).reason["rank"] == 2


def test_a_judgement_over_several_rungs_is_taken_back_as_one():
    ladder = stopping()
    assert judged(ladder, 0, 4, 0.1).reason["rung"] == 1
    ladder.apply(Ended(0, 1, "failed", Place(0, 0, 9)))
    run_again(ladder, 0, 2)
    assert judged(ladder, 0, 1, 0.6, attempt=2).reason == {
        "kind": "asha", "verdict": "passed", "rung": 0, "budget": 1, "value": 0.6, "rank": 1, "of": 1, "places": 0,
    }  # fmt: skip


def test_a_stopped_trial_that_is_run_again_outside_leaves_its_rungs():
    ladder = stopping()
    judged(ladder, 0, 1, 0.0)
    ladder.apply(Ended(0, 1, "stopped", Place(0, 0, 9)))
    assert ladder.judge(Reported(1, 1, 1, 0.5)).reason["of"] == 2
    run_again(ladder, 0, 2, Place(None, 0, 9))
    assert judged(ladder, 0, 1, 0.7, attempt=2) == ("continue", {})
    assert judged(ladder, 1, 1, 0.5).reason["of"] == 1


def test_a_trial_that_fails_again_before_it_reports_is_where_it_was():
    ladder = failed_at_the_second_rung()
    run_again(ladder, 0, 2)
    ladder.apply(Ended(0, 2, "failed", Place(0, 0, 9)))
    assert judged(ladder, 4, 1, 0.4).reason["rank"] == 2
    run_again(ladder, 0, 3)
    assert judged(ladder, 0, 1, 0.9, attempt=3).reason["rank"] == 5
