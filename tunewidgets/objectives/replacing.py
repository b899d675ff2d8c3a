"""Files that are either the old ones, whole, or the new ones, whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tunewidgets.errors import StoreError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside `path` for writing, and put it in its place when the block ends well.

    Parameters
    ----------
    path : Path
        The file to make or to replace; its folder is made where it is missing.

    Raises
    ------
    StoreError
        It cannot be written.

    Examples
    --------
    >>> with replacing(Path("state.pkl")) as file:                      # doctest: +SKIP
    ...     file.write(b"new")
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error}. Cure: free some space, or choose another directory=."
        ) from error
    finally:
        with suppress(OSError):  # it is in its place, or was never made
            temporary.unlink()
