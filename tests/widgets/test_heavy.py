"""Heavy cards: asked of a helper no more often than they can be drawn; the helper itself is a real process."""

import os
import pickle
import signal
import sys
import time
from functools import partial
from pathlib import Path
from threading import Event

import psutil
import pytest
from histories import R9, full_history
from stage import Stage, View

from tunewidgets.figures.answers import Broken, Drawn, NotYet
from tunewidgets.figures.cards import find_cards
from tunewidgets.history import History
from tunewidgets.widgets.dashboard.heavy import AFRESH, LONGEST, REST, Heavy
from tunewidgets.widgets.dashboard.helper import Fulfilled, Helper, Wish

CARDS = ("trials", "surrogate")


class Scripted:
    """A helper that answers when the test says so."""

    def __init__(self):
        self.asked = []

    def ask(self, wish, take):
        self.asked.append((wish, take))

    def lose(self):
        self.asked[-1][1](Fulfilled(Broken("it has ended"), 0.0, lost=True))

    def fulfil(self, figure="a figure", seconds=1.0):
        wish, take = self.asked[-1]
        take(Fulfilled(Drawn({"data": [], "layout": {"of": f"{figure} of {wish.entries}"}}), seconds))


@pytest.fixture
def heavy():
    clock, news = [0.0], []
    made = Heavy(Scripted(), dict, R9, news.append, lambda: clock[0])
    made.news, made.clock, made.helper = news, clock, made._helper
    return made


EVENTS = list(full_history(12).entries)


def drawn(heavy, entries, asked=None):
    answer, settled = heavy.answer("surrogate", History(EVENTS[:entries]), asked or {})
    return (answer.figure["layout"]["of"] if isinstance(answer, Drawn) else type(answer), settled)


def test_the_first_answer_is_waited_for(heavy):
    assert drawn(heavy, 10) == (NotYet, False)
    assert drawn(heavy, 10) == (NotYet, False)
    assert len(heavy.helper.asked) == 1, "one wish is under way"
    wish = heavy.helper.asked[0][0]
    assert (wish.card, wish.entries, wish.plan) == ("surrogate", 10, R9)
    heavy.helper.fulfil()
    assert heavy.news == ["surrogate"]
    assert drawn(heavy, 10) == ("a figure of 10", True)


def test_what_lags_behind_is_shown_until_the_newest_has_come(heavy):
    drawn(heavy, 10)
    heavy.helper.fulfil(seconds=2.0)
    assert drawn(heavy, 11) == ("a figure of 10", False)
    assert len(heavy.helper.asked) == 1, "it rests"
    heavy.clock[0] = REST * 2.0 + 0.1
    assert drawn(heavy, 12) == ("a figure of 10", False)
    assert len(heavy.helper.asked) == 2
    heavy.helper.fulfil()
    assert drawn(heavy, 12) == ("a figure of 12", True)


def test_another_choice_or_moment_is_asked_for_at_once(heavy):
    drawn(heavy, 10)
    heavy.helper.fulfil(seconds=5.0)
    assert drawn(heavy, 10, {"up": "x"}) == ("a figure of 10", False)
    assert len(heavy.helper.asked) == 2
    heavy.helper.fulfil("another")
    assert drawn(heavy, 10, {"up": "x"}) == ("another of 10", True)
    assert drawn(heavy, 4, {"up": "x"}) == ("another of 10", False)
    assert len(heavy.helper.asked) == 3, "a step back in time"


def test_what_was_lost_with_the_helper_is_asked_for_once_more_after_a_moment(heavy):
    drawn(heavy, 10)
    heavy.helper.lose()
    assert drawn(heavy, 10) == (Broken, False)
    assert len(heavy.helper.asked) == 1
    heavy.clock[0] = AFRESH + 0.1
    drawn(heavy, 10)
    assert len(heavy.helper.asked) == 2
    heavy.helper.fulfil()
    assert drawn(heavy, 10) == ("a figure of 10", True)


def test_a_rest_is_not_for_ever(heavy):
    drawn(heavy, 10)
    heavy.helper.fulfil(seconds=1e6)
    heavy.clock[0] = LONGEST + 0.1
    drawn(heavy, 11)
    assert len(heavy.helper.asked) == 2


def test_the_publisher_sends_a_heavy_card_when_it_comes():
    helper = Scripted()
    stage = Stage(script=full_history(12), cards=CARDS)
    stage.publisher = type(stage.publisher)(
        stage.view, stage.outlet, find_cards(CARDS), clock=lambda: stage.now,
        # Not by `post`, which would start the thread: the test takes its turns.
        heavy=lambda _post: Heavy(helper, dict, None, lambda name: stage.say("arrived", card=name), lambda: stage.now),
    )  # fmt: skip
    stage.view.play()
    stage.say("hello", cards=list(CARDS))
    stage.turn()
    (frame,) = stage.taken()
    assert frame["cards"]["surrogate"]["card"]["text"] == "the card Surrogate takes a moment to be worked out"
    assert frame["cards"]["trials"]["card"]["end"] == "drawn"
    stage.say("ack", seq=frame["seq"])
    assert stage.turn() is not None, "something is still to come"
    helper.fulfil()
    stage.turn()
    (frame,) = stage.taken()
    assert list(frame["cards"]) == ["surrogate"]
    assert frame["cards"]["surrogate"]["card"]["layout"] == {"of": f"a figure of {len(stage.view.shown)}"}
    stage.say("ack", seq=frame["seq"])
    stage.turn()
    assert stage.turn() is None, "all is drawn, and the search at rest"


