"""Literal values of the parameters, and every bad input with its message."""

import dataclasses
import enum
import math
import re

import numpy as np
import pytest

from tunewidgets.errors import SpaceError
from tunewidgets.space import Boolean, Choice, Condition, Fixed, Float, Int, Parameter


@pytest.mark.parametrize(
    ("parameter", "levels"),
    [
        (Int(6, 12), [6, 7, 8, 9, 10, 11, 12]),
        (Int(6, 13, step=3), [6, 9, 12]),
        (Int(0, 10, step=3), [0, 3, 6, 9]),
        (Int(2, 32, step=2, sampling="log"), [2, 4, 8, 16, 32]),
        (Int(2, 33, step=2, sampling="log"), [2, 4, 8, 16, 32]),
        (Int(1, 10**12 - 1, step=10, sampling="log"), [10**power for power in range(12)]),
        (Int(1, 100, step=10, sampling="reverse_log"), [1, 91, 100]),
        (Int(1, 50, step=10, sampling="reverse_log"), [41, 50]),
        (Int(1, 4, sampling="log"), [1, 2, 3, 4]),
        (Int(3, 3), [3]),
        (Int(-2, 2, step=2), [-2, 0, 2]),
        (Float(0, 1, step=0.2), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (Float(0, 1, step=0.1), [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        (Float(-0.3, 0.3, step=0.1), [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]),
        (Float(0, 1, step=0.3), [0.0, 0.3, 0.6, 0.9]),
        (Float(0.001, 10, step=10, sampling="log"), [0.001, 0.01, 0.1, 1.0, 10.0]),
        (Float(1, 100, step=10, sampling="reverse_log"), [1.0, 91.0, 100.0]),
        (Float(2.5, 2.5), [2.5]),
        (Choice(["b", "a"]), ["b", "a"]),
        (Boolean(), [False, True]),
        (Fixed(None), [None]),
    ],
)
def test_levels(parameter, levels):
    assert parameter.levels() == levels
    assert [type(level) for level in parameter.levels()] == [type(level) for level in levels]
    assert parameter.size == len(levels)
    # Equal shares: a fine sweep meets each value equally often (the logarithmic Int without steps aside).
    if parameter != Int(1, 4, sampling="log"):
        sweep = [parameter.from_unit((index + 0.5) / (len(levels) * 8)) for index in range(len(levels) * 8)]
        assert sweep == [level for level in levels for _ in range(8)]


@pytest.mark.parametrize(
    ("parameter", "points"),
    [
        (Float(1e-4, 1e-1, sampling="log"), [0.0001, 0.001, 0.01, 0.1]),
        (Float(0, 1), [0.0, 0.333333333333, 0.666666666667, 1.0]),
        (Float(1, 1000, sampling="reverse_log"), [1.0, 901.0, 991.0, 1000.0]),
    ],
)
def test_a_continuous_range_is_cut_by_its_scale(parameter, points):
    assert parameter.levels(4) == points
    assert parameter.size == math.inf


def test_points_thin_a_stepped_range():
    assert Int(0, 1000).points(3) == [0, 500, 1000]
    assert Int(1, 3).points(10) == [1, 2, 3]
    assert Int(0, 10).points(1) == [5]
    assert Float(0, 1, step=0.1).points(2) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("parameter", "value", "unit"),
    [
        (Float(0, 4), 1.0, 0.25),
        (Float(1e-4, 1, sampling="log"), 1e-2, 0.5),
        (Float(1, 100, sampling="reverse_log"), 91.0, 0.5),
        (Float(1e-30, 1, sampling="reverse_log"), 1.0, 1.0),
        (Float(3, 3), 3.0, 0.5),
        (Int(0, 3), 1, 0.375),
        (Int(1, 3, sampling="log"), 1, math.log(1.5) / math.log(4)),
        (Int(32, 512, step=32), 512, 15.5 / 16),
        (Choice(["a", "b", "c"]), "b", 0.5),
        (Boolean(), False, 0.25),
        (Boolean(), True, 0.75),
        (Fixed("x"), "x", 0.5),
    ],
)
def test_to_unit(parameter, value, unit):
    assert parameter.to_unit(value) == pytest.approx(unit, abs=1e-12)


def test_the_ends_of_a_range_are_exact():
    for sampling in ("linear", "log", "reverse_log"):
        rate = Float(1e-4, 0.3, sampling=sampling)
        assert rate.from_unit(0.0) == 1e-4
        assert rate.from_unit(1.0) == 0.3


def test_sampling_is_uniform_on_the_scale():
    rng = np.random.default_rng(3)
    rate = Float(1e-4, 1, sampling="log")
    draws = np.array([rate.sample(rng) for _ in range(4000)])
    shares = np.histogram(np.log10(draws), bins=[-4, -3, -2, -1, 0])[0] / 4000
    np.testing.assert_allclose(shares, 0.25, atol=0.03)
    batch = Int(1, 3, sampling="log")
    counts = np.bincount([batch.sample(rng) for _ in range(4000)], minlength=4)[1:] / 4000
    np.testing.assert_allclose(counts, np.log([2, 1.5, 4 / 3]) / math.log(4), atol=0.03)


@pytest.mark.parametrize(
    ("parameter", "default"),
    [
        (Int(3, 9), 3),
        (Int(3, 9, default=4.0), 4),
        (Int(1, 50, step=10, sampling="reverse_log"), 41),
        (Float(0, 1), 0.0),
        (Float(0, 1, step=0.1, default=0.1 + 0.2), 0.3),
        (Choice([3, 1]), 3),
        (Choice(["x", "y"], default="y"), "y"),
        (Choice([False, True], default=False), False),
        (Boolean(), False),
        (Boolean(default=np.True_), True),
        (Fixed(2.5), 2.5),
    ],
)
def test_defaults(parameter, default):
    assert parameter.default == default
    assert type(parameter.default) is type(default)


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        ([1, 2], True),
        ([0.5, 1], True),
        (["a"], False),
        ([True, False], False),
        ([1, "a"], False),
        ([0, True + 1], True),
    ],
)
def test_choices_of_numbers_are_ordered(values, ordered):
    assert Choice(values).ordered is ordered
    assert Choice(values, ordered=not ordered).ordered is not ordered


