import json

import numpy as np
import pytest
from histories import large_history
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.figures.cards import draw
from tunewidgets.widgets.dashboard.frame import plain
from tunewidgets.widgets.dashboard.wire import pack, slim


def test_an_array_travels_as_a_buffer():
    plain, buffers = pack({"x": np.array([1.5, np.nan, 2.0, 4.0]), "name": "loss"})
    assert plain == {"x": {"$": "f8", "n": 0, "shape": [4]}, "name": "loss"}
    assert np.array_equal(np.frombuffer(buffers[0], "<f8"), [1.5, np.nan, 2.0, 4.0], equal_nan=True)


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        ("<i8", "i4"),
        (">i8", "i4"),
        ("<u8", "i4"),
        (">f8", "f8"),
        ("<f2", "f8"),
        ("<f4", "f4"),
        ("<i2", "i2"),
        ("u1", "u1"),
    ],
)
def test_arrays_come_in_types_that_a_browser_has(dtype, kind):
    plain, buffers = pack(np.arange(6).astype(dtype))
    assert plain["$"] == kind
    assert np.frombuffer(buffers[0], f"<{kind}").tolist() == [0, 1, 2, 3, 4, 5]


def test_large_integers_become_floats():
    plain, buffers = pack(np.array([2**40, 1, 2, 3]))
    assert plain["$"] == "f8"
    assert np.frombuffer(buffers[0], "<f8")[0] == 2.0**40


def test_a_matrix_keeps_its_shape_and_c_order():
    plain, buffers = pack(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    assert plain["shape"] == [2, 3]
    assert np.frombuffer(buffers[0], "<f8").tolist() == [0, 1, 2, 3, 4, 5]


def test_small_arrays_and_texts_stay_json():
    assert pack([np.array([1.0, np.nan]), np.array(["a", "b", "c", "d", "e"]), np.float32(0.5), np.array(7)]) == (
        [[1.0, None], ["a", "b", "c", "d", "e"], 0.5, 7],
        [],
    )


def test_buffers_are_counted_in_order():
    plain, buffers = pack([np.zeros(4), {"a": np.ones(5)}])
    assert (plain[0]["n"], plain[1]["a"]["n"], len(buffers)) == (0, 1, 2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_whatever_comes_a_browser_can_parse_it(value):
    plain, buffers = pack(value)
    assert buffers == []
    json.dumps(plain, allow_nan=False)


def test_marks_take_half_the_bytes_where_no_eye_can_tell():
    trace = {"x": np.arange(6.0), "y": np.array([0.1, np.nan, 0.3, 1e-9, -np.inf, 0.0]), "customdata": np.arange(6)}
    marker = {"size": np.linspace(3.0, 4.5, 6), "color": "#123456"}
    slimmer = slim({**trace, "marker": marker, "name": "paused"})
    assert [slimmer[name].dtype for name in "xy"] == [np.float32] * 2
    assert slimmer["marker"]["size"].dtype == np.float32
    assert slimmer["customdata"].dtype == np.int16
    assert (slimmer["customdata"] == trace["customdata"]).all()
    assert np.allclose(slimmer["y"], trace["y"], rtol=1e-6, atol=0.0, equal_nan=True)


def test_sizes_that_are_the_same_are_one_number_and_great_numbers_stay_as_they_are():
    slimmer = slim({"customdata": np.arange(40_000), "marker": {"size": np.full(6, 4.5)}})
    assert slimmer["marker"]["size"] == 4.5
    assert slimmer["customdata"].dtype == np.int64
    assert slim({"customdata": np.array([[1.5] * 6]), "marker": {"size": 3}})["marker"]["size"] == 3


@pytest.mark.parametrize("values", [[1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3], [1e300, 1.0, 2.0, 3.0], [1e-45, 1.0, 2.0, 3.0]])
def test_numbers_that_would_move_stay_as_they_are(values):
    assert slim({"x": np.array(values)})["x"].dtype == np.float64


@pytest.fixture(scope="module")
def large():
    return large_history(10_000, reports=2)


def test_a_dashboard_of_ten_thousand_trials_sends_little_to_open(large):
    cards = [plain(draw(name, large)) for name in ("trials", "curves", "brackets")]
    sizes = [len(json.dumps(packed)) + sum(map(len, buffers)) for packed, buffers in map(pack, cards)]
    assert sum(sizes) < 65_000, sizes
