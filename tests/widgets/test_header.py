from histories import R9, empty_history, full_history, hyperband_history, ladder_history

from tunewidgets.analysis import search_progress
from tunewidgets.figures.static import status_line
from tunewidgets.history import (
    Closed,
    Extended,
    History,
    Limits,
    Lost,
    Paused,
    Plan,
    Planned,
    Pulse,
    Recovered,
    Resumed,
    StopAsked,
)
from tunewidgets.widgets.dashboard.header import current, facts

ALIVE = Pulse("alive")


def test_before_the_first_event():
    header = facts(History(), None, Pulse("starting"))
    assert (header["status"], header["settled"], header["planned"], header["best"]) == ("starting", 0, None, None)


def test_before_the_first_event_the_plan_knows_the_unit():
    plan = Plan(((Planned(3, 9),),), unit="epoch")
    assert facts(History(), plan, Pulse("starting"))["unit"] == "epoch"


def test_a_search_under_way():
    header = facts(hyperband_history(), R9, ALIVE)
    assert (header["settled"], header["planned"], header["spent"], header["budget"]) == (10, 17, 29, 69)
    assert header["counts"] == {
        "pruned": 7, "failed": 1, "completed": 1, "paused": 2, "stopped": 1, "running": 2, "interrupted": 1,
    }  # fmt: skip
    assert (header["best"]["number"], header["unit"], header["metric"]) == (1, "epoch", "val_accuracy")
    assert (header["busy"], header["workers"]) == (2, 2)


def test_the_plan_and_the_limit_the_smaller_counts():
    assert facts(empty_history(limits=Limits(trials=12)), R9, ALIVE)["planned"] == 12
    assert facts(empty_history(limits=Limits(trials=90)), R9, ALIVE)["planned"] == 17
    assert facts(empty_history(), None, ALIVE)["planned"] is None


def test_what_was_started_beyond_the_plan_is_counted():
    assert facts(full_history(12), R9, ALIVE)["planned"] == 12
    assert facts(ladder_history(R9), None, ALIVE)["planned"] is None


def test_the_end_says_why():
    assert facts(ladder_history(R9), R9, ALIVE)["message"] == "every planned trial has come to rest"
    assert facts(ladder_history(R9), R9, Pulse("gone", "look here"))["message"] == "look here"


def test_a_stop_at_once_is_told_from_one_that_waits():
    history = hyperband_history()
    history.append(StopAsked(None, now=False))
    assert (facts(history, R9, ALIVE)["status"], facts(history, R9, ALIVE)["at_once"]) == ("stopping", False)
    history.append(StopAsked(None, now=True))
    assert facts(history, R9, ALIVE)["at_once"]


def test_the_reason_of_a_failure_is_said_whatever_else_there_is_to_say():
    history = empty_history()
    history.append(Closed("failed", {"kind": "error", "type": "SpaceError", "text": "no parameters"}))
    assert facts(history, R9, Pulse("alive", "About the space: ..."))["message"] == "SpaceError: no parameters"
    assert facts(history, R9, Pulse("gone", "it was replaced"))["message"] == "it was replaced"


def test_the_header_says_what_the_static_output_says():
    for history in (hyperband_history(), ladder_history(R9), full_history(12, running=2), empty_history(), History()):
        header, record = facts(history, R9, ALIVE), search_progress(history, R9)
        assert header["elapsed"] == record.elapsed
        assert (header["spent"], header["budget"]) == (record.spent, record.spent_planned)
        assert f"{header['settled']:,} of {header['planned']:,} trials" in status_line(record)


def test_the_clock_stands_still_at_rest_and_without_a_coordinator():
    history = hyperband_history()
    first, last = history[0].at, history[len(history) - 1].at
    header = facts(history, R9, ALIVE)
    assert (header["elapsed"], header["ticking"]) == (last - first, True)
    assert current(header, history, last + 60)["elapsed"] == last + 60 - first
    for health in ("gone", "starting"):
        header = facts(history, R9, Pulse(health))
        assert current(header, history, last + 60) == header
        assert (header["elapsed"], header["ticking"]) == (last - first, False)
    header = facts(History(), None, ALIVE)
    assert (current(header, History(), 5.0)["elapsed"], header["ticking"]) == (0.0, False)


def test_the_clock_leaves_out_pauses_and_the_time_without_a_coordinator():
    history = hyperband_history()
    begun, at = history[0].at, history[-1].at
    history.append(Paused(), at + 5)
    header = facts(history, R9, ALIVE)
    assert (current(header, history, at + 60)["elapsed"], header["ticking"]) == (at + 5 - begun, False)
    history.append(StopAsked(None), at + 70)
    assert not facts(history, R9, ALIVE)["ticking"], "it stops, and was paused all the same"
    history.append(Resumed(), at + 100)
    history.append(Recovered(), at + 1000)
    history.append(Lost(12, 1, "coordinator"), at + 1000)
    header = facts(history, R9, ALIVE)
    assert current(header, history, at + 1010)["elapsed"] == at + 15 - begun
    history.append(Closed("finished", {"kind": "plan"}), at + 1020)
    assert current(facts(history, R9, ALIVE), history, at + 9000)["elapsed"] == at + 25 - begun
    history.append(Extended(Limits(trials=99)), at + 2000)
    assert current(facts(history, R9, ALIVE), history, at + 2001)["elapsed"] == at + 26 - begun
