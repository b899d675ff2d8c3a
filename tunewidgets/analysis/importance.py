"""Importance: how much of what differs between a search's results goes back to which parameters."""

import itertools
import math
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from tunewidgets.analysis.domain import Cube, cube_of
from tunewidgets.analysis.fanova import FloatArray, Shares
from tunewidgets.analysis.forest import Growing, grow
from tunewidgets.analysis.trials import unit
from tunewidgets.errors import SpaceError
from tunewidgets.history import Goal, History
from tunewidgets.samplers.observations import Budget, Level, Observations
from tunewidgets.space import Space

FEWEST = 20
"""A forest of fewer trials tells nothing."""

_FOR_EACH = 2
"""And so many it needs for each parameter."""

_STRAY = 10.0
"""So many times the distance of the quartiles beyond the worse one, a value is a stray."""

_INTERVAL = (0.1, 0.9)


class Share(NamedTuple):
    """How much depends on one parameter, or on two together.

    Attributes
    ----------
    names : tuple of str
        One parameter: what it does alone, averaged over all others. Two: what they do together beyond that.
    share : float
        Of the variance, from 0 to 1: the mean over the trees of the forest.
    low, high : float
        Between these lie the middle four fifths of the trees, each of which was grown on trials drawn anew.
    """

    names: tuple[str, ...]
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Importance:
    """What a search's results depend on.

    Attributes
    ----------
    goal : Goal
        What the results are.
    unit : str
        What one unit of the budget is called.
    budget : int or None
        At which the trials were compared; None where there is no budget, or no trial.
    budgets : tuple of (int or None)
        Those with enough results, the highest first.
    parameters, pairs : tuple of Share
        The most important first; empty where `missing` says why. All together they are at most 1.
    trials : int
        How many results there are at the budget.
    used : int
        How many of them the forest was grown on.
    needed : int
        How many there must be.
    strays : int
        How many were far worse than all others and count as less so.
    constant : tuple of str
        Parameters left out: they have the same value in all of these trials.
    explained : float or None
        The share of the variance that the forest explains among trials that it has not seen. At most 1; about 0, and
        negative, where it explains nothing; None where there is no forest.
    missing : {"trials", "parameters", "differences", None}
        What there is not enough of: results, parameters that vary, or results that differ.
    """

    goal: Goal
    unit: str
    budget: Budget
    budgets: tuple[Budget, ...]
    parameters: tuple[Share, ...] = ()
    pairs: tuple[Share, ...] = ()
    trials: int = 0
    used: int = 0
    needed: int = FEWEST
    strays: int = 0
    constant: tuple[str, ...] = ()
    explained: float | None = None
    missing: Literal["trials", "parameters", "differences"] | None = None


def parameter_importance(
    history: History,
    *,
    goal: str | None = None,
    budget: int | None = None,
    trials: Collection[int] | None = None,
    growing: Growing = Growing(),  # noqa: B008 - frozen
) -> Importance:
    """Tell what a search's results depend on, by a functional ANOVA of a random forest.

    Compared are the results at one budget: values of trials that came to rest there or passed it by. What failed, or
    has no finite value there, is left out, and so is a configuration that is not of the space as it is now, and what
    was known before the search. A value far worse than all others (beyond the worse quartile by ten times the distance
    of the quartiles) counts as that limit: else a single failed training would be all that there is to explain.

    Parameters
    ----------
    history : History
        What has happened.
    goal : str, optional
        The metric, where there are several goals; the first unless given.
    budget : int, optional
        Where trials are compared. Unless given, or where it has too few results, it is the highest that has enough.
    trials : collection of int, optional
        Only these trials count, and the cube is cut to the range that they span: what matters among them.
    growing : Growing
        How the forest is grown.

    Returns
    -------
    Importance
        The same answer for the same results. For 500 trials and 8 parameters it takes less than a second.

    Notes
    -----
    An inactive parameter is absent, and no default stands in its place: its share is that of what it does where it is
    active, times how often that is (`tunewidgets.analysis.fanova`); the forest sees its absence as a value of its own.

    Examples
    --------
    >>> found = parameter_importance(search.history)
    >>> [(each.names, round(each.share, 2)) for each in (*found.parameters, *found.pairs)[:2]]
    [(('batch',), 0.58), (('kappa',), 0.09)]
    """
    seen = Observations()
    for event in history:
        seen.apply(event)
    metrics = [each.metric for each in seen.goals]
    which = metrics.index(goal) if goal in metrics else 0
    results = {each: _results(seen.at(each), which, seen, history.space, trials) for each in reversed(seen.levels())}
    needed = max(FEWEST, _FOR_EACH * sum(parameter.size > 1 for parameter in history.space.values()))
    enough = tuple(each for each in results if len(results[each].values) >= needed)
    # Of equally many where there are nowhere enough, those at the highest budget.
    most = max(results, key=lambda each: len(results[each].values), default=None)
    chosen = (budget if budget in enough else enough[0]) if enough else most
    count = len(results[chosen].values) if results else 0
    told = Importance(seen.goals[which], unit(history), chosen, enough, trials=count, needed=needed, missing="trials")
    return _explained(told, history.space, results[chosen], growing, cut=trials is not None) if enough else told


