"""The executor's contract: what the driver may ask of whatever runs legs, and what it is told.

An executor runs **legs**: it is given a `LegOrder`, calls the objective somewhere, and tells the driver through
messages what happened. It decides nothing. The driver, in turn, never sees a process, a pipe or a clock.

The guarantees, which `tunewidgets.testing.executors` checks for every implementation:

1. For each order exactly one closing message is delivered: `LegReturned`, `LegFailed` or `LegLost`, and no message of
   that leg after it.
2. The reports of a leg are delivered in the order in which they were made, and before its closing message.
3. A leg that has reported does nothing until `reply` is called for that report; after any other reply than
   "continue" the leg winds up and closes with `LegReturned`.
4. `stop` makes a leg wind up at its next report; where it has not closed after the grace period, and at once with
   ``now=True``, an executor that can kill ends its processes, and the leg closes with `LegLost`, `requested` set.
5. Whatever a leg does to its own process (exceptions, exits, crashes, hangs past the time limit) closes that leg and
   no other.
6. `pump` delivers only on the thread that called it. Where nothing happens it returns after `timeout` and not before,
   for whoever pumps in a loop would spin.
7. That the system will not make a process for a leg just now is no loss of the leg: it is begun later.

A session, by example::

    executor.launch(LegOrder(trial=0, attempt=1, config={"x": 1.0}, budget=3, seed=7))
    executor.pump(deliver, timeout=1.0)      # deliver(LegReported(0, 1, step=1, value=0.5))
    executor.reply(0, 1, "continue")
    executor.pump(deliver, timeout=1.0)      # deliver(LegReported(0, 1, step=2, value=0.6))
    executor.reply(0, 1, "stop")
    executor.pump(deliver, timeout=1.0)      # deliver(LegReturned(0, 1, value=None))
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tunewidgets.history import Action, Config, Data


@dataclass(frozen=True, slots=True)
class LegOrder:
    """What an executor needs to know to run one leg.

    Attributes
    ----------
    trial, attempt : int
        Which trial, and the number of this leg of it, counted from 1.
    config : mapping
        The trial's configuration.
    budget : int or None
        How far the trial may train, counted from its beginning; None: until the objective returns.
    seed : int
        The trial's own seed; the same for all its legs.
    """

    trial: int
    attempt: int
    config: Config
    budget: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class LegReported:
    """A report from inside a leg; the leg waits for its reply."""

    trial: int
    attempt: int
    step: int
    value: float
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LegReturned:
    """The objective returned: with a value where it does not report, else with None.

    `met` holds parameters that the objective asked for and that its space did not know, as JSON by name.
    """

    trial: int
    attempt: int
    value: float | None = None
    met: Mapping[str, Data] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LegFailed:
    """The leg failed by its own fault; `reason` is the data of the kinds "error", "crash", "timeout" or "memory"."""

    trial: int
    attempt: int
    reason: Data


@dataclass(frozen=True, slots=True)
class LegLost:
    """The leg is gone through no fault that is known to be its own; `requested` where it was ended on request."""

    trial: int
    attempt: int
    message: str = ""
    requested: bool = False


Message = LegReported | LegReturned | LegFailed | LegLost


class Executor(Protocol):
    """Runs legs; see the module's text for the guarantees.

    Attributes
    ----------
    immediate : bool
        True where `pump` runs legs on its own thread, so that every report must be answered before `deliver` returns.
    can_kill : bool
        Whether `stop(now=True)` and time limits can end a leg that does not report.
    """

    immediate: bool
    can_kill: bool

    def launch(self, order: LegOrder) -> None:
        """Begin a leg; returns at once, whatever becomes of it is told by messages."""
        ...

    def reply(self, trial: int, attempt: int, action: Action) -> None:
        """Answer the leg's last report."""
        ...

    def stop(self, trial: int, attempt: int, *, now: bool = False) -> None:
        """Ask a leg to wind up; with `now` end it at once. Unknown and closed legs are ignored."""
        ...

    def pump(self, deliver: Callable[[Message], None], timeout: float) -> None:
        """Deliver the messages that are there, waiting at most `timeout` seconds for the first."""
        ...

    def recover(self, trial: int, attempt: int) -> list[Message] | None:
        """Return what a leg had said when no driver was there to listen: all of it, or its reports alone; else None."""
        ...

    def discard(self, trial: int) -> None:
        """Free what is kept for a trial that will never be continued and is not among the best: its checkpoint."""
        ...

    def close(self) -> None:
        """End every leg and free every resource; may be called twice."""
        ...
