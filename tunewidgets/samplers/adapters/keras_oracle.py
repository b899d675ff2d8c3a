"""Any oracle of Keras Tuner that only chooses as a sampler of ours."""

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import Event, SpaceEdited, Started
from tunewidgets.samplers.adapters.described import Library, describe, describe_settings, load, takes
from tunewidgets.samplers.adapters.keras_space import KerasSpace
from tunewidgets.samplers.adapters.optuna_trials import fits
from tunewidgets.samplers.base import Suggestion, Tried
from tunewidgets.samplers.observations import Observations
from tunewidgets.samplers.untried import Untried
from tunewidgets.space import Space

LIBRARY = Library(
    title="Keras Tuner",
    module="keras_tuner.oracles",
    base="keras_tuner:Oracle",
    install="pip install keras-tuner",
    adapter="KerasTunerOracle",
    example="BayesianOptimization",
)
_NAMES = ("RandomSearch", "BayesianOptimization", "GridSearch", "Hyperband")
_REFUSED = {
    "seed": "the search's seed is used, tune(..., seed=7)",
    "objective": "the search's is used, tune(..., objective='val_accuracy', direction='max')",
    "max_trials": "the search's limit counts, tune(..., trials=60)",
    "hyperparameters": "the search's space is used, tune(target, space)",
    "allow_new_entries": "parameters met in a trial join the search's space",
    "tune_new_entries": "parameters met in a trial join the search's space",
    "max_retries_per_trial": "the search itself runs lost trials again",
    "max_consecutive_failed_trials": "the search's limit counts, tune(..., max_consecutive_failures=5)",
    "name": "no oracle of Keras Tuner takes it",
}
_REDRAWS = 4
_SEEDS = 2**31 - 2
_MOST = 1e30  # of a value: oracles multiply them with each other, and a diverged run must not end the search


@dataclass(frozen=True, slots=True, init=False, repr=False)
class KerasTunerOracle:
    """Let an oracle of Keras Tuner choose what to try next.

    For every suggestion an oracle is made and told what has happened, in memory: nothing is written, nothing printed.
    So the same events give the same suggestions, also after a crash, and in another process.

    Parameters
    ----------
    oracle : str or class
        "RandomSearch", "BayesianOptimization" or "GridSearch", the path of a subclass of ``keras_tuner.Oracle``
        ("package.module:Class"), or the class.
    **settings
        Its keyword arguments, as far as JSON can hold them.

    Raises
    ------
    StrategyError
        If the oracle is an object or cannot be found, or a setting is not for here or cannot be written down. When a
        search begins: if Keras Tuner or the class is missing, the class refuses its settings, or it is Hyperband's,
        which decides how long to train as well.

    Notes
    -----
    An oracle is told the results at the highest budget at which there are more results than parameters; a trial that
    did not get there counts as failed, one that may still as running. Several goals are, as in Keras Tuner, added up.
    An oracle of one's own overrides ``populate_space``; what it keeps besides its trials must follow from them, for
    they are all that it is given. A configuration that was tried already is not taken: after some more questions one is
    drawn at random from what is left. A grid search ends with its grid.

    Translated are parameters that Keras Tuner lacks: see `KerasSpace`.

    Examples
    --------
    >>> KerasTunerOracle("BayesianOptimization", beta=2.0).to_json()
    {'name': 'keras_tuner', 'oracle': 'BayesianOptimization', 'beta': 2.0}
    """

    oracle: str
    settings: Mapping[str, Any]

    def __init__(self, oracle: str | type[Any], **settings: Any) -> None:
        path = describe(oracle, LIBRARY)
        object.__setattr__(self, "oracle", path.removesuffix("Oracle") if ":" not in path else path)
        object.__setattr__(self, "settings", describe_settings(settings, _REFUSED, LIBRARY.adapter))

    def __repr__(self) -> str:
        words = [repr(self.oracle), *(f"{name}={value!r}" for name, value in self.settings.items())]
        return f"{type(self).__name__}({', '.join(words)})"

    def begin(self) -> "OracleProposer | GridOracleProposer":
        """Return an empty proposer.

        Raises
        ------
        StrategyError
            If Keras Tuner or the class is missing, the class refuses its settings, or it is Hyperband's.
        """
        with _silence():
            made = self.build(KerasSpace(Space()), [], 1)
        return GridOracleProposer(self) if isinstance(made, load("GridSearchOracle", LIBRARY)) else OracleProposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "keras_tuner", "oracle": self.oracle, **self.settings}

    def build(self, words: KerasSpace, goals: Sequence[tuple[str, str]], seed: int) -> Any:
        """Return the oracle itself, over a space in its words, with (metric, direction) as its objectives."""
        import keras_tuner  # noqa: PLC0415 - optional and heavy: imported where a search begins

        kind = load(f"{self.oracle}Oracle" if self.oracle in _NAMES else self.oracle, LIBRARY)
        if issubclass(kind, load("HyperbandOracle", LIBRARY)):
            raise StrategyError(
                f"KerasTunerOracle: {kind.__name__} decides how long to train as well as what to try, and here that is "
                "the schedule's part: use strategy='hyperband', or a sampler with schedule=tw.Hyperband(max_budget=27)"
            )
        objectives = [keras_tuner.Objective(metric, direction) for metric, direction in goals]
        ours = {
            "objective": objectives if len(objectives) > 1 else next(iter(objectives), None),
            "hyperparameters": words.hyperparameters(),
            "max_trials": None,
            "seed": seed,
        }
        given = {name: value for name, value in ours.items() if takes(kind, name)}
        try:
            made = kind(**given, **self.settings)
        except (TypeError, ValueError, ImportError) as error:
            raise StrategyError(
                f"Keras Tuner's {kind.__name__} refuses its settings {dict(self.settings)}: {error}"
            ) from error
        made.verbose = 0
        # An oracle writes itself and its trials down at every turn; here the search does that.
        made.save, made._save_trial = _nothing, _nothing  # noqa: SLF001 - where it writes its trials, it has no other name
        return made


