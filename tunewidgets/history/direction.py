"""Which values are better: the one place that knows minimum from maximum, NaN and infinity."""

import math
from collections.abc import Iterable
from typing import Literal

Direction = Literal["min", "max"]
"""``"min"``: smaller values are better; ``"max"``: larger ones are."""

_MAXIMISED: tuple[str, ...] = (
    "accuracy",
    "acc",
    "auc",
    "roc_auc",
    "f1",
    "precision",
    "recall",
    "score",
    "r2",
    "average_precision",
)
_MAXIMISED += (
    "balanced_accuracy",
    "explained_variance",
    "jaccard",
    "d2",
    "iou",
    "io_u",
    "map",
    "ndcg",
    "top_k",
    "corrcoef",
)
_MINIMISED: tuple[str, ...] = (
    "loss",
    "error",
    "mse",
    "mae",
    "rmse",
    "msle",
    "mape",
    "log_loss",
    "deviance",
    "perplexity",
    "regret",
)
_MINIMISED += ("crossentropy", "divergence", "cost", "hinge", "logcosh", "poisson")


def infer_direction(metric: str) -> Direction | None:
    """Tell from a well-known metric's name whether it is minimised or maximised.

    Parameters
    ----------
    metric : str
        A name such as ``"val_accuracy"``, ``"neg_log_loss"`` or ``"val_loss"``.

    Returns
    -------
    "min", "max" or None
        None where the name says nothing; the caller then asks the user.

    Examples
    --------
    >>> infer_direction("val_accuracy"), infer_direction("val_loss"), infer_direction("fitness")
    ('max', 'min', None)
    """
    name = metric.lower().removeprefix("val_")
    # scikit-learn negates what is minimised, and its D2 scores are shares of it explained: larger is always better.
    if name.startswith(("neg_", "d2_")):
        return "max"
    if _mentions(name, _MINIMISED) or "squared_error" in name or "absolute_error" in name:
        return "min"
    return "max" if _mentions(name, _MAXIMISED) else None


def _mentions(name: str, words: Iterable[str]) -> bool:
    return any(name == word or name.endswith(f"_{word}") or name.startswith(f"{word}_") for word in words)


def is_finite(value: float | None) -> bool:
    """Whether a value can be compared at all: neither missing, NaN nor infinite."""
    return value is not None and math.isfinite(value)


def rank_key(value: float | None, trial: int, direction: Direction) -> tuple[float, int]:
    """Return a key that sorts the best value first, whatever the direction.

    Values that cannot be compared come last; ties go to the lower trial number, so that an order is always total.

    Parameters
    ----------
    value : float or None
        A trial's value; None, NaN and infinities rank last.
    trial : int
        The trial's number.
    direction : {"min", "max"}
        Which values are better.

    Returns
    -------
    tuple of (float, int)
        Smaller is better.

    Examples
    --------
    >>> sorted([0.2, 0.9, float("nan")], key=lambda v: rank_key(v, 0, "max"))
    [0.9, 0.2, nan]
    """
    if value is None or not math.isfinite(value):
        return (math.inf, trial)
    return (value if direction == "min" else -value, trial)


def better(value: float | None, other: float | None, direction: Direction) -> bool:
    """Whether `value` is strictly better than `other`; anything finite beats what cannot be compared."""
    return rank_key(value, 0, direction) < rank_key(other, 0, direction)
