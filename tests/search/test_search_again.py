"""The same cell run again, searches found again, and what a search gives: tables, models, output."""

import importlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from scenes import coordinator, lives, run_python, wait_until

import tunewidgets as tw
from tunewidgets.objectives import as_objective
from tunewidgets.objectives.fingerprint import fingerprint
from tunewidgets.store.lease import read_lease

process = pytest.mark.process

CELL = '''
import abc, dataclasses
import numpy as np
import tunewidgets as tw

SCALE = 2.0
TABLE = np.linspace(0.0, 1.0, 50_000)
KINDS = {"adam", "sgd", "rmsprop", "lion"}

class Net(abc.ABC):
    """A little model."""

    depth = 3

    def score(self, x):
        return SCALE * x + Net.depth

@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    size: float = 0.5

def fall(x):
    return fall(x - 1) if x > 9 else x - Step(0.0).size

def helper(x):
    return Net().score(fall(x)) + float(TABLE[0])

def objective(config, net=Net):
    # a comment
    names = [name for name in sorted(KINDS) if name in {"adam", "sgd", "lion"}]
    return helper(config["x"]) + len(names)
'''


def run_cell(text=CELL, name="<ipython-input-1>"):
    namespace = {"__name__": "__main__"}
    exec(compile(text, name, "exec"), namespace)
    return namespace["objective"]


def digest(text=CELL, name="<ipython-input-1>"):
    return fingerprint(as_objective(run_cell(text, name)))


# --- what counts as the same -----------------------------------------------------------------------------------------


def test_the_same_cell_is_the_same_wherever_and_whenever_it_is_run(tmp_path):
    here = digest()
    assert len(here) == 32
    assert digest(name="/tmp/ipykernel_7/123.py") == here
    assert digest("\n\n\n" + CELL.replace("    # a comment\n", "    # another one, longer\n\n")) == here
    (tmp_path / "cell.py").write_text(CELL)
    code = """
        import sys
        from tunewidgets.objectives import as_objective
        from tunewidgets.objectives.fingerprint import fingerprint
        exec(compile(open("cell.py").read(), "<ipython-input-5>", "exec"), globals())
        print(fingerprint(as_objective(objective)))
    """
    others = {run_python(code, cwd=tmp_path, PYTHONHASHSEED=str(seed)).strip() for seed in (1, 2, 3)}
    assert others == {here}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SCALE = 2.0", "SCALE = 2.5"),
        ("return SCALE * x", "return SCALE + x"),
        ("depth = 3", "depth = 4"),
        ("x > 9", "x > 8"),
        ("size: float = 0.5", "size: float = 0.4"),
        ("float(TABLE[0])", "float(TABLE[1])"),
        ("len(names)", "len(names) + 1"),
        ("linspace(0.0, 1.0, 50_000)", "linspace(0.0, 1.1, 50_000)"),
        ('KINDS = {"adam"', 'KINDS = {"adamw"'),
        ('name in {"adam", "sgd", "lion"}', 'name in {"adam", "sgd"}'),
        ("net=Net", "net=int"),
        ("names = [name for name in sorted(KINDS)", "names = [name for name in sorted(KINDS, key=len)"),
    ],
)
def test_whatever_changes_the_value_makes_another(old, new):
    assert old in CELL
    assert digest(CELL.replace(old, new)) != digest()


def test_data_are_told_by_their_content():
    x, y = np.arange(60_000.0).reshape(-1, 3), np.arange(20_000) % 2
    from sklearn.linear_model import LogisticRegression

    def of(*data, **options):
        return fingerprint(tw.SklearnObjective(LogisticRegression(), *data, **options))

    assert of(x.copy(), y.copy()) == of(x, y)
    changed = x.copy()
    changed[7, 1] += 1e-9
    assert len({of(x, y), of(changed, y), of(x, y[::-1]), of(x, y, cv=3), of(x.astype("float32"), y)}) == 5


# --- if_exists -------------------------------------------------------------------------------------------------------


def tune(target, runs, **options):
    space = tw.Space(x=tw.Int(0, 9))
    defaults = {"sampler": "grid", "direction": "min", "workers": 1, "directory": runs, "show": False}
    return tw.tune(target, space, **(defaults | options))


@process
def test_the_cell_run_again_shows_the_search_and_starts_no_second_one(runs):
    slow = CELL.replace("    names =", "    import time; time.sleep(0.05)\n    names =")
    first = tune(run_cell(slow), runs)
    wait_until(lambda: lives(first))
    again = tune(run_cell(slow, "<ipython-input-2>"), runs)
    assert again.folder == first.folder == runs / "objective"
    assert coordinator(again) == coordinator(first)
    again.wait(30)
    third = tune(run_cell(slow, "<ipython-input-3>"), runs)
    assert third.status == "finished"
    assert read_lease(third.folder).epoch == 1
    assert [path.name for path in runs.iterdir()] == ["objective"]
    assert len(third.history.trials) == 10