@pytest.mark.parametrize(
    ("parameter", "given", "held"),
    [
        (Int(0, 9), np.int8(3), 3),
        (Int(0, 9), 3.0, 3),
        (Float(0, 9), 3, 3.0),
        (Float(0, 9), np.float32(0.5), 0.5),
        (Float(0, 1, step=0.1), 3 * 0.1, 0.3),
        (Choice([0.5, 1.0]), 1, 1.0),
        (Choice(["a"]), np.str_("a"), "a"),
        (Boolean(), np.False_, False),
        (Fixed(1), 1.0, 1),
    ],
)
def test_values_are_made_plain(parameter, given, held):
    assert parameter.normalise(given) == held
    assert type(parameter.normalise(given)) is type(held)


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        (Int(0, 9), 10, "expected an integer from 0 to 9, got 10."),
        (Int(0, 9), 1.5, "the value of an Int must be an integer, got 1.5. Use Float for fractions."),
        (Int(0, 9), True, "the value of an Int must be an integer, got True."),
        (Int(0, 9), "3", "the value of an Int must be an integer, got '3'."),
        (Int(0, 9), math.nan, "the value of an Int must be an integer, got nan."),
        (Int(0, 9), math.inf, "the value of an Int must be an integer, got inf."),
        (Int(32, 512, step=32), 40, "expected an integer from 32 to 512, step 32, got 40; the nearest step is 32."),
        (Int(2, 32, step=2, sampling="log"), 9, "from 2 to 32, step x 2 (log), got 9; the nearest step is 8."),
        (Float(0, 1), -0.1, "expected a number from 0.0 to 1.0, got -0.1."),
        (Float(0, 1), math.nan, "the value of a Float must be finite and within 1e300 either way, got nan."),
        (Float(0, 1), None, "the value of a Float must be a number, got None."),
        (Float(0, 1), False, "the value of a Float must be a number, got False."),
        (Float(0, 1, step=0.25), 0.3, "step 0.25, got 0.3; the nearest step is 0.25."),
        (Choice(["a", "b"]), "c", "expected one of 'a', 'b', got 'c'."),
        (Choice([1, 2]), True, "expected one of 1, 2, got True."),
        (Choice([True]), 1, "expected one of True, got 1."),
        (Choice([1, 2]), [1], "expected one of 1, 2, got [1]."),
        (Boolean(), 0, "expected True or False, got 0."),
        (Fixed(1), 2, "expected 1, which is fixed, got 2."),
        (Fixed(None), [1], "expected None, which is fixed, got [1]."),
        (Fixed(1), True, "expected 1, which is fixed, got True."),
    ],
)
def test_values_that_do_not_fit(parameter, value, message):
    assert not parameter.contains(value)
    for method in (parameter.normalise, parameter.to_unit):
        with pytest.raises(SpaceError, match=re.escape(message)):
            method(value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Int(9, 0), "Int(9, 0): min_value must not be above max_value, so the range is empty. Swap the two."),
        (lambda: Float(1, 0.5), "Float(1.0, 0.5): min_value must not be above max_value"),
        (lambda: Int(0.5, 3), "min_value of an Int must be an integer, got 0.5. Use Float for fractions."),
        (lambda: Int(min_value=True, max_value=3), "min_value of an Int must be an integer, got True."),
        (lambda: Int(0, None), "max_value of an Int must be an integer, got None."),
        (lambda: Int(0, 10**13), "max_value of an Int must be at most 10^12 either way"),
        (lambda: Int(0, 9, step=1.5), "step of an Int must be an integer, got 1.5."),
        (lambda: Int(0, 9, step=0), "Int(0, 9): step must be above 0, got 0."),
        (lambda: Int(0, 9, step=-1), "step must be above 0, got -1."),
        (lambda: Int(0, 9, step=10), "step=10 is larger than the range. Give a smaller step, or use Fixed(0)."),
        (lambda: Int(0, 9, sampling="log"), "sampling='log' needs min_value above 0, got 0."),
        (lambda: Int(-1, 9, sampling="reverse_log"), "sampling='reverse_log' needs min_value above 0, got -1."),
        (lambda: Int(1, 9, sampling="ln"), "sampling must be one of 'linear', 'log', 'reverse_log', got 'ln'."),
        (lambda: Int(1, 9, sampling=["log"]), "sampling must be one of"),
        (lambda: Int(1, 9, step=1, sampling="log"), "the step multiplies, so it must be above 1, got 1."),
        (lambda: Int(2, 9, step=5, sampling="log"), "step=5 is larger than the range."),
        (lambda: Int(0, 9, default=10), "Int(0, 9): the default is not one of the values: expected an integer"),
        (lambda: Int(0, 9, step=2, default=3), "the nearest step is 4."),
        (lambda: Float(0, math.inf), "max_value of a Float must be finite and within 1e300 either way, got inf."),
        (lambda: Float(math.nan, 1), "min_value of a Float must be finite and within 1e300 either way, got nan."),
        (lambda: Float("0", 1), "min_value of a Float must be a number, got '0'."),
        (lambda: Float(0, 10**400), "max_value of a Float must be finite"),
        (lambda: Float(1e-200, 1e200, sampling="log"), "the range is wider than floating point can measure."),
        (lambda: Float(0, 1, sampling="log"), "Start from a small positive number, or use sampling='linear'."),
        (lambda: Float(0, 1, step=2), "step=2.0 is larger than the range."),
        (lambda: Float(-2, -1, step=1.5), "step=1.5 is larger than the range."),
        (lambda: Float(1, 10, step=1.0, sampling="reverse_log"), "so it must be above 1, got 1.0."),
        (lambda: Float(0, 1, step=1e-20), "step=1e-20 makes steps too small to tell apart. Leave the step out."),
        (lambda: Float(1e16, 1e16 + 10, step=0.5), "makes steps too small to tell apart."),
        (lambda: Float(0, 1, default=2), "Float(0.0, 1.0): the default is not one of the values"),
        (lambda: Choice([]), "Choice needs at least one value, got none."),
        (lambda: Choice("adam"), 'Choice needs a list of values, got \'adam\'. Write Choice(["adam", "sgd"]).'),
        (lambda: Choice(3), "Choice needs a list of values, got 3."),
        (lambda: Choice({"a", "b"}), "Choice needs its values in an order, and a set has none. Give a list."),
        (lambda: Choice(["a", "b", "a"]), "Choice has a value twice: 'a' and 'a' count as the same. Drop one."),
        (lambda: Choice([1, True]), "Choice has a value twice: 1 and True count as the same."),
        (lambda: Choice([0.0, False]), "0.0 and False count as the same."),
        (
            lambda: Choice([1, None]),
            "A value of a Choice must be a string, a number or a boolean, got None (NoneType).",
        ),
        (lambda: Choice([(1, 2)]), "got (1, 2) (tuple). Use a name here, and look up what it stands for"),
        (lambda: Choice([1.0, math.nan]), "A value of a Choice must be finite, got nan."),
        (
            lambda: Choice(["a"], default="b"),
            "Choice: the default is not one of the values: expected one of 'a', got 'b'.",
        ),
        (lambda: Choice(["a"], ordered=1), "Choice: ordered must be True, False or None, got 1."),
        (lambda: Boolean(default=1), "Boolean: the default must be a boolean: expected True or False, got 1."),
        (lambda: Fixed([1]), "The value of a Fixed must be a string, a number, a boolean or None, got [1] (list)."),
        (lambda: Fixed(math.inf), "The value of a Fixed must be finite, got inf."),
        (lambda: Int(0, 9, conditions=("a",)), "conditions must be a tuple of Condition, got ('a',)."),
        (lambda: Int(0, 9).levels(0), "The number of levels must be an integer of at least 1, got 0."),
        (lambda: Boolean().levels(n=True), "The number of levels must be an integer of at least 1, got True."),
        (lambda: Float(0, 9).levels(2.0), "The number of levels must be an integer of at least 1, got 2.0."),
        (lambda: Int(0, 10**9).levels(), "Int(0, 1000000000) has 1,000,000,001 values, more than a list should hold"),
        (lambda: Int(0, 9).when(), ".when() needs at least one parent and its value"),
        (lambda: Int(0, 9).when("a"), ".when() takes names or one mapping, got 'a'."),
        (lambda: Int(0, 9).when({"": 1}), "A condition needs the name of a parameter, got ''."),
        (lambda: Int(0, 9).when(a=[]), "The condition on 'a' names no value, so it can never hold."),
        (
            lambda: Int(0, 9).when(a=[[1]]),
            "A value in the condition on 'a' must be a string, a number, a boolean or None",
        ),
        (lambda: Condition("a", "sgd"), "The condition on 'a' needs a tuple of values, got 'sgd'."),
        (lambda: Condition("a", 3), "The condition on 'a' needs a tuple of values, got 3."),
        (lambda: Condition(3, (1,)), "A condition needs the name of a parameter, got 3."),
    ],
)
def test_parameters_that_cannot_be(make, message):
    with pytest.raises(SpaceError, match=re.escape(message)):
        make()


