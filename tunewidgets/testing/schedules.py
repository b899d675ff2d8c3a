"""The contract suite of schedules: a new schedule joins with one line.

::

    class TestMySchedule(ScheduleContract):
        def schedule(self) -> Schedule:
            return MySchedule(max_budget=9)         # with no blanks left to fill

Searches run on the simulated clock, with failures, lost legs, crashes of the coordinator and commands in any order. A
schedule that `schedule_from_json` does not know says in `restored` how it comes back. pytest collects the suite's tests
through the subclass, whose module must be importable.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tunewidgets.analysis import actual_plan
from tunewidgets.history import (
    Config,
    Continued,
    Decision,
    Direction,
    Entry,
    Event,
    Extended,
    Goal,
    History,
    Limits,
    Opened,
    Paused,
    Place,
    Reported,
    Resumed,
    Retried,
    Started,
    Step,
    StopAsked,
    Trial,
    UserEvent,
    WorkersChanged,
)
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.simulated import SimulatedExecutor, World
from tunewidgets.samplers import Random
from tunewidgets.schedules import Ladder, Schedule, schedule_from_json
from tunewidgets.space import Float, Space
from tunewidgets.store.memory import MemoryStore
from tunewidgets.testing.audit import audit

_SPACE = Space(x=Float(0.0, 1.0))
_LEAVES, _FAILS, _LOSES = 1, 2, 3  # what chance is drawn for, so that one draw tells nothing about another


@dataclass(frozen=True, slots=True)
class Course:
    """How a simulated search goes.

    Attributes
    ----------
    workers, trials : int
        How many legs run at once, and the limit on configurations.
    fails, loses : float
        The probability that a leg fails, or that its process is lost.
    spread : float
        How unequal the trials' paces are: the standard deviation of their logarithms.
    crashes : tuple of int
        The turns after which the coordinator is gone and another one takes over.
    commands : sequence of (int, UserEvent)
        What the user says, and after how many turns.
    direction : {"min", "max"}
        Which values are better.
    seed : int
        Of paces, failures and losses; the configurations have one of their own.
    """

    workers: int = 1
    trials: int | None = 20
    fails: float = 0.0
    loses: float = 0.0
    spread: float = 0.0
    crashes: tuple[int, ...] = ()
    commands: Sequence[tuple[int, UserEvent]] = ()
    direction: Direction = "min"
    seed: int = 0


def run(schedule: Schedule, course: Course) -> History:
    """Return the history of a simulated search that has come to rest.

    Raises
    ------
    AssertionError
        If it does not come to rest.
    """
    store = MemoryStore()
    limits = Limits(course.trials, None, None)
    opened = Opened(3, _SPACE, limits, (Goal("value", course.direction),), workers=course.workers)
    store.append([Entry(0, 0.0, opened)])
    commands, crashes = sorted(course.commands, key=lambda it: it[0]), set(course.crashes)
    driver, executor = _taken_over(store, schedule, course, 0.0)
    for turn in range(50_000):
        while commands and commands[0][0] <= turn:
            store.put(commands.pop(0)[1])
        if turn in crashes:
            driver, executor = _taken_over(store, schedule, course, executor.now)
        driver.turn(1.0)
        if driver.done and not commands:
            return driver.history
    raise AssertionError("the search does not come to rest")


def _taken_over(store: MemoryStore, schedule: Schedule, course: Course, now: float) -> tuple[Driver, SimulatedExecutor]:
    """Return a new driver, as after a crash, on what the last one had committed."""
    executor = SimulatedExecutor(_world(course), now)
    return Driver(store, schedule, Random(), executor, lambda: executor.now), executor


def _world(course: Course) -> World:
    sign = 1.0 if course.direction == "min" else -1.0

    def chance(kind: int, trial: int, attempt: int, rate: float) -> int | None:
        rng = np.random.default_rng((course.seed, kind, trial, attempt))
        return int(rng.integers(1, 10)) if rng.random() < rate else None

    return World(
        value=lambda config, step: sign * float(config["x"] + 1.0 / step),
        pace=lambda trial: float(np.random.default_rng((course.seed, _LEAVES, trial)).lognormal(0.0, course.spread)),
        fails=lambda trial, _attempt: chance(_FAILS, trial, 0, course.fails),
        loses=lambda trial, attempt: chance(_LOSES, trial, attempt, course.loses),
    )


class Twice:
    """A schedule whose ladders ask everything twice, and a ladder built anew from the same events a third time."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def __getattr__(self, name: str) -> Any:
        return getattr(self._schedule, name)

    def begin(self) -> "TwiceLadder":
        """Return an empty ladder."""
        return TwiceLadder(self._schedule)


