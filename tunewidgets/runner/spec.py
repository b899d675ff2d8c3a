"""What was asked of a search, as it stands in its folder for whoever runs it, now or after a restart."""

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from tunewidgets.errors import SpaceError, StoreError
from tunewidgets.history import Config, Constraint, Direction, Goal, Known, Limits, Opened, Plan
from tunewidgets.history.events import ValueRule
from tunewidgets.samplers import Sampler, sampler_from_json
from tunewidgets.schedules import Schedule, schedule_from_json
from tunewidgets.schedules.stopping import StopRule, stopping_from_json
from tunewidgets.space import Space
from tunewidgets.store.folder import SearchFolder, read_json, write_json

FORMAT = 2
"""1 had one goal, in the fields `metric` and `direction`."""
ExecutorName = Literal["process", "inline"]


@dataclass(frozen=True, slots=True)
class Spec:
    """Everything a coordinator needs besides the payload; plain JSON values throughout.

    Attributes
    ----------
    name : str
        The search's name.
    fingerprint : str
        What tells this search from a changed one of the same name.
    sampler, schedule : mapping
        The strategy's settings.
    goals : tuple of (str, str)
        Metric and direction of each goal, the first one first.
    limits : mapping
        The fields of `Limits`.
    workers : int
        How many legs may run at once.
    seed : int
        Of the search.
    space : mapping or None
        As JSON; None: the objective's own, found out by the coordinator.
    unit : str
        What one unit of the budget is called.
    value : {"best", "last"}
        Which report counts as a trial's value.
    executor : {"process", "inline"}
        What runs the legs.
    threads : int
        How many threads one leg may use.
    trial_timeout : float or None
        Seconds one leg may take.
    cwd, path, preload
        The folder, ``sys.path`` and the modules of the trial processes.
    start_method : {"auto", "forkserver", "spawn"}
        How they are started.
    keep : int or None
        How many of the best trials keep their checkpoints at the end; None: all.
    captured : tuple of (str, str, int)
        What went along from the notebook: name, type and bytes, the largest first.
    constraints : tuple of (str, float)
        Metric and bound of each constraint.
    known : tuple of (mapping, tuple of float, int or None)
        The fields of `Known` of each result that is known beforehand.
    stop_when : tuple of mapping
        The settings of the rules that end the search.
    """

    name: str
    fingerprint: str
    sampler: Mapping[str, Any]
    schedule: Mapping[str, Any]
    goals: tuple[tuple[str, Direction], ...]
    limits: Mapping[str, Any]
    workers: int
    seed: int
    space: Mapping[str, Any] | None
    unit: str
    value: ValueRule
    executor: ExecutorName
    threads: int
    trial_timeout: float | None
    cwd: str
    path: tuple[str, ...]
    preload: tuple[str, ...]
    start_method: Literal["auto", "forkserver", "spawn"] = "auto"
    keep: int | None = 3
    captured: tuple[tuple[str, str, int], ...] = ()
    constraints: tuple[tuple[str, float], ...] = ()
    known: tuple[tuple[Config, tuple[float, ...], int | None], ...] = ()
    stop_when: tuple[Mapping[str, Any], ...] = ()
    format: int = FORMAT

    def write(self, folder: SearchFolder) -> None:
        """Write it into the search's folder, whole or not at all."""
        write_json(folder.spec, asdict(self))

    @classmethod
    def read(cls, folder: SearchFolder) -> "Spec":
        """Read it from a search's folder.

        Raises
        ------
        StoreError
            If it is missing, damaged, or written by a newer version.
        """
        data = read_json(folder.spec)
        if not isinstance(data, dict) or data.get("format", 0) > FORMAT:
            raise StoreError(f"{str(folder.spec)!r} was written by a newer version of tunewidgets: upgrade it to go on")
        try:
            return cls(**{name: _frozen(name, value) for name, value in _newest(data).items()})
        except (KeyError, TypeError) as error:
            raise StoreError(
                f"{str(folder.spec)!r} is damaged: {error}; start the search anew under another name"
            ) from error

    def strategy(self) -> tuple[Sampler, Schedule]:
        """Return the sampler and the schedule."""
        return sampler_from_json(self.sampler), schedule_from_json(self.schedule)

    def rules(self) -> tuple[StopRule, ...]:
        """Return the rules that end the search."""
        return stopping_from_json(self.stop_when)

    def plan(self) -> Plan | None:
        """Return what the schedule will do under the limit on trials it began with."""
        plan = self.strategy()[1].plan(self.limits["trials"])
        return None if plan is None else replace(plan, unit=self.unit)

    def opened(self, space: Space, doubts: tuple[str, ...] = ()) -> Opened:
        """Return the event that opens the search; `doubts` is what is not certain about a space that was found."""
        known = self._fitting(space)
        left_out = len(self.known) - len(known)
        if left_out:
            doubts = (*doubts, f"Of the known results {left_out} of {len(self.known)} did not fit it: left out.")
        strategy = {"sampler": dict(self.sampler), "schedule": dict(self.schedule), "doubts": list(doubts)}
        return Opened(
            self.seed,
            space,
            Limits(**self.limits),
            tuple(Goal(*goal) for goal in self.goals),
            strategy,
            self.workers,
            self.value,
            self.unit,
            known,
            tuple(Constraint(*constraint) for constraint in self.constraints),
        )

    def _fitting(self, space: Space) -> tuple[Known, ...]:
        """Return what is known of configurations of this space; of the others nothing can be learned.

        All of it where the space is still empty, because the search could not be opened yet: samplers pass over what
        does not fit the one that is found in the end.
        """
        if not space:
            return tuple(Known(*each) for each in self.known)
        fitting = []
        for config, values, budget in self.known:
            with contextlib.suppress(SpaceError):
                fitting.append(Known(space.validate(config), values, budget))
        return tuple(fitting)


def _newest(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a spec that an earlier version wrote under the names that they have now."""
    fields = dict(data)
    if fields.get("format", 1) == 1 and "metric" in fields:
        fields["goals"] = [[fields.pop("metric"), fields.pop("direction")]]
    return fields | {"format": FORMAT}


def _frozen(name: str, value: Any) -> Any:
    """Return a field as it was before JSON made lists of tuples; of what is known the values are a tuple as well."""
    if name == "known":
        return tuple((config, tuple(values), budget) for config, values, budget in value)
    if name in _PAIRS:
        return tuple(tuple(each) for each in value)
    return tuple(value) if isinstance(value, list) else value


_PAIRS = ("goals", "captured", "constraints")


def read_spec(folder: Path) -> Spec:
    """Return the spec of the search in a folder; errors as in `Spec.read`."""
    return Spec.read(SearchFolder(Path(folder)))
