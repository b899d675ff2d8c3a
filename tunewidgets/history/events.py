"""The events of a search: an append-only list of them is the whole truth, and everything else is a fold over it.

Three voices speak through events and nothing else does: the **user** (`Opened`, `Enqueued`, `SpaceEdited`, `Extended`,
`StopAsked`, `Retried`, `Paused`, `Resumed`, `WorkersChanged`), the **strategy** through the driver (`Started`,
`Continued`, `Judged`, `Ended`, `Exhausted`, `Closed`) and the **world** (`Reported`, `Lost`, `Recovered`, `TimeUp`).
Even the clock speaks only through an event, so that folding the same list twice gives the same state.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from tunewidgets.errors import StrategyError
from tunewidgets.history.direction import Direction
from tunewidgets.space import Space

Config = Mapping[str, Any]
"""A configuration: one value for every active parameter, inactive ones absent."""

Data = Mapping[str, Any]
"""Plain data (JSON types) that says why: the material from which sentences are made."""

NOTHING: Data = MappingProxyType({})

EndState = Literal["paused", "pruned", "completed", "failed", "stopped"]
Action = Literal["continue", "pause", "stop", "complete"]
CloseState = Literal["finished", "stopped", "failed"]
ValueRule = Literal["best", "last"]


class Place(NamedTuple):
    """Where a leg belongs. Written by the schedule and carried by the events, so that nobody needs to look it up.

    Attributes
    ----------
    bracket : int or None
        The bracket's number, counted from 0; None for a trial outside all brackets.
    rung : int
        The rung's number within the bracket, counted from 0.
    budget : int or None
        How far the leg may train, in the objective's own unit, counted from the trial's beginning; None: until the
        objective returns by itself.
    """

    bracket: int | None
    rung: int
    budget: int | None


@dataclass(frozen=True, slots=True)
class Goal:
    """What a search optimises: a metric's name and which values of it are better."""

    metric: str
    direction: Direction

    def __post_init__(self) -> None:
        if self.direction not in ("min", "max"):
            raise StrategyError(f"direction must be 'min' or 'max', not {self.direction!r}")


@dataclass(frozen=True, slots=True)
class Constraint:
    """A reported metric that must stay at or below a bound; a trial that breaks it is never the best one."""

    metric: str
    bound: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.bound):
            raise StrategyError(f"the bound of {self.metric!r} must be a finite number, not {self.bound!r}")


class Known(NamedTuple):
    """What is known of a configuration before the search begins: from an earlier one, or from a table.

    Attributes
    ----------
    config : mapping
        The configuration.
    values : tuple of float
        One value for each goal, as it was reported.
    budget : int or None
        How far it had trained; None: all the way.
    """

    config: Config
    values: tuple[float, ...]
    budget: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a search ends at the latest.

    Attributes
    ----------
    trials : int or None
        The most configurations that are started.
    timeout : float or None
        Seconds of search after which nothing new is started.
    max_consecutive_failures : int or None
        After so many failed trials in a row the search gives up.
    """

    trials: int | None = None
    timeout: float | None = None
    max_consecutive_failures: int | None = 5

    def __post_init__(self) -> None:
        for name in ("trials", "timeout", "max_consecutive_failures"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise StrategyError(f"{name} must be positive or None, not {value!r}")


@dataclass(frozen=True, slots=True)
class Opened:
    """The search begins; always event 0.

    Attributes
    ----------
    seed : int
        From it and a trial's number every random choice is made.
    space : Space
        What is searched.
    limits : Limits
        Where it ends at the latest.
    goals : tuple of Goal
        The first is the value of a report; further ones stand in its metrics.
    strategy : mapping
        The sampler's and the schedule's settings as JSON, for people and for `resume`.
    workers : int
        How many legs may run at once.
    value : {"best", "last"}
        Whether a trial's value is its best finite report so far or its last one.
    unit : str
        What one unit of the budget is called: "epoch", "step", "tree" ...
    known : tuple of Known
        Results that samplers may learn from besides the search's own.
    constraints : tuple of Constraint
        What must hold for a trial to be the best one.
    """

    seed: int
    space: Space
    limits: Limits
    goals: tuple[Goal, ...]
    strategy: Data = field(default_factory=dict)
    workers: int = 1
    value: ValueRule = "best"
    unit: str = "step"
    known: tuple[Known, ...] = ()
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The user wants this configuration tried next."""

    config: Config


