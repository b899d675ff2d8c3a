"""The publisher turn by turn, on a clock that the test moves; its thread only where the thread is what is tested."""

import itertools

import numpy as np
import pytest
from histories import R9, full_history, ladder_history
from stage import CARDS, Stage

from tunewidgets.history import Entry, Paused, Pulse, Resumed, StopAsked
from tunewidgets.widgets.dashboard import reading
from tunewidgets.widgets.dashboard.chosen import Chosen


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


def test_a_page_that_is_sure_to_lack_something_gets_everything():
    stage = Stage().show()
    stage.view.play()
    stage.turn()
    (frame,) = stage.taken()
    stage.say("ack", seq=frame["seq"])
    stage.turn()
    stage.say("hello", "b", have=-1)
    stage.turn()
    (sent,) = stage.taken("sent")
    assert sent == {"kind": "sent", "page": "b", "seq": frame["seq"]}, "it may be on its way"
    stage.say("hello", "b", have=-1, sure=True)
    stage.turn()
    (frame,) = stage.taken()
    assert frame["whole"]
    assert list(frame["cards"]) == list(CARDS)


@pytest.mark.parametrize("late", [False, True])
def test_the_whole_is_sent_once_whenever_a_page_says_hello(late):
    stage = Stage()
    stage.view.play()
    stage.say("display")
    if late:  # it is sent unasked, and is on its way
        stage.turn()
    stage.say("hello", have=-1, cards=list(CARDS))
    stage.turn()
    stage.say("ack", seq=0)
    for _ in range(30):
        stage.turn()
    kinds = [message["kind"] for message, _ in stage.outlet.messages]
    assert kinds == (["frame", "sent"] if late else ["frame"])


def test_a_long_history_is_read_bit_by_bit_and_pages_are_answered_meanwhile(monkeypatch):
    monkeypatch.setattr(reading, "BIT", 20)
    stage = Stage()
    stage.view.play()
    stage.say("display")
    assert stage.turn() == 0.0
    stage.say("plotly", no=0)
    stage.say("command", id=3, do="skip", trial=14)
    stage.turn(0.0)
    assert [message["kind"] for message, _ in stage.outlet.messages] == ["plotly"]
    assert stage.view.commands == [], "that trial is not known yet"
    while stage.turn(0.0) == 0.0:
        pass
    assert [frame["entries"] for frame in stage.taken()] == [len(stage.view.shown)]


def test_a_command_that_comes_while_a_history_is_read_is_given_when_it_is(monkeypatch):
    monkeypatch.setattr(reading, "BIT", 20)
    stage = Stage()
    stage.view.play(50)
    stage.say("display")
    stage.turn()
    stage.say("command", id=3, do="pause")
    stage.turn(0.0)
    assert stage.view.commands == []
    while stage.turn(0.0) == 0.0:
        pass
    assert stage.view.commands == [Paused()]


def test_the_static_output_is_drawn_when_pages_have_drawn():
    stage = Stage().show()
    stage.say("below")
    stage.turn()
    before = len(stage.outlet.milestones)
    stage.view.play()
    stage.turn()
    assert stage.outlet.milestones[before:] == [], "the page draws, and may ask for something"
    stage.say("ack", seq=stage.publisher._seq)
    stage.turn()
    assert stage.outlet.milestones[before:] == [(len(stage.view.shown), "running")]


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
    assert stage.taken("taken") == [{"kind": "taken", "id": 7, "page": "a"}]


def test_a_refused_click_says_why():
    stage = Stage().show()
    stage.view.error = OSError("the disk is full")
    stage.say("command", id=1, do="pause")
    stage.turn()
    assert stage.taken("refused") == [{"kind": "refused", "id": 1, "page": "a", "text": "the disk is full"}]


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


def test_another_choice_is_drawn_at_once_and_only_what_looks_different_is_sent():
    asked = {}
    stage = Stage(chosen=Chosen(lambda name: asked.get(name, {})))
    stage.view.play()
    stage.show()
    asked["curves"] = {"metric": "loss"}
    stage.say("chosen")
    stage.turn()
    (frame,) = stage.taken()
    assert list(frame["cards"]) == ["curves"]
    options = {each["name"]: each["value"] for each in frame["cards"]["curves"]["card"]["options"]}
    assert options["metric"] == "loss"


def test_an_option_without_a_choice_is_none():
    stage = Stage(cards=("trials", "timeline"))
    stage.view.play()
    stage.say("display")
    stage.turn()
    stage.say("hello")
    stage.turn()
    (*_, frame) = stage.taken()
    assert frame["cards"]["timeline"]["card"]["options"] == []
    assert all(len(each["choices"]) > 1 for each in frame["cards"]["trials"]["card"]["options"])


def test_a_replay_plays_faster_in_longer_steps():
    stage = Stage(script=full_history(400)).show()
    stage.view.play()
    stage.turn()
    reached = {}
    for speed in ("slow", "normal", "fast", "headlong"):
        stage.say("step", id=1, by=0, speed=speed, **{"from": 1})
        stage.turn()
        (moment,) = stage.taken("moment")
        reached[speed] = moment["at"]
    assert 1 < reached["slow"] < reached["normal"] < reached["fast"]
    assert reached["headlong"] == reached["normal"], "a page may be older than Python"
