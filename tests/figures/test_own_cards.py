"""Cards of the user's own: a function from history to figure."""

import numpy as np
import pytest
from histories import full_history

from tunewidgets.errors import StrategyError, TuneError
from tunewidgets.figures import Broken, Card, Drawn, NotYet, card, draw
from tunewidgets.figures.cards import find_cards

HISTORY = full_history(6)


@card("How long", sentence="Seconds by trial", wide=True)
def lengths(history):
    """Read it from left to right."""
    numbers = list(history.trials)
    return {"data": [{"type": "bar", "x": numbers, "y": np.ones(len(numbers)), "customdata": numbers}]}


def test_a_function_becomes_a_card_with_its_words():
    assert isinstance(lengths, Card)
    assert (lengths.name, lengths.title, lengths.sentence) == ("lengths", "How long", "Seconds by trial")
    assert lengths.help == "Read it from left to right."
    assert lengths.wide
    assert lengths.heavy_from is None, "it lives in the kernel"


def test_without_words_it_has_those_of_the_function():
    @card()
    def loss_gap(_history):
        return "not today"

    assert (loss_gap.title, loss_gap.sentence, loss_gap.help) == ("Loss gap", "Loss gap", "Loss gap")
    assert draw(loss_gap, HISTORY) == NotYet("not today")


def test_it_draws_what_the_function_returns():
    answer = draw(lengths, HISTORY)
    assert isinstance(answer, Drawn)
    assert answer.figure["data"][0]["customdata"] == list(range(6))


def test_a_figure_of_plotly_is_taken_without_its_template():
    import plotly.graph_objects as go

    @card()
    def mine(history):
        figure = go.Figure(go.Scatter(x=np.arange(3), y=[trial.value for trial in history.trials.values()][:3]))
        return figure.update_layout(title="mine", template="plotly_dark", width=300)

    answer = draw(mine, HISTORY)
    assert answer.figure["layout"] == {"title": {"text": "mine"}}
    assert answer.figure["data"][0]["x"].tolist() == [0, 1, 2]


def test_what_it_raises_stays_in_the_card():
    @card()
    def broken(_history):
        raise ValueError("no such column")

    answer = draw(broken, HISTORY)
    assert isinstance(answer, Broken)
    assert "ValueError: no such column" in answer.message


def test_what_is_no_figure_is_refused_with_the_choices():
    @card()
    def strange(_history):
        return 7

    answer = draw(strange, HISTORY)
    assert "strange must return a plotly.graph_objects.Figure" in answer.message
    assert "not int" in answer.message


def test_it_needs_a_name():
    with pytest.raises(TuneError, match="named function"):
        card()(lambda _history: "x")


def test_cards_are_found_by_name_and_own_ones_stand_for_themselves():
    assert [each.name for each in find_cards(["table", lengths, "trials"])] == ["table", "lengths", "trials"]
    with pytest.raises(StrategyError, match="no card 'lengths'"):
        find_cards(["lengths"])


def test_a_card_is_in_one_place():
    with pytest.raises(StrategyError, match="the card 'trials' is there twice"):
        find_cards(["trials", "curves", "trials"])
    with pytest.raises(StrategyError, match="the card 'lengths' is there twice"):
        find_cards([lengths, lengths])


def test_names_that_a_dashboard_uses_are_taken():
    @card()
    def brush(_history):
        return "mine"

    with pytest.raises(StrategyError, match="two cards are called 'brush'"):
        find_cards([brush])


def test_what_is_like_an_array_is_taken_as_one():
    pd = pytest.importorskip("pandas")

    @card()
    def frame(_history):
        return {"data": [{"type": "bar", "x": range(3), "y": pd.Series([1.5, 2.5, 3.5])}], "layout": {}}

    bar = draw(frame, HISTORY).figure["data"][0]
    assert bar["x"] == [0, 1, 2]
    assert bar["y"].tolist() == [1.5, 2.5, 3.5]


def test_two_cards_of_one_name_are_refused():
    @card()
    def trials(_history):
        return "mine"

    with pytest.raises(StrategyError, match="two cards are called 'trials'"):
        find_cards(["trials", trials])
    with pytest.raises(StrategyError, match="two cards are called 'trials'"):
        find_cards([trials])