def test_a_changed_cell_asks_and_the_message_names_the_choices(runs):
    options = {"executor": "inline"}
    first = tune(run_cell(), runs, **options).wait()
    changed = run_cell(CELL.replace("SCALE = 2.0", "SCALE = 2.5"))
    with pytest.raises(tw.SearchExists) as refused:
        tune(changed, runs, **options)
    assert str(refused.value) == (
        "a search named 'objective' exists and is not the same (finished); choose: if_exists='replace' deletes it, "
        "if_exists='new' keeps it and takes another name, name='...' names this one; "
        "tw.attach('objective') shows the old one"
    )
    for other in ({"trials": 3}, {"seed": 1}, {"direction": "max"}, {"sampler": "sobol"}, {"keep": "all"}):
        with pytest.raises(tw.SearchExists):
            tune(run_cell(), runs, **(options | other))
    assert tune(run_cell(), runs, **options).history.entries == first.history.entries

    beside = tune(changed, runs, if_exists="new", **options).wait()
    assert beside.name == "objective-2"
    assert beside.best_value == first.best_value == 6.0
    assert tune(changed, runs, if_exists="new", **options).name == "objective-3"

    replaced = tune(changed, runs, if_exists="replace", **options)
    assert (replaced.name, replaced.status, dict(replaced.history.trials)) == ("objective", "starting", {})
    assert replaced.wait().history.counts == {"completed": 10}
    assert sorted(path.name for path in runs.iterdir()) == ["objective", "objective-2", "objective-3"]


def test_a_replacement_that_is_refused_leaves_the_old_search_alone(runs):
    first = tune(run_cell(), runs, executor="inline").wait()
    with Path(os.devnull).open() as handle, pytest.raises(tw.PayloadError, match="handle"):
        tune(lambda _config: handle.name, runs, name="objective", if_exists="replace", executor="inline")
    assert tw.attach("objective", runs, show=False).history.entries == first.history.entries
    assert [path.name for path in runs.iterdir()] == ["objective"]


@process
def test_replacing_a_running_search_ends_it(runs):
    slow = CELL.replace("    names =", "    import time; time.sleep(600)\n    names =")
    first = tune(run_cell(slow), runs)
    wait_until(lambda: first.history.running)
    pid = coordinator(first)
    second = tune(run_cell(), runs, if_exists="replace").wait(30)
    assert coordinator(second) != pid
    assert second.history.counts == {"completed": 10}


# --- finding ---------------------------------------------------------------------------------------------------------


def test_attach_finds_by_name_takes_the_last_and_suggests_the_nearest(runs):
    with pytest.raises(tw.SearchNotFound, match=r"there is no search in '.*' yet; start one with tw.tune\(...\)"):
        tw.attach(directory=runs)
    for name in ("digits", "wine"):
        tune(run_cell(), runs, name=name, executor="inline").wait()
    assert tw.attach(directory=runs, show=False).name == "wine"
    assert tw.attach("digits", runs, show=False).best_value == 6.0
    tune(run_cell(), runs, name="later", executor="inline")
    assert tw.attach(directory=runs, show=False).name == "later"
    with pytest.raises(tw.SearchNotFound) as missing:
        tw.attach("digit", runs)
    assert str(missing.value) == (
        f"there is no search 'digit' in {str(runs)!r}; there are 'digits', 'wine', 'later'; did you mean 'digits'?"
    )
    assert isinstance(missing.value, LookupError)


def test_the_list_of_searches(runs):
    empty = tw.searches(runs)
    assert list(empty.columns) == ["name", "status", "trials", "best", "metric", "started", "folder"]
    assert len(empty) == 0
    tune(run_cell(), runs, name="one", executor="inline").wait()
    tune(run_cell(), runs, name="two", executor="inline", objective="val_loss", direction=None)
    (runs / "notes").mkdir()
    (runs / "broken").mkdir()
    (runs / "broken" / "spec.json").write_text("{")
    table = tw.searches(runs).set_index("name")
    assert sorted(table.index) == ["broken", "one", "two"]
    one = table.loc["one"]
    assert (one["status"], one["trials"], one["best"], one["metric"]) == ("finished", 10, 6.0, "value")
    assert str(one["started"].tz) == "UTC"
    assert one["folder"] == str(runs / "one")
    assert table.loc["two", "status"] == "starting"
    assert table.loc["broken", "status"].startswith("cannot be read: ")


# --- what a search gives ---------------------------------------------------------------------------------------------


