"""The driver on the simulated clock: plans are kept, crashes change nothing, every decision can be recomputed."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import SPACE, Lab, outcome

from tunewidgets.analysis import actual_plan
from tunewidgets.history import (
    Closed,
    Continued,
    Enqueued,
    Exhausted,
    Extended,
    History,
    Limits,
    Paused,
    Reported,
    Resumed,
    SpaceEdited,
    Started,
    StopAsked,
    WorkersChanged,
)
from tunewidgets.samplers import Grid, Random, Sobol, generator_for
from tunewidgets.schedules import Full, Hyperband, SuccessiveHalving
from tunewidgets.space import Float, Int, Space
from tunewidgets.testing.audit import audit

SCHEDULES = {
    "full": Full(5),
    "halving": SuccessiveHalving(27, 27),
    "hyperband": Hyperband(27),
    "hyperband for ever": Hyperband(27, iterations=None),
    "hyperband as in Keras Tuner": Hyperband(9, arithmetic="keras_tuner"),
}
SAMPLERS = {"random": Random(), "grid": Grid(3), "sobol": Sobol()}
EVERY = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
NARROW = Space(x=Float(0.4, 0.5), units=Int(1, 64, sampling="log"))


def mine(seed):
    return SPACE.sample(generator_for(seed, 10**6))


def commands():
    return [
        (6, Enqueued(mine(1))),
        (9, SpaceEdited(NARROW)),
        (12, Extended(Limits(36, None, None))),
        (13, StopAsked(2)),
        (16, Enqueued({"x": 0.45, "units": 2})),
        (16, StopAsked(18)),
    ]


@pytest.mark.parametrize("workers", [1, 2, 10, 200])
@pytest.mark.parametrize("budget", [9, 81])
def test_an_undisturbed_run_does_exactly_what_was_planned(budget, workers):
    schedule = Hyperband(budget)
    history = Lab(schedule, Random(), workers=workers, trials=None, spread=1.5).run()
    assert actual_plan(history) == schedule.plan(None)
    assert {t.state for t in history.trials.values()} == {"completed", "pruned"}
    assert sum(isinstance(e, Reported) for e in history) == schedule.plan(None).budget


@pytest.mark.parametrize("trials", [1, 7, 60, 100, 143])
def test_a_limit_on_trials_cuts_the_plan_and_the_run_alike(trials):
    schedule = Hyperband(27, iterations=None)
    history = Lab(schedule, Random(), workers=5, trials=trials, spread=1.0).run()
    assert actual_plan(history) == schedule.plan(trials)
    assert len(history.trials) == trials


def test_bracket_epochs_when_promoted_trials_continue():
    history = Lab(Hyperband(81), Random(), workers=3, trials=None).run()
    spent = [0] * 5
    for event in history:
        if isinstance(event, Reported):
            spent[history.trials[event.trial].place.bracket] += 1
    assert spent == [297, 276, 279, 324, 405]


def test_promoted_trials_are_the_best_of_their_rung():
    history = Lab(SuccessiveHalving(9, 9), Random(), trials=None).run()
    first = {n: next(r.value for r in history.reports(n) if r.step == 1) for n in history.trials}
    promoted = {e.trial for e in history if isinstance(e, Continued) and e.place.rung == 1}
    assert promoted == set(sorted(first, key=first.get)[:3])


def test_maximising_is_the_mirror_of_minimising():
    low = Lab(Hyperband(9), Random(), trials=None).run()
    high = Lab(Hyperband(9), Random(), trials=None, direction="max", value=lambda c, s: -Lab.value(c, s)).run()
    assert {n: t.state for n, t in low.trials.items()} == {n: t.state for n, t in high.trials.items()}
    assert low.incumbent.number == high.incumbent.number


@EVERY
@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_crashes_change_nothing_with_one_worker(schedule, sampler):
    lab = Lab(schedule, sampler, fail=0.15, commands=commands())
    undisturbed = lab.run()
    ticks, rnd = lab.store.tick, random.Random(1)
    assert audit(undisturbed.entries, schedule, sampler).differences == ()
    for count in (1, 3, 10, 30):
        crash_at = tuple(rnd.randrange(1, ticks + 50) for _ in range(count))
        lab = Lab(schedule, sampler, fail=0.15, commands=commands(), crash_at=crash_at)
        assert outcome(lab.run()) == outcome(undisturbed)


@EVERY
@pytest.mark.parametrize("workers", [2, 7, 40])
def test_every_decision_can_be_recomputed(schedule, workers):
    rnd = random.Random(workers)
    crash_at = tuple(rnd.randrange(1, 600) for _ in range(5))
    lab = Lab(schedule, Random(), workers, fail=0.15, lose=0.05, spread=1.5, commands=commands()[:5], crash_at=crash_at)
    history = lab.run()
    report = audit(lab.store.read(), schedule, Random())
    assert report.differences == ()
    assert report.decisions > len(history.trials)
    assert not history.running
    assert not history.interrupted
    assert not history.queue


@EVERY
def test_the_same_trials_whatever_the_number_of_workers_and_their_pace(schedule):
    runs = [
        outcome(Lab(schedule, Random(), w, trials=40, fail=0.15, lose=0.0, spread=1.5, pace_seed=w).run())
        for w in (1, 3, 20)
    ]
    assert all(run == runs[0] for run in runs)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(SCHEDULES)),
    workers=st.integers(1, 12),
    fail=st.sampled_from([0.0, 0.2, 0.9]),
    lose=st.sampled_from([0.0, 0.1, 0.6]),
    stride=st.integers(1, 4),
    crash_at=st.lists(st.integers(1, 300), max_size=8),
    steering=st.lists(
        st.tuples(
            st.integers(0, 30),
            st.one_of(
                st.builds(StopAsked, st.integers(0, 30), st.booleans()),
                st.sampled_from(
                    [Paused(), Resumed(), WorkersChanged(1), WorkersChanged(5), Extended(Limits(20, None, None))]
                ),
                st.sampled_from([StopAsked(None, now=True), StopAsked(None), SpaceEdited(NARROW), Enqueued(mine(5))]),
            ),
        ),
        max_size=6,
    ),
)
def test_any_order_of_messages_losses_commands_and_crashes(name, workers, fail, lose, stride, crash_at, steering):
    schedule = SCHEDULES[name]
    steering = [*sorted(steering, key=lambda item: item[0]), (0, Resumed())]
    lab = Lab(
        schedule,
        Random(),
        workers,
        fail=fail,
        lose=lose,
        spread=1.0,
        stride=stride,
        crash_at=tuple(crash_at),
        commands=steering,
    )
    history = lab.run()
    entries = lab.store.read()
    assert audit(entries, schedule, Random()).differences == ()
    check_laws(History(entries), schedule)
    assert not history.running


def check_laws(history, schedule):
    """No budget exceeded, no trial lost, none settled twice, no worker overbooked."""
    limits, finals, running, workers = history.opened.limits, {}, {}, history.opened.workers
    starts = 0
    for event in history:
        name = type(event).__name__
        if name == "Extended":
            limits = event.limits
        elif name == "WorkersChanged":
            workers = event.workers
        elif name == "Started":
            starts += 1
            assert event.trial == starts - 1
            assert (
                event.origin == "user" or limits.trials is None or starts <= max(limits.trials, history.limits.trials)
            )
            running[event.trial] = event.place
        elif name == "Continued":
            assert event.trial not in running
            assert event.trial not in finals
            running[event.trial] = event.place
        elif name == "Ended":
            assert event.trial not in finals
            running.pop(event.trial, None)
            if event.state != "paused":
                finals[event.trial] = event.state
        elif name == "Lost":
            running.pop(event.trial)
        if name in ("Started", "Continued"):
            assert len(running) <= workers
    assert set(history.trials) == set(range(starts))
    full = schedule.begin().full_budget
    assert all(t.step <= full + 3 for t in history.trials.values())  # a stride may overshoot, a leg may not


def test_a_failure_settles_its_place_and_the_best_with_values_go_on():
    lab = Lab(SuccessiveHalving(9, 9), Random(), trials=None, fail=0.7)
    history = lab.run()
    failed = [n for n, t in history.trials.items() if t.state == "failed"]
    assert failed
    assert actual_plan(history).brackets[0][1].configurations == 3


def test_a_search_of_failures_gives_up_and_says_why():
    history = Lab(Full(9), Random(), fail=1.0, failures=5).run()
    assert history.status == "failed"
    reason = history.closed.reason
    assert reason["text"].startswith("5 trials in a row failed, the last ")
    assert (reason["kind"], reason["times"], reason["trial"]) == ("failures", 5, 4)
    assert reason["last"]["kind"] == history.trials[4].reason["kind"]
    assert len(history.trials) == 5


def test_nan_and_infinity_fail_their_trial_and_never_the_search():
    history = Lab(Full(3), Random(), trials=6, value=lambda c, s: float("nan") if c["x"] < 0.5 else float("-inf")).run()
    assert history.counts == {"failed": 6}
    assert history.status == "finished"
    assert "cannot be compared" in history.trials[0].reason["message"]


def test_a_trial_that_diverges_late_keeps_its_best_value():
    history = Lab(Full(3), Random(), trials=2, value=lambda c, s: 1.0 / s if s < 3 else float("inf")).run()
    assert {t.state for t in history.trials.values()} == {"completed"}
    assert history.trials[0].value == 0.5


def test_a_leg_lost_three_times_has_failed():
    history = Lab(Full(9), Random(), trials=1, lose=1.0).run()
    assert history.trials[0].state == "failed"
    assert history.trials[0].reason["times"] == 3
    assert history.trials[0].attempt == 3


def test_paused_nothing_starts_until_resumed():
    lab = Lab(Full(3), Random(), commands=[(4, Paused())], trials=12)
    lab.commands.append((4, Resumed()))
    history = lab.run()
    assert history.status == "finished"
    assert len(history.trials) == 12


def test_stopping_lets_running_legs_end_and_resuming_goes_on():
    lab = Lab(Full(4), Random(), workers=3, trials=12, commands=[(3, StopAsked(None))])
    history = lab.run()
    assert history.status == "stopped"
    assert set(history.counts) == {"completed"}
    assert len(history.trials) < 12
    lab = Lab(Full(4), Random(), workers=3, trials=12, commands=[(3, StopAsked(None)), (99, Resumed())])
    assert outcome(lab.run()) == outcome(Lab(Full(4), Random(), workers=3, trials=12).run())


def test_stopping_now_interrupts_and_resuming_runs_the_legs_again():
    lab = Lab(Full(9), Random(), workers=3, trials=8, spread=0.5, commands=[(2, StopAsked(None, now=True))])
    history = lab.run()
    assert history.status == "stopped"
    assert history.counts["interrupted"] >= 1
    lab = Lab(
        Full(9), Random(), workers=3, trials=8, spread=0.5, commands=[(2, StopAsked(None, now=True)), (99, Resumed())]
    )
    assert {n: o[:3] for n, o in outcome(lab.run()).items()} == {
        n: o[:3] for n, o in outcome(Lab(Full(9), Random(), workers=3, trials=8, spread=0.5).run()).items()
    }


def test_the_time_limit_ends_the_search_but_not_the_running_legs():
    history = Lab(Full(4), Random(), workers=2, trials=100, timeout=10.0).run()
    assert history.closed == Closed("finished", {"kind": "time", "text": "the time is over"})
    assert set(history.counts) == {"completed"}
    assert len(history.trials) == 6


def test_a_finite_space_ends_when_all_of_it_is_tried():
    for sampler in SAMPLERS.values():
        lab = Lab(Full(1), sampler, trials=None, space=Space(x=Int(1, 7)), value=lambda c, s: float(c["x"]))
        history = lab.run()
        assert sorted(t.config["x"] for t in history.trials.values()) == [1, 2, 3, 4, 5, 6, 7]
        assert any(isinstance(e, Exhausted) for e in history)
        assert history.closed.reason["text"] == "every configuration of the space has been tried"


def test_what_the_user_adds_comes_first():
    history = Lab(Full(1), Random(), trials=5, commands=[(2, Enqueued(mine(7)))]).run()
    added = next(e for e in history if isinstance(e, Started) and e.origin == "user")
    assert added.config == mine(7)
    assert added.trial <= 3


@EVERY
def test_stepping_back_gives_the_history_as_it_was(schedule):
    lab = Lab(schedule, Random(), workers=3, fail=0.1, lose=0.1, spread=1.0)
    history = lab.run()
    entries, growing = lab.store.read(), History()
    for seq in range(0, len(entries), 7):
        growing.extend(entries[len(growing) : seq])
        back = history.upto(seq)
        assert dict(back.trials) == dict(growing.trials)
        assert (back.status, back.running, back.counts) == (growing.status, growing.running, growing.counts)


def test_a_space_that_the_sampler_cannot_work_on_ends_the_search_and_says_why():
    wide = Space(x=Int(1, 10**9))
    history = Lab(Full(2), Grid(3), trials=30, commands=[(3, SpaceEdited(wide))]).run()
    assert history.status == "failed"
    assert "1,000,000,000 values" in history.closed.reason["text"]
    assert history.closed.reason["type"] == "SpaceError"
    assert not history.running


def test_time_without_a_coordinator_is_not_the_searchs_time():
    calm = Lab(Full(4), Random(), workers=2, trials=100, timeout=10.0).run()
    lab = Lab(Full(4), Random(), workers=2, trials=100, timeout=10.0, crash_at=(9,), downtime=500.0)
    broken = lab.run()
    assert lab.crashes == 1
    assert broken.closed == calm.closed
    assert (broken.worked, calm.worked) == (10.0, 13.0)
    assert set(broken.counts) == {"completed"}
    assert len(broken.trials) == 3, "it had five seconds left: two legs, one of them for the one that was lost"


def test_a_leg_that_was_lost_is_run_again_even_when_the_time_is_over():
    lab = Lab(Full(8), Random(), workers=1, trials=100, timeout=3.0, crash_at=(7,), downtime=50.0)
    history = lab.run()
    assert lab.crashes == 1
    assert history.closed.reason["kind"] == "time"
    assert set(history.counts) == {"completed"}, "nothing is left interrupted"


def test_a_space_edited_back_into_one_that_works_goes_on():
    commands = [(3, SpaceEdited(Space(x=Int(1, 10**9)))), (3, SpaceEdited(Space(x=Int(1, 50))))]
    history = Lab(Full(1), Grid(3), trials=20, commands=commands).run()
    assert history.status == "finished"
    assert len(history.trials) == 20
