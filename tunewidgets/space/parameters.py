"""The base class of all parameters, and the contract that they keep.

A parameter is a frozen record. It knows its values, and how they lie on the unit interval::

    rate = Float(1e-4, 1e-1, sampling="log")
    rate.to_unit(1e-4), rate.to_unit(1e-1)          # 0.0 and 1.0
    rate.from_unit(0.5)                             # 0.00316…, halfway on the logarithmic scale
    rate.contains(0.5)                              # False
    rate.normalise(np.float64(0.01))                # 0.01, a Python float; an error tells what a wrong value should be
    rate.levels(4)                                  # [0.0001, 0.001, 0.01, 0.1]
    rate.sample(np.random.default_rng(0))           # from_unit of one uniform draw
    momentum = Float(0.0, 0.99).when(optimizer="sgd")

Every value in the unit interval is decoded to some valid value (``from_unit`` is total), and a value with finitely many
neighbours comes back exactly: ``from_unit(to_unit(value)) == value``.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from tunewidgets.errors import SpaceError
from tunewidgets.space.conditions import Condition, conditions_from
from tunewidgets.space.source import conditions_source

FloatArray = npt.NDArray[np.float64]

# A list of more values than this is never what was meant, and would fill the memory.
MOST_LEVELS = 10_000_000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameter(ABC):
    """One thing to tune: its values, its scale, its default and when it is active.

    Two parameters are equal when the Python source that makes them is.

    Parameters
    ----------
    conditions : tuple of Condition, optional
        The parameter is active where all of them hold. :meth:`when` is the way to write them.
    """

    #: The names of the fields that are stored, in the order of the constructor.
    stored: ClassVar[tuple[str, ...]] = ()

    conditions: tuple[Condition, ...] = field(default=(), kw_only=True)

    @property
    @abstractmethod
    def default(self) -> Any:
        """The value to begin with."""

    @property
    @abstractmethod
    def size(self) -> int | float:
        """The number of distinct values; infinite for a range without steps."""

    @abstractmethod
    def normalise(self, value: Any) -> Any:
        """Return the value as this parameter holds it: a plain Python value, an int for an ``Int``.

        Raises
        ------
        SpaceError
            The parameter cannot take that value; the message tells what it can take.
        """

    @abstractmethod
    def to_unit(self, value: Any) -> float:
        """Return where a value lies in [0, 1], by the parameter's scale.

        Raises
        ------
        SpaceError
            The parameter cannot take that value.
        """

    @abstractmethod
    def from_unit(self, unit: float) -> Any:
        """Return the value that lies at ``unit``, a number in [0, 1]."""

    @abstractmethod
    def levels(self, n: int = 10) -> list[Any]:
        """Return all distinct values, or ``n`` points spread over the scale where there is no end of them.

        Raises
        ------
        SpaceError
            ``n`` is not a positive integer, or the distinct values are too many to list.
        """

    @abstractmethod
    def arguments(self) -> list[str]:
        """Return the constructor's arguments as Python source, those left at their default left out."""

    @abstractmethod
    def describe(self) -> tuple[str, str]:
        """Return the values and the scale as a person reads them."""

    def contains(self, value: Any) -> bool:
        """Tell whether the parameter can take a value."""
        try:
            self.normalise(value)
        except SpaceError:
            return False
        return True

    def snap(self, units: FloatArray) -> FloatArray:
        """Return where the values at ``units`` lie: ``to_unit(from_unit(unit))`` for a whole column.

        Parameters
        ----------
        units : ndarray of shape (n,)
            Numbers in [0, 1].

        Returns
        -------
        ndarray of shape (n,)
            The middles of the shares in which they lie.
        """
        shares = float(self.size)
        snapped: FloatArray = (np.minimum(np.floor(units * shares), shares - 1.0) + 0.5) / shares
        return snapped

    def sample(self, rng: np.random.Generator) -> Any:
        """Return a value drawn uniformly on the parameter's scale; takes one number from ``rng``."""
        return self.from_unit(rng.random())

    def when(self, mapping: Mapping[str, Any] | None = None, /, **parents: Any) -> Self:
        """Return this parameter, active only where every parent named is active and has the value given.

        Parameters
        ----------
        mapping : mapping, optional
            Conditions by name, for names that are not Python identifiers.
        **parents
            Parent and value, or a list, tuple or set of values of which any will do.

        Returns
        -------
        Parameter
            A new parameter; conditions it had before must hold as well.

        Raises
        ------
        SpaceError
            No condition is given, or one is not valid.

        Examples
        --------
        >>> from tunewidgets.space import Float
        >>> Float(0.0, 0.99).when(optimizer="sgd")
        Float(0.0, 0.99).when(optimizer="sgd")
        """
        if mapping is not None and not isinstance(mapping, Mapping):
            raise SpaceError(f'.when() takes names or one mapping, got {mapping!r}. Write .when(optimizer="sgd").')
        conditions = conditions_from(mapping or {}) + conditions_from(parents)
        if not conditions:
            raise SpaceError('.when() needs at least one parent and its value, such as .when(optimizer="sgd").')
        return replace(self, conditions=self.conditions + conditions)

    def to_source(self, prefix: str = "tw.") -> str:
        """Return Python source that makes this parameter; ``prefix`` stands before the class's name."""
        call = f"{prefix}{type(self).__name__}({', '.join(self.arguments())})"
        return call + conditions_source(self.conditions)

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as plain JSON types; :meth:`from_json` reads them."""
        data: dict[str, Any] = {"type": type(self).__name__}
        for name in self.stored:
            value = getattr(self, name)
            data[name] = list(value) if isinstance(value, tuple) else value
        if self.conditions:
            data["conditions"] = [condition.to_json() for condition in self.conditions]
        return data

    @staticmethod
    def from_json(data: Any) -> "Parameter":
        """Return the parameter, of whichever type, that :meth:`to_json` wrote.

        Raises
        ------
        SpaceError
            The data are not those of a parameter, or not of a valid one.
        """
        # The reader knows the types, and they know this class: an import at the top would be circular.
        from tunewidgets.space.serial import parameter_from_json  # noqa: PLC0415 - see above

        return parameter_from_json(data)

    def __repr__(self) -> str:
        return self.to_source(prefix="")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parameter):
            return NotImplemented
        return type(self) is type(other) and self.to_source() == other.to_source()

    def __hash__(self) -> int:
        return hash(self.to_source())

    def _set(self, name: str, value: Any) -> None:
        """Set a field while the record is being made."""
        object.__setattr__(self, name, value)

    def _check_conditions(self) -> None:
        conditions = self.conditions
        if isinstance(conditions, list | tuple) and all(isinstance(entry, Condition) for entry in conditions):
            self._set("conditions", tuple(conditions))
            return
        raise SpaceError(f"conditions must be a tuple of Condition, got {conditions!r}. Use .when(parent=value).")


def check_count(n: Any) -> int:
    """Return a number of levels, checked."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise SpaceError(f"The number of levels must be an integer of at least 1, got {n!r}.")
    return int(n)
