"""What differs between operating systems; nothing else in the library asks which one it runs on.

Sessions, process groups, priorities, signals, the number of cores that this process may really use, and the handing
down of pipes. The POSIX side is the one that searches mostly run on; Windows has no sessions, no groups and no fork,
and gets the nearest that psutil and the Windows API give.
"""

import contextlib
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    PipeEnd = Connection[Any, Any]
    """One end of a pipe that carries texts one way."""
else:
    PipeEnd = Connection

CGROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")

# Process start times are read from a clock that may be corrected by the network in between; a pid is not given out
# again within so few seconds.
_SAME_BIRTH = 2.0


# --- how much machine there is ---------------------------------------------------------------------------------------


def available_cores() -> int:
    """Return how many cores this process may use: the least of its affinity and its control group's quota, at least 1.

    In a container the number of cores that the machine has says nothing.

    Examples
    --------
    >>> available_cores() >= 1
    True
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cpu_quota()
    return max(1, usable if quota is None else min(usable, math.floor(quota)))


def cpu_quota(mount: Path = CGROUPS, membership: Path = MEMBERSHIP) -> float | None:
    """Return how many cores' worth of time the control groups allow, or None where they set no limit.

    Parameters
    ----------
    mount : Path
        Where the control groups are mounted, of version 1, 2 or both.
    membership : Path
        The kernel's list of the groups that this process is in, one ``number:controllers:path`` a line.

    Returns
    -------
    float or None
        Cores; the smallest quota of the group and all groups around it.
    """
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return None
    return min((quota for line in lines for quota in _quotas(mount, line)), default=None)


def _quotas(mount: Path, line: str) -> Iterator[float]:
    _, _, rest = line.partition(":")
    controllers, _, inner = rest.partition(":")
    if not controllers:
        for root in (mount, mount / "unified"):
            yield from _upwards(root, inner, _quota_v2)
    elif "cpu" in controllers.split(","):
        for root in {mount / controllers, mount / "cpu"}:
            yield from _upwards(root, inner, _quota_v1)


def _upwards(root: Path, inner: str, read: Callable[[Path], float | None]) -> Iterator[float]:
    # Inside a container the path is often the host's, which is not mounted there: the root then holds our limits.
    place = root / inner.lstrip("/")
    for folder in (place, *place.parents):
        quota = read(folder)
        if quota is not None:
            yield quota
        if folder == root:
            return


def _quota_v2(folder: Path) -> float | None:
    with contextlib.suppress(OSError, ValueError):
        quota, period = (folder / "cpu.max").read_text().split()
        return int(quota) / int(period)  # "max" is no number, and no limit
    return None


def _quota_v1(folder: Path) -> float | None:
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
        quota = int((folder / "cpu.cfs_quota_us").read_text())
        return quota / int((folder / "cpu.cfs_period_us").read_text()) if quota > 0 else None
    return None


def gpu_visible() -> bool:
    """Tell whether a GPU could be used from here, without waking its driver."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all") in ("", "-1"):
        return False
    devices = Path("/dev")
    return any(devices.glob("nvidia[0-9]*")) or (devices / "kfd").exists() or (devices / "dxg").exists()


# --- starting processes ----------------------------------------------------------------------------------------------


def can_fork() -> bool:
    """Tell whether forking a process that has imported large libraries works here; on macOS it does not."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def detached() -> dict[str, Any]:
    """Return the arguments with which `subprocess.Popen` starts a process that outlives this one.

    The caller sends its output to a file: there is no terminal any more.
    """
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_BREAKAWAY_FROM_JOB
        return {"stdin": subprocess.DEVNULL, "close_fds": True, "creationflags": flags}
    return {"stdin": subprocess.DEVNULL, "close_fds": True, "start_new_session": True}


def handing_down(handles: Iterable[int]) -> dict[str, Any]:
    """Return the arguments with which `subprocess.Popen` lets the new process have these pipe ends, and no other."""
    if sys.platform == "win32":
        wanted = list(handles)
        for handle in wanted:
            os.set_handle_inheritable(handle, True)  # noqa: FBT003 - the standard library's signature
        return {"startupinfo": subprocess.STARTUPINFO(lpAttributeList={"handle_list": wanted})}
    return {"pass_fds": tuple(handles), "start_new_session": True}


def handed_down(handle: int, *, readable: bool) -> PipeEnd:
    """Return the connection on a pipe end that this process was given, and keep it from this process's own children."""
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection  # noqa: PLC0415 - exists on Windows only

        os.set_handle_inheritable(handle, False)  # noqa: FBT003 - the standard library's signature
        return PipeConnection(handle, readable=readable, writable=not readable)
    os.set_inheritable(handle, False)  # noqa: FBT003 - the standard library's signature
    return Connection(handle, readable=readable, writable=not readable)


