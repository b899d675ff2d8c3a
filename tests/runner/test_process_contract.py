"""The process executor keeps the executor's contract, whichever way its processes are started."""

from pathlib import Path

import pytest

from tunewidgets.objectives import payload
from tunewidgets.objectives.base import Objective
from tunewidgets.runner.process import ProcessExecutor
from tunewidgets.testing.executors import ExecutorContract

pytestmark = pytest.mark.process


class TestForked(ExecutorContract):
    def executor(self, objective: Objective, folder: Path) -> ProcessExecutor:
        payload.dump(objective, folder)
        return ProcessExecutor(folder, grace=0.3, start_method="forkserver")


class TestSpawned(ExecutorContract):
    # What happens inside a leg is the same code as above, and every leg here takes a third of a second to start.
    test_an_error_fails_its_leg = None
    test_every_float_is_a_value = None
    test_what_was_met_is_told = None
    test_a_later_leg_goes_on_until_the_checkpoint_is_discarded = None

    def executor(self, objective: Objective, folder: Path) -> ProcessExecutor:
        payload.dump(objective, folder)
        return ProcessExecutor(folder, grace=0.3, start_method="spawn")
