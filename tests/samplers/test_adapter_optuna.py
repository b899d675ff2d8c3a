"""Samplers of Optuna as samplers of ours: the contract against the real package, and that they are asked as it asks."""

import itertools
import json
import warnings

import numpy as np
import pytest

optuna = pytest.importorskip("optuna")

from optuna.trial import TrialState  # noqa: E402 - only where there is an Optuna

from tunewidgets.errors import StrategyError  # noqa: E402
from tunewidgets.history import (  # noqa: E402
    Constraint,
    Continued,
    Ended,
    Goal,
    Judged,
    Known,
    Limits,
    Opened,
    Place,
    Reported,
    SpaceEdited,
    Started,
)
from tunewidgets.samplers import generator_for  # noqa: E402
from tunewidgets.samplers.adapters import OptunaSampler  # noqa: E402
from tunewidgets.space import Boolean, Float, Int, Space  # noqa: E402
from tunewidgets.testing.samplers import SPACES, SamplerContract, ask, begun, configs, searched  # noqa: E402

SEEDS = 2**31 - 1
PLACE = Place(0, 0, None)
LOSS = (Goal("loss", "min"),)
UNIT = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0))


class Contract(SamplerContract):
    def restored(self, data):
        return OptunaSampler(**{name: value for name, value in data.items() if name != "name"})


class TestTPE(Contract):
    def sampler(self):
        return OptunaSampler("TPESampler", n_startup_trials=4, multivariate=True, group=True, constant_liar=True)


class TestCmaEs(Contract):
    def sampler(self):
        return OptunaSampler("CmaEsSampler", popsize=3)

    # The package `cmaes` leaves a part of its optimizer's state uninitialised, and Optuna keeps all of it, bit by bit:
    # the notes of two equal searches differ in what nobody reads. The configurations are the same.

    def test_rebuilt_from_the_events_it_answers_the_same(self, name):
        space = SPACES[name]
        events = searched(self.sampler(), space, self.trials)
        for number, event in enumerate(events):
            if isinstance(event, Started):
                found = ask(begun(self.sampler(), events[:number]), space, event.trial)
                assert [each.config for each in found] == [event.config]

    def test_notes_and_settings_survive_json(self, name):
        again = self.restored(json.loads(json.dumps(self.sampler().to_json())))
        assert again == self.sampler()
        events = searched(again, SPACES[name], self.trials)
        assert configs(events) == configs(searched(self.sampler(), SPACES[name], self.trials))
        for event in events:
            if isinstance(event, Started):
                assert json.loads(json.dumps(dict(event.notes))) == event.notes


class TestNSGAII(Contract):
    def sampler(self):
        return OptunaSampler(optuna.samplers.NSGAIISampler, population_size=3)


class TestQMC(Contract):
    def sampler(self):
        return OptunaSampler("QMCSampler", scramble=True)


class Spy(optuna.samplers.RandomSampler):
    """Writes down what it is shown."""

    shown: tuple = ()

    def before_trial(self, study, trial):
        Spy.shown = (study.directions, study.get_trials(deepcopy=True)[:-1], trial.number)


def opened(space=UNIT, goals=LOSS, **options):
    return Opened(11, space, Limits(), goals, **options)


def shown(events, space=UNIT):
    """What a sampler sees of a search: directions, and its trials."""
    ask(begun(OptunaSampler(Spy), events), space, 99)
    return Spy.shown


def ran(trial, config, budget=None, state="completed", **reports):
    """A trial from its start to its end, reports by step (s1=0.5) with metrics where they are pairs."""
    place = Place(0, 0, budget)
    events = [Started(trial, config, place)]
    for name, reported in reports.items():
        value, metrics = reported if isinstance(reported, tuple) else (reported, {})
        events.append(Reported(trial, 1, int(name[1:]), value, metrics))
    return [*events, Ended(trial, 1, state, place)] if state else events


XY = {"x": 0.25, "y": 0.75}


# --- asked as Optuna asks ------------------------------------------------------------------------------------------

NUMERIC = Space(
    rate=Float(1e-4, 1.0, sampling="log"),
    depth=Int(1, 9),
    width=Int(1, 512, sampling="log"),
    drop=Float(0, 0.5, step=0.1),
)


def suggest_numeric(trial):
    return {
        "rate": trial.suggest_float("rate", 1e-4, 1.0, log=True),
        "depth": trial.suggest_int("depth", 1, 9),
        "width": trial.suggest_int("width", 1, 512, log=True),
        "drop": trial.suggest_float("drop", 0.0, 0.5, step=0.1),
    }


def score(config):
    return (np.log10(config["rate"]) + 2) ** 2 + (config["depth"] - 4) ** 2 + config["drop"]


