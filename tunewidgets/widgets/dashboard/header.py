"""What stands in the dashboard's header, as plain data."""

from typing import Any

from tunewidgets.analysis.trials import unit
from tunewidgets.history import SETTLED, History, Plan, Pulse, sentence

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
        All that changes by events only, JSON-able: ``status``, ``at_once`` (a stop at once is under way), ``health``,
        ``message``, ``settled`` and ``planned`` trials, ``spent`` and ``budget`` in the search's ``unit``, ``counts``
        by state, ``best`` (number, value, config) or None, ``metric``, ``direction``, ``busy`` and ``workers``. Costs
        time proportional to the number of trials.
    """
    status = history.status
    return {
        "status": status,
        "at_once": history.closing is not None and history.closing.now,
        "health": pulse.health,
        "message": pulse.message or _closing_words(history),
        "settled": sum(history.counts.get(state, 0) for state in SETTLED),
        "planned": _planned(history, plan),
        "spent": sum(trial.step for trial in history.trials.values()),
        "budget": plan.budget if plan else None,
        "unit": unit(history, plan),
        "counts": dict(history.counts),
        "best": _best(history),
        "metric": history.goal.metric if history.opened else "",
        "direction": history.direction,
        "busy": len(history.running),
        "workers": history.workers,
    }


def _planned(history: History, plan: Plan | None) -> int | None:
    known = [n for n in (plan.trials if plan else None, history.limits.trials) if n]
    return max(min(known), len(history.trials)) if known else None


def _best(history: History) -> Facts | None:
    trial = history.incumbent
    if trial is None:
        return None
    return {"number": trial.number, "value": trial.value, "config": dict(trial.config)}


def clock(history: History, pulse: Pulse, now: float) -> Facts:
    """Return the ``elapsed`` seconds of a search at `now` (since the epoch), and whether they are ``ticking``."""
    if not len(history):
        return {"elapsed": 0.0, "ticking": False}
    ticking = history.closed is None and pulse.health != "gone"
    end = now if ticking else history[len(history) - 1].at
    return {"elapsed": max(0.0, end - history[0].at), "ticking": ticking}


def _closing_words(history: History) -> str:
    if history.closed is None:
        return ""
    return sentence(history.closed.reason, unit(history))
