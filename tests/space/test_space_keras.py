"""The meanings of Keras Tuner's words, against Keras Tuner itself."""

import pytest

from tunewidgets.space import Choice, Float, Int

pytestmark = pytest.mark.keras

UNITS = [0.0, 0.07, 0.25, 0.499, 0.5, 0.73, 0.9, 0.999]
INTS = [
    (0, 10, {}),
    (0, 10, {"step": 3}),
    (32, 512, {"step": 32}),
    (2, 32, {"step": 2, "sampling": "log"}),
    (3, 1000, {"step": 7, "sampling": "log"}),
    (1, 1000, {"sampling": "log"}),
    (1, 1000, {"sampling": "reverse_log"}),
    (5, 5, {}),
]
FLOATS = [
    (0, 1, {}),
    (-3, 4, {"step": 0.5}),
    (0, 1, {"step": 0.25}),
    (1e-4, 1e-1, {"sampling": "log"}),
    (1e-4, 1e-1, {"sampling": "reverse_log"}),
    (0.001, 10, {"step": 10, "sampling": "log"}),
]


@pytest.fixture(scope="module")
def hyperparameters():
    pytest.importorskip("keras_tuner")
    from keras_tuner.src.engine.hyperparameters import hp_types

    return hp_types


@pytest.mark.parametrize(("low", "high", "words"), INTS)
def test_ints(hyperparameters, low, high, words):
    ours, theirs = Int(low, high, **words), hyperparameters.Int("x", low, high, **words)
    assert [ours.from_unit(unit) for unit in UNITS] == [theirs.prob_to_value(unit) for unit in UNITS]
    values = [theirs.prob_to_value(unit) for unit in UNITS]
    assert [ours.to_unit(value) for value in values] == pytest.approx([theirs.value_to_prob(value) for value in values])
    assert ours.default == theirs.default
    if ours.step:
        assert ours.levels() == list(theirs.values)


@pytest.mark.parametrize(("low", "high", "words"), FLOATS)
def test_floats(hyperparameters, low, high, words):
    ours, theirs = Float(low, high, **words), hyperparameters.Float("x", low, high, **words)
    values = [theirs.prob_to_value(unit) for unit in UNITS]
    assert [ours.from_unit(unit) for unit in UNITS] == pytest.approx(values)
    assert [ours.to_unit(value) for value in values] == pytest.approx([theirs.value_to_prob(value) for value in values])
    assert ours.default == theirs.default
    if ours.step:
        assert ours.levels() == pytest.approx(list(theirs.values))


def test_reversed_steps_are_the_same_values_smallest_first(hyperparameters):
    words = {"step": 10, "sampling": "reverse_log"}
    for low, high in [(1, 1000), (1, 50)]:
        assert Int(low, high, **words).levels() == sorted(hyperparameters.Int("x", low, high, **words).values)


def test_the_last_step_is_not_lost_to_rounding(hyperparameters):
    # 1 // 0.2 is 4.0 in floating point; Keras Tuner's own documentation lists six values.
    assert len(list(hyperparameters.Float("x", 0, 1, step=0.2).values)) == 5
    assert Float(0, 1, step=0.2).levels() == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


@pytest.mark.parametrize("values", [["a", "b", "c"], [1, 2], [0.5, 0.25, 4.0]])
def test_choices(hyperparameters, values):
    ours, theirs = Choice(values), hyperparameters.Choice("x", values)
    assert [ours.from_unit(unit) for unit in UNITS] == [theirs.prob_to_value(unit) for unit in UNITS]
    assert [ours.to_unit(value) for value in values] == pytest.approx([theirs.value_to_prob(value) for value in values])
    assert (ours.ordered, ours.default) == (theirs.ordered, theirs.default)
