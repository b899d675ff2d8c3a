"""The publisher turn by turn, on a clock that the test moves; its thread only where the thread is what is tested."""

import itertools
import threading

import numpy as np
import pytest
from histories import R9, empty_history, full_history, hyperband_history, ladder_history, large_history

from tunewidgets.figures import NotYet
from tunewidgets.history import Closed, Entry, Paused, Pulse, Resumed, StopAsked
from tunewidgets.widgets.dashboard.publisher import Publisher

CARDS = ("trials", "curves", "brackets", "table")


class View:
    """A search whose events a test lets happen."""

    name = "demo"

    def __init__(self, script=()):
        self.script, self.shown, self.commands = list(script), [], []
        self.health, self.error = Pulse("alive"), None

    def play(self, events=None):
        for event in self.script[:events]:
            self.shown.append(Entry(len(self.shown), 1000.0 + len(self.shown), event))
        self.script = self.script[len(self.script) if events is None else events :]

    def version(self):
        return len(self.shown)

    def read(self, since=0):
        if self.error:
            raise self.error
        return self.shown[since:]

    def send(self, command):
        if self.error:
            raise self.error
        self.commands.append(command)

    def pulse(self):
        return self.health


class Outlet:
    def __init__(self):
        self.messages, self.kept, self.milestones = [], [], []
        self.fault, self.ended, self.busy = None, 0, False

    def send(self, message, buffers):
        self.messages.append((dict(message), [bytes(buffer) for buffer in buffers]))

    def keep(self, header):
        self.kept.append(header)

    def milestone(self, history, header):
        if self.fault:
            raise self.fault
        self.milestones.append((len(history), header["status"]))

    def end(self):
        self.ended += not self.busy
        return not self.busy


class Stage:
    """A publisher, its view and its outlet, and the clock."""

    def __init__(self, script=None, cards=CARDS):
        self.now = 100.0
        self.view, self.outlet = View(hyperband_history() if script is None else script), Outlet()
        self.publisher = Publisher(self.view, self.outlet, cards, R9, clock=lambda: self.now)
        self.number = 0

    def say(self, kind, page="a", **more):
        """Put a page's message into the inbox, without starting the thread."""
        self.number += 1
        self.publisher._inbox.append({"kind": kind, "page": page, "at": self.number, **more})

    def turn(self, after=0.101):
        self.now += after
        return self.publisher.turn()

    def taken(self, kind="frame"):
        """Return the messages since the last call."""
        found = [message for message, _ in self.outlet.messages if message["kind"] == kind]
        self.outlet.messages.clear()
        return found

    def show(self, page="a", cards=CARDS):
        """Display it and let a page say hello, draw everything and acknowledge."""
        self.say("display")
        self.turn()
        self.say("hello", page)
        self.turn()
        self.say("ack", page, seq=self.publisher._seq, cards=list(cards))
        self.turn()
        self.taken()
        return self


def test_the_first_frame_is_sent_before_any_page_speaks():
    stage = Stage()
    stage.say("display")
    stage.turn()
    (frame,) = stage.taken()
    assert (frame["seq"], frame["whole"], frame["entries"]) == (0, True, 0)
    assert frame["cards"]["brackets"]["card"]["end"] == "drawn", "the plan is drawn before the first trial"
    assert frame["cards"]["trials"]["card"]["end"] == "not yet"


def test_nothing_is_sent_while_nothing_changes():
    stage = Stage().show()
    for _ in range(50):
        stage.turn()
    assert stage.taken() == []


def test_changes_between_two_frames_go_out_as_one():
    stage = Stage().show()
    for _ in range(6):
        stage.view.play(10)
        stage.turn()
    frames = stage.taken()
    assert [frame["entries"] for frame in frames] == [10], "the first is not acknowledged yet"
    stage.say("ack", seq=frames[-1]["seq"])
    stage.turn()
    assert [frame["entries"] for frame in stage.taken()] == [60]


