"""What is said where trials have several values: which bounds are broken, and what stands as the best."""

import pytest

from tunewidgets.analysis import ranked, search_progress, trial_table, trial_values
from tunewidgets.analysis.bounds import broken_bounds
from tunewidgets.analysis.front import pareto_front, trade_offs
from tunewidgets.figures import draw
from tunewidgets.figures.details import details
from tunewidgets.figures.static import to_html, to_text
from tunewidgets.history import Constraint, Ended, Goal, History, Limits, Opened, Place, Plan, Pulse, Reported, Started
from tunewidgets.space import Float, Space
from tunewidgets.widgets.dashboard.frame import columns
from tunewidgets.widgets.dashboard.header import facts

ACCURACY, SIZE = Goal("accuracy", "max"), Goal("size", "min")
LATENCY = Constraint("latency", 15.0)
ALIVE = Pulse("alive")


def history(*trials, goals=(ACCURACY,), constraints=(), schedule="full"):
    """A history of trials that each reported once: their value, and metrics."""
    made, place = History(), Place(0, 0, 1)
    strategy = {"schedule": {"name": schedule}}
    made.append(Opened(0, Space(x=Float(0.0, 1.0)), Limits(), goals, strategy, constraints=constraints))
    for number, (value, metrics) in enumerate(trials):
        made.append(Started(number, {"x": 0.5}, place, "sampler", {"kind": "random"}))
        made.append(Reported(number, 1, 1, value, metrics))
        made.append(Ended(number, 1, "completed", place, {"kind": "returned", "step": 1}))
    return made


def bounded():
    return history(
        (0.8, {"latency": 12.0}),
        (0.95, {"latency": 17.9}),
        (0.9, {"latency": 15.0}),
        (0.99, {}),
        constraints=(LATENCY,),
    )


def traded():
    return history(
        (0.8, {"size": 10.0}), (0.9, {"size": 20.0}), (0.85, {"size": 25.0}), (0.7, {"size": 10.0}),
        goals=(ACCURACY, SIZE),
    )  # fmt: skip


def test_a_broken_bound_is_said_with_its_value():
    made = bounded()
    assert [broken_bounds(made, trial) for trial in made.trials.values()] == [
        "",
        "latency 17.9 is above its bound 15",
        "",
        "latency, which has a bound, was not reported",
    ]
    assert details(made, 1)["broken"] == "latency 17.9 is above its bound 15"


def test_a_bound_on_the_value_itself():
    made = history((0.8, {}), (0.2, {}), constraints=(Constraint("accuracy", 0.5),))
    assert broken_bounds(made, made.trials[0]) == "accuracy 0.8 is above its bound 0.5"
    assert broken_bounds(made, made.trials[1]) == ""


def test_the_line_of_the_best_passes_by_what_breaks_a_bound():
    record = trial_values(bounded())
    assert [tuple(step[:2]) for step in record.improvements] == [(0, 0.8), (2, 0.9)]
    assert [point.feasible for point in record.points] == [True, False, True, False]
    assert [trial.number for trial in ranked(bounded(), 9)] == [2, 0]


def test_what_breaks_a_bound_is_marked_in_the_figure():
    traces = {trace["name"]: trace for trace in draw("trials", bounded()).figure["data"]}
    assert traces["completed"]["x"].tolist() == [0, 2]
    assert traces["over a bound"]["x"].tolist() == [1, 3]
    assert "over a bound" not in {trace["name"] for trace in draw("trials", traded()).figure["data"]}


def test_the_table_shows_every_goal_and_what_has_a_bound():
    table = columns(trial_table(bounded()))
    shown = {column["name"]: list(column["values"]) for column in table["columns"]}
    assert shown["latency"][:3] == [12.0, 17.9, 15.0]
    assert shown["latency"][3] != shown["latency"][3]  # NaN: it was not reported
    assert shown["Why"][1] == "latency 17.9 is above its bound 15"
    assert shown["Tried because"] == ["drawn at random from the space"] * 4
    names = [column["name"] for column in columns(trial_table(traded()))["columns"]]
    assert names[:5] == ["Trial", "State", "accuracy", "size", "steps"]


