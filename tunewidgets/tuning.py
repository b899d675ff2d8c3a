"""``tune``: from what a user has to a search that runs in the background."""

import contextlib
import hashlib
import json
import re
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tunewidgets.errors import SearchExists, SpaceError, StoreError, StrategyError
from tunewidgets.history import Direction, Limits, infer_direction
from tunewidgets.objectives import Objective, as_objective, payload
from tunewidgets.objectives.fingerprint import fingerprint
from tunewidgets.runner import platform
from tunewidgets.runner.spec import ExecutorName, Spec
from tunewidgets.samplers import Sampler
from tunewidgets.schedules import Schedule
from tunewidgets.search import Search
from tunewidgets.space import Space
from tunewidgets.store.folder import SearchFolder
from tunewidgets.strategy import (
    Strategy,
    checked_limits,
    checked_seconds,
    checked_workers,
    fit_strategy,
    resolve_strategy,
)

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
    objective: str | None = None,
    direction: Direction | None = None,
    trials: int | None = None,
    timeout: float | None = None,
    trial_timeout: float | None = None,
    workers: int | Literal["auto"] = "auto",
    executor: ExecutorName = "process",
    max_consecutive_failures: int | None = 5,
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
        A preset ("random", "grid", "sobol", "successive_halving", "hyperband"), or one dial as an object:
        ``strategy=tw.Hyperband(max_budget=27)``.
    sampler, schedule : str, Sampler or Schedule, optional
        The two dials by themselves: what to try next, and how long to train it.
    objective : str, optional
        The metric to optimise, where the target logs several: "val_accuracy".
    direction : {"min", "max"}, optional
        Which values are better; inferred from well-known names of metrics.
    trials : int, optional
        The most configurations that are started.
    timeout : float, optional
        Seconds after which nothing new is started.
    trial_timeout : float, optional
        Seconds that one leg of a trial may take; then it has failed.
    workers : int or "auto"
        How many legs run at once; "auto": one for each core this process may use.
    executor : {"process", "inline"}
        "process": in the background, one fresh process a leg. "inline": in this process when `Search.wait` is called,
        for debugging.
    max_consecutive_failures : int or None
        After so many failed trials in a row the search gives up.
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
    goal = _with_goal(as_objective(target), objective, direction)
    limits = checked_limits(trials, timeout, max_consecutive_failures)
    space = _checked_space(space, goal.objective)
    pair = fit_strategy(resolve_strategy(strategy, sampler, schedule), goal.objective, limits, space)
    request = _Request(
        goal,
        space,
        pair,
        limits,
        _workers(workers, executor),
        executor,
        checked_seconds("trial_timeout", trial_timeout),
        _keep(keep),
        _seed(seed),
    )
    search = _place(request, _checked_directory(directory), name, if_exists)
    return search.show() if show else search


