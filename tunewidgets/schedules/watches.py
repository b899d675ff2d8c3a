"""The folds behind the rules that end a search.

Every event costs them constant time, with several goals time in proportion to the number of trade-offs.
"""

import math
from typing import TYPE_CHECKING

from tunewidgets.history import (
    Closed,
    Constraint,
    Continued,
    Data,
    Direction,
    Ended,
    Event,
    Extended,
    Goal,
    Judged,
    Lost,
    Opened,
    Reported,
    Resumed,
    Started,
    better,
    is_finite,
    rank_key,
)
from tunewidgets.history.courses import Courses

if TYPE_CHECKING:
    from tunewidgets.history.events import ValueRule


class RenewedWatch:
    """What all watches do when the user wants more than the rule allows; see `tunewidgets.schedules.stopping`."""

    def __init__(self) -> None:
        self._ended = False  # whether the search came to rest while the rule was met

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Closed):
            self._ended = self.met() is not None
        elif isinstance(event, Extended | Resumed):
            if self.met() is not None and (self._ended or isinstance(event, Extended)):
                self.renew()
            self._ended = False

    def met(self) -> Data | None:
        """Return why the search has done enough, as data; None while it has not."""
        raise NotImplementedError

    def renew(self) -> None:
        """Ask for something new from here on."""
        raise NotImplementedError


class Standing:
    """Who is the best trial of the highest budget reached, told by the events alone.

    Attributes
    ----------
    direction, rule
        As in the event that opens the search.
    constraints : tuple of Constraint
        As in the event that opens the search; a trial that breaks one is never the best.
    values : dict of int to float
        Every trial's finite value by that rule.
    breaking : set of int
        The trials that break a constraint where they gave their value, or did not report its metric there.
    trial, value : int and float, or None
        The incumbent, and its value when it came to rest.
    reached : int
        The budget it came to rest at.
    front : dict of int to tuple of float
        With several goals the trials that none has matched or beaten in all of them, with their values there, smaller
        ones better.
    """

    def __init__(self) -> None:
        self.direction: Direction = "min"
        self.rule: ValueRule = "best"
        self.constraints: tuple[Constraint, ...] = ()
        self.values: dict[int, float] = {}
        self.breaking: set[int] = set()
        self.trial: int | None = None
        self.value: float | None = None
        self.reached = 0
        self.front: dict[int, tuple[float, ...]] = {}
        self._costs: dict[int, tuple[float, ...]] = {}  # with several goals: every trial's values, smaller ones better
        self._goals: tuple[Goal, ...] = ()
        self._courses = Courses()
        self._rested: set[int] = set()

    def apply(self, event: Event) -> bool:
        """Take note of an event; True where it is an improvement."""
        if isinstance(event, Reported):
            self._reported(event)
        elif isinstance(event, Ended):
            return event.state in ("paused", "completed") and self._rest(event)
        elif isinstance(event, Continued):
            self._courses.continued(event)
        elif isinstance(event, Opened):
            self.direction, self.rule = event.goals[0].direction, event.value
            self.constraints, self._goals = event.constraints, event.goals
        return False

    def _reported(self, event: Reported) -> None:
        if self._courses.add(event):
            self._go_back(event.trial)
        else:
            self._value(event)

    def _go_back(self, trial: int) -> None:
        """Work out a trial's value anew, as its newest attempt replaces what it had reported."""
        for index in (self.values, self._costs):
            index.pop(trial, None)
        self.breaking.discard(trial)
        left = self._courses.value(trial, self.rule, self.direction)
        if left is not None:
            self._value(left)
        if not self._courses.reached(trial):
            self._rested.discard(trial)
        if trial == self.trial:
            self._elect()
        if self.front.pop(trial, None) is not None:
            for other in sorted(self._rested):
                self._joins(other)

    def _value(self, event: Reported) -> None:
        """Take the value of a report for its trial's, if it is by the search's rule."""
        best = self.values.get(event.trial)
        if not is_finite(event.value) or (self.rule == "best" and not better(event.value, best, self.direction)):
            return
        self.values[event.trial] = event.value
        metrics = {self._goals[0].metric: event.value, **event.metrics} if self._looks_further else event.metrics
        if len(self._goals) > 1:
            self._costs[event.trial] = tuple(
                rank_key(metrics.get(goal.metric), event.trial, goal.direction)[0] for goal in self._goals
            )
        if any(not metrics.get(each.metric, math.inf) <= each.bound for each in self.constraints):
            self.breaking.add(event.trial)
            if event.trial == self.trial:
                self._elect()
        else:
            self.breaking.discard(event.trial)

    def _rest(self, event: Ended) -> bool:
        self._courses.ended(event)
        self._rested.add(event.trial)
        improved = self._consider(event.trial)
        return self._joins(event.trial) if len(self._goals) > 1 else improved

    def _joins(self, trial: int) -> bool:
        """Take a trial into the front, and those that it beats out of it; False where it is matched there."""
        cost = self._costs.get(trial)
        if cost is None or trial in self.breaking or math.inf in cost:
            return False
        if any(_no_worse(other, cost) for other in self.front.values()):
            return False
        self.front = {number: other for number, other in self.front.items() if not _no_worse(cost, other)}
        self.front[trial] = cost
        return True

    @property
    def _looks_further(self) -> bool:
        return bool(self.constraints) or len(self._goals) > 1

    def _elect(self) -> None:
        """Look for another incumbent, as the one there was breaks a constraint with its new value."""
        self.trial, self.value, self.reached = None, None, 0
        for trial in sorted(self._rested):
            self._consider(trial)

    def _consider(self, trial: int) -> bool:
        value, reached = self.values.get(trial), self._courses.reached(trial)
        if value is None or trial in self.breaking:
            return False
        if (reached, better(value, self.value, self.direction)) <= (self.reached, False):
            return False
        self.trial, self.value, self.reached = trial, value, reached
        return True


