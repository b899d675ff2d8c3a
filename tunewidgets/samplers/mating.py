"""How two parents become one child: crossover and mutation, by one set of settings, and the notes of both."""

from typing import Any, NamedTuple

import numpy as np

from tunewidgets.history import Config
from tunewidgets.samplers.breeding import check_share, difference
from tunewidgets.samplers.crossover import Crossed, How, check_how, cross
from tunewidgets.samplers.mutation import STEP, mutate_each
from tunewidgets.space import Space


class Mating(NamedTuple):
    """The settings of a mating; `Genetic` describes them."""

    crossover: How
    crossover_rate: float = 0.9
    mutation_rate: float | None = None
    step: float = STEP

    def check(self) -> None:
        """Refuse settings that are out of range.

        Raises
        ------
        StrategyError
            One is.
        """
        check_how(self.crossover)
        check_share("crossover_rate", self.crossover_rate)
        if self.mutation_rate is not None:
            check_share("mutation_rate", self.mutation_rate)
        check_share("step", self.step, zero=False)


class Mated(NamedTuple):
    """A child, and what became of its parents' values.

    Attributes
    ----------
    config : dict
        The child.
    crossed : Crossed or None
        What it was before it was mutated; None where it has one parent.
    mutations : dict
        How it differs from that, or from its one parent: see `difference`.
    """

    config: dict[str, Any]
    crossed: Crossed | None
    mutations: dict[str, Any]

    def notes(self, parents: list[int]) -> dict[str, Any]:
        """Return what is to be said of the child: from which parent it has what, and what mutated."""
        if self.crossed is None:
            return self.mutations
        origin = {name: index for name, index in self.crossed.origin.items() if name in self.config}
        taken = {
            str(parent): [name for name in origin if origin[name] == index] for index, parent in enumerate(parents)
        }
        between = [name for name in self.crossed.between if name in self.config]
        return {"taken": taken, "between": between, **self.mutations}


def offspring(
    space: Space, first: Config, second: Config, rng: np.random.Generator, mating: Mating, mutations: int
) -> Mated:
    """Return a child of two configurations, or of the first alone.

    Parameters
    ----------
    space : Space
        The space; both are configurations of it.
    first, second : mapping
        The parents. If they are the same, or chance wills it, the child has one parent.
    rng : numpy.random.Generator
        Chance.
    mating : Mating
        The settings.
    mutations : int
        A child of one parent has at least so many, a child of two one less.
    """
    crossed = None
    if rng.random() < mating.crossover_rate and first != second:
        crossed = cross(space, first, second, rng, mating.crossover)
    before = first if crossed is None else crossed.config
    least = mutations if crossed is None else mutations - 1
    child = mutate_each(space, before, rng, rate=mating.mutation_rate, least=least, step=mating.step)
    return Mated(child, crossed, difference(before, child))
