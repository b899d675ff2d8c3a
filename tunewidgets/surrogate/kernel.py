"""Covariance between configurations of mixed and conditional spaces."""

import math
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from tunewidgets.surrogate.layout import FloatArray, Group, IntArray, Layout

Family = Literal["matern52", "rbf"]

_SQRT_5 = math.sqrt(5.0)


class Scales(NamedTuple):
    """The hyperparameters of a kernel and of the noise, as plain numbers (not logarithms).

    Attributes
    ----------
    lengths : ndarray of shape (d,)
        Length scale of each varying column, in the order of `Kernel.columns`.
    variances : ndarray of shape (terms,)
        Variance of each term of the kernel.
    noise : float
        Variance of the noise.
    """

    lengths: FloatArray
    variances: FloatArray
    noise: float

    @staticmethod
    def of(theta: FloatArray, terms: int) -> "Scales":
        """Return the hyperparameters whose logarithms stand in one vector: lengths, variances, noise."""
        values = np.exp(theta)
        return Scales(values[: -1 - terms], values[-1 - terms : -1], float(values[-1]))


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of the kernel: the group of columns it belongs to, and what it looks at.

    `numbers` and `categories` are columns of the points, `number_scales` and `category_scales` the places of their
    length scales.
    """

    group: Group
    numbers: IntArray
    categories: IntArray
    number_scales: IntArray
    category_scales: IntArray


class Parts(NamedTuple):
    """A term's covariance among rows of two sets of points, and how it falls with the squared distance.

    `rows` and `others` are the rows for which the term is not zero; `value` has a row for each of the first and a
    column for each of the second. `fall` is -2 dk/d(r^2).
    """

    rows: IntArray
    others: IntArray
    value: FloatArray
    fall: FloatArray


@dataclass(frozen=True, slots=True)
class Rows:
    """Points as the kernel sees them, once worked out.

    Attributes
    ----------
    coordinates : ndarray of shape (n, d)
        As `Layout.coordinates` gives them.
    inside : tuple of ndarray of int
        For each term the rows in which its group is active.
    """

    coordinates: FloatArray
    inside: tuple[IntArray, ...]

    def __len__(self) -> int:
        return len(self.coordinates)


class Kernel:
    """A sum of stationary kernels, one for each group of columns of a layout.

    The first term looks at the columns that are always active. Each further one belongs to the columns of one branch:
    it is zero unless both configurations are in the branch, and looks at all columns that are active there. So two
    configurations share only what both have, and the value of an inactive parameter cannot matter.

    A term is variance * m(r) with r^2 = sum_j (x_j - x'_j)^2 / length_j^2; a category contributes 1 / length_j^2 where
    the two differ (Hamming distance with a learned scale). m is Matern-5/2, (1 + s + s^2 / 3) exp(-s) with
    s = sqrt(5) r, or the squared exponential, exp(-r^2 / 2).

    Parameters
    ----------
    layout : Layout
        The columns of the points.
    family : {"matern52", "rbf"}
        Which m.
    lifted : bool
        Whether the last two columns are both a height, at which a point lies. Every term looks at the first one, so
        that points are the less alike the further apart their heights are; the second one has a term of its own, for
        what a height does to all points alike.

    Attributes
    ----------
    columns : tuple of int
        The columns that have a length scale, in the order of the hyperparameters.
    terms : tuple of Term
        The summands, the height's own one last.
    shared : int
        How many of them look at points.

    References
    ----------
    Rasmussen, Williams: Gaussian processes for machine learning, 2006, chapter 4. Sums over shared and private
    parameters: Horn, Stork, Schuessler, Zaefferer: Surrogates for hierarchical search spaces, GECCO 2019. Hamming
    distance: Hutter, PhD thesis, University of British Columbia, 2009.
    """

    def __init__(self, layout: Layout, family: Family = "matern52", *, lifted: bool = False) -> None:
        self.layout = layout
        self.family = family
        self.lifted = lifted
        self.columns = tuple(sorted((*layout.numbers, *layout.categories)))
        self._place = {column: place for place, column in enumerate(self.columns)}
        last = len(layout.columns) - 1
        groups = list(layout.groups)
        self.shared = len(groups)
        if lifted:
            groups = [replace(group, seen=tuple(j for j in group.seen if j != last)) for group in groups]
            groups.append(Group(None, (last,), (last,)))
        self.terms = tuple(self._term(group) for group in groups)

    def _term(self, group: Group) -> Term:
        numbers = [j for j in group.seen if not self.layout.columns[j].categories]
        categories = [j for j in group.seen if self.layout.columns[j].categories]
        return Term(group, *map(_indices, (numbers, categories)), *map(self._places, (numbers, categories)))

    def _places(self, columns: list[int]) -> IntArray:
        return _indices([self._place[column] for column in columns])

    @property
    def size(self) -> int:
        """The number of hyperparameters: length scales, variances, and the noise."""
        return len(self.columns) + len(self.terms) + 1

    def rows(self, points: FloatArray) -> Rows:
        """Return points as the kernel sees them.

        Parameters
        ----------
        points : ndarray of shape (n, d)
            Rows of the unit cube, NaN where inactive.
        """
        everywhere = np.arange(len(points), dtype=np.intp)
        gates = [term.group.gate for term in self.terms]
        inside = [everywhere if gate is None else np.flatnonzero(~np.isnan(points[:, gate])) for gate in gates]
        return Rows(self.layout.coordinates(points), tuple(inside))

    def parts(self, scales: Scales, left: Rows, right: Rows) -> list[Parts]:
        """Return what each term contributes to the covariance between two sets of points."""
        return [self._part(index, scales, left, right) for index in range(len(self.terms))]

    def _part(self, index: int, scales: Scales, left: Rows, right: Rows) -> Parts:
        from scipy.spatial.distance import cdist  # noqa: PLC0415 - heavy: imported where first used

        term, rows, others = self.terms[index], left.inside[index], right.inside[index]
        here, there = left.coordinates[rows], right.coordinates[others]
        lengths = scales.lengths[term.number_scales]
        squared = cdist(here[:, term.numbers] / lengths, there[:, term.numbers] / lengths, "sqeuclidean")
        for column, scale in zip(term.categories, term.category_scales, strict=True):
            differ = here[:, column, None] != there[None, :, column]
            squared += differ * (1.0 / scales.lengths[scale] ** 2)
        value, fall = _FAMILIES[self.family](squared)
        value *= scales.variances[index]
        fall *= scales.variances[index]
        return Parts(rows, others, value, fall)

    def covariance(self, scales: Scales, left: Rows, right: Rows) -> FloatArray:
        """Return the covariance between two sets of points, without noise; shape (n, m)."""
        return assemble(self.parts(scales, left, right), len(left), len(right))

    def variance(self, scales: Scales, rows: Rows) -> FloatArray:
        """Return the variance of each point before anything is known, without noise; shape (n,)."""
        total = np.zeros(len(rows))
        for inside, variance in zip(rows.inside, scales.variances, strict=True):
            total[inside] += variance
        return total


def assemble(parts: list[Parts], n: int, m: int) -> FloatArray:
    """Return the sum of the terms as one matrix of shape (n, m)."""
    if len(parts) == 1 and parts[0].value.shape == (n, m):
        return parts[0].value.copy()
    total = np.zeros((n, m))
    for part in parts:
        if part.value.shape == (n, m):
            total += part.value
        else:
            total[np.ix_(part.rows, part.others)] += part.value
    return total


def _matern52(squared: FloatArray) -> tuple[FloatArray, FloatArray]:
    r = np.sqrt(squared)
    r *= _SQRT_5
    value = np.exp(-r)
    r += 1.0
    fall = r * value
    value *= squared * (5.0 / 3.0) + r
    fall *= 5.0 / 3.0
    return value, fall


def _rbf(squared: FloatArray) -> tuple[FloatArray, FloatArray]:
    value = np.exp(-0.5 * squared)
    return value, value.copy()


_FAMILIES = {"matern52": _matern52, "rbf": _rbf}


def _indices(numbers: list[int]) -> IntArray:
    return np.array(numbers, dtype=np.intp)
