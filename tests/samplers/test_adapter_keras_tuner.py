"""Oracles of Keras Tuner as samplers of ours: the contract against the real package, and what they are told."""

import sys

import numpy as np
import pytest

keras_tuner = pytest.importorskip("keras_tuner")

from tunewidgets.errors import StrategyError  # noqa: E402 - only where there is a Keras Tuner
from tunewidgets.history import Ended, Goal, Known, Limits, Opened, Place, Reported, Started  # noqa: E402
from tunewidgets.history.reasons_adapters import SAY  # noqa: E402
from tunewidgets.samplers import generator_for  # noqa: E402
from tunewidgets.samplers.adapters import KerasTunerOracle  # noqa: E402
from tunewidgets.samplers.adapters.keras_space import KerasSpace  # noqa: E402
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space  # noqa: E402
from tunewidgets.testing.samplers import SPACES, SamplerContract, ask, begun, configs, searched  # noqa: E402

PLACE = Place(0, 0, None)
UNIT = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0))
LOSS = (Goal("loss", "min"),)
XY = {"x": 0.25, "y": 0.75}


class Contract(SamplerContract):
    def restored(self, data):
        return KerasTunerOracle(**{name: value for name, value in data.items() if name != "name"})


class TestRandomSearch(Contract):
    def sampler(self):
        return KerasTunerOracle("RandomSearch")


class TestGridSearch(Contract):
    def sampler(self):
        return KerasTunerOracle(keras_tuner.oracles.GridSearchOracle)


class TestBayesianOptimization(Contract):
    def sampler(self):
        # Its models are tried below: here it would fit hundreds of them, and take a minute.
        return KerasTunerOracle("BayesianOptimization", num_initial_points=1000)


class Spy(keras_tuner.Oracle):
    """Writes down what it is shown, and what it was told at the end of each trial."""

    shown: tuple = ()
    ended: tuple = ()

    def __init__(self, **options):
        super().__init__(**options)
        Spy.ended = ()

    def populate_space(self, trial_id):
        Spy.shown = (self, list(self.trials.values()), trial_id, list(self.ongoing_trials))
        return {"status": "RUNNING", "values": self._random_values()}

    def end_trial(self, trial):
        Spy.ended += (trial.trial_id,)
        super().end_trial(trial)


def opened(space=UNIT, goals=LOSS, **options):
    return Opened(11, space, Limits(), goals, **options)


def ran(trial, config, value=None, state="completed", budget=None, metrics=None):
    place = Place(0, 0, budget)
    reports = [] if value is None else [Reported(trial, 1, budget or 1, value, metrics or {})]
    return [Started(trial, config, place), *reports, *([Ended(trial, 1, state, place)] if state else [])]


def shown(events, space=UNIT):
    ask(begun(KerasTunerOracle(Spy), events), space, 99)
    return Spy.shown


# --- asked as Keras Tuner asks -------------------------------------------------------------------------------------


def test_random_search_draws_what_keras_tuner_draws():
    space = Space(units=Int(32, 512, step=32), rate=Float(1e-4, 1e-1, sampling="log"), kind=Choice(["a", "b", "c"]))
    theirs = keras_tuner.HyperParameters()
    theirs.Int("units", 32, 512, step=32)
    theirs.Float("rate", 1e-4, 1e-1, sampling="log")
    theirs.Choice("kind", ["a", "b", "c"])
    for trial in range(5):
        seed = 1 + int(generator_for(11, trial).integers(2**31 - 2))
        oracle = keras_tuner.oracles.RandomSearchOracle(objective="loss", hyperparameters=theirs, seed=seed)
        expected = oracle.populate_space("0")["values"]
        assert ask(begun(KerasTunerOracle("RandomSearch"), [opened(space)]), space, trial)[0].config == expected


