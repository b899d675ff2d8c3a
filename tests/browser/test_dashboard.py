"""What a person does with a dashboard, in a real JupyterLab and a real Notebook 7."""

import re
import time

import pytest

pytestmark = pytest.mark.browser

OPEN = """
import time
import histories, scripted
from tunewidgets.widgets.dashboard import Dashboard, show
view = scripted.ScriptedView(histories.hyperband_history(), name="demo")
board = Dashboard(view, plan=histories.R9)
show(board)
"""
# A slow machine needs many seconds to load the page's scripts; on a fast one nobody wants to wait for that long.
SLEEP = """
view.play_slowly(1, 0.25)
slept_from = time.time()
while time.time() < slept_from + 20 and not (view.heard and time.time() > view.heard[0] + 1):
    time.sleep(0.1)
slept_to = time.time()
"""


class Dashboard:
    """One dashboard on the page, by what a person sees of it."""

    def __init__(self, notebook, cell=0):
        self.notebook = notebook
        self.node = notebook.output(cell).locator(".tw-dashboard")

    def button(self, name):
        return self.node.get_by_role("button", name=name, exact=True)

    @property
    def chip(self):
        return self.node.locator(".tw-chip").inner_text()

    @property
    def message(self):
        return self.node.locator(".tw-message").inner_text()

    @property
    def settled(self):
        found = re.match(r"(\d+) of", self.node.locator(".tw-fact .tw-value").first.inner_text())
        return int(found.group(1)) if found else None

    @property
    def spent(self):
        found = re.search(r"(\d+) of \d+ epochs", self.node.locator(".tw-fact .tw-value").first.inner_text())
        return int(found.group(1)) if found else 0

    def drawn(self, card):
        return self.node.locator(f'[data-card="{card}"] .js-plotly-plot .main-svg').count() > 0

    def points(self, card):
        """How many points the card's figure has."""
        return self.node.locator(f'[data-card="{card}"] .js-plotly-plot').first.evaluate(
            "plot => plot.data.reduce((n, trace) => n + trace.x.length, 0)"
        )

    def rows(self):
        return self.node.locator(".tw-table tbody tr")

    def count(self):
        """How many rows the table has, of which only those in sight are elements."""
        return int(self.node.get_by_role("grid").get_attribute("aria-rowcount") or 1) - 1

    def chosen(self):
        return self.node.locator('tbody tr[aria-selected="true"]').evaluate_all(
            "rows => rows.map(row => Number(row.dataset.trial))"
        )

    def wait(self, check, what, timeout=30):
        return self.notebook.until(check, what, timeout)


def opened(notebook, *more, play=True):
    notebook.fill(OPEN, *more)
    notebook.run_cell(0)
    assert notebook.cell_errors() == []
    board = Dashboard(notebook)
    if play:
        notebook.exec("view.play()")
        board.wait(lambda: board.rows().count() == 15, "the table's rows")
    return board


def check_moves_while_a_cell_sleeps(notebook):
    notebook.fill(OPEN, SLEEP)
    notebook.js("app.commands.execute('notebook:run-all-cells'); return null;")
    board = Dashboard(notebook)
    board.wait(board.node.count, "the dashboard, while the cell sleeps")
    # Running all cells scrolls to the last one, as far as the outputs of before had made the page tall.
    board.node.locator('[data-card="brackets"]').scroll_into_view_if_needed()
    board.wait(lambda: board.drawn("brackets"), "the plan, drawn while the cell sleeps")
    board.wait(lambda: board.spent > 0 and board.drawn("curves"), "the first reports")
    before = board.spent, board.points("curves")
    board.wait(lambda: board.spent > before[0] and board.points("curves") > before[1], "more reports")
    assert notebook.is_running(), "all that was seen while the cell slept"
    board.button("Pause").click()
    board.wait(lambda: "Paused" in board.chip, "the pause")
    notebook.wait_idle()
    assert notebook.eval("[type(c).__name__ for c in view.commands]") == ["Paused"]
    if notebook.eval("__import__('ipykernel').version_info[0]") >= 7:  # older kernels hear a click when the cell ends
        assert notebook.eval("slept_from < view.heard[0] < slept_to"), "a click does not wait for the cell's end"
    assert notebook.complaints() == []


def test_it_moves_and_listens_while_a_cell_sleeps_in_lab(lab):
    check_moves_while_a_cell_sleeps(lab)


