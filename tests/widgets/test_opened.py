"""What a page is told of a trial that it opens."""

import json

import pytest
from histories import Recorder, hyperband_history
from stage import Stage, View

from tunewidgets.history import Ended, History, Place, Printed, Reported
from tunewidgets.widgets.dashboard.chosen import Chosen
from tunewidgets.widgets.dashboard.opened import MOST, TAIL, as_seen, opened

TRACE = 'Traceback (most recent call last):\n  File "<b>.py", line 1, in f\nValueError: no'


def curves(history, *trials):
    return opened({"about": "curves", "trials": list(trials)}, history, View())["curves"]


def failed():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 9))
    recorder.say(Ended(trial, 1, "failed", Place(0, 0, 9), None, {"kind": "error", "traceback": TRACE}))
    return recorder.history


def test_curves_have_every_metric_the_goal_first():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 9))
    for step, value in ((1, 0.5), (2, float("nan"))):
        recorder.say(Reported(trial, 1, step, value, {"loss": 2.0} if step == 1 else {}))
    history = recorder.history
    told = curves(history, trial, 7)
    assert told == {0: {"steps": [1, 2], "values": {"val_accuracy": [0.5, None], "loss": [2.0, None]}}}
    json.dumps(told, allow_nan=False)


def test_of_a_long_curve_some_points_and_the_newest():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 5000))
    for step in range(1, 1002):
        recorder.say(Reported(trial, 1, step, 0.5))
    steps = curves(recorder.history, trial)[trial]["steps"]
    assert (len(steps), steps[-1]) == (167, 1001)


def test_output_and_traceback():
    view = View()
    view.output = Printed("hello", 5)
    told = opened({"about": "printed", "trial": 0}, failed(), view)
    assert told == {"text": "hello", "size": 5, "cut": False, "traceback": TRACE}


@pytest.mark.parametrize(("more", "most"), [(False, TAIL), (True, MOST)])
def test_of_long_output_the_end_is_told_and_more_on_demand(more, most):
    view = View()
    view.output = Printed("x" * 300_000, 300_000)
    told = opened({"about": "printed", "trial": 0, "more": more}, hyperband_history(), view)
    assert (len(told["text"]), told["cut"], told["size"]) == (most, True, 300_000)


def test_trouble_is_told_where_it_was_asked():
    view = View()
    view.error = OSError("the disk is gone")
    assert opened({"about": "printed", "trial": 0}, History(), view) == {"error": "OSError: the disk is gone"}


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("1/3\r2/3\r3/3\ndone\n", "3/3\ndone\n"),
        ("\x1b[1m1/1\x1b[0m \x1b[32m━━\x1b[0m\n", "1/1 ━━\n"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("loss\b\b: 1", "loss: 1"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_output_is_as_a_terminal_would_have_left_it(printed, seen):
    assert as_seen(printed) == seen


def test_a_page_is_answered_of_the_moment_that_is_shown():
    moment = [None]
    stage = Stage(chosen=Chosen(moment=lambda: moment[0])).show()
    stage.view.play()
    stage.turn()
    answers = []
    for shown in (None, 1):
        moment[0] = shown
        stage.say("chosen")
        stage.turn()
        stage.say("question", id=shown or 0, about="curves", trials=[0])
        stage.turn()
        answers += stage.taken("answer")
    assert [list(answer["curves"]) for answer in answers] == [[0], []]
