"""Rules that end trials on their way: the median of the others, and a trial's own patience."""

import math
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets.errors import StrategyError
from tunewidgets.history import Continued, Goal, Limits, Opened, Place, Reported, Start, Started, sentence
from tunewidgets.schedules import MedianStopping, Patience, schedule_from_json
from tunewidgets.space import Space


def begun(schedule, trials, direction="min"):
    ladder = schedule.begin()
    ladder.apply(Opened(0, Space(), Limits(trials, None, None), (Goal("loss", direction),)))
    for trial in range(trials):
        place = Place(0, 0, schedule.max_budget)
        assert ladder.next() == Start(place)
        ladder.apply(Started(trial, {}, place))
    return ladder


def say(ladder, trial, step, value, attempt=1):
    report = Reported(trial, attempt, step, value)
    ladder.apply(report)
    decision = ladder.judge(report)
    assert ladder.judge(report) == decision
    return decision


def curves(ladder, values):
    """Let trials 0, 1 ... report these values at steps 1, 2 ..., and return the last decision of each."""
    return [[say(ladder, trial, step, v) for step, v in enumerate(curve, 1)][-1] for trial, curve in enumerate(values)]


OTHERS = [[0.9, 0.7], [0.8, 0.4], [0.6, 0.4]]  # averages at step 2: 0.8, 0.6, 0.5


def test_the_best_value_is_compared_with_the_median_of_averages():
    ladder = begun(MedianStopping(9, least=3), 5)
    curves(ladder, OTHERS)
    assert say(ladder, 3, 1, 0.55).action == "continue", "0.55 is better than the median 0.8"
    assert say(ladder, 3, 2, 0.99).action == "continue", "its best is still 0.55, better than 0.6"
    stopped = say(ladder, 4, 1, 0.86)
    assert stopped == ("stop", {"kind": "median", "step": 1, "of": 4, "value": 0.86, "median": 0.7})


def test_only_a_strictly_worse_value_stops():
    ladder = begun(MedianStopping(9, least=3), 4)
    curves(ladder, [[0.5], [0.7], [0.7]])
    assert say(ladder, 3, 1, 0.7).action == "continue"
    ladder = begun(MedianStopping(9, least=3), 4)
    curves(ladder, [[0.5], [0.7], [0.7]])
    assert say(ladder, 3, 1, 0.7000001).action == "stop"


def test_maximised_it_is_the_mirror():
    ladder = begun(MedianStopping(9, least=3), 4, "max")
    curves(ladder, [[0.1], [0.3], [0.2]])
    assert say(ladder, 3, 1, 0.15) == ("stop", {"kind": "median", "step": 1, "of": 3, "value": 0.15, "median": 0.2})


def test_nobody_is_stopped_before_the_warmup_is_over_or_among_few():
    ladder = begun(MedianStopping(9, warmup=1, least=3), 4)
    curves(ladder, OTHERS)
    assert say(ladder, 3, 1, 5.0).action == "continue"
    assert say(ladder, 3, 2, 5.0).action == "stop"
    ladder = begun(MedianStopping(9, least=4), 4)
    curves(ladder, OTHERS)
    assert say(ladder, 3, 1, 5.0).action == "continue"


def test_a_trial_completes_at_its_budget_however_bad():
    ladder = begun(MedianStopping(2, least=1), 2)
    curves(ladder, [[0.1, 0.1]])
    assert say(ladder, 1, 2, 9.0) == ("complete", {"kind": "budget", "budget": 2})


def test_values_that_are_not_finite():
    ladder = begun(MedianStopping(9, least=3), 6)
    decisions = curves(ladder, [[0.4], [0.5], [0.6], [math.inf], [math.nan]])
    assert [d.action for d in decisions] == ["continue", "continue", "continue", "stop", "stop"]
    assert decisions[4].reason["value"] is None
    assert say(ladder, 5, 1, 0.59).action == "continue", "two of the five others have no average: they rank last"
    assert say(ladder, 1, 2, math.nan).action == "continue"


