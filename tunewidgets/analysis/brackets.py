"""Brackets: what the schedule will do, how far it has come, and who went on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tunewidgets.analysis.trials import trained, unit
from tunewidgets.errors import StrategyError
from tunewidgets.history import Continued, Data, Ended, History, Judged, Place, Plan, Planned, Reported, Started
from tunewidgets.schedules import ASHA

Outcome = Literal["promoted", "completed", "running", "paused", "pruned", "stopped", "failed"]
"""What became of a trial at a rung.

"running" is on its way to it (also when its leg was lost and will be run again), "paused" has settled there and is not
yet judged, "pruned" was beaten there, "completed" has reached the top, "stopped" was ended by the user.
"""

OUTCOMES: tuple[Outcome, ...] = ("promoted", "completed", "paused", "running", "pruned", "stopped", "failed")
"""In the order in which a rung shows them."""

_STATES: Mapping[str, Outcome] = {
    "running": "running",
    "interrupted": "running",
    "paused": "paused",
    "pruned": "pruned",
    "completed": "completed",
    "failed": "failed",
    "stopped": "stopped",
}


_CLIMBING = ("continue", "stop")
"""What a schedule says that lets trials climb within one leg."""


class Member(NamedTuple):
    """A trial at a rung.

    Attributes
    ----------
    trial : int
        The trial's number.
    outcome : str
        What became of it here.
    value : float or None
        What the rung compared, None before that or where it could not be compared.
    rank, of : int or None
        Its rank among so many when it was judged, counted from 1; None before that.
    """

    trial: int
    outcome: Outcome
    value: float | None = None
    rank: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One budget of a bracket.

    Attributes
    ----------
    number : int
        Counted from 0, the lowest budget.
    budget : int or None
        In the objective's unit; None: as long as it takes.
    planned : int or None
        How many configurations the plan lets come here; None without a plan.
    members : tuple of Member
        Those that have come, in that order.
    """

    number: int
    budget: int | None
    planned: int | None
    members: tuple[Member, ...] = ()

    @property
    def entered(self) -> int:
        """How many trials have come here."""
        return len(self.members)

    @property
    def settled(self) -> int:
        """How many of them no longer run towards this budget."""
        return sum(member.outcome != "running" for member in self.members)

    @property
    def size(self) -> int:
        """How many come here in the end, as far as is known."""
        return max(self.entered, self.planned or 0)

    @property
    def to_come(self) -> int:
        """How many of the planned places are still empty."""
        return self.size - self.entered

    def count(self, outcome: Outcome) -> int:
        """How many members had this outcome."""
        return sum(member.outcome == outcome for member in self.members)


@dataclass(frozen=True, slots=True)
class Bracket:
    """A ladder of rungs.

    Attributes
    ----------
    number : int
        Counted from 0.
    rungs : tuple of Rung
        The lowest budget first.
    spent : int
        How much its trials have trained, in the objective's unit; what was lost and run again counts once.
    planned : int or None
        How much that will be; None without a plan, or where it is unbounded.
    """

    number: int
    rungs: tuple[Rung, ...]
    spent: int
    planned: int | None


@dataclass(frozen=True, slots=True)
class Brackets:
    """Every bracket, planned and begun.

    Attributes
    ----------
    unit : str
        What one unit of the budget is called.
    brackets : tuple of Bracket
        By number.
    spent, planned : int, int or None
        The sums over all trials and over the plan; None without a plan, or where it is unbounded.
    """

    unit: str
    brackets: tuple[Bracket, ...]
    spent: int
    planned: int | None

    @property
    def climbs(self) -> bool:
        """Whether any bracket has more than one rung: else nothing is ever compared on the way."""
        return any(len(bracket.rungs) > 1 for bracket in self.brackets)


def bracket_ladders(history: History, plan: Plan | None = None) -> Brackets:
    """Collect what is planned and what has happened at every rung.

    Parameters
    ----------
    history : History
        What has happened.
    plan : Plan or None
        What the schedule will do, where it can tell.

    Returns
    -------
    Brackets
        Costs time proportional to the number of events.

    Examples
    --------
    >>> bracket_ladders(History(), Plan(((Planned(4, 1), Planned(2, 2)),))).brackets[0].rungs[1]
    Rung(number=1, budget=2, planned=2, members=())
    """
    ladders = _Ladders(history)
    planned = plan.brackets if plan is not None else ()
    numbers = range(max([len(planned), len(ladders.known), *(number + 1 for number in ladders.spent)]))
    found = tuple(_bracket(ladders, number, planned[number] if number < len(planned) else ()) for number in numbers)
    total = plan.budget if plan is not None else None
    return Brackets(unit(history, plan), found, sum(trained(trial) for trial in history.trials.values()), total)


def actual_plan(history: History) -> Plan:
    """Return what a search has really done, in the form of a plan: the legs that were started at every rung.

    For a search that ran undisturbed this equals the schedule's own plan.

    Parameters
    ----------
    history : History
        What has happened.

    Returns
    -------
    Plan
        A leg that was run again after a loss counts once; trials outside all brackets do not count.
    """
    legs: Counter[tuple[int, int, int | None]] = Counter()
    for event in history:
        if isinstance(event, Started) or (isinstance(event, Continued) and event.why == "promoted"):
            place = event.place
            if place.bracket is not None:
                legs[place.bracket, place.rung, place.budget] += 1
    count = max((bracket + 1 for bracket, _, _ in legs), default=0)
    found: list[list[Planned]] = [[] for _ in range(count)]
    for (bracket, _, budget), number in sorted(legs.items(), key=lambda item: item[0][:2]):
        found[bracket].append(Planned(number, budget))
    return Plan(tuple(tuple(rungs) for rungs in found))


