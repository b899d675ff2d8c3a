"""The contract suite of executors: a new executor joins with one line.

::

    class TestMyExecutor(ExecutorContract):
        def executor(self, objective: Objective, folder: Path) -> Executor:
            return MyExecutor(objective, folder, grace=0.5)

What an executor cannot do it need not: the tests of kills and crashes are for those with `can_kill`, and where
`immediate` is set no reply is ever withheld. A grace period should be well under ten seconds; the suite waits for it.
pytest collects the tests through the subclass.
"""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tunewidgets.history import Action
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.function import FunctionObjective
from tunewidgets.runner.executor import Executor, LegFailed, LegLost, LegOrder, LegReported, LegReturned, Message
from tunewidgets.testing.legs import Learning, act

Answer = Callable[[LegReported], Action | None]

_SECONDS = 30.0


def go_on(_report: LegReported) -> Action:
    """Answer every report with "continue"."""
    return "continue"


class Session:
    """Drives an executor, and checks with every message that the contract's guarantees 1, 2, 3 and 6 hold.

    Parameters
    ----------
    executor : Executor
        What is driven; the session closes it.

    Attributes
    ----------
    messages : list of Message
        All that came.
    answer : callable
        Returns what a report is answered; None withholds the reply.
    """

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.messages: list[Message] = []
        self.answer: Answer = go_on
        self._launched: set[tuple[int, int]] = set()
        self._closed: set[tuple[int, int]] = set()
        self._unanswered: set[tuple[int, int]] = set()

    def launch(self, trial: int = 0, attempt: int = 1, *, budget: int | None = 3, **config: Any) -> None:
        """Begin a leg; its seed is 7."""
        self._launched.add((trial, attempt))
        self.executor.launch(LegOrder(trial, attempt, config, budget, 7))

    def reply(self, trial: int, action: Action, attempt: int = 1) -> None:
        """Answer a report whose reply was withheld."""
        self._unanswered.discard((trial, attempt))
        self.executor.reply(trial, attempt, action)

    def pump(self, timeout: float = 0.0) -> None:
        """Let messages come for a while."""
        here = threading.get_ident()

        def deliver(message: Message) -> None:
            assert threading.get_ident() == here, "guarantee 6: messages are delivered on the thread that pumps"
            self._take(message)

        self.executor.pump(deliver, timeout)

    def until(self, condition: Callable[[], Any], seconds: float = _SECONDS) -> None:
        """Let messages come until something holds.

        Raises
        ------
        AssertionError
            It does not come to hold in time.
        """
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, f"it did not come to that in {seconds:g} s; the messages: {self.messages}"
            self.pump(0.05)

    def closing(self, trial: int = 0, attempt: int = 1, seconds: float = _SECONDS) -> Message:
        """Wait for a leg to close and return its closing message."""
        self.until(lambda: (trial, attempt) in self._closed, seconds)
        return next(m for m in self.of(trial, attempt) if not isinstance(m, LegReported))

    def of(self, trial: int, attempt: int = 1) -> list[Message]:
        """Return the messages of one leg."""
        return [message for message in self.messages if (message.trial, message.attempt) == (trial, attempt)]

    def reports(self, trial: int = 0, attempt: int = 1) -> list[tuple[int, float]]:
        """Return the steps and values that a leg has reported."""
        return [(it.step, it.value) for it in self.of(trial, attempt) if isinstance(it, LegReported)]

    def _take(self, message: Message) -> None:
        leg = (message.trial, message.attempt)
        assert leg in self._launched, f"guarantee 1: nobody launched the leg of {message}"
        assert leg not in self._closed, f"guarantee 1: {message} came after the leg's closing message"
        self.messages.append(message)
        if not isinstance(message, LegReported):
            self._closed.add(leg)
            return
        assert leg not in self._unanswered, f"guarantee 3: {message} came before the last report was answered"
        self._unanswered.add(leg)
        action = self.answer(message)
        if action is not None:
            self.reply(message.trial, action, message.attempt)


