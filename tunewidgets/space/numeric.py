"""Parameters that are numbers: ``Int`` and ``Float``, with Keras Tuner's words and meanings."""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np

from tunewidgets.errors import SpaceError
from tunewidgets.space.parameters import MOST_LEVELS, FloatArray, Parameter, check_count
from tunewidgets.space.scales import SAMPLINGS, SLACK, Sampling, Steps, squeeze, stretch, tidy
from tunewidgets.space.source import literal
from tunewidgets.space.values import plain

# Up to here every integer has a place of its own in the unit interval, on every scale, whatever the rounding.
LARGEST_INT = 10**12
_TABLED = 10_000  # integers whose places are worked out once
_CLOSE, _CLOSE_LOG = 1e-12, 1e-14  # far more than rounding, of places and of the logarithms that they come from


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Parameter):
    """What ``Int`` and ``Float`` have in common: a range, a scale and perhaps steps."""

    stored: ClassVar[tuple[str, ...]] = ("min_value", "max_value", "step", "sampling", "default")

    min_value: float
    max_value: float
    step: float | None = field(default=None, kw_only=True)
    sampling: Sampling = field(default="linear", kw_only=True)
    default: Any = field(default=None, kw_only=True)
    _steps: Steps | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._check_conditions()
        for name in ("min_value", "max_value"):
            self._set(name, self._cast(getattr(self, name), name))
        self._check_range()
        if self.step is not None:
            self._set("step", self._cast(self.step, "step"))
            self._check_step(self.step)
            steps = Steps(self.min_value, self.max_value, self.step, self.sampling)
            self._check_count(steps)
            self._set("_steps", steps)
        self._set("default", self._first() if self.default is None else self._checked_default())

    @property
    def size(self) -> int | float:
        """The number of distinct values; infinite for a range without steps."""
        if self._steps is not None:
            return self._steps.count
        return 1 if self.min_value == self.max_value else math.inf

    def normalise(self, value: Any) -> Any:
        """Return the value as this parameter holds it.

        Raises
        ------
        SpaceError
            It is no number, outside the range or off the steps.
        """
        number = self._cast(value, "the value")
        if not self.min_value <= number <= self.max_value:
            raise SpaceError(f"expected {self._expected()}, got {value!r}.")
        if self._steps is None:
            return number
        nearest = self._steps.level(self._steps.index(number))
        if not self._steps.reaches(number):
            raise SpaceError(f"expected {self._expected()}, got {value!r}; the nearest step is {nearest!r}.")
        return nearest

    def levels(self, n: int = 10) -> list[Any]:
        """Return all distinct values, or ``n`` points spread over the scale where there is no end of them.

        Raises
        ------
        SpaceError
            ``n`` is not a positive integer, or the distinct values are too many to list.
        """
        n = check_count(n)
        if self.size == math.inf:
            return self.points(n)
        if self.size > MOST_LEVELS:
            raise SpaceError(
                f"{self!r} has {self.size:,} values, more than a list should hold ({MOST_LEVELS:,}). "
                "Give a larger step, or name the parameter in grid(levels={name: n})."
            )
        return [self._level(index) for index in range(int(self.size))]

    def to_unit(self, value: Any) -> float:
        """Return where the value lies on the scale; one of finitely many lies in the middle of its share.

        Raises
        ------
        SpaceError
            The parameter cannot take that value.
        """
        number = self.normalise(value)
        if self._steps is not None:
            return (self._steps.index(number) + 0.5) / self._steps.count
        return self._squeeze(number)

    def from_unit(self, unit: float) -> Any:
        """Return the value that lies at ``unit``; one of finitely many, where ``unit`` lies in its share."""
        if self._steps is not None:
            count = self._steps.count
            return self._steps.level(min(int(unit * count), count - 1))
        return min(max(self._stretch(unit), self.min_value), self.max_value)

    def snap(self, units: FloatArray) -> FloatArray:
        """Return where the values at ``units`` lie: ``to_unit(from_unit(unit))`` for a whole column."""
        if self.size == math.inf:
            return units.copy()
        if self._steps is None:
            return np.array([self.to_unit(self.from_unit(unit)) for unit in units.tolist()], dtype=np.float64)
        return Parameter.snap(self, units)

    def points(self, n: int) -> list[Any]:
        """Return at most ``n`` distinct values, evenly spread over the scale, both ends included.

        One point lies in the middle. Points of a range without steps are rounded to 12 digits, so that they read well.

        Raises
        ------
        SpaceError
            ``n`` is not a positive integer.
        """
        n = check_count(n)
        units = [0.5] if n == 1 else [index / (n - 1) for index in range(n)]
        return list(dict.fromkeys(self._neat(self.from_unit(unit)) for unit in units))

    def arguments(self) -> list[str]:
        """Return the constructor's arguments as Python source, those left at their default left out."""
        words = [repr(self.min_value), repr(self.max_value)]
        if self.step is not None and not self._plain_step():
            words.append(f"step={self.step!r}")
        if self.sampling != "linear":
            words.append(f"sampling={literal(self.sampling)}")
        if self.default != self._first():
            words.append(f"default={self.default!r}")
        return words

    def describe(self) -> tuple[str, str]:
        """Return the values and the scale as a person reads them."""
        values = f"{self.min_value!r} to {self.max_value!r}"
        if self.step is None or self._plain_step():
            return values, self.sampling
        sign = "" if self.sampling == "linear" else "x "
        return f"{values}, step {sign}{self.step!r}", self.sampling

    def _cast(self, value: Any, argument: str) -> Any:
        """Return a number of this parameter's type, or raise a SpaceError that names the argument."""
        raise NotImplementedError

    def _squeeze(self, number: Any) -> float:
        """Return where a value of a range without steps lies in [0, 1]."""
        raise NotImplementedError

    def _stretch(self, unit: float) -> Any:
        """Return the value at ``unit`` of a range without steps, but for rounding at its ends."""
        raise NotImplementedError

    def _neat(self, value: Any) -> Any:
        """Return a point as it should read."""
        return value

    def _plain_step(self) -> bool:
        """Tell whether the step is the one that goes without saying."""
        return False

    def _level(self, index: int) -> Any:
        return self.min_value + index if self._steps is None else self._steps.level(index)

    def _first(self) -> Any:
        # Reversed steps are counted down from the largest value, and need not reach the smallest.
        return self.min_value if self._steps is None else self._steps.level(0)

    def _expected(self) -> str:
        values, scale = self.describe()
        kind = "an integer" if isinstance(self, Int) else "a number"
        return f"{kind} from {values}" + (f" ({scale})" if self._steps is not None and scale != "linear" else "")

    def _fault(self, text: str) -> SpaceError:
        return SpaceError(f"{type(self).__name__}({self.min_value!r}, {self.max_value!r}): {text}")

    def _check_range(self) -> None:
        low, high = self.min_value, self.max_value
        if self.sampling not in SAMPLINGS:
            raise self._fault(f"sampling must be one of {', '.join(map(repr, SAMPLINGS))}, got {self.sampling!r}.")
        if low > high:
            raise self._fault("min_value must not be above max_value, so the range is empty. Swap the two.")
        if self.sampling != "linear" and low <= 0:
            raise self._fault(
                f"sampling={self.sampling!r} needs min_value above 0, got {low!r}. "
                "Start from a small positive number, or use sampling='linear'."
            )
        if not math.isfinite(high - low) or (self.sampling != "linear" and not _has_ratio(low, high)):
            raise self._fault("the range is wider than floating point can measure. Use narrower bounds.")

    def _check_step(self, step: float) -> None:
        low, high = self.min_value, self.max_value
        if self.sampling == "linear":
            if step <= 0:
                raise self._fault(f"step must be above 0, got {step!r}.")
            fits = step <= (high - low) * (1 + SLACK)
        else:
            if step <= 1:
                raise self._fault(
                    f"with sampling={self.sampling!r} the step multiplies, so it must be above 1, got {step!r}."
                )
            fits = step <= high / low * (1 + SLACK)
        # In a range of a single value no step is ever taken.
        if low < high and not fits:
            raise self._fault(f"step={step!r} is larger than the range. Give a smaller step, or use Fixed({low!r}).")

    def _check_count(self, steps: Steps) -> None:
        ends = {0, min(1, steps.count - 1), max(0, steps.count - 2), steps.count - 1}
        if steps.count > 4 * LARGEST_INT or any(steps.index(steps.level(index)) != index for index in ends):
            raise self._fault(f"step={self.step!r} makes steps too small to tell apart. Leave the step out.")

    def _checked_default(self) -> Any:
        try:
            return self.normalise(self.default)
        except SpaceError as error:
            raise self._fault(f"the default is not one of the values: {error}") from None


