"""What a search's results depend on: the forest, the results that count, and online LDA, whose shares are known."""

import sys
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from histories import R81, full_history, ladder_history
from online_lda import BATCH, KAPPA, PERPLEXITY, SHARES, TAU0

from tunewidgets.analysis.domain import cube_of
from tunewidgets.analysis.forest import Growing, grow
from tunewidgets.analysis.importance import FEWEST, parameter_importance
from tunewidgets.history import Ended, Goal, History, Known, Limits, Opened, Place, Reported, SpaceEdited, Started
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space

PLACE = Place(None, 0, None)
FEW = Growing(trees=16)


LOSS = (Goal("loss", "min"),)


def history(space, results, goals=LOSS, **opened):
    """A history of (configuration, value) or (configuration, values of all goals); no value: the trial failed."""
    made = History()
    made.append(Opened(0, space, Limits(), goals, **opened))
    for number, (config, value) in enumerate(results):
        made.append(Started(number, config, PLACE))
        if value is None:
            made.append(Ended(number, 1, "failed", PLACE))
            continue
        first, *others = value if isinstance(value, tuple) else (value,)
        made.append(Reported(number, 1, 1, first, dict(zip([g.metric for g in goals[1:]], others, strict=True))))
        made.append(Ended(number, 1, "completed", PLACE, first))
    return made


def sampled(space, n, function, seed=0):
    configs = [space.sample(np.random.default_rng((seed, number))) for number in range(n)]
    return [(config, function(config)) for config in configs]


def shares(record):
    return {each.names: each.share for each in (*record.parameters, *record.pairs)}


def names(record):
    return [each.names[0] for each in record.parameters]


# --- online LDA -------------------------------------------------------------------------------------------------------

LDA = Space(kappa=Choice(KAPPA), tau0=Choice(TAU0), batch=Choice(BATCH))


def lda(chosen=slice(None)):
    runs = list(PERPLEXITY.items())
    picked = runs[chosen] if isinstance(chosen, slice) else [runs[index] for index in chosen]
    return history(LDA, [(dict(zip(LDA, key, strict=True)), value) for key, value in picked])


def is_right(record):
    found = shares(record)
    together = found[("kappa", "batch")]
    return names(record) == ["batch", "kappa", "tau0"] and together > max(found[("kappa",)], found[("tau0",)])


def test_online_lda_depends_on_batch_before_kappa_before_tau0_and_on_kappa_with_batch_more_than_on_these():
    record = parameter_importance(lda(), growing=Growing(trees=32))
    assert is_right(record)
    assert shares(record) == pytest.approx(SHARES, abs=0.01)
    assert (record.trials, record.used, record.missing) == (288, 288, None)
    assert record.explained > 0.95
    assert all(each.low <= each.share <= each.high for each in (*record.parameters, *record.pairs))


def test_a_hundred_random_runs_of_it_say_the_same():
    right = [
        is_right(parameter_importance(lda(np.random.default_rng(seed).choice(288, 100, replace=False)), growing=FEW))
        for seed in range(6)
    ]
    assert all(right)


def test_the_runs_are_those_of_the_shared_folder():
    shared = Path(__file__).resolve().parents[3] / "shared" / "bench"
    if not shared.is_dir():
        pytest.skip("the folder shared/bench, beside the project, is missing")
    sys.path.insert(0, str(shared))
    try:
        import tasks
    finally:
        sys.path.remove(str(shared))
    table = {(kappa, int(2**tau0), int(2**batch)): value for kappa, tau0, batch, value in tasks.online_lda().tolist()}
    assert table.keys() == PERPLEXITY.keys()
    assert all(abs(table[key] - PERPLEXITY[key]) <= 0.051 for key in table)


# --- the forest -------------------------------------------------------------------------------------------------------

NESTED = Space(
    rate=Float(1e-4, 1.0, sampling="log"),
    deep=Boolean(),
    kind=Choice(["a", "b", "c", "d"]).when(deep=True),
    layers=Int(1, 4).when(kind=["b", "d"]),
    units=Int(1, 64).when(deep=False),
)


def worth(config):
    value = np.log10(config["rate"]) ** 2
    if not config["deep"]:
        return value + config["units"] / 16
    return value + {"a": 0, "b": 3, "c": 1, "d": 5}[config["kind"]] + config.get("layers", 0)


