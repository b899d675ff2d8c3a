"""Pictures without a browser, HTML without script, one real line."""

import math
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from histories import (
    R9,
    R81,
    Recorder,
    asynchronous_history,
    empty_history,
    full_history,
    hyperband_history,
    ladder_history,
)

from tunewidgets.analysis import search_progress
from tunewidgets.figures import Drawn, draw
from tunewidgets.figures.static import duration, status_line, to_html, to_text
from tunewidgets.figures.svg import to_svg
from tunewidgets.figures.svg_axes import Scale, scale, ticks
from tunewidgets.figures.svg_marks import areas, lines, markers
from tunewidgets.history import History, Place

HOSTILE = "<script>alert('x')</script>\"&"

SEARCHES = {
    "hyperband": (hyperband_history(), R9),
    "bars": (ladder_history(R81), R81),
    "plan": (empty_history(), R9),
    "asynchronous": (asynchronous_history(), None),
    "decades": (full_history(20, budget=3, direction="min", values=lambda t, s: 10.0 ** (-(t % 5)) / s), None),
    "hostile": (hyperband_history(metric=HOSTILE, unit=HOSTILE), R9),
}


def texts(svg):
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]


@pytest.mark.parametrize("card", ["trials", "curves", "brackets"])
@pytest.mark.parametrize("which", SEARCHES)
def test_every_card_becomes_a_well_formed_picture_without_script(card, which):
    history, plan = SEARCHES[which]
    answer = draw(card, history, plan=plan)
    if not isinstance(answer, Drawn):
        return
    for theme in ("light", "dark", "page"):
        svg = to_svg(answer.figure, 860, 400, theme)
        ET.fromstring(svg)
        assert "<script" not in svg
        assert "nan" not in re.sub(r">[^<]*<", "><", svg)
        assert 'viewBox="0 0 860 400"' in svg


def test_a_picture_says_what_the_figure_says():
    svg = to_svg(draw("brackets", hyperband_history(), plan=R9).figure)
    written = texts(svg)
    assert {"9 of 9 · 1 epoch", "3 of 5 · 3 epochs", "1 @ 9 epochs", "promoted", "to come"} <= set(written)
    assert "bracket 020 of 21 epochs" in written  # two lines
    assert "epochs at the rung · 29 of 69 epochs spent" in written


def test_hostile_names_are_shown_as_they_are():
    svg = to_svg(draw("trials", hyperband_history(metric=HOSTILE)).figure)
    assert any(HOSTILE in written for written in texts(svg))


def test_the_themes_colours():
    spec = draw("trials", hyperband_history()).figure
    assert 'fill="currentColor"' in to_svg(spec, theme="page")
    assert 'fill="#111111"' in to_svg(spec, theme="dark")


def test_marks_stand_where_their_values_are():
    on = Scale(0, 10, 100, 200)
    assert on([0, 5, 10]).tolist() == [100, 150, 200]
    log = Scale(0, 2, 300, 100, log=True)
    assert log([1, 10, 100]).tolist() == [300, 200, 100]
    assert math.isnan(log(0))
    trace = {"marker": {"symbol": "square", "size": 2, "color": "#123456"}}
    path = markers(trace, np.array([10.0, np.nan]), np.array([20.0, 1.0]))
    assert path == '<path d="M9.1,19.1l1.8 0 0 1.8-1.8 0Z" fill="#123456"/>'


def test_an_area_is_closed_and_breaks_at_gaps():
    x, y = np.array([0.0, 10, 10, np.nan, 20, 30, 30]), np.array([5.0, 5, 9, np.nan, 1, 1, 3])
    path = areas({"fillcolor": "rgba(1,2,3,0.2)"}, x, y)
    assert path == '<path d="M0,5L10,5L10,9ZM20,1L30,1L30,3Z" fill="rgba(1,2,3,0.2)"/>'
    assert areas({"fillcolor": "#123456"}, x[3:4], y[3:4]) == ""


def test_an_area_that_is_larger_than_the_plot_is_cut_at_its_edge():
    trace = {"type": "scatter", "mode": "none", "x": [0, 10, 10, 0], "y": [0, 0, 99, 99], "fill": "toself",
             "fillcolor": "#123456", "showlegend": False}  # fmt: skip
    svg = to_svg({"data": [trace], "layout": {"xaxis": {"range": [0, 10]}, "yaxis": {"range": [0, 10]}}}, 200, 200)
    (path,) = re.findall(r'd="([^"]+)" fill="#123456"', svg)
    heights = {float(pair.split(",")[1]) for pair in re.split("[MLZ]", path) if pair}
    assert heights == {16.0, 156.0}


