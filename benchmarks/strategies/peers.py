"""The peers' regrets, computed once: ``python -m benchmarks.strategies.peers``, run by the peers' own Python.

Every run's line is written at once, so it can be stopped at any time, and started again it goes on. Seeds come in
blocks, and within a block what matters most comes first, so that an unfinished computing is balanced over tasks and
peers; the slow ones come last. With ``--part 0/2`` and ``--part 1/2`` two processes share the work. What a file holds
is taken as it is: where another version of a peer is meant, remove its lines first.
"""

import argparse
import importlib
import logging
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.strategies import kept, tasks
from benchmarks.strategies.kept import Run
from benchmarks.strategies.knobs import KINDS, Kind, Problem

SEEDS, BLOCK = 30, 10
_LOG = logging.getLogger("benchmarks.strategies.peers")


class Peer(NamedTuple):
    """A method of somebody else's: how it is run on which kinds of tasks.

    Attributes
    ----------
    name : str
        Its name in tables.
    kinds : tuple
        The kinds of tasks.
    module, function : str
        What runs it.
    given : tuple
        The arguments between the problem and the seed.
    rank : int
        What matters more comes first.
    """

    name: str
    kinds: tuple[Kind, ...]
    module: str
    function: str
    given: tuple[Any, ...]
    rank: int = 0


_ALL: tuple[Kind, ...] = ("conditional", "numeric", "tables")
_FLAT: tuple[Kind, ...] = ("numeric", "tables")
_LAST = 3
"""The rank from which on a peer waits for all seeds of the others: a run of it takes a quarter of a minute or more."""
PEERS = (
    Peer("random", _ALL, "peer_random", "search", (100,)),
    Peer("Optuna TPE", _ALL, "peer_optuna", "search", ("tpe", 100)),
    Peer("Optuna GP", _ALL, "peer_optuna", "search", ("gp", 50)),
    Peer("random", ("nas",), "peer_random", "search", (200,), rank=1),
    Peer("Optuna TPE", ("nas",), "peer_optuna", "search", ("tpe", 200), rank=1),
    Peer("syne-tune evolution", ("nas",), "peer_syne_tune", "evolution", (200,), rank=1),
    Peer("random, full", ("fidelity",), "peer_random", "search", (40,), rank=2),
    Peer("Optuna TPE, full", ("fidelity",), "peer_optuna", "search", ("tpe", 40), rank=2),
    *(
        Peer(f"Optuna {title} + {sampler}", ("fidelity",), "peer_optuna", "pruned", ((sampler, name), 40), rank=2)
        for title, name in (("halving", "sh"), ("Hyperband", "hyperband"))
        for sampler in ("random", "tpe")
    ),
    Peer("syne-tune ASHA", ("fidelity",), "peer_syne_tune", "halving", ("asha", 40), rank=2),
    Peer("syne-tune Hyperband", ("fidelity",), "peer_syne_tune", "halving", ("hyperband", 40), rank=2),
    Peer("syne-tune BOHB", ("fidelity",), "peer_syne_tune", "halving", ("bohb", 40), rank=2),
    Peer("scikit-optimize GP", _FLAT, "peer_skopt", "search", (50,), rank=3),
    Peer("Keras Tuner BO", _ALL, "peer_keras_tuner", "search", (40,), rank=4),
)


class Job(NamedTuple):
    """One run to be made."""

    peer: Peer
    kind: Kind
    task: str
    seed: int


def jobs(seeds: int) -> list[Job]:
    """Return all runs, in the order in which they are made."""
    found = [
        Job(peer, kind, task, seed)
        for peer in PEERS
        for kind in peer.kinds
        for task in tasks.names(kind)
        for seed in range(seeds)
    ]
    return sorted(found, key=lambda job: (job.peer.rank >= _LAST, job.seed // BLOCK, job.peer.rank, job.seed))


def _share(job: Job, part: int, parts: int) -> bool:
    return zlib.crc32(f"{job.peer.name}/{job.task}/{job.seed}".encode()) % parts == part


def main(arguments: list[str] | None = None) -> int:
    """Make the runs that are not there yet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strategies.peers", description=__doc__)
    parser.add_argument("--tasks", type=Path, required=True, metavar="FOLDER", help="the folder of the tasks")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the folder of the CSV files")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many (default: %(default)s)")
    parser.add_argument("--part", default="0/1", help="this process's share, such as 0/2 (default: %(default)s)")
    parser.add_argument("--only", help="peers with this in their names")
    asked = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout)
    part, parts = map(int, asked.part.split("/"))
    for job in _due(jobs(asked.seeds), asked.out, asked.tasks):
        if _share(job, part, parts) and (asked.only or "") in job.peer.name:
            _make(job, asked.tasks, asked.out)
    return 0


def _due(wanted: list[Job], out: Path, folder: Path) -> Iterator[Job]:
    files = {kind: kept.read(kept.file_of(out, kind, "peers")) for kind in KINDS}
    there = {(kind, run.task, run.method, run.seed) for kind, runs in files.items() for run in runs}
    gone = tasks.missing(folder)
    if gone:
        _LOG.warning("left out, for want of the folder or of ioh: %s", ", ".join(gone))
    due = [job for job in wanted if job.task not in gone]
    left = [job for job in due if (job.kind, job.task, job.peer.name, job.seed) not in there]
    _LOG.info("%d runs are there, %d are to be made", len(wanted) - len(left), len(left))
    yield from left


def _make(job: Job, folder: Path, out: Path) -> None:
    began = time.monotonic()
    module = importlib.import_module(f"benchmarks.strategies.{job.peer.module}")
    problem: Problem = tasks.load(folder, job.kind, job.task)
    try:
        trace = getattr(module, job.peer.function)(problem, *job.peer.given, job.seed)
    except Exception:  # noqa: BLE001 - a peer that fails on one task is told of, and does not keep the others from running
        _LOG.exception("%s on %s, seed %d, has failed", job.peer.name, job.task, job.seed)
        return
    run = Run.of(trace, job.task, job.peer.name, module.VERSION, job.seed)
    kept.append(kept.file_of(out, job.kind, "peers"), job.kind, run)
    seconds = time.monotonic() - began
    _LOG.info("%s on %s (%s), seed %d: %.1f s", job.peer.name, job.task, job.kind, job.seed, seconds)


if __name__ == "__main__":
    sys.exit(main())