class ExecutorContract:
    """What every executor promises; see the module's text for how to join."""

    def executor(self, objective: Objective, folder: Path) -> Executor:
        """Return an executor for an objective, on a folder for one search."""
        raise NotImplementedError

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Return the search's folder."""
        folder = tmp_path / "runs" / "search é?#%20"
        folder.mkdir(parents=True)
        return folder

    @pytest.fixture
    def session(self, folder: Path) -> Iterator[Session]:
        """Return a session on an executor whose legs do what their configuration says."""
        session = Session(self.executor(FunctionObjective(act), folder))
        yield session
        session.executor.close()

    @pytest.fixture
    def killing(self, session: Session) -> Session:
        """Return the session where the executor can kill."""
        if not session.executor.can_kill:
            pytest.skip("this executor cannot kill")
        return session

    # --- what a leg says -------------------------------------------------------------------------------------------

    def test_a_value_is_returned(self, session: Session) -> None:
        """The simplest leg: no report, one closing message."""
        session.launch(do="return")
        session.closing()
        assert session.messages == [LegReturned(0, 1, 0.25)]

    def test_reports_come_in_order(self, session: Session) -> None:
        """Guarantee 2, with the metrics."""
        session.launch(do="count", budget=5)
        assert session.closing() == LegReturned(0, 1, None)
        steps = [LegReported(0, 1, step, step / 2, {"double": step * 2.0}) for step in range(1, 6)]
        assert session.messages == [*steps, LegReturned(0, 1, None)]

    def test_the_order_arrives_as_it_is(self, session: Session, folder: Path) -> None:
        """Configuration, budget and seed, with their types."""
        values = {"text": "é\n", "i": 2**60, "f": 0.1, "yes": True, "none": None}
        session.launch(3, 2, do="tell order", budget=9, **values)
        session.closing(3, 2)
        told = (folder / "trials" / "00003" / "checkpoint" / "order").read_text()
        assert told == repr([3, 2, 9, 7, {"do": "tell order", **values}])

    def test_every_float_is_a_value(self, session: Session) -> None:
        """NaN and infinity are passed on: what they mean is the driver's business."""
        session.launch(do="specials")
        session.closing()
        values = [value for _, value in session.reports()]
        assert math.isnan(values[0])
        assert values[1:] == [math.inf, -math.inf, 1e308]

    def test_what_was_met_is_told(self, folder: Path) -> None:
        """The parameters that an objective met come with its closing message."""
        session = Session(self.executor(Learning(), folder))
        try:
            session.launch(x=1)
            assert session.closing() == LegReturned(0, 1, 1.0, {"units": {"kind": "Int", "range": [1, 8]}})
        finally:
            session.executor.close()

    def test_many_legs(self, session: Session) -> None:
        """Guarantee 1 for legs that run beside or after each other."""
        for trial in range(4):
            session.launch(trial, do="count")
        for trial in range(4):
            assert session.closing(trial) == LegReturned(trial, 1)
            assert session.reports(trial) == [(1, 0.5), (2, 1.0), (3, 1.5)]

    # --- replies ---------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("action", ["pause", "stop", "complete"])
    def test_a_leg_ends_when_it_is_told(self, session: Session, action: Action) -> None:
        """Guarantee 3: any answer but "continue" ends the leg, and it closes as returned."""
        session.answer = lambda report: action if report.step == 2 else "continue"  # noqa: PLR2004 - the second report
        session.launch(do="count", budget=9)
        assert session.closing() == LegReturned(0, 1)
        assert [step for step, _ in session.reports()] == [1, 2]

    def test_a_leg_waits_for_its_reply(self, session: Session, folder: Path) -> None:
        """Guarantee 3: nothing happens in a leg whose report is not answered."""
        if session.executor.immediate:
            pytest.skip("this executor's replies cannot be withheld")
        session.answer = lambda report: None if report.step == 1 else "continue"
        mark = folder / "trials" / "00000" / "checkpoint" / "after"
        session.launch(do="mark")
        session.launch(1, do="return")
        session.until(session.reports)
        session.closing(1)  # other legs go on meanwhile
        session.pump(0.1)
        assert not mark.exists()
        session.reply(0, "continue")
        assert session.closing() == LegReturned(0, 1)
        assert mark.exists()

    def test_replies_and_stops_for_nobody(self, session: Session) -> None:
        """Legs that are closed, or that never were, take no harm and do none."""
        session.launch(do="return")
        session.closing()
        for trial in (0, 99):
            session.executor.reply(trial, 1, "continue")
            session.executor.stop(trial, 1)
            session.executor.stop(trial, 1, now=True)
        session.launch(1, do="return")
        assert session.closing(1) == LegReturned(1, 1, 0.25)
        assert len(session.messages) == 2  # noqa: PLR2004 - one closing message a leg

    # --- faults ----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("fault", "kind", "words"),
        [
            ("raise", "ValueError", "a value of its own"),
            ("exit", "SystemExit", "sys.exit(3)"),
            ("return nothing", "ObjectiveError", "must be a number"),
            ("return text", "ObjectiveError", "'good'"),
            ("return a function", "ObjectiveError", "must be a number"),
        ],
    )
    def test_an_error_fails_its_leg(self, session: Session, fault: str, kind: str, words: str) -> None:
        """Guarantee 5, for what Python can catch; another leg completes beside it."""
        session.launch(0, do=fault)
        session.launch(1, do="count")
        closing = session.closing(0)
        assert isinstance(closing, LegFailed)
        assert (closing.reason["kind"], closing.reason["type"]) == ("error", kind)
        assert words in closing.reason["message"]
        assert kind in closing.reason["traceback"]
        assert session.closing(1) == LegReturned(1, 1)

    @pytest.mark.parametrize(
        ("fault", "status", "words"),
        [
            ("end process", 3, "exit code 3"),
            ("segfault", -signal.SIGSEGV, "segmentation fault"),
            ("kill itself", -signal.SIGKILL, "memory"),
        ],
    )
    def test_a_crash_fails_its_leg(self, killing: Session, fault: str, status: int, words: str) -> None:
        """Guarantee 5, for what ends a process; another leg completes beside it."""
        killing.launch(0, do=fault)
        killing.launch(1, do="count")
        closing = killing.closing(0)
        assert isinstance(closing, LegFailed)
        assert (closing.reason["kind"], closing.reason["exit"]) == ("crash", status)
        assert words in closing.reason["message"]
        assert killing.closing(1) == LegReturned(1, 1)
        assert len(killing.reports(1)) == 3  # noqa: PLR2004 - its budget

    # --- stopping --------------------------------------------------------------------------------------------------

    def test_a_stopped_leg_winds_up_at_its_next_report(self, session: Session) -> None:
        """Guarantee 4: whatever the report is answered."""

        def stop_then_continue(report: LegReported) -> Action:
            session.executor.stop(report.trial, report.attempt)
            return "continue"

        session.answer = stop_then_continue
        session.launch(do="count", budget=99)
        assert session.closing() == LegReturned(0, 1)
        assert len(session.reports()) <= 2  # noqa: PLR2004 - the one it was in, or the next

    @pytest.mark.parametrize("now", [True, False])
    def test_a_leg_that_does_not_report_is_killed(self, killing: Session, folder: Path, *, now: bool) -> None:
        """Guarantee 4: at once, or after the grace period; its process is gone, and others are not touched."""
        killing.launch(0, do="hang")
        killing.until(killing.reports)
        process = psutil.Process(int((folder / "trials" / "00000" / "checkpoint" / "pid").read_text()))
        killing.executor.stop(0, 1, now=now)
        killing.launch(1, do="count")
        lost = killing.closing(0)
        assert isinstance(lost, LegLost)
        assert lost.requested
        assert killing.closing(1) == LegReturned(1, 1)
        killing.until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)

    def test_a_leg_stopped_at_once_closes(self, session: Session) -> None:
        """A leg may be stopped before it has done anything, and closes all the same."""
        if session.executor.immediate:
            pytest.skip("this executor runs legs when it is pumped")
        session.launch(do="count")
        session.executor.stop(0, 1, now=True)
        lost = session.closing()
        assert isinstance(lost, LegLost)
        assert lost.requested

    def test_close_ends_all_legs(self, killing: Session, folder: Path) -> None:
        """After `close` no process is left, and closing again changes nothing."""
        killing.launch(do="hang")
        killing.until(killing.reports)
        process = psutil.Process(int((folder / "trials" / "00000" / "checkpoint" / "pid").read_text()))
        killing.executor.close()
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        killing.executor.close()

    # --- what is kept ----------------------------------------------------------------------------------------------

    def test_a_later_leg_goes_on_until_the_checkpoint_is_discarded(self, session: Session) -> None:
        """What a leg saves, the trial's next leg finds; `discard` frees it."""
        session.launch(0, 1, do="keep", budget=2)
        session.closing(0, 1)
        session.launch(0, 2, do="keep", budget=3)
        session.closing(0, 2)
        session.executor.discard(0)
        session.launch(0, 3, do="keep", budget=1)
        session.closing(0, 3)
        assert [session.reports(0, attempt) for attempt in (1, 2, 3)] == [[(1, 1.0), (2, 2.0)], [(3, 3.0)], [(1, 1.0)]]
        session.executor.discard(99)

    def test_what_is_recovered_is_what_was_told(self, session: Session) -> None:
        """An executor that keeps results keeps all messages of a leg; one that does not returns None."""
        session.launch(do="count")
        session.closing()
        assert session.executor.recover(0, 1) in (None, session.of(0))
        assert session.executor.recover(0, 2) is None
        assert session.executor.recover(99, 1) is None

    # --- time ------------------------------------------------------------------------------------------------------

    def test_pump_returns_where_nothing_happens(self, session: Session) -> None:
        """Guarantee 6: after the timeout, give or take a laden machine, and not before."""
        began = time.monotonic()
        session.pump(0.05)
        assert 0.045 <= time.monotonic() - began < 2.0  # noqa: PLR2004 - far more than it may take
