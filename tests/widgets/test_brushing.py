"""The brush between page and Python: the trait, and who is told which trials are inside."""

import numpy as np
import pytest
import traitlets
from histories import R9, asynchronous_history, full_history, hyperband_history
from stage import Stage, View

from tunewidgets.analysis import inside
from tunewidgets.errors import TuneError
from tunewidgets.figures.cards import find_cards
from tunewidgets.history import History
from tunewidgets.widgets.dashboard import Dashboard
from tunewidgets.widgets.dashboard.brush import BRUSH, brushed
from tunewidgets.widgets.dashboard.chosen import Chosen
from tunewidgets.widgets.dashboard.publisher import Publisher

CARDS = ("trials", "table")


class Brushing(Stage):
    """A stage on which something is brushed."""

    def __init__(self, intervals, script=None):
        super().__init__(script or asynchronous_history(30), CARDS)
        self.intervals = intervals
        self.publisher = Publisher(
            self.view, self.outlet, find_cards(CARDS), None, Chosen(intervals=lambda: self.intervals), lambda: self.now
        )

    def told(self):
        """Return who is inside, as pages were told since the last call; None where they were not."""
        cards = [
            (frame["cards"], buffers) for frame, buffers in self.outlet.messages if BRUSH in frame.get("cards", {})
        ]
        self.outlet.messages.clear()
        if not cards:
            return None
        packed, buffers = cards[-1]
        card = packed[BRUSH]["card"]
        numbers = card["inside"]
        if isinstance(numbers, dict):
            numbers = np.frombuffer(buffers[packed[BRUSH]["at"] + numbers["n"]], "<i4").tolist()
        return numbers, card["of"]

    def expected(self):
        history = History(self.view.read())
        return sorted(inside(history, self.intervals)), len(history.trials)

    def brush(self, intervals):
        self.intervals = intervals
        self.publisher._inbox.append({"kind": "chosen", "card": BRUSH})


def test_without_a_brush_nobody_is_told_anything():
    stage = Brushing({})
    stage.view.play()
    stage.say("display")
    stage.turn()
    assert stage.told() is None


def test_pages_are_told_who_is_inside_and_again_when_there_are_more_trials():
    stage = Brushing({"optimizer": ["sgd"]})
    stage.view.play(40)
    stage.say("hello", cards=[])
    stage.turn()
    assert stage.told() == stage.expected()
    stage.say("ack", seq=stage.publisher._seq)
    stage.view.play()
    stage.turn()
    stage.turn(2.0)
    told = stage.told()
    assert told == stage.expected()
    assert told[1] == 30


def test_another_brush_is_answered_at_once_also_where_the_same_trials_are_inside():
    stage = Brushing({"optimizer": ["sgd"]})
    stage.view.play()
    stage.show(cards=())
    stage.told()
    stage.brush({"momentum": [None, None]})
    stage.turn()
    assert stage.told() == stage.expected()
    stage.say("ack", seq=stage.publisher._seq)
    stage.turn()
    assert stage.told() is None, "once is enough"


def test_the_other_cards_are_not_drawn_again_for_a_brush():
    stage = Brushing({})
    stage.view.play()
    stage.show(cards=CARDS)
    stage.brush({"optimizer": ["sgd"]})
    stage.turn()
    (frame,) = stage.taken()
    assert list(frame["cards"]) == [BRUSH]


def test_a_brush_right_after_a_frame_is_answered_although_the_search_is_at_rest():
    stage = Brushing({}, full_history(20))
    stage.show(cards=())
    stage.view.play()
    stage.turn()
    stage.say("ack", seq=stage.publisher._seq)
    assert stage.turn(0.001) is None, "all is told: the thread would end"
    stage.told()
    stage.brush({"optimizer": ["sgd"]})
    assert stage.turn(0.001) is not None, "too soon after the last frame, and not the end"
    assert stage.told() is None
    stage.turn()
    assert stage.told() == stage.expected()


def test_who_is_inside_has_an_order():
    history = asynchronous_history(30)
    told = brushed(history, {"optimizer": ["sgd"]})
    assert told.inside.tolist() == sorted(inside(history, {"optimizer": ["sgd"]}))
    assert (told.inside.dtype, told.of) == (np.int32, 30)


@pytest.fixture
def board():
    made = Dashboard(View(hyperband_history()), plan=R9, cards=("parallel", "table"))
    yield made
    made.close()


def test_the_trait_takes_intervals_and_puts_them_in_order(board):
    asked = []
    board._publisher.post = asked.append
    board.brushed = {"units": (256, 64), "val_accuracy": [0.9, None], "optimizer": ["adam"]}
    assert board.brushed == {"units": [64, 256], "val_accuracy": [0.9, None], "optimizer": ["adam"]}
    assert asked == [{"kind": "chosen", "card": BRUSH}]
    assert board._publisher._chosen.intervals() is board.brushed


def test_the_trait_refuses_what_is_no_brush(board):
    with pytest.raises(TuneError, match=r"the brush of 'units' must be \[low, high\]"):
        board.brushed = {"units": 64}
    assert board.brushed == {}


def test_brushes_can_be_linked(board):
    other = Dashboard(View(hyperband_history()), plan=R9)
    try:
        traitlets.link((board, "brushed"), (other, "brushed"))
        board.brushed = {"units": [64, 256]}
        assert other.brushed == {"units": [64, 256]}
        other.brushed = {}
        assert board.brushed == {}
    finally:
        other.close()


def test_a_card_of_the_brushed_trials_alone_is_drawn_of_them_and_anew_when_the_brush_changes():
    brushed_now = {"intervals": {}}
    cards = find_cards(["importance"])
    stage = Stage(asynchronous_history(60), ("importance",))
    stage.publisher = Publisher(
        stage.view, stage.outlet, cards, None, Chosen(intervals=lambda: brushed_now["intervals"]), lambda: stage.now
    )
    stage.view.play()

    def told():
        stage.turn()
        frames = [frame for frame in stage.taken() if "importance" in frame["cards"]]
        stage.say("ack", seq=stage.publisher._seq)
        stage.turn()
        return frames[-1]["cards"]["importance"]["card"] if frames else None

    stage.say("hello", cards=["importance"])
    whole = told()
    brushed_now["intervals"] = {"units": [32, 256]}
    stage.say("chosen", card=BRUSH)
    some = told()
    assert some is not None
    assert some != whole, "another number of trials, and other shares or the reason why there are none"
