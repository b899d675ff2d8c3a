"""Searches that cannot be opened, or whose coordinator cannot go on, say why, and go on once that is mended."""

import shutil
import time

import pytest
from scenes import kill_coordinator, wait_until

import tunewidgets as tw
from tunewidgets.history import Entry, Paused
from tunewidgets.store.sqlite import SqliteStore

pytestmark = pytest.mark.process


class Moody(tw.Objective):
    """Knows its space only where a file is."""

    unit = "evaluation"

    def __init__(self, marker):
        self.marker = marker

    def space(self):
        if not self.marker.exists():
            raise tw.ObjectiveError(f"the file {self.marker.name} is missing")
        return tw.Space(x=tw.Int(1, 9))

    def run(self, trial):
        return float(trial.config["x"])

    def model(self, trial_folder, config, seed):
        return config


def test_a_search_that_could_not_be_opened_is_opened_when_it_is_resumed(runs, tmp_path):
    marker = tmp_path / "marker"
    search = tw.tune(Moody(marker), direction="min", sampler="grid", name="moody", directory=runs)
    for _ in range(2):
        with pytest.raises(tw.SearchFailed, match="the file marker is missing"):
            search.wait(30)
        assert search.status == "failed"
        assert dict(search.space) == {}
        search.resume()
    with pytest.raises(tw.SearchFailed, match="the file marker is missing"):
        search.wait(30)
    marker.touch()
    search.resume().wait(30)
    assert search.status == "finished"
    assert sorted(trial.config["x"] for trial in search.history.trials.values()) == list(range(1, 10))
    assert search.best_config == {"x": 1}


def test_what_was_known_is_known_still_when_it_is_opened_at_last(runs, tmp_path):
    marker = tmp_path / "marker"
    table = [{"param_x": x, "value": float(x)} for x in (3, 4)]
    options = {"direction": "min", "sampler": "tpe", "trials": 2, "name": "known", "directory": runs}
    search = tw.tune(Moody(marker), warm_start=table, **options)
    with pytest.raises(tw.SearchFailed, match="the file marker is missing"):
        search.wait(30)
    marker.touch()
    search.resume().wait(30)
    assert [(dict(each.config), each.values) for each in search.history.opened.known] == [
        ({"x": 3}, (3.0,)),
        ({"x": 4}, (4.0,)),
    ]


def slow(trial):
    for step in trial.steps():
        time.sleep(0.05)
        trial.report(step, trial.config["x"])


def test_what_ended_the_coordinator_itself_is_told(runs):
    search = tw.tune(slow, tw.Space(x=tw.Float(0, 1)), direction="min", schedule=tw.Full(30), trials=4, directory=runs)
    wait_until(lambda: len(search.history.trials) > 0)
    kill_coordinator(search)
    wait_until(lambda: search.status == "interrupted")
    shutil.rmtree(search.folder / "trials")
    (search.folder / "trials").write_text("in the way")
    search.resume()
    with pytest.raises(tw.SearchFailed, match=r"coordinator failed: (NotADirectory|FileExists)Error"):
        search.wait(30)
    (search.folder / "trials").unlink()
    search.resume().wait(60)
    assert search.status == "finished"


def test_asking_for_the_pulse_does_not_change_what_somebody_goes_through(runs):
    space = tw.Space(x=tw.Int(1, 3))
    search = tw.tune(lambda config: config["x"], space, direction="min", sampler="grid", directory=runs)
    history = search.wait(30).history
    length = len(history)
    store = SqliteStore(search.folder, write=True)
    store.append([Entry(length, time.time(), Paused())])
    store.close()
    wait_until(lambda: len(search.view.read()) == length + 1)
    time.sleep(0.6)  # a pulse is looked up at most twice a second
    assert search.view.pulse().health == "alive"
    assert len(history) == length, "only who asks for the history gets it longer"
    assert len(search.history) == length + 1
