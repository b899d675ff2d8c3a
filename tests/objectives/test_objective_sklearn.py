import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import make_trial
from sklearn.cluster import KMeans
from sklearn.datasets import load_diabetes, load_iris
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import KFold, ShuffleSplit, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives import LegEnd, SklearnObjective
from tunewidgets.objectives.folds import draw
from tunewidgets.space import Choice, Float, Int, Space

X, Y = load_iris(return_X_y=True)


def report_of(objective, folder, *answers, **leg):
    trial = make_trial(folder, *answers, **leg)
    assert objective.run(trial) is None
    (report,) = trial.channel.reports
    return report


@pytest.mark.parametrize(
    ("estimator", "config", "options"),
    [
        (SVC(), {"C": 2.0, "kernel": "linear"}, {}),
        (SVC(), {"C": 0.1}, {"cv": 3, "scoring": "f1_macro"}),
        (
            make_pipeline(StandardScaler(), LogisticRegression()),
            {"logisticregression__C": 0.01},
            {"scoring": "neg_log_loss"},
        ),
        (GaussianNB(), {}, {"cv": KFold(4, shuffle=True, random_state=1)}),
        (SVC(), {}, {"scoring": lambda estimator, x, y: float((estimator.predict(x) == y).mean() ** 2)}),
    ],
)
def test_the_value_is_scikit_learns_own_mean(tmp_path, estimator, config, options):
    objective = SklearnObjective(estimator, X, Y, **options)
    objective.check()
    scores = cross_val_score(estimator.set_params(**config), X, Y, **{"cv": 5, **options})
    step, value, metrics = report_of(objective, tmp_path, config=config)
    assert (step, value, metrics["std"]) == (1, scores.mean(), scores.std())
    assert metrics.keys() == {"std", "fit_time", "score_time"}


def test_a_regressor_gets_plain_folds(tmp_path):
    x, y = load_diabetes(return_X_y=True)
    objective = SklearnObjective(Ridge(), x, y)
    assert report_of(objective, tmp_path, config={"alpha": 0.5})[1] == cross_val_score(Ridge(alpha=0.5), x, y).mean()


def test_fit_params_are_split_with_the_data(tmp_path):
    weights = np.where(Y == 0, 10.0, 1.0)
    objective = SklearnObjective(GaussianNB(), X, Y, fit_params={"sample_weight": weights})
    objective.check()
    expected = cross_val_score(GaussianNB(), X, Y, cv=5, params={"sample_weight": weights}).mean()
    assert report_of(objective, tmp_path)[1] == expected


def test_what_it_knows_without_being_told():
    plain = SklearnObjective(SVC(), X, Y, scoring="accuracy")
    assert (plain.metric, plain.direction, plain.reports, plain.max_budget) == ("accuracy", "max", False, None)
    assert (plain.unit, plain.preload, repr(plain)) == ("evaluation", ("sklearn",), "SklearnObjective(SVC)")
    assert SklearnObjective(SVC(), X, Y).metric == "score"
    drawn = SklearnObjective(SVC(), X, Y, resource="n_samples")
    assert (drawn.unit, drawn.reports, drawn.max_budget) == ("sample", True, 120)
    grown = SklearnObjective(RandomForestClassifier(), X, Y, resource="n_estimators", max_budget=9)
    assert (grown.unit, grown.reports, grown.max_budget) == ("tree", True, 9)


def test_shuffled_folds_are_the_same_for_every_trial(tmp_path):
    objective = SklearnObjective(GaussianNB(), X, Y, cv=ShuffleSplit(3, test_size=0.5))
    values = {report_of(objective, tmp_path, seed=seed)[1] for seed in range(5)}
    assert len(values) == 1


def test_a_random_state_left_open_is_set_from_the_seed(tmp_path):
    objective = SklearnObjective(make_pipeline(StandardScaler(), SGDClassifier(max_iter=3, tol=None)), X, Y)
    first, again, other = (report_of(objective, tmp_path, seed=seed)[1] for seed in (2**40, 2**40, 2**40 + 1))
    assert first == again != other
    seeds = objective.model(tmp_path, {}, 2**32 + 5).get_params()
    assert seeds["sgdclassifier__random_state"] == 5


def test_a_random_state_of_the_users_or_the_configurations_is_kept(tmp_path):
    assert SklearnObjective(DecisionTreeClassifier(random_state=3), X, Y).model(tmp_path, {}, 5).random_state == 3
    tuned = SklearnObjective(DecisionTreeClassifier(), X, Y).model(tmp_path, {"random_state": 4}, 5)
    assert tuned.random_state == 4


