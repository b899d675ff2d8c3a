"""The schedule's contract: how long to train a trial, and which trials go on.

A **schedule** is frozen settings that can be written as JSON. ``begin()`` gives its **ladder**, the cache in which it
keeps account. A ladder learns of the search through ``apply(event)`` and through nothing else, and its questions,
``next()``, ``judge(report)`` and ``retry(trial)``, change nothing: they may be asked twice and answer the same. So a
ladder that is built anew from the stored events answers as the lost one would have answered.

A session, by example (successive halving, four configurations at 1, then the best two at 2)::

    ladder = SuccessiveHalving(max_budget=2, configurations=4, factor=2).begin()
    ladder.apply(opened)                      # direction and limits
    ladder.next()                             # Start(Place(bracket=0, rung=0, budget=1))
    ladder.apply(Started(0, config, Place(0, 0, 1)))
    ladder.judge(Reported(0, 1, step=1, value=0.5))      # Decision("pause", {...}): it has reached its rung
    ladder.apply(Ended(0, 1, "paused", Place(0, 0, 1), value=0.5))
    ...                                       # when a place at the next rung is certain:
    ladder.next()                             # Continue(trial=0, place=Place(0, 1, 2), reason={...})
    ladder.next()                             # Wait("2 legs are running") or Finished("...") when nothing is left
"""

from typing import Any, Protocol, Self

from tunewidgets.history import (
    CONTINUE,
    Continued,
    Decision,
    Direction,
    Ended,
    Event,
    Exhausted,
    Extended,
    Finished,
    Limits,
    Opened,
    Place,
    Plan,
    Reported,
    SpaceEdited,
    Started,
    Step,
    Trial,
    Wait,
)


class Ladder(Protocol):
    """The cache of a schedule; see the module's text."""

    @property
    def full_budget(self) -> int | None:
        """The largest budget a trial may be given; None: until the objective returns."""
        ...

    def apply(self, event: Event) -> None:
        """Take note of an event: the only way in which a ladder learns anything."""
        ...

    def next(self) -> Step:
        """Say what to do next. After `Wait` nothing changes before an event is applied."""
        ...

    def judge(self, report: Reported) -> Decision:
        """Say what becomes of a running trial after this report, which has been applied already."""
        ...

    def retry(self, trial: Trial) -> Place:
        """Say where a trial that has failed, or was stopped, is run again; it is so once that is in an event."""
        ...


class Schedule(Protocol):
    """Frozen settings of a schedule; see the module's text."""

    @property
    def rungs(self) -> bool:
        """Whether trials are compared below the largest budget, so that the objective must report on its way."""
        ...

    def resolved(self, max_budget: int | None, trials: int | None, unit: str) -> Self:
        """Return a copy with its blanks filled from what the objective and the limits tell.

        Raises
        ------
        StrategyError
            If something is needed that nobody gave; the message says the cure.
        """
        ...

    def plan(self, trials: int | None) -> Plan | None:
        """Return what will happen under that limit on trials, before it happens; None where it cannot be known."""
        ...

    def begin(self) -> Ladder:
        """Return an empty ladder."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return the settings, with the schedule's name under "name"."""
        ...


class BaseLadder:
    """What every ladder counts: the limit, the trials started, and the legs in flight (lost ones included)."""

    def __init__(self, full_budget: int | None) -> None:
        self.full_budget = full_budget
        self.limits = Limits()
        self.direction: Direction = "min"
        self.started = 0
        self.exhausted = False
        self.flying: dict[int, Place] = {}

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        kind = type(event)
        if kind is Reported:
            return
        if isinstance(event, Started):
            self.started += 1
            self.flying[event.trial] = event.place
        elif isinstance(event, Continued):
            self.flying[event.trial] = event.place
        elif isinstance(event, Ended):
            self.flying.pop(event.trial, None)
        elif isinstance(event, Opened):
            self.limits, self.direction = event.limits, event.goals[0].direction
        elif isinstance(event, Extended):
            self.limits = event.limits
        elif kind is Exhausted:
            self.exhausted = True
        elif kind is SpaceEdited:
            self.exhausted = False

    def starts_left(self, wanted: int | None = None) -> int:
        """How many more trials may be started, of `wanted` (None: any number)."""
        if self.exhausted:
            return 0
        left = 2**62 if self.limits.trials is None else max(0, self.limits.trials - self.started)
        return left if wanted is None else max(0, min(left, wanted))

    def idle(self) -> Wait | Finished:
        """Return what is left to say when nothing can be started."""
        if self.flying:
            return Wait(f"{len(self.flying)} {'leg is' if len(self.flying) == 1 else 'legs are'} running")
        if self.exhausted:
            return Finished("every configuration of the space has been tried")
        return Finished("every planned trial has come to rest")

    def retry(self, trial: Trial) -> Place:
        """Say where a trial is run again: where nobody is compared with anybody, at its old place."""
        return trial.place

    def place_of(self, trial: int) -> Place:
        """Where a trial in flight belongs."""
        return self.flying[trial]

    def at_budget(self, report: Reported) -> Decision:
        """Judge a trial that is compared nowhere: it goes on until its budget is spent."""
        place = self.place_of(report.trial)
        if place.budget is None or report.step < place.budget:
            return CONTINUE
        return Decision("complete", {"kind": "budget", "budget": place.budget})


def outside(place: Place) -> Place:
    """Return the place at the same budget that belongs to no bracket."""
    return Place(None, 0, place.budget)
