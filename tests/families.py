"""Evolutions written by hand, and real ones on the simulated clock, for what tells of births and populations."""

import dataclasses
import functools

from worlds import Lab

from tunewidgets.history import (
    Ended,
    Goal,
    History,
    Known,
    Limits,
    Opened,
    Place,
    Reported,
    Started,
)
from tunewidgets.samplers import NSGA2, Evolution, Genetic
from tunewidgets.schedules import Full
from tunewidgets.space import Choice, Float, Space

LOSS = (Goal("loss", "min"),)
SPACE = Space(rate=Float(0.0, 1.0), kind=Choice(["a", "b", "c"]))
PLACE = Place(0, 0, None)
CONFIG = {"rate": 0.5, "kind": "a"}

SAMPLERS = {
    "evolution": Evolution(population=6, sample=3),
    "genetic": Genetic(population=6, elite=2),
    "nsga2": NSGA2(population=6),
}


def drawn():
    """The notes of a trial of the first population."""
    return {"kind": "evolution", "parents": [], "phase": "first", "population": 2, "number": 0, "results": 0}


def child(*parents, ranks=None, **changed):
    """The notes of a child; `changed` has (before, after) by parameter."""
    return {
        "kind": "evolution", "parents": list(parents), "ranks": ranks or [1] * len(parents), "population": 2,
        "changed": {name: list(pair) for name, pair in changed.items()}, "gained": {}, "lost": [],
    }  # fmt: skip


def opened(goals=LOSS, *, known=(), constraints=(), sampler=None, rule="best", space=SPACE):
    strategy = {"sampler": sampler.to_json()} if sampler else {}
    known = tuple(Known(config, values, budget) for config, values, budget in known)
    history = History()
    history.append(Opened(0, space, Limits(trials=40), goals, strategy, 1, rule, known=known, constraints=constraints))
    return history


def add(history, notes, values, *, state="completed", origin="sampler", config=CONFIG, metrics=None):
    """Add a trial: `values` are its reports by step, or one number, or None where it failed without any."""
    number = len(history.trials)
    reports = [] if values is None else values if isinstance(values, list) else [values]
    place = PLACE if len(reports) < 2 else Place(0, 0, len(reports))
    history.append(Started(number, config, place, origin, notes), float(number))
    for step, value in enumerate(reports, 1):
        history.append(Reported(number, 1, step, value, metrics or {}), float(number))
    if state != "running":
        last = reports[-1] if reports else None
        history.append(Ended(number, 1, "failed" if values is None else state, place, last), number + 1.0)
    return number


def family(*trials, **settings):
    """A history of (notes, values) one after another."""
    history = opened(**settings)
    for notes, values in trials:
        add(history, notes, values)
    return history


@functools.cache
def evolved(name, trials=60, workers=2, schedule=None, **settings):
    """A real search by one of `SAMPLERS`; whoever changes it spoils it for others."""
    lab = Lab(schedule or Full(3), SAMPLERS[name], workers=workers, trials=trials, spread=0.5, **settings)
    first, *others = lab.run().entries
    settled = dataclasses.replace(first.event, strategy={"sampler": SAMPLERS[name].to_json()})
    return History([first._replace(event=settled), *others])
