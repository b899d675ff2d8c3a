"""``warm_start=``: what earlier searches, or a table of results, let a new search know before it begins.

Three things can be given, alone or in a list: an earlier search (the object, its name or its folder), a table (a
DataFrame, a list of dicts, a list of (configuration, value) pairs), or either of them in an `Earlier`, which says more
about it. What cannot be used is left out, and why is told.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tunewidgets.errors import SearchNotFound, SpaceError, StrategyError
from tunewidgets.history import Config, Goal, History, Known, Trial, is_finite
from tunewidgets.search import Search
from tunewidgets.space import Space
from tunewidgets.space.values import plain, scalar
from tunewidgets.store.folder import SearchFolder
from tunewidgets.warm_table import Row, is_table, table_rows

Budgets = Literal["full", "all"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """Earlier results, with more said about them than ``warm_start=`` takes by itself.

    Parameters
    ----------
    results : Search, str, Path, table or a list of them
        As for ``warm_start=``.
    fill : mapping, optional
        Values of parameters that the earlier results lack, because the objective had them fixed then:
        ``fill={"dropout": 0.0}``. Without it such results are left out: what the objective did without the parameter
        need not be what it does at the parameter's default.
    budgets : {"full", "all"}
        Whether results of trials that came to rest below their full budget (the losers of a Hyperband) are taken too.

    Raises
    ------
    StrategyError
        If `fill` is no mapping or `budgets` is another word.

    Examples
    --------
    >>> Earlier("digits", fill={"dropout": 0.0})
    Earlier(results='digits', fill={'dropout': 0.0}, budgets='full')
    """

    results: Any
    fill: Mapping[str, Any] | None = None
    budgets: Budgets = "full"

    def __post_init__(self) -> None:
        fill: object = self.fill
        if fill is not None and not isinstance(fill, Mapping):
            raise StrategyError(f"fill must give values by the parameters' names, {{'dropout': 0.0}}, not {fill!r}")
        if self.budgets not in ("full", "all"):
            raise StrategyError(f"budgets must be 'full' or 'all', not {self.budgets!r}")


class Dropped(NamedTuple):
    """A result that was left out: where it stood, and why, in words.

    Attributes
    ----------
    row : str
        "row 3 of the table", or "trial 12 of 'digits'".
    why : str
        One sentence.
    """

    row: str
    why: str


@dataclass(frozen=True, slots=True)
class WarmStart:
    """What a new search knows before it begins.

    Attributes
    ----------
    known : tuple of Known
        In the order in which they were given.
    dropped : tuple of Dropped
        What could not be used.
    """

    known: tuple[Known, ...] = ()
    dropped: tuple[Dropped, ...] = ()


class _Found(NamedTuple):
    """A result as it was read, and where it stood."""

    where: str
    row: Row
    fill: Mapping[str, Any]


def known_results(
    warm_start: Any, space: Space | None, goals: Sequence[Goal], *, directory: str | Path = "tune_runs"
) -> WarmStart:
    """Read earlier results for a new search.

    Nothing is unpickled, so the folder of an earlier search needs no trust.

    Parameters
    ----------
    warm_start : Search, str, Path, table, Earlier or a list of them
        Of searches the completed trials are taken; failed, pruned and stopped ones are not. A table has a column for
        each parameter, by its name or by ``param_<name>``, and a column "value" or of the goal's name; further goals
        stand under their names, a column "budget" says how far a result had been trained, and where there is a column
        "state" only completed rows are taken. Empty cells are parameters that were not active.
    space : Space or None
        What the new search looks through. None where it is not known yet: `fit_known` then does the rest.
    goals : sequence of Goal
        What it optimises.
    directory : str or Path
        Where searches that are given by name live.

    Returns
    -------
    WarmStart
        Results that fit, with the values as they were reported, and those left out with the reason. A budget is that
        of the trial, where it is an integer; `at_full_budget` fits it to the new search.

    Raises
    ------
    StrategyError
        If something is given that holds no results, an earlier search had another goal, or not one result fits.
    SearchNotFound
        If there is no search of a name.
    StoreError
        If a search cannot be read.

    Examples
    --------
    >>> space = Space(x=Float(0.0, 1.0))
    >>> known_results([({"x": 0.5}, 0.25), ({"x": 7.0}, 49.0)], space, [Goal("loss", "min")]).known
    (Known(config={'x': 0.5}, values=(0.25,), budget=None),)
    """
    if warm_start is None:
        return WarmStart()
    results = list(_results(warm_start, _Reader(space, tuple(goals), Path(directory)), Earlier(None)))
    found = _usable(
        ((r.where, r.row.config, r.fill, Known({}, r.row.values, r.row.budget)) for r in results), space, goals
    )
    if not found.known:
        raise StrategyError(_nothing(found.dropped))
    return found


def fit_known(known: Iterable[Known], space: Space, goals: Sequence[Goal]) -> WarmStart:
    """Return which of the results that were read without a space fit one that has been found since.

    Parameters
    ----------
    known : iterable of Known
        As `known_results` gave them for ``space=None``.
    space : Space
        What the new search looks through.
    goals : sequence of Goal
        What it optimises.
    """
    return _usable(((f"result {index}", each.config, {}, each) for index, each in enumerate(known)), space, goals)


def at_full_budget(known: Iterable[Known], budget: int | None) -> tuple[Known, ...]:
    """Return earlier results at the budgets of a new search.

    What was trained all the way then counts as trained all the way now, and a result from beyond the new search's full
    budget counts at it: no trial of the new search could ever be compared with it elsewhere.

    Parameters
    ----------
    known : iterable of Known
        As `known_results` gives them.
    budget : int or None
        The largest budget of the new search; None: until the objective returns.

    Examples
    --------
    >>> at_full_budget([Known({}, (0.5,)), Known({}, (0.6,), 9), Known({}, (0.7,), 81)], 27)
    (Known(config={}, values=(0.5,), budget=27), Known(config={}, values=(0.6,), budget=9), \
Known(config={}, values=(0.7,), budget=27))
    """
    if budget is None:
        return tuple(each._replace(budget=None) for each in known)
    return tuple(each._replace(budget=min(budget, each.budget or budget)) for each in known)


# --- where results come from ---------------------------------------------------------------------------------------


class _Reader(NamedTuple):
    """What reading needs to know of the new search."""

    space: Space | None
    goals: tuple[Goal, ...]
    directory: Path


def _results(given: Any, reader: _Reader, said: Earlier) -> Iterator[_Found]:
    """Yield every result of what was given, whatever that is."""
    if isinstance(given, Earlier):
        yield from _results(given.results, reader, given)
    elif isinstance(given, str | Path):
        with closing((search := _search(given, reader.directory)).view):
            yield from _results(search, reader, said)
    elif isinstance(given, Search):
        yield from _of_history(given.history, given.name, reader.goals, said)
    elif isinstance(given, History):
        yield from _of_history(given, "the earlier search", reader.goals, said)
    elif is_table(given):
        names = None if reader.space is None else tuple(reader.space)
        rows = table_rows(given, names, reader.goals, all_budgets=said.budgets == "all")
        yield from (_Found(f"row {row.number} of the table", row, said.fill or {}) for row in rows)
    elif isinstance(given, list | tuple) and given:
        for each in given:
            yield from _results(each, reader, said)
    else:
        raise StrategyError(
            "warm_start must be an earlier search (or its name or folder), a table of results (a DataFrame, a list of "
            f"dicts, a list of (configuration, value) pairs), or a list of those, not {_short(given)}"
        )


def _search(given: str | Path, directory: Path) -> Search:
    """Return the search of a name, or in a folder."""
    for place in (directory / given, Path(given)):
        if SearchFolder(place).spec.exists():
            return Search(place.absolute())
    raise SearchNotFound(
        f"warm_start={str(given)!r}: there is no search of that name in {str(directory)!r}, and no such folder; "
        "tw.searches() lists those there are"
    )


def _of_history(history: History, name: str, goals: Sequence[Goal], said: Earlier) -> Iterator[_Found]:
    if history.opened is None:
        raise StrategyError(f"warm_start: {_called(name)} has not begun yet, so it has no results; wait for it")
    _check_goals(history.opened.goals, name, goals)
    for trial in history.trials.values():
        for values, budget in _values(history, trial, goals, said.budgets):
            row = Row(trial.number, dict(trial.config), values, budget)
            yield _Found(f"trial {trial.number} of {_called(name)}", row, said.fill or {})


def _called(name: str) -> str:
    return name if name.startswith("the ") else repr(name)


def _check_goals(before: Sequence[Goal], name: str, now: Sequence[Goal]) -> None:
    """Refuse a search whose values mean something else than the new one's."""
    known = {goal.metric: goal.direction for goal in before}
    if before[0].metric != now[0].metric or any(known.get(goal.metric) != goal.direction for goal in now):
        raise StrategyError(
            f"warm_start: {_called(name)} was to {_aims(before)}, and this search is to {_aims(now)}: its values would "
            "mislead. Give objective= and direction= as they were then, or a table with the values that are meant now."
        )


