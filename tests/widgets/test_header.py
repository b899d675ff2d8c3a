from histories import R9, empty_history, full_history, hyperband_history, ladder_history

from tunewidgets.history import History, Limits, Plan, Planned, Pulse, StopAsked
from tunewidgets.widgets.dashboard.header import clock, facts

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


def test_the_clock_stands_still_at_rest_and_without_a_coordinator():
    history = hyperband_history()
    first, last = history[0].at, history[len(history) - 1].at
    assert clock(history, ALIVE, last + 60) == {"elapsed": last + 60 - first, "ticking": True}
    assert clock(history, Pulse("gone"), last + 60) == {"elapsed": last - first, "ticking": False}
    assert clock(History(), ALIVE, 5.0) == {"elapsed": 0.0, "ticking": False}
