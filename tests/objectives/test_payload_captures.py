"""What goes along with a function: its captured variables by name, users' own modules, and what cannot be sent."""

import functools
import importlib
import subprocess
import sys
import threading
from pathlib import Path

import cloudpickle
import numpy as np
import pytest

from tunewidgets.errors import PayloadError
from tunewidgets.objectives import FunctionObjective, SklearnObjective, as_objective
from tunewidgets.objectives.payload import NAME, Captured, dump, load
from tunewidgets.objectives.pickling import size_of

PROJECT = Path(__file__).parents[2]

BIG = np.arange(20_000, dtype=np.float64).reshape(200, 100)
OFFSET = 3
LOCK = threading.Lock()
NESTED = {"inner": [1, LOCK]}
GENERATOR = (number for number in range(3))


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    # These tests stand for a notebook: what they define lies in the working directory and goes by value.
    monkeypatch.chdir(Path(__file__).parent)


def held(value):
    """Return an objective that holds a value in a closure."""
    return FunctionObjective(lambda config: value)


def helper(x):
    return x + BIG.sum() + OFFSET


class Thing:
    factor = 2

    def use(self, x):
        return np.float64(helper(x) * self.factor)


def with_captures(config):
    weights = [Thing().use(config["x"]) for _ in range(2)]
    return sum(weights) + sum(w for w in weights)


def test_captured_variables_are_named_through_functions_and_classes(tmp_path):
    info = dump(as_objective(with_captures), tmp_path)
    assert [(it.name, it.type) for it in info.captured] == [("BIG", "ndarray"), ("OFFSET", "int")]
    assert info.captured[0].bytes == pytest.approx(BIG.nbytes, abs=300)
    assert load(tmp_path).function({"x": 1}) == with_captures({"x": 1})
    assert "numpy" in info.modules
    assert not {"scripted", __name__, "tunewidgets", "builtins"} & set(info.modules)


def test_captured_variables_of_closures_partials_and_methods_are_named(tmp_path):
    rate, small = [1.0] * 1000, "x"

    def inner(config):
        return rate[0] + len(small)

    for function in (inner, functools.partial(inner)):
        assert [it.name for it in dump(as_objective(function), tmp_path).captured] == ["rate", "small"]
    assert dump(as_objective(Thing().use), tmp_path).captured[0] == Captured("BIG", "ndarray", size_of(BIG))


@functools.cache
def remembered(number):
    return OFFSET if number < 2 else remembered(number - 1) + 1


@functools.lru_cache(maxsize=5, typed=True)
def with_settings(number):
    return number


class Base:
    def use(self):
        return OFFSET


class Derived(Base):
    pass


def test_functions_with_a_cache_go_by_value_like_others(tmp_path, monkeypatch):
    info = dump(as_objective(lambda config: remembered(5) + with_settings(1)), tmp_path)
    assert [it.name for it in info.captured] == ["OFFSET"]
    monkeypatch.delattr(sys.modules[__name__], "remembered")
    monkeypatch.delattr(sys.modules[__name__], "with_settings")
    loaded = load(tmp_path).function
    assert loaded({}) == 3 + 4 + 1
    assert loaded.__globals__["with_settings"].cache_parameters() == {"maxsize": 5, "typed": True}


def test_what_base_classes_take_along_is_named(tmp_path):
    assert [it.name for it in dump(as_objective(lambda config: Derived().use()), tmp_path).captured] == ["OFFSET"]


def test_a_module_named_only_inside_a_function_is_found(tmp_path):
    def inner(config):
        import lightgbm  # never run

        return lightgbm

    assert "lightgbm" in dump(as_objective(inner), tmp_path).modules


def uses_lock(config):
    with LOCK:
        return 1.0


def uses_helper_with_lock(config):
    return uses_lock(config)


@functools.cache
def cached_with_lock():
    return LOCK


class Locked:
    def __init__(self):
        self.settings = {"rate": 1.0}
        self.guard = threading.Lock()

    def __call__(self, config):
        return 1.0


class Slotted:
    __slots__ = ("guard",)

    def __init__(self):
        self.guard = threading.Lock()