def test_the_boxes_of_a_tree_are_the_tree_also_where_parameters_are_absent():
    results = sampled(NESTED, 80, worth)
    points = NESTED.encode([config for config, _ in results])
    values = np.array([value for _, value in results])
    cube = cube_of(NESTED, points)
    forest = grow(cube.points, values, cube.domain, cube.unordered, Growing(trees=5))
    rng = np.random.default_rng(0)
    for boxes in forest.trees:
        assert (boxes.high - boxes.low).prod(axis=1).sum() == pytest.approx(1.0)
        assert (boxes.low < boxes.high).all()
        # Of a trial that the tree was grown on it knows the value, whatever the coordinates of what is absent.
        drawn = np.where(np.isnan(cube.points), rng.random(cube.points.shape), cube.points)
        for column, order in boxes.orders.items():
            drawn[:, column] = (np.argsort(order)[(drawn[:, column] * len(order)).astype(int)] + 0.5) / len(order)
        inside = ((boxes.low < drawn[:, None]) & (drawn[:, None] <= boxes.high)).all(axis=2)
        assert (inside.sum(axis=1) == 1).all()
        right = np.isclose(inside @ boxes.values, values)
        assert 0.5 < right.mean() < 1.0


def test_where_there_is_only_noise_the_forest_explains_nothing():
    space = Space(a=Float(0, 1), b=Float(0, 1))
    rng = np.random.default_rng(1)
    record = parameter_importance(history(space, sampled(space, 60, lambda _c: rng.normal())), growing=FEW)
    assert record.explained < 0.2


def test_the_same_results_give_the_same_answer():
    made = history(NESTED, sampled(NESTED, 40, worth))
    first = parameter_importance(made, growing=FEW)
    assert parameter_importance(made, growing=FEW) == first
    assert parameter_importance(made, growing=Growing(trees=16, seed=1)) != first


def test_the_order_in_which_choices_are_written_does_not_matter():
    rows = sampled(Space(op=Choice(list("pqrst")), x=Float(0, 1)), 50, lambda c: ord(c["op"]) * 7 % 5 + c["x"])
    found = [
        shares(parameter_importance(history(Space(op=Choice(list(order)), x=Float(0, 1)), rows), growing=FEW))
        for order in ("pqrst", "tsrpq")
    ]
    assert found[0] == pytest.approx(found[1], abs=0.02)


# --- what counts ------------------------------------------------------------------------------------------------------


def test_a_logarithmic_parameter_is_even_on_its_own_scale():
    space = Space(rate=Float(1e-4, 1.0, sampling="log"), x=Float(0, 1))
    # Half of the decades; on a linear scale it would be 1 % of the range, and matter little.
    made = history(space, sampled(space, 80, lambda c: 2.0 * (c["rate"] < 1e-2) + c["x"]))
    found = shares(parameter_importance(made, growing=FEW))
    assert found[("rate",)] == pytest.approx(1 / (1 + 1 / 12), abs=0.06)


def test_a_conditional_parameter_is_seen_where_it_is_active():
    space = Space(
        optimizer=Choice(["adam", "sgd"]),
        momentum=Float(0, 1).when(optimizer="sgd"),
        beta=Float(0, 1).when(optimizer="adam"),
    )
    made = history(space, sampled(space, 200, lambda c: 2.0 * (c["momentum"] > 0.5) if "momentum" in c else 1.0))
    record = parameter_importance(made, growing=FEW)
    found = shares(record)
    assert found[("momentum",)] > 0.9
    assert found[("optimizer",)] < 0.05
    assert ("momentum", "beta") not in found
    assert ("optimizer", "momentum") in found


def test_constants_are_left_out_and_named_where_the_space_would_let_them_vary():
    space = Space(x=Float(0, 1), c=Fixed(3), unused=Boolean())
    rows = [({"x": x, "c": 3, "unused": True}, x) for x in np.linspace(0, 1, 30).tolist()]
    record = parameter_importance(history(space, rows), growing=FEW)
    assert names(record) == ["x"]
    assert record.pairs == ()
    assert record.constant == ("unused",)


def test_failed_trials_and_values_that_are_not_finite_are_left_out():
    space = Space(x=Float(0, 1))
    rows = sampled(space, 30, lambda c: c["x"])
    spoilt = [({"x": 0.5}, None), ({"x": 0.5}, nan), ({"x": 0.5}, -inf), *rows]
    record = parameter_importance(history(space, spoilt), growing=FEW)
    assert record.trials == 30
    assert record == parameter_importance(history(space, rows), growing=FEW)


