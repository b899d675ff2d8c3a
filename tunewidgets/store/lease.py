"""Who may coordinate a search: a lock that the system frees with its process, and a lease that others can read.

The lock decides among the processes of one machine, and dies with its holder however that ends. The lease, a small
JSON file, says to everybody who the holder is, and where several machines see the folder its heartbeat decides
between them, because locks do not travel over every network.
"""

import errno
import os
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Literal, Self

from tunewidgets.errors import LockedError, StoreError
from tunewidgets.store.filesystems import is_networked
from tunewidgets.store.folder import SearchFolder, read_json, unwritable, write_json

FRESH = 15.0
"""Seconds after its last heartbeat during which a coordinator on another machine counts as alive."""

_SAME_START = 2.0  # seconds; the system derives start times from the boot time, which clock corrections move a little
_Lock = Literal["ours", "theirs", "none"]

_UNSUPPORTED = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@dataclass(frozen=True, slots=True)
class LeaseInfo:
    """Who coordinates a search, or was the last to.

    Attributes
    ----------
    host : str
        The machine's name.
    pid : int
        The process's number there.
    create_time : float
        When that process began, seconds since the epoch: with `pid` it names a process for good.
    epoch : int
        How many coordinators the search has had, this one included.
    since : float
        When the lease was taken, seconds since the epoch.
    heartbeat : float
        The last sign of life, seconds since the epoch.
    released : bool
        Whether the holder gave it back.
    """

    host: str
    pid: int
    create_time: float
    epoch: int
    since: float
    heartbeat: float
    released: bool = False


class Lease:
    """The right to coordinate one search, held until `release` or the end of the process.

    Only for a process that does not fork: a forked child would go on holding the lock after its parent's death. (A
    child that starts a program, as subprocesses do, does not inherit it.)

    Examples
    --------
    >>> with Lease.acquire(Path("tune_runs/digits")) as lease:      # doctest: +SKIP
    ...     while working():
    ...         lease.heartbeat()
    """

    def __init__(self, layout: SearchFolder, handle: int, info: LeaseInfo) -> None:
        self._layout = layout
        self._handle: int | None = handle
        self.info = info

    @classmethod
    def acquire(cls, folder: Path) -> Self:
        """Take the lease of a search's folder.

        Raises
        ------
        LockedError
            If another coordinator lives there; the message says on which machine, which process, and since when.
        StoreError
            If the folder cannot be written.
        """
        layout = SearchFolder(Path(folder))
        handle = _open_lock(layout)
        try:
            before = read_lease(layout.path)
            _check_free(layout, before, _lock(handle))
            info = _own_info(1 if before is None else before.epoch + 1)
            write_json(layout.lease, asdict(info))
        except BaseException:
            os.close(handle)
            raise
        return cls(layout, handle, info)

    def heartbeat(self) -> None:
        """Say that the holder lives; about once a second.

        Raises
        ------
        LockedError
            If a later coordinator has taken the lease: this one must stop writing.
        StoreError
            If the lease was released, or the folder cannot be written.
        """
        if self._handle is None:
            raise StoreError(f"The lease of {str(self._layout.path)!r} was released; acquire it again.")
        current = read_lease(self._layout.path)
        if current is not None and current.epoch > self.info.epoch:
            raise _locked(self._layout, current)
        self.info = replace(self.info, heartbeat=time.time())
        # Not durable: after a power failure nobody is left whose heartbeat could count.
        write_json(self._layout.lease, asdict(self.info), durable=False)

    def release(self) -> None:
        """Give the lease back; may be called twice, and works even where the folder is gone."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        try:
            with suppress(StoreError):
                current = read_lease(self._layout.path)
                if current is None or current.epoch == self.info.epoch:
                    write_json(self._layout.lease, asdict(replace(self.info, released=True)), durable=False)
        finally:
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def read_lease(folder: Path) -> LeaseInfo | None:
    """Return who coordinates a search or was the last to; None where nobody ever did, or the file is not readable."""
    try:
        data = read_json(SearchFolder(Path(folder)).lease)
    except StoreError:
        return None
    names = {field.name for field in fields(LeaseInfo)}
    if not isinstance(data, dict) or not names <= data.keys():
        return None
    return LeaseInfo(**{name: data[name] for name in names})


def holder_alive(folder: Path) -> bool:
    """Tell whether a coordinator lives in a folder; never disturbs the lock.

    On the holder's own machine the process is looked up by number and start time; from another machine its heartbeat
    must be younger than 15 s.
    """
    info = read_lease(folder)
    return info is not None and _alive(info)


def _alive(info: LeaseInfo) -> bool:
    if info.released:
        return False
    if info.host != socket.gethostname():
        return abs(time.time() - info.heartbeat) < FRESH
    started = _create_time(info.pid)
    return started is not None and abs(started - info.create_time) < _SAME_START


def _check_free(layout: SearchFolder, info: LeaseInfo | None, lock: _Lock) -> None:
    """Refuse where a living holder stands against us.

    Where the lock works it speaks for every process of this machine, containers included, and on a local disk there
    are no others. Elsewhere the lease is all there is.
    """
    if lock == "theirs":
        raise _locked(layout, info)
    if info is None or (lock == "ours" and (info.host == socket.gethostname() or not is_networked(layout.path))):
        return
    if _alive(info):
        raise _locked(layout, info)


def _own_info(epoch: int) -> LeaseInfo:
    pid, now = os.getpid(), time.time()
    return LeaseInfo(socket.gethostname(), pid, _create_time(pid) or now, epoch, now, now)


def _create_time(pid: int) -> float | None:
    """Return when a process of this machine began; None where it is gone, or dead and only waiting to be collected."""
    import psutil  # noqa: PLC0415 - heavy: imported where first used

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def _locked(layout: SearchFolder, info: LeaseInfo | None) -> LockedError:
    holder = "a process that has just begun"  # it has the lock, but has not written its lease yet
    if info is not None and _alive(info):
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(info.since))
        holder = f"process {info.pid} on {info.host!r}, since {since}"
    return LockedError(
        f"Another coordinator works in {str(layout.path)!r}: {holder}. Watch it with attach(), or end it before "
        "starting one here."
    )


def _open_lock(layout: SearchFolder) -> int:
    try:
        return os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o600)  # Python opens without inheritance
    except OSError as error:
        raise unwritable(layout.path, error) from error


def _lock(handle: int) -> _Lock:
    """Lock an open file without waiting; "none" says that this file system has no locks."""
    try:
        _system_lock(handle)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return "none"
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            return "theirs"
        raise StoreError(f"The lock of the search's folder cannot be taken: {error}.") from error
    return "ours"


if sys.platform == "win32":
    import msvcrt

    def _system_lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _system_lock(handle: int) -> None:
        # flock, not lockf: a POSIX lock would be lost as soon as this process closed any other handle on the file.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
