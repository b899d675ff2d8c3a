"""What comes of a page's command is shown before anything else, turn by turn on a clock that the test moves."""

from histories import Recorder
from stage import Stage

from tunewidgets.figures.answers import NotYet
from tunewidgets.history import Closed, Ended, Entry, Paused, Place, Pulse, Reported, Resumed, SpaceEdited, StopAsked
from tunewidgets.space import Float, Space

PLACE = Place(0, 0, 9)


def two_running():
    recorder = Recorder()
    for _ in range(2):
        recorder.start(PLACE)
    stage = Stage(script=recorder.history)
    stage.view.play()
    return stage.show()


def happen(stage, *events, after=0.101):
    for event in events:
        stage.view.shown.append(Entry(len(stage.view.shown), 0.0, event))
    return stage.turn(after)


def reports(trial, *steps):
    return [Reported(trial, 1, step, 0.5) for step in steps]


def test_the_header_overtakes_cards_that_pages_have_not_drawn_yet():
    stage = two_running()
    happen(stage, *reports(0, 1))
    assert len(stage.taken()) == 1, "nobody has drawn it"
    happen(stage, Paused())
    assert stage.taken() == [], "that is waited for, as nobody has asked for anything"
    stage.say("command", id=1, do="resume")
    stage.turn(0.01)
    stage.taken()
    happen(stage, Resumed(), after=0.01)
    (frame,) = stage.taken()
    assert (frame["header"]["status"], frame["cards"]) == ("running", {})
    happen(stage, *reports(0, 2))
    assert stage.taken() == [], "all else waits as before"
    stage.say("ack", seq=frame["seq"])
    stage.turn()
    (frame,) = stage.taken()
    assert "curves" in frame["cards"], "the cards follow"


def test_the_header_comes_before_the_cards_are_drawn(monkeypatch):
    stage = two_running()
    drawn = []

    def draw(name, history, **_more):
        drawn.append(len(stage.outlet.messages))
        return NotYet(f"{len(history)} entries")

    monkeypatch.setattr("tunewidgets.widgets.dashboard.drawing.draw", draw)
    stage.say("command", id=1, do="pause")
    stage.turn()
    stage.taken()
    happen(stage, Paused())
    first, second = stage.taken()
    assert (first["cards"], first["header"]["status"]) == ({}, "paused")
    assert set(second["cards"]) >= {"trials", "curves", "brackets"}
    assert min(drawn) == 1, "the header was on its way"


def test_no_card_rests_before_it_shows_an_edit(monkeypatch):
    stage = two_running()

    def slow(_name, history, **_more):
        stage.now += 0.04
        return NotYet(f"{len(history)} entries")

    monkeypatch.setattr("tunewidgets.widgets.dashboard.drawing.draw", slow)
    monkeypatch.setattr("tunewidgets.widgets.dashboard.frame.SHARE", 8.0)  # a rest of some turns
    happen(stage, *reports(0, 1))
    stage.say("ack", seq=stage.taken()[-1]["seq"])
    stage.say("command", id=1, do="edit", edits={"units": {"min_value": 64}})
    stage.turn()
    stage.say("ack", seq=stage.publisher._seq)
    assert happen(stage, *reports(0, 2)) is not None
    assert all("trials" not in frame["cards"] for frame in stage.taken()), "it rests"
    stage.say("ack", seq=stage.publisher._seq)
    happen(stage, stage.view.commands[0])
    shown = [message["kind"] for message, _ in stage.outlet.messages]
    assert shown[:2] == ["shown", "frame"], "the button's word is taken back with the header, which is as it was"
    assert "trials" in stage.taken()[-1]["cards"]


def test_a_page_is_told_at_once_what_becomes_of_the_trial_that_it_stops():
    stage = two_running()
    stage.say("command", id=1, do="kill", trial=1)
    stage.turn()
    stage.taken()
    happen(stage, StopAsked(1, now=True), *reports(0, 1))
    (told,) = stage.taken("details")
    assert (told["trial"], told["details"]["state"], told["details"]["stopping"]) == (1, "running", "kill")
    happen(stage, *reports(0, 2))
    assert stage.taken("details") == [], "nothing has become of it"
    happen(stage, Ended(1, 1, "stopped", PLACE, None, {"kind": "user"}))
    (told,) = stage.taken("details")
    assert (told["details"]["state"], told["entries"]) == ("stopped", len(stage.view.shown))


def test_after_a_while_nothing_is_hurried_any_more():
    stage = two_running()
    stage.say("command", id=1, do="skip", trial=0)
    stage.turn()
    happen(stage, *reports(1, 1))
    stage.taken()
    happen(stage, StopAsked(0), Ended(0, 1, "stopped", PLACE), SpaceEdited(Space(x=Float(0, 1))), after=10.1)
    assert stage.taken("details") == []
    stage.say("command", id=2, do="skip", trial=1)
    stage.turn()
    stage.taken()
    happen(stage, Ended(1, 1, "stopped", PLACE))
    assert [message["trial"] for message in stage.taken("details")] == [1], "only the trial that is asked about now"


def test_after_a_command_it_is_looked_at_once_whether_a_coordinator_comes():
    stage = two_running()
    happen(stage, Closed("stopped"))
    stage.say("ack", seq=stage.taken()[-1]["seq"])
    stage.turn()
    stage.view.health = Pulse("starting")
    stage.say("command", id=1, do="resume")
    stage.turn(0.11)
    assert stage.taken()[-1]["header"]["health"] == "starting"
