"""Steering a search that really runs: every verb acts on real processes."""

import asyncio
import os
import signal
import threading
import time

import psutil
import pytest
from scenes import coordinator, is_gone, legs, lives, reported, wait_until

import tunewidgets as tw
from tunewidgets.history import Enqueued, Resumed, SpaceEdited, Started
from tunewidgets.store.lease import read_lease

pytestmark = pytest.mark.process

UNIT = tw.Space(x=tw.Float(0.0, 1.0))


def nap(trial):
    for step in trial.steps():
        time.sleep(0.03)
        trial.report(step, trial.config["x"])


def asleep(_config):
    time.sleep(600)


def tune(target, space=UNIT, **options):
    return tw.tune(target, space, **({"direction": "min", "seed": 4, "show": False} | options))


def trials_of(search):
    return len(search.history.trials)


def test_paused_nothing_starts_and_resumed_it_goes_on(runs):
    search = tune(nap, schedule=tw.Full(2), trials=8, workers=2, directory=runs)
    wait_until(lambda: trials_of(search) >= 2)
    search.pause()
    wait_until(lambda: search.status == "paused" and not search.history.running)
    begun = trials_of(search)
    assert 2 <= begun < 8
    assert search.history.counts == {"completed": begun}
    time.sleep(0.2)  # several turns of the driver, which must leave it alone
    assert trials_of(search) == begun
    assert lives(search)
    assert repr(search).startswith(f"nap: paused, {begun} of 8 trials")
    search.resume().wait(30)
    assert search.history.counts == {"completed": 8}


def test_stopped_the_running_legs_end_and_resumed_it_goes_on(runs):
    search = tune(nap, schedule=tw.Full(3), trials=6, workers=2, directory=runs)
    wait_until(lambda: len(search.history.running) == 2)
    assert search.stop().wait(30) is search
    assert search.status == "stopped"
    assert search.message == "stopped by you"
    assert set(search.history.counts) == {"completed"}
    assert trials_of(search) < 6
    assert search.resume().wait(30).status == "finished"
    assert search.history.counts == {"completed": 6}


def test_stopped_now_sleeping_legs_are_gone_within_two_seconds(runs):
    search = tune(asleep, trials=2, workers=2, directory=runs)
    wait_until(lambda: len(legs(search)) == 2)
    mine = legs(search)
    assert not any(map(is_gone, mine))
    began = time.monotonic()
    search.stop(now=True)
    wait_until(lambda: all(map(is_gone, mine)), 2.0)
    assert search.wait(10).status == "stopped"
    assert time.monotonic() - began < 4.0
    assert search.history.counts == {"interrupted": 2}
    assert search.best is None
    wait_until(lambda: not lives(search))

    search.view.send(Resumed())  # as the dashboard's button says it: a coordinator is started, where none lives
    wait_until(lambda: len(legs(search)) == 2)
    assert search.status == "running"
    assert [t.attempt for t in search.history.trials.values()] == [2, 2]
    search.stop(now=True).wait(10)


def stubborn(trial):
    if trial.config["kind"] == "deaf":
        time.sleep(600)
    for step in range(1, 10**6) if trial.config["kind"] == "endless" else (1, 2):
        time.sleep(0.02)
        trial.report(step, 1.0)


def test_one_trial_is_skipped_another_killed_and_the_rest_goes_on(runs):
    kinds = tw.Space(kind=tw.Choice(["endless", "deaf", "good"]))
    search = tune(stubborn, kinds, sampler="grid", workers=2, directory=runs)
    wait_until(lambda: search.history.trials.get(0) and search.history.trials[0].step >= 2 and len(legs(search)) == 2)
    deaf = search.folder / "trials" / "00001" / "attempt-1.pid"
    assert search.skip(0).kill(1) is search
    search.wait(30)
    assert [(t.state, search.why(n)) for n, t in search.history.trials.items()] == [
        ("stopped", "stopped by you"),
        ("stopped", "stopped by you"),
        ("completed", "the objective returned after 2 steps"),
    ]
    assert not deaf.exists()
    assert search.trials["error"].isna().all()
    with pytest.raises(tw.TuneError, match=r"there is no trial 7 in 'stubborn'; there are 3, from 0"):
        search.skip(7)


