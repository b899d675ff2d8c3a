"""How old what a figure shows is, from what was committed when and what was painted when."""

import pytest

from benchmarks.browser import delays


def test_a_trial_is_seen_in_the_first_figure_that_has_it_or_a_later_one():
    committed = {10: 100.0, 11: 100.1, 12: 100.2}
    paints = [(99.9, 9), (100.15, 10), (100.6, 12)]
    assert delays(committed, paints, 110.0) == pytest.approx((0.15, 0.5, 0.4))


def test_what_has_not_been_seen_is_as_old_as_it_is_now():
    assert delays({10: 100.0, 11: 101.0}, [(100.2, 10)], 105.0) == pytest.approx((0.2, 4.0))
    assert delays({10: 100.0}, [], 101.5) == (1.5,)
