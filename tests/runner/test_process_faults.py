"""What legs, their children, the zygote and the coordinator can do to themselves, really done to them."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from tunewidgets.errors import TuneError
from tunewidgets.objectives import payload
from tunewidgets.objectives.function import FunctionObjective
from tunewidgets.runner.executor import LegFailed, LegLost, LegReported, LegReturned
from tunewidgets.runner.process import ProcessExecutor, kill_leftovers
from tunewidgets.testing.executors import Session

pytestmark = pytest.mark.process


@contextmanager
def search(function, folder, **settings):
    payload.dump(FunctionObjective(function), folder)
    with closing(ProcessExecutor(folder, **({"grace": 0.3} | settings))) as executor:
        yield Session(executor)


def leg_pid(folder, trial=0):
    return json.loads((folder / "trials" / f"{trial:05d}" / "attempt-1.pid").read_text())["pid"]


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(condition, seconds=20.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"not within {seconds} s"
        time.sleep(0.005)


# --- time limits -----------------------------------------------------------------------------------------------------


def test_a_leg_past_its_time_fails_even_where_it_refuses_to_end(tmp_path):
    def hang(trial):
        print("still here", flush=True)  # noqa: T201 - a user's function prints
        if trial.config["deaf"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while trial.config["hangs"]:
            time.sleep(60)
        trial.report(1, 0.5)

    with search(hang, tmp_path, trial_timeout=1.0) as session:
        session.launch(0, hangs=True, deaf=False)
        session.launch(1, hangs=False, deaf=False)
        began = time.monotonic()
        closing_message = session.closing(0)
        assert 0.9 < time.monotonic() - began < 8.0
        assert closing_message == LegFailed(0, 1, {"kind": "timeout", "seconds": 1.0, "output": "still here"})
        assert session.closing(1) == LegReturned(1, 1)
        session.launch(2, hangs=True, deaf=True)
        assert session.closing(2).reason["kind"] == "timeout"


def test_the_time_limit_is_the_legs_and_not_the_wait_for_the_zygote(tmp_path):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(1.0)\n")
    path = (str(tmp_path), *sys.path)
    with search(lambda _config: 0.5, tmp_path, trial_timeout=0.9, preload=("slow_to_import",), path=path) as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1, 0.5)


# --- output ----------------------------------------------------------------------------------------------------------


def test_twenty_megabytes_of_output(tmp_path):
    def talk(config):
        line = "x" * 99
        for _ in range(200_000):
            print(line)  # noqa: T201 - a user's function prints
        os.write(2, b"the end of it\n")
        if config["crash"]:
            os._exit(3)
        return 1.0

    with search(talk, tmp_path) as session:
        session.launch(0, crash=False)
        session.launch(1, crash=True)
        assert session.closing(0) == LegReturned(0, 1, 1.0)
        reason = session.closing(1).reason
    log = tmp_path / "trials" / "00000" / "attempt-1.log"
    assert log.stat().st_size == 20_000_000 + len("the end of it\n")
    assert reason["message"] == "the process ended itself with exit code 3"
    assert reason["output"].endswith("x\nthe end of it")
    assert len(reason["output"]) <= 2000


def test_a_segfault_says_where(tmp_path):
    def crash(_config):
        import ctypes

        print("about to crash")  # noqa: T201 - a user's function prints
        ctypes.string_at(0)

    with search(crash, tmp_path) as session:
        session.launch()
        output = session.closing().reason["output"]
    assert output.startswith("about to crash\n")
    assert "in crash" in output


def test_the_traceback_begins_in_the_users_code(tmp_path):
    def inner():
        raise KeyError("lost")

    def outer(_config):
        inner()

    with search(outer, tmp_path) as session:
        session.launch()
        reason = session.closing().reason
    assert reason["message"] == "'lost'"
    lines = reason["traceback"].splitlines()
    assert lines[1].endswith("in outer")
    assert lines[-1] == "KeyError: 'lost'"


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


# --- a leg that breaks its pipes -------------------------------------------------------------------------------------


def test_a_leg_that_closes_everything_is_heard_through_its_file(tmp_path):
    def close_all(_config):
        os.closerange(3, 256)
        return 0.75

    with search(close_all, tmp_path) as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1, 0.75)


def test_a_leg_that_writes_into_every_pipe_is_lost_alone(tmp_path):
    def scribble(trial):
        if trial.config["scribbles"]:
            for descriptor in range(3, 64):
                try:
                    os.write(descriptor, b"\xff" * 64)
                except OSError:
                    continue
            time.sleep(600)
        trial.report(1, 0.5)

    with search(scribble, tmp_path) as session:
        session.launch(0, scribbles=True)
        session.launch(1, scribbles=False)
        lost = session.closing(0)
        assert isinstance(lost, LegLost)
        assert "could not be understood" in lost.message
        assert session.closing(1) == LegReturned(1, 1)


def test_what_was_said_before_the_end_comes_before_the_end(tmp_path):
    go = tmp_path / "go"

    def report_and_die(trial):
        while not go.exists():
            time.sleep(0.005)
        threading.Thread(target=trial.report, args=(1, 0.5)).start()
        while not trial.channel._link.sent:
            time.sleep(0.005)
        os._exit(3)

    with search(report_and_die, tmp_path) as session:
        session.launch()
        session.until((tmp_path / "trials" / "00000" / "attempt-1.pid").exists)
        pid = leg_pid(tmp_path)
        go.touch()
        wait_until(lambda: is_gone(pid))  # nobody listens before both have happened
        assert isinstance(session.closing(), LegFailed)
        assert session.reports() == [(1, 0.5)]


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
