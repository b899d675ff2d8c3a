"""Whether a notebook stays quick while its search trains: the latency of ``1+1`` in a real kernel."""

import os
import time
from pathlib import Path
from typing import Any, Self

from jupyter_client.manager import KernelManager

from benchmarks.places import ROOT, scratch
from benchmarks.record import Result, Spread, Table, at_most

MOST = 1.5
PAUSE = 0.02
PATIENCE = 120.0
PREPARE = """
import tunewidgets as tw
from benchmarks.digits import build_model, load_digits
data = load_digits()
"""
# The epochs are more than anybody waits for: both trials train until they are stopped.
START = """
search = tw.tune(
    tw.KerasObjective(build_model, data.x_train, data.y_train, validation_split=0.2, epochs=100_000),
    objective="val_accuracy", strategy="random", trials=2, workers=2, seed=1, name="busy{}",
)
"""
BOTH_TRAIN = "sum(search.history.trials[number].step > 1 for number in search.history.running) == 2"
STOP = "search.stop(now=True).wait(60)"


def run(*, quick: bool) -> Result:
    """Take turns: idle, two trials training, idle again, and so on."""
    rounds, seconds = (1, 1.0) if quick else (3, 8.0)
    idle: list[float] = []
    busy: list[float] = []
    with scratch() as folder, Kernel(folder) as kernel:
        kernel.execute(PREPARE)
        for turn in range(rounds):
            idle += kernel.latencies(seconds / 2)
            kernel.execute(START.format(turn))
            kernel.until(BOTH_TRAIN)
            busy += kernel.latencies(seconds)
            kernel.execute(STOP)
            time.sleep(1.0 if quick else 4.0)  # the coordinator stays for a moment after the end
            idle += kernel.latencies(seconds / 2)
    return _result(idle, busy, rounds, seconds)


def _result(idle: list[float], busy: list[float], rounds: int, seconds: float) -> Result:
    found = {name: Spread.of([1000 * each for each in values]) for name, values in (("idle", idle), ("busy", busy))}
    ratio = found["busy"].median / found["idle"].median
    names = {"idle": "idle, before and after", "busy": "while two trials train"}
    rows = [
        (
            names[name],
            spread.text(),
            f"{spread.p90:.1f}",
            f"{spread.n:,}",
            f"{spread.median / found['idle'].median:.2f}x",
        )
        for name, spread in found.items()
    ]
    return Result(
        title="The kernel while trials train",
        how=f"The time from sending `1+1` to the reply, with {1000 * PAUSE:.0f} ms between two requests, in a kernel "
        f"that has itself started the search (two workers, digits, no page open). {rounds} rounds of {seconds / 2:g} s "
        f"idle, {seconds:g} s with both trials training, {seconds / 2:g} s idle.",
        tables=(Table(("kernel", "median (quartiles), ms", "90 % below, ms", "requests", "beside idle"), tuple(rows)),),
        budgets=(at_most("median latency beside idle", MOST, ratio, "x"),),
        raw={"idle, s": idle, "busy, s": busy},
    )


class Kernel:
    """A real ipykernel, as a front end sees it."""

    def __init__(self, folder: Path) -> None:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(cwd=str(folder), env=os.environ | {"PYTHONPATH": path})
        self._client: Any = self._manager.blocking_client()

    def __enter__(self) -> Self:
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()

    def execute(self, code: str, expression: str = "None") -> str:
        """Run code and return the text of an expression's value."""
        answer = self._reply(self._client.execute(code, user_expressions={"value": expression}))
        found = answer.get("user_expressions", {}).get("value", {})
        if answer["status"] != "ok" or found["status"] != "ok":
            raise RuntimeError("\n".join((answer if answer["status"] != "ok" else found)["traceback"]))
        return str(found["data"]["text/plain"])

    def until(self, expression: str) -> None:
        """Ask a few times a second until an expression is true."""
        end = time.monotonic() + PATIENCE
        while self.execute("", expression) != "True":
            if time.monotonic() > end:
                raise TimeoutError(f"waited {PATIENCE:g} s for {expression}")
            time.sleep(0.2)

    def latencies(self, seconds: float) -> list[float]:
        """Ask for ``1+1`` for so long, and return how long each answer took, in seconds."""
        taken = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.perf_counter()
            self._reply(self._client.execute("1+1"))
            taken.append(time.perf_counter() - began)
            self._drain()
            time.sleep(PAUSE)
        return taken

    def _reply(self, request: str) -> dict[str, Any]:
        while True:
            message = self._client.get_shell_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == request:
                content: dict[str, Any] = message["content"]
                return content

    def _drain(self) -> None:
        """Read what has come for showing, between two requests."""
        while self._client.iopub_channel.msg_ready():
            self._client.get_iopub_msg(timeout=1)
