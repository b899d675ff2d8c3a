"""A condition: the values of another parameter under which a parameter is active."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tunewidgets.errors import SpaceError
from tunewidgets.space.values import is_same, plain, scalar


@dataclass(frozen=True, slots=True)
class Condition:
    """A parameter is active only while ``parent`` is active and has one of ``values``.

    Parameters
    ----------
    parent : str
        The name of the parameter that decides.
    values : tuple of str, int, float, bool or None
        The values under which the condition holds; repeated ones are dropped.

    Raises
    ------
    SpaceError
        The name is empty or no string, there are no values, or one of them is not a plain scalar.

    Examples
    --------
    >>> Condition("optimizer", ("sgd",))
    Condition(parent='optimizer', values=('sgd',))
    """

    parent: str
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.parent, str) or not self.parent:
            raise SpaceError(
                f"A condition needs the name of a parameter, got {self.parent!r}. "
                'Write .when(optimizer="sgd") or .when({"optimizer": ["sgd"]}).'
            )
        object.__setattr__(self, "values", _distinct(self.parent, self.values))

    def to_json(self) -> dict[str, Any]:
        """Return the condition as plain JSON types."""
        return {"parent": self.parent, "values": list(self.values)}

    @classmethod
    def from_json(cls, data: Any) -> "Condition":
        """Return the condition that :meth:`to_json` wrote.

        Raises
        ------
        SpaceError
            The data are not those of a condition.
        """
        if not isinstance(data, Mapping) or set(data) != {"parent", "values"} or not isinstance(data["values"], list):
            raise SpaceError(f"A condition is stored as {{'parent': name, 'values': [...]}}, got {data!r}.")
        return cls(data["parent"], tuple(data["values"]))

    def to_text(self) -> str:
        """Return the condition as a person reads it, such as ``optimizer = 'sgd'``."""
        if len(self.values) == 1:
            return f"{self.parent} = {self.values[0]!r}"
        return f"{self.parent} in {list(self.values)!r}"


def conditions_from(parents: Mapping[Any, Any]) -> tuple[Condition, ...]:
    """Return one condition for each parent; a list, tuple, set or range holds several values."""
    return tuple(Condition(parent, _several(values)) for parent, values in parents.items())


def _several(values: Any) -> tuple[Any, ...]:
    if isinstance(values, set | frozenset):
        # The order of a set of strings changes from one process to the next; what is stored must not.
        return tuple(sorted(map(plain, values), key=lambda value: (type(value).__name__, value)))
    if isinstance(values, list | tuple | range):
        return tuple(values)
    return (values,)


def _distinct(parent: str, values: Iterable[Any]) -> tuple[Any, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise SpaceError(f"The condition on {parent!r} needs a tuple of values, got {values!r}.")
    kept: list[Any] = []
    for given in values:
        value = scalar(given, f"A value in the condition on {parent!r}", none=True)
        if not any(is_same(value, other) for other in kept):
            kept.append(value)
    if not kept:
        raise SpaceError(f"The condition on {parent!r} names no value, so it can never hold. Give at least one value.")
    return tuple(kept)
