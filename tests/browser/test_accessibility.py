"""Whoever sees little, or no colours, or has no mouse: contrasts measured, names and roles, the keyboard, and rest."""

import base64
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from test_dashboard import Dashboard

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
TABS = (("Overview", "Surrogate", "Parameters", "Workers"), ("Trade-offs", "Population"))
SEARCHES = """
import math, tempfile
import tunewidgets as tw

def score(trial):
    rate, units = trial.config["rate"], trial.config["units"]
    if trial.number % 11 == 7:
        raise ValueError("the loss became NaN")
    top = 0.9 - 0.05 * (math.log10(rate) + 2) ** 2 + units / 1000
    for step in trial.steps():
        trial.report(step, top * (1 - 0.6 / (step + 1)), size=float(units))

space = tw.Space(
    rate=tw.Float(1e-4, 1.0, sampling="log"), units=tw.Int(8, 64, step=8), kind=tw.Choice(["a", "b"]),
    momentum=tw.Float(0.0, 0.9).when(kind="a"),
)
common = dict(executor="inline", seed=1, directory=tempfile.mkdtemp(), show=False)
model = tw.tune(score, space, sampler="sobol", schedule=tw.Hyperband(max_budget=9, iterations=2), objective="accuracy",
                name="model", **common).wait()
bred = tw.tune(score, space, sampler="nsga2", schedule=tw.Full(1), objective=["accuracy", "size"],
               direction=["max", "min"], trials=40, name="bred", **common).wait()
"""
MODEL = "board = model.dashboard()\nboard.selected = [3, 7]\nboard"
BRED = "bred.dashboard({'Trade-offs': ['pareto', 'table'], 'Population': ['population']})"
MARKS = ".scatterlayer .point, .scatterlayer .js-line, .barlayer .point path, .tw-entry path, .tw-tick, .tw-axisline"
# Trials that a card shows as being somewhere else, and the lines of descent, of which there are hundreds: they step
# back on purpose, and the table says all that they say.
BEHIND = {"other trials", "parent to child"}
# Every card explains itself, and shows its sliders.
UNFOLD = """node => {
  for (const one of node.querySelectorAll('.tw-question[aria-expanded=false], details:not([open]) summary'))
    if (one.checkVisibility()) one.click();
}"""
AXE = """async node => (await axe.run(node)).violations.flatMap(
  rule => rule.nodes.map(found => `${rule.id}: ${found.html.slice(0, 160)}: ${found.failureSummary}`))"""
MOVING = """node => [...node.querySelectorAll('*')].filter(one => !one.closest('.js-plotly-plot')).filter(one => {
  const { transitionDuration, animationDuration } = getComputedStyle(one);
  return [transitionDuration, animationDuration].some(time => time.split(', ').some(part => parseFloat(part) > 0));
}).map(one => one.className)"""


class Shown(Dashboard):
    """A dashboard whose texts and marks are measured."""

    def open(self, tab):
        self.node.get_by_role("tab", name=tab, exact=True).click()
        self.wait(lambda: all(card.locator(".main-svg, .tw-axis, table").count() for card in self.cards()), tab, 60)
        self.node.evaluate(UNFOLD)
        self.settled_down()

    def cards(self):
        return self.node.locator(".tw-card:visible").all()

    def settled_down(self):
        """Wait until nothing moves any more: an opened explanation makes figures smaller."""
        self.notebook.page.mouse.move(1, 1)
        self.wait(lambda: self.height() == (self.notebook.settle(12), self.height())[1], "the page to stand still")

    def height(self):
        return self.node.evaluate("node => node.offsetHeight")

    def measure(self):
        """Return how many texts, marks and fields were measured, and those whose contrast is too small."""
        page, node = self.notebook.page, self.node.element_handle()
        page.evaluate("contrast.veil(true)")
        self.notebook.settle()
        picture = base64.b64encode(page.screenshot()).decode()
        page.evaluate("contrast.veil(false)")
        found = [
            page.evaluate("([node, picture]) => contrast.ofTexts(node, picture)", [node, picture]),
            page.evaluate("([node, marks]) => contrast.ofMarks(node, marks)", [node, MARKS]),
            page.evaluate("node => contrast.ofFields(node)", node),
        ]
        poor = [one for part in found for one in part["poor"] if one.get("trace") not in BEHIND]
        return [part["checked"] for part in found], poor


