"""What the figures were taken on, read while they are taken."""

import os
import platform
import sqlite3
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from tunewidgets.runner.platform import available_cores

_PACKAGES = (
    "tunewidgets", "numpy", "keras", "tensorflow-cpu", "tensorflow", "keras-tuner", "optuna", "scikit-learn",
    "ipykernel", "jupyterlab", "anywidget", "plotly", "playwright",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine and what is installed on it.

    Attributes
    ----------
    processor, system, python, sqlite : str
        Names and versions.
    cores : int
        How many this process may use.
    memory : int
        In GB.
    versions : dict of str
        Of the packages that matter here and are installed.
    """

    processor: str
    system: str
    python: str
    sqlite: str
    cores: int
    memory: int
    versions: dict[str, str]

    def text(self) -> str:
        """Return it as a paragraph."""
        packages = ", ".join(f"{name} {each}" for name, each in self.versions.items())
        return (
            f"{self.processor}, {self.cores} cores, {self.memory} GB; {self.system}; Python {self.python}, "
            f"SQLite {self.sqlite}; {packages}"
        )


def this_machine() -> Machine:
    """Return the machine that this process runs on."""
    return Machine(
        processor=_processor(),
        system=_system(),
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        cores=available_cores(),
        memory=round(psutil.virtual_memory().total / 2**30),
        versions={name: found for name in _PACKAGES if (found := _version(name))},
    )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _system() -> str:
    try:
        return str(platform.freedesktop_os_release()["PRETTY_NAME"])
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def file_system(folder: Path) -> str:
    """Return the kind of file system that a folder lies on: what a sync costs depends on it.

    Examples
    --------
    >>> file_system(Path.cwd())                                         # doctest: +SKIP
    'ext4'
    """
    place = str(folder.resolve())
    found = [
        (len(part.mountpoint), part.fstype)
        for part in psutil.disk_partitions(all=True)
        if place == part.mountpoint or place.startswith(part.mountpoint.rstrip(os.sep) + os.sep)
    ]
    return max(found, default=(0, "unknown"))[1]
