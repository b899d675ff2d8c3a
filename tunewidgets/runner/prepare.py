"""Finding an objective's own space before the first trial, in a process that is thrown away afterwards.

Unpickling a Keras objective and running its builder creates TensorFlow's context, which must exist neither in the
coordinator, whose memory it would fill for the whole search, nor in the process that trials are forked from.

What runs in that process is the user's code: it has a session of its own and is ended with all that it has started,
when its time is up, when the coordinator is asked to end, and when the coordinator is gone.
"""

import json
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.keras import KerasObjective
from tunewidgets.objectives.payload import load
from tunewidgets.objectives.probe import SpaceWarning, probe
from tunewidgets.objectives.space_of import asking_of
from tunewidgets.runner import platform
from tunewidgets.runner.platform import PipeEnd
from tunewidgets.runner.process.launcher import exit_code
from tunewidgets.runner.process.leftovers import PREPARE, record
from tunewidgets.runner.spec import Spec
from tunewidgets.space import Space
from tunewidgets.store.folder import SearchFolder, read_json, write_json

SECONDS = 180.0
"""How long finding a space may take."""

_POLL = 0.02
_BOOT = (
    "import json, sys; a = json.loads(sys.argv[1]); sys.path += [p for p in a['path'] if p not in sys.path]; "
    "from tunewidgets.runner.prepare import main; main(a)"
)


class Found(NamedTuple):
    """An objective's own space, and what could not be settled about it, a sentence each."""

    space: Space
    doubts: tuple[str, ...] = ()


def find_space(folder: SearchFolder, spec: Spec, stop: threading.Event | None = None) -> Found:
    """Find the objective's own space in a child process.

    Parameters
    ----------
    folder : SearchFolder
        The search's folder, with the payload.
    spec : Spec
        Says where the user's code is found and works.
    stop : threading.Event, optional
        Once it is set, the child is ended.

    Raises
    ------
    ObjectiveError
        If the objective has none, its builder raises, it takes too long, or `stop` was set.
    """
    answer, log = folder.path / "space.json", folder.path / "prepare.log"
    answer.unlink(missing_ok=True)  # one that an ended attempt has left says nothing about this one
    with log.open("wb") as errors, _child(folder, spec, answer, errors) as child:
        _await(child, stop or threading.Event())
    if not answer.exists():
        raise ObjectiveError(f"finding the space failed: {_tail(log)}")
    found = read_json(answer)
    if "error" in found:
        raise ObjectiveError(found["error"])
    return Found(Space.from_json(found["space"]), tuple(found["doubts"]))


@contextmanager
def _child(folder: SearchFolder, spec: Spec, answer: Path, errors: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the child, and leave neither it nor anything that it has started."""
    tether, held = Pipe(duplex=False)  # nobody else holds our end, so that it closes however this process ends
    arguments = {"folder": str(folder.path), "cwd": spec.cwd, "path": spec.path, "answer": str(answer)}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")}
    with held:
        with tether:
            child = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-c", _BOOT, json.dumps(arguments | {"tether": tether.fileno()})],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=spec.cwd,
                env=dict(os.environ) | quiet,
                **platform.handing_down((tether.fileno(),)),
            )
        try:
            yield child
        finally:
            _end(child)
            (folder.path / PREPARE).unlink(missing_ok=True)


def _await(child: "subprocess.Popen[bytes]", stop: threading.Event) -> None:
    began = time.monotonic()
    while exit_code(child) is None:
        if stop.wait(_POLL):
            raise ObjectiveError("finding the space was interrupted: the search was asked to end")
        if time.monotonic() - began >= SECONDS:
            raise ObjectiveError(f"the space was not found within {SECONDS:g} s: give it, space=tw.Space(...)")


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.returncode is None:
        with suppress(psutil.Error):
            platform.end_tree(psutil.Process(child.pid), hard=True)
        child.wait()


def _tail(log: Path) -> str:
    return log.read_bytes().decode(errors="replace")[-1500:].strip()


def own_space(objective: Objective) -> Space:
    """Return the space that an objective brings along.

    Raises
    ------
    ObjectiveError
        If it brings none.
    """
    space = objective.space()
    if space is None:
        raise ObjectiveError("this objective has no space of its own: give one, tw.tune(target, space, ...)")
    return space


def _space_here(objective: Objective) -> Space:
    """Return an objective's own space; a builder is probed in this very process, which is made for that."""
    if not isinstance(objective, KerasObjective):
        return own_space(objective)
    probed = probe(asking_of(objective.build_model))
    for doubt in probed.doubts:
        warnings.warn(doubt, SpaceWarning, stacklevel=2)
    return probed.space


def main(arguments: dict[str, Any]) -> None:
    """Answer into a file: the space and its doubts, or the error; runs in the child."""
    record(Path(arguments["folder"]) / PREPARE)
    tether = platform.handed_down(arguments["tether"], readable=True)
    threading.Thread(target=_end_with, args=(tether,), name="tunewidgets-tether", daemon=True).start()
    os.chdir(arguments["cwd"])
    answer: dict[str, object]
    try:
        with warnings.catch_warnings(record=True) as doubts:
            warnings.simplefilter("always")
            space = _space_here(load(Path(arguments["folder"])))
        answer = {"space": space.to_json(), "doubts": [str(doubt.message) for doubt in doubts]}
    except Exception as error:  # noqa: BLE001 - whatever a user's builder raises is told to the user
        words = str(error) if isinstance(error, ObjectiveError) else f"{type(error).__name__}: {error}"
        answer = {"error": words}
    write_json(Path(arguments["answer"]), answer)


def _end_with(tether: PipeEnd) -> None:
    """End this process and all that it has started when the other end of the pipe closes."""
    with suppress(EOFError, OSError):
        tether.recv_bytes()
    platform.end_self()
