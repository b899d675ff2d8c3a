"""A search that only plays a part: a history made beforehand, shown event by event, and commands written down."""

import time
from collections.abc import Sequence
from threading import Event, Lock, Thread

from tunewidgets.history import Entry, History, Printed, Pulse, UserEvent


class ScriptedView:
    """Keeps the promises of `tunewidgets.history.SearchView`.

    Parameters
    ----------
    script : History
        What will have happened; nothing of it is shown before it is played.
    name : str
        The search's name.
    obey : bool
        Whether a command shows itself as an event.
    """

    def __init__(self, script: History, name: str = "demo", *, obey: bool = True) -> None:
        self.name, self.obey = name, obey
        self.commands: list[UserEvent] = []
        self.heard: list[float] = []
        self.health = "alive"
        self.words = ""
        self.refusal: Exception | None = None
        self.output = ""
        self._script = list(script)
        self._shown: list[Entry] = []
        self._lock = Lock()
        self._enough = Event()

    def version(self) -> int:
        return len(self._shown)

    def read(self, since: int = 0, most: int | None = None) -> Sequence[Entry]:
        with self._lock:
            return self._shown[since:][:most]

    def send(self, command: UserEvent) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.commands.append(command)
        self.heard.append(time.time())
        if self.obey:
            self._show([command])

    def pulse(self) -> Pulse:
        return Pulse(self.health, self.words)

    def printed(self, _trial: int, most: int) -> Printed:
        return Printed(self.output[-most:], len(self.output))

    # --- the script --------------------------------------------------------------------------------------------------

    def play(self, events: int | None = None) -> None:
        """Let so many further events happen, or all."""
        events = len(self._script) if events is None else events
        part, self._script = self._script[:events], self._script[events:]
        self._show(part)

    def play_slowly(self, events: int, every: float) -> None:
        """Let so many further events happen every so many seconds, on a thread, until the end or `enough`."""

        def play() -> None:
            while self._script and not self._enough.wait(every):
                self.play(events)

        Thread(target=play, daemon=True).start()

    def enough(self) -> None:
        """End playing slowly."""
        self._enough.set()

    @property
    def left(self) -> int:
        """How many events have not happened yet."""
        return len(self._script)

    def _show(self, events: Sequence[object]) -> None:
        with self._lock:
            for event in events:
                self._shown.append(Entry(len(self._shown), time.time(), event))
