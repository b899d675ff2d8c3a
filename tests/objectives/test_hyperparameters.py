"""The `hp` object: Keras Tuner's surface."""

import pytest

from tunewidgets.errors import SpaceError
from tunewidgets.objectives.hyperparameters import HyperParameters, Recorder
from tunewidgets.space import Boolean, Choice, Condition, Fixed, Float, Int


def ask_all(hp):
    return {
        "int": hp.Int("int", 1, 9, step=2, default=5),
        "log": hp.Int("log", 2, 64, 2, "log"),
        "float": hp.Float("float", 1e-4, 1e-1, sampling="log"),
        "stepped": hp.Float("stepped", 0, 1, step=0.25),
        "choice": hp.Choice("choice", ["a", "b"], default="b"),
        "ordered": hp.Choice("ordered", [1, 2, 4]),
        "boolean": hp.Boolean("boolean", default=True),
        "fixed": hp.Fixed("fixed", "x"),
        "off_step": hp.Int("off_step", 32, 512, step=32, default=96),
        "wide_step": hp.Int("wide_step", 1, 3, step=9),
    }


EXPECTED = {
    "int": 5, "log": 2, "float": 1e-4, "stepped": 0.0, "choice": "b", "ordered": 1, "boolean": True, "fixed": "x",
    "off_step": 96, "wide_step": 1,
}  # fmt: skip


def test_without_values_every_answer_is_the_default():
    hp = HyperParameters()
    assert ask_all(hp) == EXPECTED
    assert hp.values == EXPECTED


def test_the_configuration_answers_and_the_rest_is_met():
    hp = HyperParameters({"units": 64, "rate": 0.5})
    assert hp.Int("units", 32, 512, step=32) == 64
    assert hp.Boolean("dropout") is False
    assert hp.Choice("optimizer", ["adam", "sgd"]) == "adam"
    assert hp.met == {"dropout": Boolean(), "optimizer": Choice(["adam", "sgd"])}
    assert hp.values == {"units": 64, "rate": 0.5, "dropout": False, "optimizer": "adam"}


def test_what_is_asked_is_written_down_in_order():
    hp = HyperParameters()
    ask_all(hp)
    assert [asked.name for asked in hp.asked] == list(EXPECTED)
    parameters = {asked.name: asked.parameter for asked in hp.asked}
    assert parameters["int"] == Int(1, 9, step=2, default=5)
    assert parameters["log"] == Int(2, 64, step=2, sampling="log")
    assert parameters["float"] == Float(1e-4, 1e-1, sampling="log")
    assert parameters["fixed"] == Fixed("x")


def test_the_first_of_two_questions_wins():
    hp = HyperParameters()
    assert hp.Int("a", 1, 5) == 1
    assert hp.Int("a", 3, 9) == 1
    assert [asked.parameter for asked in hp.asked] == [Int(1, 5)]


def test_a_default_off_the_steps_counts_as_the_nearest():
    hp = HyperParameters()
    assert hp.Int("a", 32, 512, step=32, default=100) == 96
    assert hp.Float("b", 0.0, 1.0, default=7.0) == 1.0


@pytest.mark.parametrize(("sampling", "only"), [("linear", 2), ("log", 2), ("reverse_log", 6)])
def test_a_step_larger_than_the_range_leaves_one_value(sampling, only):
    assert HyperParameters().Int("a", 2, 6, step=9, sampling=sampling) == only


def test_sampling_none_is_linear_and_repeated_choices_count_once():
    hp = HyperParameters()
    hp.Float("a", 0, 1, sampling=None)
    hp.Choice("b", [1, 1, 2])
    assert [asked.parameter for asked in hp.asked] == [Float(0, 1), Choice([1, 2])]


def test_conditional_scopes_answer_none_where_they_do_not_hold():
    hp = HyperParameters({"kind": "cnn"})
    kind = hp.Choice("kind", ["mlp", "cnn"])
    with hp.conditional_scope("kind", ["mlp"]):
        assert hp.Int("units", 1, 5) is None
    with hp.conditional_scope("kind", "cnn"):
        assert hp.Int("filters", 1, 5) == 1
    assert kind == "cnn"
    assert "units" not in hp
    assert "filters" in hp
    assert not hp.is_active("units")
    assert hp.is_active("filters")
    assert hp.asked[1].parameter.conditions == (Condition("kind", ("mlp",)),)
    assert (hp.asked[1].active, hp.asked[2].active) == (False, True)
    assert list(hp.met) == ["filters"]
    assert hp.met["filters"].conditions == ()


