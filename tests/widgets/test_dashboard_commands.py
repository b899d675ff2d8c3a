"""What a page may say to a search, and what its forms are told: the messages, turn by turn and as functions."""

from dataclasses import replace

import pytest
from histories import R9, SPACE, Recorder, empty_history, hyperband_history, ladder_history
from stage import Stage

from tunewidgets.commands import extend_limits
from tunewidgets.errors import StrategyError, TuneError
from tunewidgets.history import (
    Closed,
    Enqueued,
    Entry,
    Extended,
    History,
    Limits,
    Opened,
    Paused,
    Place,
    Plan,
    Resumed,
    Retried,
    SpaceEdited,
    StopAsked,
    WorkersChanged,
)
from tunewidgets.samplers import CMAES
from tunewidgets.schedules import ASHA, Full, Hyperband, SuccessiveHalving
from tunewidgets.space import Choice, Float, Int, Space
from tunewidgets.widgets.dashboard.commands import Awaited, answer, events_of

CONFIG = {"units": 64, "dropout": 0.25, "optimizer": "sgd", "momentum": 0.5}
EDIT = {"units": {"min_value": 64}, "optimizer": {"values": ["adam"]}}
NARROW = Space(units=Int(64, 512, step=32), dropout=Float(0.0, 0.5), optimizer=Choice(["adam"]))


def events(history, do, **more):
    return events_of({"do": do, **more}, history, "demo")


def at_rest(state):
    history = hyperband_history()
    history.append(Closed(state))
    return history


SAID = {
    "skip": ({"trial": 12}, StopAsked(12)),
    "kill": ({"trial": 12}, StopAsked(12, now=True)),
    "retry": ({"trial": 4}, Retried(4)),
    "add": ({"config": CONFIG}, Enqueued(CONFIG)),
    "extend": ({"trials": 60, "minutes": 1.5}, Extended(Limits(60, 90.0))),
    "workers": ({"workers": 3}, WorkersChanged(3)),
    "edit": ({"edits": EDIT}, SpaceEdited(NARROW)),
}


@pytest.mark.parametrize("do", SAID)
def test_a_form_becomes_the_same_event_as_in_python(do):
    message, event = SAID[do]
    assert events(hyperband_history(), do, **message) == (event,)