def test_a_trial_is_no_member_of_the_median_it_is_compared_with():
    ladder = begun(MedianStopping(9, least=2), 3)
    curves(ladder, [[0.2, 0.2], [0.9, 0.9]])
    assert say(ladder, 2, 1, 0.55).action == "continue", "at most the median 0.55"
    assert say(ladder, 2, 2, 0.66).action == "continue", "with its own average the median would be 0.4"


def test_a_leg_run_again_counts_once():
    ladder = begun(MedianStopping(9, least=2), 3)
    curves(ladder, [[0.5, 0.5], [0.6, 0.6]])
    for attempt in (2, 3):
        assert say(ladder, 0, 1, 99.0, attempt).action == "continue"
    assert say(ladder, 2, 1, 0.56).reason["of"] == 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 8).map(float), min_size=1, max_size=4), min_size=2, max_size=9),
    st.integers(1, 4),
    st.sampled_from(["min", "max"]),
)
def test_it_is_the_rule_of_the_paper_written_out(values, least, direction):
    ladder = begun(MedianStopping(9, least=least), len(values), direction)
    curves(ladder, values[:-1])
    pick = min if direction == "min" else max
    for step, value in enumerate(values[-1], 1):
        averages = [statistics.fmean(curve[:step]) for curve in values[:-1] if len(curve) >= step]
        best = pick(values[-1][:step])
        stops = len(averages) >= least and best not in (bar := statistics.median(averages), pick(best, bar))
        assert (say(ladder, len(values) - 1, step, value).action == "stop") == stops


def test_patience_counts_from_the_best_value():
    ladder = begun(Patience(2, max_budget=9), 1)
    actions = [say(ladder, 0, step, v).action for step, v in enumerate([0.9, 0.5, 0.6, 0.4, 0.4, 0.41], 1)]
    assert actions == ["continue"] * 5 + ["complete"]


def test_the_reason_of_patience():
    ladder = begun(Patience(2, max_budget=9), 1)
    for step, value in enumerate([0.9, 0.5, 0.6], 1):
        say(ladder, 0, step, value)
    reason = {"kind": "patience", "steps": 2, "step": 4, "value": 0.5, "best": 2}
    assert say(ladder, 0, 4, 0.7) == ("complete", reason)


def test_an_improvement_must_be_larger_than_min_delta():
    ladder = begun(Patience(2, min_delta=0.25, max_budget=9), 1, "max")
    assert [say(ladder, 0, step, v).action for step, v in enumerate([0.5, 0.75, 0.75], 1)] == [
        "continue", "continue", "complete",
    ]  # fmt: skip


def test_reports_at_wide_intervals_are_counted_in_steps():
    ladder = begun(Patience(3, max_budget=20), 1)
    assert say(ladder, 0, 4, 0.5).action == "continue"
    assert say(ladder, 0, 6, 0.6).action == "continue"
    assert say(ladder, 0, 8, 0.6).action == "complete"


def test_a_trial_without_any_finite_value_loses_patience_too():
    ladder = begun(Patience(2, max_budget=9), 1)
    assert [say(ladder, 0, step, math.nan).action for step in (1, 2)] == ["continue", "complete"]


def test_patience_over_a_leg_that_was_lost():
    ladder = begun(Patience(2, max_budget=9), 1)
    assert [say(ladder, 0, step, v).action for step, v in ((1, 0.5), (2, 0.6))] == ["continue", "continue"]
    assert [say(ladder, 0, step, 0.6, 2).action for step in (1, 2, 3)] == ["continue", "continue", "complete"]


def retry(ladder, trial):
    ladder.apply(Continued(trial, Place(None, 0, 9), 2, "retried"))


