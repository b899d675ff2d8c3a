"""Outcome transforms: increasing functions that make values look more like draws from a Gaussian process.

A few diverged runs make all the others look alike to a model of the raw values; a long plateau with a few good values
in it hides their differences. The transform is chosen by the likelihood of the raw values (Snelson, Rasmussen,
Ghahramani: Warped Gaussian processes, NIPS 2003), that is of the transformed ones plus the logarithm of the Jacobian.
"""

import math
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from tunewidgets.surrogate.layout import FloatArray

Kind = Literal["none", "log", "power", "rank", "bilog"]

_POWER = 0.5
_LARGEST = 1e100  # sums of squares of larger numbers overflow
_SMALLEST = 1e-150  # and those of smaller ones vanish
_REACH = 1e-200  # of the largest distance: the least unit in which distances are measured
_FARTHEST = 1e300  # what is further away comes back from a transform as this


class Form(NamedTuple):
    """The form of a transform, before it has seen values.

    With z = y - min y, or z = max y - y where mirrored, and s = strength * median z (its mean where that is 0):

    - ``none``: y;
    - ``log``: log(1 + z / s), for a long tail of bad values; mirrored -log(1 + z / s), for a plateau of bad ones;
    - ``power``: 2 sqrt(1 + z / s), likewise, gentler (Box and Cox 1964 with exponent 1/2);
    - ``rank``: the normal scores of the ranks, straight between them;
    - ``bilog``: sign(y) log(1 + |y| / s) with s = strength * median |y|, which leaves 0 in its place (for constraints;
      Eriksson, Poloczek: Scalable constrained Bayesian optimization, AISTATS 2021).
    """

    kind: Kind
    strength: float = 1.0
    mirrored: bool = False

    @property
    def name(self) -> str:
        """The form in words, as notes carry it."""
        if self.kind in ("none", "rank"):
            return self.kind
        return f"{self.kind} {self.strength:g}" + (" mirrored" if self.mirrored else "")


NONE = Form("none")

FAMILIES: dict[str, tuple[Form, ...]] = {
    "none": (NONE,),
    "log": (
        *(Form("log", strength) for strength in (10.0, 3.0, 1.0, 0.3, 0.1, 0.03)),
        *(Form("log", strength, mirrored=True) for strength in (3.0, 1.0, 0.3)),
    ),
    "power": (*(Form("power", strength) for strength in (1.0, 0.1)), Form("power", 1.0, mirrored=True)),
    "rank": (Form("rank"),),
}
"""Forms by family; ``rank`` has no likelihood and is never chosen by it."""

CHOICES: tuple[Form, ...] = (*FAMILIES["none"], *FAMILIES["log"], *FAMILIES["power"])
"""The forms among which the data choose."""

_BY_NAME = {form.name: form for forms in FAMILIES.values() for form in forms}


def form_of(name: str) -> Form:
    """Return the form of that name, NONE for one that is not known."""
    return _BY_NAME.get(name, NONE)


