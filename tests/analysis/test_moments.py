"""What happened, event by event, in words, and steps from one notable event to the next."""

import pytest
from histories import hyperband_history, ladder_history
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.analysis.moments import happened, is_notable, notable_count, step
from tunewidgets.history import (
    Closed,
    Enqueued,
    Event,
    Exhausted,
    Extended,
    History,
    Limits,
    Lost,
    Paused,
    Recovered,
    Reported,
    Resumed,
    Retried,
    SpaceEdited,
    StopAsked,
    TimeUp,
    WorkersChanged,
)
from tunewidgets.space import Space

HISTORY = hyperband_history()


def after(event):
    """Say what an event of a search under way was."""
    history = HISTORY.upto(len(HISTORY))
    history.append(event)
    return happened(history)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Enqueued({"units": 32}), "you added a trial"),
        (SpaceEdited(Space()), "you changed the space"),
        (SpaceEdited(Space(), "trial"), "a trial met a parameter that was not known before"),
        (Extended(Limits(trials=1200)), "you set new limits: 1,200 trials"),
        (Extended(Limits(timeout=60.0)), "you set new limits: 60 s"),
        (StopAsked(), "you stopped the search, after the running trials"),
        (StopAsked(now=True), "you stopped the search, at once"),
        (StopAsked(12), "you stopped trial 12, at its next report"),
        (StopAsked(12, now=True), "you stopped trial 12, at once"),
        (Paused(), "you paused the search"),
        (Resumed(), "you resumed the search"),
        (Retried(4), "you asked for trial 4 to run again"),
        (WorkersChanged(1), "you set 1 worker"),
        (WorkersChanged(4), "you set 4 workers"),
        (Lost(12, 1, "coordinator"), "trial 12: its process was lost: the coordinator ended"),
        (Recovered(), "a new coordinator took over"),
        (Exhausted(), "the sampler has no configuration left"),
        (TimeUp(), "the search's time was over"),
        (Closed("stopped", {"kind": "user"}), "the search stopped: stopped by you"),
        (Reported(12, 1, 3, 0.5), "trial 12 reported val_accuracy 0.5 after 3 epochs"),
    ],
)
def test_an_event_is_said_in_a_line(event, words):
    assert after(event) == words


def test_what_trials_do_is_said_with_its_reason():
    said = [happened(HISTORY.upto(seq)) for seq in range(1, len(HISTORY) + 1)]
    assert said[0] == "the search was opened over 4 parameters"
    assert said[1] == "trial 0 started: drawn at random from the space"
    assert any(line.startswith("trial 4 failed: ValueError: the loss became NaN") for line in said)
    assert any("promoted from rung 0 (1 epoch)" in line for line in said)
    assert any("pruned at rung 0 (1 epoch)" in line for line in said)
    assert any("is judged: paused at rung 0" in line for line in said)


def test_every_kind_of_event_has_words():
    from tunewidgets.analysis.moments import _SAY

    assert set(_SAY) == set(Event.__args__)


def test_nothing_has_happened_before_the_first_event():
    assert happened(History()) == ""


def test_steps_pass_reports_by():
    history = ladder_history()
    moment, seen = 1, []
    while (on := step(history, moment, 1)) != moment:
        moment = on
        seen.append(history[moment - 1].event)
    assert moment == len(history)
    assert all(map(is_notable, seen))
    assert len(seen) == notable_count(history) - 1, "all but the first, at which it begins"


@given(st.integers(1, len(HISTORY)), st.integers(-60, 60).filter(bool))
def test_steps_stay_within_the_history(moment, by):
    there = step(HISTORY, moment, by)
    assert 1 <= there <= len(HISTORY)
    assert (there >= moment) if by > 0 else (there <= moment)
    passed = [is_notable(HISTORY[k - 1].event) for k in range(min(moment, there) + 1, max(moment, there) + 1)]
    assert sum(passed) <= abs(by) + 1
