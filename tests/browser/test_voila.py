"""A notebook as a page of its own, under Voila: no cell is to be seen, and none is busy."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driver import Browser, write_notebook
from playwright.sync_api import Locator, Page
from server import JupyterServer
from test_dashboard import Dashboard

import tunewidgets as tw

pytestmark = [pytest.mark.browser, pytest.mark.process]

SHOWS = "import tunewidgets as tw\ntw.attach('stored')"
STARTS = """
import time
import tunewidgets as tw
space = tw.Space(rate=tw.Float(1e-4, 1.0, sampling="log"), units=tw.Int(8, 64, step=8))
def network(trial):
    for epoch in trial.steps():
        time.sleep(0.3)
        trial.report(epoch, 1 - trial.config["rate"] / epoch - 1 / trial.config["units"])
tw.tune(network, space, objective='accuracy', strategy=tw.Hyperband(max_budget=27), workers=2, name='started')
"""
# Said by Voila's page alone: of content networks that a test has not, and of extensions of Notebook 7, whose server
# it shares here, that are newer than its own parts.
BENIGN = ("ERR_", "The getter for the shared module is not a function")


class App:
    """A page of Voila's: as much of `driver.Notebook` as a dashboard's journeys need."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._complaints: list[str] = []
        page.on("console", lambda message: self._complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._complaints.append(str(error)))

    def output(self, index: int) -> Locator:
        return self.page.locator(".tw-dashboard").nth(index).locator("xpath=..")

    def until(self, check: Callable[[], object], what: str, timeout: float = 10) -> None:
        for _ in range(int(timeout * 20)):
            if check():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"waited {timeout} s for: {what}")

    def complaints(self) -> list[str]:
        return [text for text in self._complaints if not any(benign in text for benign in BENIGN)]


def stored(root: Path) -> None:
    space = tw.Space(rate=tw.Float(1e-4, 1.0, sampling="log"), units=tw.Int(8, 64, step=8))
    search = tw.tune(
        lambda config: config["units"] * config["rate"], space, sampler="random", trials=6, direction="max",
        executor="inline", name="stored", directory=root, show=False,
    )  # fmt: skip
    search.wait()


@pytest.fixture
def app(chromium: Browser, notebook_server: JupyterServer):
    pytest.importorskip("voila")
    place = notebook_server.root / "tune_runs"
    stored(place)
    write_notebook(notebook_server.root / "app.ipynb", [SHOWS, STARTS])
    context = chromium._chromium.new_context(viewport=chromium.size)
    made = App(context.new_page())
    made.page.goto(f"{notebook_server.url}/voila/render/app.ipynb?token={notebook_server.token}")
    yield made
    tw.attach("started", directory=place).stop(now=True).wait(10)
    context.close()


def test_a_stored_search_is_looked_at_and_one_that_the_page_starts_is_steered(app, pictures):
    old, new = Dashboard(app, 0), Dashboard(app, 1)
    old.wait(lambda: new.node.count() and old.drawn("trials"), "both dashboards, and a figure", 60)
    check_looking(old)
    new.node.scroll_into_view_if_needed()
    new.wait(lambda: new.rows().count() > 0 and new.drawn("brackets"), "its first trials", 20)
    check_steering(new)
    app.page.screenshot(path=str(pictures / "voila.png"), full_page=True)
    assert app.complaints() == []


def check_looking(board):
    """Select in the table, see it in panel and figure, and step back in time."""
    board.wait(lambda: board.rows().count() == 6, "its trials")
    board.rows().nth(2).click()
    board.wait(lambda: board.chosen() == [3], "the selection in the table")
    board.wait(lambda: "Trial 3" in board.node.locator(".tw-panel").inner_text(), "the panel of the same trial")
    rings = "plot => plot.data.filter(trace => trace.marker?.size === 15).length"
    plot = board.node.locator('[data-card="trials"] .js-plotly-plot').first
    board.wait(lambda: plot.evaluate(rings), "a ring around it in the figure")
    board.node.get_by_role("slider", name="Replay: after how many events").focus()
    board.notebook.page.keyboard.press("Home")
    board.wait(lambda: board.settled == 0, "the beginning")
    board.button("Back to the present").click()
    board.wait(lambda: board.settled == 6 and board.rows().count() == 6, "the present")


def check_steering(board):
    board.button("Pause").click()
    board.wait(lambda: "Paused" in board.chip, "the pause")
    board.button("Resume").click()
    board.wait(lambda: "Running" in board.chip, "the search to go on")
    board.button("Add a trial").click()
    sheet = board.node.locator(".tw-sheet")
    sheet.get_by_label("units").fill("16")
    sheet.get_by_role("button", name="Add", exact=True).click()
    board.wait(sheet.is_hidden, "the trial to be taken")
    board.button("Stop now").click()
    board.wait(lambda: "Stopped" in board.chip, "the end")
