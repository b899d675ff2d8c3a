"""The audit: every decision of a stored search, recomputed from its events, must come out the same.

It is the proof that state is a function of the events. It works on the history of any search, of any strategy whose
sampler and schedule keep their contracts, after any number of crashes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tunewidgets.history import (
    Continue,
    Continued,
    Drop,
    Ended,
    Entry,
    Event,
    Exhausted,
    History,
    Judged,
    Start,
    Started,
    Step,
)
from tunewidgets.samplers import Sampler, Suggestion, generator_for
from tunewidgets.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Difference:
    """A decision that came out differently: the entry, and what is answered now."""

    entry: Entry
    answer: Any


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How many decisions were recomputed, and which of them differ."""

    decisions: int
    differences: tuple[Difference, ...]


def audit(entries: Iterable[Entry], schedule: Schedule, sampler: Sampler) -> AuditReport:
    """Recompute every start, suggestion, promotion, drop and judgement of a search.

    Parameters
    ----------
    entries : iterable of Entry
        The whole history, from its opening on.
    schedule, sampler : Schedule, Sampler
        The strategy with the settings it had.

    Returns
    -------
    AuditReport
        With no differences where the strategy keeps its contract.

    Examples
    --------
    >>> report = audit(store.read(), Hyperband(27), Random())
    >>> report.differences
    ()
    """
    replay = _Replay(schedule, sampler)
    for entry in entries:
        replay.check(entry)
        replay.fold(entry.event)
    return AuditReport(replay.decisions, tuple(replay.differences))


class _Replay:
    def __init__(self, schedule: Schedule, sampler: Sampler) -> None:
        self.decisions = 0
        self.differences: list[Difference] = []
        self._history = History()
        self._ladder, self._proposer = schedule.begin(), sampler.begin()
        self._known = 0  # how many events the proposer has been told

    def fold(self, event: Event) -> None:
        self._history.append(event)
        self._ladder.apply(event)

    def check(self, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, Started):
            self._check_start(entry, event)
        elif isinstance(event, Continued) and event.why == "promoted":
            self._expect(entry, self._ladder.next(), Continue(event.trial, event.place, event.reason))
        elif isinstance(event, Continued) and event.why == "retried":
            self._expect(entry, self._ladder.retry(self._history.trials[event.trial]), event.place)
        elif isinstance(event, Ended) and event.state == "pruned" and event.trial not in self._history.running:
            self._expect(entry, self._ladder.next(), Drop(event.trial, event.reason))
        elif isinstance(event, Judged) and event.reason.get("kind") != "user":
            report = self._history.reports(event.trial)[-1]
            self._expect(entry, self._ladder.judge(report), (event.action, event.reason))
        elif isinstance(event, Exhausted):
            self._expect(entry, self._suggest(len(self._history), len(self._history.trials)), [])

    def _check_start(self, entry: Entry, event: Started) -> None:
        if event.place.bracket is not None:
            self._expect(entry, self._ladder.next(), Start(event.place))
        if event.origin == "sampler":
            suggested = self._suggest(event.seen, event.trial)
            self._expect(entry, suggested, [Suggestion(event.config, event.notes)])

    def _suggest(self, seen: int, trial: int) -> list[Suggestion]:
        for entry in self._history[self._known : seen]:
            self._proposer.apply(entry.event)
        self._known = max(self._known, seen)
        return self._proposer.suggest(self._history.space, generator_for(self._history.seed, trial))

    def _expect(self, entry: Entry, answer: Step | list[Suggestion] | object, stored: object) -> None:
        self.decisions += 1
        if answer != stored:
            self.differences.append(Difference(entry, answer))