def test_a_page_that_never_answers_gets_the_newest_state_once_a_second():
    stage = Stage(script=full_history(400)).show()
    at = []
    for _ in range(100):
        stage.view.play(2)
        stage.turn()
        at += [(round(stage.now, 1), frame["entries"]) for frame in stage.taken()]
    assert len(at) == 10
    assert all(0.95 < later[0] - earlier[0] < 1.15 for earlier, later in itertools.pairwise(at))
    assert at[-1][1] > 180, "the newest state, not the oldest one"


def test_a_page_that_answers_gets_ten_frames_a_second_at_most():
    stage = Stage(script=full_history(400)).show()
    frames = 0
    for _ in range(200):
        stage.view.play(1)
        stage.turn(0.02)
        for frame in stage.taken():
            frames += 1
            stage.say("ack", seq=frame["seq"])
    assert 30 <= frames <= 40


def test_a_page_that_was_reloaded_does_not_hold_up_the_new_one():
    stage = Stage(script=full_history(400)).show("old")
    stage.say("hello", "new", cards=list(CARDS))
    frames = 0
    for _ in range(100):
        stage.view.play(2)
        stage.turn()
        for frame in stage.taken():
            frames += 1
            stage.say("ack", "new", seq=frame["seq"])
    assert frames > 60, "once a second for three seconds, then as fast as the new page draws"


def test_only_cards_in_sight_are_computed():
    stage = Stage().show(cards=("trials",))
    stage.view.play(30)
    stage.turn()
    (frame,) = stage.taken()
    assert list(frame["cards"]) == ["trials"]
    stage.say("ack", seq=frame["seq"], cards=["curves"])
    stage.turn()
    (frame,) = stage.taken()
    assert list(frame["cards"]) == ["curves"], "it came into sight"


def test_a_card_that_looks_the_same_is_not_sent_again():
    stage = Stage().show()
    stage.view.play(1)
    stage.turn()
    stage.say("ack", seq=stage.taken()[0]["seq"])
    stage.view.shown.append(Entry(1, 0.0, Paused()))
    stage.turn()
    (frame,) = stage.taken()
    assert (frame["cards"], frame["header"]["status"]) == ({}, "paused")


def test_hello_gets_everything():
    stage = Stage().show()
    stage.view.play()
    stage.turn()
    (frame,) = stage.taken()
    stage.say("ack", seq=frame["seq"])
    stage.turn()
    stage.say("hello", "b")
    stage.turn()
    (frame,) = stage.taken()
    assert frame["whole"]
    assert list(frame["cards"]) == list(CARDS)


def test_arrays_of_a_card_are_found_by_its_place():
    stage = Stage().show()
    stage.view.play()
    stage.turn()
    frame, buffers = next(m for m in stage.outlet.messages if m[0]["kind"] == "frame")
    part = frame["cards"]["table"]
    own = buffers[part["at"] : part["at"] + part["n"]]
    numbers = part["card"]["columns"][0]["values"]
    assert np.frombuffer(own[numbers["n"]], "<f8").tolist() == list(range(15))
    assert sum(card["n"] for card in frame["cards"].values()) == len(buffers)


@pytest.mark.parametrize(
    ("button", "command"),
    [("pause", Paused()), ("resume", Resumed()), ("stop", StopAsked()), ("stop now", StopAsked(None, now=True))],
)
def test_a_click_becomes_a_command(button, command):
    stage = Stage().show()
    stage.say("command", id=7, do=button)
    stage.turn()
    assert stage.view.commands == [command]
    assert stage.taken("taken") == [{"kind": "taken", "id": 7}]


def test_a_refused_click_says_why():
    stage = Stage().show()
    stage.view.error = OSError("the disk is full")
    stage.say("command", id=1, do="pause")
    stage.turn()
    assert stage.taken("refused") == [{"kind": "refused", "id": 1, "text": "the disk is full"}]


def test_details_are_fetched_by_number():
    stage = Stage().show()
    stage.view.play()
    stage.turn()
    stage.say("details", trial=4)
    stage.say("details", trial=400)
    stage.turn()
    known, unknown = stage.taken("details")
    assert known["details"]["reason"] == "ValueError: the loss became NaN"
    assert unknown["details"] is None


