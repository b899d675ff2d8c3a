"""A search over a real Keras builder, in real processes, through a killed coordinator to a trained model."""

import numpy as np
import pytest
from scenes import is_gone, kill_coordinator, reported, wait_until

import tunewidgets as tw
from tunewidgets.testing.audit import audit

pytestmark = [pytest.mark.keras, pytest.mark.process]


def build_model(hp):
    import keras

    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(hp.Int("units", 16, 64, step=16), "relu")])
    if hp.Boolean("deep"):
        model.add(keras.layers.Dense(hp.Choice("second", [8, 16]), "relu"))
    model.add(keras.layers.Dense(10, "softmax"))
    rate = hp.Float("rate", 1e-3, 1e-1, sampling="log")
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def digits():
    from sklearn.datasets import load_digits

    data = load_digits()
    return (data.data[:600] / 16).astype("float32"), data.target[:600]


def test_a_keras_search_survives_its_coordinator(runs, digits):
    x, y = digits
    search = tw.tune(
        tw.KerasObjective(build_model, x[:500], y[:500], validation_data=(x[500:], y[500:])),
        objective="val_accuracy",
        strategy=tw.SuccessiveHalving(max_budget=4, configurations=6, factor=2),
        workers=2,
        seed=4,
        directory=runs,
    )
    assert search.status == "starting"
    wait_until(lambda: sum(reported(search).values()) >= 5, 60)
    legs = kill_coordinator(search)
    wait_until(lambda: all(is_gone(pid) for pid in legs), 5)
    assert search.status == "interrupted"
    committed = reported(search)

    search.resume().wait(90)
    assert search.status == "finished"
    assert [tuple(rung) for rung in search.plan.brackets[0]] == [(6, 1), (3, 2), (1, 4)]
    assert audit(search.history.entries, search.strategy.schedule, search.strategy.sampler).differences == ()
    assert committed.items() <= reported(search).items(), "no committed report is lost"
    assert set(reported(search).values()) == {1}

    assert repr(search.space["second"].conditions) == "(Condition(parent='deep', values=(True,)),)"
    for trial in search.history.trials.values():
        assert search.space.validate(trial.config) == dict(trial.config)
    steps = [report.step for report in search.history.reports(search.best.number)]
    assert steps == [1, 2, 3, 4]

    model = search.best_model()
    accuracy = model.evaluate(x[500:], y[500:], verbose=0)[1]
    assert accuracy == pytest.approx(search.best_value, abs=1e-6)
    assert np.isfinite(accuracy)


def test_a_metric_that_keras_never_logs_fails_with_the_ones_it_logs(runs, digits):
    x, y = digits
    search = tw.tune(
        tw.KerasObjective(build_model, x, y, validation_split=0.2),
        tw.Space(units=tw.Int(16, 64, step=16), deep=tw.Fixed(False), rate=tw.Fixed(0.01)),  # noqa: FBT003 - a value
        objective="val_f1",
        strategy=tw.Full(1),
        trials=1,
        directory=runs,
    )
    search.wait(60)
    error = search.trials.error[0]
    assert "val_f1" in error
    assert "val_accuracy" in error
