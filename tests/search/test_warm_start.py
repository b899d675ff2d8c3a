"""Warm starts: results of earlier searches and tables, told as they were, and what is left out with the reason."""

import subprocess
import sys
from math import nan

import numpy as np
import pandas as pd
import pytest

import tunewidgets as tw
from tunewidgets.errors import SearchNotFound, StrategyError
from tunewidgets.history import Ended, Goal, History, Known, Limits, Opened, Place, Reported, Started
from tunewidgets.warm_start import Dropped, Earlier, at_full_budget, fit_known, known_results

SPACE = tw.Space(
    units=tw.Int(32, 128, step=32),
    optimizer=tw.Choice(["adam", "sgd"]),
    momentum=tw.Float(0.0, 0.9).when(optimizer="sgd"),
)
LOSS = (Goal("val_loss", "min"),)
TWO = (Goal("val_accuracy", "max"), Goal("params", "min"))
ADAM = {"units": 64, "optimizer": "adam"}
SGD = {"units": 32, "optimizer": "sgd", "momentum": 0.5}


def read(given, space=SPACE, goals=LOSS, **options):
    return known_results(given, space, goals, **options)


def same(given, *known, space=SPACE, goals=LOSS):
    found = read(given, space, goals)
    assert found.known == known
    assert found.dropped == ()


def history(*trials, goals=LOSS, space=SPACE):
    """A history of trials (config, state, budget, {step: (value, metrics)})."""
    made = History()
    made.append(Opened(0, space, Limits(), goals))
    for number, (config, state, budget, reports) in enumerate(trials):
        place = Place(0, 0, budget)
        made.append(Started(number, config, place))
        for step, (value, metrics) in reports.items():
            made.append(Reported(number, 1, step, value, metrics))
        made.append(Ended(number, 1, state, place))
    return made


# --- tables --------------------------------------------------------------------------------------------------------

TABLES = [
    [(ADAM, 0.5), (SGD, 0.25)],
    ((ADAM, 0.5), [SGD, [0.25]]),
    [(ADAM, {"val_loss": 0.5}), (SGD, {"val_loss": 0.25, "other": 1})],
    [{**ADAM, "val_loss": 0.5}, {**SGD, "val_loss": 0.25}],
    [{**ADAM, "momentum": None, "value": 0.5, "remark": "good"}, {**SGD, "value": 0.25}],
    [{"param_units": 64, "param_optimizer": "adam", "value": 0.5, "units": "h"},
     {"param_units": 32, "param_optimizer": "sgd", "param_momentum": 0.5, "value": 0.25}],
    pd.DataFrame([{**ADAM, "val_loss": 0.5}, {**SGD, "val_loss": 0.25}]),
    pd.DataFrame({"units": [64.0, 32.0], "optimizer": ["adam", "sgd"], "momentum": [np.nan, 0.5],
                  "value": [0.5, 0.25]}),
    pd.DataFrame({"units": [64, 32], "optimizer": ["adam", "sgd"], "momentum": [None, 0.5],
                  "value": [0.5, 0.25]}).convert_dtypes(),
    [[(ADAM, 0.5)], [{**SGD, "value": np.float32(0.25)}]],
]  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=range(len(TABLES)))
def test_a_table_in_any_of_its_shapes(table):
    same(table, Known(ADAM, (0.5,)), Known(SGD, (0.25,)))
    assert [type(each.config["units"]) for each in read(table).known] == [int, int]


def test_several_goals_stand_under_their_names():
    known = (Known(ADAM, (0.9, 1000.0)),)
    for table in (
        [(ADAM, (0.9, 1000))],
        [(ADAM, {"val_accuracy": 0.9, "params": 1000})],
        [{**ADAM, "value": 0.9, "params": 1000}],
        [{**ADAM, "val_accuracy": 0.9, "params": 1000}],
    ):
        same(table, *known, goals=TWO)


def test_what_does_not_fit_is_left_out_and_the_row_is_named():
    rows = [
        {**ADAM, "value": 0.5},
        {**ADAM, "units": 65, "value": 0.5},
        {"units": 64, "value": 0.5},
        {**ADAM, "momentum": 0.5, "value": 0.5},
        {**ADAM, "value": nan},
        {**ADAM, "value": None},
        {**ADAM, "value": float("inf")},
    ]
    found = read(rows)
    assert found.known == (Known(ADAM, (0.5,)),)
    assert [each.row for each in found.dropped] == [f"row {number} of the table" for number in range(1, 7)]
    texts = ["nearest step is 64", "'optimizer' is missing", "'momentum' is inactive here"]
    texts += ["is nan, and only", "is nan, and only", "is inf, and only finite numbers can be compared"]
    for each, text in zip(found.dropped, texts, strict=True):
        assert text in each.why


