"""Keras objectives: legs, their saved states, and the model that comes out."""

import os
import warnings

import numpy as np
import pytest
from scripted import make_trial

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives import keras_callbacks
from tunewidgets.objectives.keras import KerasObjective
from tunewidgets.objectives.keras_checkpoint import best_weights
from tunewidgets.objectives.space_of import space_of
from tunewidgets.space import Choice, Float

pytestmark = [
    pytest.mark.keras,
    # Keras's own callbacks read their optimizer's learning rate in a way that NumPy 2 warns of.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="module")
def keras():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

        return keras


@pytest.fixture(scope="module")
def digits():
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return (x[:240] / 16).astype("float32"), y[:240]


def build_model(hp):
    import keras

    layers = [keras.layers.Dense(hp.Int("units", 8, 32, default=16), activation="relu")]
    if hp.Boolean("dropout"):
        layers.append(keras.layers.Dropout(hp.Float("rate", 0.1, 0.5)))
    model = keras.Sequential([keras.Input((64,)), *layers, keras.layers.Dense(10)])
    rate = hp.Float("learning_rate", 1e-3, 1e-1, sampling="log", default=1e-2)
    optimizer = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[hp.Choice("optimizer", ["adam", "sgd"])]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=optimizer(rate), loss=loss, metrics=["accuracy"])
    return model


CONFIG = {"units": 16, "dropout": False, "learning_rate": 0.01, "optimizer": "adam"}


def objective_of(digits, builder=build_model, **changes):
    fit = {"objective": "val_accuracy", "validation_split": 0.25, "batch_size": 60, **changes}
    return KerasObjective(builder, *digits, **fit)


def reports(trial):
    return trial.channel.reports


def test_every_epoch_is_reported_and_the_best_model_has_the_best_value(keras, digits, tmp_path):
    objective = objective_of(digits, epochs=3)
    trial = make_trial(tmp_path, config=CONFIG)
    assert objective.run(trial) is None
    assert [step for step, _, _ in reports(trial)] == [1, 2, 3]
    assert set(reports(trial)[0][2]) == {"loss", "accuracy", "val_loss"}
    best = max(value for _, value, _ in reports(trial))
    model = objective.model(tmp_path, CONFIG, trial.seed)
    x, y = digits
    measured = model.evaluate(x[180:], y[180:], verbose=0, return_dict=True)["accuracy"]
    assert measured == pytest.approx(best, abs=1e-6)
    assert objective.met() == {}


def test_a_leg_that_is_resumed_goes_on_as_if_unbroken(keras, digits, tmp_path):
    def callbacks():
        return [
            keras.callbacks.EarlyStopping("val_loss", patience=50, restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=10.0),
        ]

    config = {**CONFIG, "dropout": True, "rate": 0.3}
    objective = objective_of(digits, shuffle=False, callbacks=callbacks)
    whole, first = (
        make_trial(tmp_path / "a", config=config, budget=4),
        make_trial(tmp_path / "b", "continue", "pause", config=config, budget=4),
    )
    objective.run(whole)
    objective.run(first)
    assert [step for step, _, _ in reports(first)] == [1, 2]
    second = make_trial(tmp_path / "b", config=config, budget=4, attempt=2)
    objective.run(second)
    assert [step for step, _, _ in reports(second)] == [3, 4]

    unbroken, resumed = whole.load(), second.load()
    for part in ("variables", "optimizer"):
        assert len(unbroken[part]) == len(resumed[part]) > 4
        for left, right in zip(unbroken[part], resumed[part], strict=True):
            np.testing.assert_allclose(left, right, atol=1e-6)
    assert 12 in [int(value) for value in resumed["optimizer"] if value.shape == ()]  # 3 batches, 4 epochs
    values = [value for _, value, _ in reports(first) + reports(second)]
    assert values == pytest.approx([value for _, value, _ in reports(whole)], abs=1e-6)
    rates = [metrics["learning_rate"] for _, _, metrics in reports(second)]
    assert rates == [metrics["learning_rate"] for _, _, metrics in reports(whole)][2:]
    assert rates[1] < 0.01
    for (kind, left), (other, right) in zip(unbroken["callbacks"], resumed["callbacks"], strict=True):
        assert kind == other
        assert {key: left[key] for key in left if key != "best_weights"} == pytest.approx(
            {key: right[key] for key in right if key != "best_weights"}
        )


def test_early_stopping_keeps_its_patience_over_legs_and_then_the_trial_is_over(keras, digits, tmp_path):
    stopper = keras.callbacks.EarlyStopping("val_loss", patience=3, min_delta=100.0)
    objective = objective_of(digits, callbacks=[stopper])
    first = make_trial(tmp_path, "continue", "pause", config=CONFIG, budget=2)
    objective.run(first)
    assert first.load()["callbacks"][0][1]["wait"] == 1
    second = make_trial(tmp_path, config=CONFIG, budget=9, attempt=2)
    objective.run(second)
    assert [step for step, _, _ in reports(second)] == [3, 4]
    assert stopper.wait == 0
    third = make_trial(tmp_path, config=CONFIG, budget=9, attempt=3)
    objective.run(third)
    assert reports(third) == []


def test_a_state_is_saved_as_time_goes_by(keras, digits, tmp_path, monkeypatch):
    monkeypatch.setattr(keras_callbacks, "SAVE_SECONDS", 0.0)

    class BrokenError(Exception):
        pass

    def fail(epoch, logs):
        if epoch == 2:
            raise BrokenError

    objective = objective_of(digits, callbacks=[keras.callbacks.LambdaCallback(on_epoch_begin=fail)])
    trial = make_trial(tmp_path, config=CONFIG, budget=9)
    with pytest.raises(BrokenError):
        objective.run(trial)
    assert make_trial(tmp_path, attempt=2).saved_step == 2
    assert len(best_weights(tmp_path / "checkpoint")) == 4


