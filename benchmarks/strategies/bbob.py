"""Functions of the BBOB suite (Hansen et al., COCO), computed by the package `ioh`.

The first function of each of the suite's five groups, so that nobody has picked: sphere (separable), attractive sector
(moderately conditioned), rotated ellipsoid (badly conditioned), rotated Rastrigin (multimodal), Schwefel (multimodal,
with little to go by). Five dimensions, instance 1.
"""

from importlib.util import find_spec
from typing import Any

from benchmarks.strategies.knobs import Config, Knob, Problem

FUNCTIONS = {"sphere": 1, "sector": 6, "ellipsoid": 10, "rastrigin": 15, "schwefel": 20}
DIMENSIONS = 5


def has_ioh() -> bool:
    """Whether the package is installed."""
    return find_spec("ioh") is not None


def bbob(name: str) -> Problem:
    """Return a function of the suite, by its name here."""
    import ioh  # noqa: PLC0415 - optional

    function: Any = ioh.get_problem(FUNCTIONS[name], 1, DIMENSIONS, ioh.ProblemClass.BBOB)
    knobs = tuple(Knob(f"x{i}", "float", -5.0, 5.0) for i in range(DIMENSIONS))

    def loss(config: Config, _budget: int | None) -> float:
        return float(function([config[knob.name] for knob in knobs]))

    return Problem(f"bbob_{name}", "numeric", knobs, loss, float(function.optimum.y))
