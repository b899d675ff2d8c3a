"""What happens between the epochs of a Keras trial: reports, answers, and saved states."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from tunewidgets.errors import ObjectiveError
from tunewidgets.history import Direction
from tunewidgets.objectives.keras_checkpoint import BestWeights, restore, state_of
from tunewidgets.objectives.trial import LegEnd, LiveTrial
from tunewidgets.objectives.values import is_real, to_float

SAVE_SECONDS = 30.0
# Names that `LiveTrial.report` has for itself.
_TAKEN = ("self", "step", "value")


class Watch:
    """Follows one leg: reports every epoch, ends training where the answer says so, and saves.

    Its methods are hooks of a Keras callback that stands behind the user's own: it sees what they did to the logs and
    whether they ended training, and what it restores at the beginning is not reset by them.

    Parameters
    ----------
    trial : LiveTrial
        The leg.
    metric : str
        Which of the logged metrics is the value.
    direction : {"min", "max"}
        Which values are better.
    model : keras.Model
        What is trained.
    callbacks : sequence of keras.callbacks.Callback
        The user's own, whose memory is saved.
    state : dict or None
        Where an earlier leg stopped.
    """

    def __init__(
        self,
        trial: LiveTrial,
        model: Any,
        *,
        metric: str,
        direction: Direction,
        callbacks: Sequence[Any],
        state: dict[str, Any] | None,
    ) -> None:
        self._trial = trial
        self._metric = metric
        self._model = model
        self._callbacks = callbacks
        self._state = state
        self._best = BestWeights(trial.checkpoint_dir, direction)
        self._step = trial.saved_step if state is not None else 0
        self._saved_at = time.monotonic()
        self._logged: tuple[str, ...] = ()

    def callback(self) -> Any:
        """Return the Keras callback."""
        import keras  # noqa: PLC0415 - heavy: imported where first used

        return keras.callbacks.LambdaCallback(on_train_begin=self.begin, on_epoch_end=self.end_epoch)

    def begin(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras's signature
        """Restore the state, at the first moment at which the model and its optimizer are surely built.

        Raises
        ------
        LegEnd
            The leg was told to end, and the user's ``fit`` begins to train once more.
        """
        if self._trial.answer != "continue":
            raise LegEnd(self._trial.answer)
        if self._state is not None:
            restore(self._model, self._callbacks, self._state)
            self._state = None

    def end_epoch(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Report an epoch and do as the answer says.

        Raises
        ------
        ObjectiveError
            The metric is not among those that Keras logged.
        """
        # A second fit within one leg counts its epochs from 0 again; they are counted on.
        self._step = max(epoch + 1, self._step + 1)
        logs = logs or {}
        self._logged = tuple(logs)
        if self._is_unmeasured(logs):
            return
        what = f"{self._metric!r}, logged after epoch {self._step},"
        value = to_float(logs[self._metric], what, "name a metric that is one number, or let it average.")
        by_user = bool(self._model.stop_training)
        told = self._report(value, logs)
        self._best.offer(self._model, value, self._step)
        if told or by_user or self._step == self._trial.budget or self._is_due():
            self._save(ended=by_user)

    def finish(self) -> None:
        """Write what is still to be written, at the end of the leg.

        Raises
        ------
        ObjectiveError
            Nothing was reported.
        """
        if not self._trial.reported:
            self._refuse_metric()
        if self._trial.saved_step < self._step:
            self._save(ended=False)
        self._best.write()

    def _report(self, value: float, logs: Mapping[str, Any]) -> bool:
        """Report an epoch, and return whether the leg was told to end."""
        others = {name: float(it) for name, it in logs.items() if name != self._metric and is_real(it)}
        try:
            self._trial.report(
                self._step, value, **{f"{name}_" if name in _TAKEN else name: it for name, it in others.items()}
            )
        except LegEnd:
            self._model.stop_training = True
            return True
        return False

    def _is_unmeasured(self, logs: Mapping[str, Any]) -> bool:
        """Tell whether this is an epoch without validation; a metric that is never logged is refused at once."""
        if self._metric in logs:
            return False
        if self._metric.startswith("val_") and not any(name.startswith("val_") for name in logs):
            return True  # a fit of the user's own may validate now and then; `finish` refuses a leg without any report
        self._refuse_metric()
        return True

    def _refuse_metric(self) -> None:
        listed = ", ".join(self._logged) or "nothing"
        raise ObjectiveError(
            f"objective={self._metric!r} was never logged by Keras, which logged: {listed}. "
            "Cure: name one of these, or add the metric in model.compile(metrics=[...]); val_ metrics need "
            "validation_split or validation_data, and validation_freq=1."
        )

    def _is_due(self) -> bool:
        return time.monotonic() - self._saved_at >= SAVE_SECONDS

    def _save(self, *, ended: bool) -> None:
        self._trial.save(state_of(self._model, self._callbacks, ended=ended), step=self._step)
        self._best.write()
        self._saved_at = time.monotonic()
