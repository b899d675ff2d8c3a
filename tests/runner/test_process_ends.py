"""What a leg leaves behind, legs and zygotes ended from outside, the coordinator's end, and that nothing leaks."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from processes import is_gone, leg_pid, search, wait_until

from tunewidgets.errors import TuneError
from tunewidgets.objectives import payload
from tunewidgets.objectives.function import FunctionObjective
from tunewidgets.runner.executor import LegFailed, LegLost, LegReported, LegReturned
from tunewidgets.runner.process import ProcessExecutor, kill_leftovers

pytestmark = pytest.mark.process


# --- what a leg leaves behind ----------------------------------------------------------------------------------------


def start_children(trial):
    """Leave two processes: one in the leg's group, one that has left it."""
    napping = [sys.executable, "-c", "import time; time.sleep(600)"]
    group, own = subprocess.Popen(napping), subprocess.Popen(napping, start_new_session=True)
    trial.report(1, 0.0, leg=os.getpid(), group=group.pid, own=own.pid)


@pytest.mark.parametrize("start_method", ["forkserver", "spawn"])
def test_a_killed_legs_processes_go_with_it(tmp_path, start_method):
    def hang(trial):
        start_children(trial)
        time.sleep(600)

    with search(hang, tmp_path, start_method=start_method) as session:
        session.launch()
        session.until(session.messages.copy)
        pids = {name: int(pid) for name, pid in session.messages[0].metrics.items()}
        assert not any(map(is_gone, pids.values()))
        session.executor.stop(0, 1, now=True)
        assert isinstance(session.closing(), LegLost)
        wait_until(lambda: all(map(is_gone, pids.values())), 5.0)


@pytest.mark.parametrize("start_method", ["forkserver", "spawn"])
def test_what_a_leg_leaves_in_its_group_goes_with_it(tmp_path, start_method):
    with search(start_children, tmp_path, start_method=start_method) as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1)
        pids = session.messages[0].metrics
        session.until(lambda: is_gone(int(pids["group"])), 5.0)
        psutil.Process(int(pids["own"])).kill()  # it has left on purpose, and is this test's to end


def test_a_fork_that_comes_out_of_the_users_code_is_no_second_leg(tmp_path):
    def fork(trial):
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            trial.report(1, 0.5)

    with search(fork, tmp_path) as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1)
        assert session.reports() == [(1, 0.5)]
        session.launch(1)
        session.closing(1)


def test_multiprocessing_works_in_a_leg_and_reports_only_there(tmp_path):
    def square(x):
        return x * x

    def report(trial, queue):
        try:
            trial.report(1, 0.0)
        except TuneError as error:
            queue.put(str(error))

    def objective(trial):
        fork = multiprocessing.get_context("fork")
        queue = fork.SimpleQueue()
        child = fork.Process(target=report, args=(trial, queue))
        child.start()
        child.join()
        assert "in the trial's own process" in queue.get()
        with fork.Pool(2) as pool:
            trial.report(1, sum(pool.map(abs, [-1, -2])))

    with search(objective, tmp_path) as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1)
        assert session.reports() == [(1, 3.0)]


# --- ends from outside -----------------------------------------------------------------------------------------------


def test_a_leg_that_is_ended_from_outside_is_lost_and_has_not_failed(tmp_path):
    def hang(trial):
        trial.report(1, 0.0)
        time.sleep(600)

    with search(hang, tmp_path) as session:
        session.launch()
        session.until(session.reports)
        os.kill(leg_pid(tmp_path), signal.SIGTERM)
        assert session.closing() == LegLost(0, 1, "its process was ended from outside (SIGTERM)")


def test_the_zygote_may_be_killed(tmp_path):
    def objective(trial):
        for step in (1, 2):
            trial.report(step, step / 2)
        if trial.config["crash"]:
            os._exit(3)

    with search(objective, tmp_path) as session:
        session.answer = lambda report: None if report.trial < 2 and report.step == 1 else "continue"
        session.launch(0, crash=False)
        session.launch(1, crash=True)
        session.until(lambda: session.reports(0) and session.reports(1))
        first = session.executor._launcher.zygote
        os.kill(first, signal.SIGKILL)
        session.launch(2, crash=False)
        assert session.closing(2) == LegReturned(2, 1)
        assert session.executor._launcher.zygote not in (None, first)
        # The legs in progress are still there, and heard.
        session.reply(0, "continue")
        session.reply(1, "continue")
        assert session.closing(0) == LegReturned(0, 1)
        assert session.reports(0) == [(1, 0.5), (2, 1.0)]
        lost = session.closing(1)
        assert isinstance(lost, LegLost)
        assert "not known" in lost.message
        assert session.executor.note == ""


def test_a_zygote_killed_before_it_forks_loses_nothing(tmp_path):
    with search(lambda _config: 0.5, tmp_path) as session:
        session.launch(0)
        os.kill(session.executor._launcher.zygote, signal.SIGKILL)
        session.launch(1)
        assert [session.closing(trial) for trial in (0, 1)] == [LegReturned(trial, 1, 0.5) for trial in (0, 1)]


# --- the coordinator's end -------------------------------------------------------------------------------------------

