"""Methods beside each other: the common cost, quartiles, ranks, and no more said than the test says."""

from math import isnan, nan

import numpy as np
import pytest
from comparing import compared, ran
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets.analysis.courses import COSTS

EARLY = "too early to say"


def said(record):
    return {method.name: method.verdict for method in record.methods}


# --- at which cost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cost", "at"), [("trials", 2.0), ("budget", 4.0), ("time", 6.0)])
def test_all_are_compared_at_the_most_that_all_have_spent(cost, at):
    record = compared({"a": [ran([5, 4, 1]), ran([6, 3])], "b": [ran([7, 2, 0])]}, cost)
    assert record.at == at
    assert [method.finals for method in record.methods] == [(4, 3), (2,)]
    assert [method.median for method in record.methods] == [3.5, 2]


def test_a_line_goes_as_far_as_all_searches_of_its_method():
    record = compared({"a": [ran([5, 4, 1], reached=9), ran([6, 3], reached=4)], "b": [ran([7, 2, 0], reached=3)]})
    bands = [method.band for method in record.methods]
    assert bands[0].costs.tolist() == [1, 2, 3, 4]
    assert bands[0].median.tolist() == [5.5, 3.5, 2, 2]
    assert bands[1].costs.tolist() == [1, 2, 3]
    assert record.at == 3


def test_quartiles_are_over_the_seeds():
    record = compared({"a": [1, 2, 3, 4, 5], "b": [9]})
    assert (record.methods[0].lower, record.methods[0].median, record.methods[0].upper) == (2, 3, 4)
    record = compared({"a": [1, 2, 3, 4, 9], "b": [9]}, direction="max")
    assert (record.methods[0].lower, record.methods[0].median, record.methods[0].upper) == (2, 3, 4)
    assert record.methods[0].band.lower.tolist() == [2]


def test_a_search_without_a_value_counts_as_the_worst():
    late = ran([1], costs=[5], reached=6)
    record = compared({"a": [late, ran([2, 2, 2]), ran([3, 3, 3])], "b": [ran([9, 9, 9])]})
    assert record.at == 3
    assert isnan(record.methods[0].finals[0])
    assert (record.methods[0].lower, record.methods[0].median) == (2.5, 3)
    assert isnan(record.methods[0].upper)
    assert np.isnan(record.methods[0].band.upper).all()


def test_a_line_of_many_changes_is_thinned_and_ends_where_it_ended():
    values = np.linspace(9, 1, 3000).tolist()
    record = compared({"a": [ran(values)], "b": [ran([2.0] * 3000)]})
    band = record.methods[0].band
    assert len(band.costs) <= 500
    assert (band.costs[-1], band.median[-1]) == (3000, 1)


# --- who wins ------------------------------------------------------------------------------------------------------


def test_six_pairs_of_seeds_can_show_a_winner():
    good, bad = [1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12]
    record = compared({"gp": good, "random": bad}, paired=True)
    assert record.winner == "gp"
    assert record.verdict == (
        "gp is better than random after 1 trial each, by Wilcoxon's signed-rank test of 6 pairs of equal seeds "
        "(p = 0.031)."
    )
    assert said(record) == {"gp": "winner", "random": "behind gp (p = 0.031)"}
    assert compared({"gp": good, "random": bad}, direction="max", paired=True).winner == "random"


def test_pairs_are_those_of_equal_seeds_in_whatever_order():
    gp = [ran([value], seed=seed) for seed, value in enumerate([1, 2, 3, 4, 5, 6])]
    others = [ran([value], seed=seed) for seed, value in enumerate([1.1, 2.1, 3.1, 4.1, 5.1, 6.1])]
    record = compared({"gp": gp, "random": others[::-1]})
    assert record.winner == "gp"
    assert record.methods[1].finals == (1.1, 2.1, 3.1, 4.1, 5.1, 6.1)
    assert record.methods[0].mean_rank == 1.0
    unpaired = compared({"gp": gp, "random": [*others[1:], ran([1.1], seed=77)]})
    assert unpaired.winner is None
    assert unpaired.test == "the test of Mann and Whitney"


