"""What a person does with ten thousand rows, and with a trial that is opened."""

import pytest
from test_dashboard import Dashboard

pytestmark = pytest.mark.browser

MANY = """
import histories, scripted
from tunewidgets.widgets.dashboard import Dashboard
view = scripted.ScriptedView(histories.large_history(10_000, reports=1))
view.play(view.left - 400)
board = Dashboard(view, cards=["table"])
board
"""
# Steps of a wheel, one a frame, or frames at rest: how long each took, and where no row was to be seen.
ROLL = """(node, by) => new Promise(done => {
  const scroll = node.querySelector('.tw-scroll'), times = [], bare = [];
  let last = performance.now();
  const step = now => {
    times.push(now - last);
    last = now;
    const box = scroll.getBoundingClientRect();
    const [x, y] = [box.x + 20, box.y + box.height / 2];
    if (!document.elementFromPoint(x, y)?.closest('tr[data-trial]')) bare.push(scroll.scrollTop);
    if (times.length > 40) return done({times: times.slice(1).sort((a, b) => a - b), bare, top: scroll.scrollTop});
    scroll.scrollTop += by;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""
FAILING = """
import tunewidgets as tw
def objective(trial):
    for epoch in trial.steps():
        for line in range(400):
            print(f"epoch {epoch}, line {line} <b>bold</b>")
        if trial.config["units"] == 2:
            raise ValueError("too narrow <img src=x onerror=alert(1)>")
        trial.report(epoch, trial.config["units"] * epoch / 100, loss=1 / epoch)
space = tw.Space(units=tw.Int(1, 3), kind=tw.Choice(["a <i>b</i>"]))
search = tw.tune(objective, space, sampler="grid", direction="max",
                 schedule=tw.SuccessiveHalving(max_budget=3), workers=2, name="opened", show=False, if_exists="replace")
search.wait(60)
board = search.dashboard(cards=["trials", "table"])
board
"""


def at(board):
    """The row at which the keyboard is, by what a screen reader is told."""
    return board.node.get_by_role("grid").evaluate(
        "grid => Number(document.getElementById(grid.getAttribute('aria-activedescendant'))?.dataset.trial ?? -1)"
    )


@pytest.mark.timeout(240)  # ten thousand trials are a minute's work for the kernel of a busy machine
def test_ten_thousand_rows_are_sorted_filtered_and_scrolled(lab):
    lab.fill(MANY)
    lab.run_cell(0)
    assert lab.cell_errors() == []
    board, total = Dashboard(lab), lab.eval("len(board._publisher.look(lambda history: history.trials))")
    caption, grid = board.node.locator(".tw-tools .tw-more").first, board.node.get_by_role("grid")
    newest = f"The newest 100 of {total:,} trials; scroll, sort or filter for all"
    board.wait(lambda: caption.inner_text() == newest, "the newest rows", 30)
    grid.hover()
    lab.page.mouse.wheel(0, 300)
    board.wait(lambda: caption.inner_text() == f"{total:,} trials", "all rows", 30)
    board.node.locator(".tw-scroll").evaluate("node => { node.scrollTop = 0; }")
    assert grid.get_attribute("aria-rowcount") == str(total + 1)
    assert board.rows().count() < 60, "only rows in sight are elements"
    rest, rolled = board.node.evaluate(ROLL, 0), board.node.evaluate(ROLL, 500)
    assert rolled["bare"] == []
    assert rolled["top"] == 40 * 500
    assert rolled["times"][20] < 3 * rest["times"][20] + 30, "milliseconds a frame, beside those of a page at rest"
    board.node.get_by_role("button", name="val_accuracy").click()
    best = lab.eval(
        "board._publisher.look(lambda h: max((t for t in h.trials.values() if t.value is not None), "
        "key=lambda t: (t.value, -t.number)).number)"
    )
    board.wait(lambda: board.rows().first.get_attribute("data-trial") == str(best), "the best of all rows first")
    board.node.get_by_role("searchbox").fill("failed")
    failed = lab.eval("board._publisher.look(lambda h: h.counts['failed'])")
    board.wait(lambda: caption.inner_text() == f"{failed:,} of {total:,} trials", "those that failed")
    board.node.get_by_role("searchbox").fill("")
    board.node.locator('.tw-sort[data-column="Trial"]').click()
    board.wait(lambda: board.rows().first.get_attribute("data-trial") == str(total - 1), "the newest first")
    grid.press("End")
    board.wait(lambda: at(board) == 0, "the last row")
    grid.press("PageUp")
    page = at(board)
    assert 5 < page < 20
    grid.press("ArrowUp")
    assert at(board) == page + 1
    grid.press("Enter")
    board.wait(lambda: lab.eval("board.selected") == [page + 1], "the selection")
    lab.exec("view.play()")
    board.wait(lambda: "10,000 trials" in caption.inner_text(), "the rest of the trials")
    assert (at(board), board.chosen()) == (page + 1, [page + 1]), (
        "the keyboard's row and the selection survive an update"
    )
    grid.press("Home")
    assert at(board) == 9999
    grid.press("ArrowDown")
    assert at(board) == 9998
    assert lab.js("return nb.widgets.length;") == 4
    assert lab.complaints() == []


def test_a_failed_trial_shows_its_traceback_and_output(lab, pictures):
    lab.exec("import shutil; shutil.rmtree('tune_runs/opened', ignore_errors=True)")
    lab.fill(FAILING)
    lab.run_cell(0, 120)
    assert lab.cell_errors() == []
    board = Dashboard(lab)
    panel = board.node.locator(".tw-panel")
    board.node.locator('[data-card="table"]').scroll_into_view_if_needed()
    board.wait(lambda: board.rows().count() == 3, "the rows")
    number = lab.eval("next(t.number for t in search.history.trials.values() if t.state == 'failed')")
    board.node.locator(f'tr[data-trial="{number}"]').click()
    trace = panel.locator("summary", has_text="Traceback: ValueError: too narrow <img")
    board.wait(trace.is_visible, "the last line of the traceback")
    trace.click()
    assert "in objective" in panel.get_by_label("Traceback").inner_text()
    panel.locator("summary", has_text="Output, the end of").click()
    printed = panel.get_by_label("Output")
    board.wait(lambda: "line 399 <b>bold</b>" in printed.inner_text(), "the end of the output")
    assert "line 0 " not in printed.inner_text()
    panel.get_by_role("button", name="Show more").click()
    board.wait(lambda: "epoch 1, line 0 <b>" in printed.inner_text(), "all of it")
    for theme in ("dark", "light"):
        lab.theme(theme)
        lab.picture(0, pictures / f"opened-{theme}.png", ".tw-dashboard")
    assert panel.locator("img, b b").count() == 0
    lab.exec("board.selected = [0, 1, 2]")
    heads = panel.locator(".tw-side thead")
    board.wait(lambda: all(f"Trial {n}" in heads.inner_text() for n in range(3)), "trials side by side")
    board.wait(lambda: panel.locator(".tw-courseline").count() == 2, "the curves of those that have any")
    assert lab.complaints() == []
