"""Searches written by hand, for the tests of the samplers that learn."""

from tunewidgets.history import Constraint, Ended, Goal, Limits, Opened, Place, Reported, Started
from tunewidgets.samplers import generator_for

PLACE = Place(0, 0, None)
SEED = 5


def opened(space, *, trials=None, known=(), goals=("min",), bounds=(), seed=SEED):
    """Return the event that opens a search; `goals` are directions, `bounds` hold for the metrics g0, g1 ..."""
    names = ["loss", *(f"f{number}" for number in range(1, len(goals)))]
    return Opened(
        seed,
        space,
        Limits(trials=trials),
        tuple(Goal(name, direction) for name, direction in zip(names, goals, strict=True)),
        known=tuple(known),
        constraints=tuple(Constraint(f"g{number}", bound) for number, bound in enumerate(bounds)),
    )


def trial(number, config, values, notes=None, *, origin="sampler", metrics=None):
    """Return the events of a trial; `values` has one number for each goal, or is None where it failed."""
    started = Started(number, config, PLACE, origin, notes or {"kind": "random"}, 0)
    if values is None:
        return [started, Ended(number, 1, "failed", PLACE, None, {"kind": "error"})]
    first, *others = values if isinstance(values, tuple) else (values,)
    further = {f"f{index}": value for index, value in enumerate(others, 1)} | (metrics or {})
    ended = Ended(number, 1, "completed", PLACE, first, {"kind": "returned"})
    return [started, Reported(number, 1, 1, first, further), ended]


def told(sampler, events):
    """Return a proposer that has been told these events."""
    proposer = sampler.begin()
    for event in events:
        proposer.apply(event)
    return proposer


def search(sampler, space, objective, trials, **options):
    """Return the events of a search in which every trial ends before the next one starts."""
    seed = options.get("seed", SEED)
    events = [opened(space, trials=trials, **options)]
    proposer = told(sampler, events)
    for number in range(trials):
        found = proposer.suggest(space, generator_for(seed, number))
        if not found:
            break
        answer = objective(found[0].config)
        values, metrics = answer if isinstance(answer, list) else (answer, None)
        for event in (fresh := trial(number, found[0].config, values, found[0].notes, metrics=metrics)):
            proposer.apply(event)
        events += fresh
    return events


def starts(events):
    """Return the starts among some events."""
    return [event for event in events if isinstance(event, Started)]


def best(events):
    """Return the smallest value that was reported first."""
    return min(event.value for event in events if isinstance(event, Reported) and event.value == event.value)
