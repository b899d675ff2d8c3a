"""Searches made by hand for the tests of Parzen estimators."""

from tunewidgets.history import Ended, Goal, Limits, Opened, Place, Reported, Started
from tunewidgets.samplers.tpe import TPE
from tunewidgets.space import Choice, Float, Int, Space
from tunewidgets.testing.samplers import ask, begun

LINE = Space(x=Float(0.0, 1.0))
SQUARE = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0))
BRANCHES = Space(
    heat=Choice(["gas", "coil"]),
    flame=Float(0.01, 10.0, sampling="log").when(heat="gas"),
    watts=Int(200, 3000, sampling="log").when(heat="coil"),
    lid=Float(0.0, 1.0),
)
WHOLE = Place(0, 0, None)
LOSS = (Goal("loss", "min"),)


def opened(space=SQUARE, goals=LOSS, **settings):
    return Opened(5, space, Limits(), goals, **settings)


def result(trial, config, value, place=WHOLE, **metrics):
    """A trial from beginning to end; a value of None fails."""
    start = Started(trial, config, place)
    if value is None:
        return [start, Ended(trial, 1, "failed", place)]
    report = Reported(trial, 1, place.budget or 1, value, metrics)
    return [start, report, Ended(trial, 1, "completed", place, value)]


def search(objective, space, trials, sampler=None, goals=LOSS, **settings):
    """The configurations and notes of a search with one worker; the objective returns a value, None, or a dict."""
    proposer = begun(sampler or TPE(), [opened(space, goals, **settings)])
    found = []
    for trial in range(trials):
        suggestion = ask(proposer, space, trial)[0]
        found.append(suggestion)
        told = objective(suggestion.config)
        values = dict(told) if isinstance(told, dict) else {goals[0].metric: told}
        for event in result(trial, suggestion.config, values.pop(goals[0].metric), **values):
            proposer.apply(event)
    return found


def bowl(config):
    return (config["x"] - 0.3) ** 2 + (config["y"] - 0.8) ** 2


def scattered(values, space=LINE):
    """Trials at even places of the line."""
    events = [opened(space)]
    for trial, value in enumerate(values):
        events += result(trial, {"x": (trial + 0.5) / len(values)}, value)
    return events
