"""Whether neighbouring rungs agree: literal correlations, intervals, and warnings that chance alone does not give."""

import math

import numpy as np
import pytest
from histories import R9, Recorder, ladder_history
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets.analysis import RungAgreement, bracket_ladders, rung_agreement
from tunewidgets.analysis.agreement import FEWEST, LITTLE, WELL, fisher_interval, said, spearman
from tunewidgets.figures import draw
from tunewidgets.history import Place


def climbed(pairs, direction="max"):
    """A history in which every trial has these values at 1 and at 3 epochs."""
    recorder = Recorder(direction=direction)
    for low, high in pairs:
        trial = recorder.start(Place(0, 0, 1))
        recorder.report(trial, 1, low)
        recorder.pause(trial)
        recorder.promote(trial, Place(0, 1, 3), (1, 1, 1))
        recorder.report(trial, 2, 0.0)
        recorder.report(trial, 3, high)
        recorder.complete(trial)
    return recorder.history


def pairs_of(history, plan=None):
    return rung_agreement(history, bracket_ladders(history, plan)).pairs


def test_spearman_by_hand():
    assert spearman([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]) == 0.5
    assert spearman([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]) == -1.0
    assert spearman([1.0, 2.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0]) == pytest.approx(0.9486832980505138)
    assert spearman([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=40))
def test_spearman_is_scipys(pairs):
    from scipy import stats

    x, y = ([float(value) for value in side] for side in zip(*pairs, strict=True))
    ours = spearman(x, y)
    if len(set(x)) > 1 and len(set(y)) > 1:
        assert ours == pytest.approx(stats.spearmanr(x, y).statistic)
    else:
        assert ours is None


def test_the_interval_by_hand():
    half = 1.959964 * math.sqrt(1.06 / 24)
    assert fisher_interval(0.12, 27) == pytest.approx(
        (math.tanh(0.120581 - half), math.tanh(0.120581 + half)), abs=1e-5
    )
    assert fisher_interval(1.0, 12) == (1.0, 1.0)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng, rho = np.random.default_rng(0), 0.5
    truth = 6 / math.pi * math.asin(rho / 2)
    inside = 0
    for _ in range(400):
        x = rng.normal(size=30)
        y = rho * x + math.sqrt(1 - rho**2) * rng.normal(size=30)
        low, high = fisher_interval(spearman(x.tolist(), y.tolist()), 30)
        inside += low <= truth <= high
    assert 0.91 <= inside / 400 <= 0.98


def test_rungs_that_agree():
    values = [(number / 20, number / 10) for number in range(12)]
    assert pairs_of(climbed(values)) == (RungAgreement(1, 3, 12, 1.0, (1.0, 1.0)),)
    assert pairs_of(climbed(values, "min")) == pairs_of(climbed(values)), "of no direction"


def test_rungs_that_mislead_give_a_sentence():
    shuffled = [3, 9, 0, 7, 4, 11, 2, 8, 6, 1, 10, 5]
    history = climbed([(number / 20, other / 20) for number, other in enumerate(shuffled)])
    record = rung_agreement(history, bracket_ladders(history))
    (pair,) = record.pairs
    assert pair.correlation == pytest.approx(1 - 6 * 250 / (12 * 143))
    assert not pair.little, "12 trials could do so by chance: the interval reaches beyond 0.6"
    worse = climbed([(number / 20, (5 * number % 12) / 20 - number / 30) for number in range(12)] * 3)
    (warning,) = rung_agreement(worse, bracket_ladders(worse)).warnings
    assert warning.startswith("ranks at 1 and 3 epochs agree little (Spearman ")
    assert warning.endswith(
        " over 36 trials): who is pruned after 1 epoch might have been among the best after 3; "
        "a larger smallest budget compares them later"
    )


def test_what_counts_as_little():
    def pair(correlation, interval):
        return RungAgreement(1, 3, 20, correlation, interval)

    assert pair(LITTLE - 0.01, (-0.2, WELL - 0.01)).little
    assert not pair(LITTLE, (-0.2, WELL - 0.01)).little
    assert not pair(LITTLE - 0.01, (-0.2, WELL)).little
    assert not RungAgreement(1, 3, 5).little


def test_few_trials_tell_nothing():
    values = [(number / 20, -number / 20) for number in range(FEWEST - 1)]
    (pair,) = pairs_of(climbed(values))
    assert pair == RungAgreement(1, 3, 9)
    assert said(pair, "epoch") == "ranks at 1 and 3 epochs: only 9 trials to compare"


def test_curves_count_at_budgets_that_were_no_rung_of_their_own():
    recorder = Recorder()
    for number in range(12):
        trial = recorder.start(Place(number % 2, 0, 1 if number % 2 == 0 else 3))
        recorder.report(trial, 1, number / 20)
        if number % 2:
            recorder.report(trial, 2, 0.5)
            recorder.report(trial, 3, number / 20)
    (pair,) = pairs_of(recorder.history, R9)[:1]
    assert (pair.low, pair.high, pair.trials) == (1, 3, 6)


def test_values_that_are_not_finite_do_not_count():
    history = climbed([(number / 20, number / 20) for number in range(12)])
    recorder = Recorder()
    recorder.history = history
    trial = recorder.start(Place(1, 0, 3))
    recorder.report(trial, 2, math.nan)
    recorder.report(trial, 3, 0.5)
    assert pairs_of(history)[0].trials == 12


def test_neighbours_are_those_of_the_brackets():
    history = ladder_history(R9)
    assert [(pair.low, pair.high) for pair in pairs_of(history, R9)] == [(1, 3), (3, 9)]
    assert pairs_of(climbed([]), None) == ()


def test_the_card_shows_it():
    agreeing = draw("brackets", climbed([(number / 20, number / 10) for number in range(12)])).figure["layout"]
    note = agreeing["annotations"][-1]
    assert (note["text"], note["x"]) == ("1.00", 0.5)
    assert agreeing["yaxis"]["range"][0] < note["y"] == agreeing["yaxis"]["tickvals"][-1]
    assert agreeing["yaxis"]["ticktext"][-1] == "ranks agree"
    little = draw("brackets", climbed([(number / 20, -number / 20) for number in range(12)])).figure["layout"]
    assert [note["text"] for note in little["annotations"][-2:]] == [
        "-1.00, little",
        "ranks at 1 and 3 epochs agree little (Spearman -1.00 over 12 trials)",
    ]
    assert little["height"] > agreeing["height"]
    few = draw("brackets", climbed([(number / 20, number / 10) for number in range(5)])).figure["layout"]
    assert few["yaxis"]["ticktext"] == ["bracket 0<br>15 epochs"]
