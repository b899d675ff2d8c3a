"""A ladder that grows without a plan, as record and as picture."""

from histories import Recorder

from tunewidgets.analysis import Member, bracket_ladders
from tunewidgets.analysis.curves import rung_budgets
from tunewidgets.figures import Drawn, NotYet, draw
from tunewidgets.figures.svg import to_svg
from tunewidgets.history import Ended, Goal, History, Judged, Limits, Opened, Place, Reported, Started
from tunewidgets.schedules import ASHA, MedianStopping
from tunewidgets.space import Space


def opened(schedule):
    history = History()
    strategy = {"schedule": schedule if isinstance(schedule, dict) else schedule.to_json()}
    history.append(Opened(0, Space(), Limits(), (Goal("loss", "min"),), strategy, unit="epoch"))
    return history


def pass_or_stop(history, trial, rung, step, action, value=0.5):
    budget = ASHA(27).budgets[rung]
    history.append(Reported(trial, 1, step, value))
    facts = {"kind": "asha", "rung": rung, "budget": budget, "value": value, "rank": 2, "of": 5, "places": 1}
    history.append(Judged(trial, 1, step, action, facts))
    if action == "stop":
        history.append(Ended(trial, 1, "pruned", Place(0, 0, 27), value, facts))


def budgets(record):
    return [[rung.budget for rung in bracket.rungs] for bracket in record.brackets]


def test_the_ladder_is_there_before_the_first_trial():
    record = bracket_ladders(opened(ASHA(27, brackets=2)))
    assert budgets(record) == [[1, 3, 9, 27], [3, 9, 27]]
    assert all(rung.planned is None and rung.size == 0 for bracket in record.brackets for rung in bracket.rungs)
    assert record.climbs
    assert record.planned is None
    assert rung_budgets(opened(ASHA(27, brackets=2))) == (1, 3, 9)


def test_stopped_on_the_way_a_trial_climbs_within_one_leg():
    history = opened(ASHA(27, variant="stopping"))
    for trial in range(2):
        history.append(Started(trial, {}, Place(0, 0, 27)))
    assert bracket_ladders(history).brackets[0].rungs[0].budget == 1, "and not the 27 it trains towards"
    pass_or_stop(history, 0, 0, 1, "continue")
    pass_or_stop(history, 0, 1, 3, "stop", 0.7)
    (bracket,) = bracket_ladders(history).brackets
    assert budgets(bracket_ladders(history)) == [[1, 3, 9, 27]]
    assert bracket.rungs[0].members == (Member(0, "promoted", 0.5, 2, 5), Member(1, "running"))
    assert bracket.rungs[1].members == (Member(0, "pruned", 0.7, 2, 5),)
    assert bracket.spent == 3


def test_a_report_over_several_rungs_goes_through_those_between():
    history = opened(ASHA(27, variant="stopping"))
    history.append(Started(0, {}, Place(0, 0, 27)))
    pass_or_stop(history, 0, 1, 4, "continue")
    rungs = bracket_ladders(history).brackets[0].rungs
    assert [rung.members for rung in rungs] == [
        (Member(0, "promoted"),),
        (Member(0, "promoted", 0.5, 2, 5),),
        (Member(0, "running"),),
        (),
    ]


def test_settings_that_are_no_asha_of_ours_are_read_from_what_happened():
    for settings in ({"name": "asha"}, {"name": "asha", "max_budget": 9, "newer": 1}, {"name": "hyperband"}, None):
        history = History()
        strategy = {"schedule": settings}
        history.append(Opened(0, Space(), Limits(), (Goal("loss", "min"),), strategy))
        history.append(Started(0, {}, Place(0, 0, 1)))
        assert budgets(bracket_ladders(history)) == [[1]]


def test_a_judgement_that_is_of_no_rung_moves_nobody():
    recorder = Recorder()
    trial = recorder.start(Place(0, 0, 9))
    recorder.say(Reported(trial, 1, 1, 0.5))
    recorder.say(Judged(trial, 1, 1, "stop", {"kind": "median", "step": 1, "value": 0.5, "median": 0.6, "of": 7}))
    (bracket,) = bracket_ladders(recorder.history).brackets
    assert [rung.budget for rung in bracket.rungs] == [9]


def test_the_picture_of_an_empty_ladder():
    answer = draw("brackets", opened(ASHA(27)))
    assert isinstance(answer, Drawn)
    notes = [note["text"] for note in answer.figure["layout"]["annotations"]]
    assert notes == ["none yet · 1 epoch", "none yet · 3 epochs", "none yet · 9 epochs", "none yet · 27 epochs"]
    assert [trace["name"] for trace in answer.figure["data"]] == ["to come"]
    assert to_svg(answer.figure).startswith("<svg")


def test_the_picture_counts_as_the_rungs_grow():
    history = opened(ASHA(27, variant="stopping"))
    for trial in range(14):
        history.append(Started(trial, {}, Place(0, 0, 27)))
        if trial < 12:
            pass_or_stop(history, trial, 0, 1, "continue" if trial < 4 else "stop")
    spec = draw("brackets", history).figure
    notes = [note["text"] for note in spec["layout"]["annotations"]]
    assert notes == ["12 of 14 · 1 epoch", "0 of 4 · 3 epochs", "none yet · 9 epochs", "none yet · 27 epochs"]
    assert spec["layout"]["xaxis"]["title"]["text"] == "epochs at the rung · 12 epochs spent"
    parts = {trace["name"]: trace["text"] for trace in spec["data"] if "text" in trace}
    assert parts == {"promoted": ["4"], "running": ["2", "4"], "pruned": ["8"]}
    assert to_svg(spec).startswith("<svg")


def test_rules_without_rungs_say_so():
    assert draw("brackets", opened(MedianStopping(9))) == NotYet(
        "trials are ended on their way by a rule, and not compared at rungs: the card Curves shows where",
        expected=False,
    )
