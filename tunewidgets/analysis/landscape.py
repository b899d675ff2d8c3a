"""A surrogate seen along one or two parameters, all others being held: what a person can look at."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.surrogate import Predicted, Surrogate
from tunewidgets.history import Config, History, rank_key
from tunewidgets.space import Boolean, Choice, Parameter, Space

FloatArray = npt.NDArray[np.float64]

ALONG_ONE, ALONG_TWO = 121, 41
"""How many places there are along an axis, where the parameter has as many values."""

LEVELS = 25
"""How many values a parameter can be held at."""

_NEAR = 0.5  # length scales, within which a result tells of the slice


@dataclass(frozen=True, slots=True)
class Axis:
    """A parameter's values along an axis.

    Attributes
    ----------
    name : str
        The parameter's.
    values : tuple
        Its values, ascending, or its categories.
    log : bool
        Whether its scale is logarithmic.
    categories : bool
        Whether the values have no order that a curve could follow.
    """

    name: str
    values: tuple[Any, ...]
    log: bool
    categories: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A trial as a point of the landscape.

    Attributes
    ----------
    trial : int
        Its number.
    place : tuple
        Its values of the axes' parameters.
    value : float or None
        Its value of the goal.
    near : bool
        Whether its other parameters lie within half a length scale of where they are held, so that it tells of what is
        seen.
    running : bool
        Whether its result is awaited.
    """

    trial: int
    place: tuple[Any, ...]
    value: float | None
    near: bool
    running: bool


@dataclass(frozen=True, slots=True)
class Landscape:
    """A surrogate along one or two axes.

    Attributes
    ----------
    axes : tuple of Axis
        One or two; the first lies across.
    held : mapping
        The other parameters that vary, and where they are held; those that are inactive everywhere are left out.
    at : int or None
        The trial whose values are held, unless others are asked for.
    predicted : Predicted
        Arrays of shape (n,) or (n of the second axis, n of the first); NaN where a parameter of an axis is inactive.
    acquisition : ndarray
        Of the same shape.
    peak : tuple
        Where the acquisition is largest along the axes; empty where it is the same everywhere.
    spots : tuple of Spot
        The trials in which the axes' parameters are active.
    next : tuple or None
        The place of the sampler's next suggestion, where it has one.
    next_near : bool
        As `Spot.near`, of the next suggestion.
    """

    axes: tuple[Axis, ...]
    held: Mapping[str, Any]
    at: int | None
    predicted: Predicted
    acquisition: FloatArray
    peak: tuple[Any, ...]
    spots: tuple[Spot, ...]
    next: tuple[Any, ...] | None
    next_near: bool


def varying(space: Space) -> tuple[str, ...]:
    """Return the parameters along which there is something to see, those that are always active and numbers first."""
    names = [name for name in space if space[name].size > 1]
    return tuple(sorted(names, key=lambda name: (bool(space[name].conditions), is_category(space[name]))))


def is_category(parameter: Parameter) -> bool:
    """Whether a parameter's values have no place on a scale of numbers."""
    if isinstance(parameter, Choice):
        return not parameter.ordered or not all(isinstance(value, int | float) for value in parameter.values)
    return isinstance(parameter, Boolean)


def levels(parameter: Parameter, most: int) -> tuple[Any, ...]:
    """Return a parameter's values, or so many of them that lie evenly on its scale."""
    if parameter.size <= most:
        return tuple(parameter.levels())
    found = (parameter.from_unit(float(unit)) for unit in np.linspace(0.0, 1.0, most))
    return tuple(dict.fromkeys(found))


def landscape(
    history: History,
    surrogate: Surrogate,
    axes: Sequence[str],
    *,
    acquisition: str,
    held: Mapping[str, Any] | None = None,
) -> Landscape:
    """Look at a surrogate along one or two parameters.

    Parameters
    ----------
    history : History
        What has happened.
    surrogate : Surrogate
        Fitted to it.
    axes : sequence of str
        One or two names of parameters.
    acquisition : str
        One of the surrogate's.
    held : mapping, optional
        Values at which other parameters are held; the rest are held at the best trial in which the axes' parameters are
        active.

    Returns
    -------
    Landscape
    """
    return _View(history, surrogate, tuple(axes), held or {}).seen(acquisition)