@pytest.fixture(scope="module")
def shown(lab):
    """A search of one goal and one of two, in a window that holds a whole dashboard."""
    size = lab.page.viewport_size
    lab.page.set_viewport_size({"width": 1200, "height": 3000})
    lab.fill(SEARCHES, MODEL, BRED)
    for index in range(3):
        lab.run_cell(index, 90)
    assert lab.cell_errors() == []
    lab.page.evaluate(CONTRAST)
    lab.page.evaluate(AXE_SCRIPT)
    yield Shown(lab, 1), Shown(lab, 2)
    lab.theme("light")
    lab.page.set_viewport_size(size)


def in_forms_and_the_past(board):
    """What is too faint in the forms, while a moment of the past is shown, and while something is brushed."""
    faint = []
    for form in ("Extend", "Add a trial", "Edit the space"):
        board.button(form).click()
        board.wait(lambda: board.node.locator(".tw-sheet form").is_visible(), form)
        faint += [f"{form}: {one}" for one in board.measure()[1]]
    board.notebook.page.keyboard.press("Escape")
    board.notebook.exec("board.replay, board.brushed = 40, {'units': [16, 48]}")
    board.wait(lambda: board.node.locator(".tw-past").count(), "the past")
    board.settled_down()
    texts = [one for one in board.measure()[1] if "text" in one]  # a brush fades marks
    faint += [f"the past: {one}" for one in texts]
    board.notebook.exec("board.replay, board.brushed = None, {}")
    board.wait(lambda: not board.node.locator(".tw-past").count(), "the present")
    return faint


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whatever_is_written_or_marked_stands_out_from_what_is_behind_it(shown, lab, theme):
    lab.theme(theme)
    texts, faint = 0, []
    for board, tabs in zip(shown, TABS, strict=True):
        lab.output(1 if board is shown[0] else 2).scroll_into_view_if_needed()
        for tab in tabs:
            board.open(tab)
            counts, poor = board.measure()
            faint += [f"{tab}: {one}" for one in poor]
            texts += counts[0]
    faint += in_forms_and_the_past(shown[0])
    assert not faint, "\n".join(faint)
    assert texts > 500, "all tabs were measured"


def test_names_and_roles_are_in_order(shown):
    for board, tabs in zip(shown, TABS, strict=True):
        for tab in tabs:
            board.open(tab)
            wrong = board.notebook.page.evaluate(AXE, board.node.element_handle())
            assert not wrong, "\n".join([tab, *wrong])
    board = shown[0]
    for form in ("Extend", "Add a trial", "Edit the space"):
        board.button(form).click()
        board.wait(lambda: board.node.locator(".tw-sheet form").is_visible(), form)
        wrong = board.notebook.page.evaluate(AXE, board.node.locator(".tw-sheet").element_handle())
        assert not wrong, "\n".join([form, *wrong])
    board.notebook.page.keyboard.press("Escape")


def test_the_keyboard_comes_everywhere_in_the_order_of_the_page(shown, lab):
    board = shown[0]
    board.open("Overview")
    board.button("Extend").focus()
    for key in ("Shift+Tab", "Tab"):  # a ring is for those who came by keyboard
        lab.page.keyboard.press(key)
    met = []
    for _ in range(60):
        met.append(lab.page.evaluate("contrast.ofFocus()"))
        if met[-1]["tag"] == "table":
            break
        lab.page.keyboard.press("Tab")
    names = [one["name"] for one in met]
    assert all(one["inside"] for one in met), f"the focus has left the dashboard: {names}"
    assert all(names), f"something has no name: {names}"
    assert [one for one in met if one["ring"] < 3] == [], f"a focus that is not seen: {met}"
    wanted = [
        "Extend", "One step back", "Replay: after how many events", "Overview", "Trials: against",
        "How to read Trials", "Curves: metric", "Brackets: as", "Selected trials", "Filter the trials",
    ]  # fmt: skip
    assert [name for name in names if name in wanted] == wanted, names
    assert met[-1]["tag"] == "table", names
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("Enter")
    second = int(board.rows().nth(1).get_attribute("data-trial"))
    board.wait(lambda: board.chosen() == [second], "the selection of the second row")
    lab.exec("board.selected = [3, 7]")
    board.node.get_by_role("tab", name="Overview").focus()
    lab.page.keyboard.press("End")
    board.wait(lambda: lab.eval("board.tab") == "Workers", "the last tab")
    assert board.node.get_by_role("tabpanel", name="Workers").count() == 1


def test_nothing_moves_where_no_motion_is_wanted(shown, lab):
    board = shown[0]
    assert board.node.evaluate(MOVING) == ["tw-fill"], "the bar of the progress alone moves"
    lab.page.emulate_media(reduced_motion="reduce")
    try:
        assert board.node.evaluate(MOVING) == []
    finally:
        lab.page.emulate_media(reduced_motion="no-preference")
