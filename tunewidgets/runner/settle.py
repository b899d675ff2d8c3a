"""What becomes of a trial when a leg of it closes: pure functions from what is known to the event that says so."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tunewidgets.history import Action, Data, Decision, Ended, History, Lost, Reported, Trial, amount, is_finite
from tunewidgets.schedules import Ladder

if TYPE_CHECKING:
    from tunewidgets.history.events import EndState

MAX_LOSSES = 3
"""After so many legs lost by fault of a worker a trial has failed."""

_FINITE = (
    "a finite number was expected, as others cannot be compared. "
    "Cure: where the objective diverges, narrow the space; else return a finite penalty."
)
_REPORT = "Cure: correct its name, or report it: trial.report(step, value, %s=...), or return it in a dict."


def returned(history: History, ladder: Ladder, trial: Trial) -> Ended:
    """Return how a trial stands whose objective has returned.

    A leg that was told to wind up stands as it was judged. One that returned by itself before its budget (early
    stopping, or an objective that never heard of budgets) stands as if its last report had been made at the budget.
    """
    if trial.verdict is not None:
        return judged(history, trial, trial.verdict, trial.reason)
    reports = history.reports(trial.number)
    if not reports:
        return _failed(
            trial, "the objective returned without a value: return a float, or call trial.report(step, value)"
        )
    decision = _at_the_budget(ladder, trial, reports[-1])
    reason = {"kind": "returned", "step": trial.step} if decision.action == "complete" else decision.reason
    return judged(history, trial, decision.action, reason)


def _at_the_budget(ladder: Ladder, trial: Trial, last: Reported) -> Decision:
    if trial.place.budget is None:
        return Decision("complete")
    return ladder.judge(replace(last, step=max(last.step, trial.place.budget)))


def judged(history: History, trial: Trial, action: Action, reason: Data) -> Ended:
    """Return the end of a leg on which judgement has been passed."""
    if action == "stop":
        state: EndState = "stopped" if reason.get("kind") == "user" else "pruned"
        return Ended(trial.number, trial.attempt, state, trial.place, _comparable(trial.last), reason)
    compared = trial.last if action == "pause" else trial.value
    if not is_finite(compared):
        unit = history.opened.unit if history.opened else "step"
        at = f" after {amount(trial.step, unit)}"
        return _failed(trial, f"the value is {trial.last}{at}; {_FINITE}")
    if action == "complete" and (missing := _unreported(history, trial)):
        names = " and ".join(map(repr, missing))
        return _failed(
            trial, f"it reported no {names}, without which it cannot be compared with others. {_REPORT % missing[0]}"
        )
    rest: EndState = "paused" if action == "pause" else "completed"
    return Ended(trial.number, trial.attempt, rest, trial.place, _comparable(trial.last), reason)


def _unreported(history: History, trial: Trial) -> list[str]:
    """Return the further goals and the constraints' metrics that the report which gives a trial its value lacks."""
    opened = history.opened
    if opened is None or (len(opened.goals) == 1 and not opened.constraints):
        return []
    report = next((each for each in history.reports(trial.number) if each.step == trial.value_step), None)
    told = {opened.goals[0].metric, *(report.metrics if report else ())}
    needed = [*(goal.metric for goal in opened.goals[1:]), *(each.metric for each in opened.constraints)]
    return [name for name in dict.fromkeys(needed) if name not in told]


def _comparable(value: float | None) -> float | None:
    return value if is_finite(value) else None


def _failed(trial: Trial, message: str) -> Ended:
    return failed(trial, {"kind": "value", "message": message})


def failed(trial: Trial, reason: Data) -> Ended:
    """Return the end of a trial that has failed."""
    return Ended(trial.number, trial.attempt, "failed", trial.place, None, reason)


def stopped(trial: Trial) -> Ended:
    """Return the end of a trial that the user has stopped."""
    return Ended(trial.number, trial.attempt, "stopped", trial.place, _comparable(trial.last), {"kind": "user"})


def lost(history: History, trial: Trial, message: str | None, *, requested: bool = False) -> Ended | Lost:
    """Return what becomes of a trial whose leg is gone, with a message about its process, or None with its coordinator.

    Judgement passed before the loss stands; a trial that the user wanted stopped has stopped; otherwise the same leg is
    run again, unless it was lost too often. A leg that was `requested` to go, as the search was stopped, was not lost.
    """
    if trial.verdict is not None:
        return judged(history, trial, trial.verdict, trial.reason)
    if trial.number in history.to_stop:
        return stopped(trial)
    if message is None:
        return Lost(trial.number, trial.attempt, "coordinator")
    if requested:
        return Lost(trial.number, trial.attempt, "stopped")
    if trial.losses + 1 >= MAX_LOSSES:
        return failed(trial, {"kind": "lost", "times": trial.losses + 1, "why": message or "its process is gone"})
    return Lost(trial.number, trial.attempt, "worker")


def stored(history: History, trial: int, attempt: int) -> int:
    """Return the furthest step that an attempt has reported, as far as is stored; 0 before its first report."""
    return max((report.step for report in history.reports(trial) if report.attempt == attempt), default=0)
