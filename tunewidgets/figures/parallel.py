"""The card Parallel coordinates: a line a trial across its parameters to its values, coloured by how good it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.front import best_numbers
from tunewidgets.analysis.parallel import Axis, Parallel, goals_of, parallel_lines
from tunewidgets.figures.answers import Answer, Asked, Drawn, NotYet, Option, option
from tunewidgets.figures.layout import plain, scales, short, thinned, told_apart, value_axis
from tunewidgets.figures.palette import CLEAR, GREY, WORST_TO_BEST
from tunewidgets.figures.svg_axes import Scale, Tick, number, ticks
from tunewidgets.history import NOTHING, History, amount

MOST_LINES = 10_000
"""More lines than this are thinned."""

_TICKS = 5
_CLOSE = 0.07
"""A tick nearer to the end of an axis than this share of it gives way to the end's own."""

_LOWER = 0.12
"""Lines that miss an axis are drawn below it by this share of its length."""

_SMALL = 100
"""So many categories fit into a byte with room to spare."""

_MANY = 8
"""Above so many axes the labels of the static figure are slanted."""

_NOT_YET = {
    "all": "no trial has started yet: each gets a line when it does",
    "with a value": "no trial has a value yet: each gets a line when it does",
    "highest budget": "no trial has come to rest with a value yet: each gets a line when it does",
}

Floats = npt.NDArray[np.float64]


def draw_parallel(history: History, asked: Asked = NOTHING) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.
    asked : mapping of str to str
        "trials" ("all", "with a value" or "highest budget"), "colour" (which goal) and the "scale" of that goal.

    Returns
    -------
    Drawn or NotYet
        One trace of type "parcoords", of 10,000 lines at most. Its ``customdata`` are trials' numbers, and
        ``meta["axes"]`` says of each dimension its ``name``, ``kind`` ("number", "integer" or "category"), whether it
        is ``log`` (then its values are logarithms to base ten), its ends ``low`` and ``high`` as drawn, its
        ``categories``, the direction of its ``goal`` (None for a parameter), and where the lines of trials stand that
        ``miss`` the axis (None where none does): below its lower end, at a tick of its own.
    """
    which = option("trials", "trials", tuple(_NOT_YET), asked)
    record = parallel_lines(history, which.value)  # type: ignore[arg-type]  # one of the three by construction
    metrics = [goal.metric for goal in goals_of(history)]
    colour = option("colour", "colour by", metrics, asked)
    if not len(record.numbers):
        return NotYet(_NOT_YET[which.value], (which, colour))
    if not any(axis.goal is None for axis in record.axes):
        return NotYet(
            "every parameter has one value alone: there is nothing to set beside a trial's value", expected=False
        )
    place = len(record.axes) - len(metrics) + metrics.index(colour.value)
    scale = _scale_option(record, place, asked)
    shown = _in_sight(record, best_numbers(history))
    lines = [
        _line(axis, record.values[shown, at], scale.value if at == place else None)
        for at, axis in enumerate(record.axes)
    ]
    trace = _trace(lines, record.numbers[shown], place, _caption(record, len(shown)))
    return Drawn({"data": [trace], "layout": _layout(lines, trace["meta"]["caption"])}, (which, colour, scale))


def _scale_option(record: Parallel, place: int, asked: Asked) -> Option:
    goal = record.axes[place].goal
    return option("scale", "scale", scales(record.values[:, place].tolist(), goal.direction if goal else None), asked)


def _in_sight(record: Parallel, best: Sequence[int]) -> npt.NDArray[np.int64]:
    places = np.flatnonzero(np.isin(record.numbers, best))
    return thinned(len(record.numbers), places.tolist(), MOST_LINES)


class _Line:
    """One axis as it is drawn: its scale, its ticks, and where each trial crosses it.

    Attributes
    ----------
    axis : Axis
        What it measures.
    scale : Scale
        Its ends, and whether it is logarithmic.
    values : array of float, shape (n,)
        As drawn: logarithms where the scale is logarithmic, NaN where a trial misses the axis.
    ticks : list of Tick
        At values as drawn.
    miss : float or None
        Where the lines stand that miss it.
    """

    def __init__(self, axis: Axis, scale: Scale, values: Floats, marks: list[Tick]) -> None:
        self.axis, self.scale, self.ticks = axis, scale, marks
        self.values = _drawn(values, log=scale.log)
        gone = bool(np.isnan(values).any())
        step = 1.0 if axis.kind == "category" else _LOWER * (scale.high - scale.low)
        self.miss = scale.low - step if gone else None

    @property
    def filled(self) -> Floats:
        """The values with those that miss the axis below it."""
        return self.values if self.miss is None else np.where(np.isnan(self.values), self.miss, self.values)


def _drawn(values: Floats, *, log: bool) -> Floats:
    return np.log10(values) if log else values


def _line(axis: Axis, values: Floats, scale: str | None) -> _Line:
    if axis.goal is not None:
        return _goal_line(axis, values, scale)
    if axis.kind == "category":
        marks = [Tick(float(at), str(value)) for at, value in enumerate(axis.categories)]
        return _Line(axis, Scale(axis.low, axis.high, 0, 1), values, marks)
    low, high = (float(np.log10(end)) if axis.log else end for end in (axis.low, axis.high))
    on = Scale(low, high, 0.0, 1.0, axis.log)
    return _Line(axis, on, values, _marks(on, {"tickformat": ",d"} if axis.kind == "integer" else {}, ends=True))


def _goal_line(axis: Axis, values: Floats, scale: str | None) -> _Line:
    """Return a goal's axis: where a few values are far worse than all others, they stand at its end."""
    known = values[~np.isnan(values)]
    if not known.size:
        return _Line(axis, Scale(0.0, 1.0, 0, 1), values, [])
    found = value_axis(known.tolist(), "", axis.goal.direction if axis.goal else None, scale)
    low, high = found["range"]
    on = Scale(low, high, 0.0, 1.0, found.get("type") == "log")
    ends = (10.0**low, 10.0**high) if on.log else (low, high)
    marks = _marks(on, {}, ends=False)
    for end, sign, beyond in ((low, "≤", known.min() < ends[0]), (high, "≥", known.max() > ends[1])):
        if beyond:
            marks = [mark for mark in marks if abs(mark.value - end) > _CLOSE * (high - low)]
            marks.append(Tick(end, f"{sign} {number(end)}"))
    return _Line(axis, on, np.clip(values, *ends), sorted(marks))