def test_a_parameter_that_is_no_longer_there_leaves_the_result_out_where_it_can_be_told():
    found = read([(ADAM, 0.5), ({**ADAM, "layers": 3}, 0.4)])
    assert found.dropped[0].row == "row 1 of the table"
    assert "there is no parameter 'layers'" in found.dropped[0].why
    found = read([{"param_layers": 3, **{f"param_{k}": v for k, v in ADAM.items()}, "value": 0.5},
                  {"param_layers": None, **{f"param_{k}": v for k, v in ADAM.items()}, "value": 0.4}])  # fmt: skip
    assert found.known == (Known(ADAM, (0.4,)),)
    same([{**ADAM, "layers": 3, "value": 0.5}], Known(ADAM, (0.5,)))


def test_rows_below_the_largest_budget_are_taken_only_when_asked_for():
    rows = [{**ADAM, "value": 0.5, "budget": 9}, {**SGD, "value": 0.25, "budget": 27.0}, {**SGD, "value": 0.2}]
    full = (Known(SGD, (0.25,), 27), Known(SGD, (0.2,), None))
    same(rows, *full)
    same(Earlier(rows, budgets="all"), Known(ADAM, (0.5,), 9), *full)


def test_new_parameters_are_filled_only_when_the_caller_says_with_what():
    wider = SPACE.with_parameters(dropout=tw.Float(0.0, 0.5, default=0.1))
    with pytest.raises(StrategyError) as caught:
        read([(ADAM, 0.5)], wider)
    assert "none of the 1 results in warm_start can be used; the first, row 0 of the table:" in str(caught.value)
    assert "'dropout' is missing" in str(caught.value)
    same(Earlier([(ADAM, 0.5)], fill={"dropout": 0.0}), Known({**ADAM, "dropout": 0.0}, (0.5,)), space=wider)
    partly = Earlier([({"units": 64}, 0.5)], fill={"optimizer": "sgd", "momentum": 0.1})
    same(partly, Known({"units": 64, "optimizer": "sgd", "momentum": 0.1}, (0.5,)))
    same(Earlier([({"units": 64}, 0.5)], fill={"optimizer": "adam", "momentum": 0.1}), Known(ADAM, (0.5,)))


BAD = [
    (3, "not 3"),
    ([], "warm_start must be an earlier search (or its name or folder), a table of results"),
    ([ADAM, 3], "not {'units': 64"),
    ({"units": [64]}, "not {'units': [64]}"),
    ((ADAM, 0.5), "not {'units': 64"),
    (pd.DataFrame({"units": [64], "optimizer": ["adam"], "loss": [0.5]}),
     "needs a column 'value' or 'val_loss' for the results; it has 'units', 'optimizer', 'loss'"),
    ([(ADAM, (0.5, 3))], "row 0: expected 1 value(s) (val_loss), 2 came: (0.5, 3)"),
    ([(ADAM, 0.5), (ADAM, "low")], "row 1: 'val_loss' must be a number, not 'low'"),
    ([{**ADAM, "value": True}], "row 0: 'value' must be a number, not True"),
    ([{**ADAM, "value": 0.5, "budget": 2.5}], "row 0: a budget is an integer of at least 1, not 2.5"),
    ([{**ADAM, "value": 0.5, "budget": 0}], "row 0: a budget is an integer of at least 1, not 0"),
    (pd.DataFrame(), "holds no results"),
    ([{**ADAM, "value": 0.5, "state": "failed"}], "warm_start holds no results: no completed trial, and no row"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "text"), BAD, ids=range(len(BAD)))
def test_what_holds_no_results_is_refused(given, text):
    with pytest.raises(StrategyError) as caught:
        read(given)
    assert text in str(caught.value)


BAD_WORDS = [
    ({"fill": ["dropout"]}, "fill must give values by the parameters' names"),
    ({"budgets": "some"}, "budgets must be 'full' or 'all', not 'some'"),
]


@pytest.mark.parametrize(("options", "text"), BAD_WORDS)
def test_earlier_says_what_it_takes(options, text):
    with pytest.raises(StrategyError, match=text):
        Earlier([], **options)


def test_nothing_given_is_nothing_known():
    same(None)


# --- searches ------------------------------------------------------------------------------------------------------


def test_of_a_search_the_completed_trials_are_taken_with_their_value_by_its_rule():
    before = history(
        (ADAM, "completed", 27, {9: (0.5, {}), 18: (0.3, {}), 27: (0.4, {})}),
        (SGD, "pruned", 9, {9: (0.7, {})}),
        (SGD, "failed", 27, {9: (0.1, {})}),
        (SGD, "stopped", 27, {9: (0.1, {})}),
        (SGD, "completed", 27, {}),
        ({**SGD, "units": 96}, "paused", 9, {3: (0.6, {}), 9: (0.65, {})}),
    )
    same(before, Known(ADAM, (0.3,), 27))
    found = read(Earlier(before, budgets="all"))
    assert found.known == (Known(ADAM, (0.3,), 27), Known({**SGD, "units": 96}, (0.65,), 9))


def test_a_search_without_budgets_is_trained_all_the_way():
    same(history((ADAM, "completed", None, {1: (0.5, {})})), Known(ADAM, (0.5,), None))


