"""A search's trials as Optuna's: complete, pruned, running or failed, with values, reports and constraints."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tunewidgets.history import Config, is_finite
from tunewidgets.samplers.adapters.optuna_space import OptunaSpace
from tunewidgets.samplers.observations import Level, Observations
from tunewidgets.space import Space

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


class Teller:
    """Makes Optuna's trials from what was seen, every trial in its place, so that numbers mean the same throughout.

    Parameters
    ----------
    seen : Observations
        What has happened.
    level : Level or None
        The budget at which results count as complete.
    words : OptunaSpace
        The space as it is now.
    """

    def __init__(self, seen: Observations, level: Level | None, words: OptunaSpace) -> None:
        self._seen, self._words = seen, words
        self._results = {} if level is None else {trial: index for index, trial in enumerate(level.trials)}
        self._level = level
        below = (trial for budget in seen.levels() for trial in seen.at(budget).trials)
        self._rested = {*below, *(level.stopped if level is not None else ())}
        self._worst = () if level is None else tuple(_worst(column) for column in level.violations.T)

    def trials(self) -> Iterator["FrozenTrial"]:
        """Yield what was known before the search, in its order, and then the trials by number."""
        known = sorted((number for number in self._seen.configs if number < 0), reverse=True)
        for number in (*known, *sorted(number for number in self._seen.configs if number >= 0)):
            yield self._told(number, self._seen.config(number))

    def _told(self, number: int, config: Config) -> "FrozenTrial":
        from optuna.trial import TrialState, create_trial  # noqa: PLC0415 - optional

        if not fits(config, self._words.space):
            return create_trial(state=TrialState.FAIL)  # of another space: it keeps its number, and nothing more
        parameters, distributions = self._words.tell(config)
        attrs = dict(self._seen.notes.get(number, {}).get("attrs", {}))
        common: dict[str, Any] = {"params": parameters, "distributions": distributions, "system_attrs": attrs}
        values = self._values(number)
        if values:
            attrs |= self._kept(number)
            return create_trial(state=TrialState.COMPLETE, values=values, **common)
        if number in self._seen.failed:
            return create_trial(state=TrialState.FAIL, **common)
        if number in self._rested:
            # With several goals Optuna knows no reports on the way.
            told = self._seen.reports(number) if len(self._seen.goals) == 1 else {}
            reports = {step: report.value for step, report in told.items() if is_finite(report.value)}
            return create_trial(state=TrialState.PRUNED, intermediate_values=reports, **common)
        return create_trial(state=TrialState.RUNNING, **common)

    def _values(self, number: int) -> list[float]:
        """Return a trial's values as they were reported, nothing where it is not complete."""
        index = self._results.get(number)
        if index is None or self._level is None:
            return []
        row = self._level.objectives[index]
        return [self._seen.raw(float(value), goal) for goal, value in enumerate(row)] if np.isfinite(row).all() else []

    def _kept(self, number: int) -> dict[str, Any]:
        """Return by how much a trial breaks each constraint, as samplers read it; what was not said counts as bad."""
        if self._level is None or not self._seen.constraints:
            return {}
        row = self._level.violations[self._results[number]]
        return {"constraints": [float(x) if np.isfinite(x) else w for x, w in zip(row, self._worst, strict=True)]}


def _worst(violations: np.ndarray) -> float:
    """Return how badly a constraint was broken at worst; 1 where it never was."""
    known = violations[np.isfinite(violations)]
    return float(known.max()) if len(known) and known.max() > 0 else 1.0


def fits(config: Config, space: Space) -> bool:
    """Tell whether a configuration is one of a space, which need not be the space that it was made for."""
    return set(config) == set(space.active(config)) and all(space[name].contains(config[name]) for name in config)
