"""Who is inside the brush, as pages are told: a card that nobody sees."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.brush import Intervals, inside
from tunewidgets.history import History

BRUSH = "brush"
"""Its name among the cards of a frame."""


@dataclass(frozen=True, slots=True)
class Brushed:
    """The trials inside the brush.

    Attributes
    ----------
    inside : array of int, shape (n,)
        Their numbers, ascending.
    of : int
        How many trials there are.
    """

    inside: npt.NDArray[np.int32]
    of: int


def brushed(history: History, intervals: Intervals) -> Brushed:
    """Return the trials that lie inside all intervals; as `tunewidgets.analysis.inside`, in an order."""
    return Brushed(np.array(sorted(inside(history, intervals)), dtype=np.int32), len(history.trials))
