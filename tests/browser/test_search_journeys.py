"""What a person does with a real search, processes and all, in a real JupyterLab and a real Notebook 7."""

import os
import re
import time

import psutil
import pytest
from test_dashboard import Dashboard as Page

pytestmark = [pytest.mark.browser, pytest.mark.process]

DEFINE = """
%load_ext tunewidgets
import time
import tunewidgets as tw
space = tw.Space(rate=tw.Float(1e-4, 1.0, sampling="log"), units=tw.Int(8, 64, step=8))
def network(trial):
    for epoch in trial.steps():
        time.sleep({pace})
        trial.report(epoch, 1 - trial.config["rate"] / epoch - 1 / trial.config["units"])
"""
TUNE = "%tune network --space space --objective accuracy --strategy hyperband --max-epochs 9 --workers 2 --name {name}"


class Dashboard(Page):
    """A dashboard of a function's search: its budget is counted in steps."""

    @property
    def spent(self):
        found = re.search(r"(\d+) of \d+ steps", self.node.locator(".tw-fact .tw-value").first.inner_text())
        return int(found.group(1)) if found else 0


def begin(notebook, name, pace=0.25, *more):
    notebook.fill(DEFINE.format(pace=pace), TUNE.format(name=name), *more)
    notebook.run_cell(0)
    notebook.run_cell(1)
    assert notebook.cell_errors() == []
    board = Dashboard(notebook, 1)
    board.wait(lambda: board.node.count() and board.drawn("brackets"), "the plan, before or with the first trial", 20)
    return board


def folder(notebook, name):
    return notebook.server.root / "tune_runs" / name


def legs(place):
    """The processes of the search's legs that live now."""
    found = []
    for file in place.glob("trials/*/attempt-*.pid"):
        try:
            pid = int(re.search(r"\d+", file.read_text()).group())
        except (OSError, AttributeError):  # it is being written, or was removed just now
            continue
        if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            found.append(pid)
    return found


def coordinators(place):
    wanted = str(place.resolve())
    found = psutil.process_iter(["cmdline"])
    return [p.pid for p in found if wanted in (p.info["cmdline"] or []) and p.pid != os.getpid()]


def test_buttons_act_on_real_processes(front):
    notebook = front
    board = begin(notebook, "buttons")
    place = folder(notebook, "buttons")
    board.wait(lambda: legs(place), "the first legs")
    board.button("Pause").click()
    board.wait(lambda: "Paused" in board.chip, "the pause")
    board.wait(lambda: not legs(place), "the running legs to reach their budgets")
    time.sleep(0.7)  # the last report needs a moment to be drawn; nothing new may start in it either
    spent = board.spent
    time.sleep(0.7)
    assert (legs(place), board.spent) == ([], spent), "nothing new starts while it is paused"
    board.button("Resume").click()
    board.wait(lambda: "Running" in board.chip and board.spent > spent and legs(place), "the search to go on")
    board.button("Stop now").click()
    board.wait(lambda: not legs(place), "the legs to be ended", 3)
    board.wait(lambda: "Stopped" in board.chip, "the end")
    assert notebook.complaints() == []


def test_the_cell_run_twice_shows_the_running_search(front):
    board = begin(front, "twice")
    place = folder(front, "twice")
    board.wait(lambda: board.spent > 0, "the first epochs")
    first = coordinators(place)
    front.run_cell(1)
    again = Dashboard(front, 1)
    again.wait(lambda: again.node.count() and again.spent > 0, "the same search again")
    assert front.cell_errors() == []
    assert coordinators(place) == first
    assert [path.name for path in place.parent.iterdir() if path.name.startswith("twice")] == ["twice"]
    again.wait(lambda: "Finished" in again.chip, "its end", 40)


def test_a_kernel_restart_leaves_the_search_running_and_attach_brings_it_back(front):
    board = begin(front, "restart", 0.3)
    board.wait(lambda: board.spent > 2, "the first epochs")
    before = coordinators(folder(front, "restart"))
    front.js("await kernel.restart(); return null;")
    front.fill(
        "%load_ext tunewidgets\n%tune attach restart", "search = %tune attach restart\nsearch.wait().best_config"
    )
    front.wait_idle()
    front.run_cell(0)
    board = Dashboard(front, 0)
    board.wait(lambda: board.node.count() and board.drawn("trials") and board.spent > 3, "the dashboard", 20)
    assert coordinators(folder(front, "restart")) == before, "the very process that was there before the restart"
    board.wait(lambda: "Finished" in board.chip, "the end of the search", 60)
    assert front.cell_errors() == []


def test_what_a_trial_prints_and_breaks_stays_with_it(lab):
    lab.fill(
        "import tunewidgets as tw\n"
        "def noisy(config):\n"
        "    print('shouting', config['x'])\n"
        "    return 1 / config['x']\n"
        "search = tw.tune(noisy, tw.Space(x=tw.Int(0, 3)), sampler='grid', direction='min', name='noisy')",
        "print(search.wait().log(2))",
    )
    lab.run_cell(0)
    lab.run_cell(1)
    board = Dashboard(lab, 0)
    board.wait(lambda: "Finished" in board.chip and board.rows().count() == 4, "the end")
    assert "shouting" not in str(lab.outputs(0))
    assert "shouting 2" in str(lab.outputs(1))
    failed = board.node.locator('tbody tr[data-trial="0"]')
    assert "ZeroDivisionError: division by zero" in failed.inner_text()


KERAS = """
%load_ext tunewidgets
from sklearn.datasets import load_digits
digits = load_digits()
x_train, y_train = (digits.data / 16).astype("float32")[:1400], digits.target[:1400]
def build_model(hp):
    import keras
    model = keras.Sequential([
        keras.Input((64,)),
        keras.layers.Dense(hp.Int("units", 32, 512, step=32), activation="relu"),
        keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1)),
        keras.layers.Dense(10, activation="softmax"),
    ])
    rate = hp.Choice("learning_rate", [1e-2, 1e-3, 1e-4])
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
LINE = (
    "%tune build_model --data x_train y_train --objective val_accuracy --strategy hyperband --max-epochs 9 "
    "--workers 2 --seed 3"
)


@pytest.mark.keras
@pytest.mark.timeout(180)
def test_a_keras_search_from_its_first_line_to_its_best_model(lab, pictures):
    lab.fill(
        KERAS,
        LINE,
        "import time; time.sleep(5)",
        "search = %tune attach\nsearch.wait().best_model().count_params() > 2000",
    )
    lab.run_cell(0)
    began = time.monotonic()
    lab.start_cell(1)
    board = Page(lab, 1)
    board.wait(lambda: board.node.count() and board.drawn("brackets"), "the plan, while the builder is probed", 20)
    shown = time.monotonic() - began
    lab.wait_idle()
    lab.start_cell(2)
    board.wait(lambda: board.spent > 8 and board.drawn("curves"), "the first epochs", 90)
    lab.wait_idle()
    for theme in ("dark", "light"):
        lab.theme(theme)
        lab.page.wait_for_timeout(500)
        lab.picture(1, pictures / f"keras-{theme}.png", ".tw-dashboard")
    board.wait(lambda: "Finished" in board.chip and board.settled == 17, "the end", 90)
    lab.page.wait_for_timeout(500)
    lab.picture(1, pictures / "keras-finished-light.png", ".tw-dashboard")
    lab.run_cell(3)
    assert lab.cell_errors() == []
    assert "True" in str(lab.outputs(3))
    assert lab.complaints() == []
    assert shown < 10, f"the plan was drawn after {shown:.1f} s"
