"""Events to test with: one of every kind, random ones, and how to compare those that hold NaN."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tunewidgets import history
from tunewidgets.history import Entry, Event, UserEvent
from tunewidgets.history.codec import encode
from tunewidgets.space import Boolean, Choice, Float, Int, Space

_PLACE = history.Place(1, 2, 27)
_SPACE = Space(rate=Float(1e-4, 1e-1, sampling="log"), units=Int(32, 512, step=32), kind=Choice(("a", 'b"\n', 3)))
_REASON = {"kind": "rank", "rank": 5, "of": 9, "value": float("nan"), "deep": {"list": [1, 2.5, None, True, "é\u2028"]}}

EVERY_KIND: tuple[Event, ...] = (
    history.Opened(
        2**70,
        _SPACE,
        history.Limits(60, 1.5, None),
        (history.Goal("loss", "min"), history.Goal("a", "max")),
        known=(history.Known({"rate": 0.1, "units": 32, "kind": "b", "flag": True}, (0.25, 1.0), 9),),
        constraints=(history.Constraint("latency", 20.0),),
    ),
    history.Enqueued({"rate": 0.1, "units": 32, "kind": "a", "flag": False}),
    history.SpaceEdited(Space(flag=Boolean()), by="trial"),
    history.Extended(history.Limits(trials=None, timeout=0.1 + 0.2)),
    history.StopAsked(trial=7, now=True),
    history.StopAsked(),
    history.Retried(3),
    history.Paused(),
    history.Resumed(),
    history.WorkersChanged(16),
    history.Started(0, {"rate": 5e-324, "units": 64}, _PLACE, "user", {"mean": -0.0, "sd": float("inf")}, seen=12),
    history.Continued(0, history.Place(None, 0, None), 2, "lost", _REASON),
    history.Continued(0, _PLACE, 3, "retried"),
    history.Reported(0, 1, 3, 0.1 + 0.2, {"loss": 1e308, "accuracy": -0.0}),
    history.Reported(0, 1, 4, float("nan"), {"loss": float("inf"), "accuracy": float("-inf")}),
    history.Judged(0, 1, 4, "stop", _REASON),
    history.Ended(0, 1, "pruned", _PLACE, None, _REASON),
    history.Ended(0, 1, "completed", _PLACE, float("-inf")),
    history.Lost(3, 1, "coordinator"),
    history.Recovered(),
    history.Exhausted(),
    history.TimeUp(),
    history.Closed("failed", {"kind": "limit", "text": "a\x00b"}),
)
"""At least one event of every kind, with values that are easily lost: NaN, infinities, -0.0, the smallest floats."""

COMMANDS: tuple[UserEvent, ...] = tuple(event for event in EVERY_KIND if isinstance(event, UserEvent))
"""At least one of everything that a user can say."""


def numbered(events: Sequence[Event], first: int = 0) -> list[Entry]:
    """Return events as entries, numbered from `first` on, with times that are easily rounded.

    Examples
    --------
    >>> numbered([history.Paused()], 4)
    [Entry(seq=4, at=1700000001.7333333, event=Paused())]
    """
    return [Entry(number, 1.7e9 + (number + 9.0) / 7.5, event) for number, event in enumerate(events, first)]


def assert_same(found: Sequence[Entry], expected: Sequence[Entry]) -> None:
    """Fail unless two lists of entries are equal, where NaN equals NaN and 1 does not equal 1.0."""
    assert [_plain(entry) for entry in found] == [_plain(entry) for entry in expected]


def _plain(entry: Entry) -> tuple[Any, ...]:
    assert isinstance(entry, Entry)
    return entry.seq, entry.at.hex(), type(entry.event), encode(entry.event)


_numbers = st.floats() | st.integers()
_json = st.recursive(
    st.none() | st.booleans() | _numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_data = st.dictionaries(st.text(max_size=5), _json, max_size=3)
_count = st.integers(0, 10**6)
_places = st.builds(history.Place, st.none() | _count, _count, st.none() | _count)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from(EVERY_KIND),
    st.builds(history.Enqueued, _data),
    st.builds(history.Started, _count, _data, _places, st.sampled_from(["sampler", "user"]), _data, _count),
    st.builds(history.Continued, _count, _places, _count, st.sampled_from(["promoted", "lost", "retried"]), _data),
    st.builds(
        history.Reported, _count, _count, _count, st.floats(), st.dictionaries(st.text(), st.floats(), max_size=3)
    ),
    st.builds(history.Judged, _count, _count, _count, st.text(max_size=8), _data),
    st.builds(history.Ended, _count, _count, st.just("failed"), _places, st.none() | st.floats(), _data),
)
"""Random events for property tests, in no sensible order."""
