"""Searches whose coordinator, or whose kernel, is killed: they end as if nothing had happened."""

import os
import signal
import time

import pytest
from scenes import (
    coordinator,
    is_gone,
    kill_coordinator,
    legs,
    lives,
    outcome,
    reported,
    run_python,
    wait_until,
)

import tunewidgets as tw
from tunewidgets.analysis import actual_plan
from tunewidgets.history import Continued, Lost, Reported
from tunewidgets.runner.spec import Spec
from tunewidgets.store.folder import SearchFolder
from tunewidgets.store.lease import read_lease
from tunewidgets.testing.audit import audit

pytestmark = pytest.mark.process

SPACE = tw.Space(x=tw.Float(0.0, 1.0), units=tw.Int(1, 64, sampling="log"))


def quality(config, step):
    return config["x"] + config["units"] / 64 + 1.0 / step


def climber(evaluated, seconds):
    """A function that goes on from what it saved, and writes down every step that it really evaluates."""

    def climb(trial):
        total = trial.load(default=0)
        for step in trial.steps():
            assert total == step - 1
            with evaluated.open("a") as file:
                file.write(f"{trial.number} {trial.attempt} {step}\n")
            time.sleep(seconds)
            total = step
            trial.save(total)
            trial.report(step, quality(trial.config, step))

    return climb


def walker(seconds):
    """A function that saves nothing: a leg that is lost begins from its first step again."""

    def walk(trial):
        for step in trial.steps():
            time.sleep(seconds)
            trial.report(step, quality(trial.config, step))

    return walk


def differences(search):
    entries = search.history.entries
    sampler, schedule = Spec.read(SearchFolder(search.folder)).strategy()
    return audit(entries, schedule, sampler).differences


def interrupt(search):
    """Kill the coordinator, and see that everybody can tell."""
    mine = kill_coordinator(search)
    wait_until(lambda: search.status == "interrupted", 2.0)
    wait_until(lambda: all(map(is_gone, mine)), 5.0)
    with pytest.raises(tw.SearchFailed, match=r"coordinator is gone.*search\.resume\(\) goes on from the last result"):
        search.wait(5)
    return mine


def promoted(search):
    return any(isinstance(event, Continued) and event.why == "promoted" for event in search.history)


def test_a_coordinator_killed_three_times_loses_no_result(runs, tmp_path):
    evaluated = tmp_path / "evaluated"
    schedule = tw.Hyperband(max_budget=9)
    search = tw.tune(
        climber(evaluated, 0.015),
        SPACE,
        schedule=schedule,
        direction="min",
        workers=2,
        seed=5,
        directory=runs,
        show=False,
    )
    moments = [
        lambda: len(search.history) > 0,  # opened just now
        lambda: len(search.history.trials) >= 4 and search.history.running,  # the first rung
        lambda: promoted(search) and search.history.running,  # higher up
    ]
    kept, ended = [], []
    for moment in moments:
        wait_until(moment)
        ended += interrupt(search)
        kept.append(reported(search))
        assert search.resume() is search
    search.wait(60)

    assert search.status == "finished"
    assert all(map(is_gone, ended))
    assert read_lease(search.folder).epoch == 4
    assert differences(search) == ()
    assert actual_plan(search.history) == schedule.plan(None)
    counts = reported(search)
    assert set(counts.values()) == {1}
    assert all(before <= counts for before in kept)
    assert any(isinstance(event, Lost) and event.why == "coordinator" for event in search.history)
    for number, trial in search.history.trials.items():
        steps = [report.step for report in search.history.reports(number)]
        assert steps == list(range(1, trial.step + 1)), "no report between two commits is lost either"
    check_evaluated_once(search, evaluated)


def check_evaluated_once(search, evaluated):
    """No step was evaluated again by a later leg once its report was committed.

    A kill between the commit of a report and the leg's hearing of it costs that step, so one a kill may come twice.
    """
    committed = {}
    for event in search.history:
        if isinstance(event, Reported):
            committed.setdefault(event.trial, {})[event.step] = event.attempt
    again = 0
    for line in evaluated.read_text().splitlines():
        trial, attempt, step = map(int, line.split())
        first = committed[trial].get(step, attempt)
        if attempt > first:
            again += 1
            assert step == max(s for s, a in committed[trial].items() if a <= first)
    assert again <= 3
    steps = {tuple(map(int, line.split()))[::2] for line in evaluated.read_text().splitlines()}
    assert {(trial, step) for trial, known in committed.items() for step in known} <= steps


def test_with_one_worker_kills_change_no_trial(runs):
    options = {"schedule": tw.SuccessiveHalving(max_budget=4, configurations=8, factor=2), "sampler": "sobol"}
    options |= {"direction": "min", "workers": 1, "seed": 11, "directory": runs, "show": False}
    calm = tw.tune(walker(0.0), SPACE, name="calm", **options)
    search = tw.tune(walker(0.02), SPACE, name="killed", **options)
    for count in (2, 5):
        wait_until(lambda count=count: len(search.history.trials) >= count and search.history.running)
        interrupt(search)
        search.resume()
    assert outcome(search.wait(60)) == outcome(calm.wait(60))
    assert [trial.state for trial in calm.history.trials.values()].count("completed") == 2
    assert differences(search) == differences(calm) == ()


