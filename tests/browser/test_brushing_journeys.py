"""Brushing in a real JupyterLab: by mouse, by keyboard and from Python, and what the other cards make of it."""

import pytest
from test_dashboard import Dashboard

pytestmark = pytest.mark.browser

OPEN = """
import histories, scripted
from tunewidgets.analysis import inside
from tunewidgets.history import History
from tunewidgets.widgets.dashboard import Dashboard, show
view = scripted.ScriptedView(histories.asynchronous_history(70), name="demo")
board = Dashboard(view, cards=["parallel", "trials", "curves", "table"])
show(board)

def expected():
    return sorted(inside(History(view.read()), board.brushed))
"""
# What a person sees of a figure: the numbers of the trials whose marks are strong.
STRONG = """plot => {
  const strong = plot.data.filter(t => t.mode === 'markers' && t.hoverinfo === 'none' && (t.opacity ?? 1) > 0.5);
  return [...new Set(strong.flatMap(t => Array.from(t.customdata)))].sort((a, b) => a - b);
}"""
# The colour of a canvas at a point: whether there is ink at all.
INK = """(node, [x, y]) => Array.from(node.querySelectorAll('canvas')).map(canvas => {
  const ratio = canvas.width / canvas.getBoundingClientRect().width;
  const [left, top, size] = [(x - 2) * ratio, (y - 2) * ratio, 5 * ratio];
  return canvas.getContext('2d').getImageData(left, top, size, size).data.some(Boolean);
})"""

# The trials in the table: only rows in sight are elements, so it is scrolled from its top to its end.
LISTED = """async node => {
  const found = new Set();
  for (let top = 0; ; top += node.clientHeight / 2) {
    node.scrollTop = top;
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    for (const row of node.querySelectorAll('tbody tr')) found.add(Number(row.dataset.trial));
    if (node.scrollTop < top) break;
  }
  node.scrollTop = 0;
  return [...found];
}"""


class Parallel(Dashboard):
    """A dashboard with parallel coordinates."""

    @property
    def card(self):
        return self.node.locator('[data-card="parallel"]')

    def axis(self, name):
        return self.card.locator(".tw-axis").filter(has=self.notebook.page.locator("title", has_text=name)).first

    def line_of(self, name):
        """Where an axis stands on the page."""
        box = self.axis(name).locator(".tw-axisline").bounding_box()
        return box["x"] + box["width"] / 2, box["y"], box["height"]

    def drag(self, name, start, end):
        """Drag along an axis, from height to height: 0 is its lower end, 1 its upper one."""
        x, top, height = self.line_of(name)
        mouse = self.notebook.page.mouse
        mouse.move(x, top + (1 - start) * height)
        mouse.down()
        mouse.move(x, top + (1 - (start + end) / 2) * height, steps=3)
        mouse.move(x, top + (1 - end) * height, steps=3)
        mouse.up()

    def click_axis(self, name, height):
        x, top, size = self.line_of(name)
        self.notebook.page.mouse.click(x, top + (1 - height) * size)

    def order(self):
        """The axes from left to right."""
        return self.card.locator(".tw-axisname").evaluate_all("names => names.map(name => name.textContent)")

    def bars(self, name):
        return self.axis(name).locator(".tw-span-bar").count()

    @property
    def note(self):
        return self.card.locator(".tw-brushnote").inner_text()

    def brushed(self):
        return self.notebook.eval("board.brushed")

    def strong(self):
        return self.node.locator('[data-card="trials"] .js-plotly-plot').first.evaluate(STRONG)

    def listed(self):
        return sorted(self.node.locator(".tw-scroll").evaluate(LISTED))

    def follows(self, what):
        """Wait until table and figure show those who are inside, by Python's word."""
        inside = self.notebook.eval("expected()")
        self.wait(lambda: self.count() == len(inside) and self.listed() == inside, f"the table, {what}")
        self.wait(lambda: self.strong() == inside, f"the trials, {what}")
        return inside


def opened(notebook, cell=OPEN, trials=70):
    notebook.fill(cell, "view.play()")
    notebook.run_cell(0)
    notebook.run_cell(1)
    assert notebook.cell_errors() == []
    board = Parallel(notebook)
    board.wait(lambda: board.card.locator(".tw-axis").count() == 5 and board.count() == trials, "the axes")
    board.wait(lambda: board.drawn("trials"), "the figure")
    return board


