"""Population: the family tree of an evolution, who lives, whom the best one comes from, and which mutations helped."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tunewidgets.analysis.births import Birth, births
from tunewidgets.analysis.bounds import goal_named, value_of_goal
from tunewidgets.analysis.trials import is_compared
from tunewidgets.history import Direction, Goal, History, rank_key
from tunewidgets.samplers import SAMPLERS, sampler_from_json
from tunewidgets.samplers.breeding import Breeder
from tunewidgets.samplers.breeding import Population as Living

_BREEDERS = ("evolution", "genetic", "nsga2")


class Member(NamedTuple):
    """One trial.

    Attributes
    ----------
    birth : Birth
        Where it comes from.
    value : float or None
        Its value of the goal by the search's rule; None where it has none, and where it failed.
    alive : bool
        Whether it could be a parent now.
    """

    birth: Birth
    value: float | None
    alive: bool


class Mutations(NamedTuple):
    """How one parameter's mutations turned out.

    Attributes
    ----------
    parameter : str
        Its name.
    tried : int
        In how many children it was mutated that can be compared with their parents.
    improved : int
        How many of these are better than their parents.
    """

    parameter: str
    tried: int
    improved: int


@dataclass(frozen=True, slots=True)
class FamilyTree:
    """The trials of an evolution.

    Attributes
    ----------
    metric, direction : str
        The goal that the values are of, and which of them are better.
    goals : int
        How many goals there are.
    members : tuple of Member
        By number.
    size : int or None
        How many may live at once; None where nobody knows.
    alive : int
        How many live now, results known before the search included.
    generations : int
        The highest generation: 0 where there are no children.
    lineage : tuple of int
        The way of the best by the goal, which is the incumbent by the first one: its first ancestor, that one's child,
        and so on to itself. Of two parents it goes to the one that was better when they had the child. Empty before
        there is a best one.
    children, improved : int
        How many children can be compared with their parents, and how many of these are better.
    mutations : tuple of Mutations
        A parameter each: the one whose mutations improved most often first, then the one that was tried most often.
    """

    metric: str
    direction: Direction
    goals: int
    members: tuple[Member, ...]
    size: int | None
    alive: int
    generations: int
    lineage: tuple[int, ...]
    children: int
    improved: int
    mutations: tuple[Mutations, ...]


def family_tree(history: History, metric: str | None = None) -> FamilyTree:
    """Collect who descends from whom, who lives, and what mutations have come to.

    Who lives is not kept in the history: it follows from it. The sampler itself is asked, after it has been told all
    events, so the card shows those of whom the next child would come.

    Parameters
    ----------
    history : History
        What has happened.
    metric : str, optional
        Of which goal; the first one unless given.

    Returns
    -------
    FamilyTree
        Costs time proportional to the number of events.

    Examples
    --------
    >>> family_tree(History()).members
    ()
    """
    goal = goal_named(history, metric)
    found = births(history)
    living = _living(history)
    alive = frozenset(living.trials) if living else frozenset()
    judged = [birth for birth in found if birth.improved is not None]
    return FamilyTree(
        metric=goal.metric,
        direction=goal.direction,
        goals=len(history.opened.goals) if history.opened else 1,
        members=tuple(Member(birth, _value(history, birth.number, goal), birth.number in alive) for birth in found),
        size=living.size if living else None,
        alive=len(alive),
        generations=max((birth.generation for birth in found), default=0),
        lineage=_lineage(history, found, _best(history, goal)),
        children=len(judged),
        improved=sum(bool(birth.improved) for birth in judged),
        mutations=_mutations(judged),
    )


def sampler_name(history: History) -> str | None:
    """Return the name of the search's sampler; None where the history does not say."""
    strategy = history.opened.strategy if history.opened else {}
    name = strategy.get("sampler", {}).get("name")
    return str(name) if name else None


def has_parents(history: History) -> bool:
    """Whether trials have parents here: the sampler breeds, or notes tell of some."""
    return sampler_name(history) in _BREEDERS or any("parents" in trial.notes for trial in history.trials.values())


def _value(history: History, number: int, goal: Goal) -> float | None:
    trial = history.trials[number]
    return None if trial.state == "failed" else value_of_goal(history, trial, goal)


def _best(history: History, goal: Goal) -> int:
    """Return the number of the best trial by a goal, of the first one the incumbent's; -1 before there is one."""
    if goal == history.goal:
        return history.incumbent.number if history.incumbent else -1
    compared = [trial.number for trial in history.trials.values() if is_compared(history, trial)]
    values = {number: value for number in compared if (value := _value(history, number, goal)) is not None}
    return min(values, key=lambda number: rank_key(values[number], number, goal.direction), default=-1)


def _living(history: History) -> Living | None:
    """Ask the sampler who lives; None where it is none that breeds."""
    proposer = _proposer(history)
    if proposer is None:
        return None
    for event in history:
        proposer.apply(event)
    return proposer.population(history.space)


def _proposer(history: History) -> Breeder | None:
    settings = (history.opened.strategy if history.opened else {}).get("sampler", {})
    if settings.get("name") in _BREEDERS:
        proposer = sampler_from_json(settings).begin()
    else:
        # A search whose settings are not written down: the notes of its newest suggestion say how many there were.
        notes = [
            t.notes for t in history.trials.values() if t.notes.get("kind") in _BREEDERS and "population" in t.notes
        ]
        if not notes:
            return None
        proposer = SAMPLERS[notes[-1]["kind"]](population=notes[-1]["population"]).begin()
    return proposer if isinstance(proposer, Breeder) else None


def _lineage(history: History, found: Sequence[Birth], best: int) -> tuple[int, ...]:
    way: list[int] = []
    number = best
    while number >= 0:  # a result known before the search is no trial
        way.append(number)
        parents = found[number].parents
        ranks = history.trials[number].notes.get("ranks", (0,) * len(parents))
        number = min(zip(ranks, range(len(parents)), parents, strict=True))[-1] if parents else -1
    return tuple(reversed(way))


def _mutations(judged: Iterable[Birth]) -> tuple[Mutations, ...]:
    tried: Counter[str] = Counter()
    improved: Counter[str] = Counter()
    for birth in judged:
        names = [change.parameter for change in birth.changes]
        tried.update(names)
        improved.update(names if birth.improved else ())
    found = (Mutations(name, count, improved[name]) for name, count in tried.items())
    return tuple(sorted(found, key=lambda each: (-each.improved, -each.tried, each.parameter)))
