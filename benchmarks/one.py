"""Takes one benchmark, in a process of its own: ``python -m benchmarks.one NAME ANSWER [--quick]``."""

import importlib
import json
import logging
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import this_machine
from benchmarks.page import as_taken


def main(module: str, answer: Path, *, quick: bool) -> None:
    """Run that module's benchmark and write what it found."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    load, began = os.getloadavg()[0], time.monotonic()
    result = importlib.import_module(f"benchmarks.{module}").run(quick=quick)
    seconds, at = time.monotonic() - began, datetime.now(UTC).strftime("%Y-%m-%d")
    taken = as_taken(result, this_machine(), at=at, seconds=seconds, load=load)
    answer.write_text(json.dumps(taken), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), quick="--quick" in sys.argv[3:])
