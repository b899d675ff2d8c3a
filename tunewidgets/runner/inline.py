"""An executor that runs legs in this process, one after the other: for debugging, with breakpoints intact."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tunewidgets.history import Action
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.trial import LegEnd, LiveTrial
from tunewidgets.runner.executor import LegFailed, LegOrder, LegReported, LegReturned, Message
from tunewidgets.runner.process import failure
from tunewidgets.store.folder import SearchFolder


class InlineExecutor:
    """Runs legs while it is pumped, on the thread that pumps; nothing can be killed and no time limit holds.

    Parameters
    ----------
    objective : Objective
        The user's own object, not a copy: what it changes, the user sees.
    folder : SearchFolder
        Where trials keep their checkpoints.
    """

    immediate = True
    can_kill = False

    def __init__(self, objective: Objective, folder: SearchFolder) -> None:
        self._objective, self._folder = objective, folder
        self._waiting: deque[LegOrder] = deque()
        self._stopping: set[tuple[int, int]] = set()
        self._answers: dict[tuple[int, int], Action] = {}

    def launch(self, order: LegOrder) -> None:
        """Put a leg in line."""
        self._waiting.append(order)

    def reply(self, trial: int, attempt: int, action: Action) -> None:
        """Keep the answer for the leg that waits for it."""
        self._answers[trial, attempt] = action

    def stop(self, trial: int, attempt: int, *, now: bool = False) -> None:  # noqa: ARG002 - the contract's signature
        """Let a leg wind up at its next report: in its own process it cannot be ended sooner."""
        self._stopping.add((trial, attempt))

    def pump(self, deliver: Callable[[Message], None], timeout: float) -> None:
        """Run the next leg in line to its end; where there is none, let `timeout` seconds pass."""
        if self._waiting:
            self._run(self._waiting.popleft(), deliver)
        else:
            time.sleep(timeout)

    def recover(self, trial: int, attempt: int) -> list[Message] | None:  # noqa: ARG002 - the contract's signature
        """Keep nothing that a lost leg could be recovered from."""
        return None

    def discard(self, trial: int) -> None:
        """Remove a trial's checkpoint."""
        from shutil import rmtree  # noqa: PLC0415 - used once a search

        rmtree(self._folder.trial(trial) / "checkpoint", ignore_errors=True)

    def close(self) -> None:
        """Forget the legs in line."""
        self._waiting.clear()

    def _run(self, order: LegOrder, deliver: Callable[[Message], None]) -> None:
        key = (order.trial, order.attempt)
        home = self._folder.trial(order.trial)
        home.mkdir(parents=True, exist_ok=True)
        channel = _Channel(order, lambda report: self._answer(report, deliver))
        trial = LiveTrial(order.trial, order.attempt, order.config, order.budget, order.seed, home, channel)
        closing: Message
        try:
            closing = LegReturned(*key, self._objective.run(trial), self._objective.met())
        except LegEnd:
            closing = LegReturned(*key, None, self._objective.met())
        except KeyboardInterrupt:
            self._waiting.appendleft(order)  # the user interrupts the wait, not the trial: it is run again
            raise
        except BaseException as error:  # noqa: BLE001 - whatever user code raises fails its trial and nothing else
            closing = LegFailed(*key, failure.from_exception(error))
        deliver(closing)

    def _answer(self, report: LegReported, deliver: Callable[[Message], None]) -> Action:
        deliver(report)
        key = (report.trial, report.attempt)
        answer = self._answers.pop(key)
        return "stop" if key in self._stopping and answer == "continue" else answer


@dataclass(frozen=True, slots=True)
class _Channel:
    order: LegOrder
    answer: Callable[[LegReported], Action]

    def report(self, step: int, value: float, metrics: Mapping[str, float]) -> Action:
        return self.answer(LegReported(self.order.trial, self.order.attempt, step, value, metrics))
