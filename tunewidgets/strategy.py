"""A strategy is two dials, sampler x schedule: names, presets and checks of the pair."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TypeGuard

from tunewidgets.commands import check_space
from tunewidgets.errors import StrategyError
from tunewidgets.history import Goal, Limits
from tunewidgets.objectives import Objective, SklearnObjective
from tunewidgets.samplers import SAMPLERS, Grid, Sampler, sampler_from_json
from tunewidgets.schedules import SCHEDULES, Schedule, StopRule, schedule_from_json
from tunewidgets.space import Space

PRESETS: Mapping[str, tuple[str, str]] = {
    "gp": ("gp", "full"),
    "bayesian": ("gp", "full"),
    "tpe": ("tpe", "full"),
    "evolution": ("evolution", "full"),
    "genetic": ("genetic", "full"),
    "nsga2": ("nsga2", "full"),
    "cmaes": ("cmaes", "full"),
    "random": ("random", "full"),
    "grid": ("grid", "full"),
    "sobol": ("sobol", "full"),
    "successive_halving": ("random", "successive_halving"),
    "hyperband": ("random", "hyperband"),
    "asha": ("random", "asha"),
    "bohb": ("tpe", "hyperband"),
    "mobster": ("gp", "asha"),
    "median": ("gp", "median"),
}
"""Named pairs of a sampler and a schedule.

"bohb" is a density model under Hyperband (Falkner, Klein, Hutter 2018), "mobster" a Gaussian process under asynchronous
halving (Klein, Tiao, Lienart, Archambeau, Seeger 2020).
"""

_DEFAULT = ("gp", "full")
_ADAPTERS = {
    "optuna": 'sampler=tw.OptunaSampler("TPESampler")',
    "keras_tuner": 'sampler=tw.KerasTunerOracle("BayesianOptimization")',
}
_NAMED = {name: kind for name, kind in SAMPLERS.items() if name not in _ADAPTERS}
_EXAMPLES = {"patience": "tw.Patience(5), or %tune --schedule patience --steps 5"}
_SEVERAL_GOALS = ("gp", "tpe", "nsga2", "random", "grid", "sobol", "optuna")


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
    elif _is_schedule(strategy):
        first, schedule = "random" if strategy.rungs else first, schedule or strategy
    elif _is_sampler(strategy):
        sampler = sampler or strategy
    elif strategy is not None:
        raise _unknown("strategy", strategy, PRESETS)
    return Strategy(_sampler(sampler or first), _schedule(schedule or second))


def _is_schedule(thing: object) -> TypeGuard[Schedule]:
    return not isinstance(thing, type) and all(hasattr(thing, name) for name in ("begin", "to_json", "plan", "rungs"))


def _is_sampler(thing: object) -> TypeGuard[Sampler]:
    kind = not isinstance(thing, type) and not hasattr(thing, "plan")
    return kind and all(hasattr(thing, name) for name in ("begin", "to_json"))


def _sampler(given: str | Sampler) -> Sampler:
    if _is_sampler(given):
        return given
    if given in _ADAPTERS:
        raise StrategyError(f"sampler={given!r} needs to be told which one: {_ADAPTERS[str(given)]}")
    if not isinstance(given, str) or given not in _NAMED:
        raise _unknown("sampler", given, _NAMED)
    return sampler_from_json({"name": given})


def _schedule(given: str | Schedule) -> Schedule:
    if _is_schedule(given):
        return given
    if not isinstance(given, str) or given not in SCHEDULES:
        raise _unknown("schedule", given, SCHEDULES)
    try:
        return schedule_from_json({"name": given})
    except TypeError as error:  # a setting without which it says nothing
        raise StrategyError(
            f"schedule={given!r} has a setting that must be given: make it with tw.{SCHEDULES[given].__name__}(...), "
            f"such as {_EXAMPLES[given]}"
        ) from error


def _unknown(what: str, given: object, known: Mapping[str, object]) -> StrategyError:
    near = get_close_matches(str(given), known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return StrategyError(f"{what} must be one of {', '.join(map(repr, known))}, not {given!r}{hint}")


def fit_strategy(
    strategy: Strategy,
    objective: Objective,
    limits: Limits,
    space: Space | None,
    *,
    goals: Sequence[Goal] = (),
    rules: Sequence[StopRule] = (),
) -> Strategy:
    """Fill the schedule's blanks from the objective and check that the search can work and will end.

    Raises
    ------
    StrategyError
        If the schedule needs reports and the objective makes none, or nobody knows the largest budget, or nothing
        would ever end the search, or the schedule cannot begin, or there are more goals than the strategy looks at.
    SpaceError
        If a grid names parameters that the space does not have, or would be larger than can be listed.
    """
    schedule, sampler = strategy.schedule, strategy.sampler
    if schedule.rungs and not objective.reports:
        raise StrategyError(
            f"{type(schedule).__name__} compares trials on their way, and this objective tells its value "
            f'only at the end: {_cure(objective)}, or use schedule="full"'
        )
    if len(goals) > 1:
        _check_several_goals(sampler, schedule, goals)
    schedule = schedule.resolved(objective.max_budget, limits.trials, objective.unit)
    bounded = limits.trials is not None or limits.timeout is not None or rules or schedule.plan(None) is not None
    if not bounded and not (isinstance(sampler, Grid) or (space is not None and not math.isinf(space.size))):
        raise StrategyError("nothing would ever end this search: give trials=20, or timeout=600 (seconds)")
    if space is not None:
        check_space(sampler, space)
    for dial in (sampler, schedule):
        dial.begin()  # what cannot begin is refused here, and not by a coordinator that nobody looks at
    return replace(strategy, schedule=schedule)


def _check_several_goals(sampler: Sampler, schedule: Schedule, goals: Sequence[Goal]) -> None:
    names = " and ".join(goal.metric for goal in goals)
    name = str(sampler.to_json()["name"])
    if schedule.rungs:
        raise StrategyError(
            f"{type(schedule).__name__} compares trials by one metric, and {names} are to be optimised together: "
            'use schedule="full"'
        )
    if name in SAMPLERS and name not in _SEVERAL_GOALS:
        raise StrategyError(
            f"{type(sampler).__name__} optimises one metric, and {names} are to be optimised together: use one of "
            f"{', '.join(map(repr, _SEVERAL_GOALS[:3]))}"
        )


def _cure(objective: Objective) -> str:
    if isinstance(objective, SklearnObjective):
        return 'give it a budget, resource="n_samples" or a parameter such as "n_estimators"'
    return "let it take `trial` and call trial.report(step, value)"
