"""A search in the user's hand: look at it, steer it, wait for it, take its results."""

import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tunewidgets.analysis.best import why_no_best
from tunewidgets.analysis.front import pareto_front
from tunewidgets.errors import SearchFailed, TuneError
from tunewidgets.figures.static import to_text
from tunewidgets.history import (
    History,
    Plan,
    Pulse,
    Trial,
    UserEvent,
    sentence,
    suggestion_sentence,
    tracebacks,
)
from tunewidgets.objectives import payload
from tunewidgets.runner.spec import Spec
from tunewidgets.samplers import trial_seed
from tunewidgets.showing import Showing
from tunewidgets.space import Space
from tunewidgets.steering import Steering
from tunewidgets.store.folder import SearchFolder, check_trust
from tunewidgets.store.view import FolderView
from tunewidgets.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

    from tunewidgets.objectives.base import Objective

_POLL = 0.05
_RESTING = ("finished", "stopped", "failed")


class Search(Steering, Showing):
    """One run of a strategy on an objective: the handle that `tune` and `attach` return.

    The search itself lives in its folder and in a process of its own; a handle only reads and sends commands, so there
    may be any number of them, and losing one loses nothing.

    Parameters
    ----------
    folder : Path
        The search's folder.
    trust : bool
        Whether to run code from a folder that others could have written.
    objective : Objective, optional
        The object at hand, for ``executor="inline"``; else it is read from the folder when it is needed.

    Raises
    ------
    StoreError
        If the folder holds no search, or one of a newer version.
    """

    def __init__(self, folder: Path, *, trust: bool = False, objective: "Objective | None" = None) -> None:
        self._folder = SearchFolder(Path(folder))
        self._spec = Spec.read(self._folder)
        self._view = FolderView(self._folder, self.start)
        self._trust, self._objective = trust, objective
        self._folding, self._history, self._version = threading.Lock(), History(), -1

    # --- looking ---------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The search's name."""
        return self._view.name

    @property
    def folder(self) -> Path:
        """Where it lives."""
        return self._folder.path

    @property
    def view(self) -> FolderView:
        """The protocol through which widgets see it."""
        return self._view

    @property
    def history(self) -> History:
        """Everything that has happened, as far as it is committed."""
        with self._folding:
            version = self._view.version()
            if version != self._version:
                self._history.extend(self._view.read(len(self._history)))
                self._version = version
        return self._history

    @property
    def plan(self) -> Plan | None:
        """What its schedule will do, where it knows."""
        return self._spec.plan()

    @property
    def strategy(self) -> Strategy:
        """Its sampler and its schedule, with all their settings."""
        return Strategy(*self._spec.strategy())

    @property
    def space(self) -> Space:
        """What is searched; empty while the search is starting and the objective's own space not yet known."""
        known = self._spec.space
        if self.history.opened is None and known is not None:
            return Space.from_json(known)
        return self.history.space

    @property
    def status(self) -> str:
        """Where it stands.

        "starting", "running", "paused", "stopping", "finished", "stopped", "failed", or "interrupted" where its
        coordinator is gone before the end: then `resume` goes on.
        """
        reopening = self._view.is_reopening  # asked first: what it has taken note of, the history read next shows
        status = self.history.status
        if reopening:
            status = "starting"
        if status in _RESTING:
            return status
        return "interrupted" if self._health.health == "gone" else status

    @property
    def message(self) -> str:
        """A sentence for the user where something is wrong or the search has ended; else empty."""
        closed = None if self._view.is_reopening else self.history.closed
        if closed is None:
            return self._health.message
        return str(closed.reason.get("text") or sentence(closed.reason, self._unit))

    @property
    def _health(self) -> Pulse:
        pulse = self._view.pulse()
        if pulse.health != "gone" or self._spec.executor != "inline":
            return pulse
        if self.history.opened is None:
            return Pulse("starting")
        return Pulse(
            "gone", "It runs in this process, while search.wait() is called: that goes on from the last result."
        )

    @property
    def best(self) -> Trial | None:
        """The best trial of the highest budget reached that keeps the constraints; None before there is one.

        With several goals it is the best one by the first of them; see `best_trials`.
        """
        return self.history.incumbent

    @property
    def best_trials(self) -> tuple[Trial, ...]:
        """The trials that none beats in all goals at once, the best by the first goal first; with one goal the best."""
        history = self.history
        return tuple(history.trials[number] for number in pareto_front(history).trials)

    @property
    def best_config(self) -> dict[str, Any] | None:
        """The best trial's configuration."""
        return dict(self.best.config) if self.best else None

    @property
    def best_value(self) -> float | None:
        """The best trial's value."""
        return self.best.value if self.best else None

    @property
    def trials(self) -> "pd.DataFrame":
        """One row a trial.

        Columns: number, state, value, the further goals and the metrics that have a bound, budget, bracket, rung,
        started, ended, reason, suggested (why it was tried), error, then one ``param_<name>`` for each parameter; times
        are UTC.
        """
        from tunewidgets.frames import trials_frame  # noqa: PLC0415 - pandas is heavy

        return trials_frame(self.history)

    @property
    def reports(self) -> "pd.DataFrame":
        """One row a report: trial, attempt, step, value, then one column for each further metric."""
        from tunewidgets.frames import reports_frame  # noqa: PLC0415 - pandas is heavy

        return reports_frame(self.history)

    def why(self, trial: int) -> str:
        """Say in a sentence why a trial is in its state."""
        return sentence(self.history.why(trial), self._unit)

    def why_suggested(self, trial: int) -> str:
        """Say in a sentence why a trial's configuration was tried; empty where there is no such trial."""
        found = self.history.trials.get(trial)
        return "" if found is None else suggestion_sentence(found, self._unit)

    @property
    def _unit(self) -> str:
        opened = self.history.opened
        return opened.unit if opened else "step"

    def trial(self, number: int) -> dict[str, Any]:
        """Tell everything that is known of a trial, as plain data: what the dashboard shows where it is selected.

        Parameters
        ----------
        number : int
            The trial's number.

        Returns
        -------
        dict
            Its ``state``, ``value``, ``config``, ``reason``, ``suggested`` (why it was tried), ``steps`` and ``values``
            (its reports), ``legs``, whether it is the ``incumbent``, and ``differs``: by the name of a parameter its
            own and the incumbent's value, where they are not the same, None where inactive. `log` has what it printed.

        Raises
        ------
        TuneError
            If there is no such trial.
        """
        from tunewidgets.figures.details import details, differences  # noqa: PLC0415 - only who looks at one needs it

        if number not in self.history.trials:
            count = len(self.history.trials)
            raise TuneError(f"there is no trial {number!r}; {self.name!r} has {count}, counted from 0")
        return details(self.history, number) | {"differs": differences(self.history, number)}

    def log(self, trial: int) -> str:
        """Return what a trial has printed, all its legs after one another, each with its traceback where it raised."""
        printed = {
            int(path.stem.split("-")[1]): path.read_text(encoding="utf-8", errors="replace")
            for path in self._folder.trial(trial).glob("attempt-*.log")
        }
        traces = tracebacks(self.history, trial)
        return "".join(
            _with_trace(printed.get(attempt, ""), traces.get(attempt)) for attempt in sorted({*printed, *traces})
        )

    def best_model(self) -> Any:
        """Return the trained model of the best trial.

        Raises
        ------
        TuneError
            If there is no best trial yet.
        ObjectiveError
            If the objective keeps no models; the message says what it must do.
        StoreError
            If the folder is not to be trusted.
        """
        if self.best is None:
            raise TuneError(f"{why_no_best(self.history)}: there is no best model of {self.name!r}")
        check_trust(self.folder, self._trust)
        seed = trial_seed(self.history.seed, self.best.number)
        return self._loaded().model(self._folder.trial(self.best.number), self.best.config, seed)

    def _loaded(self) -> "Objective":
        if self._objective is None:
            check_trust(self.folder, self._trust)
            self._objective = payload.load(self.folder)
        return self._objective

    # --- running ----------------------------------------------------------------------------------------------------

    def _send(self, command: UserEvent) -> Self:
        self._view.send(command)
        return self

    def start(self) -> Self:
        """Start a coordinator where none lives; harmless where one does.

        Raises
        ------
        StoreError
            If the folder is not to be trusted: its code would run.
        """
        if self._spec.executor == "process":
            check_trust(self.folder, self._trust)
            from tunewidgets.runner.coordinator import launch  # noqa: PLC0415 - only who starts searches needs it

            self._view.launched()
            launch(self._folder)
        return self

    # --- waiting ---------------------------------------------------------------------------------------------------

    def _rested(self) -> bool:
        """Whether there is nothing to wait for.

        Raises
        ------
        SearchFailed
            If the search ended without doing its work, or its coordinator is gone.
        """
        status = self.status
        if status == "failed":
            raise SearchFailed(f"the search {self.name!r} failed: {self.message}")
        if status == "interrupted":
            tail = self._view.log_tail()
            raise SearchFailed(f"{self.message}\n{tail}" if tail and not len(self.history) else self.message)
        return status in _RESTING

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the search has come to rest; an interrupt ends the wait and not the search.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most.

        Raises
        ------
        SearchFailed
            If the search failed, or its coordinator is gone.
        TimeoutError
            If it has not come to rest in time; it goes on, or, with ``executor="inline"``, ends the trial it is at and
            waits for the next call.
        """
        end = None if timeout is None else time.monotonic() + timeout
        if self._spec.executor == "inline":
            from tunewidgets.runner.local import run_here  # noqa: PLC0415 - only inline searches need it

            run_here(self._folder, self._spec, self._loaded(), end)
            if end is not None and time.monotonic() >= end and self.status == "interrupted":
                raise TimeoutError(f"{self.name!r} is not at rest after {timeout:g} s; the next wait() goes on with it")
        while not self._rested():
            if end is not None and time.monotonic() >= end:
                raise TimeoutError(f"{self.name!r} is still {self.status} after {timeout:g} s; it goes on")
            time.sleep(_POLL)
        return self

    def __await__(self) -> Generator[Any, None, Self]:
        """Wait without blocking the kernel: ``await search``."""
        return self._wait_async().__await__()

    async def _wait_async(self) -> Self:
        if self._spec.executor == "inline":
            return self.wait()
        import asyncio  # noqa: PLC0415 - a twentieth of a second that only who awaits needs

        while not self._rested():  # noqa: ASYNC110 - another process moves on; there is no event of this one to wait for
            await asyncio.sleep(_POLL)
        return self

    def __repr__(self) -> str:
        status = self.status
        line = to_text(self.history, self.name, self.plan) if len(self.history) else f"{self.name}: {status}"
        if status == "interrupted":
            line = line.replace(": running", ": interrupted", 1)
        return f"{line}\n{self.message}" if self.message and status not in ("finished", "failed", "running") else line


def _with_trace(printed: str, trace: str | None) -> str:
    if trace is None:
        return printed
    gap = "\n" if printed and not printed.endswith("\n") else ""
    return f"{printed}{gap}{trace}\n"
