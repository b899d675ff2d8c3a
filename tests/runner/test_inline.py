"""The inline executor keeps the executors' contract, as far as a single process can, and waits without spinning."""

import time

import pytest

import tunewidgets as tw
from tunewidgets.objectives.function import FunctionObjective
from tunewidgets.runner.inline import InlineExecutor
from tunewidgets.store.folder import SearchFolder
from tunewidgets.testing.executors import ExecutorContract


class TestInline(ExecutorContract):
    def executor(self, objective, folder):
        return InlineExecutor(objective, SearchFolder(folder))


@pytest.fixture
def tune(tmp_path):
    def tune(objective):
        space = tw.Space(x=tw.Choice(list(range(6))))
        return tw.tune(
            objective, space, directory=tmp_path, name="here", sampler="grid", direction="min", executor="inline"
        )

    return tune


def test_waiting_where_nothing_is_in_line_takes_its_time(tmp_path):
    executor = InlineExecutor(FunctionObjective(lambda _config: 0.5), SearchFolder(tmp_path))
    began, worked = time.monotonic(), time.process_time()
    executor.pump(lambda _message: None, 0.3)
    assert time.monotonic() - began >= 0.3
    assert time.process_time() - worked < 0.2


def test_a_wait_on_a_paused_search_ends_in_time_and_leaves_the_processor_alone(tune):
    calls = []

    def objective(config):
        calls.append(config["x"])
        if calls == [0, 1]:
            search.pause()
        return config["x"]

    search = tune(objective)
    began, worked = time.monotonic(), time.process_time()
    with pytest.raises(TimeoutError, match="the next wait"):
        search.wait(timeout=1.0)
    assert 1.0 <= time.monotonic() - began < 5.0
    assert time.process_time() - worked < 0.7
    assert calls == [0, 1]
    assert search.status == "interrupted"
    search.resume()
    assert search.wait().history.counts == {"completed": 6}
    assert calls == [0, 1, 2, 3, 4, 5]


def test_a_wait_ends_after_the_trial_that_runs(tune):
    calls = []

    def objective(config):
        calls.append(config["x"])
        time.sleep(0.2)
        return config["x"]

    search = tune(objective)
    with pytest.raises(TimeoutError):
        search.wait(timeout=0.3)
    assert 1 <= len(calls) <= 2
    assert search.history.counts["completed"] == len(calls)
    assert search.wait().history.counts == {"completed": 6}
    assert calls == [0, 1, 2, 3, 4, 5]
