"""Finding an objective's own space before the first trial, in a process that is thrown away afterwards.

Unpickling a Keras objective and running its builder creates TensorFlow's context, which must exist neither in the
coordinator, whose memory it would fill for the whole search, nor in the process that trials are forked from.
"""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.keras import KerasObjective
from tunewidgets.objectives.payload import load
from tunewidgets.objectives.probe import SpaceWarning, probe
from tunewidgets.objectives.space_of import asking_of
from tunewidgets.runner.spec import Spec
from tunewidgets.space import Space
from tunewidgets.store.folder import SearchFolder, read_json, write_json

_SECONDS = 180
_BOOT = (
    "import json, sys; a = json.loads(sys.argv[1]); sys.path += [p for p in a['path'] if p not in sys.path]; "
    "from tunewidgets.runner.prepare import main; main(a)"
)


class Found(NamedTuple):
    """An objective's own space, and what could not be settled about it, a sentence each."""

    space: Space
    doubts: tuple[str, ...] = ()


def find_space(folder: SearchFolder, spec: Spec) -> Found:
    """Find the objective's own space in a child process.

    Raises
    ------
    ObjectiveError
        If the objective has none, its builder raises, or it takes too long.
    """
    answer = folder.path / "space.json"
    arguments = json.dumps({"folder": str(folder.path), "cwd": spec.cwd, "path": spec.path, "answer": str(answer)})
    quiet = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")}
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-P", "-c", _BOOT, arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            cwd=spec.cwd,
            env=dict(os.environ) | quiet,
        )
    except subprocess.TimeoutExpired as error:
        raise ObjectiveError(f"the space was not found within {_SECONDS} s: give it, space=tw.Space(...)") from error
    if not answer.exists():
        raise ObjectiveError(f"finding the space failed: {done.stderr.decode(errors='replace')[-1500:].strip()}")
    found = read_json(answer)
    if "error" in found:
        raise ObjectiveError(found["error"])
    return Found(Space.from_json(found["space"]), tuple(found["doubts"]))


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


def main(arguments: dict[str, str]) -> None:
    """Answer into a file: the space and its doubts, or the error; runs in the child."""
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