def test_scopes_nest():
    hp = HyperParameters({"a": True, "b": True})
    hp.Boolean("a")
    with hp.conditional_scope("a", [True]):
        hp.Boolean("b")
        with hp.conditional_scope("b", [False]):
            assert hp.Int("c", 1, 5) is None
    assert hp.asked[2].parameter == Int(1, 5).when(a=True).when(b=False)


def test_parent_name_and_parent_values_are_a_scope_of_one():
    hp = HyperParameters()
    hp.Choice("kind", ["a", "b"])
    assert hp.Float("x", 0.0, 1.0, parent_name="kind", parent_values=["b"]) is None
    assert hp.Boolean("y", parent_name="kind", parent_values="a") is False
    assert hp.Choice("z", [1, 2], parent_name="kind", parent_values=["a"]) == 1
    assert hp.Fixed("f", 3, parent_name="kind", parent_values=["b"]) is None


def test_true_is_not_one_as_a_parents_value():
    hp = HyperParameters({"a": 1})
    hp.Int("a", 0, 1)
    with hp.conditional_scope("a", [True]):
        assert hp.Boolean("b") is None


def test_a_scope_on_a_parent_that_was_not_asked_for_is_refused():
    with pytest.raises(SpaceError, match="Ask for the parent first"), HyperParameters().conditional_scope("a", [1]):
        pass


def test_name_scopes_join_names():
    hp = HyperParameters({"block/units": 7})
    with hp.name_scope("block"):
        assert hp.Int("units", 1, 9) == 7
        assert hp.get("units") == 7
        hp.Choice("kind", ["a", "b"])
        with hp.conditional_scope("kind", ["a"]), hp.name_scope("inner"):
            assert hp.Boolean("x") is False
    assert hp.values == {"block/units": 7, "block/kind": "a", "block/inner/x": False}
    assert hp.asked[2].parameter.conditions == (Condition("block/kind", ("a",)),)


def test_get_tells_missing_from_inactive():
    hp = HyperParameters()
    hp.Boolean("a")
    with hp.conditional_scope("a", [True]):
        hp.Int("b", 1, 2)
    assert hp.get("a") is False
    assert hp["a"] is False
    with pytest.raises(KeyError, match="no parameter 'c'"):
        hp.get("c")
    with pytest.raises(ValueError, match="'b' is not active"):
        hp.get("b")


def test_what_is_asked_of_a_copy_is_not_written_down():
    hp = HyperParameters({"a": 3})
    other = hp.copy()
    assert other.Int("a", 1, 5) == 3
    other.Int("b", 1, 5)
    assert hp.asked == ()
    assert hp.values == {"a": 3}


def test_a_recorder_tries_values_that_fit():
    hp = Recorder({"a": 3, "b": 30})
    assert hp.Int("a", 1, 5) == 3
    assert hp.Int("b", 1, 5) == 1
    assert hp.copy().values == hp.values


def test_an_empty_range_is_refused():
    with pytest.raises(SpaceError, match="range is empty"):
        HyperParameters().Int("a", 5, 1)


@pytest.mark.keras
def test_the_answers_are_keras_tuners_own():
    keras_tuner = pytest.importorskip("keras_tuner")

    def ask_conditions(hp):
        hp.Choice("kind", ["a", "b"])
        with hp.conditional_scope("kind", ["b"]):
            inactive = hp.Int("x", 1, 2)
        with hp.name_scope("s"):
            hp.Choice("kind", ["c", "d"])
            with hp.conditional_scope("kind", ["c"]):
                active = hp.Int("x", 1, 2)
        return inactive, active, "x" in hp, hp.is_active("s/x"), sorted(hp.values)

    ours, theirs = HyperParameters(), keras_tuner.HyperParameters()
    assert ask_all(ours) == ask_all(theirs)
    assert ask_conditions(ours) == ask_conditions(theirs)
