"""The helper: a process of its own in which cards are drawn that take long, so that the kernel stays the user's.

There is one for all dashboards of a kernel. It starts when the first card needs it and ends when nobody has asked for a
while, and when the kernel is gone: its input ends then.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from threading import Lock, Thread
from typing import IO, NamedTuple

from tunewidgets.figures.answers import Answer, Asked, Broken
from tunewidgets.history import Plan, SearchView
from tunewidgets.runner.platform import detached

Reopen = Callable[[], SearchView]
"""Opens a search's view in another process; it can be pickled."""

_MODULE = "tunewidgets.widgets.dashboard.helping"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Wish(NamedTuple):
    """A card that is to be drawn.

    Attributes
    ----------
    search : bytes
        A pickled `Reopen`.
    card : str
        Its name.
    entries : int
        After how many events.
    asked : mapping of str to str
        What was chosen of its options.
    plan : Plan or None
        What the schedule will do.
    """

    search: bytes
    card: str
    entries: int
    asked: Asked
    plan: Plan | None


class Fulfilled(NamedTuple):
    """How a wish ended: the answer, and how many seconds it took."""

    answer: Answer
    seconds: float


Take = Callable[[Fulfilled], None]


class Helper:
    """The kernel's end: wishes go to the process, answers come back on a thread of their own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: Thread | None = None
        self._takers: dict[int, Take] = {}
        self._number = 0

    def ask(self, wish: Wish, take: Take) -> None:
        """Hand over a wish; `take` is called with the answer, on another thread."""
        with self._lock:
            self._number += 1
            number = self._number
            self._takers[number] = take
            try:
                pipe = self._input()
                pickle.dump((number, tuple(wish)), pipe)
                pipe.flush()
            except (OSError, ValueError) as error:
                self._process = None
                del self._takers[number]
                failure: Exception | None = error
            else:
                failure = None
        if failure is not None:
            take(Fulfilled(Broken(f"the helper process could not be asked: {failure}"), 0.0))

    def close(self) -> None:
        """End the process."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait(5.0)
        if self._listener is not None:
            self._listener.join(5.0)

    @property
    def pid(self) -> int | None:
        """The process's number; None where there is none."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def _input(self) -> IO[bytes]:
        if self._process is None or self._process.poll() is not None:
            environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
            arguments = {
                **detached(),
                "stdin": subprocess.PIPE,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.DEVNULL,
            }
            # The names of the module path go along: the kernel may have found the package beside its notebook.
            command = [
                sys.executable,
                "-c",
                f"import sys; sys.path[:] = {sys.path!r}; import {_MODULE} as it; it.main()",
            ]
            self._process = subprocess.Popen(command, env=environment, **arguments)  # noqa: S603 - this very package
            self._listener = Thread(target=self._listen, args=(self._process,), name="tunewidgets-helper", daemon=True)
            self._listener.start()
        assert self._process.stdin is not None
        return self._process.stdin

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        while True:
            try:
                number, answer = pickle.load(process.stdout)
            except (EOFError, OSError, pickle.UnpicklingError):
                break
            with self._lock:
                take = self._takers.pop(number, None)
            if take is not None:
                take(Fulfilled(*answer))
        self._abandon(process)

    def _abandon(self, process: "subprocess.Popen[bytes]") -> None:
        """Tell whoever waits that the process is gone; one that nobody waits for has ended because it was idle."""
        for pipe in (process.stdout, process.stdin):
            if pipe is not None:
                with suppress(OSError):  # what was being written when it ended is lost with it
                    pipe.close()
        code = process.wait()
        with self._lock:
            if self._process not in (process, None):
                return
            self._process = None
            takers, self._takers = list(self._takers.values()), {}
        for take in takers:
            take(Fulfilled(Broken(f"the helper process that draws this card has ended (exit status {code})"), 0.0))


@cache
def shared_helper() -> Helper:
    """Return the helper of this process."""
    return Helper()
