"""Ends the processes that a coordinator left behind when it was killed and they could not notice."""

import json
import os
import time
from pathlib import Path

import psutil

from tunewidgets.runner import platform

PREPARE = "prepare.pid"
"""The record of the process that finds a search's space, in the search's folder."""

_SECONDS = 5.0


def record(path: Path) -> None:
    """Write down which process this is, so that it can be found when nobody who knows it is left."""
    path.write_text(json.dumps({"pid": os.getpid(), "born": platform.birth(os.getpid())}), encoding="utf-8")


def kill_leftovers(folder: Path) -> int:
    """End the processes that are still running in a search's folder, with their descendants.

    These are the legs', and the one that finds the space.

    To be called by whoever holds the search's lock, before it starts any leg: a leg whose executor has gone ends
    itself, unless it computes in a library that does not let Python's other threads run.

    Parameters
    ----------
    folder : Path
        The search's folder.

    Returns
    -------
    int
        How many were ended, descendants not counted.

    Examples
    --------
    >>> kill_leftovers(Path("tune_runs/first"))                     # doctest: +SKIP
    0
    """
    count, family = 0, []
    places = ("trials/*/attempt-*.pid", "preflight/attempt-*.pid", PREPARE)
    for found in [path for place in places for path in folder.glob(place)]:
        process = _read(found)
        if process is not None:
            count += 1
            family += [process, *platform.end_tree(process, hard=True)]
        found.unlink(missing_ok=True)
    _wait_for(family)
    return count


def _read(path: Path) -> psutil.Process | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return platform.find(int(data["pid"]), float(data["born"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # written half when its process ended


def _wait_for(processes: list[psutil.Process]) -> None:
    # Their memory and their files are free only when they are gone; whoever waits for them as a parent is not known.
    limit = time.monotonic() + _SECONDS
    while any(map(platform.is_running, processes)) and time.monotonic() < limit:
        time.sleep(0.01)
