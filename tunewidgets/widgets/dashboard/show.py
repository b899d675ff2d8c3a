"""Put a dashboard into the cell that runs, and below it a picture for pages without a kernel."""

import sys
from html import escape
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from tunewidgets.widgets.dashboard.dashboard import Dashboard


class Place(NamedTuple):
    """A cell, by the id that the front end gives it, and one run of it."""

    cell: str
    run: str


class Shown:
    """Remembers in which run of which cell each dashboard was shown last.

    A cell that runs again replaces its outputs: what an earlier run of it has shown is not on the page any more, and
    nothing says so to Python. Dashboards are held weakly: a forgotten one is not kept alive for this.
    """

    def __init__(self) -> None:
        self._places: WeakKeyDictionary[Dashboard, Place] = WeakKeyDictionary()

    def take_over(self, dashboard: Dashboard, place: Place) -> None:
        """Note where a dashboard is shown, and retire those that earlier runs of the cell have shown there."""
        for other, before in list(self._places.items()):
            if before.cell == place.cell and before.run != place.run and other is not dashboard:
                del self._places[other]
                other.retire()
        self._places[dashboard] = place


# A cell is the kernel's: whoever shows a dashboard in it, from whichever search, replaces what stood there before. So
# this is the one thing that all dashboards of a process share.
_SHOWN = Shown()


def show(dashboard: Dashboard) -> None:
    """Display a dashboard, and under it a static output that outlives the kernel.

    The static output is HTML without script. It is drawn again at the first result, at better ones and at the end, and
    a page on which the dashboard is alive hides it. Where an earlier run of the same cell has shown a dashboard, that
    one is retired. Outside a notebook nothing is shown.

    Parameters
    ----------
    dashboard : Dashboard
        What to show.

    Examples
    --------
    >>> show(Dashboard(search_view))
    """
    from IPython import get_ipython  # noqa: PLC0415 - only notebooks have it
    from IPython.display import display  # noqa: PLC0415 - see above

    shell = get_ipython()
    if shell is None:
        return
    _allow_on_colab()
    place = place_of(shell)
    if place is not None:
        _SHOWN.take_over(dashboard, place)
    dashboard.lean(words_instead(dashboard.search))
    display(dashboard)  # type: ignore[no-untyped-call]  # IPython ships no types for it
    below: Any = display({"text/html": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]  # see above
    if below is not None:
        dashboard.below(below)


def place_of(shell: Any) -> Place | None:
    """Return the run of the cell that a shell works on; None where its front end does not tell cells apart."""
    kernel = getattr(shell, "kernel", None)
    request: Any = getattr(kernel, "get_parent", lambda _channel: None)("shell") or {}
    cell = request.get("metadata", {}).get("cellId")
    return Place(str(cell), str(request["header"]["msg_id"])) if cell else None


def _allow_on_colab() -> None:
    """Let Colab's page load widgets that are not its own; elsewhere there is nothing to do."""
    if "google.colab" in sys.modules:
        sys.modules["google.colab"].output.enable_custom_widget_manager()


def words_instead(name: str) -> str:
    """Return what stands in the dashboard's own place where it cannot be shown; the static output is below it."""
    return f"<div>The dashboard of the search {escape(name)} needs a running kernel; its last state is below.</div>"
