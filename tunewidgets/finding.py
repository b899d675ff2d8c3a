"""Finding searches again: ``attach`` and ``searches``."""

from contextlib import closing, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from tunewidgets.errors import SearchNotFound, TuneError
from tunewidgets.search import Search
from tunewidgets.store.folder import SearchFolder

if TYPE_CHECKING:
    import pandas as pd


def attach(
    name: str | None = None, directory: str | Path = "tune_runs", *, trust: bool = False, show: bool = True
) -> Search:
    """Take an existing search in hand again, and show its dashboard; starts nothing.

    Parameters
    ----------
    name : str, optional
        Which one; by default the one that was changed last.
    directory : str or Path
        Where searches live.
    trust : bool
        Whether to run code from a folder that others could have written.
    show : bool
        Whether to show the dashboard in the cell.

    Raises
    ------
    SearchNotFound
        If there is none of that name; the message lists those there are.

    Examples
    --------
    >>> tw.attach("digits").best_value                                  # doctest: +SKIP
    0.98
    """
    found = _folders(Path(directory))
    names = [folder.path.name for folder in found]
    if name is None and found:
        name = names[-1]
    if name not in names:
        raise SearchNotFound(_missing(name, names, Path(directory)))
    search = Search(found[names.index(name)].path, trust=trust)
    return search.show() if show else search


def searches(directory: str | Path = "tune_runs") -> "pd.DataFrame":
    """Return one row for each search in a directory, the one changed last at the bottom.

    Columns: name, status, trials, best, metric, started (UTC), folder.
    """
    import pandas as pd  # noqa: PLC0415 - heavy: imported where first used

    rows = [_row(folder) for folder in _folders(Path(directory))]
    frame = pd.DataFrame(rows, columns=["name", "status", "trials", "best", "metric", "started", "folder"])
    frame["started"] = pd.to_datetime(frame["started"], unit="s", utc=True)
    return frame


def awake(directory: str | Path = "tune_runs") -> list[str]:
    """Return the names of the searches that are not at rest: starting, running, paused, stopping or interrupted."""
    names = []
    for folder in _folders(Path(directory)):
        with suppress(TuneError):  # what cannot be read cannot be steered either
            search = Search(folder.path)
            with closing(search.view):
                if search.status not in _RESTING:
                    names.append(search.name)
    return names


_RESTING = ("finished", "stopped", "failed")


def _folders(directory: Path) -> list[SearchFolder]:
    if not directory.is_dir():
        return []
    found = [SearchFolder(path.absolute()) for path in directory.iterdir() if not path.name.startswith(".")]
    return sorted((folder for folder in found if folder.spec.exists()), key=_changed)


def _changed(folder: SearchFolder) -> int:
    """Return when anything last happened in a search, in nanoseconds.

    A commit goes to the write-ahead log, and reaches the database itself much later; a coordinator that lives and has
    nothing to commit still renews its lease.
    """
    log = folder.search.with_name(f"{folder.search.name}-wal")
    times = []
    for path in (folder.spec, folder.search, log, folder.commands, folder.lease):
        with suppress(FileNotFoundError):
            times.append(path.stat().st_mtime_ns)
    return max(times, default=0)


def _row(folder: SearchFolder) -> dict[str, object]:
    try:
        search = Search(folder.path)
        with closing(search.view):
            return _facts(search)
    except TuneError as error:
        return {"name": folder.path.name, "status": f"cannot be read: {error}", "folder": str(folder.path)}


def _facts(search: Search) -> dict[str, object]:
    history = search.history
    opened = len(history) > 0
    return {
        "name": search.name,
        "status": search.status,
        "trials": len(history.trials),
        "best": search.best_value,
        "metric": history.goal.metric if opened else None,
        "started": history[0].at if opened else None,
        "folder": str(search.folder),
    }


def _missing(name: str | None, names: list[str], directory: Path) -> str:
    if not names:
        return f"there is no search in {str(directory)!r} yet; start one with tw.tune(...), or give directory=..."
    near = get_close_matches(str(name), names, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"there is no search {name!r} in {str(directory)!r}; there are {', '.join(map(repr, names))}{hint}"
