"""Runs of a build function under values that are tried: what it asked for, and whether it failed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tunewidgets.objectives.hyperparameters import Asked, Recorder

Builder = Callable[[Any], Any]
Key = tuple[bool, Any]


class OutOfTime(Exception):  # noqa: N818 - it ends the probing, and is no fault
    """The time for probing is over."""


class Unfinished(BaseException):
    """A builder says that it cannot run to its end; no `Exception`, so that handlers of its own let it pass."""


def key_of(value: Any) -> Key:
    """Return what tells values apart in a set: True and 1 are two, 1 and 1.0 are one."""
    return isinstance(value, bool), value


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One run of the builder.

    Attributes
    ----------
    asked : tuple of Asked
        What it asked for, in order, active or not.
    values : dict
        The answers to what was active, in the order of asking.
    defaults : dict
        What the answers would have been without values to try.
    partial : bool
        Whether it ended early, so that it may not have asked for everything.
    error : str or None
        The type and message of what it raised.
    cause : Exception or None
        What it raised.
    """

    asked: tuple[Asked, ...]
    values: Mapping[str, Any]
    defaults: Mapping[str, Any]
    partial: bool = False
    error: str | None = None
    cause: Exception | None = None

    def fits(self, forced: Mapping[str, Any]) -> bool:
        """Tell whether a run with these values would be this one again."""
        return all(
            key_of(forced.get(name, self.defaults[name])) == key_of(value) for name, value in self.values.items()
        )


class Runs:
    """Runs a builder, each configuration once, until the time is over.

    Parameters
    ----------
    builder : callable
        A function of `hp`; its result is dropped.
    seconds : float
        How long to go on after the first run, which pays for the builder's imports.
    """

    def __init__(self, builder: Builder, seconds: float) -> None:
        self.done: list[Run] = []
        self.seconds = seconds
        self._builder = builder
        self._deadline: float | None = None

    @property
    def left(self) -> float:
        """The share of the time that is left, 1 to 0."""
        if self._deadline is None:
            return 1.0
        return max(0.0, (self._deadline - time.monotonic()) / self.seconds) if self.seconds > 0 else 0.0

    def run(self, forced: Mapping[str, Any]) -> tuple[Run, bool]:
        """Return the run with these values, the defaults for the rest, and whether it is new.

        Raises
        ------
        OutOfTime
            It would be new, and the time is over.
        """
        for run in self.done:
            if run.fits(forced):
                return run, False
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise OutOfTime
        run = _run(self._builder, forced)
        if self._deadline is None:
            self._deadline = time.monotonic() + self.seconds
        self.done.append(run)
        return run, True


def _run(builder: Builder, forced: Mapping[str, Any]) -> Run:
    recorder = Recorder(forced)
    error: Exception | None = None
    partial = True
    try:
        builder(recorder)
        partial = False
    except Unfinished:
        pass
    except Exception as raised:  # noqa: BLE001 - a builder may fail in any way for values that it was not made for
        error = raised
    message = None if error is None else f"{type(error).__name__}: {error}"
    active = [asked for asked in reversed(recorder.asked) if asked.active]
    defaults = {asked.name: asked.parameter.default for asked in active}
    return Run(recorder.asked, dict(recorder.values), defaults, partial, message, error)
