"""``tune``: from what a user has to a search that runs in the background."""

import contextlib
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tunewidgets.commands import checked_limits, checked_seconds
from tunewidgets.errors import SearchExists, StoreError, StrategyError
from tunewidgets.goals import parse_constraints
from tunewidgets.history import Direction
from tunewidgets.objectives import Objective, as_objective, payload
from tunewidgets.request import (
    Request,
    checked_keep,
    checked_rules,
    checked_seed,
    checked_space,
    checked_worker_count,
    known_before,
    with_goals,
)
from tunewidgets.runner.spec import ExecutorName, Spec
from tunewidgets.samplers import Sampler
from tunewidgets.schedules import Schedule, StopRule
from tunewidgets.search import Search
from tunewidgets.space import Space
from tunewidgets.store.folder import SearchFolder
from tunewidgets.strategy import fit_strategy, resolve_strategy

IfExists = Literal["attach", "replace", "new"]
_IF_EXISTS = ("attach", "replace", "new")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def tune(  # noqa: PLR0913 - the one front door: every choice has a default and a name
    target: Any,
    space: Space | None = None,
    *,
    strategy: str | Sampler | Schedule | None = None,
    sampler: str | Sampler | None = None,
    schedule: str | Schedule | None = None,
    objective: str | Sequence[str] | None = None,
    direction: Direction | Sequence[Direction | None] | None = None,
    constraints: Mapping[str, float] | None = None,
    trials: int | None = None,
    timeout: float | None = None,
    trial_timeout: float | None = None,
    stop_when: StopRule | Sequence[StopRule] = (),
    workers: int | Literal["auto"] = "auto",
    executor: ExecutorName = "process",
    max_consecutive_failures: int | None = 5,
    warm_start: Any = None,
    keep: str = "best:3",
    seed: int | None = None,
    name: str | None = None,
    directory: str | Path = "tune_runs",
    if_exists: IfExists = "attach",
    show: bool = True,
) -> Search:
    """Search for the best configuration, in the background; returns within a second and shows the dashboard.

    Parameters
    ----------
    target : callable or Objective
        A function ``f(config) -> float``, a function ``f(trial)`` that reports, or an objective such as
        `KerasObjective` or `SklearnObjective`.
    space : Space, optional
        What to search; not needed where the objective brings its own (a Keras builder's).
    strategy : str, Sampler or Schedule, optional
        A preset ("bayesian", "tpe", "evolution", "random", "grid", "hyperband", "asha", "bohb" and more), or one dial
        as an object: ``strategy=tw.Hyperband(max_budget=27)``. By default a Gaussian process suggests and every trial
        trains to its full budget.
    sampler, schedule : str, Sampler or Schedule, optional
        The two dials by themselves: what to try next, and how long to train it.
    objective : str or list of str, optional
        The metric to optimise, where the target logs several: "val_accuracy". With a list the search looks for the
        best trade-offs between them (`Search.best_trials`); the first is what cards and tables show as the value.
    direction : {"min", "max"} or list of them, optional
        Which values are better; inferred from well-known names of metrics.
    constraints : mapping from str to float, optional
        Metrics that must stay at or below a bound, ``{"latency_ms": 20}``: a trial that exceeds one is never the best.
    trials : int, optional
        The most configurations that are started.
    timeout : float, optional
        Seconds after which nothing new is started.
    trial_timeout : float, optional
        Seconds that one leg of a trial may take; then it has failed.
    stop_when : Target, NoImprovement, TotalBudget or a list of them
        When the search has done enough: ``[tw.Target(0.98), tw.NoImprovement(trials=20), tw.TotalBudget(2000)]``.
    workers : int or "auto"
        How many legs run at once; "auto": one for each core this process may use.
    executor : {"process", "inline"}
        "process": in the background, one fresh process a leg. "inline": in this process when `Search.wait` is called,
        for debugging.
    max_consecutive_failures : int or None
        After so many failed trials in a row the search gives up.
    warm_start : Search, str, table or list of them, optional
        What is known already: an earlier search (or its name), or a table of results (a DataFrame, a list of dicts or
        of (configuration, value) pairs). Samplers that learn begin with it; see `Earlier`.
    keep : str
        Which checkpoints are kept at the end: "best:3", or "all".
    seed : int, optional
        From it every random choice is made; chosen and recorded where it is not given.
    name : str, optional
        The search's name; by default the target's.
    directory : str or Path
        Where searches live, one folder each.
    if_exists : {"attach", "replace", "new"}
        What to do where a search of that name exists: show it if nothing has changed (and ask, by an error, if
        something has), delete it, or take another name.
    show : bool
        Whether to show the dashboard in the cell.

    Returns
    -------
    Search
        The handle.

    Raises
    ------
    ObjectiveError, SpaceError, StrategyError
        If something asked for cannot work; nothing is started then.
    SearchExists
        If a search of that name exists and differs.
    StoreError
        If the folder cannot be written.

    Examples
    --------
    >>> space = tw.Space(x=tw.Float(-5, 5))
    >>> search = tw.tune(lambda config: config["x"] ** 2, space, direction="min", trials=20)
    >>> search.wait().best_config
    {'x': 0.07}
    """
    tuned, goals = with_goals(as_objective(target), objective, direction)
    limits, rules = checked_limits(trials, timeout, max_consecutive_failures), checked_rules(stop_when)
    space, folder = checked_space(space, tuned), _checked_directory(directory)
    pair = resolve_strategy(strategy, sampler, schedule)
    pair = fit_strategy(pair, tuned, limits, space, goals=goals, rules=rules)
    request = Request(
        tuned,
        goals,
        space,
        pair,
        limits,
        checked_worker_count(workers, executor),
        executor,
        checked_seconds("trial_timeout", trial_timeout),
        checked_keep(keep),
        checked_seed(seed),
        parse_constraints(constraints),
        known_before(warm_start, space, goals, folder, pair.schedule),
        rules,
    )
    search = _place(request, folder, name, if_exists)
    return search.show() if show else search


