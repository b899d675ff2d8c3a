"""The table: every trial with its configuration, how it did, and why it is where it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from tunewidgets.analysis.bounds import broken_bounds, metrics_at_value
from tunewidgets.analysis.front import best_numbers
from tunewidgets.analysis.trials import trained, unit
from tunewidgets.history import Config, Direction, History, Trial, TrialState, rank_key, sentence, suggestion_sentence

_NUMBERS = frozenset({int, float, type(None)})


class Row(NamedTuple):
    """One trial.

    Attributes
    ----------
    number : int
        The trial's number.
    state : str
        Its state.
    value : float or None
        Its value by the search's rule.
    budget : int
        How far it has trained, in the objective's unit.
    bracket, rung : int or None
        Where its newest leg belongs; bracket None outside all brackets.
    started : float
        When its first leg began, in seconds since the epoch.
    seconds : float or None
        How long its legs took that have ended; None before the first has.
    reason : str
        Why it is in its state, as a sentence without a full stop; empty where there is nothing to say.
    error : str
        The same where it failed or was interrupted, else empty.
    config : mapping
        Its configuration; inactive parameters are absent.
    suggested : str
        Why its configuration was tried, as a sentence without a full stop.
    broken : str
        Which constraints it breaks, as a sentence without a full stop; empty where it keeps them.
    further : mapping
        Its values of the further goals and of the constrained metrics, as far as it reported them.
    """

    number: int
    state: TrialState
    value: float | None
    budget: int
    bracket: int | None
    rung: int
    started: float
    seconds: float | None
    reason: str
    error: str
    config: Config
    suggested: str = ""
    broken: str = ""
    further: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Table:
    """The table of trials.

    Attributes
    ----------
    metric, direction, unit : str
        What the values are, which of them are better, and what one unit of the budget is called.
    parameters : tuple of str
        The names of all parameters that occur in the trials, in the order of the space, older ones after it.
    numeric : frozenset of str
        Those of the parameters that have nothing but numbers as values.
    rows : tuple of Row
        By number: of all trials, or of those that were asked for.
    total : int
        How many trials there are.
    incumbent : int or None
        The incumbent's number.
    best : tuple of int
        The incumbent's number, or with several goals those of the trials that none beats.
    further : tuple of str
        The metrics that are looked at besides: the further goals, then what has a bound.
    compared : bool
        Whether the schedule ends trials on their way: then the reasons for their states differ.
    bracketed : bool
        Whether any trial belongs to a bracket.
    """

    metric: str
    direction: Direction
    unit: str
    parameters: tuple[str, ...]
    numeric: frozenset[str]
    rows: tuple[Row, ...]
    total: int
    incumbent: int | None
    best: tuple[int, ...] = ()
    further: tuple[str, ...] = ()
    compared: bool = True
    bracketed: bool = False


def trial_table(history: History, *, only: Collection[int] | None = None) -> Table:
    """Collect the trials as rows.

    Parameters
    ----------
    history : History
        What has happened.
    only : collection of int, optional
        The numbers of the trials that get a row; everything else is told of all trials. None: all.

    Returns
    -------
    Table
        Rows by trial number.

    Examples
    --------
    >>> trial_table(History()).rows
    ()
    """
    trials = history.trials.values()
    chosen = list(trials) if only is None else [history.trials[number] for number in sorted(only)]
    times = _times(history, {trial.number for trial in chosen})
    further = further_metrics(history)
    kinds = _kinds(history)
    return Table(
        metric=history.goal.metric,
        direction=history.direction,
        unit=unit(history),
        parameters=tuple(kinds),
        numeric=frozenset(name for name, types in kinds.items() if types <= _NUMBERS),
        rows=tuple(_row(history, trial, times[trial.number], further) for trial in chosen),
        total=len(history.trials),
        incumbent=history.incumbent.number if history.incumbent else None,
        best=best_numbers(history),
        further=further,
        compared=_compared(history),
        bracketed=any(trial.place.bracket is not None for trial in trials),
    )


def ranked(history: History, at_most: int) -> list[Trial]:
    """Return the best trials, best first: a higher budget reached goes before a better value.

    Parameters
    ----------
    history : History
        What has happened.
    at_most : int
        So many; trials without a value, and those that break a constraint, are left out.

    Returns
    -------
    list of Trial
    """
    direction = history.direction

    def merit(trial: Trial) -> tuple[int, float, int]:
        return (-trial.reached, *rank_key(trial.value, trial.number, direction))

    fit = (trial for trial in history.trials.values() if trial.value is not None and history.is_feasible(trial))
    return sorted(fit, key=merit)[:at_most]


def _times(history: History, numbers: set[int]) -> dict[int, tuple[float, float | None]]:
    """Return for each trial when it began, and the seconds of its legs that have ended."""
    times: dict[int, tuple[float, float | None]] = {}
    for (number, _), leg in history.legs.items():
        if number in numbers:
            started, seconds = times.get(number, (leg.started, None))
            if leg.ended is not None:
                seconds = (seconds or 0.0) + max(0.0, leg.ended - leg.started)
            times[number] = (started, seconds)
    return times


def further_metrics(history: History) -> tuple[str, ...]:
    """Return the names of the metrics that are looked at besides: the further goals, then what has a bound."""
    if history.opened is None:
        return ()
    metrics = [goal.metric for goal in history.opened.goals] + [each.metric for each in history.opened.constraints]
    return tuple(name for name in dict.fromkeys(metrics) if name != history.goal.metric)


def _compared(history: History) -> bool:
    schedule = history.opened.strategy.get("schedule") if history.opened else None
    return not isinstance(schedule, Mapping) or schedule.get("name") != "full"


def _row(history: History, trial: Trial, times: tuple[float, float | None], further: tuple[str, ...]) -> Row:
    unit_name = unit(history)
    reason = sentence(trial.reason, unit_name)
    metrics = metrics_at_value(history, trial) if further else {}
    return Row(
        number=trial.number,
        state=trial.state,
        value=trial.value,
        budget=trained(trial),
        bracket=trial.place.bracket,
        rung=trial.place.rung,
        started=times[0],
        seconds=times[1],
        reason=reason,
        error=reason if trial.state in ("failed", "interrupted") else "",
        config=trial.config,
        suggested=suggestion_sentence(trial, unit_name),
        broken=broken_bounds(history, trial),
        further={name: metrics[name] for name in further if name in metrics},
    )


def _kinds(history: History) -> dict[str, set[type]]:
    """Return the types of each parameter's values, the parameters in their order."""
    met: dict[str, set[type]] = {}
    for trial in history.trials.values():
        for name, value in trial.config.items():
            met.setdefault(name, set()).add(type(value))
    return {name: met[name] for name in dict.fromkeys([*(name for name in history.space if name in met), *met])}