class Int(Number):
    """An integer from ``min_value`` to ``max_value``, both included.

    Parameters
    ----------
    min_value, max_value : int
        The range; at most 10^12 either way.
    step : int, optional
        What lies between two values: added where ``sampling`` is "linear" (then 1 unless given), multiplied, and at
        least 2, otherwise. A largest value that the steps do not reach is left out.
    sampling : {"linear", "log", "reverse_log"}
        The scale on which values are drawn evenly: "log" looks at small ones finely, "reverse_log" at large ones.
    default : int, optional
        The value to begin with; the smallest unless given.

    Raises
    ------
    SpaceError
        The range is empty, a logarithmic one does not lie above zero, the step does not fit, or the default is outside.

    Notes
    -----
    A value k of a logarithmic range [a, b] without steps is drawn with probability log((k + 1) / k) / log((b + 1) / a):
    the share of the scale between k and k + 1, as in Keras Tuner.

    Examples
    --------
    >>> Int(2, 32, step=2, sampling="log").levels()
    [2, 4, 8, 16, 32]
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        if self.step is None and self.sampling == "linear":
            self._set("step", 1)
        super().__post_init__()

    @property
    def size(self) -> int:
        """The number of distinct values."""
        return self._steps.count if self._steps is not None else int(self.max_value - self.min_value) + 1

    def snap(self, units: FloatArray) -> FloatArray:
        """Return where the values at ``units`` lie: ``to_unit(from_unit(unit))`` for a whole column."""
        if self._steps is not None or not 1 < self.size <= _TABLED:
            return Number.snap(self, units)
        table = _table(int(self.min_value), int(self.max_value), self.sampling)
        index = np.searchsorted(table.ends, units)
        snapped: FloatArray = table.places[index]
        # Beside the end of a value's share rounding may decide otherwise than for a single unit.
        ends = table.ends[np.stack([np.maximum(index - 1, 0), np.minimum(index, len(table.ends) - 1)])]
        width = _CLOSE + _CLOSE_LOG / math.log1p((self.max_value + 1 - self.min_value) / self.min_value)
        close = (np.abs(ends - units) < width).any(axis=0)
        snapped[close] = Number.snap(self, units[close])
        return snapped

    def _squeeze(self, number: Any) -> float:
        return squeeze(number + 0.5, self.min_value, self.max_value + 1, self.sampling)

    def _stretch(self, unit: float) -> int:
        return int(stretch(unit, self.min_value, self.max_value + 1, self.sampling))

    def _plain_step(self) -> bool:
        return self.step == 1 and self.sampling == "linear"

    def _cast(self, value: Any, argument: str) -> int:
        number = plain(value)
        if isinstance(number, bool) or not isinstance(number, int | float) or number != number // 1:
            cure = " Use Float for fractions." if isinstance(number, float) else ""
            raise SpaceError(f"{argument} of an Int must be an integer, got {value!r}.{cure}")
        if abs(number) > LARGEST_INT:
            raise SpaceError(f"{argument} of an Int must be at most 10^12 either way, got {value!r}. Use Float.")
        return int(number)


class _Table(NamedTuple):
    """Where the shares of a range's integers end (all but the last one's), and where the integers lie."""

    ends: FloatArray
    places: FloatArray


@lru_cache(maxsize=256)
def _table(low: int, high: int, sampling: str) -> _Table:
    ends = [squeeze(number, low, high + 1, sampling) for number in range(low + 1, high + 1)]
    places = [squeeze(number + 0.5, low, high + 1, sampling) for number in range(low, high + 1)]
    return _Table(np.array(ends), np.array(places))


class Float(Number):
    """A number from ``min_value`` to ``max_value``, both included.

    Parameters
    ----------
    min_value, max_value : float
        The range.
    step : float, optional
        What lies between two values: added where ``sampling`` is "linear", multiplied, and above 1, otherwise. Any
        value in the range is possible without it. A largest value that the steps do not reach is left out.
    sampling : {"linear", "log", "reverse_log"}
        The scale on which values are drawn evenly: "log" looks at small ones finely, "reverse_log" at large ones.
    default : float, optional
        The value to begin with; the smallest unless given.

    Raises
    ------
    SpaceError
        The range is empty or not finite, a logarithmic one does not lie above zero, the step does not fit, or the
        default is outside.

    Examples
    --------
    >>> Float(0.001, 10, step=10, sampling="log").levels()
    [0.001, 0.01, 0.1, 1.0, 10.0]
    """

    __slots__ = ()

    def _squeeze(self, number: Any) -> float:
        return squeeze(number, self.min_value, self.max_value, self.sampling)

    def _stretch(self, unit: float) -> float:
        return stretch(unit, self.min_value, self.max_value, self.sampling)

    def _neat(self, value: Any) -> Any:
        if self._steps is not None:
            return value
        return min(max(tidy(value), self.min_value), self.max_value)

    def _cast(self, value: Any, argument: str) -> float:
        number = plain(value)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise SpaceError(f"{argument} of a Float must be a number, got {value!r}.")
        if abs(number) > 1e300 or number != number:  # noqa: PLR0124, PLR2004 - NaN differs from itself; sums must not overflow
            raise SpaceError(f"{argument} of a Float must be finite and within 1e300 either way, got {value!r}.")
        # -0.0 + 0.0 is 0.0: the two zeros are one value, and should read the same.
        return float(number) + 0.0


def _has_ratio(low: float, high: float) -> bool:
    """Tell whether high / low is a finite number."""
    try:
        return math.isfinite(high / low)
    except OverflowError:
        return False
