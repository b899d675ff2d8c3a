"""How a user looks at a search: figures, dashboards, a report."""

import sys
from abc import abstractmethod
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tunewidgets.errors import TuneError
from tunewidgets.handle import Handle
from tunewidgets.history import Plan
from tunewidgets.runner.spec import Spec
from tunewidgets.space import Space
from tunewidgets.store.folder import SearchFolder
from tunewidgets.store.view import FolderView

if TYPE_CHECKING:
    from collections.abc import Callable

    import plotly.graph_objects as go

    from tunewidgets.figures.card import Card
    from tunewidgets.widgets.dashboard import Cards, Dashboard


class Showing(Handle):
    """The half of `tunewidgets.Search` that shows it."""

    _folder: SearchFolder
    _view: FolderView
    _shown_in: int = -1

    @property
    @abstractmethod
    def plan(self) -> Plan | None:
        """What its schedule will do, where it knows."""

    def figure(self, card: "str | Card", **options: str) -> "go.Figure":
        """Return a card of the dashboard as a figure of its own.

        Parameters
        ----------
        card : str or Card
            "trials", "curves", "brackets", "surrogate", "parallel", "effects", "importance", "pareto", "population" or
            "timeline"; or a card of your own, see `tunewidgets.card`.
        **options : str
            What to choose of the card's options, as on the dashboard: ``figure("curves", metric="loss")``.

        Raises
        ------
        TuneError
            If there is no such card, it has nothing to show yet, or no such option or choice; the message says why.
        """
        import plotly.graph_objects as go  # noqa: PLC0415 - heavy

        from tunewidgets.figures.cards import Drawn, check_options, draw  # noqa: PLC0415 - see above
        from tunewidgets.figures.theme import captioned, themed  # noqa: PLC0415 - see above

        answer = draw(card, self.history, plan=self.plan, asked=options)
        if not isinstance(answer, Drawn):
            raise TuneError(getattr(answer, "why", None) or getattr(answer, "message", f"{card!r} is no figure"))
        check_options(getattr(card, "name", str(card)), answer.options, options)
        return go.Figure(themed(captioned(answer.figure, answer.note), "light"))

    def dashboard(self, cards: "Cards | None" = None, height: int = 320) -> "Dashboard":
        """Return a live dashboard, an ipywidget.

        Parameters
        ----------
        cards : sequence of (str or Card), or mapping of str to such
            Names of cards and cards of your own (`tunewidgets.card`), in their order; in a mapping they stand under
            tabs of these names. Unless given, all cards that will have something to show.
        height : int
            Of a figure, in pixels.

        Raises
        ------
        StrategyError
            If there is no card of a name.
        """
        from tunewidgets.widgets.dashboard import Dashboard, usual_tabs  # noqa: PLC0415 - heavy

        spec = self._spec
        usual = usual_tabs(spec.sampler["name"], spec.schedule["name"], len(spec.goals))
        return Dashboard(self._view, self.plan, usual if cards is None else cards, height, self._reopen)

    def card(self, card: "str | Card", height: int = 320) -> "Dashboard":
        """Return one card by itself, an ipywidget that can be put beside others.

        Parameters
        ----------
        card : str or Card
            As for `figure`, or "table".
        height : int
            Of the figure, in pixels.

        Raises
        ------
        StrategyError
            If there is no card of that name.
        """
        from tunewidgets.widgets.dashboard import Dashboard  # noqa: PLC0415 - heavy

        return Dashboard(self._view, self.plan, [card], height, self._reopen, bare=True)

    @property
    def _reopen(self) -> "Callable[[], FolderView]":
        """What opens the search in another process, to look at it."""
        return partial(FolderView, self._folder)

    def show(self) -> Self:
        """Show the dashboard in the cell that runs, with a static picture below it; outside a notebook, nothing."""
        from tunewidgets.notebook import cell_number, in_notebook  # noqa: PLC0415 - asked only where something is shown

        if in_notebook():
            self._shown_in = cell_number()
            from tunewidgets.widgets.dashboard import show  # noqa: PLC0415 - heavy

            show(self.dashboard())
        return self

    def _ipython_display_(self) -> None:
        """Show the dashboard where a cell ends with the search, unless that very cell shows it already."""
        from tunewidgets.notebook import cell_number, in_notebook  # noqa: PLC0415 - only IPython calls this

        if not in_notebook():
            print(self)  # noqa: T201 - a terminal's way of displaying
        elif self._shown_in != cell_number():
            self.show()

    def report(self, file: str | Path) -> Path:
        """Write the search as one HTML file: all cards, the best configuration, every trial, and how to do it again.

        Nothing is loaded from anywhere, so it opens without a network. With scripts off it has pictures and tables;
        with scripts on figures that can be zoomed, and words on what is pointed at.

        Parameters
        ----------
        file : str or Path
            Where to; a file that is there is replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        TuneError
            If no trial has started yet.
        OSError
            If it cannot be written.
        """
        from tunewidgets.figures.cards import find_cards  # noqa: PLC0415 - heavy
        from tunewidgets.figures.report import to_report  # noqa: PLC0415 - see above
        from tunewidgets.widgets.dashboard.tabs import usual_tabs  # noqa: PLC0415 - see above

        history, spec = self.history, self._spec
        if not history.trials:
            raise TuneError(f"no trial of {self.name!r} has started yet: there is nothing to report")
        tabs = usual_tabs(spec.sampler["name"], spec.schedule["name"], len(spec.goals))
        cards = find_cards(name for tab in tabs.values() for name in tab)
        page = to_report(
            history, cards, plan=self.plan, name=self.name, source=_source(spec, self.space), facts=_facts(spec)
        )
        path = Path(file)
        path.write_text(page, encoding="utf-8")
        return path


def _source(spec: Spec, space: Space) -> str:
    """Return the Python that starts such a search."""
    sampler, schedule = spec.strategy()
    metrics = [metric for metric, _ in spec.goals]
    directions = [direction for _, direction in spec.goals]
    several = len(metrics) > 1
    arguments = {
        "sampler": _made(sampler),
        "schedule": _made(schedule),
        "objective": repr(metrics if several else metrics[0]),
        "direction": repr(directions if several else directions[0]),
        "trials": repr(spec.limits.get("trials")),
        "workers": repr(spec.workers),
        "seed": repr(spec.seed),
    }
    if spec.constraints:
        arguments["constraints"] = repr(dict(spec.constraints))
    lines = "".join(f"    {name}={value},\n" for name, value in arguments.items())
    call = f"search = tw.tune(\n    objective,\n    space,\n{lines})"
    return f"import tunewidgets as tw\n\nspace = {space.to_source()}\n{call}"


def _made(settings: Any) -> str:
    """Return the Python that makes a sampler or a schedule, without the settings that are as ever."""
    if not is_dataclass(settings):
        return f"tw.{settings!r}"
    given = (
        f"{each.name}={getattr(settings, each.name)!r}"
        for each in fields(settings)
        if getattr(settings, each.name) != each.default
    )
    return f"tw.{type(settings).__name__}({', '.join(given)})"


def _facts(spec: Spec) -> list[tuple[str, str]]:
    from importlib.metadata import version  # noqa: PLC0415 - only reports need it

    python = ".".join(map(str, sys.version_info[:3]))
    return [("Versions", f"tunewidgets {version('tunewidgets')}, Python {python}"), ("Executor", spec.executor)]
