"""Agreement of rungs: whether trials that are good at a low budget are the good ones at the next.

Everything that stops trials early rests on this. Where it does not hold, a low budget misleads: the best configurations
may be those that begin slowly.
"""

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.brackets import Brackets
from tunewidgets.history import History, amount, is_finite

FEWEST = 10
"""Over fewer trials a rank correlation is hardly more than noise: none is told."""

LITTLE = 0.3
"""Below this, ranks agree little. Mostly those trials alone have a value at both budgets that were promoted: the best
third at the lower one. Within the best third the correlation is lower than among all: for values with a joint normal
distribution 0.3 there means 0.5 among all: the lower budget explains a quarter of what differs at the higher."""

WELL = 0.6
"""A warning is given only where agreement as good as this lies outside the 95 % interval: chance alone is no reason to
warn. Within the best third it means 0.8 among all."""

_NORMAL_95 = 1.959964
_SPEARMAN = 1.06
"""The variance of Fisher's z of a rank correlation is 1.06 / (n - 3): Fieller, Hartley, Pearson, Biometrika 1957."""

_Ranks = npt.NDArray[np.float64]


class RungAgreement(NamedTuple):
    """Two neighbouring rungs.

    Attributes
    ----------
    low, high : int
        Their budgets, in the objective's unit.
    trials : int
        How many trials have a finite value at both.
    correlation : float or None
        Spearman's rank correlation of these values, equal ones sharing their mean rank; None over fewer than `FEWEST`
        trials, or where all values at one budget are equal.
    interval : tuple of (float, float) or None
        Its 95 % interval, by Fisher's z.
    """

    low: int
    high: int
    trials: int
    correlation: float | None = None
    interval: tuple[float, float] | None = None

    @property
    def little(self) -> bool:
        """Whether the ranks agree so little that the lower budget misleads."""
        if self.correlation is None or self.interval is None:
            return False
        return self.correlation < LITTLE and self.interval[1] < WELL


@dataclass(frozen=True, slots=True)
class Agreement:
    """Every pair of neighbouring rungs, over all brackets together, the lowest budgets first.

    Attributes
    ----------
    unit : str
        What one unit of the budget is called.
    pairs : tuple of RungAgreement
        One for each pair of budgets that follow each other in any bracket.
    """

    unit: str
    pairs: tuple[RungAgreement, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each pair that agrees little, and what to do about it."""
        return tuple(f"{said(pair, self.unit)}: {_cure(pair, self.unit)}" for pair in self.pairs if pair.little)


def said(pair: RungAgreement, unit: str) -> str:
    """Return how well two rungs agree, in a line without a full stop.

    Examples
    --------
    >>> said(RungAgreement(1, 3, 27, 0.12, (-0.29, 0.49)), "epoch")
    'ranks at 1 and 3 epochs agree little (Spearman 0.12 over 27 trials)'
    """
    where = f"ranks at {pair.low} and {amount(pair.high, unit)}"
    if pair.correlation is None:
        return f"{where}: only {amount(pair.trials, 'trial')} to compare"
    little = " little" if pair.little else ""
    return f"{where} agree{little} (Spearman {pair.correlation:.2f} over {amount(pair.trials, 'trial')})"


def _cure(pair: RungAgreement, unit: str) -> str:
    return (
        f"who is pruned after {amount(pair.low, unit)} might have been among the best after {pair.high}; "
        f"a larger smallest budget compares them later"
    )


def rung_agreement(history: History, brackets: Brackets) -> Agreement:
    """Compare the ranks of trials at neighbouring rungs.

    Parameters
    ----------
    history : History
        What has happened.
    brackets : Brackets
        The rungs, from `tunewidgets.analysis.bracket_ladders`.

    Returns
    -------
    Agreement
        A trial counts wherever it has reported at both budgets, in whichever bracket, whether they were its rungs or
        lay on its way. Costs time in proportion to the number of reports.

    Examples
    --------
    >>> rung_agreement(history, bracket_ladders(history)).pairs
    (RungAgreement(low=1, high=3, trials=27, correlation=0.12, interval=(-0.29, 0.49)),)
    """
    pairs = _neighbours(brackets)
    budgets = {budget for pair in pairs for budget in pair}
    values: dict[int, dict[int, float]] = {budget: {} for budget in budgets}
    for trial, reports in history.courses.items() if budgets else ():
        for budget in budgets:
            report = reports.get(budget)
            if report is not None and is_finite(report.value):
                values[budget][trial] = report.value
    return Agreement(brackets.unit, tuple(_compare(low, high, values[low], values[high]) for low, high in pairs))


def _neighbours(brackets: Brackets) -> list[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for bracket in brackets.brackets:
        budgets = sorted({rung.budget for rung in bracket.rungs if rung.budget is not None})
        found.update(itertools.pairwise(budgets))
    return sorted(found)


def _compare(low: int, high: int, before: dict[int, float], after: dict[int, float]) -> RungAgreement:
    common = [trial for trial in after if trial in before]
    n = len(common)
    if n < FEWEST:
        return RungAgreement(low, high, n)
    correlation = spearman([before[trial] for trial in common], [after[trial] for trial in common])
    if correlation is None:
        return RungAgreement(low, high, n)
    return RungAgreement(low, high, n, correlation, fisher_interval(correlation, n))


def spearman(x: list[float], y: list[float]) -> float | None:
    """Return Spearman's rank correlation; None where one side is constant.

    Parameters
    ----------
    x, y : list of float
        Finite values in pairs, shape (n,); equal values share their mean rank.

    Examples
    --------
    >>> spearman([1.0, 2.0, 3.0], [10.0, 30.0, 20.0])
    0.5
    """
    a, b = _ranks(x), _ranks(y)
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale else None


def _ranks(values: list[float]) -> _Ranks:
    _, inverse, counts = np.unique(np.asarray(values, float), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: _Ranks = (last - (counts - 1) / 2)[inverse.reshape(-1)]
    return mean


def fisher_interval(correlation: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a rank correlation of n pairs, n at least 4, by Fisher's z.

    Examples
    --------
    >>> tuple(round(end, 2) for end in fisher_interval(0.12, 27))
    (-0.28, 0.49)
    """
    if abs(correlation) >= 1:
        return correlation, correlation
    middle, half = math.atanh(correlation), _NORMAL_95 * math.sqrt(_SPEARMAN / (n - 3))
    return math.tanh(middle - half), math.tanh(middle + half)
