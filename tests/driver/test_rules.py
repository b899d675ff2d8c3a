"""Rules that end a search, in the driver: nothing new starts, what runs trains on, and the user may want more."""

import pytest
from worlds import SPACE, SteeredStore, value

from tunewidgets.history import Extended, Goal, History, Limits, Opened, Resumed
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.simulated import SimulatedExecutor, World
from tunewidgets.samplers import Random
from tunewidgets.schedules import Full, Hyperband, NoImprovement, Target, TotalBudget


class Scene:
    def __init__(self, *rules, schedule=None, workers=1, world=None):
        self.store, self.rules, self.schedule = SteeredStore(), rules, schedule or Full(4)
        opened = Opened(3, SPACE, Limits(200), (Goal("loss", "min"),), workers=workers)
        self.store.append([History().append(opened)])
        self.executor = SimulatedExecutor(world or World(value))
        self.drive()

    def drive(self):
        self.driver = Driver(
            self.store, self.schedule, Random(), self.executor, lambda: self.executor.now, rules=self.rules
        )

    def rest(self):
        for _ in range(5000):
            self.driver.turn(1.0)
            if self.driver.done and self.driver._cursor == len(self.store.said):
                return self.driver.history
        raise AssertionError("it does not come to rest")


@pytest.mark.parametrize("workers", [1, 4])
def test_what_runs_trains_to_its_budget(workers):
    history = Scene(TotalBudget(9), workers=workers).rest()
    assert history.status == "finished"
    assert history.closed.reason["kind"] == "total_budget"
    assert set(history.counts) == {"completed"}
    assert len(history.trials) == {1: 3, 4: 4}[workers]


def test_the_first_rule_that_is_met_is_told():
    history = Scene(Target(0.0), NoImprovement(6), TotalBudget(10**6)).rest()
    assert history.closed.reason["kind"] == "no_improvement"


def test_paused_trials_stay_where_a_rule_ends_a_search_with_rungs():
    history = Scene(TotalBudget(12), schedule=Hyperband(9)).rest()
    assert history.counts["paused"] > 0
    assert not history.running


@pytest.mark.parametrize("more", [Resumed(), Extended(Limits(150))])
def test_who_wants_more_gets_more(more):
    scene = Scene(TotalBudget(8))
    assert len(scene.rest().trials) == 2
    scene.store.said.append(more)
    history = scene.rest()
    assert len(history.trials) == 4
    assert history.closed.reason["kind"] == "total_budget"


def test_a_new_driver_goes_on_counting():
    scene = Scene(NoImprovement(5))
    for _ in range(12):
        scene.driver.turn(1.0)
    scene.driver._commit()
    before = len(scene.driver.history.trials)
    scene.executor.close()
    scene.drive()
    again = scene.rest()
    assert len(again.trials) > before
    alone = Scene(NoImprovement(5)).rest()
    assert [dict(trial.config) for trial in again.trials.values()] == [dict(t.config) for t in alone.trials.values()]
