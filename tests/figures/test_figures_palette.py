"""The palette: contrast on light and dark, and a symbol for every colour."""

from typing import get_args

import pytest

from tunewidgets.analysis import brackets
from tunewidgets.figures.palette import INCUMBENT, NEXT, OUTCOMES, OVER, STATES, TO_COME, WORST_TO_BEST
from tunewidgets.figures.svg_marks import _SYMBOLS
from tunewidgets.history import TrialState

MARKS = [*STATES.values(), *OUTCOMES.values(), INCUMBENT, OVER, TO_COME, NEXT]
PAGES = ["#ffffff", "#111111", "#212121"]


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def seen(mark, page):
    """The colour of a mark on a page, through its opacity."""
    pairs = ((int(mark.color[i : i + 2], 16), int(page[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(mark.opacity * over + (1 - mark.opacity) * under):02x}" for over, under in pairs)


def test_contrast_of_black_and_white():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)


@pytest.mark.parametrize("page", PAGES)
def test_every_colour_is_seen_on_light_and_dark_pages(page):
    assert min(contrast(seen(mark, page), page) for mark in MARKS) >= 3


@pytest.mark.parametrize("page", PAGES)
def test_a_scale_of_values_is_seen_on_light_and_dark_pages_and_grows_lighter(page):
    assert min(contrast(color, page) for color in WORST_TO_BEST) >= 3
    steps = [luminance(color) for color in WORST_TO_BEST]
    assert steps == sorted(steps)
    assert contrast(WORST_TO_BEST[-1], WORST_TO_BEST[0]) > 1.65, "also without colours the ends differ"


def test_numbers_in_bars_can_be_read():
    assert min(contrast(mark.color, "#000000") for mark in OUTCOMES.values()) >= 4.5


def test_every_state_has_its_own_symbol_and_colour():
    assert set(STATES) == set(get_args(TrialState))
    assert set(OUTCOMES) == set(brackets.OUTCOMES)
    for marks in (STATES, OUTCOMES):
        assert len({mark.symbol for mark in marks.values()}) == len(marks)
    assert len({mark.color for mark in STATES.values()}) == len(STATES)


def test_pictures_know_every_symbol():
    assert {mark.symbol.removesuffix("-open") for mark in MARKS} <= set(_SYMBOLS)
