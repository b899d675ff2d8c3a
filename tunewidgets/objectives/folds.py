"""The folds of a cross-validation: drawn once, and cut to a number of training samples."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.errors import ObjectiveError

Indices = npt.NDArray[np.intp]
Fold = tuple[Indices, Indices]
"""The rows to train on and the rows to test on."""


def freeze(estimator: Any, X: Any, y: Any, cv: Any) -> list[Fold]:  # noqa: N803 - scikit-learn's name
    """Draw the folds as scikit-learn would.

    Parameters
    ----------
    estimator : estimator
        A classifier gets stratified folds where `cv` is an integer.
    X, y : array-like
        The data.
    cv : int, splitter or iterable
        As for ``cross_val_score``.

    Returns
    -------
    list of (train, test)
        Arrays of row numbers.

    Raises
    ------
    ObjectiveError
        The data cannot be split so.
    """
    from sklearn.base import is_classifier  # noqa: PLC0415 - heavy: imported where first used
    from sklearn.model_selection import check_cv  # noqa: PLC0415 - heavy: imported where first used

    try:
        splitter = check_cv(cv, y, classifier=is_classifier(estimator))
        return [(np.asarray(train), np.asarray(test)) for train, test in splitter.split(X, y)]
    except (TypeError, ValueError, IndexError) as error:
        raise ObjectiveError(
            f"cv={cv!r} cannot split the data: {error}. Cure: fewer folds, or the splits themselves, such as "
            "cv=list(GroupKFold(5).split(X, y, groups))."
        ) from error


def draw(train: Indices, labels: Any, number: int, fold: int) -> Indices:
    """Return some of a training fold's rows.

    A larger number draws the same rows and more, for every trial the same, so that a promoted trial sees what it saw
    before and trials of one rung are compared on the same samples.

    Parameters
    ----------
    train : ndarray of int
        The fold's rows.
    labels : array-like or None
        All rows' classes: they are drawn in their proportions, and each at least once. None: without regard to them.
    number : int
        How many rows; at most all, and no fewer than there are classes.
    fold : int
        The fold's number; each has an order of its own.

    Returns
    -------
    ndarray of int
        The rows drawn.

    Examples
    --------
    >>> labels = [0, 0, 0, 0, 1, 1]
    >>> drawn = draw(np.arange(6), labels, 3, fold=0)
    >>> sorted(np.take(labels, drawn).tolist())
    [0, 0, 1]
    """
    order = np.random.default_rng(fold).permutation(len(train))
    classes = None if labels is None else np.asarray(labels)
    if classes is None or classes.ndim != 1:
        return train[order[:number]]
    _, codes, counts = np.unique(classes[train[order]], return_inverse=True, return_counts=True)
    rank = np.empty(len(codes))
    starts = np.cumsum(counts) - counts
    rank[np.argsort(codes, kind="stable")] = np.arange(len(codes)) - np.repeat(starts, counts)
    # A class's k-th sample of n stands at k/n: the first of every class come first, then all in proportion.
    order = order[np.argsort(rank / counts[codes], kind="stable")]
    return train[order[: max(number, len(counts))]]
