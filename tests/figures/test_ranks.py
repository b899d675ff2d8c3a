"""Brackets as ranks: a line a trial, from rung to rung."""

import numpy as np
from histories import R9, R81, Recorder, asynchronous_history, empty_history, hyperband_history, ladder_history

from tunewidgets.figures import Drawn, NotYet, draw
from tunewidgets.history import Place
from tunewidgets.widgets.dashboard.frame import plain


def ranks(history, plan=None, **asked):
    return draw("brackets", history, plan=plan, asked={"as": "ranks", **asked})


def lines(answer):
    """The places of each trial, as (column, rank)."""
    found = {}
    for trace in answer.figure["data"]:
        for x, y, trial in zip(trace["x"], trace["y"], trace["customdata"], strict=True):
            if not np.isnan(x):
                found.setdefault(int(trial), []).append((int(x), int(y)))
    return found


def test_each_trial_stands_at_its_rank_at_every_rung_it_came_to():
    history = ladder_history(R9)
    found = lines(ranks(history, R9, of="bracket 0"))
    for column, rung in enumerate(R9.brackets[0]):
        at = {trial: dict(way)[column] for trial, way in found.items() if column in dict(way)}
        assert sorted(at.values()) == list(range(1, rung.configurations + 1))
        values = {trial: next(r.value for r in history.reports(trial) if r.step == rung.budget) for trial in at}
        assert sorted(at, key=at.get) == sorted(values, key=values.get, reverse=True)


def test_lower_values_are_the_best_where_they_are():
    history = ladder_history(R9, direction="min", metric="val_loss")
    found = lines(ranks(history, R9, of="bracket 0"))
    best = min(range(9), key=lambda trial: history.reports(trial)[0].value)
    assert found[best][0] == (0, 1)


def test_without_a_choice_it_is_the_bracket_at_work():
    answer = ranks(hyperband_history(), R9)
    assert [(each.name, each.choices, each.value) for each in answer.options] == [
        ("as", ("ladders", "ranks"), "ranks"),
        ("of", ("bracket 0", "bracket 1"), "bracket 1"),  # the third one has a single rung
    ]
    assert set(lines(answer)) == {9, 10, 11}
    assert set(lines(ranks(hyperband_history(), R9, of="bracket 0"))) <= set(range(9)) - {
        4
    }  # 4 failed: it has no value
    assert ranks(ladder_history(R9), R9).options[1].value == "bracket 0"


def test_each_line_belongs_to_what_became_of_its_trial():
    answer = ranks(hyperband_history(), R9, of="bracket 0")
    by_name = {trace["name"]: trace for trace in answer.figure["data"]}
    assert len(set(by_name["completed"]["customdata"])) == 1
    assert len(set(by_name["pruned"]["customdata"])) == 7
    assert [trace["name"] for trace in answer.figure["data"]][-1] == "completed", "what matters most lies on top"


def test_before_a_trial_has_come_to_a_rung_it_says_so_and_can_be_switched_back():
    answer = ranks(empty_history(), R9)
    assert isinstance(answer, NotYet)
    assert answer.why == "no trial of bracket 0 has come to a rung yet: each is ranked when it does"
    assert [each["name"] for each in plain(answer)["options"]] == ["as", "of"]


def test_a_ladder_that_grows_has_one_bracket_and_no_choice_of_it():
    answer = ranks(asynchronous_history())
    assert [each["name"] for each in plain(answer)["options"]] == ["as"]
    assert answer.figure["layout"]["xaxis"]["ticktext"] == ["1 epoch", "3 epochs", "9 epochs"]


def test_of_very_many_trials_those_that_went_on_stay():
    recorder = Recorder()
    field = [recorder.start(Place(0, 0, 1)) for _ in range(900)]
    for trial in field:
        recorder.pause(trial)
    going = field[::9]
    for trial in going:
        recorder.promote(trial, Place(0, 1, 3), (1, 900, 100))
        recorder.complete(trial)
    answer = ranks(recorder.history)
    assert isinstance(answer, Drawn)
    drawn = lines(answer)
    assert set(going) <= set(drawn)
    assert len(drawn) < 450
    assert answer.figure["layout"]["yaxis"]["ticktext"][-1] == "500"


def test_large_brackets_are_ranked_on_a_logarithmic_axis():
    axis = ranks(ladder_history(R81), R81).figure["layout"]["yaxis"]
    assert axis["type"] == "log"
    assert axis["range"][0] > axis["range"][1], "the best is at the top"
    assert axis["tickvals"] == [1, 2, 3, 5, 10, 20, 50]