def test_one_value_that_is_far_worse_does_not_hide_all_others():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    rows = sampled(space, 120, lambda c: c["x"])
    for direction, far in (("min", 1e9), ("max", -1e9)):
        spoilt = [({"x": 0.5, "y": 0.99}, far), *rows]
        record = parameter_importance(history(space, spoilt, (Goal("m", direction),)), growing=FEW)
        assert record.strays == 1
        assert shares(record)[("x",)] > 0.1


@pytest.mark.parametrize(("factor", "shift"), [(1e-12, 0.0), (1e-9, 1.0), (1e300, 0.0)])
def test_units_do_not_matter_to_the_forest(factor, shift):
    space = Space(x=Float(0, 1), y=Float(0, 1))
    rows = sampled(space, 40, lambda c: c["x"] + 0.3 * c["y"])
    scaled = [(config, shift + factor * value) for config, value in rows]
    first, second = (parameter_importance(history(space, each), growing=FEW) for each in (rows, scaled))
    # Between splits that are equally good, rounding decides.
    assert shares(second) == pytest.approx(shares(first), abs=0.02)


def test_too_few_results_say_how_many_are_needed():
    space = Space(x=Float(0, 1))
    record = parameter_importance(history(space, sampled(space, FEWEST - 1, lambda c: c["x"])))
    assert (record.missing, record.trials, record.needed, record.parameters) == ("trials", FEWEST - 1, FEWEST, ())
    wide = Space({f"x{index}": Float(0, 1) for index in range(15)})
    assert parameter_importance(history(wide, sampled(wide, 29, lambda c: c["x1"]))).needed == 30
    assert parameter_importance(History()).missing == "trials"


def test_results_that_do_not_differ_and_parameters_that_do_not_vary():
    space = Space(x=Float(0, 1))
    assert parameter_importance(history(space, sampled(space, 30, lambda _c: 1.0))).missing == "differences"
    rows = [({"x": 0.5}, float(index)) for index in range(30)]
    assert parameter_importance(history(space, rows)).missing == "parameters"


def test_a_selection_is_looked_at_in_its_own_range():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    # In the upper half of x only y matters.
    rows = sampled(space, 160, lambda c: 10 * max(0.0, 0.5 - c["x"]) + c["y"])
    upper = [number for number, (config, _) in enumerate(rows) if config["x"] > 0.5]
    whole = parameter_importance(history(space, rows), growing=FEW)
    part = parameter_importance(history(space, rows), trials=upper, growing=FEW)
    assert names(whole) == ["x", "y"]
    assert names(part) == ["y", "x"]
    assert part.trials == len(upper)
    assert shares(part)[("y",)] > 0.8


def test_any_goal_can_be_asked_for():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    goals = (Goal("loss", "min"), Goal("size", "max"))
    made = history(space, sampled(space, 40, lambda c: (c["x"], c["y"])), goals)
    assert names(parameter_importance(made, growing=FEW))[0] == "x"
    record = parameter_importance(made, goal="size", growing=FEW)
    assert names(record)[0] == "y"
    assert record.goal == goals[1]
    assert parameter_importance(made, goal="speed", growing=FEW).goal == goals[0]


def test_it_is_the_highest_budget_with_enough_results_or_another_one_with_enough():
    made = ladder_history(R81)
    record = parameter_importance(made, growing=FEW)
    assert record.budgets == (27, 9, 3, 1)
    assert (record.budget, record.trials) == (27, 24)
    assert parameter_importance(made, budget=3, growing=FEW).budget == 3
    assert parameter_importance(made, budget=81, growing=FEW).budget == 27
    few = parameter_importance(full_history(12, budget=9))
    assert (few.budgets, few.budget, few.missing) == ((), 9, "trials")


def test_of_many_trials_an_even_sample_is_used():
    space = Space(x=Float(0, 1))
    record = parameter_importance(
        history(space, sampled(space, 90, lambda c: c["x"])), growing=Growing(trees=4, most=40)
    )
    assert (record.trials, record.used) == (90, 40)


def test_configurations_of_another_space_and_what_was_known_before_do_not_count():
    space = Space(x=Float(0, 1))
    made = history(space, sampled(space, 30, lambda c: c["x"]), known=(Known({"x": 0.5}, (1.0,)),))
    assert parameter_importance(made, growing=FEW).trials == 30
    made.append(SpaceEdited(Space(x=Float(0, 0.9))))
    assert 20 <= parameter_importance(made, growing=FEW).trials < 30
