"""The executor that runs each leg in a process of its own: whatever a leg does to its process, it does to itself."""

import logging
import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from tunewidgets.errors import TuneError
from tunewidgets.history import Action, Data
from tunewidgets.runner.executor import LegFailed, LegLost, LegOrder, LegReturned, Message
from tunewidgets.runner.process.files import PREFLIGHT, LegFiles
from tunewidgets.runner.process.launcher import Began, Dropped, Ended, Launcher, Occurrence, Refused, StartMethod
from tunewidgets.runner.process.running import RunningLeg
from tunewidgets.runner.process.settings import Settings

_LOG = logging.getLogger("tunewidgets")
_CLOSE_SECONDS = 5.0
_PREFLIGHT_TURN = 0.05


@dataclass(frozen=True, slots=True)
class Preflight:
    """What came of loading the payload once, in a process like those of the trials.

    Attributes
    ----------
    ok : bool
        Whether it could be loaded.
    error : mapping or None
        Why not, as the data of a reason.
    seconds : float
        How long it took; the imports of the zygote are in it.
    note : str
        What the user should know about how processes are started.
    """

    ok: bool
    error: Data | None
    seconds: float
    note: str


@dataclass(slots=True, eq=False)
class ProcessExecutor:
    """Runs each leg in a fresh process, forked from one that has imported what is needed.

    Parameters
    ----------
    folder : Path
        The search's folder, with the payload; what legs print and keep goes into it.
    threads : int
        How many threads each leg may use, told to every library before it is imported.
    trial_timeout : float or None
        Seconds that one leg may take; then it is ended and has failed. Importing is not counted where legs are forked.
    grace : float
        Seconds in which a leg that was asked to stop may report and wind up.
    preload : tuple of str
        Modules that the zygote imports: nothing else of the user's happens there.
    start_method : {"auto", "forkserver", "spawn"}
        "auto" forks where that is safe, and says in `note` where it is not.
    nice : int
        The priority of the legs: 0 is that of this process at its start, 19 the lowest.
    cwd : Path or None
        The folder in which legs work; this process's own where None.
    path : tuple of str
        Their ``sys.path``; this process's own where empty.

    Raises
    ------
    StrategyError
        The start method cannot be had.

    Examples
    --------
    >>> executor = ProcessExecutor(folder, threads=1, preload=("sklearn",))             # doctest: +SKIP
    >>> executor.preflight().ok                                                         # doctest: +SKIP
    True
    >>> executor.launch(LegOrder(trial=0, attempt=1, config={}, budget=None, seed=7))   # doctest: +SKIP
    >>> executor.pump(print, timeout=1.0)                                               # doctest: +SKIP
    LegReturned(trial=0, attempt=1, value=0.5, met={})
    """

    folder: Path
    threads: int = 1
    trial_timeout: float | None = None
    grace: float = 5.0
    preload: tuple[str, ...] = ()
    start_method: StartMethod = "auto"
    nice: int = 10
    cwd: Path | None = None
    path: tuple[str, ...] = ()
    immediate: bool = field(default=False, init=False)
    can_kill: bool = field(default=True, init=False)
    _settings: Settings = field(init=False, repr=False)
    _launcher: Launcher = field(init=False, repr=False)
    # Those of an earlier number of threads, as long as their legs run.
    _retired: list[Launcher] = field(default_factory=list, init=False, repr=False)
    # By the launcher's number: every leg whose process may be there. By the leg's name: those that are not closed.
    _jobs: dict[int, RunningLeg] = field(default_factory=dict, init=False, repr=False)
    _legs: dict[tuple[int, int], RunningLeg] = field(default_factory=dict, init=False, repr=False)
    _inbox: deque[Message] = field(default_factory=deque, init=False, repr=False)
    _count: int = field(default=0, init=False, repr=False)
    _closed: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        self.folder = Path(self.folder).absolute()
        self._settings = Settings(
            folder=str(self.folder),
            threads=self.threads,
            nice=self.nice,
            cwd=str(self.cwd or Path.cwd()),
            path=self.path or tuple(sys.path),
            preload=self.preload,
        )
        self._launcher = Launcher(self._settings, self.start_method)

    @property
    def note(self) -> str:
        """What the user should know about how processes are started; empty where there is nothing to tell."""
        return self._launcher.note

    # --- the contract ----------------------------------------------------------------------------------------------

    def launch(self, order: LegOrder) -> None:
        """Begin a leg; returns at once, whatever becomes of it is told by messages.

        Raises
        ------
        TuneError
            The executor is closed.
        """
        self._launch(order, self.trial_timeout)

    def reply(self, trial: int, attempt: int, action: Action) -> None:
        """Answer the leg's last report; unknown and closed legs are ignored."""
        leg = self._legs.get((trial, attempt))
        if leg is not None:
            leg.send(action)

    def stop(self, trial: int, attempt: int, *, now: bool = False) -> None:
        """Ask a leg to wind up; with `now` end it at once. Unknown and closed legs are ignored."""
        leg = self._legs.get((trial, attempt))
        if leg is None:
            return
        if not leg.has_begun:
            lost = LegLost(trial, attempt, "it was stopped before it began", requested=True)
            if leg.again_at is not None:  # nothing more will be heard of its process
                self._forget(leg, lost)
                return
            self._close_leg(leg, lost)
            leg.disconnect()
        elif now:
            leg.end("stop")
        else:
            leg.stop(self.grace)

    def pump(self, deliver: Callable[[Message], None], timeout: float) -> None:
        """Deliver the messages that are there, waiting at most `timeout` seconds for the first."""
        limit = time.monotonic() + timeout
        self._turn(0.0 if self._inbox else timeout)
        while not self._inbox and time.monotonic() < limit:
            self._turn(limit - time.monotonic())
        while self._inbox:
            deliver(self._inbox.popleft())

    def recover(self, trial: int, attempt: int) -> list[Message] | None:
        """Return what a leg had said when no driver was there to listen, as far as it was kept; else None."""
        return LegFiles(self.folder, trial, attempt).recover()

    def discard(self, trial: int) -> None:
        """Remove a trial's checkpoint."""
        shutil.rmtree(LegFiles(self.folder, trial, 1).home / "checkpoint", ignore_errors=True)

    def close(self) -> None:
        """End every leg and free every resource; may be called twice."""
        if self._closed:
            return
        self._closed = True
        for leg in self._jobs.values():
            leg.end("stop")
        limit = time.monotonic() + _CLOSE_SECONDS
        while any(leg.has_begun for leg in self._jobs.values()) and time.monotonic() < limit:
            self._turn(limit - time.monotonic())
        for leg in self._jobs.values():
            leg.forget()
        self._jobs.clear()
        self._legs.clear()
        self._inbox.clear()
        for launcher in self._launchers:
            launcher.close()
        self._retired.clear()

    # --- more than the contract ------------------------------------------------------------------------------------

    def preflight(self, timeout: float = 120.0, stop: threading.Event | None = None) -> Preflight:
        """Load the payload once in a process like those of the trials, and run nothing.

        A first call also starts the zygote, so that the first leg begins at once.

        Parameters
        ----------
        timeout : float
            Seconds that loading may take, the zygote's imports not counted.
        stop : threading.Event, optional
            Once it is set, no more is waited for: the answer is then that it was stopped.

        Raises
        ------
        TuneError
            The executor is closed.
        """
        began = time.monotonic()
        self._launch(LegOrder(PREFLIGHT, 1, {}, None, 0), timeout)
        while any(leg.order.trial == PREFLIGHT for leg in self._jobs.values()):
            if stop is not None and stop.is_set():
                self.stop(PREFLIGHT, 1, now=True)
                if (PREFLIGHT, 1) not in self._legs:  # it had not begun; what begins later ends at once
                    break
            self._turn(_PREFLIGHT_TURN)
        closing = next(message for message in self._inbox if message.trial == PREFLIGHT)
        self._inbox.remove(closing)
        return Preflight(
            isinstance(closing, LegReturned), _error_of(closing), time.monotonic() - began, self._launcher.note
        )

    def set_threads(self, threads: int) -> None:
        """Let later legs use another number of threads; those that are under way keep theirs.

        Most libraries read the number only when they are imported: later legs are forked from a new zygote, which is
        started when the first of them begins, and the old one ends when its legs have ended.

        Parameters
        ----------
        threads : int
            How many threads each later leg may use.
        """
        if threads == self.threads or self._closed:
            return
        self.threads = threads
        self._settings = replace(self._settings, threads=threads)
        self._retired.append(self._launcher)
        self._launcher = Launcher(self._settings, self.start_method)
        self._end_retired()

    # --- turns -----------------------------------------------------------------------------------------------------

    def _launch(self, order: LegOrder, limit: float | None) -> None:
        if self._closed:
            raise TuneError("this executor is closed; make a new one.")
        files = LegFiles(self.folder, order.trial, order.attempt)
        files.prepare()
        self._count += 1
        leg = RunningLeg(self._count, order, files, limit)
        self._jobs[leg.job] = self._legs[order.trial, order.attempt] = leg
        self._begin(leg)

    def _begin(self, leg: RunningLeg) -> None:
        leg.again_at = None
        try:
            ends = leg.connect()
        except OSError as error:
            self._refused(leg, Refused.because(leg.job, error))
        else:
            self._launcher.begin(leg.job, *ends)

    @property
    def _launchers(self) -> list[Launcher]:
        return [*self._retired, self._launcher]

    def _end_retired(self) -> None:
        for launcher in [one for one in self._retired if one.idle]:
            launcher.close()
            self._retired.remove(launcher)

    def _turn(self, timeout: float) -> None:
        """Wait for something to happen and take note of it."""
        connected = {leg.reports: leg for leg in self._jobs.values() if leg.reports is not None}
        ends = [it for launcher in self._launchers for it in launcher.waitables()]
        for ready in _wait([*connected, *ends], self._patience(timeout)):
            # One message each: a leg that has reported says nothing more before it has its reply.
            if ready in connected:
                self._read(connected[ready])
        for occurrence in [it for launcher in self._launchers for it in launcher.poll()]:
            self._note(occurrence)
        self._end_retired()
        now = time.monotonic()
        for leg in list(self._jobs.values()):
            leg.enforce(now)
            if leg.again_at is not None and now >= leg.again_at:
                self._begin(leg)

    def _patience(self, timeout: float) -> float:
        dues = [leg.due - time.monotonic() for leg in self._jobs.values() if leg.due is not None]
        polls = [launcher.patience for launcher in self._launchers if launcher.patience is not None]
        return max(0.0, min([timeout, *dues, *polls]))

    def _read(self, leg: RunningLeg) -> None:
        was_closed = leg.closed
        message = leg.receive()
        if message is None or was_closed:
            return  # a thread of the user's may report while the process is ending
        if leg.closed:
            self._close_leg(leg, message)
        else:
            self._inbox.append(message)

    def _close_leg(self, leg: RunningLeg, message: Message) -> None:
        leg.closed = True
        self._legs.pop((leg.order.trial, leg.order.attempt), None)
        self._inbox.append(message)

    def _note(self, occurrence: Occurrence) -> None:
        leg = self._jobs.get(occurrence.job)
        if leg is None:
            return
        match occurrence:
            case Began(pid=pid):
                leg.begin(pid)
            case Ended(status=status):
                self._ended(leg, status)
            case Refused():
                self._refused(leg, occurrence)
            case Dropped() if leg.closed:
                self._forget(leg, None)
            case Dropped():
                self._begin(leg)

    def _refused(self, leg: RunningLeg, refusal: Refused) -> None:
        """Put off a leg whose process the system would not make: the leg has done nothing that could be held to it."""
        if leg.closed:
            self._forget(leg, None)
        elif refusal.passing and leg.put_off(time.monotonic()):
            _LOG.warning("no process for trial %d for now, to be tried again: %s", leg.order.trial, refusal.why)
        else:
            why = f"its process could not be made: {refusal.why}"
            self._forget(leg, LegLost(leg.order.trial, leg.order.attempt, why))

    def _ended(self, leg: RunningLeg, status: int | None) -> None:
        # The pipe first: what was said before the end comes before the end.
        while not leg.closed and leg.has_message:
            self._read(leg)
        self._forget(leg, None if leg.closed else leg.verdict(status))

    def _forget(self, leg: RunningLeg, closing: Message | None) -> None:
        if closing is not None:
            self._close_leg(leg, closing)
        del self._jobs[leg.job]
        leg.forget()


def _wait(waitables: list[Any], timeout: float) -> list[Any]:
    if waitables:
        return wait(waitables, timeout)
    time.sleep(timeout)
    return []


def _error_of(closing: Message) -> Data | None:
    if isinstance(closing, LegFailed):
        return closing.reason
    return {"kind": "lost", "why": closing.message} if isinstance(closing, LegLost) else None