def test_a_brush_by_mouse_is_followed_by_all(lab):
    board = opened(lab)
    assert board.note.startswith("Drag along an axis")
    board.drag("units", 0.2, 0.6)
    low, high = board.wait(lambda: board.brushed().get("units"), "the interval in Python")
    assert (low, high) == pytest.approx((32 + 0.2 * 480, 32 + 0.6 * 480), abs=8)
    first = board.follows("one interval")
    board.wait(lambda: f"Showing {len(first)} of 70 trials, brushed: units {low} to {high}" in board.note, "the words")
    board.drag("optimizer", 0.8, 1.0)
    board.wait(lambda: board.brushed().get("optimizer") == ["sgd"], "a category")
    second = board.follows("two intervals")
    assert set(second) < set(first)
    assert f"Showing {len(second)} of 70" in board.node.locator(".tw-tools").inner_text()
    board.drag("val_accuracy", 0.3, 1.2)
    board.wait(lambda: board.brushed().get("val_accuracy", [0])[1:] == [None], "a goal's end is open")
    board.follows("three intervals")
    board.click_axis("optimizer", 0.2)
    board.wait(lambda: set(board.brushed()) == {"units", "val_accuracy"}, "a click beside an interval clears it")
    board.follows("one interval less")
    board.node.locator(".tw-tools").get_by_role("button", name="Clear brush").click()
    board.wait(lambda: board.brushed() == {} and board.count() == 70, "all to be cleared")
    assert board.follows("no brush") == list(range(70))
    assert [board.bars(name) for name in ("units", "optimizer", "val_accuracy")] == [0, 0, 0]
    assert lab.complaints() == []


def test_an_interval_is_moved_and_its_ends_are_dragged(lab):
    board = opened(lab)
    lab.exec("board.brushed = {'dropout': [0.1, 0.3]}")
    board.wait(lambda: board.bars("dropout") == 1, "the interval from Python")
    board.drag("dropout", 0.4, 0.6)
    board.wait(lambda: board.brushed()["dropout"] == pytest.approx([0.2, 0.4], abs=0.02), "the interval moved")
    board.drag("dropout", 0.8, 0.98)
    board.wait(lambda: board.brushed()["dropout"] == pytest.approx([0.2, 0.49], abs=0.02), "its upper end")
    board.drag("dropout", 0.4, 0.1)
    board.wait(lambda: board.brushed()["dropout"] == pytest.approx([0.05, 0.49], abs=0.02), "its lower end")
    board.follows("the interval dragged")
    x, top, _height = board.line_of("momentum")
    lab.page.mouse.dblclick(x - 60, top + 20)
    board.wait(lambda: board.brushed() == {}, "a double click clears all")


def test_a_brush_made_in_python_is_shown_and_survives_a_reload_and_new_trials(lab):
    lab.fill(OPEN, "view.play(150)")
    lab.run_cell(0)
    lab.run_cell(1)
    board = Parallel(lab)
    lab.exec("board.brushed = {'units': [64, 256], 'optimizer': ['adam'], 'gone': [0, 1]}")
    board.wait(lambda: board.bars("units") == board.bars("optimizer") == 1, "the intervals")
    before = board.follows("from Python")
    lab.exec("view.play()")
    board.wait(lambda: "of 70 trials" in board.note, "the new trials")
    assert len(board.follows("with new trials")) > len(before)
    lab.command("docmanager:save")
    lab.load()
    board.wait(lambda: board.node.count() and board.drawn("trials"), "the page after a reload", 20)
    board.wait(lambda: board.bars("units") == 1, "the interval after a reload")
    board.follows("after a reload")


def test_by_keyboard(lab):
    board = opened(lab)
    units = board.axis("units")
    assert units.get_attribute("role") == "slider"
    assert units.get_attribute("aria-valuetext") == "not brushed"
    units.focus()
    lab.page.keyboard.press("ArrowUp")
    board.wait(lambda: board.brushed() == {"units": [272, 512]}, "the upper half")
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("Shift+ArrowDown")
    board.wait(lambda: board.brushed() == {"units": [248, 464]}, "moved, and its upper end lowered")
    board.wait(lambda: units.get_attribute("aria-valuetext") == "248 to 464", "its words")
    board.follows("the keyboard's interval")
    assert lab.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("units")
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("ArrowDown")
    board.wait(lambda: board.brushed().get("optimizer") == ["adam"], "a category")
    lab.page.keyboard.press("Delete")
    board.wait(lambda: list(board.brushed()) == ["units"], "one interval cleared")
    lab.page.keyboard.type("dd")
    assert lab.js("return nb.widgets.length;") == 4, "typing is not the notebook's shortcut for deleting a cell"
    lab.page.keyboard.press("Escape")
    board.wait(lambda: board.brushed() == {}, "all cleared")
    lab.page.keyboard.press("Shift+ArrowLeft")
    moved = ["units", "optimizer", "dropout", "momentum", "val_accuracy"]
    board.wait(lambda: lab.eval("board.axes") == moved and board.order() == moved, "an axis moved to the left")
    assert lab.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("optimizer")
    lab.page.keyboard.press("Home")
    board.wait(lambda: lab.eval("board.axes") == [] and board.order()[1] == "dropout", "the axes put back")


def test_an_axis_is_dragged_by_its_name(lab):
    board = opened(lab)
    x, top, _ = board.line_of("momentum")
    mouse = lab.page.mouse
    mouse.move(x, top - 24)
    mouse.down()
    mouse.move(board.line_of("dropout")[0], top - 24, steps=4)
    mouse.move(board.line_of("units")[0] + 10, top - 24, steps=4)
    board.wait(lambda: board.order()[0] == "momentum", "the axis under the pointer, before it is let go")
    assert lab.eval("board.axes") == []
    mouse.up()
    board.wait(lambda: lab.eval("board.axes[0]") == "momentum", "the order, kept")
    board.drag("momentum", 0.1, 0.9)
    board.wait(lambda: "momentum" in board.brushed(), "a brush on the axis where it stands now")
    board.follows("a brush on an axis that was moved")


