"""Suggestions that take long are worked out beside the driver: results are committed and stops obeyed meanwhile."""

import threading
import time
from dataclasses import dataclass, field

import pytest
from worlds import SPACE, SteeredStore, value

from tunewidgets.history import (
    Config,
    Exhausted,
    Goal,
    History,
    Limits,
    Opened,
    Place,
    Reported,
    SpaceEdited,
    Started,
    StopAsked,
)
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.simulated import SimulatedExecutor, World
from tunewidgets.runner.suggesting import Answer, DirectSuggester, Question, ThreadSuggester
from tunewidgets.samplers import Random, Sobol, generator_for
from tunewidgets.schedules import Full, Hyperband
from tunewidgets.space import Float, Space
from tunewidgets.testing.audit import audit


@dataclass
class Slow:
    """Thinks over every trial from number `first` on until it is let go."""

    first: int = 1
    error: BaseException | None = None
    go: threading.Event = field(default_factory=threading.Event)
    thinking: threading.Event = field(default_factory=threading.Event)

    def begin(self):
        return SlowProposer(self)

    def to_json(self):
        return {"name": "slow"}


class SlowProposer:
    def __init__(self, settings):
        self._settings, self._started, self._seen = settings, 0, 0

    def apply(self, event):
        self._seen += 1
        self._started += isinstance(event, Started)

    def suggest(self, space, rng, n=1):
        if self._started >= self._settings.first:
            self._settings.thinking.set()
            assert self._settings.go.wait(10)
            if self._settings.error:
                raise self._settings.error
        return [(space.sample(rng), {"kind": "slow", "seen": self._seen})] * n


def driven(sampler, schedule=None, workers=2, trials=6, suggester=ThreadSuggester):
    store = SteeredStore()
    goals = (Goal("loss", "min"),)
    store.append([History().append(Opened(3, SPACE, Limits(trials), goals, workers=workers))])
    executor = SimulatedExecutor(World(value))
    return store, Driver(store, schedule or Full(4), sampler, executor, lambda: executor.now, suggester)


