"""A publisher on a stage: a scripted view, an outlet that remembers, and a clock that the test moves."""

from histories import R9, hyperband_history

from tunewidgets.figures.cards import find_cards
from tunewidgets.history import Closed, Entry, Printed, Pulse
from tunewidgets.widgets.dashboard.chosen import Chosen
from tunewidgets.widgets.dashboard.publisher import Publisher

CARDS = ("trials", "curves", "brackets", "table")


class View:
    """A search whose events a test lets happen."""

    name = "demo"

    def __init__(self, script=()):
        self.script, self.shown, self.commands = list(script), [], []
        self.health, self.error = Pulse("alive"), None
        self.output = Printed()

    def play(self, events=None):
        for event in self.script[:events]:
            self.shown.append(Entry(len(self.shown), 1000.0 + len(self.shown), event))
        self.script = self.script[len(self.script) if events is None else events :]

    def version(self):
        return len(self.shown)

    def read(self, since=0, most=None):
        if self.error:
            raise self.error
        return self.shown[since:][:most]

    def send(self, command):
        if self.error:
            raise self.error
        self.commands.append(command)

    def pulse(self):
        return self.health

    def printed(self, trial, most):
        if self.error:
            raise self.error
        return Printed(self.output.text[-most:], self.output.size)


class Outlet:
    def __init__(self):
        self.messages, self.kept, self.milestones = [], [], []
        self.fault, self.ended, self.busy = None, 0, False

    def send(self, message, buffers):
        self.messages.append((dict(message), [bytes(buffer) for buffer in buffers]))

    def keep(self, header):
        self.kept.append(header)

    def milestone(self, history, header):
        if self.fault:
            raise self.fault
        self.milestones.append((len(history), header["status"]))

    def end(self):
        self.ended += not self.busy
        return not self.busy


class Stage:
    """A publisher, its view and its outlet, and the clock."""

    def __init__(self, script=None, cards=CARDS, chosen=Chosen()):  # noqa: B008 - frozen
        self.now = 100.0
        self.view, self.outlet = View(hyperband_history() if script is None else script), Outlet()
        self.publisher = Publisher(self.view, self.outlet, find_cards(cards), R9, chosen, clock=lambda: self.now)
        self.number = 0

    def say(self, kind, page="a", **more):
        """Put a page's message into the inbox, without starting the thread."""
        self.number += 1
        self.publisher._inbox.append({"kind": kind, "page": page, "at": self.number, **more})

    def turn(self, after=0.101):
        self.now += after
        return self.publisher.turn()

    def taken(self, kind="frame"):
        """Return the messages since the last call."""
        found = [message for message, _ in self.outlet.messages if message["kind"] == kind]
        self.outlet.messages.clear()
        return found

    def show(self, page="a", cards=CARDS):
        """Display it and let a page say hello, draw everything and acknowledge."""
        self.say("display")
        self.turn()
        self.say("hello", page, have=self.publisher._seq)
        self.turn()
        self.say("ack", page, seq=self.publisher._seq, cards=list(cards))
        self.turn()
        self.taken()
        return self


ENDINGS = [
    Closed("failed", {"kind": "error", "type": "StrategyError", "text": "the grid is too large"}),
    Closed("failed", {"kind": "failures", "text": "5 trials in a row failed"}),
    Closed("failed", {"kind": "error"}),
    Closed("stopped", {"kind": "user", "text": "stopped by you"}),
    Closed("finished", {"kind": "time", "text": "the time is over"}),
    Closed("finished", {"kind": "plan", "text": "every planned trial has come to rest"}),
    Closed("finished", {"kind": "of the future", "message": "as it says"}),
    Closed("failed", {"kind": "memory"}),
    Closed("failed", {}),
]
