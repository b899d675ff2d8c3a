"""What legs can do to themselves, really done to them: hanging, talking, crashing, breaking their pipes."""

import multiprocessing
import os
import signal
import sys
import threading
import time

import pytest
from processes import is_gone, leg_pid, search, wait_until

from tunewidgets.runner.executor import LegFailed, LegLost, LegReported, LegReturned
from tunewidgets.runner.process import leg
from tunewidgets.runner.process.files import TAIL, LegFiles

pytestmark = pytest.mark.process


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
    assert len(reason["output"]) <= TAIL


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


# --- a leg that breaks its pipes -------------------------------------------------------------------------------------


def test_a_leg_that_closes_everything_is_heard_through_its_file(tmp_path):
    def close_all(_config):
        os.closerange(3, 256)
        return 0.75

    with search(close_all, tmp_path) as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1, 0.75)


def test_a_leg_does_not_take_the_closing_of_its_own_end_for_the_end_of_its_executor(tmp_path, monkeypatch):
    ended = []
    monkeypatch.setattr(leg.platform, "end_self", lambda: ended.append(1))
    orders, replies = multiprocessing.Pipe(duplex=False)
    reports, ours = multiprocessing.Pipe(duplex=False)
    with replies, reports, ours:
        os.close(orders.fileno())
        leg.Link(orders, ours, LegFiles(tmp_path, 0, 1))
        wait_until(lambda: not any(thread.name == "tunewidgets-link" for thread in threading.enumerate()))
        orders._handle = None  # its number may be somebody else's by now
    assert ended == []


def test_a_report_that_nobody_reads_any_more_ends_the_leg_and_fails_no_trial(tmp_path, monkeypatch):
    class EndedError(BaseException):
        pass

    def end():
        raise EndedError

    monkeypatch.setattr(leg.platform, "end_self", end)
    orders, replies = multiprocessing.Pipe(duplex=False)
    reports, ours = multiprocessing.Pipe(duplex=False)
    with replies, ours:
        os.close(orders.fileno())  # so that the thread which listens does not end the leg first
        link = leg.Link(orders, ours, LegFiles(tmp_path, 0, 1))
        wait_until(lambda: not any(thread.name == "tunewidgets-link" for thread in threading.enumerate()))
        orders._handle = None
        reports.close()
        with pytest.raises(EndedError):
            link.ask(LegReported(0, 1, 1, 0.5))
    assert link.sent == []


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
