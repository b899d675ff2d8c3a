"""Configurations as points of the unit cube, and back."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.errors import SpaceError
from tunewidgets.space.parameters import FloatArray
from tunewidgets.space.structure import Entry

Check = Callable[[Mapping[str, Any]], Any]


def encode(entries: Sequence[Entry], configs: Iterable[Mapping[str, Any]], check: Check) -> FloatArray:
    """Return one row for each configuration, NaN where a parameter is inactive.

    ``check`` is asked to explain a configuration that does not fit, by raising.

    Raises
    ------
    SpaceError
        A configuration does not fit the space, or a single one was given in place of several.
    """
    if isinstance(configs, Mapping):
        raise SpaceError("encode takes a list of configurations, got a single one. Write encode([config]).")
    rows = [_encode_row(entries, config, check) for config in configs]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(entries))


def decode(entries: Sequence[Entry], cube: npt.ArrayLike) -> list[dict[str, Any]]:
    """Return one configuration for each row; columns of inactive parameters are not looked at.

    Raises
    ------
    SpaceError
        The cube does not have two dimensions and a column for each parameter, or the number of an active parameter is
        not in [0, 1].
    """
    points = _points(entries, cube, "decode")
    return [decode_row(entries, row) for row in points.tolist()]


def snap(entries: Sequence[Entry], cube: npt.ArrayLike) -> FloatArray:
    """Return the points that stand for the configurations at the points given; a column at a time.

    Raises
    ------
    SpaceError
        As :func:`decode`.
    """
    points = _points(entries, cube, "snap")
    snapped = np.full(points.shape, np.nan)
    columns = {entry.name: entry for entry in entries}
    for entry in entries:
        active = np.ones(len(points), dtype=bool)
        for name, values in entry.rules:
            parent = columns[name]
            # A parent has finitely many values, and snapping puts each on exactly one number.
            active &= np.isin(snapped[:, parent.column], [parent.parameter.to_unit(value) for value in values])
        units = points[active, entry.column]
        if not np.all((units >= 0.0) & (units <= 1.0)):
            raise _outside(entry.name, units[~((units >= 0.0) & (units <= 1.0))][0])
        snapped[active, entry.column] = entry.parameter.snap(units)
    return snapped


def _points(entries: Sequence[Entry], cube: npt.ArrayLike, method: str) -> FloatArray:
    try:
        points = np.asarray(cube, dtype=np.float64)
    except (TypeError, ValueError):
        raise SpaceError(f"{method} needs an array of numbers of shape (n, {len(entries)}), got {cube!r}.") from None
    if points.ndim != 2 or points.shape[1] != len(entries):  # noqa: PLR2004 - rows and columns
        raise SpaceError(
            f"{method} needs an array of shape (n, {len(entries)}), a column for each parameter, got {points.shape}. "
            f"Write {method}(point[None, :]) for a single point."
        )
    return points


def _outside(name: str, unit: float) -> SpaceError:
    return SpaceError(
        f"Points of the unit cube need numbers in [0, 1] for active parameters, got {float(unit)!r} for {name!r}. "
        "Clip the points to the cube first."
    )


def decode_row(entries: Sequence[Entry], units: Sequence[float]) -> dict[str, Any]:
    """Return the configuration at one point, its parameters in the order of the entries."""
    config: dict[str, Any] = {}
    for entry in entries:
        if not entry.rules or entry.is_active(config):
            unit = units[entry.column]
            if not 0.0 <= unit <= 1.0:
                raise _outside(entry.name, unit)
            config[entry.name] = entry.parameter.from_unit(unit)
    return config


def _encode_row(entries: Sequence[Entry], config: Any, check: Check) -> list[float]:
    if not isinstance(config, Mapping):
        check(config)
    row = [math.nan] * len(entries)
    parents: dict[str, Any] = {}
    active = 0
    try:
        for entry in entries:
            if not entry.rules or entry.is_active(parents):
                value = config[entry.name]
                row[entry.column] = entry.parameter.to_unit(value)
                active += 1
                if entry.is_parent:
                    parents[entry.name] = entry.parameter.normalise(value)
    except (KeyError, SpaceError):
        active = -1
    if active != len(config):
        check(config)
    return row
