"""Starting a leg's process, and what a fresh process for each leg costs a small Keras network."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.digits import Digits, build_model, load_digits
from benchmarks.places import scratch
from benchmarks.record import Result, Spread, Table, at_most
from tunewidgets.history import Config
from tunewidgets.objectives import FunctionObjective, KerasObjective, LiveTrial, Objective, payload
from tunewidgets.runner.executor import LegOrder, LegReported, LegReturned, Message
from tunewidgets.runner.process import ProcessExecutor

MOST_MS = 50.0
CONFIG = {"units": 64, "dropout": 0.2, "learning_rate": 1e-3}


def run(*, quick: bool) -> Result:
    """Launch legs that only tell the time; then take turns: a fresh leg, a fit in a warm process, a Keras leg."""
    starts, fits = (5, 2) if quick else (60, 10)
    data = load_digits()
    with scratch() as folder:
        functions = _Bench(FunctionObjective(_work(data)), folder / "functions")
        keras = _Bench(
            KerasObjective(build_model, data.x_train, data.y_train, epochs=1, objective="loss"), folder / "k"
        )
        try:
            started = [_start(functions) for _ in range(starts)]
            fresh, warm, legs = _fits(functions, keras, fits)
        finally:
            functions.close()
            keras.close()
    return _result(started, {FRESH: fresh, WARM: warm, KERAS: legs}, functions.ready)


FRESH = "a fresh leg: start, build, one epoch, end"
WARM = "a later fit in one warm process: build, one epoch"
KERAS = "a fresh leg of `KerasObjective`: the same with checkpoint and best weights written"


def _result(started: list[float], fits: dict[str, list[float]], ready: float) -> Result:
    milliseconds = Spread.of([1000 * each for each in started])
    spreads = {name: Spread.of(values) for name, values in fits.items()}
    rows = [(name, spread.text(), f"{spread.median - spreads[WARM].median:+.2f}") for name, spread in spreads.items()]
    return Result(
        title="Starting a leg, and a fresh leg beside a warm one",
        how=f"{len(started)} legs launched one after another, from the launch in the coordinator to the first line of "
        f"the objective; then {len(fits[FRESH])} rounds of one fit of each kind, in turn: 1,437 digits, 64 units, one "
        f"epoch, one thread. TensorFlow and Keras are imported before, once a search, in {ready:.1f} s.",
        tables=(
            Table(
                ("launch to first line", "median (quartiles), ms", "90 % below, ms"),
                (("a leg, TensorFlow preloaded", milliseconds.text(), f"{milliseconds.p90:.1f}"),),
            ),
            Table(("one epoch", "median (quartiles), s", "beside warm, s"), tuple(rows)),
        ),
        budgets=(at_most("launch to first line, median", MOST_MS, milliseconds.median, " ms"),),
        raw={"launch to first line, s": started} | {f"{name}, s": values for name, values in fits.items()},
        notes=("The first fit of the warm process, which is as slow as that of a fresh one, is left out.",),
    )


# --- what legs do ----------------------------------------------------------------------------------------------------


def _work(data: Digits) -> Callable[[LiveTrial], float | None]:
    """Return the objective: tell the time, or fit once, or fit again and again, each fit a report of its seconds."""
    x, y = data.x_train, data.y_train

    def work(trial: LiveTrial) -> float | None:
        now = time.time()
        if trial.config["do"] == "tell":
            return now
        for step in range(1, trial.config["fits"] + 1):
            began = time.perf_counter()
            build_model(_Chosen()).fit(x, y, epochs=1, verbose=0)
            trial.report(step, time.perf_counter() - began)
        return None

    return work


class _Chosen:
    """Stands in for `hp`: every parameter has one value."""

    def __getattr__(self, _kind: str) -> Callable[..., Any]:
        return lambda name, *_args, **_more: CONFIG[name]


# --- driving them ----------------------------------------------------------------------------------------------------


class _Bench:
    """An executor with its zygote ready, and the next leg's number."""

    def __init__(self, objective: Objective, folder: Path) -> None:
        folder.mkdir()
        payload.dump(objective, folder)
        self.executor = ProcessExecutor(folder, threads=1, preload=("tensorflow", "keras"))
        found = self.executor.preflight()
        assert found.ok, found.error
        self.ready = found.seconds
        self._count = 0
        self._inbox: list[Message] = []
        self.close = self.executor.close

    def launch(self, config: Config, budget: int | None = None) -> int:
        self._count += 1
        self.executor.launch(LegOrder(self._count, 1, config, budget, seed=self._count))
        return self._count

    def next(self, trial: int) -> Message:
        """Wait for the next message of a leg; others keep theirs."""
        while not (mine := [message for message in self._inbox if message.trial == trial]):
            self.executor.pump(self._inbox.append, 1.0)
        self._inbox.remove(mine[0])
        return mine[0]

    def finish(self, trial: int) -> LegReturned:
        """Answer every report of a leg until it has closed."""
        while isinstance(message := self.next(trial), LegReported):
            self.executor.reply(trial, 1, "continue")
        assert isinstance(message, LegReturned), message
        return message


def _start(bench: _Bench) -> float:
    began = time.time()
    closing = bench.finish(bench.launch({"do": "tell"}))
    assert closing.value is not None
    return closing.value - began


def _fits(functions: _Bench, keras: _Bench, times: int) -> tuple[list[float], list[float], list[float]]:
    """Return the seconds of fresh legs, of later fits in one process, and of Keras legs."""
    fresh, warm, legs = [], [], []
    lasting = functions.launch({"do": "fit", "fits": times + 1})
    functions.next(lasting)  # its first fit is no warm one
    for _ in range(times):
        fresh.append(_seconds(functions, {"do": "fit", "fits": 1}))
        functions.executor.reply(lasting, 1, "continue")  # until now it has waited, and used no processor
        message = functions.next(lasting)
        assert isinstance(message, LegReported), message
        warm.append(message.value)
        legs.append(_seconds(keras, CONFIG, budget=1))
    functions.executor.reply(lasting, 1, "continue")
    return fresh, warm, legs


def _seconds(bench: _Bench, config: Config, budget: int | None = None) -> float:
    began = time.perf_counter()
    bench.finish(bench.launch(config, budget))
    return time.perf_counter() - began