def test_further_goals_are_read_from_the_report_that_gave_the_value():
    before = history((ADAM, "completed", 2, {1: (0.9, {"params": 10}), 2: (0.8, {"params": 20})}), goals=TWO)
    same(before, Known(ADAM, (0.9, 10.0), 2), goals=TWO)
    without = history(
        (ADAM, "completed", 2, {1: (0.9, {})}), (ADAM, "completed", 2, {1: (0.8, {"params": 3})}), goals=TWO
    )
    found = read(without, goals=TWO)
    assert found.known == (Known(ADAM, (0.8, 3.0), 2),)
    assert found.dropped == (
        Dropped(
            "trial 0 of the earlier search", "its value of 'params' is nan, and only finite numbers can be compared."
        ),
    )


@pytest.mark.parametrize(("before", "now"), [
    (LOSS, (Goal("val_loss", "max"),)),
    (LOSS, (Goal("val_accuracy", "max"),)),
    (LOSS, (Goal("val_loss", "min"), Goal("params", "min"))),
    (TWO, (Goal("params", "min"),)),
    (TWO, (Goal("val_accuracy", "max"), Goal("params", "max"))),
])  # fmt: skip
def test_a_search_with_another_goal_is_refused(before, now):
    trial = (ADAM, "completed", 1, {1: (0.5, {"params": 3})})
    with pytest.raises(StrategyError, match=r"warm_start: the earlier search was to (mini|maxi)mise .* mislead"):
        read([history(trial, goals=now), history(trial, goals=before)], goals=now)
    same(history(trial, goals=before), Known(ADAM, (0.5,), 1), goals=before[:1])


def test_a_search_that_has_not_begun_is_refused():
    with pytest.raises(StrategyError, match="has not begun yet"):
        read(History())


def loss(config):
    if config["x"] == 3:
        raise ValueError("three")
    return config["x"] ** 2


@pytest.fixture
def search(runs):
    space = tw.Space(x=tw.Int(0, 4))
    found = tw.tune(
        loss, space, sampler="grid", direction="min", executor="inline", directory=runs, name="squares", show=False
    )
    return found.wait()


def test_a_real_search_by_handle_name_folder_and_frame(search, runs, monkeypatch):
    new, goals = tw.Space(x=tw.Float(0.0, 2.0)), (Goal("value", "min"),)
    known = tuple(Known({"x": float(x)}, (float(x**2),)) for x in range(3))
    monkeypatch.chdir(runs)
    for given in (search, "squares", search.folder, str(search.folder), [search], search.trials):
        found = known_results(given, new, goals, directory=runs)
        assert found.known == known
        assert len(found.dropped) == 1
    assert known_results("squares", new, goals, directory="elsewhere").known == known
    assert known_results(search, new, goals).dropped[0].row == "trial 4 of 'squares'"
    both = known_results(["squares", [({"x": 0.5}, 0.25)]], new, goals, directory=runs)
    assert both.known == (*known, Known({"x": 0.5}, (0.25,)))


def test_a_search_that_is_not_there(runs):
    with pytest.raises(SearchNotFound, match="there is no search of that name in"):
        known_results("nothing", SPACE, LOSS, directory=runs)


def test_a_search_is_read_without_trust_and_without_unpickling(search, runs):
    search.folder.chmod(0o777)
    (search.folder / "payload.pkl").write_bytes(b"cos\nabort\n(tR.")
    found = known_results("squares", tw.Space(x=tw.Int(0, 4)), (Goal("value", "min"),), directory=runs)
    assert [each.config["x"] for each in found.known] == [0, 1, 2, 4]


# --- before the space is known, and beside the new search's budget ---------------------------------------------------


def test_where_the_space_is_not_known_yet_the_results_are_fitted_later():
    rows = [
        {"param_units": 64, "param_optimizer": "adam", "value": 0.5},
        {"param_units": 65, "param_optimizer": "adam", "value": 0.4},
    ]
    found = known_results(Earlier(rows, fill={"dropout": 0.0}), None, LOSS)
    assert found.known[0] == Known({"dropout": 0.0, **ADAM}, (0.5,))
    later = fit_known(known_results(rows, None, LOSS).known, SPACE, LOSS)
    assert later.known == (Known(ADAM, (0.5,)),)
    assert later.dropped[0].row == "result 1"
    with pytest.raises(StrategyError, match=r"name them param_<name>; it has 'units', 'value'"):
        known_results([{"units": 64, "value": 0.5}], None, LOSS)


def test_budgets_are_those_of_the_new_search():
    known = (Known(ADAM, (0.5,)), Known(ADAM, (0.6,), 9), Known(ADAM, (0.7,), 81))
    assert [each.budget for each in at_full_budget(known, 27)] == [27, 9, 27]
    assert [each.budget for each in at_full_budget(known, None)] == [None, None, None]


def test_a_list_is_read_without_pandas():
    code = (
        "import sys; from tunewidgets.warm_start import known_results; from tunewidgets.history import Goal;"
        "from tunewidgets.space import Space, Int;"
        "known_results([({'x': 1}, 0.5)], Space(x=Int(0, 2)), [Goal('value', 'min')]); print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
