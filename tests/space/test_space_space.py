"""Spaces: literal configurations, sizes and messages."""

import copy
import itertools
import math
import re
import time

import numpy as np
import pytest

from tunewidgets.errors import SpaceError
from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space

NESTED = Space(
    momentum=Float(0.0, 0.9, step=0.3).when(optimizer="sgd"),
    optimizer=Choice(["adam", "sgd"]),
    nesterov=Boolean().when(optimizer="sgd", momentum=[0.6, 0.3 * 3]),
    units=Int(1, 2),
)


def test_a_space_is_an_ordered_mapping():
    assert list(NESTED) == ["momentum", "optimizer", "nesterov", "units"]
    assert len(NESTED) == 4
    assert NESTED["units"] == Int(1, 2)
    assert "units" in NESTED
    assert "unit" not in NESTED
    assert NESTED.get("unit") is None
    with pytest.raises(KeyError, match="Did you mean 'units'"):
        NESTED["unit"]


def test_a_space_is_immutable_and_comparable():
    with pytest.raises(TypeError):
        NESTED["units"] = Int(1, 3)
    with pytest.raises(AttributeError):
        NESTED.other = 1
    assert copy.deepcopy(NESTED) == NESTED
    assert Space(a=Int(0, 1), b=Int(0, 1)) != Space(b=Int(0, 1), a=Int(0, 1))
    assert Space(a=Int(0, 1)) != {"a": Int(0, 1)}
    assert len({NESTED, copy.copy(NESTED), Space()}) == 2


def test_mapping_and_names_together():
    space = Space({"a.b": Int(0, 1), "self": Boolean()}, mapping=Fixed(1))
    assert list(space) == ["a.b", "self", "mapping"]
    assert Space(space) == space


def test_defaults_and_order():
    assert list(NESTED.defaults().items()) == [("optimizer", "adam"), ("units", 1)]
    config = {"nesterov": False, "units": 2, "momentum": 0.1 * 6, "optimizer": "sgd"}
    assert list(NESTED.validate(config).items()) == [
        ("momentum", 0.6),
        ("optimizer", "sgd"),
        ("nesterov", False),
        ("units", 2),
    ]


def test_size_counts_configurations():
    # adam: 1; sgd: two momenta without nesterov, two with either; each with 2 units.
    assert NESTED.size == 2 * (1 + 2 + 2 * 2)
    assert Space().size == 1
    assert Space(a=Float(0, 1)).size == math.inf
    assert Space(a=Float(2, 2)).size == 1


def test_size_of_large_spaces_is_exact_and_fast():
    start = time.perf_counter()
    assert Space({f"p{index}": Int(1, 10) for index in range(500)}).size == 10**500
    chain = {"p0": Boolean()} | {f"p{index}": Boolean().when({f"p{index - 1}": True}) for index in range(1, 60)}
    assert Space(chain).size == 61
    trees = {}
    for index in range(40):
        trees |= {f"on{index}": Boolean(), f"x{index}": Int(1, 9).when({f"on{index}": True})}
    assert Space(trees).size == 10**40
    fan = {"kind": Int(0, 10**6 - 1)} | {f"x{index}": Int(1, 5).when(kind=[index, index + 1]) for index in range(30)}
    # Kinds 1 to 29 have two children each, 0 and 30 one, the others none.
    assert Space(fan).size == 29 * 25 + 2 * 5 + (10**6 - 31)
    assert time.perf_counter() - start < 2.0


def test_size_of_a_child_of_two_parents():
    space = Space(
        a=Int(1, 3),
        b=Int(1, 4),
        both=Int(1, 7).when(a=1, b=[1, 2]),
        one=Boolean().when(b=4),
        deep=Int(1, 2).when(both=7),
    )
    configs = list(space.grid())
    assert space.size == len(configs) == (12 - 2 - 3) + 3 * 2 + 2 * (6 + 2)


def test_a_continuous_parameter_that_is_never_active_does_not_count():
    never = Space(a=Boolean(), b=Boolean().when(a=True), c=Float(0, 1).when(a=False, b=True))
    assert never.size == 3
    assert len(list(never.grid())) == 3
    huge = Space({f"p{index}": Int(1, 10**9) for index in range(50)}, x=Float(0, 1))
    assert huge.size == math.inf


