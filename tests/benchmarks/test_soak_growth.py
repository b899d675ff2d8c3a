"""What counts as growth of memory over a long run."""

import pytest

from benchmarks.soak_result import Sample, growth, result

HOUR = [float(minute) for minute in range(1, 61)]


def test_what_fills_in_the_first_quarter_and_then_stays_is_flat():
    assert growth(HOUR, [100.0 + min(minute, 15) * 5 for minute in HOUR]) == 0.0


def test_a_steady_leak_is_told_in_percent_of_the_last_three_quarters():
    assert growth(HOUR, [200.0 + minute for minute in HOUR]) == pytest.approx(100 * 45 / 237.5)


def test_a_single_high_value_does_not_decide():
    values = [100.0] * 60
    values[-1] = 300.0
    assert growth(HOUR, values) == 0.0


def sample(minute, kernel):
    return Sample(minute, 10, 5, kernel, 1000, 50.0, 30.0, 100, 10)


def test_only_what_grows_misses_its_budget():
    leaking = result([sample(minute, 200.0 + minute) for minute in HOUR], 1000, 20.0)
    assert [budget.held for budget in leaking.budgets] == [False, True, True, True, True, True]
    assert len(leaking.tables[0].rows) == 12
