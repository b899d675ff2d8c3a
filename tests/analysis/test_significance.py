"""The rank tests: exact where they can be, honest about ties, and never below what so few numbers allow."""

from itertools import combinations, product
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.analysis.significance import Outcome, holm, least_probability, rank_sum, signed_rank

NUMBERS = st.integers(-4, 4).map(float)


def test_six_clear_pairs_are_the_fewest_that_tell():
    assert signed_rank([1, 2, 3, 4, 5], [2, 4, 6, 8, 10]) == Outcome(0.0625, -1)
    assert signed_rank([1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12]) == Outcome(0.03125, -1)
    assert [least_probability(n) for n in (1, 5, 6)] == [1.0, 0.0625, 0.03125]


def test_four_and_four_are_the_fewest_groups_that_tell():
    assert rank_sum([1, 2, 3], [4, 5, 6]) == Outcome(pytest.approx(0.1), -1)
    assert rank_sum([5, 6, 7, 8], [1, 2, 3, 4]) == Outcome(pytest.approx(2 / 70), 1)
    assert [round(least_probability(n, n), 4) for n in (1, 3, 4)] == [1.0, 0.1, 0.0286]


@pytest.mark.parametrize("n", [6, 12, 15, 30])
def test_without_ties_they_are_the_textbooks(n):
    from scipy import stats

    rng = np.random.default_rng(n)
    one, two = rng.random(n), rng.random(n) + 0.2
    assert signed_rank(one, two).p == pytest.approx(stats.wilcoxon(one, two).pvalue)
    if n == 6:
        assert rank_sum(one, two).p == pytest.approx(stats.mannwhitneyu(one, two, method="exact").pvalue)
    else:
        assert rank_sum(one, two).p == pytest.approx(stats.mannwhitneyu(one, two).pvalue)


def test_what_is_equal_says_nothing():
    assert signed_rank([1, 2, 3], [1, 2, 3]) == Outcome(1.0, 0)
    assert signed_rank([1, 2, 3], [1, 2, 4]) == Outcome(1.0, -1)
    assert rank_sum([1, 1], [1, 1]) == Outcome(1.0, 0)
    assert rank_sum([1], [2]).p == 1.0


def test_what_has_no_value_ranks_as_the_worst():
    assert signed_rank([inf] * 6, [1, 2, 3, 4, 5, 6]) == Outcome(0.03125, 1)
    assert signed_rank([inf, inf], [inf, inf]) == Outcome(1.0, 0)
    assert rank_sum([inf, inf, 3, 4], [1, 2, 1, 2]).lead == 1


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=7))
def test_the_signed_ranks_probability_is_the_share_of_all_signs(pairs):
    from scipy import stats

    one, two = zip(*pairs, strict=True)
    gaps = np.array([a - b for a, b in pairs if a != b])
    outcome = signed_rank(one, two)
    if len(gaps) < 2:
        assert outcome.p == 1.0
        return
    ranks = stats.rankdata(np.abs(gaps))
    seen = (np.sign(gaps) * ranks).sum()
    sums = [sum(s * r for s, r in zip(signs, ranks, strict=True)) for signs in product((-1, 1), repeat=len(gaps))]
    tail = min(np.mean([each <= seen for each in sums]), np.mean([each >= seen for each in sums]))
    assert outcome.p == pytest.approx(min(1.0, 2 * tail))
    assert outcome.p >= least_probability(len(pairs))
    assert signed_rank(two, one) == Outcome(pytest.approx(outcome.p), -outcome.lead)


@given(st.lists(NUMBERS, min_size=2, max_size=4), st.lists(NUMBERS, min_size=2, max_size=4))
def test_the_rank_sums_probability_is_the_share_of_all_divisions(one, two):
    from scipy import stats

    ranks = stats.rankdata([*one, *two])
    seen = ranks[: len(one)].sum()
    sums = [ranks[list(chosen)].sum() for chosen in combinations(range(len(ranks)), len(one))]
    tail = min(np.mean([each <= seen for each in sums]), np.mean([each >= seen for each in sums]))
    outcome = rank_sum(one, two)
    assert outcome.p == pytest.approx(min(1.0, 2 * tail))
    assert outcome.p >= least_probability(len(one), len(two)) - 1e-12
    assert rank_sum(two, one) == Outcome(pytest.approx(outcome.p), -outcome.lead)


def test_holms_correction():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([0.4]) == (0.4,)
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()


@given(st.lists(st.floats(0.0, 1.0), max_size=6))
def test_a_correction_makes_nothing_likelier_and_keeps_the_order(probabilities):
    corrected = holm(probabilities)
    assert all(p <= c <= 1.0 for p, c in zip(probabilities, corrected, strict=True))
    order = np.argsort(probabilities, kind="stable")
    assert (np.diff(np.array(corrected)[order]) >= 0).all()
