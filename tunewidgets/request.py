"""What was asked of ``tune``, checked: wrong input is refused here, before anything starts."""

import hashlib
import json
import re
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tunewidgets.commands import checked_workers
from tunewidgets.errors import SpaceError, StrategyError
from tunewidgets.goals import parse_goals
from tunewidgets.history import Constraint, Direction, Goal, Known, Limits
from tunewidgets.objectives import Objective, payload
from tunewidgets.objectives.fingerprint import fingerprint
from tunewidgets.runner import platform
from tunewidgets.runner.spec import ExecutorName, Spec
from tunewidgets.schedules import Schedule, StopRule, stopping_from_json
from tunewidgets.space import Space
from tunewidgets.strategy import Strategy
from tunewidgets.warm_start import at_full_budget, known_results


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that was asked, checked."""

    objective: Objective
    goals: tuple[Goal, ...]
    space: Space | None
    strategy: Strategy
    limits: Limits
    workers: int
    executor: ExecutorName
    trial_timeout: float | None
    keep: int | None
    seed: int | None
    constraints: tuple[Constraint, ...] = ()
    known: tuple[Known, ...] = ()
    stop_when: tuple[StopRule, ...] = ()

    def fingerprint(self) -> str:
        """Return what tells this request from a changed one."""
        parts = [
            fingerprint(self.objective),
            None if self.space is None else self.space.to_json(),
            *(self.strategy.sampler.to_json(), self.strategy.schedule.to_json()),
            *(map(asdict, self.goals)),
            *(asdict(self.limits), self.workers, self.executor, self.trial_timeout, self.keep, self.seed),
            *(self.constraints, self.known, [rule.to_json() for rule in self.stop_when]),
        ]
        return hashlib.blake2b(json.dumps(parts, default=str).encode(), digest_size=16).hexdigest()

    def spec(self, name: str, digest: str, sent: payload.PayloadInfo) -> Spec:
        """Return what goes into the search's folder."""
        fresh = int(np.random.SeedSequence().generate_state(1)[0])
        objective = self.objective
        return Spec(
            name=name,
            fingerprint=digest,
            sampler=self.strategy.sampler.to_json(),
            schedule=self.strategy.schedule.to_json(),
            goals=tuple((goal.metric, goal.direction) for goal in self.goals),
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
            constraints=tuple((each.metric, each.bound) for each in self.constraints),
            known=tuple((dict(each.config), each.values, each.budget) for each in self.known),
            stop_when=tuple(rule.to_json() for rule in self.stop_when),
        )


# --- checking what was asked ---------------------------------------------------------------------------------------


def with_goals(
    objective: Objective,
    metrics: str | Sequence[str] | None,
    directions: Direction | Sequence[Direction | None] | None,
) -> tuple[Objective, tuple[Goal, ...]]:
    """Return the objective with its first goal's metric as its value, and the goals.

    Raises
    ------
    StrategyError
        If a metric or a direction is wrong, or a direction cannot be told.
    ObjectiveError
        If the objective cannot be tuned; see `Objective.check`.
    """
    goals = parse_goals(metrics, directions, metric=objective.metric, inferred=objective.direction)
    ready = objective.with_metric(goals[0].metric, goals[0].direction)
    ready.check()
    return ready, goals


def checked_space(space: Space | None, objective: Objective) -> Space | None:
    """Return the space as it is, None where the objective brings its own.

    Raises
    ------
    SpaceError, ObjectiveError
        If there is none and one is needed, or it is no space, is empty or does not suit the objective.
    """
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


def checked_rules(rules: StopRule | Sequence[StopRule]) -> tuple[StopRule, ...]:
    """Return the rules that end a search, one or several.

    Raises
    ------
    StrategyError
        If one of them is no rule.
    """
    given = tuple(rules) if isinstance(rules, list | tuple) else (rules,)
    for rule in given:
        if isinstance(rule, type) or not (hasattr(rule, "begin") and hasattr(rule, "to_json")):
            raise StrategyError(
                "stop_when must be rules such as tw.Target(0.98), tw.NoImprovement(trials=20) or "
                f"tw.TotalBudget(2000), not {rule!r}"
            )
    stopping_from_json([rule.to_json() for rule in given])  # the coordinator will read them so
    return given


def known_before(
    warm_start: Any, space: Space | None, goals: Sequence[Goal], directory: Path, schedule: Schedule
) -> tuple[Known, ...]:
    """Return the earlier results that the search begins with; a warning says which were left out, and why.

    Raises
    ------
    StrategyError, SearchNotFound, StoreError
        If what was given holds no results that fit, or cannot be read.
    """
    found = known_results(warm_start, space, goals, directory=directory)
    if found.dropped:
        first = found.dropped[0]
        number = f"{len(found.dropped)} of {len(found.dropped) + len(found.known)}"
        warnings.warn(f"warm_start: {number} results are left out; the first, {first.row}: {first.why}", stacklevel=3)
    return at_full_budget(found.known, schedule.begin().full_budget)


def checked_worker_count(workers: int | Literal["auto"], executor: ExecutorName) -> int:
    """Return how many legs may run at once.

    Raises
    ------
    StrategyError
        If the executor is unknown, or the number is no positive integer.
    """
    if executor not in ("process", "inline"):
        raise StrategyError(f"executor must be 'process' or 'inline', not {executor!r}")
    if executor == "inline":
        return 1
    if workers == "auto":
        return platform.available_cores()
    return checked_workers(workers)


def checked_seed(seed: int | None) -> int | None:
    """Return a seed as a plain integer, or None.

    Raises
    ------
    StrategyError
        If it is no integer, or negative.
    """
    given: object = seed
    if given is not None and (isinstance(given, bool) or not isinstance(given, int | np.integer) or given < 0):
        raise StrategyError(f"seed must be an integer of at least 0 or None, not {seed!r}")
    return None if seed is None else int(seed)


def checked_keep(keep: str) -> int | None:
    """Return how many of the best trials keep their checkpoints, None for all.

    Raises
    ------
    StrategyError
        If it is neither 'all' nor 'best:N'.
    """
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