def test_a_grid_goes_the_way_of_keras_tuner():
    space = Space(kind=Choice(["a", "b"]), deep=Boolean(default=True).when(kind="b"), n=Int(1, 3, default=2))
    assert [tuple(c.values()) for c in configs(searched(KerasTunerOracle("GridSearch"), space, 20))] == [
        ("a", 2), ("a", 1), ("a", 3),
        ("b", True, 2), ("b", True, 1), ("b", True, 3),
        ("b", False, 2), ("b", False, 1), ("b", False, 3),
    ]  # fmt: skip


def test_a_grid_over_a_continuous_range_ends_with_the_points_it_is_cut_into():
    found = configs(searched(KerasTunerOracle("GridSearch"), Space(x=Float(0.0, 1.0)), 30))
    values = sorted(config["x"] for config in found)
    assert values == pytest.approx([0.0, *(0.05 + index / 10 for index in range(10))])


@pytest.mark.parametrize("direction", ["min", "max"])
def test_a_bayesian_oracle_closes_in_on_the_best(direction):
    sign = 1.0 if direction == "min" else -1.0
    space = Space(x=Float(0.0, 1.0))
    sampler = KerasTunerOracle("BayesianOptimization", num_initial_points=5, beta=0.5)
    events = [opened(space, (Goal("loss", direction),))]
    for trial in range(7):
        found = ask(begun(sampler, events), space, trial)[0]
        events += ran(trial, found.config, sign * (found.config["x"] - 0.7) ** 2)
    assert configs(events)[-1]["x"] == pytest.approx(0.7, abs=0.05)
    pending = ask(begun(sampler, [*events, Started(7, {"x": 0.7}, PLACE)]), space, 8, 2)
    assert len({0.7, *(suggestion.config["x"] for suggestion in pending)}) == 3


# --- what an oracle is told ----------------------------------------------------------------------------------------


def test_trials_are_told_in_the_state_they_are_in():
    events = [
        opened(known=(Known({"x": 0.5, "y": 0.5}, (0.7,)),)),
        *ran(0, XY, 0.5),
        *ran(1, XY, 0.4, state="failed"),
        *ran(2, XY, 0.4, state="pruned"),
        *ran(3, XY, 0.4, state=None),
        *ran(4, {"x": 2.0, "y": 0.5}, 0.4),
    ]
    oracle, trials, number, ongoing = shown(events)
    assert (oracle.objective.name, oracle.objective.direction) == ("loss", "min")
    assert [(trial.status, trial.score) for trial in trials] == [
        ("COMPLETED", 0.7),
        ("COMPLETED", 0.5),
        ("FAILED", None),
        ("FAILED", None),
        ("RUNNING", None),
    ]
    assert [trial.hyperparameters.values for trial in trials[1:]] == [XY] * 4
    assert ongoing == ["0004"]
    assert Spy.ended == ("0000", "0001", "0002", "0003")
    assert number == "0005"


def test_several_goals_are_added_up_as_keras_tuner_does():
    goals = (Goal("accuracy", "max"), Goal("params", "min"))
    _, trials, *_ = shown([opened(goals=goals), *ran(0, XY, 0.5, metrics={"params": 3.0}), *ran(1, XY, 0.5)])
    assert [(trial.status, trial.score) for trial in trials] == [("COMPLETED", 2.5), ("FAILED", None)]


def test_results_are_told_at_the_budget_that_has_enough_of_them():
    rest = [event for trial in range(4) for event in ran(trial, XY, trial / 10, "paused", 1)]
    _, trials, *_ = shown([opened(), *rest, *ran(4, XY, 0.05, budget=3)])
    assert [(trial.status, trial.score) for trial in trials[:4]] == [("COMPLETED", value / 10) for value in range(4)]


def test_after_an_edit_the_budget_is_one_with_enough_results_in_the_space():
    high = [event for trial in range(4) for event in ran(trial, {"x": 0.5}, 0.5, budget=9)]
    low = [event for trial in range(4, 8) for event in ran(trial, XY, trial / 10, "paused", 1)]
    _, trials, *_ = shown([opened(), *high, *low])
    assert [(trial.status, trial.score) for trial in trials] == [("COMPLETED", value / 10) for value in range(4, 8)]


