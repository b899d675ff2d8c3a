"""Steering a real search from its dashboard: each button and form acts on real processes, and the page shows it."""

import psutil
import pytest
from steered import NETWORK
from test_dashboard import Dashboard as Page
from test_search_journeys import folder, legs

pytestmark = [pytest.mark.browser, pytest.mark.process]

SOON = 4.0  # seconds within which everything shows; about one on a machine with nothing else to do

DEFINE = f"""
{NETWORK}
import tunewidgets as tw
space = tw.Space(
    units=tw.Int(8, 64, step=8),
    kind=tw.Choice(["long", "deaf", "broken"]),
    momentum=tw.Float(0.0, 0.9).when(kind="long"),
)
"""
TUNE = """
search = tw.tune(
    network, space, sampler="random", schedule=tw.Full(2000), objective="accuracy", trials=1, workers=2, name="steered"
)
{more}
"""
OWN = """
search.enqueue(units=8, kind="long", momentum=0.5).enqueue(units=8, kind="deaf").enqueue(units=8, kind="broken")
"""


class Dashboard(Page):
    @property
    def sheet(self):
        return self.node.locator(".tw-sheet")

    @property
    def facts(self):
        return self.node.locator(".tw-facts").inner_text().replace("\u00a0", " ")

    def select(self, trial):
        self.node.locator(f'tbody tr[data-trial="{trial}"]').click()
        panel = self.node.get_by_role("group", name=f"Trial {trial}", exact=True)
        self.wait(panel.is_visible, f"the panel of trial {trial}")
        return panel

    def open(self, name):
        self.button(name).click()
        self.wait(lambda: self.sheet.get_by_role("button", name="Cancel").is_visible(), f"the form of {name}")

    def soon(self, check, what):
        return self.wait(check, what, SOON)


def states(notebook):
    return {
        int(n): state for n, state in notebook.eval("{n: t.state for n, t in search.history.trials.items()}").items()
    }


def pid_of(place, trial, attempt=1):
    file = place / "trials" / f"{trial:05}" / f"attempt-{attempt}.pid"
    return next((pid for pid in legs(place) if file.exists() and str(pid) in file.read_text()), None)


def gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture
def steered(front):
    front.fill(DEFINE, TUNE.format(more=OWN))
    front.run_cell(0)
    front.run_cell(1)
    assert front.cell_errors() == []
    board = Dashboard(front, 1)
    board.wait(lambda: board.node.count() and len(legs(folder(front, "steered"))) == 2, "two legs", 30)
    board.node.locator('[data-card="table"]').scroll_into_view_if_needed()
    board.wait(lambda: board.rows().count() >= 2, "the first rows")
    yield board
    front.exec("search.stop(now=True).wait(10)")


@pytest.mark.timeout(180)
def test_every_button_and_form_acts_on_the_search_and_shows_it(steered, front):
    board, place = steered, folder(front, "steered")
    check_trials(board, front, place)
    check_workers(board, front)
    check_space(board, front)
    check_limits(board, front, place)
    check_adding(board, front)
    assert front.complaints() == []


def check_trials(board, notebook, place):
    """Skip the long trial, kill the deaf one, run the broken one again."""
    long, deaf = pid_of(place, 0), pid_of(place, 1)
    board.select(0).get_by_role("button", name="Skip").click()
    board.soon(lambda: gone(long) and states(notebook)[0] == "stopped", "trial 0 to stop at its next report")
    assert not gone(deaf), "nothing else is stopped"
    board.soon(lambda: "■ stopped" in board.node.locator(".tw-panel").inner_text(), "the panel to say so")
    board.soon(lambda: board.rows().count() == 3, "the row of the next trial, which moves the others")
    panel = board.select(1)
    panel.get_by_role("button", name="Skip").click()
    board.soon(lambda: panel.get_by_role("button", name="Skipping …").is_disabled(), "the wish to be shown")
    assert (states(notebook)[1], gone(deaf)) == ("running", False), "it never reports"
    panel.get_by_role("button", name="Kill").click()
    board.soon(lambda: gone(deaf) and states(notebook)[1] == "stopped", "its process to be ended")
    board.wait(lambda: states(notebook).get(2) == "failed", "the broken trial")
    board.wait(lambda: board.rows().count() >= 3, "its row")
    panel = board.select(2)
    panel.get_by_role("button", name="Retry").click()
    board.soon(lambda: states(notebook)[2] == "running" and pid_of(place, 2, 2), "a second attempt of the same trial")
    board.soon(lambda: "○ running" in board.node.locator(".tw-panel").inner_text(), "the panel to say so")
    assert panel.get_by_role("button", name="Retry").is_hidden()
    assert notebook.eval("search.history.trials[2].attempt") == 2


def check_workers(board, notebook):
    board.button("One worker more").click()
    board.button("One worker more").click()
    board.soon(lambda: notebook.eval("search.history.workers") == 4, "four workers")
    board.soon(lambda: "of 4 busy" in board.facts, "the header to say so")
    board.button("One worker fewer").click()
    board.soon(lambda: "of 3 busy" in board.facts, "one fewer")


