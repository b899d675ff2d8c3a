"""Parameters without a range: ``Choice``, ``Boolean`` and ``Fixed``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tunewidgets.errors import SpaceError
from tunewidgets.space.parameters import Parameter, check_count
from tunewidgets.space.source import literal
from tunewidgets.space.values import is_same, plain, scalar


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Choice(Parameter):
    """One of several values.

    Parameters
    ----------
    values : sequence of str, int, float or bool
        At least one, none twice. 1, 1.0 and True count as the same value, as they do in a dict.
    ordered : bool, optional
        Whether neighbours in the list are alike. Unless given, True for numbers, and False where there is a string or
        a boolean.
    default : optional
        The value to begin with; the first unless given.

    Raises
    ------
    SpaceError
        There are no values, one is repeated or no plain scalar, or the default is none of them.

    Examples
    --------
    >>> Choice(["adam", "sgd"]).default
    'adam'
    >>> Choice([16, 32, 64]).ordered
    True
    """

    stored: ClassVar[tuple[str, ...]] = ("values", "ordered", "default")

    values: Sequence[Any]
    ordered: bool | None = field(default=None, kw_only=True)
    default: Any = field(default=None, kw_only=True)
    _index: dict[Any, int] = field(init=False)

    def __post_init__(self) -> None:
        self._check_conditions()
        self._set("values", _checked(self.values))
        self._set("_index", {value: index for index, value in enumerate(self.values)})
        self._check_ordered()
        try:
            self._set("default", self.values[0] if self.default is None else self.normalise(self.default))
        except SpaceError as error:
            raise SpaceError(f"Choice: the default is not one of the values: {error}") from None

    @property
    def size(self) -> int:
        """The number of values."""
        return len(self.values)

    def normalise(self, value: Any) -> Any:
        """Return the value as it stands in the list.

        Raises
        ------
        SpaceError
            It is not in the list.
        """
        return self.values[self._find(value)]

    def to_unit(self, value: Any) -> float:
        """Return the middle of the value's share of [0, 1].

        Raises
        ------
        SpaceError
            It is not in the list.
        """
        return (self._find(value) + 0.5) / len(self.values)

    def from_unit(self, unit: float) -> Any:
        """Return the value in whose share of [0, 1] ``unit`` lies; all shares are equal."""
        count = len(self.values)
        return self.values[min(int(unit * count), count - 1)]

    def levels(self, n: int = 10) -> list[Any]:
        """Return all values in their order; ``n`` changes nothing.

        Raises
        ------
        SpaceError
            ``n`` is not a positive integer.
        """
        check_count(n)
        return list(self.values)

    def arguments(self) -> list[str]:
        """Return the constructor's arguments as Python source, those left at their default left out."""
        words = [literal(self.values)]
        if self.ordered != _is_numeric(self.values):
            words.append(f"ordered={self.ordered!r}")
        if self._find(self.default) != 0:
            words.append(f"default={literal(self.default)}")
        return words

    def describe(self) -> tuple[str, str]:
        """Return the values and the scale as a person reads them."""
        return ", ".join(map(repr, self.values)), "ordered" if self.ordered else "unordered"

    def _find(self, value: Any) -> int:
        value = plain(value)
        if isinstance(value, str | int | float):
            index = self._index.get(value)
            if index is not None and is_same(self.values[index], value):
                return index
        raise SpaceError(f"expected one of {', '.join(map(repr, self.values))}, got {value!r}.")

    def _check_ordered(self) -> None:
        if self.ordered is None:
            self._set("ordered", _is_numeric(self.values))
        elif not isinstance(self.ordered, bool):
            raise SpaceError(f"Choice: ordered must be True, False or None, got {self.ordered!r}.")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Boolean(Parameter):
    """False or True.

    Parameters
    ----------
    default : bool
        The value to begin with.

    Raises
    ------
    SpaceError
        The default is not a boolean.

    Examples
    --------
    >>> Boolean().levels()
    [False, True]
    """

    stored: ClassVar[tuple[str, ...]] = ("default",)

    default: bool = False

    def __post_init__(self) -> None:
        self._check_conditions()
        try:
            self._set("default", self.normalise(self.default))
        except SpaceError as error:
            raise SpaceError(f"Boolean: the default must be a boolean: {error}") from None

    @property
    def size(self) -> int:
        """Two."""
        return 2

    def normalise(self, value: Any) -> bool:
        """Return the value as Python's bool.

        Raises
        ------
        SpaceError
            It is not a boolean.
        """
        value = plain(value)
        if not isinstance(value, bool):
            raise SpaceError(f"expected True or False, got {value!r}.")
        return value

    def to_unit(self, value: Any) -> float:
        """Return 0.25 for False and 0.75 for True.

        Raises
        ------
        SpaceError
            It is not a boolean.
        """
        return 0.75 if self.normalise(value) else 0.25

    def from_unit(self, unit: float) -> bool:
        """Return False in the lower half and True in the upper."""
        return unit >= 0.5  # noqa: PLR2004 - the middle of the unit interval

    def levels(self, n: int = 10) -> list[bool]:
        """Return both values; ``n`` changes nothing.

        Raises
        ------
        SpaceError
            ``n`` is not a positive integer.
        """
        check_count(n)
        return [False, True]

    def arguments(self) -> list[str]:
        """Return the constructor's arguments as Python source, those left at their default left out."""
        return ["default=True"] if self.default else []

    def describe(self) -> tuple[str, str]:
        """Return the values and the scale as a person reads them."""
        return "False, True", "unordered"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fixed(Parameter):
    """A value that is not tuned, but passed on and written down with the others.

    Parameters
    ----------
    value : str, int, float, bool or None
        The value.

    Raises
    ------
    SpaceError
        JSON cannot hold the value as it is.

    Examples
    --------
    >>> Fixed(10).levels()
    [10]
    """

    stored: ClassVar[tuple[str, ...]] = ("value",)

    value: Any

    def __post_init__(self) -> None:
        self._check_conditions()
        self._set("value", scalar(self.value, "The value of a Fixed", none=True))

    @property
    def default(self) -> Any:
        """The value."""
        return self.value

    @property
    def size(self) -> int:
        """One."""
        return 1

    def normalise(self, value: Any) -> Any:
        """Return the value.

        Raises
        ------
        SpaceError
            It is another one.
        """
        given = plain(value)
        if not (given is None or isinstance(given, str | int | float)) or not is_same(given, self.value):
            raise SpaceError(f"expected {self.value!r}, which is fixed, got {value!r}.")
        return self.value

    def to_unit(self, value: Any) -> float:
        """Return 0.5.

        Raises
        ------
        SpaceError
            It is another value.
        """
        self.normalise(value)
        return 0.5

    def from_unit(self, unit: float) -> Any:  # noqa: ARG002 - all of the unit interval is this value
        """Return the value."""
        return self.value

    def levels(self, n: int = 10) -> list[Any]:
        """Return the one value; ``n`` changes nothing.

        Raises
        ------
        SpaceError
            ``n`` is not a positive integer.
        """
        check_count(n)
        return [self.value]

    def arguments(self) -> list[str]:
        """Return the constructor's arguments as Python source."""
        return [literal(self.value)]

    def describe(self) -> tuple[str, str]:
        """Return the values and the scale as a person reads them."""
        return repr(self.value), "fixed"


def _is_numeric(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _checked(values: Any) -> tuple[Any, ...]:
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise SpaceError(f'Choice needs a list of values, got {values!r}. Write Choice(["adam", "sgd"]).')
    if isinstance(values, set | frozenset):
        raise SpaceError("Choice needs its values in an order, and a set has none. Give a list.")
    checked = tuple(scalar(value, "A value of a Choice") for value in values)
    if not checked:
        raise SpaceError("Choice needs at least one value, got none.")
    seen: dict[Any, Any] = {}
    for value in checked:
        if value in seen:
            raise SpaceError(f"Choice has a value twice: {seen[value]!r} and {value!r} count as the same. Drop one.")
        seen[value] = value
    return checked
