"""Whose checkpoints are kept: the best, and always the incumbent's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.history import Continued, Ended, Goal, History, Limits, Opened, Place, Reported, Retried, Started
from tunewidgets.runner.keeping import Keeper
from tunewidgets.space import Float, Space

LOW, TOP = Place(0, 0, 1), Place(0, 1, 3)


class Freed:
    """An executor of which only `discard` is asked."""

    def __init__(self):
        self.trials = []

    def discard(self, trial):
        self.trials.append(trial)


class Scene:
    def __init__(self, best):
        self.history = History()
        self.freed = Freed()
        self.keeper = Keeper(self.history, self.freed, best)
        self.add(Opened(7, Space(x=Float(0.0, 1.0)), Limits(99, None, None), (Goal("loss", "min"),)))

    def add(self, *events):
        for event in events:
            self.history.append(event, float(len(self.history)))
        return self

    def run(self, trial, value, state="completed", place=LOW):
        reports = [] if value is None else [Reported(trial, 1, 1, value)]
        return self.add(Started(trial, {"x": 0.5}, place), *reports, Ended(trial, 1, state, place, value)).tidy()

    def promote(self, trial, value, state, place=TOP):
        self.add(Continued(trial, place, 2, "promoted"), Reported(trial, 2, 2, value))
        return self.add(Ended(trial, 2, state, place, value)).tidy()

    def tidy(self):
        self.keeper.tidy()
        return self.freed.trials


@pytest.mark.parametrize("state", ["stopped", "failed", "pruned"])
def test_an_incumbent_that_was_ended_keeps_its_checkpoint_until_another_is_best(state):
    scene = Scene(best=1)
    scene.run(0, 0.1, "paused")
    assert scene.promote(0, 0.3, state) == []
    assert scene.history.incumbent.number == 0
    assert scene.run(1, 0.2) == [1]
    assert scene.run(2, 0.05) == [1, 0]
    assert scene.history.incumbent.number == 2


def test_a_former_incumbent_among_the_best_is_kept():
    scene = Scene(best=2)
    scene.run(0, 0.1, "paused")
    scene.promote(0, 0.3, "stopped")
    assert scene.run(1, 0.05) == []
    assert scene.run(2, 0.01) == [0]


def test_a_stopped_trial_is_kept_among_the_best_and_one_without_a_value_is_not():
    scene = Scene(best=2)
    assert scene.run(0, 0.1, "stopped") == []
    assert scene.run(1, None, "failed") == [1]
    assert scene.run(2, 0.4) == [1]
    # One that came to its budget stands before one that was stopped on its way.
    assert scene.run(3, 0.3) == [1, 0]


def test_of_two_equally_good_the_incumbent_is_kept():
    scene = Scene(best=1)
    scene.run(5, 0.1)
    scene.run(3, 0.1)  # the heap prefers the lower number, the history the one that was there first
    assert scene.history.incumbent.number == 5
    assert scene.freed.trials == []
    assert set(scene.run(6, 0.05)) == {3, 5}


def test_a_trial_that_is_run_again_keeps_its_checkpoint_and_is_counted_once():
    scene = Scene(best=1)
    scene.run(0, 0.1)
    scene.run(1, 0.2, "failed")
    assert scene.freed.trials == [1]
    scene.add(Retried(1), Continued(1, TOP, 2, "retried"), Reported(1, 2, 2, 0.01)).tidy()
    scene.freed.trials.clear()
    assert scene.add(Ended(1, 2, "completed", TOP, 0.01)).tidy() == [0]
    assert scene.run(2, 0.005) == [0, 2], "it has not come as far"


def test_a_trial_that_may_go_on_is_never_freed():
    scene = Scene(best=1)
    for trial in range(5):
        assert scene.run(trial, trial / 10, "paused") == []


def test_all_are_kept_where_that_is_asked():
    scene = Scene(best=None)
    for trial, state in enumerate(["completed", "stopped", "failed", "pruned"]):
        assert scene.run(trial, 0.5, state) == []


ENDS = st.sampled_from(["completed", "stopped", "failed", "pruned", "paused"])
VALUES = st.none() | st.sampled_from([0.1, 0.2, 0.3]) | st.floats(0, 1)


@given(st.lists(st.tuples(VALUES, ENDS), max_size=12), st.integers(1, 3), st.data())
def test_the_incumbent_is_never_freed_and_nothing_twice(trials, best, data):
    scene = Scene(best)
    for trial, (value, state) in enumerate(trials):
        paused = state == "paused" and value is not None
        scene.run(trial, value, state if paused or state != "paused" else "failed")
        if paused and data.draw(st.booleans()):
            end = data.draw(st.sampled_from(["stopped", "failed", "completed"]))
            scene.promote(trial, data.draw(st.floats(0, 1)), end)
        incumbent = scene.history.incumbent
        assert incumbent is None or incumbent.number not in scene.freed.trials
        assert len(set(scene.freed.trials)) == len(scene.freed.trials)
    settled = [trial for trial in scene.history.trials.values() if trial.state not in ("running", "paused")]
    assert len(settled) - len(scene.freed.trials) <= best + 1
    again = Keeper(scene.history, Freed(), best)
    again.tidy()
    assert sorted(again._executor.trials) == sorted(scene.freed.trials)
