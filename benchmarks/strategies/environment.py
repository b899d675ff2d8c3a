"""The peers' virtual environment: theirs, not ours, because they pull in torch and old ways of naming things."""

import logging
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.places import ROOT

REQUIREMENTS = Path(__file__).with_name("peers.txt")
HOME = ROOT / "build" / "peers"
_LOG = logging.getLogger("benchmarks.strategies")


def peers_python(*, make: bool) -> Path | None:
    """Return the Python of the peers' environment; None where there is none and it is not to be made."""
    python = HOME / "bin" / "python"
    stamp = HOME / "requirements.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    if not make:
        return None
    _LOG.info("making %s: some 700 MB are fetched", HOME)
    _run([sys.executable, "-m", "venv", "--clear", str(HOME)])
    _run([str(python), "-m", "pip", "install", "-q", "-r", str(REQUIREMENTS)])
    stamp.write_text(wanted, encoding="utf-8")
    return python


def compute(python: Path, folder: Path, out: Path, seeds: int) -> None:
    """Compute the peers' runs that are not there yet, in one thread."""
    command = [str(python), "-m", "benchmarks.strategies.peers", "--tasks", str(folder), "--out", str(out)]
    alone = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "KERAS_BACKEND": "torch"}
    _run([*command, "--seeds", str(seeds)], alone)


def _run(command: list[str], variables: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, cwd=ROOT, env=variables)  # noqa: S603 - this very Python, and one that it made
