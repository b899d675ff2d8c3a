"""Events to JSON text and back, exactly: what was stored is what is read, NaN and infinity included."""

import json
from collections.abc import Callable
from dataclasses import fields
from types import MappingProxyType
from typing import Any, get_args

from tunewidgets.errors import StoreError
from tunewidgets.history import events
from tunewidgets.history.events import Constraint, Event, Goal, Known, Limits, Place
from tunewidgets.space import Space

_KINDS: dict[str, type] = {cls.__name__: cls for cls in get_args(events.Event)}
_FIELDS = {name: tuple(field.name for field in fields(cls)) for name, cls in _KINDS.items()}


def encode(event: Event) -> tuple[str, str]:
    """Return an event's kind and its fields as JSON text.

    Examples
    --------
    >>> encode(events.WorkersChanged(2))
    ('WorkersChanged', '[2]')
    """
    kind = type(event).__name__
    return kind, json.dumps([getattr(event, name) for name in _FIELDS[kind]], default=_plain, separators=(",", ":"))


def decode(kind: str, body: str) -> Event:
    """Return the event that `encode` wrote.

    Raises
    ------
    StoreError
        If the kind is unknown: the search was written by a newer version of this library.
    """
    cls = _KINDS.get(kind)
    if cls is None:
        raise StoreError(
            f"the search holds an event of the unknown kind {kind!r}; it needs a newer version of tunewidgets"
        )
    values = json.loads(body)
    revived: Event = cls(**{name: _revive(name, value) for name, value in zip(_FIELDS[kind], values, strict=False)})
    return revived


def _plain(value: Any) -> Any:
    if isinstance(value, Space):
        return value.to_json()
    if isinstance(value, Goal):
        return [value.metric, value.direction]
    if isinstance(value, Constraint):
        return [value.metric, value.bound]
    if isinstance(value, Limits):
        return [value.trials, value.timeout, value.max_consecutive_failures]
    if isinstance(value, MappingProxyType):
        return dict(value)
    if hasattr(value, "item"):  # a numpy scalar that a sampler or an objective left behind
        return value.item()
    raise TypeError(f"an event may hold only JSON types, not {type(value).__name__}: {value!r}")


def _revive(name: str, value: Any) -> Any:
    revive = _REVIVE.get(name)
    return revive(value) if revive else value


_REVIVE: dict[str, Callable[[Any], Any]] = {
    "space": Space.from_json,
    "place": lambda value: Place(*value),
    "goals": lambda value: tuple(Goal(*goal) for goal in value),
    "limits": lambda value: Limits(*value),
    "known": lambda value: tuple(Known(config, tuple(values), budget) for config, values, budget in value),
    "constraints": lambda value: tuple(Constraint(*constraint) for constraint in value),
}
