"""The pickler of a payload, its reader, and the search for what does not pickle."""

import functools
import io
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle

from tunewidgets.errors import PayloadError
from tunewidgets.objectives.arrays import ArrayReader, ArrayWriter, Reference, is_large
from tunewidgets.objectives.captures import CACHED, Part, is_by_value, parts

_ARRAY = "array"
_IN_MEMORY = (io.BytesIO, io.StringIO)
# So deep a user still reads the name of what is wrong; deeper, the object that holds it is named.
_DEEPEST = 30


class _OpenFileError(TypeError):
    """A file is among what is pickled; cloudpickle would send its content, or nothing, without a word."""


class PayloadPickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle ships no types
    """cloudpickle's pickler, with large arrays beside the pickle and open files refused.

    Parameters
    ----------
    file : binary file
        Where the pickle goes.
    arrays : ArrayWriter or None
        Where large arrays go; None: nowhere, to see whether something pickles and how long its pickle is.
    """

    def __init__(self, file: io.BytesIO, arrays: ArrayWriter | None) -> None:
        super().__init__(file, protocol=5)
        self._arrays = arrays
        self.outside = 0

    def persistent_id(self, obj: Any) -> tuple[str, Any] | None:
        """Return what stands for an object in the pickle; None for most, which are pickled."""
        if not is_large(obj):
            return None
        if self._arrays is None:
            self.outside += obj.nbytes
            return (_ARRAY, None)
        return (_ARRAY, self._arrays.reference(obj))

    def reducer_override(self, obj: Any) -> Any:
        """Return how an object is taken apart; refuses open files."""
        if isinstance(obj, io.IOBase) and not isinstance(obj, _IN_MEMORY) and not _is_standard(obj):
            raise _OpenFileError(f"cannot pickle an open file: {getattr(obj, 'name', obj)!r}")
        if isinstance(obj, CACHED) and is_by_value(obj):
            # By itself such a function names its place in a notebook that the other process does not have.
            return cached_again, (obj.__wrapped__, obj.cache_parameters())
        return super().reducer_override(obj)


class PayloadUnpickler(pickle.Unpickler):
    """Reads what `PayloadPickler` wrote.

    Parameters
    ----------
    file : binary file
        The pickle.
    folder : Path
        Where its arrays are.
    """

    def __init__(self, file: io.BufferedIOBase, folder: Path) -> None:
        super().__init__(file)
        self._arrays = ArrayReader(folder)

    def persistent_load(self, pid: tuple[str, Reference]) -> Any:
        """Return the array that a reference stands for."""
        kind, reference = pid
        if kind != _ARRAY:
            raise PayloadError(
                f"the payload holds a reference of the unknown kind {kind!r}; it needs a newer tunewidgets."
            )
        return self._arrays.open(reference)


def cached_again(function: Any, parameters: dict[str, Any]) -> Any:
    """Return a function under a new, empty cache; pickles call it."""
    return functools.lru_cache(**parameters)(function)


def size_of(value: Any) -> int:
    """Return how many bytes a value adds to a payload, its large arrays included."""
    file = io.BytesIO()
    pickler = PayloadPickler(file, None)
    pickler.dump(value)
    return len(file.getvalue()) + pickler.outside


def refusal(root: Any, error: Exception) -> PayloadError:
    """Return the error that names what does not pickle.

    Parameters
    ----------
    root : Any
        What was to be pickled.
    error : Exception
        What pickling it raised.
    """
    culprit = _culprit(root)
    if culprit is None:
        return PayloadError(f"{_called(root)} cannot be sent to another process: {error}. Cure: {_cure(root)}")
    kind = _called(culprit.value)
    return PayloadError(
        f"the variable `{culprit.name}` ({kind}) cannot be sent to another process: {_reason(culprit.value)}. "
        f"Cure: {_cure(culprit.value)}"
    )


def _culprit(root: Any) -> Part | None:
    """Follow the parts that do not pickle to one that has no such part itself."""
    seen, found, value, name = {id(root)}, None, root, ""
    for _ in range(_DEEPEST):
        failing = (it for it in parts(value, name) if id(it.value) not in seen and _failure(it.value) is not None)
        part = next(failing, None)
        if part is None:
            break
        seen.add(id(part.value))
        found, value, name = part, part.value, part.name
    return found


def _failure(value: Any) -> Exception | None:
    if isinstance(value, int | float | str | bytes | ModuleType | None):
        return None
    try:
        size_of(value)
    except Exception as error:  # noqa: BLE001 - pickling runs the classes' own code, which may raise anything
        return error
    return None


def _reason(value: Any) -> str:
    return str(_failure(value) or "it refers to itself in a way that cannot be pickled").rstrip(".")


def _called(value: Any) -> str:
    kind = type(value)
    module = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    article = "an" if f"{module}{kind.__qualname__}"[0] in "aeiouAEIOU" else "a"
    return f"{article} {module}{kind.__qualname__}"


def _cure(value: Any) -> str:
    if isinstance(value, io.IOBase):
        return "open it inside the function, or read it first and pass what it holds."
    if isinstance(value, Iterator):
        return "make it inside the function, or make a list of it, or pass data=function, a function that makes it."
    return "create it inside the function, or pass data=function, a function that creates it."


def _is_standard(file: Any) -> bool:
    return any(file is it for it in (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__, sys.__stderr__))


@contextmanager
def by_value(modules: list[ModuleType]) -> Iterator[None]:
    """Let the functions and classes of some modules be pickled as their code, for a block."""
    before = cloudpickle.list_registry_pickle_by_value()
    added = [module for module in modules if module.__name__ not in before]
    for module in added:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in added:
            cloudpickle.unregister_pickle_by_value(module)
