"""Sentences about surrogates: Gaussian processes, Parzen estimators, covariance matrices."""

from collections.abc import Callable

from tunewidgets.history.events import Data

SAY: dict[str, Callable[[Data, str], str]] = {}
