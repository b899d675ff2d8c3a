"""``python -m benchmarks [NAMES] [--quick]``: take benchmarks one after another and write the page."""

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import page
from benchmarks.places import BUILD, DOCS, ROOT, scratch
from benchmarks.record import Result

MODULES = {
    "trials": "trials",
    "legs": "legs",
    "kernel": "kernel",
    "models": "models",
    "pixels": "pixels",
    "steering": "steering",
    "browser": "browser",
    "driver": "driver",
    "import": "imports",
    "hyperband": "hyperband",
    "accuracy": "accuracy",
}
_LOG = logging.getLogger("benchmarks")


def main(arguments: list[str] | None = None) -> int:
    """Take what is asked for; a benchmark that fails does not keep the others from being taken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MODULES)}; all of them by default")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, written to build/benchmarks/")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.names if name not in MODULES]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(MODULES)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    if asked.quick:
        _LOG.info("tiny sizes: the figures say nothing about speed")
    names = asked.names or list(MODULES)
    failed = [name for name in names if not _take(name, BUILD if asked.quick else DOCS, quick=asked.quick)]
    if failed:
        _LOG.error("these failed: %s", ", ".join(failed))
    return 1 if failed else 0


def _take(name: str, folder: Path, *, quick: bool) -> bool:
    _LOG.info("%s …", name)
    began = time.monotonic()
    with scratch() as place:
        answer = place / "answer.json"
        command = [sys.executable, "-m", "benchmarks.one", MODULES[name], str(answer), *(["--quick"] if quick else [])]
        quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(command, check=False, cwd=ROOT, env=quiet)  # noqa: S603 - this very Python and package
        if done.returncode or not answer.exists():
            return False
        taken = json.loads(answer.read_text(encoding="utf-8"))
    page.keep(folder / "benchmarks.json", name, taken)
    page.write(folder / "benchmarks.md", page.read(folder / "benchmarks.json"))
    for budget in Result.from_json(taken["result"]).budgets:
        _LOG.info("  %s: %s, %s (%s)", "held" if budget.held else "MISSED", budget.what, budget.found, budget.wanted)
    _LOG.info("%s took %.0f s", name, time.monotonic() - began)
    return True


if __name__ == "__main__":
    sys.exit(main())
