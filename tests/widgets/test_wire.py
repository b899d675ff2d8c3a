import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.widgets.dashboard.wire import pack


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
