"""`compare`: real searches beside each other, and what it refuses."""

import numpy as np
import pytest

import tunewidgets as tw
from tunewidgets.comparison import _checked_cost, _checked_goal
from tunewidgets.history import Goal, Limits, Opened

SPACE = tw.Space(x=tw.Float(-5.0, 5.0), y=tw.Float(-5.0, 5.0))


def bowl(config):
    return config["x"] ** 2 + config["y"] ** 2


def learning(trial):
    for step in trial.steps():
        trial.report(step, bowl(trial.config) + 1.0 / step)


def search(runs, name, *, run=True, **options):
    defaults = {"sampler": "random", "direction": "min", "trials": 5, "workers": 1, "seed": 1}
    made = tw.tune(
        options.pop("target", bowl), options.pop("space", SPACE), name=name, executor="inline", directory=runs,
        show=False, **defaults | options,
    )  # fmt: skip
    return made.wait() if run else made


@pytest.fixture
def seeds(runs):
    """Six searches of a method that draws from everywhere, and six of one that draws near the best, of equal seeds."""
    near = tw.Space(x=tw.Float(-0.5, 0.5), y=tw.Float(-0.5, 0.5))
    return {
        "near": [search(runs, f"near-{n}", space=near, seed=n) for n in range(6)],
        "far": [search(runs, f"far-{n}", seed=n, trials=5 + n) for n in range(6)],
    }


@pytest.fixture
def pair(runs):
    return search(runs, "one", trials=3), search(runs, "two", trials=3)


def test_seeds_of_two_methods_give_a_winner_a_table_and_a_figure(seeds):
    comparison = tw.compare(seeds)
    assert comparison.winner == "near"
    assert comparison.verdict == (
        "near is better than far after 5 trials each, by Wilcoxon's signed-rank test of 6 pairs of equal seeds "
        "(p = 0.031)."
    )
    table = comparison.table
    assert list(table.columns) == ["method", "seeds", "median", "lower", "upper", "cost", "mean_rank", "verdict"]
    assert table["method"].tolist() == ["near", "far"]
    assert table["seeds"].tolist() == [6, 6]
    assert table["cost"].tolist() == [5.0, 5.0]
    assert table["mean_rank"].tolist() == [1.0, 2.0]
    assert table["verdict"].tolist() == ["winner", "behind near (p = 0.031)"]
    finals = [min(each.trials["value"][:5]) for each in seeds["far"]]
    assert table["median"][1] == pytest.approx(np.median(finals))
    assert [trace.name for trace in comparison.figure().data] == ["near, quartiles", "far, quartiles", "near", "far"]


def test_a_cost_can_be_chosen_later(pair):
    comparison = tw.compare(*pair)
    assert "evaluations spent" in comparison.figure("budget").layout.xaxis.title.text
    by_time = comparison.by("time")
    assert by_time.record.cost == "time"
    assert "at work" in by_time.figure(theme="dark").layout.xaxis.title.text
    assert comparison.record.cost == "trials"


def test_a_notebook_shows_it_without_script_and_a_terminal_in_words(pair):
    comparison = tw.compare(*pair, names=["<one>", "two"])
    page = comparison._repr_html_()
    assert page.count("<svg") == 1
    assert "Too few seeds to say: &lt;one&gt; and two have the same median, the best," in page
    assert "<script" not in page
    assert "currentColor" in page
    assert repr(comparison).startswith("median value: <one> ")
    assert repr(comparison).endswith(comparison.verdict)


def test_searches_by_themselves_go_by_their_names_and_lists_by_their_strategies(runs, pair):
    one, two = pair
    comparison = tw.compare(one, two)
    assert comparison.table["method"].tolist() == ["one", "two"]
    assert comparison.winner is None
    assert comparison.verdict.startswith("Too few seeds to say: one and two have the same median, the best, after")
    three, four = (search(runs, f"sobol-{n}", sampler="sobol", trials=2) for n in range(2))
    assert tw.compare([one, two], [three, four]).table["method"].tolist() == ["random", "sobol"]
    assert tw.compare([one, three], two, names=["mixed", "alone"]).table["seeds"].tolist() == [2, 1]


