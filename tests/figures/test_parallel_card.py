"""The card Parallel coordinates as a Plotly spec: what it draws, and what it says to the page."""

import math

import numpy as np
import pytest
from histories import Recorder, asynchronous_history, empty_history, full_history, hyperband_history

from tunewidgets.figures import Drawn, NotYet, draw, parallel, themed
from tunewidgets.figures.palette import GREY, WORST_TO_BEST
from tunewidgets.history import Goal, Limits, Opened, Place, Reported
from tunewidgets.space import Choice, Fixed, Float, Space
from tunewidgets.widgets.dashboard.wire import pack

ACCURACY = Goal("accuracy", "max")


def card(history, **asked):
    answer = draw("parallel", history, asked=asked)
    assert isinstance(answer, Drawn), answer
    return answer


def trace(history, **asked):
    (only,) = card(history, **asked).figure["data"]
    return only


def dimension(one, name):
    at = [axis["name"] for axis in one["meta"]["axes"]].index(name)
    return one["dimensions"][at], one["meta"]["axes"][at]


def opened(space, goals=(ACCURACY,)):
    recorder = Recorder(open_now=False)
    recorder.say(Opened(0, space, Limits(), goals))
    return recorder


def valued(values, direction="max"):
    recorder = Recorder(direction=direction)
    for value in values:
        recorder.report(recorder.start(Place(0, 0, 1)), 1, value)
    return recorder.history


def test_a_line_a_trial_with_its_number():
    history = hyperband_history()
    one = trace(history)
    assert one["type"] == "parcoords"
    assert one["customdata"].tolist() == list(history.trials)
    assert all(len(each["values"]) == len(history.trials) for each in one["dimensions"])
    units, facts = dimension(one, "units")
    assert units["values"].tolist() == [trial.config["units"] for trial in history.trials.values()]
    assert (facts["kind"], facts["low"], facts["high"], facts["miss"]) == ("integer", 32, 512, None)
    assert units["ticktext"][0] == "32"
    assert units["ticktext"][-1] == "512"


def test_a_line_that_misses_an_axis_passes_below_it():
    history = hyperband_history()
    one = trace(history)
    momentum, facts = dimension(one, "momentum")
    assert facts["miss"] < facts["low"]
    assert momentum["range"] == [facts["miss"], facts["high"]]
    assert (momentum["tickvals"][0], momentum["ticktext"][0]) == (facts["miss"], "inactive")
    missing = momentum["values"] == np.float32(facts["miss"])
    assert missing.tolist() == ["momentum" not in trial.config for trial in history.trials.values()]
    value, facts = dimension(one, "val_accuracy")
    assert value["ticktext"][0] == "no value"
    assert np.flatnonzero(value["values"] == np.float32(facts["miss"])).tolist() == [4, 13, 14]


def test_categories_are_ticks():
    one, facts = dimension(trace(hyperband_history()), "optimizer")
    assert (one["tickvals"], one["ticktext"], facts["categories"]) == ([0, 1], ["adam", "sgd"], ["adam", "sgd"])
    assert one["values"].dtype == np.int8


def test_a_logarithmic_parameter_is_drawn_as_its_logarithm():
    recorder = opened(Space(rate=Float(1e-4, 1e-1, sampling="log")))
    recorder.start(Place(0, 0, 1), {"rate": 0.01})
    one, facts = dimension(trace(recorder.history), "rate")
    assert facts["log"]
    assert one["values"].tolist() == [-2]
    assert one["tickvals"] == pytest.approx([-4, -3, -2, -1])
    assert one["ticktext"] == ["0.0001", "0.001", "0.01", "0.1"]


@pytest.mark.parametrize(("direction", "ramp"), [("max", WORST_TO_BEST), ("min", WORST_TO_BEST[::-1])])
def test_the_best_value_has_the_best_colour(direction, ramp):
    line = trace(valued([0.1, 0.5, 0.9], direction))["line"]
    assert [color for _, color in line["colorscale"]] == list(ramp)
    assert line["color"].tolist() == pytest.approx([0.1, 0.5, 0.9])
    assert line["cmin"] < 0.1
    assert line["cmax"] > 0.9


def test_lines_without_a_value_are_grey():
    line = trace(hyperband_history())["line"]
    (zero, first), (grey, second), (start, third), *_ = line["colorscale"]
    assert (zero, first, second, start, third) == (0, GREY, GREY, grey, WORST_TO_BEST[0])
    assert 0 < grey < 0.2
    assert line["color"][4] == np.float32(line["cmin"])


