"""Trials that failed or were stopped and are run again, on the simulated clock, under every schedule."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import Lab, SteeredStore, outcome

from tunewidgets.analysis import actual_plan
from tunewidgets.analysis.brackets import bracket_ladders
from tunewidgets.history import (
    Closed,
    Continued,
    Ended,
    Entry,
    Extended,
    Goal,
    History,
    Limits,
    Opened,
    Paused,
    Place,
    Reported,
    Resumed,
    Retried,
    Started,
    StopAsked,
    WorkersChanged,
)
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.executor import LegReported, LegReturned
from tunewidgets.runner.simulated import SimulatedExecutor, World
from tunewidgets.samplers import Evolution, Random
from tunewidgets.schedules import ASHA, Full, Hyperband, MedianStopping, Patience, SuccessiveHalving
from tunewidgets.space import Float, Space
from tunewidgets.testing.audit import audit

SCHEDULES = {
    "full": Full(5),
    "halving": SuccessiveHalving(9, 9),
    "hyperband": Hyperband(9),
    "hyperband for ever": Hyperband(9, iterations=None),
    "asha": ASHA(9),
    "asha, stopping": ASHA(9, variant="stopping"),
    "asha of brackets": ASHA(9, brackets=2),
    "median": MedianStopping(9),
    "patience": Patience(2, max_budget=9),
}


class Bench(Lab):
    """A world in which the trials named fail in their first so many attempts, at their first step."""

    broken: dict

    def world(self):
        def fails(trial, attempt):
            return 1 if attempt <= self.broken.get(trial, 0) else None

        return replace(super().world(), fails=fails)


def bench(schedule, broken, commands, sampler=None, **more):
    lab = Bench(schedule, sampler or Random(), commands=commands, **more)
    lab.broken = broken
    return lab


def retried(history):
    return [event for event in history if isinstance(event, Continued) and event.why == "retried"]


def check(lab, history):
    assert audit(lab.store.read(), lab.schedule, lab.sampler).differences == ()
    assert not history.running
    assert not history.to_retry


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_a_failed_trial_is_the_same_trial_again_and_every_decision_can_be_recomputed(schedule):
    lab = bench(schedule, {2: 1}, [(3, Retried(2))], trials=9, workers=1)
    history = lab.run()
    check(lab, history)
    (event,) = retried(history)
    assert (event.trial, event.attempt) == (2, 2)
    assert history.trials[2].state in ("completed", "pruned")
    assert history.status == "finished"
    assert "failed" not in history.counts


@pytest.mark.parametrize(
    "schedule", [SuccessiveHalving(9, 9), Hyperband(9), Full(3)], ids=["halving", "hyperband", "full"]
)
def test_while_its_rung_is_open_nothing_is_different_from_a_search_without_the_failure(schedule):
    calm = bench(schedule, {}, [], trials=None if schedule != Full(3) else 9).run()
    lab = bench(schedule, {1: 1}, [(3, Retried(1))], trials=None if schedule != Full(3) else 9)
    history = lab.run()
    assert outcome(history) == outcome(calm)
    assert actual_plan(history) == actual_plan(calm)
    assert retried(history)[0].place == calm.legs[1, 1].place


def test_once_somebody_has_gone_on_from_its_rung_it_trains_outside_of_its_bracket():
    lab = bench(SuccessiveHalving(9, 9), {1: 1}, [(99, Retried(1))], trials=None)  # 99: when the search is at rest
    history = lab.run()
    check(lab, history)
    assert retried(history)[0].place == Place(None, 0, 1)
    assert (history.trials[1].state, history.trials[1].reached) == ("completed", 1)
    assert [event.state for event in history if isinstance(event, Closed)] == ["finished", "finished"]
    members = {member.trial: member.outcome for member in bracket_ladders(history).brackets[0].rungs[0].members}
    assert members[1] == "failed", "in its bracket it stays what it was"


def test_a_bracket_of_failures_opens_again():
    lab = bench(SuccessiveHalving(9, 9), dict.fromkeys(range(9), 1), [(99, Retried(4)), (99, Retried(7))], trials=None)
    history = lab.run()
    check(lab, history)
    assert sorted(history.trials[number].reached for number in (4, 7)) == [3, 9], "one of the two climbed to the top"


def test_a_stopped_trial_is_run_outside_of_its_bracket():
    lab = bench(Hyperband(9), {}, [(1, StopAsked(2, now=True)), (6, Retried(2))], trials=None, workers=3, spread=1.0)
    history = lab.run()
    check(lab, history)
    assert [event.place for event in retried(history)] == [Place(None, 0, 1)]
    assert history.trials[2].state == "completed"


def test_it_comes_before_anything_new_and_even_after_the_time_is_over():
    lab = bench(Full(2), {1: 1}, [(4, Retried(1))], trials=9)
    history = lab.run()
    asked = next(n for n, event in enumerate(history) if isinstance(event, Retried))
    following = next(event for event in list(history)[asked:] if type(event).__name__ in ("Started", "Continued"))
    assert following == retried(history)[0]
    late = bench(Full(2), {1: 1}, [(99, Retried(1))], trials=99, timeout=7.0).run()
    assert late.closed.reason["kind"] == "time"
    assert late.trials[1].state == "completed"


def test_what_cannot_be_run_again_is_not_taken():
    lab = bench(Full(2), {}, [(3, Retried(0)), (3, Retried(70))], trials=5)
    assert not any(isinstance(event, Retried) for event in lab.run())


def test_it_may_fail_again_and_be_run_again():
    lab = bench(Full(2), {1: 2}, [(3, Retried(1)), (4, Retried(1))], trials=4)
    history = lab.run()
    check(lab, history)
    assert [event.attempt for event in retried(history)] == [2, 3]
    assert history.counts == {"completed": 4}


def test_a_value_that_cannot_be_compared_is_worked_out_from_the_beginning():
    class Executor(SimulatedExecutor):
        discarded = ()

        def discard(self, trial):
            self.discarded = (*self.discarded, trial)
            super().discard(trial)

    values = iter([float("nan"), float("nan"), 0.5, 0.4])
    executor = Executor(World(lambda config, step: next(values)))
    store = SteeredStore()
    store.append([_opened(1)])
    driver = Driver(store, Full(2), Random(), executor, lambda: executor.now)
    driver.run()
    assert driver.history.counts == {"failed": 1}
    store.said.append(Retried(0))
    for _ in range(9):
        driver.turn(1.0)
    assert (driver.history.counts, driver.history.trials[0].value) == ({"completed": 1}, 0.4)
    assert executor.discarded == (0,)


def test_its_value_is_of_the_attempt_that_did_not_fail():
    values = {1: (0.0, 0.0, 0.0), 2: (1.7, 1.2, 1.03)}
    fails = lambda _trial, attempt: 2 if attempt == 1 else None
    executor = SimulatedExecutor(
        World(lambda config, step: values[driver.history.trials[0].attempt][step - 1], fails=fails)
    )
    store = SteeredStore()
    store.append([_opened(1)])
    driver = Driver(store, Full(3), Random(), executor, lambda: executor.now)
    driver.run()
    assert (driver.history.trials[0].state, driver.history.trials[0].value) == ("failed", 0.0)
    store.said.append(Retried(0))
    for _ in range(9):
        driver.turn(1.0)
    best = driver.history.incumbent
    assert (best.number, best.value, best.value_step) == (0, 1.03, 3)
    assert [report.attempt for report in driver.history.reports(0)] == [2, 2, 2]


def test_what_it_said_unheard_is_told_though_the_attempt_before_had_come_further():
    history = History(
        [
            Entry(0, 0.0, _opened(1).event),
            Entry(1, 0.0, Started(0, {"x": 0.5}, Place(0, 0, 3))),
            *(Entry(1 + step, 0.0, Reported(0, 1, step, 0.0)) for step in (1, 2)),
            Entry(4, 0.0, Ended(0, 1, "failed", Place(0, 0, 3), None, {"kind": "error"})),
            Entry(5, 0.0, Retried(0)),
            Entry(6, 0.0, Continued(0, Place(0, 0, 3), 2, "retried")),
        ]
    )

    class Executor(SimulatedExecutor):
        def recover(self, trial, attempt):
            return [*(LegReported(trial, attempt, step, 1 / step) for step in (1, 2, 3)), LegReturned(trial, attempt)]

    store = SteeredStore()
    store.append(history.entries)
    executor = Executor(World(lambda config, step: 0.5))
    driver = Driver(store, Full(3), Random(), executor, lambda: executor.now)
    driver.run()
    assert [(report.attempt, report.value) for report in driver.history.reports(0)] == [(2, 1.0), (2, 0.5), (2, 1 / 3)]


def _opened(trials):
    history = History()
    limits = Limits(trials, None, None)
    return history.append(Opened(0, Space(x=Float(0.0, 1.0)), limits, (Goal("loss", "min"),)))


def test_a_breeder_takes_it_for_a_parent_again():
    lab = bench(Full(1), {0: 1}, [(3, Retried(0))], Evolution(population=4), trials=12)
    history = lab.run()
    check(lab, history)
    assert history.trials[0].state == "completed"


COMMANDS = st.one_of(
    st.builds(Retried, st.integers(0, 12)),
    st.builds(Retried, st.integers(0, 12)),
    st.builds(partial(StopAsked, now=True), st.integers(0, 12)),
    st.sampled_from([Paused(), Resumed(), WorkersChanged(4), Extended(Limits(14, None, None)), StopAsked()]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(SCHEDULES)),
    workers=st.integers(1, 6),
    broken=st.dictionaries(st.integers(0, 12), st.integers(1, 3), max_size=8),
    crash_at=st.lists(st.integers(1, 120), max_size=5).map(tuple),
    commands=st.lists(st.tuples(st.integers(0, 14), COMMANDS), max_size=10),
)
def test_whatever_happens_every_decision_can_be_recomputed(name, workers, broken, crash_at, commands):
    commands = [*sorted(commands, key=lambda said: said[0]), (99, Resumed())]
    lab = bench(SCHEDULES[name], broken, commands, workers=workers, trials=12, crash_at=crash_at)
    history = lab.run()
    check(lab, history)
    assert dict(history.trials) == dict(History(lab.store.read()).trials)
