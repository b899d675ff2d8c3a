"""The first configurations of a Gaussian-process search, spread over the space before there is a model."""

from collections.abc import Set as AbstractSet

import numpy as np

from tunewidgets.samplers.gp_cube import Cube, FloatArray

_SKIPS = 256  # points of the sequence that may all be taken before the rest of the space is looked through
_CHILD = 2**32 - 1  # of the search's seed: no trial has this number


class Design:
    """A scrambled Sobol sequence over a space, the same for the whole search.

    Every value of an integer, a category or a boolean has the same share of it.

    Parameters
    ----------
    cube : Cube
        The space.
    seed : int
        Of the search.
    """

    def __init__(self, cube: Cube, seed: int) -> None:
        self._cube, self._seed = cube, seed
        self._points = np.empty((0, len(cube.names)))

    def next(self, index: int, taken: AbstractSet[bytes]) -> tuple[FloatArray, int] | None:
        """Return the first point at or after `index` that is not taken, and its index; None where all are."""
        for place in range(index, index + _SKIPS):
            point = self._point(place)
            if self._cube.keys(point[None])[0] not in taken:
                return point, place
        return None

    def _point(self, index: int) -> FloatArray:
        from scipy.stats import qmc  # noqa: PLC0415 - heavy: imported where first used

        if index >= len(self._points):
            # The sequence in blocks of powers of two, for which it is balanced; made anew, as it is soon over.
            size = 1 << max(5, index.bit_length())
            seed = np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=(_CHILD,)))
            engine = qmc.Sobol(len(self._cube.names), scramble=True, seed=seed)
            self._points = self._cube.snap(engine.random(size))
        point: FloatArray = self._points[index]
        return point
