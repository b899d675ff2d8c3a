"""Where an acquisition is largest: a dense quasi-random start, then refinement over numbers, levels and categories."""

import math
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from tunewidgets.samplers.gp_cube import Cube, FloatArray

_POOL = 512  # places from a Sobol sequence, and as many near the best results
_WIDTHS = (-3.0, -0.5)  # powers of ten: from how far away these come
_STARTS, _ROUNDS, _CHILDREN = 6, 5, 16  # local refinement
_WIDTH, _SHRINK = 0.15, 0.35  # of its steps, from round to round
_POLISHED, _POLISH_STEPS = 3, 25  # L-BFGS-B on the continuous parameters of the best


class Scored(Protocol):
    """What is maximised over configurations."""

    def score(self, points: FloatArray) -> FloatArray:
        """Return the criterion at points of shape (n, d); larger is better."""
        ...


@runtime_checkable
class Sloping(Protocol):
    """What is maximised, where it has derivatives."""

    def slopes(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the criterion and its derivatives by the columns of the points, of shape (n, d)."""
        ...


class Found(NamedTuple):
    """The best configuration found: its point and the criterion there."""

    point: FloatArray
    score: float


class Hunt:
    """A search for the largest value of a criterion among configurations that are not taken.

    Parameters
    ----------
    cube : Cube
        The space.
    criterion : Scored
        What is maximised.
    taken : set of bytes
        Keys of configurations that must not be proposed.
    rng : numpy.random.Generator
        Where chance comes from.
    branch : ndarray of shape (d,), optional
        Numbers where a column is held; NaN where it is free.
    """

    def __init__(
        self,
        cube: Cube,
        criterion: Scored,
        taken: AbstractSet[bytes],
        rng: np.random.Generator,
        branch: FloatArray | None = None,
    ) -> None:
        self._cube, self._criterion, self._taken, self._rng = cube, criterion, taken, rng
        self._branch = np.full(len(cube.names), math.nan) if branch is None else branch

    def among(self, points: FloatArray) -> Found | None:
        """Return the best of these points, all of which are scored; None where all are taken."""
        return self._best(points, self._score(points))

    def everywhere(self, good: FloatArray) -> Found | None:
        """Return the best configuration that is found, looking closely around good ones.

        Parameters
        ----------
        good : ndarray of shape (m, d)
            Points of the best results so far.
        """
        places, scores = self._refined(*self._begun(good))
        points = self._cube.snap(places)
        if len(self._cube.free) and isinstance(self._criterion, Sloping):
            best = places[np.argsort(-scores, kind="stable")[:_POLISHED]]
            points = np.concatenate([points, self._polished(best, self._criterion)])
        return self._best(points, self._score(points))

    def once(self, good: FloatArray) -> Found | None:
        """Return the best of one pool of candidates, scored together: for criteria that are drawn anew each time."""
        points = self._cube.snap(self._pool(good))
        _, first = np.unique(np.where(np.isnan(points), -1.0, points), axis=0, return_index=True)
        return self.among(points[np.sort(first)])

    def _best(self, points: FloatArray, scores: FloatArray) -> Found | None:
        if not len(points) or not np.isfinite(scores.max()):
            return None
        index = int(scores.argmax())
        return Found(points[index], float(scores[index]))

    def _score(self, points: FloatArray) -> FloatArray:
        scores = self._criterion.score(points)
        free = np.array([key not in self._taken for key in self._cube.keys(points)], dtype=bool)
        return np.where(free & ~np.isnan(scores), scores, -math.inf)

    def _begun(self, good: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the best few places of the whole pool and of its even part, with their scores."""
        pool = self._pool(good)
        scores = self._score(self._cube.snap(pool))
        order = np.argsort(-scores, kind="stable")
        chosen = order[: _STARTS // 2].tolist()
        chosen += [i for i in order[order < _POOL][:_STARTS].tolist() if i not in chosen][: _STARTS - len(chosen)]
        return pool[chosen], scores[chosen]

    def _pool(self, good: FloatArray) -> FloatArray:
        """Return places all over the cube, and as many near good points."""
        around = np.repeat(self._cube.filled(good, self._rng), max(1, _POOL // max(1, len(good))), axis=0)
        width = 10.0 ** self._rng.uniform(*_WIDTHS, len(around))
        near = self._cube.neighbours(around, width, self._rng)
        return self._held(np.concatenate([self._cube.spread(_POOL, self._rng), near]))

    def _held(self, places: FloatArray) -> FloatArray:
        return np.where(np.isnan(self._branch), places, self._branch)

    def _refined(self, places: FloatArray, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
        count = len(places)
        for turn in range(_ROUNDS):
            width = np.full(count * _CHILDREN, _WIDTH * _SHRINK**turn)
            children = self._held(self._cube.neighbours(np.repeat(places, _CHILDREN, axis=0), width, self._rng))
            found = self._score(self._cube.snap(children)).reshape(count, _CHILDREN)
            best = found.argmax(axis=1) + np.arange(count) * _CHILDREN
            better = found.max(axis=1) > scores
            places = np.where(better[:, None], children[best], places)
            scores = np.where(better, found.max(axis=1), scores)
        return places, scores

    def _polished(self, places: FloatArray, criterion: Sloping) -> FloatArray:
        """Return points at which the continuous parameters are optimised, all starts in one run."""
        from scipy.optimize import minimize  # noqa: PLC0415 - heavy: imported where first used

        free = self._cube.free
        template = self._cube.snap(places)
        # Only what is active moves; where a column is inactive its NaN stays.
        begin = np.where(np.isnan(template[:, free]), 0.5, template[:, free])
        inactive = np.isnan(template[:, free])

        def loss(flat: FloatArray) -> tuple[float, FloatArray]:
            points = template.copy()
            points[:, free] = np.where(inactive, np.nan, flat.reshape(begin.shape))
            values, slopes = criterion.slopes(points)
            return -float(values.sum()), -np.where(inactive, 0.0, slopes[:, free]).ravel()

        bounds = [(0.0, 1.0)] * begin.size
        options = {"maxiter": _POLISH_STEPS}
        end = minimize(loss, begin.ravel(), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        moved = places.copy()
        moved[:, free] = np.where(inactive, places[:, free], np.clip(end.x.reshape(begin.shape), 0.0, 1.0))
        return self._cube.snap(moved)