def check_limits(board, notebook, place):
    before = len(legs(place))
    board.open("Extend")
    trials = board.sheet.get_by_label("Trials at most")
    assert trials.input_value() == "1"
    assert trials.evaluate("field => field === document.activeElement"), "one can type at once"
    trials.fill("0")
    trials.press("Enter")
    assert board.sheet.get_by_text("Give a number above 0").is_visible()
    trials.fill("5")
    trials.press("Enter")
    board.soon(lambda: board.sheet.is_hidden() and notebook.eval("search.history.limits.trials") == 5, "the new limit")
    assert board.button("Extend").evaluate("button => button === document.activeElement"), "the focus is back"
    board.soon(lambda: "of 5 trials" in board.facts, "the header to say so")
    board.soon(lambda: len(legs(place)) > before, "another leg")


def check_space(board, notebook):
    board.open("Edit the space")
    board.sheet.get_by_label("units, lowest value").fill("32")
    for kind in ("deaf", "broken"):
        board.sheet.get_by_label(kind).uncheck()
    code = 'search.edit_space(search.space.with_parameters(units=tw.Int(32, 64, step=8), kind=tw.Choice(["long"])))'
    board.soon(lambda: board.sheet.locator("code").inner_text() == code, "the same in Python")
    board.sheet.get_by_role("button", name="Apply").click()
    board.soon(
        lambda: board.sheet.is_hidden() and notebook.eval("search.space['kind'].values") == ["long"], "the new space"
    )
    assert notebook.eval("search.space == " + code.removeprefix("search.edit_space").replace("search.space", "space"))


def check_adding(board, notebook):
    board.open("Add a trial")
    kinds = board.sheet.get_by_label("kind").locator("option")
    assert kinds.all_inner_texts() == ["long"], "the form is made of the space as it is now"
    notebook.page.keyboard.press("Escape")
    assert board.sheet.is_hidden()
    board.select(0).get_by_role("button", name="Clone and edit").click()
    units = board.sheet.get_by_label("units")
    board.soon(units.is_visible, "the form")
    assert board.sheet.get_by_label("momentum").input_value() == "0.5", "the trial's own value"
    assert units.input_value() == "32", "its value is not in the new space"
    units.fill("33")
    assert board.sheet.get_by_text("In steps of 8: the nearest is 32").is_visible()
    units.fill("56")
    board.sheet.get_by_role("button", name="Add", exact=True).click()
    mine = {"units": 56, "kind": "long", "momentum": 0.5}
    newest = "[dict(e.config) for e in search.history if type(e).__name__ == 'Enqueued'][-1]"
    board.soon(lambda: board.sheet.is_hidden() and notebook.eval(newest) == mine, "the configuration in line")
    board.soon(lambda: "1 added, not begun" in board.facts, "the header to say so")
    running = notebook.eval("[n for n, t in search.history.trials.items() if t.state == 'running']")
    board.select(running[-1]).get_by_role("button", name="Kill").click()
    started = "[n for n, t in search.history.trials.items() if dict(t.config) == " + repr(mine) + "]"
    (number,) = board.soon(lambda: notebook.eval(started), "it to be tried")
    board.soon(lambda: board.node.locator(f'tbody tr[data-trial="{number}"]').count(), "its row")


def test_parameters_come_and_go_with_their_conditions_and_the_keyboard_is_enough(lab):
    lab.fill(DEFINE, TUNE.format(more="search.pause()"))
    lab.exec("import shutil; shutil.rmtree('tune_runs/steered', ignore_errors=True)")
    lab.run_cell(0)
    lab.run_cell(1)
    board = Dashboard(lab, 1)
    board.wait(lambda: board.node.count() and "Paused" in board.chip, "the pause", 30)
    board.button("Add a trial").focus()
    lab.page.keyboard.press("Enter")
    momentum, kind = board.sheet.get_by_label("momentum"), board.sheet.get_by_label("kind")
    board.wait(momentum.is_visible, "the form of defaults")
    kind.select_option(label="deaf")
    assert momentum.is_hidden()
    cells = lab.js("return nb.widgets.length;")
    board.sheet.get_by_label("units").press("d")
    lab.page.keyboard.press("d")
    assert lab.js("return nb.widgets.length;") == cells, "keys typed into a form are not the notebook's"
    board.sheet.get_by_label("units").fill("16")
    lab.page.keyboard.press("Enter")
    board.wait(lambda: "1 added, not begun" in board.facts, "it waits, as it is paused")
    assert lab.eval("[dict(config) for config in search.history.queue]") == [{"units": 16, "kind": "deaf"}]
    board.wait(lambda: board.button("Add a trial").get_attribute("aria-expanded") == "false", "the form to close")
    assert board.button("Add a trial").evaluate("button => button === document.activeElement")
    lab.exec("search.stop(now=True).wait(10)")
    assert lab.complaints() == []
