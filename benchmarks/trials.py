"""Bookkeeping: what a trial with ten reports costs when nothing is trained, beside Keras Tuner and Optuna."""

import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from benchmarks.machine import file_system
from benchmarks.places import scratch
from benchmarks.record import Result, Spread, Table, at_least
from tunewidgets.history import Entry, Goal, History, Limits, Opened
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.simulated import SimulatedExecutor, World
from tunewidgets.samplers import Random
from tunewidgets.schedules import Full
from tunewidgets.space import Boolean, Choice, Float, Int, Space
from tunewidgets.store.sqlite import SqliteStore

REPORTS = 10
TIMES = 5.0
OURS, EACH, KERAS_TUNER, OPTUNA = (
    "tunewidgets", "tunewidgets, each report a commit", "Keras Tuner, JSON files", "Optuna, journal file",
)  # fmt: skip


def run(*, quick: bool) -> Result:
    """Take turns: some trials with each library, and bare syncs, then the same again."""
    trials, rounds = (4, 2) if quick else (150, 5)
    speeds: dict[str, list[float]] = {name: [] for name in _WAYS}
    commits: dict[str, list[float]] = {name: [] for name in _WAYS}
    syncs: list[float] = []
    with scratch() as folder:
        disk = file_system(folder)
    for _ in range(rounds):
        for name, way in _WAYS.items():
            with scratch() as folder:
                seconds, count = way(folder, trials)
            speeds[name].append(trials / seconds)
            commits[name].append(count / trials)
        with scratch() as folder:
            syncs += _bare_syncs(folder / "bare", trials)
    return _result(speeds, commits, syncs, f"{rounds} rounds of {trials} trials with each, in turn, on {disk}")


def _result(
    speeds: dict[str, list[float]], commits: dict[str, list[float]], syncs: Sequence[float], sizes: str
) -> Result:
    spreads = {name: Spread.of(values) for name, values in speeds.items()}
    rows = [
        (name, spread.text(), f"{Spread.of(commits[name]).median:.1f}", f"{spreads[OURS].median / spread.median:.1f}x")
        for name, spread in spreads.items()
    ]
    bare = Spread.of([1000 * value for value in syncs])
    return Result(
        title="Bookkeeping of a trial",
        how=f"A trial is a random draw of six parameters, {REPORTS} reports and an end; nothing is trained and one "
        f"worker is simulated. {sizes}. A bare write of 4 kB with fdatasync at the same time: {bare.text()} ms.",
        tables=(Table(("library", "trials a second", "syncs a trial", "tunewidgets is"), tuple(rows)),),
        budgets=tuple(
            at_least(f"trials a second beside {peer}", TIMES, spreads[OURS].median / spreads[peer].median, "x")
            for peer in (KERAS_TUNER, OPTUNA)
        ),
        raw={f"{name}, trials/s": values for name, values in speeds.items()} | {"fdatasync, s": list(syncs)},
        notes=_NOTES,
    )


_NOTES = (
    (
        "tunewidgets commits every start and every end before anything is done on the strength of it, each commit "
        "synced; plain reports, on which nothing is decided, are answered at once and go with the next commit, a tenth "
        "of a second later at the latest. The second row commits each report by itself, as Optuna does."
    ),
    "Keras Tuner does not sync its files: it waits for no disk, and a power failure may cost it anything.",
)


# --- tunewidgets -----------------------------------------------------------------------------------------------------


class _EachCommitted(SimulatedExecutor):
    """Makes the driver commit every report before it goes on."""

    immediate = True


class _Counting(SqliteStore):
    """Counts its transactions."""

    commits = 0

    def append(self, entries: Sequence[Entry], cursor: int | None = None) -> None:
        super().append(entries, cursor)
        self.commits += 1


def _space() -> Space:
    return Space(
        units=Int(32, 512, step=32),
        layers=Int(1, 4),
        rate=Float(1e-4, 1e-1, sampling="log"),
        dropout=Float(0.0, 0.5),
        optimizer=Choice(("adam", "sgd", "rmsprop")),
        bias=Boolean(),
    )


def _value(dropout: float, step: int) -> float:
    return 1.0 - dropout / (1.0 + step)


