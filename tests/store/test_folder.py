import json
import os
from pathlib import Path

import pytest

from tunewidgets.errors import StoreError
from tunewidgets.store import SearchFolder, check_trust, read_json, write_json
from tunewidgets.store.filesystems import filesystem_type, is_networked

MOUNTS = r"""/dev/vda / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/export /home nfs4 rw,vers=4.2 0 0
/dev/sdb /home/ada/fast\040disk xfs rw 0 0
drive /content/drive fuse.drivefs rw 0 0
scratch /scratch lustre rw 0 0
/dev/sdc /scratch/local ext4 rw 0 0
/dev/sdd /mnt/x ext4 rw 0 0
//nas/x /mnt/x cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind", "networked"),
    [
        ("/tmp/runs", "ext4", False),
        ("/home", "nfs4", True),
        ("/home/ada/runs", "nfs4", True),
        ("/homework", "ext4", False),
        ("/home/ada/fast disk/runs", "xfs", False),
        ("/content/drive/MyDrive", "fuse.drivefs", True),
        ("/scratch/ada", "lustre", True),
        ("/scratch/local/ada", "ext4", False),
        ("/mnt/x/y", "cifs", True),
    ],
)
def test_file_system_of_the_longest_and_latest_mount(folder, kind, networked):
    assert filesystem_type(Path(folder), MOUNTS) == kind
    assert is_networked(Path(folder), MOUNTS) is networked


def test_without_a_list_of_mounts_a_folder_counts_as_local():
    assert filesystem_type(Path("/tmp"), "") == ""
    assert not is_networked(Path("/tmp"), "")


def test_layout():
    layout = SearchFolder(Path("runs/a"))
    names = ("search", "commands", "spec", "payload", "arrays", "trials", "log", "lock", "lease")
    assert [getattr(layout, name).relative_to("runs/a").as_posix() for name in names] == [
        "search.sqlite", "commands.sqlite", "spec.json", "payload.pkl", "arrays", "trials", "coordinator.log",
        "coordinator.lock", "lease.json",
    ]  # fmt: skip
    assert layout.trial(7) == Path("runs/a/trials/00007")
    assert layout.trial(123456) == Path("runs/a/trials/123456")


def test_a_new_folder_is_private_and_an_old_one_left_as_it_is(tmp_path):
    before = os.umask(0o000)
    try:
        layout = SearchFolder(tmp_path / "deep" / "er").create()
    finally:
        os.umask(before)
    assert layout.path.stat().st_mode & 0o777 == 0o700
    layout.path.chmod(0o755)
    assert layout.create() == layout
    assert layout.path.stat().st_mode & 0o777 == 0o755


def test_a_folder_that_cannot_be_made_says_the_cure(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/run.*cannot be written.*directory="):
        SearchFolder(tmp_path / "file" / "run").create()


def test_json_round_trip_and_no_drafts_left(tmp_path):
    path = tmp_path / "spec.json"
    assert read_json(path) is None
    for data in ({"a": [1, 2.5, None, "é\n"]}, {"inf": float("inf")}, []):
        write_json(path, data, durable=data != [])
        assert read_json(path) == data
    assert [entry.name for entry in tmp_path.iterdir()] == ["spec.json"]


def test_json_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "spec.json"
    write_json(path, {"old": 1})
    with pytest.raises(StoreError, match="JSON types"):
        write_json(path, {"new": object()})

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        write_json(path, {"new": 1})
    assert json.loads(path.read_text()) == {"old": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["spec.json"]


def test_json_that_is_none_is_an_error(tmp_path):
    (tmp_path / "spec.json").write_text('{"half":')
    with pytest.raises(StoreError, match=r"spec\.json.*cannot be read"):
        read_json(tmp_path / "spec.json")


@pytest.fixture
def own(tmp_path):
    layout = SearchFolder(tmp_path / "run").create()
    layout.payload.write_bytes(b"")
    layout.payload.chmod(0o664)
    return layout


def test_ones_own_private_folder_is_trusted(own):
    check_trust(own.path)
    own.path.chmod(0o755)
    own.payload.chmod(0o644)
    check_trust(own.path)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o720, 0o702])
def test_a_folder_that_others_may_write_needs_trust(own, mode):
    own.payload.chmod(0o600)
    own.path.chmod(mode)
    with pytest.raises(
        StoreError,
        match=r"payload\.pkl, and in what its trials saved, with your rights.*'run' may be changed.*trust=True",
    ):
        check_trust(own.path)
    check_trust(own.path, trust=True)


def test_a_payload_that_others_may_write_needs_trust_where_they_reach_it(own):
    own.path.chmod(0o711)
    with pytest.raises(StoreError, match=r"'payload.pkl' may be changed by other users \(its mode is 664\)"):
        check_trust(own.path)
    own.path.chmod(0o700)
    check_trust(own.path)


@pytest.fixture
def trained(own):
    """A search's folder that others may look into, with what one trial saved."""
    own.payload.chmod(0o644)
    for folder in (own.path, own.trials, own.trial(7), own.trial(7) / "checkpoint", own.trial(7) / "checkpoint/best"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    for place in ("checkpoint/state.pkl", "checkpoint/best/state.pkl", "attempt-1.log"):
        (own.trial(7) / place).write_bytes(b"")
        (own.trial(7) / place).chmod(0o644)
    check_trust(own.path)
    return own


@pytest.mark.parametrize(
    ("place", "mode"),
    [
        ("trials", 0o775),
        ("trials/00007", 0o757),
        ("trials/00007/checkpoint", 0o775),
        ("trials/00007/checkpoint/state.pkl", 0o664),
        ("trials/00007/checkpoint/best/state.pkl", 0o646),
    ],
)
def test_what_trials_saved_is_code_too(trained, place, mode):
    (trained.path / place).chmod(mode)
    with pytest.raises(StoreError, match=rf"what its trials saved.*'{place}' may be changed by other users"):
        check_trust(trained.path)
    check_trust(trained.path, trust=True)
    trained.trials.chmod(0o700)
    check_trust(trained.path)


def test_what_trials_saved_is_told_from_what_they_printed(trained):
    (trained.trial(7) / "attempt-1.log").chmod(0o666)
    check_trust(trained.path)


def test_what_somebody_else_saved_in_a_trials_folder_needs_trust(trained, monkeypatch):
    if os.getuid() != 0:
        pytest.skip("only root may give a file away")
    os.chown(trained.trial(7) / "checkpoint/state.pkl", 65534, -1)
    with pytest.raises(StoreError, match=r"'trials/00007/checkpoint/state.pkl' belongs to another user"):
        check_trust(trained.path)


def test_somebody_elses_folder_needs_trust(own, monkeypatch):
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    with pytest.raises(StoreError, match=f"belongs to another user \\(number {owner}, you are {owner + 1}\\)"):
        check_trust(own.path)
    check_trust(own.path, trust=True)


def test_a_folder_that_is_not_there_is_not_trusted(tmp_path):
    with pytest.raises(StoreError, match="cannot be looked at"):
        check_trust(tmp_path / "nowhere")
