"""The branches of a conditional space, and which of them deserves another look.

Once a good branch is polished, a model is sure that the others are worse: their few results were not tuned. It then
spends what is left of the search on improvements that nobody needs. So where the improvement that can be expected has
become negligible, most trials go to another branch and try to improve on *that branch's* best.
"""

from typing import NamedTuple

import numpy as np

from tunewidgets.samplers.gp_cube import Cube, FloatArray

_PLACES = 256  # in which the branches of a space are looked for


class Branch(NamedTuple):
    """One way of setting the parameters on which others depend.

    Attributes
    ----------
    gates : ndarray of shape (d,)
        The values of these parameters, NaN for all other columns and for inactive ones.
    members : ndarray of int
        Which of the results lie in it.
    columns : int
        How many parameters can be tuned in it.
    """

    gates: FloatArray
    members: np.ndarray
    columns: int


def branches(cube: Cube, points: FloatArray, rng: np.random.Generator) -> list[Branch]:
    """Return the branches of a space in which there are results, or that are found in a sample of it.

    Parameters
    ----------
    cube : Cube
        The space.
    points : ndarray of shape (n, d)
        The results.
    rng : numpy.random.Generator
        Where chance comes from.
    """
    everywhere = np.concatenate([points, cube.snap(cube.spread(_PLACES, rng))])
    gates = np.full(everywhere.shape, np.nan)
    gates[:, cube.gates] = everywhere[:, cube.gates]
    keys = np.array([key.hex() for key in cube.keys(gates)])
    found, first = np.unique(keys, return_index=True)
    varying = np.array([not column.constant for column in cube.layout.columns])
    varying[cube.gates] = False
    tuned = (~np.isnan(everywhere) & varying).sum(axis=1)
    members = [np.flatnonzero(keys[: len(points)] == key) for key in found]
    return [Branch(gates[place], inside, int(tuned[place])) for place, inside in zip(first, members, strict=True)]


def another(candidates: list[Branch], values: FloatArray) -> Branch | None:
    """Return the branch, other than that of the best result, that deserves the next look; None where there is no other.

    One without results comes first. Of the others it is the one with the smallest optimistic value of its best result:
    value - sqrt(columns / results), for standardised values.

    Parameters
    ----------
    candidates : list of Branch
        All branches.
    values : ndarray of shape (n,)
        Of the results, standardised, to be minimised.
    """
    best = int(values.argmin())
    others = [branch for branch in candidates if best not in branch.members]
    return min(others, key=lambda branch: _hope(branch, values), default=None)


def _hope(branch: Branch, values: FloatArray) -> float:
    count = len(branch.members)
    if count == 0:
        return -np.inf
    return float(values[branch.members].min()) - float(np.sqrt((1 + branch.columns) / count))
