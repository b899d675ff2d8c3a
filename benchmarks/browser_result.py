"""The page's section on the browser: tables and budgets out of the visits of each contender."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.contenders import OVERVIEW
from benchmarks.record import Budget, Result, Spread, Table, at_least, at_most, number

OPENS, COSTS, RATE, BEHIND = 2.0, 100.0, 5.0, 1.0
FIRST_KB, FURTHER_KB = 3000.0, 200.0
_NOTES = (
    (
        "FigureWidgets show one figure: the points of the card Trials, all of them, without its marks, line and texts. "
        "The dashboard shows its tab Overview, all cards and the table."
    ),
    (
        "How far the browser is behind: for each trial that starts, the time from the commit of that to the end of the "
        "frame in which it is painted; where a figure has not caught up 6 s after the last one, so far. The kernel's "
        "time is all that its process takes, reading the search included."
    ),
    (
        "Bytes are what came to the page over the kernel's channel, from the cell's start until half a second without "
        "any: of a first dashboard with Plotly.js, of a FigureWidget each with its own."
    ),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """What was found in one notebook.

    Attributes
    ----------
    first, further : float
        Seconds from the start of the cell to the last card drawn: of the first dashboard, and of another one below it.
    first_bytes, further_bytes : int
        What came to the page for it.
    drawn : float
        Updates drawn a second.
    cost : float
        Seconds of the kernel's processor for an update.
    size : float
        Bytes for an update.
    delays : tuple of float
        Seconds from a commit to the screen.
    """

    first: float
    first_bytes: int
    further: float
    further_bytes: int
    drawn: float
    cost: float
    size: float
    delays: tuple[float, ...]


def result(visits: Mapping[str, Sequence[Visit]], trials: int, growth: str, how: str) -> Result:
    """Return what the page shows."""
    return Result(
        title=f"A search of {trials:,} trials in the browser",
        how=f"A stored search of {trials:,} trials (ASHA with 9 epochs over random configurations) is opened in "
        f"JupyterLab, then another one of the same size in the cell below; that is cleared, and in the first one "
        f"{growth} start, with all that the others do meanwhile. {how}.",
        tables=(_opening(visits), _following(visits)),
        budgets=_budgets(visits[OVERVIEW.name], f"{trials:,} trials"),
        raw=_raw(visits),
        notes=_NOTES,
    )


def _spread(visits: Sequence[Visit], value: Callable[[Visit], float]) -> str:
    return Spread.of([value(visit) for visit in visits]).text()


def _opening(visits: Mapping[str, Sequence[Visit]]) -> Table:
    columns = ("opening", "first on the page, s", "further one, s", "first, kB", "further one, kB")
    rows = (
        (
            name,
            _spread(found, lambda it: it.first),
            _spread(found, lambda it: it.further),
            number(Spread.of([it.first_bytes / 1000 for it in found]).median),
            number(Spread.of([it.further_bytes / 1000 for it in found]).median),
        )
        for name, found in visits.items()
    )
    return Table(columns, tuple(rows))


def _following(visits: Mapping[str, Sequence[Visit]]) -> Table:
    columns = ("following", "drawn a second", "kernel, ms an update", "kB an update", "behind, s", "at most, s")
    rows = (
        (
            name,
            _spread(found, lambda it: it.drawn),
            _spread(found, lambda it: 1000 * it.cost),
            number(Spread.of([it.size / 1000 for it in found]).median),
            Spread.of(_delays(found)).text(),
            number(max(_delays(found))),
        )
        for name, found in visits.items()
    )
    return Table(columns, tuple(rows))


def _delays(visits: Sequence[Visit]) -> list[float]:
    return [delay for visit in visits for delay in visit.delays]


def _budgets(found: Sequence[Visit], size: str) -> tuple[Budget, ...]:
    def middle(value: Callable[[Visit], float]) -> float:
        return Spread.of([value(visit) for visit in found]).median

    return (
        at_most(f"{size}, first dashboard on a page, median", OPENS, middle(lambda it: it.first), " s"),
        at_most(f"{size}, further dashboard on it, median", OPENS, middle(lambda it: it.further), " s"),
        at_most(f"{size}, the kernel's time an update, median", COSTS, middle(lambda it: 1000 * it.cost), " ms"),
        at_least(f"{size}, updates drawn a second, median", RATE, middle(lambda it: it.drawn)),
        at_most(f"{size}, browser behind the search, at most", BEHIND, max(_delays(found)), " s"),
        at_most(
            f"{size}, to the first page, Plotly.js included", FIRST_KB, middle(lambda it: it.first_bytes / 1e3), " kB"
        ),
        at_most(f"{size}, to a further dashboard", FURTHER_KB, middle(lambda it: it.further_bytes / 1e3), " kB"),
    )


def _raw(visits: Mapping[str, Sequence[Visit]]) -> dict[str, list[float]]:
    parts: dict[str, Callable[[Visit], float]] = {
        "first, s": lambda it: it.first,
        "further, s": lambda it: it.further,
        "first, bytes": lambda it: it.first_bytes,
        "further, bytes": lambda it: it.further_bytes,
        "drawn, 1/s": lambda it: it.drawn,
        "kernel, s an update": lambda it: it.cost,
        "bytes an update": lambda it: it.size,
    }
    raw = {
        f"{name}, {what}": [float(of(it)) for it in found]
        for name, found in visits.items()
        for what, of in parts.items()
    }
    return raw | {f"{name}, behind, s": _delays(found) for name, found in visits.items()}
