"""A strategy is two dials, sampler x schedule: names, presets and checks of the pair."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from tunewidgets.errors import StrategyError
from tunewidgets.history import Limits
from tunewidgets.objectives import Objective, SklearnObjective
from tunewidgets.samplers import SAMPLERS, Grid, Random, Sampler, Sobol
from tunewidgets.schedules import SCHEDULES, Full, Hyperband, Schedule, SuccessiveHalving
from tunewidgets.schedules.checks import check_at_least
from tunewidgets.space import Space

PRESETS: Mapping[str, tuple[str, str]] = {
    "random": ("random", "full"),
    "grid": ("grid", "full"),
    "sobol": ("sobol", "full"),
    "successive_halving": ("random", "successive_halving"),
    "hyperband": ("random", "hyperband"),
}
"""Named pairs of a sampler and a schedule."""

_DEFAULT = ("sobol", "full")


@dataclass(frozen=True, slots=True)
class Strategy:
    """A sampler and a schedule, ready to begin."""

    sampler: Sampler
    schedule: Schedule


def resolve_strategy(
    strategy: str | Sampler | Schedule | None,
    sampler: str | Sampler | None,
    schedule: str | Schedule | None,
) -> Strategy:
    """Return the pair that was asked for, by a preset's name, by either dial, or by both.

    Parameters
    ----------
    strategy : str, Sampler, Schedule or None
        A preset's name, or one dial alone; `sampler` and `schedule` override its half.
    sampler, schedule : str, Sampler, Schedule or None
        A dial by name or as an object.

    Raises
    ------
    StrategyError
        If a name is unknown; the message lists the names there are and the nearest one.

    Examples
    --------
    >>> resolve_strategy("hyperband", None, None).sampler
    Random()
    """
    first, second = _DEFAULT
    if isinstance(strategy, str):
        if strategy not in PRESETS:
            raise _unknown("strategy", strategy, PRESETS)
        first, second = PRESETS[strategy]
    elif isinstance(strategy, Full | Hyperband | SuccessiveHalving):
        first, schedule = _DEFAULT[0] if isinstance(strategy, Full) else "random", schedule or strategy
    elif isinstance(strategy, Random | Grid | Sobol):
        sampler = sampler or strategy
    elif strategy is not None:
        raise _unknown("strategy", strategy, PRESETS)
    return Strategy(_sampler(sampler or first), _schedule(schedule or second))


def _sampler(given: str | Sampler) -> Sampler:
    if isinstance(given, Random | Grid | Sobol):
        return given
    if not isinstance(given, str) or given not in SAMPLERS:
        raise _unknown("sampler", given, SAMPLERS)
    return SAMPLERS[given]()


def _schedule(given: str | Schedule) -> Schedule:
    if isinstance(given, Full | Hyperband | SuccessiveHalving):
        return given
    if not isinstance(given, str) or given not in SCHEDULES:
        raise _unknown("schedule", given, SCHEDULES)
    return SCHEDULES[given]()


def _unknown(what: str, given: object, known: Mapping[str, object]) -> StrategyError:
    near = get_close_matches(str(given), known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return StrategyError(f"{what} must be one of {', '.join(map(repr, known))}, not {given!r}{hint}")


def checked_limits(trials: int | None, timeout: float | None, failures: int | None) -> Limits:
    """Return the limits of a search.

    Raises
    ------
    StrategyError
        If one of them is not a positive number, naming it.
    """
    check_at_least("trials", trials, 1)
    check_at_least("max_consecutive_failures", failures, 1)
    return Limits(trials, checked_seconds("timeout", timeout), failures)


def checked_seconds(name: str, value: float | None) -> float | None:
    """Return a time limit as it is.

    Raises
    ------
    StrategyError
        If it is neither None nor a positive, finite number.
    """
    given: object = value
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if value is not None and not (number and 0 < value < math.inf):
        raise StrategyError(f"{name} must be a positive number of seconds or None, not {value!r}")
    return value


def checked_workers(workers: int) -> int:
    """Return a number of workers as it is.

    Raises
    ------
    StrategyError
        If it is not a positive integer.
    """
    given: object = workers
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise StrategyError(f"workers must be a positive integer, or 'auto' where a search is started, not {workers!r}")
    return workers


def fit_strategy(strategy: Strategy, objective: Objective, limits: Limits, space: Space | None) -> Strategy:
    """Fill the schedule's blanks from the objective and check that the search can work and will end.

    Raises
    ------
    StrategyError
        If the schedule needs reports and the objective makes none, or nobody knows the largest budget, or nothing
        would ever end the search, or the schedule cannot begin.
    SpaceError
        If a grid names parameters that the space does not have, or would be larger than can be listed.
    """
    schedule = strategy.schedule
    if schedule.rungs and not objective.reports:
        raise StrategyError(
            f"{type(schedule).__name__} compares trials on their way, and this objective tells its value "
            f'only at the end: {_cure(objective)}, or use schedule="full"'
        )
    schedule = schedule.resolved(objective.max_budget, limits.trials, objective.unit)
    endless = limits.trials is None and limits.timeout is None and isinstance(schedule, Full)
    if endless and not (isinstance(strategy.sampler, Grid) or (space is not None and not math.isinf(space.size))):
        raise StrategyError("nothing would ever end this search: give trials=20, or timeout=600 (seconds)")
    if isinstance(strategy.sampler, Grid) and space is not None:
        next(iter(space.grid(strategy.sampler.levels)), None)
    schedule.begin()  # what cannot begin is refused here, and not by a coordinator that nobody looks at
    return replace(strategy, schedule=schedule)


def _cure(objective: Objective) -> str:
    if isinstance(objective, SklearnObjective):
        return 'give it a budget, resource="n_samples" or a parameter such as "n_estimators"'
    return "let it take `trial` and call trial.report(step, value)"
