"""The arithmetic of the schedules against the tables of their sources, written out."""

import pytest

from tunewidgets.errors import StrategyError
from tunewidgets.schedules import Full, Hyperband, SuccessiveHalving, schedule_from_json


def table(schedule, trials=None):
    return [[tuple(rung) for rung in bracket] for bracket in schedule.plan(trials).brackets]


R81_FIRST = [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)]


def test_algorithm_1_with_r_81():
    assert table(Hyperband(81)) == [
        R81_FIRST,
        [(34, 3), (11, 9), (3, 27), (1, 81)],
        [(15, 9), (5, 27), (1, 81)],
        [(8, 27), (2, 81)],
        [(5, 81)],
    ]


def test_the_table_printed_in_the_paper():
    assert table(Hyperband(81, arithmetic="printed")) == [
        R81_FIRST,
        [(27, 3), (9, 9), (3, 27), (1, 81)],
        [(9, 9), (3, 27), (1, 81)],
        [(6, 27), (2, 81)],
        [(5, 81)],
    ]


def test_keras_tuners_arithmetic():
    assert table(Hyperband(81, arithmetic="keras_tuner")) == [
        R81_FIRST,
        [(34, 3), (12, 9), (4, 27), (2, 81)],
        [(15, 9), (5, 27), (2, 81)],
        [(8, 27), (3, 81)],
        [(5, 81)],
    ]
    assert table(Hyperband(100, arithmetic="keras_tuner")) == [
        [(98, 2), (33, 4), (11, 12), (4, 34), (2, 100)],
        [(41, 4), (14, 12), (5, 34), (2, 100)],
        [(18, 12), (6, 34), (2, 100)],
        [(9, 34), (3, 100)],
        [(6, 100)],
    ]


@pytest.mark.parametrize("max_epochs", [9, 27, 50, 81, 100, 243])
@pytest.mark.keras
def test_keras_tuners_arithmetic_is_keras_tuners_own(max_epochs, tmp_path):
    keras_tuner = pytest.importorskip("keras_tuner")
    oracle = keras_tuner.oracles.HyperbandOracle(
        objective=keras_tuner.Objective("value", "min"), max_epochs=max_epochs, factor=3
    )
    theirs = [
        [(oracle._get_size(s, i), oracle._get_epochs(s, i)) for i in range(oracle._get_num_rounds(s))]
        for s in range(oracle._get_num_brackets() - 1, -1, -1)
    ]
    assert table(Hyperband(max_epochs, arithmetic="keras_tuner")) == theirs


def test_smaller_tables():
    assert table(Hyperband(27)) == [
        [(27, 1), (9, 3), (3, 9), (1, 27)],
        [(12, 3), (4, 9), (1, 27)],
        [(6, 9), (2, 27)],
        [(4, 27)],
    ]
    assert table(Hyperband(9)) == [[(9, 1), (3, 3), (1, 9)], [(5, 3), (1, 9)], [(3, 9)]]
    assert [[n for n, _ in bracket] for bracket in table(Hyperband(16, factor=2))] == [
        [16, 8, 4, 2, 1],
        [10, 5, 2, 1],
        [7, 3, 1],
        [5, 2],
        [5],
    ]
    assert len(table(Hyperband(243))) == 6  # log(243, 3) is 4.999... in floating point


def test_budget_of_a_pass():
    assert Hyperband(81).plan(None).budget == 1581
    per_bracket = [
        sum(n * (r - b) for (n, r), b in zip(rows, [0, *[r for _, r in rows]], strict=False))
        for rows in table(Hyperband(81))
    ]
    assert per_bracket == [297, 276, 279, 324, 405]
    kt = Hyperband(27, arithmetic="keras_tuner").plan(None)
    assert (kt.legs, kt.budget) == (70, 375)


