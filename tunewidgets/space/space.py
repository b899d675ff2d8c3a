"""The space: named parameters, some active only under a condition."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.errors import SpaceError
from tunewidgets.space import codec
from tunewidgets.space.checking import normalise
from tunewidgets.space.counting import count_configurations
from tunewidgets.space.grid import DEFAULT_LEVELS, grid_levels, walk
from tunewidgets.space.parameters import Parameter
from tunewidgets.space.serial import parameters_from_json, space_to_json
from tunewidgets.space.source import space_source
from tunewidgets.space.structure import arrange, nearest
from tunewidgets.space.table import space_table


class Space(Mapping[str, Parameter]):
    """Named parameters in an order; immutable.

    A configuration is a dict with a value for every active parameter. An inactive one is absent. A parameter is active
    where all its conditions hold, and a condition holds only where its parent is active.

    Parameters
    ----------
    mapping : mapping from str to Parameter, optional
        Parameters by name, for names that are not Python identifiers; they come first.
    **parameters : Parameter
        Parameters by name.

    Raises
    ------
    SpaceError
        A name is empty or given twice, a value is no parameter, or conditions name a parameter that is not there, a
        value that it cannot take, or one another in a circle.

    Examples
    --------
    >>> from tunewidgets.space import Choice, Float
    >>> space = Space(
    ...     optimizer=Choice(["adam", "sgd"]),
    ...     momentum=Float(0.0, 0.9, step=0.3).when(optimizer="sgd"),
    ... )
    >>> space.size
    5
    >>> list(space.grid())[:2]
    [{'optimizer': 'adam'}, {'optimizer': 'sgd', 'momentum': 0.0}]
    """

    __slots__ = ("__weakref__", "_entries", "_in_order", "_parameters", "_size")

    def __init__(self, mapping: Mapping[str, Parameter] | None = None, /, **parameters: Parameter) -> None:
        self._parameters = _merged(mapping, parameters)
        self._entries = arrange(self._parameters)
        self._in_order = all(entry.column == index for index, entry in enumerate(self._entries))
        self._size: int | float | None = None

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self._parameters[name]
        except KeyError:
            raise KeyError(f"The space has no parameter {name!r}.{nearest(name, self._parameters)}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Space):
            return NotImplemented
        return list(self._parameters.items()) == list(other._parameters.items())

    def __hash__(self) -> int:
        return hash(tuple(self._parameters.items()))

    def __reduce__(self) -> tuple[type["Space"], tuple[dict[str, Parameter]]]:
        return Space, (dict(self._parameters),)

    def __repr__(self) -> str:
        return space_table(self._parameters)

    @property
    def size(self) -> int | float:
        """The number of distinct configurations; infinite where a ``Float`` without steps can be active."""
        if self._size is None:
            self._size = count_configurations(self._entries)
        return self._size

    def sample(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return a configuration, each parameter drawn uniformly on its scale.

        Parameters
        ----------
        rng : numpy.random.Generator
            Gives one number for each parameter of the space, active or not, in the order of the space.

        Returns
        -------
        dict
            The values of the active parameters, in the order of the space.
        """
        return self._ordered(codec.decode_row(self._entries, rng.random(len(self)).tolist()))

    def defaults(self) -> dict[str, Any]:
        """Return the configuration in which every active parameter has its default."""
        config: dict[str, Any] = {}
        for entry in self._entries:
            if entry.is_active(config):
                config[entry.name] = entry.parameter.default
        return self._ordered(config)

    def validate(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the configuration with plain Python values, in the order of the space.

        Raises
        ------
        SpaceError
            A name is unknown, an active parameter is missing, an inactive one is present, or a value is not one that
            its parameter can take. The message has a line for each.
        """
        return self._ordered(normalise(self._entries, config))

    def active(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of the parameters that are active, given some or all values.

        Parameters
        ----------
        config : mapping
            Values by name. What hangs on a parent whose value is missing, or not one it can take, is not active.

        Returns
        -------
        tuple of str
            In the order of the space.
        """
        known: dict[str, Any] = {}
        active: set[str] = set()
        for entry in self._entries:
            if entry.is_active(known):
                active.add(entry.name)
                if entry.is_parent and entry.name in config and entry.parameter.contains(config[entry.name]):
                    known[entry.name] = entry.parameter.normalise(config[entry.name])
        return tuple(name for name in self._parameters if name in active)

    def grid(self, levels: int | Mapping[str, int] = DEFAULT_LEVELS) -> Iterator[dict[str, Any]]:
        """Return an iterator over all combinations of the parameters' levels, the last parameter changing fastest.

        Parameters
        ----------
        levels : int or mapping from str to int
            How many points a ``Float`` without steps is cut into, evenly on its scale. All other parameters take all
            their values. A mapping gives the number by name, and cuts an ``Int`` or a stepped ``Float`` that it names
            as well; what it does not name is as with 10.

        Returns
        -------
        iterator of dict
            Configurations, made one at a time, none twice.

        Raises
        ------
        SpaceError
            A number of levels is not a positive integer, belongs to no ``Int`` or ``Float`` of the space, or a
            parameter has more values than can be listed.
        """
        return map(self._ordered, walk(self._entries, grid_levels(self._entries, levels)))

    def encode(self, configs: Iterable[Mapping[str, Any]]) -> npt.NDArray[np.float64]:
        """Return configurations as points of the unit cube.

        Parameters
        ----------
        configs : iterable of mapping
            n configurations.

        Returns
        -------
        ndarray of shape (n, d)
            A column for each parameter, in the order of the space; NaN where it is inactive. Numbers lie by their
            scale; one of finitely many values, in the middle of its share.

        Raises
        ------
        SpaceError
            A configuration does not fit the space.
        """
        return codec.encode(self._entries, configs, self.validate)

    def decode(self, cube: npt.ArrayLike) -> list[dict[str, Any]]:
        """Return the configurations at points of the unit cube; the inverse of :meth:`encode`.

        Parameters
        ----------
        cube : array_like of shape (n, d)
            Numbers in [0, 1]. A column is not looked at where its parameter turns out to be inactive.

        Returns
        -------
        list of dict
            n valid configurations.

        Raises
        ------
        SpaceError
            The shape is another one, or the number of an active parameter is NaN or outside [0, 1].
        """
        return [self._ordered(config) for config in codec.decode(self._entries, cube)]

    def snap(self, cube: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the points that stand for the configurations at the points given.

        This is ``encode(decode(cube))`` but for rounding, worked out a column at a time: thousands of candidates take
        milliseconds.

        Parameters
        ----------
        cube : array_like of shape (n, d)
            Numbers in [0, 1].

        Returns
        -------
        ndarray of shape (n, d)
            NaN where a parameter is inactive; the middle of its share where it has finitely many values.

        Raises
        ------
        SpaceError
            The shape is another one, or the number of an active parameter is NaN or outside [0, 1].
        """
        return codec.snap(self._entries, cube)

    def to_json(self) -> dict[str, Any]:
        """Return the space as plain JSON types; :meth:`from_json` reads them."""
        return space_to_json(self._parameters)

    @staticmethod
    def from_json(data: Any) -> "Space":
        """Return the space that :meth:`to_json` wrote.

        Raises
        ------
        SpaceError
            The data are not those of a valid space, or of a format this version does not know.
        """
        return Space(parameters_from_json(data))

    def to_source(self, prefix: str = "tw.") -> str:
        """Return Python source that makes this space after ``import tunewidgets as tw``."""
        return space_source(self._parameters, prefix)

    def with_parameters(self, mapping: Mapping[str, Parameter] | None = None, /, **parameters: Parameter) -> "Space":
        """Return a space in which these parameters are added at the end, or stand in place of those of the same name.

        Raises
        ------
        SpaceError
            The new space would not be valid.
        """
        return Space({**self._parameters, **_merged(mapping, parameters)})

    def without(self, name: str) -> "Space":
        """Return a space that lacks one parameter.

        Raises
        ------
        SpaceError
            There is no such parameter, or others are active under a condition on it.
        """
        if name not in self._parameters:
            raise SpaceError(f"There is no parameter {name!r} to take out.{nearest(name, self._parameters)}")
        children = [entry.name for entry in self._entries if any(parent == name for parent, _ in entry.rules)]
        if children:
            raise SpaceError(
                f"{name!r} cannot be taken out: {', '.join(map(repr, children))} would have a condition on nothing. "
                "Take those out, or replace them, first."
            )
        return Space({other: parameter for other, parameter in self._parameters.items() if other != name})

    def _ordered(self, config: dict[str, Any]) -> dict[str, Any]:
        """Bring a configuration that was filled parents first into the order of the space."""
        return config if self._in_order else {name: config[name] for name in self._parameters if name in config}


def _merged(mapping: Mapping[str, Parameter] | None, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    if mapping is not None and not isinstance(mapping, Mapping):
        raise SpaceError(
            f"Space takes parameters by name, or one mapping, got {mapping!r}. Write Space(units=Int(1, 9))."
        )
    for name in mapping or {}:
        if name in parameters:
            raise SpaceError(f"{name!r} is given twice, in the mapping and by name. Give it once.")
    merged = {**(mapping or {}), **parameters}
    for name, parameter in merged.items():
        _check_entry(name, parameter)
    return merged


def _check_entry(name: Any, parameter: Any) -> None:
    if not isinstance(name, str) or not name.strip():
        raise SpaceError(f"The name of a parameter must be a string that is not empty, got {name!r}.")
    if not isinstance(parameter, Parameter):
        raise SpaceError(
            f"{name!r} must be a parameter (Int, Float, Choice, Boolean or Fixed), got {parameter!r}. "
            f"For a constant write Fixed({parameter!r}), for alternatives Choice([...])."
        )
