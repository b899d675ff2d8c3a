"""One whole job under Keras Tuner's Hyperband and under ours with its arithmetic: wall and processor seconds."""

import json
import os
import subprocess
import sys

from benchmarks.jobs import JOBS, Job
from benchmarks.places import ROOT, scratch
from benchmarks.record import Result, Spread, Table, at_most

MOST = 0.6
NAMES = {"keras_tuner": "Keras Tuner", "tunewidgets": "tunewidgets"}


def run(*, quick: bool) -> Result:
    """Run the whole job with each library in turn, each time in a fresh process."""
    max_epochs, rounds = (4, 1) if quick else (27, 2)
    jobs: dict[str, list[Job]] = {library: [] for library in JOBS}
    for _ in range(rounds):
        for library, done in jobs.items():
            done.append(_run(library, max_epochs))
    return _result(jobs, max_epochs, rounds)


def _run(library: str, max_epochs: int) -> Job:
    with scratch() as folder:
        answer = folder / "answer.json"
        command = [sys.executable, "-m", "benchmarks.jobs", library, str(folder), str(max_epochs), str(answer)]
        quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        subprocess.run(command, check=True, cwd=ROOT, env=quiet, stdout=subprocess.DEVNULL)  # noqa: S603 - this Python
        return Job(**json.loads(answer.read_text(encoding="utf-8")))


def _result(jobs: dict[str, list[Job]], max_epochs: int, rounds: int) -> Result:
    search = {name: Spread.of([job.search for job in done]).median for name, done in jobs.items()}
    whole = {name: Spread.of([job.whole for job in done]).median for name, done in jobs.items()}
    cpu = {name: Spread.of([job.cpu for job in done]).median for name, done in jobs.items()}
    ratio = search["tunewidgets"] / search["keras_tuner"]

    def beside(seconds: dict[str, float]) -> str:
        ours, theirs = seconds["tunewidgets"], seconds["keras_tuner"]
        return f"{ours:.1f} s beside {theirs:.1f} s, {ours / theirs:.2f}x"

    return Result(
        title="One whole job",
        how="The quickstart's builder (64 inputs; one hidden layer of 32 to 512 units in steps of 32, dropout 0 to 0.5 "
        "in steps of 0.1, learning rate 1e-2, 1e-3 or 1e-4) on 1,437 digits, a fifth of them for validation, batches "
        f"of 32: Hyperband with {max_epochs} epochs at most and factor 3. Keras Tuner trains in its own process with "
        "its defaults (`verbose=0`); tunewidgets, with Keras Tuner's arithmetic, in two workers, each leg a process "
        f"of its own, with checkpoints, from which promoted trials go on. {rounds} rounds, in turn, each in a fresh "
        "process.",
        tables=(Table(_COLUMNS, tuple(_row(name, job) for name, done in jobs.items() for job in done)),),
        budgets=(
            at_most(
                "wall time of the search beside Keras Tuner's, our start-up included, its imports not", MOST, ratio, "x"
            ),
        ),
        raw={
            f"{NAMES[name]}, {what}": [getattr(job, key) for job in done]
            for name, done in jobs.items()
            for what, key in _RAW.items()
        },
        notes=(
            _TIMED,
            f"From the start of the process to the end of the search: {beside(whole)}.",
            f"Processor time, all processes together: {beside(cpu)}.",
        ),
    )


_TIMED = (
    "The search is timed from the call that begins it. Keras Tuner's imports come before that call; tunewidgets "
    "imports TensorFlow and finds out the space after it, and its first trial waits for that: it is its start-up."
)
_COLUMNS = (
    "library",
    "search, s",
    "start-up in it, s",
    "imports before it, s",
    "processor, s",
    "legs",
    "epochs",
    "best",
)
_RAW = {"search, s": "search", "start-up, s": "start_up", "imports, s": "imports", "processor, s": "cpu"}
_RAW |= {"legs": "legs", "epochs": "epochs", "best validation accuracy": "best"}


def _row(name: str, job: Job) -> tuple[str, ...]:
    seconds = (f"{each:.1f}" for each in (job.search, job.start_up, job.imports, job.cpu))
    return (NAMES[name], *seconds, str(job.legs), str(job.epochs), f"{job.best:.4f}")