# --- the process -----------------------------------------------------------------------------------------------------


def view_of(script):
    view = View(script)
    view.play()
    return view


@pytest.fixture(scope="module")
def helper():
    made = Helper()
    yield made
    made.close()


def fulfilled(helper, wish):
    came, found = Event(), []

    def take(answer):
        found.append(answer)
        came.set()

    helper.ask(wish, take)
    assert came.wait(30)
    return found[0]


BEGAN = 1000.0  # the first event's time in a scripted view


def wish(card="trials", entries=20, *, began=BEGAN, **asked):
    return Wish(pickle.dumps(partial(view_of, list(full_history(12)))), began, card, entries, asked, None)


def test_cards_are_drawn_in_a_process_of_its_own_below_everybody_else(helper, monkeypatch):
    monkeypatch.syspath_prepend(os.path.dirname(__file__))  # noqa: PTH120 - where the view's class is
    found = fulfilled(helper, wish())
    assert isinstance(found.answer, Drawn)
    assert found.seconds > 0
    process = psutil.Process(helper.pid)
    assert process.pid != os.getpid()
    assert process.nice() >= 10
    then, now = (fulfilled(helper, wish(entries=n)).answer.figure["data"] for n in (5, 40))
    assert sum(len(trace["x"]) for trace in then) < sum(len(trace["x"]) for trace in now)
    assert fulfilled(helper, wish("surrogate", 40)).answer.note.startswith("A Gaussian process fitted")


def test_an_error_is_confined_to_its_card(helper):
    broken = fulfilled(helper, Wish(pickle.dumps(partial(int, "x")), BEGAN, "trials", 1, {}, None))
    assert isinstance(broken.answer, Broken)
    assert "invalid literal" in broken.answer.message
    assert isinstance(fulfilled(helper, wish()).answer, Drawn)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_helper_that_dies_tells_all_that_wait_and_the_next_wish_starts_another(helper):
    fulfilled(helper, wish())
    first = helper.pid
    came, found = Event(), []

    def take(answer):
        found.append(answer)
        if len(found) == 6:
            came.set()

    os.kill(first, signal.SIGSTOP)
    for number in range(3):
        helper.ask(wish(entries=20 + number), take)
    os.kill(first, signal.SIGKILL)
    for number in range(3):  # at once: whether it is known to be dead or not
        helper.ask(wish(entries=30 + number), take)
    assert came.wait(60), f"{len(found)} of 6 were told"
    assert all(each.lost for each in found if isinstance(each.answer, Broken))
    assert isinstance(fulfilled(helper, wish()).answer, Drawn)
    assert helper.pid != first


def test_large_and_many_wishes_are_fulfilled_and_nobody_waits_for_them(helper):
    long = dict.fromkeys("abcdefgh", "x" * 30_000)
    began = time.monotonic()
    came, found = Event(), []

    def take(answer):
        found.append(answer)
        if len(found) == 8:
            came.set()

    for number in range(8):
        helper.ask(wish(entries=40 + number, **long), take)
    assert time.monotonic() - began < 1.0
    assert came.wait(60)
    assert all(isinstance(each.answer, Drawn) for each in found)


def test_another_search_in_the_same_folder_is_not_drawn_in_place_of_the_first(helper):
    gone = fulfilled(helper, wish(began=5.0))
    assert gone.answer == NotYet("this search was deleted or replaced")
    assert isinstance(fulfilled(helper, wish()).answer, Drawn)


def test_what_stands_in_the_module_path_besides_texts_does_no_harm(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, Path("/nowhere")])
    one = Helper()
    assert isinstance(fulfilled(one, wish()).answer, Drawn)
    one.close()


def test_the_process_ends_with_the_helper():
    one = Helper()
    fulfilled(one, wish())
    pid = one.pid
    one.close()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_card_that_grows_heavy_is_drawn_here_while_it_is_light():
    helper = Scripted()
    stage = Stage(script=full_history(12), cards=("timeline",))
    stage.publisher = type(stage.publisher)(
        stage.view, stage.outlet, find_cards(["timeline"]), clock=lambda: stage.now,
        heavy=lambda _post: Heavy(helper, dict, None, lambda _name: None, lambda: stage.now),
    )  # fmt: skip
    stage.view.play()
    stage.say("hello", cards=["timeline"])
    stage.turn()
    (frame,) = stage.taken()
    assert frame["cards"]["timeline"]["card"]["end"] == "drawn"
    assert helper.asked == []