def test_it_moves_and_listens_while_a_cell_sleeps_in_notebook_7(notebook7):
    check_moves_while_a_cell_sleeps(notebook7)


def test_run_all_leaves_no_blank(front):
    front.fill(OPEN, "view.play()", "x = sum(i * i for i in range(3_000_000))")
    front.run_all()
    board = Dashboard(front)
    board.wait(
        lambda: board.rows().count() == 15 and all(map(board.drawn, ["trials", "curves", "brackets"])), "all cards"
    )
    assert "Running" in board.chip
    assert front.complaints() == []


def test_buttons_say_what_events_have_shown(lab):
    board = opened(lab)
    board.button("Pause").click()
    board.button("Resume").click()
    board.wait(lambda: "Running" in board.chip, "the search to go on")
    lab.exec("view.obey = False")
    board.button("Stop after running trials").click()
    board.wait(lambda: board.button("Stopping …").is_disabled(), "the click to be shown as asked")
    assert "Running" in board.chip, "no event has said that it stops"
    board.button("Stop now").click()
    lab.until(lambda: lab.eval("len(view.commands)") == 4, "four commands")
    assert lab.eval("[(type(c).__name__, getattr(c, 'now', None)) for c in view.commands]") == [
        ["Paused", None],
        ["Resumed", None],
        ["StopAsked", False],
        ["StopAsked", True],
    ]
    lab.exec("from tunewidgets.history import Closed; view._show([Closed('finished', {'text': 'all is done'})])")
    board.wait(lambda: "Finished" in board.chip, "the end")
    assert all(board.button(name).is_disabled() for name in ("Pause", "Stop after running trials", "Stop now"))
    assert board.message == "all is done"


def test_what_goes_wrong_is_said(lab):
    board = opened(lab)
    lab.exec("view.refusal = RuntimeError('the folder is read-only')")
    board.button("Pause").click()
    board.wait(lambda: board.message == "the folder is read-only", "the refusal")
    assert board.button("Pause").is_enabled()
    lab.exec("view.refusal = None; view.health, view.words = 'gone', 'The coordinator is gone; press Resume.'")
    board.wait(lambda: "gone" in board.chip, "the pulse")
    board.button("Resume").click()
    board.wait(lambda: board.message.startswith("The coordinator is gone"), "its words")
    lab.exec("view._script = iter(())\nview.read, view.version = None, lambda: -1")
    board.wait(lambda: "tries again" in board.message, "the trouble with reading")


def test_a_reload_and_a_second_view_show_the_same(front):
    board = opened(front, "board")
    front.run_cell(1)
    second = Dashboard(front, 1)
    second.node.locator('[data-card="table"]').scroll_into_view_if_needed()  # what is out of sight is not drawn
    second.wait(lambda: second.rows().count() == 15 and second.settled == board.settled, "the second view")
    second.rows().first.click()
    second.wait(lambda: second.chosen() == [14], "the selection in the second view")
    board.rows().first.scroll_into_view_if_needed()
    board.wait(lambda: board.chosen() == [14], "the selection in the first view")
    front.command("docmanager:save")
    front.exec("view._show([__import__('tunewidgets.history').history.Paused()])")
    front.load()
    # A page that comes anew has no widgets before their models are there again: the cell's output brings them.
    board.wait(lambda: board.node.count() and "Paused" in board.chip, "the newest state after a reload", 20)
    board.wait(lambda: board.drawn("trials") and board.chosen() == [14], "figures and selection after a reload")
    assert board.button("Resume").is_enabled()
    front.output(1).locator(".tw-dashboard").wait_for()


def test_pointing_and_clicking_at_a_point(front):
    board = opened(front)
    board.wait(lambda: board.drawn("trials"), "the figure")
    plot = board.node.locator('[data-card="trials"] .js-plotly-plot').first
    spot = plot.evaluate(
        """plot => {
          const trace = plot.data.find(t => t.name === 'completed' || t.name === 'paused');
          const layout = plot._fullLayout, box = plot.getBoundingClientRect();
          return {n: trace.customdata[0], x: box.x + layout._size.l + layout.xaxis.d2p(trace.x[0]),
                  y: box.y + layout.yaxis._offset + layout.yaxis.d2p(trace.y[0])}; }"""
    )
    front.page.mouse.move(spot["x"] - 20, spot["y"] - 20)
    front.page.mouse.move(spot["x"], spot["y"], steps=4)
    tip = board.node.locator(".tw-tip")
    board.wait(lambda: tip.is_visible() and "units" in tip.inner_text(), "the tip with the configuration")
    assert f"Trial {spot['n']}" in tip.inner_text()
    front.page.mouse.click(spot["x"], spot["y"])
    board.wait(lambda: front.eval("board.selected") == [spot["n"]], "the selection in Python")
    assert board.chosen() == [spot["n"]]
    assert f"Trial {spot['n']}" in board.node.locator(".tw-panel").inner_text()
    front.exec("board.selected = [3]")
    board.wait(lambda: board.chosen() == [3], "a selection made in Python")


