"""Cards under tabs, cards alone, and which there are where nobody has said."""

import pytest
from histories import R9, ladder_history
from stage import View

from tunewidgets.errors import StrategyError
from tunewidgets.figures import card
from tunewidgets.widgets.dashboard import Dashboard, usual_tabs


@card("Mine")
def mine(history):
    return {"data": [{"type": "bar", "x": list(history.trials), "y": list(history.trials)}], "layout": {}}


@pytest.fixture
def made():
    boards = []

    def make(**settings):
        view = View(ladder_history(R9))
        boards.append(Dashboard(view, plan=R9, **settings))
        view.play()
        return boards[-1]

    yield make
    for board in boards:
        board.close()


def test_cards_stand_under_the_tabs_of_a_mapping(made):
    board = made(cards={"One": ["trials", "table"], "Two": ["timeline", mine]})
    assert [(panel["name"], panel["tab"]) for panel in board.panels] == [
        ("trials", "One"), ("table", "One"), ("timeline", "Two"), ("mine", "Two"),
    ]  # fmt: skip
    assert board.tab == "One"


def test_a_list_has_no_tabs(made):
    board = made(cards=["trials", "table"])
    assert [panel["tab"] for panel in board.panels] == ["", ""]
    assert board.tab == ""


def test_a_card_stands_under_one_tab_only(made):
    with pytest.raises(StrategyError, match="there twice"):
        made(cards={"One": ["trials"], "Two": ["trials"]})
    with pytest.raises(StrategyError, match="no card 'trails'"):
        made(cards={"One": ["trails"]})


def test_a_card_alone_says_so(made):
    board = made(cards=["surrogate"], bare=True)
    assert board.bare
    assert board.panels[0]["wide"]


@pytest.mark.parametrize(
    ("strategy", "there", "missing"),
    [
        (("gp", "full", 1), {"surrogate", "effects", "parallel", "importance", "timeline"}, {"brackets", "pareto"}),
        (("random", "hyperband", 1), {"brackets"}, {"population", "pareto"}),
        (("evolution", "asha", 1), {"brackets", "population"}, {"pareto"}),
        (("nsga2", "full", 2), {"pareto", "population"}, {"brackets"}),
    ],
)
def test_the_usual_cards_are_those_that_will_have_something_to_show(strategy, there, missing, made):
    tabs = usual_tabs(*strategy)
    names = {name for tab in tabs.values() for name in tab}
    assert there <= names
    assert not missing & names
    assert tabs["Overview"][0] == "trials"
    assert len(made(cards=tabs).panels) == sum(map(len, tabs.values()))


def test_only_what_is_under_the_open_tab_is_drawn_also_before_a_page_has_spoken(made):
    board = made(cards={"One": ["trials", "table"], "Two": ["timeline", mine]})
    publisher = board._publisher
    assert publisher._in_sight(0.0) == ["trials", "table"]
    board.tab = "Two"
    assert publisher._in_sight(0.0) == ["table", "timeline", "mine"]
