"""Asking a sampler: in the driver's own thread, or beside it, so that a model that thinks for long holds nothing up.

A question is about one trial, and the sampler is told the events of the history up to a certain length, which the
trial's start records as ``seen``. So the answer is the same wherever it was worked out, and can be worked out again.
"""

import logging
import threading
from collections import deque
from queue import SimpleQueue
from typing import NamedTuple, Protocol

from tunewidgets.errors import TuneError
from tunewidgets.history import Event
from tunewidgets.samplers import Proposer, Sampler, Suggestion, generator_for
from tunewidgets.space import Space

_LOG = logging.getLogger("tunewidgets")
_SOON = 0.02
"""Seconds for which an answer is awaited on the spot: most samplers need less, and the driver can spare that much."""


class Question(NamedTuple):
    """What to try as trial number `trial` of the search with that seed, knowing the first `seen` events."""

    seed: int
    trial: int
    seen: int
    space: Space

    def is_about(self, trial: int, space: Space) -> bool:
        """Whether an answer to it serves for that trial: what happened meanwhile does no harm, an edited space does."""
        return self.trial == trial and self.space is space


class Answer(NamedTuple):
    """What a sampler said to a question: suggestions, none where the space is exhausted, or why it cannot work."""

    question: Question
    found: list[Suggestion]
    error: BaseException | None = None


class Suggester(Protocol):
    """Stands between a driver and its sampler."""

    @property
    def ready(self) -> bool:
        """Whether an answer lies here that was not there when it was asked for."""
        ...

    def apply(self, event: Event) -> None:
        """Tell the sampler of an event."""
        ...

    def ask(self, question: Question) -> Answer | None:
        """Return the answer, or None while it is being worked out: ask again when it is `ready`."""
        ...

    def close(self) -> None:
        """Ask nothing more."""
        ...


class DirectSuggester:
    """Asks in the caller's thread: every answer is there at once."""

    ready = False

    def __init__(self, sampler: Sampler) -> None:
        self._proposer = sampler.begin()
        self.apply = self._proposer.apply  # called with every event: a step in between would only cost time

    def ask(self, question: Question) -> Answer:
        """Return the answer."""
        return _answer(question, self._proposer)

    def close(self) -> None:
        """Nothing is held."""


class ThreadSuggester:
    """Asks in a thread of its own, which alone touches the sampler.

    Parameters
    ----------
    sampler : Sampler
        Is told the events in order, those that a question knows of before it is asked.
    """

    def __init__(self, sampler: Sampler) -> None:
        self._proposer = sampler.begin()
        self._events: deque[Event] = deque()
        self._told = 0
        self._questions: SimpleQueue[Question | None] = SimpleQueue()
        self._done = threading.Event()
        self._asked: Question | None = None
        self._answer: Answer | None = None
        self._thread: threading.Thread | None = None

    @property
    def ready(self) -> bool:
        """Whether an answer lies here that was not there when it was asked for."""
        return self._asked is not None and self._done.is_set()

    def apply(self, event: Event) -> None:
        """Tell the sampler of an event."""
        self._events.append(event)

    def ask(self, question: Question) -> Answer | None:
        """Return the answer, or None while it is being worked out: ask again when it is `ready`."""
        if self._asked is None:
            self._begin(question)
        if not self._done.wait(_SOON if self._asked is question else 0.0):
            return None
        answer, self._asked, self._answer = self._answer, None, None
        if answer is None or not answer.question.is_about(question.trial, question.space):
            return self.ask(question)
        return answer

    def close(self) -> None:
        """Let the thread end once it has thought its last question over; nobody waits for it."""
        self._questions.put(None)

    def _begin(self, question: Question) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="tunewidgets-sampler", daemon=True)
            self._thread.start()
        self._asked = question
        self._done.clear()
        self._questions.put(question)

    def _work(self) -> None:
        while (question := self._questions.get()) is not None:
            answer = self._thought_over(question)
            if answer.error is not None and not isinstance(answer.error, TuneError):
                _LOG.error("the sampler failed", exc_info=answer.error)
            self._answer = answer
            self._done.set()

    def _thought_over(self, question: Question) -> Answer:
        try:
            self._catch_up(question.seen)
            return _answer(question, self._proposer)
        except BaseException as error:  # noqa: BLE001 - were the thread to end, the driver would wait for ever
            return Answer(question, [], error)

    def _catch_up(self, seen: int) -> None:
        while self._told < seen:
            self._proposer.apply(self._events[0])  # one that fails is told again, and none in its place
            self._events.popleft()
            self._told += 1


def _answer(question: Question, proposer: Proposer) -> Answer:
    try:
        return Answer(question, proposer.suggest(question.space, generator_for(question.seed, question.trial)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the search ends in order and says so
        return Answer(question, [], error)
