"""Ending a coordinator from outside: asked first, killed if it does not go."""

import time

from tunewidgets.runner import platform
from tunewidgets.runner.process import kill_leftovers
from tunewidgets.store.folder import SearchFolder
from tunewidgets.store.lease import holder_alive, read_lease

_PATIENCE = 10.0


def end_coordinator(folder: SearchFolder) -> None:
    """End the coordinator that lives in a folder, and all its legs; does nothing where none lives.

    Only a process of this machine can be ended, known by its number and the time it began.
    """
    info = read_lease(folder.path)
    if info is not None and holder_alive(folder.path):
        process = platform.find(info.pid, info.create_time)
        if process is not None:
            process.terminate()
            end = time.monotonic() + _PATIENCE
            while platform.is_running(process) and time.monotonic() < end:
                time.sleep(0.02)
            if platform.is_running(process):
                process.kill()
    kill_leftovers(folder.path)
