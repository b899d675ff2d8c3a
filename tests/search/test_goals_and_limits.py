"""Several goals, constraints, earlier results and rules that end a search, through the front door."""

import pytest

import tunewidgets as tw
from tunewidgets.history import Known

STEPS = tw.Space(x=tw.Int(0, 8))
SPACE = tw.Space(x=tw.Float(-2.0, 2.0), y=tw.Float(0.0, 1.0))


def two(config):
    return {"near": config["x"] ** 2, "far": (config["x"] - 1.0) ** 2, "cost": config["y"]}


def bowl(config):
    return config["x"] ** 2 + config["y"]


def climbing(trial):
    for step in trial.steps():
        trial.report(step, step + trial.config["x"])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def tuned(target, **options):
    options = {"space": SPACE, "executor": "inline", "show": False, "seed": 1} | options
    return tw.tune(target, **options)


def goals(sampler):
    return tuned(two, objective=["near", "far"], direction=["min", "min"], sampler=sampler, trials=30).wait()


@pytest.mark.parametrize("sampler", ["nsga2", "tpe", "random"])
def test_several_goals_give_a_front(sampler):
    search = goals(sampler)
    front = search.best_trials
    assert front[0].number == search.best.number
    assert len(front) > 2
    nearer = [trial.config["x"] ** 2 for trial in front]
    farther = [(trial.config["x"] - 1.0) ** 2 for trial in front]
    assert nearer == sorted(nearer)
    assert farther == sorted(farther, reverse=True)


def test_with_one_goal_the_front_is_the_best():
    search = tuned(bowl, direction="min", sampler="random", trials=5).wait()
    assert [trial.number for trial in search.best_trials] == [search.best.number]


def test_a_trial_that_breaks_a_constraint_is_never_the_best():
    search = tuned(
        two, objective="near", direction="min", constraints={"cost": 0.3}, sampler="random", trials=30
    ).wait()
    assert search.best_config["y"] <= 0.3
    fitting = [trial.value for trial in search.history.trials.values() if trial.config["y"] <= 0.3]
    assert search.best_value == min(fitting)
    assert len(fitting) < 30


def test_a_constraint_may_be_on_what_is_optimised():
    search = tuned(bowl, objective="loss", constraints={"loss": 2.0}, sampler="random", trials=20).wait()
    assert search.best_value <= 2.0


def test_no_trial_is_best_where_all_break_a_constraint():
    search = tuned(
        two, objective="near", direction="min", constraints={"cost": -1.0}, sampler="random", trials=3
    ).wait()
    assert search.best is None
    assert search.best_trials == ()
    with pytest.raises(
        tw.TuneError, match="none of 3 completed trials keeps cost <= -1, or reports it: there is no best"
    ):
        search.best_model()


def test_rules_look_at_what_is_optimised_with_its_bound():
    options = {"objective": "loss", "constraints": {"loss": 2.0}, "sampler": "random", "trials": 30}
    search = tuned(bowl, stop_when=tw.Target(1.0), **options).wait()
    assert search.history.closed.reason["kind"] == "target"
    assert search.best_value <= 1.0


def test_no_improvement_with_several_goals_looks_at_the_front():
    def creeping(config):
        return {"near": 0.0, "far": -config["x"]}

    options = {"objective": ["near", "far"], "direction": ["min", "min"], "sampler": "grid", "space": STEPS}
    search = tuned(creeping, stop_when=tw.NoImprovement(3), **options).wait()
    assert len(search.history.trials) == 9, "every one is better in the second goal"
    still = tuned(lambda _: {"near": 0.0, "far": 1.0}, stop_when=tw.NoImprovement(3), name="still", **options).wait()
    assert len(still.history.trials) == 4
    assert still.message == "no improvement in 3 trials: none of them adds to the 1 best trade-off"