def _bracket(ladders: "_Ladders", number: int, planned: tuple[Planned, ...]) -> Bracket:
    reached = ladders.rungs.get(number, {})
    known = ladders.known[number] if number < len(ladders.known) else ()
    budgets = {**ladders.budgets.get(number, {}), **dict(enumerate(known))}
    rungs = []
    for level in range(max([len(planned), len(known), *(level + 1 for level in reached)])):
        plan = planned[level] if level < len(planned) else None
        budget = plan.budget if plan is not None else budgets.get(level)
        members = tuple(reached.get(level, {}).values())
        rungs.append(Rung(level, budget, plan.configurations if plan is not None else None, members))
    total = Plan((planned,)).budget if planned else None
    return Bracket(number, tuple(rungs), ladders.spent.get(number, 0), total)


class _Ladders:
    """The fold: who is at which rung of which bracket, with what outcome.

    `known` are the budgets of every bracket's rungs where the schedule tells them without a plan.
    """

    def __init__(self, history: History) -> None:
        self.known = known_ladders(history)
        self.rungs: dict[int, dict[int, dict[int, Member]]] = {}
        self.budgets: dict[int, dict[int, int | None]] = {}
        self.spent: Counter[int] = Counter()
        self._at: dict[int, tuple[int, int]] = {}
        for event in history:
            if type(event) is Reported:  # most events are, and none of them moves a trial
                continue
            if type(event) is Ended:
                self._update(event.trial, _STATES[event.state], event.value, event.reason)
            elif type(event) is Judged:
                if event.action in _CLIMBING:
                    self._judge(event, history)
            elif type(event) is Started:
                self._put(event.trial, event.place)
            elif type(event) is Continued:
                self._continue(event)
        for trial in history.trials.values():
            if trial.place.bracket is not None:
                self.spent[trial.place.bracket] += trained(trial)

    def _continue(self, event: Continued) -> None:
        if event.place.bracket is None:  # run again outside of its bracket: there it stays what it was
            self._at.pop(event.trial, None)
        elif event.why == "promoted":
            self._update(event.trial, "promoted", None, event.reason)
            self._put(event.trial, event.place)
        else:
            self._update(event.trial, "running", None, {})

    def _put(self, trial: int, place: Place) -> None:
        if place.bracket is None:
            return
        self.budgets.setdefault(place.bracket, {})[place.rung] = place.budget
        self.rungs.setdefault(place.bracket, {}).setdefault(place.rung, {})[trial] = Member(trial, "running")
        self._at[trial] = (place.bracket, place.rung)

    def _judge(self, event: Judged, history: History) -> None:
        # A schedule that stops trials on their way lets them climb within one leg: its judgements are their steps.
        rung, at = event.reason.get("rung"), self._at.get(event.trial)
        if at is None or not isinstance(rung, int) or rung < at[1]:
            return
        top = history.trials[event.trial].place.budget
        for skipped in range(at[1], rung):  # a report that jumps over several rungs is judged at the highest
            self._update(event.trial, "promoted", None, {})
            self._put(event.trial, Place(at[0], skipped + 1, top))
        self.budgets[at[0]][rung] = event.reason.get("budget")
        value = event.reason.get("value")
        self._update(event.trial, "promoted" if event.action == "continue" else "pruned", value, event.reason)
        if event.action == "continue":
            self._put(event.trial, Place(at[0], rung + 1, top))

    def _update(self, trial: int, outcome: Outcome, value: float | None, reason: Data) -> None:
        at = self._at.get(trial)
        if at is None:  # it belongs to no bracket
            return
        members = self.rungs[at[0]][at[1]]
        _, _, before, rank, of = members[trial]
        known = before if value is None else value
        members[trial] = Member(trial, outcome, known, reason.get("rank", rank), reason.get("of", of))


def known_ladders(history: History) -> tuple[tuple[int, ...], ...]:
    """Return the budgets of every bracket's rungs, of a search whose schedule knows them but cannot tell a plan."""
    settings = dict(history.opened.strategy.get("schedule") or {}) if history.opened else {}
    if settings.pop("name", None) != "asha":
        return ()
    try:
        return ASHA(**settings).ladders
    except (StrategyError, TypeError):  # settings that are not complete, or another version's
        return ()


def outcomes(rung: Rung) -> Iterator[tuple[Outcome, tuple[Member, ...]]]:
    """Yield the outcomes that occur at a rung, in their order, with their members: the best rank first."""
    for outcome in OUTCOMES:
        found = [member for member in rung.members if member.outcome == outcome]
        if found:
            yield outcome, tuple(_by_rank(found))


def _by_rank(members: Iterable[Member]) -> list[Member]:
    return sorted(members, key=lambda member: (member.rank is None, member.rank or 0))