def test_a_schedule_is_part_of_a_strategys_name_and_budgets_are_compared(runs):
    ladders = [
        search(runs, f"ladder-{n}", target=learning, schedule=tw.SuccessiveHalving(max_budget=9), trials=None, seed=n)
        for n in range(2)
    ]
    full = [search(runs, f"full-{n}", target=learning, schedule=tw.Full(max_budget=9), seed=n) for n in range(2)]
    comparison = tw.compare(ladders, full, cost="budget")
    assert comparison.table["method"].tolist() == ["random + successive_halving", "random"]
    spent = [sum(each.trials["budget"]) for each in (*ladders, *full)]
    assert comparison.table["cost"].tolist() == [min(spent)] * 2


def test_a_search_under_way_or_not_begun_counts_with_what_it_has(runs):
    done, waiting = search(runs, "done"), search(runs, "waiting", run=False)
    early = tw.compare(done, waiting)
    assert early.verdict == "Too early to say: done and waiting have no value after 0 trials each."
    assert early.table["verdict"].tolist() == ["no value yet", "no value yet"]
    early.figure()
    waiting.wait()
    assert early.verdict.startswith("Too early to say")  # it stays as it was
    assert tw.compare(done, waiting).record.at == 5


def test_what_pursues_something_else_is_refused(runs):
    one = search(runs, "one")
    with pytest.raises(tw.StrategyError, match=r"share their direction, and these have 'min' \(one\) and 'max' \(up\)"):
        tw.compare(one, search(runs, "up", direction="max"))
    several = search(
        runs, "several", target=lambda trial: trial.report(1, 1.0, size=2.0), objective=["loss", "size"],
        direction=["min", "min"], sampler="random",
    )  # fmt: skip
    with pytest.raises(tw.StrategyError, match="'several' has 2 goals, and compare looks at one value: compare"):
        tw.compare(one, several)


def opened(metric="loss", direction="min", rule="best"):
    return Opened(0, SPACE, Limits(), (Goal(metric, direction),), value=rule)


def test_other_metrics_and_rules_are_refused():
    with pytest.raises(tw.StrategyError, match=r"metric, and these have 'loss' \(a\) and 'error' \(b\): give tune the"):
        _checked_goal([("a", opened()), ("b", opened("error"))])
    with pytest.raises(tw.StrategyError, match="share their value rule, and these have 'best'"):
        _checked_goal([("a", opened()), ("b", opened(rule="last"))])
    assert _checked_goal([("a", opened()), ("b", opened())]) == ("loss", "min")
    assert _checked_goal([]) == ("value", "min")


def test_budgets_in_other_units_are_compared_by_trials_or_time_alone():
    with pytest.raises(tw.StrategyError, match="budgets in epochs and trees cannot be compared: take cost='trials'"):
        _checked_cost("budget", ["epoch", "tree"])
    assert _checked_cost("trials", ["epoch", "tree"]) == "trials"


@pytest.mark.parametrize("cost", ["epochs", None, 3])
def test_there_are_three_costs(pair, cost):
    with pytest.raises(tw.StrategyError, match="cost must be one of 'trials', 'budget', 'time', not"):
        tw.compare(*pair, cost=cost)


def test_what_cannot_be_compared_says_what_could(pair):
    one, two = pair
    refused = [
        ((), {}, "needs two methods or more, and 0 came"),
        ((one,), {}, "needs two methods or more, and 1 came"),
        (({"a": one},), {}, "needs two methods or more, and 1 came"),
        (("one", "two"), {}, "not 'one'; tw.attach"),
        ((one, []), {}, "a method has no search"),
        ((one, two, one), {}, "2 methods are called 'one': give each a name of its own"),
        ((one, [two, one]), {}, "the search 'one' is given 2 times"),
        ((one, two), {"names": ["a"]}, "names must be a list of 2 names"),
        ((one, two), {"names": "ab"}, "names must be a list of 2 names"),
        ((one, two), {"names": ["a", "a"]}, "2 methods are called 'a'"),
        (({"a": one, "b": two},), {"names": ["a", "b"]}, "leave names=... out"),
    ]
    for given, options, message in refused:
        with pytest.raises(tw.StrategyError) as error:
            tw.compare(*given, **options)
        assert message in str(error.value)
