"""A Gaussian-process search taken up again in another process: the same suggestion to the last bit."""

import json
import os
import subprocess
import sys

from tunewidgets.history import Started
from tunewidgets.history.codec import encode
from tunewidgets.samplers import GP
from tunewidgets.testing.samplers import SPACES, ask, begun, searched

ELSEWHERE = """
import json, sys
from tunewidgets.history.codec import decode
from tunewidgets.samplers import GP
from tunewidgets.testing.samplers import ask, begun

for line in sys.stdin:
    name, trial, written = json.loads(line)
    events = [decode(*each) for each in written]
    space = events[0].space
    found = ask(begun(GP(initial=4), events), space, trial, 2)
    print(json.dumps([name, [[dict(each.config), dict(each.notes)] for each in found]], sort_keys=True))
"""
TRIALS = 7


def said(name, suggestions):
    """What the other process prints of the same suggestions; numbers are written with all their digits."""
    pairs = [[dict(each.config), dict(each.notes)] for each in suggestions]
    return json.dumps([name, pairs], sort_keys=True)


def test_in_another_process_the_suggestion_is_the_same_to_the_last_bit():
    asked, expected = [], []
    for name in ("every type", "conditions"):
        space = SPACES[name]
        events = searched(GP(initial=4), space, TRIALS)
        trial = sum(isinstance(event, Started) for event in events)
        found = ask(begun(GP(initial=4), events), space, trial, 2)
        assert all("model" in each.notes for each in found)
        asked.append(json.dumps([name, trial, [encode(event) for event in events]]))
        expected.append(said(name, found))
    # Neither the hashes of texts nor the number of threads may have a part in it.
    surroundings = {**os.environ, "PYTHONHASHSEED": "4711", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        input="\n".join(asked),
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == expected
