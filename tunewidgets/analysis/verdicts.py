"""Verdicts: what a test of several methods allows to say, in words, and nothing beyond it."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple

from tunewidgets.analysis.significance import LEVEL, least_probability


class Pair(NamedTuple):
    """Two methods beside each other.

    Attributes
    ----------
    first, second : str
        Their names.
    p : float
        What the test gives, corrected for the number of pairs of methods that are compared.
    better : str or None
        The one that has the better ranks; None where neither has.
    enough : bool
        Whether so many seeds could tell them apart at all.
    """

    first: str
    second: str
    p: float
    better: str | None
    enough: bool


class Standing(NamedTuple):
    """What verdicts are made of.

    Attributes
    ----------
    names : tuple of str
        The methods.
    seeds : mapping of str to int
        How many searches each has.
    waiting : tuple of str
        Those that have no value yet at the common cost.
    best : tuple of str
        Those with the best median: one, or several that have the same; of these the one with the best mean rank first.
    winner : str or None
        The one that is better than each of the others by the test.
    pairs : tuple of Pair
        Each two of them.
    paired : bool
        Whether seeds were compared one by one.
    where : str
        At which cost they were compared: "after 40 trials each".
    """

    names: tuple[str, ...]
    seeds: Mapping[str, int]
    waiting: tuple[str, ...]
    best: tuple[str, ...]
    winner: str | None
    pairs: tuple[Pair, ...]
    paired: bool
    where: str

    @property
    def leader(self) -> str:
        """The one that the others are measured by, where nobody wins."""
        return self.best[0]


def test_name(standing: Standing) -> str:
    """Return the name of the test.

    Examples
    --------
    >>> test_name(Standing((), {}, (), (), None, (), True, ""))
    "Wilcoxon's signed-rank test"
    """
    return "Wilcoxon's signed-rank test" if standing.paired else "the test of Mann and Whitney"


def verdict_of(standing: Standing, name: str) -> str:
    """Return what is to be said of one method, in a few words."""
    if standing.waiting:
        return "no value yet" if name in standing.waiting else "too early to say"
    if name == standing.winner:
        return "winner"
    ahead = standing.winner or standing.leader
    if name != ahead:
        pair = next(pair for pair in standing.pairs if {pair.first, pair.second} == {name, ahead})
        if name not in standing.best or (pair.enough and pair.p < LEVEL):
            return _beside(pair, ahead)
    return "best median" if len(standing.best) == 1 else "shares the best median"


def _beside(pair: Pair, ahead: str) -> str:
    if not pair.enough:
        return "too few seeds to say"
    if pair.p < LEVEL:
        return f"{'behind' if pair.better == ahead else 'ahead of'} {ahead} ({_p(pair.p)})"
    return f"not told apart from {ahead} ({_p(pair.p)})"


def verdict_of_all(standing: Standing) -> str:
    """Return the sentence that says who wins, or why nobody does."""
    if standing.waiting:
        has = "has" if len(standing.waiting) == 1 else "have"
        return f"Too early to say: {_list(standing.waiting)} {has} no value {standing.where}."
    if standing.winner is not None:
        return _won(standing, standing.winner)
    if not all(pair.enough for pair in standing.pairs):
        return _too_few(standing)
    return _shared(standing) if len(standing.best) > 1 else _led(standing)


def _led(standing: Standing) -> str:
    rivals = [
        pair.second if pair.first == standing.leader else pair.first
        for pair in standing.pairs
        if standing.leader in (pair.first, pair.second) and (pair.p >= LEVEL or pair.better != standing.leader)
    ]
    least = min(pair.p for pair in standing.pairs if _among(pair, standing.leader, rivals))
    return (
        f"No winner: {_best(standing)}, but {_test(standing)} does not put it ahead of {_list(rivals)} "
        f"({_p(least)}{_corrected(standing)})."
    )


def _shared(standing: Standing) -> str:
    said = f"No winner: {_best(standing)}, and {_test(standing)}"
    if len(standing.names) > 2:  # noqa: PLR2004 - of two there is one probability to tell
        return f"{said} puts none ahead of all others."
    return f"{said} does not tell them apart ({_p(standing.pairs[0].p)})."


def _won(standing: Standing, winner: str) -> str:
    others = [name for name in standing.names if name != winner]
    most = max(pair.p for pair in standing.pairs if winner in (pair.first, pair.second))
    return (
        f"{winner} is better than {_list(others)} {standing.where}, by {_test(standing)} "
        f"({'at most ' if len(others) > 1 else ''}{_p(most)}{_corrected(standing)})."
    )


def _too_few(standing: Standing) -> str:
    comparisons = len(standing.pairs)
    needed = next(n for n in count(2) if least_probability(n, None if standing.paired else n) * comparisons < LEVEL)
    joined = "but" if len(standing.best) == 1 else "and"
    which = " for every two of them" if comparisons > 1 else ""
    return (
        f"Too few seeds to say: {_best(standing)}, {joined} {_test(standing)} cannot come "
        f"below p = {LEVEL:g}{which}, whatever the values; with {needed} seeds of each method it could."
    )


def _best(standing: Standing) -> str:
    has = "has the best median" if len(standing.best) == 1 else "have the same median, the best,"
    return f"{_list(standing.best)} {has} {standing.where}"


def _among(pair: Pair, leader: str, rivals: Sequence[str]) -> bool:
    return leader in (pair.first, pair.second) and bool({pair.first, pair.second} & set(rivals))


def _test(standing: Standing) -> str:
    numbers = [standing.seeds[name] for name in standing.names]
    if standing.paired:
        return f"{test_name(standing)} of {numbers[0]} pair{'' if numbers[0] == 1 else 's'} of equal seeds"
    few, many = min(numbers), max(numbers)
    seeds = f"{few} seed{'' if few == 1 else 's'} each" if few == many else f"{few} to {many} seeds"
    return f"{test_name(standing)} with {seeds}"


def _corrected(standing: Standing) -> str:
    return f", corrected for {len(standing.pairs)} comparisons" if len(standing.pairs) > 1 else ""


def _p(value: float) -> str:
    return f"p = {value:.2g}"


def _list(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
