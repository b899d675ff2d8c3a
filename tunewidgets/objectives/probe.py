"""The space hidden in a build function: its parameters, and the conditions hidden in its loops and branches.

::

    def build_model(hp):
        for i in range(hp.Int("layers", 1, 3)):
            hp.Int(f"units_{i}", 32, 512, step=32)              # units_1 only where layers is 2 or 3
        if hp.Choice("optimizer", ["adam", "sgd"]) == "sgd":
            hp.Float("momentum", 0.0, 0.9)                      # only where optimizer is "sgd"

    probe(build_model).space

The function is run with its defaults, then with each parameter's other values, breadth first, and the conditions are
inferred from what it asked for. They are then tested on random configurations; where one is refuted, the inference is
made again with that run as evidence.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.probe_conditions import Inference
from tunewidgets.objectives.probe_known import Known
from tunewidgets.objectives.probe_runs import Builder, OutOfTime, Run, Runs
from tunewidgets.space import Condition, Space

# So many random configurations in a row must come out as inferred; fewer where half of the time is gone.
ENOUGH = 200
ENOUGH_WHEN_SLOW = 40
# The share of numbers with many values that keep their defaults in a random configuration.
KEPT = 0.7
MOST_FAILURES_TOLD = 3


class SpaceWarning(UserWarning):
    """A space was found by probing, and something about it could not be settled."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What probing a build function found.

    Parameters
    ----------
    space : Space
        Its parameters and their conditions.
    certain : bool
        Whether every run came out as the space says, and there were enough of them.
    doubts : tuple of str
        What is not settled, a sentence each.
    runs : int
        How often the function was run.
    """

    space: Space
    certain: bool
    doubts: tuple[str, ...]
    runs: int


def probe(builder: Builder, *, seconds: float = 5.0) -> Probed:
    """Find the space of a build function by running it, in this process.

    Parameters
    ----------
    builder : callable
        A function of `hp`, which it asks for values; its result is dropped.
    seconds : float, optional
        How long to go on after the first run.

    Returns
    -------
    Probed
        The space. No configuration for which a parameter was asked for in a run is excluded by the conditions.

    Raises
    ------
    ObjectiveError
        The builder fails with all its parameters at their defaults, or asks for none.

    Examples
    --------
    >>> def build(hp):
    ...     if hp.Boolean("dropout"):
    ...         hp.Float("rate", 0.1, 0.5)
    >>> probe(build).space["rate"]
    Float(0.1, 0.5).when(dropout=True)
    """
    return _Prober(builder, seconds).find()


class _Prober:
    """One probing of one builder."""

    def __init__(self, builder: Builder, seconds: float) -> None:
        self._runs = Runs(builder, seconds)
        self._known = Known()
        self._inexact: dict[str, str] = {}

    def find(self) -> Probed:
        self._begin()
        hurried: str | None = None
        try:
            self._explore()
            space = self._verified()
        except OutOfTime:
            hurried = (
                f"Building takes long: after {len(self._runs.done)} builds in {self._runs.seconds:g} s some values "
                "were still untried, so conditions may be missing."
            )
            space = self._inferred(verify=False)
        doubts = [*self._known.doubts.values(), *self._inexact.values(), *self._failures()]
        doubts += [hurried] if hurried else []
        return Probed(space, not doubts, tuple(doubts), len(self._runs.done))

    def _begin(self) -> None:
        run, _ = self._runs.run({})
        if run.error is not None:
            raise ObjectiveError(
                f"The build function fails with all parameters at their defaults: {run.error}"
            ) from run.cause
        if not run.asked:
            raise ObjectiveError(
                "The build function asks `hp` for nothing, so there is nothing to tune. "
                'Ask for a value where one is to be tuned: hp.Int("units", 32, 512).'
            )
        self._known.note(run)

    def _explore(self) -> None:
        """Try the values of every parameter that was met, in the run that met it."""
        while self._known.fresh:
            # Where time is short, those that are likely to decide about others come first.
            name = min(self._known.fresh, key=self._known.rank)
            self._known.fresh.remove(name)
            for value in self._known.to_try(name):
                self._try({**self._known.witnesses[name], name: value})
            if not self._known.fresh:
                for values in self._known.waking().values():
                    self._try(values)

    def _try(self, forced: Mapping[str, object]) -> None:
        self._known.note(self._runs.run(forced)[0])

    def _inferred(self, *, verify: bool = True) -> Space:
        """Return the space as the runs so far tell it."""
        while True:
            conditions: dict[str, tuple[Condition, ...]] = {}
            self._inexact = {}
            for name in list(self._known.parameters):
                inference = Inference(name, self._known, self._runs)
                conditions[name], doubt = inference.conditions(conditions, verify=verify)
                if doubt:
                    self._inexact[name] = doubt
            if not self._known.fresh or not verify:
                break
            self._explore()
        parameters = self._known.parameters
        return Space({name: replace(parameters[name], conditions=held) for name, held in conditions.items()})

    def _verified(self) -> Space:
        """Return the space after enough random configurations came out as it says."""
        space = self._inferred()
        agreed = 0
        rng = np.random.default_rng(0)
        while agreed < (ENOUGH if self._runs.left > 0.5 else ENOUGH_WHEN_SLOW):  # noqa: PLR2004 - half of the time
            run, new = self._runs.run(self._drawn(space, rng))
            agreed += 1
            self._known.note(run)
            if self._known.fresh or (new and not self._agrees(run, space)):
                self._explore()
                space = self._inferred()
                agreed = 0
        return space

    def _drawn(self, space: Space, rng: np.random.Generator) -> dict[str, object]:
        """Return values for all parameters, inactive ones too: they are asked for where a condition is wrong."""
        parents = {condition.parent for parameter in space.values() for condition in parameter.conditions}
        drawn = {name: parameter.sample(rng) for name, parameter in space.items()}
        # A model in which every layer is large takes memory and time, and sizes seldom decide about other parameters.
        kept = {name for name in space if name not in parents and self._known.rank(name) and rng.random() < KEPT}
        return {name: value for name, value in drawn.items() if name not in kept}

    def _agrees(self, run: Run, space: Space) -> bool:
        asked = set(run.values)
        expected = set(space.active(run.values))
        # A run that ended early may not have asked for all.
        missing = set() if run.partial else expected - asked
        return not (asked - expected) and not (missing - set(self._inexact))

    def _failures(self) -> Iterator[str]:
        failed = [run for run in self._runs.done if run.error is not None]
        told: dict[str, Run] = {}
        for run in failed:
            told.setdefault(str(run.error), run)
        for error, run in list(told.items())[:MOST_FAILURES_TOLD]:
            yield f"The build function fails with {_named(run)}: {error}"
        if len(told) > MOST_FAILURES_TOLD:
            yield f"It fails in {len(told) - MOST_FAILURES_TOLD} other ways too ({len(failed)} of its runs failed)."


def _named(run: Run) -> str:
    """Return the values of a run that are not the defaults."""
    changed = [f"{name}={value!r}" for name, value in run.values.items() if value != run.defaults[name]]
    return ", ".join(changed) or "some values"
