"""Any sampler of Optuna as a sampler of ours."""

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from tunewidgets.errors import StrategyError
from tunewidgets.history import Event, Opened
from tunewidgets.samplers.adapters.described import Library, describe, describe_settings, load, takes
from tunewidgets.samplers.adapters.optuna_space import OptunaSpace
from tunewidgets.samplers.adapters.optuna_trials import Teller, fits
from tunewidgets.samplers.base import Suggestion, Tried, generator_for
from tunewidgets.samplers.observations import Observations
from tunewidgets.samplers.untried import Untried
from tunewidgets.space import Space

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.storages import InMemoryStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial

LIBRARY = Library(
    title="Optuna",
    module="optuna.samplers",
    base="optuna.samplers:BaseSampler",
    install="pip install optuna",
    adapter="OptunaSampler",
    example="TPESampler",
)
_REFUSED = {
    "seed": "the search's seed is used, tune(..., seed=7)",
    "constraints_func": "constraints are the search's, tune(..., constraints={'latency_ms': 20.0})",
    "name": "no sampler of Optuna takes it",
}
_NEEDS = {"GPSampler": "torch", "CmaEsSampler": "cmaes"}  # what Optuna imports only after a search has begun
_REDRAWS = 8  # asked so often for something that was not tried yet, a sampler has nothing new to say
_SEEDS = 2**31 - 1
_STUDY = "search"


@dataclass(frozen=True, slots=True, init=False, repr=False)
class OptunaSampler:
    """Let a sampler of Optuna choose what to try next.

    For every suggestion a study is made in memory from the search's events, and the sampler is asked as
    ``Study.ask`` asks it; nothing is printed and nothing is written. What a sampler keeps in its trials (the state of
    CMA-ES, generations of NSGA-II) goes into the search's notes and comes back from there. So the same events give the
    same suggestions, also after a crash, and in another process.

    Parameters
    ----------
    sampler : str or class
        The name of a class in ``optuna.samplers``, the path of any other ("package.module:Class"), or the class.
    **settings
        Its keyword arguments, as far as JSON can hold them. A sampler inside another one is written as an
        `OptunaSampler` too.

    Raises
    ------
    StrategyError
        If the sampler is an object or cannot be found, or a setting is not for here or cannot be written down. When a
        search begins: if Optuna or the class is missing, or the class refuses its settings.

    Notes
    -----
    Trials are told as Optuna has them. With a result at the highest budget at which there are more results than
    parameters (the rule of BOHB, Falkner et al. 2018), a trial is complete; one that came to rest below, or was stopped
    on its way, is pruned, with its reports; running and failed ones are running and failed. Each suggestion's sampler
    is seeded anew from the search's seed and the trial's number; those that walk one sequence or one shuffled grid
    (QMCSampler, GridSampler) keep one seed throughout. A configuration that was tried already is not taken: after some
    more questions one is drawn at random from what is left.

    Translated are parameters that Optuna lacks: see `OptunaSpace`.

    Examples
    --------
    >>> OptunaSampler("TPESampler", multivariate=True, group=True)
    OptunaSampler('TPESampler', multivariate=True, group=True)
    >>> OptunaSampler("PartialFixedSampler", fixed_params={"x": 1}, base_sampler=OptunaSampler("TPESampler")).to_json()
    {'name': 'optuna', 'sampler': 'PartialFixedSampler', 'fixed_params': {'x': 1}, \
'base_sampler': {'name': 'optuna', 'sampler': 'TPESampler'}}
    """

    sampler: str
    settings: Mapping[str, Any]

    def __init__(self, sampler: str | type[Any], **settings: Any) -> None:
        object.__setattr__(self, "sampler", describe(sampler, LIBRARY))
        object.__setattr__(self, "settings", describe_settings(settings, _REFUSED, LIBRARY.adapter))

    def __repr__(self) -> str:
        words = [repr(self.sampler), *(f"{name}={value!r}" for name, value in self.settings.items())]
        return f"{type(self).__name__}({', '.join(words)})"

    def begin(self) -> "OptunaProposer":
        """Return an empty proposer.

        Raises
        ------
        StrategyError
            If Optuna, the class or a package that it needs is missing, or the class refuses its settings.
        """
        with _silence():
            self.build(0, 0)
        needed = _NEEDS.get(self.sampler)
        if needed is not None and find_spec(needed) is None:
            raise StrategyError(f"Optuna's {self.sampler} needs the package {needed!r}: pip install {needed}")
        return OptunaProposer(self)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {"name": "optuna", "sampler": self.sampler, **self.settings}

    def build(self, seed: int, fixed: int, *, constrained: bool = False) -> "BaseSampler":
        """Return the sampler itself.

        Parameters
        ----------
        seed, fixed : int
            For this suggestion, and for the whole search.
        constrained : bool
            Whether the trials that it will see have constraints.
        """
        kind = load(self.sampler, LIBRARY)
        settings = {name: _inner(value, seed, fixed, constrained) for name, value in self.settings.items()}
        if takes(kind, "seed"):
            settings["seed"] = fixed if _walks(kind) else seed
        if constrained and _before_5() and takes(kind, "constraints_func"):
            settings["constraints_func"] = _constraints  # up to Optuna 4 its presence says that there are any
        try:
            built: BaseSampler = kind(**settings)
        except (TypeError, ValueError, ImportError) as error:
            raise StrategyError(
                f"Optuna's {kind.__name__} refuses its settings {dict(self.settings)}: {error}"
            ) from error
        return built