def test_grid_in_nested_order():
    space = Space(a=Choice(["x", "y"]), b=Int(1, 2).when(a="y"), c=Float(1, 100, sampling="log"))
    assert list(space.grid(2)) == [
        {"a": "x", "c": 1.0},
        {"a": "x", "c": 100.0},
        {"a": "y", "b": 1, "c": 1.0},
        {"a": "y", "b": 1, "c": 100.0},
        {"a": "y", "b": 2, "c": 1.0},
        {"a": "y", "b": 2, "c": 100.0},
    ]
    assert [config["c"] for config in space.grid({"c": 3}) if config["a"] == "x"] == [1.0, 10.0, 100.0]
    assert len(list(space.grid())) == 30
    assert list(Space().grid()) == [{}]


def test_grid_is_lazy_and_thins_what_is_named():
    space = Space({f"p{index}": Int(1, 10) for index in range(100)}, seed=Int(0, 10**12))
    assert [config["seed"] for config in itertools.islice(space.grid({"seed": 2}), 4)] == [0, 10**12, 0, 10**12]


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        (0, "The number of levels must be an integer of at least 1, got 0."),
        ({"unit": 3}, "grid(levels=...) names 'unit', which is not in the space. Did you mean 'units'?"),
        ({"optimizer": 3}, "grid(levels=...) names 'optimizer', a Choice: only an Int or a Float is cut into levels."),
        ({"units": "3"}, "The number of levels must be an integer of at least 1, got '3'."),
    ],
)
def test_levels_that_do_not_fit(levels, message):
    # The mistake shows where it is made, not at the first configuration.
    with pytest.raises(SpaceError, match=re.escape(message)):
        NESTED.grid(levels)


def test_active_of_partial_values():
    assert NESTED.active({}) == ("optimizer", "units")
    assert NESTED.active({"optimizer": "sgd"}) == ("momentum", "optimizer", "units")
    assert NESTED.active({"optimizer": "sgd", "momentum": 3 * 0.3}) == ("momentum", "optimizer", "nesterov", "units")
    # What is inactive activates nothing, and a value that cannot be does not either.
    assert NESTED.active({"optimizer": "adam", "momentum": 0.9}) == ("optimizer", "units")
    assert NESTED.active({"optimizer": ["sgd"]}) == ("optimizer", "units")


def test_encode_and_decode():
    cube = NESTED.encode([{"optimizer": "adam", "units": 2}, {"optimizer": "sgd", "momentum": 0.3, "units": 1}])
    np.testing.assert_array_equal(cube, [[np.nan, 0.25, np.nan, 0.75], [0.375, 0.75, np.nan, 0.25]])
    assert NESTED.decode([[9.0, 0.4, np.nan, 1.0]]) == [{"optimizer": "adam", "units": 2}]
    assert NESTED.decode(np.ones((1, 4))) == [{"momentum": 0.9, "optimizer": "sgd", "nesterov": True, "units": 2}]
    np.testing.assert_array_equal(NESTED.snap([[9.0, 0.4, np.nan, 1.0]]), [[np.nan, 0.25, np.nan, 0.75]])
    # A parent's value that is a step but for rounding still makes its children active.
    config = {"optimizer": "sgd", "momentum": 0.1 * 6, "nesterov": True, "units": 1}
    np.testing.assert_array_equal(NESTED.encode([config]), [[0.625, 0.75, 0.75, 0.25]])
    assert NESTED.encode([]).shape == (0, 4)
    assert NESTED.decode(np.empty((0, 4))) == []


@pytest.mark.parametrize(
    ("cube", "message"),
    [
        (np.zeros(4), "needs an array of shape (n, 4), a column for each parameter, got (4,)."),
        (np.zeros((1, 3)), "needs an array of shape (n, 4)"),
        ([["a"] * 4], "needs an array of numbers of shape (n, 4)"),
        ([[0.0, np.nan, 0.0, 0.0]], "got nan for 'optimizer'. Clip the points to the cube first."),
        ([[0.0, 0.0, 0.0, 1.5]], "need numbers in [0, 1] for active parameters, got 1.5 for 'units'."),
        ([[0.0, 0.0, 0.0, -0.1]], "got -0.1 for 'units'."),
    ],
)
def test_cubes_that_cannot_be_decoded(cube, message):
    for method in (NESTED.decode, NESTED.snap):
        with pytest.raises(SpaceError, match=re.escape(message)):
            method(cube)


