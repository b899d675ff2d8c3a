"""Parameters that a trial meets and its space does not know join the space by an event."""

from tunewidgets.history import Goal, History, Limits, Opened, SpaceEdited
from tunewidgets.objectives import Objective
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.inline import InlineExecutor
from tunewidgets.samplers import Random
from tunewidgets.schedules import Full
from tunewidgets.space import Float, Int, Space
from tunewidgets.store.folder import SearchFolder
from tunewidgets.store.memory import MemoryStore
from tunewidgets.testing.audit import audit


class Curious(Objective):
    """Asks for a second parameter as soon as the first is large."""

    def __init__(self):
        self.found = {}

    def run(self, trial):
        self.found = {"depth": Int(1, 3).to_json()} if trial.config["x"] > 0.5 else {}
        return trial.config["x"] + trial.config.get("depth", 1)

    def met(self):
        return self.found

    def model(self, trial_folder, config, seed):
        return None


def test_what_a_trial_meets_joins_the_space_and_is_searched_from_then_on(tmp_path):
    store = MemoryStore()
    space = Space(x=Float(0.0, 1.0))
    store.append([History().append(Opened(1, space, Limits(20), (Goal("loss", "min"),)), 0.0)])
    driver = Driver(store, Full(), Random(), InlineExecutor(Curious(), SearchFolder(tmp_path)))
    driver.run()
    edits = [event for event in driver.history if isinstance(event, SpaceEdited)]
    assert edits == [SpaceEdited(space.with_parameters({"depth": Int(1, 3)}), by="trial")], (
        "once, however often it is met"
    )
    first = next(n for n, trial in driver.history.trials.items() if trial.config["x"] > 0.5)
    knows = {n: "depth" in trial.config for n, trial in driver.history.trials.items()}
    assert knows == {n: n > first for n in knows}
    assert audit(store.read(), Full(), Random()).differences == ()
