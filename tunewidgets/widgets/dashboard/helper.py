"""The helper: a process of its own in which cards are drawn that take long, so that the kernel stays the user's.

There is one for all dashboards of a kernel. It starts when the first card needs it and ends when nobody has asked for a
while, and when the kernel is gone: its input ends then.
"""

import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from queue import SimpleQueue
from threading import Lock, Thread
from typing import IO, Any, NamedTuple

from tunewidgets.figures.answers import Answer, Asked, Broken
from tunewidgets.history import Plan, SearchView
from tunewidgets.runner.platform import detached

Reopen = Callable[[], SearchView]
"""Opens a search's view in another process; it can be pickled."""

_MODULE = "tunewidgets.widgets.dashboard.helping"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_LENGTH = struct.Struct(">Q")


class Wish(NamedTuple):
    """A card that is to be drawn.

    Attributes
    ----------
    search : bytes
        A pickled `Reopen`.
    began : float
        When the search began: another one may have taken its folder meanwhile.
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
    began: float
    card: str
    entries: int
    asked: Asked
    plan: Plan | None


class Fulfilled(NamedTuple):
    """How a wish ended: the answer, how many seconds it took, and whether the helper itself failed."""

    answer: Answer
    seconds: float
    lost: bool = False


Take = Callable[[Fulfilled], None]


def write_parcel(pipe: IO[bytes], value: Any) -> None:
    """Write a value with its length before it."""
    data = pickle.dumps(value)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def read_parcel(pipe: IO[bytes]) -> Any:
    """Read what `write_parcel` wrote.

    Raises
    ------
    EOFError
        If the other end is closed.
    """
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return pickle.loads(_exactly(pipe, length))


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    """Read so many bytes; a pipe gives fewer than it is asked for when it has no more yet."""
    parts: list[bytes] = []
    while count:
        part = pipe.read(count)
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class Helper:
    """The kernel's end: wishes go to the process and answers come back, each on a thread of their own."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._at_work: _Work | None = None
        self._number = 0

    def ask(self, wish: Wish, take: Take) -> None:
        """Hand over a wish; `take` is called with the answer, on another thread. Never waits for the process."""
        with self._lock:
            if self._at_work is None or not self._at_work.alive:
                self._at_work = _Work()
            self._number += 1
            self._at_work.post(self._number, wish, take)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            work, self._at_work = self._at_work, None
        if work is not None:
            work.close()

    @property
    def pid(self) -> int | None:
        """The process's number; None where there is none."""
        return self._at_work.process.pid if self._at_work and self._at_work.alive else None


class _Work:
    """One helper process, and who waits for its answers."""

    def __init__(self) -> None:
        # The module path goes along: the kernel may have found the package beside its notebook.
        path = [entry for entry in sys.path if isinstance(entry, str)]
        command = [sys.executable, "-c", f"import sys; sys.path[:] = {path!r}; import {_MODULE} as it; it.main()"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        arguments = {**detached(), **pipes, "env": {**os.environ, **dict.fromkeys(_THREADS, "1")}}
        self.process: subprocess.Popen[bytes] = subprocess.Popen(command, **arguments)  # noqa: S603 - this package
        self._lock = Lock()
        self._takers: dict[int, Take] = {}
        self._ended = False
        self._posted: SimpleQueue[tuple[int, Wish] | None] = SimpleQueue()
        self._threads = [
            Thread(target=work, name="tunewidgets-helper", daemon=True) for work in (self._send, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        return not self._ended and self.process.poll() is None

    def post(self, number: int, wish: Wish, take: Take) -> None:
        with self._lock:
            ended = self._ended
            if not ended:
                self._takers[number] = take
        if ended:
            take(self._gone())
        else:
            self._posted.put((number, wish))

    def close(self) -> None:
        self._posted.put(None)
        for thread in self._threads:
            thread.join(5.0)

    def _send(self) -> None:
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):
            while (posted := self._posted.get()) is not None:
                write_parcel(self.process.stdin, (posted[0], tuple(posted[1])))
        with suppress(OSError):  # its input has ended, and so does it
            self.process.stdin.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with suppress(Exception):  # whatever cannot be read, nothing behind it can be
            while True:
                number, answer = read_parcel(self.process.stdout)
                with self._lock:
                    take = self._takers.pop(number, None)
                if take is not None:
                    take(Fulfilled(*answer))
        self._abandon()

    def _abandon(self) -> None:
        """Tell whoever waits that the process is gone; one that nobody waits for has ended because it was idle."""
        assert self.process.stdout is not None
        self._posted.put(None)
        self.process.stdout.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)
        self.process.kill()
        self.process.wait()
        with self._lock:
            self._ended = True
            takers, self._takers = list(self._takers.values()), {}
        for take in takers:
            take(self._gone())

    def _gone(self) -> Fulfilled:
        words = f"the helper process that draws this card has ended (exit status {self.process.poll()})"
        return Fulfilled(Broken(words), 0.0, lost=True)


@cache
def shared_helper() -> Helper:
    """Return the helper of this process."""
    return Helper()
