"""What a Keras objective refuses before anything starts, and how it takes its data; without importing Keras."""

import numpy as np
import pytest

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.keras import KerasObjective
from tunewidgets.objectives.keras_data import from_data
from tunewidgets.objectives.payload import dump, load

X, Y = np.zeros((10, 4)), np.zeros(10)


def build_model(hp):
    return hp.Int("units", 1, 4)


def made(**changes):
    arguments = {"x": X, "y": Y, "validation_split": 0.2, **changes}
    return KerasObjective(build_model, arguments.pop("x"), arguments.pop("y"), **arguments)


def test_sound_input_is_taken():
    objective = made(epochs=9, batch_size=4, callbacks=[])
    objective.check()
    assert objective.max_budget == 9
    assert (objective.metric, objective.direction) == ("val_loss", "min")
    assert (objective.unit, objective.reports, objective.preload) == ("epoch", True, ("tensorflow", "keras"))
    assert repr(objective) == "KerasObjective(build_model)"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": Y[:9]}, "x and y must have as many rows; they have 10 and 9"),
        ({"x": {"a": X, "b": X[:9]}}, "they have 9, 10 and 10"),
        ({"sample_weight": Y[:3]}, "10 and 10 and 3"),
        ({"validation_data": (X, Y[:5])}, "x and y of validation_data must have as many rows; they have 10 and 5"),
        ({"validation_data": (X,)}, "it has 1 parts"),
        ({"validation_split": 20}, "between 0 and 1; int 20"),
        ({"validation_split": 0}, r"none are given. Cure: validation_split=0.2 .* or objective='loss'"),
        ({"batchsize": 3}, "no argument of keras.Model.fit. Did you mean 'batch_size'"),
        ({"initial_epoch": 3}, "Cure: leave it out"),
        (
            {"validation_freq": 2},
            r"validation_freq=2 leaves epochs without 'val_loss', .* Cure: leave validation_freq out",
        ),
        ({"validation_freq": [1, 3]}, r"validation_freq=\[1, 3\] leaves epochs without .* or objective='loss'"),
        ({"x": None, "y": None, "data": lambda: None, "validation_freq": 2}, "validation_freq=2 leaves epochs"),
        ({"epochs": 0}, "epochs must be an integer of at least 1; int 0"),
        ({"x": None}, "There are no data"),
        ({"x": iter([])}, "needs arrays to split"),
        ({"data": lambda: None}, "Both x, y and data="),
        ({"x": None, "y": None, "data": (X, Y)}, "data must be a function"),
        ({"objective": "fitness"}, 'Cure: direction="min" or direction="max"'),
        ({"objective": ["val_loss", "val_accuracy"]}, "the name of one metric"),
    ],
)
def test_bad_input_is_refused_with_a_cure(changes, message):
    with pytest.raises(ObjectiveError, match=message):
        made(**changes).check()


def test_a_metric_on_the_training_data_needs_no_validation():
    made(objective="loss", validation_freq=2).check()
    made(validation_freq=1).check()
    with pytest.raises(ObjectiveError, match="validation_freq=3 leaves epochs without 'val_accuracy'"):
        made(objective="loss", validation_freq=3).with_metric("val_accuracy").check()


def test_an_objective_is_sent_and_read(tmp_path):
    large = np.random.default_rng(0).random((4000, 20))
    objective = KerasObjective(build_model, large, np.zeros(4000), objective="val_accuracy", validation_split=0.2)
    dump(objective, tmp_path)
    other = load(tmp_path)
    assert other.metric == "val_accuracy"
    np.testing.assert_array_equal(other.x, large)


def test_a_builder_must_take_hp_alone():
    with pytest.raises(ObjectiveError, match="one argument, hp"):
        KerasObjective(lambda hp, x: None, X, Y, validation_split=0.2).check()


def test_another_metric_leaves_the_first_objective_alone():
    first = made()
    second = first.with_metric("val_accuracy")
    assert (second.metric, second.direction) == ("val_accuracy", "max")
    assert (first.metric, first.direction) == ("val_loss", "min")
    assert first.with_metric("val_fitness", "max").direction == "max"
    with pytest.raises(ObjectiveError, match="val_fitness"):
        first.with_metric("val_fitness")


def test_an_objective_with_a_name_and_a_direction_is_taken():
    class Objective:
        name, direction = "val_fitness", "max"

    objective = made(objective=Objective())
    assert (objective.metric, objective.direction) == ("val_fitness", "max")


class Dataset:
    element_spec = ()


@pytest.mark.parametrize(
    ("result", "arguments"),
    [
        ((1, 2), {"x": 1, "y": 2}),
        ((1, 2, (3, 4)), {"x": 1, "y": 2, "validation_data": (3, 4)}),
        ({"x": 1, "validation_data": 2}, {"x": 1, "validation_data": 2}),
        ([1, 2], {"x": [1, 2]}),
    ],
)
def test_what_a_data_function_returns(result, arguments):
    assert from_data(result) == arguments


def test_datasets_of_a_data_function():
    train, held = Dataset(), Dataset()
    assert from_data(train) == {"x": train}
    assert from_data((train, held)) == {"x": train, "validation_data": held}


@pytest.mark.parametrize(
    ("result", "message"),
    [(None, "`return` missing"), ((1, 2, 3, 4), "a tuple of 4"), ({"X": 1}, "'X'"), ({"epochs": 3}, "epochs=…")],
)
def test_what_a_data_function_must_not_return(result, message):
    with pytest.raises(ObjectiveError, match=message):
        from_data(result)
