"""Optuna's samplers as ours: spaces in its words, errors and manners."""

import subprocess
import sys

import numpy as np
import pytest
from test_adapter_optuna import UNIT, Spy, opened, optuna, ran

from tunewidgets.errors import StrategyError
from tunewidgets.history import (
    Started,
)
from tunewidgets.history.reasons_adapters import SAY
from tunewidgets.samplers.adapters import OptunaSampler
from tunewidgets.samplers.adapters.optuna_space import OptunaSpace
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space
from tunewidgets.testing.samplers import SPACES, ask, begun, searched

# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPACES)
def test_configurations_come_back_from_optunas_words(name):
    words, rng = OptunaSpace(SPACES[name]), np.random.default_rng(0)
    for config in (SPACES[name].sample(rng) for _ in range(50)):
        parameters, distributions = words.tell(config)
        for key, value in parameters.items():
            assert distributions[key]._contains(distributions[key].to_internal_repr(value))
        again = words.ask(optuna.trial.FixedTrial(parameters))
        assert list(again) == list(config)
        for key, value in config.items():
            assert again[key] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value)


def test_what_optuna_lacks_is_translated():
    F, I, C = (getattr(optuna.distributions, f"{kind}Distribution") for kind in ("Float", "Int", "Categorical"))  # noqa: E741, N806
    space = Space(
        units=Int(32, 500, step=32), width=Int(1, 9, sampling="log"), power=Int(1, 64, step=2, sampling="log"),
        late=Int(1, 9, sampling="reverse_log"), rate=Float(1e-3, 1.0, sampling="log"), drop=Float(0.0, 0.35, step=0.1),
        tens=Float(0.001, 10.0, step=10.0, sampling="log"), momentum=Float(0.9, 0.999, sampling="reverse_log"),
        size=Choice([8, 16, 32]), kind=Choice(["a", 2, True]), bias=Boolean(), one=Int(3, 3), fixed=Fixed(None),
    )  # fmt: skip
    assert {name: word.distribution for name, word in OptunaSpace(space).words.items()} == {
        "units": I(32, 480, step=32),
        "width": I(1, 9, log=True),
        "power": I(0, 6),
        "late": F(0.0, 1.0),
        "rate": F(1e-3, 1.0, log=True),
        "drop": F(0.0, 0.3, step=0.1),
        "tens": I(0, 4),
        "momentum": F(0.0, 1.0),
        "size": I(0, 2),
        "kind": C(("a", 2, True)),
        "bias": C((False, True)),
    }
    words = OptunaSpace(space)
    parameters, _ = words.tell(space.defaults() | {"tens": 0.1, "momentum": 0.999, "size": 32, "power": 8})
    assert (parameters["tens"], parameters["momentum"], parameters["size"], parameters["power"]) == (2, 1.0, 2, 3)


# --- errors and manners --------------------------------------------------------------------------------------------


def local():
    class Mine(optuna.samplers.RandomSampler):
        pass

    return OptunaSampler(Mine)


BAD = [
    (lambda: OptunaSampler(optuna.samplers.TPESampler()), "needs a class, by name or as such, and its settings"),
    (lambda: OptunaSampler(optuna.samplers.TPESampler()), "Write OptunaSampler('TPESampler', name=value, ...)"),
    (lambda: OptunaSampler(3), "not the object 3"),
    (lambda: OptunaSampler("a b"), "such as 'TPESampler', or its path 'package.module:Class', not 'a b'"),
    (local, "cannot use the class 'Mine', which is defined in this notebook, script or function"),
    (lambda: OptunaSampler("TPESampler", seed=3), "'seed' is not a setting here: the search's seed is used"),
    (lambda: OptunaSampler("TPESampler", constraints_func=len), "constraints are the search's"),
    (lambda: OptunaSampler("TPESampler", gamma=len), "written down as JSON, so gamma=<built-in function len>"),
    (lambda: OptunaSampler("TPESampler", x=float("nan")), "x=nan cannot be one"),
    (lambda: OptunaSampler("TPESampler", x={1: 2}), "x={1: 2} cannot be one"),
    (lambda: OptunaSampler("TPESmpler").begin(), "there is no 'TPESmpler' in 'optuna.samplers'; did you mean 'TPESa"),
    (lambda: OptunaSampler("no_such_thing:Sampler").begin(), "the module 'no_such_thing' cannot be imported"),
    (lambda: OptunaSampler("json:JSONDecoder").begin(), "needs a subclass of optuna.samplers.BaseSampler, and 'json"),
    (lambda: OptunaSampler("TPESampler", n_start=3).begin(), "TPESampler refuses its settings {'n_start': 3}: "),
    (lambda: OptunaSampler("CmaEsSampler", lr_adapt=True, with_margin=True).begin(), "CmaEsSampler refuses its"),
]