class OptunaProposer:
    """What has happened in a search, told to a sampler of Optuna whenever it is asked."""

    def __init__(self, settings: OptunaSampler) -> None:
        self._settings = settings
        self._seen, self._tried = Observations(), Tried()
        self._words: OptunaSpace | None = None
        self._fixed = 0

    def apply(self, event: Event) -> None:
        """Take note of an event."""
        self._seen.apply(event)
        self._tried.apply(event)
        if isinstance(event, Opened):
            self._fixed = int(generator_for(event.seed, 2**32 - 1).integers(_SEEDS))

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:
        """Ask for up to `n` configurations that were not tried.

        Raises
        ------
        StrategyError
            If the sampler cannot work on this space or with these goals; the message has its own words.
        """
        with _silence():
            asked = self._study(self._told_in(space), rng)
            fresh = Untried(space, self._tried)
            found: list[Suggestion] = []
            while len(found) < n and (suggestion := self._next(asked, fresh, rng)) is not None:
                found.append(suggestion)
        return found

    def _told_in(self, space: Space) -> OptunaSpace:
        if self._words is None or self._words.space is not space:
            self._words = OptunaSpace(space)
        return self._words

    def _study(self, words: OptunaSpace, rng: np.random.Generator) -> "_Asked":
        from optuna import create_study  # noqa: PLC0415 - optional, imported where it is used
        from optuna.pruners import NopPruner  # noqa: PLC0415 - optional
        from optuna.storages import InMemoryStorage  # noqa: PLC0415 - optional
        from optuna.study import StudyDirection  # noqa: PLC0415 - optional

        sampler = self._settings.build(int(rng.integers(_SEEDS)), self._fixed, constrained=bool(self._seen.constraints))
        storage = InMemoryStorage()
        directions = [
            StudyDirection.MINIMIZE if goal.direction == "min" else StudyDirection.MAXIMIZE for goal in self._seen.goals
        ]
        study = create_study(
            storage=storage, sampler=sampler, pruner=NopPruner(), study_name=_STUDY, directions=directions
        )
        level = self._seen.level(
            1 + len(words.words), lambda trials: sum(fits(self._seen.config(trial), words.space) for trial in trials)
        )
        for trial in Teller(self._seen, level, words).trials():
            study.add_trial(trial)
        asked = _Asked(
            study, storage, words, {} if level is None else {"results": len(level.trials), "budget": level.budget}
        )
        for notes in self._seen.notes.values():
            asked.remember(notes.get("study", {}))
        return asked

    def _next(self, asked: "_Asked", fresh: Untried, rng: np.random.Generator) -> Suggestion | None:
        notes = {"kind": "optuna", "sampler": self._settings.sampler, **asked.facts}
        for _ in range(_REDRAWS):
            try:
                if asked.is_exhausted():
                    return None
                config, kept = asked.ask()
            except (ValueError, ImportError, NotImplementedError) as error:
                raise StrategyError(
                    f"Optuna's {self._settings.sampler} cannot choose a configuration: {error}"
                ) from error
            if fresh.take(config):
                return Suggestion(config, notes | kept)
        drawn = fresh.take_any(rng)
        return None if drawn is None else Suggestion(drawn, notes | {"drawn": True})


