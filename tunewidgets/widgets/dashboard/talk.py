"""What a page asks about a search and is told at once: the answers change nothing, for nobody."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tunewidgets.analysis.moments import notable_count, step
from tunewidgets.figures.details import details
from tunewidgets.history import SearchView
from tunewidgets.widgets.dashboard.commands import answer
from tunewidgets.widgets.dashboard.opened import opened
from tunewidgets.widgets.dashboard.outlet import Message
from tunewidgets.widgets.dashboard.reading import Reading
from tunewidgets.widgets.dashboard.wire import pack

PLAYED: Mapping[str, int] = MappingProxyType({"slow": 300, "normal": 150, "fast": 75})
"""Steps in which a replay plays, by its speed."""

Told = tuple[dict[str, Any], list[Any]]
"""A message and its buffers."""


def _question(page: str, message: Message, reading: Reading, view: SearchView) -> Told:
    reply = {"kind": "answer", "id": message["id"], "page": page}
    if message["about"] in ("curves", "printed"):
        return reply | opened(message, reading.shown, view), []
    return reply | answer(message, reading.history), []


def _details(_page: str, message: Message, reading: Reading, _view: SearchView) -> Told:
    number, shown = int(message["trial"]), reading.shown
    found = details(shown, number) if number in shown.trials else None
    return pack({"kind": "details", "trial": number, "entries": len(shown), "details": found})


def _step(page: str, message: Message, reading: Reading, _view: SearchView) -> Told:
    """Tell a page where a step leads; steps of 0 are those of a replay that plays, at the speed that it names."""
    steps = PLAYED.get(str(message.get("speed")), PLAYED["normal"])
    by = int(message["by"]) or max(1, notable_count(reading.history) // steps)
    moment = step(reading.history, int(message["from"]), by)
    return {"kind": "moment", "to": page, "at": moment, "id": message["id"]}, []


ASKED: Mapping[Any, Callable[[str, Message, Reading, SearchView], Told]] = MappingProxyType(
    {"details": _details, "question": _question, "step": _step}
)
"""What makes the answer, by the kind of the message; of a page, its message, what is shown, and the search."""
