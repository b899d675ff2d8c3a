"""Maps, panels and parallel coordinates in pictures that are drawn without a browser."""

import base64
import re
import struct
import zlib
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from histories import hyperband_history

from tunewidgets.figures import draw
from tunewidgets.figures.layout import layout
from tunewidgets.figures.svg import to_svg
from tunewidgets.figures.svg_axes import Scale, ticks

SVG = "{http://www.w3.org/2000/svg}"


def mapped(z, kind="heatmap", **more):
    z = np.array(z, float)
    trace = {"type": kind, "x": np.arange(z.shape[1]), "y": np.arange(z.shape[0]), "z": z}
    trace |= {"colorscale": [[0.0, "#000000"], [1.0, "#ff0000"]], **more}
    return {"data": [trace], "layout": layout(height=300, xaxis={"range": [-0.5, 1.5]}, yaxis={"range": [-0.5, 1.5]})}


def pixels(svg):
    data = base64.b64decode(re.search(r"base64,([^\"]+)", svg).group(1))
    width, height = struct.unpack(">II", data[16:24])
    rows = zlib.decompress(data[data.index(b"IDAT") + 4 : data.index(b"IEND") - 8])
    return np.frombuffer(rows, np.uint8).reshape(height, 1 + 4 * width)[:, 1:].reshape(height, width, 4)


def test_a_map_is_an_image_with_the_first_row_at_the_bottom():
    drawn = pixels(to_svg(mapped([[0.0, 1.0], [np.nan, 0.5]])))
    assert drawn[1, 0].tolist() == [0, 0, 0, 255]
    assert drawn[1, 1].tolist() == [255, 0, 0, 255]
    assert drawn[0, 0, 3] == 0, "what is not known is clear"
    assert drawn[0, 1, 0] in (127, 128)


def test_its_bar_says_the_lowest_and_the_highest_value():
    words = [node.text for node in ET.fromstring(to_svg(mapped([[2.0, 3.0], [4.0, 5.0]]))).iter(f"{SVG}text")]
    assert {"2", "5"} <= set(words)
    decades = to_svg(mapped([[-2.0, -1.0], [0.0, 1.0]], "contour", colorbar={"tickprefix": "10<sup>"}))
    assert {"0.01", "10"} <= {node.text for node in ET.fromstring(decades).iter(f"{SVG}text")}


def test_a_map_of_nothing_is_no_picture():
    assert "<image" not in to_svg(mapped([[np.nan, np.nan], [np.nan, np.nan]]))


def test_axes_side_by_side_keep_to_their_own_part():
    axis = {"range": [0.0, 1.0]}
    two = layout(
        height=200,
        xaxis={**axis, "domain": [0.0, 0.4], "anchor": "y"},
        yaxis={**axis, "anchor": "x"},
        xaxis2={**axis, "domain": [0.6, 1.0], "anchor": "y2"},
        yaxis2={**axis, "anchor": "x2", "showticklabels": False, "title": None},
    )
    tree = ET.fromstring(to_svg({"data": [], "layout": two}, 500))
    across = [line for line in tree.iter(f"{SVG}line") if line.get("y1") == line.get("y2")]
    ends = {(float(line.get("x1")), float(line.get("x2"))) for line in across if float(line.get("x2")) > 250}
    assert all(left > 250 for left, _ in ends), "no line of the right part begins in the left one"


def test_powers_of_ten_stand_as_far_apart_as_the_axis_says():
    on = Scale(-4.0, 4.0, 0.0, 100.0, log=True)
    assert [tick.text for tick in ticks({"dtick": 4}, on, 5)] == ["0.0001", "1", "1e+04"]


def test_parallel_coordinates_are_lines_across_axes():
    history = hyperband_history()
    answer = draw("parallel", history)
    tree = ET.fromstring(to_svg(answer.figure, 700))
    dimensions = answer.figure["data"][0]["dimensions"]
    assert len(list(tree.iter(f"{SVG}line"))) == len(dimensions)
    assert len(list(tree.iter(f"{SVG}path"))) == len(answer.figure["data"][0]["customdata"])
    assert {node.text for node in tree.iter(f"{SVG}text")} >= {dimension["label"] for dimension in dimensions}


@pytest.mark.parametrize(
    "asked", [{}, {"up": "the value"}, {"across": "optimizer", "up": "units"}, {"show": "calibration"}]
)
def test_the_surrogate_can_be_drawn_without_a_browser(asked):
    ET.fromstring(to_svg(draw("surrogate", hyperband_history(), asked=asked).figure, 800))