def test_configurations_limits_workers_and_the_space_can_be_changed_while_it_runs(runs):
    space = tw.Space(x=tw.Float(0.0, 1.0), kind=tw.Choice(["a", "b"]))
    search = tune(nap, space, schedule=tw.Full(1), trials=4, workers=1, directory=runs)
    search.enqueue(x=0.125, kind="b").set_workers(2)  # while it is still starting
    search.edit_space(tw.Space(x=tw.Float(2.0, 3.0)))
    search.extend(trials=7).wait(30)
    history = search.history
    assert history.workers == 2
    assert history.limits.trials == 7
    assert history.limits.max_consecutive_failures == 5
    assert [t.config for t in history.trials.values() if t.origin == "user"] == [{"x": 0.125, "kind": "b"}]
    assert trials_of(search) == 7
    edited = next(n for n, event in enumerate(history) if isinstance(event, SpaceEdited))
    later = [e for n, e in enumerate(history) if isinstance(e, Started) and n > edited and e.origin == "sampler"]
    assert later
    assert all(2.0 <= event.config["x"] <= 3.0 for event in later)
    assert all(set(event.config) == {"x"} for event in later)
    assert search.space == tw.Space(x=tw.Float(2.0, 3.0))


def test_a_search_that_has_finished_is_extended_and_what_was_enqueued_is_run(runs):
    search = tune(nap, schedule=tw.Full(1), trials=2, workers=1, directory=runs).wait(30)
    assert search.enqueue(x=0.5).extend(trials=4).wait(30).history.counts == {"completed": 4}
    assert [t.config["x"] for t in search.history.trials.values() if t.origin == "user"] == [0.5]
    wait_until(lambda: not lives(search))
    assert search.enqueue(x=0.25).resume().wait(30).history.counts == {"completed": 5}
    assert search.history.trials[4].config == {"x": 0.25}
    assert read_lease(search.folder).epoch == 2


def test_what_cannot_be_steered_is_refused_at_once(runs):
    search = tune(asleep, trials=2, workers=1, directory=runs)
    with pytest.raises(tw.SpaceError, match=r"y"):
        search.enqueue(y=1.0)
    with pytest.raises(tw.SpaceError, match=r"x"):
        search.enqueue(x=2.0)
    with pytest.raises(tw.SpaceError, match=r"edit_space needs a tw.Space, not dict"):
        search.edit_space({"x": (0, 1)})
    for workers in (0, -1, 1.5, True, "two"):
        with pytest.raises(
            tw.StrategyError, match=r"workers must be a positive integer, or .auto. where a search is started, not "
        ):
            search.set_workers(workers)
    with pytest.raises(tw.StrategyError, match=r"give the new limit: extend\(trials=60\)"):
        search.extend()
    for trials in (0, -3, 2.5, "9"):
        with pytest.raises(tw.StrategyError, match=r"trials must be "):
            search.extend(trials=trials)
    with pytest.raises(tw.TuneError, match="has come to a value yet: there is no best model"):
        search.best_model()
    wait_until(lambda: search.history.running)
    assert not any(isinstance(event, Enqueued | SpaceEdited) for event in search.history)


