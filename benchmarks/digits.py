"""The job that several benchmarks share: a small network for the handwritten digits, as in the quickstart."""

from typing import Any, NamedTuple

import numpy as np


class Digits(NamedTuple):
    """1,797 images of 64 pixels from 0 to 1, a fifth of them held out."""

    x_train: np.ndarray[Any, Any]
    x_test: np.ndarray[Any, Any]
    y_train: np.ndarray[Any, Any]
    y_test: np.ndarray[Any, Any]


def load_digits() -> Digits:
    """Return the images, split as the quickstart splits them."""
    from sklearn import datasets, model_selection  # noqa: PLC0415 - heavy: imported where first used

    images, labels = datasets.load_digits(return_X_y=True)
    x = (images / 16).astype("float32")
    return Digits(*model_selection.train_test_split(x, labels, test_size=0.2, stratify=labels, random_state=0))


def build_model(hp: Any) -> Any:
    """Return one hidden layer for 64 inputs: its units, its dropout and the learning rate are open."""
    import keras  # noqa: PLC0415 - heavy: imported where first used

    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(hp.Int("units", 32, 512, step=32), activation="relu"),
            keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1)),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(hp.Choice("learning_rate", [1e-2, 1e-3, 1e-4])),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
