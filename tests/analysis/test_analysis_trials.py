"""Values, incumbents and curves as records."""

import itertools
import math

import pytest
from histories import R9, R81, Recorder, empty_history, full_history, hyperband_history, ladder_history, large_history
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.analysis import learning_curves, ranked, trial_values
from tunewidgets.analysis.curves import evenly
from tunewidgets.history import History, Place, Plan, Planned


def completed(values, direction="max", budget=1, **settings):
    recorder = Recorder(direction=direction, **settings)
    for value in values:
        trial = recorder.start(Place(0, 0, budget))
        recorder.report(trial, budget, value)
        recorder.complete(trial)
    return recorder.history


@pytest.mark.parametrize(
    ("direction", "expected"), [("max", [(0, 0.5), (2, 0.8), (4, 0.9)]), ("min", [(0, 0.5), (1, 0.3), (3, 0.1)])]
)
def test_the_line_of_the_best_knows_its_direction(direction, expected):
    record = trial_values(completed([0.5, 0.3, 0.8, 0.1, 0.9], direction))
    assert [tuple(improvement[:2]) for improvement in record.improvements] == expected
    assert record.budget == 1
    assert record.direction == direction


def test_only_trials_of_the_highest_budget_are_in_the_line():
    recorder = Recorder()
    for budget, value in ((1, 0.99), (9, 0.5), (3, 0.95), (9, 0.6)):
        trial = recorder.start(Place(0, 0, budget))
        recorder.report(trial, budget, value)
        recorder.complete(trial)
    record = trial_values(recorder.history)
    assert [tuple(improvement[:2]) for improvement in record.improvements] == [(1, 0.5), (3, 0.6)]
    assert record.budget == 9


def test_a_running_leg_does_not_lead_with_values_from_beyond_the_budget():
    recorder = Recorder()
    for value in (0.5, 0.6):
        trial = recorder.start(Place(0, 0, 1))
        recorder.report(trial, 1, value)
        recorder.pause(trial)
    recorder.promote(0, Place(0, 1, 3), (2, 2, 1))
    recorder.report(0, 2, 0.9)
    record = trial_values(recorder.history)
    assert [tuple(improvement[:2]) for improvement in record.improvements] == [(1, 0.6)]
    assert record.points[0].value == 0.9


@given(st.lists(st.one_of(st.floats(-5, 5), st.just(math.nan), st.just(math.inf)), max_size=20), st.booleans())
def test_the_line_improves_strictly_and_ends_at_the_incumbents_value(values, minimise):
    history = completed(values, "min" if minimise else "max")
    line = [improvement.value for improvement in trial_values(history).improvements]
    assert all((b < a) if minimise else (b > a) for a, b in itertools.pairwise(line))
    if history.incumbent is None:
        assert line == []
    else:
        assert line[-1] == history.incumbent.value


def test_values_that_are_not_finite_are_none():
    record = trial_values(completed([math.nan, 0.5, math.inf]))
    assert [point.value for point in record.points] == [None, 0.5, None]


def test_an_empty_history_and_one_trial():
    assert trial_values(History()).points == ()
    assert trial_values(empty_history()).improvements == ()
    one = trial_values(full_history(1))
    assert [(p.number, p.state, p.budget) for p in one.points] == [(0, "completed", 1)]
    assert one.budget is None  # it trained until the objective returned: no amount


def test_every_state_occurs_in_the_hand_made_hyperband():
    assert {point.state for point in trial_values(hyperband_history()).points} == {
        "running", "interrupted", "paused", "pruned", "completed", "failed", "stopped",
    }  # fmt: skip


def test_curves_hold_each_trials_reports():
    record = learning_curves(completed([0.5, math.nan], budget=3, unit="tree"))
    assert [(c.trial, c.state, c.steps, c.values) for c in record.curves] == [
        (0, "completed", (1, 2, 3), (0.5, 0.5, 0.5)),
        (1, "completed", (1, 2, 3), (None, None, None)),
    ]
    assert (record.total, record.longest, record.unit, record.incumbent) == (2, 3, "tree", 0)


def test_rungs_are_the_budgets_below_the_largest():
    assert learning_curves(empty_history(), R9).rungs == (1, 3)
    assert learning_curves(ladder_history(R9)).rungs == (1, 3)
    assert learning_curves(full_history(5, budget=8)).rungs == ()


def test_many_curves_are_thinned_and_the_important_ones_stay():
    history = large_history(1500, reports=10)
    record = learning_curves(history)
    drawn = {curve.trial for curve in record.curves}
    assert sum(len(curve.steps) for curve in record.curves) <= 2000
    assert record.total > len(drawn) > 150
    assert history.incumbent.number in drawn
    assert set(history.running) <= drawn
    quarters = [sum(q * 375 <= trial < (q + 1) * 375 for trial in drawn) for q in range(4)]
    assert min(quarters) > 20


def test_one_long_curve_keeps_its_ends():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 5000))
    recorder.report(trial, 5000, 0.5)
    (curve,) = learning_curves(recorder.history, most_points=100).curves
    assert 70 <= len(curve.steps) <= 100
    assert (curve.steps[0], curve.steps[-1]) == (1, 5000)
    assert list(curve.steps) == sorted(set(curve.steps))


def test_a_thinned_curve_keeps_its_rungs_and_nothing_is_thinned_without_need():
    plan = Plan(((Planned(3, 7), Planned(1, 300)),))
    recorder = Recorder()
    recorder.report(recorder.start(Place(0, 0, 300)), 300)
    (curve,) = learning_curves(recorder.history, plan, most_points=20).curves
    assert 7 in curve.steps
    assert len(curve.steps) <= 21
    whole = learning_curves(ladder_history(R81), R81)
    assert sum(len(curve.steps) for curve in whole.curves) == R81.budget == 1581


@given(st.integers(0, 200))
def test_evenly_yields_everything_once_and_wide_steps_first(n):
    order = list(evenly(range(n)))
    assert sorted(order) == list(range(n))
    if n > 64:
        gaps = sorted(order[:8])
        assert max(b - a for a, b in itertools.pairwise(gaps)) <= n / 2 + 1


def test_the_best_trials_rank_by_budget_first():
    history = ladder_history(R9, seed=3)
    order = ranked(history, 100)
    reached = [trial.reached for trial in order]
    assert reached == sorted(reached, reverse=True)
    assert order[0].number == history.incumbent.number
    top = [trial.value for trial in order if trial.reached == 9]
    assert top == sorted(top, reverse=True)
