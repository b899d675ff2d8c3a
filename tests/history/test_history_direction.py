"""Which values are better: names of metrics, and the laws of the one order."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunewidgets.history import infer_direction, is_finite, rank_key
from tunewidgets.history.direction import better

MAXIMISED = [
    "accuracy",
    "val_accuracy",
    "Accuracy",
    "acc",
    "val_acc",
    "binary_accuracy",
    "sparse_categorical_accuracy",
    "top_k_categorical_accuracy",
    "auc",
    "val_auc",
    "roc_auc",
    "roc_auc_ovr_weighted",
    "f1",
    "f1_score",
    "f1_macro",
    "val_f1_score",
    "precision",
    "val_precision",
    "precision_weighted",
    "average_precision",
    "recall",
    "recall_micro",
    "r2",
    "r2_score",
    "explained_variance",
    "jaccard",
    "jaccard_weighted",
    "balanced_accuracy",
    "top_k_accuracy",
    "neg_log_loss",
    "neg_mean_squared_error",
    "neg_root_mean_squared_error",
    "neg_mean_absolute_percentage_error",
    "neg_brier_score",
    "neg_max_error",
    "neg_mean_poisson_deviance",
    "d2_absolute_error_score",
    "score",
    "mean_io_u",
    "binary_io_u",
    "matthews_corrcoef",
    "adjusted_rand_score",
    "v_measure_score",
]

MINIMISED = [
    "loss",
    "val_loss",
    "train_loss",
    "log_loss",
    "error",
    "val_error",
    "mse",
    "val_mse",
    "mae",
    "rmse",
    "mape",
    "msle",
    "mean_squared_error",
    "val_mean_squared_error",
    "root_mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "binary_crossentropy",
    "sparse_categorical_crossentropy",
    "kl_divergence",
    "hinge",
    "squared_hinge",
    "categorical_hinge",
    "logcosh",
    "poisson",
    "perplexity",
    "cost",
    "regret",
    "max_error",
]

SILENT = ["value", "fitness", "x", "", "lossless", "cosine_similarity", "time", "val_", "kappa", "accurate", "precise"]


@pytest.mark.parametrize("metric", MAXIMISED)
def test_maximised(metric):
    assert infer_direction(metric) == "max"


@pytest.mark.parametrize("metric", MINIMISED)
def test_minimised(metric):
    assert infer_direction(metric) == "min"


@pytest.mark.parametrize("metric", SILENT)
def test_names_that_say_nothing_are_asked_about(metric):
    assert infer_direction(metric) is None


def test_every_scorer_of_scikit_learn_is_maximised_or_asked_about():
    from sklearn.metrics import get_scorer_names

    found = {name: infer_direction(name) for name in get_scorer_names()}
    assert {name for name, direction in found.items() if direction == "min"} == set()
    known = sum(direction == "max" for direction in found.values())
    assert known / len(found) > 0.7


_VALUES = st.none() | st.floats()
_DIRECTIONS = st.sampled_from(["min", "max"])


@given(st.lists(_VALUES, max_size=12), _DIRECTIONS, st.randoms(use_true_random=False))
def test_the_order_is_total_and_independent_of_how_it_was_shuffled(values, direction, rnd):
    numbered = list(enumerate(values))
    shuffled = random.Random(rnd.random()).sample(numbered, len(numbered))

    def order(pairs):
        return [number for number, value in sorted(pairs, key=lambda it: rank_key(it[1], it[0], direction))]

    ranked = order(numbered)
    assert order(shuffled) == ranked
    finite = [values[number] for number in ranked if is_finite(values[number])]
    assert finite == sorted(finite, reverse=direction == "max")
    assert all(not is_finite(values[number]) for number in ranked[len(finite) :])
    assert ranked[len(finite) :] == sorted(ranked[len(finite) :])


@given(_VALUES, _VALUES, _DIRECTIONS)
def test_better_is_strict_and_nothing_is_worse_than_no_value(a, b, direction):
    assert not (better(a, b, direction) and better(b, a, direction))
    assert not better(a, a, direction)
    if is_finite(a) and not is_finite(b):
        assert better(a, b, direction)
    if not is_finite(a):
        assert not better(a, b, direction)
    if is_finite(a) and is_finite(b):
        assert better(a, b, direction) == (a < b if direction == "min" else a > b)
        assert better(a, b, "min") == better(-a, -b, "max")


@pytest.mark.parametrize(
    ("value", "finite"),
    [(0.0, True), (-1e308, True), (None, False), (math.nan, False), (math.inf, False), (-math.inf, False)],
)
def test_what_can_be_compared(value, finite):
    assert is_finite(value) is finite


def test_ties_go_to_the_earlier_trial():
    assert rank_key(0.5, 3, "max") < rank_key(0.5, 4, "max")
    assert rank_key(None, 3, "max") < rank_key(math.nan, 4, "max")
    assert min([(2, 0.1), (1, 0.1), (3, 0.2)], key=lambda it: rank_key(it[1], it[0], "min")) == (1, 0.1)