def ending_of(process: "subprocess.Popen[bytes]") -> Any:
    """Return what `multiprocessing.connection.wait` can wait for until the process ends; None: it must be polled."""
    if sys.platform == "win32":
        return int(process._handle)  # noqa: SLF001 - the only name it has
    if hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):
            return os.pidfd_open(process.pid)
    return None


def release(ending: Any) -> None:
    """Free what `ending_of` returned."""
    if ending is not None and sys.platform != "win32":
        os.close(ending)


def new_session() -> None:
    """Make this process the leader of a session and a group of its own, unless it is."""
    if sys.platform != "win32" and os.getsid(0) != os.getpid():
        os.setsid()


def default_signals() -> None:
    """Handle signals as a fresh Python does, whatever the process that this one was forked from had arranged."""
    signal.set_wakeup_fd(-1)
    for name in ("SIGCHLD", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def lower_priority(nice: int) -> None:
    """Let other work go first: `nice` is 0 for equal rank and 19 for the lowest; a rank that is lower already stays."""
    if sys.platform == "win32":
        if nice > 0:
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(max(0, nice - os.nice(0)))


def sync_folder(folder: Path) -> None:
    """Make sure that renames in a folder survive a power failure, where the system needs to be told."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- ending processes ------------------------------------------------------------------------------------------------


def birth(pid: int) -> float:
    """Return when a process began, in seconds since the epoch: with its pid it says for good which process is meant.

    Raises
    ------
    psutil.Error
        There is no such process.
    """
    return float(psutil.Process(pid).create_time())


def find(pid: int, born: float) -> psutil.Process | None:
    """Return the process that had this pid at that time, or None where it is gone."""
    try:
        process = psutil.Process(pid)
        return process if abs(process.create_time() - born) < _SAME_BIRTH and is_running(process) else None
    except psutil.Error:
        return None


def is_running(process: psutil.Process) -> bool:
    """Tell whether a process still does something: one that has ended and was not asked after does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end_tree(process: psutil.Process, known: Iterable[psutil.Process] = (), *, hard: bool) -> list[psutil.Process]:
    """Ask a process, its group and all its descendants to end; with `hard` end them.

    Parameters
    ----------
    process : psutil.Process
        The leader of the group; one that is gone, whatever has its pid now, is left alone.
    known : iterable of psutil.Process
        Descendants seen earlier: their parents may have gone, so that they could not be found again.
    hard : bool
        Whether they are not asked.

    Returns
    -------
    list of psutil.Process
        All descendants met.
    """
    # Found before anything is ended, for afterwards they are somebody else's children; and ended before the group, for
    # a process that ends its own tree is in it.
    family = set(known)
    with contextlib.suppress(psutil.Error):
        family |= set(process.children(recursive=True))
    for one in family:
        with contextlib.suppress(psutil.Error):
            one.kill() if hard else one.terminate()
    if process.is_running():
        end_group(process.pid, hard=hard)
    return list(family)


def end_group(leader: int, *, hard: bool = True) -> None:
    """End whatever is left of a process group; the leader must be running or not have been asked after."""
    with contextlib.suppress(ProcessLookupError, PermissionError, psutil.Error):
        if sys.platform == "win32":
            psutil.Process(leader).kill() if hard else psutil.Process(leader).terminate()
        else:
            os.killpg(leader, signal.SIGKILL if hard else signal.SIGTERM)


def end_self() -> None:
    """End this process, its group and its descendants, at once."""
    end_tree(psutil.Process(), hard=True)
    os._exit(1)


def exit_status(pid: int) -> int | None:
    """Return how a child of this process ended, minus the signal's number where it was one; None: it is running.

    What the child left behind in its group is ended with it: before the child is taken off the kernel's books, when
    nobody else can have its number.
    """
    if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return None
    end_group(pid)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def signal_name(number: int) -> str:
    """Return a signal's name.

    Examples
    --------
    >>> signal_name(15)
    'SIGTERM'
    """
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