class _Asked:
    """A study that is asked: the trials that it makes go on running in it, so that the next answer differs."""

    def __init__(
        self, study: "Study", storage: "InMemoryStorage", words: OptunaSpace, facts: Mapping[str, Any]
    ) -> None:
        self.facts = facts
        self._study, self._storage, self._words = study, storage, words
        self._id = storage.get_study_id_from_name(_STUDY)

    def remember(self, kept: Mapping[str, Any]) -> None:
        """Put back what samplers have written to the study."""
        for name, value in kept.items():
            self._storage.set_study_system_attr(self._id, name, value)

    def is_exhausted(self) -> bool:
        """Whether the sampler says that it has nothing left, as a grid does."""
        ask = getattr(self._study.sampler, "is_exhausted", None)
        return ask is not None and bool(ask(self._study))

    def ask(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a configuration, and what the sampler wrote down while it chose it."""
        before = _plain(self._storage.get_study_system_attrs(self._id))
        trial = self._study.ask()
        config = self._words.ask(trial)
        number = self._storage.get_trial_id_from_study_id_trial_number(self._id, trial.number)
        after = _plain(self._storage.get_study_system_attrs(self._id))
        changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
        kept = {"attrs": _plain(self._storage.get_trial_system_attrs(number)), "study": changed}
        return config, {name: value for name, value in kept.items() if value}


def _inner(value: Any, seed: int, fixed: int, constrained: bool) -> Any:  # noqa: FBT001 - handed on as it came
    """Return a setting, a sampler where it describes one."""
    if isinstance(value, Mapping) and value.get("name") == "optuna" and "sampler" in value:
        settings = {name: each for name, each in value.items() if name != "name"}
        return OptunaSampler(**settings).build(seed, fixed, constrained=constrained)
    return value


def _walks(kind: type[Any]) -> bool:
    """Whether a sampler's trials are places on one way, which the seed lays out."""
    from optuna.samplers import GridSampler, QMCSampler  # noqa: PLC0415 - optional

    return issubclass(kind, GridSampler | QMCSampler)


def _before_5() -> bool:
    from optuna import __version__  # noqa: PLC0415 - optional

    return int(__version__.split(".")[0]) < 5  # noqa: PLR2004 - the version in question


def _constraints(trial: "FrozenTrial") -> Any:
    return trial.system_attrs["constraints"]


def _plain(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON can hold, as it comes back from there."""
    found = {}
    for name, value in attrs.items():
        try:
            found[name] = json.loads(json.dumps(value))
        except (TypeError, ValueError):
            continue
    return found


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Optuna from talking: what a person should know of a choice stands in its notes."""
    load(LIBRARY.example, LIBRARY)
    from optuna import logging as talk  # noqa: PLC0415 - optional

    before = talk.get_verbosity()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        talk.set_verbosity(logging.CRITICAL)
        try:
            yield
        finally:
            talk.set_verbosity(before)
