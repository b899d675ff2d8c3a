"""What trials have printed: one file a leg, of which a viewer reads the end only, as it may be long."""

from collections.abc import Mapping
from pathlib import Path

from tunewidgets.history import Printed

_HEAD = "--- leg {} ---\n"


def logs(home: Path) -> dict[int, Path]:
    """Return the files of a trial's legs by the number of the attempt, the first one first."""
    found = {int(path.stem.removeprefix("attempt-")): path for path in home.glob("attempt-*.log")}
    return dict(sorted(found.items()))


def tail(legs: Mapping[int, Path], most: int) -> Printed:
    """Return the end of what legs have printed.

    Parameters
    ----------
    legs : mapping of int to Path
        Files by the number of the attempt, the first one first.
    most : int
        So many bytes are read.

    Returns
    -------
    Printed
        From the beginning of a line, where not all of it is there; of several legs each has a line that says so.

    Examples
    --------
    >>> tail({}, 100)
    Printed(text='', size=0)
    """
    sizes = {attempt: size for attempt, path in legs.items() if (size := _size(path))}
    parts: list[str] = []
    left = most
    for attempt in reversed(sizes):
        if left <= 0:
            break
        text = _end(legs[attempt], min(left, sizes[attempt]), whole=sizes[attempt] <= left)
        parts.append(_HEAD.format(attempt) + text if len(sizes) > 1 else text)
        left -= sizes[attempt]
    return Printed("\n".join(part.rstrip("\n") for part in reversed(parts)), sum(sizes.values()))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _end(path: Path, size: int, *, whole: bool) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0 if whole else -size, 0 if whole else 2)
            read = file.read(size)
    except OSError:
        return ""
    if not whole:
        first, newline, rest = read.partition(b"\n")
        read = rest if newline else first
    return read.decode("utf-8", errors="replace")
