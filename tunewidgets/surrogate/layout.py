"""What a model must know of a space: what the columns of the unit cube are, and which of them are active when."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

Rule = tuple[int, frozenset[float]]
"""A parent's column, and where the parent's values lie under which the rule holds."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the unit cube.

    Parameters
    ----------
    categories : int
        How many values without an order the column has; 0 for a number. The values lie at (i + 1/2) / categories.
    low, high : float
        Where the smallest and the largest value of a number lie; a model sees them at 0 and 1.
    rules : tuple of Rule
        The column is active where all of them hold; a parent must itself be active.
    constant : bool
        The column has a single value, and nothing depends on it.
    """

    categories: int = 0
    low: float = 0.0
    high: float = 1.0
    rules: tuple[Rule, ...] = ()
    constant: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that are active under the same conditions.

    Attributes
    ----------
    gate : int or None
        A column that is active exactly where the group is; None for the group that always is.
    own : tuple of int
        The columns of the group.
    seen : tuple of int
        All columns that are active wherever the group is, its own among them.
    """

    gate: int | None
    own: tuple[int, ...]
    seen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a space, as a model sees them.

    Points are rows of the unit cube, NaN where a column is inactive.

    Parameters
    ----------
    columns : tuple of Column
        One for each parameter.

    Attributes
    ----------
    groups : tuple of Group
        First the columns that are always active (perhaps none), then one group for every set of conditions under which
        something that varies is active.
    numbers, categories : tuple of int
        The columns that vary, by their kind.

    Examples
    --------
    >>> layout = Layout((Column(categories=2), Column(rules=((0, frozenset({0.75})),))))
    >>> [group.seen for group in layout.groups]
    [(0,), (0, 1)]
    """

    columns: tuple[Column, ...]
    groups: tuple[Group, ...] = field(init=False)
    numbers: tuple[int, ...] = field(init=False)
    categories: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        varying = [index for index, column in enumerate(self.columns) if not column.constant]
        object.__setattr__(self, "numbers", tuple(j for j in varying if not self.columns[j].categories))
        object.__setattr__(self, "categories", tuple(j for j in varying if self.columns[j].categories))
        object.__setattr__(self, "groups", _groups(self.columns, varying))

    @property
    def conditional(self) -> bool:
        """Whether some varying column is active only under a condition."""
        return len(self.groups) > 1

    def coordinates(self, points: FloatArray) -> FloatArray:
        """Return where points lie as a model sees them.

        Parameters
        ----------
        points : ndarray of shape (n, d)
            Rows of the unit cube.

        Returns
        -------
        ndarray of shape (n, d)
            Numbers between their smallest (0) and largest value (1), categories by number; 0 where inactive.
        """
        low = np.array([column.low for column in self.columns])
        width = np.array([column.high - column.low for column in self.columns])
        seen = (points - low) / np.where(width > 0.0, width, 1.0)
        for j in self.categories:
            count = self.columns[j].categories
            seen[:, j] = np.minimum(np.floor(points[:, j] * count), count - 1)
        return np.where(np.isnan(points), 0.0, seen)

    def slopes(self) -> FloatArray:
        """Return by how much a number's coordinate changes with its place in the unit cube; shape (d,)."""
        width = np.array([column.high - column.low for column in self.columns])
        return 1.0 / np.where(width > 0.0, width, 1.0)


def _groups(columns: tuple[Column, ...], varying: list[int]) -> tuple[Group, ...]:
    needs = [_needs(columns, index) for index in range(len(columns))]
    always = tuple(j for j in varying if not needs[j])
    groups = [Group(None, always, always)]
    for j in varying:
        if needs[j] and not any(j in group.own for group in groups):
            own = tuple(i for i in varying if needs[i] == needs[j])
            groups.append(Group(j, own, tuple(i for i in varying if _implied(needs[i], needs[j]))))
    return tuple(groups)


def _needs(columns: tuple[Column, ...], index: int) -> dict[int, frozenset[float]]:
    """Return all that must hold for a column to be active, what its parents need included."""
    needs: dict[int, frozenset[float]] = {}
    for parent, values in columns[index].rules:
        own = [] if columns[parent].constant else [(parent, values)]  # a constant has its value wherever it is active
        for column, allowed in [*own, *_needs(columns, parent).items()]:
            needs[column] = needs.get(column, allowed) & allowed
    return needs


def _implied(weaker: dict[int, frozenset[float]], stronger: dict[int, frozenset[float]]) -> bool:
    return all(column in stronger and stronger[column] <= values for column, values in weaker.items())
