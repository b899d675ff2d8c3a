"""What a page may say to a search, and what its forms want to know: messages to events, checked as `Search` does."""

from collections.abc import Callable, Mapping
from typing import Any

from tunewidgets import commands
from tunewidgets.errors import SpaceError
from tunewidgets.history import Enqueued, History, Paused, Resumed, SpaceEdited, StopAsked, UserEvent
from tunewidgets.samplers import Sampler, sampler_from_json
from tunewidgets.space import Space
from tunewidgets.space.editing import edit_source, edited_space

Message = Mapping[str, Any]
_MINUTE = 60.0

PLAIN: Mapping[str, Callable[[], UserEvent]] = {
    "pause": Paused,
    "resume": Resumed,
    "stop": lambda: StopAsked(None, now=False),
    "stop now": lambda: StopAsked(None, now=True),
}
"""Commands to the whole search; the header's status shows when they have been taken."""


def events_of(message: Message, history: History, name: str) -> tuple[UserEvent, ...]:
    """Return what a page's command says to the search.

    Parameters
    ----------
    message : mapping
        ``do`` and what belongs to it: "pause", "resume", "stop", "stop now"; "skip", "kill" and "retry" with ``trial``;
        "add" with ``config``; "extend" with ``trials``, ``minutes`` or both; "workers" with ``workers``; "edit" with
        ``edits``, as for `tunewidgets.space.editing.edited_space`.
    history : History
        What is known of the search.
    name : str
        The search's name.

    Returns
    -------
    tuple of UserEvent
        Usually one. A search that has finished is resumed too for what it would not take up by itself.

    Raises
    ------
    TuneError
        If it makes no sense now; the message says why.
    """
    if message["do"] in PLAIN:
        return (PLAIN[message["do"]](),)
    event = _SAY[message["do"]](message, history, name)
    waits = isinstance(event, Enqueued | SpaceEdited) and history.closed is not None
    return (event, Resumed()) if waits and history.status == "finished" else (event,)


def answer(message: Message, history: History) -> dict[str, Any]:
    """Return what a form wants to know, or under ``error`` why it cannot be told.

    Parameters
    ----------
    message : mapping
        ``about`` "space": the parameters as JSON and the limits, ``minutes`` being the time limit. ``about`` "edit"
        with ``edits``: the line of ``code`` that does the same, the names of the parameters that are then ``gone``, and
        whether nothing is different (``same``).
    history : History
        What is known of the search.
    """
    try:
        return _edit(message, history) if message["about"] == "edit" else _space(history)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with what was typed is said where it was typed
        return {"error": str(error) or type(error).__name__}


def _space(history: History) -> dict[str, Any]:
    limits = history.limits
    return {
        "parameters": _known_space(history).to_json()["parameters"],
        "trials": limits.trials,
        "minutes": None if limits.timeout is None else limits.timeout / _MINUTE,
    }


def _edit(message: Message, history: History) -> dict[str, Any]:
    before = _known_space(history)
    after = edited_space(before, message["edits"])
    commands.change_space(_sampler(history), after)
    gone = [name for name in before if name not in after]
    return {"code": f"search.edit_space({edit_source(before, after)})", "gone": gone, "same": after == before}


def _known_space(history: History) -> Space:
    if history.opened is None:
        raise SpaceError("the search is still starting and its space not known yet: try again when it runs")
    return history.space


def _sampler(history: History) -> Sampler | None:
    settings = history.opened.strategy.get("sampler") if history.opened else None
    return sampler_from_json(settings) if settings else None


def _limits(message: Message, history: History, _name: str) -> UserEvent:
    minutes = message.get("minutes")
    seconds = None if minutes is None else minutes * _MINUTE
    return commands.extend_limits(history.limits, message.get("trials"), seconds, history)


def _new_space(message: Message, history: History, _name: str) -> UserEvent:
    return commands.change_space(_sampler(history), edited_space(_known_space(history), message["edits"]))


_SAY: Mapping[str, Callable[[Message, History, str], UserEvent]] = {
    "skip": lambda said, history, name: commands.stop_trial(history, name, said["trial"]),
    "kill": lambda said, history, name: commands.stop_trial(history, name, said["trial"], now=True),
    "retry": lambda said, history, name: commands.retry_trial(history, name, said["trial"]),
    "add": lambda said, history, _name: commands.enqueue_config(_known_space(history), said["config"]),
    "extend": _limits,
    "workers": lambda said, _history, _name: commands.change_workers(said["workers"]),
    "edit": _new_space,
}


class Awaited:
    """Commands that were handed over and that no event has shown yet.

    Examples
    --------
    >>> awaited = Awaited()
    >>> awaited.add("a page", 7, Paused(), since=0)
    >>> awaited.shown(History())
    []
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[str, int, UserEvent]] = []
        self._looked = 0

    def add(self, page: str, number: int, event: UserEvent, since: int) -> None:
        """Note that a page's command of that number waits for this event, from entry number `since` on."""
        if not self._waiting:
            self._looked = since
        self._waiting.append((page, number, event))

    def shown(self, history: History) -> list[tuple[str, int]]:
        """Return the page and the number of each command that events have shown since the last call."""
        found = []
        for entry in history.since(self._looked) if self._waiting else ():
            match = next((each for each in self._waiting if each[2] == entry.event), None)
            if match is not None:
                self._waiting.remove(match)
                found.append(match[:2])
        self._looked = len(history)
        return found
