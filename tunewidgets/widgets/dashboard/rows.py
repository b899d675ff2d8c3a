"""The table on its way to the pages: of many rows only those that the pages do not have yet, and not all at once."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.table import Table, trial_table
from tunewidgets.figures.answers import Broken, NotYet, Tabled
from tunewidgets.figures.catalogue import NO_ROWS
from tunewidgets.history import History, Trial

TABLE = "table"
"""The card's name."""
AT_FIRST = 100
"""So many of the newest trials have their rows in the pages until somebody wants all: most look at the top only."""
AT_ONCE = 1000
"""So many rows go out in one frame: making them takes about a twentieth of a second."""

_SMALL = np.iinfo(np.int16).max


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The pages have all of the card already."""


class SentRows:
    """Knows which rows the pages have.

    Every page gets every frame, so they all have the same rows; one that missed something says so, and everything is
    forgotten and sent again. A row is written over by a newer one of the same trial, so that it does no harm where a
    page gets one twice.

    Examples
    --------
    >>> SentRows().news(History())[0].why
    'no trial has started yet: each gets a row when it does'
    """

    def __init__(self) -> None:
        self._trials: dict[int, Trial] = {}
        self._head: Hashable = None
        self._shape: Hashable = None
        self._all = False

    def forget(self) -> None:
        """Note that a page may have nothing; one that wants all rows says so again."""
        self._begin()
        self._all = False

    def _begin(self) -> None:
        self._trials, self._head, self._shape = {}, None, None

    def want_all(self) -> bool:
        """Note that a page wants every trial's row, not only those of the newest; return whether that is new."""
        before, self._all = self._all, True
        return not before

    def news(self, history: History) -> tuple[Tabled | NotYet | Broken | Unchanged, bool]:
        """Return what is new in the table, as a table of these rows, and whether that is all of it.

        From then on the pages count as having it.
        """
        try:
            return self._news(history)
        except Exception as error:  # noqa: BLE001 - one card's error must never take the dashboard down
            self.forget()
            return Broken(f"the table could not be made: {type(error).__name__}: {error}"), True

    def _news(self, history: History) -> tuple[Tabled | NotYet | Unchanged, bool]:
        if not history.trials:
            self._begin()
            return NotYet(NO_ROWS), True
        changed = self._changed(history)
        table = trial_table(history, only=changed[:AT_ONCE])
        if self._shape not in (None, shape := _shape(table)):
            self._begin()  # columns have come, gone, or changed their kind
            return self._news(history)
        head = (shape, table.total, table.best)
        if not changed and head == self._head:
            return Unchanged(), True
        self._head, self._shape = head, shape
        self._trials.update((row.number, history.trials[row.number]) for row in table.rows)
        return Tabled(table), len(changed) <= AT_ONCE

    def _changed(self, history: History) -> list[int]:
        """Return the numbers of the trials whose rows are not what was sent, the newest first."""
        trials, sent = history.trials, self._trials
        for number in [number for number in sent if number not in trials] if len(sent) > len(trials) else ():
            del sent[number]
        older = 0 if self._all else len(trials) - AT_FIRST
        changed = [
            trial.number
            for place, trial in enumerate(trials.values())
            if (place >= older or trial.number in sent) and _differs(trial, sent.get(trial.number))
        ]
        return changed[::-1]


def _differs(trial: Trial, sent: Trial | None) -> bool:
    # A row is made of its trial and of what never changes without it. That of a moment in the past is another object.
    return trial is not sent and trial != sent


def _shape(table: Table) -> Hashable:
    """Return all that the names and kinds of the columns depend on."""
    named = (table.metric, table.further, table.unit, table.parameters, table.numeric)
    return (*named, table.compared, table.bracketed)


def columns(table: Table) -> dict[str, Any]:
    """Turn a table into columns: numbers travel as arrays, and a text that occurs often travels once.

    Parameters
    ----------
    table : Table
        Of some rows or of all.

    Returns
    -------
    dict
        ``total``, ``best`` (trials' numbers), ``direction``; ``rows``, the numbers of the trials that are told of;
        ``columns``, a list of dicts with ``name``, ``kind`` ("number", "state", "text", "parameter", "parameter
        number") and ``values`` by row: numbers, NaN where a row has none, or ``words`` and for each row the place
        (``at``) of its own among them, -1 where it has none.
    """
    return {
        "total": table.total,
        "best": list(table.best),
        "direction": table.direction,
        "rows": np.array([row.number for row in table.rows], dtype=np.int32),
        "columns": _columns(table),
    }


def _columns(table: Table) -> list[dict[str, Any]]:
    rows = table.rows
    why = [
        _texts("Why", "text", ("; ".join(filter(None, (row.broken, row.reason))) for row in rows)),
        _texts("Tried because", "text", (row.suggested for row in rows)),
    ]
    places = [_numbers("Bracket", (row.bracket for row in rows)), _numbers("Rung", (row.rung for row in rows))]
    return [
        _numbers("Trial", (row.number for row in rows)),
        _texts("State", "state", (row.state for row in rows)),
        _numbers(table.metric or "value", (row.value for row in rows)),
        *(_numbers(name, (row.further.get(name) for row in rows)) for name in table.further),
        _numbers(f"{table.unit}s", (row.budget for row in rows)),
        *(_parameter(table, name) for name in table.parameters),
        # Where every trial trains to its end, why it was tried tells them apart, and their states do not.
        *(why if table.compared else why[::-1]),
        *(places if table.bracketed else ()),
        _numbers("Seconds", (row.seconds for row in rows)),
    ]


def _parameter(table: Table, name: str) -> dict[str, Any]:
    values = [row.config.get(name) for row in table.rows]
    if name in table.numeric:
        return _numbers(name, values, "parameter number")
    return _texts(name, "parameter", (each if isinstance(each, str | None) else repr(each) for each in values))


def _numbers(name: str, values: Iterable[float | None], kind: str = "number") -> dict[str, Any]:
    return {"name": name, "kind": kind, "values": _floats(values)}


def _floats(values: Iterable[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _texts(name: str, kind: str, values: Iterable[str | None]) -> dict[str, Any]:
    return {"name": name, "kind": kind, "values": _coded(list(values))}


def _coded(values: Sequence[str | None]) -> Mapping[str, Any]:
    words = list(dict.fromkeys(value for value in values if value is not None))
    places: dict[str | None, int] = {word: place for place, word in enumerate(words)}
    places[None] = -1
    kind = np.int16 if len(words) <= _SMALL else np.int32
    return {"words": words, "at": np.array([places[value] for value in values], dtype=kind)}