# --- where it goes -------------------------------------------------------------------------------------------------


def _place(request: Request, directory: Path, name: str | None, if_exists: IfExists) -> Search:
    if if_exists not in _IF_EXISTS:
        raise StrategyError(f"if_exists must be one of {', '.join(map(repr, _IF_EXISTS))}, not {if_exists!r}")
    chosen = _checked_name(name or _default_name(request.objective))
    folder = SearchFolder((directory / chosen).absolute())
    digest = request.fingerprint()
    if folder.spec.exists():
        if if_exists == "attach":
            return _attach_same(folder, digest)
        if if_exists == "replace":
            return _replace(request, folder, digest)
        folder = _free_folder(folder)
    return _create(request, folder, digest)


def _checked_directory(directory: object) -> Path:
    if not isinstance(directory, str | Path):
        raise StoreError(f"directory must be a path such as 'tune_runs', not {directory!r}")
    return Path(directory)


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise StrategyError(
            f"a search's name is its folder's: letters, digits, '.', '_' and '-', at most 80 of them, not {name!r}"
        )
    return name


def _default_name(objective: Objective) -> str:
    for attribute in ("function", "build_model", "builder", "estimator"):
        thing = getattr(objective, attribute, None)
        if thing is not None:
            name = getattr(thing, "__name__", type(thing).__name__)
            return re.sub(r"[^A-Za-z0-9._-]+", "", name).lstrip("._-") or "search"
    return type(objective).__name__


def _attach_same(folder: SearchFolder, digest: str) -> Search:
    search = Search(folder.path)
    if Spec.read(folder).fingerprint != digest:
        raise SearchExists(
            f"a search named {search.name!r} exists and is not the same ({search.status}); choose: "
            "if_exists='replace' deletes it, if_exists='new' keeps it and takes another name, "
            "name='...' names this one; "
            f"tw.attach({search.name!r}) shows the old one"
        )
    return search.start() if search.status == "interrupted" else search


def _free_folder(folder: SearchFolder) -> SearchFolder:
    number = 2
    while (candidate := SearchFolder(folder.path.with_name(f"{folder.path.name}-{number}"))).path.exists():
        number += 1
    return candidate


def remove(folder: SearchFolder) -> None:
    """End a search's coordinator and legs, and delete its folder."""
    from tunewidgets.runner.ending import end_coordinator  # noqa: PLC0415 - only who replaces searches needs it

    end_coordinator(folder)
    shutil.rmtree(folder.path)


def _replace(request: Request, folder: SearchFolder, digest: str) -> Search:
    """Write the new search beside the old one first: where it is refused, the old one goes on."""
    beside = SearchFolder(folder.path.with_name(f".{folder.path.name}.new"))
    shutil.rmtree(beside.path, ignore_errors=True)
    _write(request, beside, folder.path.name, digest)
    remove(folder)
    beside.path.rename(folder.path)
    return _begun(request, folder)


def _create(request: Request, folder: SearchFolder, digest: str) -> Search:
    _write(request, folder, folder.path.name, digest)
    return _begun(request, folder)


def _begun(request: Request, folder: SearchFolder) -> Search:
    return Search(folder.path, objective=request.objective).start()


def _write(request: Request, folder: SearchFolder, name: str, digest: str) -> None:
    """Write what a coordinator needs into a search's folder; where that fails, nothing is left behind."""
    made = [path for path in (folder.path, *folder.path.parents) if not path.exists()]
    try:
        folder.create()
        sent = payload.dump(request.objective, folder.path)
        request.spec(name, digest, sent).write(folder)
    except BaseException:
        if folder.path in made:
            shutil.rmtree(folder.path, ignore_errors=True)
        with contextlib.suppress(OSError):  # not empty: another search has come in between
            for path in made[1:]:
                path.rmdir()
        raise
