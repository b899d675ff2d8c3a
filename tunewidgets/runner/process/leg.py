"""The trial's side: one process that runs one leg, tells about it, and ends.

It is forked from the zygote or started as a Python of its own. In the first case nothing but imports has happened in
it, in the second nothing at all; from `lead` on both are the same.
"""

import contextlib
import errno
import faulthandler
import json
import os
import queue
import random
import sys
import threading
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from tunewidgets.errors import ObjectiveError
from tunewidgets.history import Action, Config
from tunewidgets.objectives import payload
from tunewidgets.objectives.seeding import SEEDS
from tunewidgets.objectives.trial import LegEnd, LiveTrial
from tunewidgets.objectives.values import to_float
from tunewidgets.runner import platform
from tunewidgets.runner.executor import LegFailed, LegOrder, LegReported, LegReturned, Message
from tunewidgets.runner.platform import PipeEnd
from tunewidgets.runner.process.failure import from_exception
from tunewidgets.runner.process.files import PREFLIGHT, LegFiles, pack
from tunewidgets.runner.process.settings import Settings
from tunewidgets.runner.process.threads import limit_frameworks


def main(settings: dict[str, Any], orders: int, reports: int) -> NoReturn:
    """Be a leg in a Python of its own; the numbers are its pipe ends."""
    known = Settings.from_json(settings)
    lead(known, platform.handed_down(orders, readable=True), platform.handed_down(reports, readable=False))


def lead(settings: Settings, orders: PipeEnd, reports: PipeEnd) -> NoReturn:
    """Be a leg: wait for the order, carry it out, and end this process."""
    platform.new_session()
    platform.default_signals()
    platform.lower_priority(settings.nice)
    settings.enter()
    try:
        order = LegOrder(**json.loads(orders.recv_bytes()))
    except EOFError:
        os._exit(0)  # given up before it began
    files = LegFiles(settings.home, order.trial, order.attempt)
    _redirect(files)
    files.record_process()
    _carry_out(order, settings, files, Link(orders, reports, files))
    # Not by returning: what libraries do when Python shuts down may hang, and threads may be running on.
    _flush()
    os._exit(0)


def _redirect(files: LegFiles) -> None:
    _flush()  # what the process we were forked from had not written
    log = os.open(files.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    os.close(log)
    # By lines, so that a crash leaves behind what was printed before it.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]  # they are the real ones here
    faulthandler.enable()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _carry_out(order: LegOrder, settings: Settings, files: LegFiles, link: "Link") -> None:
    owner = os.getpid()
    try:
        closing: Message = _run(order, settings, files, link)
        pack(closing)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it fails this trial and is told
        closing = LegFailed(order.trial, order.attempt, from_exception(error))
    if os.getpid() != owner:
        os._exit(1)  # a process that the user's code forked has come out of the user's code
    # Written before it is told: what the driver is never told, because its own process ends now, is found later.
    with contextlib.suppress(OSError):
        files.write([*link.sent, closing])
    with contextlib.suppress(OSError):
        link.tell(closing)


def _run(order: LegOrder, settings: Settings, files: LegFiles, link: "Link") -> LegReturned:
    limit_frameworks(settings.threads)  # loading may begin a framework's work
    objective = payload.load(settings.home)
    if order.trial == PREFLIGHT:
        return LegReturned(order.trial, order.attempt)
    limit_frameworks(settings.threads)  # what loading has imported; other libraries have read the environment
    # Forked processes inherit the state of these generators: unseeded, all trials would draw the same numbers.
    random.seed(order.seed)
    np.random.seed(order.seed % SEEDS)  # noqa: NPY002 - what users' code draws from
    trial = LiveTrial(
        number=order.trial,
        attempt=order.attempt,
        config=order.config,
        budget=order.budget,
        seed=order.seed,
        folder=files.home,
        channel=link.of(order),
    )
    try:
        value = objective.run(trial)
    except LegEnd:
        value = None
    if value is not None:
        value = to_float(value, "the value of the objective", "return a float.")
    return LegReturned(order.trial, order.attempt, value, dict(objective.met()))


class Link:
    """The leg's end of the two pipes; a thread waits for replies, and for the end of whoever gives them.

    Parameters
    ----------
    orders : Connection
        Replies come from here. Nobody but the executor holds its other end, so that it closes when the executor's
        process ends, however it ends; the leg then ends itself and all that it has started.
    reports : Connection
        Messages go here.
    files : LegFiles
        Reports are noted here before they are told.

    Attributes
    ----------
    sent : list of LegReported
        All reports so far.
    """

    def __init__(self, orders: PipeEnd, reports: PipeEnd, files: LegFiles) -> None:
        self.sent: list[Message] = []
        self._orders, self._reports, self._files = orders, reports, files
        self._owner = os.getpid()
        self._replies: queue.SimpleQueue[Action] = queue.SimpleQueue()
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self._listen, name="tunewidgets-link", daemon=True).start()

    def of(self, order: LegOrder) -> "LegChannel":
        """Return the channel for the reports of a leg."""
        return LegChannel(self, order)

    def tell(self, message: Message) -> None:
        """Send a message.

        Raises
        ------
        OSError
            The pipe is closed.
        """
        self._reports.send_bytes(pack(message))

    def ask(self, message: LegReported) -> Action:
        """Send a report and return the reply to it.

        Raises
        ------
        ObjectiveError
            A process that the leg has started reports.
        """
        if os.getpid() != self._owner:
            raise ObjectiveError(
                "trial.report must be called in the trial's own process; it was called in one that the objective has "
                "started. Cure: return the value to the objective and report it there."
            )
        with self._one_at_a_time:
            with contextlib.suppress(OSError):
                self._files.note(message)
            try:
                self.tell(message)
            except (BrokenPipeError, ConnectionResetError):
                # Whoever listened is gone, and the thread that listens for them is about to say so: were this error to
                # reach the objective first, the trial would have failed for no fault of its own.
                platform.end_self()
            self.sent.append(message)
            return self._replies.get()

    def _listen(self) -> None:
        while True:
            try:
                reply = self._orders.recv_bytes()
            except (EOFError, OSError) as error:
                if isinstance(error, OSError) and error.errno == errno.EBADF:
                    return  # our own end, closed by the user's code: that says nothing about whoever holds the other
                platform.end_self()
            self._replies.put(reply.decode())  # type: ignore[arg-type]  # the executor sends actions only


class LegChannel:
    """Where a trial's reports go."""

    def __init__(self, link: Link, order: LegOrder) -> None:
        self._link, self._order = link, order

    def report(self, step: int, value: float, metrics: Mapping[str, float]) -> Action:
        """Send one report and return its answer; blocks until the answer is there."""
        return self._link.ask(LegReported(self._order.trial, self._order.attempt, step, value, dict(metrics)))


def order_bytes(order: LegOrder) -> bytes:
    """Return an order as it travels to the leg; values are plain, as parameters make sure."""
    config: Config = dict(order.config)
    fields = {"trial": order.trial, "attempt": order.attempt, "config": config}
    return json.dumps(fields | {"budget": order.budget, "seed": order.seed}).encode()
