"""Goals and constraints from the words a person uses, and what is said where the words make no sense."""

import numpy as np
import pytest

from tunewidgets.errors import StrategyError
from tunewidgets.goals import parse_constraints, parse_goals
from tunewidgets.history import Constraint, Goal

GOALS = [
    (("val_loss", None), {}, [("val_loss", "min")]),
    (("val_accuracy", None), {}, [("val_accuracy", "max")]),
    (("val_accuracy", "min"), {}, [("val_accuracy", "min")]),
    (("fitness", ["max"]), {}, [("fitness", "max")]),
    ((["val_accuracy", "params"], ["max", "min"]), {}, [("val_accuracy", "max"), ("params", "min")]),
    ((("val_loss", "f1"), None), {}, [("val_loss", "min"), ("f1", "max")]),
    ((["val_loss", "params"], [None, "min"]), {}, [("val_loss", "min"), ("params", "min")]),
    ((["fitness"], "max"), {}, [("fitness", "max")]),
    ((None, "min"), {}, [("value", "min")]),
    ((None, None), {"metric": "val_loss"}, [("val_loss", "min")]),
    ((None, None), {"metric": "fitness", "inferred": "max"}, [("fitness", "max")]),
    ((None, "min"), {"metric": "fitness", "inferred": "max"}, [("fitness", "min")]),
    (("val_loss", None), {"metric": "fitness", "inferred": "max"}, [("val_loss", "min")]),
]


@pytest.mark.parametrize(("arguments", "own", "expected"), GOALS)
def test_goals(arguments, own, expected):
    assert parse_goals(*arguments, **own) == tuple(Goal(*each) for each in expected)


BAD_GOALS = [
    ((3, None), "objective must be a metric's name such as 'val_accuracy', or a list of them, not 3"),
    (({"a", "b"}, None), "or a list of them, not {"),
    (([], None), "the list is empty"),
    ((["val_loss", 3], None), "objective must be a metric's name such as 'val_accuracy', not 3"),
    ((" ", None), "objective must be a metric's name such as 'val_accuracy', not ' '"),
    ((["f1", "loss", "f1"], None), "objective names 'f1' 2 times: give every metric once"),
    (("val_loss", "maximize"), "direction must be 'min' or 'max', not 'maximize'"),
    (("val_loss", 1), "direction must be 'min' or 'max', not 1"),
    ((["a", "b"], ["min", "up"]), "direction must be 'min' or 'max', not 'up', in direction=['min', 'up']"),
    ((["val_accuracy", "params"], ["max"]), "there are 2 (val_accuracy, params) and 1 came, ['max']; give"),
    ((["val_accuracy", "params"], "max"), "and 1 came, 'max'; give direction=['max', 'min']"),
    (("val_loss", ["min", "max"]), "there are 1 (val_loss) and 2 came, ['min', 'max']; give direction='min'"),
    (("fitness", None), "cannot be told from the metric 'fitness': give direction='min' or direction='max'"),
    ((["f1", "params"], None), "give one for each metric, such as direction=['max', 'min']"),
    ((["f1", "params"], ["max", None]), "cannot be told from the metric 'params'"),
    ((None, None), "cannot be told from the metric 'value'"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "text"), BAD_GOALS)
def test_goals_that_make_no_sense(arguments, text):
    with pytest.raises(StrategyError) as caught:
        parse_goals(*arguments)
    assert text in str(caught.value)


def test_constraints():
    found = parse_constraints({"latency_ms": 20, "val_loss": np.float32(0.5), "margin": -1.5})
    assert found == (Constraint("latency_ms", 20.0), Constraint("val_loss", 0.5), Constraint("margin", -1.5))
    assert all(type(each.bound) is float for each in found)
    assert parse_constraints(None) == parse_constraints({}) == ()


BAD_CONSTRAINTS = [
    (["latency_ms"], "constraints must give a bound for each metric by name, {'latency_ms': 20.0}, not ['latency_ms']"),
    ({"": 1.0}, "constraints must be a metric's name"),
    ({3: 1.0}, "constraints must be a metric's name such as 'val_accuracy', not 3"),
    ({"latency_ms": "20"}, "the bound of 'latency_ms' in constraints must be a finite number that it may not exceed"),
    ({"latency_ms": True}, "not True"),
    ({"latency_ms": None}, "not None"),
    ({"latency_ms": float("nan")}, "not nan"),
    ({"latency_ms": float("inf")}, "not inf"),
]


@pytest.mark.parametrize(("constraints", "text"), BAD_CONSTRAINTS)
def test_constraints_that_make_no_sense(constraints, text):
    with pytest.raises(StrategyError) as caught:
        parse_constraints(constraints)
    assert text in str(caught.value)