PROGRAM = """
    import sys
    import tunewidgets as tw

    def objective(trial):
        for step in trial.steps():
            trial.report(step, trial.config["x"] + trial.config.get("units", 8) / 64 + 1 / step)

    space = tw.Space(x=tw.Float(0.0, 1.0), flag=tw.Boolean(), units=tw.Int(1, 64).when(flag=True))
    search = tw.tune(objective, space, strategy=tw.Hyperband(max_budget=4, factor=2), workers=1, direction="min",
                     seed=7, name=sys.argv[2], directory=sys.argv[1])
    search.wait(60)
    for number, trial in search.history.trials.items():
        print(number, dict(trial.config), trial.state, trial.value)
"""


def test_the_same_seed_gives_the_same_trials_in_two_processes(runs, tmp_path):
    first = run_python(PROGRAM, runs, "first", cwd=tmp_path, PYTHONHASHSEED="1")
    second = run_python(PROGRAM, runs, "second", cwd=tmp_path, PYTHONHASHSEED="2")
    assert first == second
    assert len(first.splitlines()) == 10
    assert first.count("completed") == 5


def test_a_coordinator_asked_to_end_does_so_in_order(runs):
    search = tw.tune(
        walker(0.05),
        SPACE,
        schedule=tw.Full(6),
        trials=4,
        direction="min",
        workers=2,
        seed=1,
        directory=runs,
        show=False,
    )
    wait_until(lambda: len(search.history.running) == 2)
    mine = kill_coordinator(search, signal.SIGTERM)
    assert read_lease(search.folder).released
    assert all(map(is_gone, mine))
    assert not legs(search)
    wait_until(lambda: search.status == "interrupted", 2.0)
    assert repr(search).startswith("walk: interrupted, 0 of 4 trials")
    search.resume().wait(60)
    assert search.status == "finished"
    assert search.history.counts == {"completed": 4}
    assert differences(search) == ()
    expected = {n: quality(t.config, 6) for n, t in search.history.trials.items()}
    assert {n: t.value for n, t in search.history.trials.items()} == expected


KERNEL = """
    import sys, time
    import tunewidgets as tw

    def slow(trial):
        for step in trial.steps():
            time.sleep(0.05)
            trial.report(step, trial.config["x"])

    tw.tune(slow, tw.Space(x=tw.Float(0, 1)), schedule=tw.Full(5), trials=6, direction="min", workers=2, seed=3,
            directory=sys.argv[1])
    time.sleep(600)
"""


def test_a_kernel_killed_takes_nothing_with_it(runs, tmp_path):
    kernel = run_python(KERNEL, runs, cwd=tmp_path, background=True)
    try:
        wait_until((runs / "slow" / "search.sqlite").exists)
        search = tw.attach("slow", runs, show=False)
        wait_until(lambda: search.history.running)
        assert os.getpgid(coordinator(search)) not in (os.getpgid(0), os.getpgid(kernel.pid))
    finally:
        kernel.kill()
        kernel.wait()
    assert lives(search)
    assert search.status == "running"
    assert coordinator(tw.attach("slow", runs, show=False)) == coordinator(search)
    search.wait(60)
    assert search.status == "finished"
    assert search.history.counts == {"completed": 6}
    assert read_lease(search.folder).epoch == 1


def test_a_search_killed_before_it_was_opened_is_started_by_resume(runs):
    search = tw.tune(walker(0.0), SPACE, schedule=tw.Full(2), trials=2, direction="min", directory=runs, show=False)
    assert repr(search).splitlines()[0] == "walk: starting"
    wait_until(lambda: lives(search))
    kill_coordinator(search)
    wait_until(lambda: search.status == "interrupted", 2.0)
    search.resume().wait(60)
    assert search.history.counts == {"completed": 2}


def test_running_the_cell_again_resumes_what_was_interrupted(runs):
    def cell():
        return tw.tune(
            walker(0.02), SPACE, schedule=tw.Full(5), trials=4, direction="min", seed=2, directory=runs, show=False
        )

    search = cell()
    wait_until(lambda: search.history.running)
    interrupt(search)
    again = cell().wait(60)
    assert again.history.counts == {"completed": 4}
    assert read_lease(again.folder).epoch == 2


def costly(trial):
    for step in trial.steps():
        time.sleep(0.01)
        trial.report(step, quality(trial.config, step), cost=1.0 - trial.config["x"])


def test_what_was_known_what_must_hold_and_what_is_enough_outlive_a_coordinator(runs):
    table = [({"x": 0.1 * n, "units": n}, 0.1 * n + n / 64) for n in range(1, 9)]
    search = tw.tune(
        costly,
        SPACE,
        objective="loss",
        constraints={"cost": 0.7},
        sampler="tpe",
        schedule=tw.ASHA(9),
        stop_when=[tw.TotalBudget(120), tw.NoImprovement(60)],
        warm_start=table,
        workers=2,
        seed=5,
        directory=runs,
        show=False,
    )
    for trials in (1, 6, 14):
        wait_until(lambda n=trials: len(search.history.trials) >= n and search.history.running)
        interrupt(search)
        search.resume()
    search.wait(60)
    assert search.status == "finished"
    assert search.history.closed.reason["kind"] in ("total_budget", "no_improvement")
    assert [each.config["units"] for each in search.history.opened.known] == list(range(1, 9))
    assert search.history.trials[0].notes["kind"] == "tpe"
    assert differences(search) == ()
    spent = sum(trial.step for trial in search.history.trials.values())
    assert 120 <= spent < 120 + 2 * 9
    kept = [t for t in search.history.trials.values() if t.reached == search.best.reached and t.config["x"] >= 0.3]
    assert search.best in kept