class Noisy(DummyClassifier):
    def score(self, x, y, sample_weight=None):
        return random.random()


def test_estimators_that_draw_from_global_generators_are_reproducible(tmp_path):
    objective = SklearnObjective(Noisy(), X, Y)
    assert report_of(objective, tmp_path, seed=1)[1] == report_of(objective, tmp_path, seed=1)[1]


def test_samples_are_the_budget(tmp_path):
    seen = []

    class Spy(GaussianNB):
        def fit(self, x, y, sample_weight=None):
            seen.append(np.bincount(y).tolist())
            return super().fit(x, y)

    objective = SklearnObjective(Spy(), X, Y, resource="n_samples", cv=2)
    objective.check()
    assert report_of(objective, tmp_path, budget=30)[0] == 30
    assert seen == [[10, 10, 10], [10, 10, 10]]
    seen.clear()
    assert report_of(objective, tmp_path, budget=1)[0] == 1
    assert seen == [[1, 1, 1], [1, 1, 1]]
    seen.clear()
    assert report_of(objective, tmp_path, budget=75)[1] == cross_val_score(GaussianNB(), X, Y, cv=2).mean()
    assert seen == [[25, 25, 25], [25, 25, 25]]


def test_a_parameter_is_the_budget(tmp_path):
    forest = RandomForestClassifier(random_state=0)
    objective = SklearnObjective(forest, X, Y, resource="n_estimators", max_budget=4, cv=2)
    objective.check()
    expected = cross_val_score(RandomForestClassifier(3, max_depth=2, random_state=0), X, Y, cv=2).mean()
    step, value, _ = report_of(objective, tmp_path, budget=3, config={"max_depth": 2})
    assert (step, value) == (3, expected)
    model = objective.model(tmp_path, {"max_depth": 2}, 0)
    assert (len(model.estimators_), model.max_depth) == (4, 2)


def test_the_answer_to_the_report_ends_the_leg(tmp_path):
    with pytest.raises(LegEnd):
        SklearnObjective(GaussianNB(), X, Y).run(make_trial(tmp_path, "complete"))


def test_the_model_is_fitted_on_all_the_data(tmp_path):
    model = SklearnObjective(SVC(), X, Y).model(tmp_path, {"C": 3.0}, 0)
    assert model.C == 3.0
    assert (model.predict(X) == SVC(C=3.0).fit(X, Y).predict(X)).all()


def test_errors_of_the_estimator_fail_the_trial(tmp_path):
    with pytest.raises(ValueError, match="C"):
        SklearnObjective(SVC(), X, Y).run(make_trial(tmp_path, config={"C": -1.0}))


def test_several_scores_at_once_are_told(tmp_path):
    objective = SklearnObjective(GaussianNB(), X, Y, scoring=lambda estimator, x, y: {"a": 1.0, "b": 2.0})
    with pytest.raises(ObjectiveError, match="must return one number"):
        objective.run(make_trial(tmp_path))


