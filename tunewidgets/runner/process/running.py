"""One leg that is under way, as the executor sees it: its pipes, its process, and how far its ending has come."""

import contextlib
import json
import time
from dataclasses import dataclass, field
from multiprocessing import Pipe
from typing import Literal

import psutil

from tunewidgets.history import Action
from tunewidgets.runner import platform
from tunewidgets.runner.executor import LegFailed, LegLost, LegOrder, LegReported, Message
from tunewidgets.runner.platform import PipeEnd
from tunewidgets.runner.process.failure import from_exit
from tunewidgets.runner.process.files import LegFiles, from_data
from tunewidgets.runner.process.leg import order_bytes

# How long a process that was asked to end has for it, and one that has said its last word.
_TERM_SECONDS = 1.0
_LEAVE_SECONDS = 2.0
# No honest message is larger; a length that user's code wrote into the pipe by accident may be anything.
_LARGEST = 1 << 26
# Where the system will not make a process, memory or process numbers have run out, mostly for a moment: how long to
# wait before the next try, at first and, doubled each time, at most; and after how long nothing more is hoped for.
REFUSED_FIRST_SECONDS = 0.5
REFUSED_MOST_SECONDS = 30.0
REFUSED_GIVE_UP_SECONDS = 300.0

Cause = Literal["stop", "timeout", "garbled"]