def test_the_metric_must_be_logged(keras, digits, tmp_path):
    objective = objective_of(digits, objective="val_auc")
    with pytest.raises(ObjectiveError, match=r"'val_auc' was never logged .*: accuracy, loss, val_accuracy, val_loss"):
        objective.run(make_trial(tmp_path, config=CONFIG, budget=3))


def test_epochs_must_be_known(digits, tmp_path):
    with pytest.raises(ObjectiveError, match=r"epochs=10"):
        objective_of(digits).run(make_trial(tmp_path, config=CONFIG))


def test_data_function_with_datasets_and_a_model_without_an_input(keras, digits, tmp_path):
    def build(hp):
        model = keras.Sequential([keras.layers.Dense(hp.Int("units", 4, 8)), keras.layers.Dense(10)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(loss=loss, metrics=["accuracy"])
        return model

    def data():
        import tensorflow as tf

        x, y = digits
        return (tf.data.Dataset.from_tensor_slices((x[:120], y[:120])).batch(60),
                tf.data.Dataset.from_tensor_slices((x[120:], y[120:])).batch(60))  # fmt: skip

    objective = KerasObjective(build, data=data, objective="val_accuracy")
    objective.check()
    trial = make_trial(tmp_path, config={}, budget=2)
    objective.run(trial)
    assert [step for step, _, _ in reports(trial)] == [1, 2]
    assert objective.met()["units"]["min_value"] == 4
    second = make_trial(tmp_path, config={}, budget=4, attempt=2)
    objective.run(second)
    assert [step for step, _, _ in reports(second)] == [3, 4]
    best = max(value for _, value, _ in reports(trial) + reports(second))
    x, y = digits
    model = objective.model(tmp_path, {}, trial.seed)
    assert model.evaluate(x[120:], y[120:], verbose=0)[1] == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda hp: None, "None came. Is a `return model` missing"),
        (lambda hp: __import__("keras").Sequential([]), "not compiled"),
    ],
)
def test_builders_that_return_no_compiled_model(keras, digits, tmp_path, build, message):
    with pytest.raises(ObjectiveError, match=message):
        objective_of(digits, build).run(make_trial(tmp_path, config={}, budget=1))


def test_a_builder_of_chance_is_refused_where_it_is_resumed(keras, digits, tmp_path):
    config = {**CONFIG}
    objective = objective_of(digits)
    objective.run(make_trial(tmp_path, config=config, budget=1))
    with pytest.raises(ObjectiveError, match="not the one of the leg before"):
        objective.run(make_trial(tmp_path, config={**config, "units": 20}, budget=2, attempt=2))


def test_no_weights_no_model(digits, tmp_path):
    with pytest.raises(ObjectiveError, match="no weights of this trial"):
        objective_of(digits).model(tmp_path, CONFIG, 1)


def test_keras_tuners_hypermodels_run(keras, digits, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras_tuner = pytest.importorskip("keras_tuner")

    class Model(keras_tuner.HyperModel):
        def build(self, hp):
            return build_model(hp)

    class Own(Model):
        def fit(self, hp, model, *args, **kwargs):
            kwargs["batch_size"] = hp.Choice("batch_size", [60, 90])
            return model.fit(*args, verbose=0, **kwargs)

    class Value(Model):
        def fit(self, hp, model, x, y, validation_data=None):
            return {"loss": 1.0, "val_accuracy": 0.25}

    plain = make_trial(tmp_path / "a", config=CONFIG, budget=2)
    objective_of(digits, Model()).run(plain)
    own, trial = objective_of(digits, Own()), make_trial(tmp_path / "b", "continue", "stop", config=CONFIG, budget=3)
    own.run(trial)
    assert [step for step, _, _ in reports(trial)] == [1, 2]
    assert own.met() == {"batch_size": Choice([60, 90]).to_json()}
    assert reports(trial)[0] == reports(plain)[0]
    value = KerasObjective(Value(), *digits, objective="val_accuracy")
    value.check()
    assert value.run(make_trial(tmp_path / "c", config=CONFIG)) == 0.25


class Twice:
    def build(self, hp):
        return build_model(hp)

    def fit(self, hp, model, *args, **kwargs):
        model.fit(*args, verbose=0, **kwargs)
        return model.fit(*args, verbose=0, **kwargs)


def test_epochs_of_a_second_fit_are_counted_on_and_it_does_not_begin_after_the_end(keras, digits, tmp_path):
    objective = objective_of(digits, Twice())
    whole = make_trial(tmp_path / "a", config=CONFIG, budget=2)
    objective.run(whole)
    assert [step for step, _, _ in reports(whole)] == [1, 2, 3, 4]
    ended = make_trial(tmp_path / "b", "continue", "pause", config=CONFIG, budget=2)
    assert objective.run(ended) is None
    assert [step for step, _, _ in reports(ended)] == [1, 2]
    assert ended.saved_step == 2


def test_the_space_of_a_keras_builder_is_found_in_another_process():
    space = space_of(build_model)
    assert list(space) == ["units", "dropout", "rate", "learning_rate", "optimizer"]
    assert space["rate"] == Float(0.1, 0.5).when(dropout=True)
    assert space["optimizer"] == Choice(["adam", "sgd"])
