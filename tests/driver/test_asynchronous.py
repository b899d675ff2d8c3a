"""Schedules that decide as results come, under the driver: nobody idles, and nobody is left waiting."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_driver import NARROW, check_laws, commands, mine
from worlds import Lab, outcome

from tunewidgets.history import (
    Continued,
    Ended,
    Enqueued,
    Extended,
    History,
    Judged,
    Limits,
    Lost,
    Paused,
    Reported,
    Resumed,
    SpaceEdited,
    Started,
    StopAsked,
    WorkersChanged,
    sentence,
)
from tunewidgets.history.codec import decode, encode
from tunewidgets.samplers import Random, Sobol
from tunewidgets.schedules import ASHA, MedianStopping, Patience
from tunewidgets.testing.audit import audit

SCHEDULES = {
    "asha": ASHA(27),
    "asha in brackets": ASHA(27, brackets=3),
    "asha, stopping": ASHA(27, variant="stopping"),
    "asha, stopping in brackets": ASHA(9, factor=2, variant="stopping", brackets=2),
    "median": MedianStopping(9, least=3),
    "patience": Patience(2, min_delta=0.1, max_budget=9),
}
EVERY = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)


@EVERY
@pytest.mark.parametrize("workers", [1, 4, 25])
def test_no_worker_idles_while_trials_are_left(schedule, workers):
    history = Lab(schedule, Random(), workers=workers, trials=150, fail=0.05, lose=0.05, spread=1.5).run()
    started, running, moments = 0, set(), 0
    for entry, following in itertools.pairwise(history[:]):
        event = entry.event
        if isinstance(event, Started | Continued):
            started += isinstance(event, Started)
            running.add(event.trial)
        elif isinstance(event, Ended | Lost):
            running.discard(event.trial)
        if following.at > entry.at and 0 < started < 150:
            moments += 1
            assert len(running) == workers
    assert moments > 100
    assert history.status == "finished"
    assert not set(history.counts) & {"paused", "interrupted", "running"}


@EVERY
def test_an_undisturbed_search_leaves_nobody_waiting_and_somebody_at_the_top(schedule):
    for trials in (1, 2, 5, 30):
        history = Lab(schedule, Random(), workers=3, trials=trials, spread=1.0).run()
        assert set(history.counts) <= {"completed", "pruned"}
        assert history.counts["completed"] >= 1
        assert history.incumbent.reached == schedule.max_budget


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


@EVERY
def test_crashes_change_nothing_with_one_worker(schedule):
    lab = Lab(schedule, Sobol(), fail=0.15, commands=commands())
    undisturbed, ticks, rnd = lab.run(), lab.store.tick, random.Random(1)
    for count in (1, 10, 30):
        crash_at = tuple(rnd.randrange(1, ticks + 50) for _ in range(count))
        lab = Lab(schedule, Sobol(), fail=0.15, commands=commands(), crash_at=crash_at)
        assert outcome(lab.run()) == outcome(undisturbed)


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
                    [Paused(), Resumed(), WorkersChanged(1), WorkersChanged(5), Extended(Limits(40, None, None))]
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
    settings_of = {"fail": fail, "lose": lose, "stride": stride, "spread": 1.0, "crash_at": tuple(crash_at)}
    lab = Lab(schedule, Random(), workers, commands=steering, **settings_of)
    history = lab.run()
    entries = lab.store.read()
    assert audit(entries, schedule, Random()).differences == ()
    check_laws(History(entries), schedule)
    assert not history.running
    if history.status == "finished":
        assert "paused" not in history.counts


def test_a_time_limit_leaves_the_others_paused_and_more_time_goes_on():
    lab = Lab(
        ASHA(9), Random(), workers=3, trials=200, timeout=40.0, commands=[(150, Extended(Limits(60, None, None)))]
    )
    history = lab.run()
    assert history.status == "finished"
    assert set(history.counts) == {"completed", "pruned"}
    assert len(history.trials) == 60


@EVERY
def test_values_that_are_not_finite_never_stop_a_search(schedule):
    def broken(config, step):
        return (float("nan"), float("-inf"), config["x"])[int(config["x"] * 1e6) % 3] + 0.0 * step

    lab = Lab(schedule, Random(), workers=4, trials=60, value=broken, spread=1.0)
    history = lab.run()
    again = History()
    for entry in lab.store.read():  # as from a file: a value read from JSON is another object
        again.append(decode(*encode(entry.event)), entry.at)
    assert audit(again[:], schedule, Random()).differences == ()
    assert history.status == "finished"
    assert history.counts["completed"] >= 1
    assert {"paused", "running"}.isdisjoint(history.counts)


def test_an_extension_after_the_end_goes_on_from_the_same_rungs():
    first = Lab(ASHA(9), Random(), trials=9).run()
    lab = Lab(ASHA(9), Random(), trials=9, commands=[(99, Extended(Limits(30, None, None)))])
    more = lab.run()
    assert {n: o for n, o in outcome(more).items() if n < 9} == outcome(first)
    assert set(more.counts) == {"completed", "pruned"}
    ranked = [event.reason["of"] for event in more if isinstance(event, Continued) and event.place.rung == 1]
    assert max(ranked) > 9, "the trials of before count as members of their rung"


def test_promoted_trials_were_among_the_best_third_of_their_rung_at_that_moment():
    history = Lab(ASHA(27), Random(), workers=8, trials=120, spread=1.0).run()
    at_rest: dict[int, dict[int, float]] = {}
    promotions = 0
    for event in history:
        if isinstance(event, Ended) and event.state == "paused":
            at_rest.setdefault(event.place.rung, {})[event.trial] = event.value
        elif isinstance(event, Continued) and event.reason["verdict"] == "promoted":
            rung = at_rest[event.place.rung - 1]
            best = sorted(rung, key=lambda trial: (rung[trial], trial))[: len(rung) // 3]
            assert event.trial in best
            assert event.reason["rank"] == best.index(event.trial) + 1
            promotions += 1
    assert promotions > 40


def test_stopped_on_the_way_the_reasons_tell_the_ladder():
    history = Lab(ASHA(9, variant="stopping"), Random(), workers=4, trials=60, spread=1.0).run()
    said = [event for event in history if isinstance(event, Judged) and event.reason["kind"] == "asha"]
    assert {event.action for event in said} == {"continue", "stop"}
    assert sum(event.action == "stop" for event in said) == history.counts["pruned"]
    pruned = next(trial for trial in history.trials.values() if trial.state == "pruned")
    assert sentence(pruned.reason, "epoch").startswith(f"pruned at rung {pruned.reason['rung']} (")
    assert 0 < history.counts["completed"] < 20


def test_median_stopping_saves_training_and_keeps_the_best():
    full = Lab(MedianStopping(9, least=1000), Random(), workers=4, trials=40).run()
    cut = Lab(MedianStopping(9), Random(), workers=4, trials=40).run()
    spent = [sum(isinstance(event, Reported) for event in history) for history in (full, cut)]
    assert spent[0] == 360
    assert spent[1] < 250
    assert cut.incumbent.config == full.incumbent.config


def test_an_impatient_schedule_completes_its_trials_early():
    curve = np.array([1.0, 0.5, 0.4, 0.45, 0.43, 0.41, 0.1, 0.1, 0.1])
    history = Lab(Patience(3, max_budget=9), Random(), trials=3, value=lambda _c, s: float(curve[s - 1])).run()
    assert history.counts == {"completed": 3}
    assert {trial.step for trial in history.trials.values()} == {6}
    assert history.trials[0].value == 0.4
    text = "done after 6 epochs: no improvement in 3 epochs on 0.4 after 3 epochs"
    assert sentence(history.trials[0].reason, "epoch") == text
