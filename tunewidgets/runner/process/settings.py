"""What every process of a search needs to know, and how a Python of ours is started that knows it."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

# Every library that starts threads reads one of these when it is imported, and most of them only then.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)

# The path is completed at its end until our own modules are in, so that a random.py of the user's cannot take the
# place of the standard library's while they are imported.
_BOOT = (
    "import importlib, json, sys; s = json.loads(sys.argv[1]); "
    "sys.path += [p for p in s['path'] if p not in sys.path]; "
    "importlib.import_module(sys.argv[2]).main(s, *map(int, sys.argv[3:]))"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the trial processes of a search are to be.

    Attributes
    ----------
    folder : str
        The search's folder, with the payload.
    threads : int
        How many threads a trial may use.
    nice : int
        Their priority, 0 to 19.
    cwd : str
        The folder they work in.
    path : tuple of str
        Their ``sys.path``.
    preload : tuple of str
        Modules that are imported once, before processes are forked.
    """

    folder: str
    threads: int
    nice: int
    cwd: str
    path: tuple[str, ...]
    preload: tuple[str, ...]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the settings that `command` wrote."""
        return cls(**data | {"path": tuple(data["path"]), "preload": tuple(data["preload"])})

    @property
    def home(self) -> Path:
        """The search's folder."""
        return Path(self.folder)

    def environment(self) -> dict[str, str]:
        """Return the environment of all processes; whether they see a GPU is the user's own affair."""
        quiet = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")}
        return dict(os.environ) | quiet | dict.fromkeys(THREAD_VARIABLES, str(self.threads))

    def command(self, module: str, *handles: int) -> list[str]:
        """Return the command that runs the `main` of one of our modules, with these settings and pipe ends."""
        # -P: the folder worked in is on the path only where the settings say so.
        return [sys.executable, "-P", "-c", _BOOT, json.dumps(asdict(self)), module, *map(str, handles)]

    def enter(self) -> None:
        """Make this process's path and arguments what a user's code expects."""
        sys.path[:] = self.path
        sys.argv[:] = [""]
