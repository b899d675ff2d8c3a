"""What a user can say to a running search; each word becomes an event once the search has taken it."""

from abc import ABC, abstractmethod
from typing import Any, Self

from tunewidgets.errors import SpaceError, StrategyError, TuneError
from tunewidgets.history import (
    Enqueued,
    Extended,
    History,
    Limits,
    Paused,
    Resumed,
    SpaceEdited,
    StopAsked,
    UserEvent,
    WorkersChanged,
)
from tunewidgets.runner.spec import Spec
from tunewidgets.space import Space
from tunewidgets.strategy import check_space, checked_limits, checked_workers


class Steering(ABC):
    """The steering half of `tunewidgets.Search`."""

    _spec: Spec

    @property
    @abstractmethod
    def name(self) -> str:
        """The search's name."""

    @property
    @abstractmethod
    def history(self) -> History:
        """Everything that has happened, as far as it is committed."""

    @property
    @abstractmethod
    def space(self) -> Space:
        """What is searched."""

    @abstractmethod
    def _send(self, command: UserEvent) -> Self:
        """Hand a command to the search."""

    def pause(self) -> Self:
        """Start nothing new; running legs go on to their budgets."""
        return self._send(Paused())

    def resume(self) -> Self:
        """Go on: after a pause, after a stop, or where the coordinator is gone."""
        return self._send(Resumed())

    def stop(self, *, now: bool = False) -> Self:
        """End the search: after the running legs, or `now`, ending them; `resume` goes on from there."""
        return self._send(StopAsked(None, now))

    def skip(self, trial: int) -> Self:
        """Stop one trial at its next report."""
        return self._send(StopAsked(self._known(trial)))

    def kill(self, trial: int) -> Self:
        """Stop one trial at once, whatever it is doing."""
        return self._send(StopAsked(self._known(trial), now=True))

    def enqueue(self, **config: Any) -> Self:
        """Try this configuration next: `search.enqueue(units=64, rate=1e-3)`.

        It takes the next planned place, and counts in a limit on trials. Where plan or limit leave no place, it is
        tried all the same, beyond them and outside all brackets. A search that has come to rest takes it up when it is
        resumed.

        Raises
        ------
        SpaceError
            If it is not a configuration of the space, or the space is not known yet.
        """
        if self.history.opened is None and self._spec.space is None:
            raise SpaceError(f"{self.name!r} is still starting and its space not known yet: try again when it runs")
        return self._send(Enqueued(self.space.validate(config)))

    def extend(self, *, trials: int | None = None, timeout: float | None = None) -> Self:
        """Set new limits, absolute ones; a search that had come to rest goes on.

        Raises
        ------
        StrategyError
            If neither is given, or one is not a positive number.
        """
        if trials is None and timeout is None:
            raise StrategyError("give the new limit: extend(trials=60), or extend(timeout=3600)")
        opened = self.history.opened
        old = self.history.limits if opened else Limits(**self._spec.limits)
        new = checked_limits(
            old.trials if trials is None else trials,
            old.timeout if timeout is None else timeout,
            old.max_consecutive_failures,
        )
        return self._send(Extended(new))

    def set_workers(self, workers: int) -> Self:
        """Change how many legs may run at once.

        Raises
        ------
        StrategyError
            If it is not a positive integer.
        """
        return self._send(WorkersChanged(checked_workers(workers)))

    def edit_space(self, space: Space) -> Self:
        """Take future suggestions from another space; trials that exist stay as they are.

        Raises
        ------
        SpaceError
            If it is not a space.
        StrategyError
            If the search's sampler cannot work in it.
        """
        if not isinstance(space, Space):
            raise SpaceError(f"edit_space needs a tw.Space, not {type(space).__name__}")
        check_space(self._spec.strategy()[0], space)
        return self._send(SpaceEdited(space))

    def _known(self, trial: int) -> int:
        if trial not in self.history.trials:
            raise TuneError(
                f"there is no trial {trial!r} in {self.name!r}; there are {len(self.history.trials)}, from 0"
            )
        return trial
