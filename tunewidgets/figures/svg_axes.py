"""Scales and ticks for the pictures that are drawn without a browser."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Tick(NamedTuple):
    """A place on an axis and what stands there."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From an axis's values to pixels.

    Attributes
    ----------
    low, high : float
        The axis's ends; on a logarithmic axis their logarithms to base ten.
    start, end : float
        The pixels of these ends.
    log : bool
        Whether the axis is logarithmic.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, values: Any) -> Floats:
        """Return pixels; NaN where a value cannot be shown."""
        numbers = np.asarray(values, float)
        if self.log:
            numbers = np.log10(np.where(numbers > 0, numbers, np.nan))
        span = self.high - self.low
        return self.start + (numbers - self.low) * (self.end - self.start) / (span or 1.0)


def scale(axis: Mapping[str, Any], values: Iterable[Floats], start: float, end: float) -> Scale:
    """Make an axis's scale: from its own range, else from the values drawn on it, with room at both ends."""
    log = axis.get("type") == "log"
    given = axis.get("range")
    if given is not None:
        return Scale(float(given[0]), float(given[1]), start, end, log)
    drawn = [np.asarray(part, float) for part in values]
    known = np.concatenate(drawn) if drawn else np.empty(0)
    known = known[np.isfinite(known)]
    if log:
        known = np.log10(known[known > 0])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    pad = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    return Scale(low - pad, high + pad, start, end, log)


def ticks(axis: Mapping[str, Any], on: Scale, count: int) -> list[Tick]:
    """Return an axis's ticks: its own, else about `count` at round numbers."""
    if "tickvals" in axis:
        texts = axis.get("ticktext", [number(value) for value in axis["tickvals"]])
        return [Tick(float(value), str(text)) for value, text in zip(axis["tickvals"], texts, strict=True)]
    if on.log:
        return _decades(on, axis.get("dtick"))
    found = _round(on.low, on.high, axis.get("dtick") or _step(on.high - on.low, count))
    whole = axis.get("tickformat") == ",d"
    return [Tick(tick.value, f"{round(tick.value):,}") for tick in found if tick.value % 1 == 0] if whole else found


def _step(span: float, count: int) -> float:
    """Return a round step of which about `count` fit into the span."""
    raw = (span or 1.0) / max(1, count)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    return next(factor * magnitude for factor in (1.0, 2.0, 5.0, 10.0) if factor * magnitude >= raw * 0.999)


def _round(low: float, high: float, step: float) -> list[Tick]:
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [Tick(index * step, _written(index * step, digits)) for index in range(first, last + 1)]


def _written(value: float, digits: int) -> str:
    if value and (abs(value) >= 1e6 or digits > 4):  # noqa: PLR2004 - beyond these a power of ten is shorter
        return f"{value:.3g}"
    text = f"{value:,.{digits}f}"
    return "0" if float(text.replace(",", "")) == 0 else text


def _decades(on: Scale, dtick: int | None = None) -> list[Tick]:
    """Return ticks at powers of ten, at every so many of them where the axis says so."""
    powers = range(math.floor(on.low), math.ceil(on.high) + 1)
    stride = dtick or max(1, len(powers) // 8)
    factors = (1, 2, 5) if on.high - on.low <= 2 else (1,)  # noqa: PLR2004 - few decades leave room between them
    found = [factor * 10.0**power for power in powers[::stride] for factor in factors]
    return [Tick(value, number(value)) for value in found if on.low <= math.log10(value) <= on.high]


def number(value: float) -> str:
    """Write a number in at most four digits: '0.9621', '12', '1e-05'."""
    return f"{value:.4g}"