def test_the_keyboard_sorts_filters_and_selects(lab):
    board = opened(lab)
    board.node.get_by_role("button", name="val_accuracy").press("Enter")
    board.wait(lambda: board.rows().first.get_attribute("data-trial") == "1", "the best first")
    field = board.node.get_by_role("searchbox", name="Filter the trials")
    field.click()
    lab.page.keyboard.type("dd")
    assert lab.js("return nb.widgets.length;") == 4, "typing is not the notebook's shortcut for deleting a cell"
    field.fill("failed")
    board.wait(lambda: board.rows().count() == 1, "the one that failed")
    board.node.get_by_role("grid").press("Enter")
    board.wait(lambda: board.chosen() == [4], "the selection")
    assert "ValueError: the loss became NaN" in board.node.locator(".tw-panel").inner_text()


def test_a_choice_changes_the_card_in_all_views_and_in_python(lab):
    board = opened(lab, "board")
    lab.run_cell(1)
    second = Dashboard(lab, 1)

    def said(view):
        return view.node.locator('[data-card="curves"] .ytitle').first.text_content()

    second.node.locator('[data-card="curves"]').scroll_into_view_if_needed()
    second.wait(lambda: second.drawn("curves") and "val_accuracy" in said(second), "the metric of the search")
    second.node.get_by_role("combobox", name="Curves: metric").select_option("loss")
    second.wait(lambda: "loss (lower is better)" in said(second), "the other metric")
    assert lab.eval("board.options") == {"curves": {"metric": "loss"}}
    board.node.locator('[data-card="curves"]').scroll_into_view_if_needed()
    board.wait(lambda: "loss (lower is better)" in said(board), "the same in the first view")
    lab.exec("board.options = {}")
    board.wait(lambda: "val_accuracy" in said(board), "a choice made in Python")
    field = board.node.get_by_role("combobox", name="Curves: metric")
    assert field.input_value() == "val_accuracy"
    field.focus()
    lab.page.keyboard.type("dd")
    assert lab.js("return nb.widgets.length;") == 4, "typing is not the notebook's shortcut for deleting a cell"
    lab.page.keyboard.press("ArrowDown")
    board.wait(lambda: "loss (lower is better)" in said(board), "a choice made by keyboard")


def ink(plot):
    """The theme that a plot's labels are legible on, none while there is no label."""
    found = plot.evaluate(
        """node => {
            const label = node.querySelector('.xtick text');
            return label === null ? "" : getComputedStyle(label).fill;
        }"""
    )
    level = re.search(r"\d+", found)
    if level is None:
        return None
    return "dark" if int(level.group()) > 200 else "light" if int(level.group()) < 80 else None


def test_dark_and_light(lab, pictures):
    board = opened(lab)
    board.rows().nth(9).click()
    plot = board.node.locator('[data-card="trials"] .js-plotly-plot').first
    for theme in ("dark", "light"):
        lab.theme(theme)
        # The axes are drawn anew after the theme's stylesheet has come: until then there may be no label at all.
        board.wait(lambda theme=theme: ink(plot) == theme, f"labels that can be read on a {theme} page")
        lab.picture(0, pictures / f"dashboard-{theme}.png")
    assert lab.complaints() == []