@pytest.mark.parametrize(
    ("schedule", "order"), [("full", ["Tried because", "Why"]), ("asha", ["Why", "Tried because"])]
)
def test_what_tells_trials_apart_stands_first(schedule, order):
    names = [column["name"] for column in columns(trial_table(history((0.5, {}), schedule=schedule)))["columns"]]
    assert [name for name in names if name in order] == order


def test_the_best_of_several_goals_are_the_trade_offs():
    made = traded()
    assert [point.number for point in trade_offs(made)] == [1, 0] == list(pareto_front(made).trials)
    record = search_progress(made)
    assert (record.trade_offs, [tuple(span) for span in record.front]) == (
        2, [("accuracy", 0.9, 0.8), ("size", 10.0, 20.0)],
    )  # fmt: skip
    assert [details(made, trial)["front"] for trial in range(4)] == [True, True, False, False]
    assert to_text(made, "net").endswith("2 best trade-offs, accuracy 0.9 to 0.8, size 10 to 20")
    assert "Best: 2 best trade-offs, accuracy 0.9 to 0.8, size 10 to 20" in to_html(made)


def test_stars_are_the_trade_offs_of_several_goals_and_the_best_of_one():
    traces = draw("trials", traded()).figure["data"]
    (stars,) = (trace for trace in traces if trace["name"] == "best trade-offs")
    assert (stars["x"].tolist(), stars["y"].tolist(), stars["showlegend"]) == ([1, 0], [0.9, 0.8], True)
    line, star = (trace for trace in draw("trials", bounded()).figure["data"] if trace["name"] == "best at 1 step")
    assert (line["y"].tolist(), star["x"].tolist(), star["showlegend"]) == ([0.8, 0.9, 0.9], [2], False)
    assert [columns(trial_table(made))["best"] for made in (traded(), bounded(), history())] == [[1, 0], [2], []]


def test_one_goal_has_one_best_and_no_trade_offs():
    made = bounded()
    record = search_progress(made)
    assert (record.best.trial, record.front, record.trade_offs, record.bounds) == (2, (), 0, ("latency ≤ 15",))
    assert details(made, 2)["front"] is False
    assert "best accuracy 0.9 (trial 2: x=0.5)" in to_text(made, "net")


def test_where_nothing_keeps_the_bounds_that_is_said():
    made = history((0.9, {"latency": 20.0}), constraints=(LATENCY,))
    assert "No trial has come to rest with a value that keeps latency ≤ 15 yet." in to_html(made)


def test_the_header_has_what_the_page_says():
    header = facts(traded(), Plan(()), ALIVE)
    assert (header["goals"], header["trade_offs"], header["started"]) == (["accuracy", "size"], 2, 4)
    assert header["front"][1] == {"metric": "size", "best": 10.0, "worst": 20.0}
    assert facts(bounded(), None, ALIVE)["bounds"] == ["latency ≤ 15"]


def test_the_trials_can_be_seen_by_another_goal():
    made = history((0.5, {"size": 9.0}), (0.6, {"size": 4.0}), (0.9, {}), (0.7, {"size": 3.0}), goals=(ACCURACY, SIZE))
    record = trial_values(made, metric="size")
    assert (record.metric, record.direction) == ("size", "min")
    assert [point.value for point in record.points] == [9.0, 4.0, None, 3.0]
    assert [tuple(step[:2]) for step in record.improvements] == [(0, 9.0), (1, 4.0), (3, 3.0)]
    assert [tuple(step[:2]) for step in trial_values(made).improvements] == [(0, 0.5), (1, 0.6), (2, 0.9)]
    assert trial_values(made, metric="nothing").metric == "accuracy"
    assert details(made, 1)["goals"] == [{"metric": "accuracy", "value": 0.6}, {"metric": "size", "value": 4.0}]
    answer = draw("trials", made, asked={"goal": "size"})
    assert [each.name for each in answer.options] == ["goal", "against", "scale"]
    names = [trace["name"] for trace in answer.figure["data"]]
    assert names[0] == "best size at 1 step"
    assert "best trade-offs" in names
