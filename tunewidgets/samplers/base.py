"""The sampler's contract: which configuration to try next.

A **sampler** is frozen settings that can be written as JSON. ``begin()`` gives its **proposer**, the cache in which it
keeps what it has learned. A proposer learns of the search through ``apply(event)`` and through nothing else, and
``suggest`` changes nothing but caches: asked again on the same events with the same generator it answers the same. What
it wants to find again when the history is replayed it writes into the suggestion's notes, and reads it there.

A session, by example::

    proposer = Random().begin()
    proposer.apply(opened)
    config, notes = proposer.suggest(space, generator_for(seed=0, trial=0))[0]
    proposer.apply(Started(0, config, place, "sampler", notes, seen=1))
    proposer.suggest(space, generator_for(seed=0, trial=1))     # [] where the space is exhausted
"""

import hashlib
from collections.abc import Hashable
from typing import Any, NamedTuple, Protocol

import numpy as np

from tunewidgets.history import Config, Data, Event, Started
from tunewidgets.space import Space


class Suggestion(NamedTuple):
    """A configuration to try, and the notes that say why."""

    config: Config
    notes: Data


class Proposer(Protocol):
    """The cache of a sampler; see the module's text."""

    def apply(self, event: Event) -> None:
        """Take note of an event: the only way in which a proposer learns anything."""
        ...

    def suggest(self, space: Space, rng: np.random.Generator, n: int = 1) -> list[Suggestion]:
        """Return up to `n` suggestions; fewer, or none, say that the space is exhausted."""
        ...


class Sampler(Protocol):
    """Frozen settings of a sampler; see the module's text."""

    def begin(self) -> Proposer:
        """Return an empty proposer."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return the settings, with the sampler's name under "name"."""
        ...


def generator_for(seed: int, trial: int) -> np.random.Generator:
    """Return the generator from which trial number `trial` is drawn, whatever happened before it.

    Examples
    --------
    >>> generator_for(0, 3).random() == generator_for(0, 3).random()
    True
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(trial,)))


def trial_seed(seed: int, trial: int) -> int:
    """Return the seed of all legs of a trial: independent of the one its configuration is drawn from."""
    digest = hashlib.blake2b(f"{seed}/{trial}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little")


def config_key(config: Config) -> Hashable:
    """Return what makes a configuration itself: names, values and their types (1, 1.0 and True are three things)."""
    values = config.values()
    return frozenset(zip(config, values, map(type, values), strict=True))


class Tried:
    """The configurations that a search has started, whoever chose them."""

    def __init__(self) -> None:
        self._keys: set[Hashable] = set()
        self._new: list[Config] = []  # keys are made when somebody asks

    def apply(self, event: Event) -> None:
        """Take note of a trial's start."""
        if isinstance(event, Started):
            self._new.append(event.config)

    def __contains__(self, config: Config) -> bool:
        return config_key(config) in self._known()

    def __len__(self) -> int:
        return len(self._known())

    def _known(self) -> set[Hashable]:
        if self._new:
            self._keys.update(map(config_key, self._new))
            self._new.clear()
        return self._keys