def turn_until(driver, condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        driver.turn(0.01)
        time.sleep(0.001)  # a simulated executor never sleeps, and would keep the interpreter from the sampler's thread


@pytest.fixture
def slow():
    sampler = Slow()
    yield sampler
    sampler.go.set()


def test_results_are_committed_while_it_thinks(slow):
    store, driver = driven(slow)
    turn_until(driver, slow.thinking.is_set)
    turn_until(driver, lambda: driver.history.trials[0].state == "completed")
    assert [event.step for event in (e.event for e in store.read()) if isinstance(event, Reported)] == [1, 2, 3, 4]
    assert len(driver.history.trials) == 1


def test_a_stop_is_obeyed_while_it_thinks(slow):
    store, driver = driven(slow)
    turn_until(driver, slow.thinking.is_set)
    store.said.append(StopAsked())
    turn_until(driver, lambda: driver.done)
    assert driver.history.status == "stopped"
    assert not slow.go.is_set()


def test_the_answer_is_taken_when_it_comes_and_says_what_it_knew(slow):
    _, driver = driven(slow, workers=1)
    turn_until(driver, slow.thinking.is_set)
    known = len(driver.history)
    slow.go.set()
    turn_until(driver, lambda: len(driver.history.trials) > 1)
    started = next(event for event in driver.history if isinstance(event, Started) and event.trial == 1)
    assert started.seen == started.notes["seen"] == known


def test_an_answer_for_a_space_that_was_edited_is_asked_for_again(slow):
    store, driver = driven(slow)
    turn_until(driver, slow.thinking.is_set)
    narrow = Space(x=Float(0.25, 0.5))
    store.said.append(SpaceEdited(narrow))
    turn_until(driver, lambda: driver.history.space == narrow)
    slow.go.set()
    turn_until(driver, lambda: len(driver.history.trials) > 2)
    assert all(list(driver.history.trials[number].config) == ["x"] for number in (1, 2))


@pytest.mark.parametrize("suggester", [DirectSuggester, ThreadSuggester])
def test_a_sampler_that_fails_ends_the_search_in_words(suggester):
    sampler = Slow(error=ZeroDivisionError("no spread"))
    sampler.go.set()
    _, driver = driven(sampler, suggester=suggester)
    turn_until(driver, lambda: driver.done)
    assert driver.history.status == "failed"
    assert driver.history.closed.reason == {"kind": "error", "type": "ZeroDivisionError", "text": "no spread"}
    assert driver.history.trials[0].state == "completed"


def test_even_what_would_end_a_thread_ends_the_search_in_words():
    class PanicError(BaseException):
        """As compiled libraries raise."""

    sampler = Slow(error=PanicError("unwrap"))
    sampler.go.set()
    _, driver = driven(sampler)
    turn_until(driver, lambda: driver.done)
    assert driver.history.closed.reason == {"kind": "error", "type": "PanicError", "text": "unwrap"}


def test_an_event_that_a_sampler_cannot_take_is_not_passed_over():
    class Stumbling:
        def begin(self):
            return self

        def apply(self, event):
            if isinstance(event, Started):
                raise TypeError(f"trial {event.trial}")

        def suggest(self, space, rng, n=1):
            return [(space.sample(rng), {})] * n

    suggester = ThreadSuggester(Stumbling())
    for event in (Opened(0, SPACE, Limits(), (Goal("loss", "min"),)), Started(7, {}, Place(0, 0, 1)), Exhausted()):
        suggester.apply(event)
    for trial in (1, 2):
        answer, end = None, time.monotonic() + 10
        while answer is None and time.monotonic() < end:
            answer = suggester.ask(Question(0, trial, 2, SPACE))
        assert str(answer.error) == "trial 7"
    suggester.close()


class Shelf:
    """A suggester whose answer is there as soon as nobody looks any more."""

    def __init__(self, sampler):
        self.proposer, self.ready, self.asked = sampler.begin(), False, 0

    def apply(self, event):
        self.proposer.apply(event)

    def ask(self, question):
        self.asked += 1
        if self.asked % 2:
            return None
        self.ready = False
        return Answer(question, self.proposer.suggest(question.space, generator_for(question.seed, question.trial)))

    def close(self):
        pass


def test_nobody_waits_for_a_message_while_an_answer_is_ready():
    _, driver = driven(Random(), workers=1, suggester=Shelf)
    waited, pump = [], driver._executor.pump
    driver._executor.pump = lambda deliver, timeout: (waited.append(timeout), pump(deliver, 0.0))
    driver.turn(0.05)
    driver.turn(0.05)
    assert waited == [0.05, 0.01], "an answer may come at any moment"
    driver._suggester.ready = True
    driver.turn(0.05)
    assert waited[2] == 0.0
    assert len(driver.history.trials) == 1
    driver._suggester.ready = True  # of no use now: the only worker is busy
    driver.turn(0.05)
    driver.turn(0.05)
    assert waited[4] > 0.0, "nor does it turn without end while an answer cannot be used"


@pytest.mark.parametrize("sampler", [Random(), Sobol()])
@pytest.mark.parametrize("workers", [1, 5])
def test_a_thread_changes_nothing_and_every_decision_can_be_recomputed(sampler, workers):
    def run(suggester):
        _, driver = driven(sampler, Hyperband(9), workers, 17, suggester)
        turn_until(driver, lambda: driver.done)
        return driver.history

    beside, within = run(ThreadSuggester), run(DirectSuggester)
    assert audit(beside.entries, Hyperband(9), sampler).differences == ()
    configs = lambda history: {n: dict(t.config) for n, t in history.trials.items()}
    assert configs(beside) == configs(within)


def test_a_question_that_was_overtaken_is_not_answered(slow):
    suggester = ThreadSuggester(slow)
    slow.first = 0
    assert suggester.ask(Question(0, 1, 0, SPACE)) is None
    slow.go.set()
    other: Config | None = None
    end = time.monotonic() + 10
    question = Question(0, 2, 0, SPACE)
    while other is None and time.monotonic() < end:
        answer = suggester.ask(question)
        other = answer.found[0][0] if answer else None
    assert other == SPACE.sample(generator_for(0, 2))
    suggester.close()
