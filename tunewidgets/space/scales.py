"""The scales of numbers: how a range, or the steps inside it, lies on the unit interval.

The scales are those of Keras Tuner. With the range [a, b] and u in [0, 1]:

- ``linear``: a + u (b - a);
- ``log``: a (b / a)^u, small values finely;
- ``reverse_log``: a + b - a (b / a)^(1 - u), values near b finely.

A step is added on the linear scale and multiplied on the others: a, a s, a s^2, … and, reversed, b, a + b - a s, ….
"""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

Sampling = Literal["linear", "log", "reverse_log"]
SAMPLINGS: tuple[str, ...] = get_args(Sampling)

# How far a quotient may fall short of a whole number of steps and still count as whole: 1 / 0.1 is 9.999….
SLACK = 1e-8


def stretch(unit: float, low: float, high: float, sampling: str) -> float:
    """Return the value of [low, high] that lies at ``unit``."""
    if sampling == "linear":
        return low + unit * (high - low)
    if sampling == "log":
        return float(low * (high / low) ** unit)
    return float(high + low - low * (high / low) ** (1.0 - unit))


def squeeze(value: float, low: float, high: float, sampling: str) -> float:
    """Return where a value of [low, high] lies in [0, 1]; 0.5 where the range is a single value."""
    if low == high:
        return 0.5
    if sampling == "linear":
        unit = (value - low) / (high - low)
    elif sampling == "log":
        unit = math.log(value / low) / math.log(high / low)
    else:
        # Beside a large enough `high`, `low` is lost in the sum.
        unit = 1.0 - math.log(max(high + low - value, low) / low) / math.log(high / low)
    return min(max(unit, 0.0), 1.0)


def tidy(value: float, digits: int = 12) -> float:
    """Return the value with that many significant digits."""
    return float(f"{value:.{digits}g}")


@dataclass(frozen=True, slots=True)
class Steps:
    """The values that steps reach inside a range, smallest first; exact where all are integers.

    Parameters
    ----------
    low, high : float
        The range, both ends included.
    step : float
        What is added (linear) or multiplied (log, reverse_log).
    sampling : {"linear", "log", "reverse_log"}
        The scale.
    """

    low: float
    high: float
    step: float
    sampling: str
    count: int = field(init=False)
    _decimals: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "count", self._count())
        if not self._whole:
            object.__setattr__(self, "_decimals", max(_decimals(self.low), _decimals(self.step)))

    @property
    def _whole(self) -> bool:
        return isinstance(self.low, int)

    def level(self, index: int) -> float:
        """Return the value number ``index``, counted from 0."""
        if self.sampling == "linear":
            value = self.low + index * self.step
            # 3 * 0.1 is 0.30000000000000004; the decimals of the range and the step say what was meant.
            return value if self._whole else min(round(value, self._decimals), self.high)
        if self.sampling == "log":
            value = self.low * self.step**index
        else:
            value = self.high + self.low - self.low * self.step ** (self.count - 1 - index)
        return value if self._whole else self._inside(value)

    def index(self, value: float) -> int:
        """Return the number of the step nearest to a value, on the scale."""
        if self.sampling == "linear":
            index = round((value - self.low) / self.step)
        elif self.sampling == "log":
            index = round(self._power(value))
        else:
            index = self.count - 1 - round(self._power(self.high + self.low - value))
        return min(max(index, 0), self.count - 1)

    def reaches(self, value: float) -> bool:
        """Tell whether a value is one of the steps, but for rounding."""
        nearest = self.level(self.index(value))
        if self._whole:
            return value == nearest
        slack = {"linear": 1e-6 * self.step, "log": 0.0, "reverse_log": 1e-12 * self.high}[self.sampling]
        return math.isclose(value, nearest, rel_tol=1e-9, abs_tol=slack)

    def _inside(self, value: float) -> float:
        nice = tidy(value)
        value = nice if math.isclose(nice, value, rel_tol=1e-13) else value
        return min(max(value, self.low), self.high)

    def _power(self, value: float) -> float:
        return math.log(max(value, self.low) / self.low) / math.log(self.step)

    def _count(self) -> int:
        if self._whole:
            return self._whole_count()
        if self.sampling != "linear":
            power = math.log(self.high / self.low) / math.log(self.step)
            return int(power + SLACK) + 1
        quotient = (self.high - self.low) / self.step
        return math.floor(quotient + max(SLACK, 1e-15 * quotient)) + 1

    def _whole_count(self) -> int:
        if self.sampling == "linear":
            return int((self.high - self.low) // self.step) + 1
        count = 1
        # Logarithms would take 10^12 - 1 for the twelfth power of ten.
        while self.low * self.step**count <= self.high:
            count += 1
        return count


def _decimals(value: float) -> int:
    """Return how many digits a number shows after the decimal point."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return max(0, -int(exponent))
