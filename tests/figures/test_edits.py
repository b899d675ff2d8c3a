"""Edits of the space, marked in the cards."""

import numpy as np
import pytest
from histories import SPACE, Recorder

from tunewidgets.figures import draw
from tunewidgets.figures.svg import to_svg
from tunewidgets.history import Place, SpaceEdited


@pytest.fixture
def history():
    recorder = Recorder()
    for number in range(6):
        if number == 4:
            recorder.say(SpaceEdited(SPACE.without("dropout")), 3.0)
        if number == 5:
            recorder.say(SpaceEdited(SPACE, "trial"), 3.0)
        recorder.complete(recorder.start(Place(0, 0, 2)))
    return recorder.history


def lines(answer):
    return [
        shape["x0"]
        for shape in answer.figure["layout"].get("shapes", ())
        if shape.get("line", {}).get("dash") == "dash"
    ]


def test_a_line_stands_before_the_first_trial_that_may_come_of_it(history):
    answer = draw("trials", history)
    assert lines(answer) == [3.5], "what a trial met is no edit of the user's"
    (note,) = answer.figure["layout"]["annotations"]
    assert note["text"] == "space edited"
    assert "space edited" in to_svg(answer.figure, 500)


def test_against_time_it_stands_where_it_was_done(history):
    seconds = next(entry.at for entry in history.entries if isinstance(entry.event, SpaceEdited)) - history[0].at
    assert lines(draw("trials", history, asked={"against": "time"})) == pytest.approx([seconds])
    assert lines(draw("timeline", history)) == pytest.approx([seconds])


def test_without_edits_nothing_is_added():
    recorder = Recorder()
    recorder.complete(recorder.start(Place(0, 0, 2)))
    answer = draw("trials", recorder.history)
    assert lines(answer) == []
    assert not answer.figure["layout"]["annotations"]
    assert np.isfinite(answer.figure["layout"]["xaxis"]["range"]).all()
