"""What ASHA is made of, its settings and its words."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewidgets.errors import StrategyError
from tunewidgets.history import (
    sentence,
)
from tunewidgets.schedules import ASHA, schedule_from_json
from tunewidgets.schedules.growing import GrowingRung
from tunewidgets.schedules.ranking import Ranking

# --- parts ----------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=80), st.integers(2, 5))
def test_a_rung_is_what_sorting_says(steps, factor):
    rung, waiting, failed, every = GrowingRung(factor), {}, 0, {}
    for trial, (action, number) in enumerate(steps):
        if action:
            key = (float(number), trial)
            rung.add(key, key[0])
            waiting[trial] = every[trial] = key
        elif number < 10:
            rung.fail()
            failed += 1
        elif number < 20 and waiting:
            gone = sorted(waiting)[number % len(waiting)]
            rung.withdraw(gone)
            del waiting[gone], every[gone]
        elif (best := rung.ready()) is not None:
            rung.promote(best)
            del waiting[best]
        count = len(every) + failed
        top = sorted(every.values())[: count // factor]
        ready = [key[1] for key in top if key[1] in waiting]
        assert rung.ready() == (ready[0] if ready else None)
        assert (rung.results, rung.places) == (count, count // factor)
        for each in waiting:
            assert rung.rank_of(each) == sorted(every.values()).index(every[each]) + 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 50), max_size=3000), st.integers(0, 3000))
def test_a_ranking_is_a_sorted_list(values, removed):
    ranking, keys = Ranking(), []
    for trial, value in enumerate(values):
        ranking.add((float(value), trial))
        keys.append((float(value), trial))
    for key in keys[:removed]:
        ranking.discard(key)
    ranking.discard((-1.0, 0))
    ranking.discard((99.0, 0))
    keys = sorted(keys[removed:])
    assert len(ranking) == len(keys)
    for index in range(0, len(keys), 97):
        assert ranking[index] == keys[index]
        assert ranking.rank(keys[index]) == index + 1
    assert ranking.rank((100.0, 0)) == len(keys) + 1
    for wrong in (-1, len(keys)):
        with pytest.raises(IndexError, match="number of keys"):
            ranking[wrong]


def test_a_rung_of_a_hundred_thousand_costs_microseconds_a_result():
    rung = GrowingRung(3)
    for trial in range(100_000):
        rung.rank_only((trial * 7919 % 100_003 / 1.0, trial))
    started = time.perf_counter()
    for trial in range(100_000, 102_000):
        rung.add((trial * 7919 % 100_003 / 1.0, trial), 0.0)
        if (best := rung.ready()) is not None:
            rung.promote(best)
    assert max(map(len, rung._ranking._blocks)) <= 1024
    assert (time.perf_counter() - started) / 2000 < 200e-6  # some 10 us: the bound allows for a busy machine


# --- settings -------------------------------------------------------------------------------------------------


def test_settings_survive_json():
    for schedule in (ASHA(27), ASHA(max_epochs=9, factor=2, variant="stopping", brackets=2), ASHA()):
        assert schedule_from_json(schedule.to_json()) == schedule
    assert ASHA(9).to_json() == {
        "name": "asha", "max_budget": 9, "min_budget": 1, "factor": 3, "variant": "promotion", "brackets": 1,
    }  # fmt: skip


def test_blanks_are_filled_from_the_objective():
    assert ASHA().resolved(27, None, "epoch").max_budget == 27
    assert ASHA(9).resolved(27, 10, "epoch").max_budget == 9
    assert ASHA(9).plan(100) is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ASHA(0), "max_budget must be an integer of at least 1, not 0"),
        (lambda: ASHA(9, factor=1), "factor must be an integer of at least 2, not 1"),
        (lambda: ASHA(9, min_budget=10), r"min_budget \(10\) must not exceed max_budget \(9\)"),
        (lambda: ASHA(9, variant="both"), "variant must be 'promotion' or 'stopping', not 'both'"),
        (lambda: ASHA(9, variant=[]), r"variant must be 'promotion' or 'stopping', not \[\]"),
        (lambda: ASHA(9, brackets=4), "brackets must be at most 3, the number of rungs from 1 to 9, not 4"),
        (lambda: ASHA(brackets=4).resolved(9, None, "epoch"), "brackets must be at most 3"),
        (lambda: ASHA().resolved(None, 9, "epoch"), "ASHA needs the largest budget of one trial in epochs"),
        (lambda: ASHA().begin(), "ASHA needs its largest budget first"),
    ],
)
def test_what_cannot_work_is_refused(make, message):
    with pytest.raises(StrategyError, match=message):
        make()


FACTS = {"kind": "asha", "rung": 1, "budget": 9, "value": 0.87123, "rank": 7, "of": 9, "places": 3}


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ({"verdict": "out"}, "pruned at rung 1 (9 epochs): 0.8712 ranks 7 of 9, the best 3 go on"),
        ({"verdict": "promoted", "rank": 1, "of": 4, "places": 1},
         "promoted from rung 1 (9 epochs): 0.8712 ranks 1 of 4 so far, the best one goes on"),
        ({"verdict": "passed", "rank": 2}, "passed rung 1 (9 epochs): 0.8712 ranks 2 of 9 so far, the best 3 go on"),
        ({"verdict": "passed", "rank": 2, "of": 2, "places": 0},
         "passed rung 1 (9 epochs): 0.8712 is number 2 to come there, too few to prune it"),
        ({"verdict": "reached"}, "paused at rung 1 (9 epochs): 0.8712 ranks 7 of 9 so far, the best 3 go on"),
        ({"verdict": "reached", "rank": 1, "of": 2, "places": 0},
         "paused at rung 1 (9 epochs): 0.8712 ranks 1 of 2 so far, too few for one to go on"),
        ({"verdict": "finalist", "rank": 1, "of": 2, "places": 0},
         ("promoted from rung 1 (9 epochs): 0.8712 ranks 1 of 2, as nothing else is left to start and nobody has come "
          "to the top")),
    ],
)  # fmt: skip
def test_every_verdict_is_a_sentence(reason, text):
    assert sentence(FACTS | reason, "epoch") == text
