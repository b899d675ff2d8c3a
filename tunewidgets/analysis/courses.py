"""Courses: how the best value of a search came about, against what had been spent by then."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from tunewidgets.analysis.trials import trained
from tunewidgets.history import Ended, History, Reported

FloatArray = npt.NDArray[np.float64]

Cost = Literal["trials", "budget", "time"]
"""What a search is charged for: trials that have come to rest, budget that was trained, or seconds at work."""

COSTS: tuple[Cost, ...] = get_args(Cost)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """One search's best value as it went on.

    Attributes
    ----------
    seed : int or None
        The search's; None before it is opened.
    values : ndarray of shape (n,)
        The incumbent's value, from each change of it on.
    costs : mapping of str to ndarray of shape (n,)
        What had been spent by then, in each kind of cost: ascending.
    reached : mapping of str to float
        What has been spent in all.
    """

    seed: int | None
    values: FloatArray
    costs: Mapping[Cost, FloatArray]
    reached: Mapping[Cost, float]

    def at(self, cost: Cost, spent: Any) -> FloatArray:
        """Return the best values after so much was spent.

        Parameters
        ----------
        cost : {"trials", "budget", "time"}
            The kind of cost.
        spent : float or array of shape (n,)
            How much of it.

        Returns
        -------
        ndarray of shape (n,)
            NaN where there was no incumbent yet.
        """
        before = np.searchsorted(self.costs[cost], np.atleast_1d(spent), side="right")
        return np.concatenate([[np.nan], self.values])[before]


def course(history: History) -> Course:
    """Follow a search's incumbent.

    Under a schedule with rungs the incumbent is the best trial of the highest budget reached so far; the value may get
    worse where a higher budget is reached for the first time. Time in which the search was paused or at rest does not
    count, and neither do results that were known before it began.

    Parameters
    ----------
    history : History
        What has happened.

    Returns
    -------
    Course
        Costs time proportional to the number of events.

    Examples
    --------
    >>> dict(course(History()).reached)
    {'trials': 0.0, 'budget': 0.0, 'time': 0.0}
    """
    replay = History()
    spent: dict[int, int] = {}
    rested: set[int] = set()
    total, value = 0, None
    rows: list[tuple[float, float, float, float]] = []
    for entry in history.entries:
        event = replay.append(entry.event, entry.at).event
        if isinstance(event, Reported | Ended):
            # A trial that is run again by the user's wish begins further back; what it had used is used.
            now = max(trained(replay.trials[event.trial]), spent.get(event.trial, 0))
            total += now - spent.get(event.trial, 0)
            spent[event.trial] = now
            if isinstance(event, Ended):
                rested.add(event.trial)
            best = replay.incumbent.value if replay.incumbent else None
            if best is not None and best != value:
                value = best
                rows.append((value, len(rested), total, replay.worked))
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 4)
    return Course(
        seed=history.opened.seed if history.opened else None,
        values=table[:, 0],
        costs=MappingProxyType({cost: table[:, 1 + column] for column, cost in enumerate(COSTS)}),
        reached=MappingProxyType({"trials": float(len(rested)), "budget": float(total), "time": replay.worked}),
    )