@pytest.mark.parametrize("direction", ["min", "max"])
@pytest.mark.parametrize(("name", "settings"), [
    ("TPESampler", {}),
    ("TPESampler", {"multivariate": True, "n_ei_candidates": 8}),
    ("TPESampler", {"multivariate": False}),
    ("CmaEsSampler", {}),
])  # fmt: skip
def test_it_gives_what_a_study_of_optuna_gives(name, settings, direction):
    sign = 1.0 if direction == "min" else -1.0
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="minimize" if direction == "min" else "maximize")
    theirs = []
    for trial in range(25):
        seed = int(generator_for(11, trial).integers(SEEDS))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is experimental differs from version to version
            study.sampler = getattr(optuna.samplers, name)(seed=seed, **settings)
        asked = study.ask()
        theirs.append(suggest_numeric(asked))
        study.tell(asked, sign * score(theirs[-1]))
    proposer = begun(OptunaSampler(name, **settings), [opened(NUMERIC, (Goal("loss", direction),))])
    ours = []
    for trial in range(25):
        found = ask(proposer, NUMERIC, trial)[0]
        ours.append(found.config)
        for event in (
            Started(trial, found.config, PLACE, "sampler", found.notes),
            Reported(trial, 1, 1, sign * score(found.config)),
            Ended(trial, 1, "completed", PLACE),
        ):
            proposer.apply(event)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other, rel=1e-9)
    assert len({config["rate"] for config in ours}) == 25


def test_a_quasi_random_sequence_goes_on_from_trial_to_trial():
    events = searched(OptunaSampler("QMCSampler", scramble=True), UNIT, 17)
    # Optuna draws the first trial by itself, to learn what there is to sample.
    for name in UNIT:
        assert sorted(int(config[name] * 16) for config in configs(events)[1:]) == [*range(16)]


def test_the_state_of_cma_es_goes_through_the_notes():
    events = searched(OptunaSampler("CmaEsSampler", popsize=4), UNIT, 4)
    events = [event for event in events if isinstance(event, Opened)]
    proposer = begun(OptunaSampler("CmaEsSampler", popsize=4), events)
    generations = []
    for trial in range(13):
        found = ask(proposer, UNIT, trial)[0]
        generations.append(found.notes.get("attrs", {}).get("cma:generation"))
        notes = json.loads(json.dumps(found.notes))
        for event in (
            Started(trial, found.config, PLACE, "sampler", notes),
            Reported(trial, 1, 1, found.config["x"]),
            Ended(trial, 1, "completed", PLACE),
        ):
            proposer.apply(event)
    assert generations == [None, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]


def test_a_grid_of_optuna_ends_with_its_last_point():
    sampler = OptunaSampler("GridSampler", search_space={"x": [0.0, 0.5], "y": [0.25, 1.0]})
    events = searched(sampler, UNIT, 9)
    points = sorted(tuple(config.values()) for config in configs(events))
    assert points == [(0.0, 0.25), (0.0, 1.0), (0.5, 0.25), (0.5, 1.0)]
    assert ask(begun(sampler, events), UNIT, 4) == []


def test_brute_force_goes_through_a_finite_space_and_refuses_another():
    sampler = OptunaSampler("BruteForceSampler")
    assert len(configs(searched(sampler, SPACES["tiny"], 20))) == SPACES["tiny"].size
    with pytest.raises(StrategyError, match="Optuna's BruteForceSampler cannot choose a configuration: "):
        searched(sampler, UNIT, 1)


def test_a_sampler_inside_another():
    sampler = OptunaSampler("PartialFixedSampler", fixed_params={"x": 0.5}, base_sampler=OptunaSampler("RandomSampler"))
    found = configs(searched(sampler, UNIT, 4))
    assert {config["x"] for config in found} == {0.5}
    assert len({config["y"] for config in found}) == 4
    again = OptunaSampler(**{name: value for name, value in sampler.to_json().items() if name != "name"})
    assert configs(searched(again, UNIT, 4)) == found


# --- what a sampler is told ----------------------------------------------------------------------------------------


def test_trials_are_told_in_the_state_they_are_in():
    events = [
        opened(known=(Known({"x": 0.5, "y": 0.5}, (0.7,)),)),
        *ran(0, XY, s1=0.5, s2=0.25, s3=0.75),
        *ran(1, XY, state="failed", s1=0.5),
        *ran(2, XY, state="pruned", s1=0.5, s2=float("nan"), s3=0.6),
        *ran(3, XY, state=None, s1=0.5),
        *ran(4, {"x": 2.0, "y": 0.5}, s1=0.5),
        *ran(5, {"x": 0.5}, s1=0.5),
    ]
    directions, trials, number = shown(events)
    assert [direction.name for direction in directions] == ["MINIMIZE"]
    assert [(t.number, t.state, t.value) for t in trials] == [
        (0, TrialState.COMPLETE, 0.7),
        (1, TrialState.COMPLETE, 0.25),
        (2, TrialState.FAIL, None),
        (3, TrialState.PRUNED, None),
        (4, TrialState.RUNNING, None),
        (5, TrialState.FAIL, None),
        (6, TrialState.FAIL, None),
    ]
    assert number == 7
    assert trials[3].intermediate_values == {1: 0.5, 3: 0.6}
    assert [t.params for t in trials[1:5]] == [XY] * 4
    assert trials[5].params == trials[6].params == {}


