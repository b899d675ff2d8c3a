"""Looking at real searches from outside: their processes, and waiting for what must happen."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter

import psutil

from tunewidgets.history import Reported
from tunewidgets.store.lease import holder_alive, read_lease


def wait_until(condition, seconds=30.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"not within {seconds} s"
        time.sleep(0.005)


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def coordinator(search):
    return read_lease(search.folder).pid


def lives(search):
    return holder_alive(search.folder)


def legs(search):
    """The processes of all legs that have not been taken note of as ended."""
    found = []
    for record in search.folder.glob("trials/*/attempt-*.pid"):
        try:
            found.append(json.loads(record.read_text())["pid"])
        except (OSError, ValueError):  # it ends just now, or begins
            continue
    return found


def kill_coordinator(search, number=signal.SIGKILL):
    """Kill it and wait for its end; returns the legs that it had."""
    pid, mine = coordinator(search), legs(search)
    os.kill(pid, number)
    wait_until(lambda: is_gone(pid))
    return mine


def reported(search):
    """How many reports are committed for each (trial, attempt, step)."""
    return Counter((e.trial, e.attempt, e.step) for e in search.history if isinstance(e, Reported))


def outcome(search):
    """What a user would call the same trials: configuration, state, value, and every report."""
    history = search.history
    return {
        number: (dict(t.config), t.state, t.value, [(r.step, r.value) for r in history.reports(number)])
        for number, t in history.trials.items()
    }


def run_python(code, *arguments, cwd, background=False, **environment):
    """Run a program in a Python of its own, as a kernel would be, and return what it printed; or the process itself."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    env = os.environ | environment
    if background:
        return subprocess.Popen(command, cwd=cwd, env=env)
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
