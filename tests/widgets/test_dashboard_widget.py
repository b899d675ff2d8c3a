"""The widget without a page: its traits, its fallbacks, and what it refuses."""

import sys
import threading
from types import SimpleNamespace

import pytest
from histories import R9, hyperband_history, ladder_history
from test_publisher import View

from tunewidgets.errors import StrategyError
from tunewidgets.widgets.dashboard import Dashboard, show
from tunewidgets.widgets.dashboard.dashboard import mark, still_html
from tunewidgets.widgets.dashboard.route import answer_anywhere
from tunewidgets.widgets.dashboard.show import _allow_on_colab, words_instead


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
