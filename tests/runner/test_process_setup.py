"""How the processes of legs are prepared: preflight, preloading, threads, priority, path; and when they are spawned."""

import json
import os
import socket
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tunewidgets.errors import StrategyError, TuneError
from tunewidgets.objectives import payload
from tunewidgets.objectives.function import FunctionObjective
from tunewidgets.runner import platform
from tunewidgets.runner.executor import LegOrder, LegReturned
from tunewidgets.runner.process import Preflight, ProcessExecutor
from tunewidgets.runner.process.failure import from_exception, from_exit
from tunewidgets.runner.process.launcher import Dropped, Forker
from tunewidgets.runner.process.settings import THREAD_VARIABLES, Settings
from tunewidgets.testing.executors import Session

pytestmark = pytest.mark.process


@pytest.fixture
def start(tmp_path):
    started = []

    def start(function, **settings):
        payload.dump(FunctionObjective(function), tmp_path)
        started.append(ProcessExecutor(tmp_path, **settings))
        return Session(started[-1])

    yield start
    for executor in started:
        executor.close()


@pytest.fixture
def module(tmp_path):
    """Write a module that processes can import."""

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        return {"preload": (name,), "path": (*sys.path, str(tmp_path))}

    return write


class OnLoading:
    """Runs a call wherever it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


# --- preflight -------------------------------------------------------------------------------------------------------


def test_a_preflight_that_is_well(start, tmp_path):
    session = start(lambda _config: 0.5)
    found = session.executor.preflight()
    assert found == Preflight(ok=True, error=None, seconds=found.seconds, note="")
    assert 0 < found.seconds < 30
    session.launch()
    assert session.closing() == LegReturned(0, 1, 0.5)
    assert not list(tmp_path.glob("*/*.pid"))


def test_a_preflight_without_a_payload(tmp_path):
    with closing(ProcessExecutor(tmp_path)) as executor:
        found = executor.preflight()
    assert not found.ok
    assert found.error["kind"] == "error"
    assert found.error["type"] == "PayloadError"
    assert "payload.pkl" in found.error["message"]


@pytest.mark.parametrize("start_method", ["forkserver", "spawn"])
def test_a_payload_that_crashes_or_hangs_where_it_is_loaded(tmp_path, start_method):
    import time

    def objective(_config, _part=None):
        return 0.5

    for part, kind in [(OnLoading(os._exit, 3), "crash"), (OnLoading(time.sleep, 600), "timeout")]:
        objective.__defaults__ = (part,)
        payload.dump(FunctionObjective(objective), tmp_path)
        with closing(ProcessExecutor(tmp_path, start_method=start_method)) as executor:
            found = executor.preflight(timeout=2.0)
        assert (found.ok, found.error["kind"]) == (False, kind)


def test_nothing_is_unpickled_in_the_zygote(tmp_path):
    def objective(_config, _part=None):
        return float(os.getppid())

    marks = tmp_path / "marks"
    marks.mkdir()
    objective.__defaults__ = (
        OnLoading(exec, f"import os; open({str(marks)!r} + '/' + str(os.getpid()), 'w').close()"),
    )
    payload.dump(FunctionObjective(objective), tmp_path)
    for mark in marks.iterdir():
        mark.unlink()
    with closing(ProcessExecutor(tmp_path)) as executor:
        session = Session(executor)
        executor.preflight()
        session.launch()
        zygote = executor._launcher.zygote
        assert session.closing() == LegReturned(0, 1, float(zygote))
    pids = {int(mark.name) for mark in marks.iterdir()}
    assert len(pids) == 2
    assert not pids & {zygote, os.getpid()}


# --- when forking is not safe ----------------------------------------------------------------------------------------

BEGUN = """
import sys, types
context = types.SimpleNamespace(_context_handle={handle})
sys.modules["tensorflow.python.eager.context"] = types.SimpleNamespace(context_safe=lambda: context)
"""


def leg_and_parent(_config):
    return float(os.getppid())


def test_a_framework_that_has_begun_to_work_is_not_forked(start, module):
    session = start(leg_and_parent, **module("begins", BEGUN.format(handle="object()")))
    found = session.executor.preflight()
    assert found.ok
    assert "TensorFlow" in found.note
    assert "a Python of its own" in session.executor.note
    session.launch()
    assert session.closing() == LegReturned(0, 1, float(os.getpid()))


def test_the_last_words_of_a_process_that_left_requests_unread_are_heard():
    """The socket's error comes first, and what was sent before it after that."""
    forker = Forker(SimpleNamespace(environment=dict, preload=()))
    forker._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with tempfile.TemporaryFile() as end:
        forker.begin(1, end, end)
        theirs.send(json.dumps({"ready": 0.1, "unfit": "TensorFlow has begun to work"}).encode())
        theirs.close()
        forker.begin(2, end, end)
    assert forker.poll() == [Dropped(1), Dropped(2)]
    assert forker.unfit == "TensorFlow has begun to work"