def test_what_stands_below_is_refreshed_in_its_own_cell(lab):
    board = opened(lab, "view.play(); print('here')", play=False)
    assert "mnist" not in str(lab.outputs(0))
    lab.run_cell(1)
    board.wait(lambda: board.rows().count() == 15, "the history")

    def below():
        return str(lab.outputs(0)[1]["data"]["text/html"])

    board.wait(lambda: "0.94" in below(), "the best value in the static output")
    assert "<script" not in below()
    assert not lab.output(0).locator(".tw-still").first.is_visible(), "the live dashboard hides it"
    assert [output["output_type"] for output in lab.outputs(1)] == ["stream"], "nothing strays into another cell"
    bundle = lab.outputs(0)[0]["data"]
    assert "text/html" in bundle
    assert "\n" not in "".join(bundle["text/plain"]).strip()


def test_a_cell_that_runs_again_leaves_no_old_dashboard_behind(lab):
    board = opened(lab)
    for _ in range(2):
        lab.exec("before = board")
        lab.run_cell(0)
        lab.until(lambda: lab.eval("before.comm is None"), "the old dashboard to be closed")
        lab.until(lambda: not lab.eval("before._publisher.running"), "its thread to end")
    lab.exec("view.play()")
    board.wait(lambda: board.rows().count() == 15, "the new one to be alive")
    assert lab.complaints() == []


def test_a_view_in_another_cell_survives_a_new_run_of_the_first(lab):
    board = opened(lab, "first, first_view = board, view\nfirst")
    lab.run_cell(1)
    second = Dashboard(lab, 1)
    second.wait(lambda: second.settled == 10, "the second view")
    lab.run_cell(0)
    board.wait(lambda: board.settled == 0, "the new dashboard in the first cell")
    lab.exec("from tunewidgets.history import Paused; first_view._show([Paused()])")
    second.wait(lambda: "Paused" in second.chip, "the old one, alive in the second cell")
    assert lab.eval("first.comm is not None")
    lab.js("nb.widgets[1].model.clearExecution(); return null;")
    lab.until(lambda: lab.eval("first.comm is None"), "the old one to be closed when its last view is gone")


def test_two_dashboards_in_one_cell_are_side_by_side(lab):
    lab.fill(OPEN + "\nother = Dashboard(view, plan=histories.R9)\nshow(other)\nview.play()")
    lab.run_cell(0)
    nodes = lab.output(0).locator(".tw-dashboard")
    lab.until(lambda: nodes.count() == 2, "two dashboards")
    lab.exec("from tunewidgets.history import Paused; view._show([Paused()])")
    lab.until(lambda: all("Paused" in one.locator(".tw-chip").inner_text() for one in nodes.all()), "both alive")


FAILED = """
from tunewidgets.history import Closed
view._show([*histories.empty_history(),
            Closed("failed", {"kind": "error", "type": "StrategyError", "text": "the grid has 1e9 points"})])
"""


def test_a_search_that_cannot_be_opened_says_why(lab, pictures):
    board = opened(lab, play=False)
    lab.exec(FAILED)
    board.wait(lambda: "Failed" in board.chip, "the failure")
    assert board.message == "StrategyError: the grid has 1e9 points"
    for card in ("trials", "curves", "table"):
        words = board.node.locator(f'[data-card="{card}"] .tw-words')
        said = "The search failed before its first trial: StrategyError: the grid has 1e9 points"
        board.wait(lambda words=words, said=said: words.inner_text() == said, card)
    lab.until(lambda: "the grid has 1e9 points" in str(lab.outputs(0)[1]["data"]["text/html"]), "the static output")
    assert "yet" not in board.node.locator(".tw-facts").inner_text()
    lab.picture(0, pictures / "dashboard-failed.png")
    assert lab.complaints() == []


def test_a_search_that_was_replaced_stands_still(lab):
    board = opened(lab)
    lab.exec("view.health, view.words = 'gone', 'this search was replaced: another one has its folder now'")
    board.wait(lambda: "gone" in board.chip, "the pulse")
    assert board.message == "this search was replaced: another one has its folder now"
    clock = board.node.locator(".tw-fact", has_text="Elapsed").locator(".tw-value")
    stood = clock.inner_text()
    lab.page.wait_for_timeout(2200)
    assert clock.inner_text() == stood


CUT = """node => {
  const parts = node.querySelectorAll('.tw-head *, .tw-panel, .tw-panel *, .tw-cardhead *, .tw-words, .tw-legend');
  const cut = [...parts].filter(one => one.offsetParent && one.clientWidth && one.scrollWidth > one.clientWidth + 1);
  return cut.map(one => `${one.className}: ${one.textContent}`);
}"""
HINT = """node => {
  const [panel, hint] = ['.tw-panel', '.tw-aside .tw-more'].map(one => node.querySelector(one).getBoundingClientRect());
  const off = [panel.top + panel.bottom - hint.top - hint.bottom, panel.left + panel.right - hint.left - hint.right];
  return [...off, hint.height];
}"""


