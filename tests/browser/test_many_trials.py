"""A search of ten thousand trials on one page: nothing is lost, nothing is too large, and all of it still answers."""

import pytest
import stored
from test_dashboard import Dashboard as Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

TRIALS = 10_000
SOON = 60  # seconds: on a machine with nothing else to do it is there in two
LARGEST = 300_000  # bytes; all columns of all trials as numbers alone would be a million
OPEN = """
import tunewidgets as tw
from tunewidgets.widgets.dashboard import show
search = tw.attach("many", show=False)
board = search.dashboard()
show(board)
"""
DRAWN = "plot => plot.data.flatMap(trace => (trace.customdata ? Array.from(trace.customdata) : []))"
RINGED = """plot => plot.data.filter(trace => trace.marker?.symbol === 'circle-open' && trace.hoverinfo === 'skip')
  .flatMap(trace => Array.from(trace.x))"""


class Dashboard(Page):
    def ask(self, question):
        """What the figure of the card Trials says; nothing while it is not drawn."""
        plot = self.node.locator('[data-card="trials"] .js-plotly-plot').first
        return plot.evaluate(question) if self.drawn("trials") else []

    def numbers(self):
        return set(self.ask(DRAWN))


@pytest.fixture(scope="module")
def events():
    return stored.simulated(TRIALS + 20)


def test_ten_thousand_trials_open_answer_and_move(lab, events):
    count = stored.before(events, TRIALS)
    place = lab.server.root / "tune_runs" / "many"
    stored.keep(place, events[:count])
    with stored.Growing(place, count, stored.by_trial(events[count:])) as growing:
        lab.fill(OPEN)
        lab.run_cell(0, SOON)
        assert lab.cell_errors() == []
        board = Dashboard(lab)
        newest = set(range(TRIALS - 400, TRIALS))
        board.wait(lambda: newest <= board.numbers(), "the newest trials", SOON)
        assert lab.eval("search.best.number") in board.numbers(), "the best one is drawn, however old"
        assert len(board.numbers()) < 2500, "the others by a sample"
        fact = board.node.locator(".tw-fact", has_text="Progress")
        assert "10,000 of" in fact.inner_text()
        board.wait(lambda: board.drawn("curves") and board.drawn("brackets"), "the other figures", SOON)

        row = board.node.locator(f'tbody tr[data-trial="{TRIALS - 3}"]')
        row.click()
        board.wait(lambda: board.ask(RINGED) == [TRIALS - 3], "a ring around the trial that was selected in the table")
        assert lab.eval("board.selected") == [TRIALS - 3]
        board.wait(lambda: f"Trial {TRIALS - 3}" in board.node.locator(".tw-panel").inner_text(), "what it was")

        received, sent = lab.received, lab.eval("board._publisher._seq")
        growing.begin(20)
        board.wait(lambda: max(board.numbers()) == TRIALS + 19, "the trials that have started since", SOON)
        board.wait(lambda: "10,020 of" in fact.inner_text(), "their number", SOON)
        frames = lab.eval("board._publisher._seq") - sent
        assert (lab.received - received) / frames < LARGEST, f"bytes for each of {frames} updates"
    assert board.ask(RINGED) == [TRIALS - 3], "the selection stays"
    assert lab.complaints() == []
