"""The live dashboard of a search, as a widget."""

import contextvars
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any, Protocol

import anywidget
import traitlets

from tunewidgets.analysis.brush import check_intervals
from tunewidgets.figures import plotlyjs
from tunewidgets.figures.cards import Card, Drawn, draw, find_cards
from tunewidgets.figures.static import to_html, to_text
from tunewidgets.figures.svg import to_svg
from tunewidgets.history import History, Plan, SearchView
from tunewidgets.widgets.dashboard.brush import BRUSH
from tunewidgets.widgets.dashboard.chosen import Chosen
from tunewidgets.widgets.dashboard.header import Facts
from tunewidgets.widgets.dashboard.heavy import Heavy
from tunewidgets.widgets.dashboard.helper import Reopen, shared_helper
from tunewidgets.widgets.dashboard.publisher import Publisher
from tunewidgets.widgets.dashboard.route import answer_anywhere
from tunewidgets.widgets.dashboard.talk import PLAYED
from tunewidgets.widgets.esm import carried, inline

_HERE = Path(__file__).parent

Cards = Sequence[str | Card] | Mapping[str, Sequence[str | Card]]
"""Cards in an order, or under tabs."""


class Below(Protocol):
    """The static output below a dashboard: what `IPython.display.DisplayHandle` can do."""

    def update(self, obj: Any, **kwargs: Any) -> None:
        """Show something else."""
        ...


class Dashboard(anywidget.AnyWidget):
    """Shows a search while it runs, and takes the clicks of its buttons.

    Parameters
    ----------
    view : SearchView
        The search.
    plan : Plan or None
        What its schedule will do, where it knows.
    cards : sequence of (str or Card), or mapping of str to such
        Which cards, in which order: names of `tunewidgets.figures.cards.CARDS`, and cards of the user's own. In a
        mapping they stand under tabs of these names; a table stands below all of them.
    height : int
        Of a figure, in pixels.
    reopen : callable, optional
        Opens the view once more in another process, in which heavy cards are drawn then.
    bare : bool
        Whether the cards stand alone, without header, replay and the selected trial.

    Attributes
    ----------
    selected : list of int
        The numbers of the selected trials; selecting one in any card selects it in all.
    options : dict of str to dict of str to str
        What was chosen of the cards' options: ``{"curves": {"metric": "loss"}}``. They are the same on all pages.
    tab : str
        The name of the tab that is open.
    replay : int or None
        After how many events of its history the search is shown: everything as it was then. None: as it is now.
    axes : list of str
        In which order the axes of the parallel coordinates stand, by the names of parameters and goals; those that are
        missing stand behind the ones before them. Empty: as in the space, the goals last.
    speed : str
        At which a replay plays: "slow", "normal" or "fast".
    brushed : dict of str to list
        What is brushed: ``{"units": [32, 128], "val_accuracy": [0.9, None], "optimizer": ["adam"]}``. By the name of a
        parameter or goal an interval, both ends included, of which either may be None, or a list of categories. Trials
        outside are faded in all cards and left out of the table; {} shows all. `tunewidgets.analysis.inside` tells
        which trials lie inside.

    Raises
    ------
    StrategyError
        If there is no card of a name.
    TraitError
        If `speed` is set to another word.
    TuneError
        If `brushed` is set to something else; the message says what it can be.

    Examples
    --------
    >>> Dashboard(view, cards=("trials", "table")).selected
    []
    """

    _esm = carried(
        inline(_HERE / "dashboard.js"),
        "".join((_HERE / name).read_text(encoding="utf-8") for name in ("dashboard.css", "steering.css")),
    )

    search = traitlets.Unicode().tag(sync=True)
    panels = traitlets.List(traitlets.Dict()).tag(sync=True)
    height = traitlets.Int(320, min=120).tag(sync=True)
    plotly = traitlets.Unicode().tag(sync=True)
    selected = traitlets.List(traitlets.Int()).tag(sync=True)
    options = traitlets.Dict(traitlets.Dict(traitlets.Unicode())).tag(sync=True)
    tab = traitlets.Unicode().tag(sync=True)
    bare = traitlets.Bool().tag(sync=True)
    replay = traitlets.Int(None, allow_none=True, min=0).tag(sync=True)
    axes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    speed = traitlets.Enum(tuple(PLAYED), "normal").tag(sync=True)
    brushed = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    still = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        view: SearchView,
        plan: Plan | None = None,
        cards: Cards = ("trials", "curves", "brackets", "table"),
        height: int = 320,
        reopen: Reopen | None = None,
        *,
        bare: bool = False,
    ) -> None:
        tabs = cards if isinstance(cards, Mapping) else {"": cards}
        found = find_cards(card for tab in tabs.values() for card in tab)
        self._guard = RLock()  # before the comm exists: messages are handled under it
        self._plan = plan
        self._fallback = ""
        super().__init__(
            search=view.name,
            panels=[_panel(card, tab) for tab, named in tabs.items() for card in find_cards(named)],
            tab=next(iter(tabs), ""),
            bare=bare,
            height=height,
            plotly=plotlyjs.version(),
            still=mark(view.name),
        )
        answer_anywhere(self.comm)
        self._outlet = _Outlet(self, plan)
        chosen = Chosen(
            lambda name: self.options.get(name, {}), lambda: self.replay, lambda: self.brushed, self._is_under
        )
        self._publisher = Publisher(view, self._outlet, found, plan, chosen, heavy=_fetching(reopen, plan))
        self.observe(lambda _change: self._publisher.post({"kind": "chosen"}), ["options", "replay"])
        self.observe(lambda _change: self._publisher.post({"kind": "chosen", "card": BRUSH}), "brushed")
        self.on_msg(lambda _widget, message, _buffers: self._publisher.post(message))

    @traitlets.validate("brushed")
    def _check_brushed(self, proposal: Any) -> dict[str, list[Any]]:
        return check_intervals(proposal["value"])

    def _is_under(self, name: str) -> bool:
        """Tell whether a card is under the tab that is open; a table is under all."""
        return name == "table" or any(panel["name"] == name and panel["tab"] == self.tab for panel in self.panels)

    def close(self) -> None:
        """Take the dashboard off every page and end its thread; the search goes on."""
        if publisher := getattr(self, "_publisher", None):  # None where making it failed: __del__ comes here too
            publisher.close()
        super().close()

    def wake(self) -> None:
        """Look at the search again: whoever resumes a search at rest says so to its dashboards."""
        self._publisher.post({"kind": "wake"})

    def below(self, handle: Below) -> None:
        """Keep a static output up to date, from now on, as the output of the cell that runs now.

        Parameters
        ----------
        handle : DisplayHandle
            What ``display(..., display_id=True)`` returned in this cell.
        """
        # A thread's messages belong to whatever cell runs at that moment; in a copy of this context, to this one.
        self._outlet.below = (handle, contextvars.copy_context())
        self._publisher.post({"kind": "below"})

    def retire(self) -> None:
        """Give up the static output below, as another dashboard has its place, and close once no page shows this one.

        A page may still show it in another cell: there it goes on as ever. `below` takes this back.
        """
        self._outlet.below = None
        self._publisher.post({"kind": "retire"})

    def lean(self, html: str) -> None:
        """Show `html` instead of the search's state where the widget itself cannot be shown.

        Reading a long history takes a second; a dashboard with a static output below need not wait for it.
        """
        self._fallback = html

    def static(self) -> str:
        """Return the search as it stands, as HTML without script."""
        return self._publisher.look(lambda history: still_html(self.search, history, self._plan))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        made = super()._repr_mimebundle_(**kwargs)
        if made is None:
            return None
        data, metadata = made if isinstance(made, tuple) else (made, {})
        fallback = {"text/html": self._fallback, "text/plain": f"search {self.search}"}
        if not self._fallback:
            fallback = {"text/html": self.static(), "text/plain": self._publisher.look(to_text)}
        self._publisher.post({"kind": "display"})
        return {**data, **fallback}, metadata

    def _handle_msg(self, msg: Mapping[str, Any]) -> None:
        # ipywidgets cannot bear traits that are set in two threads at once: the publisher's turn is `remember`.
        # Custom messages are only posted on, and must not wait for anybody's observer.
        if msg["content"]["data"].get("method") != "update":
            super()._handle_msg(msg)
            return
        with self._guard:
            super()._handle_msg(msg)

    def remember(self, **news: Any) -> None:
        """Put news into the state that is saved with the notebook, unless somebody else is setting a trait."""
        # Without waiting: an observer of the user may hold the guard for long, and there will be a next time.
        if self._guard.acquire(blocking=False):
            try:
                self.state = {**self.state, **news}
            finally:
                self._guard.release()

    def leave(self) -> bool:
        """Close, unless somebody is setting a trait: then return False, for the publisher to come again."""
        if not self._guard.acquire(blocking=False):
            return False
        try:
            self.close()
        finally:
            self._guard.release()
        return True