def test_with_few_seeds_it_says_so_however_clear_it_looks():
    record = compared({"gp": [1, 1.1, 1.2], "random": [99, 98, 97]})
    assert record.winner is None
    assert record.verdict == (
        "Too few seeds to say: gp has the best median after 1 trial each, but the test of Mann and Whitney with 3 "
        "seeds each cannot come below p = 0.05, whatever the values; with 4 seeds of each method it could."
    )
    assert said(record) == {"gp": "best median", "random": "too few seeds to say"}
    paired = compared({"gp": [1], "random": [2]}, paired=True).verdict
    assert "test of 1 pair of equal seeds cannot come below p = 0.05" in paired
    assert paired.endswith("with 6 seeds of each method it could.")


def test_where_the_test_does_not_tell_there_is_no_winner():
    record = compared({"gp": [1, 3, 2, 6, 5], "random": [2, 3, 4, 5, 7]})
    assert record.winner is None
    assert record.verdict.startswith("No winner: gp has the best median after 1 trial each, but the test of Mann")
    assert "does not put it ahead of random (p = 0." in record.verdict
    assert said(record)["random"].startswith("not told apart from gp (p = 0.")


def test_of_equal_medians_none_is_called_the_best():
    record = compared({"random": [3, 4, 5, 6, 2], "evolution": [6, 5, 4, 3, 2]})
    assert record.verdict == (
        "No winner: random and evolution have the same median, the best, after 1 trial each, and the test of Mann and "
        "Whitney with 5 seeds each does not tell them apart (p = 1)."
    )
    assert said(record) == {"random": "shares the best median", "evolution": "shares the best median"}
    few = compared({"random": [4.0], "evolution": [4.0]}, paired=True)
    assert few.verdict.startswith(
        "Too few seeds to say: random and evolution have the same median, the best, after 1 trial each, and Wilcoxon's"
    )
    assert said(few) == {"random": "shares the best median", "evolution": "shares the best median"}


def test_others_are_measured_by_the_one_of_equal_medians_that_has_the_better_mean_rank():
    record = compared({"a": [4, 9, 9, 4, 3], "b": [4, 1, 5, 4, 3], "c": [5, 6, 7, 8, 9]})
    assert record.verdict.startswith("No winner: b and a have the same median, the best, after 1 trial each, and the ")
    assert record.verdict.endswith("with 5 seeds each puts none ahead of all others.")
    assert said(record)["a"] == said(record)["b"] == "shares the best median"
    assert " b (p = " in said(record)["c"]


def test_of_equal_medians_one_can_win_by_the_test():
    record = compared({"a": [5, 5, 5, 5, 5, 9, 9, 9, 9], "b": [1, 1, 1, 1, 5, 5, 5, 5, 5]})
    assert (record.methods[0].median, record.methods[1].median, record.winner) == (5, 5, "b")
    assert said(record)["b"] == "winner"


def test_the_last_digits_of_a_median_make_nobody_better():
    record = compared({"a": [0.1, 0.3], "b": [0.1 + 0.1, 0.1 + 0.1]})
    assert "have the same median" in record.verdict


def test_of_three_methods_probabilities_are_corrected_and_a_winner_beats_both():
    good, fair, bad = [1, 2, 3, 4, 5, 6], [11, 12, 13, 14, 15, 16], [21, 22, 23, 24, 25, 26]
    paired = compared({"a": good, "b": fair, "c": bad}, paired=True)
    assert paired.winner is None  # 3 x 0.031
    assert "for every two of them, whatever the values; with 7 seeds" in paired.verdict
    record = compared({"a": good, "b": fair, "c": bad})
    assert record.winner == "a"
    assert record.verdict.endswith("with 6 seeds each (at most p = 0.0065, corrected for 3 comparisons).")
    assert [pair.better for pair in record.pairs] == ["a", "a", "b"]
    close = compared({"a": good, "b": [value + 0.1 for value in good], "c": bad})
    assert close.winner is None
    assert "does not put it ahead of b (p = " in close.verdict
    assert said(close)["c"].startswith("behind a (p = 0.00")


