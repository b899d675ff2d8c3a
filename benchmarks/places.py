"""Where things are, and folders to work in that lie on the project's own disk."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunewidgets.runner.ending import end_coordinator
from tunewidgets.store.folder import SearchFolder

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "benchmarks"
DOCS = ROOT / "docs"


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a new folder; afterwards the searches in it are ended, whatever has happened, and it is removed.

    It is not in /tmp, which may be memory, where a sync costs nothing.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=BUILD))
    try:
        yield folder
    finally:
        for spec in folder.rglob("spec.json"):
            end_coordinator(SearchFolder(spec.parent))
        shutil.rmtree(folder, ignore_errors=True)