class OracleProposer:
    """What has happened in a search, told to an oracle whenever it is asked."""

    def __init__(self, settings: KerasTunerOracle) -> None:
        self._settings = settings
        self._seen, self._tried = Observations(), Tried()

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._seen.apply(event)
        self._tried.apply(event)

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:
        """Ask for up to `n` configurations that were not tried.

        Raises
        ------
        StrategyError
            If the oracle cannot work on this space or with these goals; the message has its own words.
        """
        with _silence():
            words = KerasSpace(space)
            asked, facts = self._oracle(words, rng)
            fresh = Untried(space, self._tried)
            found: list[Suggestion] = []
            while len(found) < n and (suggestion := self._next(asked, words, fresh, rng)) is not None:
                found.append(suggestion._replace(notes={**suggestion.notes, **facts}))
        return found

    def _oracle(self, words: KerasSpace, rng: np.random.Generator) -> tuple["Told", dict[str, Any]]:
        goals = [(goal.metric, goal.direction) for goal in self._seen.goals]
        told = Told(self._settings.build(words, goals, 1 + int(rng.integers(_SEEDS))), self._settings.oracle)
        known = {number: config for number, config in self._seen.configs.items() if fits(config, words.space)}
        level = self._seen.level(1 + len(words.words), lambda trials: sum(trial in known for trial in trials))
        rows = {} if level is None else dict(zip(level.trials, level.objectives, strict=True))
        over = {*self._seen.failed, *(level.stopped if level is not None else ())}
        running = []
        for number, config in sorted(known.items()):
            values = words.tell(config)
            if number in rows and np.isfinite(rows[number]).all():
                raw = [
                    self._seen.raw(float(value), goal) for goal, value in enumerate(rows[number].clip(-_MOST, _MOST))
                ]
                told.completed(values, {metric: value for (metric, _), value in zip(goals, raw, strict=True)})
            elif number in rows or number in over or number not in self._seen.running:
                told.failed(values)
            else:
                running.append(values)
        told.running(running)
        return told, {} if level is None else {"results": len(level.trials), "budget": level.budget}

    def _next(self, told: "Told", words: KerasSpace, fresh: Untried, rng: np.random.Generator) -> Suggestion | None:
        notes = {"kind": "keras_tuner", "oracle": self._settings.oracle}
        for _ in range(_REDRAWS if words.words else 0):
            values = told.ask()
            if values is None:
                break
            config = words.read(values)
            told.running([words.tell(config)])
            if fresh.take(config):
                return Suggestion(config, notes)
        drawn = fresh.take_any(rng)
        return None if drawn is None else Suggestion(drawn, notes | {"drawn": True})