def test_with_seeds_of_different_numbers():
    record = compared({"a": [1, 2, 3, 4, 5], "b": [11, 12, 13]})
    assert record.winner == "a"
    assert "with 3 to 5 seeds" in record.verdict
    some = compared({"a": [1, 2, 3, 4, 5, 6], "b": [11, 12, 13, 14, 15, 16], "c": [9]})
    assert said(some) == {"a": "best median", "b": "behind a (p = 0.0065)", "c": "too few seeds to say"}


@pytest.mark.parametrize("cost", COSTS)
def test_before_all_have_a_value_it_is_too_early(cost):
    record = compared({"a": [ran([])], "b": [ran([1, 2])], "c": [ran([5], costs=[9])]}, cost)
    assert (record.at, record.pairs, record.winner) == (0, (), None)
    assert record.verdict.startswith("Too early to say: a, b and c have no value after 0 ")
    record = compared({"a": [ran([], reached=5)], "b": [ran([1, 2])]}, cost)
    assert said(record) == {"a": "no value yet", "b": EARLY}


def test_the_common_cost_is_told_in_its_unit():
    methods = {"a": [ran([5, 4, 1])], "b": [ran([3, 2, 2])]}
    assert "after 3 trials each" in compared(methods).verdict
    assert "after 6 epochs each" in compared(methods, "budget").verdict
    assert "after 9 seconds each" in compared(methods, "time").verdict


def test_mean_ranks():
    paired = compared({"a": [1, 5], "b": [2, 4], "c": [3, 5]}, paired=True)
    assert [method.mean_rank for method in paired.methods] == [(1 + 2.5) / 2, (2 + 1) / 2, (3 + 2.5) / 2]
    assert [method.mean_rank for method in compared({"a": [1, 5], "b": [3]}).methods] == [1.5, 1.5]


VALUES = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=5)


@settings(max_examples=25)
@given(VALUES, VALUES, VALUES, st.booleans())
def test_names_and_directions_make_no_difference(one, two, three, paired):
    if paired:
        least = min(len(one), len(two), len(three))
        one, two, three = one[:least], two[:least], three[:least]
    record = compared({"a": one, "b": two, "c": three}, paired=paired)
    turned = compared({"c": three, "b": two, "a": one}, paired=paired)
    mirrored = compared(
        {name: [-v for v in group] for name, group in {"a": one, "b": two, "c": three}.items()}, direction="max",
        paired=paired,
    )  # fmt: skip
    assert record.winner == turned.winner == mirrored.winner
    for first, other, mirror in zip(record.methods, turned.methods[::-1], mirrored.methods, strict=True):
        assert (first.median, first.lower, first.upper) == (other.median, other.lower, other.upper)
        assert (first.median, first.lower, first.upper) == (-mirror.median, -mirror.upper, -mirror.lower)
        assert first.mean_rank == pytest.approx(mirror.mean_rank)
        assert first.lower <= first.median <= first.upper
    assert sum(method.mean_rank for method in record.methods) == pytest.approx(6.0)
    if record.winner is not None:
        assert all(pair.p < 0.05 for pair in record.pairs if record.winner in (pair.first, pair.second))
        assert min(record.methods, key=lambda method: method.mean_rank).name == record.winner


def test_nothing_is_said_that_is_no_number():
    assert "nan" not in compared({"a": [nan], "b": [1.0]}).verdict


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=9))
def test_quartiles_of_numbers_are_numpys(values):
    method = compared({"a": values, "b": [0.0]}).methods[0]
    expected = np.quantile(values, [0.25, 0.5, 0.75])
    assert [method.lower, method.median, method.upper] == pytest.approx(expected.tolist(), abs=1e-9)
