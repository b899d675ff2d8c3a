"""From records to figures: plain Plotly specs, and pictures drawn without a browser (layer 5)."""

from tunewidgets.figures.answers import Answer, Broken, Drawn, NotYet, Tabled
from tunewidgets.figures.cards import CARDS, Card, draw
from tunewidgets.figures.own import card
from tunewidgets.figures.theme import themed

__all__ = ["CARDS", "Answer", "Broken", "Card", "Drawn", "NotYet", "Tabled", "card", "draw", "themed"]