@pytest.mark.parametrize(
    ("do", "message", "words"),
    [
        ("skip", {"trial": 99}, "there is no trial 99 in 'demo'; there are 15, from 0"),
        ("retry", {"trial": 9}, "trial 9 of 'demo' is paused: only one that has failed, or that was stopped"),
        ("add", {"config": CONFIG | {"units": 65}}, "the nearest step is 64"),
        ("add", {"config": {"units": 64}}, "'dropout' is missing"),
        ("extend", {"trials": 0}, "trials must be an integer of at least 1, not 0"),
        ("extend", {"minutes": -1}, "timeout must be a positive number of seconds"),
        ("workers", {"workers": 0}, "workers must be a positive integer"),
        ("edit", {"edits": {"units": {"min_value": 900}}}, "'units': Int"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_same_words(do, message, words):
    with pytest.raises(TuneError, match=words):
        events(hyperband_history(), do, **message)


def test_a_space_in_which_the_sampler_cannot_work_is_refused():
    history = History()
    strategy = {"sampler": CMAES().to_json()}
    history.append(
        Opened(0, Space(x=Float(0, 1), kind=Choice(["a"])), Limits(), empty_history().opened.goals, strategy)
    )
    history.append(SpaceEdited(Space(x=Float(0, 1), kind=Choice(["a", "b"]))))
    with pytest.raises(TuneError, match="cmaes works in spaces of numbers"):
        events(history, "edit", edits={"x": {"max_value": 0.5}})
    assert "cmaes works in spaces of numbers" in answer({"about": "edit", "edits": {}}, history)["error"]


def test_a_finished_search_goes_on_for_what_it_would_not_take_up_by_itself():
    finished = at_rest("finished")
    assert events(finished, "add", config=CONFIG) == (Enqueued(CONFIG), Resumed())
    assert events(finished, "edit", edits=EDIT) == (SpaceEdited(NARROW), Resumed())
    assert events(finished, "retry", trial=4) == (Retried(4),)
    assert events(at_rest("stopped"), "add", config=CONFIG) == (Enqueued(CONFIG),)


def test_limits_that_are_not_given_stay_as_they_are():
    assert extend_limits(Limits(9, 60.0, 3), trials=20) == Extended(Limits(20, 60.0, 3))
    assert events(empty_history(limits=Limits(9, 60.0, 3)), "extend", minutes=2) == (Extended(Limits(9, 120.0, 3)),)


def under(schedule, history):
    """Return the history as one that was opened with this schedule."""
    first, *others = history
    return history_of([replace(first, strategy={"schedule": schedule.to_json()}), *others])


def history_of(events):
    history = History()
    for event in events:
        history.append(event)
    return history


def brackets(schedule, plan=R9, **settings):
    return under(schedule, ladder_history(plan, **settings))


def test_a_limit_that_changes_nothing_is_refused_as_the_plan_has_no_more_trials():
    history = brackets(Hyperband(max_budget=9))
    for trials in (17, 40):
        with pytest.raises(StrategyError, match="Hyperband's plan has 17 trials, and all have come to rest: another "):
            extend_limits(history.limits, trials, history=history)
    with pytest.raises(
        StrategyError, match=r"Cure: .* tw.Hyperband\(..., iterations=3\); or search.enqueue\(...\) and "
    ):
        events(history, "extend", trials=40, minutes=9)
    halving = brackets(SuccessiveHalving(max_budget=9, configurations=9), Plan(R9.brackets[:1]))
    with pytest.raises(
        StrategyError, match=r"plan has 9 trials, .* tw.SuccessiveHalving\(..., configurations=20\); or"
    ):
        extend_limits(halving.limits, 20, history=halving)


def test_a_limit_is_refused_too_while_the_last_trials_of_the_plan_are_under_way():
    history = under(Hyperband(max_budget=9), hyperband_history())
    assert extend_limits(history.limits, 40, history=history)  # two are still to be started
    recorder = Recorder()
    recorder.start(Place(0, 0, 9))
    history = under(SuccessiveHalving(max_budget=9, configurations=1), recorder.history)
    with pytest.raises(StrategyError, match="plan has 1 trial, and all are started"):
        extend_limits(Limits(), 40, history=history)


def test_a_time_limit_is_extended_whatever_the_plan_and_so_is_what_has_none():
    done = brackets(Hyperband(max_budget=9), limits=Limits(40, 60.0))
    assert extend_limits(done.limits, 40, 90.0, done) == Extended(Limits(40, 90.0))
    assert extend_limits(done.limits, None, 90.0, done) == Extended(Limits(40, 90.0))
    for schedule in (ASHA(max_budget=9), Full(9), Hyperband(max_budget=9, iterations=None)):
        history = brackets(schedule)
        assert extend_limits(history.limits, 40, history=history) == Extended(Limits(40))
    assert extend_limits(Limits(3), 40, history=History()) == Extended(Limits(40))
    assert extend_limits(Limits(3), 40, history=brackets(Full(9))) == Extended(Limits(40))


def test_a_plan_that_a_limit_has_cut_and_trials_beyond_it_leave_room_to_extend():
    recorder = Recorder(limits=Limits(8))
    for _ in range(8):
        recorder.complete(recorder.start(Place(0, 0, 1)))
    for _ in range(4):
        recorder.complete(recorder.start(Place(None, 0, 9)))  # the user's, beyond the limit
    recorder.close()
    history = under(SuccessiveHalving(max_budget=9, configurations=9), recorder.history)
    assert extend_limits(Limits(8), 20, history=history) == Extended(Limits(20))


def test_a_form_is_told_the_space_as_it_is_now_and_the_limits():
    history = empty_history(limits=Limits(40, 90.0))
    told = answer({"about": "space"}, history)
    assert (told["parameters"], told["trials"], told["minutes"]) == (SPACE.to_json()["parameters"], 40, 1.5)
    history.append(SpaceEdited(NARROW))
    assert [each["name"] for each in answer({"about": "space"}, history)["parameters"]] == list(NARROW)
    assert "still starting" in answer({"about": "space"}, History())["error"]


def test_an_edit_is_told_in_python_before_it_is_made():
    told = answer({"about": "edit", "edits": EDIT}, hyperband_history())
    assert told["gone"] == ["momentum"]
    assert told["code"] == (
        'search.edit_space(search.space.without("momentum").with_parameters('
        'units=tw.Int(64, 512, step=32), optimizer=tw.Choice(["adam"])))'
    )
    assert answer({"about": "edit", "edits": {}}, hyperband_history())["same"]
    assert answer({"about": "edit", "edits": {"units": {"min_value": 1.5}}}, hyperband_history())["error"].startswith(
        "'units'"
    )


# --- turn by turn ----------------------------------------------------------------------------------------------------


def test_a_command_is_taken_and_shown_once_an_event_says_so():
    stage = Stage()
    stage.view.play()
    stage.show()
    stage.say("command", id=3, do="add", config=CONFIG)
    stage.turn()
    assert stage.view.commands == [Enqueued(CONFIG)]
    assert stage.taken("taken") == [{"kind": "taken", "id": 3, "page": "a"}]
    stage.view.shown.append(Entry(len(stage.view.shown), 0.0, WorkersChanged(2)))
    stage.turn()
    assert stage.taken("shown") == [], "another event"
    stage.view.shown.append(Entry(len(stage.view.shown), 0.0, Enqueued(CONFIG)))
    stage.turn()
    stage.turn()
    shown = {"kind": "shown", "id": 3, "page": "a", "entries": len(stage.view.shown)}
    assert stage.taken("shown") == [shown], "once"


def test_a_refused_form_says_why_and_sends_nothing():
    stage = Stage().show()
    stage.say("command", id=3, do="add", config=CONFIG)
    stage.turn()
    (refused,) = stage.taken("refused")
    assert "still starting" in refused["text"]
    stage.view.play()
    stage.turn()
    stage.say("command", id=4, do="extend", trials=0)
    stage.turn()
    (refused,) = stage.taken("refused")
    assert refused["text"] == "trials must be an integer of at least 1, not 0"
    assert stage.view.commands == []


def test_a_question_is_answered_to_the_page_that_asked():
    stage = Stage()
    stage.view.play()
    stage.show()
    stage.say("question", "b", id=5, about="space")
    stage.turn()
    (told,) = stage.taken("answer")
    assert (told["id"], told["page"], len(told["parameters"])) == (5, "b", 4)


def test_the_header_tells_what_no_worker_has_begun():
    stage = Stage(script=[*hyperband_history(), Enqueued(CONFIG), Enqueued(CONFIG), Retried(4)])
    stage.view.play()
    stage.say("display")
    stage.turn()
    *_, frame = stage.taken()
    assert (frame["header"]["added"], frame["header"]["again"]) == (2, 1)


def test_a_trials_details_tell_what_the_user_wants_of_it():
    recorder = Recorder()
    for _ in range(3):
        recorder.start(Place(0, 0, 3))
    recorder.fail(2)
    script = [*recorder.history, StopAsked(0), StopAsked(1, now=True), Retried(2)]
    stage = Stage(script=script)
    stage.view.play()
    stage.show()
    for trial in range(3):
        stage.say("details", trial=trial)
    stage.turn()
    told = [message["details"] for message in stage.taken("details")]
    assert [(each["stopping"], each["again"]) for each in told] == [("skip", False), ("kill", False), ("", True)]


def test_equal_commands_are_shown_one_by_one():
    awaited, history = Awaited(), hyperband_history()
    awaited.add("a", 1, Paused(), len(history))
    awaited.add("b", 2, Paused(), len(history))
    history.append(Paused())
    assert awaited.shown(history) == [("a", 1)]
    assert awaited.shown(history) == []
    history.append(Paused())
    assert awaited.shown(history) == [("b", 2)]
