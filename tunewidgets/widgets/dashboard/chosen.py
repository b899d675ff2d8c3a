"""What a person has chosen of a dashboard, asked for whenever something is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

from tunewidgets.analysis.brush import Intervals
from tunewidgets.figures.answers import Asked
from tunewidgets.history import NOTHING
from tunewidgets.widgets.dashboard.reading import Moment


@dataclass(frozen=True, slots=True)
class Chosen:
    """A person's choices as they are now.

    Attributes
    ----------
    asked : callable
        Returns what was chosen of a card's options, by the card's name.
    moment : callable
        Returns after how many events the search is to be shown; None for as it is now.
    intervals : callable
        Returns what is brushed; pages are told which trials lie inside.
    under : callable
        Tells of a card's name whether it is under the tab that is open.
    """

    asked: Callable[[str], Asked] = lambda _name: NOTHING
    moment: Callable[[], Moment] = lambda: None
    intervals: Callable[[], Intervals] = lambda: NOTHING
    under: Callable[[str], bool] = lambda _name: True
