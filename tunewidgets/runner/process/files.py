"""The files that a leg leaves in the search's folder: its output, its result, and which process it is.

A trial's folder is ``trials/<00007>/``; attempt 2 has ``attempt-2.log`` (what was printed), ``attempt-2.json`` (all its
messages, written whole before the closing one is sent) and, while it runs, ``attempt-2.pid``.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunewidgets.runner import platform
from tunewidgets.runner.executor import LegFailed, LegLost, LegReported, LegReturned, Message
from tunewidgets.runner.process.leftovers import record

FORMAT = 1
PREFLIGHT = -1
"""In place of a trial's number: the rehearsal that loads what is tuned and runs nothing."""
TAIL = 8000
"""Bytes of a leg's output that go with its failure: Python's own account of a crash can take 3,000 of them."""

_KINDS: dict[str, type] = {"reported": LegReported, "returned": LegReturned, "failed": LegFailed, "lost": LegLost}
_NAMES = {cls: kind for kind, cls in _KINDS.items()}
_FIELDS = {
    "reported": ("step", "value", "metrics"),
    "returned": ("value", "met"),
    "failed": ("reason",),
    "lost": ("message", "requested"),
}


@dataclass(frozen=True, slots=True)
class LegFiles:
    """Where the files of one leg are.

    Parameters
    ----------
    folder : Path
        The search's folder.
    trial, attempt : int
        Which leg.
    """

    folder: Path
    trial: int
    attempt: int

    @property
    def home(self) -> Path:
        """The trial's folder."""
        return self.folder / "preflight" if self.trial == PREFLIGHT else self.folder / "trials" / f"{self.trial:05d}"

    @property
    def log(self) -> Path:
        """What the leg printed."""
        return self.home / f"attempt-{self.attempt}.log"

    @property
    def result(self) -> Path:
        """What the leg said, written whole when it ends."""
        return self.home / f"attempt-{self.attempt}.json"

    @property
    def reports(self) -> Path:
        """What the leg has reported, a line a report, written as it goes."""
        return self.home / f"attempt-{self.attempt}.reports"

    @property
    def pid(self) -> Path:
        """Which process the leg is."""
        return self.home / f"attempt-{self.attempt}.pid"

    def prepare(self) -> None:
        """Make the folder, and remove what a leg of the same number left."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.result.unlink(missing_ok=True)
        self.reports.unlink(missing_ok=True)

    def record_process(self) -> None:
        """Write down that this process is the leg, so that it can be found when nobody who knows it is left."""
        record(self.pid)

    def note(self, message: Message) -> None:
        """Keep a report before it is told: a driver that ends before it has committed it finds it here.

        The system keeps the line whatever happens to this process; it is not synced, since only a power failure could
        lose it, and with it the little training since.
        """
        with self.reports.open("ab") as file:
            file.write(pack(message) + b"\n")

    def write(self, messages: list[Message]) -> None:
        """Keep all messages of the leg, the closing one included, so that a power failure does not lose them."""
        body = {"format": FORMAT, "trial": self.trial, "attempt": self.attempt, "messages": [*map(to_data, messages)]}
        fresh = self.result.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(body, file, default=_plain)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.result)
        platform.sync_folder(self.home)

    def recover(self) -> list[Message] | None:
        """Return the messages that were kept: the whole leg with its closing message, or the reports it had made.

        None where there are none that can be read.
        """
        return self.read() or self._noted() or None

    def _noted(self) -> list[Message]:
        found: list[Message] = []
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # no file, or its last line was cut short
            for line in self.reports.read_bytes().splitlines():
                found.append(from_data(json.loads(line), self.trial, self.attempt))  # noqa: PERF401 - keeps what was read before a cut
        return found

    def read(self) -> list[Message] | None:
        """Return all messages of a leg that came to its end, the closing one last; None where there are none."""
        try:
            body = json.loads(self.result.read_text(encoding="utf-8"))
            if body["format"] != FORMAT:
                return None
            return [from_data(data, self.trial, self.attempt) for data in body["messages"]]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def tail(self, size: int = TAIL) -> str:
        """Return the end of what the leg printed, at most `size` bytes of it."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - size))
                return file.read().decode(errors="replace").strip()
        except OSError:
            return ""


def to_data(message: Message) -> dict[str, Any]:
    """Return a message as JSON data, without the leg's numbers."""
    kind = _NAMES[type(message)]
    return {"kind": kind} | {name: getattr(message, name) for name in _FIELDS[kind]}


def from_data(data: dict[str, Any], trial: int, attempt: int) -> Message:
    """Return the message of a leg that `to_data` wrote.

    Raises
    ------
    KeyError, TypeError
        It is no message.
    """
    message: Message = _KINDS[data["kind"]](trial, attempt, **{name: data[name] for name in _FIELDS[data["kind"]]})
    return message


def pack(message: Message) -> bytes:
    """Return a message as it travels from the leg to the executor.

    Raises
    ------
    TypeError
        It holds something that JSON cannot.
    """
    return json.dumps(to_data(message), default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "item"):  # a NumPy scalar
        return value.item()
    raise TypeError(f"a leg may tell only JSON types, not {type(value).__name__}: {value!r}")
