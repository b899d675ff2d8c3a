"""The grid: every combination of the parameters' levels, one at a time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tunewidgets.errors import SpaceError
from tunewidgets.space.numeric import Number
from tunewidgets.space.parameters import check_count
from tunewidgets.space.structure import ABSENT, Entry, nearest

DEFAULT_LEVELS = 10


def grid_levels(entries: Sequence[Entry], levels: int | Mapping[str, int]) -> list[list[Any]]:
    """Return the values that each parameter takes in the grid, in the order of the entries.

    Raises
    ------
    SpaceError
        A number of levels is not a positive integer, or stands for a parameter that has no range to cut.
    """
    if not isinstance(levels, Mapping):
        number = check_count(levels)
        return [entry.parameter.levels(number) for entry in entries]
    names = [entry.name for entry in entries]
    for name in levels:
        if name not in names:
            raise SpaceError(f"grid(levels=...) names {name!r}, which is not in the space.{nearest(name, names)}")
    return [_named_levels(entry, levels) for entry in entries]


def walk(entries: Sequence[Entry], levels: Sequence[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Yield every configuration of the grid once; the last parameter changes fastest.

    An inactive parameter is passed over, so that configurations which differ in nothing else are one.
    """
    config: dict[str, Any] = {}
    open_levels: list[Iterator[Any]] = []
    while True:
        depth = len(open_levels)
        if depth < len(entries):
            open_levels.append(iter(levels[depth] if entries[depth].is_active(config) else (ABSENT,)))
        else:
            yield dict(config)
        if not _advance(entries, open_levels, config):
            return


def _advance(entries: Sequence[Entry], open_levels: list[Iterator[Any]], config: dict[str, Any]) -> bool:
    """Put the next value of the innermost parameter that has one into the configuration."""
    while open_levels:
        name = entries[len(open_levels) - 1].name
        config.pop(name, None)
        try:
            value = next(open_levels[-1])
        except StopIteration:
            open_levels.pop()
            continue
        if value is not ABSENT:
            config[name] = value
        return True
    return False


def _named_levels(entry: Entry, levels: Mapping[str, int]) -> list[Any]:
    if entry.name not in levels:
        return entry.parameter.levels(DEFAULT_LEVELS)
    number = levels[entry.name]
    if not isinstance(entry.parameter, Number):
        kind = type(entry.parameter).__name__
        raise SpaceError(f"grid(levels=...) names {entry.name!r}, a {kind}: only an Int or a Float is cut into levels.")
    return entry.parameter.points(check_count(number))
