"""The live dashboard of a search."""

from tunewidgets.widgets.dashboard.dashboard import Cards, Dashboard
from tunewidgets.widgets.dashboard.show import show
from tunewidgets.widgets.dashboard.tabs import usual_tabs

__all__ = ["Cards", "Dashboard", "show", "usual_tabs"]
