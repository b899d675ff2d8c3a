"""``python -m benchmarks.strategies --tasks FOLDER [--quick]``: run ours, set them beside the peers, write the page."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from benchmarks import page as whole_page
from benchmarks.machine import this_machine
from benchmarks.places import BUILD, DOCS
from benchmarks.record import Budget
from benchmarks.strategies import environment, kept, ours, page, tasks, timing
from benchmarks.strategies.aims import Branched
from benchmarks.strategies.contests import OURS
from benchmarks.strategies.kept import Run
from benchmarks.strategies.knobs import KINDS, Kind
from benchmarks.strategies.page import Findings
from benchmarks.strategies.traces import branch_text

SEEDS, FEW = 30, 3
_LOG = logging.getLogger("benchmarks.strategies")


def main(arguments: list[str] | None = None) -> int:
    """Take the benchmark."""
    asked = _asked(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    began, out = time.monotonic(), BUILD if asked.quick else DOCS
    seeds = asked.seeds or (FEW if asked.quick else SEEDS)
    python = asked.python or environment.peers_python(make=asked.peers)
    if asked.peers and python is not None:
        environment.compute(python, asked.tasks, DOCS, SEEDS)
    works = ours.plan(asked.tasks, asked.kinds, seeds, tuple(asked.only), quick=asked.quick)
    made = _ours(works, asked.jobs, out)
    found = Findings(
        {kind: [*_named(made[kind]), *_peers(kind, seeds)] for kind in KINDS},
        {kind: _spans(asked.tasks, kind) for kind in KINDS},
        [_branched(asked.tasks, name) for name in tasks.names("conditional") if name not in tasks.missing(asked.tasks)],
        {} if asked.no_timing else timing.take(python, quick=asked.quick),
    )
    seconds = time.monotonic() - began
    reached = page.write(out, found, _note(len(works), seconds))
    _tell(out, reached, seconds)
    for each in reached:
        _LOG.info("%s: %s: %s (%s)", "reached" if each.held else "NOT REACHED", each.what, each.found, each.wanted)
    _LOG.info("%s took %.0f s", out / "strategies.md", time.monotonic() - began)
    return 0


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strategies", description=(__doc__ or ""))
    parser.add_argument("--tasks", type=Path, required=True, metavar="FOLDER", help="the folder of the tasks")
    parser.add_argument("--quick", action="store_true", help="3 seeds, written to build/benchmarks/")
    parser.add_argument("--seeds", type=int, help="how many of ours (30; with --quick 3)")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (default: %(default)s)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="of tasks (all)")
    parser.add_argument("--only", nargs="+", default=(), metavar="METHOD", help="run these anew and keep the others")
    parser.add_argument("--no-timing", action="store_true", help="leave the time for a suggestion out")
    parser.add_argument("--peers", action="store_true", help="compute what is missing of the peers' regrets: hours")
    parser.add_argument("--python", type=Path, metavar="FILE", help="the peers' Python (build/peers/bin/python)")
    asked = parser.parse_args(arguments)
    asked.tasks = asked.tasks.resolve()
    if not (asked.tasks / "tasks.py").exists():
        parser.error(f"there is no {asked.tasks / 'tasks.py'}: give the folder of the tasks with --tasks FOLDER")
    return asked


def _ours(works: list[ours.Work], jobs: int, out: Path) -> dict[Kind, list[Run]]:
    """Make our runs and write their files; what is not run anew is taken from there."""
    anew = {(work.kind, work.method.name) for work in works}
    made: dict[Kind, list[Run]] = {
        kind: [run for run in kept.read(kept.file_of(out, kind, "ours")) if (kind, run.method) not in anew]
        for kind in KINDS
    }
    _LOG.info("%d runs of ours", len(works))
    for kind, run in ours.make_all(works, jobs):
        made[kind].append(run)
    for kind, runs in made.items():
        if runs:
            kept.write(kept.file_of(out, kind, "ours"), kind, runs)
    return made


def _tell(out: Path, reached: list[Budget], seconds: float) -> None:
    """Put the aims on the page of all benchmarks."""
    facts = {"at": time.strftime("%Y-%m-%d"), "seconds": seconds, "load": os.getloadavg()[0]}
    whole_page.keep(
        out / "benchmarks.json", "strategies", whole_page.as_taken(page.result(reached), this_machine(), **facts)
    )
    whole_page.write(out / "benchmarks.md", whole_page.read(out / "benchmarks.json"))


def _named(runs: Iterable[Run]) -> list[Run]:
    return [replace(run, method=f"{OURS}{run.method}") for run in runs]


def _peers(kind: Kind, seeds: int) -> list[Run]:
    """Return the kept runs of the peers, all of their seeds unless ours are few: then as few."""
    runs = kept.read(kept.file_of(DOCS, kind, "peers"))
    return [run for run in runs if run.seed < max(seeds, FEW)]


def _spans(folder: Path, kind: Kind) -> dict[str, float]:
    gone = tasks.missing(folder)
    return {name: tasks.load(folder, kind, name).span() for name in tasks.names(kind) if name not in gone}


def _branched(folder: Path, name: str) -> Branched:
    problem = tasks.load(folder, "conditional", name)
    return Branched(name, branch_text(problem.branch or ()), problem.span())


def _note(runs: int, seconds: float) -> str:
    """Return how the page was made: few runs or none where the others were kept from before."""
    return (
        f"{runs:,} runs of ours made anew in {seconds / 60:.0f} minutes, the others kept; on: {this_machine().text()}."
    )


if __name__ == "__main__":
    sys.exit(main())