def test_results_at_the_budget_that_has_enough_of_them_are_complete():
    rest = [ran(trial, XY, 1, "paused", s1=trial / 10) for trial in range(4)]
    promoted = [Continued(0, Place(0, 1, 3), 2, "promoted"), Reported(0, 2, 3, 0.05)]
    told = shown([opened(), *itertools.chain(*rest), *promoted, Ended(0, 2, "completed", Place(0, 1, 3))])[1]
    assert [(t.state, t.value) for t in told] == [(TrialState.COMPLETE, v) for v in (0.0, 0.1, 0.2, 0.3)]
    further = []
    for trial in (1, 2):
        further += [Continued(trial, Place(0, 1, 3), 2, "promoted"), Reported(trial, 2, 3, trial / 20)]
        further.append(Ended(trial, 2, "completed", Place(0, 1, 3)))
    told = shown([opened(), *itertools.chain(*rest), *promoted, Ended(0, 2, "completed", Place(0, 1, 3)), *further])[1]
    assert [(t.state.name, t.value) for t in told[:3]] == [("COMPLETE", 0.0), ("COMPLETE", 0.05), ("COMPLETE", 0.1)]
    assert (told[3].state, told[3].intermediate_values) == (TrialState.PRUNED, {1: 0.3})


def test_a_judged_trial_that_trains_on_is_told_by_its_rung():
    passing = [*ran(0, XY, 9, None, s1=0.5), Judged(0, 1, 1, "continue", {"kind": "rung", "budget": 1})]
    told = shown([opened(), *passing, *ran(1, XY, 9, None, s1=0.4)])[1]
    assert [(t.state.name, t.value) for t in told] == [("COMPLETE", 0.5), ("COMPLETE", 0.4)]


def test_values_keep_their_directions_and_goals_their_order():
    goals = (Goal("accuracy", "max"), Goal("params", "min"))
    told = [
        *ran(0, XY, s1=(0.5, {"params": 3})),
        *ran(1, XY, s1=0.5),
        *ran(2, XY, state="pruned", s1=(0.5, {"params": 3})),
    ]
    directions, trials, _ = shown([opened(goals=goals), *told])
    assert [direction.name for direction in directions] == ["MAXIMIZE", "MINIMIZE"]
    assert trials[0].values == [0.5, 3.0]
    assert [t.state.name for t in trials] == ["COMPLETE", "PRUNED", "PRUNED"]
    assert trials[2].intermediate_values == {}


def test_constraints_are_told_by_how_much_they_are_broken():
    events = [opened(constraints=(Constraint("latency", 20.0), Constraint("size", 1.0)))]
    for trial, metrics in enumerate([{"latency": 25.0, "size": 0.5}, {"latency": 5.0}, {"size": 0.25}]):
        events += ran(trial, XY, s1=(0.5, metrics))
    told = [trial.system_attrs["constraints"] for trial in shown(events)[1]]
    assert told == [[5.0, -0.5], [-15.0, 1.0], [5.0, -0.75]]


@pytest.mark.parametrize("name", ["NSGAIISampler", "TPESampler"])
def test_samplers_keep_to_constraints(name):
    # Three parameters: in one, most of what crossover gives was tried before.
    space = Space(x=Float(0.0, 1.0), y=Float(0.0, 1.0), z=Float(0.0, 1.0))
    settings = {"population_size": 8, "mutation_prob": 0.2} if name == "NSGAIISampler" else {}
    proposer = begun(OptunaSampler(name, **settings), [opened(space, constraints=(Constraint("x", 0.3),))])
    found = []
    for trial in range(60):
        suggested = ask(proposer, space, trial)[0]
        found.append(suggested.config["x"])
        started = Started(trial, suggested.config, PLACE, "sampler", suggested.notes)
        for event in (started, *ran(trial, suggested.config, s1=(1 - found[-1], {"x": found[-1]}))[1:]):
            proposer.apply(event)
    assert sum(x <= 0.3 for x in found[40:]) >= 8
    assert sum(0.1 <= x <= 0.35 for x in found[40:]) >= 8


def test_a_sampler_for_one_goal_says_so():
    goals = (Goal("a", "min"), Goal("b", "min"))
    events = [opened(goals=goals), *(e for t in range(3) for e in ran(t, {"x": t / 3, "y": 0.5}, s1=(0.5, {"b": 1.0})))]
    with pytest.raises(StrategyError, match=r"Optuna's CmaEsSampler cannot choose a configuration: .*multi-objective"):
        ask(begun(OptunaSampler("CmaEsSampler"), events), UNIT, 3)


def test_after_an_edit_old_trials_are_told_in_the_words_of_the_new_space():
    wider = Space(x=Float(0.0, 2.0), y=Float(0.0, 1.0), z=Boolean())
    told = shown([opened(), *ran(0, XY, s1=0.5), SpaceEdited(wider)], wider)[1]
    assert (told[0].state, told[0].params) == (TrialState.FAIL, {})
    narrow = Space(x=Float(0.1, 0.5), y=Float(0.0, 1.0))
    told = shown([opened(), *ran(0, XY, s1=0.5), SpaceEdited(narrow)], narrow)[1]
    assert told[0].distributions["x"] == optuna.distributions.FloatDistribution(0.1, 0.5)
