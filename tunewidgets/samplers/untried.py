"""Drawing configurations that were not tried yet, in spaces of every kind, down to the last one that is left."""

import math
from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np

from tunewidgets.history import Config
from tunewidgets.samplers.base import Tried, config_key
from tunewidgets.space import Int, Parameter, Space

_REDRAWS = 64
_LISTED = 10_000  # up to here what is left is listed, so that each of it is drawn with the same chance


class Untried:
    """What a search has not tried yet: asked of every configuration before it is suggested.

    Parameters
    ----------
    space : Space
        The space.
    tried : Tried
        What was started.

    Examples
    --------
    >>> fresh = Untried(space, tried)
    >>> config = fresh.take_any(rng)    # it will be suggested: not again
    >>> fresh.take(config)
    False
    """

    def __init__(self, space: Space, tried: Tried) -> None:
        self._space, self._tried = space, tried
        self._taken: set[Hashable] = set()
        self._new: list[Config] = []  # keys are made when somebody asks: mostly one configuration is wanted

    def __contains__(self, config: Config) -> bool:
        return config not in self._tried and not self._is_taken(config)

    def take(self, config: Config) -> bool:
        """Set a configuration aside; tell whether it was still to be had."""
        if config not in self:
            return False
        self._new.append(config)
        return True

    def take_any(self, rng: np.random.Generator) -> dict[str, Any] | None:
        """Set aside what `draw` gives, and return it; None where nothing is left."""
        config = self.draw(rng)
        if config is not None:
            self._new.append(config)
        return config

    def draw(self, rng: np.random.Generator) -> dict[str, Any] | None:
        """Return a configuration drawn at random, as `Space.sample` draws them, out of those that are left.

        Returns
        -------
        dict or None
            None where nothing is left.
        """
        for _ in range(_REDRAWS):
            config = self._space.sample(rng)
            if config in self:
                return config
        if self._space.size > _LISTED:
            return next((config for config in walk(self._space, rng) if config in self), None)
        rest = [config for config in self._space.grid() if config in self]
        return rest[int(rng.integers(len(rest)))] if rest else None

    def _is_taken(self, config: Config) -> bool:
        if self._new:
            self._taken.update(map(config_key, self._new))
            self._new.clear()
        return bool(self._taken) and config_key(config) in self._taken


def walk(space: Space, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Yield every configuration of a space once, from a random one on; a continuous parameter takes one drawn value.

    Nothing is listed: looking for the first configuration that was not tried takes no more steps than were tried.
    """
    yield from _walk(space, {}, rng)


def _walk(space: Space, config: dict[str, Any], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    # Depth first, with a stack of its own: a space may have more parameters than Python has frames.
    stack: list[tuple[str, Iterator[Any]]] = []
    while True:
        name = next((name for name in space.active(config) if name not in config), None)
        if name is None:
            yield {name: config[name] for name in space if name in config}
        else:
            stack.append((name, _values(space[name], rng)))
        while stack:
            name, values = stack[-1]
            config.pop(name, None)
            try:
                config[name] = next(values)
            except StopIteration:
                stack.pop()
                continue
            break
        else:
            return


def _values(parameter: Parameter, rng: np.random.Generator) -> Iterator[Any]:
    if math.isinf(parameter.size):
        yield parameter.sample(rng)
        return
    size = int(parameter.size)
    start = int(rng.integers(size))
    for offset in range(size):
        yield value_at(parameter, (start + offset) % size)


def value_at(parameter: Parameter, index: int) -> Any:
    """Return one of a parameter's finitely many values by its place in their order, counted from 0."""
    if isinstance(parameter, Int) and parameter.step is None:
        return parameter.min_value + index  # its values have unequal shares of the scale
    return parameter.from_unit((index + 0.5) / float(parameter.size))


def index_of(parameter: Parameter, value: Any) -> int:
    """Return the place of a value among a parameter's finitely many; the inverse of `value_at`."""
    if isinstance(parameter, Int) and parameter.step is None:
        return int(value) - int(parameter.min_value)
    return min(int(parameter.to_unit(value) * float(parameter.size)), int(parameter.size) - 1)


def tunable(space: Space, config: Config) -> list[str]:
    """Return the names of a configuration's parameters that have more than one value, in the order of the space."""
    return [name for name in space if name in config and space[name].size > 1]
