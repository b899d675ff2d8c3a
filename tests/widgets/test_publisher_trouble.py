"""The publisher where something goes wrong, where nobody looks, and its thread; on the same stage."""

import threading

import pytest
from histories import R9, empty_history, full_history, hyperband_history, ladder_history, large_history
from stage import CARDS, ENDINGS, Outlet, Stage, View

from tunewidgets.figures import NotYet
from tunewidgets.figures.cards import find_cards
from tunewidgets.widgets.dashboard.publisher import Publisher


def test_a_static_output_that_comes_later_is_drawn_at_once():
    stage = Stage().show()
    before = len(stage.outlet.milestones)
    stage.publisher._inbox.append({"kind": "below"})
    stage.turn()
    assert len(stage.outlet.milestones) == before + 1


def test_a_long_history_is_folded_bit_by_bit_and_pages_are_answered_meanwhile():
    stage = Stage(script=large_history(1500, 10))
    stage.view.play()
    stage.say("display")
    assert stage.turn() == 0.0
    stage.say("plotly", no=0)
    assert stage.turn() is not None
    assert [message["kind"] for message, _ in stage.outlet.messages] == ["plotly", "frame"]


def test_one_frame_does_not_hold_the_kernel_for_long(monkeypatch):
    stage = Stage(cards=("trials", "curves", "brackets")).show(cards=("trials", "curves", "brackets"))

    def slow(_name, history, *, plan=None, asked=None):
        stage.now += 0.06
        return NotYet(f"{len(history)} entries, {plan is not None}, {bool(asked)}")

    monkeypatch.setattr("tunewidgets.widgets.dashboard.drawing.draw", slow)
    stage.view.play(20)
    seen = []
    for _ in range(3):
        stage.turn()
        (frame,) = stage.taken()
        seen.append(list(frame["cards"]))
        stage.say("ack", seq=frame["seq"])
    assert sorted(seen) == [["brackets"], ["curves"], ["trials"]]


def test_the_saved_header_follows_at_leisure():
    stage = Stage(script=full_history(300))
    stage.say("display")
    for _ in range(100):
        stage.view.play(3)
        stage.turn()
    assert 4 <= len(stage.outlet.kept) <= 8, "ten seconds, one every two, and the milestones"


def test_it_ends_when_the_search_is_at_rest_and_everything_is_drawn():
    stage = Stage(script=ladder_history(R9)).show()
    stage.view.play()
    assert stage.turn() is not None, "it goes on"
    seq = stage.taken()[-1]["seq"]
    assert stage.turn() is not None, "the page has not drawn it yet"
    stage.say("ack", seq=seq)
    assert stage.turn() is None


def test_after_a_command_it_watches_a_search_at_rest():
    stage = Stage(script=ladder_history(R9)).show()
    stage.view.play()
    stage.turn()
    stage.say("ack", seq=stage.taken()[-1]["seq"])
    stage.say("command", id=1, do="resume")
    assert stage.turn() is not None
    assert stage.turn(11.0) is None


def test_without_pages_it_looks_once_a_second_for_the_static_output_and_sends_nothing():
    stage = Stage(script=ladder_history(R9))
    stage.say("below")
    stage.view.play(30)
    assert stage.turn() == 1.0
    stage.view.play()
    assert stage.turn() is None
    assert [status for _, status in stage.outlet.milestones] == ["running", "finished"]
    assert stage.outlet.messages == []


def test_without_pages_and_without_a_static_output_it_ends():
    stage = Stage()
    stage.view.play(30)
    assert stage.turn() is None
    stage.show()
    stage.view.play(10)
    assert stage.turn() is not None
    stage.say("bye")
    assert stage.turn() is None, "the last page has left"
    stage.say("hello", "b")
    assert stage.turn() is not None, "another one has come"
    assert stage.turn(601.0) is None, "it was never heard of again"
    assert stage.outlet.ended == 0, "it may be displayed again"


def test_trouble_that_nobody_sees_ends_it_too():
    stage = Stage()
    stage.view.error = OSError("stale file handle")
    stage.view.play(5)
    assert stage.turn() is None
    stage.say("below")
    assert stage.turn() == 1.0, "the static output still waits for its end"
    stage.say("retire")
    assert stage.turn() is None
    assert stage.outlet.ended == 1


def test_a_retired_one_goes_on_where_a_page_shows_it_and_then_ends():
    stage = Stage()
    stage.say("below")
    stage.show()
    stage.say("retire")
    stage.view.play(30)
    assert stage.turn() is not None
    assert len(stage.taken()) == 1, "in another cell it is still alive"
    stage.outlet.busy = True
    stage.say("bye")
    assert stage.turn() == 1.0, "it cannot be closed just now"
    stage.outlet.busy = False
    assert stage.turn() is None
    assert stage.outlet.ended == 1


