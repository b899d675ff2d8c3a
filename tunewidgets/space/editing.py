"""A space with other ranges and fewer or other choices: what a form can change, and the Python that does the same."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tunewidgets.errors import SpaceError
from tunewidgets.space.categorical import Choice
from tunewidgets.space.conditions import Condition
from tunewidgets.space.numeric import Number
from tunewidgets.space.parameters import Parameter
from tunewidgets.space.source import is_keyword_name, literal
from tunewidgets.space.space import Space

_FIELDS: dict[type, tuple[str, ...]] = {Number: ("min_value", "max_value"), Choice: ("values",)}


def edited_space(space: Space, edits: Mapping[str, Mapping[str, Any]]) -> Space:
    """Return a space in which some parameters have another range or other choices.

    A parameter whose condition names a choice that is gone loses that part of its condition; one that could never be
    active any more is taken out. A default outside of the new range gives way to the first value.

    Parameters
    ----------
    space : Space
        As it was.
    edits : mapping
        By name, new fields: ``min_value`` and ``max_value`` of an ``Int`` or a ``Float``, ``values`` of a ``Choice``.

    Raises
    ------
    SpaceError
        There is no such parameter or field, or a range or list is not a valid one; the message names the parameter.

    Examples
    --------
    >>> from tunewidgets.space import Float
    >>> space = Space(optimizer=Choice(["adam", "sgd"]), momentum=Float(0.0, 0.9).when(optimizer="sgd"))
    >>> list(edited_space(space, {"optimizer": {"values": ["adam"]}}))
    ['optimizer']
    """
    parameters = dict(space)
    for name, fields in edits.items():
        if name not in parameters:
            raise SpaceError(f"there is no parameter {name!r}; the space has {', '.join(map(repr, space))}")
        parameters[name] = _edited(name, parameters[name], fields)
    return Space(_still_active(parameters))


def edit_source(before: Space, after: Space, prefix: str = "tw.") -> str:
    """Return the Python source that makes one space of the other, where `edited_space` has made it.

    Examples
    --------
    >>> from tunewidgets.space import Int
    >>> edit_source(Space(units=Int(1, 9), depth=Int(1, 3)), Space(units=Int(2, 5), depth=Int(1, 3)))
    'search.space.with_parameters(units=tw.Int(2, 5))'
    """
    # Children come after their parents more often than not, and must be taken out before them.
    gone = "".join(f".without({literal(name)})" for name in reversed(list(before)) if name not in after)
    changed = {name: parameter for name, parameter in after.items() if parameter != before[name]}
    if not changed:
        return f"search.space{gone}"
    if all(map(is_keyword_name, changed)):
        inside = ", ".join(f"{name}={parameter.to_source(prefix)}" for name, parameter in changed.items())
    else:
        pairs = (f"{literal(name)}: {parameter.to_source(prefix)}" for name, parameter in changed.items())
        inside = f"{{{', '.join(pairs)}}}"
    return f"search.space{gone}.with_parameters({inside})"


def _edited(name: str, parameter: Parameter, fields: Mapping[str, Any]) -> Parameter:
    allowed = [field for kind, known in _FIELDS.items() if isinstance(parameter, kind) for field in known]
    if unknown := [field for field in fields if field not in allowed]:
        raise SpaceError(f"{name!r}: {unknown[0]} of a {type(parameter).__name__} cannot be edited here")
    if not fields:
        return parameter
    stored = {field: getattr(parameter, field) for field in parameter.stored} | dict(fields)
    try:
        made: Parameter = type(parameter)(**stored | {"default": None}, conditions=parameter.conditions)
    except SpaceError as error:
        raise SpaceError(f"{name!r}: {error}") from None
    if not made.contains(parameter.default):
        return made
    return type(parameter)(**stored, conditions=parameter.conditions)


def _still_active(parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Take what conditions can never hold any more out of them, and out of the space what hangs on nothing else."""
    kept = dict(parameters)
    while True:
        found = {name: _holding(parameter, kept) for name, parameter in kept.items()}
        left = {name: parameter for name, parameter in found.items() if parameter is not None}
        if left == kept:
            return left
        kept = left


def _holding(parameter: Parameter, parameters: Mapping[str, Parameter]) -> Parameter | None:
    conditions = []
    for condition in parameter.conditions:
        parent = parameters.get(condition.parent)
        values = tuple(value for value in condition.values if parent is not None and parent.contains(value))
        if not values:
            return None
        conditions.append(Condition(condition.parent, values))
    return replace(parameter, conditions=tuple(conditions)) if parameter.conditions else parameter