def test_lines_break_at_gaps_and_climb_in_steps():
    x, y = np.array([0.0, 10, np.nan, 20, 30]), np.array([5.0, 6, np.nan, 7, 7])
    line = {"line": {"color": "#000000", "width": 1}}
    assert 'd="M0,5L10,6M20,7L30,7"' in lines(line, x, y)
    line["line"]["shape"] = "hv"
    assert 'd="M0,5L10,5L10,6M20,7L30,7"' in lines(line, x, y)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-30, 110, ["0", "50", "100"]),
        (0, 4.2e3, ["0", "1,000", "2,000", "3,000", "4,000"]),
        (0.0002, 0.0011, ["0.0002", "0.0004", "0.0006", "0.0008", "0.0010"]),
        (0, 3e-7, ["0", "1e-07", "2e-07", "3e-07"]),
    ],
)
def test_ticks_are_round_numbers(low, high, expected):
    assert [tick.text for tick in ticks({}, Scale(low, high, 0, 1), 5)] == expected


def test_ticks_of_logarithmic_and_whole_axes():
    assert [t.text for t in ticks({}, Scale(-2, 1, 0, 1, log=True), 5)] == ["0.01", "0.1", "1", "10"]
    assert [t.text for t in ticks({}, Scale(-0.1, 1.1, 0, 1, log=True), 5)] == ["1", "2", "5", "10"]
    assert [t.text for t in ticks({"tickformat": ",d"}, Scale(0, 2, 0, 1), 5)] == ["0", "1", "2"]


def test_an_axis_without_values_and_with_one():
    assert (scale({}, [], 0, 1).low, scale({}, [], 0, 1).high) == (-0.06, 1.06)
    one = scale({}, [np.array([3.0, np.nan])], 0, 1)
    assert one.low < 3 < one.high


def test_html_is_self_contained_and_escaped():
    recorder = Recorder(metric=HOSTILE, unit=HOSTILE)
    recorder.complete(recorder.start(Place(0, 0, 2), {HOSTILE: HOSTILE}))
    recorder.fail(recorder.start(Place(0, 0, 2)), message=HOSTILE)
    page = to_html(recorder.history, None, HOSTILE, HOSTILE)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert re.search(r"\son\w+=", re.sub(r">[^<]*<", "><", page)) is None
    ET.fromstring(page)


def test_html_of_a_search_tells_what_a_reader_wants():
    page = to_html(hyperband_history(), R9, "digits", "the coordinator is gone: run search.resume()")
    assert "<b>digits</b>: running, 10 of 17 trials, 2 running, 1 failed" in page
    assert "the coordinator is gone" in page
    assert "<b>val_accuracy 0.941</b> after 9 epochs, trial 1" in page
    assert page.count("<svg") == 2
    assert page.count("<tr>") == 6
    assert "and 10 more" in page
    assert "color:inherit" in page
    assert 'aria-label="Every trial&#x27;s value, and the best so far"' in page


def test_html_before_anything_happened():
    ET.fromstring(to_html(History()))
    page = to_html(empty_history(), R9, "digits")
    assert page.count("<svg") == 1
    assert "0 of 17 trials" in page


def test_text_is_one_line():
    recorder = Recorder(metric="val_accuracy")
    for value in (0.9, 0.962):
        trial = recorder.start(Place(0, 0, 1), {"units": 96, "dropout": 0.2})
        recorder.report(trial, 1, value)
        recorder.complete(trial)
    recorder.fail(recorder.start(Place(0, 0, 1)))
    expected = "digits: running, 3 trials done, best val_accuracy 0.962 (trial 1: units=96, dropout=0.2), 1 failed"
    assert to_text(recorder.history, "digits") == expected
    assert to_text(hyperband_history(), "d\ni", R9).startswith("d i: running, 10 of 17 trials, best val_accuracy")
    assert "\n" not in to_text(hyperband_history())
    assert to_text(History(), "x") == "x: starting, no trial yet"


def test_status_line_and_durations():
    history = full_history(3)
    assert status_line(search_progress(history)) == "finished, 3 of 3 trials, 4 s"
    assert status_line(search_progress(hyperband_history())) == "running, 10 trials done, 2 running, 1 failed, 35 s"
    assert [duration(s) for s in (0.4, 59, 61, 3600, 7200, 7320)] == [
        "0 s",
        "59 s",
        "1 min",
        "60 min",
        "2 h",
        "2 h 2 min",
    ]
