"""Process executors on real legs, and looking at their processes from outside."""

import json
import time
from contextlib import closing, contextmanager

import psutil

from tunewidgets.objectives import payload
from tunewidgets.objectives.function import FunctionObjective
from tunewidgets.runner.process import ProcessExecutor
from tunewidgets.testing.executors import Session


@contextmanager
def search(function, folder, **settings):
    payload.dump(FunctionObjective(function), folder)
    with closing(ProcessExecutor(folder, **({"grace": 0.3} | settings))) as executor:
        yield Session(executor)


def leg_pid(folder, trial=0):
    return json.loads((folder / "trials" / f"{trial:05d}" / "attempt-1.pid").read_text())["pid"]


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(condition, seconds=20.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"not within {seconds} s"
        time.sleep(0.005)