@dataclass(frozen=True, slots=True)
class Warp:
    """A transform that was fitted to values: increasing, and standardised on them.

    Parameters
    ----------
    form : Form
        What kind of a transform.
    values : ndarray of shape (n,)
        What it is fitted to, finite.

    Examples
    --------
    >>> warp = Warp(Form("log", 1.0), np.array([1.0, 2.0, 1e9]))
    >>> warp.forward(np.array([1.0, 2.0, 1e9])).round(2)
    array([-0.74, -0.67,  1.41])
    >>> float(warp.inverse(warp.forward(np.array([5.0])))[0].round(9))
    5.0
    """

    form: Form
    values: FloatArray
    origin: float = field(init=False)
    scale: float = field(init=False)
    centre: float = field(init=False, default=0.0)
    spread: float = field(init=False, default=1.0)

    def __post_init__(self) -> None:
        values = np.clip(self.values, -_LARGEST, _LARGEST)
        object.__setattr__(self, "values", np.unique(values) if self.form.kind == "rank" else values)
        object.__setattr__(self, "origin", self._origin(values))
        object.__setattr__(self, "scale", self._scale(values))
        curved = self._curve(values)
        spread = _deviation(curved)
        # The centre of a two-sided logarithm stays at 0: that is where a constraint's bound lies.
        object.__setattr__(self, "centre", 0.0 if self.form.kind == "bilog" else float(curved.mean()))
        # What rounding alone tells apart counts as equal.
        object.__setattr__(self, "spread", spread if spread > 1e-13 * float(np.abs(curved).max(initial=0.0)) else 1.0)

    def forward(self, values: FloatArray) -> FloatArray:
        """Return transformed values."""
        return (self._curve(np.clip(values, -_LARGEST, _LARGEST)) - self.centre) / self.spread

    def inverse(self, transformed: FloatArray) -> FloatArray:
        """Return the values of which these are the transforms; the nearest possible ones where there are none."""
        with np.errstate(over="ignore"):
            values = self._uncurve(np.asarray(transformed, dtype=np.float64) * self.spread + self.centre)
        return np.clip(values, -_FARTHEST, _FARTHEST)

    def log_jacobian(self, values: FloatArray | None = None) -> float:
        """Return the logarithm of the product of the transform's derivatives at values.

        Parameters
        ----------
        values : ndarray of shape (n,), optional
            Those it was fitted to unless given.
        """
        values = self.values if values is None else np.clip(values, -_LARGEST, _LARGEST)
        count = len(values)
        total = -count * math.log(self.spread)
        if self.form.kind in ("log", "power"):
            bends = float(np.log1p(self._distance(values) / self.scale).sum())
            total -= count * math.log(self.scale) + bends * (1.0 if self.form.kind == "log" else 1.0 - _POWER)
        return total

    def _origin(self, values: FloatArray) -> float:
        if self.form.kind == "bilog":
            return 0.0
        return float(values.max() if self.form.mirrored else values.min())

    def _scale(self, values: FloatArray) -> float:
        distances = np.abs(values - self.origin)
        typical = float(np.median(distances)) or float(distances.mean()) or 1.0
        largest = float(distances.max(initial=0.0))
        return max(self.form.strength * typical, _REACH * largest, float(np.finfo(np.float64).tiny))

    def _distance(self, values: FloatArray) -> FloatArray:
        return self.origin - values if self.form.mirrored else values - self.origin

    def _curve(self, values: FloatArray) -> FloatArray:
        kind = self.form.kind
        if kind == "none":
            return values
        if kind == "rank":
            return _joined(values, self.values, _scores(len(self.values)))
        if kind == "bilog":
            return np.sign(values) * np.log1p(np.abs(values) / self.scale)
        reach = np.maximum(self._distance(values) / self.scale, -1.0 + 1e-12)
        curved = np.log1p(reach) if kind == "log" else np.sqrt(1.0 + reach) / _POWER
        return -curved if self.form.mirrored else curved

    def _uncurve(self, curved: FloatArray) -> FloatArray:
        kind = self.form.kind
        if kind == "none":
            return curved
        if kind == "rank":
            return _joined(curved, _scores(len(self.values)), self.values)
        if kind == "bilog":
            return np.sign(curved) * np.expm1(np.minimum(np.abs(curved), 500.0)) * self.scale
        ahead = -curved if self.form.mirrored else curved
        reach = np.expm1(np.minimum(ahead, 500.0)) if kind == "log" else np.maximum(ahead * _POWER, 0.0) ** 2 - 1.0
        distance = reach * self.scale
        return self.origin - distance if self.form.mirrored else self.origin + distance


def _deviation(values: FloatArray) -> float:
    """Return the standard deviation, also of numbers whose squares vanish."""
    largest = float(np.abs(values).max(initial=0.0))
    unit = largest if 0.0 < largest < _SMALLEST else 1.0
    return unit * float((values / unit).std())


def _scores(count: int) -> FloatArray:
    from scipy.special import ndtri  # noqa: PLC0415 - heavy: imported where first used

    scores: FloatArray = ndtri((np.arange(count) + 0.5) / count)
    return scores


def _joined(at: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the line through points, straight on beyond its ends."""
    if len(x) == 1:
        return at + float(y[0] - x[0])
    line = np.interp(at, x, y)
    with np.errstate(over="ignore"):  # points may lie closer to each other than any slope can say
        ends = np.array([(y[1] - y[0]) / (x[1] - x[0]), (y[-1] - y[-2]) / (x[-1] - x[-2])])
    first, last = np.minimum(ends, _LARGEST)
    joined: FloatArray = line + np.minimum(at - x[0], 0.0) * first + np.maximum(at - x[-1], 0.0) * last
    return joined