def _fetching(reopen: Reopen | None, plan: Plan | None) -> Callable[[Callable[[str], None]], Heavy] | None:
    if reopen is None:
        return None
    return lambda arrived: Heavy(shared_helper(), reopen, plan, arrived, time.monotonic)


class _Outlet:
    """Where the publisher's results go: the pages, the saved state, the static output below."""

    def __init__(self, widget: Dashboard, plan: Plan | None) -> None:
        self._widget, self._plan = widget, plan
        self.below: tuple[Below, contextvars.Context] | None = None

    def send(self, message: Mapping[str, Any], buffers: Sequence[bytes]) -> None:
        self._widget.send(message, buffers)

    def keep(self, header: Facts) -> None:
        self._widget.remember(header=header)

    def milestone(self, history: History, header: Facts) -> None:
        # Where there is a static output, it shows the picture: the page need not be sent it twice.
        self._widget.remember(header=header, picture="" if self.below else _picture(history, self._plan))
        if self.below is not None:
            handle, context = self.below
            context.run(handle.update, {"text/html": still_html(self._widget.search, history, self._plan)}, raw=True)

    def end(self) -> bool:
        return self._widget.leave()


def still_html(name: str, history: History, plan: Plan | None) -> str:
    """Return a search as HTML without script, in a frame that its live dashboard hides while it is on the page.

    Parameters
    ----------
    name : str
        The search's name.
    history : History
        What has happened.
    plan : Plan or None
        What the schedule will do.

    Returns
    -------
    str
        HTML; whatever the user wrote is escaped.
    """
    return f'<div class="tw-still {mark(name)}">{to_html(history, plan=plan, name=name)}</div>'


def mark(name: str) -> str:
    """Return the class by which a dashboard finds the static outputs of its search on the page."""
    return f"tw-still-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _panel(card: Card, tab: str) -> dict[str, Any]:
    words = {"name": card.name, "title": card.title, "sentence": card.sentence, "help": card.help}
    return {**words, "wide": card.wide, "tab": tab}


def _picture(history: History, plan: Plan | None) -> str:
    answer = draw("trials", history, plan=plan)
    return to_svg(answer.figure, 640, 280) if isinstance(answer, Drawn) else ""
