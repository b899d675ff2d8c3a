"""A tuning problem as this benchmark sees it, whoever wrote it; numpy only."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

Config = dict[str, Any]
Kind = Literal["numeric", "tables", "conditional", "nas", "fidelity"]
KINDS: tuple[Kind, ...] = ("numeric", "tables", "conditional", "nas", "fidelity")


@dataclass(frozen=True, slots=True)
class Knob:
    """One parameter.

    Attributes
    ----------
    name : str
        Its name.
    type : {"float", "int", "choice", "ordinal"}
        An ordinal one has values in an order, and no scale.
    low, high, log
        The range of a float or an int, both ends included, and whether its scale is logarithmic.
    choices : tuple
        The values of a choice or an ordinal.
    when : tuple or None
        (parent, values): it is active where the parent is and has one of these values.
    """

    name: str
    type: Literal["float", "int", "choice", "ordinal"]
    low: float = 0
    high: float = 1
    log: bool = False
    choices: tuple[Any, ...] = ()
    when: tuple[str, tuple[Any, ...]] | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Knob":
        """Return a parameter that was given as a mapping with these words."""
        when = data.get("when")
        return cls(
            data["name"],
            data["type"],
            data.get("low", 0),
            data.get("high", 1),
            bool(data.get("log")),
            tuple(data.get("choices", ())),
            (when[0], tuple(when[1])) if when else None,
        )

    def is_active(self, config: Config) -> bool:
        """Whether it is active, given the values of those before it."""
        return self.when is None or config.get(self.when[0]) in self.when[1]

    def draw(self, rng: np.random.Generator) -> Any:
        """Return a value drawn uniformly on its scale."""
        if self.type in ("choice", "ordinal"):
            return self.choices[int(rng.integers(len(self.choices)))]
        if self.type == "int" and not self.log:
            return int(rng.integers(int(self.low), int(self.high) + 1))
        if not self.log:
            return float(rng.uniform(self.low, self.high))
        value = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        return round(value) if self.type == "int" else min(max(value, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: losses are to be minimised, whatever the direction was.

    Attributes
    ----------
    name, kind : str
        What it is called, and the kind of tasks that it is ranked with.
    knobs : tuple of Knob
        The parameters, parents before those that hang on them.
    evaluate : callable
        ``evaluate(config, budget) -> loss``; budget None is the full one.
    best : float
        The least loss known.
    epochs : int or None
        The full budget, where there are smaller ones.
    branch : tuple or None
        In a conditional space the branch that holds the best configuration; see `branch_of`.
    """

    name: str
    kind: Kind
    knobs: tuple[Knob, ...]
    evaluate: Callable[[Config, int | None], float] = field(repr=False)
    best: float
    epochs: int | None = None
    branch: tuple[Any, ...] | None = None

    def loss(self, config: Config, budget: int | None = None) -> float:
        """Return what is to be minimised."""
        return float(self.evaluate(config, budget))

    def regret(self, loss: float) -> float:
        """Return the distance to the least loss known, never below 0."""
        return max(0.0, loss - self.best)

    def sample(self, rng: np.random.Generator) -> Config:
        """Return a configuration, each active parameter drawn uniformly on its scale."""
        config: Config = {}
        for knob in self.knobs:
            if knob.is_active(config):
                config[knob.name] = knob.draw(rng)
        return config

    def branch_of(self, config: Config) -> tuple[Any, ...]:
        """Return the values of all active parameters that others hang on."""
        parents = {knob.when[0] for knob in self.knobs if knob.when}
        return tuple(config[knob.name] for knob in self.knobs if knob.name in parents and knob.name in config)

    def span(self, draws: int = 1000) -> float:
        """Return the task's range: the median regret of so many random configurations, always the same ones."""
        rng = np.random.default_rng(0)
        return float(np.median([self.regret(self.loss(self.sample(rng))) for _ in range(draws)]))
