"""What a user's function gets as ``trial``: its configuration and budget, and its voice.

A leg of a trial that was begun before, by example::

    model = trial.load() or build(trial.config)      # what the leg before saved, else anew
    for step in trial.steps():                       # goes on after the saved step, as far as the schedule allows
        model.train()
        trial.save(model)
        trial.report(step, model.score(), seconds=3.1)   # waits for the answer; the loop ends where the answer says so
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tunewidgets.errors import ObjectiveError
from tunewidgets.history import Action, Config
from tunewidgets.objectives.checkpoint import Checkpoint
from tunewidgets.objectives.values import describe, is_integer, to_float


class LegEnd(BaseException):
    """Ends a leg from inside `LiveTrial.report`; whoever runs the leg catches it and counts the leg as returned.

    It is no `Exception`, so that an ``except Exception`` in a user's training loop lets it pass.

    Attributes
    ----------
    action : {"pause", "stop", "complete"}
        What the report was answered.
    """

    def __init__(self, action: Action) -> None:
        super().__init__(f"the leg was told to end: {action}")
        self.action = action


class Channel(Protocol):
    """The way from a leg to the driver."""

    def report(self, step: int, value: float, metrics: Mapping[str, float]) -> Action:
        """Send one report and return its answer; blocks until the answer is there."""
        ...


@dataclass(slots=True)
class _Progress:
    """How far a leg has come; `turn` is the step that `steps` has given out and not yet taken back."""

    reported: int = 0
    turn: int | None = None
    answer: Action = "continue"


@dataclass(frozen=True, slots=True, eq=False)
class LiveTrial:
    """One leg of a trial, as the objective sees it.

    Parameters
    ----------
    number : int
        The trial's number, counted from 0.
    attempt : int
        The number of this leg of it, counted from 1.
    config : mapping
        One value for every active parameter; a dict of its own, so that changing it changes nothing else.
    budget : int or None
        How far to train, in the objective's unit, counted from the trial's beginning; None: as long as it takes.
    seed : int
        The trial's own seed, the same for all its legs.
    folder : Path
        The trial's folder, the same for all its legs.
    channel : Channel
        Where reports go.

    Examples
    --------
    >>> def objective(trial):
    ...     weights = trial.load(default=0.0)
    ...     for step in trial.steps():
    ...         weights += trial.config["rate"]
    ...         trial.save(weights)
    ...         trial.report(step, weights)
    """

    number: int
    attempt: int
    config: Config
    budget: int | None
    seed: int
    folder: Path
    channel: Channel = field(repr=False)
    _progress: _Progress = field(default_factory=_Progress, init=False, repr=False)
    _checkpoint: Checkpoint = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "config", dict(self.config))
        object.__setattr__(self, "folder", Path(self.folder))
        object.__setattr__(self, "_checkpoint", Checkpoint(self.folder / "checkpoint"))

    @property
    def checkpoint_dir(self) -> Path:
        """The folder that outlives this leg, for whatever the trial wants to keep; made when it is asked for."""
        self._checkpoint.folder.mkdir(parents=True, exist_ok=True)
        return self._checkpoint.folder

    @property
    def answer(self) -> Action:
        """What the last report was answered, "continue" before the first."""
        return self._progress.answer

    @property
    def reported(self) -> int:
        """The step of this leg's last report, 0 before the first."""
        return self._progress.reported

    @property
    def saved_step(self) -> int:
        """The step that belongs to the saved state, 0 where nothing usable is saved."""
        return self._checkpoint.step

    @property
    def problem(self) -> str | None:
        """Why a state that was saved could not be used, or None; the leg then begins anew."""
        return self._checkpoint.problem

    def steps(self) -> Iterator[int]:
        """Return the steps of this leg: after the saved one, or from 1, up to the budget.

        The loop ends early, after the turn in which a report was answered with anything but "continue".

        Yields
        ------
        int
            The step to train and report now.

        Raises
        ------
        ObjectiveError
            The trial has no budget.

        Examples
        --------
        >>> for step in trial.steps():                                  # doctest: +SKIP
        ...     trial.report(step, train_one_epoch())
        """
        if self.budget is None:
            raise ObjectiveError(
                "trial.steps() needs a budget to count up to; this search has none. Cure: give the schedule a largest "
                "budget, such as max_budget=27, or write your own loop and report its steps."
            )
        return self._turns(max(self._checkpoint.step, self.reported) + 1, self.budget)

    def report(self, step: int, value: float, **metrics: float) -> None:
        """Say how good the trial is after `step` units of budget, and wait for the answer.

        Outside `steps` this call does not return where the leg is to end. Inside, the loop ends after this turn, so
        that the turn's remaining lines (saving, say) are run.

        Parameters
        ----------
        step : int
            Budget consumed so far, counted from 1 over all legs of the trial; larger than this leg's last one.
        value : float
            The value of the search's metric; NaN is taken and counts as a failed value.
        **metrics : float
            Whatever else is worth seeing, by name.

        Raises
        ------
        ObjectiveError
            The step or one of the values is not what is expected.
        LegEnd
            The answer was to end, or a report before this one was answered so.

        Examples
        --------
        >>> trial.report(3, 0.91, loss=0.23)                            # doctest: +SKIP
        """
        progress = self._progress
        if progress.answer != "continue":
            raise LegEnd(progress.answer)
        step = self._check_step(step)
        cure = "report a float, such as float(accuracy)."
        number = to_float(value, f"the value reported at step {step}", cure)
        extra = {
            name: to_float(it, f"the metric {name!r} reported at step {step}", cure) for name, it in metrics.items()
        }
        progress.answer = self.channel.report(step, number, extra)
        progress.reported = step
        self._checkpoint.confirm(step)
        if progress.answer != "continue" and progress.turn is None:
            raise LegEnd(progress.answer)

    def save(self, state: Any, step: int | None = None) -> None:
        """Keep a state for this trial's later legs, with the step that it belongs to; the one before is replaced.

        Inside `steps`, a state saved before its step is reported counts only once the report was answered or the turn
        is over: a leg that is lost in between trains that step again, and no report is missing.

        Parameters
        ----------
        state : Any
            Whatever cloudpickle can write.
        step : int, optional
            The step the state belongs to; by default the loop's current one, outside `steps` the last one reported.

        Raises
        ------
        ObjectiveError
            The state cannot be pickled, or the step is not an integer of at least 0.

        Examples
        --------
        >>> trial.save({"weights": weights}, step=3)                    # doctest: +SKIP
        """
        progress = self._progress
        if step is None:
            step = progress.turn or progress.reported or self._checkpoint.step
        if not is_integer(step) or step < 0:
            raise ObjectiveError(
                f"trial.save(state, step): step must be an integer of at least 0; {describe(step)} came."
            )
        waits = progress.turn is not None and progress.reported < step
        self._checkpoint.write(state, int(step), waits=waits)

    def load(self, default: Any = None) -> Any:
        """Return the state that was saved last, by this leg or one before it.

        A state that cannot be read counts as none, and `problem` says why.

        Parameters
        ----------
        default : Any, optional
            What is returned where nothing usable is saved.

        Returns
        -------
        Any
            The state.

        Examples
        --------
        >>> trial.load(default=0)                                       # doctest: +SKIP
        0
        """
        return self._checkpoint.read(default)

    def settle(self) -> None:
        """Let the last saved state count although its step was not reported; called where the objective returned."""
        self._checkpoint.confirm()

    def _turns(self, first: int, budget: int) -> Iterator[int]:
        progress = self._progress
        try:
            for step in range(first, budget + 1):
                if progress.answer != "continue":
                    return
                progress.turn = step
                yield step
                self._checkpoint.confirm(step)
        finally:
            progress.turn = None

    def _check_step(self, step: Any) -> int:
        if not is_integer(step) or step < 1:
            raise ObjectiveError(
                f"trial.report(step, value): step must be an integer of at least 1; {describe(step)} came. "
                "Cure: count steps from 1, as trial.steps() does."
            )
        if step <= self.reported:
            raise ObjectiveError(
                f"trial.report(step, value): steps must grow; step {step} came after step {self.reported}. "
                "Cure: report every step once, in order, with further values as metrics of the same report."
            )
        return int(step)
