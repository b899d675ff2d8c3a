"""What a newcomer meets: every notebook runs and leaves a page that shows its result; the README says what there is."""

import ast
import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest

import tunewidgets as tw
from tunewidgets import tuning
from tunewidgets.figures import CARDS, draw
from tunewidgets.history import Ended, Goal, History, Limits, Opened, Place, Started
from tunewidgets.magic_line import VERBS, parse
from tunewidgets.samplers import SAMPLERS
from tunewidgets.schedules import SCHEDULES
from tunewidgets.space import Space
from tunewidgets.strategy import PRESETS

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def run(notebook, page):
    return subprocess.run(
        [sys.executable, str(ROOT / "notebooks" / "run.py"), str(notebook), str(page)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        cwd=page.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def a_notebook(path, *sources):
    about = {"cell_type": "code", "execution_count": None, "metadata": {"tags": ["result"]}, "outputs": []}
    cells = [{**about, "id": f"cell-{number}", "source": source} for number, source in enumerate(sources)]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def check_quickstart(said, page):
    accuracy = re.search(r"^held-out test accuracy: (0\.\d{3})$", said, re.MULTILINE)
    assert accuracy is not None, said
    assert float(accuracy.group(1)) >= 0.93
    config = r"\{'units': (\d+), 'dropout': 0\.\d, 'learning_rate': 0\.\d+\}"
    best = re.search(rf"^best configuration: {config}$", said, re.MULTILINE)
    assert best is not None, said
    assert int(best.group(1)) in range(32, 513, 32)
    assert re.search(r"^trial \d+: pruned at rung [01] .* ranks \d+ of \d+", said, re.MULTILINE)

    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=[\"']?https?:", page)
    assert page.count("<b>build_model</b>: finished, 17 of 17 trials") == 1, "the last state, and only once"
    assert "starting, 0 of 17" not in page
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) == 2, "the trials and the brackets"
    assert "69 of 69 epochs" in pictures[1]
    assert "oneDNN" not in page


def check_strategies(said, page):
    best = dict(re.findall(r"^(\w+) +\d+ +\d+ +\d+ +(0\.\d+)$", said, re.MULTILINE))
    assert list(best) == ["random", "gp", "tpe", "hyperband", "asha", "bohb"]
    assert all(float(accuracy) > 0.85 for accuracy in best.values())
    assert re.search(r"^random, trial 14: drawn at random from the space$", said, re.MULTILINE)
    assert re.search(r"^gp, trial 14: .*predicted 0\.\d+ ± 0\.\d+", said, re.MULTILINE)
    assert re.search(r"^hyperband, trial \d+: pruned at rung [01] .* ranks \d+ of \d+", said, re.MULTILINE)
    assert page.count("<b>bohb</b>: finished, 34 of 34 trials") == 1


CHECKS = {"00_quickstart": check_quickstart, "01_strategies": check_strategies}
MARKS = {
    "00_quickstart": [pytest.mark.keras, pytest.mark.process, pytest.mark.timeout(300)],
    "01_strategies": [pytest.mark.process, pytest.mark.timeout(300)],
}


@pytest.mark.parametrize("notebook", [pytest.param(path, id=path.stem, marks=MARKS[path.stem]) for path in NOTEBOOKS])
def test_a_notebook_runs_and_its_page_shows_the_result(notebook, tmp_path):
    page = tmp_path / "page.html"
    ran = run(notebook, page)
    assert ran.returncode == 0, ran.stderr
    CHECKS[notebook.stem](ran.stdout, page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_clean(notebook):
    stored = json.loads(notebook.read_text(encoding="utf-8"))
    assert (stored["nbformat"], stored["nbformat_minor"]) == (4, 5)
    assert set(stored["metadata"]) == {"kernelspec", "language_info"}
    names = [cell["id"] for cell in stored["cells"]]
    assert len(set(names)) == len(names)
    code = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_a_second_run_begins_in_an_empty_directory(tmp_path):
    page = tmp_path / "page.html"
    notebook = a_notebook(tmp_path / "n.ipynb", "import os; print(sorted(os.listdir()))", "open('left', 'w').close()")
    for _ in range(2):
        ran = run(notebook, page)
        assert ran.returncode == 0, ran.stderr
        assert "['kernel.log']" in ran.stdout


def test_a_directory_that_no_run_has_made_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    ran = run(a_notebook(tmp_path / "n.ipynb", "1"), tmp_path / "mine.html")
    assert ran.returncode == 2
    assert "must not exist or be left from an earlier run" in ran.stderr
    assert (tmp_path / "mine").exists()


def test_a_cell_that_fails_ends_the_run_with_its_error(tmp_path):
    page = tmp_path / "page.html"
    ran = run(a_notebook(tmp_path / "n.ipynb", "1 / 0", "open('never', 'w')"), page)
    assert ran.returncode == 1
    assert "ZeroDivisionError: division by zero" in ran.stderr
    assert not page.exists()
    assert not (tmp_path / "page" / "never").exists()


BEGIN = """
import os, time
import tunewidgets as tw

def slow(trial):
    with open("{pid}", "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)
    return 1.0

search = tw.tune(slow, tw.Space(x=tw.Float(0, 1)), direction="min", trials=2, workers=1, show=False)
"""
WAIT = """
while not (os.path.exists("{pid}") and open("{pid}").read()):
    time.sleep(0.05)
1 / 0
"""


@pytest.mark.process
def test_a_run_that_fails_leaves_no_search_behind(tmp_path):
    pid = tmp_path / "pid"
    ran = run(a_notebook(tmp_path / "n.ipynb", BEGIN.format(pid=pid), WAIT.format(pid=pid)), tmp_path / "page.html")
    assert "ZeroDivisionError" in ran.stderr
    lease = json.loads((tmp_path / "page" / "tune_runs" / "slow" / "lease.json").read_text())
    assert not alive(lease["pid"]), "the coordinator"
    assert not alive(int(pid.read_text())), "the leg"


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# --- the README ----------------------------------------------------------------------------------------------------


def test_the_readmes_commands_exist():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    asked = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    assert {"demo", "test", "lab"} <= asked <= set(targets)


def test_the_readmes_links_and_pictures_exist():
    links = re.findall(r"\]\(([^)#]+)\)", README) + re.findall(r"(?:src|srcset)=\"([^\"]+)\"", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_lists_every_card_in_the_dashboards_order():
    part = README.split("## The dashboard")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) == list(CARDS)


def test_the_readmes_own_card_draws():
    (code,) = re.findall(r"```py\n(@tw\.card.+?)\n\nsearch\.dashboard", README, re.DOTALL)
    made = {"tw": tw}
    exec(code, made)
    history = History()
    history.append(Opened(0, Space(), Limits(), (Goal("loss", "min"),)), 0.0)
    history.append(Started(0, {}, Place(0, 0, None)), 1.0)
    history.append(Ended(0, 1, "completed", Place(0, 0, None), 0.5), 3.0)
    assert draw(made["seconds"], history).figure["data"] == [{"type": "bar", "x": [0], "y": [2.0]}]


def test_the_readmes_objective_that_reports_runs_and_goes_on_from_what_it_saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tw, "tune", partial(tw.tune, executor="inline", show=False, seed=1))
    (code,) = re.findall(r"```py\n(def network.+?)```", README, re.DOTALL)
    made = {"tw": tw}
    exec(code, made)
    search = made["search"].wait()
    assert search.history.counts.keys() == {"completed", "pruned"}
    assert search.best.step == 9
    assert search.best_value == pytest.approx(1 - (1 - search.best_config["rate"]) ** 18)
    promoted = next(trial for trial in search.history.trials.values() if trial.attempt == 3)
    reports = search.history.reports(promoted.number)
    assert [report.step for report in reports] == list(range(1, 10))
    losses = [(1 - promoted.config["rate"]) ** (2 * report.step) for report in reports]
    assert [report.metrics["loss"] for report in reports] == pytest.approx(losses)


def test_the_readmes_magic_lines_are_understood():
    lines = re.findall(r"^%tune (.+)$", README, re.MULTILINE)
    assert [parse(line).options.max_budget for line in lines] == [9]
    assert all(f"`{verb}`" in README or f"`%tune {verb}`" in README for verb in VERBS)


def test_the_readmes_magic_line_is_the_quickstarts():
    cells = json.loads((ROOT / "notebooks" / "00_quickstart.ipynb").read_text(encoding="utf-8"))["cells"]
    source = next("".join(cell["source"]) for cell in cells if cell["id"] == "search")
    line = re.search(r"%tune (.+)", source.replace("\\\n", " ")).group(1)
    shown = re.search(r"^%tune (.+)$", README, re.MULTILINE).group(1)
    assert line.split() == [*shown.split(), "--seed", "1"]


@pytest.mark.process
def test_the_readmes_python_example_runs(tmp_path):
    (example,) = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    assert len(example.strip().splitlines()) == 10
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stderr
    best = re.fullmatch(r"\{'C': [\d.]+, 'gamma': [\d.e-]+\} (0\.9\d+)\n", ran.stdout)
    assert best is not None, ran.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["tune_runs"]


def test_the_readmes_strategies_can_be_asked_for(tmp_path, monkeypatch):
    asked = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tuning, "_place", lambda request, *_rest: asked.append(request))
    monkeypatch.setattr(tuning, "known_before", lambda *_given: ())  # there was no search last week
    lines = re.findall(r"^tw\.tune\(.+\)", README, re.MULTILINE)
    space = tw.Space(x=tw.Float(0.0, 1.0))
    limited = {"show": False, "trials": 20}
    for line in lines:
        call = ast.parse(line, mode="eval").body
        given = {
            word.arg: eval(compile(ast.Expression(word.value), "README", "eval"), {"tw": tw}) for word in call.keywords
        }
        tw.tune(lambda trial: trial.report(1, 0.5), space, **limited | given)
    pairs = [tuple(dial.to_json()["name"] for dial in (r.strategy.sampler, r.strategy.schedule)) for r in asked]
    assert pairs == [("tpe", "hyperband"), ("gp", "asha"), *[("gp", "full")] * 4]


def test_the_readme_names_every_sampler_schedule_and_pair():
    for name in {*SAMPLERS, *SCHEDULES, *PRESETS} - {"optuna", "keras_tuner", "patience"}:
        assert f'`"{name}"`' in README, name
    assert all(f"`tw.{kind}(" in README for kind in ("OptunaSampler", "KerasTunerOracle", "Patience"))
