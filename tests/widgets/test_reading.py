"""What a dashboard knows of its search, and the part of it that is shown."""

import itertools

import pytest
from histories import full_history
from hypothesis import given, settings
from hypothesis import strategies as st
from stage import View

from tunewidgets.history import History
from tunewidgets.widgets.dashboard import reading
from tunewidgets.widgets.dashboard.reading import Reading

SCRIPT = list(full_history(40))


def read(moment, shown=None):
    view = View(SCRIPT)
    view.play(shown)
    found = Reading(view, lambda: moment)
    while found.read() | found.rewind():
        pass
    return found


def fold(found):
    while found.read() | found.rewind():
        pass


def test_without_a_moment_everything_is_shown():
    found = read(None)
    assert found.shown is found.history
    assert len(found.shown) == len(SCRIPT)
    assert not found.replays


def test_the_past_is_what_was_known_then():
    found = read(30)
    assert found.replays
    assert list(found.shown) == SCRIPT[:30]
    assert len(found.history) == len(SCRIPT), "what happens now is read all the same"


def test_a_moment_that_has_not_come_is_the_present():
    found = read(len(SCRIPT), shown=20)
    assert not found.replays
    assert len(found.shown) == 20


@settings(max_examples=30, deadline=None)
@given(st.lists(st.none() | st.integers(0, len(SCRIPT) + 5), max_size=8))
def test_stepping_to_and_fro_shows_each_moment_as_it_was(moments):
    view, now = View(SCRIPT), [None]
    view.play()
    found = Reading(view, lambda: now[0])
    for moment in moments:
        now[0] = moment
        while found.read() | found.rewind():
            pass
        assert not found.behind
        expected = len(SCRIPT) if moment is None else min(moment, len(SCRIPT))
        assert len(found.shown) == expected
        assert list(found.shown) == SCRIPT[:expected]


def test_a_long_past_is_folded_bit_by_bit(monkeypatch):
    monkeypatch.setattr(reading, "BIT", 10)
    view = View(SCRIPT)
    view.play()
    found = Reading(view, lambda: 25)
    for _ in range(len(SCRIPT)):
        found.read()
    assert found.behind
    assert [found.rewind() for _ in range(4)] == [True, True, True, False]
    assert len(found.shown) == 25
    assert not found.behind


@pytest.mark.parametrize("moment", [None, 30])
def test_an_interrupt_while_it_folds_loses_nothing(moment, monkeypatch):
    view = View(SCRIPT)
    view.play()
    found = Reading(view, lambda: moment)
    extend, left = History.extend, [2]

    def interrupted(history, entries):
        left[0] -= 1
        if not left[0]:
            extend(history, itertools.islice(iter(entries), 7))
            raise KeyboardInterrupt
        extend(history, entries)

    monkeypatch.setattr(History, "extend", interrupted)
    monkeypatch.setattr(reading, "BIT", 20)
    with pytest.raises(KeyboardInterrupt):
        fold(found)
    fold(found)
    assert list(found.history) == SCRIPT
    assert list(found.shown) == SCRIPT[: moment or len(SCRIPT)]


def test_a_view_that_cannot_be_read_now_is_no_reason_to_forget():
    view = View(SCRIPT)
    view.play(20)
    found = Reading(view)
    found.read()
    view.play(5)
    view.error = OSError("locked")
    with pytest.raises(OSError, match="locked"):
        found.read()
    assert len(found.history) == 20
    view.error = None
    assert found.read()
    assert len(found.history) == 25