def train(trial):
    print(f"trial {trial.number}, leg {trial.attempt}")  # noqa: T201 - a user's function prints
    weights = trial.load(default=[])
    for step in trial.steps():
        weights.append(step)
        trial.save({"x": trial.config["x"], "weights": weights} if step == 4 else weights)
        trial.report(step, trial.config["x"] / step, loss=1.0 / step, lr=0.1)


@process
def test_tables_best_model_and_output(runs, capfd):
    space = tw.Space(x=tw.Float(1.0, 2.0), kind=tw.Choice(["a", "b"]), extra=tw.Int(1, 3).when(kind="b"))
    schedule = tw.SuccessiveHalving(max_budget=4, configurations=4, factor=2)
    search = tw.tune(
        train, space, schedule=schedule, objective="loss", seed=3, workers=2, name="table", directory=runs, show=False
    )
    search.wait(30)
    trials = search.trials
    assert list(trials.columns) == [
        "number",
        "state",
        "value",
        "budget",
        "bracket",
        "rung",
        "started",
        "ended",
        "reason",
        "suggested",
        "error",
        "param_x",
        "param_kind",
        "param_extra",
    ]
    assert list(trials["number"]) == [0, 1, 2, 3]
    assert sorted(trials["state"]) == ["completed", "pruned", "pruned", "pruned"]
    assert sorted(trials["budget"]) == [1, 1, 2, 4]
    assert sorted(trials["rung"]) == [0, 0, 1, 2]
    assert set(trials["bracket"]) == {0}
    assert trials["error"].isna().all()
    assert (trials["ended"] >= trials["started"]).all()
    assert str(trials["started"].dt.tz) == "UTC"
    assert trials.loc[trials["param_kind"] == "a", "param_extra"].isna().all()
    winner = trials.loc[trials["state"] == "completed"].iloc[0]
    assert winner["reason"] == "trained to its full budget of 4 steps"
    assert all(reason.startswith("pruned at rung ") for reason in trials.loc[trials["state"] == "pruned", "reason"])

    reports = search.reports
    assert list(reports.columns) == ["trial", "attempt", "step", "value", "loss", "lr"]
    best = reports[reports["trial"] == winner["number"]]
    assert list(best["step"]) == [1, 2, 3, 4]
    assert list(best["attempt"]) == [1, 2, 3, 3]
    assert list(best["loss"]) == [1.0, 0.5, 1 / 3, 0.25]
    assert len(reports) == 4 + 2 + 2

    assert search.best.number == winner["number"]
    assert search.best_config == {key: winner[f"param_{key}"] for key in search.best.config}
    assert search.best_value == winner["value"] == winner["param_x"] / 4
    assert search.best_model() == {"x": winner["param_x"], "weights": [1, 2, 3, 4]}
    number = int(winner["number"])
    assert search.log(number) == "".join(f"trial {number}, leg {leg}\n" for leg in (1, 2, 3))
    assert search.why(number) == "trained to its full budget of 4 steps"
    assert repr(search).startswith("table: finished, 4 of 4 trials, best loss ")
    assert capfd.readouterr() == ("", "")


def test_inline_runs_here_with_the_users_own_objects(runs):
    seen = []
    search = tune(lambda config: seen.append(config["x"]) or float(config["x"]), runs, executor="inline")
    assert (search.status, search.message) == ("starting", "")
    assert seen == []
    assert search.wait() is search
    assert seen == [*range(10)]
    assert search.best_config == {"x": 0}


def test_an_inline_search_interrupted_goes_on_where_it_was(runs):
    calls = []

    def objective(config):
        calls.append(config["x"])
        if calls == [0, 1, 2]:
            raise KeyboardInterrupt
        return config["x"]

    search = tune(objective, runs, executor="inline")
    with pytest.raises(KeyboardInterrupt):
        search.wait()
    assert search.history.counts == {"completed": 2, "running": 1}
    wait_until(lambda: search.status == "interrupted", 2.0)
    assert search.message == (
        "It runs in this process, while search.wait() is called: that goes on from the last result."
    )
    assert search.wait().history.counts == {"completed": 10}
    assert calls == [0, 1, 2, *range(2, 10)]


def test_an_edited_module_of_ones_own_makes_another_search(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    code = "def loss(config):\n    return config['x'] * {}\n"
    (tmp_path / "own_losses.py").write_text(code.format(2))
    own = importlib.import_module("own_losses")
    before = fingerprint(as_objective(own.loss))
    assert fingerprint(as_objective(own.loss)) == before
    (tmp_path / "own_losses.py").write_text(code.format(3))
    os.utime(tmp_path / "own_losses.py", (1, 1))
    importlib.reload(own)
    assert fingerprint(as_objective(own.loss)) != before
    sys.modules.pop("own_losses")
