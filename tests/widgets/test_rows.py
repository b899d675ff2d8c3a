"""The table's rows on the wire: whatever part of them goes in a frame, pages end up with all of them."""

import numpy as np
import pytest
from histories import Recorder, empty_history, hyperband_history, large_history
from hypothesis import given
from hypothesis import strategies as st
from stage import Stage
from tables import Page, column_values

from tunewidgets.analysis.table import trial_table
from tunewidgets.figures.answers import Broken, NotYet, Tabled
from tunewidgets.history import History, Place
from tunewidgets.widgets.dashboard import rows
from tunewidgets.widgets.dashboard.rows import SentRows, Unchanged, columns

SCRIPT = list(hyperband_history())


def moment(events):
    history = History()
    for event in SCRIPT[:events]:
        history.append(event)
    return history


def whole(history):
    page = Page()
    page.take(columns(trial_table(history)))
    return page.seen()


@given(
    st.lists(st.tuples(st.integers(4, len(SCRIPT)), st.booleans()), min_size=1, max_size=6),
    st.integers(1, 20),
    st.integers(0, 20),
)
def test_whatever_goes_in_a_frame_the_page_ends_with_the_whole_table(moments, most, first):
    """Of any moments in any order, as a replay shows them, with pages that miss something in between."""
    sent, page = SentRows(), Page()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "AT_ONCE", most)
        patch.setattr(rows, "AT_FIRST", first)
        for events, missed in moments:
            history = moment(events)
            if missed:
                sent.forget()
                page = Page()
            send(sent, history, page, most)
            head, seen = page.seen()
            assert set(list(history.trials)[len(history.trials) - first :]) <= set(seen)
            assert head == whole(history)[0]
            assert seen.items() <= whole(history)[1].items()
            sent.want_all()
            send(sent, history, page, most)
            assert page.seen() == whole(history)
            assert sent.news(history) == (Unchanged(), True)


def send(sent, history, page, most):
    """Bring a page all that it is to have at a moment."""
    complete = False
    while not complete:
        answer, complete = sent.news(history)
        if isinstance(answer, Tabled):
            assert len(answer.record.rows) <= most
            page.take(columns(answer.record))


@given(st.integers(4, len(SCRIPT) - 1), st.integers(1, 5))
def test_only_what_changed_is_sent(begin, more):
    history, sent, page = moment(begin), SentRows(), Page()
    page.take(columns(sent.news(history)[0].record))
    before = page.seen()[1]
    touched = {getattr(event, "trial", None) for event in SCRIPT[begin : begin + more]}
    for event in SCRIPT[begin : begin + more]:
        history.append(event)
    answer, complete = sent.news(history)
    assert complete
    if isinstance(answer, Tabled):
        assert {row.number for row in answer.record.rows} <= touched
        page.take(columns(answer.record))
    assert page.seen() == whole(history)
    assert {number for number, row in page.seen()[1].items() if row != before.get(number)} <= touched


def test_the_newest_come_first_and_no_frame_has_too_many():
    history, sent = large_history(2500, reports=2), SentRows()
    answers = [sent.news(history)]
    assert sent.news(history) == (Unchanged(), True)
    assert sent.want_all()
    assert not sent.want_all(), "it is known already"
    answers += [sent.news(history) for _ in range(4)]
    assert [complete for _, complete in answers] == [True, False, False, True, True]
    numbers = [[row.number for row in answer.record.rows] for answer, _ in answers[:4]]
    assert numbers == [list(range(2400, 2500)), list(range(1400, 2400)), list(range(400, 1400)), list(range(400))]
    assert all(answer.record.total == 2500 for answer, _ in answers[:4])


def test_a_column_that_changes_its_kind_brings_everything_anew():
    recorder, sent = Recorder(), SentRows()
    recorder.start(Place(None, 0, 1), {"a": 1})
    sent.news(recorder.history)
    recorder.start(Place(None, 0, 1), {"a": "one"})
    answer, _ = sent.news(recorder.history)
    (column,) = (each for each in columns(answer.record)["columns"] if each["name"] == "a")
    assert (column["kind"], column_values(column)) == ("parameter", ["1", "one"])


def test_before_the_first_trial_there_is_no_table_and_rows_are_forgotten():
    sent, history = SentRows(), hyperband_history()
    sent.news(history)
    assert isinstance(sent.news(empty_history())[0], NotYet)
    assert len(sent.news(history)[0].record.rows) == 15


def test_a_table_that_cannot_be_made_says_so_and_is_tried_again(monkeypatch):
    sent = SentRows()
    with monkeypatch.context() as patch:
        patch.setattr(rows, "trial_table", lambda *_args, **_more: 1 / 0)
        assert sent.news(hyperband_history()) == (
            Broken("the table could not be made: ZeroDivisionError: division by zero"), True,
        )  # fmt: skip
    assert len(sent.news(hyperband_history())[0].record.rows) == 15


def test_a_text_that_occurs_often_travels_once():
    found = {column["name"]: column for column in columns(trial_table(hyperband_history()))["columns"]}
    state = found["State"]["values"]
    assert sorted(state["words"]) == sorted(set(state["words"]))
    assert state["at"].dtype == np.int16
    assert column_values(found["optimizer"])[:2] == [trial.config["optimizer"] for trial in first_two()]
    assert np.isnan(found["momentum"]["values"]).any()


def first_two():
    return list(hyperband_history().trials.values())[:2]


def table_of(frame):
    return frame["cards"].get("table", {}).get("card")


def counts_sent(stage):
    """Return how many rows each frame has, of pages that draw whatever comes."""
    counts = []
    for _ in range(40):
        stage.turn()
        for frame in stage.taken():
            if table_of(frame):
                counts.append(table_of(frame)["rows"]["shape"][0])
            for page in "ab":
                stage.say("ack", page, seq=frame["seq"], cards=["table"])
    return counts


def test_a_publisher_sends_a_long_table_bit_by_bit_and_then_only_news():
    script = list(large_history(2500, reports=2, workers=5))
    stage = Stage(script=script, cards=("table",))
    stage.view.play(len(script) - 3)
    stage.show(cards=("table",))
    assert counts_sent(stage) == []
    stage.say("rows", cards=["table"])
    stage.say("rows", cards=["table"])
    assert counts_sent(stage) == [1000, 1000, 400]
    stage.say("rows", cards=["table"])
    assert counts_sent(stage) == []
    stage.say("hello", "b", cards=["table"], sure=True)
    assert counts_sent(stage) == [100]
    stage.say("rows", cards=["table"])
    assert counts_sent(stage) == [1000, 1000, 400]
    stage.view.play(1)
    for _ in range(40):
        stage.turn()
        for frame in stage.taken():
            assert len(table_of(frame)["rows"]) == 1
            return
    raise AssertionError("nothing was sent")
