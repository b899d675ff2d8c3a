"""Put a dashboard into the cell that runs, and below it a picture for pages without a kernel."""

import sys
from html import escape
from typing import Any

from tunewidgets.widgets.dashboard.dashboard import Dashboard


def show(dashboard: Dashboard) -> None:
    """Display a dashboard, and under it a static output that outlives the kernel.

    The static output is HTML without script. It is drawn again at the first result, at better ones and at the end, and
    a page on which the dashboard is alive hides it. Outside a notebook nothing is shown.

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

    if get_ipython() is None:
        return
    _allow_on_colab()
    dashboard.lean(words_instead(dashboard.search))
    display(dashboard)  # type: ignore[no-untyped-call]  # IPython ships no types for it
    below: Any = display({"text/html": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]  # see above
    if below is not None:
        dashboard.below(below)


def _allow_on_colab() -> None:
    """Let Colab's page load widgets that are not its own; elsewhere there is nothing to do."""
    if "google.colab" in sys.modules:
        sys.modules["google.colab"].output.enable_custom_widget_manager()


def words_instead(name: str) -> str:
    """Return what stands in the dashboard's own place where it cannot be shown; the static output is below it."""
    return f"<div>The dashboard of the search {escape(name)} needs a running kernel; its last state is below.</div>"
