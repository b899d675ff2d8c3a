"""Every sampler goes with every schedule: whatever happens, the same trials come of it and every decision stands."""

import pytest
from test_asynchronous import SCHEDULES as ASYNCHRONOUS
from test_driver import commands
from worlds import SPACE, Lab, outcome

from tunewidgets.history import sentence, suggestion_sentence
from tunewidgets.samplers import CMAES, GP, NSGA2, TPE, Evolution, Genetic, Grid
from tunewidgets.schedules import Full, Hyperband, Patience, SuccessiveHalving
from tunewidgets.space import Float, Int, Space
from tunewidgets.testing.audit import audit

SAMPLERS = {
    "gp": GP(initial=4),
    "tpe": TPE(startup_trials=4),
    "evolution": Evolution(population=4, sample=2),
    "genetic": Genetic(population=4),
    "nsga2": NSGA2(population=4),
    "cmaes": CMAES(),
    "grid": Grid(3, order="shuffled"),
}
SCHEDULES = {
    "full": Full(3),
    "halving": SuccessiveHalving(9, 12),
    "hyperband": Hyperband(9),
    "patience": Patience(2, max_budget=6),
    **ASYNCHRONOUS,
}
NUMBERS = Space(x=Float(0.0, 1.0), units=Int(1, 64, sampling="log"), extra=Float(1e-3, 1.0, sampling="log"))
SLOW = (
    "full",
    "hyperband",
    "asha",
)  # with these a Gaussian process is tried: it takes a hundred times as long as others
NAMES = [(schedule, name) for schedule in SCHEDULES for name in SAMPLERS if name != "gp" or schedule in SLOW]
PAIRS = pytest.mark.parametrize(
    ("schedule", "sampler"),
    [(SCHEDULES[schedule], SAMPLERS[sampler]) for schedule, sampler in NAMES],
    ids=[f"{schedule} over {sampler}" for schedule, sampler in NAMES],
)


def lab(schedule, sampler, **world):
    space = NUMBERS if isinstance(sampler, CMAES) else SPACE
    return Lab(schedule, sampler, trials=8 if isinstance(sampler, GP) else 14, space=space, fail=0.1, **world)


@PAIRS
def test_crashes_change_nothing_and_every_decision_stands(schedule, sampler):
    undisturbed = lab(schedule, sampler).run()
    assert audit(undisturbed.entries, schedule, sampler).differences == ()
    assert outcome(lab(schedule, sampler, crash_at=(3, 11, 40)).run()) == outcome(undisturbed)


@PAIRS
def test_with_several_workers_and_losses_every_decision_stands(schedule, sampler):
    history = lab(schedule, sampler, workers=5, lose=0.05, spread=1.5).run()
    assert audit(history.entries, schedule, sampler).differences == ()
    assert not history.running
    assert not set(history.counts) & {"interrupted", "paused"}


@PAIRS
def test_every_trial_says_why(schedule, sampler):
    history = lab(schedule, sampler, workers=2).run()
    for trial in history.trials.values():
        assert suggestion_sentence(trial)
        assert sentence(trial.reason)


@pytest.mark.parametrize(
    "sampler", [s for s in SAMPLERS.values() if not isinstance(s, CMAES)], ids=lambda s: type(s).__name__
)
def test_the_user_may_interfere(sampler):
    trials = 9 if isinstance(sampler, GP) else 20
    history = Lab(Hyperband(9), sampler, workers=3, trials=trials, commands=commands()[:4]).run()
    assert audit(history.entries, Hyperband(9), sampler).differences == ()
    assert not history.running
