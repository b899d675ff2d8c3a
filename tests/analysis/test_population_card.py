"""The card Population: children and their parents, who lives, the best one's way, and which mutations helped."""

import itertools
import json

import numpy as np
import pytest
from families import SAMPLERS, add, child, drawn, evolved, family, opened
from histories import empty_history, full_history

from tunewidgets.figures import Drawn, NotYet, draw, themed
from tunewidgets.figures.svg import to_svg
from tunewidgets.history import Goal
from tunewidgets.samplers import CMAES, GP, Evolution

ROWS = [
    (drawn(), 0.5), (drawn(), 0.6), (child(0, rate=(0.5, 0.6)), 0.4), (child(1, 0, rate=(0.5, 0.1)), 0.7),
    (child(2, kind=("a", "b")), 0.3),
]  # fmt: skip


def answered(history, **asked):
    answer = draw("population", history, asked=asked)
    assert isinstance(answer, Drawn), answer
    return answer


def traces(spec):
    return {trace["name"]: trace for trace in spec["data"]}


def points(trace):
    return dict(
        zip(trace["customdata"].tolist(), zip(trace["x"].tolist(), trace["y"].tolist(), strict=True), strict=True)
    )


def test_trials_stand_at_their_values_by_how_they_came_to_be():
    history = family(*ROWS)
    add(history, {}, 0.55, origin="user")
    drawn_traces = traces(answered(history).figure)
    assert points(drawn_traces["drawn at random"]) == {0: (0, 0.5), 1: (1, 0.6)}
    assert points(drawn_traces["child of one"]) == {2: (2, 0.4), 4: (4, 0.3)}
    assert points(drawn_traces["child of two"]) == {3: (3, 0.7)}
    assert points(drawn_traces["added by you"]) == {5: (5, 0.55)}
    symbols = [
        trace["marker"]["symbol"] for trace in drawn_traces.values() if trace["type"] != "bar" and "marker" in trace
    ]
    assert {"circle", "diamond", "square", "circle-open", "star"} <= set(symbols)


def test_edges_are_one_faded_trace_with_gaps():
    edges = traces(answered(family(*ROWS)).figure)["parent to child"]
    assert edges["x"].reshape(-1, 3)[:, :2].tolist() == [[0, 2], [1, 3], [0, 3], [2, 4]]
    assert edges["y"].reshape(-1, 3)[:, :2].tolist() == [[0.5, 0.4], [0.6, 0.7], [0.5, 0.7], [0.4, 0.3]]
    assert np.isnan(edges["y"][2::3]).all()
    assert edges["opacity"] <= 0.5


def test_the_best_ones_way_is_drawn_strong_and_ends_in_a_star():
    drawn_traces = traces(answered(family(*ROWS)).figure)
    way = drawn_traces["the best one's ancestors"]
    assert points(way) == {0: (0, 0.5), 2: (2, 0.4), 4: (4, 0.3)}
    assert way["line"]["width"] > drawn_traces["parent to child"]["line"]["width"]
    assert points(drawn_traces["best"]) == {4: (4, 0.3)}


def test_who_lives_has_a_ring():
    ring = traces(answered(family(*ROWS)).figure)["in the population now"]
    assert ring["x"].tolist() == [3, 4]
    assert (ring["marker"]["symbol"], ring["hoverinfo"]) == ("circle-open", "skip")


def test_bars_tell_how_often_a_parameter_mutated_and_helped():
    drawn_traces = traces(answered(family(*ROWS)).figure)
    assert drawn_traces["mutated"]["x"].tolist() == [2, 1]
    assert drawn_traces["and better than its parents"]["x"].tolist() == [1, 1]
    assert drawn_traces["shares"]["text"] == [" 1 of 2 (50 %)", " 1 of 1 (100 %)"]
    spec = answered(family(*ROWS)).figure
    assert spec["layout"]["yaxis2"]["ticktext"] == ["rate", "kind"]
    assert spec["layout"]["xaxis2"]["title"]["text"] == "children · 2 of 3 are better than their parents (67 %)"


def test_the_caption_counts_the_population_and_the_generations():
    layout = answered(family(*ROWS)).figure["layout"]
    assert layout["xaxis"]["title"]["text"] == "trial · population of 2 · 2 generations"
    history = opened(sampler=Evolution(population=9))
    add(history, drawn(), 0.5)
    layout = answered(history).figure["layout"]
    assert layout["xaxis"]["title"]["text"] == "trial · population of 9 (1 so far) · 0 generations"
    assert "yaxis2" not in layout


def test_against_generations_also_those_without_a_value_have_a_place():
    history = family(*ROWS, (child(4, rate=(0.1, 0.2)), None))
    answer = answered(history, up="generation")
    assert points(traces(answer.figure)["child of one"]) == {2: (2, 1), 4: (4, 2), 5: (5, 3)}
    assert [each.name for each in answer.options] == ["goal", "up", "against"]
    assert answer.figure["layout"]["yaxis"]["title"]["text"] == "generation"
    assert [each.name for each in answered(history).options] == ["goal", "up", "against", "scale"]
    assert "5 of 6 drawn" in answered(history).figure["layout"]["xaxis"]["title"]["text"]


def test_against_time_they_stand_at_their_births():
    spec = answered(family(*ROWS), against="time").figure
    assert points(traces(spec)["child of one"]) == {2: (2, 0.4), 4: (4, 0.3)}
    assert spec["layout"]["xaxis"]["title"]["text"].startswith("seconds since the start, at its birth · population of")


