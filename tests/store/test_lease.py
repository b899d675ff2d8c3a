import errno
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace

import pytest

from tunewidgets.errors import LockedError, StoreError
from tunewidgets.store import Lease, SearchFolder, holder_alive, read_lease, write_json
from tunewidgets.store import lease as lease_module

HOLD = """
import sys, pathlib
from tunewidgets.store import Lease
lease = Lease.acquire(pathlib.Path(sys.argv[1]))
print(lease.info.epoch, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path):
    return SearchFolder(tmp_path / "run").create().path


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(lease_module, "is_networked", lambda folder: True)


@pytest.fixture
def lockless(monkeypatch):
    def refuse(handle):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(lease_module, "_system_lock", refuse)


def stranger(folder, **changes):
    """Write the lease of a coordinator on another machine."""
    with Lease.acquire(folder) as lease:
        info = replace(lease.info, host="elsewhere", **changes)
    write_json(SearchFolder(folder).lease, asdict(info))


def test_a_lease_says_who_holds_it(folder):
    assert read_lease(folder) is None
    assert not holder_alive(folder)
    before = time.time()
    lease = Lease.acquire(folder)
    info = read_lease(folder)
    assert info == lease.info
    assert (info.pid, info.epoch, info.released) == (os.getpid(), 1, False)
    assert before <= info.since <= info.heartbeat <= time.time()
    assert holder_alive(folder)
    lease.release()
    lease.release()
    assert read_lease(folder).released
    assert not holder_alive(folder)


def test_the_epoch_rises_with_each_holder(folder):
    for epoch in (1, 2, 3):
        with Lease.acquire(folder) as lease:
            assert lease.info.epoch == read_lease(folder).epoch == epoch


def test_a_second_holder_is_refused_by_name(folder):
    with Lease.acquire(folder) as lease:
        with pytest.raises(LockedError, match=f"process {os.getpid()} on {lease.info.host!r}, since 20"):
            Lease.acquire(folder)
        assert read_lease(folder).epoch == 1
    Lease.acquire(folder).release()


def test_heartbeat(folder):
    with Lease.acquire(folder) as lease:
        first = lease.info.heartbeat
        lease.heartbeat()
        assert read_lease(folder) == lease.info
        assert lease.info.heartbeat > first
        assert lease.info.since <= first
    with pytest.raises(StoreError, match="released"):
        lease.heartbeat()


def test_heartbeat_notices_a_successor_and_release_leaves_it_alone(folder):
    lease = Lease.acquire(folder)
    successor = replace(lease.info, epoch=2, pid=1)
    write_json(SearchFolder(folder).lease, asdict(successor))
    with pytest.raises(LockedError):
        lease.heartbeat()
    lease.release()
    assert read_lease(folder) == successor


def test_a_process_number_used_again_is_not_the_holder(folder):
    with Lease.acquire(folder) as lease:
        write_json(SearchFolder(folder).lease, asdict(replace(lease.info, create_time=lease.info.create_time - 60)))
        assert not holder_alive(folder)


@pytest.mark.parametrize(("age", "alive"), [(0, True), (14, True), (16, False)])
def test_on_another_machine_the_heartbeat_decides(folder, network, age, alive):
    stranger(folder, heartbeat=time.time() - age)
    assert holder_alive(folder) is alive
    if alive:
        with pytest.raises(LockedError, match="'elsewhere'"):
            Lease.acquire(folder)
    else:
        with Lease.acquire(folder) as lease:
            assert lease.info.epoch == 2


def test_on_a_local_disk_the_lock_decides_whatever_the_host_is_called(folder):
    stranger(folder)
    Lease.acquire(folder).release()


def test_without_locks_the_lease_decides(folder, lockless):
    with Lease.acquire(folder), pytest.raises(LockedError):
        Lease.acquire(folder)
    Lease.acquire(folder).release()
    stranger(folder)
    with pytest.raises(LockedError):
        Lease.acquire(folder)


@pytest.mark.parametrize("text", ["", "[]", '{"host": "a"}', "null"])
def test_a_damaged_lease_is_none(folder, text):
    SearchFolder(folder).lease.write_text(text)
    assert read_lease(folder) is None
    with Lease.acquire(folder) as lease:
        assert lease.info.epoch == 1


def test_a_folder_that_is_missing_says_the_cure(tmp_path):
    with pytest.raises(StoreError, match=r"cannot be written.*directory="):
        Lease.acquire(tmp_path / "nowhere")


@pytest.mark.process
def test_kill_9_frees_the_lock_and_a_started_program_does_not_keep_it(folder):
    def hold():
        return subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    with hold() as holder:
        assert holder.stdout.readline() == "1\n"
        with pytest.raises(LockedError, match=f"process {holder.pid} on"):
            Lease.acquire(folder)
        assert holder_alive(folder)
        holder.kill()
        # Dead but not yet collected by its parent: gone all the same.
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
        assert not holder_alive(folder)
    with Lease.acquire(folder) as lease:
        assert lease.info.epoch == 2
        sleeper = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        Lease.acquire(folder).release()
    finally:
        sleeper.kill()
        sleeper.wait()
