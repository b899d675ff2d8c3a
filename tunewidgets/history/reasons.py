"""Sentences made from the data that decisions carry: one place, so that dashboard, table and logs say the same."""

from collections.abc import Callable
from contextlib import suppress

from tunewidgets.history import reasons_adapters, reasons_evolution, reasons_models, reasons_schedules
from tunewidgets.history.events import Data
from tunewidgets.history.records import Trial
from tunewidgets.history.words import amount, number

__all__ = ["amount", "sentence", "suggestion_sentence"]


def sentence(reason: Data, unit: str = "step") -> str:
    """Say in one line why something was decided.

    Parameters
    ----------
    reason : mapping
        The data of an event's `reason`; its ``"kind"`` chooses the form. Of an unknown kind, or where data are missing
        that the form needs, the ``"text"`` or the ``"message"`` is said as it stands.
    unit : str
        What one unit of the budget is called.

    Returns
    -------
    str
        One line without a full stop at its end; empty where there is nothing to say. Never raises: a history that
        another version wrote must be readable.

    Examples
    --------
    >>> sentence({"kind": "rung", "verdict": "out", "rung": 1, "budget": 9, "value": 0.871, "rank": 7, "of": 9,
    ...           "places": 3}, unit="epoch")
    'pruned at rung 1 (9 epochs): 0.871 ranks 7 of 9, the best 3 go on'
    """
    say = _SAY.get(str(reason.get("kind")))
    if say is not None:
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            return say(reason, unit)
    return _plain(reason)


def suggestion_sentence(trial: Trial, unit: str = "step") -> str:
    """Say in one line why a trial's configuration was tried.

    Examples
    --------
    >>> suggestion_sentence(Trial(0, {"x": 0.5}, "sampler", {"kind": "random"}, Place(0, 0, 9)))
    'drawn at random from the space'
    """
    return sentence({"kind": "enqueued"} if trial.origin == "user" else trial.notes, unit)


def _plain(reason: Data) -> str:
    return str(reason.get("text") or reason.get("message") or "")


def _rung(r: Data, unit: str) -> str:
    where = f"rung {r['rung']} ({amount(r['budget'], unit)})"
    places = f"the best {r['places']} go on" if r["places"] != 1 else "the best one goes on"
    if r["verdict"] == "reached":
        return f"paused at {where} until the others have come: {places}"
    missing = r["of"] - r.get("so_far", r["of"])
    of = f"{r['so_far']} so far, {missing} still to come" if missing > 0 else str(r["of"])
    ranks = f"{number(r['value'])} ranks {r['rank']} of {of}"
    if r["verdict"] == "out":
        return f"pruned at {where}: {ranks}, {places}"
    return f"promoted from {where}: {ranks}, {places}"


def _budget(r: Data, unit: str) -> str:
    return f"trained to its full budget of {amount(r['budget'], unit)}"


def _returned(r: Data, unit: str) -> str:
    at = f" after {amount(r['step'], unit)}" if r.get("step") else ""
    return f"the objective returned{at}"


def _error(r: Data, _unit: str) -> str:
    return ": ".join(str(part) for part in (r.get("type"), _plain(r)) if part)


def _timeout(r: Data, _unit: str) -> str:
    return f"took longer than trial_timeout={r['seconds']:g} s and was ended"


def _lost(r: Data, _unit: str) -> str:
    why = {"coordinator": "the coordinator ended", "stopped": "the search was stopped"}.get(
        str(r["why"]), str(r["why"])
    )
    return f"its process was lost: {why}" if "times" not in r else f"its process was lost {r['times']} times: {why}"


def _grid(r: Data, _unit: str) -> str:
    order = "shuffled " if r.get("order") == "shuffled" else ""
    return f"point {r['index'] + 1} of the {order}grid" + (f" of {r['of']}" if r.get("of") else "")


_SAY: dict[str, Callable[[Data, str], str]] = {
    "rung": _rung,
    "budget": _budget,
    "returned": _returned,
    "error": _error,
    "timeout": _timeout,
    "lost": _lost,
    "crash": lambda r, _unit: str(r["message"]),
    "value": lambda r, _unit: str(r["message"]),
    "memory": lambda r, _unit: str(r["message"]),
    "again": lambda _r, _unit: "run again after a loss",
    "retried": lambda _r, _unit: "run again, as you asked",
    "user": lambda r, _unit: str(r.get("text") or "stopped by you"),
    "random": lambda _r, _unit: "drawn at random from the space",
    "grid": _grid,
    "sobol": lambda r, _unit: f"point {r['index'] + 1} of a Sobol sequence: it fills the widest gap",
    "enqueued": lambda _r, _unit: "added by you",
    **reasons_adapters.SAY,
    **reasons_models.SAY,
    **reasons_evolution.SAY,
    **reasons_schedules.SAY,
}