def test_plotly_is_sent_once_for_questions_that_come_late_or_together():
    stage = Stage().show()
    for number in (1, 0, 1, 2):
        stage.say("plotly", no=number)
    stage.turn()
    ((_, buffers),) = [(m, b) for m, b in stage.outlet.messages if m["kind"] == "plotly"]
    assert buffers[0][:2] == b"\x1f\x8b"
    stage.taken("plotly")
    stage.say("plotly", no=1)
    stage.turn(5.0)
    assert stage.taken("plotly") == [], "an old question, which had waited for the end of a cell"
    stage.say("plotly", no=3)
    stage.turn(5.0)
    assert len(stage.taken("plotly")) == 1, "the answer was lost"


def test_trouble_with_reading_is_shown_and_passes():
    stage = Stage().show()
    stage.view.error = OSError("stale file handle")
    stage.view.play(5)
    assert stage.turn() == 1.0
    (frame,) = stage.taken()
    assert "stale file handle" in frame["header"]["message"]
    stage.view.error = None
    stage.turn(1.0)
    (frame,) = stage.taken()
    assert (frame["header"]["message"], frame["entries"]) == ("", 5)


@pytest.mark.parametrize("message", [{}, {"kind": "ack"}, {"kind": "details", "page": "a"}, {"kind": "?", "page": "a"}])
def test_a_message_that_makes_no_sense_hurts_nobody(message):
    stage = Stage().show()
    stage.publisher._inbox.append(message)
    stage.turn()
    stage.view.play(20)
    stage.turn(1.1)
    assert any(frame["entries"] == 20 for frame in stage.taken())


def test_the_pulse_reaches_the_page():
    stage = Stage().show()
    stage.view.health = Pulse("gone", "The coordinator is gone; press Resume.")
    stage.turn(1.1)
    (frame,) = stage.taken()
    assert (frame["header"]["health"], frame["header"]["message"]) == ("gone", "The coordinator is gone; press Resume.")


def test_a_search_that_was_replaced_says_so_and_its_clock_stops():
    stage = Stage().show()
    stage.view.play(30)
    stage.turn()
    (frame,) = stage.taken()
    stage.say("ack", seq=frame["seq"])
    assert frame["header"]["ticking"]
    assert frame["header"]["elapsed"] > 1000, "it was opened long ago, and somebody works"
    stage.view.health = Pulse("gone", "this search was replaced: its folder holds another one now")
    stage.turn(1.1)
    (frame,) = stage.taken()
    assert (frame["header"]["health"], frame["header"]["ticking"], frame["header"]["elapsed"]) == ("gone", False, 29.0)
    assert frame["header"]["message"] == "this search was replaced: its folder holds another one now"


def test_milestones_are_the_beginning_the_first_result_the_end_and_few_between():
    stage = Stage(script=ladder_history(R9))
    stage.say("below")
    steps = 0
    while stage.view.script:
        stage.view.play(1)
        stage.turn()
        steps += 1
    kinds = [status for _, status in stage.outlet.milestones]
    assert kinds[-1] == "finished"
    assert 3 <= len(kinds) <= 3 + steps * 0.1 / 10.0


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

    def slow(_name, history, *, plan=None):
        stage.now += 0.06
        return NotYet(f"{len(history)} entries, {plan is not None}")

    monkeypatch.setattr("tunewidgets.widgets.dashboard.publisher.draw", slow)
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


ENDINGS = [
    Closed("failed", {"kind": "error", "type": "StrategyError", "text": "the grid is too large"}),
    Closed("failed", {"kind": "failures", "text": "5 trials in a row failed"}),
    Closed("failed", {"kind": "error"}),
    Closed("stopped", {"kind": "user", "text": "stopped by you"}),
    Closed("finished", {"kind": "time", "text": "the time is over"}),
    Closed("finished", {"kind": "plan", "text": "every planned trial has come to rest"}),
    Closed("finished", {"kind": "of the future", "message": "as it says"}),
    Closed("failed", {"kind": "memory"}),
    Closed("failed", {}),
]


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
    publisher = Publisher(view, Outlet(), CARDS, R9)
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
    publisher = Publisher(view, outlet, CARDS, R9)
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