class TwiceLadder:
    """Fails where an answer changes because it was asked for, or was not a function of the events."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule, self._ladder = schedule, schedule.begin()
        self._events: list[Event] = []

    @property
    def full_budget(self) -> int | None:
        """The largest budget a trial may be given."""
        return self._ladder.full_budget

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._events.append(event)
        self._ladder.apply(event)

    def next(self) -> Step:
        """Say what to do next."""
        step = self._ladder.next()
        assert self._ladder.next() == step == self._rebuilt().next()
        return step

    def judge(self, report: Reported) -> Decision:
        """Say what becomes of a running trial."""
        decision = self._ladder.judge(report)
        assert self._ladder.judge(report) == decision == self._rebuilt().judge(report)
        return decision

    def retry(self, trial: Trial) -> Place:
        """Say where a trial is run again."""
        place = self._ladder.retry(trial)
        assert self._ladder.retry(trial) == place == self._rebuilt().retry(trial)
        return place

    def _rebuilt(self) -> Ladder:
        ladder = self._schedule.begin()
        for event in self._events:
            ladder.apply(event)
        return ladder


def story(history: History) -> dict[int, tuple[Config, tuple[Place, ...], str, float | None]]:
    """Return what became of every trial: its configuration, the places it trained at, its state and its value."""
    places: dict[int, list[Place]] = {}
    for event in history:
        if isinstance(event, Started) or (isinstance(event, Continued) and event.why == "promoted"):
            places.setdefault(event.trial, []).append(event.place)
    return {n: (dict(t.config), tuple(places[n]), t.state, t.value) for n, t in history.trials.items()}


_COMMANDS = st.one_of(
    st.sampled_from(
        [Paused(), Resumed(), WorkersChanged(1), WorkersChanged(7), Extended(Limits(25, None, None)), StopAsked()]
    ),
    st.builds(StopAsked, st.none() | st.integers(0, 20), st.booleans()),
    st.builds(Retried, st.integers(0, 20)),
)

_COURSES = st.builds(
    Course,
    workers=st.integers(1, 9),
    trials=st.integers(1, 20),
    fails=st.sampled_from([0.0, 0.2, 0.8]),
    loses=st.sampled_from([0.0, 0.2]),
    spread=st.just(1.0),
    crashes=st.lists(st.integers(1, 200), max_size=4).map(tuple),
    commands=st.lists(st.tuples(st.integers(0, 120), _COMMANDS), max_size=5).map(
        lambda said: [*said, (500, Resumed())]
    ),
    seed=st.integers(0, 99),
)


class ScheduleContract:
    """What every schedule promises; see the module's text for how to join."""

    synchronous = True
    """Whether the order in which trials come to rest changes nothing; a schedule that promotes early sets False."""

    def schedule(self) -> Schedule:
        """Return the schedule, with no blanks left to fill."""
        raise NotImplementedError

    def restored(self, data: Mapping[str, Any]) -> Schedule:
        """Return the schedule that `to_json` wrote."""
        return schedule_from_json(data)

    @pytest.mark.parametrize("workers", [1, 2, 10])
    @pytest.mark.parametrize("trials", [1, 4, 7, 20])
    def test_an_undisturbed_search_does_what_was_planned(self, trials: int, workers: int) -> None:
        """Whatever the number of workers and the limit on trials."""
        history = run(self.schedule(), Course(workers, trials, spread=1.5))
        plan = self.schedule().plan(trials)
        assert plan is None or actual_plan(history) == plan
        assert len(history.trials) <= trials
        assert history.status == "finished"
        assert not set(history.counts) & {"running", "interrupted", "paused", "failed"}

    def test_answers_are_functions_of_the_events(self) -> None:
        """`next` and `judge` may be asked twice, and a ladder built anew answers the same at every moment."""
        run(Twice(self.schedule()), Course(3, 12, fails=0.1, loses=0.1, spread=1.0))

    def test_whatever_happens_every_decision_can_be_recomputed(self) -> None:
        """Any order of reports, failures, losses, crashes and commands: limits hold, and the audit finds nothing."""

        @settings(max_examples=20, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
        @given(course=_COURSES)
        def law(course: Course) -> None:
            history = run(self.schedule(), course)
            assert audit(history.entries, self.schedule(), Random()).differences == ()
            assert not history.running
            assert not history.interrupted
            self.check_limits(history)

        law()

    def check_limits(self, history: History) -> None:
        """Fail where a limit or a budget was exceeded."""
        full = self.schedule().begin().full_budget
        most = history.opened.limits.trials if history.opened else None
        starts = 0
        for event in history:
            if isinstance(event, Extended):
                most = event.limits.trials
            elif isinstance(event, Started):
                starts += 1
                assert most is None or starts <= most
            elif isinstance(event, Reported):
                budget = history.trials[event.trial].place.budget
                assert full is None or event.step <= full
                assert budget is None or event.step <= budget

    def test_one_worker_and_crashes_give_the_same_trials(self) -> None:
        """What was lost is run again, and nothing else changes."""
        calm = run(self.schedule(), Course(fails=0.2))
        for crashes in ((3,), (1, 10, 20, 30), tuple(range(2, 300, 7))):
            assert story(run(self.schedule(), Course(fails=0.2, crashes=crashes))) == story(calm)

    def test_the_same_trials_whatever_the_number_of_workers_and_their_pace(self) -> None:
        """A synchronous rung waits for everybody whose value could matter."""
        if not self.synchronous:
            pytest.skip("this schedule promotes early, on purpose")
        alone = run(self.schedule(), Course(fails=0.2))
        for workers in (2, 5, 20):
            assert story(run(self.schedule(), Course(workers, fails=0.2, spread=1.5))) == story(alone)

    def test_maximising_is_the_mirror_of_minimising(self) -> None:
        """The schedule knows no direction of its own."""
        low, high = (run(self.schedule(), Course(3, direction=direction)) for direction in ("min", "max"))
        for number, (*rest, value) in story(low).items():
            *mirrored, other = story(high)[number]
            assert mirrored == rest
            assert value == (None if other is None else -other)

    def test_settings_survive_json(self) -> None:
        """The schedule that comes back is equal and plans the same."""
        schedule = self.schedule()
        again = self.restored(json.loads(json.dumps(schedule.to_json())))
        assert again == schedule
        assert again.to_json() == schedule.to_json()
        assert again.plan(9) == schedule.plan(9)
        assert schedule.resolved(None, 20, "epoch") == schedule
