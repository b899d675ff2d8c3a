"""What each trial has reported and where it came to rest, as far as a later attempt has not replaced it."""

import math
from collections.abc import Mapping

from tunewidgets.history.direction import Direction, better, is_finite
from tunewidgets.history.events import Continued, Ended, Opened, Reported, ValueRule
from tunewidgets.history.records import Trial

OPEN_ENDED = 2**63
"""A budget that ends when the objective returns counts as the highest one."""


class Courses:
    """The reports of every trial by step, and the budgets it has come to rest at.

    A trial that is run again by the user's wish replaces what it repeats: with its first report, at step s, all that
    was reported before at s or later is gone, for something was wrong there. Where it goes on from a checkpoint, what
    lies before stays. A leg that was lost is no such thing: what it reported holds until it is reported again.

    Examples
    --------
    >>> courses = Courses()
    >>> courses.add(Reported(0, 1, 1, 0.5)), courses.add(Reported(0, 1, 2, 0.0))
    (False, False)
    >>> courses.continued(Continued(0, Place(0, 0, 9), 2, "retried"))
    >>> courses.add(Reported(0, 2, 2, 0.4))
    True
    >>> courses.value(0, "best", "min").value
    0.4
    """

    def __init__(self) -> None:
        self._reports: dict[int, dict[int, Reported]] = {}
        self._rests: dict[int, list[int]] = {}
        self._again: set[int] = set()  # run again by the user's wish, and nothing reported yet

    def continued(self, event: Continued) -> None:
        """Take note that a trial begins a further leg."""
        if event.why == "retried":
            self._again.add(event.trial)

    def add(self, report: Reported) -> bool:
        """Take in a report; True where it begins what replaces an earlier attempt's reports at its step and later."""
        reports = self._reports.setdefault(report.trial, {})
        replaced = False
        if report.trial in self._again:
            self._again.discard(report.trial)
            replaced = self._go_back(report.trial, report.step)
        reports[report.step] = report
        return replaced

    def _go_back(self, trial: int, step: int) -> bool:
        reports, rests = self._reports[trial], self._rests.get(trial, [])
        gone = [each for each in reports if each >= step]
        for each in gone:
            del reports[each]
        rests[:] = [budget for budget in rests if budget < step]
        return bool(gone)

    def ended(self, event: Ended) -> None:
        """Take note of where a trial has come to rest."""
        if event.state in ("paused", "completed"):
            budget = OPEN_ENDED if event.place.budget is None else event.place.budget
            self._rests.setdefault(event.trial, []).append(budget)

    @property
    def by_trial(self) -> Mapping[int, Mapping[int, Reported]]:
        """The reports by step, of every trial that has any."""
        return self._reports

    def of(self, trial: int) -> Mapping[int, Reported]:
        """Return a trial's reports by step, in no order."""
        return self._reports.get(trial, {})

    def reached(self, trial: int) -> int:
        """Return the budget that a trial has come to rest at last; 0 before the first."""
        rests = self._rests.get(trial)
        return rests[-1] if rests else 0

    def without_what_is_gone(self, trial: Trial, rule: ValueRule, direction: Direction) -> Trial:
        """Return what is left of a trial when its newest attempt has begun to replace what was reported before."""
        best = self.value(trial.number, rule, direction)
        value, value_step = (best.value, best.step) if best else (None, 0)
        return trial._replace(step=0, value=value, value_step=value_step, reached=self.reached(trial.number))

    def value(self, trial: int, rule: ValueRule, direction: Direction) -> Reported | None:
        """Return the report that gives a trial its value by the search's rule; None where none is finite.

        Of reports that are as good as each other it is the one of the lowest step.
        """
        found: Reported | None = None
        for _, report in sorted(self.of(trial).items()):
            if is_finite(report.value) and (
                rule == "last" or better(report.value, found.value if found else None, direction)
            ):
                found = report
        return found


def with_report(trial: Trial, report: Reported, rule: ValueRule, direction: Direction) -> Trial:
    """Return a trial that has reported once more."""
    value, value_step = trial.value, trial.value_step
    if is_finite(report.value) and (rule == "last" or better(report.value, value, direction)):
        value, value_step = report.value, report.step
    step = max(trial.step, report.step)
    return trial._replace(step=step, value=value, value_step=value_step, last=report.value)


def keeps_constraints(opened: Opened, report: Reported | None) -> bool:
    """Whether a report keeps every constraint of a search; what was not reported does not keep one.

    Examples
    --------
    >>> opened = Opened(0, Space(), Limits(), (Goal("loss", "min"),), constraints=(Constraint("size", 10.0),))
    >>> keeps_constraints(opened, Reported(0, 1, 1, 0.5, {"size": 9.0})), keeps_constraints(opened, None)
    (True, False)
    """
    if not opened.constraints:
        return True
    if report is None:
        return False
    metrics = {opened.goals[0].metric: report.value, **report.metrics}
    return all(metrics.get(each.metric, math.inf) <= each.bound for each in opened.constraints)
