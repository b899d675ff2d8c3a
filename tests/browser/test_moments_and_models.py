"""Stepping back in time, tabs, and what a helper process draws, in a real JupyterLab and a real Notebook 7."""

import pytest
from test_dashboard import Dashboard, opened

pytestmark = pytest.mark.browser

MODEL = """
import math, psutil, tempfile
import tunewidgets as tw

def score(config):
    return -(math.log10(config["rate"]) + 2) ** 2 - (config["kind"] == "b")

space = tw.Space(rate=tw.Float(1e-4, 1.0, sampling="log"), kind=tw.Choice(["a", "b"]))
search = tw.tune(score, space, sampler="gp", direction="max", trials=9, executor="inline", name="model", seed=1,
                 directory=tempfile.mkdtemp(), show=False).wait()

@tw.card("Mine", sentence="Of my own")
def mine(history):
    return {"data": [{"type": "bar", "x": list(history.trials), "y": [1.0] * len(history.trials)}], "layout": {}}

board = search.dashboard({"First": ["trials", mine, "table"], "Model": ["surrogate", "effects"]})
board
"""
HELPERS = """[p.nice() for p in psutil.Process().children(recursive=True) if "helping" in " ".join(p.cmdline())]"""


def drawn_of(board):
    """How many trials the card Trials shows."""
    return board.node.locator('[data-card="trials"] .js-plotly-plot').first.evaluate(
        "plot => new Set(plot.data.flatMap(trace => Array.from(trace.customdata ?? []))).size"
    )


def said(board):
    return board.node.locator(".tw-happened").inner_text()


def test_stepping_back_shows_everything_as_it_was(front):
    board = opened(front)
    board.wait(lambda: board.drawn("trials") and drawn_of(board) == 15, "all trials")
    whole = board.settled
    events = front.eval("len(view.read())")
    assert said(board) == f"{events} events so far"
    board.button("One step back").click()
    board.wait(lambda: front.eval("board.replay") is not None, "a moment in Python")
    board.wait(lambda: said(board).startswith(f"event {front.eval('board.replay')} of {events}: trial 13"), "its words")
    front.exec("board.replay = 30")
    board.wait(lambda: said(board).startswith(f"event 30 of {events}: "), "the words of another moment")
    started = front.eval("len([e for e in view.read()[:30] if type(e.event).__name__ == 'Started'])")
    board.wait(lambda: board.rows().count() == started == drawn_of(board), "the cards of then")
    assert board.settled < whole, "the header too"
    board.rows().first.click()
    board.wait(lambda: "Trial" in board.node.locator(".tw-panel").inner_text(), "a trial as it was then")
    front.exec("board.selected = [14]")
    board.wait(lambda: "not started yet" in board.node.locator(".tw-panel").inner_text(), "one that was still to come")
    board.button("Back to the present").click()
    board.wait(lambda: front.eval("board.replay is None") and board.rows().count() == 15, "the present")
    assert board.settled == whole
    assert front.complaints() == []


def test_a_moment_survives_a_reload_and_is_the_same_in_two_views(lab):
    board = opened(lab, "board")
    lab.run_cell(1)
    second = Dashboard(lab, 1)
    slider = second.node.get_by_role("slider", name="Replay: after how many events")
    slider.focus()
    lab.page.keyboard.press("Home")
    board.wait(lambda: said(board).startswith("event 1 of") and said(second).startswith("event 1 of"), "both views")
    lab.page.keyboard.press("ArrowRight")
    board.wait(lambda: lab.eval("board.replay") == 2, "a step by keyboard")
    board.wait(lambda: "trial 0 started: drawn at random" in said(board), "its words")
    lab.page.keyboard.press("End")
    board.wait(lambda: lab.eval("board.replay is None"), "the end is the present")
    lab.exec("board.replay = 12")
    lab.command("docmanager:save")
    lab.load()
    again = Dashboard(lab, 1)
    again.wait(lambda: again.node.count() and said(again).startswith("event 12 of"), "the moment, after a reload", 30)


def test_a_replay_plays_to_the_present(lab):
    board = opened(lab)
    events = lab.eval("len(view.read())")
    lab.exec(f"board.replay = {events - 4}")
    board.wait(lambda: said(board).startswith(f"event {events - 4} of"), "a moment near the end")
    board.node.get_by_label("Replay speed").focus()
    lab.page.keyboard.press("f")  # a list takes what begins with it
    board.wait(lambda: lab.eval("board.speed == 'fast'"), "a choice by keyboard, kept in a trait")
    board.button("Play from here").click()
    board.wait(lambda: lab.eval("board.replay is None"), "the present", 20)
    board.wait(lambda: board.button("Play from the beginning").count() == 1, "a button that would begin again")


def test_models_are_drawn_by_a_helper_under_a_tab_of_their_own(front):
    # Journeys before this one share the kernel, and may have needed its helper.
    front.exec("from tunewidgets.widgets.dashboard.helper import shared_helper; shared_helper().close()")
    front.fill(MODEL)
    front.run_cell(0, 120)
    assert front.cell_errors() == []
    board = Dashboard(front)
    board.wait(lambda: board.drawn("trials") and board.drawn("mine"), "the first tab, the user's own card too", 30)
    board.wait(
        lambda: "Tried because" in board.node.locator(".tw-panel").inner_text(),
        "the best trial, though nothing changes",
    )
    assert front.eval(HELPERS) == [], "nothing heavy is in sight"
    board.node.get_by_role("tab", name="First").focus()
    front.page.keyboard.press("ArrowRight")
    board.wait(lambda: front.eval("board.tab") == "Model", "the tab, by keyboard")
    board.wait(lambda: board.drawn("surrogate") and board.drawn("effects"), "what the helper draws", 60)
    assert not board.node.locator('[data-card="trials"]').is_visible()
    assert board.node.locator('[data-card="table"]').is_visible(), "the table stands below all tabs"
    (nice,) = front.eval(HELPERS)
    assert nice >= 10
    card = board.node.locator('[data-card="surrogate"]')
    assert "The sampler's own model, from 9 results" in card.inner_text()
    card.get_by_role("combobox", name="Surrogate: up").select_option("the value")
    card.locator("summary").click()
    held = card.get_by_role("slider", name="Surrogate: kind")
    before = held.get_attribute("aria-valuetext")
    held.focus()
    front.page.keyboard.press("ArrowRight" if before == "a" else "ArrowLeft")
    board.wait(lambda: "as you have set them" in card.inner_text(), "what is held elsewhere", 20)
    front.exec("board.replay = len(search.history.upto(22).entries)")
    board.wait(lambda: "from 9 results" not in card.locator(".tw-note").inner_text(), "the model of then", 20)
    front.exec("board.tab = 'First'")
    board.wait(lambda: board.node.locator('[data-card="trials"]').is_visible(), "a tab opened in Python")
    assert front.complaints() == []
