"""What a viewer may know of a search: read its events, send it a command. Widgets depend on nothing more."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from tunewidgets.history.events import Entry, UserEvent

Health = Literal["starting", "alive", "gone"]
"""The coordinator's: not up yet, working (or at rest after its work), or gone although the search has not ended."""


class Pulse(NamedTuple):
    """How the search's coordinator is, and a sentence for the user where something is wrong (else empty)."""

    health: Health
    message: str = ""


class Printed(NamedTuple):
    """The end of what a trial has printed, all its legs after one another, and how many bytes all of it has."""

    text: str = ""
    size: int = 0


class SearchView(Protocol):
    """The small protocol through which a dashboard sees a search.

    An implementation must be safe to call from any thread, must never block for long, and must not print.
    """

    @property
    def name(self) -> str:
        """The search's name."""
        ...

    def version(self) -> int:
        """Return a number that changes whenever there may be new entries; cheap enough to ask ten times a second."""
        ...

    def read(self, since: int = 0, most: int | None = None) -> Sequence[Entry]:
        """Return the committed entries from number `since` on, the first `most` of them where that is given."""
        ...

    def send(self, command: UserEvent) -> None:
        """Hand a command to the search; it shows itself as an event once it is taken."""
        ...

    def pulse(self) -> Pulse:
        """Tell how the coordinator is."""
        ...

    def printed(self, trial: int, most: int) -> Printed:
        """Return the last `most` bytes of what a trial has printed so far; of the rest only its size is looked at."""
        ...
