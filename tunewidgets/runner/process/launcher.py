"""Starts the processes of legs and tells how they end: from a zygote where that works, else each as a new Python."""

import contextlib
import errno
import json
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import Any, Literal, Self

import psutil

from tunewidgets.errors import StrategyError
from tunewidgets.runner import platform
from tunewidgets.runner.platform import PipeEnd
from tunewidgets.runner.process.settings import Settings

StartMethod = Literal["auto", "forkserver", "spawn"]

_PACKET = 65536
# Importing TensorFlow takes seconds, on a laden machine with a networked disk a minute.
_IMPORT_SECONDS = 180.0
_POLL_SECONDS = 0.1
_MOST_DEATHS = 2
# Out of processes, memory or descriptors: there may be some again in a moment.
_PASSING = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)


@dataclass(frozen=True, slots=True)
class Began:
    """The process of a job is there."""

    job: int
    pid: int


@dataclass(frozen=True, slots=True)
class Ended:
    """It has ended; `status` is its exit code, minus the signal's number after a signal, None where nobody knows."""

    job: int
    status: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The system would not make the process; `passing` says that it may well do so a little later."""

    job: int
    why: str
    passing: bool = True

    @classmethod
    def because(cls, job: int, error: OSError) -> Self:
        """Return what an error says that was raised while a process was made."""
        return cls(job, str(error), error.errno in _PASSING)


@dataclass(frozen=True, slots=True)
class Dropped:
    """The job was never begun, through no fault of its own: begin it again, with new pipes."""

    job: int


Occurrence = Began | Ended | Refused | Dropped


class Spawner:
    """Starts each process as a Python of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environment = settings.environment()
        self._running: dict[int, tuple[subprocess.Popen[bytes], Any]] = {}
        self._told: list[Occurrence] = []

    def begin(self, job: int, orders: PipeEnd, reports: PipeEnd) -> None:
        """Start a process with these pipe ends; what comes of it is told by `poll`."""
        handles = (orders.fileno(), reports.fileno())
        try:
            process = _python(self._settings, "leg", handles, self._environment)
        except OSError as error:
            self._told.append(Refused.because(job, error))
            return
        self._running[job] = (process, platform.ending_of(process))
        self._told.append(Began(job, process.pid))

    def waitables(self) -> list[Any]:
        """Return what to wait for."""
        return [ending for _, ending in self._running.values() if ending is not None]

    @property
    def patience(self) -> float | None:
        """How long to wait at most before asking `poll` again, in seconds; None: as long as nothing happens."""
        if self._told:
            return 0.0
        return _POLL_SECONDS if any(ending is None for _, ending in self._running.values()) else None

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing is left to tell."""
        return not (self._running or self._told)

    def poll(self) -> list[Occurrence]:
        """Return what has happened since the last call."""
        for job, (process, ending) in list(self._running.items()):
            status = exit_code(process)
            if status is not None:
                platform.release(ending)
                del self._running[job]
                self._told.append(Ended(job, status))
        told, self._told = self._told, []
        return told

    def close(self) -> None:
        """End all processes."""
        for process, ending in self._running.values():
            with contextlib.suppress(psutil.Error):
                platform.end_tree(psutil.Process(process.pid), hard=True)
            process.wait()
            platform.release(ending)
        self._running.clear()


def exit_code(process: "subprocess.Popen[bytes]") -> int | None:
    """Return how a process ended, None while it runs; what it left behind in its group is ended with it."""
    if platform.can_fork():
        status = platform.exit_status(process.pid)
        if status is not None:
            process.returncode = status  # it has been asked after, behind its back
        return status
    return process.poll()


def _python(
    settings: Settings, module: str, handles: tuple[int, ...], environment: dict[str, str]
) -> "subprocess.Popen[bytes]":
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "processes.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            settings.command(f"tunewidgets.runner.process.{module}", *handles),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=settings.cwd,
            env=environment,
            **platform.handing_down(handles),
        )


class Forker:
    """Forks each process from a zygote, which is started when it is first needed and again when it has gone.

    A process that was forked lives on when the zygote goes; only its exit code is then lost.

    Attributes
    ----------
    unfit : str or None
        Why it cannot be used (any more).
    """

    def __init__(self, settings: Settings) -> None:
        self.unfit: str | None = None
        self._settings = settings
        self._environment = settings.environment()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._ready_by: float | None = None
        self._deaths = 0
        self._waiting: set[int] = set()
        self._running: dict[int, psutil.Process | None] = {}
        self._orphans: dict[int, psutil.Process | None] = {}
        self._told: list[Occurrence] = []

    @property
    def pid(self) -> int | None:
        """The zygote's, where there is one."""
        return self._zygote.pid if self._zygote else None

    def begin(self, job: int, orders: PipeEnd, reports: PipeEnd) -> None:
        """Fork a process with these pipe ends; what comes of it is told by `poll`."""
        try:
            line = self._line or self._start()
        except OSError as error:
            self.close()
            self._told.append(Refused.because(job, error))  # no fault of the zygote's, which never was
            return
        self._waiting.add(job)
        try:
            socket.send_fds(line, [json.dumps({"job": job}).encode()], [orders.fileno(), reports.fileno()])
        except (BrokenPipeError, ConnectionResetError):
            return  # it has ended; what it told before that is still there to be read
        except OSError:
            self._gone()

    def waitables(self) -> list[Any]:
        """Return what to wait for."""
        return [self._line] if self._line else []

    @property
    def patience(self) -> float | None:
        """How long to wait at most before asking `poll` again, in seconds; None: as long as nothing happens."""
        if self._told:
            return 0.0
        if self._orphans:
            return _POLL_SECONDS
        return None if self._ready_by is None else max(0.0, self._ready_by - time.monotonic())

    @property
    def idle(self) -> bool:
        """Whether nothing that it was asked for runs or is about to, and nothing is left to tell."""
        return not (self._waiting or self._running or self._orphans or self._told)

    def poll(self) -> list[Occurrence]:
        """Return what has happened since the last call."""
        while self._line:
            try:
                packet = self._line.recv(_PACKET, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except ConnectionResetError:
                continue  # it ended with requests unread: that is told before its last words, and only once
            except OSError:
                packet = b""
            if packet:
                self._take(json.loads(packet))
            else:
                self._gone()
        if self._ready_by is not None and time.monotonic() > self._ready_by:
            self._give_up(f"importing {', '.join(self._settings.preload)} took longer than {_IMPORT_SECONDS:g} s")
        self._look_after_orphans()
        told, self._told = self._told, []
        return told

    def close(self) -> None:
        """End the zygote; what it has forked is the caller's business, and must have ended to be told of."""
        if self._line:
            self._line.close()
            self._line = None
        if self._zygote:
            self._zygote.kill()
            self._zygote.wait()
            self._zygote = None
        self._ready_by = None

    def _start(self) -> socket.socket:
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._line = line
            self._zygote = _python(self._settings, "zygote", (theirs.fileno(),), self._environment)
        self._ready_by = time.monotonic() + _IMPORT_SECONDS
        return line

    def _take(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self._ready_by = None
            if message["unfit"]:
                self._give_up(message["unfit"])
            return
        job = message["job"]
        if "pid" in message:
            self._deaths = 0
            self._waiting.discard(job)
            with contextlib.suppress(psutil.Error):
                self._running[job] = None
                self._running[job] = psutil.Process(message["pid"])
            self._told.append(Began(job, message["pid"]))
        elif "status" in message:
            self._running.pop(job, None)
            self._told.append(Ended(job, message["status"]))
        else:
            self._waiting.discard(job)
            self._told.append(Refused(job, message["error"]))

    def _gone(self) -> None:
        """Take note that the zygote has gone: what it has forked runs on, what it has not is to be begun again."""
        self.close()
        self._deaths += 1
        self._orphans |= self._running
        self._running = {}
        self._told += [Dropped(job) for job in sorted(self._waiting)]
        self._waiting.clear()
        if self._deaths >= _MOST_DEATHS and self.unfit is None:
            self.unfit = f"the process they would be forked from ended {self._deaths} times while it was starting"

    def _give_up(self, why: str) -> None:
        self.unfit = why
        self._gone()

    def _look_after_orphans(self) -> None:
        for job, process in list(self._orphans.items()):
            if process is None or not platform.is_running(process):
                del self._orphans[job]
                self._told.append(Ended(job, None))


class Launcher:
    """Forks while that works, and spawns where it does not.

    Parameters
    ----------
    settings : Settings
        How the processes are to be.
    method : {"auto", "forkserver", "spawn"}
        "forkserver" refuses to work where there is no fork; it is "auto" otherwise.

    Attributes
    ----------
    note : str
        What the user should know about how processes are started; empty where there is nothing to tell.

    Raises
    ------
    StrategyError
        "forkserver" was asked for, and this system cannot fork; or the method is unknown.
    """

    def __init__(self, settings: Settings, method: StartMethod) -> None:
        if method not in ("auto", "forkserver", "spawn"):
            raise StrategyError(f'start_method must be "auto", "forkserver" or "spawn"; {method!r} came.')
        if method == "forkserver" and not platform.can_fork():
            raise StrategyError('start_method="forkserver" needs a system that can fork. Cure: start_method="auto".')
        self._spawner = Spawner(settings)
        self._forker = Forker(settings) if method != "spawn" and platform.can_fork() else None
        self.note = "" if self._forker or method == "spawn" else _note("this system cannot fork them")

    @property
    def zygote(self) -> int | None:
        """The zygote's process number, where there is one."""
        return self._forker.pid if self._forker else None

    @property
    def method(self) -> str:
        """How the next process will be started: "forkserver" or "spawn"."""
        return "forkserver" if self._forker and self._forker.unfit is None else "spawn"

    def begin(self, job: int, orders: PipeEnd, reports: PipeEnd) -> None:
        """Start a process with these pipe ends, which are closed here; what comes of it is told by `poll`."""
        way = self._forker if self._forker and self._forker.unfit is None else self._spawner
        way.begin(job, orders, reports)
        orders.close()
        reports.close()

    def waitables(self) -> list[Any]:
        """Return what to wait for."""
        return [it for way in self._ways() for it in way.waitables()]

    @property
    def patience(self) -> float | None:
        """How long to wait at most before asking `poll` again, in seconds; None: as long as nothing happens."""
        return min((way.patience for way in self._ways() if way.patience is not None), default=None)

    def poll(self) -> list[Occurrence]:
        """Return what has happened since the last call."""
        told = [it for way in self._ways() for it in way.poll()]
        if self._forker and self._forker.unfit and not self.note:
            self.note = _note(self._forker.unfit)
        return told

    @property
    def idle(self) -> bool:
        """Whether all that was begun has ended and has been told of."""
        return all(way.idle for way in self._ways())

    def close(self) -> None:
        """Free everything."""
        for way in self._ways():
            way.close()

    def _ways(self) -> list[Forker | Spawner]:
        return [self._forker, self._spawner] if self._forker else [self._spawner]


def _note(why: str) -> str:
    return f"each leg starts a Python of its own, which takes longer than forking one: {why}"
