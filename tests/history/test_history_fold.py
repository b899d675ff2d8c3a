"""The history as a fold: its indexes after every kind of event, as literals and as laws."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.errors import StrategyError
from tunewidgets.history import (
    Closed,
    Constraint,
    Continued,
    Ended,
    Enqueued,
    Exhausted,
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
    Retried,
    SpaceEdited,
    Started,
    StopAsked,
    TimeUp,
    WorkersChanged,
)
from tunewidgets.space import Boolean, Float, Space

SPACE = Space(x=Float(0.0, 1.0))
LOW, MIDDLE, TOP = Place(0, 0, 1), Place(0, 1, 3), Place(0, 2, 9)
NAN, INF = math.nan, math.inf


def opened(direction="min", value="best"):
    return Opened(7, SPACE, Limits(20, 60.0, 5), (Goal("loss", direction),), workers=2, value=value, unit="epoch")


def history(*events, direction="min", value="best"):
    found = History()
    for number, event in enumerate((opened(direction, value), *events)):
        found.append(event, float(number))
    return found


def started(trial, place=LOW, **config):
    return Started(trial, config or {"x": trial / 10}, place)


def reports(trial, *values, attempt=1, first=1):
    return [Reported(trial, attempt, step, value) for step, value in enumerate(values, first)]


def completed(trial, *values, place=LOW):
    state = "completed" if any(map(math.isfinite, values)) else "failed"
    return [started(trial, place), *reports(trial, *values), Ended(trial, 1, state, place, None)]


# --- before and after the opening ------------------------------------------------------------------------------------


def test_nothing_has_happened_yet():
    empty = History()
    assert (len(empty), empty.status, empty.seed, empty.workers) == (0, "starting", 0, 1)
    assert empty.goal == Goal("value", "min")
    assert empty.space == Space()
    assert empty.incumbent is None
    assert dict(empty.counts) == {}
    assert empty.why(3) == {}


def test_the_opening_tells_what_is_searched():
    found = history(direction="max")
    assert (found.status, found.seed, found.workers, found.direction, found.rule) == ("running", 7, 2, "max", "best")
    assert found.limits == Limits(20, 60.0, 5)
    assert found.space == SPACE


# --- a trial's life --------------------------------------------------------------------------------------------------


def test_a_trial_is_promoted_through_its_rungs():
    reason = {"kind": "rung", "verdict": "promoted"}
    found = history(
        started(0),
        *reports(0, 0.5),
        Judged(0, 1, 1, "pause", {"kind": "rung"}),
        Ended(0, 1, "paused", LOW, 0.5, {"kind": "rung"}),
        Continued(0, MIDDLE, 2, "promoted", reason),
        *reports(0, 0.4, 0.6, attempt=2, first=2),
    )
    trial = found.trials[0]
    assert (trial.state, trial.attempt, trial.place, trial.step) == ("running", 2, MIDDLE, 3)
    assert (trial.value, trial.value_step, trial.last, trial.reached, trial.verdict) == (0.4, 2, 0.6, 1, None)
    assert found.why(0) == reason
    assert [(r.attempt, r.step, r.value) for r in found.reports(0)] == [(1, 1, 0.5), (2, 2, 0.4), (2, 3, 0.6)]
    assert [(leg.attempt, leg.why, leg.started, leg.ended, leg.outcome) for leg in found.legs.values()] == [
        (1, "started", 1.0, 4.0, "paused"),
        (2, "promoted", 5.0, None, None),
    ]
    assert list(found.running) == [0]


def test_a_lost_leg_is_run_again_and_its_reports_count_once():
    found = history(
        started(0, TOP),
        *reports(0, 0.9, 0.8),
        Lost(0, 1, "worker"),
        Continued(0, TOP, 2, "lost", {"kind": "again"}),
        *reports(0, 0.7, 0.6, 0.5, attempt=2),
        Lost(0, 2, "coordinator"),
    )
    trial = found.trials[0]
    assert (trial.state, trial.losses, trial.step, trial.value) == ("interrupted", 1, 3, 0.5)
    assert [(r.attempt, r.step, r.value) for r in found.reports(0)] == [(2, 1, 0.7), (2, 2, 0.6), (2, 3, 0.5)]
    assert list(found.interrupted) == [0]
    assert list(found.running) == []
    assert found.why(0) == {"kind": "lost", "why": "coordinator"}
    assert dict(found.counts) == {"interrupted": 1}
    assert [leg.outcome for leg in found.legs.values()] == ["lost", "lost"]


def test_a_paused_trial_that_is_dropped_is_pruned_and_its_leg_stays_as_it_ended():
    found = history(
        started(0), *reports(0, 0.5), Ended(0, 1, "paused", LOW, 0.5), Ended(0, 1, "pruned", LOW, 0.5, {"kind": "rung"})
    )
    assert found.trials[0].state == "pruned"
    assert found.trials[0].reached == 1
    assert found.legs[0, 1].outcome == "paused"
    assert found.legs[0, 1].ended == 3.0
    assert dict(found.counts) == {"pruned": 1}


def test_counts_follow_every_state():
    found = history(
        started(0),
        started(1),
        started(2),
        started(3),
        Ended(0, 1, "completed", LOW, None),
        Ended(1, 1, "failed", LOW),
        Ended(2, 1, "paused", LOW, None),
    )
    assert dict(found.counts) == {"completed": 1, "failed": 1, "paused": 1, "running": 1}
    found.append(Continued(2, MIDDLE, 2, "promoted"))
    found.append(Ended(3, 1, "stopped", LOW))
    assert dict(found.counts) == {"completed": 1, "failed": 1, "running": 1, "stopped": 1}


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "rule", "values", "value", "step"),
    [
        ("min", "best", [0.5, 0.3, 0.4], 0.3, 2),
        ("max", "best", [0.5, 0.3, 0.4], 0.5, 1),
        ("min", "last", [0.5, 0.3, 0.4], 0.4, 3),
        ("max", "last", [0.5, 0.3, 0.4], 0.4, 3),
        ("min", "best", [NAN, 0.3, -INF], 0.3, 2),
        ("max", "best", [0.3, INF, NAN], 0.3, 1),
        ("min", "last", [0.5, 0.3, NAN], 0.3, 2),
        ("max", "last", [INF, NAN], None, 0),
        ("min", "best", [0.3, 0.3], 0.3, 1),
    ],
)
def test_a_trials_value_is_its_best_or_its_last_finite_report(direction, rule, values, value, step):
    found = history(started(0, TOP), *reports(0, *values), direction=direction, value=rule)
    assert (found.trials[0].value, found.trials[0].value_step) == (value, step)
    assert found.trials[0].step == len(values)
    assert found.trials[0].last is values[-1]


# --- the incumbent ---------------------------------------------------------------------------------------------------


def test_the_incumbent_is_the_best_in_either_direction():
    trials = [*completed(0, 0.5), *completed(1, 0.2), *completed(2, 0.9), *completed(3, 0.2)]
    assert history(*trials).incumbent.number == 1
    assert history(*trials, direction="max").incumbent.number == 2


def test_a_higher_budget_beats_a_better_value():
    found = history(*completed(0, 0.1), *completed(1, 0.9, 0.8, 0.7, place=MIDDLE), *completed(2, 0.05))
    assert found.incumbent.number == 1
    open_ended = history(*completed(0, 0.1, place=TOP), *completed(1, 0.9, place=Place(None, 0, None)))
    assert open_ended.incumbent.number == 1


def test_only_trials_that_came_to_rest_with_a_value_are_candidates():
    assert history(started(0), *reports(0, 0.1)).incumbent is None
    assert history(*completed(0, NAN)).incumbent is None
    assert history(started(0), Ended(0, 1, "failed", LOW)).incumbent is None
    assert history(started(0), *reports(0, 0.1), Ended(0, 1, "stopped", LOW, 0.1)).incumbent is None
    assert history(started(0), *reports(0, 0.1), Ended(0, 1, "paused", LOW, 0.1)).incumbent.number == 0
    assert history(*completed(0, 0.5), *completed(1, -INF), *completed(2, NAN)).incumbent.number == 0


# --- what the user says ----------------------------------------------------------------------------------------------


def test_commands_move_the_status():
    found = history()
    for event, status in [
        (Paused(), "paused"),
        (Resumed(), "running"),
        (StopAsked(None), "stopping"),
        (Closed("stopped"), "stopped"),
        (Resumed(), "running"),
        (Closed("finished"), "finished"),
        (Extended(Limits(40)), "running"),
        (Paused(), "paused"),
        (StopAsked(None, now=True), "stopping"),
        (Resumed(), "running"),
        (Closed("failed"), "failed"),
    ]:
        found.append(event)
        assert found.status == status


def test_limits_workers_space_and_clock():
    found = history(Exhausted(), TimeUp(), WorkersChanged(5))
    assert (found.exhausted, found.time_up, found.workers) == (True, True, 5)
    found.append(SpaceEdited(Space(flag=Boolean())))
    assert (found.exhausted, found.space) == (False, Space(flag=Boolean()))
    found.append(Extended(Limits(99, None, None)))
    assert (found.time_up, found.limits) == (False, Limits(99, None, None))


def test_the_queue_is_served_by_the_users_own_trials_only():
    found = history(Enqueued({"x": 0.5}), Enqueued({"x": 0.6}), started(0))
    assert list(found.queue) == [{"x": 0.5}, {"x": 0.6}]
    found.append(Started(1, {"x": 0.5}, LOW, "user"))
    assert list(found.queue) == [{"x": 0.6}]


def test_who_is_to_stop():
    found = history(started(0), started(1), StopAsked(0), StopAsked(1, now=True), StopAsked(9))
    assert dict(found.to_stop) == {0: False, 1: True}
    found.append(StopAsked(0, now=True))
    found.append(StopAsked(1))
    assert dict(found.to_stop) == {0: True, 1: True}
    found.append(Ended(0, 1, "stopped", LOW))
    found.append(StopAsked(0))
    assert dict(found.to_stop) == {1: True}


def test_failures_in_a_row():
    def fail(trial):
        return [started(trial), Ended(trial, 1, "failed", LOW)]

    found = history(*fail(0), *fail(1))
    assert found.consecutive_failures == 2
    for event in completed(2, 0.5):
        found.append(event)
    assert found.consecutive_failures == 0
    for event in (*fail(3), Resumed()):
        found.append(event)
    assert found.consecutive_failures == 0


@pytest.mark.parametrize("wrong", [{"trials": 0}, {"trials": -1}, {"timeout": 0.0}, {"max_consecutive_failures": 0}])
def test_limits_check_themselves(wrong):
    with pytest.raises(StrategyError, match="must be positive or None"):
        Limits(**wrong)


# --- laws ------------------------------------------------------------------------------------------------------------

_VALUES = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, 1.0, -1.0])


@st.composite
def lives(draw):
    """Events of some trials, in an order in which they could happen."""
    lines = []
    for trial in range(draw(st.integers(1, 5))):
        place = draw(st.sampled_from([LOW, MIDDLE, TOP]))
        line = [started(trial, place), *reports(trial, *draw(st.lists(_VALUES, max_size=3)))]
        state = draw(st.sampled_from(["paused", "completed", "failed", "stopped", "lost", None]))
        if state == "lost":
            line += [Lost(trial, 1, "worker"), Continued(trial, place, 2, "lost"), Reported(trial, 2, 1, draw(_VALUES))]
        elif state is not None:
            line.append(Ended(trial, 1, state, place))
        lines.append(line)
    events = []
    while any(lines):
        events.append(draw(st.sampled_from([line for line in lines if line])).pop(0))
    renumbered = {}  # trials are numbered in the order in which they start
    for event in events:
        renumbered.setdefault(event.trial, len(renumbered))
    return [replaced(event, renumbered[event.trial]) for event in events]


def replaced(event, trial):
    from dataclasses import replace

    return replace(event, trial=trial)


def state_of(found):
    trials = {n: (t.state, t.attempt, t.step, repr(t.value), t.reached) for n, t in found.trials.items()}
    best = found.incumbent.number if found.incumbent else None
    return (
        trials,
        dict(found.counts),
        [*found.running],
        [*found.interrupted],
        best,
        found.status,
        found.consecutive_failures,
    )


@given(lives(), st.sampled_from(["min", "max"]), st.sampled_from(["best", "last"]))
def test_stepping_back_is_the_fold_of_what_was_there(events, direction, rule):
    found = history(*events, direction=direction, value=rule)
    growing = History()
    for seq in range(len(found) + 1):
        back = found.upto(seq)
        assert len(back) == seq
        assert back.entries == found.entries[:seq]
        assert state_of(back) == state_of(growing)
        growing.extend(found[seq : seq + 1])
    assert state_of(History(found.entries)) == state_of(found)
    assert found.since(2) == list(found.entries[2:])


@given(lives(), st.sampled_from(["min", "max"]))
def test_indexes_say_what_the_trials_say(events, direction):
    found = history(*events, direction=direction)
    states = [trial.state for trial in found.trials.values()]
    assert dict(found.counts) == {state: states.count(state) for state in set(states)}
    assert {*found.running} == {n for n, t in found.trials.items() if t.state == "running"}
    assert {*found.interrupted} == {n for n, t in found.trials.items() if t.state == "interrupted"}
    for number, trial in found.trials.items():
        steps = [report.step for report in found.reports(number)]
        assert steps == sorted(set(steps))
        finite = [e.value for e in events if isinstance(e, Reported) and e.trial == number and math.isfinite(e.value)]
        expected = None if not finite else min(finite) if direction == "min" else max(finite)
        assert trial.value == expected
    candidates = {n: t for n, t in found.trials.items() if t.state in ("paused", "completed") and t.value is not None}
    best = found.incumbent
    assert (best is None) == (not candidates)
    if best is not None:
        top = max(trial.reached for trial in candidates.values())
        values = [trial.value for trial in candidates.values() if trial.reached == top]
        assert best.reached == top
        assert best.value == (min(values) if direction == "min" else max(values))


@given(st.integers(1, 5), st.integers(0, 9))
def test_an_entry_that_does_not_follow_is_refused(length, seq):
    found = history(*(Paused() for _ in range(length - 1)))
    entry = History(found.entries).append(Resumed())._replace(seq=seq)
    if seq == length:
        found.extend([entry])
        assert len(found) == length + 1
    else:
        with pytest.raises(ValueError, match=f"expected entry {length} of the history, got {seq}"):
            found.extend([entry])


def test_an_incumbent_whose_next_leg_breaks_a_constraint_gives_way():
    history = History()
    goals, small = (Goal("score", "max"),), (Constraint("size", 10.0),)
    history.append(Opened(0, Space(), Limits(), goals, constraints=small))
    for trial, score in enumerate((0.5, 0.7, 0.6)):
        history.append(Started(trial, {}, Place(0, 0, 1)))
        history.append(Reported(trial, 1, 1, score, {"size": 9.0}))
        history.append(Ended(trial, 1, "paused", Place(0, 0, 1), score))
    assert history.incumbent.number == 1
    history.append(Continued(1, Place(0, 1, 3), 2, "promoted"))
    history.append(Reported(1, 2, 2, 0.8, {"size": 11.0}))
    assert history.incumbent.number == 2
    history.append(Reported(1, 2, 3, 0.9, {"size": 12.0}))
    history.append(Ended(1, 2, "completed", Place(0, 1, 3), 0.9))
    assert history.incumbent.number == 2


# --- run again by the user's wish ------------------------------------------------------------------------------------


def failed(trial=0, place=MIDDLE):
    return [started(trial, place), *reports(trial, 0.5), Ended(trial, 1, "failed", place, None, {"kind": "error"})]


def test_a_failed_trial_waits_to_be_run_again_and_then_is_the_same_trial_in_a_further_attempt():
    found = history(*failed(), Retried(0))
    assert (list(found.to_retry), found.trials[0].state, found.counts) == ([0], "failed", {"failed": 1})
    for event in (Continued(0, MIDDLE, 2, "retried", {"kind": "retried"}), *reports(0, 0.4, attempt=2)):
        found.append(event)
    trial = found.trials[0]
    assert (list(found.to_retry), list(found.running), found.counts) == ([], [0], {"running": 1})
    assert (trial.attempt, trial.config, trial.value, trial.step) == (2, {"x": 0.0}, 0.4, 1)
    assert [(leg.attempt, leg.why, leg.outcome) for leg in found.legs.values()] == [
        (1, "started", "failed"),
        (2, "retried", None),
    ]
    found.append(Ended(0, 2, "completed", MIDDLE, 0.4))
    assert (found.incumbent.number, found.counts) == (0, {"completed": 1})


def test_its_losses_are_counted_anew():
    lost = [Lost(0, 1, "worker"), Continued(0, LOW, 2, "lost"), Ended(0, 2, "failed", LOW, None, {"kind": "lost"})]
    found = history(started(0), *lost, Retried(0))
    assert found.trials[0].losses == 1
    found.append(Continued(0, LOW, 3, "retried"))
    assert found.trials[0].losses == 0


@pytest.mark.parametrize("state", ["running", "paused", "pruned", "completed"])
def test_a_trial_that_has_not_failed_is_left_alone(state):
    ended = [] if state == "running" else [Ended(0, 1, state, LOW, 0.5)]
    assert not history(started(0), *reports(0, 0.5), *ended, Retried(0), Retried(7)).to_retry


def test_stopping_a_trial_that_waits_to_be_run_again_takes_the_wish_back():
    found = history(*failed(), *failed(1), Retried(0), Retried(1), StopAsked(0))
    assert (list(found.to_retry), dict(found.to_stop)) == ([1], {})


@pytest.mark.parametrize(("state", "after"), [("finished", "running"), ("stopped", "stopped"), ("failed", "failed")])
def test_a_finished_search_goes_on_for_it_and_others_wait_until_they_are_resumed(state, after):
    found = history(*failed(), Closed(state), Retried(0))
    assert (found.status, list(found.to_retry), found.working) == (after, [0], after == "running")
    found.append(Resumed())
    assert (found.status, list(found.to_retry)) == ("running", [0])


def test_a_paused_search_stays_paused():
    assert history(*failed(), Paused(), Retried(0)).status == "paused"
