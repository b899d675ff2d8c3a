"""Partial dependence of each parameter, from the surrogate, with bands."""

import numpy as np
import pytest

from tunewidgets.analysis.effects import effects
from tunewidgets.analysis.landscape import made_active
from tunewidgets.analysis.surrogate import Surrogate
from tunewidgets.figures import NotYet, draw
from tunewidgets.history import Ended, Goal, History, Limits, Opened, Place, Reported, Started
from tunewidgets.space import Choice, Fixed, Float, Space

SCORE = (Goal("score", "max"),)
SPACE = Space(
    x=Float(0.0, 1.0),
    y=Float(1e-2, 1e2, sampling="log"),
    kind=Choice(["a", "b", "c"]),
    z=Float(0.0, 1.0).when(kind="b"),
    nothing=Float(0.0, 1.0),
    fixed=Fixed(1),
)


def additive(config):
    value = 3.0 * config["x"] - np.log10(config["y"]) ** 2 + {"a": 0.0, "b": 1.0, "c": 0.5}[config["kind"]]
    return float(value + 2.0 * (config.get("z", 0.5) - 0.5))


def searched(count=70, space=SPACE, value=additive, goals=SCORE):
    history = History()
    history.append(Opened(1, space, Limits(), goals, {"sampler": {"name": "random"}}))
    for number in range(count):
        config = space.sample(np.random.default_rng(number))
        history.append(Started(number, config, Place(0, 0, None)))
        history.append(Reported(number, 1, 1, value(config), {"time": next(iter(config.values()))}))
        history.append(Ended(number, 1, "completed", Place(0, 0, None), value(config)))
    return history


@pytest.fixture(scope="module")
def found():
    return {effect.axis.name: effect for effect in effects(Surrogate(searched()))}


def test_of_an_additive_function_they_are_its_terms(found):
    def gap(name, truth):
        effect = found[name]
        curve, expected = effect.predicted.median, np.array([truth(value) for value in effect.axis.values])
        return np.abs((curve - curve.mean()) - (expected - expected.mean())).max()

    assert gap("x", lambda x: 3.0 * x) < 0.15
    assert gap("y", lambda y: -(np.log10(y) ** 2)) < 0.4
    assert gap("kind", {"a": 0.0, "b": 1.0, "c": 0.5}.get) < 0.2
    assert gap("z", lambda z: 2.0 * z) < 0.4
    assert found["nothing"].span < 0.1


def test_the_strongest_comes_first(found):
    spans = [effect.span for effect in found.values()]
    assert spans == sorted(spans, reverse=True)
    assert next(iter(found)) == "y"
    assert "fixed" not in found


def test_bands_hold_the_curve_and_are_wide_where_little_is_known():
    few, many = (effects(Surrogate(searched(count))) for count in (6, 40))
    for effect in (*few, *many):
        assert (effect.predicted.low <= effect.predicted.median).all()
        assert (effect.predicted.median <= effect.predicted.high).all()
    assert np.mean([width(each) for each in few]) > 2 * np.mean([width(each) for each in many])


def width(effect):
    return float((effect.predicted.high - effect.predicted.low).mean())


def test_the_same_history_gives_the_same_curves():
    one, other = (effects(Surrogate(searched(10))) for _ in range(2))
    assert [each.predicted.median.tolist() for each in one] == [each.predicted.median.tolist() for each in other]


def test_a_parameter_is_made_active_through_all_its_parents():
    space = Space(a=Choice(["on", "off"]), b=Choice([1, 2, 3]).when(a="on"), c=Float(0.0, 1.0).when(b=[2, 3]))
    places = np.random.default_rng(0).random((50, 3))
    active = made_active(space, places, "c")
    configs = space.decode(active)
    assert all(config["a"] == "on" and config["b"] in (2, 3) and "c" in config for config in configs)
    kept = [("c" in config) for config in space.decode(places)]
    assert np.allclose(active[kept], places[kept]), "where it was active nothing has changed"


def test_the_card_draws_a_part_for_each_parameter():
    answer = draw("effects", searched(12, goals=(Goal("score", "max"), Goal("time", "min"))), asked={"goal": "time"})
    figure = answer.figure
    assert sum(trace["name"] == "predicted" for trace in figure["data"]) == 5
    assert figure["layout"]["yaxis"]["title"]["text"] == "time (lower is better)"
    ranges = {tuple(axis["range"]) for name, axis in figure["layout"].items() if name.startswith("yaxis")}
    assert len(ranges) == 1, "they can be compared"
    assert answer.note == "By a Gaussian process, from 12 results. Strongest first."


def test_of_many_parameters_the_strongest_are_drawn():
    space = Space({f"x{number}": Float(0.0, 1.0) for number in range(11)})
    history = searched(8, space, lambda config: sum(config.values()), goals=SCORE)
    answer = draw("effects", history)
    assert sum(trace["name"] == "predicted" for trace in answer.figure["data"]) == 8
    assert "8 of 11 parameters" in answer.note


def test_before_there_are_results_it_says_when_it_comes():
    assert isinstance(draw("effects", searched(2)), NotYet)
    assert isinstance(draw("effects", History()), NotYet)
