"""Rank tests between two methods: how likely a difference as large as theirs is where there is none."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

LEVEL = 0.05
"""A difference counts where one as large has a smaller probability than this by chance alone."""

_EXACT = 5_000
"""Up to so many arrangements all are gone through; beyond, the tests' own approximations are good."""


class Outcome(NamedTuple):
    """What a test says.

    Attributes
    ----------
    p : float
        The probability of ranks at least as far apart, in either direction, if the two did not differ.
    lead : int
        -1 where the first has the smaller numbers by the test's own ranks, 1 where the second has, 0 where neither has.
    """

    p: float
    lead: int


def signed_rank(first: Sequence[float], second: Sequence[float]) -> Outcome:
    """Compare pairs by Wilcoxon's signed-rank test, two-sided.

    Parameters
    ----------
    first, second : sequence of float, of one length
        The numbers of each pair; infinite ones rank as larger than all others.

    Returns
    -------
    Outcome
        Equal pairs say nothing and are left out, as Wilcoxon did. With up to 12 pairs the probability is exact, ties
        included: all signs that the differences could have had are gone through.

    References
    ----------
    Wilcoxon: Individual comparisons by ranking methods, Biometrics Bulletin 1, 1945.

    Examples
    --------
    >>> signed_rank([1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12])
    Outcome(p=0.03125, lead=-1)
    """
    from scipy import stats  # noqa: PLC0415 - heavy

    one, two = np.asarray(first, float), np.asarray(second, float)
    differs = one != two
    with np.errstate(invalid="ignore"):
        gaps = (one - two)[differs]
    if gaps.size <= 1:  # either sign is as likely
        return Outcome(1.0, int(np.sign(gaps.sum())))
    ranks = np.sign(gaps) * stats.rankdata(np.abs(gaps))
    if 2**gaps.size <= _EXACT:
        found = stats.permutation_test(
            (ranks,), np.sum, permutation_type="samples", vectorized=True, n_resamples=_EXACT
        )
        return Outcome(float(found.pvalue), int(np.sign(ranks.sum())))
    return Outcome(float(stats.wilcoxon(ranks).pvalue), int(np.sign(ranks.sum())))


def rank_sum(first: Sequence[float], second: Sequence[float]) -> Outcome:
    """Compare two groups by the test of Mann and Whitney, two-sided.

    Parameters
    ----------
    first, second : sequence of float
        The groups' numbers; infinite ones rank as larger than all others.

    Returns
    -------
    Outcome
        Where there are up to 5,000 ways to divide all numbers into such groups, the probability is exact, ties
        included.

    References
    ----------
    Mann, Whitney: On a test of whether one of two random variables is stochastically larger than the other, Annals of
    Mathematical Statistics 18, 1947.

    Examples
    --------
    >>> rank_sum([1, 2, 3], [4, 5, 6])
    Outcome(p=0.1, lead=-1)
    """
    from scipy import stats  # noqa: PLC0415 - heavy

    ranks = stats.rankdata(np.concatenate([np.asarray(first, float), np.asarray(second, float)]))
    one, two = ranks[: len(first)], ranks[len(first) :]
    lead = int(np.sign(one.mean() - two.mean()))
    # Of a group of one, scipy permutes nothing; its own test is exact there, too, but for ties.
    if min(len(one), len(two)) > 1 and math.comb(len(ranks), len(one)) <= _EXACT:
        found = stats.permutation_test(
            (one, two), _first_sum, permutation_type="independent", vectorized=True, n_resamples=_EXACT
        )
        return Outcome(float(found.pvalue), lead)
    return Outcome(float(stats.mannwhitneyu(one, two).pvalue), lead)


def _first_sum(one: FloatArray, _two: FloatArray, axis: int) -> FloatArray:
    total: FloatArray = one.sum(axis=axis)
    return total


def least_probability(first: int, second: int | None = None) -> float:
    """Return the smallest probability that a test can come to, however clear the difference.

    Parameters
    ----------
    first : int
        How many pairs there are, or how many numbers in the first group.
    second : int or None
        How many there are in the second group; None for pairs.

    Examples
    --------
    >>> least_probability(5), least_probability(4, 4)
    (0.0625, 0.02857142857142857)
    """
    return min(1.0, 2.0 ** (1 - first) if second is None else 2.0 / math.comb(first + second, first))


def holm(probabilities: Sequence[float]) -> tuple[float, ...]:
    """Return probabilities made fit for being looked at together: by Holm's correction for so many of them.

    References
    ----------
    Holm: A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    corrected = [0.0] * len(probabilities)
    largest = 0.0
    for place, index in enumerate(sorted(range(len(probabilities)), key=probabilities.__getitem__)):
        largest = max(largest, min(1.0, (len(probabilities) - place) * probabilities[index]))
        corrected[index] = largest
    return tuple(corrected)
