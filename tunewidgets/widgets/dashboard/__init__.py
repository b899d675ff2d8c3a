"""The live dashboard of a search."""

from tunewidgets.widgets.dashboard.dashboard import Dashboard
from tunewidgets.widgets.dashboard.show import show

__all__ = ["Dashboard", "show"]
