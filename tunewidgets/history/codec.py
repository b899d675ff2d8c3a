"""Events to JSON text and back, exactly: what was stored is what is read, NaN and infinity included."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, get_args

from tunewidgets.errors import StoreError
from tunewidgets.history import events
from tunewidgets.history.collector import uncollected
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
    return _revived(kind, json.loads(body))


def decode_all(encoded: Sequence[tuple[str, str]]) -> list[Event]:
    """Return the events that `encode` wrote, in their order; of thousands, in half the time that one by one takes.

    Raises
    ------
    StoreError
        As `decode` does.
    """
    with uncollected():
        bodies = json.loads(f"[{','.join([body for _, body in encoded])}]")
        return [_revived(kind, values) for (kind, _), values in zip(encoded, bodies, strict=True)]


def _revived(kind: str, values: list[Any]) -> Event:
    """Make an event of its fields' JSON values; those that a newer version has added are left out."""
    cls = _KINDS.get(kind)
    if cls is None:
        raise StoreError(
            f"the search holds an event of the unknown kind {kind!r}; it needs a newer version of tunewidgets"
        )
    known, revivals = _REVIVALS[kind]
    del values[known:]
    for place, revive in revivals:
        if place < len(values):
            values[place] = revive(values[place])
    event: Event = cls(*values)
    return event


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


_REVIVE: dict[str, Callable[[Any], Any]] = {
    "space": Space.from_json,
    "place": lambda value: Place(*value),
    "goals": lambda value: tuple(Goal(*goal) for goal in value),
    "limits": lambda value: Limits(*value),
    "known": lambda value: tuple(Known(config, tuple(values), budget) for config, values, budget in value),
    "constraints": lambda value: tuple(Constraint(*constraint) for constraint in value),
}

_REVIVALS = {
    kind: (len(names), tuple((place, _REVIVE[name]) for place, name in enumerate(names) if name in _REVIVE))
    for kind, names in _FIELDS.items()
}
"""For every kind how many fields it has, and what revives which of them."""
