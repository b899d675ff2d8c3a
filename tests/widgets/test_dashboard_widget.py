"""The widget without a page: its traits, its fallbacks, and what it refuses."""

import gc
import sys
import threading
import weakref
from types import SimpleNamespace

import pytest
from histories import R9, empty_history, hyperband_history, ladder_history
from stage import View

from tunewidgets.errors import StrategyError
from tunewidgets.figures.static import to_html, to_text
from tunewidgets.history import Closed
from tunewidgets.widgets.dashboard import Dashboard, show
from tunewidgets.widgets.dashboard.dashboard import mark, still_html
from tunewidgets.widgets.dashboard.route import answer_anywhere
from tunewidgets.widgets.dashboard.show import Place, Shown, _allow_on_colab, place_of, words_instead


@pytest.fixture
def board():
    view = View(ladder_history(R9))
    made = Dashboard(view, plan=R9)
    made.view = view
    yield made
    made.close()


def test_an_unknown_card_is_refused_with_the_choices():
    with pytest.raises(StrategyError, match="no card 'trails'; cards are 'trials', 'curves', "):
        Dashboard(View(), cards=("trails",))


def test_its_one_module_is_whole(board):
    assert board._esm.count("export default") == 1
    assert "\nimport " not in board._esm
    assert len(board._esm) < 66_000, "it is sent with every dashboard, and saved with every notebook"


def test_options_are_chosen_for_all_pages_and_drawn_at_once(board):
    asked = []
    board._publisher.post = asked.append
    board.options = {"curves": {"metric": "loss"}}
    assert asked == [{"kind": "chosen"}]
    assert board._publisher._chosen.asked("curves") == {"metric": "loss"}
    assert board._publisher._chosen.asked("trials") == {}


def test_fallbacks_ride_in_the_bundle(board):
    board.view.play()
    data, _ = board._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "<script" not in data["text/html"]
    assert mark("demo") in data["text/html"]
    assert "\n" not in data["text/plain"].strip()
    assert "Dashboard" not in data["text/plain"], "one real line, not a repr"


def test_the_state_that_is_saved_shows_something(board):
    board.view.play()
    board.wake()
    if board._publisher._thread is not None:
        board._publisher._thread.join(5.0)
    assert board.state["header"]["status"] == "finished"
    assert board.state["picture"].startswith("<svg")


def test_the_static_output_is_updated_in_the_context_of_its_cell(board):
    from contextvars import ContextVar

    cell = ContextVar("cell", default="another")
    seen = []
    cell.set("its own")
    board.below(
        SimpleNamespace(update=lambda data, raw: seen.append((cell.get(), threading.current_thread(), data, raw)))
    )
    cell.set("another")
    board.view.play()
    board.wake()
    if board._publisher._thread is not None:
        board._publisher._thread.join(5.0)
    assert seen
    for where, thread, data, raw in seen:
        assert (where, raw, list(data)) == ("its own", True, ["text/html"])
        assert thread is not threading.main_thread()
    assert board.state["picture"] == "", "it is in the static output"


def test_an_observer_that_takes_long_does_not_hold_up_the_publisher(board):
    with board._guard:
        worker = threading.Thread(target=lambda: board.remember(header={"status": "running"}))
        worker.start()
        worker.join(5.0)
        assert not worker.is_alive()
    assert board.state == {}


def test_user_text_is_escaped():
    html = still_html("<img src=x onerror=boom()>", hyperband_history(), R9)
    assert "<img src=x" not in html


FAILED = Closed("failed", {"kind": "error", "type": "SpaceError", "text": "<b>no</b> parameters"})


def test_the_static_output_says_why_a_search_could_not_be_opened():
    history = empty_history()
    history.append(FAILED)
    for html in (still_html("demo", history, R9), to_html(history)):
        assert "failed" in html
        assert "SpaceError: &lt;b&gt;no&lt;/b&gt; parameters" in html
        assert " yet" not in html
    assert to_text(history, "demo") == "demo: failed, no trial: SpaceError: <b>no</b> parameters"
    assert to_text(history, "demo", R9) == "demo: failed, 0 of 17 trials: SpaceError: <b>no</b> parameters"


