"""Tables of known results, in the shapes in which people keep them, read row by row."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tunewidgets.errors import StrategyError
from tunewidgets.history import Goal
from tunewidgets.space.values import plain

_PREFIX = "param_"
_VALUE, _BUDGET, _STATE = "value", "budget", "state"


class Row(NamedTuple):
    """One result.

    Attributes
    ----------
    number : int
        Its place in the table, counted from 0, or its trial's number.
    config : dict
        Values of parameters by name, as they were given.
    values : tuple of float
        One for each goal; NaN where there is none.
    budget : int or None
        How far it had trained; None: all the way.
    """

    number: int
    config: dict[str, Any]
    values: tuple[float, ...]
    budget: int | None = None


def is_table(given: Any) -> bool:
    """Tell whether something is a DataFrame, a list of dicts, or a list of (configuration, value) pairs."""
    if _is_frame(given):
        return True
    return isinstance(given, list | tuple) and bool(given) and all(_is_pair(row) or _is_dict(row) for row in given)


def table_rows(
    table: Any, parameters: Sequence[str] | None, goals: Sequence[Goal], *, all_budgets: bool = False
) -> list[Row]:
    """Return the rows of a table that count.

    Parameters
    ----------
    table : DataFrame, list of dict or list of pairs
        One for which `is_table` holds.
    parameters : sequence of str or None
        The names of the new space's parameters: the columns that are looked for where none begins with ``param_``.
        None where they are not known yet: then columns must begin so.
    goals : sequence of Goal
        What the new search optimises.
    all_budgets : bool
        Whether rows below the table's largest budget count too.

    Returns
    -------
    list of Row
        Without those whose trial was not completed.

    Raises
    ------
    StrategyError
        If there is no column for a goal, or a cell that must be a number is none; the message names the row.
    """
    records: list[Any] = table.to_dict("records") if _is_frame(table) else list(table)
    columns = tuple(dict.fromkeys(str(name) for record in records if _is_dict(record) for name in record))
    reader = _Columns(columns, parameters, goals)
    rows = [
        reader.row(number, record) if _is_dict(record) else _pair(number, record, goals)
        for number, record in enumerate(records)
        if not (_is_dict(record) and reader.unfinished(record))
    ]
    largest = max((row.budget for row in rows if row.budget is not None), default=None)
    return rows if all_budgets else [row for row in rows if row.budget in (None, largest)]


class _Columns:
    """Which column of a table is what."""

    def __init__(self, columns: Sequence[str], parameters: Sequence[str] | None, goals: Sequence[Goal]) -> None:
        self._goals = goals
        prefixed = {name: name.removeprefix(_PREFIX) for name in columns if name.startswith(_PREFIX)}
        if columns and not prefixed and parameters is None:
            raise StrategyError(
                "warm_start: the space is found only when the search begins, so the table must say which columns are "
                f"parameters: name them {_PREFIX}<name>; it has {', '.join(map(repr, columns))}"
            )
        self._parameters = prefixed or {name: name for name in columns if name in (parameters or ())}
        free = [name for name in columns if name not in self._parameters]
        # A list of pairs has no columns, and no goal is looked for among them.
        self._values = [self._column(goal, index == 0, free) for index, goal in enumerate(goals)] if columns else []
        self._state = _STATE in free
        self._budget = _BUDGET in free and not self._state

    def _column(self, goal: Goal, first: bool, free: Sequence[str]) -> str:  # noqa: FBT001 - the first goal is "value"
        for name in ([_VALUE] if first else []) + [goal.metric]:
            if name in free:
                return name
        wanted = f"{_VALUE!r} or {goal.metric!r}" if first and goal.metric != _VALUE else repr(goal.metric)
        has = ", ".join(map(repr, [*self._parameters, *free]))
        raise StrategyError(f"warm_start: the table needs a column {wanted} for the results; it has {has}")

    def unfinished(self, record: Mapping[str, Any]) -> bool:
        """Whether a row is about a trial that was not completed."""
        return self._state and record.get(_STATE) != "completed"

    def row(self, number: int, record: Mapping[str, Any]) -> Row:
        """Return a record as a row."""
        config = {
            name: record[column]
            for column, name in self._parameters.items()
            if column in record and not _is_empty(record[column])
        }
        values = tuple(_number(number, column, record.get(column)) for column in self._values)
        # Where the states are known, completed rows were trained all the way, however many steps they reported.
        return Row(number, config, values, self._trained(number, record) if self._budget else None)

    def _trained(self, number: int, record: Mapping[str, Any]) -> int | None:
        given = record.get(_BUDGET)
        if _is_empty(given):
            return None
        budget = _number(number, _BUDGET, given)
        if budget < 1 or budget != int(budget):
            raise StrategyError(f"warm_start: row {number}: a budget is an integer of at least 1, not {given!r}")
        return int(budget)


def _pair(number: int, pair: Any, goals: Sequence[Goal]) -> Row:
    config, given = pair
    if isinstance(given, Mapping):
        given = [given.get(goal.metric) for goal in goals]
    values = list(given) if isinstance(given, list | tuple) else [given]
    if len(values) != len(goals):
        names = ", ".join(goal.metric for goal in goals)
        raise StrategyError(
            f"warm_start: row {number}: expected {len(goals)} value(s) ({names}), {len(values)} came: {pair[1]!r}"
        )
    return Row(number, dict(config), tuple(_number(number, g.metric, v) for g, v in zip(goals, values, strict=True)))


def _number(row: int, column: str, given: Any) -> float:
    """Return a cell as a float, NaN where it is empty."""
    value = plain(given)
    if _is_empty(value):
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise StrategyError(f"warm_start: row {row}: {column!r} must be a number, not {given!r}")
    return float(value)


def _is_empty(value: Any) -> bool:
    """Whether a cell holds nothing: None, NaN, or the missing values of pandas, which say so by their names."""
    value = plain(value)
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _is_frame(given: Any) -> bool:
    return hasattr(given, "columns") and hasattr(given, "to_dict")


def _is_dict(row: Any) -> bool:
    return isinstance(row, Mapping)


def _is_pair(row: Any) -> bool:
    return isinstance(row, list | tuple) and len(row) == 2 and isinstance(row[0], Mapping)  # noqa: PLR2004 - a pair
