"""Which kind of file system a folder lies on: SQLite's write-ahead log needs memory shared between processes."""

import re
from pathlib import Path

_MOUNTS = Path("/proc/mounts")

_ACROSS_MACHINES = frozenset(
    ("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "ocfs2")
)
_NETWORKED = ("nfs", "smb", "fuse.", "orangefs", "panfs", "pvfs", "wekafs")  # with versions and kinds behind them


def filesystem_type(folder: Path, mounts: str | None = None) -> str:
    r"""Return the type of the file system that holds a folder, as the kernel calls it.

    Parameters
    ----------
    folder : Path
        The folder; it need not exist yet.
    mounts : str, optional
        The text of ``/proc/mounts``, read where it is not given.

    Returns
    -------
    str
        For example "ext4" or "nfs4"; empty where the system keeps no such list.

    Examples
    --------
    >>> filesystem_type(Path("/home/ada/runs"), "disk / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n")
    'nfs4'
    """
    if mounts is None:
        mounts = _MOUNTS.read_text(errors="replace") if _MOUNTS.exists() else ""
    place = folder.resolve()
    best, found = -1, ""
    for line in mounts.splitlines():
        _, point, kind, *_ = [*line.split(" "), "", "", ""]
        parts = len(Path(_unescaped(point)).parts)
        # A later mount on the same point hides the earlier one, hence >=.
        if point and parts >= best and place.is_relative_to(_unescaped(point)):
            best, found = parts, kind
    return found


def is_networked(folder: Path, mounts: str | None = None) -> bool:
    """Tell whether several machines may see this folder, so that no memory can be shared through its files.

    Every user-space file system counts: few of them share mapped memory, and a rollback journal is right on all.
    """
    kind = filesystem_type(folder, mounts)
    return kind == "fuse" or kind in _ACROSS_MACHINES or kind.startswith(_NETWORKED)


def _unescaped(point: str) -> str:
    """Undo the octal escapes that the kernel writes for blanks and the like."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), point)