def test_with_several_goals_the_way_is_that_of_the_best_by_the_first():
    history = opened((Goal("loss", "min"), Goal("size", "min")))
    add(history, drawn(), 0.5, metrics={"size": 1.0})
    add(history, child(0), 0.4, metrics={"size": 9.0})
    assert "ancestors of the best by loss" in traces(answered(history).figure)


def test_a_search_without_a_population_says_so():
    assert draw("population", empty_history()) == NotYet("no trial has started yet: each is drawn when it does")
    assert draw("population", opened(sampler=Evolution())).why.startswith("no trial has started yet")
    assert draw("population", full_history(4)).why.startswith("this search's sampler breeds no population")
    for started in (False, True):
        history = opened(sampler=GP())
        if started:
            add(history, {"kind": "gp"}, 0.5)
        assert draw("population", history) == NotYet(
            "this search's sampler, gp, breeds no population: trials have parents under the samplers evolution, "
            "genetic and nsga2",
            expected=False,
        )
    assert "its points have no parents" in draw("population", opened(sampler=CMAES())).why


def test_before_the_first_value_it_waits_or_shows_generations():
    history = opened(sampler=Evolution())
    add(history, drawn(), [], state="running")
    answer = draw("population", history)
    assert isinstance(answer, NotYet)
    assert answer.why == "no trial has a value yet: each is drawn when it has"
    assert answered(history, up="generation").figure["data"]


def test_names_of_the_user_are_no_markup():
    history = family((drawn(), 0.5), (child(0, **{"<b>$x$</b>": (0, 1)}), 0.4), goals=(Goal("<i>loss</i>", "min"),))
    written = json.dumps(answered(history).figure, default=str)
    assert "<b>" not in written
    assert "<i>" not in written


def test_of_many_parameters_those_that_helped_least_are_left_out():
    rows = [(child(0, **{f"p{number:02}": (0, 1)}), 0.4 if number < 3 else 0.9) for number in range(12)]
    layout = answered(family((drawn(), 0.5), *rows)).figure["layout"]
    assert layout["yaxis2"]["ticktext"] == [f"p{number:02}" for number in range(5)]
    assert layout["xaxis2"]["title"]["text"].endswith("7 more parameters")


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("up", ["value", "generation"])
def test_plotly_takes_it_and_so_does_the_static_picture(name, up):
    import plotly.graph_objects as go

    history = evolved(name)
    spec = answered(history, up=up).figure
    go.Figure(themed(spec, "dark"))
    svg = to_svg(spec, 900)
    assert "in the population now" in svg
    assert "better than their parents" in svg
    for one in spec["data"]:
        assert one["hoverinfo"] in ("none", "skip")
        if one["hoverinfo"] == "none":
            assert one["customdata"].dtype.kind == "i"
            assert len(one["customdata"]) == len(one["x"])
            assert set(one["customdata"].tolist()) <= set(history.trials)


def test_three_thousand_trials_are_thinned_and_the_way_and_the_living_stay():
    history = opened(sampler=Evolution(population=50, sample=3))
    rng = np.random.default_rng(0)
    add(history, drawn(), 9.0)
    for number in range(1, 3000):
        config = {"rate": number / 3000, "kind": "a"}
        notes = child(max(0, number - int(rng.integers(1, 40))), rate=(0, 1))
        add(history, notes, 9.0 - number / 1000 + float(rng.random()), config=config)
    spec = answered(history).figure
    drawn_traces = traces(spec)
    marks = drawn_traces["child of one"]
    assert 1700 < len(marks["x"]) < 2100
    assert {trace["type"] for trace in spec["data"] if "xaxis" not in trace} == {"scattergl"}
    assert len(drawn_traces["in the population now"]["x"]) == 50
    way = drawn_traces["the best one's ancestors"]["customdata"].tolist()
    assert way[-1] == history.incumbent.number
    assert all(history.trials[b].notes["parents"] == [a] for a, b in itertools.pairwise(way))
    assert "of 3,000 drawn" in spec["layout"]["xaxis"]["title"]["text"]


def test_the_bars_stand_clear_of_the_tree_also_where_the_figure_is_as_low_as_on_a_dashboard():
    for count in range(1, 8):
        rows = [(child(0, **{f"p{number}": (0, 1) for number in range(count)}), 0.4)]
        layout = answered(family((drawn(), 0.5), *rows)).figure["layout"]
        (low, bars), (tree, high) = layout["yaxis2"]["domain"], layout["yaxis"]["domain"]
        plot = 320 - 12 - 60
        assert (low, high) == (0.0, 1.0)
        assert (tree - bars) * plot > 44  # tick labels and a title
        assert bars * plot / min(count, 5) > 12  # a line of text
        assert (high - tree) * plot > 120


def test_of_several_goals_another_can_be_shown():
    history = opened((Goal("loss", "min"), Goal("size", "max")))
    add(history, drawn(), 0.5, metrics={"size": 1.0})
    add(history, child(0), 0.4, metrics={"size": 9.0})
    add(history, child(0), 0.3, metrics={"size": 5.0})
    spec = answered(history, goal="size").figure
    assert points(traces(spec)["child of one"]) == {1: (1, 9.0), 2: (2, 5.0)}
    assert traces(spec)["ancestors of the best by size"]["customdata"].tolist() == [0, 1]
    assert spec["layout"]["yaxis"]["title"]["text"] == "size (higher is better)"