def test_a_retired_one_that_is_shown_again_is_not_ended():
    stage = Stage()
    stage.say("retire")
    stage.say("below")
    assert stage.turn() == 1.0
    assert stage.outlet.ended == 0


def test_a_milestone_that_could_not_be_drawn_is_drawn_later():
    stage = Stage(script=ladder_history(R9))
    stage.say("below")
    stage.view.play()
    stage.outlet.fault = OSError("no way out")
    assert stage.turn() == 1.0
    stage.outlet.fault = None
    assert stage.turn() == 1.0, "the end is still to be drawn"
    assert stage.turn(10.0) is None
    assert [status for _, status in stage.outlet.milestones] == ["finished"]


@pytest.mark.parametrize("trials", [0, 3])
@pytest.mark.parametrize("closed", ENDINGS, ids=lambda closed: f"{closed.state}-{closed.reason.get('kind')}")
def test_every_ending_is_drawn(closed, trials):
    before = list(empty_history() if not trials else hyperband_history())
    stage = Stage(script=[*before, closed]).show()
    stage.view.play()
    stage.turn()
    frames = stage.taken()
    words = closed.reason.get("text") or closed.reason.get("message") or ""
    assert [frame["header"]["status"] for frame in frames] == [closed.state]
    assert words in frames[0]["header"]["message"]
    assert "trouble" not in frames[0]["header"]["message"]
    stage.say("ack", seq=frames[0]["seq"])
    stage.turn()
    assert stage.outlet.milestones[-1] == (len(before) + 1, closed.state)


def test_a_search_that_failed_to_open_says_why_and_promises_nothing():
    stage = Stage(script=[*empty_history(), ENDINGS[0]]).show()
    stage.view.play()
    stage.turn()
    (frame,) = stage.taken()
    assert frame["header"]["message"] == "StrategyError: the grid is too large"
    for name in ("trials", "curves", "table"):
        said = frame["cards"][name]["card"]
        assert said["end"] == "not yet"
        assert said["text"] == "the search failed before its first trial: StrategyError: the grid is too large"


@pytest.mark.parametrize("part", ["facts", "current"])
def test_telling_of_trouble_never_raises(part, monkeypatch):
    stage = Stage().show()

    def broken(*_arguments):
        raise KeyError("message")

    monkeypatch.setattr(f"tunewidgets.widgets.dashboard.publisher.{part}", broken)
    stage.view.play(5)
    assert stage.turn() == 1.0
    (frame,) = stage.taken()
    assert "KeyError" in frame["header"]["message"]
    assert "counts" in frame["header"], "what a page draws is there"
    monkeypatch.undo()
    stage.turn(1.0)
    (frame,) = stage.taken()
    assert (frame["header"]["message"], frame["entries"]) == ("", 5)


def test_a_thread_that_dies_is_replaced_at_the_next_message(monkeypatch):
    view = View(ladder_history(R9))
    publisher = Publisher(view, Outlet(), find_cards(CARDS), R9)
    died = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    monkeypatch.setattr(publisher, "turn", lambda: 1 / 0)
    publisher.post({"kind": "wake"})
    thread = publisher._thread
    if thread is not None:
        thread.join(5.0)
    assert [one.exc_type for one in died] == [ZeroDivisionError]
    assert not publisher.running
    monkeypatch.undo()
    publisher.post({"kind": "wake"})
    thread = publisher._thread
    if thread is not None:
        thread.join(5.0)
    assert len(publisher._outlet.milestones) == 1


def test_the_thread_ends_and_comes_back():
    view, outlet = View(ladder_history(R9)), Outlet()
    view.play()
    publisher = Publisher(view, outlet, find_cards(CARDS), R9)
    for _ in range(2):
        publisher.post({"kind": "wake"})
        thread = publisher._thread
        if thread is not None:
            thread.join(5.0)
        assert not publisher.running
    assert len(outlet.milestones) == 1
    publisher.close()
    publisher.post({"kind": "wake"})
    assert not publisher.running


def test_a_look_sees_the_newest_history():
    stage = Stage()
    stage.view.play(40)
    assert stage.publisher.look(len) == 40


def test_a_page_that_cannot_be_heard_is_sent_what_draws_unasked_and_once():
    stage = Stage()
    stage.say("display")
    stage.turn()
    assert stage.taken("plotly") == []
    stage.turn(1.0)
    assert len(stage.taken("plotly")) == 1
    stage.turn(5.0)
    assert stage.taken("plotly") == []


def test_a_page_that_speaks_in_time_asks_for_itself():
    stage = Stage().show()
    stage.turn(5.0)
    assert stage.taken("plotly") == []
