"""Which search is meant where none is named, and a list of searches that no search can break."""

import gc
import json
import os
import sqlite3
import time
from contextlib import closing

import psutil
import pytest
from scenes import wait_until

import tunewidgets as tw
from tunewidgets.finding import awake
from tunewidgets.runner.spec import Spec
from tunewidgets.store import SqliteStore
from tunewidgets.store.folder import SearchFolder


def square(config):
    return config["x"] ** 2


def slow(trial):
    for step in trial.steps():
        time.sleep(0.02)
        trial.report(step, trial.config["x"])


def tune(target, runs, **options):
    space = tw.Space(x=tw.Int(0, 3))
    defaults = {"sampler": "grid", "direction": "min", "workers": 1, "directory": runs, "show": False}
    return tw.tune(target, space, **(defaults | options))


def inline(runs, name):
    return tune(square, runs, executor="inline", name=name)


@pytest.fixture
def two(runs):
    """Two searches, all of whose files are old; the second one's are newer."""
    for age, name in ((200, "first"), (100, "second")):
        search = inline(runs, name).wait()
        then = time.time() - age
        for path in search.folder.iterdir():
            os.utime(path, (then, then))
    assert tw.attach(directory=runs, show=False).name == "second"
    return runs


def test_a_commit_to_the_write_ahead_log_is_a_change(two):
    with closing(SqliteStore(two / "first", write=True, journal="wal")):
        assert (two / "first" / "search.sqlite").stat().st_mtime < time.time() - 150
        assert tw.attach(directory=two, show=False).name == "first"
        assert list(tw.searches(two)["name"]) == ["second", "first"]


@pytest.mark.parametrize("file", ["commands.sqlite", "lease.json", "search.sqlite"])
def test_a_command_and_a_sign_of_life_are_changes(two, file):
    (two / "first" / file).touch()
    assert tw.attach(directory=two, show=False).name == "first"


@pytest.mark.process
def test_the_search_that_runs_is_the_last_one_and_not_the_one_begun_last(runs):
    running = tune(slow, runs, schedule=tw.Full(400), name="running")
    wait_until(lambda: len(running.reports) > 0)
    inline(runs, "later").wait()
    wait_until(lambda: tw.attach(directory=runs, show=False).name == "running", 5.0)
    assert awake(runs) == ["running"]
    running.stop(now=True).wait(20)
    assert awake(runs) == []


def test_awake_are_those_that_are_not_at_rest(runs):
    assert awake(runs) == []
    inline(runs, "done").wait()
    inline(runs, "one")
    inline(runs, "two")
    (runs / "broken").mkdir()
    (runs / "broken" / "spec.json").write_text("{")
    assert awake(runs) == ["one", "two"]


def test_a_search_that_cannot_be_understood_is_a_row_like_others(runs):
    inline(runs, "fine").wait()
    odd = inline(runs, "odd").wait()
    with closing(sqlite3.connect(odd.folder / "search.sqlite")) as file, file:
        file.execute("UPDATE events SET body = replace(body, '\"Int\"', '\"Quaternion\"') WHERE seq = 0")
    table = tw.searches(runs).set_index("name")
    assert table.loc["fine", "status"] == "finished"
    assert table.loc["odd", "status"].startswith("cannot be read: ")
    assert "Quaternion" in table.loc["odd", "status"]
    assert awake(runs) == []


def test_listing_searches_leaves_no_file_open(runs):
    inline(runs, "one").wait()
    inline(runs, "two")
    gc.collect()
    gc.disable()
    try:
        before = psutil.Process().num_fds()
        for _ in range(3):
            tw.searches(runs)
            awake(runs)
        assert psutil.Process().num_fds() == before
    finally:
        gc.enable()


def test_a_search_of_an_earlier_version_can_be_read_and_goes_on(runs):
    old = inline(runs, "old").wait()
    spec = json.loads((old.folder / "spec.json").read_text())
    (metric, direction), *_ = spec.pop("goals")
    for field in ("constraints", "known", "stop_when"):
        del spec[field]
    spec |= {"format": 1, "metric": metric, "direction": direction}
    (old.folder / "spec.json").write_text(json.dumps(spec))
    again = tw.attach("old", runs, show=False)
    assert again.best_config == old.best_config
    assert Spec.read(SearchFolder(old.folder)).goals == ((metric, direction),)
    before = len(again.trials)
    assert len(again.extend(trials=before + 1).wait().trials) >= before