class _View:
    def __init__(self, history: History, surrogate: Surrogate, names: tuple[str, ...], held: Mapping[str, Any]) -> None:
        self._history, self._surrogate, self._names = history, surrogate, names
        self._space = surrogate.space
        self._columns = [list(self._space).index(name) for name in names]
        most = ALONG_ONE if len(names) == 1 else ALONG_TWO
        self._axes = tuple(axis_of(name, self._space[name], most) for name in names)
        self._ranked = _ranked(history, surrogate)
        self._at = next((number for number in self._ranked if self._shows(history.trials[number].config)), None)
        self._base = self._held(held)

    def _shows(self, config: Config) -> bool:
        return all(name in config for name in self._names)

    def _held(self, asked: Mapping[str, Any]) -> FloatArray:
        """Return the place where everything is held: of every parameter a number, also where it is inactive."""
        order = self._ranked if self._at is None else [self._at, *self._ranked]
        base = np.array([self._first(name, order) for name in self._space])
        for name in self._names if self._at is None else ():  # nobody has tried it
            base = made_active(self._space, base[None], name)[0]
        for name, value in asked.items():
            if name in self._space and name not in self._names and self._space[name].contains(value):
                base[list(self._space).index(name)] = self._space[name].to_unit(value)
        return base

    def _first(self, name: str, order: Sequence[int]) -> float:
        """Return where a parameter lies in the first of these trials in which it is active."""
        configs = (self._history.trials[number].config for number in order)
        parameter = self._space[name]
        return parameter.to_unit(next((config[name] for config in configs if name in config), parameter.default))

    def seen(self, acquisition: str) -> Landscape:
        units = [np.array([self._space[axis.name].to_unit(value) for value in axis.values]) for axis in self._axes]
        shape = tuple(len(unit) for unit in reversed(units))
        places = np.tile(self._base, (math.prod(shape), 1))
        for column, grid in zip(self._columns, np.meshgrid(*units), strict=True):
            places[:, column] = grid.ravel()
        points = self._surrogate.cube.snap(places)
        active = np.isfinite(points[:, self._columns]).all(axis=1)
        found = self._surrogate.predict(points)
        parts = [_where(active, part, shape) for part in (found.median, found.low, found.high)]
        acquired = _where(active, self._surrogate.acquisition(acquisition, points), shape)
        config = self._surrogate.next(self._history)
        shows = config is not None and self._shows(config)
        return Landscape(
            self._axes,
            self._told(points),
            self._at,
            Predicted(*parts),
            acquired,
            self._peak(acquired, least=acquisition == "LCB"),
            self._spots(),
            tuple(config[name] for name in self._names) if config is not None and shows else None,
            config is not None and shows and bool(self._near([config])[0]),
        )

    def _told(self, points: FloatArray) -> dict[str, Any]:
        """Return where the other parameters are held that are active somewhere in sight."""
        config = self._space.decode(self._base[None])[0]
        everything = {
            name: self._space[name].from_unit(float(unit)) for name, unit in zip(self._space, self._base, strict=True)
        }
        return {
            name: config.get(name, everything[name])
            for column, name in enumerate(self._space)
            if name not in self._names and self._space[name].size > 1 and not np.isnan(points[:, column]).all()
        }  # fmt: skip

    def _peak(self, acquired: FloatArray, *, least: bool) -> tuple[Any, ...]:
        known = acquired[np.isfinite(acquired)]
        if not known.size or known.max() == known.min():
            return ()
        place = np.nanargmin(acquired) if least else np.nanargmax(acquired)
        indices = np.unravel_index(int(place), acquired.shape)[::-1]
        return tuple(axis.values[int(index)] for axis, index in zip(self._axes, indices, strict=True))

    def _spots(self) -> tuple[Spot, ...]:
        trials = [self._history.trials[number] for number in self._ranked]
        trials = sorted((trial for trial in trials if self._shows(trial.config)), key=lambda trial: trial.number)
        near = self._near([trial.config for trial in trials])
        return tuple(
            Spot(
                trial.number,
                tuple(trial.config[name] for name in self._names),
                _value(self._history, trial.number, self._surrogate.goal.metric),
                bool(close),
                trial.state == "running",
            )
            for trial, close in zip(trials, near, strict=True)
        )

    def _near(self, configs: Sequence[Config]) -> npt.NDArray[np.bool_]:
        """Tell which configurations lie near the slice in all parameters but those of the axes."""
        if not configs:
            return np.zeros(0, dtype=bool)
        points = self._space.encode(configs)
        places = np.tile(self._base, (len(points), 1))
        places[:, self._columns] = points[:, self._columns]
        near: npt.NDArray[np.bool_] = self._surrogate.closeness(points, self._surrogate.cube.snap(places)) <= _NEAR
        return near


def made_active(space: Space, places: FloatArray, name: str) -> FloatArray:
    """Return places at which a parameter is active: its parents have values under which it is, and they are active too.

    Parameters
    ----------
    space : Space
        What is searched.
    places : ndarray of shape (n, d)
        Numbers from 0 to 1 for every parameter; those at which it is active stay as they are.
    name : str
        The parameter.
    """
    found = places.copy()
    columns = list(space)
    for condition in space[name].conditions:
        parent = space[condition.parent]
        allowed = [parent.to_unit(value) for value in condition.values]
        column = columns.index(condition.parent)
        there = parent.snap(found[:, column])
        missing = ~np.isclose(there[:, None], allowed).any(axis=1)
        found[missing, column] = allowed[0]
        found = made_active(space, found, condition.parent)
    return found


def axis_of(name: str, parameter: Parameter, most: int) -> Axis:
    """Return the axis of a parameter, of so many values at most."""
    sampling = getattr(parameter, "sampling", "linear")
    return Axis(name, levels(parameter, most), sampling == "log", is_category(parameter))


def _ranked(history: History, surrogate: Surrogate) -> list[int]:
    """Return the trials that belong to the space, the incumbent first, then by value."""
    best = history.incumbent
    known = (trial for trial in history.trials.values() if surrogate.cube.encode(trial.config) is not None)
    found = sorted(known, key=lambda trial: rank_key(trial.value, trial.number, history.direction))
    return [trial.number for trial in sorted(found, key=lambda trial: trial is not best)]


def _where(active: Any, values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    return np.where(active, values, np.nan).reshape(shape)


def _value(history: History, number: int, metric: str) -> float | None:
    """Return a trial's value of a goal: its own of the first, what it reported with that of the others."""
    trial = history.trials[number]
    if history.opened is None or metric == history.opened.goals[0].metric:
        return trial.value
    found = [report for report in history.reports(number) if report.step == trial.value_step]
    return found[-1].metrics.get(metric) if found else None
