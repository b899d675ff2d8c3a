import functools
import importlib
import io
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tunewidgets.errors import PayloadError, StoreError
from tunewidgets.objectives import FunctionObjective, SklearnObjective, as_objective
from tunewidgets.objectives.arrays import LEAST_BYTES, ArrayWriter, is_large
from tunewidgets.objectives.payload import ARRAYS, NAME, Captured, dump, load
from tunewidgets.objectives.pickling import PayloadPickler, PayloadUnpickler, size_of

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


def sent(value, folder):
    dump(held(value), folder)
    return load(folder).function({})


def files(folder):
    return sorted((folder / ARRAYS).iterdir())


def same(left, right):
    if isinstance(left, np.ndarray):
        return type(right) is np.ndarray and left.dtype == right.dtype and np.array_equal(left, right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


ARRAYS_OF_ANY_SIZE = st.builds(
    lambda shape, dtype, seed, order: np.array(
        np.random.default_rng(seed).integers(0, 100, shape).astype(dtype), order=order
    ),
    st.sampled_from([(3,), (9000,), (100, 90), (10, 30, 30), (0, 5)]),
    st.sampled_from(["f8", ">f8", "i8", "c16", "M8[ns]", "m8[D]", "U8"]),
    st.integers(0, 3),
    st.sampled_from("CF"),
)
VALUES = st.recursive(
    ARRAYS_OF_ANY_SIZE | st.integers() | st.text(max_size=5) | hnp.arrays(np.uint8, 4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_what_is_dumped_is_what_is_loaded(value):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = io.BytesIO()
        PayloadPickler(file, ArrayWriter(folder)).dump(value)
        loaded = PayloadUnpickler(io.BytesIO(file.getvalue()), folder).load()
        assert same(value, loaded)
        assert len(file.getvalue()) < LEAST_BYTES * 4


def test_a_large_array_leaves_only_a_reference_in_the_pickle(tmp_path):
    info = dump(held(BIG), tmp_path)
    assert info.bytes == (tmp_path / NAME).stat().st_size < 5000
    assert info.arrays_bytes == files(tmp_path)[0].stat().st_size == BIG.nbytes + 128
    loaded = load(tmp_path).function({})
    assert type(loaded) is np.ndarray
    assert np.array_equal(loaded, BIG)


def test_content_is_stored_once_for_two_references_and_across_dumps(tmp_path):
    same_object = sent({"a": BIG, "b": BIG}, tmp_path)
    assert same_object["a"] is same_object["b"]
    (first,) = files(tmp_path)
    stamp = first.stat().st_mtime_ns
    equal = sent({"a": BIG, "b": BIG.copy()}, tmp_path)
    assert files(tmp_path) == [first]
    assert first.stat().st_mtime_ns == stamp
    equal["a"][0, 0] = -1  # two arrays of equal content are still two
    assert equal["b"][0, 0] == 0.0


def test_arrays_that_differ_in_dtype_shape_or_order_are_different_contents(tmp_path):
    zeros = np.zeros((100, 100))
    values = [zeros, zeros.astype("i8"), zeros.reshape(-1), np.asfortranarray(zeros) + np.eye(100)]
    values += [values[-1] + BIG[:100], (values[-1] + BIG[:100]).T]  # the same bytes, in the other order
    assert same(sent(values, tmp_path), values)
    assert len(files(tmp_path)) == 6


def test_a_trial_that_changes_its_data_changes_nothing_else(tmp_path):
    dump(held(BIG), tmp_path)
    (file,) = files(tmp_path)
    before = file.read_bytes()
    loaded = load(tmp_path).function({})
    loaded *= 0
    assert loaded.sum() == 0
    assert file.read_bytes() == before
    assert np.array_equal(load(tmp_path).function({}), BIG)
    assert BIG[1, 1] == 101.0


def test_changing_an_array_between_dumps_is_seen(tmp_path):
    data = BIG.copy()
    dump(held(data), tmp_path)
    data[0, 0] = 42.0
    assert sent(data, tmp_path)[0, 0] == 42.0


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(LEAST_BYTES // 8 - 1),
        np.array([object()] * 20_000),
        np.ma.zeros(20_000),
        np.zeros(20_000, dtype=np.dtype("f8", metadata={"unit": "m"})),
    ],
)
def test_small_and_unusual_arrays_stay_in_the_pickle(array):
    assert not is_large(array)


def test_the_least_size_has_a_file():
    assert is_large(np.zeros(LEAST_BYTES // 8))


def test_foreign_number_types_stay_in_the_pickle():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    assert not is_large(np.zeros(100_000, dtype=ml_dtypes.bfloat16))


def test_structured_and_mapped_arrays_have_files_too(tmp_path):
    table = np.zeros(20_000, dtype=[("a", "f8"), ("b", "i4")])
    table["b"] = 7
    np.save(tmp_path / "mine.npy", BIG)
    mapped = np.load(tmp_path / "mine.npy", mmap_mode="r")
    loaded = sent([table, mapped, BIG[::2]], tmp_path)
    assert loaded[0].dtype == table.dtype
    assert (loaded[0]["b"] == 7).all()
    assert same(loaded[1:], [BIG, BIG[::2]])
    assert len(files(tmp_path)) == 3


def test_frames_and_series_lie_in_files_by_their_blocks(tmp_path):
    frame = pd.DataFrame(BIG).assign(text="abc", number=range(200), late=pd.Timestamp("2026-01-01"))
    info = dump(held([frame, frame[3], frame.iloc[:, 5:]]), tmp_path)
    assert info.arrays_bytes > BIG.nbytes
    assert info.bytes < 40_000
    loaded = load(tmp_path).function({})
    pd.testing.assert_frame_equal(loaded[0], frame)
    pd.testing.assert_series_equal(loaded[1], frame[3])
    pd.testing.assert_frame_equal(loaded[2], frame.iloc[:, 5:])


def test_a_scikit_learn_objective_is_sent_with_its_data(tmp_path):
    from sklearn.naive_bayes import GaussianNB

    objective = SklearnObjective(GaussianNB(), BIG, np.arange(200) % 2)
    objective.check()
    info = dump(objective, tmp_path)
    assert "sklearn" in info.modules
    assert info.captured == ()
    assert info.arrays_bytes == BIG.nbytes + 128
    loaded = load(tmp_path)
    assert loaded.model(tmp_path, {}, 0).class_prior_.tolist() == [0.5, 0.5]
    assert [len(test) for _, test in loaded._folds] == [40] * 5


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
    assert not {"scripted", "test_objective_payload", "tunewidgets", "builtins"} & set(info.modules)


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


def test_files_in_memory_are_data(tmp_path):
    assert sent(io.BytesIO(b"abc"), tmp_path).read() == b"abc"


def test_a_failed_dump_leaves_the_payload_before(tmp_path):
    dump(held("before"), tmp_path)
    with pytest.raises(PayloadError):
        dump(held(LOCK), tmp_path)
    assert load(tmp_path).function({}) == "before"


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


def test_a_missing_or_damaged_payload_is_told(tmp_path):
    with pytest.raises(PayloadError, match=r"payload cannot be read.*FileNotFoundError.*Cure: start the search anew"):
        load(tmp_path)
    (tmp_path / NAME).write_bytes(b"\x80\x05nonsense")
    with pytest.raises(PayloadError, match="payload cannot be read"):
        load(tmp_path)


def test_a_module_that_is_gone_is_told(tmp_path):
    (tmp_path / NAME).write_bytes(b"cno_such_module_here\nname\n.")
    with pytest.raises(PayloadError, match=r"cannot import: No module named 'no_such_module_here'. Cure: install it"):
        load(tmp_path)


@pytest.mark.parametrize("damage", ["missing", "cut", "empty", "other"])
def test_a_missing_or_damaged_array_is_told_and_mended_by_the_next_dump(tmp_path, damage):
    dump(held(BIG), tmp_path)
    (file,) = files(tmp_path)
    if damage == "missing":
        file.unlink()
    elif damage == "other":
        np.save(file, BIG.astype(np.int64))
    else:
        file.write_bytes(file.read_bytes()[: -1 if damage == "cut" else 0])
    with pytest.raises(PayloadError, match=rf"data cannot be opened: {file.name}.*Cure: start the search anew"):
        load(tmp_path)
    assert same(sent(BIG, tmp_path), BIG)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "search").write_text("in the way")
    for value in (BIG, "small"):
        with pytest.raises(StoreError, match="cannot write"):
            dump(held(value), tmp_path / "search")
