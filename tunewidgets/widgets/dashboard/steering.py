"""Pages' commands on their way to a search, and what comes of them: somebody waits for that, so it is told first."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewidgets.history import Closed, Ended, Event, History, Retried, SearchView, StopAsked, UserEvent
from tunewidgets.widgets.dashboard.commands import PLAIN, Awaited, events_of
from tunewidgets.widgets.dashboard.outlet import Message
from tunewidgets.widgets.dashboard.shipping import Send

LINGER = 10.0
"""Seconds after a command in which what comes of it is looked for: a search at rest, too, may begin again."""


class Steering:
    """Hands commands over, answers them, and finds in the history what has come of them.

    Parameters
    ----------
    view : SearchView
        The search.
    send : callable
        Sends a message with its buffers to all pages.
    """

    def __init__(self, view: SearchView, send: Send) -> None:
        self._view, self._send = view, send
        self._awaited = Awaited()
        self._until = float("-inf")
        self._looked = 0
        self._trials: dict[int, tuple[Any, ...]] = {}  # those that a command was about, as they stood

    def take(self, page: str, message: Message, history: History, now: float) -> None:
        """Hand a page's command over, and tell the page that it is taken, or why it is refused."""
        reply = {"kind": "taken", "id": message["id"], "page": page}
        try:
            events = events_of(message, history, self._view.name)
            for event in events:
                self._view.send(event)
            self._await(page, message, events[0], history, now)
        except Exception as error:  # noqa: BLE001 - whatever keeps a command from being sent is told where it was given
            reply |= {"kind": "refused", "text": str(error) or type(error).__name__}
        self._send(reply, [])

    def _await(self, page: str, message: Mapping[str, Any], event: UserEvent, history: History, now: float) -> None:
        if not self.awaits(now):
            self._looked, self._trials = len(history), {}
        self._until = now + LINGER
        if message["do"] not in PLAIN:
            self._awaited.add(page, int(message["id"]), event, len(history))
        if isinstance(event, StopAsked | Retried) and event.trial is not None:
            self._trials[event.trial] = _standing(history, event.trial)

    def awaits(self, now: float) -> bool:
        """Whether something may still come of a command."""
        return now < self._until

    def look(self, history: History, now: float) -> bool:
        """Tell pages which of their commands events have shown; return whether new events answer any command."""
        for page, number in self._awaited.shown(history):
            self._send({"kind": "shown", "id": number, "page": page, "entries": len(history)}, [])
        if not self.awaits(now):
            return False
        new, self._looked = history.since(self._looked), len(history)
        return any(_answers(entry.event) for entry in new)

    def changed(self, history: History, now: float) -> Sequence[int]:
        """Return the trials that commands were about and that stand otherwise than at the last look."""
        if not self.awaits(now):
            return ()
        before = self._trials
        self._trials = {trial: _standing(history, trial) for trial in before}
        return [trial for trial in before if self._trials[trial] != before[trial]]


def _answers(event: Event) -> bool:
    """Whether an event is what a user asked for, or how it ends."""
    return isinstance(event, UserEvent | Closed) or (isinstance(event, Ended) and event.state == "stopped")


def _standing(history: History, number: int) -> tuple[Any, ...]:
    trial = history.trials.get(number)
    if trial is None:  # all is being read anew
        return ()
    return trial.state, trial.attempt, history.to_stop.get(number), number in history.to_retry