def test_a_space_with_nothing_to_choose_is_soon_exhausted():
    space = Space(f=Fixed("only"), n=Int(4, 4))
    sampler = KerasTunerOracle("BayesianOptimization", num_initial_points=1)
    config = {"f": "only", "n": 4}
    events = [Opened(5, space, Limits(), LOSS), *ran(0, config, 0.5), *ran(1, config, 0.5), *ran(2, config, None)]
    assert ask(begun(sampler, events[:1]), space, 0)[0].config == config
    assert ask(begun(sampler, events), space, 3) == []


def test_a_diverged_run_does_not_end_a_bayesian_search():
    values = [0.1, 1.7e308, -1.7e308, 0.2, 1e308]
    places = [(0.1, 0.2), (0.7, 0.9), (0.4, 0.3), (0.8, 0.1), (0.5, 0.6)]
    events = [opened()]
    for number, (value, (x, y)) in enumerate(zip(values, places, strict=True)):
        events += ran(number, {"x": x, "y": y}, value)
    events += ran(5, XY, 0.5, state=None)
    sampler = KerasTunerOracle("BayesianOptimization", num_initial_points=2)
    assert ask(begun(sampler, events), UNIT, 6)[0].config.keys() == {"x", "y"}


def test_an_oracle_is_not_kept_when_it_has_answered():
    from keras_tuner.src.engine import oracle as module

    before = len(module.LOCKS), len(module.THREADS)
    shown([opened(), *ran(0, XY, 0.5)])
    searched(KerasTunerOracle("GridSearch"), SPACES["tiny"], 9)
    assert (len(module.LOCKS), len(module.THREADS)) == before


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPACES)
def test_configurations_come_back_from_keras_tuners_words(name):
    words, rng = KerasSpace(SPACES[name]), np.random.default_rng(0)
    made = words.hyperparameters()
    for config in (SPACES[name].sample(rng) for _ in range(50)):
        values = words.tell(config)
        made.values = dict(values)
        made.ensure_active_values()
        assert made.values == values
        assert all(0.0 <= hp.value_to_prob(values[hp.name]) <= 1.0 for hp in made.space if hp.name in values)
        assert words.read(values) == config


def test_what_keras_tuner_lacks_is_translated():
    space = Space(
        units=Int(32, 500, step=32), power=Int(1, 64, step=2, sampling="log"),
        drop=Float(0.0, 0.5, step=0.1, default=0.2), rate=Float(1e-3, 1.0, sampling="log"),
        size=Choice([8, 16, 32], default=16), kind=Choice(["a", "b"], default="b"),
        odd=Choice(["a", 2, True]), bias=Boolean(default=True), one=Int(3, 3), fixed=Fixed(None),
    )  # fmt: skip
    made = KerasSpace(space).hyperparameters()
    assert [(type(hp).__name__, hp.name, hp.default, len(tuple(hp.values))) for hp in made.space] == [
        ("Int", "units", 32, 15),
        ("Int", "power", 0, 7),
        ("Int", "drop", 2, 6),
        ("Float", "rate", 1e-3, 10),
        ("Int", "size", 1, 3),
        ("Choice", "kind", "b", 2),
        ("Choice", "odd", 0, 3),
        ("Boolean", "bias", True, 2),
    ]
    assert (made.space[3].sampling, made.space[6].ordered) == ("log", False)


def test_conditions_hold_together_through_the_generations():
    space = Space(
        leaf=Float(0.0, 1.0).when(branch=[2, 4], flag=True),
        branch=Int(2, 8, step=2).when(kind="b"),
        kind=Choice(["a", "b"]),
        flag=Boolean(),
        fixed=Fixed(1),
        child=Int(0, 3).when(fixed=1),
    )
    made = KerasSpace(space).hyperparameters()
    conditions = {hp.name: [(each.name, each.values) for each in hp.conditions] for hp in made.space}
    assert conditions == {
        "kind": [],
        "flag": [],
        "child": [],
        "branch": [("kind", ["b"])],
        "leaf": [("kind", ["b"]), ("branch", [2, 4]), ("flag", [True])],
    }