def test_a_trial_that_is_run_again_is_judged_by_the_new_attempt_and_others_are_compared_with_it():
    ladder = begun(MedianStopping(9, least=3), 5)
    curves(ladder, [[0.5, 0.5], [0.7, 0.7], [0.7, 0.7], [0.0, 0.0]])
    retry(ladder, 3)
    assert say(ladder, 3, 1, 0.9, attempt=2) == (
        "stop", {"kind": "median", "step": 1, "of": 3, "value": 0.9, "median": 0.7}
    )  # fmt: skip
    assert say(ladder, 4, 1, 0.8).reason["median"] == 0.7, "of 0.5, 0.7, 0.7 and 0.9"
    assert say(ladder, 4, 2, 0.8).reason["of"] == 3, "what it has not repeated is gone"


def test_a_trial_that_goes_on_from_a_checkpoint_keeps_what_lies_before_it():
    ladder = begun(MedianStopping(9, least=3), 4)
    curves(ladder, [[0.5, 0.5], [0.7, 0.7], [0.7, 0.7], [0.6, 9.0]])
    retry(ladder, 3)
    assert say(ladder, 3, 2, 0.8, attempt=2).action == "continue", "its best is 0.6 still"


def test_patience_begins_anew_for_a_trial_that_is_run_again():
    ladder = begun(Patience(2, max_budget=9), 1)
    curves(ladder, [[0.0, 0.1]])
    retry(ladder, 0)
    assert [say(ladder, 0, step, value, attempt=2).action for step, value in enumerate((0.9, 0.8, 0.7, 0.75), 1)] == [
        "continue"
    ] * 4
    assert say(ladder, 0, 5, 0.75, attempt=2).reason["value"] == 0.7


def test_settings_survive_json():
    for schedule in (MedianStopping(), MedianStopping(9, 2, 3), Patience(3), Patience(3, 0.5, max_epochs=9)):
        assert schedule_from_json(schedule.to_json()) == schedule
    assert MedianStopping(9).to_json() == {"name": "median", "max_budget": 9, "warmup": 0, "least": 5}
    assert Patience(4).to_json() == {"name": "patience", "steps": 4, "min_delta": 0.0, "max_budget": None}
    assert MedianStopping().resolved(7, 3, "epoch").max_budget == 7
    assert Patience(3).resolved(7, 3, "epoch").max_budget == 7
    assert Patience(3).resolved(None, 3, "epoch").max_budget is None
    assert Patience(3).plan(4) is MedianStopping().plan(4) is None
    assert Patience(3).rungs
    assert MedianStopping().rungs


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MedianStopping(0), "max_budget must be an integer of at least 1, not 0"),
        (lambda: MedianStopping(warmup=-1), "warmup must be an integer of at least 0, not -1"),
        (lambda: MedianStopping(least=0), "least must be an integer of at least 1, not 0"),
        (lambda: Patience(0), "steps must be an integer of at least 1, not 0"),
        (lambda: Patience(None), "steps must be an integer of at least 1, not None"),
        (lambda: Patience(1, -0.1), "min_delta must be a finite number of at least 0, not -0.1"),
        (lambda: Patience(1, math.nan), "min_delta must be a finite number of at least 0, not nan"),
        (lambda: Patience(1, min_delta=True), "min_delta must be a finite number of at least 0, not True"),
        (lambda: Patience(1, max_budget=3, max_epochs=4), "max_epochs is another name of max_budget"),
    ],
)
def test_what_cannot_work_is_refused(make, message):
    with pytest.raises(StrategyError, match=message):
        make()


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ({"kind": "median", "step": 4, "of": 12, "value": 0.71234, "median": 0.69},
         "pruned after 4 epochs: 0.7123 at best, and the median of 12 others is 0.69"),
        ({"kind": "median", "step": 1, "of": 1, "value": None, "median": 0.69},
         "pruned after 1 epoch: no value that can be compared, and the median of 1 other is 0.69"),
        ({"kind": "patience", "steps": 5, "step": 12, "value": 0.31, "best": 7},
         "done after 12 epochs: no improvement in 5 epochs on 0.31 after 7 epochs"),
        ({"kind": "patience", "steps": 5, "step": 5, "value": None, "best": 0},
         "done after 5 epochs: not one value that can be compared"),
    ],
)  # fmt: skip
def test_every_reason_is_a_sentence(reason, text):
    assert sentence(reason, "epoch") == text
