"""Histories made by hand, without driver and schedule, for whatever reads one: analysis, figures, widgets, reports."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tunewidgets.history import (
    Closed,
    Continued,
    Direction,
    Ended,
    Goal,
    History,
    Judged,
    Limits,
    Lost,
    Opened,
    Place,
    Plan,
    Planned,
    Reported,
    Started,
    StopAsked,
    rank_key,
)
from tunewidgets.space import Choice, Float, Int, Space

BEGIN = 1_790_000_000.0
"""Seconds since the epoch at which these searches begin."""

SPACE = Space(
    units=Int(32, 512, step=32),
    dropout=Float(0.0, 0.5),
    optimizer=Choice(["adam", "sgd"]),
    momentum=Float(0.0, 0.99).when(optimizer="sgd"),
)

R9 = Plan(
    (
        (Planned(9, 1), Planned(3, 3), Planned(1, 9)),
        (Planned(5, 3), Planned(1, 9)),
        (Planned(3, 9),),
    )
)
R27 = Plan(
    (
        (Planned(27, 1), Planned(9, 3), Planned(3, 9), Planned(1, 27)),
        (Planned(12, 3), Planned(4, 9), Planned(1, 27)),
        (Planned(6, 9), Planned(2, 27)),
        (Planned(4, 27),),
    )
)
R81 = Plan(
    (
        (Planned(81, 1), Planned(27, 3), Planned(9, 9), Planned(3, 27), Planned(1, 81)),
        (Planned(34, 3), Planned(11, 9), Planned(3, 27), Planned(1, 81)),
        (Planned(15, 9), Planned(5, 27), Planned(1, 81)),
        (Planned(8, 27), Planned(2, 81)),
        (Planned(5, 81),),
    )
)


class Recorder:
    """A history under way: each verb appends the events that a driver would, and moves the clock.

    Parameters
    ----------
    metric, direction, unit : str
        As in the event that opens the search.
    limits : Limits
        Likewise.
    seed : int
        For configurations and values.
    values : callable, optional
        ``values(trial, step) -> float``; by default learning curves that level off.
    workers : int
        How many legs may run at once.
    """

    def __init__(
        self,
        *,
        metric: str = "val_accuracy",
        direction: Direction = "max",
        unit: str = "epoch",
        limits: Limits = Limits(),  # noqa: B008 - frozen
        seed: int = 0,
        values: Callable[[int, int], float] | None = None,
        workers: int = 2,
        open_now: bool = True,
    ) -> None:
        self.history = History()
        self.at = BEGIN
        self.rng = np.random.default_rng(seed)
        self.direction = direction
        self._values = values or self._level_off
        self._levels: dict[int, tuple[float, float]] = {}
        if open_now:
            goals = (Goal(metric, direction),)
            self.say(Opened(seed, SPACE, limits, goals, {"schedule": {"name": "hyperband"}}, workers, "best", unit))

    def say(self, event: Any, seconds: float = 0.0) -> None:
        self.at += seconds
        self.history.append(event, self.at)

    def _level_off(self, trial: int, step: int) -> float:
        if trial not in self._levels:
            self._levels[trial] = (float(self.rng.uniform(0.55, 0.97)), float(self.rng.uniform(0.3, 1.2)))
        top, speed = self._levels[trial]
        value = top * (1 - 0.6 * math.exp(-speed * step)) + 0.004 * math.sin(7.0 * trial + step)
        return round(value if self.direction == "max" else 1.05 - value, 4)

    def start(self, place: Place, config: Mapping[str, Any] | None = None, origin: str = "sampler") -> int:
        number = len(self.history.trials)
        config = SPACE.sample(self.rng) if config is None else config
        self.say(Started(number, config, place, origin, {"kind": "random"}, len(self.history)), 0.1)
        return number

    def report(self, trial: int, upto: int, value: float | None = None) -> None:
        newest = self.history.trials[trial]
        for step in range(newest.step + 1, upto + 1):
            given = self._values(trial, step) if value is None else value
            self.say(Reported(trial, newest.attempt, step, given, {"loss": round(1 - given, 4)}), 1.0)

    def pause(self, trial: int, places: int = 1) -> None:
        newest = self.history.trials[trial]
        place = newest.place
        self.report(trial, place.budget or 1)
        value = self.history.trials[trial].last
        reason = {"kind": "rung", "verdict": "reached", "rung": place.rung, "budget": place.budget, "places": places}
        self.say(Judged(trial, newest.attempt, place.budget or 1, "pause", reason))
        self.say(Ended(trial, newest.attempt, "paused", place, value, reason), 0.2)

    def complete(self, trial: int) -> None:
        newest = self.history.trials[trial]
        budget = newest.place.budget
        self.report(trial, budget or 1)
        reason = {"kind": "budget", "budget": budget} if budget else {"kind": "returned", "step": 1}
        self.say(Ended(trial, newest.attempt, "completed", newest.place, self.history.trials[trial].last, reason), 0.2)

    def fail(self, trial: int, kind: str = "ValueError", message: str = "the loss became NaN") -> None:
        newest = self.history.trials[trial]
        reason = {"kind": "error", "type": kind, "message": message}
        self.say(Ended(trial, newest.attempt, "failed", newest.place, None, reason), 0.5)

    def lose(self, trial: int, why: str = "worker") -> None:
        self.say(Lost(trial, self.history.trials[trial].attempt, why), 0.5)

    def stop(self, trial: int) -> None:
        newest = self.history.trials[trial]
        self.say(StopAsked(trial))
        self.say(Ended(trial, newest.attempt, "stopped", newest.place, newest.last, {"kind": "user"}), 0.5)

    def promote(self, trial: int, place: Place, facts: tuple[int, int, int]) -> None:
        reason = self._ranks(trial, "promoted", facts)
        self.say(Continued(trial, place, self.history.trials[trial].attempt + 1, "promoted", reason), 0.1)

    def prune(self, trial: int, facts: tuple[int, int, int]) -> None:
        newest = self.history.trials[trial]
        reason = self._ranks(trial, "out", facts)
        self.say(Ended(trial, newest.attempt, "pruned", newest.place, newest.last, reason))

    def close(self, state: str = "finished") -> None:
        self.say(Closed(state, {"text": "every planned trial has come to rest"}), 0.1)

    def _ranks(self, trial: int, verdict: str, facts: tuple[int, int, int]) -> dict[str, Any]:
        newest = self.history.trials[trial]
        rank, of, places = facts
        where = {"kind": "rung", "verdict": verdict, "rung": newest.place.rung, "budget": newest.place.budget}
        return {**where, "value": newest.last, "rank": rank, "of": of, "places": places}

    def bracket(self, number: int, rungs: Sequence[Planned], failing: frozenset[int] = frozenset()) -> None:
        """Run a whole bracket, one leg after another; trials in `failing` fail at their first leg."""
        field = [self.start(Place(number, 0, rungs[0].budget)) for _ in range(rungs[0].configurations)]
        for level in range(len(rungs)):
            last = level + 1 == len(rungs)
            places = 0 if last else rungs[level + 1].configurations
            for trial in field:
                if level == 0 and trial in failing:
                    self.fail(trial)
                elif last:
                    self.complete(trial)
                else:
                    self.pause(trial, places)
            if not last:
                field = self._judge(number, level, field, rungs[level + 1])

    def _judge(self, number: int, level: int, field: list[int], above: Planned) -> list[int]:
        trials = self.history.trials
        alive = [trial for trial in field if trials[trial].state == "paused"]
        alive.sort(key=lambda trial: rank_key(trials[trial].last, trial, self.direction))
        facts = [(rank, len(field), above.configurations) for rank in range(1, len(alive) + 1)]
        going = alive[: above.configurations]
        for trial, fact in reversed(list(zip(alive, facts, strict=True))[len(going) :]):
            self.prune(trial, fact)
        for trial, fact in zip(going, facts, strict=False):
            self.promote(trial, Place(number, level + 1, above.budget), fact)
        return going


def empty_history(**settings: Any) -> History:
    """An opened search before its first trial."""
    return Recorder(**settings).history


def ladder_history(
    plan: Plan = R9, *, seed: int = 0, failing: frozenset[int] = frozenset(), **settings: Any
) -> History:
    """A search over brackets that ran to its end with one worker; trials in `failing` fail in their first leg."""
    recorder = Recorder(seed=seed, **settings)
    for number, rungs in enumerate(plan.brackets):
        recorder.bracket(number, rungs, failing)
    recorder.close()
    return recorder.history


def hyperband_history(seed: int = 0, **settings: Any) -> History:
    """R = 9, eta = 3, under way: its plan is `R9`, and every state of a trial occurs.

    Bracket 0 is done (trial 4 failed). In bracket 1 trials 9 and 10 are paused, 11 was stopped by the user, 12 runs
    and has reported twice, and the leg of 13 was lost. In bracket 2 trial 14 runs without a report; two are to come.
    """
    recorder = Recorder(seed=seed, **settings)
    recorder.bracket(0, R9.brackets[0], frozenset({4}))
    for _ in range(5):
        recorder.start(Place(1, 0, 3))
    recorder.pause(9)
    recorder.pause(10)
    recorder.report(11, 1)
    recorder.stop(11)
    recorder.report(12, 2)
    recorder.lose(13)
    recorder.start(Place(2, 0, 9))
    return recorder.history


def full_history(
    n: int = 12, *, budget: int | None = None, running: int = 0, seed: int = 0, **settings: Any
) -> History:
    """Every trial to its end at one budget (None: one value each); every tenth, beginning with trial 7, failed.

    The last `running` trials are under way.
    """
    recorder = Recorder(seed=seed, limits=Limits(trials=n), **settings)
    for number in range(n):
        trial = recorder.start(Place(0, 0, budget))
        if number % 10 == 7:
            recorder.fail(trial)
        elif number < n - running:
            recorder.complete(trial)
    if not running:
        recorder.close()
    return recorder.history


def asynchronous_history(n: int = 60, *, seed: int = 0, levels: Sequence[int] = (1, 3, 9), **settings: Any) -> History:
    """Asynchronous successive halving: no plan; a trial is promoted as soon as it is in the best third of its rung."""
    recorder = Recorder(seed=seed, **settings)
    rungs: list[list[int]] = [[] for _ in levels]
    taken: list[set[int]] = [set() for _ in levels]
    trials = recorder.history.trials
    for _ in range(n):
        trial, level = recorder.start(Place(0, 0, levels[0])), 0
        while True:
            rungs[level].append(trial)
            if level + 1 == len(levels):
                recorder.complete(trial)
                break
            recorder.pause(trial)
            rungs[level].sort(key=lambda t: rank_key(trials[t].last, t, recorder.direction))
            best = rungs[level][: len(rungs[level]) // 3]
            if trial not in best or trial in taken[level]:
                break
            taken[level].add(trial)
            recorder.promote(trial, Place(0, level + 1, levels[level + 1]), (1, len(rungs[level]), len(best)))
            level += 1
    return recorder.history


def large_history(n: int = 10_000, reports: int = 10, seed: int = 0, workers: int = 50) -> History:
    """So many trials over one long ladder, for measuring: three quarters pruned, most of the others completed."""
    recorder = Recorder(seed=seed, workers=workers)
    rng = np.random.default_rng(seed)
    for number in range(n):
        trial = recorder.start(Place(0, 0, reports), {"units": 32, "dropout": 0.1, "optimizer": "adam"})
        draw = rng.random()
        if number >= n - workers:
            recorder.report(trial, 3)
        elif draw < 0.75:
            recorder.report(trial, 3)
            recorder.prune(trial, (5, 9, 3))
        elif draw < 0.95:
            recorder.complete(trial)
        else:
            recorder.fail(trial)
    return recorder.history
