"""Finding a space runs the user's code in a process of its own, of which nothing is ever left."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from processes import is_gone, wait_until

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives import payload
from tunewidgets.objectives.base import Objective
from tunewidgets.runner import prepare
from tunewidgets.runner.prepare import find_space
from tunewidgets.runner.process import kill_leftovers
from tunewidgets.space import Float, Space
from tunewidgets.store.folder import SearchFolder

pytestmark = pytest.mark.process


class Own(Objective):
    """Its space comes from whatever the test wants done."""

    def __init__(self, find):
        self.find = find

    def space(self):
        return self.find()

    def run(self, trial):
        return 0.5

    def model(self, trial_folder, config, seed):
        return None


@pytest.fixture
def spec(tmp_path):
    return SimpleNamespace(cwd=str(tmp_path), path=tuple(sys.path))


def dump(find, path):
    payload.dump(Own(find), path)
    return SearchFolder(path)


def hanging(path):
    """Return a function that starts a process with a session of its own, says which, and hangs."""

    def hang():
        napping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        (path / "draft").write_text(json.dumps([os.getpid(), napping.pid]))
        (path / "draft").rename(path / "pids")
        while True:
            time.sleep(600)

    return hang


def pids(path):
    wait_until((path / "pids").exists)
    return json.loads((path / "pids").read_text())


def test_a_space_is_found_and_nothing_is_left(tmp_path, spec):
    folder = dump(lambda: Space(x=Float(0.0, 1.0)), tmp_path)
    assert find_space(folder, spec).space == Space(x=Float(0.0, 1.0))
    assert not (tmp_path / "prepare.pid").exists()


def test_what_an_earlier_attempt_left_is_no_answer(tmp_path, spec):
    (tmp_path / "space.json").write_text(json.dumps({"space": Space(y=Float(0.0, 1.0)).to_json(), "doubts": []}))

    def crash():
        print("now it comes", file=sys.stderr, flush=True)  # noqa: T201 - a user's function prints
        os._exit(3)

    with pytest.raises(ObjectiveError, match="finding the space failed: now it comes"):
        find_space(dump(crash, tmp_path), spec)


def test_what_a_builder_raises_is_told(tmp_path, spec):
    def fail():
        raise ValueError("no layers")

    with pytest.raises(ObjectiveError, match=r"^ValueError: no layers$"):
        find_space(dump(fail, tmp_path), spec)


def begin_finding(folder, spec, stop=None):
    """Return a thread that finds a space, and the list its complaint will be in."""
    said = []

    def find():
        try:
            find_space(folder, spec, stop)
        except ObjectiveError as error:
            said.append(str(error))

    finding = threading.Thread(target=find)
    finding.start()
    return finding, said


def test_it_ends_when_it_is_asked_to(tmp_path, spec):
    stop = threading.Event()
    finding, said = begin_finding(dump(hanging(tmp_path), tmp_path), spec, stop)
    everything = pids(tmp_path)
    record = json.loads((tmp_path / "prepare.pid").read_text())
    assert record["pid"] == everything[0] == os.getsid(everything[0]) != os.getpid()
    stop.set()
    finding.join(10.0)
    assert not finding.is_alive()
    assert "asked to end" in said[0]
    wait_until(lambda: all(map(is_gone, everything)), 5.0)
    assert not (tmp_path / "prepare.pid").exists()


def test_it_ends_when_its_time_is_up(tmp_path, spec, monkeypatch):
    finding, said = begin_finding(dump(hanging(tmp_path), tmp_path), spec)
    everything = pids(tmp_path)
    monkeypatch.setattr(prepare, "SECONDS", 0.1)  # only now: on a busy machine it takes long to begin
    finding.join(10.0)
    assert said == ["the space was not found within 0.1 s: give it, space=tw.Space(...)"]
    wait_until(lambda: all(map(is_gone, everything)), 5.0)


COORDINATOR = """
import sys
from pathlib import Path
from types import SimpleNamespace
from tunewidgets.runner.prepare import find_space
from tunewidgets.store.folder import SearchFolder

find_space(SearchFolder(Path(sys.argv[1])), SimpleNamespace(cwd=sys.argv[1], path=tuple(sys.path)))
"""


@pytest.mark.parametrize("deaf", [False, True])
def test_it_ends_with_its_coordinator(tmp_path, deaf):
    dump(hanging(tmp_path), tmp_path)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", COORDINATOR, str(tmp_path)], env=environment) as process:
        child, napping = pids(tmp_path)
        if deaf:
            os.kill(child, signal.SIGSTOP)  # as deaf as one that computes and does not let other threads run
        process.kill()
    if deaf:
        assert not is_gone(child)
        assert kill_leftovers(tmp_path) == 1
    wait_until(lambda: is_gone(child) and is_gone(napping), 5.0)
    kill_leftovers(tmp_path)
    assert not (tmp_path / "prepare.pid").exists()
