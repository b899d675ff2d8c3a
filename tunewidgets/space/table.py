"""A space as a person reads it: a line for each parameter."""

from collections.abc import Mapping
from itertools import starmap

from tunewidgets.space.parameters import Parameter

WIDEST = 60


def space_table(parameters: Mapping[str, Parameter]) -> str:
    """Return a table with name, type, values, scale, default and condition."""
    number = len(parameters)
    head = f"Space of {number} parameter{'' if number == 1 else 's'}"
    rows = list(starmap(_row, parameters.items()))
    if not rows:
        return head
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([head, *(f"  {line}" for line in lines)])


def _row(name: str, parameter: Parameter) -> tuple[str, ...]:
    values, scale = parameter.describe()
    condition = " and ".join(entry.to_text() for entry in parameter.conditions)
    return (
        name,
        type(parameter).__name__,
        _short(values),
        scale,
        f"default {_short(repr(parameter.default))}",
        f"when {condition}" if condition else "",
    )


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
