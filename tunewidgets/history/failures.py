"""What is known of the trials that failed: their tracebacks, and why a search of failures gave up."""

from tunewidgets.history.events import Data, Ended
from tunewidgets.history.history import History
from tunewidgets.history.reasons import sentence

_SHORT = 200
_LONG = ("traceback", "output")
"""What the trial's own event keeps and nobody needs twice."""


def tracebacks(history: History, trial: int) -> dict[int, str]:
    """Return the traceback of each attempt of a trial that raised, by the attempt's number.

    Examples
    --------
    >>> tracebacks(History(), 0)
    {}
    """
    return {
        event.attempt: str(event.reason["traceback"])
        for event in history
        if isinstance(event, Ended) and event.trial == trial and event.reason.get("traceback")
    }


def failures_reason(history: History) -> Data:
    """Return why a search is given up whose newest trials have all failed.

    Parameters
    ----------
    history : History
        At least one trial has failed.

    Returns
    -------
    mapping
        ``kind`` "failures", ``text``, ``times``: how many failed in a row, ``trial``: the last of them, and ``last``:
        that one's reason, without its traceback and output.
    """
    times = history.consecutive_failures
    ended = (entry.event for entry in reversed(history.entries) if isinstance(entry.event, Ended))
    last = next(event for event in ended if event.state == "failed")
    text = f"{times} {'trial' if times == 1 else 'trials in a row'} failed"
    said = _short(sentence(last.reason))
    if said and times > 1:
        text += f", the last {'with ' if last.reason.get('kind') == 'error' else 'one: '}{said}"
    elif said:
        text += f": {said}"
    known = {name: value for name, value in last.reason.items() if name not in _LONG}
    return {"kind": "failures", "text": text, "times": times, "trial": last.trial, "last": known}


def _short(text: str) -> str:
    line = next(iter(text.strip().splitlines()), "")
    return line if len(line) <= _SHORT else f"{line[:_SHORT]}…"
