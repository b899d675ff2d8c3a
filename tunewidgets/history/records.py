"""The records that a history keeps and that schedules answer with: frozen and small.

The ones that change with every event are named tuples: making one anew takes a third of the time of a data class.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tunewidgets.history.events import NOTHING, Action, Config, Data, Place

TrialState = Literal["running", "interrupted", "paused", "pruned", "completed", "failed", "stopped"]
Status = Literal["starting", "running", "paused", "stopping", "finished", "stopped", "failed"]

SETTLED: frozenset[TrialState] = frozenset({"pruned", "completed", "failed", "stopped"})
"""States that nothing but the user's wish can leave."""

_RETRIABLE: frozenset[TrialState] = frozenset({"failed", "stopped"})


class Trial(NamedTuple):
    """One configuration being evaluated.

    Attributes
    ----------
    number, config, origin, notes
        As in the event that started it.
    place : Place
        Where its newest leg belongs.
    attempt : int
        The newest leg's number, counted from 1.
    state : str
        "running", "interrupted" (its leg was lost and will be run again), "paused", or one of the final ones.
    losses : int
        How many legs were lost by fault of a worker.
    step : int
        The furthest step that was reported, 0 before the first report.
    value : float or None
        Its value by the search's rule: the best finite report so far, or the last finite one.
    value_step : int
        The step of the report that gave `value`, 0 before it.
    last : float or None
        The newest report's value, finite or not.
    reached : int
        The largest budget that it has trained to and come to rest at; 0 before the first.
    verdict : str or None
        What the schedule, or the user, has said to its newest leg: None while it may train on.
    reason : mapping
        Why it is in its state, as data.
    """

    number: int
    config: Config
    origin: str
    notes: Data
    place: Place
    attempt: int = 1
    state: TrialState = "running"
    losses: int = 0
    step: int = 0
    value: float | None = None
    value_step: int = 0
    last: float | None = None
    reached: int = 0
    verdict: Action | None = None
    reason: Data = NOTHING


def may_retry(trial: Trial | None) -> bool:
    """Tell whether a trial may be run again by the user's wish: it has failed, or was stopped; None is no trial."""
    return trial is not None and trial.state in _RETRIABLE


class Leg(NamedTuple):
    """One go of a trial in one process; times in seconds since the epoch, `ended` None while it runs.

    `outcome` is the state it ended in, "lost", or None while it runs.
    """

    trial: int
    attempt: int
    place: Place
    why: Literal["started", "promoted", "lost", "retried"]
    started: float
    ended: float | None = None
    outcome: str | None = None


class Decision(NamedTuple):
    """What a schedule says to a report.

    `action` is "continue" (train on), "stop" (the trial is beaten: pruned), "pause" (it has reached its rung and waits)
    or "complete" (it has reached the largest budget). `reason` is data.
    """

    action: Action
    reason: Data = NOTHING


CONTINUE = Decision("continue")


class Start(NamedTuple):
    """Start a new trial at a place."""

    place: Place


class Continue(NamedTuple):
    """Promote a paused trial to this place."""

    trial: int
    place: Place
    reason: Data = NOTHING


class Drop(NamedTuple):
    """A paused trial is beaten for certain: it becomes pruned and its checkpoint is freed."""

    trial: int
    reason: Data = NOTHING


class Wait(NamedTuple):
    """Nothing can be started before something more is known."""

    why: str


class Finished(NamedTuple):
    """The schedule has nothing left to do."""

    why: str


Step = Start | Continue | Drop | Wait | Finished
"""What a schedule answers when it is asked what comes next."""


class Planned(NamedTuple):
    """One rung of a plan: so many configurations at so large a budget."""

    configurations: int
    budget: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule will do, before it does it: for every bracket its rungs, lowest first.

    `unit` is what one unit of the budgets is called; plans that differ in nothing else are equal.

    Examples
    --------
    >>> Plan(((Planned(9, 1), Planned(3, 3), Planned(1, 9)), (Planned(5, 3), Planned(1, 9)))).legs
    19
    """

    brackets: tuple[tuple[Planned, ...], ...]
    unit: str = field(default="step", compare=False)

    @property
    def legs(self) -> int:
        """How many legs that makes in all."""
        return sum(rung.configurations for bracket in self.brackets for rung in bracket)

    @property
    def trials(self) -> int:
        """How many configurations are started in all."""
        return sum(bracket[0].configurations for bracket in self.brackets)

    @property
    def budget(self) -> int | None:
        """The sum of all training in the objective's unit, promoted trials continuing; None where unbounded."""
        total = 0
        for bracket in self.brackets:
            before = 0
            for configurations, budget in bracket:
                if budget is None:
                    return None
                total += configurations * (budget - before)
                before = budget
        return total
