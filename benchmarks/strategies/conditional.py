"""Two conditional problems of our own, with known minima of 0; numpy only."""

import math
from collections.abc import Callable, Mapping

from benchmarks.strategies.knobs import Config, Knob, Problem

_Loss = Callable[[Config, int | None], float]


def mirage() -> Problem:
    """Return a problem in which the wrong branch looks good at first.

    On the meadow nearly everything is good, and nothing is better than 0.25. In the gorge nearly everything is bad:
    one configuration in 200 is better than the whole meadow, and the way there is a funnel that leads down to 0.
    """
    knobs = (
        Knob("way", "choice", choices=("meadow", "gorge")),
        Knob("pace", "float", 0.1, 10.0, log=True, when=("way", ("meadow",))),
        Knob("rest", "float", 0.0, 1.0, when=("way", ("meadow",))),
        Knob("rope", "float", 1e-3, 1.0, log=True, when=("way", ("gorge",))),
        Knob("depth", "int", 1, 64, log=True, when=("way", ("gorge",))),
        Knob("lamp", "float", 0.0, 1.0, when=("way", ("gorge",))),
        Knob("load", "float", 0.0, 1.0),
    )

    def loss(c: Config, _budget: int | None) -> float:
        base = 0.1 * (c["load"] - 0.3) ** 2
        if c["way"] == "meadow":
            return base + 0.25 + 0.05 * math.log10(c["pace"]) ** 2 + 0.1 * (c["rest"] - 0.6) ** 2
        off = ((math.log10(c["rope"]) + 2.1) / 3, math.log(c["depth"] / 12) / math.log(64), (c["lamp"] - 0.35) / 2)
        return base + 0.7 * (1 - math.exp(-math.hypot(*off) / 0.28))

    return Problem("mirage", "conditional", knobs, loss, 0.0, branch=("gorge",))


def orchard() -> Problem:
    """Return a problem nested two levels deep, with categories and integers on each of them."""
    knobs = (
        Knob("crop", "choice", choices=("apple", "grape", "currant")),
        Knob("form", "choice", choices=("bush", "espalier", "cordon"), when=("crop", ("apple",))),
        Knob("stock", "choice", choices=("m9", "m26", "mm106", "seedling"), when=("crop", ("apple",))),
        Knob("tiers", "int", 1, 9, when=("form", ("espalier",))),
        Knob("angle", "float", 0.0, 90.0, when=("form", ("espalier",))),
        Knob("tilt", "float", 1.0, 60.0, log=True, when=("form", ("cordon",))),
        Knob("trellis", "choice", choices=("none", "wire"), when=("crop", ("grape",))),
        Knob("wires", "int", 1, 6, when=("trellis", ("wire",))),
        Knob("height", "float", 0.5, 2.5, when=("trellis", ("wire",))),
        Knob("buds", "int", 8, 80, log=True, when=("crop", ("grape",))),
        Knob("canes", "int", 3, 12, when=("crop", ("currant",))),
        Knob("water", "float", 0.1, 10.0, log=True),
        Knob("mulch", "ordinal", choices=(0, 2, 5, 10, 20)),
    )
    return Problem("orchard", "conditional", knobs, _orchard, 0.0, branch=("apple", "espalier"))


def _orchard(c: Config, _budget: int | None) -> float:
    mulch = {0: 0.06, 2: 0.03, 5: 0.0, 10: 0.01, 20: 0.05}[c["mulch"]]
    return 0.08 * (math.log10(c["water"]) - 0.4) ** 2 + mulch + _CROPS[c["crop"]](c)


def _apple(c: Config) -> float:
    stock = {"m9": 0.04, "m26": 0.0, "mm106": 0.02, "seedling": 0.15}[c["stock"]]
    if c["form"] == "bush":
        return stock + 0.16
    if c["form"] == "cordon":
        return stock + 0.1 + 0.1 * math.log10(c["tilt"] / 45) ** 2
    return stock + 0.012 * abs(c["tiers"] - 4) + 0.4 * (c["angle"] / 90 - 0.15) ** 2


def _grape(c: Config) -> float:
    buds = 0.15 * math.log10(c["buds"] / 30) ** 2
    if c["trellis"] == "none":
        return buds + 0.2
    return buds + 0.07 + 0.015 * abs(c["wires"] - 3) + 0.05 * (c["height"] - 1.4) ** 2


def _currant(c: Config) -> float:
    return 0.18 + 0.01 * abs(c["canes"] - 8)


_CROPS: Mapping[str, Callable[[Config], float]] = {"apple": _apple, "grape": _grape, "currant": _currant}
