"""What a page asks for when a trial is opened: its learning curves, what it has printed, and its traceback."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tunewidgets.figures.details import plain_data
from tunewidgets.history import History, Reported, SearchView

TAIL = 8_000
"""Bytes of output that are read unasked."""
MOST = 200_000
"""Bytes of output that are read for "show more"; whoever wants all has ``search.log(trial)``."""

_POINTS = 200
_METRICS = 12
_TRIALS = 8
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]")

Message = Mapping[str, Any]


def opened(message: Message, history: History, view: SearchView) -> dict[str, Any]:
    """Return what a page wants to know of a trial that it shows, or under ``error`` why it cannot be told.

    Parameters
    ----------
    message : mapping
        ``about`` "curves" with ``trials``: under ``curves`` by number ``steps`` and by metric ``values``. ``about``
        "printed" with ``trial`` and whether ``more`` is wanted: the end of its output (``text``), the ``size`` of all
        of it in bytes and whether it is ``cut``, and its ``traceback`` where it failed.
    history : History
        As it is shown.
    view : SearchView
        Knows what was printed.
    """
    try:
        return _curves(message, history) if message["about"] == "curves" else _printed(message, history, view)
    except Exception as error:  # noqa: BLE001 - told where it was asked; the rest of the dashboard goes on
        return {"error": f"{type(error).__name__}: {error}"}


def _curves(message: Message, history: History) -> dict[str, Any]:
    numbers = [number for number in map(int, message["trials"][:_TRIALS]) if number in history.trials]
    return {"curves": {number: _curve(history, number) for number in numbers}}


def _curve(history: History, trial: int) -> dict[str, Any]:
    """Return a trial's reports by metric, the goal's first; of many reports some, the newest among them."""
    reports = _thinned(history.reports(trial))
    metrics = dict.fromkeys(name for report in reports for name in report.metrics if name != history.goal.metric)
    values: dict[str, list[float | None]] = {history.goal.metric: [report.value for report in reports]}
    values |= {name: [report.metrics.get(name) for report in reports] for name in list(metrics)[:_METRICS]}
    return {"steps": [report.step for report in reports], "values": plain_data(values)}


def _thinned(reports: Sequence[Reported]) -> list[Reported]:
    step = -(-len(reports) // _POINTS)
    return list(reports)[::-1][:: max(1, step)][::-1]


def _printed(message: Message, history: History, view: SearchView) -> dict[str, Any]:
    number = int(message["trial"])
    most = MOST if message.get("more") else TAIL
    found = view.printed(number, most)
    trial = history.trials.get(number)
    trace = str(trial.reason.get("traceback", "")) if trial is not None else ""
    return {"text": as_seen(found.text), "size": found.size, "cut": found.size > most, "traceback": trace}


def as_seen(text: str) -> str:
    r"""Return a text as a terminal would have left it: without colours, and progress bars as they stood last.

    Examples
    --------
    >>> as_seen("1/3\r2/3\r3/3\n")
    '3/3\n'
    """
    lines = _ESCAPE.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2].replace("\b", "") for line in lines)
