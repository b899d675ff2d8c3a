"""What is known of failed trials: tracebacks by attempt, and the reason of a search that gave up."""

import pytest
from histories import Recorder

from tunewidgets.history import Continued, Ended, Place, failures_reason, tracebacks

WHERE = Place(0, 0, 9)


def failed(*reasons):
    recorder = Recorder()
    for reason in reasons:
        recorder.say(Ended(recorder.start(WHERE), 1, "failed", WHERE, None, reason))
    return recorder.history


def error(message, **more):
    return {"kind": "error", "type": "TypeError", "message": message, **more}


def test_every_attempt_has_its_own_traceback():
    history = failed(error("one", traceback="T1"), {"kind": "timeout", "seconds": 1.0})
    history.append(Continued(0, WHERE, 2, "retried"))
    history.append(Ended(0, 2, "failed", WHERE, None, error("two", traceback="T2")))
    assert tracebacks(history, 0) == {1: "T1", 2: "T2"}
    assert tracebacks(history, 1) == tracebacks(history, 9) == {}


def test_a_search_that_gives_up_says_with_what_and_keeps_the_data_without_what_is_long():
    reason = failures_reason(failed(error("first"), error("bad\nsecond line", traceback="T", output="O")))
    assert reason == {
        "kind": "failures",
        "text": "2 trials in a row failed, the last with TypeError: bad",
        "times": 2,
        "trial": 1,
        "last": error("bad\nsecond line"),
    }


@pytest.mark.parametrize(
    ("reasons", "text"),
    [
        ([error("bad")], "1 trial failed: TypeError: bad"),
        ([{}, {}], "2 trials in a row failed"),
        ([{}, {"kind": "crash", "message": "it is gone"}], "2 trials in a row failed, the last one: it is gone"),
        ([error("a"), error("x" * 999)], f"2 trials in a row failed, the last with TypeError: {'x' * 189}…"),
    ],
)
def test_the_words(reasons, text):
    assert failures_reason(failed(*reasons))["text"] == text
