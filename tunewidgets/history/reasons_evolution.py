"""Sentences about evolution: who descends from whom, and what was changed."""

from collections.abc import Callable

from tunewidgets.history.events import Data

SAY: dict[str, Callable[[Data, str], str]] = {}