def test_clusterers_need_no_targets(tmp_path):
    objective = SklearnObjective(KMeans(n_clusters=2, n_init=1, random_state=0), X, cv=2)
    objective.check()
    assert report_of(objective, tmp_path)[1] < 0
    assert objective.model(tmp_path, {"n_clusters": 3}, 0).cluster_centers_.shape == (3, 4)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((SVC, X, Y), {}, r"the class SVC came. Cure: SVC\(\)"),
        ((object(), X, Y), {}, r"has no fit\(\)"),
        ((SVC(), X, Y[:-1]), {}, "X has 150 and y has 149"),
        ((SVC(), X, Y[:-1]), {"resource": "n_samples"}, "X has 150 and y has 149"),
        ((SVC(), X), {}, "the score of SVC needs targets; y is None"),
        ((Ridge(), X), {}, "the score of Ridge needs targets; y is None"),
        ((KMeans(), X), {"scoring": "rand_score"}, "scoring='rand_score' needs targets"),
        ((SVC(), None, Y), {}, "X must have rows.*None came"),
        ((SVC(), "data.csv", Y), {}, "X must have rows.*str 'data.csv' came"),
        ((SVC(), X, np.array(3)), {}, "y must have rows"),
        ((SVC(), X, Y), {"scoring": "acuracy"}, "Did you mean 'accuracy'?"),
        ((SVC(), X, Y), {"scoring": ["accuracy", "f1"]}, "must be one scorer's name"),
        ((StandardScaler(), X), {}, r"StandardScaler has no score\(\)"),
        ((SVC(), X, Y), {"fit_params": [1]}, "fit_params must be a mapping"),
        ((SVC(), X, Y), {"max_budget": 10}, "max_budget=10 needs a resource"),
        ((SVC(), X, Y), {"resource": "max_itr", "max_budget": 9}, "Did you mean 'max_iter'?"),
        ((SVC(), X, Y), {"resource": "C", "max_budget": 9}, "must be an integer parameter.*it is 1.0"),
        ((SVC(), X, Y), {"resource": "max_iter"}, "needs max_budget.*None came"),
        ((SVC(), X, Y), {"resource": "max_iter", "max_budget": 1.5}, "needs max_budget.*float 1.5 came"),
        ((SVC(), X, Y), {"resource": "n_samples", "max_budget": 121}, "from 1 to 120.*int 121 came"),
        ((SVC(), X, Y), {"resource": "n_samples", "max_budget": 0}, "from 1 to 120.*int 0 came"),
        ((SVC(), X, Y), {"cv": 60}, "cv=60 cannot split the data.*Cure: fewer folds"),
        ((SVC(), X, Y), {"cv": "five"}, "cv='five' cannot split the data"),
    ],
)
def test_bad_input_is_refused_with_its_cure(arguments, options, message):
    objective = SklearnObjective(*arguments, **options)
    with pytest.raises(ObjectiveError, match=message):
        objective.check()


def test_a_space_must_name_parameters_of_the_estimator():
    objective = SklearnObjective(make_pipeline(StandardScaler(), SVC()), X, Y)
    objective.check_space(Space({"svc__C": Float(1, 2), "standardscaler": Choice(["passthrough"])}))
    with pytest.raises(ObjectiveError, match=r"Pipeline has no parameter 'svc_C'\. Did you mean 'svc__C'\?"):
        objective.check_space(Space(svc_C=Float(1, 2)))


def test_a_space_must_leave_the_resource_to_the_budget():
    objective = SklearnObjective(RandomForestClassifier(), X, Y, resource="n_estimators", max_budget=9)
    with pytest.raises(ObjectiveError, match="the budget sets 'n_estimators'"):
        objective.check_space(Space(n_estimators=Int(1, 9)))


def test_data_may_be_lists_and_frames(tmp_path):
    import pandas as pd

    expected = report_of(SklearnObjective(GaussianNB(), X, Y), tmp_path)[1]
    for x, y in [(X.tolist(), Y.tolist()), (pd.DataFrame(X), pd.Series(Y))]:
        objective = SklearnObjective(GaussianNB(), x, y, resource="n_samples")
        objective.check()
        assert report_of(objective, tmp_path, budget=120)[1] == expected


LABELS = st.lists(st.sampled_from("abc"), min_size=1, max_size=60)


@given(labels=LABELS, number=st.integers(1, 70), fold=st.integers(0, 5))
def test_what_is_drawn_is_nested_and_in_proportion(labels, number, fold):
    rows = np.arange(100, 100 + len(labels))
    known = np.array(["?"] * 100 + labels)
    drawn = draw(rows, known, number, fold)
    classes = sorted(set(labels))
    assert len(drawn) == min(len(labels), max(number, len(classes)))
    assert len(set(drawn.tolist())) == len(drawn)
    assert set(drawn.tolist()) <= set(rows.tolist())
    assert drawn.tolist() == draw(rows, known, number + 5, fold)[: len(drawn)].tolist()
    assert sorted(set(known[drawn].tolist())) == classes
    for label in classes:
        share = labels.count(label) / len(labels) * len(drawn)
        assert abs(known[drawn].tolist().count(label) - share) < len(classes)


def test_a_rare_class_is_drawn_in_its_proportion():
    labels = np.repeat([0, 1], [90, 10])
    assert np.bincount(labels[draw(np.arange(100), labels, 20, 0)]).tolist() == [18, 2]


@given(number=st.integers(1, 20))
def test_without_classes_any_rows_are_drawn(number):
    drawn = draw(np.arange(15), None, number, 0)
    assert len(drawn) == len(set(drawn.tolist())) == min(number, 15)


def test_a_regressor_draws_without_classes(tmp_path):
    x, y = load_diabetes(return_X_y=True)
    objective = SklearnObjective(DummyRegressor(), x, y, resource="n_samples")
    objective.check()
    assert report_of(objective, tmp_path, budget=10)[0] == 10
