"""Parameters and spaces as plain JSON types, and back."""

from collections.abc import Mapping
from typing import Any

from tunewidgets.errors import SpaceError
from tunewidgets.space.categorical import Boolean, Choice, Fixed
from tunewidgets.space.conditions import Condition
from tunewidgets.space.numeric import Float, Int
from tunewidgets.space.parameters import Parameter
from tunewidgets.space.structure import nearest

FORMAT = 1
_TYPES: dict[str, Any] = {kind.__name__: kind for kind in (Int, Float, Choice, Boolean, Fixed)}


def parameter_from_json(data: Any) -> Parameter:
    """Return the parameter that ``Parameter.to_json`` wrote.

    Raises
    ------
    SpaceError
        The data are not those of a valid parameter.
    """
    kind = data.get("type") if isinstance(data, Mapping) else None
    if not isinstance(kind, str) or kind not in _TYPES:
        raise SpaceError(f"A stored parameter needs a type, one of {', '.join(_TYPES)}, got {data!r}.")
    fields = {name: value for name, value in data.items() if name not in {"type", "conditions"}}
    for name in fields:
        if name not in _TYPES[kind].stored:
            raise SpaceError(f"A stored {kind} has no field {name!r}.{nearest(name, _TYPES[kind].stored)}")
    conditions = data.get("conditions", [])
    if not isinstance(conditions, list):
        raise SpaceError(f"The conditions of a stored parameter must be a list, got {conditions!r}.")
    try:
        made: Parameter = _TYPES[kind](**fields, conditions=tuple(map(Condition.from_json, conditions)))
    except TypeError as error:
        raise SpaceError(f"A stored {kind} lacks a field: {error}.") from None
    return made


def space_to_json(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return the parameters of a space, in their order, as plain JSON types."""
    stored = [{"name": name, **parameter.to_json()} for name, parameter in parameters.items()]
    return {"format": FORMAT, "parameters": stored}


def parameters_from_json(data: Any) -> dict[str, Parameter]:
    """Return the parameters that :func:`space_to_json` wrote.

    Raises
    ------
    SpaceError
        The data are not those of a space, or of a format this version does not know.
    """
    if not isinstance(data, Mapping) or "format" not in data or not isinstance(data.get("parameters"), list):
        raise SpaceError(f"A stored space is {{'format': {FORMAT}, 'parameters': [...]}}, got {data!r}.")
    if data["format"] != FORMAT:
        raise SpaceError(
            f"A stored space of format {FORMAT} was expected, got format {data['format']!r}. "
            "Open it with the version of tunewidgets that wrote it, or update."
        )
    parameters: dict[str, Parameter] = {}
    for entry in data["parameters"]:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
            raise SpaceError(f"A parameter of a stored space needs a name, got {entry!r}.")
        if entry["name"] in parameters:
            raise SpaceError(f"A stored space names {entry['name']!r} twice.")
        rest = {key: value for key, value in entry.items() if key != "name"}
        parameters[entry["name"]] = parameter_from_json(rest)
    return parameters
