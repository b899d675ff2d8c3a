"""When legs ran, beside which others, and how busy the workers were."""

from itertools import pairwise

import numpy as np
import pytest
from histories import BEGIN, Recorder, empty_history, full_history, hyperband_history, large_history
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.analysis.timeline import Rest, Span, worker_timeline
from tunewidgets.figures import draw
from tunewidgets.figures.timeline import _joined
from tunewidgets.history import (
    Closed,
    Continued,
    Ended,
    Extended,
    Limits,
    Lost,
    Paused,
    Place,
    Recovered,
    Resumed,
    Retried,
    Started,
    WorkersChanged,
)

ONE = Place(0, 0, 1)


def legged(times, workers=2):
    """Trials that began and completed at these seconds, as (start, end); None: still under way."""
    recorder = Recorder(workers=workers)
    moments = sorted(
        (moment, order, number)
        for number, both in enumerate(times)
        for order, moment in enumerate(both[::-1])  # of one moment ends come first
        if moment is not None
    )
    for moment, order, number in moments:
        event = Started(number, {}, ONE) if order else Ended(number, 1, "completed", ONE, 0.5, {})
        recorder.at = BEGIN + moment
        recorder.say(event)
    return recorder


def test_before_a_search_is_opened_or_has_a_trial_there_is_no_time():
    assert worker_timeline(Recorder(open_now=False).history).rows == 0
    record = worker_timeline(empty_history())
    assert (record.spans, record.rows, record.seconds, record.busy) == ((), 2, 0.0, None)


def test_a_leg_takes_the_lowest_row_that_is_free():
    record = worker_timeline(legged([(0, 5), (1, 3), (3, 9), (4, None), (6, 8)], workers=3).history)
    assert [span.row for span in record.spans] == [0, 1, 1, 2, 0]
    assert record.spans[2] == Span(2, 1, 1, 3.0, 9.0, "completed")
    assert record.spans[3] == Span(3, 1, 2, 4.0, 9.0, "running")
    assert record.rows == 3


def test_how_busy_workers_were_is_the_share_of_their_time_in_which_legs_ran():
    record = worker_timeline(legged([(0, 4), (2, 8)]).history)
    assert record.seconds == 8.0
    assert record.busy == pytest.approx((4 + 6) / 16)


def test_the_number_of_workers_may_change():
    recorder = legged([(0, 4)])
    recorder.say(WorkersChanged(1))
    recorder.say(Started(1, {}, ONE))
    recorder.say(Ended(1, 1, "completed", ONE, 0.5, {}), 6.0)
    assert worker_timeline(recorder.history).busy == pytest.approx((4 + 6) / (2 * 4 + 1 * 6))


def test_a_pause_is_left_out_once_nothing_runs():
    recorder = legged([(0, None)])
    recorder.say(Paused(), 1.0)
    recorder.say(Ended(0, 1, "completed", ONE, 0.5, {}), 2.0)  # 3 s after the beginning: a running leg goes on
    recorder.say(Resumed(), 100.0)
    recorder.say(Started(1, {}, ONE))
    recorder.say(Ended(1, 1, "completed", ONE, 0.5, {}), 4.0)
    record = worker_timeline(recorder.history)
    assert record.rests == (Rest(3.0, 100.0),)
    assert [(span.start, span.end) for span in record.spans] == [(0.0, 3.0), (3.0, 7.0)]
    assert record.seconds == 7.0


def test_time_at_rest_is_left_out_and_so_is_time_without_a_coordinator():
    recorder = legged([(0, 5)])
    recorder.close()
    recorder.say(Extended(Limits(trials=9)), 1000.0)
    recorder.say(Started(1, {}, ONE), 1.0)
    recorder.say(Recovered(), 500.0)
    recorder.say(Lost(1, 1, "coordinator"))
    record = worker_timeline(recorder.history)
    assert record.rests == (Rest(pytest.approx(5.1), 1000.0), Rest(pytest.approx(6.1), 500.0))
    assert record.spans[1].outcome == "lost"
    assert record.spans[1].end - record.spans[1].start == pytest.approx(0.0)
    assert record.seconds == pytest.approx(6.1)


def test_a_trial_that_is_dropped_where_it_waits_has_no_leg_to_end():
    recorder = Recorder(workers=1)
    first, second = recorder.start(ONE), recorder.start(ONE)
    recorder.pause(first)
    recorder.prune(first, (2, 2, 1))
    recorder.say(Paused())
    recorder.report(second, 1)  # it runs on: no rest
    assert worker_timeline(recorder.history).rests == ()


def test_outcomes_are_those_of_legs():
    outcomes = [span.outcome for span in worker_timeline(hyperband_history()).spans]
    assert {"paused", "completed", "failed", "stopped", "running", "lost"} == set(outcomes)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=25))
def test_no_two_legs_share_a_row_at_once_and_there_are_no_more_rows_than_legs_at_once(given_legs):
    times = [(start, start + length) for start, length in sorted(given_legs)]
    record = worker_timeline(legged(times, workers=1).history)
    for row in range(record.rows):
        mine = sorted((span.start, span.end) for span in record.spans if span.row == row)
        assert all(before[1] <= after[0] for before, after in pairwise(mine))
    most = max((sum(a <= t < b for a, b in times) for t, _ in times), default=1)
    assert record.rows == max(1, most)
    assert record.rests == ()