def test_the_table_holds_all_goals_and_begins_another_search():
    first = goals("random")
    assert list(first.trials.columns[:5]) == ["number", "state", "value", "far", "budget"]
    options = {"objective": ["near", "far"], "direction": ["min", "min"], "sampler": "tpe", "trials": 1, "name": "next"}
    known = tuned(two, warm_start=first.trials, **options).wait().history.opened.known
    assert [each.values for each in known] == [
        (trial.config["x"] ** 2, (trial.config["x"] - 1.0) ** 2) for trial in first.history.trials.values()
    ]


def test_an_earlier_search_is_known_to_the_next():
    first = tuned(bowl, direction="min", sampler="random", trials=6, name="first").wait()
    second = tuned(bowl, direction="min", sampler="tpe", trials=4, name="second", warm_start="first").wait()
    known = second.history.opened.known
    assert [each.config for each in known] == [dict(trial.config) for trial in first.history.trials.values()]
    assert second.history.trials[0].notes["kind"] == "tpe"
    third = tuned(bowl, direction="min", trials=4, name="third", sampler="random", warm_start=[first, second]).wait()
    assert len(third.history.opened.known) == 10


def test_what_does_not_fit_of_an_earlier_table_is_left_out_with_a_warning():
    table = [({"x": 0.5, "y": 0.5}, 0.75), ({"x": 50.0, "y": 0.5}, 1.0)]
    with pytest.warns(UserWarning, match="warm_start: 1 of 2 results are left out; the first, row 1 of the table"):
        search = tuned(bowl, direction="min", trials=2, sampler="random", warm_start=table)
    assert search.wait().history.opened.known == (Known({"x": 0.5, "y": 0.5}, (0.75,)),)


def test_a_target_ends_the_search():
    search = tuned(climbing, direction="max", schedule=tw.Full(4), sampler="grid", stop_when=tw.Target(5.0)).wait()
    assert search.status == "finished"
    assert search.best_value >= 5.0
    assert max(trial.value for trial in list(search.history.trials.values())[:-1]) < 5.0
    assert search.message == f"the target 5 is reached: trial {search.best.number} has {search.best_value:.4g}"


def test_a_budget_and_a_standstill_end_the_search():
    total = tuned(climbing, direction="max", schedule=tw.Full(4), sampler="random", stop_when=[tw.TotalBudget(10)])
    assert len(total.wait().trials) == 3
    still = tuned(lambda _: 1.0, direction="max", sampler="random", stop_when=[tw.NoImprovement(4)], name="still")
    assert len(still.wait().trials) == 5


def test_rules_belong_to_what_a_search_is():
    def asked(trials):
        return tuned(bowl, direction="min", sampler="random", stop_when=[tw.NoImprovement(trials)])

    asked(3)
    assert asked(3).wait().name == "bowl"
    with pytest.raises(tw.SearchExists):
        asked(4)


@pytest.mark.parametrize(
    "asked",
    [
        {"objective": ["near", "fat"], "direction": ["min", "min"]},
        {"objective": "near", "direction": "min", "constraints": {"fat": 1.0}},
    ],
)
def test_a_metric_that_nobody_reports_fails_the_trials_with_the_cure(asked):
    search = tuned(two, sampler="random", trials=30, **asked)
    with pytest.raises(tw.SearchFailed, match="5 trials in a row failed"):
        search.wait()
    assert search.history.counts == {"failed": 5}
    assert search.why(0) == (
        "it reported no 'fat', without which it cannot be compared with others. Cure: correct its name, or report it: "
        "trial.report(step, value, fat=...), or return it in a dict."
    )


def test_a_space_in_which_the_sampler_cannot_work_is_refused_when_it_is_edited():
    search = tuned(bowl, direction="min", sampler="cmaes", trials=3)
    with pytest.raises(tw.StrategyError, match="kind"):
        search.edit_space(tw.Space(x=tw.Float(0.0, 1.0), kind=tw.Choice(["a", "b"])))