def test_ranges_of_one_value_take_any_step():
    assert Int(3, 3, step=5).levels() == [3]
    assert Float(0.5, 0.5, step=0.1).levels() == [0.5]
    assert Int(3, 3, step=2, sampling="log").size == 1


def test_equality_is_by_value_and_type():
    assert Int(0, 9) == Int(0, 9, step=1, default=0)
    assert hash(Int(0, 9)) == hash(Int(0, 9, step=1))
    assert Int(0, 9) != Float(0, 9)
    assert Choice([1, 2]) != Choice([1.0, 2.0])
    assert Choice([1, 0]) != Choice([True, False])
    assert Int(0, 9) != Int(0, 9).when(a=1)
    assert Fixed(1) != 1
    assert Float(-0.0, 1) == Float(0.0, 1)


@pytest.mark.parametrize("parameter", [Int(0, 9), Float(0, 1), Choice([1]), Boolean(), Fixed(1)])
def test_parameters_are_frozen_and_carry_no_stray_attributes(parameter):
    with pytest.raises(dataclasses.FrozenInstanceError):
        parameter.conditions = ()
    assert not hasattr(parameter, "__dict__")
    assert hash(parameter) == hash(dataclasses.replace(parameter))


def test_conditions_accumulate():
    momentum = Float(0, 0.99).when(optimizer="sgd").when({"use.it": [True], "layers": range(2, 4)})
    assert momentum.conditions == (
        Condition("optimizer", ("sgd",)),
        Condition("use.it", (True,)),
        Condition("layers", (2, 3)),
    )
    # -1 and -2 share a hash: a set keeps them in the order in which they came.
    assert Int(0, 9).when(a={-1, -2}).conditions[0].values == (-2, -1)
    assert Int(0, 9).when(a=[1, 1, True, np.int64(2)]).conditions[0].values == (1, True, 2)