def test_a_framework_that_has_only_been_imported_is_forked(start, module):
    session = start(leg_and_parent, **module("waits", BEGUN.format(handle="None")))
    session.launch()
    assert session.closing() == LegReturned(0, 1, float(session.executor._launcher.zygote))
    assert session.executor.note == ""


def test_a_preload_that_ends_the_process_is_given_up_after_two_tries(start, module):
    session = start(leg_and_parent, **module("deadly", "import os\nos._exit(1)\n"))
    session.launch()
    assert session.closing() == LegReturned(0, 1, float(os.getpid()))
    assert "ended 2 times" in session.executor.note


@pytest.mark.parametrize("text", ["import no_such_module_anywhere", "raise SystemExit(2)", "this is no python"])
def test_a_preload_that_cannot_be_imported_is_left_to_the_legs(start, module, text):
    session = start(lambda _config: 0.5, **module("broken", text))
    session.launch()
    assert session.closing() == LegReturned(0, 1, 0.5)
    assert session.executor.note == ""


def test_what_is_preloaded_is_there_in_every_leg(start, module):
    settings = module("counted", "import os\nwhere = os.getpid()\n")

    def objective(_config):
        import counted

        return float(counted.where)

    session = start(objective, **settings)
    for trial in (0, 1):
        session.launch(trial)
        assert session.closing(trial).value == session.executor._launcher.zygote


def test_a_system_without_fork_spawns_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(platform, "can_fork", lambda: False)
    with pytest.raises(StrategyError, match="needs a system that can fork"):
        ProcessExecutor(tmp_path, start_method="forkserver")
    with closing(ProcessExecutor(tmp_path)) as executor:
        assert "cannot fork" in executor.note


def test_an_unknown_start_method_is_refused(tmp_path):
    with pytest.raises(StrategyError, match="'fork' came"):
        ProcessExecutor(tmp_path, start_method="fork")


# --- the process of a leg --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start_method", ["forkserver", "spawn"])
def test_the_surroundings_of_a_leg(start, tmp_path, monkeypatch, start_method):
    work = tmp_path / "work"
    work.mkdir()
    # A module of the user's that is named like one of Python's does not get into our own imports.
    (work / "queue.py").write_text("raise RuntimeError('not this one')")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)

    def look(trial):
        import threadpoolctl

        names = ["OMP_NUM_THREADS", "TF_NUM_INTEROP_THREADS", "TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES"]
        facts = {
            "environment": [os.environ[name] for name in names],
            "pools": sorted({pool["num_threads"] for pool in threadpoolctl.threadpool_info()}),
            "cwd": str(Path.cwd()),
            "path": sys.path,
            "argv": sys.argv,
            "session": os.getsid(0) == os.getpid() == os.getpgrp(),
            "nice": os.nice(0),
            "stdin": sys.stdin.read(),
        }
        (trial.checkpoint_dir / "facts").write_text(json.dumps(facts))
        return 0.0

    path = (*sys.path, str(work))
    session = start(look, threads=2, nice=12, cwd=work, path=path, start_method=start_method)
    session.launch()
    assert session.closing() == LegReturned(0, 1, 0.0)
    facts = json.loads((tmp_path / "trials" / "00000" / "checkpoint" / "facts").read_text())
    assert facts.pop("pools") in ([2], [])
    assert facts == {
        "environment": ["2", "2", "3", "-1"],
        "cwd": str(work),
        "path": list(path),
        "argv": [""],
        "session": True,
        "nice": max(12, os.nice(0)),
        "stdin": "",
    }


def test_no_other_process_holds_a_legs_pipes(start, tmp_path):
    """Else a leg would not notice the end of its executor."""

    def objective(trial):
        trial.report(1, 0.0)

    session = start(objective)
    session.answer = lambda _report: None
    session.launch(0)
    session.until(lambda: session.reports(0))
    session.launch(1)
    session.until(lambda: session.reports(1))

    def pipes(pid):
        return {place for place in map(target, Path(f"/proc/{pid}/fd").iterdir()) if place.startswith("pipe:")}

    def target(descriptor):
        try:
            return str(descriptor.readlink())
        except FileNotFoundError:  # the one that listed them
            return ""

    pids = [json.loads((tmp_path / f"trials/{trial:05d}/attempt-1.pid").read_text())["pid"] for trial in (0, 1)]
    first, second, zygote = pipes(pids[0]), pipes(pids[1]), pipes(session.executor._launcher.zygote)
    assert len(first) == len(second) == 2
    assert not first & second
    assert not zygote & (first | second)
    # Of each leg's two pipes the executor holds the other end.
    assert first | second <= pipes(os.getpid())