@dataclass(frozen=True, slots=True)
class SpaceEdited:
    """From here on suggestions come from this space; `by` is "user" or "trial" (a parameter first met in a trial)."""

    space: Space
    by: Literal["user", "trial"] = "user"


@dataclass(frozen=True, slots=True)
class Extended:
    """New limits, absolute ones; a search that had ended for want of them goes on."""

    limits: Limits


@dataclass(frozen=True, slots=True)
class StopAsked:
    """The user wants a trial to stop, or the whole search (`trial` None).

    With `now` a leg is ended at once; without, a trial ends at its next report and a search lets running legs end.
    """

    trial: int | None = None
    now: bool = False


@dataclass(frozen=True, slots=True)
class Retried:
    """The user wants a trial that has failed, or was stopped, run again: before anything new, as a further attempt.

    A search that had finished goes on for it; one that was stopped or has failed takes it up once it is resumed.
    """

    trial: int


@dataclass(frozen=True, slots=True)
class Paused:
    """Nothing new is started until `Resumed`; running legs go on to their budgets."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Work goes on after a pause or a stop."""


@dataclass(frozen=True, slots=True)
class WorkersChanged:
    """So many legs may run at once from here on."""

    workers: int


@dataclass(frozen=True, slots=True)
class Started:
    """A new trial begins its first leg.

    Attributes
    ----------
    trial : int
        Its number, counted from 0 without gaps.
    config : mapping
        Its configuration; it never changes.
    place : Place
        Where its first leg belongs.
    origin : {"sampler", "user"}
        Who chose the configuration.
    notes : mapping
        What the sampler knew: its reason, and whatever it wants to find again when the history is replayed.
    seen : int
        The length of the history that the sampler looked at.
    """

    trial: int
    config: Config
    place: Place
    origin: Literal["sampler", "user"] = "sampler"
    notes: Data = field(default_factory=dict)
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Continued:
    """A trial begins a further leg: promoted by the schedule, or once more after a loss or by the user's wish."""

    trial: int
    place: Place
    attempt: int
    why: Literal["promoted", "lost", "retried"]
    reason: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reported:
    """A trial says how good it is after `step` units of budget; steps count from 1 over all its legs.

    `value` is the first goal's; `metrics` holds everything else that was reported, by name.
    """

    trial: int
    attempt: int
    step: int
    value: float
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """The schedule decided something about a running trial: at rungs and at stops.

    An `action` of "continue" says that it has passed a rung without stopping there.
    """

    trial: int
    attempt: int
    step: int
    action: Action
    reason: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """A leg, and perhaps with it the trial, has ended.

    Attributes
    ----------
    state : {"paused", "pruned", "completed", "failed", "stopped"}
        "paused" may be promoted later; the others are final. A trial that is paused already and then dropped gets a
        second `Ended`, with "pruned".
    value : float or None
        What its rung compares: the last report's value; None where there is none that can be compared.
    reason : mapping
        Why, as data.
    """

    trial: int
    attempt: int
    state: EndState
    place: Place
    value: float | None = None
    reason: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lost:
    """A leg is gone without a result; the trial is not settled. Only `why` "worker" counts towards its failure."""

    trial: int
    attempt: int
    why: Literal["worker", "coordinator", "stopped"]


@dataclass(frozen=True, slots=True)
class Recovered:
    """A new coordinator has taken over: what lies between the event before and this one was nobody's time."""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The sampler has no configuration left in this space."""


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The search's time is over: nothing new is started."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The search has come to rest; `reopens` says what opens it again."""

    state: CloseState
    reason: Data = field(default_factory=dict)


UserEvent = Enqueued | SpaceEdited | Extended | StopAsked | Retried | Paused | Resumed | WorkersChanged
"""What a user can say to a running search: each is a command and, once taken, an event."""

Event = (
    UserEvent
    | Opened
    | Started
    | Continued
    | Reported
    | Judged
    | Ended
    | Lost
    | Recovered
    | Exhausted
    | TimeUp
    | Closed
)


class Entry(NamedTuple):
    """An event in its place: `seq` counts from 0 without gaps, `at` is its time in seconds since the epoch."""

    seq: int
    at: float
    event: Event


def reopens(event: Event, closed: Closed) -> bool:
    """Tell whether an event lets a search go on that had come to rest in this way.

    Examples
    --------
    >>> reopens(Retried(3), Closed("finished")), reopens(Retried(3), Closed("stopped"))
    (True, False)
    """
    return isinstance(event, Extended | Resumed) or (isinstance(event, Retried) and closed.state == "finished")
