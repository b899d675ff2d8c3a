"""What stands in the dashboard's header, as plain data: the progress of the search, and how its coordinator is."""

from typing import Any

from tunewidgets.analysis.progress import Best, search_progress
from tunewidgets.history import History, Plan, Pulse

Facts = dict[str, Any]


def facts(history: History, plan: Plan | None, pulse: Pulse) -> Facts:
    """Collect the header of a search.

    Parameters
    ----------
    history : History
        What has happened.
    plan : Plan or None
        What the schedule will do.
    pulse : Pulse
        How the coordinator is.

    Returns
    -------
    dict
        What `tunewidgets.analysis.Progress` says, JSON-able: ``status``, ``settled`` and ``planned`` trials, ``spent``
        and ``budget`` in the search's ``unit``, ``counts`` by state, ``best`` (number, value, config) or None,
        ``metric``, ``direction``, ``busy`` and ``workers``; ``goals``, and with several of them the number of
        ``trade_offs`` that none beats and how far this ``front`` reaches in each; the ``bounds`` that must be kept;
        how many configurations that the user ``added``, and trials to be run ``again``, have not begun;
        ``elapsed`` seconds up to the newest event, and whether they are ``ticking``; and besides ``at_once`` (a stop
        at once is under way), ``health`` and ``message``. Costs time proportional to the number of events.
    """
    record = search_progress(history, plan)
    return {
        "status": record.status,
        "at_once": history.closing is not None and history.closing.now,
        "health": pulse.health,
        "message": _message(pulse, record.ending),
        "settled": record.finished,
        "planned": record.trials,
        "spent": record.spent,
        "budget": record.spent_planned,
        "unit": record.unit,
        "counts": dict(record.counts),
        "best": _best(record.best),
        "started": record.started,
        "goals": [goal.metric for goal in history.opened.goals] if history.opened else [],
        "trade_offs": record.trade_offs,
        "front": [span._asdict() for span in record.front],
        "bounds": list(record.bounds),
        "added": len(history.queue),
        "again": len(history.to_retry),
        "metric": record.metric if history.opened else "",
        "direction": record.direction,
        "busy": record.busy,
        "workers": record.workers,
        "elapsed": record.elapsed,
        # Nobody works before a coordinator has shown up or after it has gone, whatever the events say.
        "ticking": record.ticking and pulse.health == "alive",
    }


def current(header: Facts, history: History, now: float) -> Facts:
    """Return a header of the newest history with its ``elapsed`` time brought to `now`, in seconds since the epoch."""
    if not header["ticking"]:
        return header
    return {**header, "elapsed": header["elapsed"] + max(0.0, now - history[-1].at)}


def _message(pulse: Pulse, ending: str) -> str:
    """Choose what is said: that nobody works any more comes before why a search ended, and that before all else."""
    return pulse.message or ending if pulse.health == "gone" else ending or pulse.message


def _best(best: Best | None) -> Facts | None:
    return None if best is None else {"number": best.trial, "value": best.value, "config": dict(best.config)}
