"""The cube on which a search's results are taken apart: of a space, the parameters that vary among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tunewidgets.analysis.fanova import Axis, BoolArray, Domain, FloatArray, Region
from tunewidgets.space import Choice, Parameter, Space

_MOST_VALUES = 1000
"""A parameter of more values counts as one that varies continuously."""

_ORDERABLE = 2
"""So few values are in order, whatever they are."""


@dataclass(frozen=True, slots=True)
class Cube:
    """The parameters that vary, and the results' points.

    Attributes
    ----------
    names : tuple of str
        The parameters, in the order of the space.
    points : ndarray of shape (n, d)
        In the unit cube; NaN where a parameter is inactive.
    domain : Domain
        How likely which values are, and where each parameter is active.
    unordered : tuple of int
        Columns of three values or more that have no order.
    """

    names: tuple[str, ...]
    points: FloatArray
    domain: Domain
    unordered: tuple[int, ...]


def cube_of(space: Space, points: FloatArray, *, cut: bool = False) -> Cube:
    """Return the cube of some results.

    Parameters
    ----------
    space : Space
        Of the configurations.
    points : ndarray of shape (n, parameters)
        The configurations, as `Space.encode` gives them.
    cut : bool
        Whether the cube ends where the points do: then it is about what matters among these.

    Returns
    -------
    Cube
        Without parameters that have only one value among the points, wherever they are active.
    """
    varying = [name for name, column in zip(space, points.T, strict=True) if _varies(column)]
    kept = points[:, [list(space).index(name) for name in varying]]
    axes = [_axis(space[name], column, cut=cut) for name, column in zip(varying, kept.T, strict=True)]
    place = {name: at for at, name in enumerate(varying)}
    regions = [_region(space, name, place) for name in varying]
    unordered = tuple(at for name, at in place.items() if _is_unordered(space[name]))
    return Cube(tuple(varying), kept, Domain(axes, regions), unordered)


def _varies(column: FloatArray) -> bool:
    known = column[~np.isnan(column)]
    return bool(known.size and np.ptp(known) > 0.0)


def _is_unordered(parameter: Parameter) -> bool:
    return isinstance(parameter, Choice) and not parameter.ordered and parameter.size > _ORDERABLE


def _axis(parameter: Parameter, column: FloatArray, *, cut: bool) -> Axis:
    places = _places(parameter) if parameter.size <= _MOST_VALUES else np.empty(0)
    if not cut or _is_unordered(parameter):
        return Axis(places)
    return Axis(places, float(np.nanmin(column)), float(np.nanmax(column)))


def _places(parameter: Parameter) -> FloatArray:
    return np.array([parameter.to_unit(value) for value in parameter.levels()])


def _region(space: Space, name: str, place: Mapping[str, int]) -> Region:
    """Return where a parameter is active; parents that do not vary hold wherever it was seen to be active."""
    found: dict[int, BoolArray] = {}
    for condition in space[name].conditions:
        parent = space[condition.parent]
        at = place.get(condition.parent)
        if at is not None:
            allowed = _allowed(parent, condition.values)
            found[at] = allowed & found.get(at, allowed)
        for axis, mask in _region(space, condition.parent, place).items():
            found[axis] = mask & found.get(axis, mask)
    return found


def _allowed(parent: Parameter, values: Sequence[object]) -> BoolArray:
    allowed: BoolArray = np.isin(_places(parent), [parent.to_unit(value) for value in values])
    return allowed