class GridOracleProposer:
    """Where Keras Tuner's grid search stands: its points do not depend on results, so they are counted."""

    def __init__(self, settings: KerasTunerOracle) -> None:
        self._settings = settings
        self._tried = Tried()
        self._next = 0
        self._walk: tuple[Space, Iterator[dict[str, Any]], list[dict[str, Any]]] | None = None

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._tried.apply(event)
        if isinstance(event, SpaceEdited):
            self._next = 0
        elif isinstance(event, Started) and event.origin == "sampler":
            self._next = int(event.notes["index"]) + 1

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:  # noqa: ARG002 - a grid draws nothing
        """Return the next `n` points of the grid that were not tried."""
        found: list[Suggestion] = []
        with _silence():
            for index, config in self._from(space):
                if config not in self._tried:
                    notes = {"kind": "keras_tuner", "oracle": self._settings.oracle, "index": index}
                    found.append(Suggestion(dict(config), notes))
                if len(found) == n:
                    break
        return found

    def _from(self, space: Space) -> Iterator[tuple[int, dict[str, Any]]]:
        if self._walk is None or self._walk[0] is not space:
            self._walk = (space, self._points(KerasSpace(space)), [])
        _, points, known = self._walk
        for index in count(self._next):
            while len(known) <= index:
                point = next(points, None)
                if point is None:
                    return
                known.append(point)
            yield index, known[index]

    def _points(self, words: KerasSpace) -> Iterator[dict[str, Any]]:
        told = Told(self._settings.build(words, [("value", "min")], 1), self._settings.oracle)
        while (values := told.ask()) is not None:
            yield words.read(values)
            told.completed(values, {"value": 0.0})  # any will do: the grid only waits for an end


class Told:
    """An oracle that is told of trials, as it is when Keras Tuner takes up an old project, and asked for the next.

    Parameters
    ----------
    oracle : keras_tuner.Oracle
        Newly made.
    name : str
        What to call it if it fails.
    """

    def __init__(self, oracle: Any, name: str) -> None:
        from keras_tuner import Oracle  # noqa: PLC0415 - optional and heavy

        self._oracle, self._name = oracle, name
        self._listens = type(oracle).end_trial is not Oracle.end_trial

    def completed(self, values: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        """Tell of a trial with a result."""
        trial, objective = self._trial(values), self._oracle.objective
        directions = dict(getattr(objective, "name_to_direction", {})) | {objective.name: objective.direction}
        known = dict(metrics)
        if objective.name not in known:
            known[objective.name] = objective.get_value(metrics)
        for name, value in known.items():
            trial.metrics.register(name, direction=directions[name])
            trial.metrics.update(name, value, step=0)
        self._end(trial, "COMPLETED")

    def failed(self, values: Mapping[str, Any]) -> None:
        """Tell of a trial that has no result and will have none."""
        self._end(self._trial(values), "FAILED")

    def running(self, several: list[dict[str, Any]]) -> None:
        """Tell of trials that are under way."""
        if several and hasattr(self._oracle, "gpr"):
            # A Bayesian oracle guesses what they will give by the model that it fitted when it was last asked.
            self.ask()
        for values in several:
            trial = self._trial(values)
            self._oracle.ongoing_trials[trial.trial_id] = trial

    def ask(self) -> dict[str, Any] | None:
        """Return the values to try next; None where the oracle has none.

        Raises
        ------
        StrategyError
            If it fails.
        """
        try:
            answer = self._oracle.populate_space(self._new_id())
        except Exception as error:
            raise StrategyError(f"Keras Tuner's {self._name} cannot choose a configuration: {error!r}") from error
        return dict(answer["values"]) if answer["status"] == "RUNNING" else None

    def _new_id(self) -> str:
        return f"{len(self._oracle.trials):04d}"

    def _trial(self, values: Mapping[str, Any]) -> Any:
        from keras_tuner.engine.trial import Trial  # noqa: PLC0415 - optional and heavy

        known = copy.copy(self._oracle.hyperparameters)  # a trial changes nothing but its values
        known.values = dict(values)
        trial = Trial(hyperparameters=known, trial_id=self._new_id(), status="RUNNING")
        self._oracle.trials[trial.trial_id] = trial
        self._oracle.start_order.append(trial.trial_id)
        self._oracle._record_values(trial)  # noqa: SLF001 - how it knows what was tried; `create_trial` would choose anew
        return trial

    def _end(self, trial: Any, status: str) -> None:
        trial.status = status
        if self._listens:
            self._oracle.end_trial(trial)
            _forget(self._oracle)
            return
        if status == "COMPLETED":
            self._oracle.score_trial(trial)
        self._oracle.end_order.append(trial.trial_id)


def _forget(oracle: Any) -> None:
    """Take an oracle out of the table of locks, which would keep it, and all it was told, for good."""
    from keras_tuner.src.engine import oracle as module  # noqa: PLC0415 - optional and heavy

    for table in (module.LOCKS, module.THREADS):
        table.pop(oracle, None)


def _nothing(*_: Any) -> None:
    return None


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Keras Tuner from talking: what a person should know of a choice stands in its notes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        load("RandomSearchOracle", LIBRARY)
        yield
