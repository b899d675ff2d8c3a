"""One thread a dashboard: it reads the search, draws what is in sight, and sends no faster than pages can draw.

Messages of pages are answered on this thread too: whoever receives one only posts it here, so that it does not matter
on which thread of the kernel a front end's message arrives.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread, current_thread
from typing import Any, TypeVar

from tunewidgets.analysis.moments import happened
from tunewidgets.figures.card import Card
from tunewidgets.history import History, Plan, Pulse, SearchView
from tunewidgets.widgets.dashboard.brush import BRUSH
from tunewidgets.widgets.dashboard.chosen import Chosen
from tunewidgets.widgets.dashboard.drawing import Drawing
from tunewidgets.widgets.dashboard.frame import Framer
from tunewidgets.widgets.dashboard.header import Facts, current, facts
from tunewidgets.widgets.dashboard.heavy import Heavy
from tunewidgets.widgets.dashboard.milestones import Milestones
from tunewidgets.widgets.dashboard.outlet import Message, Outlet
from tunewidgets.widgets.dashboard.reading import Reading
from tunewidgets.widgets.dashboard.rows import TABLE
from tunewidgets.widgets.dashboard.shipping import Shipping
from tunewidgets.widgets.dashboard.steering import Steering
from tunewidgets.widgets.dashboard.talk import ASKED
from tunewidgets.widgets.dashboard.viewers import Viewers

POLL = 0.1
"""Seconds between two looks at the search, and the least time between two messages."""
PULSE = 1.0
"""Seconds between two looks at the coordinator."""
KEEP = 2.0
"""Seconds between two updates of the header that is saved with the notebook."""

_Seen = TypeVar("_Seen")


class Publisher:
    """Brings a search's changes to the pages that look at it.

    Parameters
    ----------
    view : SearchView
        The search.
    outlet : Outlet
        Where to.
    cards : sequence of Card
        What is drawn.
    plan : Plan or None
        What the schedule will do.
    chosen : Chosen
        What a person has chosen.
    clock : callable
        Seconds on a clock that only goes forward.
    heavy : callable, optional
        Makes what fetches the heavy cards, of a function that is told of each that has come; without it they are drawn
        on the thread.

    Notes
    -----
    After a message the pages' acknowledgement is awaited, so that a slow browser is never flooded; but as none can
    arrive while a cell blocks some kernels, the newest state goes out once a second all the same; and the header of
    what has come of a command goes out at once. The thread ends when the search is at rest and every page has drawn
    that, and when nobody looks and no static output waits for a milestone; whatever is posted starts it again.
    """

    def __init__(
        self,
        view: SearchView,
        outlet: Outlet,
        cards: Sequence[Card],
        plan: Plan | None = None,
        chosen: Chosen = Chosen(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.monotonic,
        heavy: Callable[[Callable[[str], None]], Heavy] | None = None,
    ) -> None:
        self._view, self._outlet, self._plan, self._clock = view, outlet, plan, clock
        self._cards, self._chosen = tuple(card.name for card in cards), chosen
        self._brushed = [BRUSH, *(card.name for card in cards if card.brushes)]
        self._reading = Reading(view, chosen.moment)
        self._viewers, self._milestones, self._framer = Viewers(), Milestones(), Framer((BRUSH, *self._cards), clock)
        self._inbox: deque[Message] = deque()
        self._early: deque[tuple[str, Message]] = deque()  # commands that came before all was read
        self._steering, self._hurried = Steering(view, outlet.send), False
        self._pulse, self._pulse_at = Pulse("starting"), float("-inf")
        self._sent_at = self._kept_at = float("-inf")
        self._shipping = Shipping(outlet.send)
        self._kept: Facts = {}
        self._told: Facts = {}
        self._facts, self._facts_of = Facts(), (-1, self._pulse)
        self._seq, self._whole = -1, True
        self._starting, self._folding, self._wake = Lock(), Lock(), Event()
        self._thread: Thread | None = None
        self._below = self._retired = self._closed = False
        fetching = heavy(lambda name: self.post({"kind": "arrived", "card": name})) if heavy else None
        self._drawing = Drawing(cards, self._reading, self._framer, plan, chosen, fetching)

    # --- from any thread ---------------------------------------------------------------------------------------------

    def post(self, message: Message) -> None:
        """Hand over a page's message, or one of the dashboard's own; starts the thread where it does not run.

        The dashboard's are "display", "wake", "chosen" (other options, another moment, or another brush), "arrived" (a
        heavy card is drawn), "below" (there is a static output from now on) and "retire" (there is none any more, and
        everything ends once nobody looks).
        """
        self._inbox.append(message)
        with self._starting:
            if self._thread is None and not self._closed:
                self._thread = Thread(target=self._run, name="tunewidgets-publisher", daemon=True)
                self._thread.start()
        self._wake.set()

    def close(self) -> None:
        """End the thread; nothing is sent from here on."""
        self._closed = True
        self._wake.set()

    def look(self, work: Callable[[History], _Seen]) -> _Seen:
        """Return what `work` makes of the newest history; turns of the thread wait for it, so it must be short."""
        with self._folding:
            with suppress(Exception):  # what cannot be read now is told by the thread, which tries again
                while self._reading.read():
                    self._framer.changed()
            return work(self._history)

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None

    # --- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._ends(self.turn()):
                pass
        finally:  # whatever ended it: the next message must be able to start another one
            with self._starting:
                if self._thread is current_thread():
                    self._thread = None

    def _ends(self, rest: float | None) -> bool:
        """Tell whether the thread ends, or rest first for so many seconds at most."""
        with self._starting:
            if self._closed or (rest is None and not self._inbox):
                self._thread = None
                return True
        self._wake.wait(rest)
        self._wake.clear()
        return False

    def turn(self) -> float | None:
        """Do what is due.

        Returns
        -------
        float or None
            Seconds until the next turn at the latest; None: there is nothing to wait for.
        """
        with self._folding:
            return self._turn(self._clock())

    def _turn(self, now: float) -> float | None:
        try:
            while self._inbox and not self._closed:
                self._answer(self._inbox.popleft(), now)
            if self._closed:
                return None
            if self._read(now):
                return 0.0
            while self._early:
                self._command(*self._early.popleft(), now)
            self._publish(now)
            self._shipping.unasked(self._viewers.unheard(now))
            return self._rest(now)
        except Exception as error:  # noqa: BLE001 - on a thread nobody would see it; it is shown, and all is tried again
            self._tell_trouble(f"The dashboard is in trouble and tries again: {type(error).__name__}: {error}", now)
            return PULSE if self._is_looked_at(now) else self._rest_alone(now)

    def _tell_trouble(self, text: str, now: float) -> None:
        self._framer.forget()  # it is not known what of the last message has arrived
        with suppress(Exception):  # what is in trouble may be the way to the pages itself
            self._send(self._known_header() | {"message": text}, [], now)

    def _known_header(self) -> Facts:
        with suppress(Exception):  # what is in trouble may be the header itself: then it is the last one that was made
            return self._header()
        return self._facts or facts(History(), None, self._pulse)

    def _rest(self, now: float) -> float | None:
        if not self._is_looked_at(now):
            return self._rest_alone(now)
        at_rest = self._history.closed is not None and not self._steering.awaits(now)
        if at_rest and self._viewers.caught_up(now) and not self._waiting(now):
            return None
        soon = self._sent_at + POLL - now  # a wake-up in between, such as an acknowledgement, must not put this off
        return soon if 0.0 < soon < POLL else POLL

    def _rest_alone(self, now: float) -> float | None:
        """Rest while nobody looks: to the end, unless there is something to do all the same."""
        if self._is_awaited(now):
            return PULSE
        return None if not self._retired or self._outlet.end() else PULSE

    def _is_looked_at(self, now: float) -> bool:
        return self._viewers.patience(now) is not None

    def _is_awaited(self, now: float) -> bool:
        """Whether there is something to do although nobody looks: a command was given, or a milestone is to come."""
        to_come = self._history.closed is None or self._milestones.behind(self._history)
        return self._steering.awaits(now) or (self._below and to_come)

    def _read(self, now: float) -> bool:
        """Fold what is new; tell whether there is more: a long history is folded bit by bit, pages being answered."""
        if self._reading.read() | self._reading.rewind():
            self._framer.changed()
            self._show_effects(now)
        return self._reading.behind

    def _show_effects(self, now: float) -> None:
        """Let what has come of a command overtake all else: trials it was about at once, and no card rests."""
        if self._steering.look(self._history, now):
            self._hurried = True
            self._framer.hurry()
        for trial in self._steering.changed(self._history, now):
            self._tell("", {"kind": "details", "trial": trial}, now)

    @property
    def _history(self) -> History:
        return self._reading.history

    def _publish(self, now: float) -> None:
        if now - self._pulse_at >= PULSE:
            self._pulse, self._pulse_at = self._view.pulse(), now
        may_send = self._may_send(now)
        if self._hurried and not self._whole:
            # Before cards are drawn, here and in pages that have not come to the end of the last ones.
            self._told = {}
            self._send(self._header(), [], now)
        self._hurried = False
        if may_send and self._send(self._header(), self._framer.due(self._in_sight(now), now), now):
            self._sent_at = now
        # A page that draws is waited for: what it asks meanwhile, such as a trial's details, is answered at once.
        if not self._viewers.drawing(now) and self._milestones.due(self._history, now):
            began = self._clock()
            self._outlet.milestone(self._history, self._header())
            self._milestones.drawn(self._clock() - began)
            self._keep(now)
        elif now - self._kept_at >= KEEP and self._is_looked_at(now) and _lasting(self._header()) != self._kept:
            self._keep(now)

    def _header(self) -> Facts:
        key = (len(self._history), self._pulse)
        if self._facts_of != key:
            self._facts, self._facts_of = facts(self._history, self._plan, self._pulse), key
        return current(self._facts, self._history, time.time())

    def _keep(self, now: float) -> None:
        header = self._header()
        self._outlet.keep(header)
        self._kept, self._kept_at = _lasting(header), now

    def _waiting(self, now: float) -> list[str]:
        return self._framer.stale(self._in_sight(now))

    def _in_sight(self, now: float) -> list[str]:
        """Return what pages look at; who is inside the brush is of use to all cards."""
        cards = [name for name in self._cards if self._chosen.under(name)]  # a page that has not spoken sees a tab, too
        return [*([BRUSH] if self._chosen.intervals() else []), *self._viewers.in_sight(cards, now)]

    def _may_send(self, now: float) -> bool:
        patience = self._viewers.patience(now)
        if patience is None or now - self._sent_at < POLL:
            return False
        return now - self._sent_at >= patience or self._viewers.caught_up(now)

    def _send(self, header: Facts, names: Sequence[str], now: float) -> bool:
        """Send a frame with these cards; False where there is nothing new in it."""
        cards, buffers = self._framer.frame(names, self._drawing.draw, whole=self._whole)
        if not cards and _lasting(header) == self._told:
            return False
        self._seq += 1
        frame = {"kind": "frame", "seq": self._seq, "whole": self._whole, "header": header, "cards": cards}
        frame |= {"entries": len(self._reading.shown), "total": len(self._history), "replay": self._replay()}
        self._outlet.send(frame, buffers)
        self._told, self._whole = _lasting(header), False
        self._viewers.owe(self._seq, now)
        return True

    def _replay(self) -> Facts | None:
        """Return what the page is to say of the moment that is shown, unless it is the present one."""
        if not self._reading.replays:
            return None
        shown = self._reading.shown
        return {"happened": happened(shown), "facts": facts(shown, self._plan, self._pulse)}

    # --- what pages say ----------------------------------------------------------------------------------------------

    def _answer(self, message: Message, now: float) -> None:
        kind, page = message.get("kind"), str(message.get("page", ""))
        if kind in _NEWS:
            _NEWS[kind](self, message, now)
        elif kind == "bye":
            self._viewers.leave(page)
        else:
            if self._viewers.hear(page, now) or kind == "hello":
                self._greet(page, message)
            if message.get("cards") is not None:
                self._viewers.see(page, map(str, message["cards"]), int(message["at"]))
            if kind in _ANSWERS:
                _ANSWERS[kind](self, page, message, now)

    def _greet(self, page: str, message: Message) -> None:
        """Show everything to a page that lacks some of it; the others have it already, and it is much.

        A page may lack what is on its way to it. So it is told what was sent, and as messages come in their order, it
        then knows: what it still lacks it will not get unless it asks again, and says that it is sure.
        """
        if message.get("sure"):
            self._show_all()
        elif message.get("have", -1) != self._seq:
            self._outlet.send({"kind": "sent", "page": page, "seq": self._seq}, [])

    def _displayed(self, _message: Message, now: float) -> None:
        self._viewers.display(now)
        self._shipping.display()
        self._show_all()

    def _put_below(self, _message: Message, _now: float) -> None:
        self._milestones, self._below, self._retired = Milestones(), True, False

    def _retire(self, _message: Message, _now: float) -> None:
        self._below, self._retired = False, True

    def _choose(self, message: Message, _now: float) -> None:
        if message.get("card") == BRUSH:
            self._framer.hurry(BRUSH)
            self._framer.hasten(self._brushed)
            return
        self._told = {}  # the header says another moment, if that is what was chosen
        self._framer.hurry()

    def _arrived(self, message: Message, _now: float) -> None:
        self._framer.hasten([str(message["card"])])

    def _show_all(self) -> None:
        self._framer.forget()
        self._told, self._whole, self._sent_at = {}, True, float("-inf")

    def _acknowledge(self, page: str, message: Message, now: float) -> None:
        self._viewers.acknowledge(page, int(message["seq"]), now)

    def _command(self, page: str, message: Message, now: float) -> None:
        if self._reading.more:  # what it is about may not be known yet
            self._early.append((page, message))
            return
        self._steering.take(page, message, self._history, now)
        self._pulse_at = float("-inf")  # a coordinator may be on its way

    def _tell(self, page: str, message: Message, _now: float) -> None:
        self._outlet.send(*ASKED[message["kind"]](page, message, self._reading, self._view))

    def _want_rows(self, _page: str, _message: Message, _now: float) -> None:
        if self._framer.rows.want_all():
            self._framer.hasten([TABLE])

    def _plotly(self, page: str, message: Message, now: float) -> None:
        self._shipping.ask(page, int(message["no"]), now)


_ANSWERS: Mapping[Any, Callable[[Publisher, str, Message, float], None]] = {
    "ack": Publisher._acknowledge,  # noqa: SLF001 - the table of this class's own answers
    "command": Publisher._command,  # noqa: SLF001
    "plotly": Publisher._plotly,  # noqa: SLF001
    "rows": Publisher._want_rows,  # noqa: SLF001
    **dict.fromkeys(ASKED, Publisher._tell),  # noqa: SLF001
}

_NEWS: Mapping[Any, Callable[[Publisher, Message, float], None]] = {
    "display": Publisher._displayed,  # noqa: SLF001
    "below": Publisher._put_below,  # noqa: SLF001
    "retire": Publisher._retire,  # noqa: SLF001
    "chosen": Publisher._choose,  # noqa: SLF001
    "arrived": Publisher._arrived,  # noqa: SLF001
    "wake": lambda _publisher, _message, _now: None,
}
"""What the dashboard itself says."""


def _lasting(header: Facts) -> Facts:
    """Leave out what changes by itself: a page lets its own clock tick."""
    return {name: value for name, value in header.items() if name != "elapsed"}