PROBLEMS = [
    (
        {"optimizer": "adam", "units": 1, "unit": 1},
        "there is no parameter 'unit'. Did you mean 'units'? The space has 'momentum'",
    ),
    ({"optimizer": "adam"}, "'units' is missing: give a value (1 to 2)."),
    ({"units": 1}, "'optimizer' is missing: give a value ('adam', 'sgd')."),
    (
        {"optimizer": "adam", "momentum": 0.3, "units": 1},
        "'momentum' is inactive here, so it must be left out: it needs optimizer = 'sgd'.",
    ),
    ({"optimizer": "sgd", "momentum": 0.3, "nesterov": True, "units": 1}, "and momentum in [0.6, 0.8999999999999999]."),
    ({"optimizer": "adam", "units": 3}, "'units': expected an integer from 1 to 2, got 3."),
    (
        {"optimizer": "sgd", "momentum": 0.4, "units": 1},
        "'momentum': expected a number from 0.0 to 0.9, step 0.3, got 0.4",
    ),
    ({"optimizer": "adam", "units": 1, 3: 4}, "there is no parameter 3."),
    (["optimizer"], "A configuration is a mapping from names to values, got ['optimizer']."),
]


@pytest.mark.parametrize(("config", "message"), PROBLEMS)
def test_configurations_that_do_not_fit(config, message):
    with pytest.raises(SpaceError, match=re.escape(message)):
        NESTED.validate(config)
    with pytest.raises(SpaceError, match=re.escape(message)):
        NESTED.encode([config])


def test_all_problems_are_told_at_once_but_none_that_follows_from_another():
    with pytest.raises(SpaceError) as caught:
        NESTED.validate({"optimizer": "rms", "momentum": 0.3, "units": 0, "layers": 1})
    assert str(caught.value) == (
        "The configuration does not fit the space:\n"
        "- there is no parameter 'layers'. The space has 'momentum', 'optimizer', 'nesterov', 'units'.\n"
        "- 'optimizer': expected one of 'adam', 'sgd', got 'rms'.\n"
        "- 'units': expected an integer from 1 to 2, got 0."
    )


def test_encode_wants_a_list():
    with pytest.raises(SpaceError, match=re.escape("Write encode([config]).")):
        NESTED.encode(NESTED.defaults())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Space(a=3), "'a' must be a parameter (Int, Float, Choice, Boolean or Fixed), got 3."),
        (lambda: Space(a=Int), "'a' must be a parameter"),
        (lambda: Space([("a", Int(0, 1))]), "Space takes parameters by name, or one mapping"),
        (lambda: Space({"": Int(0, 1)}), "The name of a parameter must be a string that is not empty, got ''."),
        (lambda: Space({3: Int(0, 1)}), "must be a string that is not empty, got 3."),
        (lambda: Space({"a": Int(0, 1)}, a=Int(0, 1)), "'a' is given twice, in the mapping and by name. Give it once."),
        (
            lambda: Space(optimizer=Fixed(1), b=Int(0, 1).when(optimiser=1)),
            "'b' is active under a condition on 'optimiser', which is not in the space. Did you mean 'optimizer'?",
        ),
        (lambda: Space(a=Int(0, 1).when(a=1)), "Conditions go round in a circle: 'a' needs 'a'."),
        (
            lambda: Space(x=Int(0, 1).when(a=1), a=Int(0, 1).when(c=1), b=Int(0, 1).when(a=1), c=Int(0, 1).when(b=1)),
            "Conditions go round in a circle: 'a' needs 'c' needs 'b' needs 'a'. Drop one of these conditions.",
        ),
        (
            lambda: Space(a=Choice(["x"]), b=Int(0, 1).when(a=["x", "y"])),
            "'b' is active under a value that 'a' can never take: expected one of 'x', got 'y'.",
        ),
        (lambda: Space(a=Int(0, 4, step=2), b=Int(0, 1).when(a=3)), "'a' can never take: expected an integer"),
        (lambda: Space(a=Int(0, 4), b=Int(0, 1).when(a=True)), "must be an integer, got True."),
        (lambda: Space(a=Float(0, 4), b=Int(0, 1).when(a=3)), "'b' cannot depend on 'a': single values of a Float"),
        (
            lambda: Space(a=Int(0, 4), b=Int(0, 1).when(a=[1, 2]).when(a=3)),
            "'b' can never be active: no value of 'a' meets all its conditions.",
        ),
        (lambda: NESTED.without("unit"), "There is no parameter 'unit' to take out. Did you mean 'units'?"),
        (
            lambda: NESTED.without("optimizer"),
            "'optimizer' cannot be taken out: 'momentum', 'nesterov' would have a condition on nothing.",
        ),
        (
            lambda: NESTED.with_parameters(optimizer=Choice(["adam"])),
            "can never take: expected one of 'adam', got 'sgd'.",
        ),
        (lambda: Space.from_json([]), "A stored space is {'format': 1, 'parameters': [...]}, got []."),
        (lambda: Space.from_json({"format": 2, "parameters": []}), "format 1 was expected, got format 2."),
        (
            lambda: Space.from_json({"format": 1, "parameters": [{}]}),
            "A parameter of a stored space needs a name, got {}.",
        ),
        (
            lambda: Space.from_json({"format": 1, "parameters": [{"name": "a", "type": "Boolean"}] * 2}),
            "A stored space names 'a' twice.",
        ),
    ],
)
def test_spaces_that_cannot_be(make, message):
    with pytest.raises(SpaceError, match=re.escape(message)):
        make()