class _Results(NamedTuple):
    """Points of the unit cube, NaN where a parameter is inactive, and values, to be minimised."""

    points: FloatArray
    values: FloatArray


def _results(level: Level, goal: int, seen: Observations, space: Space, trials: Collection[int] | None) -> _Results:
    """Return the results at a budget that count."""
    wanted = None if trials is None else frozenset(trials)
    points: list[FloatArray] = []
    values: list[float] = []
    for trial, value in zip(level.trials, level.objectives[:, goal].tolist(), strict=True):
        if trial < 0 or not math.isfinite(value) or (wanted is not None and trial not in wanted):
            continue
        with suppress(SpaceError):  # the space may have been edited since
            points.append(space.encode([seen.config(trial)])[0])
            values.append(value)
    return _Results(np.array(points).reshape(-1, len(space)), np.array(values))


def _explained(told: Importance, space: Space, results: _Results, growing: Growing, *, cut: bool) -> Importance:
    """Add what a forest of the results explains, and by what."""
    sample = np.unique(np.linspace(0, told.trials - 1, min(told.trials, growing.most)).round().astype(np.intp))
    cube = cube_of(space, results.points[sample], cut=cut)
    values, strays = _without_strays(results.values[sample])
    constant = tuple(name for name in space if space[name].size > 1 and name not in cube.names)
    told = replace(told, used=len(sample), strays=strays, constant=constant)
    if not cube.names:
        return replace(told, missing="parameters")
    if np.ptp(values) <= 0.0:
        return replace(told, missing="differences")
    forest = grow(cube.points, values, cube.domain, cube.unordered, growing)
    shares = [found for tree in forest.trees if (found := cube.domain.shares(tree)) is not None]
    if not shares:  # those that differ lie where no configuration is
        return replace(told, missing="differences")
    parameters, pairs = _told(cube, shares)
    return replace(told, parameters=parameters, pairs=pairs, explained=forest.explained, missing=None)


def _told(cube: Cube, shares: Sequence[Shares]) -> tuple[tuple[Share, ...], tuple[Share, ...]]:
    """Return the shares of single parameters and of pairs, over all trees, the largest first."""
    singles, together = (np.array(part) for part in zip(*shares, strict=True))
    names = cube.names
    pairs = [pair for pair in itertools.combinations(range(len(names)), 2) if cube.domain.meet(*pair)]
    alone = [_share((name,), singles[:, at]) for at, name in enumerate(names)]
    both = [_share((names[one], names[other]), together[:, one, other]) for one, other in pairs]
    return tuple(sorted(alone, key=_size)), tuple(sorted(both, key=_size))


def _size(share: Share) -> float:
    return -share.share


def _share(names: tuple[str, ...], found: FloatArray) -> Share:
    low, high = np.quantile(found, _INTERVAL).tolist()
    share = float(found.mean())
    # A mean may lie beyond what most trees say.
    return Share(names, share, min(low, share), max(high, share))


def _without_strays(values: FloatArray) -> tuple[FloatArray, int]:
    """Return values to be minimised between 0 and 1, and how many far worse than all others were put at the limit."""
    scaled = values / (np.abs(values).max() or 1.0)
    better, worse = np.quantile(scaled, [0.25, 0.75])
    limit = worse + _STRAY * (worse - better) if worse > better else np.inf
    kept = np.minimum(scaled, limit)
    # Differences that are small beside the values would be none to a tree.
    return (kept - kept.min()) / (np.ptp(kept) or 1.0), int((scaled > limit).sum())
