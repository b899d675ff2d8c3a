"""Large arrays beside a pickle: each written once by its content, and opened again by memory mapping.

A pickle then holds only a reference of some bytes, so that every trial process opens the data in well under a
millisecond and all of them share one copy in memory. The mapping is copy-on-write: a trial that changes its data
changes its own pages and neither the file nor another trial's data.
"""

import hashlib
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.errors import PayloadError
from tunewidgets.objectives.replacing import replacing

LEAST_BYTES = 64 * 1024
_TYPES = (np.ndarray, np.memmap)


class Reference(NamedTuple):
    """What stands in the pickle for an array.

    Attributes
    ----------
    digest : str
        Of its content; the file's name.
    number : int
        Which array of its pickle it is: two arrays of equal content stay two.
    shape, dtype
        What it must look like when it is opened.
    size : int
        The file's size in bytes.
    """

    digest: str
    number: int
    shape: tuple[int, ...]
    dtype: str
    size: int


def is_large(value: Any) -> bool:
    """Tell whether a value is an array that is worth a file, and whose file would give back the same array."""
    return (
        type(value) in _TYPES and value.nbytes >= LEAST_BYTES and not value.dtype.hasobject and _is_plain(value.dtype)
    )


class ArrayWriter:
    """Writes arrays into a folder and hands out references; one for each pickle.

    Parameters
    ----------
    folder : Path
        Made when the first array comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[int, Reference] = {}
        # An id means something only as long as its object lives.
        self._alive: list[npt.NDArray[Any]] = []

    @property
    def nbytes(self) -> int:
        """The size of all files referred to, each counted once."""
        return sum({it.digest: it.size for it in self._written.values()}.values())

    def reference(self, array: npt.NDArray[Any]) -> Reference:
        """Return the array's reference, its file written where it is not there yet."""
        known = self._written.get(id(array))
        if known is None:
            content = _content(array)
            digest = _digest(content)
            size = self._write(content, self.folder / f"{digest}.npy")
            known = Reference(digest, len(self._written), array.shape, array.dtype.str, size)
            self._written[id(array)] = known
            self._alive.append(array)
        return known

    def _write(self, content: npt.NDArray[Any], path: Path) -> int:
        if not _holds(path, content):
            with replacing(path) as file:
                np.lib.format.write_array(file, content, allow_pickle=False)
        return path.stat().st_size


class ArrayReader:
    """Opens the arrays of one pickle.

    Parameters
    ----------
    folder : Path
        Where `ArrayWriter` wrote them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opened: dict[int, npt.NDArray[Any]] = {}

    def open(self, reference: Reference) -> npt.NDArray[Any]:
        """Return the array, the same object for the same one of the pickle.

        Raises
        ------
        PayloadError
            Its file is missing or damaged.
        """
        array = self._opened.get(reference.number)
        if array is None:
            array = self._opened[reference.number] = self._map(reference)
        return array

    def _map(self, reference: Reference) -> npt.NDArray[Any]:
        path = self.folder / f"{reference.digest}.npy"
        try:
            mapped = np.load(path, mmap_mode="c", allow_pickle=False) if path.stat().st_size == reference.size else None
        except (OSError, ValueError, EOFError) as error:
            raise PayloadError(_gone(path, str(error))) from error
        if mapped is None or (mapped.shape, mapped.dtype.str) != (reference.shape, reference.dtype):
            raise PayloadError(_gone(path, "it is not the array that was written"))
        return np.asarray(mapped)  # what was sent was no memmap, and code may ask for its type


def _gone(path: Path, why: str) -> str:
    return (
        f"the search's data cannot be opened: {path.name} in {path.parent}: {why}. "
        'Cure: start the search anew from the notebook, with if_exists="replace" or another name.'
    )


def _is_plain(dtype: np.dtype[Any]) -> bool:
    """Tell whether a dtype survives numpy's file format, which knows none of bfloat16 and its kin."""
    if dtype.metadata:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(np.lib.format.descr_to_dtype(np.lib.format.dtype_to_descr(dtype)) == dtype)
        except (TypeError, ValueError):
            return False


def _content(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array in one piece of memory, copied only where it is not; its order is kept."""
    plain = array.view(np.ndarray)
    return plain if plain.flags.c_contiguous or plain.flags.f_contiguous else plain.copy(order="C")


def _digest(content: npt.NDArray[Any]) -> str:
    order = "C" if content.flags.c_contiguous else "F"
    line = content if order == "C" else content.T
    described = f"{np.lib.format.dtype_to_descr(content.dtype)} {content.shape} {order}"
    digest = hashlib.sha256(described.encode())
    digest.update(line.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()[:40]


def _holds(path: Path, content: npt.NDArray[Any]) -> bool:
    """Tell whether a file holds an array of this form, whole: mapping one that was cut short is an error."""
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return False
    return (found.shape, found.dtype) == (content.shape, content.dtype)
