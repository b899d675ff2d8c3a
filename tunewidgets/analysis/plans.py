"""The plan as it is now: a search that was extended has another one than it began with."""

from dataclasses import replace

from tunewidgets.errors import TuneError
from tunewidgets.history import History, Plan
from tunewidgets.schedules import schedule_from_json


def plan_now(history: History, plan: Plan | None) -> Plan | None:
    """Return what the schedule will do under the limit on trials that holds now.

    Parameters
    ----------
    history : History
        What has happened.
    plan : Plan or None
        What the schedule was to do when the search began.

    Returns
    -------
    Plan or None
        That plan, unless the limit on trials is another one since and the schedule is known: then the schedule's own
        under this limit.

    Examples
    --------
    >>> plan_now(History(), Plan(())) == Plan(())
    True
    """
    opened = history.opened
    if plan is None or opened is None or history.limits.trials == opened.limits.trials:
        return plan
    try:
        now = schedule_from_json(opened.strategy["schedule"]).plan(history.limits.trials)
    except (KeyError, TypeError, TuneError):  # settings that are not complete, or another version's
        return plan
    return None if now is None else replace(now, unit=plan.unit)
