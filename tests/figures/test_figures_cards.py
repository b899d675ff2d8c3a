"""Cards as plain Plotly specs: data compared, not pixels."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from histories import (
    R9,
    R81,
    SPACE,
    Recorder,
    asynchronous_history,
    empty_history,
    full_history,
    hyperband_history,
    ladder_history,
    large_history,
)

from tunewidgets.figures import CARDS, Broken, Drawn, NotYet, Tabled, cards, draw, themed
from tunewidgets.figures.details import details, plain_data
from tunewidgets.figures.layout import thinned
from tunewidgets.history import Goal, History, Limits, Opened, Place, Plan, Planned

HISTORIES = {
    "hyperband": (hyperband_history(), R9),
    "minimised": (hyperband_history(direction="min", metric="val_loss"), R9),
    "planned": (empty_history(), R81),
    "large brackets": (ladder_history(R81), R81),
    "asynchronous": (asynchronous_history(), None),
    "full": (full_history(30, budget=4, running=3), None),
    "one": (full_history(1, budget=4), None),
    "large": (large_history(3000, reports=4), None),
}


def figure(name, history, plan=None):
    answer = draw(name, history, plan=plan)
    assert isinstance(answer, Drawn), answer
    return answer.figure


def trace(spec, name, **where):
    (found,) = [
        t
        for t in spec["data"]
        if t.get("name") == name and t.get("showlegend", True) and all(t.get(k) == v for k, v in where.items())
    ]
    return found


@pytest.mark.parametrize("card", ["trials", "curves", "brackets", "importance", "parallel", "timeline"])
@pytest.mark.parametrize("which", HISTORIES)
def test_plotly_takes_every_figure(card, which):
    import plotly.graph_objects as go

    history, plan = HISTORIES[which]
    answer = draw(card, history, plan=plan)
    assert isinstance(answer, Drawn | NotYet)
    if isinstance(answer, Drawn):
        for theme in ("light", "dark"):
            go.Figure(themed(answer.figure, theme))
        assert set(answer.figure) == {"data", "layout"}
        assert answer.figure["layout"]["paper_bgcolor"] == answer.figure["layout"]["plot_bgcolor"] == "rgba(0,0,0,0)"


@pytest.mark.parametrize("which", HISTORIES)
@pytest.mark.parametrize("card", ["trials", "curves", "brackets", "importance", "timeline"])
def test_points_carry_numbers_of_trials_and_no_texts_to_hover(card, which):
    history, plan = HISTORIES[which]
    answer = draw(card, history, plan=plan)
    drawn = answer.figure["data"] if isinstance(answer, Drawn) else []
    for one in drawn:
        assert one["hoverinfo"] in ("none", "skip")
        if one["hoverinfo"] == "none":
            assert one["customdata"].dtype.kind == "i"
            assert len(one["customdata"]) == len(one["x"])
            assert set(one["customdata"].tolist()) <= set(history.trials)


def test_cards_in_their_order():
    assert list(CARDS) == [
        "trials",
        "curves",
        "brackets",
        "surrogate",
        "parallel",
        "effects",
        "importance",
        "pareto",
        "population",
        "timeline",
        "table",
    ]
    assert all(card.name == name and card.sentence and card.help for name, card in CARDS.items())


def test_before_the_first_trial_each_card_says_when_there_will_be_something():
    for name in CARDS:
        answer = draw(name, empty_history())
        assert isinstance(answer, NotYet)
        assert ("no trial has" if name != "pareto" else "this search has one goal") in answer.why
    assert isinstance(draw("brackets", empty_history(), plan=R9), Drawn)


def test_what_never_will_be_says_why():
    full = full_history(5, budget=8)
    sentence = "every trial trains to the full budget: there are no rungs to draw"
    assert draw("brackets", full) == NotYet(sentence, expected=False)
    assert draw("brackets", empty_history(), plan=Plan(((Planned(5, 8),),))) == NotYet(sentence, expected=False)
    assert draw("curves", full_history(5)) == NotYet(
        "every trial has given one value: a curve is drawn from a trial's second report on", expected=False
    )
    for name in ("pareto", "population"):
        assert not draw(name, full).expected


def test_curves_keep_their_place_where_the_plan_promises_some():
    one, many = (Plan(((Planned(5, budget),),)) for budget in (1, 8))
    assert draw("curves", empty_history(), plan=many).expected
    assert draw("curves", empty_history(), plan=R9).expected
    for plan in (one, Plan(((Planned(5, None),),))):
        assert not draw("curves", empty_history(), plan=plan).expected


def test_a_curve_is_there_with_the_second_report():
    recorder = Recorder()
    recorder.start(Place(None, 0, None))
    recorder.report(0, 1, 0.5)
    plan = Plan(((Planned(5, None),),))
    assert not draw("curves", recorder.history, plan=plan).expected
    recorder.report(0, 2, 0.4)
    assert isinstance(draw("curves", recorder.history, plan=plan), Drawn)


def test_an_error_stays_in_its_card(monkeypatch):
    def breaks(_history, _plan, _asked):
        raise ZeroDivisionError("x / 0")

    monkeypatch.setattr(cards, "CARDS", {"trials": replace(CARDS["trials"], draw=breaks)})
    answer = draw("trials", hyperband_history())
    assert answer == Broken("the card Trials could not be drawn: ZeroDivisionError: x / 0")
    assert isinstance(draw("nothing", History()), Broken)


def test_the_table_is_a_record():
    answer = draw("table", hyperband_history())
    assert isinstance(answer, Tabled)
    assert len(answer.record.rows) == 15


def test_trials_stand_at_their_values_and_failed_ones_on_the_rail():
    spec = figure("trials", hyperband_history())
    history = hyperband_history()
    pruned = trace(spec, "pruned")
    assert dict(zip(pruned["x"].tolist(), pruned["y"].tolist(), strict=True)) == {
        n: t.value for n, t in history.trials.items() if t.state == "pruned"
    }
    assert trace(spec, "failed")["yaxis"] == "y2"
    assert trace(spec, "failed")["x"].tolist() == [4]
    on_rail = [t for t in spec["data"] if t.get("yaxis") == "y2" and "customdata" in t]
    assert sorted(n for t in on_rail for n in t["customdata"].tolist()) == [4, 13, 14]


def test_a_trial_that_failed_after_a_good_report_stands_on_the_rail_too():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 5))
    recorder.report(trial, 2, 0.99)
    recorder.fail(trial)
    assert trace(figure("trials", recorder.history), "failed")["yaxis"] == "y2"


def test_the_line_of_the_best_goes_on_to_the_newest_trial():
    spec = figure("trials", hyperband_history())
    line = trace(spec, "best at 9 epochs")
    assert line["line"]["shape"] == "hv"
    assert line["x"].tolist() == [1, 14]
    assert line["y"][0] == line["y"][1] == hyperband_history().incumbent.value


def test_further_trained_trials_are_larger():
    spec = figure("trials", hyperband_history())
    pruned = trace(spec, "pruned")
    sizes = dict(zip(pruned["x"].tolist(), pruned["marker"]["size"].tolist(), strict=True))
    assert sizes[0] > sizes[2]  # trial 0 came to 3 epochs, trial 2 to 1
    assert trace(spec, "completed")["marker"]["size"][0] == 11


def test_axes_name_the_metric_its_direction_and_the_unit():
    layout = figure("curves", hyperband_history(unit="tree"))["layout"]
    assert layout["yaxis"]["title"]["text"] == "val_accuracy (higher is better)"
    assert layout["xaxis"]["title"]["text"] == "trees"
    lower = figure("trials", hyperband_history(direction="min", metric="val_loss"))["layout"]
    assert lower["yaxis"]["title"]["text"] == "val_loss (lower is better)"


def test_hostile_names_are_no_markup_to_plotly():
    hostile = "<b>$x$</b>"
    spec = figure("curves", hyperband_history(metric=hostile, unit="<i>"), R9)
    assert spec["layout"]["yaxis"]["title"]["text"] == "&lt;b&gt;&#36;x&#36;&lt;/b&gt; (higher is better)"
    for card in ("trials", "curves", "brackets"):
        drawn = figure(card, hyperband_history(metric=hostile, unit="<i>"), R9)
        assert "<i>" not in json.dumps(drawn, default=str)
        assert "<b>" not in json.dumps(drawn, default=str)


def test_curves_are_one_trace_a_state_with_gaps_between_trials():
    spec = figure("curves", hyperband_history(), R9)
    paused = trace(spec, "paused")
    assert paused["customdata"].tolist() == [9] * 4 + [10] * 4
    assert np.isnan(paused["y"][[3, 7]]).all()
    assert paused["x"][:3].tolist() == [1, 2, 3]
    assert trace(spec, "pruned")["line"]["width"] < paused["line"]["width"], "what was cut steps back"
    best = trace(spec, "best")
    assert set(best["customdata"].tolist()) == {1}
    assert best["line"]["width"] > paused["line"]["width"]
    assert [shape["x0"] for shape in spec["layout"]["shapes"]] == [1, 3]


def test_wide_rungs_get_a_logarithmic_axis():
    axis = figure("curves", ladder_history(R81), R81)["layout"]["xaxis"]
    assert axis["type"] == "log"
    assert axis["tickvals"] == [1, 3, 9, 27, 81]
    assert "type" not in figure("curves", ladder_history(R9), R9)["layout"]["xaxis"]


def test_a_report_that_is_not_finite_leaves_a_gap():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 3))
    recorder.report(trial, 1, 0.5)
    recorder.report(trial, 2, math.nan)
    recorder.report(trial, 3, 0.7)
    running = trace(figure("curves", recorder.history), "running")
    assert np.isnan(running["y"]).tolist() == [False, True, False, True]


def values_layout(values, direction):
    recorder = Recorder(direction=direction)
    for value in values:
        trial = recorder.start(Place(0, 0, 1))
        recorder.report(trial, 1, value)
        recorder.complete(trial)
    return figure("trials", recorder.history)["layout"]


def values_axis(values, direction):
    return values_layout(values, direction)["yaxis"]


def test_losses_over_decades_get_a_logarithmic_axis():
    assert values_axis([1e-4, 0.1, 1.0, 5.0], "min")["type"] == "log"
    assert "type" not in values_axis([0.1, 0.2, 0.5], "min")
    assert "type" not in values_axis([1e-4, 0.1, 1.0], "max")
    assert "type" not in values_axis([-1.0, 0.1, 1000.0], "min")


def test_a_stray_does_not_squash_the_others():
    near = [0.6, 0.65, 0.7, 0.72, 0.8, 0.81, 0.82, 0.9]
    shown = values_layout([*near, -1e6], "max")
    axis = shown["yaxis"]
    assert axis["title"]["text"] == "val_accuracy (higher is better)"
    (note,) = shown["annotations"]
    assert (note["text"], note["y"], note["yanchor"]) == ("↓ 1 far worse below", axis["domain"][0], "bottom")
    (note,) = values_layout([*near, 1e6, 2e6, -5.0], "min")["annotations"]
    assert (note["text"], note["y"]) == ("↑ 2 far worse above", 1.0)
    assert not values_layout(near, "max")["annotations"]
    assert axis["range"] == [pytest.approx(0.582), pytest.approx(0.918)]
    assert values_axis([0.6, 0.65, 0.7, 0.72, 0.8, 0.81, 0.82, 0.9, 0.2], "max")["range"] == pytest.approx(
        [0.158, 0.942]
    )


def test_small_brackets_show_every_configuration():
    spec = figure("brackets", hyperband_history(), R9)
    marks = {t["name"]: t for t in spec["data"]}
    assert {name: len(t["x"]) for name, t in marks.items()} == {
        "way": 12, "promoted": 4, "completed": 1, "running": 3, "paused": 2, "pruned": 7, "stopped": 1, "failed": 1,
        "to come": 3,
    }  # fmt: skip
    assert [note["text"] for note in spec["layout"]["annotations"]] == [
        "9 of 9 · 1 epoch", "3 of 3 · 3 epochs", "1 of 1 · 9 epochs", "3 of 5 · 3 epochs", "1 @ 9 epochs",
        "0 of 3 · 9 epochs",
    ]  # fmt: skip
    assert spec["layout"]["yaxis"]["ticktext"][0] == "bracket 0<br>20 of 21 epochs"
    assert spec["layout"]["xaxis"]["ticktext"] == ["1", "3", "9"]
    assert spec["layout"]["xaxis"]["title"]["text"] == "epochs at the rung · 29 of 69 epochs spent"


def test_the_ways_lead_from_a_mark_to_a_mark_and_do_not_cross():
    spec = figure("brackets", ladder_history(R9, seed=5), R9)
    ways, marks = next(t for t in spec["data"] if t["name"] == "way"), set()
    for one in spec["data"]:
        if "customdata" in one:
            marks |= set(zip(one["x"].tolist(), one["y"].tolist(), strict=True))
    legs = [
        ((x[0], y[0]), (x[1], y[1])) for x, y in zip(ways["x"].reshape(-1, 3), ways["y"].reshape(-1, 3), strict=True)
    ]
    assert len(legs) == 5
    assert all(start in marks and end in marks for start, end in legs)
    first = sorted((a, b) for (x, a), (_, b) in legs if x == 0)
    assert [b for _, b in first] == sorted(b for _, b in first)


def test_the_plan_alone_is_outlined():
    spec = figure("brackets", empty_history(), R9)
    (only,) = spec["data"]
    assert (only["name"], len(only["x"])) == ("to come", 22)
    assert spec["layout"]["annotations"][0]["text"] == "9 @ 1 epoch"


@pytest.mark.parametrize(("trials", "kind"), [(None, "scatter"), (12, "scatter"), (13, "bar")])
def test_a_ladder_that_will_be_large_does_not_change_its_looks_as_it_grows(trials, kind):
    recorder = Recorder(limits=Limits(trials=trials))
    for budget in (1, 3):
        recorder.pause(recorder.start(Place(0, int(budget > 1), budget)))
    kinds = {trace["type"] for trace in figure("brackets", recorder.history)["data"] if trace["name"] == "paused"}
    assert kinds == {kind}


@pytest.mark.parametrize(("passes", "kind"), [(1, "scatter"), (2, "bar")])
def test_so_many_brackets_that_marks_would_run_into_each_other_are_bars(passes, kind):
    spec = figure("brackets", empty_history(), Plan(R9.brackets * passes))
    assert {trace["type"] for trace in spec["data"] if trace["name"] == "to come"} == {kind}


def test_the_numbers_in_bars_are_of_one_size():
    spec = figure("brackets", ladder_history(R81), R81)
    assert {trace["constraintext"] for trace in spec["data"] if "text" in trace} == {"none"}


def test_large_brackets_are_bars_divided_by_outcome():
    history = ladder_history(R81, failing=frozenset({0, 1}))
    spec = figure("brackets", history, R81)
    went, cut, failed = (trace(spec, name, type="bar") for name in ("promoted", "pruned", "failed"))
    share = 0.78 / 81
    assert went["x"][0] == pytest.approx(27 * share)
    assert cut["x"][0] == pytest.approx(52 * share)
    assert failed["x"][0] == pytest.approx(2 * share)
    assert cut["base"][0] == pytest.approx(went["base"][0] + went["x"][0])
    assert (went["text"][0], failed["text"][0]) == ("27", "")
    assert spec["layout"]["annotations"][1]["text"] == "27 of 27"
    pointed = next(t for t in spec["data"] if t["name"] == "trials")
    assert len(pointed["x"]) == R81.legs
    assert pointed["marker"]["opacity"] == 0


def test_of_many_brackets_those_at_work_are_shown():
    plan = Plan(tuple((Planned(3, 1), Planned(1, 3)) for _ in range(20)))
    recorder = Recorder()
    for number in range(11):
        recorder.bracket(number, plan.brackets[number])
    spec = figure("brackets", recorder.history, plan)
    assert [label.split("<br>")[0] for label in spec["layout"]["yaxis"]["ticktext"]] == [
        *(f"bracket {n}" for n in range(9, 17)),
        "ranks agree",
    ]
    assert "brackets 9 to 16 of 20" in spec["layout"]["xaxis"]["title"]["text"]


def test_ten_thousand_trials_are_thinned_and_drawn_by_webgl():
    history = large_history(10_000, reports=2)
    spec = figure("trials", history)
    points = [t for t in spec["data"] if "customdata" in t and t["mode"] == "markers"]
    drawn = {n for t in points for n in t["customdata"].tolist()}
    assert 1500 < len(drawn) <= 2100
    assert set(history.running) <= drawn
    assert set(range(9500, 10_000)) <= drawn
    assert all(t["type"] == "scattergl" for t in points)
    assert "of 10,000 drawn" in spec["layout"]["xaxis"]["title"]["text"]
    assert trace(spec, "completed", type="scattergl")["marker"]["size"].max() < 8


def test_thinning_keeps_what_must_stay():
    assert thinned(10, set()).tolist() == list(range(10))
    kept = set(thinned(10_000, {3, 4000}).tolist())
    assert {3, 4000, 0, 9999, 9500} <= kept
    assert len(kept) <= 2000


def test_details_are_strict_json_and_give_the_reasons():
    told = details(hyperband_history(), 4)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert (told["state"], told["reason"]) == ("failed", "ValueError: the loss became NaN")
    assert told["suggested"] == "drawn at random from the space"
    best = details(hyperband_history(), 1)
    assert best["incumbent"]
    assert best["steps"] == list(range(1, 10))
    assert [leg["outcome"] for leg in best["legs"]] == ["paused", "paused", "completed"]
    assert set(best["metrics"]) == {"loss"}
    assert best["target"] == best["budget"] == 9


def test_details_of_a_user_s_trial_and_of_values_that_are_no_json():
    recorder = Recorder()
    recorder.history.append(Opened(0, SPACE, Limits(), (Goal("loss", "min"),)))
    trial = recorder.start(Place(None, 0, None), {"n": np.int64(3), "shape": (1, 2), "f": print}, origin="user")
    recorder.report(trial, 1, math.inf)
    told = details(recorder.history, trial)
    assert told["suggested"] == "added by you"
    assert told["config"] == {"n": 3, "shape": [1, 2], "f": str(print)}
    assert (told["value"], told["last"], told["values"]) == (None, None, [None])
    with pytest.raises(KeyError, match="there is no trial 7"):
        details(recorder.history, 7)
    assert plain_data({1: [np.float64("nan"), True]}) == {"1": [None, True]}
