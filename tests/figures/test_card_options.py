"""What a person may choose about a card: metrics, scales, and what trials are drawn against."""

import numpy as np
import pytest
from histories import Recorder, empty_history, full_history, hyperband_history

from tunewidgets.analysis.curves import learning_curves, reported_metrics
from tunewidgets.errors import TuneError
from tunewidgets.figures import draw
from tunewidgets.figures.answers import Option, option
from tunewidgets.figures.cards import check_options
from tunewidgets.figures.layout import scales, value_axis
from tunewidgets.history import Place


def chosen(answer):
    return {each.name: each.value for each in answer.options}


def choices(answer):
    return {each.name: each.choices for each in answer.options}


def test_what_is_not_to_be_had_is_the_first_choice():
    assert option("scale", "scale", ["linear", "log"], {}) == Option("scale", "scale", ("linear", "log"), "linear")
    assert option("scale", "scale", ["linear"], {"scale": "log"}).value == "linear"


def test_curves_of_any_metric_that_was_reported():
    history = hyperband_history()
    assert reported_metrics(history) == ("val_accuracy", "loss")
    answer = draw("curves", history, asked={"metric": "loss"})
    assert choices(answer)["metric"] == ("val_accuracy", "loss")
    assert chosen(answer)["metric"] == "loss"
    assert "loss (lower is better)" in answer.figure["layout"]["yaxis"]["title"]["text"]
    ours, theirs = learning_curves(history), learning_curves(history, metric="loss")
    for own, other in zip(ours.curves, theirs.curves, strict=True):
        assert own.steps == other.steps
        assert other.values == pytest.approx([round(1 - value, 4) for value in own.values])


def test_of_a_metric_that_says_nothing_nobody_knows_which_values_are_better():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 3))
    recorder.report(trial, 2)
    record = learning_curves(recorder.history, metric="size")
    assert record.direction is None
    assert record.curves[0].values == (None, None)
    assert value_axis([1.0, 2.0], "size", None)["title"]["text"] == "size"


def test_before_the_first_report_the_metric_is_the_searchs():
    assert reported_metrics(empty_history()) == ("val_accuracy",)


@pytest.mark.parametrize(
    ("values", "direction", "found"),
    [
        ([1.0, 2.0], "min", ("linear", "log")),
        ([1e-4, 2.0], "min", ("log", "linear")),
        ([1e-4, 2.0], "max", ("linear", "log")),
        ([1e-4, 2.0], None, ("log", "linear")),
        ([0.0, 2.0], "min", ("linear",)),
        ([], "min", ("linear",)),
    ],
)
def test_the_scale_that_suits_the_values_comes_first(values, direction, found):
    assert scales(values, direction) == found
    assert (value_axis(values, "m", direction).get("type") == "log") == (found[0] == "log")


@pytest.mark.parametrize("card", ["trials", "curves"])
def test_the_scale_can_be_chosen(card):
    history = full_history(9, budget=3, direction="min", metric="val_loss")
    axes = {scale: draw(card, history, asked={"scale": scale}).figure["layout"]["yaxis"] for scale in ("linear", "log")}
    assert (axes["linear"].get("type"), axes["log"]["type"]) == (None, "log")
    assert axes["log"]["range"] == pytest.approx(np.log10(axes["linear"]["range"]), abs=0.3)


def test_trials_against_time_stand_where_their_newest_leg_ended():
    recorder = Recorder()
    first, second = recorder.start(Place(0, 0, 2)), recorder.start(Place(0, 0, 2))
    recorder.complete(second)
    recorder.complete(first)
    answer = draw("trials", recorder.history, asked={"against": "time"})
    (marks,) = [trace for trace in answer.figure["data"] if trace["name"] == "completed"]
    assert marks["customdata"].tolist() == [first, second]
    assert marks["x"].tolist() == pytest.approx([4.6, 2.4])
    assert "seconds" in answer.figure["layout"]["xaxis"]["title"]["text"]
    assert draw("trials", recorder.history).figure["layout"]["xaxis"]["title"]["text"] == "trial"


def test_against_time_the_best_improves_in_the_order_in_which_trials_ended():
    recorder = Recorder(values=lambda trial, _step: [0.9, 0.5][trial])
    first, second = recorder.start(Place(0, 0, 1)), recorder.start(Place(0, 0, 1))
    recorder.complete(second)
    recorder.complete(first)
    lines = {
        against: next(
            t
            for t in draw("trials", recorder.history, asked={"against": against}).figure["data"]
            if t["mode"] == "lines"
        )
        for against in ("number", "time")
    }
    assert lines["number"]["y"].tolist() == [0.9, 0.9]
    assert lines["time"]["y"].tolist() == [0.5, 0.9, 0.9]
    assert (np.diff(lines["time"]["x"]) >= 0).all()


def test_the_rail_and_the_marks_agree_on_the_time():
    answer = draw("trials", hyperband_history(), asked={"against": "time"})
    last = answer.figure["layout"]["xaxis"]["range"][1]
    for trace in answer.figure["data"]:
        known = trace["x"][np.isfinite(trace["x"])]
        assert ((known >= 0) & (known <= last)).all()


def test_what_a_card_does_not_have_is_complained_of_with_what_it_has():
    options = draw("curves", hyperband_history()).options
    check_options("curves", options, {"metric": "loss"})
    with pytest.raises(TuneError, match="the card 'curves' has no option 'colour': it has 'metric', 'scale'"):
        check_options("curves", options, {"colour": "red"})
    with pytest.raises(
        TuneError, match="the option 'metric' of the card 'curves' can be 'val_accuracy', 'loss', not 'x'"
    ):
        check_options("curves", options, {"metric": "x"})
    with pytest.raises(TuneError, match="it has none"):
        check_options("timeline", (), {"metric": "loss"})
