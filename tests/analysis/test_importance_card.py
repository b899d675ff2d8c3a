"""The card Importance: bars, whiskers, options, and what it says where there is too little."""

import re

import numpy as np
import pytest
from histories import R81, full_history, ladder_history
from test_importance import history, lda, sampled

from tunewidgets.figures import Drawn, NotYet, draw
from tunewidgets.figures.importance import draw_importance
from tunewidgets.figures.svg import to_svg
from tunewidgets.history import Goal
from tunewidgets.space import Float, Space


def traces(answer):
    return {trace["name"]: trace for trace in answer.figure["data"]}


def labels(answer):
    return answer.figure["layout"]["yaxis"]["ticktext"]


def caption(answer):
    return answer.figure["layout"]["xaxis"]["title"]["text"]


@pytest.fixture(scope="module")
def answer():
    return draw("importance", lda(slice(0, None, 3)))


def test_bars_are_singles_and_pairs_the_longest_first(answer):
    assert labels(answer)[0] == "batch"
    assert "kappa \N{MULTIPLICATION SIGN} batch" in labels(answer)
    drawn = traces(answer)
    lengths = np.zeros(6)
    for name in ("one parameter", "two together"):
        lengths[drawn[name]["y"].astype(int)] = drawn[name]["x"]
    assert (np.diff(lengths) <= 0).all()
    assert lengths.sum() <= 100


def test_a_whisker_goes_from_low_to_high_about_the_end_of_its_bar(answer):
    for bars, whiskers in zip(answer.figure["data"][:4:2], answer.figure["data"][1:4:2], strict=True):
        ends = whiskers["x"].reshape(-1, 7)
        assert np.isnan(ends[:, 6]).all()
        assert (ends[:, 0] <= bars["x"]).all()
        assert (bars["x"] <= ends[:, 5]).all()


def test_the_caption_says_what_the_shares_rest_on(answer):
    assert re.fullmatch(r"% of the variance of loss<br>96 trials · the forest explains \d\d %", caption(answer))
    assert "at 27 epochs · the forest explains" in caption(draw("importance", ladder_history(R81)))


def test_what_is_shown_can_be_chosen(answer):
    made = lda(slice(0, None, 3))
    assert [(each.name, each.choices) for each in answer.options] == [
        ("show", ("all", "single", "pairs")), ("goal", ("loss",)), ("budget", ("as long as it takes",)),
    ]  # fmt: skip
    assert sorted(labels(draw("importance", made, asked={"show": "single"}))) == ["batch", "kappa", "tau0"]
    assert all(
        "\N{MULTIPLICATION SIGN}" in label for label in labels(draw("importance", made, asked={"show": "pairs"}))
    )


def test_budget_and_goal_can_be_chosen():
    ladder = draw("importance", ladder_history(R81), asked={"budget": "3 epochs"})
    assert [(each.choices, each.value) for each in ladder.options if each.name == "budget"] == [
        (("27 epochs", "9 epochs", "3 epochs", "1 epoch"), "3 epochs")
    ]
    assert "at 3 epochs" in caption(ladder)
    space = Space(x=Float(0, 1), y=Float(0, 1))
    two = history(space, sampled(space, 30, lambda c: (c["x"], c["y"])), (Goal("loss", "min"), Goal("size", "max")))
    assert labels(draw("importance", two))[0] == "x"
    sized = draw("importance", two, asked={"goal": "size"})
    assert (labels(sized)[0], caption(sized).split("<br>")[0]) == ("y", "% of the variance of size")


def test_a_selection_of_trials_is_looked_at_alone():
    answer = draw_importance(lda(), trials=range(0, 288, 4))
    assert "72 trials" in caption(answer)


def test_where_the_forest_explains_little_it_says_so():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    rng = np.random.default_rng(0)
    answer = draw("importance", history(space, sampled(space, 40, lambda _c: rng.normal())))
    assert answer.note.endswith("these shares are hardly more than noise.")


def test_trials_that_were_held_back_are_spoken_of():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    made = history(space, sampled(space, 60, lambda c: 1e6 if c["y"] < 0.05 else c["x"]))
    answer = draw("importance", made)
    assert "far worse than all others little is seen here" in answer.note
    assert draw("importance", history(space, sampled(space, 60, lambda c: c["x"]))).note == ""


def test_with_too_little_it_says_what_is_needed():
    assert draw("importance", full_history(12, budget=9)).why == (
        "11 trials have a value at 9 epochs; what matters can be told from 20 on"
    )
    space = Space(x=Float(0, 1))
    one = history(space, sampled(space, 1, lambda c: c["x"]))
    assert draw("importance", one).why == "1 trial has a value; what matters can be told from 20 on"
    same = history(space, sampled(space, 30, lambda _c: 1.0))
    assert "same value" in draw("importance", same).why
    lone = history(space, sampled(space, 30, lambda c: c["x"]))
    assert isinstance(draw("importance", lone), Drawn)
    pairs = draw("importance", lone, asked={"show": "pairs"})
    assert isinstance(pairs, NotYet)
    assert [each.name for each in pairs.options] == ["show", "goal", "budget"]


def test_the_longest_bars_are_drawn_and_the_caption_counts_the_others():
    space = Space({f"x{index}": Float(0, 1) for index in range(8)})
    answer = draw("importance", history(space, sampled(space, 40, lambda c: c["x1"] + c["x2"])))
    assert len(labels(answer)) == 12
    assert caption(answer).endswith("<br>the 12 longest of 36 bars")


def test_names_are_no_markup():
    space = Space({"<b>$x$</b>": Float(0, 1), "y": Float(0, 1)})
    answer = draw("importance", history(space, sampled(space, 30, lambda c: c["y"]), (Goal("<i>", "min"),)))
    assert not re.search("<[ib]>", f"{labels(answer)} {caption(answer)}")


def test_its_picture_has_room_for_every_line_below(answer):
    svg = to_svg(answer.figure, 700)
    height = float(re.search(r'height="(\d+)"', svg)[1])
    lines = [float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)"[^>]*>(?:<tspan[^>]*>)% of', svg)]
    assert lines
    assert lines[0] + 1.3 * 12 < height
    assert "kappa \N{MULTIPLICATION SIGN} batch" in svg
