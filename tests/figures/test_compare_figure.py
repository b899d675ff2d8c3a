"""The figure that compares methods, and how a saved notebook shows it."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from comparing import compared, ran

from tunewidgets.figures.compare import comparison_html, draw_comparison
from tunewidgets.figures.svg import to_svg
from tunewidgets.figures.theme import themed

METHODS = {
    "gp": [ran([5, 4, 1], reached=6), ran([6, 3, 2], reached=6), ran([7, 4, 3], reached=6)],
    "random": [ran([7, 2, 2]), ran([8, 6, 5])],
}
HOSTILE = "<script>alert('x')</script>$"


def traces(spec):
    return {trace["name"]: trace for trace in spec["data"]}


def test_a_line_is_the_median_and_a_band_goes_round_the_quartiles():
    drawn = traces(draw_comparison(compared(METHODS)))
    assert list(drawn) == ["gp, quartiles", "random, quartiles", "gp", "random"]
    line = drawn["random"]
    assert (line["x"].tolist(), line["y"].tolist()) == ([1, 2, 3], [7.5, 4, 3.5])
    assert line["line"]["shape"] == "hv"
    band = drawn["random, quartiles"]
    assert band["x"].tolist() == [1, 2, 2, 3, 3, 3, 3, 2, 2, 1]
    assert band["y"].tolist() == [7.25, 7.25, 3, 3, 2.75, 4.25, 5, 5, 7.75, 7.75]
    assert (band["fill"], band["mode"], band["showlegend"]) == ("toself", "none", False)


def test_methods_differ_in_colour_and_symbol():
    spec = draw_comparison(compared({f"m{number}": [number] for number in range(12)}))
    looks = {(trace["marker"]["color"], trace["marker"]["symbol"]) for trace in spec["data"]}
    assert len(looks) == 12
    sizes = traces(draw_comparison(compared(METHODS)))["gp"]["marker"]["size"]
    assert sizes.tolist() == [8, 8, 8, 8]
    many = compared({"a": [ran(np.linspace(9, 1, 400).tolist())], "b": [1]})
    assert (traces(draw_comparison(many))["a"]["marker"]["size"] > 0).sum() == 7


def test_the_common_cost_is_marked_where_somebody_went_further():
    layout = draw_comparison(compared(METHODS))["layout"]
    assert [shape["x0"] for shape in layout["shapes"]] == [3]
    assert layout["xaxis"]["title"]["text"] == (
        "trials that have come to rest · medians and quartiles of 2 to 3 seeds · compared at the dotted line"
    )
    assert layout["yaxis"]["title"]["text"] == "best loss so far (lower is better)"
    even = draw_comparison(compared({"a": [1], "b": [2]}))["layout"]
    assert not even["shapes"]
    assert even["xaxis"]["title"]["text"] == "trials that have come to rest · one seed each"


def test_each_cost_has_its_axis():
    assert "epochs spent" in draw_comparison(compared(METHODS, "budget"))["layout"]["xaxis"]["title"]["text"]
    assert "seconds at work" in draw_comparison(compared(METHODS, "time"))["layout"]["xaxis"]["title"]["text"]
    long = compared({"a": [ran([5, 4], reached=500)], "b": [ran([3, 2], reached=400)]}, "time")
    spec = draw_comparison(long)
    assert "minutes at work" in spec["layout"]["xaxis"]["title"]["text"]
    assert traces(spec)["a"]["x"][-1] == pytest.approx(25.0)
    assert spec["layout"]["shapes"][0]["x0"] == pytest.approx(20.0)


def test_one_seed_and_no_value_have_no_band():
    spec = draw_comparison(compared({"a": [ran([3, 2])], "b": [ran([]), ran([])]}))
    assert [trace["name"] for trace in spec["data"]] == ["a", "b"]
    to_svg(spec)
    ET.fromstring(comparison_html(compared({"a": [ran([3, 2])], "b": [ran([]), ran([])]})))


@pytest.mark.parametrize("theme", ["light", "dark", "page"])
def test_the_page_has_picture_verdict_and_table_and_no_script(theme):
    record = compared({HOSTILE: METHODS["gp"], "random": METHODS["random"]})
    page = comparison_html(record, theme)
    root = ET.fromstring(page)
    assert "<script" not in page
    assert len(list(root.iter("{http://www.w3.org/2000/svg}svg"))) == 1
    texts = ["".join(cell.itertext()) for cell in root.iter("td")]
    assert texts[:6] == [HOSTILE, "3", "2", "1.5 to 2.5", "1.25", "best median"]
    assert record.verdict in "".join(root.itertext())


def test_plotly_takes_it():
    import plotly.graph_objects as go

    for theme in ("light", "dark"):
        go.Figure(themed(draw_comparison(compared(METHODS)), theme))