@dataclass(frozen=True, slots=True)
class _Goal:
    """An objective, and which of its metrics in which direction."""

    objective: Objective
    metric: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class _Request:
    """Everything that was asked, checked."""

    goal: _Goal
    space: Space | None
    strategy: Strategy
    limits: Limits
    workers: int
    executor: ExecutorName
    trial_timeout: float | None
    keep: int | None
    seed: int | None

    def fingerprint(self) -> str:
        """Return what tells this request from a changed one."""
        parts = [
            fingerprint(self.goal.objective),
            None if self.space is None else self.space.to_json(),
            *(self.strategy.sampler.to_json(), self.strategy.schedule.to_json()),
            *(self.goal.metric, self.goal.direction, asdict(self.limits), self.workers, self.executor),
            *(self.trial_timeout, self.keep, self.seed),
        ]
        return hashlib.blake2b(json.dumps(parts, default=str).encode(), digest_size=16).hexdigest()

    def spec(self, name: str, digest: str, sent: payload.PayloadInfo) -> Spec:
        """Return what goes into the search's folder."""
        fresh = int(np.random.SeedSequence().generate_state(1)[0])
        objective = self.goal.objective
        return Spec(
            name=name,
            fingerprint=digest,
            sampler=self.strategy.sampler.to_json(),
            schedule=self.strategy.schedule.to_json(),
            metric=self.goal.metric,
            direction=self.goal.direction,
            limits=asdict(self.limits),
            workers=self.workers,
            seed=fresh if self.seed is None else self.seed,
            space=None if self.space is None else self.space.to_json(),
            unit=objective.unit,
            value="best",
            executor=self.executor,
            threads=max(1, platform.available_cores() // self.workers),
            trial_timeout=self.trial_timeout,
            cwd=str(Path.cwd()),
            path=tuple(entry or str(Path.cwd()) for entry in sys.path),
            preload=_preload(objective, sent),
            keep=self.keep,
            captured=tuple((part.name, part.type, part.bytes) for part in sent.captured),
        )


# --- checking what was asked ---------------------------------------------------------------------------------------


def _with_goal(objective: Objective, metric: str | None, direction: Direction | None) -> _Goal:
    if direction is not None and direction not in ("min", "max"):
        raise StrategyError(f"direction must be 'min' or 'max', not {direction!r}")
    given: object = metric
    if given is not None and not isinstance(given, str):
        raise StrategyError(f"objective must be a metric's name such as 'val_accuracy', not {metric!r}")
    name = metric or objective.metric or "value"
    inferred = infer_direction(name) if metric else objective.direction or infer_direction(name)
    chosen = direction or inferred
    if chosen is None:
        raise StrategyError(
            f"whether to minimise or maximise cannot be told from the metric {name!r}: "
            "give direction='min' or direction='max'"
        )
    ready = objective.with_metric(name, chosen)
    ready.check()
    return _Goal(ready, name, chosen)


def _checked_space(space: Space | None, objective: Objective) -> Space | None:
    if space is None:
        if type(objective).space is Objective.space:
            raise SpaceError("a space is needed: tw.tune(target, tw.Space(x=tw.Float(0, 1)), ...)")
        return None
    given: object = space
    if not isinstance(given, Space):
        raise SpaceError(f"space must be a tw.Space, not {type(given).__name__}")
    if not len(space):
        raise SpaceError("the space has no parameters: give it some, tw.Space(x=tw.Float(0, 1))")
    objective.check_space(space)
    return space


def _workers(workers: int | Literal["auto"], executor: ExecutorName) -> int:
    if executor not in ("process", "inline"):
        raise StrategyError(f"executor must be 'process' or 'inline', not {executor!r}")
    if executor == "inline":
        return 1
    if workers == "auto":
        return platform.available_cores()
    return checked_workers(workers)


def _seed(seed: int | None) -> int | None:
    given: object = seed
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | np.integer) or given < 0):
        raise StrategyError(f"seed must be an integer of at least 0 or None, not {seed!r}")
    return None if seed is None else int(seed)


def _keep(keep: str) -> int | None:
    if keep == "all":
        return None
    found = re.fullmatch(r"best:(\d+)", str(keep))
    if found is None or int(found[1]) < 1:
        raise StrategyError(f"keep must be 'all' or 'best:N' with N of at least 1, not {keep!r}")
    return int(found[1])


def _preload(objective: Objective, sent: payload.PayloadInfo) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*objective.preload, *(name for name in sent.modules if name in _SAFE)]))


# Frameworks that may be imported once before processes are forked: importing them starts no thread that a fork loses.
_SAFE = frozenset({"numpy", "scipy", "sklearn", "pandas", "tensorflow", "keras"})


# --- where it goes -------------------------------------------------------------------------------------------------


def _place(request: _Request, directory: Path, name: str | None, if_exists: IfExists) -> Search:
    if if_exists not in _IF_EXISTS:
        raise StrategyError(f"if_exists must be one of {', '.join(map(repr, _IF_EXISTS))}, not {if_exists!r}")
    chosen = _checked_name(name or _default_name(request.goal.objective))
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


def _replace(request: _Request, folder: SearchFolder, digest: str) -> Search:
    """Write the new search beside the old one first: where it is refused, the old one goes on."""
    beside = SearchFolder(folder.path.with_name(f".{folder.path.name}.new"))
    shutil.rmtree(beside.path, ignore_errors=True)
    _write(request, beside, folder.path.name, digest)
    remove(folder)
    beside.path.rename(folder.path)
    return _begun(request, folder)


def _create(request: _Request, folder: SearchFolder, digest: str) -> Search:
    _write(request, folder, folder.path.name, digest)
    return _begun(request, folder)


def _begun(request: _Request, folder: SearchFolder) -> Search:
    return Search(folder.path, objective=request.goal.objective).start()


def _write(request: _Request, folder: SearchFolder, name: str, digest: str) -> None:
    """Write what a coordinator needs into a search's folder; where that fails, nothing is left behind."""
    made = [path for path in (folder.path, *folder.path.parents) if not path.exists()]
    try:
        folder.create()
        sent = payload.dump(request.goal.objective, folder.path)
        request.spec(name, digest, sent).write(folder)
    except BaseException:
        if folder.path in made:
            shutil.rmtree(folder.path, ignore_errors=True)
        with contextlib.suppress(OSError):  # not empty: another search has come in between
            for path in made[1:]:
                path.rmdir()
        raise