def _ours(folder: Path, trials: int, kind: type[SimulatedExecutor] = SimulatedExecutor) -> tuple[float, int]:
    store = _Counting(folder, write=True)
    opened = Opened(0, _space(), Limits(trials), (Goal("val_accuracy", "max"),))
    store.append([History().append(opened, time.time())])
    store.commits = 0
    executor = kind(World(value=lambda config, step: _value(config["dropout"], step), length=REPORTS))
    began = time.perf_counter()
    driver = Driver(store, Full(), Random(), executor)
    driver.run()
    seconds = time.perf_counter() - began
    reports = sum(len(driver.history.reports(number)) for number in driver.history.trials)
    assert (len(driver.history.trials), reports) == (trials, trials * REPORTS)
    store.close()
    return seconds, store.commits


def _ours_each(folder: Path, trials: int) -> tuple[float, int]:
    return _ours(folder, trials, _EachCommitted)


# --- the peers -------------------------------------------------------------------------------------------------------


def _keras_tuner(folder: Path, trials: int) -> tuple[float, int]:
    import keras_tuner  # noqa: PLC0415 - heavy: imported where first used

    hp = keras_tuner.HyperParameters()
    hp.Int("units", 32, 512, step=32)
    hp.Int("layers", 1, 4)
    hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hp.Float("dropout", 0.0, 0.5)
    hp.Choice("optimizer", ["adam", "sgd", "rmsprop"])
    hp.Boolean("bias")
    oracle = keras_tuner.oracles.RandomSearchOracle(
        objective=keras_tuner.Objective("val_accuracy", "max"), max_trials=trials, hyperparameters=hp, seed=1
    )
    oracle.verbose = 0
    oracle._set_project_dir(str(folder), "search")  # noqa: SLF001 - as its tuners do
    with _counted_syncs() as synced:
        began = time.perf_counter()
        for _ in range(trials):
            trial = oracle.create_trial("tuner0")
            for step in range(1, REPORTS + 1):
                value = _value(trial.hyperparameters.get("dropout"), step)
                oracle.update_trial(trial.trial_id, {"val_accuracy": value}, step=step)
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
        seconds = time.perf_counter() - began
    assert len(oracle.end_order) == trials
    return seconds, len(synced)


def _optuna(folder: Path, trials: int) -> tuple[float, int]:
    import optuna  # noqa: PLC0415 - heavy: imported where first used
    from optuna.storages import JournalStorage  # noqa: PLC0415 - see above
    from optuna.storages.journal import JournalFileBackend  # noqa: PLC0415 - see above

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(folder / "journal.log"))),
        sampler=optuna.samplers.RandomSampler(seed=1),
        direction="maximize",
    )
    with _counted_syncs() as synced:
        began = time.perf_counter()
        for _ in range(trials):
            trial = study.ask()
            trial.suggest_int("units", 32, 512, step=32)
            trial.suggest_int("layers", 1, 4)
            trial.suggest_float("rate", 1e-4, 1e-1, log=True)
            dropout = trial.suggest_float("dropout", 0.0, 0.5)
            trial.suggest_categorical("optimizer", ["adam", "sgd", "rmsprop"])
            trial.suggest_categorical("bias", [False, True])
            value = math.nan
            for step in range(1, REPORTS + 1):
                value = _value(dropout, step)
                trial.report(value, step)
            study.tell(trial, value)
        seconds = time.perf_counter() - began
    assert len(study.trials) == trials
    return seconds, len(synced)


_WAYS = {OURS: _ours, EACH: _ours_each, KERAS_TUNER: _keras_tuner, OPTUNA: _optuna}


# --- syncs -----------------------------------------------------------------------------------------------------------


@contextmanager
def _counted_syncs() -> Iterator[list[int]]:
    """Give the list to which every sync that Python code makes is added; SQLite's are none of these."""
    synced: list[int] = []
    fsync = os.fsync

    def count(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(descriptor)

    with mock.patch("os.fsync", count):
        yield synced


def _bare_syncs(file: Path, times: int) -> list[float]:
    block, taken = os.urandom(4096), []
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    for _ in range(times):
        began = time.perf_counter()
        os.write(descriptor, block)
        os.fdatasync(descriptor)
        taken.append(time.perf_counter() - began)
    os.close(descriptor)
    return taken
