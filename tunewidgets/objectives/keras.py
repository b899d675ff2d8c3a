"""A Keras build function with its data as an objective, trained leg by leg; functions written for Keras Tuner run."""

import copy
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from tunewidgets.errors import ObjectiveError
from tunewidgets.history import Config, Data, Direction, infer_direction
from tunewidgets.objectives import keras_data
from tunewidgets.objectives.base import Objective
from tunewidgets.objectives.hyperparameters import HyperParameters
from tunewidgets.objectives.keras_callbacks import Watch
from tunewidgets.objectives.keras_checkpoint import best_weights
from tunewidgets.objectives.probe_fit import own_fit
from tunewidgets.objectives.seeding import SEEDS, seeded
from tunewidgets.objectives.space_of import builder_of, space_of
from tunewidgets.objectives.trial import LegEnd, LiveTrial
from tunewidgets.objectives.values import describe, is_real, to_float
from tunewidgets.space import Space

_DIRECTIONS = ("min", "max")


class KerasObjective(Objective):
    """A Keras model that is built by a function of `hp` and trained by ``fit``; every epoch is a report.

    Trials are trained in legs. A leg goes on where the one before stopped: weights, optimizer, random generators of
    layers, and what EarlyStopping, ReduceLROnPlateau and ModelCheckpoint remember are saved at the end of a leg and
    every 30 s, at the end of an epoch. Only the order of the samples differs from that of an unbroken run.

    Parameters
    ----------
    build_model : callable or HyperModel
        ``build_model(hp)`` returns a compiled ``keras.Model``, written as for Keras Tuner; or an object with
        ``build(hp)`` and perhaps its own ``fit(hp, model, ...)``. What such a ``fit`` asks for before it uses the
        model or the data is tuned too.
    x, y : array-like, optional
        What ``fit`` takes: arrays, or lists or dicts of arrays.
    data : callable, optional
        In place of x and y: a function without arguments, called in the trial's process. It returns ``(x, y)``,
        ``(x, y, validation_data)``, a ``tf.data.Dataset``, two of them (training and validation), or a dict of
        arguments of ``fit``.
    objective : str, optional
        The logged metric that is the trial's value.
    direction : {"min", "max"}, optional
        Which values are better; inferred from well-known names.
    **fit
        Arguments of ``keras.Model.fit``. ``epochs`` is the largest budget. ``callbacks`` is a list, copied for every
        leg, or a function that returns one. ``verbose`` is always 0.

    Raises
    ------
    ObjectiveError
        By `check`, not here.

    Examples
    --------
    >>> objective = KerasObjective(                                     # doctest: +SKIP
    ...     build_model, x, y, objective="val_accuracy", validation_split=0.2, epochs=27
    ... )
    """

    unit = "epoch"
    reports = True
    preload = ("tensorflow", "keras")

    def __init__(
        self,
        build_model: Any,
        x: Any = None,
        y: Any = None,
        *,
        data: Callable[[], Any] | None = None,
        objective: Any = "val_loss",
        direction: Direction | None = None,
        **fit: Any,
    ) -> None:
        self.build_model, self.x, self.y, self.data, self.fit_arguments = build_model, x, y, data, fit
        # Keras Tuner's own Objective has a name and a direction.
        self.metric = getattr(objective, "name", objective)
        self.direction = direction or getattr(objective, "direction", None) or _inferred(self.metric)
        self.max_budget = fit.get("epochs")
        self._met: Data = {}

    def __repr__(self) -> str:
        return f"KerasObjective({getattr(self.build_model, '__name__', type(self.build_model).__name__)})"

    def with_metric(self, metric: str, direction: Direction | None = None) -> Self:
        """Return this objective, with another of the logged metrics as its value.

        Parameters
        ----------
        metric : str
            Its name in Keras's logs, such as ``"val_accuracy"``.
        direction : {"min", "max"}, optional
            Which values are better; inferred from well-known names.

        Raises
        ------
        ObjectiveError
            The direction is not given and cannot be inferred.
        """
        other = copy.copy(self)
        other.metric, other.direction = metric, direction or _inferred(metric)
        other._check_metric()  # noqa: SLF001 - another of this class
        return other

    def space(self) -> Space:
        """Return the space that the build function asks for; see `space_of`."""
        return space_of(self.build_model)

    def check(self) -> None:
        """Refuse what cannot build, arguments that ``fit`` does not take, and data that do not fit together.

        Raises
        ------
        ObjectiveError
            The build function does not take `hp` alone; an argument is unknown; x and y, or the validation data,
            differ in length; the metric needs validation data and there are none, or not after every epoch, or its
            direction is unknown.
        """
        builder_of(self.build_model)
        self._check_metric()
        keras_data.check_frequency(str(self.metric), self.fit_arguments)
        if own_fit(self.build_model) is None:
            keras_data.check_names(self.fit_arguments)
            if self.x is None and self.data is None:
                raise ObjectiveError(
                    "There are no data to train on. Cure: KerasObjective(build_model, x, y) or data=make_data."
                )
        if self.data is not None:
            self._check_data_function()
        elif own_fit(self.build_model) is None:
            arguments = {"x": self.x, "y": self.y, **self.fit_arguments}
            keras_data.check_data(arguments)
            keras_data.check_metric(str(self.metric), arguments)

    def run(self, trial: LiveTrial) -> float | None:
        """Train one leg: from the epoch after the saved one to the budget, or to where a report is answered so.

        Parameters
        ----------
        trial : LiveTrial
            The leg; its budget counts epochs.

        Returns
        -------
        float or None
            What a HyperModel's own ``fit`` returned where it reported nothing, else None.

        Raises
        ------
        ObjectiveError
            No compiled model was built, the metric is never logged, the data do not fit together, or the number of
            epochs is unknown.
        Exception
            Whatever building and training raise.
        """
        state = trial.load()
        begin = trial.saved_step if state is not None else 0
        epochs = self._epochs(trial)
        if state is not None and (state["ended"] or (epochs is not None and begin >= epochs)):
            return None  # there is nothing left to train
        with seeded(_leg_seed(trial.seed, begin)):
            hp, model = self._build(trial.config, _leg_seed(trial.seed, begin))
            callbacks = self._callbacks()
            watch = Watch(
                trial, model, metric=str(self.metric), direction=self._direction(), callbacks=callbacks, state=state
            )
            arguments = {**self._arguments(), "callbacks": [*callbacks, watch.callback()]}
            if state is not None and not getattr(model, "built", True):
                # Without an Input, Keras builds at the first batch, which would be after the state was restored.
                model(keras_data.sample(arguments["x"]))
            try:
                result = self._train(hp, model, arguments, begin, epochs)
            except LegEnd:  # a fit of the user's own went on to train after the leg was told to end
                result = None
        self._met = {name: parameter.to_json() for name, parameter in hp.met.items()}
        if not trial.reported and _is_value(result):
            return self._returned(result)
        watch.finish()
        return None

    def met(self) -> Data:
        """Return the parameters that the last leg asked for and that the configuration did not have."""
        return self._met

    def model(self, trial_folder: Path, config: Config, seed: int) -> Any:
        """Return the model of a trial's configuration with the weights of its best epoch.

        Parameters
        ----------
        trial_folder : Path
            The trial's folder.
        config : mapping
            Its configuration.
        seed : int
            Its seed.

        Returns
        -------
        keras.Model
            Built, compiled and trained.

        Raises
        ------
        ObjectiveError
            No weights were saved, or they were removed.
        """
        weights = best_weights(trial_folder / "checkpoint")
        with seeded(seed):
            _, model = self._build(config, seed)
        if not model.built:
            model(keras_data.sample(self._arguments()["x"]))
        model.set_weights(weights)
        return model

    def _check_metric(self) -> None:
        if not isinstance(self.metric, str):
            raise ObjectiveError(
                f"objective must be the name of one metric, such as 'val_accuracy'; {describe(self.metric)} came."
            )
        self._direction()

    def _direction(self) -> Direction:
        if self.direction not in _DIRECTIONS:
            raise ObjectiveError(
                f"It is not known whether {self.metric!r} is better small or large. "
                'Cure: direction="min" or direction="max".'
            )
        return self.direction

    def _check_data_function(self) -> None:
        if self.x is not None or self.y is not None:
            raise ObjectiveError("Both x, y and data= are given. Cure: give one of them.")
        if not callable(self.data):
            raise ObjectiveError(
                f"data must be a function that returns the data; {describe(self.data)} came. "
                "Cure: data=make_data, without calling it, or x and y for arrays."
            )

    def _epochs(self, trial: LiveTrial) -> int | None:
        if trial.budget is not None:
            return trial.budget
        if self.max_budget is None and own_fit(self.build_model) is None:
            raise ObjectiveError(
                "It is not known for how many epochs to train. "
                "Cure: KerasObjective(..., epochs=10), or a schedule with max_budget=10."
            )
        return self.max_budget

    def _build(self, config: Config, seed: int) -> tuple[HyperParameters, Any]:
        import keras  # noqa: PLC0415 - heavy: imported where first used

        keras.utils.set_random_seed(seed)
        hp = HyperParameters(config)
        model = builder_of(self.build_model)(hp)
        if own_fit(self.build_model) is not None:
            return hp, model
        if not isinstance(model, keras.Model):
            missing = " Is a `return model` missing?" if model is None else ""
            raise ObjectiveError(f"The build function must return a keras.Model; {describe(model)} came.{missing}")
        if not model.compiled:
            raise ObjectiveError(
                "The build function returned a model that is not compiled. "
                "Cure: call model.compile(optimizer=..., loss=...) before returning it."
            )
        return hp, model

    def _arguments(self) -> dict[str, Any]:
        """Return what goes to ``fit``, with the data that a function makes."""
        arguments = {**self.fit_arguments, "x": self.x, "y": self.y}
        if self.data is not None:
            arguments |= keras_data.from_data(self.data())
            if own_fit(self.build_model) is None:
                keras_data.check_data(arguments)
                keras_data.check_metric(str(self.metric), arguments)
                keras_data.check_frequency(str(self.metric), arguments)
        if hasattr(arguments["x"], "element_spec"):
            arguments.setdefault("shuffle", False)  # a dataset shuffles itself, and Keras warns of being asked to
        return arguments

    def _callbacks(self) -> list[Any]:
        """Return the user's callbacks, copied, so that nothing of one trial is left for the next."""
        given = self.fit_arguments.get("callbacks") or []
        if callable(given):
            given = given()
        listed = list(given) if isinstance(given, list | tuple) else [given]
        try:
            return copy.deepcopy(listed)
        except Exception as error:
            raise ObjectiveError(
                f"The callbacks cannot be copied for each trial: {error}. "
                "Cure: give a function that returns a new list of them, callbacks=make_callbacks."
            ) from error

    def _train(self, hp: HyperParameters, model: Any, arguments: dict[str, Any], begin: int, epochs: int | None) -> Any:
        own = own_fit(self.build_model)
        if own is None:
            return model.fit(**{**arguments, "epochs": epochs, "initial_epoch": begin, "verbose": 0})
        data = [arguments.pop(name) for name in ("x", "y") if arguments.get(name) is not None]
        arguments = {name: value for name, value in arguments.items() if name not in {"x", "y", "epochs"}}
        ours = {"epochs": epochs, "initial_epoch": begin or None, "callbacks": arguments.pop("callbacks")}
        arguments |= {name: value for name, value in ours.items() if value is not None and _takes(own, name)}
        return own(hp, model, *data, **arguments)

    def _returned(self, result: Any) -> float:
        cure = f"return a float, a dict with {self.metric!r}, or what model.fit returned."
        if isinstance(result, Mapping):
            if self.metric not in result:
                raise ObjectiveError(
                    f"fit() returned {', '.join(map(repr, result))}, not {self.metric!r}. Cure: {cure}"
                )
            result = result[self.metric]
        return to_float(result, "the value that fit() returned", cure)


def _inferred(metric: Any) -> Direction | None:
    return infer_direction(metric) if isinstance(metric, str) else None


def _leg_seed(seed: int, begin: int) -> int:
    """Return the seed of a leg; one that resumes shuffles otherwise than the trial's first epochs."""
    return seed % SEEDS if begin == 0 else int(np.random.SeedSequence([seed, begin]).generate_state(1)[0])


def _takes(function: Callable[..., Any], name: str) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return any(parameter.name == name or parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _is_value(result: Any) -> bool:
    return isinstance(result, Mapping) or is_real(result)
