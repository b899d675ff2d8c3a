"""The table and the status line's facts."""

import pytest
from histories import BEGIN, R9, Recorder, empty_history, full_history, hyperband_history, ladder_history, large_history

from tunewidgets.analysis import search_progress, trial_table
from tunewidgets.history import Extended, History, Limits, Lost, Paused, Place, Recovered, Resumed


def test_a_row_tells_a_trial():
    rows = {row.number: row for row in trial_table(hyperband_history()).rows}
    failed = rows[4]
    assert (failed.state, failed.value, failed.budget, failed.bracket, failed.rung) == ("failed", None, 0, 0, 0)
    assert failed.error == failed.reason == "ValueError: the loss became NaN"
    stopped = rows[11]
    assert (stopped.state, stopped.reason, stopped.error) == ("stopped", "stopped by you", "")
    assert rows[9].reason == "paused at rung 0 (3 epochs) until the others have come: the best one goes on"
    assert rows[14].seconds is None
    assert rows[14].started > rows[0].started > BEGIN


def test_seconds_are_those_of_all_legs_without_the_waiting_between():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 1))
    recorder.pause(trial)  # one report: 1 s, and 0.2 s to end
    recorder.at += 1000
    recorder.promote(trial, Place(0, 1, 3), (1, 1, 1))
    recorder.complete(trial)  # two reports
    (row,) = trial_table(recorder.history).rows
    assert row.seconds == pytest.approx(1.2 + 2.2, abs=1e-3)


def test_parameters_come_in_the_order_of_the_space():
    assert trial_table(hyperband_history()).parameters == ("units", "dropout", "optimizer", "momentum")
    recorder = Recorder()
    recorder.start(Place(0, 0, 1), {"extra": 1, "units": 32})
    assert trial_table(recorder.history).parameters == ("units", "extra")


def test_a_long_table_keeps_the_best_the_active_and_the_newest():
    history = large_history(500, reports=3, workers=5)
    table = trial_table(history, at_most=50)
    numbers = [row.number for row in table.rows]
    assert len(numbers) == 50
    assert numbers == sorted(numbers)
    assert table.total == 500
    assert {history.incumbent.number, *history.running, 490} <= set(numbers)
    assert len(trial_table(history).rows) == 500


def test_an_empty_table():
    assert trial_table(History()).rows == ()
    assert trial_table(empty_history()).parameters == ()


def test_progress_of_a_search_under_way():
    record = search_progress(hyperband_history(), R9)
    assert (record.status, record.started, record.finished, record.trials) == ("running", 15, 10, 17)
    assert record.counts == {
        "pruned": 7, "completed": 1, "failed": 1, "stopped": 1, "paused": 2, "running": 2, "interrupted": 1,
    }  # fmt: skip
    assert (record.legs, record.legs_planned) == (16, 22)
    assert (record.spent, record.spent_planned) == (29, 69)
    assert (record.busy, record.workers) == (2, 2)
    assert record.best.budget == 9
    assert record.remaining == pytest.approx(record.elapsed * 40 / 29)


def test_progress_at_both_ends():
    assert search_progress(History()).status == "starting"
    assert search_progress(History()).elapsed == 0
    done = search_progress(ladder_history(R9), R9)
    assert (done.status, done.finished, done.trials, done.remaining) == ("finished", 17, 17, None)
    assert done.legs == done.legs_planned == 22


def test_the_limit_counts_where_there_is_no_plan():
    record = search_progress(full_history(10, budget=2, running=2))
    assert (record.finished, record.trials, record.spent_planned) == (8, 10, None)
    assert record.remaining == pytest.approx(record.elapsed * 2 / 8)
    assert search_progress(hyperband_history()).trials is None


def test_a_plan_that_is_overtaken_is_not_believed():
    history = full_history(10, budget=2)
    history.append(Extended(Limits(trials=5)))
    assert search_progress(history).trials == 10


def test_elapsed_leaves_out_pauses_and_the_time_without_a_coordinator():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 9))  # 0.1 s
    recorder.say(Paused(), 10)
    recorder.say(Resumed(), 500)
    recorder.say(Recovered(), 7000)
    recorder.say(Lost(trial, 1, "coordinator"), 0)
    recorder.report(trial, 2)  # 2 s
    assert search_progress(recorder.history).elapsed == pytest.approx(12.1, abs=1e-3)
    assert search_progress(recorder.history, now=recorder.at + 3).elapsed == pytest.approx(15.1, abs=1e-3)


def test_the_timeout_bounds_what_remains():
    recorder = Recorder(limits=Limits(trials=1000, timeout=60))
    recorder.complete(recorder.start(Place(0, 0, 9)))
    record = search_progress(recorder.history)
    assert record.remaining == pytest.approx(60 - record.elapsed)


def test_a_paused_search_has_no_estimate():
    history = hyperband_history()
    history.append(Paused(), history[-1].at)
    assert search_progress(history, R9).remaining is None
