"""The driver: the only caller of ladder, proposer and store. It turns messages and commands into events.

A turn is: deliver what the legs say, take the user's commands, ask the ladder until it has nothing more to start,
commit everything in one transaction, and only then act on it: answer, launch, stop. Messages come before new work.
Plain reports, on which nothing is decided, are answered at once and committed within a tenth of a second.
"""

import time
from collections.abc import Callable, Sequence

from tunewidgets.errors import SpaceError
from tunewidgets.history import (
    Closed,
    Continue,
    Continued,
    Decision,
    Drop,
    Ended,
    Enqueued,
    Entry,
    Event,
    Exhausted,
    Extended,
    Finished,
    History,
    Judged,
    Place,
    Recovered,
    Reported,
    Resumed,
    Retried,
    SpaceEdited,
    Start,
    Started,
    Step,
    StopAsked,
    TimeUp,
    Wait,
    failures_reason,
    may_retry,
)
from tunewidgets.runner import settle
from tunewidgets.runner.executor import Executor, LegFailed, LegLost, LegOrder, LegReported, LegReturned, Message
from tunewidgets.runner.suggesting import Answer, DirectSuggester, Question, Suggester
from tunewidgets.samplers import Sampler, trial_seed
from tunewidgets.schedules import Schedule
from tunewidgets.schedules.stopping import StopRule
from tunewidgets.space import Parameter
from tunewidgets.store.base import Store

_BATCH_SECONDS = 0.1
_THINKING_SECONDS = 0.01


