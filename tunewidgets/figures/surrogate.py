"""The card Surrogate: what a model believes of the objective, and where its sampler expects most."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewidgets.analysis.landscape import LEVELS, Landscape, is_category, landscape, levels, varying
from tunewidgets.analysis.surrogate import Surrogate
from tunewidgets.figures.answers import Answer, Asked, Drawn, NotYet, Option, option
from tunewidgets.figures.calibration import draw_calibration
from tunewidgets.figures.surrogate_maps import draw_maps, draw_surfaces
from tunewidgets.figures.surrogate_parts import results_words, surrogate_of
from tunewidgets.figures.surrogate_slices import MOST_SLICES, draw_cells, draw_slice, draw_slices
from tunewidgets.history import NOTHING, History

VALUE = "the value"
"""The choice for the axis up that makes a slice of one parameter."""

_DIGITS, _EXACT = (4, 6, 9, 17), 9
UNSURE, CHECKED = "uncertainty", "calibration"
"""What can be shown beside the mean instead of an acquisition, and in place of both."""


def draw_surrogate(history: History, asked: Asked = NOTHING) -> Answer:
    """Draw the card.

    Parameters
    ----------
    history : History
        What has happened.
    asked : mapping of str to str
        "across" and "up": the axes, up also "the value", for a slice. "show": an acquisition or the uncertainty beside
        the mean, or in place of both "calibration", how well the surrogate predicts what it has not seen. "as": maps or
        surfaces. "goal". "at NAME": where another parameter is held.

    Returns
    -------
    Drawn or NotYet
    """
    opened = surrogate_of(history, asked, "a surrogate is fitted")
    if isinstance(opened, NotYet):
        return opened
    surrogate, goal = opened
    return _Card(history, surrogate, asked, goal).answer()


class _Card:
    def __init__(self, history: History, surrogate: Surrogate, asked: Asked, goal: Option) -> None:
        self._history, self._surrogate, self._asked, self._goal = history, surrogate, asked, goal
        self._space = surrogate.space
        names = varying(self._space)
        self._across = option("across", "across", names, asked)
        up = [name for name in names if name != self._across.value]
        self._up = option("up", "up", [*up[:1], VALUE, *up[1:]] if up else [VALUE], asked)
        self._axes = [self._across.value, *([] if self._up.value == VALUE else [self._up.value])]
        self._plane = len(self._axes) > 1 and not any(is_category(self._space[name]) for name in self._axes)
        shows = (*surrogate.acquisitions, *([UNSURE] if self._plane else []), CHECKED)
        self._show = option("show", "beside the mean", shows, asked)
        self._as = option("as", "as", ("maps", "surfaces"), asked)

    def answer(self) -> Drawn:
        if self._show.value == CHECKED:
            checked = self._surrogate.checked()
            figure = draw_calibration(checked, self._surrogate.goal)
            return Drawn(
                figure,
                (self._goal, self._show),
                self._note(f"{checked.inside:.0%} of the results lie in their bands; 68 % would if these were right"),
            )
        seen = self._seen()
        own = (self._goal, self._across, self._up, self._show, *([self._as] if self._plane else []))
        return Drawn(self._figure(seen), (*own, *self._sliders(seen)), self._note(self._held(seen)))

    @property
    def _acquisition(self) -> str:
        return self._surrogate.acquisitions[0] if self._show.value in (UNSURE, CHECKED) else self._show.value

    def _seen(self) -> Landscape:
        held = {
            name: self._value(name, text) for name in self._space if (text := self._asked.get(f"at {name}")) is not None
        }
        held = {name: value for name, value in held.items() if value is not None}
        return landscape(self._history, self._surrogate, self._axes, acquisition=self._acquisition, held=held)

    def _value(self, name: str, text: str) -> Any:
        """Return the value that a choice stands for; None where none does."""
        values = levels(self._space[name], LEVELS)
        for digits in _DIGITS:
            found = [value for value in values if told(value, digits) == text]
            if len(found) == 1:
                return found[0]
        return None

    def _figure(self, seen: Landscape) -> Mapping[str, Any]:
        goal, acquisition = self._surrogate.goal, self._acquisition
        best = self._best
        if len(seen.axes) == 1:
            return draw_slice(seen, goal, acquisition, best)
        if all(axis.categories for axis in seen.axes):
            return draw_cells(seen, goal, acquisition, best)
        if not self._plane:
            return draw_slices(seen, goal, acquisition, best)
        beside = None if self._show.value == UNSURE else acquisition
        drawn = draw_surfaces if self._as.value == "surfaces" else draw_maps
        return drawn(seen, goal, beside, best, spread=self._surrogate.spread)

    def _sliders(self, seen: Landscape) -> tuple[Option, ...]:
        """Return an option for each other parameter: where it is held."""
        return tuple(self._slider(name, value) for name, value in seen.held.items())

    def _slider(self, name: str, value: Any) -> Option:
        parameter = self._space[name]
        values = list(levels(parameter, LEVELS))
        if value not in values:  # where the best trial has it
            values.append(value)
        if not is_category(parameter):
            values.sort(key=parameter.to_unit)
        texts = distinct(values)
        return Option(f"at {name}", name, texts, texts[values.index(value)], slides=True)

    def _note(self, more: str) -> str:
        surrogate = self._surrogate
        whose = (
            "The sampler's own model"
            if surrogate.own
            else "A Gaussian process fitted to look at this search, whose sampler does not use one"
        )
        results = results_words(self._history, surrogate)
        return f"{whose}, from {results}.{f' {more[:1].upper()}{more[1:]}.' if more else ''}"

    def _held(self, seen: Landscape) -> str:
        moved = any(f"at {name}" in self._asked for name in seen.held)
        where = (
            "as you have set them"
            if moved
            else f"as in trial {seen.at}, the best"
            if seen.at == self._best
            else f"as in trial {seen.at}"
        )
        parts = [f"the other parameters are held {where}"] if seen.held else []
        few = [len(axis.values) for axis in seen.axes if axis.categories]
        if len(seen.axes) > 1 and not self._plane and max(few) > MOST_SLICES:
            parts.append(f"of {max(few)} values those {MOST_SLICES} are drawn of which most is expected")
        return "; ".join(parts)

    @property
    def _best(self) -> int | None:
        return self._history.incumbent.number if self._history.incumbent else None


def distinct(values: Sequence[Any]) -> tuple[str, ...]:
    """Return values as choices, with as few digits as tell them apart.

    Examples
    --------
    >>> distinct([0.5, 0.25]), distinct([1000.0, 1000.125])
    (('0.5', '0.25'), ('1000', '1000.12'))
    """
    for digits in _DIGITS:
        texts = tuple(told(value, digits) for value in values)
        if len(set(texts)) == len(values):
            return texts
    return tuple(map(repr, values))


def told(value: Any, digits: int) -> str:
    """Return a value with so many digits; with as many as there are, as Python writes it."""
    if digits > _EXACT:
        return repr(value)
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)
