"""``space_of``: the space of a build function, found in a process of its own."""

import inspect
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.probe import Probed, SpaceWarning
from tunewidgets.objectives.probe_fit import building_and_fitting, own_fit
from tunewidgets.objectives.probe_runs import Builder
from tunewidgets.space import Space

# A builder imports its framework in the child; TensorFlow takes 3 to 5 s, and much longer on a busy machine.
IMPORT_SECONDS = 60.0
MOST_OUTPUT = 2000


def space_of(target: Any, *, seconds: float = 5.0) -> Space:
    """Return the space of a build function, found by running it in a child process.

    Parameters
    ----------
    target : callable, HyperModel, Objective or Space
        A function of `hp`, written as for Keras Tuner, or an object whose ``build`` is one. An objective is asked for
        its own space; a space is returned as it is.
    seconds : float, optional
        How long to probe, without the time for starting and importing.

    Returns
    -------
    Space
        Its parameters, active under the conditions hidden in the function's loops and branches.

    Raises
    ------
    ObjectiveError
        The target is nothing that builds, it fails with all its parameters at their defaults, it cannot be sent to
        another process, or it takes too long.

    Warns
    -----
    SpaceWarning
        Something could not be settled, such as a parameter that depends on a threshold.

    Examples
    --------
    >>> space_of(build_model)                                           # doctest: +SKIP
    """
    if isinstance(target, Space):
        return target
    if isinstance(target, Objective):
        return _space_of_objective(target)
    probed = probe_in_child(asking_of(target), seconds=seconds)
    for doubt in probed.doubts:
        warnings.warn(doubt, SpaceWarning, stacklevel=2)
    return probed.space


def builder_of(target: Any) -> Builder:
    """Return the function of `hp` that a target is or has.

    Raises
    ------
    ObjectiveError
        There is none, or it does not take one argument.
    """
    name = getattr(target, "__name__", type(target).__name__)
    if isinstance(target, type):
        raise ObjectiveError(
            f"A function build_model(hp) or an object with build(hp) was expected; the class {name} came. "
            f"Cure: make an object of it: {name}()."
        )
    if callable(getattr(target, "compile", None)) and callable(getattr(target, "fit", None)):
        raise ObjectiveError(
            f"A function build_model(hp) was expected; a model ({name}) came. "
            "Cure: write a function of hp that builds, compiles and returns the model."
        )
    build: Any = getattr(target, "build", target)
    if not callable(build):
        raise ObjectiveError(f"A function build_model(hp) or an object with build(hp) was expected; {target!r} came.")
    try:
        inspect.signature(build).bind(object())
    except TypeError:
        raise ObjectiveError(
            f"{name} must take one argument, hp; it is {name}{inspect.signature(build)}. "
            "Cure: write it as def build_model(hp), and give further arguments their defaults."
        ) from None
    except ValueError:  # a builtin without a signature: its first call tells
        pass
    return _with_declared(target, build)


def asking_of(target: Any) -> Builder:
    """Return the function of `hp` to probe: that of `builder_of`, and a HyperModel's own ``fit`` where it has one.

    Raises
    ------
    ObjectiveError
        As `builder_of`.
    """
    build, fit = builder_of(target), own_fit(target)
    return build if fit is None else building_and_fitting(build, fit)


def _with_declared(target: Any, build: Builder) -> Builder:
    """Return a HyperModel's ``build`` behind its ``declare_hyperparameters``, which may ask for what build gets."""
    declare = getattr(target, "declare_hyperparameters", None)
    if not callable(declare):
        return build

    def declare_and_build(hp: Any) -> Any:
        declare(hp)
        return build(hp)

    return declare_and_build


def probe_in_child(builder: Builder, *, seconds: float = 5.0) -> Probed:
    """Probe a builder in a child process, which sees this one's modules and working directory.

    Parameters
    ----------
    builder : callable
        A function of `hp`.
    seconds : float, optional
        How long to probe.

    Returns
    -------
    Probed
        What was found.

    Raises
    ------
    ObjectiveError
        As `space_of`.
    """
    import cloudpickle  # noqa: PLC0415 - only sending a function needs it

    try:
        content = cloudpickle.dumps(builder)
    except Exception as error:
        raise ObjectiveError(
            f"The build function cannot be sent to another process: {error}. "
            "Cure: make what it uses inside the function, rather than outside."
        ) from error
    with tempfile.TemporaryDirectory(prefix="tunewidgets-") as folder:
        given, answer = Path(folder) / "builder.pkl", Path(folder) / "answer.json"
        given.write_bytes(content)
        output = _run_child([str(given), str(answer), str(seconds)], seconds)
        if not answer.exists():
            raise ObjectiveError(f"Probing the build function ended without an answer. {output}")
        return _parsed(json.loads(answer.read_text(encoding="utf-8")))


def _run_child(arguments: list[str], seconds: float) -> str:
    """Run the child to its end, and return in words how it ended."""
    command = [sys.executable, "-P", "-m", "tunewidgets.objectives.probe_child", *arguments]
    try:
        child = subprocess.run(  # noqa: S603 - our own module
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds + IMPORT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ObjectiveError(
            f"Probing the build function took more than {seconds + IMPORT_SECONDS:g} s, so it was stopped. "
            "Cure: build smaller models, do not load data or train in it, or give the space yourself."
        ) from None
    text = (child.stdout + child.stderr).decode(errors="replace").strip()[-MOST_OUTPUT:]
    return f"Its process returned {child.returncode}. The end of its output:\n{text}"


def _environment() -> dict[str, str]:
    here = os.getcwd()  # noqa: PTH109 - a string for the environment
    # What can be imported here can be imported there, a file that lies beside the notebook too.
    path = [entry or here for entry in sys.path]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    return {**os.environ, **quiet, "PYTHONPATH": os.pathsep.join(path)}


def _parsed(answer: dict[str, Any]) -> Probed:
    if "error" in answer:
        raise ObjectiveError(answer["error"])
    space = Space.from_json(answer["space"])
    return Probed(space, answer["certain"], tuple(answer["doubts"]), answer["runs"])


def _space_of_objective(objective: Objective) -> Space:
    space = objective.space()
    if space is None:
        raise ObjectiveError(
            f"{type(objective).__name__} has no space of its own. Cure: give the space, such as "
            "tw.Space(rate=tw.Float(1e-4, 1e-1))."
        )
    return space
