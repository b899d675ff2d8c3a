"""The card Pareto: trials by two goals, what none beats, and the share that it rules out."""

import numpy as np
import pytest
from histories import full_history
from test_front import ACCURACY, PARAMS, TIME, history

from tunewidgets.figures import NotYet, draw
from tunewidgets.figures.svg import to_svg
from tunewidgets.history import Constraint, Goal

# Beaten, best, best, best, beaten:
TRIALS = [(0.80, 90.0), (0.90, 50.0), (0.95, 80.0), (0.85, 20.0), (0.90, 60.0)]


def figure(*args, **kwargs):
    return draw("pareto", history(*args, **kwargs)).figure


def traces(spec):
    return {trace["name"]: trace for trace in spec["data"]}


def test_what_none_beats_are_stars_and_the_rest_is_beaten():
    drawn = traces(figure(TRIALS))
    assert drawn["best trade-offs"]["customdata"].tolist() == [1, 2, 3]
    assert drawn["best trade-offs"]["x"].tolist() == [0.90, 0.95, 0.85]
    assert drawn["best trade-offs"]["y"].tolist() == [50.0, 80.0, 20.0]
    assert drawn["beaten"]["customdata"].tolist() == [0, 4]
    assert drawn["best trade-offs"]["marker"]["symbol"] == "star"
    assert "over a bound" not in drawn


def test_what_breaks_a_constraint_is_marked_so_and_no_star():
    drawn = traces(figure(TRIALS, constraints=(Constraint("params", 60.0),)))
    assert drawn["over a bound"]["customdata"].tolist() == [0, 2]
    assert drawn["best trade-offs"]["customdata"].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("first", "second", "shape"),
    [("min", "min", "hv"), ("max", "max", "vh"), ("min", "max", "hv"), ("max", "min", "vh")],
)
def test_the_border_runs_along_what_the_stars_rule_out(first, second, shape):
    rng = np.random.default_rng(0)
    goals = (Goal("a", first), Goal("b", second))
    spec = figure([tuple(pair) for pair in rng.random((30, 2)).tolist()], goals=goals)
    border, stars = traces(spec)["border"], traces(spec)["best trade-offs"]
    assert border["line"]["shape"] == shape
    assert sorted(zip(stars["x"], stars["y"], strict=True)) == list(zip(border["x"], border["y"], strict=True))
    # The corner between two stars lies where both are at least as good as it.
    for (x0, y0), (x1, y1) in zip(*[zip(border["x"][k:], border["y"][k:], strict=True) for k in (0, 1)], strict=False):
        corner = (x1, y0) if shape == "hv" else (x0, y1)
        for x, y in ((x0, y0), (x1, y1)):
            assert (x <= corner[0]) if first == "min" else (x >= corner[0])
            assert (y <= corner[1]) if second == "min" else (y >= corner[1])


def test_the_share_that_is_ruled_out_grows_to_that_of_the_front():
    line = traces(figure(TRIALS))["ruled out"]
    # From the corner (0.785, 97) to the best of every goal, (0.95, 20).
    box = (0.95 - 0.785) * (97.0 - 20.0)
    last = ((0.95 - 0.90) * (97 - 80) + (0.90 - 0.85) * (97 - 50) + (0.85 - 0.785) * (97 - 20)) / box
    assert line["y"][0] == pytest.approx((0.80 - 0.785) * (97 - 90) / box)
    assert line["y"][-2:] == pytest.approx([last, last])
    assert line["x"].tolist() == [0, 1, 2, 3, 4]
    assert line["customdata"].tolist() == [0, 1, 2, 3, 3]
    assert (line["xaxis"], line["yaxis"]) == ("x2", "y2")


def test_of_three_goals_two_are_drawn_and_there_is_no_border():
    spec = figure([(*pair, float(index)) for index, pair in enumerate(TRIALS)], goals=(ACCURACY, PARAMS, TIME))
    assert "border" not in traces(spec)
    assert "2 of 3 goals drawn" in spec["layout"]["xaxis2"]["title"]["text"]


def test_goals_over_decades_get_a_logarithmic_axis():
    spec = figure([(0.9, 10.0), (0.95, 1e6)])
    assert spec["layout"]["yaxis"]["type"] == "log"
    assert "lower is better" in spec["layout"]["yaxis"]["title"]["text"]


def test_without_a_feasible_trial_it_says_so():
    answer = draw("pareto", history(TRIALS, constraints=(Constraint("params", 1.0),)))
    assert "no trial that keeps every constraint has come to rest" in answer.why


def test_with_one_goal_or_no_result_it_says_why():
    assert "one goal" in draw("pareto", full_history(5)).why
    assert draw("pareto", history([])) == NotYet(
        "no trial has come to rest with a value of every goal yet: each is drawn when it does"
    )


def test_its_picture_has_both_parts_one_above_the_other():
    svg = to_svg(figure([(a, 1e5 * b) for a, b in TRIALS]), 600)
    assert "val_accuracy (higher is better)" in svg
    assert "trial · 3 best trade-offs" in svg
    assert svg.index("val_accuracy") < svg.index("trial · 3")


def test_labels_of_large_numbers_stand_beside_the_title_and_not_on_it():
    from xml.etree import ElementTree as ET

    svg = ET.fromstring(to_svg(figure([(a, 1e6 + 1e4 * b) for a, b in TRIALS]), 600))
    texts = [element for element in svg.iter() if element.tag.endswith("text")]
    ends = [float(each.get("x")) - 7.0 * len(each.text or "") for each in texts if each.get("text-anchor") == "end"]
    assert min(ends) > 14.0


def test_many_trials_are_thinned_and_the_front_stays():
    rng = np.random.default_rng(0)
    spec = figure([tuple(pair) for pair in rng.random((5000, 2)).tolist()])
    assert sum(len(trace["x"]) for trace in spec["data"][:2]) < 2200
    assert spec["data"][0]["type"] == "scattergl"
    whole = draw("pareto", history([tuple(pair) for pair in np.random.default_rng(0).random((5000, 2)).tolist()]))
    assert len(traces(spec)["best trade-offs"]["x"]) == len(traces(whole.figure)["border"]["x"])


def test_other_goals_can_be_chosen_and_none_is_drawn_against_itself():
    trials = [(*pair, float(index)) for index, pair in enumerate(TRIALS)]
    answer = draw("pareto", history(trials, goals=(ACCURACY, PARAMS, TIME)), asked={"across": "time", "up": "time"})
    assert [(each.name, each.choices, each.value) for each in answer.options] == [
        ("across", ("val_accuracy", "params", "time"), "time"),
        ("up", ("val_accuracy", "params"), "val_accuracy"),
    ]
    stars = traces(answer.figure)["best trade-offs"]
    assert stars["x"].tolist() == [trials[number][2] for number in stars["customdata"]]
    assert stars["y"].tolist() == [trials[number][0] for number in stars["customdata"]]
    assert answer.figure["layout"]["xaxis"]["title"]["text"].startswith("time")