def test_two_conditions_on_one_parent_hold_together():
    space = Space(a=Int(0, 4), b=Int(0, 1).when(a=[1, 2]).when(a=[2, 3]))
    assert [value for value in range(5) if "b" in space.active({"a": value})] == [2]
    assert space.size == 6


def test_with_and_without():
    grown = NESTED.with_parameters({"a.b": Boolean()}, units=Int(1, 9))
    assert list(grown) == ["momentum", "optimizer", "nesterov", "units", "a.b"]
    assert grown["units"] == Int(1, 9)
    assert list(NESTED.without("nesterov")) == ["momentum", "optimizer", "units"]
    assert len(NESTED) == 4


def test_source_of_spaces():
    assert Space().to_source() == "tw.Space()"
    assert Space(a=Int(0, 1), b=Boolean().when(a=1)).to_source() == (
        "tw.Space(\n    a=tw.Int(0, 1),\n    b=tw.Boolean().when(a=1),\n)"
    )
    assert Space({"a.b": Int(0, 1), "c": Boolean().when({"a.b": 1})}).to_source() == (
        'tw.Space(\n    {\n        "a.b": tw.Int(0, 1),\n        "c": tw.Boolean().when({"a.b": 1}),\n    }\n)'
    )


def test_json_of_spaces():
    assert Space(a=Fixed(1)).to_json() == {"format": 1, "parameters": [{"name": "a", "type": "Fixed", "value": 1}]}


def test_repr_is_a_table():
    assert repr(Space()) == "Space of 0 parameters"
    assert repr(Space(a=Boolean())) == "Space of 1 parameter\n  a  Boolean  False, True  unordered  default False"
    assert repr(NESTED) == (
        "Space of 4 parameters\n"
        "  momentum   Float    0.0 to 0.9, step 0.3  linear     default 0.0     when optimizer = 'sgd'\n"
        "  optimizer  Choice   'adam', 'sgd'         unordered  default 'adam'\n"
        "  nesterov   Boolean  False, True           unordered  default False"
        "   when optimizer = 'sgd' and momentum in [0.6, 0.8999999999999999]\n"
        "  units      Int      1 to 2                linear     default 1"
    )
    assert "…" in repr(Space(a=Choice([f"value {index}" for index in range(40)])))


def test_samples_and_codec_are_fast():
    space = Space({f"p{index}": Float(1e-4, 1, sampling="log") for index in range(6)}).with_parameters(
        kind=Choice(["a", "b"]), depth=Int(1, 9), x=Boolean().when(kind="a"), y=Float(0, 1, step=0.1).when(kind="b")
    )
    rng = np.random.default_rng(0)
    best = {"sample": math.inf, "encode": math.inf, "snap": math.inf}
    for _ in range(5):
        start = time.perf_counter()
        configs = [space.sample(rng) for _ in range(1000)]
        sampled = time.perf_counter()
        cube = space.encode(configs)
        encoded = time.perf_counter()
        space.snap(cube)
        spans = {"sample": sampled - start, "encode": encoded - sampled, "snap": time.perf_counter() - encoded}
        best = {name: min(span, best[name]) for name, span in spans.items()}
    # Four times what an idle core takes: other work on the machine must not fail the test.
    assert best["sample"] < 0.05
    assert best["encode"] < 0.06
    assert best["snap"] < 0.02