@pytest.mark.parametrize(("make", "text"), BAD, ids=range(len(BAD)))
def test_what_cannot_work_is_refused(make, text):
    with pytest.raises(StrategyError) as caught:
        make()
    assert text in str(caught.value)


def test_paths_and_classes_are_names_where_they_can_be():
    assert OptunaSampler(optuna.samplers.TPESampler) == OptunaSampler("TPESampler")
    assert OptunaSampler(Spy).sampler == f"{Spy.__module__}:Spy"
    assert OptunaSampler("package.module.Class").sampler == "package.module:Class"
    assert repr(OptunaSampler("TPESampler", gamma=(1, 2))) == "OptunaSampler('TPESampler', gamma=[1, 2])"


def test_without_optuna_the_cure_is_told(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "optuna"]:
        monkeypatch.setitem(sys.modules, name, None)
    sampler = OptunaSampler("TPESampler")
    with pytest.raises(
        StrategyError, match=r"OptunaSampler needs Optuna, which cannot be imported .*: pip install optuna"
    ):
        sampler.begin()


def test_a_package_that_optuna_would_miss_in_mid_search_is_asked_for_at_once(monkeypatch):
    monkeypatch.setattr("tunewidgets.samplers.adapters.optuna_sampler.find_spec", lambda name: None)
    with pytest.raises(StrategyError, match="Optuna's CmaEsSampler needs the package 'cmaes': pip install cmaes"):
        OptunaSampler("CmaEsSampler").begin()
    OptunaSampler("TPESampler").begin()


def test_nothing_is_said_and_the_voice_is_given_back(capfd):
    optuna.logging.set_verbosity(optuna.logging.INFO)
    try:
        searched(OptunaSampler("CmaEsSampler", with_margin=True), SPACES["conditions"], 6)
        assert optuna.logging.get_verbosity() == optuna.logging.INFO
    finally:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
    assert capfd.readouterr() == ("", "")


def test_a_description_needs_no_optuna():
    code = (
        "import sys; from tunewidgets.samplers.adapters import OptunaSampler, KerasTunerOracle;"
        "OptunaSampler('TPESampler').to_json(); KerasTunerOracle('RandomSearch').to_json();"
        "print({'optuna', 'keras_tuner', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_reasons():
    events = [opened(), *(e for trial in range(4) for e in ran(trial, {"x": trial / 4, "y": 0.5}, 9, s9=0.5))]
    notes = ask(begun(OptunaSampler("TPESampler"), events), UNIT, 4)[0].notes
    assert {name: notes[name] for name in ("kind", "sampler", "results", "budget")} == {
        "kind": "optuna", "sampler": "TPESampler", "results": 4, "budget": 9,
    }  # fmt: skip
    assert SAY["optuna"](notes, "epoch") == "chosen by Optuna's TPESampler from 4 results at 9 epochs"
    first = ask(begun(OptunaSampler(Spy), [opened()]), UNIT, 0)[0].notes
    assert SAY["optuna"](first, "epoch") == "chosen by Optuna's Spy, before the first result"
    last = searched(OptunaSampler("CmaEsSampler"), SPACES["tiny"], 20)
    drawn = [event.notes for event in last if isinstance(event, Started) and event.notes.get("drawn")]
    text = "drawn at random from what is left: Optuna's CmaEsSampler came back to what was tried already"
    assert {SAY["optuna"](notes, "epoch") for notes in drawn} <= {text}
    assert SAY["optuna"]({"sampler": "A", "results": 1, "budget": None}, "step") == "chosen by Optuna's A from 1 result"
