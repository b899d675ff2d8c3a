"""Sentences about schedules and rules that stop trials or searches."""

from collections.abc import Callable

from tunewidgets.history.events import Data

SAY: dict[str, Callable[[Data, str], str]] = {}