class Driver:
    """Drives one search on one store.

    Parameters
    ----------
    store : Store
        Holds at least the opening event; what it holds is folded first, so a new driver goes on where the last one
        committed.
    schedule, sampler : Schedule, Sampler
        The strategy.
    executor : Executor
        Runs the legs.
    clock : callable
        Returns the time in seconds since the epoch.
    suggester : callable
        Makes of the sampler what is asked for suggestions: in this thread, or beside it.
    rules : sequence of StopRule
        Once one of them is met nothing new is started.

    Notes
    -----
    Legs that were running when the last driver ended are recovered where their result was kept, and otherwise lost and
    run again before anything new.
    """

    def __init__(
        self,
        store: Store,
        schedule: Schedule,
        sampler: Sampler,
        executor: Executor,
        clock: Callable[[], float] = time.time,
        suggester: Callable[[Sampler], Suggester] = DirectSuggester,
        rules: Sequence[StopRule] = (),
    ) -> None:
        self.history = History()
        self._store, self._executor, self._clock = store, executor, clock
        self._ladder, self._suggester = schedule.begin(), suggester(sampler)
        self._watches = tuple(rule.begin() for rule in rules)
        self._buffer: list[Entry] = []
        self._effects: list[Callable[[], None]] = []
        self._urgent = False
        self._asked = -1
        self._awaited = False  # whether the next thing to do is what an answer will say
        self._fault: Closed | None = None
        self._began = clock()
        for entry in store.read():
            self._fold(entry.event, entry.at)
        self._cursor = store.cursor()
        self._committed_cursor = self._cursor
        self._seen_version = -1
        if len(self.history) > 1 and not self.done:
            self._emit(Recovered())
        self._recover()

    # --- the loop --------------------------------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether the search has come to rest."""
        return self.history.closed is not None

    def run(self, poll: float = 0.05) -> None:
        """Turn until the search has come to rest; `poll` is the longest wait for a message, in seconds."""
        while not self.done:
            self.turn(poll)
        self._commit()

    def close(self) -> None:
        """Ask the sampler nothing more; what it may be thinking over is of no use any more."""
        self._suggester.close()

    def turn(self, timeout: float) -> None:
        """Do one turn; wait at most `timeout` seconds for the first message."""
        self._executor.pump(self._deliver, self._patience(timeout))
        self._take_commands()
        self._check_clock()
        self._fill()
        if self._urgent or (self._buffer and self._clock() - self._buffer[0].at >= _BATCH_SECONDS):
            self._commit()

    def _patience(self, timeout: float) -> float:
        """Return how long to wait for a message: the shorter, the sooner something else is expected."""
        if self._awaited:
            # It may have come since it was looked for: then there is nothing to wait for.
            return 0.0 if self._suggester.ready else min(timeout, _THINKING_SECONDS)
        return min(timeout, _BATCH_SECONDS) if self._buffer else timeout

    def _fold(self, event: Event, at: float) -> Entry:
        entry = self.history.append(event, at)
        self._ladder.apply(event)
        self._suggester.apply(event)
        for watch in self._watches:
            watch.apply(event)
        return entry

    def _emit(self, event: Event) -> None:
        self._buffer.append(self._fold(event, self._clock()))
        self._urgent = self._urgent or type(event) is not Reported

    def _after_commit(self, effect: Callable[[], None]) -> None:
        self._effects.append(effect)

    def _commit(self) -> None:
        if self._buffer or self._cursor != self._committed_cursor:
            self._store.append(self._buffer, self._cursor)
            self._buffer, self._committed_cursor = [], self._cursor
        self._urgent = False
        effects, self._effects = self._effects, []
        for effect in effects:
            effect()

    # --- what the legs say -----------------------------------------------------------------------------------------

    def _recover(self) -> None:
        for number in tuple(self.history.running):
            attempt = self.history.trials[number].attempt
            for message in self._executor.recover(number, attempt) or ():
                self._handle(message, answer=False)
            if number in self.history.running:
                self._emit(settle.lost(self.history, self.history.trials[number], None))
        self._commit()

    def _deliver(self, message: Message) -> None:
        self._handle(message)
        if self._executor.immediate:
            self._commit()

    def _handle(self, message: Message, *, answer: bool = True) -> None:
        trial = self.history.trials.get(message.trial)
        if trial is None or trial.state != "running" or trial.attempt != message.attempt:
            return  # a leg that was given up
        if isinstance(message, LegReported):
            self._reported(message, answer=answer)
        elif isinstance(message, LegReturned):
            self._returned(message)
        elif isinstance(message, LegFailed):
            self._emit(settle.failed(trial, message.reason))
        elif isinstance(message, LegLost):
            self._emit(settle.lost(self.history, trial, message.message, requested=message.requested))

    def _reported(self, message: LegReported, *, answer: bool) -> None:
        if not answer and message.step <= settle.stored(self.history, message.trial, message.attempt):
            return  # recovered, and stored already
        decision = self._judge(Reported(message.trial, message.attempt, message.step, message.value, message.metrics))
        if not answer:
            return
        if decision.action == "continue":
            self._executor.reply(message.trial, message.attempt, "continue")
        else:
            self._after_commit(lambda: self._executor.reply(message.trial, message.attempt, decision.action))

    def _judge(self, report: Reported) -> Decision:
        self._emit(report)
        trial = self.history.trials[report.trial]
        if trial.verdict is not None:
            return Decision(trial.verdict, trial.reason)
        if report.trial in self.history.to_stop:
            decision = Decision("stop", {"kind": "user"})
        else:
            decision = self._ladder.judge(report)
        if decision.action != "continue" or decision.reason:
            self._emit(Judged(report.trial, report.attempt, report.step, decision.action, decision.reason))
        return decision

    def _returned(self, message: LegReturned) -> None:
        trial = self.history.trials[message.trial]
        if message.value is not None:
            self._judge(Reported(trial.number, trial.attempt, trial.place.budget or trial.step + 1, message.value))
        self._learn(message)
        self._emit(settle.returned(self.history, self._ladder, self.history.trials[message.trial]))

    def _learn(self, message: LegReturned) -> None:
        unknown = {name: data for name, data in message.met.items() if name not in self.history.space}
        if unknown:
            met = {name: Parameter.from_json(data) for name, data in unknown.items()}
            self._emit(SpaceEdited(self.history.space.with_parameters(met), by="trial"))

    # --- what the user says, and the clock -------------------------------------------------------------------------

    def _take_commands(self) -> None:
        version = self._store.version()
        if version == self._seen_version:
            return
        self._seen_version = version
        for command in self._store.commands(self._cursor):
            self._cursor, self._urgent = command.number, True
            event = command.event
            if isinstance(event, Enqueued | Retried) and not self._accepts(event):
                continue
            self._emit(event)
            if isinstance(event, StopAsked):
                self._stop(event)
            elif isinstance(event, SpaceEdited | Extended | Resumed):
                self._fault = None

    def _accepts(self, event: Enqueued | Retried) -> bool:
        if isinstance(event, Retried):
            return may_retry(self.history.trials.get(event.trial))
        try:
            self.history.space.validate(event.config)
        except SpaceError:  # the space was edited between the user's click and now
            return False
        return True

    def _stop(self, asked: StopAsked) -> None:
        if asked.trial is None:
            for number in self.history.running if asked.now else ():
                self._stop_leg(number, now=True)
            return
        trial = self.history.trials.get(asked.trial)
        if trial is not None and trial.state == "running":
            self._stop_leg(asked.trial, now=asked.now)
        elif trial is not None and trial.state in ("paused", "interrupted"):
            self._emit(settle.stopped(trial))

    def _stop_leg(self, number: int, *, now: bool) -> None:
        attempt = self.history.trials[number].attempt
        self._after_commit(lambda: self._executor.stop(number, attempt, now=now))

    def _check_clock(self) -> None:
        limit = self.history.limits.timeout
        if limit is None or self.history.time_up or self.done or not len(self.history):
            return
        now, last = self._clock(), self.history[len(self.history) - 1].at
        open_since = max(last, self._began)  # what lies before this driver's beginning was nobody's work
        if self.history.worked + (now - open_since if self.history.working else 0.0) >= limit:
            self._emit(TimeUp())

    # --- new work --------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        while self._asked != (before := len(self.history)) or self._suggester.ready:
            if not self._fill_one():
                self._asked = before if before == len(self.history) else self._asked
                return

    def _fill_one(self) -> bool:
        """Do one thing; False where nothing is left to do before something happens."""
        history = self.history
        self._awaited = False
        if self.done or history.status == "paused":
            return False
        over = self._over()
        owed = (history.interrupted or history.to_retry) and (over is None or over.state == "finished")
        if over is not None and not owed:
            return self._close(over)
        if len(history.running) >= history.workers:
            return False
        if owed:  # a leg that was begun in time, or that the user asks for, is run again even after it
            return self._again(next(iter(history.interrupted or history.to_retry)))
        return self._take(self._ladder.next())

    def _take(self, step: Step) -> bool:
        """Do what the ladder says."""
        if isinstance(step, Drop):
            trial = self.history.trials[step.trial]
            self._emit(Ended(trial.number, trial.attempt, "pruned", trial.place, trial.last, step.reason))
            return True
        if isinstance(step, Continue):
            attempt = self.history.trials[step.trial].attempt + 1
            self._emit(Continued(step.trial, step.place, attempt, "promoted", step.reason))
            self._launch(step.trial)
            return True
        return self._start(step)

    def _over(self) -> Closed | None:
        history = self.history
        if self._fault is not None:
            return self._fault
        if history.closing is not None:
            return Closed("stopped", {"kind": "user", "text": "stopped by you"})
        most = history.limits.max_consecutive_failures
        if most is not None and history.consecutive_failures >= most:
            return Closed("failed", failures_reason(history))
        if history.time_up:
            return Closed("finished", {"kind": "time", "text": "the time is over"})
        for watch in self._watches:
            met = watch.met()
            if met is not None:
                return Closed("finished", met)
        return None

    def _close(self, closed: Closed) -> bool:
        if self.history.running:
            return False
        self._emit(closed)
        self._fault = None
        return True

    def _again(self, number: int) -> bool:
        trial = self.history.trials[number]
        if number in self.history.to_retry:
            if trial.reason.get("kind") == "value":  # its training had come to its end: there is nothing to go on with
                self._after_commit(lambda: self._executor.discard(number))
            place = self._ladder.retry(trial)
            self._emit(Continued(number, place, trial.attempt + 1, "retried", {"kind": "retried"}))
        else:
            self._emit(Continued(number, trial.place, trial.attempt + 1, "lost", {"kind": "again"}))
        self._launch(number)
        return True

    def _start(self, step: Start | Wait | Finished) -> bool:
        history = self.history
        if not isinstance(step, Start):
            if history.queue:  # the user's own wish is met beyond plan and limits, outside all brackets
                step = Start(Place(None, 0, self._ladder.full_budget))
            elif isinstance(step, Finished):
                return self._close(Closed("finished", {"kind": "plan", "text": step.why}))
            else:
                return False
        number = len(history.trials)
        if history.queue:
            self._emit(Started(number, history.queue[0], step.place, "user", {"kind": "enqueued"}, len(history)))
        else:
            answer = self._suggester.ask(Question(history.seed, number, len(history), history.space))
            if answer is None:
                self._awaited = True
                return False  # it is being worked out
            if answer.error is not None or not answer.found:
                self._cannot_start(answer)
                return True
            config, notes = answer.found[0]
            self._emit(Started(number, config, step.place, "sampler", notes, answer.question.seen))
        self._launch(number)
        return True

    def _cannot_start(self, answer: Answer) -> None:
        if answer.error is None:
            self._emit(Exhausted())
            return
        name, words = type(answer.error).__name__, str(answer.error)
        self._fault = Closed("failed", {"kind": "error", "type": name, "text": words})

    def _launch(self, number: int) -> None:
        trial = self.history.trials[number]
        seed = trial_seed(self.history.seed, number)
        order = LegOrder(number, trial.attempt, trial.config, trial.place.budget, seed)
        self._after_commit(lambda: self._executor.launch(order))