def test_the_static_output_is_calm_about_other_endings():
    history = ladder_history(R9)
    assert "border-left" not in to_html(history, R9)
    assert to_text(history, "demo", R9).startswith("demo: finished, 17 of 17 trials, best val_accuracy")
    assert "No trial has come to rest with a value yet." in to_html(empty_history())


def joined(board):
    """Wait until the publisher's thread has ended."""
    thread = board._publisher._thread
    if thread is not None:
        thread.join(5.0)
    assert not board._publisher.running


def test_a_retired_dashboard_leaves_its_static_output_and_closes(board):
    seen, drawn = [], threading.Event()

    def update(data, **_options):
        seen.append(data)
        drawn.set()

    board.below(SimpleNamespace(update=update))
    assert drawn.wait(5.0)
    board.retire()
    joined(board)
    board.view.play()
    board.wake()
    assert (len(seen), board.comm) == (1, None)


def test_a_retired_dashboard_that_a_page_shows_goes_on(board):
    board._publisher.post({"kind": "hello", "page": "a", "at": 1})
    board.retire()
    board._publisher.look(len)
    assert board.comm is not None
    board._publisher.post({"kind": "bye", "page": "a", "at": 2})
    joined(board)
    assert board.comm is None


def test_it_does_not_close_in_the_middle_of_somebody_elses_turn(board):
    with board._guard:
        found = []
        worker = threading.Thread(target=lambda: found.append(board._outlet.end()))
        worker.start()
        worker.join(5.0)
    assert (found, board.comm is not None) == ([False], True)


class Board:
    def __init__(self):
        self.retired = 0

    def retire(self):
        self.retired += 1


def test_a_cell_that_runs_again_takes_its_place_back():
    shown, boards = Shown(), [Board() for _ in range(5)]
    shown.take_over(boards[0], Place("a", "1"))
    shown.take_over(boards[1], Place("a", "1"))
    shown.take_over(boards[2], Place("b", "2"))
    assert [board.retired for board in boards] == [0] * 5, "two in one run, and one in another cell: side by side"
    shown.take_over(boards[3], Place("a", "3"))
    shown.take_over(boards[4], Place("a", "3"))
    assert [board.retired for board in boards] == [1, 1, 0, 0, 0]
    shown.take_over(boards[2], Place("b", "4"))
    assert boards[2].retired == 0, "it is shown again itself"
    shown.take_over(boards[2], Place("a", "5"))
    assert [board.retired for board in boards] == [1, 1, 0, 1, 1]
    shown.take_over(Board(), Place("b", "6"))
    assert boards[2].retired == 0, "it has moved to the other cell"


def test_what_is_shown_is_not_kept_alive():
    shown, board = Shown(), Board()
    shown.take_over(board, Place("a", "1"))
    there = weakref.ref(board)
    del board
    gc.collect()
    assert there() is None


def test_a_cell_is_known_by_what_the_front_end_says():
    def shell(request):
        return SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda _channel: request))

    header = {"msg_id": "m1"}
    assert place_of(shell({"header": header, "metadata": {"cellId": "c1"}})) == ("c1", "m1")
    assert place_of(shell({"header": header, "metadata": {}})) is None
    assert place_of(shell({})) is None
    assert place_of(shell(None)) is None
    assert place_of(SimpleNamespace()) is None, "a terminal"


def test_with_a_static_output_below_the_bundle_is_short(board):
    board.lean(words_instead("<i>demo</i>"))
    data, _ = board._repr_mimebundle_()
    assert "&lt;i&gt;demo&lt;/i&gt;" in data["text/html"]
    assert "<svg" not in data["text/html"]


def test_outside_a_notebook_nothing_is_shown(board, capsys):
    show(board)
    assert capsys.readouterr().out == ""


def test_the_route_is_mended_where_there_is_one():
    new = SimpleNamespace(_reply_subshell_for=lambda _data, _default: "the shell that published last")
    answer_anywhere(new)
    assert new._reply_subshell_for({}, "wherever it came") == "wherever it came"
    old = SimpleNamespace()
    answer_anywhere(old)
    assert vars(old) == {}
    answer_anywhere(None)


def test_colab_is_told_to_allow_the_widget(monkeypatch):
    told = []
    colab = SimpleNamespace(output=SimpleNamespace(enable_custom_widget_manager=lambda: told.append("yes")))
    _allow_on_colab()
    assert told == [], "elsewhere nothing is done"
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    _allow_on_colab()
    assert told == ["yes"]