def _no_worse(cost: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(a <= b for a, b in zip(cost, other, strict=True))


class TargetWatch(RenewedWatch):
    """The account of a `Target`."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self._target = value
        self._beyond: float | None = None  # once renewed, only a better value than this one will do
        self._standing = Standing()
        self._hits: dict[int, int] = {}  # trials under way with such a value, and how far they have trained

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._standing.apply(event)
        if isinstance(event, Reported):
            self._reported(event)
        elif isinstance(event, Ended | Lost) or (isinstance(event, Judged) and event.action == "stop"):
            self._hits.pop(event.trial, None)  # at rest it is the incumbent, or a better one is; else it is gone
        else:
            super().apply(event)

    def _reported(self, event: Reported) -> None:
        if self._standing.rule == "best" and self._reaches(event.trial):
            self._hits[event.trial] = event.step
        else:
            self._hits.pop(event.trial, None)  # a better value of it breaks a constraint

    def _reaches(self, trial: int | None) -> bool:
        value = None if trial is None else self._standing.values.get(trial)
        if value is None or trial in self._standing.breaking:
            return False
        if self._beyond is not None and not better(value, self._beyond, self._standing.direction):
            return False
        return not better(self._target, value, self._standing.direction)

    def met(self) -> Data | None:
        """Return the trial that has reached the target, and its value."""
        trial = self._met_by()
        if trial is None:
            return None
        return {"kind": "target", "target": self._target, "trial": trial, "value": self._standing.values[trial]}

    def _met_by(self) -> int | None:
        if self._reaches(self._standing.trial):
            return self._standing.trial
        while self._hits:
            trial = next(iter(self._hits))
            if self._hits[trial] >= self._standing.reached:
                return trial
            del self._hits[trial]  # others have come to rest further up
        return None

    def renew(self) -> None:
        """Ask for a better value than the one that met it."""
        trial = self._met_by()
        self._beyond = self._standing.values[trial] if trial is not None else self._beyond
        self._hits.clear()


class NoImprovementWatch(RenewedWatch):
    """The account of `NoImprovement`."""

    def __init__(self, trials: int) -> None:
        super().__init__()
        self._trials = trials
        self._standing = Standing()
        self._running: set[int] = set()
        self._since: set[int] = set()  # who has come to rest since the last improvement

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        improved = self._standing.apply(event)
        if isinstance(event, Started | Continued):
            self._running.add(event.trial)
        elif isinstance(event, Ended):
            self._ended_leg(event, improved=improved)
        else:
            super().apply(event)

    def _ended_leg(self, event: Ended, *, improved: bool) -> None:
        was_running = event.trial in self._running  # a trial that waited and is dropped has come to rest before
        self._running.discard(event.trial)
        if improved:
            self._since.clear()
        elif was_running and event.state != "stopped":
            self._since.add(event.trial)

    def met(self) -> Data | None:
        """Return the number of trials, and who has stayed the best one."""
        if len(self._since) < self._trials:
            return None
        best = self._standing
        reason = {"kind": "no_improvement", "trials": len(self._since), "trial": best.trial, "value": best.value}
        if best.front:
            return {**reason, "front": len(best.front)}
        return {**reason, "breaking": len(best.breaking)} if best.trial is None and best.breaking else reason

    def renew(self) -> None:
        """Count from the beginning."""
        self._since.clear()


class TotalBudgetWatch(RenewedWatch):
    """The account of a `TotalBudget`."""

    def __init__(self, budget: int) -> None:
        super().__init__()
        self._size, self._allowed = budget, budget
        self._steps: dict[int, int] = {}
        self._spent = 0

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Reported):
            before = self._steps.get(event.trial, 0)
            if event.step > before:
                self._spent += event.step - before
                self._steps[event.trial] = event.step
        else:
            super().apply(event)

    def met(self) -> Data | None:
        """Return what was allowed and what has been spent."""
        if self._spent < self._allowed:
            return None
        return {"kind": "total_budget", "budget": self._allowed, "spent": self._spent}

    def renew(self) -> None:
        """Allow as much again from here."""
        self._allowed = self._spent + self._size