def _marks(on: Scale, how: dict[str, Any], *, ends: bool) -> list[Tick]:
    """Return ticks at values as drawn: at round numbers, and at both ends where that is asked for."""
    found = [Tick(float(_drawn(np.array(each.value), log=on.log)), each.text) for each in ticks(how, on, _TICKS)]
    if not ends:
        return found
    near = _CLOSE * (on.high - on.low)
    inner = [mark for mark in found if on.low + near < mark.value < on.high - near]
    first, last = (Tick(end, number(10.0**end if on.log else end)) for end in (on.low, on.high))
    return [first, *inner, last]


# --- the spec --------------------------------------------------------------------------------------------------------


def _trace(lines: Sequence[_Line], numbers: npt.NDArray[np.int64], place: int, caption: str) -> dict[str, Any]:
    return {
        "type": "parcoords",
        "name": "trials",
        "customdata": numbers.astype(np.int32),
        "dimensions": [_dimension(line) for line in lines],
        "line": _colours(lines[place]),
        "meta": {"axes": [_facts(line) for line in lines], "colour": place, "caption": caption},
        "labelangle": -20 if len(lines) > _MANY else 0,
    }


def _dimension(line: _Line) -> dict[str, Any]:
    small = line.axis.kind == "category" and len(line.axis.categories) <= _SMALL
    marks = line.ticks if line.miss is None else [Tick(line.miss, _missing(line.axis)), *line.ticks]
    return {
        "label": plain(short(line.axis.name, 20)),
        "range": [line.scale.low if line.miss is None else line.miss, line.scale.high],
        "values": line.filled.astype(np.int8 if small else np.float32),
        "tickvals": [mark.value for mark in marks],
        "ticktext": [plain(text) for text in told_apart([mark.text for mark in marks], 16)],
    }


def _missing(axis: Axis) -> str:
    return "inactive" if axis.goal is None else "no value"


def _facts(line: _Line) -> dict[str, Any]:
    axis = line.axis
    return {
        "name": axis.name,
        "kind": axis.kind,
        "log": line.scale.log,
        "low": line.scale.low,
        "high": line.scale.high,
        "categories": list(axis.categories),
        "goal": axis.goal.direction if axis.goal else None,
        "miss": line.miss,
    }


def _colours(line: _Line) -> dict[str, Any]:
    """Return lines coloured by a goal; those without a value are grey, below all that have one."""
    goal = line.axis.goal
    ramp = WORST_TO_BEST if goal is not None and goal.direction == "max" else WORST_TO_BEST[::-1]
    low, high = line.scale.low, line.scale.high
    least = low if line.miss is None else line.miss
    grey = (low - least) / (high - least)
    steps = [[grey + (1.0 - grey) * at / (len(ramp) - 1), color] for at, color in enumerate(ramp)]
    marks = [mark for mark in line.ticks if low <= mark.value <= high]
    return {
        "color": line.filled.astype(np.float32),
        "colorscale": [[0.0, GREY], [grey, GREY], *steps] if grey else steps,
        "cmin": least,
        "cmax": high,
        "showscale": True,
        "colorbar": {
            "title": {"text": plain(short(line.axis.name, 20))}, "thickness": 12, "outlinewidth": 0,
            "tickvals": [mark.value for mark in marks], "ticktext": [mark.text for mark in marks],
        },
    }  # fmt: skip


def _caption(record: Parallel, shown: int) -> str:
    parts = []
    if record.budget is not None:
        parts.append(f"trials at {amount(record.budget, record.unit)}")
    if shown < len(record.numbers):
        parts.append(f"{shown:,} of {len(record.numbers):,} trials drawn")
    return " · ".join(parts)


def _layout(lines: Sequence[_Line], caption: str) -> dict[str, Any]:
    slanted = len(lines) > _MANY
    layout: dict[str, Any] = {
        "height": 460,
        "margin": {"l": 80, "r": 40, "t": 110 if slanted else 70, "b": 36},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"size": 12},
    }
    return layout | ({"title": {"text": plain(caption), "font": {"size": 12}}} if caption else {})
