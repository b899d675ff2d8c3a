"""Progress: how far the search is, how long it will take, and what is the best so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tunewidgets.analysis.front import FrontPoint, trade_offs
from tunewidgets.analysis.plans import plan_now
from tunewidgets.analysis.trials import trained, unit
from tunewidgets.history import (
    SETTLED,
    Config,
    Direction,
    History,
    Plan,
    Status,
    sentence,
)
from tunewidgets.history.words import number


class Best(NamedTuple):
    """The incumbent: its number, its value, how far it has trained, and its configuration."""

    trial: int
    value: float
    budget: int
    config: Config


class Span(NamedTuple):
    """From where to where the best trade-offs reach in one goal, the better end first."""

    metric: str
    best: float
    worst: float


@dataclass(frozen=True, slots=True)
class Progress:
    """What a status line says.

    Attributes
    ----------
    status : str
        Where the search stands, as far as its events tell.
    metric, direction, unit : str
        What the values are, which of them are better, and what one unit of the budget is called.
    counts : mapping
        How many trials are in each state that occurs.
    started, finished : int
        How many trials have begun, and how many are settled for good.
    trials : int or None
        How many there will be: by the plan, by the limit, or by the smaller of them; None where nothing says so.
    legs, legs_planned : int, int or None
        How many legs have come to rest (one run again after a loss counts once), and how many are planned.
    spent, spent_planned : int, int or None
        How much has been trained, in the objective's unit, and how much is planned.
    elapsed : float
        Seconds for which the search was open and not paused; time without a coordinator is left out.
    ticking : bool
        Whether that time goes on: the search is open and not paused.
    remaining : float or None
        Seconds still to come, estimated from the speed so far; None where it cannot be.
    busy, workers : int
        How many legs run now, and how many may.
    best : Best or None
        The incumbent.
    ending : str
        Why the search came to rest, in words; empty while it has not.
    front : tuple of Span
        With several goals, one for each: from where to where the best trade-offs reach; else empty.
    trade_offs : int
        How many trials there are that none beats in all goals at once; 0 with one goal.
    bounds : tuple of str
        The constraints in words: a metric, a sign and a bound.
    """

    status: Status
    metric: str
    direction: Direction
    unit: str
    counts: Mapping[str, int]
    started: int
    finished: int
    trials: int | None
    legs: int
    legs_planned: int | None
    spent: int
    spent_planned: int | None
    elapsed: float
    ticking: bool
    remaining: float | None
    busy: int
    workers: int
    best: Best | None
    ending: str
    front: tuple[Span, ...] = ()
    trade_offs: int = 0
    bounds: tuple[str, ...] = ()


def search_progress(history: History, plan: Plan | None = None, *, now: float | None = None) -> Progress:
    """Collect the facts of the status line.

    Parameters
    ----------
    history : History
        What has happened.
    plan : Plan or None
        What the schedule was to do when the search began, where it can tell.
    now : float, optional
        The time in seconds since the epoch, for a search that is under way; by default that of the newest event.

    Returns
    -------
    Progress
        Costs time proportional to the number of events.

    Examples
    --------
    >>> search_progress(History(), Plan(())).status
    'starting'
    """
    plan = plan_now(history, plan)
    finished = sum(history.counts.get(state, 0) for state in SETTLED)
    expected = _expected(history, plan)
    spent = sum(trained(trial) for trial in history.trials.values())
    planned = plan.budget if plan is not None and expected == plan.trials else None
    called = unit(history, plan)
    elapsed, ticking = _elapsed(history, now)
    front = _front(history)
    shares = [spent / planned] if planned else [finished / expected] if expected else []
    return Progress(
        status=history.status,
        metric=history.goal.metric,
        direction=history.direction,
        unit=called,
        counts=dict(history.counts),
        started=len(history.trials),
        finished=finished,
        trials=expected,
        legs=sum(leg.outcome not in (None, "lost") for leg in history.legs.values()),
        legs_planned=plan.legs if plan is not None and expected == plan.trials else None,
        spent=spent,
        spent_planned=planned,
        elapsed=elapsed,
        ticking=ticking,
        remaining=_remaining(history, elapsed, shares[0] if shares else 0.0),
        busy=len(history.running),
        workers=history.workers,
        best=_best(history),
        ending=sentence(history.closed.reason, called) if history.closed is not None else "",
        front=_spans(history, front),
        trade_offs=len(front),
        bounds=_bounds(history),
    )


def _expected(history: History, plan: Plan | None) -> int | None:
    """Return how many trials there will be."""
    known = [number for number in (plan.trials if plan else None, history.limits.trials) if number is not None]
    # A plan made before the user added trials is overtaken by what has happened.
    return max(min(known), len(history.trials)) if known else None


def _elapsed(history: History, now: float | None) -> tuple[float, bool]:
    """Return for how many seconds the search has worked, and whether that goes on."""
    if not history.working:
        return history.worked, False
    last = history[-1].at
    return history.worked + max(0.0, (last if now is None else now) - last), True


def _remaining(history: History, elapsed: float, share: float) -> float | None:
    if history.status != "running" or elapsed <= 0:
        return None
    estimates = []
    if share > 0:
        estimates.append(elapsed * max(0.0, 1 - share) / share)
    if history.limits.timeout is not None:
        estimates.append(max(0.0, history.limits.timeout - elapsed))
    return min(estimates, default=None)


def _best(history: History) -> Best | None:
    trial = history.incumbent
    if trial is None or trial.value is None:
        return None
    return Best(trial.number, trial.value, trained(trial), trial.config)


def _front(history: History) -> tuple[FrontPoint, ...]:
    several = history.opened is not None and len(history.opened.goals) > 1
    return trade_offs(history) if several else ()


def _spans(history: History, front: Sequence[FrontPoint]) -> tuple[Span, ...]:
    spans = []
    for index, goal in enumerate(history.opened.goals if history.opened and front else ()):
        values = sorted((point.values[index] for point in front), reverse=goal.direction == "max")
        spans.append(Span(goal.metric, values[0], values[-1]))
    return tuple(spans)


def _bounds(history: History) -> tuple[str, ...]:
    constraints = history.opened.constraints if history.opened else ()
    return tuple(f"{each.metric} \N{LESS-THAN OR EQUAL TO} {number(each.bound)}" for each in constraints)