COORDINATOR = """
import sys
from pathlib import Path
from tunewidgets.runner.executor import LegOrder
from tunewidgets.runner.process import ProcessExecutor

if __name__ == "__main__":
    executor = ProcessExecutor(Path(sys.argv[1]), start_method=sys.argv[2])
    for trial in (0, 1):
        executor.launch(LegOrder(trial, 1, {"trial": trial}, None, 7))
    seen = []
    while len(seen) < 2:
        executor.pump(seen.append, 1.0)
    print("running", flush=True)
    executor.pump(seen.append, 600.0)
"""


@contextmanager
def coordinator(folder, function, start_method):
    payload.dump(FunctionObjective(function), folder)
    command = [sys.executable, "-c", COORDINATOR, str(folder), start_method]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        try:
            assert process.stdout.readline() == b"running\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("start_method", ["forkserver", "spawn"])
def test_legs_end_when_their_coordinator_is_killed(tmp_path, start_method):
    def hang(trial):
        napping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        (trial.checkpoint_dir / "child").write_text(str(napping.pid))
        trial.report(1, 0.0)  # never answered

    with coordinator(tmp_path, hang, start_method) as process:
        legs = [leg_pid(tmp_path, trial) for trial in (0, 1)]
        children = [int((tmp_path / f"trials/{trial:05d}/checkpoint/child").read_text()) for trial in (0, 1)]
        zygotes = [child.pid for child in psutil.Process(process.pid).children()]
        everything = {*legs, *children, *zygotes}
        assert not any(map(is_gone, everything))
        process.kill()
        wait_until(lambda: all(map(is_gone, everything)), 2.0)
    assert kill_leftovers(tmp_path) == 0
    assert not list(tmp_path.glob("trials/*/*.pid"))


def test_a_leg_that_cannot_notice_is_ended_by_the_next_coordinator(tmp_path):
    def stop_itself(trial):
        trial.report(1, 0.0)

    with coordinator(tmp_path, stop_itself, "forkserver") as process:
        deaf, other = leg_pid(tmp_path, 0), leg_pid(tmp_path, 1)
        os.kill(deaf, signal.SIGSTOP)  # as deaf as one that computes and does not let other threads run
        process.kill()
        wait_until(lambda: is_gone(other), 2.0)
        assert not is_gone(deaf)
        assert kill_leftovers(tmp_path) == 1
        assert is_gone(deaf)
    assert kill_leftovers(tmp_path) == 0


def test_leftovers_are_never_somebody_elses_process(tmp_path):
    home = tmp_path / "trials" / "00000"
    home.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True) as innocent:
        try:
            born = psutil.Process(innocent.pid).create_time()
            (home / "attempt-1.pid").write_text(json.dumps({"pid": innocent.pid, "born": born - 60}))
            (home / "attempt-2.pid").write_text('{"pid": 1')  # written half
            assert kill_leftovers(tmp_path) == 0
            assert innocent.poll() is None
            assert not list(home.glob("*.pid"))
        finally:
            innocent.kill()


def test_a_result_that_nobody_heard_is_recovered(tmp_path):
    def objective(trial):
        trial.report(1, 0.25, loss=float("nan"))
        trial.report(2, float("inf"))

    with search(objective, tmp_path) as session:
        session.launch()
        session.until(lambda: len(session.messages) == 2)
        # Not pumped any more, as if this process had ended: the leg's last word stands in its file.
        wait_until((tmp_path / "trials" / "00000" / "attempt-1.json").exists)
        with closing(ProcessExecutor(tmp_path)) as another:
            first, second, last = another.recover(0, 1)
    assert (first.step, first.value, second) == (1, 0.25, LegReported(0, 1, 2, float("inf")))
    assert first.metrics["loss"] != first.metrics["loss"]
    assert last == LegReturned(0, 1)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99, "messages": []}', '{"format": 1}'])
def test_a_damaged_result_is_none(tmp_path, text):
    home = tmp_path / "trials" / "00000"
    home.mkdir(parents=True)
    (home / "attempt-1.json").write_text(text)
    with closing(ProcessExecutor(tmp_path)) as executor:
        assert executor.recover(0, 1) is None


# --- nothing leaks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start_method", "legs"), [("forkserver", 40), ("spawn", 6)])
def test_no_descriptor_and_no_process_is_left(tmp_path, start_method, legs):
    def objective(trial):
        for step in trial.steps():
            trial.report(step, 0.0)
        if trial.number % 4 == 3:
            os._exit(3)

    def descriptors():
        return len(list(Path("/proc/self/fd").iterdir()))

    def children():
        return {child.pid for child in psutil.Process().children(recursive=True)}

    with search(objective, tmp_path, start_method=start_method) as session:
        before, family = descriptors(), children()
        session.executor.preflight()
        with_zygote = descriptors()
        for trial in range(0, legs, 2):
            session.launch(trial)
            session.launch(trial + 1)
            session.closing(trial)
            session.closing(trial + 1)
        closed = [m for m in session.messages if not isinstance(m, LegReported)]
        assert len(closed) == legs
        assert sum(isinstance(m, LegFailed) for m in closed) == legs // 4
        session.until(lambda: not session.executor._jobs, 5.0)
        assert descriptors() == with_zygote
        assert with_zygote - before == (start_method == "forkserver")
        session.executor.close()
        assert descriptors() == before
        assert children() <= family
    assert not list(tmp_path.glob("trials/*/*.pid"))