@pytest.fixture
def interruptible():
    """Interrupts raise KeyboardInterrupt, also where the tests run in a shell's background, which has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_waiting_ends_in_time_and_by_an_interrupt_and_the_search_goes_on(runs):
    search = tune(asleep, trials=1, workers=1, directory=runs)
    wait_until(lambda: search.history.running)
    with pytest.raises(TimeoutError, match=r"'asleep' is still running after 0.1 s; it goes on"):
        search.wait(0.1)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        search.wait(30)
    assert lives(search)
    assert search.status == "running"
    assert len(legs(search)) == 1


def test_awaiting_lets_other_work_go_on(runs):
    async def both():
        search = tune(nap, schedule=tw.Full(2), trials=2, workers=1, directory=runs)
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.01)

        ticking = asyncio.create_task(tick())
        assert await search is search
        ticking.cancel()
        return search, ticks

    search, ticks = asyncio.run(both())
    assert search.status == "finished"
    assert ticks > 10


def test_a_second_handle_steers_and_sees_the_same_search(runs):
    first = tune(nap, schedule=tw.Full(100), trials=2, workers=1, directory=runs)
    second = tw.attach("nap", runs, show=False)
    wait_until(lambda: first.history.running)
    second.stop(now=True)
    assert first.wait(10).status == second.wait(10).status == "stopped"
    second.resume()
    assert second.status in ("starting", "running")
    wait_until(lambda: first.status == "running")
    first.stop(now=True).wait(10)


def test_ending_a_search_leaves_no_process_behind(runs):
    search = tune(asleep, trials=2, workers=2, directory=runs)
    wait_until(lambda: len(legs(search)) == 2)
    family = [psutil.Process(coordinator(search)), *psutil.Process(coordinator(search)).children(recursive=True)]
    assert len(family) >= 4  # the coordinator, its zygote, two legs
    again = tune(nap, schedule=tw.Full(1), trials=1, workers=1, directory=runs, name="asleep", if_exists="replace")
    wait_until(lambda: all(is_gone(process.pid) for process in family), 3.0)
    assert again.wait(30).history.counts == {"completed": 1}


def breaks_once(trial):
    broken = trial.checkpoint_dir.parent / "broken"
    for step in trial.steps():
        time.sleep(0.02)
        if trial.config["x"] < 0.5 and step == 2 and not broken.exists():
            broken.touch()
            raise OSError("the disk was full")
        trial.save(step)
        trial.report(step, trial.config["x"] + 1 / step)


def test_a_failed_trial_is_run_again_from_its_checkpoint_also_when_the_search_has_finished(runs):
    search = tune(breaks_once, tw.Space(x=tw.Choice([0.25, 0.75])), sampler="grid", schedule=tw.Full(3), directory=runs)
    search.wait(30)
    assert search.status == "finished"
    assert search.history.counts == {"failed": 1, "completed": 1}
    with pytest.raises(tw.TuneError, match=r"trial 1 of 'breaks_once' is completed: only one that has failed"):
        search.retry(1)
    with pytest.raises(tw.TuneError, match=r"there is no trial 7 in 'breaks_once'; there are 2, from 0"):
        search.retry(7)
    wait_until(lambda: not lives(search))  # a new coordinator does it
    assert search.retry(0) is search
    search.wait(30)
    trial = search.history.trials[0]
    assert (trial.state, trial.attempt, trial.config) == ("completed", 2, {"x": 0.25})
    assert search.history.counts == {"completed": 2}
    assert sorted(reported(search)) == [(0, 1, 1), (0, 2, 2), (0, 2, 3), (1, 1, 1), (1, 1, 2), (1, 1, 3)]
    assert search.best.number == 0


def test_a_stopped_search_runs_a_trial_again_once_it_is_resumed(runs):
    search = tune(stubborn, tw.Space(kind=tw.Choice(["deaf", "good"])), sampler="grid", workers=1, directory=runs)
    wait_until(lambda: len(legs(search)) == 1)
    search.kill(0).stop().wait(30)
    assert search.retry(0).wait(10).status == "stopped"
    wait_until(lambda: list(search.history.to_retry) == [0])
    search.resume()
    wait_until(lambda: search.history.trials[0].attempt == 2 and search.history.running)
    search.stop(now=True).wait(10)
