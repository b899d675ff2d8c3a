"""What a form can change of a space, and the Python that does the same."""

import pytest

import tunewidgets as tw
from tunewidgets.errors import SpaceError
from tunewidgets.space.editing import edit_source, edited_space

SPACE = tw.Space(
    rate=tw.Float(1e-4, 1e-1, sampling="log", default=0.05),
    units=tw.Int(32, 512, step=32),
    optimizer=tw.Choice(["adam", "sgd", "rmsprop"], default="sgd"),
    momentum=tw.Float(0.0, 0.99).when(optimizer=["sgd", "rmsprop"]),
    nesterov=tw.Boolean().when(optimizer="sgd"),
    fixed=tw.Fixed(10),
)


class _Search:
    def __init__(self, space):
        self.space = space


def run(source, space):
    return eval(source, {"tw": tw, "search": _Search(space)})


EDITS = {
    "a range": {"rate": {"min_value": 1e-3, "max_value": 1e-2}},
    "a range and its default": {"rate": {"min_value": 0.01, "max_value": 0.1}, "units": {"min_value": 64}},
    "choices": {"optimizer": {"values": ["adam", "sgd"]}},
    "a choice on which others hang": {"optimizer": {"values": ["adam", "rmsprop"]}},
    "all on which others hang": {"optimizer": {"values": ["adam"]}},
    "nothing": {},
    "the same": {"units": {"min_value": 32, "max_value": 512}},
}


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_the_source_does_the_same(edits):
    after = edited_space(SPACE, edits)
    assert run(edit_source(SPACE, after), SPACE) == after


def test_what_can_never_be_active_any_more_is_taken_out():
    assert list(edited_space(SPACE, EDITS["all on which others hang"])) == ["rate", "units", "optimizer", "fixed"]
    partly = edited_space(SPACE, EDITS["a choice on which others hang"])
    assert "nesterov" not in partly
    assert partly["momentum"] == tw.Float(0.0, 0.99).when(optimizer="rmsprop")
    deep = tw.Space(
        a=tw.Choice(["x", "y"]), b=tw.Choice([1, 2]).when(a="y"), c=tw.Boolean().when(b=2), d=tw.Boolean().when(c=True)
    )
    after = edited_space(deep, {"a": {"values": ["x"]}})
    assert list(after) == ["a"]
    assert run(edit_source(deep, after), deep) == after


def test_a_default_is_kept_where_it_is_inside_and_else_it_is_the_first_value():
    assert edited_space(SPACE, EDITS["a range and its default"])["rate"].default == 0.05
    assert edited_space(SPACE, EDITS["a range"])["rate"].default == 1e-3
    assert edited_space(SPACE, EDITS["all on which others hang"])["optimizer"].default == "adam"


def test_names_that_are_no_identifiers_are_written_as_a_mapping():
    space = tw.Space({"two words": tw.Int(1, 9)})
    after = edited_space(space, {"two words": {"max_value": 5}})
    assert edit_source(space, after) == 'search.space.with_parameters({"two words": tw.Int(1, 5)})'
    assert run(edit_source(space, after), space) == after


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"rat": {}}, "there is no parameter 'rat'; the space has 'rate', 'units'"),
        ({"rate": {"step": 2.0}}, "'rate': step of a Float cannot be edited here"),
        ({"fixed": {"value": 3}}, "'fixed': value of a Fixed cannot be edited here"),
        ({"rate": {"min_value": 1.0}}, r"'rate': Float\(1.0, 0.1\): min_value must not be above max_value"),
        ({"units": {"max_value": 99.5}}, "'units': max_value of an Int must be an integer, got 99.5"),
        ({"optimizer": {"values": []}}, "'optimizer': Choice needs at least one value"),
    ],
)
def test_what_makes_no_space_is_refused_by_name(edits, words):
    with pytest.raises(SpaceError, match=words):
        edited_space(SPACE, edits)
