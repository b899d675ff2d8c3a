"""What a user can say to a running search; each word becomes an event once the search has taken it."""

from abc import abstractmethod
from typing import Any, Self

from tunewidgets import commands
from tunewidgets.errors import SpaceError
from tunewidgets.handle import Handle
from tunewidgets.history import Limits, Paused, Resumed, StopAsked, UserEvent
from tunewidgets.space import Space


class Steering(Handle):
    """The steering half of `tunewidgets.Search`."""

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
        return self._send(commands.stop_trial(self.history, self.name, trial))

    def kill(self, trial: int) -> Self:
        """Stop one trial at once, whatever it is doing."""
        return self._send(commands.stop_trial(self.history, self.name, trial, now=True))

    def retry(self, trial: int) -> Self:
        """Run a trial again that has failed, or that was stopped: as a further attempt of the same trial.

        It comes before anything new, goes on from its checkpoint where it has one, and may lose its process three times
        more. It is run where it failed; but where others have gone on from that rung, it trains outside of its bracket
        to the same budget, as who went on cannot be decided anew. So does a trial that was stopped. A search that had
        finished goes on for it; one that was stopped or has failed runs it once it is resumed.

        Raises
        ------
        TuneError
            If there is no such trial, or it has neither failed nor was it stopped.
        """
        return self._send(commands.retry_trial(self.history, self.name, trial))

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
        return self._send(commands.enqueue_config(self.space, config))

    def extend(self, *, trials: int | None = None, timeout: float | None = None) -> Self:
        """Set new limits, absolute ones; a search that had come to rest goes on.

        Raises
        ------
        StrategyError
            If neither is given, or one is not a positive number, or if the schedule has a plan of a fixed number of
            trials (Hyperband, successive halving) and has started them all; the message says what else can be done.
        """
        history = self.history
        old = history.limits if history.opened else Limits(**self._spec.limits)
        return self._send(commands.extend_limits(old, trials, timeout, history))

    def set_workers(self, workers: int) -> Self:
        """Change how many legs may run at once.

        Raises
        ------
        StrategyError
            If it is not a positive integer.
        """
        return self._send(commands.change_workers(workers))

    def edit_space(self, space: Space) -> Self:
        """Take future suggestions from another space; trials that exist stay as they are.

        Raises
        ------
        SpaceError
            If it is not a space.
        StrategyError
            If the search's sampler cannot work in it.
        """
        return self._send(commands.change_space(self._spec.strategy()[0], space))