@pytest.mark.parametrize(
    ("n", "smallest", "largest", "factor", "rungs"),
    [
        (20, 62, 1000, 2, [(20, 62), (10, 124), (5, 248), (3, 496), (2, 992)]),
        (6, 20, 80, 2, [(6, 20), (3, 40), (2, 80)]),
        (6, 250, 1000, 2, [(6, 250), (3, 500), (2, 1000)]),
        (6, 20, 40, 2, [(6, 20), (3, 40)]),
        (24, 63, 569, 3, [(24, 63), (8, 189), (3, 567)]),
        (50, 20, 1000, 3, [(50, 20), (17, 60), (6, 180), (2, 540)]),
    ],
)
def test_scikit_learns_successive_halving(n, smallest, largest, factor, rungs):
    schedule = SuccessiveHalving(largest, n, smallest, factor, "scikit-learn")
    assert table(schedule) == [rungs]


def test_a_limit_on_trials_cuts_a_bracket():
    assert table(Hyperband(27), 7) == [[(7, 1), (2, 3), (1, 9), (1, 27)]]
    assert table(Hyperband(27, iterations=None), 50)[-1] == [(1, 1), (1, 3), (1, 9), (1, 27)]
    assert Hyperband(27, iterations=None).plan(200).trials == 200


def test_budgets_are_rounded_to_the_nearest_integer_and_at_least_1():
    assert [r for _, r in table(Hyperband(50))[0]] == [2, 6, 17, 50]
    assert [r for _, r in table(Hyperband(100))[0]] == [1, 4, 11, 33, 100]


def test_settings_survive_json():
    for schedule in (Full(7), Hyperband(27, 4, None, "printed"), SuccessiveHalving(9, 12, 2)):
        assert schedule_from_json(schedule.to_json()) == schedule


def test_max_epochs_is_another_name_of_max_budget():
    assert Hyperband(max_epochs=27) == Hyperband(max_budget=27)
    assert SuccessiveHalving(max_epochs=9) == SuccessiveHalving(max_budget=9)


def test_blanks_are_filled_from_the_objective_and_the_limits():
    assert Hyperband().resolved(27, None, "epoch").max_budget == 27
    assert SuccessiveHalving().resolved(27, None, "epoch").configurations == 27
    assert SuccessiveHalving().resolved(27, 40, "epoch").configurations == 40
    assert Full().resolved(10, None, "epoch").max_budget == 10


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Hyperband(27, factor=1), "factor must be an integer of at least 2, not 1"),
        (lambda: Hyperband(0), "max_budget must be an integer of at least 1, not 0"),
        (lambda: Hyperband(2.5), "max_budget must be an integer of at least 1, not 2.5"),
        (lambda: Hyperband(27, max_epochs=9), "max_epochs is another name of max_budget: give one of"),
        (lambda: Hyperband(27, arithmetic="mine"), "arithmetic must be one of 'algorithm1', 'printed', 'keras_tuner'"),
        (
            lambda: Hyperband().resolved(None, None, "epoch"),
            "Hyperband needs the largest budget of one trial in epochs",
        ),
        (lambda: Hyperband(9, iterations=None).resolved(None, None, "epoch"), "never ends by itself"),
        (lambda: SuccessiveHalving(9, min_budget=10), r"min_budget \(10\) must not exceed max_budget \(9\)"),
        (lambda: Full(0), "max_budget must be an integer of at least 1, not 0"),
        (lambda: Full(2.5), "max_budget must be an integer of at least 1, not 2.5"),
        (lambda: Full(max_budget=True), "max_budget must be an integer of at least 1, not True"),
        (lambda: Full("3"), "max_budget must be an integer of at least 1, not '3'"),
        (lambda: SuccessiveHalving(9, arithmetic="x"), "arithmetic must be 'paper' or 'scikit-learn', not 'x'"),
        (lambda: SuccessiveHalving(arithmetic=[]), r"arithmetic must be 'paper' or 'scikit-learn', not \[\]"),
        (
            lambda: schedule_from_json({"name": "asap"}),
            "schedule must be one of 'full', 'successive_halving', 'hyperband'",
        ),
    ],
)
def test_what_cannot_work_is_refused(make, message):
    with pytest.raises(StrategyError, match=message):
        make()
