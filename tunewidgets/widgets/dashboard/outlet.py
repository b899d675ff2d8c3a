"""Where what a dashboard draws and says goes to."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tunewidgets.history import History
from tunewidgets.widgets.dashboard.header import Facts

Message = Mapping[str, Any]
"""What pages and Python say to each other, JSON-able; arrays travel beside it as buffers."""


class Outlet(Protocol):
    """Where a publisher's results go; called on the publisher's thread only."""

    def send(self, message: Message, buffers: Sequence[bytes]) -> None:
        """Send a message to all pages."""
        ...

    def keep(self, header: Facts) -> None:
        """Save the header with the notebook."""
        ...

    def milestone(self, history: History, header: Facts) -> None:
        """Draw the static output again."""
        ...

    def end(self) -> bool:
        """Close what was retired, as nobody looks any more; False where that cannot be done just now."""
        ...
