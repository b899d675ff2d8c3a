"""What is sent to the trial processes: an objective as one small file, its large arrays beside it.

folder/
  payload.pkl      the pickle: code by value, arrays by reference
  arrays/          one file for each content, named by its hash and shared by all who refer to it
"""

import io
import pickletools
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tunewidgets.errors import PayloadError, StoreError
from tunewidgets.objectives.arrays import ArrayWriter
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.captures import captured
from tunewidgets.objectives.pickling import PayloadPickler, PayloadUnpickler, by_value, refusal, size_of
from tunewidgets.objectives.replacing import replacing

NAME = "payload.pkl"
ARRAYS = "arrays"

# Worth importing before trial processes are forked even where the notebook has not imported them yet.
_HEAVY = frozenset({"numpy", "scipy", "sklearn", "pandas", "tensorflow", "keras", "xgboost", "lightgbm"})
# A module's name is a short text; a long one is data.
_LONGEST_NAME = 100
_OWN = __name__.partition(".")[0]


class Captured(NamedTuple):
    """A variable of the notebook that an objective takes along: its name, its type, and its size in bytes."""

    name: str
    type: str
    bytes: int


class PayloadInfo(NamedTuple):
    """What was sent.

    Attributes
    ----------
    bytes : int
        The size of the pickle.
    arrays_bytes : int
        The size of the array files it refers to.
    captured : tuple of Captured
        The variables that functions take along without their being given, largest first.
    modules : tuple of str
        The top-level modules that the pickle names, those of the standard library and the user's own left out.
    """

    bytes: int
    arrays_bytes: int
    captured: tuple[Captured, ...]
    modules: tuple[str, ...]


def dump(objective: Objective, folder: Path) -> PayloadInfo:
    """Write an objective so that other processes can read it.

    What is defined in the notebook, and in modules that lie in the working directory, goes by value: editing it later
    changes nothing for a search that has begun. Everything else is imported by name where it is read.

    Parameters
    ----------
    objective : Objective
        Checked.
    folder : Path
        The search's folder; made where it is missing.

    Returns
    -------
    PayloadInfo
        Sizes and names, for people and for whoever prepares the processes.

    Raises
    ------
    PayloadError
        Something cannot be sent; the message names the variable and the cure.
    StoreError
        The folder cannot be written.

    Examples
    --------
    >>> info = dump(as_objective(f), Path("tune_runs/first"))           # doctest: +SKIP
    >>> info.captured                                                   # doctest: +SKIP
    (Captured(name='X', type='ndarray', bytes=188160128),)
    """
    folder = Path(folder)
    arrays = ArrayWriter(folder / ARRAYS)
    local = local_modules(Path.cwd())
    with by_value(local):
        pickled = _pickled(objective, arrays)
        taken = [Captured(part.name, type(part.value).__name__, size_of(part.value)) for part in captured(objective)]
    with replacing(folder / NAME) as file:
        file.write(pickled)
    taken.sort(key=lambda it: (-it.bytes, it.name))
    own = {_OWN, "__main__", *(module.__name__.partition(".")[0] for module in local)}
    return PayloadInfo(len(pickled), arrays.nbytes, tuple(taken), _modules(pickled, own))


def load(folder: Path) -> Objective:
    """Read the objective that `dump` wrote; arrays are mapped copy-on-write.

    Parameters
    ----------
    folder : Path
        The search's folder.

    Returns
    -------
    Objective
        A copy of its own: what it changes, nobody else sees.

    Raises
    ------
    PayloadError
        The payload or one of its arrays is missing or damaged, or a module it needs cannot be imported.
    """
    path = Path(folder) / NAME
    try:
        with path.open("rb") as file:
            return PayloadUnpickler(file, path.parent / ARRAYS).load()  # type: ignore[no-any-return]  # what was dumped
    except PayloadError:
        raise
    except ImportError as error:
        raise PayloadError(
            f"the search needs a module that this process cannot import: {error}. "
            "Cure: install it, or start the search from the directory where it lies."
        ) from error
    except Exception as error:
        raise PayloadError(
            f"the search's payload cannot be read: {path}: {type(error).__name__}: {error}. "
            'Cure: start the search anew from the notebook, with if_exists="replace" or another name.'
        ) from error


def _pickled(objective: Objective, arrays: ArrayWriter) -> bytes:
    file = io.BytesIO()
    try:
        PayloadPickler(file, arrays).dump(objective)
    except StoreError:
        raise  # the disk's trouble, not the objective's
    except Exception as error:
        raise refusal(objective, error) from error
    return file.getvalue()


def _modules(pickled: bytes, without: set[str]) -> tuple[str, ...]:
    """Return the top-level modules whose names stand in a pickle."""
    found: set[str] = set()
    for _, argument, _ in pickletools.genops(pickled):
        if isinstance(argument, str) and len(argument) <= _LONGEST_NAME:
            top = argument.partition(".")[0]
            if top in _HEAVY or isinstance(sys.modules.get(argument), ModuleType):
                found.add(top)
    return tuple(sorted(found - without - sys.stdlib_module_names))


def local_modules(directory: Path) -> list[ModuleType]:
    """Return the imported modules that are the user's own: files in the working directory, not installed packages."""
    paths = sysconfig.get_paths()
    installed = {Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return [module for name, module in sys.modules.copy().items() if _is_local(name, module, directory, installed)]


def _is_local(name: str, module: Any, directory: Path, installed: set[Path]) -> bool:
    path = getattr(module, "__file__", None) if isinstance(module, ModuleType) else None
    if not isinstance(path, str) or name == "__main__" or name.partition(".")[0] == _OWN or module.__name__ != name:
        return False
    file = Path(path)
    if file.suffix != ".py" or not file.is_relative_to(directory):
        return False
    inner = file.relative_to(directory).parts
    return not {"site-packages", "dist-packages"} & set(inner) and not any(file.is_relative_to(it) for it in installed)
