"""Messages travel as they are, and a leg that was ended on request says so."""

import json

import pytest

from tunewidgets.runner.executor import LegFailed, LegLost, LegOrder, LegReported, LegReturned
from tunewidgets.runner.process.files import from_data, pack
from tunewidgets.runner.simulated import SimulatedExecutor, World


@pytest.mark.parametrize(
    "message",
    [
        LegReported(3, 2, 5, 0.25, {"loss": 1.5}),
        LegReturned(3, 2, 0.5, {"units": {"kind": "Int", "range": [1, 8]}}),
        LegFailed(3, 2, {"kind": "crash", "exit": 3}),
        LegLost(3, 2, "gone"),
        LegLost(3, 2, "killed", requested=True),
    ],
)
def test_a_message_travels_as_it_is(message):
    assert from_data(json.loads(pack(message)), 3, 2) == message


def test_a_simulated_leg_says_who_wanted_its_end():
    executor = SimulatedExecutor(
        World(value=lambda _config, step: float(step), loses=lambda trial, _attempt: trial or None)
    )
    told = []
    for trial in (0, 1):
        executor.launch(LegOrder(trial, 1, {}, 1, 7))
    executor.stop(0, 1, now=True)
    for _ in range(2):
        executor.pump(told.append, 1.0)
    assert {(message.trial, message.requested) for message in told} == {(0, True), (1, False)}