# A point on a trial's line: between the first two axes, where no other line is nearer.
SPOT = """(node, trial) => {
  const rows = [...document.querySelectorAll('.tw-table tbody tr')];
  const head = [...document.querySelectorAll('.tw-table th')].map(one => one.innerText.trim());
  const cells = rows.map(row => [...row.cells].map(cell => cell.innerText));
  const [u, d] = [head.indexOf('units'), head.indexOf('dropout')];
  const lines = [...node.querySelectorAll('.tw-axisline')].map(one => one.getBoundingClientRect());
  const y = (share, i) => lines[i].bottom - share * lines[i].height;
  const ends = row => [y((row[u] - 32) / 480, 0), y(row[d] / 0.5, 1)];
  const at = (row, t) => ends(row)[0] + t * (ends(row)[1] - ends(row)[0]);
  const mine = cells.find(row => Number(row[0]) === trial);
  const spots = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map(t => {
    const apart = Math.min(...cells.filter(row => row !== mine).map(row => Math.abs(at(row, t) - at(mine, t))));
    return {x: lines[0].x + t * (lines[1].x - lines[0].x), y: at(mine, t), apart};
  });
  return spots.sort((a, b) => b.apart - a.apart)[0];
}"""


def test_pointing_at_a_line_and_selecting_it(lab):
    board = opened(lab)
    lab.exec("board.brushed = {'optimizer': ['sgd'], 'val_accuracy': [0.7, None]}")
    trial = board.follows("a few lines")[-1]
    spot = board.card.evaluate(SPOT, trial)
    lab.page.mouse.move(spot["x"] - 30, spot["y"] - 60)
    lab.page.mouse.move(spot["x"], spot["y"], steps=4)
    tip = board.node.locator(".tw-tip")
    board.wait(lambda: tip.is_visible() and "units" in tip.inner_text(), "the tip with the configuration")
    assert f"Trial {trial}" in tip.inner_text()
    lab.page.mouse.click(spot["x"], spot["y"])
    board.wait(lambda: lab.eval("board.selected") == [trial], "the selection in Python")
    board.wait(lambda: board.chosen() == [trial], "the selection in the table")
    assert f"Trial {trial}" in board.node.locator(".tw-panel").inner_text()
    box = board.card.locator(".tw-lines").bounding_box()
    lab.page.mouse.move(5, 5)
    place = [spot["x"] - box["x"], spot["y"] - box["y"]]
    board.wait(lambda: not tip.is_visible(), "the tip to be gone")
    lines = board.card.locator(".tw-lines")
    assert lines.evaluate(INK, place)[2], "the line is drawn on top"
    lab.exec("board.selected = []")
    board.wait(lambda: not lines.evaluate(INK, place)[2], "a selection cleared in Python")
    assert lines.evaluate(INK, place)[1]


def test_a_brush_does_not_go_unsaid_where_no_card_says_it(lab):
    lab.fill(OPEN.replace('"parallel", "trials", "curves", "table"', '"trials", "curves"'), "view.play()")
    lab.run_cell(0)
    lab.run_cell(1)
    board = Parallel(lab)
    board.wait(lambda: board.drawn("trials"), "the figure")
    bar = board.node.locator(".tw-brushbar")
    assert not bar.is_visible()
    lab.exec("board.brushed = {'optimizer': ['sgd']}")
    inside = lab.eval("expected()")
    board.wait(lambda: f"Showing {len(inside)} of 70" in bar.inner_text(), "the words")
    board.wait(lambda: board.strong() == inside, "the trials")
    bar.get_by_role("button", name="Clear brush").click()
    board.wait(lambda: not bar.is_visible() and board.brushed() == {}, "the brush to be gone")


def test_it_is_crisp_and_follows_theme_and_width(lab, pictures):
    board = opened(lab)
    lab.exec("board.brushed = {'units': [64, 256], 'val_accuracy': [0.5, None]}; board.selected = [15]")
    board.follows("the brush")
    ink = "node => getComputedStyle(node.querySelector('.tw-axes text')).fill"
    inks = {}
    try:
        for theme in ("dark", "light"):
            lab.theme(theme)
            lab.page.wait_for_timeout(600)
            inks[theme] = board.card.evaluate(ink)
            for width in (500, 900):
                board.node.evaluate("(node, width) => { node.style.width = width + 'px'; }", width)
                lab.page.wait_for_timeout(400)
                canvas, room = board.card.evaluate(
                    "node => [node.querySelector('canvas').width, node.querySelector('.tw-parallel').clientWidth]"
                )
                assert canvas == room * lab.page.evaluate("devicePixelRatio")
                lab.picture(0, pictures / f"parallel-{theme}-{width}.png", '[data-card="parallel"]')
    finally:
        lab.theme("light")
    assert inks["dark"] != inks["light"]
    assert lab.complaints() == []
