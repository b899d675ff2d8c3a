"""The system will not make a process just now: no trial loses a leg by that, and nothing is tried in a frenzy."""

import errno
import os
import sys
import threading
from contextlib import closing

import pytest
from processes import search

from tunewidgets.objectives import payload
from tunewidgets.objectives.function import FunctionObjective
from tunewidgets.runner.executor import LegLost, LegOrder, LegReturned
from tunewidgets.runner.process import ProcessExecutor, launcher, running
from tunewidgets.runner.process.files import LegFiles
from tunewidgets.runner.process.running import RunningLeg

pytestmark = pytest.mark.process

# In the zygote, where forking happens: the first two tries are refused.
STINGY = """
import errno, os
fork, tries = os.fork, []
def refuse():
    tries.append(1)
    if len(tries) <= 2:
        raise BlockingIOError(errno.EAGAIN, "no more processes")
    return fork()
os.fork = refuse
"""


@pytest.fixture
def hurried(monkeypatch):
    """Wait for less long than is kind to a system that has run out of processes."""
    monkeypatch.setattr(running, "REFUSED_FIRST_SECONDS", 0.01)


@pytest.fixture
def refusing(monkeypatch):
    """Refuse to start a Python so many times; returns the tries."""

    def refuse(times, number=errno.EAGAIN):
        start, tries = launcher._python, []

        def start_or_not(*arguments):
            tries.append(arguments[1])
            if len(tries) <= times:
                raise OSError(number, "not now")
            return start(*arguments)

        monkeypatch.setattr(launcher, "_python", start_or_not)
        return tries

    return refuse


def parent(_config):
    return float(os.getppid())


def test_a_leg_that_the_zygote_cannot_fork_is_forked_later(tmp_path, hurried):
    (tmp_path / "stingy.py").write_text(STINGY)
    with search(parent, tmp_path, preload=("stingy",), path=(*sys.path, str(tmp_path))) as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1, float(session.executor._launcher.zygote))
        session.launch(1)
        assert isinstance(session.closing(1), LegReturned)


def test_a_leg_that_cannot_be_spawned_is_spawned_later(tmp_path, hurried, refusing):
    tries = refusing(3)
    with search(parent, tmp_path, start_method="spawn") as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1, float(os.getpid()))
    assert tries == ["leg"] * 4


def test_a_zygote_that_cannot_be_started_is_started_later_and_forking_not_given_up(tmp_path, hurried, refusing):
    tries = refusing(3)
    with search(parent, tmp_path) as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1, float(session.executor._launcher.zygote))
        assert session.executor.note == ""
    assert tries == ["zygote"] * 4


def test_without_descriptors_a_leg_waits(tmp_path, hurried, monkeypatch):
    make, tries = running.Pipe, []

    def pipe(**options):
        tries.append(1)
        if len(tries) in (1, 4):  # the first pipe of the first try, the second of the third
            raise OSError(errno.EMFILE, "too many open files")
        return make(**options)

    monkeypatch.setattr(running, "Pipe", pipe)
    with search(lambda _config: 0.5, tmp_path, start_method="spawn") as session:
        session.launch()
        assert session.closing() == LegReturned(0, 1, 0.5)


def test_a_preflight_waits_too(tmp_path, hurried, refusing):
    refusing(2)
    payload.dump(FunctionObjective(parent), tmp_path)
    with closing(ProcessExecutor(tmp_path)) as executor:
        assert executor.preflight().ok


def test_a_preflight_that_is_called_off(tmp_path, refusing):
    refusing(10**6)
    stop = threading.Event()
    stop.set()
    with closing(ProcessExecutor(tmp_path)) as executor:
        found = executor.preflight(stop=stop)
    assert not found.ok
    assert found.error["kind"] == "lost"


@pytest.mark.parametrize(("number", "give_up"), [(errno.EAGAIN, 0.0), (errno.ENOENT, 300.0)])
def test_what_does_not_pass_is_told_in_the_end(tmp_path, refusing, monkeypatch, number, give_up):
    monkeypatch.setattr(running, "REFUSED_GIVE_UP_SECONDS", give_up)
    refusing(10**6, number)
    with search(parent, tmp_path, start_method="spawn") as session:
        session.launch()
        lost = session.closing(seconds=5.0)
        assert isinstance(lost, LegLost)
        assert not lost.requested
        assert lost.message.startswith("its process could not be made: ")
        assert lost.message.endswith("not now")


@pytest.mark.parametrize("now", [True, False])
def test_a_leg_that_waits_to_be_begun_can_be_stopped(tmp_path, refusing, monkeypatch, now):
    monkeypatch.setattr(running, "REFUSED_FIRST_SECONDS", 60.0)
    tries = refusing(10**6)
    with search(parent, tmp_path, start_method="spawn") as session:
        session.launch()
        session.until(lambda: tries)
        session.pump()
        session.executor.stop(0, 1, now=now)
        assert session.closing(seconds=5.0) == LegLost(0, 1, "it was stopped before it began", requested=True)
        assert session.executor._jobs == {}
    assert len(tries) == 1


def test_the_waits_double_up_to_half_a_minute_and_end_after_five(tmp_path):
    leg = RunningLeg(1, LegOrder(0, 1, {}, None, 7), LegFiles(tmp_path, 0, 1), None)
    now, waits = 1000.0, []
    while leg.put_off(now):
        waits.append(leg.again_at - now)
        now = leg.again_at
    assert waits[:9] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert set(waits[9:]) == {30.0}
    assert 300.0 <= sum(waits) < 330.0