def test_a_string_enum_becomes_its_string():
    class Colour(enum.StrEnum):
        RED = "red"

    assert type(Choice([Colour.RED]).values[0]) is str
    assert Choice([Colour.RED]).normalise(Colour.RED) == "red"


@pytest.mark.parametrize(
    ("parameter", "source"),
    [
        (Int(0, 9, step=1), "tw.Int(0, 9)"),
        (Int(32, 512, step=32, default=64), "tw.Int(32, 512, step=32, default=64)"),
        (Float(1e-4, 1, sampling="log"), 'tw.Float(0.0001, 1.0, sampling="log")'),
        (Choice(["it's", 'a "b"', "c\n"]), """tw.Choice(["it's", 'a "b"', "c\\n"])"""),
        (Choice([1, 2], ordered=False, default=2), "tw.Choice([1, 2], ordered=False, default=2)"),
        (Boolean(default=True), "tw.Boolean(default=True)"),
        (Fixed(None), "tw.Fixed(None)"),
        (Int(0, 9).when(a="x", b=[1, 2]), 'tw.Int(0, 9).when(a="x", b=[1, 2])'),
        (Int(0, 9).when({"a.b": True}), 'tw.Int(0, 9).when({"a.b": True})'),
        (Int(0, 9).when({"lambda": 1}), 'tw.Int(0, 9).when({"lambda": 1})'),
        (Int(0, 9).when(a=[1, 2]).when(a=2), 'tw.Int(0, 9).when({"a": [1, 2]}).when({"a": 2})'),
    ],
)
def test_source(parameter, source):
    assert parameter.to_source() == source
    assert repr(parameter) == source.replace("tw.", "")