def in_closure():
    guard = threading.Lock()
    return lambda config: guard


def in_default(config, guard=LOCK):
    return 1.0


MACHINE = Locked()
SLOTTED = Slotted()


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (uses_lock, "LOCK"),
        (uses_helper_with_lock, "LOCK"),
        (lambda config: cached_with_lock(), "LOCK"),
        (in_closure(), "guard"),
        (in_default, "guard"),
        (lambda config: NESTED, "NESTED['inner'][1]"),
        (lambda config: MACHINE, "MACHINE.guard"),
        (lambda config: SLOTTED, "SLOTTED.guard"),
        (Locked(), "function.guard"),
        (functools.partial(uses_lock, extra=LOCK), "LOCK"),
        (functools.partial(with_captures, guard=LOCK), "guard"),
    ],
)
def test_the_variable_that_cannot_be_sent_is_named(tmp_path, function, name):
    with pytest.raises(PayloadError) as caught:
        dump(FunctionObjective(function), tmp_path)
    assert str(caught.value) == (
        f"the variable `{name}` (a _thread.lock) cannot be sent to another process: "
        "cannot pickle '_thread.lock' object. "
        "Cure: create it inside the function, or pass data=function, a function that creates it."
    )
    assert not (tmp_path / NAME).exists()


def test_a_lock_in_an_estimator_is_named(tmp_path):
    from sklearn.naive_bayes import GaussianNB

    objective = SklearnObjective(GaussianNB(priors=LOCK), BIG, np.arange(200) % 2)
    with pytest.raises(PayloadError, match=r"the variable `estimator\.priors`"):
        dump(objective, tmp_path)


def test_what_a_librarys_object_keeps_in_private_is_not_named(tmp_path):
    event = threading.Event()
    with pytest.raises(PayloadError, match=r"the variable `value` \(a threading.Event\)"):
        dump(held(event), tmp_path)


def test_a_generator_is_named_with_its_cure(tmp_path):
    with pytest.raises(PayloadError, match=r"`GENERATOR` \(a generator\).*make a list of it"):
        dump(as_objective(lambda config: GENERATOR), tmp_path)


@pytest.mark.parametrize("mode", ["r", "rb", "w"])
def test_an_open_file_is_refused_and_named(tmp_path, mode):
    with (tmp_path / "data.csv").open("wb"):
        pass
    with (tmp_path / "data.csv").open(mode) as log, pytest.raises(PayloadError) as caught:
        dump(FunctionObjective(lambda config: log), tmp_path)
    assert "the variable `log` (a" in str(caught.value)
    assert "cannot pickle an open file" in str(caught.value)
    assert "Cure: open it inside the function" in str(caught.value)


def test_users_modules_go_by_value_and_later_edits_do_not_matter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    source = tmp_path / "users_own_module.py"
    source.write_text(
        "FACTOR = 3\n\ndef use(x):\n    return x * FACTOR\n\ndef objective(config):\n    return use(config['x'])\n"
    )
    module = importlib.import_module("users_own_module")
    try:
        info = dump(as_objective(module.objective), tmp_path / "search")
        assert "users_own_module" not in info.modules
        assert [it.name for it in info.captured] == ["FACTOR"]
        assert "users_own_module" not in cloudpickle.list_registry_pickle_by_value()
    finally:
        del sys.modules["users_own_module"]
    source.write_text("raise ImportError\n")
    assert load(tmp_path / "search").function({"x": 2}) == 6


def test_what_the_user_registered_stays_registered(tmp_path):
    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    try:
        dump(as_objective(with_captures), tmp_path)
        assert __name__ in cloudpickle.list_registry_pickle_by_value()
    finally:
        cloudpickle.unregister_pickle_by_value(module)


@pytest.mark.process
def test_another_process_reads_it(tmp_path):
    dump(as_objective(with_captures), tmp_path)
    code = "import sys; from pathlib import Path; from tunewidgets.objectives import payload; "
    code += "print(payload.load(Path(sys.argv[1])).function({'x': 1}))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True)
    assert float(done.stdout) == with_captures({"x": 1})
