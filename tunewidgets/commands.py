"""What a user says to a search, checked and made into events: by the methods of `Search` and by the dashboard's forms.

A command is checked against what is known of the search now. What has changed until the search takes it is looked at
again there: a configuration that does not fit any more, and a trial that runs already, are left alone.
"""

import math
from collections.abc import Mapping
from typing import Any

from tunewidgets.errors import SpaceError, StrategyError, TuneError
from tunewidgets.history import (
    SETTLED,
    Enqueued,
    Extended,
    History,
    Limits,
    Retried,
    SpaceEdited,
    StopAsked,
    WorkersChanged,
    amount,
    may_retry,
)
from tunewidgets.samplers import Sampler
from tunewidgets.schedules import Hyperband, Schedule, SuccessiveHalving, schedule_from_json
from tunewidgets.schedules.checks import check_at_least
from tunewidgets.space import Space


def stop_trial(history: History, name: str, trial: int, *, now: bool = False) -> StopAsked:
    """Stop one trial of the search `name` at its next report, or `now`.

    Raises
    ------
    TuneError
        If there is no such trial.
    """
    return StopAsked(_known(history, name, trial), now)


def retry_trial(history: History, name: str, trial: int) -> Retried:
    """Run a trial of the search `name` again that has failed or was stopped.

    Raises
    ------
    TuneError
        If there is no such trial, or it has neither failed nor was it stopped; the message says what to do instead.
    """
    found = history.trials[_known(history, name, trial)]
    if may_retry(found):
        return Retried(trial)
    cure = "search.enqueue(**search.history.trials[{}].config) tries its configuration once more, as a new trial"
    raise TuneError(
        f"trial {trial} of {name!r} is {found.state}: only one that has failed, or that was stopped, can be run again. "
        f"Cure: {cure.format(trial)}"
    )


def enqueue_config(space: Space, config: Mapping[str, Any]) -> Enqueued:
    """Try this configuration next.

    Raises
    ------
    SpaceError
        If it is not a configuration of the space.
    """
    return Enqueued(space.validate(config))


def extend_limits(
    old: Limits, trials: int | None = None, timeout: float | None = None, history: History | None = None
) -> Extended:
    """Set new limits, absolute ones; None leaves one as it is.

    Raises
    ------
    StrategyError
        If neither is given, or one is not a positive number, or if, by the `history`, the schedule has a plan of a
        fixed number of trials and has started them all: no limit on trials can make it start more.
    """
    if trials is None and timeout is None:
        raise StrategyError("give the new limit: extend(trials=60), or extend(timeout=3600)")
    limits = checked_limits(
        old.trials if trials is None else trials,
        old.timeout if timeout is None else timeout,
        old.max_consecutive_failures,
    )
    if history is not None and limits.trials is not None and limits.trials != old.trials:
        _check_plan_goes_on(history, limits.trials)
    return Extended(limits)


def change_workers(workers: int) -> WorkersChanged:
    """Change how many legs may run at once.

    Raises
    ------
    StrategyError
        If it is not a positive integer.
    """
    return WorkersChanged(checked_workers(workers))


def change_space(sampler: Sampler | None, space: Space) -> SpaceEdited:
    """Take future suggestions from another space; a sampler that nobody knows takes any.

    Raises
    ------
    SpaceError
        If it is not a space.
    StrategyError
        If the search's sampler cannot work in it.
    """
    given: object = space
    if not isinstance(given, Space):
        raise SpaceError(f"edit_space needs a tw.Space, not {type(given).__name__}")
    if sampler is not None:
        check_space(sampler, space)
    return SpaceEdited(space)


def checked_limits(trials: int | None, timeout: float | None, failures: int | None) -> Limits:
    """Return the limits of a search.

    Raises
    ------
    StrategyError
        If one of them is not a positive number, naming it.
    """
    check_at_least("trials", trials, 1)
    check_at_least("max_consecutive_failures", failures, 1)
    return Limits(trials, checked_seconds("timeout", timeout), failures)


def checked_seconds(name: str, value: float | None) -> float | None:
    """Return a time limit as it is.

    Raises
    ------
    StrategyError
        If it is neither None nor a positive, finite number.
    """
    given: object = value
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if value is not None and not (number and 0 < value < math.inf):
        raise StrategyError(f"{name} must be a positive number of seconds or None, not {value!r}")
    return value


def checked_workers(workers: int) -> int:
    """Return a number of workers as it is.

    Raises
    ------
    StrategyError
        If it is not a positive integer.
    """
    given: object = workers
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise StrategyError(f"workers must be a positive integer, or 'auto' where a search is started, not {workers!r}")
    return workers


def check_space(sampler: Sampler, space: Space) -> None:
    """Refuse a space in which a sampler cannot work; most of them take any.

    Raises
    ------
    SpaceError, StrategyError
        The message names the parameter and the cure.
    """
    check = getattr(sampler, "check_space", None)
    if check is not None:
        check(space)


def _known(history: History, name: str, trial: int) -> int:
    if trial not in history.trials:
        raise TuneError(f"there is no trial {trial!r} in {name!r}; there are {len(history.trials)}, from 0")
    return trial


def _check_plan_goes_on(history: History, trials: int) -> None:
    """Refuse a limit on trials that changes nothing, as every trial of the schedule's plan is started.

    Raises
    ------
    StrategyError
        The message says what else can be done.
    """
    schedule, planned = _plan_of(history)
    if schedule is None or not 0 < planned <= trials or _started_by_plan(history) < planned:
        return
    kind = type(schedule).__name__
    rested = all(trial.state in SETTLED for trial in history.trials.values())
    stand = "have come to rest" if rested else "are started"
    raise StrategyError(
        f"{kind}'s plan has {amount(planned, 'trial')}, and all {stand}: another "
        f"limit on trials changes nothing. Cure: {_larger_plan(schedule, kind, trials, planned)}"
        "search.enqueue(...) and then search.resume() tries a configuration of yours beyond the plan"
    )


def _plan_of(history: History) -> tuple[Schedule | None, int]:
    """Return the search's schedule and how many trials its plan has; none and 0 where there is no such number."""
    try:
        schedule = schedule_from_json(history.opened.strategy["schedule"]) if history.opened else None
        plan = schedule.plan(None) if schedule else None
    except (KeyError, TypeError, TuneError):  # settings that are not complete, or another version's
        return None, 0
    return schedule, 0 if plan is None else plan.trials


def _started_by_plan(history: History) -> int:
    """Return how many trials took a planned place; what the user adds beyond the plan belongs to no bracket."""
    return sum(leg.why == "started" and leg.place.bracket is not None for leg in history.legs.values())


def _larger_plan(schedule: Schedule, kind: str, trials: int, planned: int) -> str:
    if isinstance(schedule, Hyperband) and schedule.iterations is not None:
        passes = math.ceil(trials / (planned / schedule.iterations))
        larger = f"iterations={max(passes, schedule.iterations + 1)}"
    elif isinstance(schedule, SuccessiveHalving):
        larger = f"configurations={max(trials, planned + 1)}"
    else:
        return ""
    return f"start another search with tw.{kind}(..., {larger}); or "
