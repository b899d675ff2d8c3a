"""Who shows a search of many trials in a notebook: our dashboard, one of its cards, and the FigureWidgets of Plotly."""

from dataclasses import dataclass

_OURS = """
{name} = tw.attach({search!r}, show=False).{made}
show({name})
"""
_THEIRS = """
{name}_search = tw.attach({search!r}, show=False)
numbers, values = points({name}_search)
{name} = go.FigureWidget(go.{trace}(x=numbers, y=values, mode="markers"))
{name}
"""
# As often as a dashboard looks, and like it on a thread, so that the notebook stays free.
_FOLLOW = """
def follow():
    seen = len(first_search.history)
    while not enough.wait(0.1):
        if len(first_search.history) == seen:
            continue
        seen = len(first_search.history)
        numbers, values = points(first_search)
        with first.batch_update():
            first.data[0].x, first.data[0].y = numbers, values
        sent.append(time.time())

Thread(target=follow, daemon=True).start()
"""
_POINTS = """
import time
from threading import Event, Thread

import numpy as np
import plotly.graph_objects as go
import tunewidgets as tw

def points(search):
    trials = list(search.history.trials.values())
    values = [np.nan if trial.value is None else trial.value for trial in trials]
    return np.arange(len(trials)), np.array(values)

enough, sent = Event(), []
"""


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to show a search.

    Attributes
    ----------
    name : str
        What it is called on the page.
    prepare : str
        The code of the notebook's first cell: imports.
    follow : str
        What is run for it to follow the search.
    sent : str
        An expression: how many updates the kernel has sent.
    """

    name: str
    prepare: str
    follow: str
    sent: str
    _opening: str
    _parts: tuple[tuple[str, str], ...]

    def opening(self, search: str, name: str) -> str:
        """Return the code of a cell that shows a search of that name, and keeps what shows it under `name`."""
        return self._opening.format(search=search, name=name, **dict(self._parts))


def _ours(name: str, made: str) -> Contender:
    prepare = "import tunewidgets as tw\nfrom tunewidgets.widgets.dashboard import show"
    return Contender(name, prepare, "", "first._publisher._seq", _OURS, (("made", made),))


def _theirs(trace: str) -> Contender:
    return Contender(f"FigureWidget, {trace}", _POINTS, _FOLLOW, "len(sent)", _THEIRS, (("trace", trace),))


OVERVIEW = _ours("dashboard", "dashboard()")
CONTENDERS = (OVERVIEW, _ours("its card Trials alone", "card('trials')"), _theirs("Scattergl"), _theirs("Scatter"))
