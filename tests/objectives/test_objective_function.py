import functools
import math
import random

import numpy as np
import pytest
from scripted import make_trial

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives import FunctionObjective, LegEnd, LiveTrial, Objective, as_objective
from tunewidgets.objectives.seeding import seeded
from tunewidgets.space import Float, Space


def by_name(trial):
    return trial.config["x"]


def by_annotation(run: LiveTrial):
    return run.config["x"]


def by_text(run: "tw.LiveTrial"):  # noqa: F821 - an annotation that is never evaluated
    return run.config["x"]


def by_config(config):
    return config["x"]


class Called:
    def __call__(self, trial):
        return trial.config["x"]

    def method(self, config):
        return config["x"]


@pytest.mark.parametrize(
    ("function", "style"),
    [
        (by_name, "trial"),
        (by_annotation, "trial"),
        (by_text, "trial"),
        (Called(), "trial"),
        (by_config, "config"),
        (Called().method, "config"),
        (lambda *args: args[0]["x"], "config"),
        (functools.partial(lambda extra, config: config["x"] + extra, 0), "config"),
        (functools.partial(lambda extra, trial: trial.config["x"] + extra, 0), "trial"),
        (functools.partial(lambda config, extra: config["x"] + extra, extra=0), "config"),
    ],
)
def test_the_style_is_seen_and_the_value_comes_back(tmp_path, function, style):
    objective = FunctionObjective(function)
    objective.check()
    assert objective.style == style
    assert objective.reports == (style == "trial")
    assert objective.unit == ("step" if style == "trial" else "evaluation")
    assert objective.run(make_trial(tmp_path, config={"x": 2})) == 2.0


def test_what_it_knows_without_being_told():
    objective = FunctionObjective(by_config)
    assert (objective.metric, objective.direction, objective.max_budget, objective.space()) == (None, None, None, None)
    assert objective.with_metric("loss", "min").metric == "loss"
    assert objective.metric is None
    assert objective.met() == {}
    objective.check_space(Space(anything=Float(0, 1)))
    assert repr(objective) == "FunctionObjective(by_config)"


async def coroutine(config):
    return 1.0


def generator(config):
    yield 1.0


class AsyncCall:
    async def __call__(self, config):
        return 1.0


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda: 1.0, "takes no positional argument"),
        (lambda *, config: 1.0, "takes no positional argument"),
        (lambda a, b: a, r"needs 2 arguments \(a, b\)"),
        (lambda a, *, b: a, r"needs 2 arguments \(a, b\)"),
        (coroutine, "coroutine is an async function"),
        (AsyncCall(), "AsyncCall is an async function"),
        (generator, "generator is a generator function .*trial.report"),
        (3, "must be a function; int 3 came"),
    ],
)
def test_what_cannot_be_called_is_refused(function, message):
    with pytest.raises(ObjectiveError, match=message):
        FunctionObjective(function).check()


def test_a_default_makes_a_second_argument_no_trouble():
    FunctionObjective(lambda config, extra=1: config["x"] + extra).check()
    FunctionObjective(max).check()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, r"None came. Cure: return a float; is a `return` missing\?"),
        (True, "bool True came. Cure: return a float."),
        ("0.5", "str '0.5' came"),
        (1j, "complex 1j came"),
        ({"loss": 1.0}, "dict .* came"),
    ],
)
def test_a_value_must_be_a_number(tmp_path, value, message):
    with pytest.raises(ObjectiveError, match=f"the value that the function returned must be a number; {message}"):
        FunctionObjective(lambda config: value).run(make_trial(tmp_path))


def test_nan_is_passed_on(tmp_path):
    assert math.isnan(FunctionObjective(lambda config: math.nan).run(make_trial(tmp_path)))


def test_a_function_that_reported_has_no_value_of_its_own(tmp_path):
    trial = make_trial(tmp_path)
    assert FunctionObjective(lambda trial: trial.report(1, 0.5)).run(trial) is None
    assert FunctionObjective(lambda trial: trial.report(2, 0.5) or "ignored").run(trial) is None


def test_a_function_that_neither_reports_nor_returns_is_told(tmp_path):
    with pytest.raises(ObjectiveError, match=r"None came. Cure: call trial.report\(step, value\) or return a float"):
        FunctionObjective(lambda trial: None).run(make_trial(tmp_path))


def test_a_leg_that_finds_its_work_done_is_no_error(tmp_path):
    def objective(trial):
        for step in trial.steps():
            trial.report(step, 0.0)

    make_trial(tmp_path).save("done", step=3)
    assert FunctionObjective(objective).run(make_trial(tmp_path, budget=3)) is None