def test_the_very_end_of_a_range_is_inside():
    words = KerasSpace(Space(n=Int(1, 9, sampling="log"), x=Float(0.1, 0.7, sampling="reverse_log")))
    hps = words.hyperparameters().space
    values = {hp.name: hp.prob_to_value(1.0) for hp in hps}
    assert values["n"] == 10
    assert words.read(values) == {"n": 9, "x": 0.7}


# --- errors and manners --------------------------------------------------------------------------------------------

BAD = [
    (lambda: KerasTunerOracle("Hyperband").begin(), "HyperbandOracle decides how long to train as well as what to try"),
    (lambda: KerasTunerOracle(keras_tuner.oracles.HyperbandOracle).begin(), "schedule=tw.Hyperband(max_budget=27)"),
    (lambda: KerasTunerOracle(keras_tuner.oracles.RandomSearchOracle()), "needs a class, by name or as such"),
    (
        lambda: KerasTunerOracle("RandomSearch", objective="loss"),
        "'objective' is not a setting here: the search's is used",
    ),
    (lambda: KerasTunerOracle("RandomSearch", max_trials=3), "the search's limit counts, tune(..., trials=60)"),
    (lambda: KerasTunerOracle("RandomSearch", seed=3), "the search's seed is used, tune(..., seed=7)"),
    (lambda: KerasTunerOracle("RandmSearchOracle").begin(), "there is no 'RandmSearch' in 'keras_tuner.oracles'"),
    (lambda: KerasTunerOracle("json:JSONDecoder").begin(), "needs a subclass of keras_tuner.Oracle"),
    (lambda: KerasTunerOracle("BayesianOptimization", bta=2).begin(), "refuses its settings {'bta': 2}"),
]


@pytest.mark.parametrize(("make", "text"), BAD, ids=range(len(BAD)))
def test_what_cannot_work_is_refused(make, text):
    with pytest.raises(StrategyError) as caught:
        make()
    assert text in str(caught.value)


def test_classes_are_names_where_they_can_be():
    named = KerasTunerOracle("BayesianOptimization", beta=2.0)
    assert KerasTunerOracle(keras_tuner.oracles.BayesianOptimizationOracle, beta=2.0) == named
    assert KerasTunerOracle("BayesianOptimizationOracle", beta=2.0) == named
    assert repr(named) == "KerasTunerOracle('BayesianOptimization', beta=2.0)"
    assert KerasTunerOracle(Spy).oracle == f"{Spy.__module__}:Spy"


def test_without_keras_tuner_the_cure_is_told(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "keras_tuner"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(StrategyError, match=r"needs Keras Tuner, which cannot be imported .*: pip install keras-tuner"):
        KerasTunerOracle("RandomSearch").begin()


def test_nothing_is_said_and_nothing_is_written(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("RandomSearch", "GridSearch", "BayesianOptimization"):
        searched(KerasTunerOracle(name), SPACES["conditions"], 3)
    shown([opened(), *ran(0, XY, 0.5), *ran(1, XY, state="failed")])
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_reasons():
    events = [
        opened(),
        *(event for trial in range(4) for event in ran(trial, {"x": trial / 4, "y": 0.5}, 0.5, budget=9)),
    ]
    notes = ask(begun(KerasTunerOracle("RandomSearch"), events), UNIT, 4)[0].notes
    assert notes == {"kind": "keras_tuner", "oracle": "RandomSearch", "results": 4, "budget": 9}
    assert SAY["keras_tuner"](notes, "epoch") == "chosen by Keras Tuner's RandomSearch from 4 results at 9 epochs"
