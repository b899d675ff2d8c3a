"""The folder of one search: what lies where in it, how its small files are written, and whether it may be trusted.

::

    tune_runs/NAME/
      search.sqlite       everything that happened          (SqliteStore)
      commands.sqlite     what users asked for              (SqliteStore)
      spec.json           what was asked of the search
      payload.pkl         the objective, a pickle: code
      arrays/             its large arrays, by content
      trials/00007/       checkpoint and output of trial 7
      coordinator.log     the coordinator's output
      coordinator.lock    held while a coordinator lives    (Lease)
      lease.json          who holds it, and since when      (Lease)
"""

import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunewidgets.errors import StoreError

_PRIVATE = 0o700
_FOREIGN_WRITE = stat.S_IWGRP | stat.S_IWOTH
_FOREIGN_ENTRY = stat.S_IXGRP | stat.S_IXOTH
_OUTPUT = frozenset({".log", ".pid"})  # what a trial printed runs nothing


@dataclass(frozen=True, slots=True)
class SearchFolder:
    """The layout of a search's folder; making one touches no file.

    Examples
    --------
    >>> SearchFolder(Path("tune_runs/digits")).trial(7).as_posix()
    'tune_runs/digits/trials/00007'
    """

    path: Path

    @property
    def search(self) -> Path:
        """The database of everything that happened."""
        return self.path / "search.sqlite"

    @property
    def commands(self) -> Path:
        """The database of what users asked for."""
        return self.path / "commands.sqlite"

    @property
    def spec(self) -> Path:
        """What was asked of the search, as JSON."""
        return self.path / "spec.json"

    @property
    def payload(self) -> Path:
        """The objective, pickled."""
        return self.path / "payload.pkl"

    @property
    def arrays(self) -> Path:
        """The folder of the objective's large arrays."""
        return self.path / "arrays"

    @property
    def trials(self) -> Path:
        """The folder that holds one folder for each trial."""
        return self.path / "trials"

    @property
    def log(self) -> Path:
        """The coordinator's output."""
        return self.path / "coordinator.log"

    @property
    def lock(self) -> Path:
        """The file whose lock a living coordinator holds."""
        return self.path / "coordinator.lock"

    @property
    def lease(self) -> Path:
        """Who holds the lock, as JSON."""
        return self.path / "lease.json"

    def trial(self, number: int) -> Path:
        """Return a trial's folder; numbers past 99999 simply get longer."""
        return self.trials / f"{number:05d}"

    def create(self) -> "SearchFolder":
        """Make the folder, and those above it, where they are missing.

        A new folder is the user's alone (mode 700): where the system lets whole groups write new files, the pickle in
        it would otherwise be anybody's to replace.

        Returns
        -------
        SearchFolder
            Itself.

        Raises
        ------
        StoreError
            If it cannot be made; the message names the folder and the cure.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=_PRIVATE, exist_ok=True)
        except OSError as error:
            raise unwritable(self.path, error) from error
        return self


def unwritable(folder: Path, cause: object) -> StoreError:
    """Return the error that says that a search's folder cannot be written, why, and what to do."""
    return StoreError(
        f"The search's folder {str(folder)!r} cannot be written: {cause}. "
        "Choose a place that can: directory='/some/local/folder'."
    )


def write_json(path: Path, data: Any, *, durable: bool = True) -> None:
    """Write data as JSON so that a reader, and a crash at any moment, sees the old file or the new one whole.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    data : JSON types
        NaN and infinities are written in JavaScript's words, which Python reads again.
    durable : bool
        Whether it must outlive a power failure too; without, nothing waits for the disk.

    Raises
    ------
    StoreError
        If the file cannot be written, or the data are not JSON types.
    """
    try:
        text = json.dumps(data, indent=1)
    except (TypeError, ValueError) as error:
        raise StoreError(f"{path.name} can hold only JSON types: {error}") from error
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        draft.replace(path)
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise unwritable(path.parent, error) from error


def read_json(path: Path) -> Any:
    """Return what `write_json` wrote, None where there is no such file.

    Raises
    ------
    StoreError
        If the file is there but cannot be read, or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"{str(path)!r} cannot be read: {error}") from error


def check_trust(folder: Path, trust: bool = False) -> None:  # noqa: FBT001, FBT002 - called as check_trust(folder, trust), the user's own word
    """Refuse a folder whose pickles somebody else may have written, before anything in it is unpickled.

    Looked at are the payload and what belongs to it, and what trials saved: a leg that goes on, and whoever asks for
    the best model, unpickle that too.

    Reading a search's events never unpickles anything and needs no trust. Where the system has no numeric owners
    (Windows) nothing can be told and the folder passes.

    Parameters
    ----------
    folder : Path
        The search's folder.
    trust : bool
        The user's word that it is fine all the same.

    Raises
    ------
    StoreError
        If it is not the user's own, or others may change what would run; the message says what would run.
    """
    if trust or not hasattr(os, "getuid"):
        return
    try:
        fault = _fault(SearchFolder(folder))
    except OSError as error:
        raise StoreError(f"The search's folder {str(folder)!r} cannot be looked at: {error}.") from error
    if fault:
        raise StoreError(
            f"Going on with the search in {str(folder)!r} would run the code in its payload.pkl, and in what its "
            f"trials saved, with your rights, but {fault}. Its trials can be looked at all the same. If you know who "
            "wrote it, say trust=True."
        )


def _fault(layout: SearchFolder) -> str:
    """Say what speaks against trusting the folder; empty where nothing does."""
    for path in _followed(layout):
        with suppress(FileNotFoundError):  # a search that runs replaces and removes what its trials saved
            status = path.stat()
            name = path.relative_to(layout.path.parent if path == layout.path else layout.path).as_posix()
            if status.st_uid != os.getuid():
                return f"{name!r} belongs to another user (number {status.st_uid}, you are {os.getuid()})"
            if status.st_mode & _FOREIGN_WRITE:
                return f"{name!r} may be changed by other users (its mode is {stat.S_IMODE(status.st_mode):o})"
    return ""


def _followed(layout: SearchFolder) -> Iterator[Path]:
    """Yield all on which it depends what would run, a folder before what is in it.

    Nobody reaches a file through a folder that only its owner may enter, whatever the file's own bits say: what is
    in such a folder is left out.
    """
    yield layout.path
    if layout.path.stat().st_mode & _FOREIGN_ENTRY:
        yield from (path for path in (layout.payload, layout.spec, layout.arrays) if path.exists())
        yield from _saved(layout.trials)


def _saved(folder: Path) -> Iterator[Path]:
    """Yield the folder of all trials and what is below it, but for their output."""
    for place, folders, names in os.walk(folder):
        here = Path(place)
        yield here
        with suppress(FileNotFoundError):
            if not here.stat().st_mode & _FOREIGN_ENTRY:
                folders.clear()
                continue
        yield from (here / name for name in names if Path(name).suffix not in _OUTPUT)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; where folders cannot be synced (Windows) the file system sees to it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
