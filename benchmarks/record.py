"""What a benchmark hands back, and the statistics it is told in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np

Samples = Mapping[str, Sequence[float]]
"""Raw figures by what was measured; the unit stands in the name."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of a sample and its width.

    Attributes
    ----------
    n : int
        How many figures there are.
    low, median, high, p90 : float
        The quartiles, and the value that a tenth of the figures exceed.
    """

    n: int
    low: float
    median: float
    high: float
    p90: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Return the spread of at least one figure."""
        low, median, high, p90 = (float(each) for each in np.percentile(list(values), [25, 50, 75, 90]))
        return cls(len(values), low, median, high, p90)

    def text(self, digits: int = 3) -> str:
        """Return the median with the quartiles in brackets, to so many significant digits."""
        return f"{number(self.median, digits)} ({number(self.low, digits)} to {number(self.high, digits)})"


def number(value: float, digits: int = 3) -> str:
    """Return a number to so many significant digits, large ones with commas and none with an exponent.

    Examples
    --------
    >>> number(12345.6), number(0.01234), number(5.0)
    ('12,346', '0.0123', '5.00')
    """
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    return f"{value:,.{max(0, digits - 1 - int(np.floor(np.log10(abs(value)))))}f}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page; its cells are texts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """What was promised beside what was found."""

    what: str
    wanted: str
    found: str
    held: bool


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark's outcome.

    Attributes
    ----------
    title : str
        Its heading.
    how : str
        How it was taken, with all sizes.
    tables, budgets : tuple
        What the page shows.
    raw : mapping of str to sequence of float
        Every figure taken.
    notes : tuple of str
        What a reader must know to judge the figures.
    """

    title: str
    how: str
    tables: tuple[Table, ...]
    budgets: tuple[Budget, ...]
    raw: Samples
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, raw figures to six significant digits."""
        raw = {name: [float(f"{value:.6g}") for value in values] for name, values in self.raw.items()}
        return asdict(self) | {"raw": raw}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        tables = tuple(Table(tuple(it["columns"]), tuple(tuple(row) for row in it["rows"])) for it in data["tables"])
        budgets = tuple(Budget(**it) for it in data["budgets"])
        return cls(data["title"], data["how"], tables, budgets, data["raw"], tuple(data["notes"]))


def at_most(what: str, limit: float, found: float, unit: str = "") -> Budget:
    """Return the budget that `found` is at most `limit`."""
    return Budget(what, f"at most {limit:g}{unit}", f"{number(found)}{unit}", held=found <= limit)


def at_least(what: str, limit: float, found: float, unit: str = "") -> Budget:
    """Return the budget that `found` is at least `limit`."""
    return Budget(what, f"at least {limit:g}{unit}", f"{number(found)}{unit}", held=found >= limit)