def test_nothing_is_cut_off_at_any_width(lab, pictures):
    board = opened(lab, play=False)
    size = lab.page.viewport_size
    lab.page.set_viewport_size({"width": 1800, "height": 1800})
    try:
        for state in ("empty", "full"):
            if state == "full":
                lab.exec("view.play()")
                board.wait(lambda: board.rows().count() == 15, "the table's rows")
            for theme in ("dark", "light"):
                lab.theme(theme)
                for width in (600, 900, 1300):
                    board.node.evaluate("(node, width) => { node.style.width = width + 'px'; }", width)
                    lab.page.wait_for_timeout(300)
                    lab.settle()
                    assert board.node.evaluate(CUT) == [], f"cut off at {width} px"
                    if state == "empty":
                        above, beside, tall = board.node.evaluate(HINT)
                        assert abs(above) <= 3, f"the hint is not in the middle at {width} px"
                        assert abs(beside) <= 3, f"the hint is not in the middle at {width} px"
                        assert tall > 10, f"the hint is not shown at {width} px"
                    lab.picture(0, pictures / f"dashboard-{state}-{theme}-{width}.png", ".tw-dashboard")
    finally:
        lab.page.set_viewport_size(size)
        lab.theme("light")


def test_what_a_user_wrote_is_text(lab):
    cell = OPEN.replace('"demo"', '"<img src=x onerror=boom()>"')
    lab.fill(cell, "view.play()")
    lab.run_all()
    board = Dashboard(lab)
    board.wait(lambda: board.rows().count() == 15, "the table")
    assert board.node.locator(".tw-name").inner_text() == "<img src=x onerror=boom()>"
    assert lab.complaints() == []


def test_a_click_that_nobody_hears_says_so(lab):
    board = opened(lab, "import threading\nwith board._publisher._folding: time.sleep(3)")
    lab.start_cell(1)
    lab.page.wait_for_timeout(400)
    board.button("Pause").click()
    board.wait(lambda: "The click waits" in board.message, "the words")
    board.wait(lambda: "Paused" in board.chip and not board.message, "the pause in the end")


def test_updates_are_seen_soon(lab):
    board = opened(lab)
    lab.exec("from tunewidgets.history import Paused, Resumed")
    times = []
    for event, word in (("Paused()", "Paused"), ("Resumed()", "Running")) * 3:
        began = time.monotonic()
        lab.exec(f"view._show([{event}])")
        board.wait(lambda word=word: word in board.chip, word)
        times.append(time.monotonic() - began)
    assert sorted(times)[3] < 0.8, f"seconds from the event to the page, looked at every 50 ms: {times}"


ONE_VALUE = """
import histories, scripted
from tunewidgets.history import Place
from tunewidgets.widgets.dashboard import Dashboard
recorder = histories.Recorder()
for value in (0.5, 0.6, 0.7):
    trial = recorder.start(Place(None, 0, None))
    recorder.report(trial, 1, value)
    recorder.complete(trial)
ended = len(recorder.history)
trial = recorder.start(Place(None, 0, None))
recorder.report(trial, 2)
view = scripted.ScriptedView(recorder.history, name="demo")
view.play(ended)
board = Dashboard(view, cards=("trials", "curves", "table"))
board
"""


def test_a_card_without_anything_to_show_is_a_line_until_there_is_something(lab):
    lab.fill(ONE_VALUE)
    lab.run_cell(0)
    board = Dashboard(lab)
    wide = lambda name: board.node.locator(f'[data-card="{name}"]').bounding_box()
    board.wait(lambda: board.drawn("trials") and wide("curves")["height"] < 60, "a line in place of the curves")
    assert "a curve is drawn from a trial's second report on" in board.node.locator('[data-card="curves"]').inner_text()
    whole = wide("trials")["width"]
    assert wide("curves")["y"] > wide("trials")["y"], "it stands below the card that has its room"
    lab.exec("view.play()")
    board.wait(lambda: board.drawn("curves") and wide("trials")["width"] < 0.6 * whole, "the curves beside the trials")
    assert wide("curves")["y"] == wide("trials")["y"]
