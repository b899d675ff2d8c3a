"""A table as a page has it, put together of frames: what rows.js does, in a few lines of Python."""

import numpy as np


def column_values(column):
    """Return a column's values by row, None where a row has none in a column of texts."""
    values = column["values"]
    if isinstance(values, dict):
        return [values["words"][place] if place >= 0 else None for place in values["at"]]
    return list(values)


class Page:
    """Takes tables of some rows."""

    def __init__(self):
        self.head, self.rows = None, {}

    def take(self, table):
        shape = [(column["name"], column["kind"]) for column in table["columns"]]
        if self.head is None or shape != self.head["shape"]:
            self.rows = {}
        self.head = {name: table[name] for name in ("total", "best", "direction")} | {"shape": shape}
        cells = zip(*map(column_values, table["columns"]), strict=True)
        self.rows |= dict(zip(map(int, table["rows"]), map(tuple, cells), strict=True))
        self.rows = {number: row for number, row in self.rows.items() if number < table["total"]}

    def seen(self):
        """Return everything as it is compared; NaN equals itself."""
        return self.head, {number: tuple(map(_known, row)) for number, row in sorted(self.rows.items())}


def _known(value):
    return None if isinstance(value, float | np.floating) and np.isnan(value) else value