def test_json_is_literal():
    assert Int(1, 9).when(a=[True]).to_json() == {
        "type": "Int",
        "min_value": 1,
        "max_value": 9,
        "step": 1,
        "sampling": "linear",
        "default": 1,
        "conditions": [{"parent": "a", "values": [True]}],
    }
    assert Choice(["a", "b"]).to_json() == {"type": "Choice", "values": ["a", "b"], "ordered": False, "default": "a"}
    # A browser writes 1.0 as 1.
    assert Parameter.from_json({"type": "Float", "min_value": 0, "max_value": 1}) == Float(0.0, 1.0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "A stored parameter needs a type, one of Int, Float, Choice, Boolean, Fixed, got None."),
        ({"type": "Interval"}, "A stored parameter needs a type"),
        ({"type": ["Int"]}, "A stored parameter needs a type"),
        ({"type": "Int", "min_value": 0}, "A stored Int lacks a field"),
        ({"type": "Int", "min_valu": 0}, "A stored Int has no field 'min_valu'. Did you mean 'min_value'?"),
        ({"type": "Int", "min_value": 3, "max_value": 1}, "min_value must not be above max_value"),
        ({"type": "Boolean", "conditions": {}}, "The conditions of a stored parameter must be a list, got {}."),
        ({"type": "Boolean", "conditions": [{"parent": "a"}]}, "A condition is stored as"),
        ({"type": "Boolean", "conditions": [{"parent": "a", "values": "x"}]}, "A condition is stored as"),
    ],
)
def test_json_that_is_no_parameter(data, message):
    with pytest.raises(SpaceError, match=re.escape(message)):
        Parameter.from_json(data)