def test_a_closed_executor_says_so(tmp_path):
    executor = ProcessExecutor(tmp_path)
    executor.close()
    with pytest.raises(TuneError, match="closed"):
        executor.launch(LegOrder(0, 1, {}, None, 7))
    with pytest.raises(TuneError, match="closed"):
        executor.preflight()


# --- reasons, settings and platform, without processes ---------------------------------------------------------------


def test_settings_travel_as_they_are():
    settings = Settings("/a b/é", 2, 10, "/cwd", ("", "/lib"), ("numpy",))
    text = next(word for word in settings.command("module", 3) if word.startswith("{"))
    assert Settings.from_json(json.loads(text)) == settings
    environment = settings.environment()
    assert {environment[name] for name in THREAD_VARIABLES} == {"2"}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "the process ended itself with exit code 0"),
        (-11, "the process crashed: segmentation fault (SIGSEGV)"),
        (-9, "the process was killed by the system, most often because memory ran out (SIGKILL)"),
        (-10, "the process was ended (SIGUSR1)"),
        (-250, "the process was ended (signal 250)"),
    ],
)
def test_what_an_exit_code_says(status, words):
    message = from_exit(LegOrder(3, 2, {}, None, 7), status, "tail")
    assert (message.trial, message.attempt) == (3, 2)
    assert message.reason == {"kind": "crash", "exit": status, "message": words, "output": "tail"}


def test_what_an_exception_says():
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError

    assert from_exception(MuteError())["message"] == "(its message cannot be shown)"
    assert from_exception(SystemExit())["message"] == "called sys.exit()"
    assert from_exception(KeyboardInterrupt())["message"] == "it was interrupted"
    long = from_exception(ValueError("x" * 9000))
    assert len(long["message"]) == 2003
    assert len(long["traceback"]) == 4004


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("membership", "files", "quota"),
    [
        ("0::/pod\n", {"pod/cpu.max": "150000 100000"}, 1.5),
        ("0::/pod/inner\n", {"pod/cpu.max": "150000 100000", "pod/inner/cpu.max": "max 100000"}, 1.5),
        ("0::/pod/inner\n", {"pod/cpu.max": "400000 100000", "pod/inner/cpu.max": "50000 100000"}, 0.5),
        ("0::/not/mounted/here\n", {"cpu.max": "200000 100000"}, 2.0),
        ("0::/pod\n", {"pod/cpu.max": "max 100000"}, None),
        ("0::/pod\n", {"pod/cpu.max": "nonsense"}, None),
        ("0::/\n", {}, None),
        (
            "3:cpuset:/\n2:cpu,cpuacct:/docker/1\n",
            {"cpu,cpuacct/docker/1/cpu.cfs_quota_us": "300000", "cpu,cpuacct/docker/1/cpu.cfs_period_us": "100000"},
            3.0,
        ),
        ("1:cpu:/\n0::/\n", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ("1:cpu:/\n0::/x\n", {"unified/x/cpu.max": "100000 100000"}, 1.0),
    ],
)
def test_the_quota_of_control_groups(tmp_path, membership, files, quota):
    write(tmp_path / "membership", membership)
    for name, text in files.items():
        write(tmp_path / "groups" / name, text)
    assert platform.cpu_quota(tmp_path / "groups", tmp_path / "membership") == quota


def test_cores_are_the_least_of_all_limits(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)))
    cores = {}
    for quota in (None, 0.5, 2.5, 64.0):
        monkeypatch.setattr(platform, "cpu_quota", lambda quota=quota: quota)
        cores[quota] = platform.available_cores()
    assert cores == {None: 8, 0.5: 1, 2.5: 2, 64.0: 8}


def test_no_control_groups(tmp_path):
    assert platform.cpu_quota(tmp_path, tmp_path / "none") is None


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_hidden_gpu_is_not_visible(monkeypatch, hidden):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert not platform.gpu_visible()


def test_a_process_is_known_by_its_number_and_its_birth():
    me = os.getpid()
    born = platform.birth(me)
    assert platform.find(me, born).pid == me
    assert platform.find(me, born - 60) is None
    assert platform.find(2**22 + 1, born) is None
    with pytest.raises(psutil.Error):
        platform.birth(2**22 + 1)
