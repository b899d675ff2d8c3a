"""How many configurations at which budgets: the tables of successive halving and Hyperband, in integers throughout.

Floating logarithms are off by one where it matters (``log(243, 3)`` is 4.999...), so none is used.
"""

from collections.abc import Callable
from typing import Literal, get_args

from tunewidgets.errors import StrategyError
from tunewidgets.history import Planned

Bracket = tuple[Planned, ...]
"""The rungs of one bracket, lowest first."""

HyperbandArithmetic = Literal["algorithm1", "printed", "keras_tuner"]
HalvingArithmetic = Literal["paper", "scikit-learn"]


def floor_log(number: int, base: int) -> int:
    """Return the largest k with ``base**k <= number``, for number >= 1.

    Examples
    --------
    >>> floor_log(243, 3), floor_log(242, 3)
    (5, 4)
    """
    k = 0
    while base ** (k + 1) <= number:
        k += 1
    return k


def ceil_log(number: int, base: int) -> int:
    """Return the smallest k with ``base**k >= number``, for number >= 1."""
    k = floor_log(number, base)
    return k if base**k == number else k + 1


def ceil_div(a: int, b: int) -> int:
    """Return a / b rounded up."""
    return -(a // -b)


def rounded_div(a: int, b: int) -> int:
    """Return a / b rounded to the nearest integer, halves up, and at least 1."""
    return max(1, (2 * a + b) // (2 * b))


def hyperband_table(
    max_budget: int, factor: int, arithmetic: HyperbandArithmetic = "algorithm1"
) -> tuple[Bracket, ...]:
    """Return the brackets of one pass of Hyperband, the most aggressive first.

    Parameters
    ----------
    max_budget : int
        R, the largest budget of one configuration.
    factor : int
        eta: of a rung the best 1/eta go on. At least 2.
    arithmetic : {"algorithm1", "printed", "keras_tuner"}
        Which source's numbers: Algorithm 1 of Li et al. (2018), whose bracket s starts
        ``ceil((s_max + 1) * eta**s / (s + 1))`` configurations; the table printed in the same paper, as its authors'
        code makes it, with ``floor((s_max + 1) / (s + 1)) * eta**s``; or Keras Tuner's, which rounds everything up.

    Returns
    -------
    tuple of Bracket
        Bracket s = s_max first.

    References
    ----------
    Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar: Hyperband, JMLR 18(185), 2018, Algorithm 1.

    Examples
    --------
    >>> [[tuple(rung) for rung in bracket] for bracket in hyperband_table(9, 3)]
    [[(9, 1), (3, 3), (1, 9)], [(5, 3), (1, 9)], [(3, 9)]]
    """
    if arithmetic not in _BRACKETS:
        raise StrategyError(f"arithmetic must be one of {', '.join(map(repr, _BRACKETS))}, not {arithmetic!r}")
    make = _BRACKETS[arithmetic]
    return tuple(make(max_budget, factor, s) for s in range(floor_log(max_budget, factor), -1, -1))


def _algorithm1(max_budget: int, factor: int, s: int) -> Bracket:
    s_max = floor_log(max_budget, factor)
    return _floors(ceil_div((s_max + 1) * factor**s, s + 1), max_budget, factor, s)


def _printed(max_budget: int, factor: int, s: int) -> Bracket:
    s_max = floor_log(max_budget, factor)
    return _floors((s_max + 1) // (s + 1) * factor**s, max_budget, factor, s)


def _floors(n: int, max_budget: int, factor: int, s: int) -> Bracket:
    return tuple(Planned(n // factor**i, rounded_div(max_budget, factor ** (s - i))) for i in range(s + 1))


def _keras_tuner(max_budget: int, factor: int, s: int) -> Bracket:
    last = 1 + ceil_log(max_budget, factor)
    return tuple(
        Planned(ceil_div(last * factor ** (s - i), s + 1), ceil_div(max_budget, factor ** (s - i)))
        for i in range(s + 1)
    )


_BRACKETS: dict[str, Callable[[int, int, int], Bracket]] = {
    "algorithm1": _algorithm1,
    "printed": _printed,
    "keras_tuner": _keras_tuner,
}


def halving_table(
    configurations: int, min_budget: int, max_budget: int, factor: int, arithmetic: HalvingArithmetic = "paper"
) -> Bracket:
    """Return the rungs of one successive halving.

    Parameters
    ----------
    configurations : int
        n, how many start.
    min_budget, max_budget : int
        r and R, the smallest and the largest budget.
    factor : int
        eta.
    arithmetic : {"paper", "scikit-learn"}
        "paper" (Jamieson & Talwalkar 2016): ``floor(n / eta**i)`` configurations, budgets counted down from R so that
        the last rung trains to R. "scikit-learn" (HalvingGridSearchCV): ``ceil(n / eta**i)`` configurations, budgets
        counted up from r by factors of eta while they do not pass R.

    Examples
    --------
    >>> [tuple(rung) for rung in halving_table(27, 1, 27, 3)]
    [(27, 1), (9, 3), (3, 9), (1, 27)]
    >>> [tuple(rung) for rung in halving_table(6, 20, 1000, 2, "scikit-learn")]
    [(6, 20), (3, 40), (2, 80)]
    """
    check_halving_arithmetic(arithmetic)
    k = min(floor_log(max_budget // min_budget, factor), floor_log(configurations, factor))
    if arithmetic == "paper":
        return tuple(
            Planned(configurations // factor**i, rounded_div(max_budget, factor ** (k - i))) for i in range(k + 1)
        )
    return tuple(Planned(ceil_div(configurations, factor**i), min_budget * factor**i) for i in range(k + 1))


def rung_budgets(min_budget: int, max_budget: int, factor: int) -> tuple[int, ...]:
    """Return the budgets of a ladder from r to R, the lowest first, as successive halving and Hyperband have them.

    They are counted down from R by factors of eta, while they are at least r, and rounded: so the top rung trains to R,
    and neighbours are always eta apart. (Counted up from r, a ladder to 50 would end with 27 and 50, and one to 10
    with 9 and 10: a rung that compares trials once more when little is left to save.)

    Parameters
    ----------
    min_budget, max_budget : int
        r and R, r at most R.
    factor : int
        eta.

    Examples
    --------
    >>> rung_budgets(1, 81, 3), rung_budgets(1, 50, 3), rung_budgets(1, 10, 3), rung_budgets(4, 4, 3)
    ((1, 3, 9, 27, 81), (2, 6, 17, 50), (1, 3, 10), (4,))
    """
    k = floor_log(max_budget // min_budget, factor)
    return tuple(rounded_div(max_budget, factor ** (k - i)) for i in range(k + 1))


def bracket_shares(rungs: int, factor: int) -> tuple[int, ...]:
    """Return in which proportion new trials go to the brackets of a ladder: bracket b begins at its rung b.

    They are the numbers of configurations of Hyperband's brackets, ``ceil((s_max + 1) * eta**s / (s + 1))`` with
    ``s = s_max - b``, so that all brackets train about as much (Li et al. 2018, Algorithm 1).

    Examples
    --------
    >>> bracket_shares(5, 3)
    (81, 34, 15, 8, 5)
    """
    return tuple(ceil_div(rungs * factor**s, s + 1) for s in range(rungs - 1, -1, -1))


def check_halving_arithmetic(arithmetic: object) -> None:
    """Refuse what is no name of a rounding.

    Raises
    ------
    StrategyError
        The message lists the names there are.
    """
    if arithmetic not in get_args(HalvingArithmetic):
        known = " or ".join(map(repr, get_args(HalvingArithmetic)))
        raise StrategyError(f"arithmetic must be {known}, not {arithmetic!r}")


def cut(bracket: Bracket, configurations: int, factor: int) -> Bracket:
    """Return a bracket that starts fewer configurations than planned, because a limit cuts it short.

    Rung i keeps ``max(1, n // eta**i)`` of them, never more than planned: a cut bracket still has a finalist.

    Examples
    --------
    >>> [tuple(rung) for rung in cut(hyperband_table(9, 3)[0], 5, 3)]
    [(5, 1), (1, 3), (1, 9)]
    """
    if configurations >= bracket[0].configurations:
        return bracket
    return tuple(
        Planned(min(rung.configurations, max(1, configurations // factor**i)), rung.budget)
        for i, rung in enumerate(bracket)
    )
