"""Ends the processes that a coordinator left behind when it was killed and they could not notice."""

import json
import time
from pathlib import Path

import psutil

from tunewidgets.runner import platform

_SECONDS = 5.0


def kill_leftovers(folder: Path) -> int:
    """End the processes of all legs that are still running in a search's folder, with their descendants.

    To be called by whoever holds the search's lock, before it starts any leg: a leg whose executor has gone ends
    itself, unless it computes in a library that does not let Python's other threads run.

    Parameters
    ----------
    folder : Path
        The search's folder.

    Returns
    -------
    int
        How many legs were ended.

    Examples
    --------
    >>> kill_leftovers(Path("tune_runs/first"))                     # doctest: +SKIP
    0
    """
    legs, family = 0, []
    records = [*folder.glob("trials/*/attempt-*.pid"), *folder.glob("preflight/attempt-*.pid")]
    for record in records:
        process = _read(record)
        if process is not None:
            legs += 1
            family += [process, *platform.end_tree(process, hard=True)]
        record.unlink(missing_ok=True)
    _wait_for(family)
    return legs


def _read(record: Path) -> psutil.Process | None:
    try:
        data = json.loads(record.read_text(encoding="utf-8"))
        return platform.find(int(data["pid"]), float(data["born"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # written half when its process ended


def _wait_for(processes: list[psutil.Process]) -> None:
    # Their memory and their files are free only when they are gone; whoever waits for them as a parent is not known.
    limit = time.monotonic() + _SECONDS
    while any(map(platform.is_running, processes)) and time.monotonic() < limit:
        time.sleep(0.01)