def test_far_worse_values_stand_at_the_end_of_their_axis():
    one, facts = dimension(trace(valued([0.6, 0.65, 0.7, 0.72, 0.8, 0.81, 0.82, 0.9, -1e6])), "val_accuracy")
    assert one["values"][-1] == np.float32(facts["low"])
    assert facts["low"] > 0.5
    assert one["ticktext"][0].startswith("≤ 0.58")


def test_the_scale_and_the_trials_can_be_chosen():
    answer = card(full_history(30, budget=4, direction="min", metric="val_loss"), scale="log", trials="with a value")
    one = answer.figure["data"][0]
    assert [(each.name, each.value) for each in answer.options] == [
        ("trials", "with a value"), ("colour", "val_loss"), ("scale", "log"),
    ]  # fmt: skip
    value, facts = dimension(one, "val_loss")
    assert facts["log"]
    assert max(value["values"]) < 0
    assert len(one["customdata"]) == 27
    assert "no value" not in value["ticktext"]


def test_at_the_highest_budget_the_caption_says_which():
    one = trace(asynchronous_history(), trials="highest budget")
    assert one["meta"]["caption"] == "trials at 9 epochs"
    assert len(one["customdata"]) < 20


def test_each_goal_has_an_axis_and_one_colours():
    recorder = opened(Space(x=Float(0.0, 1.0)), goals=(ACCURACY, Goal("latency", "min")))
    for at, latency in enumerate((5.0, 3.0, 9.0)):
        recorder.say(Reported(recorder.start(Place(0, 0, 1), {"x": 0.5}), 1, 1, 0.1 * at, {"latency": latency}))
    answer = card(recorder.history, colour="latency")
    one = answer.figure["data"][0]
    assert answer.options[1].choices == ("accuracy", "latency")
    assert [axis["goal"] for axis in one["meta"]["axes"]] == [None, "max", "min"]
    assert one["meta"]["colour"] == 2
    assert one["line"]["color"].tolist() == [5, 3, 9]


def test_what_a_user_wrote_is_text_for_plotly_and_itself_for_the_page():
    recorder = opened(Space({"<b>x</b>": Choice(["<i>", "$y$"])}), goals=(Goal("<u>", "max"),))
    recorder.start(Place(0, 0, 1), {"<b>x</b>": "<i>"})
    one = trace(recorder.history)
    assert one["dimensions"][0]["label"] == "&lt;b&gt;x&lt;/b&gt;"
    assert one["dimensions"][0]["ticktext"] == ["&lt;i&gt;", "&#36;y&#36;"]
    assert one["line"]["colorbar"]["title"]["text"] == "&lt;u&gt;"
    assert one["meta"]["axes"][0]["categories"] == ["<i>", "$y$"]


def test_before_there_is_anything_to_draw_it_says_so():
    assert draw("parallel", empty_history()).why == "no trial has started yet: each gets a line when it does"
    recorder = Recorder()
    recorder.start(Place(0, 0, 1))
    for which in ("with a value", "highest budget"):
        answer = draw("parallel", recorder.history, asked={"trials": which})
        assert isinstance(answer, NotYet)
        assert answer.options[0].value == which
    recorder = opened(Space(a=Fixed(1)))
    recorder.start(Place(0, 0, 1), {"a": 1})
    assert "one value alone" in draw("parallel", recorder.history).why


def test_a_trial_without_any_value_yet_is_drawn():
    recorder = Recorder()
    recorder.start(Place(0, 0, 1))
    value, facts = dimension(trace(recorder.history), "val_accuracy")
    assert value["ticktext"] == ["no value"]
    assert facts["miss"] is not None


def test_lines_are_capped_and_the_best_stays(monkeypatch):
    monkeypatch.setattr(parallel, "MOST_LINES", 20)
    history = asynchronous_history(60)
    one = trace(history)
    drawn = len(one["customdata"])
    assert 10 < drawn <= 20
    assert history.incumbent.number in one["customdata"]
    assert one["meta"]["caption"] == f"{drawn} of 60 trials drawn"
    assert all(len(each["values"]) == drawn for each in one["dimensions"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_whole_travels_and_is_a_figure(theme):
    import plotly.graph_objects as go

    spec = card(hyperband_history()).figure
    message, buffers = pack(spec)
    assert buffers
    assert "NaN" not in str(message)
    figure = go.Figure(themed(spec, theme))
    assert list(figure.data[0].customdata) == list(hyperband_history().trials)
    assert all(not math.isnan(end) for each in figure.data[0].dimensions for end in each.range)