def test_the_end_of_a_leg_and_the_users_errors_pass_through(tmp_path):
    with pytest.raises(LegEnd):
        FunctionObjective(lambda trial: trial.report(1, 0.5)).run(make_trial(tmp_path, "stop"))
    with pytest.raises(ZeroDivisionError):
        FunctionObjective(lambda config: 1 / 0).run(make_trial(tmp_path))


def test_the_model_is_what_was_saved_last(tmp_path):
    def objective(trial):
        for step in trial.steps():
            trial.save({"weights": step})
            if step == 2:
                return 0.5  # before its report: the leg has ended well all the same
        return None

    FunctionObjective(objective).run(make_trial(tmp_path, budget=3))
    assert FunctionObjective(objective).model(tmp_path, {}, 7) == {"weights": 2}


def test_a_model_that_is_not_there_is_told_with_the_cure(tmp_path):
    with pytest.raises(ObjectiveError, match=r"the trial saved nothing. Cure: call trial.save\(model\) in by_name"):
        FunctionObjective(by_name).model(tmp_path, {}, 7)
    with pytest.raises(ObjectiveError, match=r"by_config gets a configuration.*trial.save\(model\)"):
        FunctionObjective(by_config).model(tmp_path, {}, 7)
    make_trial(tmp_path).save(1)
    (tmp_path / "checkpoint" / "state.pkl").write_bytes(b"")
    with pytest.raises(ObjectiveError, match="cannot be used"):
        FunctionObjective(by_name).model(tmp_path, {}, 7)


def draw(config):
    return random.random() + np.random.random()  # noqa: NPY002 - the generators that are seeded


def test_a_seed_makes_the_global_generators_reproducible(tmp_path):
    values = []
    for seed in (2**70 + 1, 2**70 + 1, 2**70 + 2):
        values.append(FunctionObjective(draw).run(make_trial(tmp_path, seed=seed)))
        draw({})  # whatever the process has drawn before does not matter
    assert values[0] == values[1] != values[2]


def test_the_notebooks_own_random_numbers_are_left_alone():
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the generators that are put back
    expected = draw({}), draw({})
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - see above
    first = draw({})
    with pytest.raises(KeyError), seeded(3):
        raise KeyError
    assert (first, draw({})) == expected


def test_objectives_stay_and_functions_become_objectives():
    objective = FunctionObjective(by_config)
    assert as_objective(objective) is objective
    made = as_objective(by_config)
    assert isinstance(made, FunctionObjective)
    assert made.function is by_config


def build_model(hp):
    return hp


class KerasLike:
    def fit(self): ...
    def compile(self): ...
    def __call__(self, x): ...


class Estimator:
    def fit(self): ...
    def get_params(self): ...


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (Estimator(), r"the estimator Estimator came without data. Cure: tw.SklearnObjective\(Estimator"),
        (Estimator, r"the class Estimator came. Cure: make an instance of it, Estimator\("),
        (KerasLike(), r"a Keras model \(KerasLike\) came.*tw.KerasObjective\(build_model"),
        (build_model, r"build_model\(hp\) builds a Keras model.*tw.KerasObjective\(build_model, x, y"),
        (3, "int 3 came"),
        (None, "None came"),
        ("accuracy", "str 'accuracy' came"),
    ],
)
def test_what_is_nearly_right_gets_its_own_cure(target, message):
    with pytest.raises(ObjectiveError, match=message):
        as_objective(target)


def test_the_contract_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Objective()


def metrics_of(config):
    return {"accuracy": 0.9, "size": 3, **config}


def test_several_metrics_come_back_by_name(tmp_path):
    objective = FunctionObjective(metrics_of).with_metric("accuracy", "max")
    trial = make_trial(tmp_path)
    assert objective.run(trial) is None
    assert trial.channel.reports == [(1, 0.9, {"size": 3.0})]
    limited = make_trial(tmp_path, budget=9)
    FunctionObjective(metrics_of).with_metric("size", "min").run(limited)
    assert limited.channel.reports == [(9, 3.0, {"accuracy": 0.9})]


@pytest.mark.parametrize(
    ("metric", "config", "message"),
    [
        ("loss", {}, "returned a dict with 'accuracy', 'size', and 'loss' is what is optimised. Cure: return that too"),
        ("accuracy", {"size": "big"}, "the metric 'size' reported at step 1"),
        ("accuracy", {"value": 1.0}, "returned a metric named 'value'"),
    ],
)
def test_metrics_that_cannot_be_used_are_told(tmp_path, metric, config, message):
    objective = FunctionObjective(metrics_of).with_metric(metric, "max")
    with pytest.raises(ObjectiveError, match=message):
        objective.run(make_trial(tmp_path, config=config))