def _aims(goals: Sequence[Goal]) -> str:
    return " and ".join(f"{'minimise' if goal.direction == 'min' else 'maximise'} {goal.metric!r}" for goal in goals)


def _values(
    history: History, trial: Trial, goals: Sequence[Goal], budgets: Budgets
) -> Iterator[tuple[tuple[float, ...], int | None]]:
    """Yield a trial's values, one for each goal, where it came to rest."""
    step, budget = trial.value_step, trial.place.budget
    if trial.state != "completed":
        if budgets == "full" or trial.state == "failed" or not 0 < trial.reached <= trial.step:
            return
        step = budget = trial.reached
    for report in history.reports(trial.number):
        if report.step == step:
            further = (float(report.metrics.get(goal.metric, math.nan)) for goal in goals[1:])
            yield (report.value, *further), budget


# --- whether they fit ----------------------------------------------------------------------------------------------


def _usable(
    found: Iterable[tuple[str, Config, Mapping[str, Any], Known]], space: Space | None, goals: Sequence[Goal]
) -> WarmStart:
    known: list[Known] = []
    dropped: list[Dropped] = []
    for where, given, fill, result in found:
        why = _without_value(result.values, goals)
        try:
            config = _fitted(given, fill, space)
        except SpaceError as error:
            why = why or str(error)
        if why:
            dropped.append(Dropped(where, why))
        else:
            known.append(result._replace(config=config))
    return WarmStart(tuple(known), tuple(dropped))


def _without_value(values: Sequence[float], goals: Sequence[Goal]) -> str:
    """Say which value cannot be compared; empty where all can."""
    for goal, value in zip(goals, values, strict=True):
        if not is_finite(value):
            return f"its value of {goal.metric!r} is {value!r}, and only finite numbers can be compared."
    return ""


def _fitted(config: Config, fill: Mapping[str, Any], space: Space | None) -> dict[str, Any]:
    """Return a configuration of the new space; what is missing and active is filled where that was asked for."""
    given = {name: plain(value) for name, value in config.items()}
    if space is None:
        return {name: scalar(value, repr(name), none=True) for name, value in {**fill, **given}.items()}
    while missing := [name for name in space.active(given) if name not in given and name in fill]:
        given.update({name: fill[name] for name in missing})
    return space.validate(given)


def _nothing(dropped: Sequence[Dropped]) -> str:
    if not dropped:
        return "warm_start holds no results: no completed trial, and no row; leave it out"
    first = dropped[0]
    return f"none of the {len(dropped)} results in warm_start can be used; the first, {first.row}: {first.why}"


def _short(given: object) -> str:
    text = repr(given)
    return f"{text[:80]} …" if len(text) > 80 else text  # noqa: PLR2004 - as much as a line has room for