# --- the card ---


def test_a_bar_a_leg_with_its_trial_and_time():
    answer = draw("timeline", legged([(0, 4), (2, 8)]).history)
    (bars,) = answer.figure["data"]
    assert bars["name"] == "completed"
    assert bars["customdata"].tolist() == [0, 1]
    assert bars["base"].tolist() == [0.0, 2.0]
    assert bars["x"] == pytest.approx([4.0, 6.0], abs=0.02)
    assert bars["y"].tolist() == [0.0, 1.0]
    assert "workers 62% busy" in answer.figure["layout"]["xaxis"]["title"]["text"]


@pytest.mark.parametrize(
    ("seconds", "unit", "end"), [(100, "seconds", 100), (600, "minutes", 10), (20_000, "hours", 50 / 9)]
)
def test_long_times_are_in_minutes_or_hours(seconds, unit, end):
    layout = draw("timeline", legged([(0, seconds)]).history).figure["layout"]
    assert layout["xaxis"]["title"]["text"].startswith(unit)
    assert layout["xaxis"]["range"][1] == pytest.approx(1.02 * end)


def test_rests_are_marked():
    recorder = legged([(0, 5)])
    recorder.close()
    recorder.say(Extended(Limits(trials=9)), 1000.0)
    recorder.say(Started(1, {}, ONE), 1.0)
    layout = draw("timeline", recorder.history).figure["layout"]
    assert [shape["x0"] for shape in layout["shapes"]] == [pytest.approx(5.1)]
    assert "pauses left out" in layout["xaxis"]["title"]["text"]


def test_bars_too_short_to_be_seen_are_joined_to_their_like():
    tiny = [Span(n, 1, 0, n * 0.1, n * 0.1 + 0.1, "paused") for n in range(20)]
    failed = Span(20, 1, 0, 2.0, 2.1, "failed")
    (bar, other) = _joined([*tiny, failed], fine=0.5)
    assert (bar.trial, bar.start, bar.end) == (0, 0.0, 2.0)
    assert other == failed
    assert list(_joined([*tiny, failed], fine=0.05)) == [*tiny, failed]
    apart = [Span(0, 1, 0, 0.0, 0.1, "paused"), Span(1, 1, 0, 3.0, 3.1, "paused")]
    assert list(_joined(apart, fine=0.5)) == apart


def test_ten_thousand_legs_make_a_figure_of_a_size_that_a_page_can_bear():
    answer = draw("timeline", large_history(10_000, reports=2))
    assert sum(len(trace["x"]) for trace in answer.figure["data"]) < 10_000
    assert np.isfinite(answer.figure["layout"]["xaxis"]["range"]).all()


def test_of_very_many_rows_the_first_are_drawn():
    layout = draw("timeline", legged([(0, 9)] * 100, workers=100).history).figure["layout"]
    assert layout["yaxis"]["range"] == [63.5, -0.5]
    assert "64 of 100 rows" in layout["xaxis"]["title"]["text"]
    assert len(layout["yaxis"]["tickvals"]) == 3


def test_before_the_first_trial_it_says_when():
    assert draw("timeline", empty_history()).why == "no trial has started yet: each gets a bar while it runs"
    assert draw("timeline", full_history(3)).figure["data"]


def test_workers_that_are_changed_in_a_pause_do_not_divide_it():
    recorder = legged([(0, 3)])
    recorder.say(Paused())
    recorder.say(WorkersChanged(1), 50.0)
    recorder.say(Resumed(), 50.0)
    recorder.say(Started(1, {}, ONE))
    recorder.say(Ended(1, 1, "completed", ONE, 0.5, {}), 4.0)
    record = worker_timeline(recorder.history)
    assert record.rests == (Rest(3.0, 100.0),)
    assert record.busy == pytest.approx((3 + 4) / (2 * 3 + 1 * 4))


def test_a_clock_that_is_set_back_leaves_no_negative_time():
    recorder = legged([(10, 20)])
    recorder.at -= 15.0
    recorder.say(Started(1, {}, ONE))
    recorder.say(Ended(1, 1, "completed", ONE, 0.5, {}), 30.0)
    record = worker_timeline(recorder.history)
    assert all(span.end >= span.start >= 0.0 for span in record.spans)
    assert record.seconds >= 0.0


@pytest.mark.parametrize(("state", "left_out"), [("finished", 50.0), ("stopped", 57.0)])
def test_a_finished_search_that_runs_a_trial_again_is_at_work_from_then_on(state, left_out):
    recorder = Recorder(workers=1)
    recorder.start(ONE)
    recorder.fail(0)
    recorder.say(Closed(state))
    recorder.say(Retried(0), 50.0)
    recorder.say(Continued(0, ONE, 2, "retried"), 7.0)
    recorder.say(Ended(0, 2, "completed", ONE, 0.5), 1.0)
    assert sum(rest.seconds for rest in worker_timeline(recorder.history).rests) == pytest.approx(left_out)
