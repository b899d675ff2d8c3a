"""%tune in a real IPython shell without a kernel: text only, and every verb acts on a real search."""

import os
import subprocess
import sys

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from scenes import legs, lives, wait_until

import tunewidgets as tw

SETUP = """
import time
import tunewidgets as tw
space = tw.Space(x=tw.Int(0, 3))
def square(config):
    return config["x"] ** 2
def slow(trial):
    for step in trial.steps():
        time.sleep(0.03)
        trial.report(step, trial.config["x"])
def asleep(config):
    time.sleep(600)
number = 3
"""


@pytest.fixture
def shell(tmp_path, monkeypatch, runs):
    """A shell of its own, in a folder of its own; searches live in `runs`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shell = InteractiveShell()  # not the singleton: nothing of it outlives the test
    shell.history_manager.enabled = False
    shell.run_line_magic("load_ext", "tunewidgets")
    shell.run_cell(SETUP)
    yield shell
    shell.history_manager.end_session()
    shell.history_manager = None
    shell.atexit_operations = lambda: None


@pytest.fixture
def tune(shell, runs):
    """Run a line of %tune; searches are told where to live."""
    return lambda line: shell.run_line_magic("tune", f"{line} --directory '{runs}'")


def refused(tune, line):
    with pytest.raises(UsageError) as caught:
        tune(line)
    return str(caught.value)


@pytest.mark.process
def test_start_wait_best_and_list(tune, capsys, runs):
    search = tune("square --space space --sampler grid --direction min --workers 1 --wait")
    assert isinstance(search, tw.Search)
    assert (search.name, search.status) == ("square", "finished")
    assert search.history.counts == {"completed": 4}
    assert tune("best") == {"x": 0}
    assert capsys.readouterr().out == "square: value 0, trial 0\n"
    table = tune("list")
    assert list(table["name"]) == ["square"]
    assert tune("attach").name == "square"
    assert tune("attach square").best_value == 0.0
    again = tune("square --space space --sampler grid --direction min --workers 1")
    assert again.history.entries == search.history.entries
    changed = refused(tune, "square --space space --sampler grid --direction max --workers 1")
    assert changed.startswith("%tune: a search named 'square' exists and is not the same (finished); choose: ")


@pytest.mark.process
def test_pause_resume_and_stop_act_on_the_search_handled_last(tune, capsys):
    search = tune("slow --space space --sampler grid --direction min --schedule full --max-budget 4 --workers 1")
    assert search.status in ("starting", "running")
    assert tune("best") is None
    assert tune("pause") is None
    wait_until(lambda: search.status == "paused" and not search.history.running)
    tune("resume")
    wait_until(lambda: search.history.running)
    tune("stop")
    assert search.wait(20).status == "stopped"
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "slow: no trial has come to a value yet",
        *(f"slow: {verb} asked" for verb in ("pause", "resume", "stop")),
    ]


@pytest.mark.process
def test_stop_now_ends_what_sleeps(tune):
    search = tune("asleep --space space --direction min --trials 2 --workers 2 --seed 1 --name nap")
    wait_until(lambda: len(legs(search)) == 2)
    tune("stop nap --now")
    assert search.wait(10).status == "stopped"
    wait_until(lambda: not lives(search))


def test_a_rule_for_each_trial_can_be_asked_for(tune):
    assert refused(tune, "slow --space space --direction min --schedule patience --max-epochs 4") == (
        "%tune: patience needs --steps, how long to wait for an improvement, such as --steps 5"
    )
    words = refused(tune, "slow --space space --direction min --schedule patience")
    assert "or %tune --schedule patience --steps 5" in words
    words = refused(tune, "slow --space space --direction min --schedule median --steps 3")
    assert words == "%tune: median has no setting --steps; choose --schedule patience"


@pytest.mark.process
def test_settings_of_the_strategy_reach_it(tune):
    line = "slow --space space --direction min --strategy hyperband --max-epochs 4 --factor 2 --arithmetic printed"
    search = tune(f"{line} --workers 1 --seed 3 --trials 1 --if-exists new")
    opened = search.wait(20).history.opened
    assert opened.strategy["schedule"] == tw.Hyperband(4, 2, arithmetic="printed").to_json()
    assert (opened.seed, opened.workers, opened.limits.trials) == (3, 1, 1)


def test_errors_name_the_argument_and_the_cure(tune):
    assert refused(tune, "sqare --space space") == (
        "%tune: the target names 'sqare', and the notebook has no such variable: run its cell first; "
        "did you mean 'square'?"
    )
    assert refused(tune, "stpo").endswith("run its cell first; did you mean 'stop'?")
    assert "--space names 'spcae', and the notebook has no such variable" in refused(tune, "square --space spcae")
    assert refused(tune, "square --space number") == "%tune: --space number must be a tw.Space, not int"
    assert refused(tune, "square --spce space").startswith("%tune: there is no option --spce; did you mean --space?")
    assert "give direction='min' or direction='max'" in refused(tune, "square --space space --trials 2")
    assert "a space is needed" in refused(tune, "square --direction min")
    assert "did you mean 'hyperband'?" in refused(tune, "square --space space --direction min --strategy hyperbnd")
    words = refused(tune, "square --space space --direction min --strategy hyperband --max-epochs 9")
    assert "this objective tells its value only at the end" in words
    words = refused(tune, "slow --space space --direction min --strategy random --factor 3")
    assert words == "%tune: full has no setting --factor; choose --schedule successive_halving or hyperband or asha"
    words = refused(tune, "slow --space space --direction min --schedule hyperband --min-budget 3 --iterations 2")
    assert words == "%tune: hyperband has no setting --min-budget"
    for line in (
        "--strategy hyperbnd --factor 3",
        "--schedule hyperbnd --factor 3",
        "--schedule hyperbnd --max-epochs 9",
    ):
        assert "did you mean 'hyperband'?" in refused(tune, f"slow --space space --direction min {line}")
    assert "what is tuned must be a function or an objective; int 3 came" in refused(tune, "number --space space")
    assert "there is no search in" in refused(tune, "pause")
    assert "there is no search in" in refused(tune, "attach digits")


def test_data_that_are_missing_or_too_many_are_refused_with_the_cure(shell, tune):
    shell.run_cell("from sklearn.svm import SVC\nsvc, x, y, z = SVC(), [[0], [1]], [0, 1], 3\ndef build(hp): ...")
    assert refused(tune, "svc --space space") == "%tune: the estimator 'svc' needs its data: add --data X y"
    too_many = (
        "%tune: --data takes x and y, two names; 3 came (x, y, z): what is validated on goes to --validation-data"
    )
    assert refused(tune, "svc --data x y z --space space") == too_many
    assert refused(tune, "build --data x y z") == too_many
    assert refused(tune, "build") == "%tune: 'build' builds a model, which needs its data: add --data x y"
    assert "the class SVC came. Cure: make an instance of it" in refused(tune, "SVC --space space")


@pytest.mark.parametrize("verb", ["stop", "pause", "resume"])
def test_without_a_name_a_fresh_kernel_asks_which_of_several_is_meant(shell, tune, capsys, runs, verb):
    space = tw.Space(x=tw.Int(0, 3))
    one, two = (
        tw.tune(lambda config: config["x"], space, sampler="grid", direction="min", executor="inline", name=name,
                directory=runs, show=False)
        for name in ("one", "two")
    )  # fmt: skip
    assert refused(tune, verb) == (
        f"%tune: {verb} which one? 2 searches are not at rest: one, two; name it, as in %tune {verb} two"
    )
    two.wait()
    assert tw.attach(directory=runs, show=False).name == "two"
    tune(verb)
    tune(f"{verb} two")
    tune(verb)
    asked = [f"{name}: {verb} asked" for name in ("one", "two", "two")]
    assert capsys.readouterr().out.splitlines() == asked
    assert [len(search.view._store.commands(0)) for search in (one, two)] == [1, 2]


def test_another_folder_is_not_the_one_of_the_search_handled_last(shell, tune, runs):
    tw.tune(lambda config: 1.0, tw.Space(x=tw.Int(0, 3)), direction="min", executor="inline", trials=2, name="one",
            directory=runs, show=False)  # fmt: skip
    assert tune("attach").name == "one"
    inside = os.path.relpath(runs)
    assert shell.run_line_magic("tune", f"attach --directory '{inside}'").name == "one"
    for verb in ("stop", "attach", "best"):
        with pytest.raises(UsageError, match="there is no search in 'elsewhere' yet"):
            shell.run_line_magic("tune", f"{verb} --directory elsewhere")
    assert shell.run_line_magic("tune", "attach").name == "one"  # without a folder: the last one, wherever it lives


def test_nothing_is_left_behind_by_a_refusal(tune, runs):
    for line in ("square --space space", "number --space space", "square --space space --direction min --keep 3"):
        refused(tune, line)
    assert not runs.exists()


def test_help_is_printed(shell, capsys):
    assert shell.run_line_magic("tune", "--help") is None
    text = capsys.readouterr().out
    assert text.startswith("%tune TARGET [options]      start a search over TARGET and show its dashboard\n")
    assert "--if-exists {attach,replace,new}" in text
    assert shell.run_line_magic("tune", "") is None
    assert capsys.readouterr().out == text
    assert shell.run_line_magic("tune", "stop --help") is None
    assert "--now" in capsys.readouterr().out


TERMINAL = """
%load_ext tunewidgets
import tunewidgets as tw
space = tw.Space(x=tw.Int(0, 3))
def square(config): return config["x"] ** 2

search = %tune square --space space --sampler grid --direction min --workers 1 --wait
search
%tune best
%tune nonsense
print("widgets", "ipywidgets" in __import__("sys").modules)
"""


@pytest.mark.process
def test_a_plain_terminal_works_with_text(tmp_path, runs):
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor", "--no-confirm-exit"],
        input=TERMINAL,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "square: finished, 4 trials done, best value 0 (trial 0: x=0)" in done.stdout
    assert "square: value 0, trial 0" in done.stdout
    assert "{'x': 0}" in done.stdout
    assert "UsageError: %tune: the target names 'nonsense'" in done.stdout + done.stderr
    assert "widgets False" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
