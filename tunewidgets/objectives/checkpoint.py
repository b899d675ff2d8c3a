"""The state a trial keeps between its legs: one file, with the step it belongs to.

The file is a line of JSON (format, step, and the state's checksum) and then the pickled state, so that the step can
be read and the state verified without unpickling it, which may import and start whole frameworks.
"""

import json
import pickle
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.replacing import replacing

FORMAT = 1
NAME = "state.pkl"
# Written whole, but not yet counted: its step has not been reported.
WAITING = "state.waiting"


@dataclass(slots=True)
class Checkpoint:
    """The saved state of one trial.

    Parameters
    ----------
    folder : Path
        Where the file stands; made when something is written.

    Attributes
    ----------
    problem : str or None
        Why a state that is there could not be used.
    """

    folder: Path
    problem: str | None = None
    _step: int | None = field(default=None, repr=False)
    _waiting: int | None = field(default=None, repr=False)

    @property
    def step(self) -> int:
        """The step of the usable state, 0 where there is none."""
        if self._step is None:
            found = self._open(NAME)
            self._step = found[0] if found else 0
        return self._step

    def write(self, state: Any, step: int, *, waits: bool = False) -> None:
        """Replace the state; with `waits` it counts only after `confirm` of its step.

        Raises
        ------
        ObjectiveError
            The state cannot be pickled.
        StoreError
            The file cannot be written.
        """
        body = _pickled(state)
        head = json.dumps({"format": FORMAT, "step": step, "bytes": len(body), "crc32": zlib.crc32(body)})
        with replacing(self.folder / (WAITING if waits else NAME)) as file:
            file.write(head.encode() + b"\n")
            file.write(body)
        self._waiting = step if waits else None
        self.problem = None
        if not waits:
            self._step = step

    def confirm(self, step: int | None = None) -> None:
        """Let a waiting state count, where it belongs to this step or an earlier one; None: in any case."""
        if self._waiting is None or (step is not None and self._waiting > step):
            return
        (self.folder / WAITING).replace(self.folder / NAME)
        self._step, self._waiting = self._waiting, None

    def read(self, default: Any = None) -> Any:
        """Return the newest state, or the default where there is none or it cannot be used (`problem` says why)."""
        found = self._open(NAME if self._waiting is None else WAITING)
        if found is None:
            return default
        try:
            return pickle.loads(found[1])
        except Exception as error:  # noqa: BLE001 - unpickling runs the classes' own code, which may raise anything
            self._refuse(f"the saved state cannot be unpickled: {type(error).__name__}: {error}")
            return default

    def _open(self, name: str) -> tuple[int, bytes] | None:
        """Return a file's step and the state's bytes, verified; None where it is missing or damaged."""
        try:
            return _parsed((self.folder / name).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self._refuse(f"the saved state cannot be used: {error}")
            return None

    def _refuse(self, problem: str) -> None:
        # A loop that went on after the step of a state it could not load would skip training.
        self.problem, self._step = problem, 0


def _parsed(content: bytes) -> tuple[int, bytes]:
    """Return the step and the state's bytes; ValueError says what is wrong with them."""
    line, _, body = content.partition(b"\n")
    try:
        head = json.loads(line)
        wanted, step = (head["format"], head["bytes"], head["crc32"]), int(head["step"])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("it does not begin as a state does") from error
    if wanted != (FORMAT, len(body), zlib.crc32(body)):
        raise ValueError("it is damaged (or of another version): its content does not match its checksum")
    return step, body


def _pickled(state: Any) -> bytes:
    import cloudpickle  # noqa: PLC0415 - only trials that save need it

    try:
        return bytes(cloudpickle.dumps(state, protocol=pickle.HIGHEST_PROTOCOL))
    except Exception as error:
        raise ObjectiveError(
            f"trial.save(state): the state, a {type(state).__name__}, cannot be pickled: {error}. "
            "Cure: save what it takes to go on, such as weights and counters."
        ) from error
