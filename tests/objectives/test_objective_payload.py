"""What is sent to trial processes: what is dumped is what is loaded, and large arrays lie in files of their own."""

import io
import tempfile
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tunewidgets.errors import PayloadError, StoreError
from tunewidgets.objectives import FunctionObjective, SklearnObjective
from tunewidgets.objectives.arrays import LEAST_BYTES, ArrayWriter, is_large
from tunewidgets.objectives.payload import ARRAYS, NAME, dump, load
from tunewidgets.objectives.pickling import PayloadPickler, PayloadUnpickler

PROJECT = Path(__file__).parents[2]

BIG = np.arange(20_000, dtype=np.float64).reshape(200, 100)
LOCK = threading.Lock()


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


def test_files_in_memory_are_data(tmp_path):
    assert sent(io.BytesIO(b"abc"), tmp_path).read() == b"abc"


def test_a_failed_dump_leaves_the_payload_before(tmp_path):
    dump(held("before"), tmp_path)
    with pytest.raises(PayloadError):
        dump(held(LOCK), tmp_path)
    assert load(tmp_path).function({}) == "before"


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