@dataclass(slots=True, eq=False)
class RunningLeg:
    """A leg under way.

    Parameters
    ----------
    job : int
        The process's number with the launcher.
    order : LegOrder
        What it is to do.
    files : LegFiles
        Where it writes.
    limit : float or None
        Seconds after which it is ended, counted from when its process is there.

    Attributes
    ----------
    cause : str or None
        Why it is being ended by us.
    closed : bool
        Whether its closing message has been taken; its process may still be there.
    again_at : float or None
        When it is to be begun again after its process was refused, on the monotonic clock.
    """

    job: int
    order: LegOrder
    files: LegFiles
    limit: float | None
    cause: Cause | None = None
    closed: bool = False
    reports: PipeEnd | None = field(default=None, init=False)
    again_at: float | None = field(default=None, init=False)
    _refused_at: float | None = field(default=None, init=False)
    _next_pause: float = field(default=0.0, init=False)
    _orders: PipeEnd | None = field(default=None, init=False)
    _begun: bool = field(default=False, init=False)
    _process: psutil.Process | None = field(default=None, init=False)
    _family: list[psutil.Process] = field(default_factory=list, init=False)
    _late_at: float | None = field(default=None, init=False)
    _next: Literal["ask", "end"] = field(default="ask", init=False)
    _next_at: float | None = field(default=None, init=False)

    # --- its pipes -------------------------------------------------------------------------------------------------

    def connect(self) -> tuple[PipeEnd, PipeEnd]:
        """Make the pipes anew and return the process's ends: where orders are read, and where reports are written."""
        self.disconnect()
        theirs, self._orders = Pipe(duplex=False)
        self.reports, to_us = Pipe(duplex=False)
        return theirs, to_us

    def disconnect(self) -> None:
        """Close our ends; a process that is there takes it as its end."""
        for connection in (self._orders, self.reports):
            if connection is not None:
                connection.close()
        self._orders = self.reports = None

    def send(self, action: Action) -> None:
        """Answer a report; a leg that is being stopped is never told to continue."""
        if self.cause == "stop" and action == "continue":
            action = "stop"
        self._write(action.encode())

    def _write(self, text: bytes) -> None:
        # A process that has gone is told of when its end is noticed.
        if self._orders is not None:
            with contextlib.suppress(OSError):
                self._orders.send_bytes(text)

    def receive(self) -> Message | None:
        """Return the message that is there; None where the pipe has come to its end."""
        if self.reports is None:
            return None
        try:
            data = json.loads(self.reports.recv_bytes(_LARGEST))
            message = from_data(data, self.order.trial, self.order.attempt)
        except EOFError:
            pass
        except (OSError, ValueError, KeyError, TypeError):
            self.end("garbled")  # the user's code has written into our pipe: nothing after it can be understood
        else:
            self.closed = self.closed or not isinstance(message, LegReported)
            if self.closed:
                self._late_at = None
                self._plan("end", _LEAVE_SECONDS)
            return message
        self.reports.close()
        self.reports = None
        return None

    @property
    def has_message(self) -> bool:
        """Whether something stands in the pipe, its end included."""
        try:
            return self.reports is not None and self.reports.poll(0)
        except OSError:
            return False

    # --- its process -----------------------------------------------------------------------------------------------

    def put_off(self, now: float) -> bool:
        """Take note that its process was refused, and plan the next try; False where that has gone on for too long."""
        self.disconnect()
        if self._refused_at is None:
            self._refused_at, self._next_pause = now, REFUSED_FIRST_SECONDS
        if now - self._refused_at >= REFUSED_GIVE_UP_SECONDS:
            return False
        self.again_at = now + self._next_pause
        self._next_pause = min(2 * self._next_pause, REFUSED_MOST_SECONDS)
        return True

    def begin(self, pid: int) -> None:
        """Take note of its process and send the order."""
        self._begun = True
        with contextlib.suppress(psutil.Error):
            self._process = psutil.Process(pid)
        if self.closed:
            self._kill()  # given up before it began
            return
        if self.limit is not None:
            self._late_at = time.monotonic() + self.limit
        self._write(order_bytes(self.order))

    @property
    def has_begun(self) -> bool:
        """Whether its process is known to be there, or to have been."""
        return self._begun

    def stop(self, grace: float) -> None:
        """Have it wind up at its next report, and end it after `grace` seconds."""
        if self.cause is None and not self.closed:
            self.cause = "stop"
            self._plan("ask", grace)

    def end(self, cause: Cause) -> None:
        """End it at once."""
        if not self.closed:
            self.cause = self.cause or cause
            self._kill()

    @property
    def due(self) -> float | None:
        """When something is to be done with it next, on the monotonic clock."""
        return min((at for at in (self._late_at, self._next_at, self.again_at) if at is not None), default=None)

    def enforce(self, now: float) -> None:
        """Do what is due: a leg past its time is asked to end, one that was asked is ended."""
        if self._late_at is not None and now >= self._late_at:
            self._late_at = None
            self.cause = self.cause or "timeout"
            self._ask()
        elif self._next_at is not None and now >= self._next_at:
            self._ask() if self._next == "ask" else self._kill()

    def _plan(self, step: Literal["ask", "end"], seconds: float) -> None:
        self._next, self._next_at = step, time.monotonic() + seconds

    def _ask(self) -> None:
        if self._process is not None:
            self._family = platform.end_tree(self._process, self._family, hard=False)
        self._plan("end", _TERM_SECONDS)

    def _kill(self) -> None:
        if self._process is not None:
            self._family = platform.end_tree(self._process, self._family, hard=True)
        self._late_at = None
        self._plan("end", _TERM_SECONDS)

    # --- its end ---------------------------------------------------------------------------------------------------

    def verdict(self, status: int | None) -> Message:
        """Return the closing message of a leg whose process has ended without sending one.

        Parameters
        ----------
        status : int or None
            How it ended.
        """
        kept = self.files.read()
        if kept:
            return kept[-1]  # it had written its result, and was not able to tell
        trial, attempt = self.order.trial, self.order.attempt
        output = self.files.tail()
        if self.cause == "timeout":
            return LegFailed(trial, attempt, {"kind": "timeout", "seconds": self.limit, "output": output})
        if self.cause == "stop":
            return LegLost(trial, attempt, "it was ended on request", requested=True)
        if self.cause == "garbled":
            return LegLost(trial, attempt, "what it sent could not be understood: its code wrote into our pipe")
        return from_exit(self.order, status, output)

    def forget(self) -> None:
        """Free what is held for it, and end what it has left behind of the processes that were seen."""
        self.disconnect()
        self.files.pid.unlink(missing_ok=True)
        for process in self._family:
            with contextlib.suppress(psutil.Error):
                process.kill()
