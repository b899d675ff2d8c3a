"""Regrets as CSV files, one for each kind of tasks and one line for each run; nothing but the standard library."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.strategies.knobs import Kind
from benchmarks.strategies.traces import CHECKPOINTS, Trace

_FIXED = ("task", "method", "version", "seed")


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the regret after so many evaluations, and in a conditional space the branch it ended in."""

    task: str
    method: str
    version: str
    seed: int
    regrets: dict[int, float]
    branch: str = ""

    @classmethod
    def of(cls, trace: Trace, task: str, method: str, version: str, seed: int) -> "Run":
        """Return what is kept of a trace."""
        return cls(task, method, version, seed, dict(trace.regrets), trace.branch)


def file_of(folder: Path, kind: Kind, who: str) -> Path:
    """Return where the runs of one kind are kept; `who` is "peers" or "ours"."""
    return folder / f"strategies-{who}-{kind}.csv"


def read(file: Path) -> list[Run]:
    """Return the runs in a file, none where there is no file; a line that was cut short is left out."""
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        return [_run(row) for row in csv.DictReader(lines) if row.get("branch") is not None]


def _run(row: dict[str, str]) -> Run:
    regrets = {int(name): float(value) for name, value in row.items() if name.isdigit() and value}
    return Run(row["task"], row["method"], row["version"], int(row["seed"]), regrets, row["branch"])


def append(file: Path, kind: Kind, run: Run) -> None:
    """Add a run's line at once, so that the computing can be stopped at any time."""
    new = not file.exists()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        if new:
            writer.writerow(_header(kind))
        writer.writerow(_row(kind, run))


def write(file: Path, kind: Kind, runs: Iterable[Run]) -> None:
    """Write runs in the order of task, method and seed, in place of what the file holds."""
    rows = [_row(kind, run) for run in sorted(runs, key=lambda run: (run.task, run.method, run.seed))]
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines, lineterminator="\n").writerows([_header(kind), *rows])


def _header(kind: Kind) -> list[str]:
    return [*_FIXED, *map(str, CHECKPOINTS[kind]), "branch"]


def _row(kind: Kind, run: Run) -> list[str]:
    regrets = [f"{run.regrets[at]:.6g}" if at in run.regrets else "" for at in CHECKPOINTS[kind]]
    return [run.task, run.method, run.version, str(run.seed), *regrets, run.branch]
