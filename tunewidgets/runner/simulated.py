"""An executor with a clock of its own: thousands of asynchronous trials in a second, for tests, lessons and benchmarks.

Nothing runs and nothing sleeps: what a leg would do is looked up, and the clock jumps from one happening to the next.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

from tunewidgets.history import Action, Config
from tunewidgets.runner.executor import LegFailed, LegLost, LegOrder, LegReported, LegReturned, Message


def _never(_trial: int, _attempt: int) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class World:
    """What a simulated search lives in: how values, durations, failures and losses come about. All are pure functions.

    Attributes
    ----------
    value : callable
        ``value(config, step) -> float``: what a trial reports at a step.
    pace : callable
        ``pace(trial) -> float``: seconds that one step of a trial takes.
    fails, loses : callable
        ``fails(trial, attempt) -> int or None``: the step at which that leg fails, or its process is lost.
    stride : int
        Steps between two reports.
    checkpoints : bool
        Whether a further leg goes on where the last one ended; if not, it trains from the beginning again.
    length : int
        How many steps a trial without a budget takes.
    """

    value: Callable[[Config, int], float]
    pace: Callable[[int], float] = lambda _trial: 1.0
    fails: Callable[[int, int], int | None] = _never
    loses: Callable[[int, int], int | None] = _never
    stride: int = 1
    checkpoints: bool = True
    length: int = 1


class SimulatedExecutor:
    """Runs legs in a `World`.

    Parameters
    ----------
    world : World
        How everything comes about.
    start : float
        The clock's time at the beginning, in seconds since the epoch.

    Attributes
    ----------
    now : float
        The clock. Give ``clock=lambda: executor.now`` to the driver.
    busy : float
        Seconds of training so far, summed over all legs.

    Examples
    --------
    >>> executor = SimulatedExecutor(World(value=lambda config, step: step))
    >>> executor.launch(LegOrder(0, 1, {}, budget=1, seed=0))
    >>> executor.pump(print, timeout=1.0)
    LegReported(trial=0, attempt=1, step=1, value=1.0, metrics={})
    """

    immediate = False
    can_kill = True

    def __init__(self, world: World, start: float = 0.0) -> None:
        self.now, self.busy = start, 0.0
        self._world = world
        self._coming: list[tuple[float, int, Message]] = []
        self._count = 0
        self._orders: dict[tuple[int, int], LegOrder] = {}
        self._at: dict[tuple[int, int], int] = {}
        self._saved: dict[int, int] = {}

    def launch(self, order: LegOrder) -> None:
        """Begin a leg."""
        key = (order.trial, order.attempt)
        self._orders[key] = order
        self._at[key] = self._saved.get(order.trial, 0) if self._world.checkpoints else 0
        self._advance(order)

    def reply(self, trial: int, attempt: int, action: Action) -> None:
        """Let the leg train on, or wind up."""
        order = self._orders.get((trial, attempt))
        if order is None:
            return
        if action == "continue" and self._at[trial, attempt] < self._end(order):
            self._advance(order)
        else:
            self._saved[trial] = self._at[trial, attempt]
            self._schedule(0.0, LegReturned(trial, attempt))

    def stop(self, trial: int, attempt: int, *, now: bool = False) -> None:
        """Lose the leg at once where `now`; else its next report is answered with a stop anyway."""
        if now and (trial, attempt) in self._orders:
            self._drop(trial, attempt)
            self._schedule(0.0, LegLost(trial, attempt, "killed", requested=True))

    def pump(self, deliver: Callable[[Message], None], timeout: float) -> None:
        """Jump to the next happening and deliver it; where nothing will happen, let `timeout` seconds pass."""
        if not self._coming:
            self.now += timeout
            return
        at, _, message = heapq.heappop(self._coming)
        self.now = max(self.now, at)
        if not isinstance(message, LegReported):
            self._orders.pop((message.trial, message.attempt), None)
        deliver(message)

    def recover(self, trial: int, attempt: int) -> list[Message] | None:  # noqa: ARG002 - the contract's signature
        """Nothing outlives a simulation."""
        return None

    def discard(self, trial: int) -> None:
        """Forget a trial's checkpoint."""
        self._saved.pop(trial, None)

    def close(self) -> None:
        """Forget every leg."""
        self._coming.clear()
        self._orders.clear()

    def _end(self, order: LegOrder) -> int:
        return self._world.length if order.budget is None else order.budget

    def _advance(self, order: LegOrder) -> None:
        key = (order.trial, order.attempt)
        after = self._at[key]
        step = min(after + self._world.stride, max(self._end(order), after + 1))
        self._at[key] = step
        message = self._happening(order, after, step)
        seconds = self._world.pace(order.trial) * (step - after)
        self.busy += seconds
        self._schedule(seconds, message)

    def _happening(self, order: LegOrder, after: int, step: int) -> Message:
        trial, attempt = order.trial, order.attempt
        fails, loses = self._world.fails(trial, attempt), self._world.loses(trial, attempt)
        if fails is not None and after < fails <= step:
            return LegFailed(trial, attempt, {"kind": "error", "type": "RuntimeError", "message": "as the world wills"})
        if loses is not None and after < loses <= step:
            return LegLost(trial, attempt, "as the world wills")
        return LegReported(trial, attempt, step, float(self._world.value(order.config, step)))

    def _schedule(self, seconds: float, message: Message) -> None:
        self._count += 1
        heapq.heappush(self._coming, (self.now + seconds, self._count, message))

    def _drop(self, trial: int, attempt: int) -> None:
        self._orders.pop((trial, attempt), None)
        self._coming = [item for item in self._coming if (item[2].trial, item[2].attempt) != (trial, attempt)]
        heapq.heapify(self._coming)
