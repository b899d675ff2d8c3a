"""What happened, event by event, in words: for whoever steps through a search."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tunewidgets.history import (
    Closed,
    Continued,
    Ended,
    Enqueued,
    Event,
    Exhausted,
    Extended,
    History,
    Judged,
    Lost,
    Opened,
    Paused,
    Recovered,
    Reported,
    Resumed,
    Retried,
    SpaceEdited,
    Started,
    StopAsked,
    TimeUp,
    WorkersChanged,
    amount,
    sentence,
    suggestion_sentence,
)
from tunewidgets.history.words import number


def happened(history: History) -> str:
    """Say in one line what the newest event of a history was; empty where there is none.

    Examples
    --------
    >>> happened(History())
    ''
    """
    return _SAY[type(history[-1].event)](history, history[-1].event) if len(history) else ""


def is_notable(event: Event) -> bool:
    """Whether an event is worth a step: plain reports are not, there are too many of them."""
    return not isinstance(event, Reported)


def notable_count(history: History) -> int:
    """Return how many events are worth a step."""
    return sum(map(is_notable, history))


def step(history: History, moment: int, by: int) -> int:
    """Return the moment so many notable events later, or earlier; at most the newest, and at least the first event.

    Parameters
    ----------
    history : History
        Everything that is known.
    moment : int
        After how many events to begin.
    by : int
        How many notable events to go, negative to go back.
    """
    direction, left = (1 if by > 0 else -1), abs(by)
    while left and 1 <= moment + direction <= len(history):
        moment += direction
        left -= is_notable(history[moment - 1].event)
    return moment


# --- a line for each kind of event -----------------------------------------------------------------------------------


def _unit(history: History) -> str:
    return history.opened.unit if history.opened else "step"


def _because(words: str, why: str) -> str:
    return f"{words}: {why}" if why else words


def _opened(_history: History, event: Opened) -> str:
    count = len(event.space)
    limit = f", {event.limits.trials:,} trials at most" if event.limits.trials else ""
    return f"the search was opened over {count} parameter{'' if count == 1 else 's'}{limit}"


def _started(history: History, event: Started) -> str:
    why = suggestion_sentence(history.trials[event.trial], _unit(history))
    return _because(f"trial {event.trial} started", why)


def _continued(history: History, event: Continued) -> str:
    if event.why == "promoted":
        return _became(event.trial, "promoted", sentence(event.reason, _unit(history)))
    why = "as you asked" if event.why == "retried" else "as its process was lost"
    return f"trial {event.trial} runs again, {why}"


def _reported(history: History, event: Reported) -> str:
    value = f"{history.goal.metric} {number(event.value)}"
    return f"trial {event.trial} reported {value} after {amount(event.step, _unit(history))}"


def _judged(history: History, event: Judged) -> str:
    return _because(f"trial {event.trial} is judged", sentence(event.reason, _unit(history)))


def _ended(history: History, event: Ended) -> str:
    return _became(event.trial, event.state, sentence(event.reason, _unit(history)))


def _became(trial: int, word: str, why: str) -> str:
    """Say what a trial has become; most reasons begin with that word themselves."""
    return f"trial {trial} {why}" if why.startswith(word) else _because(f"trial {trial} {word}", why)


def _lost(_history: History, event: Lost) -> str:
    return f"trial {event.trial}: {sentence({'kind': 'lost', 'why': event.why})}"


def _stop_asked(_history: History, event: StopAsked) -> str:
    if event.trial is None:
        return f"you stopped the search{', at once' if event.now else ', after the running trials'}"
    return f"you stopped trial {event.trial}{', at once' if event.now else ', at its next report'}"


def _extended(_history: History, event: Extended) -> str:
    trials, seconds = event.limits.trials, event.limits.timeout
    parts = [f"{trials:,} trials" if trials else "", f"{seconds:g} s" if seconds else ""]
    return _because("you set new limits", " and ".join(filter(None, parts)))


def _edited(_history: History, event: SpaceEdited) -> str:
    return "you changed the space" if event.by == "user" else "a trial met a parameter that was not known before"


def _closed(history: History, event: Closed) -> str:
    return _because(f"the search {event.state}", sentence(event.reason, _unit(history)))


_Say = Callable[[History, Any], str]

_SAY: Mapping[type, _Say] = MappingProxyType(
    {
        Opened: _opened,
        Enqueued: lambda _history, _event: "you added a trial",
        SpaceEdited: _edited,
        Extended: _extended,
        StopAsked: _stop_asked,
        Paused: lambda _history, _event: "you paused the search",
        Resumed: lambda _history, _event: "you resumed the search",
        Retried: lambda _history, event: f"you asked for trial {event.trial} to run again",
        WorkersChanged: lambda _history, event: f"you set {event.workers} worker{'' if event.workers == 1 else 's'}",
        Started: _started,
        Continued: _continued,
        Reported: _reported,
        Judged: _judged,
        Ended: _ended,
        Lost: _lost,
        Recovered: lambda _history, _event: "a new coordinator took over",
        Exhausted: lambda _history, _event: "the sampler has no configuration left",
        TimeUp: lambda _history, _event: "the search's time was over",
        Closed: _closed,
    }
)
