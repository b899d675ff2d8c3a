"""Our parameters as Optuna's distributions, and values there and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunewidgets.history import Config
from tunewidgets.samplers.untried import index_of, value_at
from tunewidgets.space import Boolean, Choice, Float, Int, Parameter, Space

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial


@dataclass(frozen=True, slots=True)
class Translation:
    """A parameter in Optuna's words: its distribution, and values to and from Optuna."""

    distribution: "BaseDistribution"
    to_optuna: Callable[[Any], Any]
    from_optuna: Callable[[Any], Any]


class OptunaSpace:
    """A space in Optuna's words.

    Integers and floats, with steps or logarithmic, booleans and unordered choices are Optuna's own, with their values.
    Three things it does not have are translated: an ordered choice, and what has logarithmic or reversed steps, is the
    integer that counts its values from 0; a reversed logarithmic range without steps is its unit interval. Parameters
    with a single value are not asked for.

    Parameters
    ----------
    space : Space
        Our space.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.words: Mapping[str, Translation] = {
            name: translation(parameter) for name, parameter in space.items() if parameter.size > 1
        }

    def ask(self, trial: "Trial") -> dict[str, Any]:
        """Return the configuration that a trial suggests, parents asked before their children."""
        config: dict[str, Any] = {}
        while names := [name for name in self.space.active(config) if name not in config]:
            for name in names:
                word = self.words.get(name)
                if word is None:
                    config[name] = self.space[name].from_unit(0.5)
                else:
                    config[name] = word.from_optuna(_suggested(trial, name, word.distribution))
        return self.space.validate(config)

    def tell(self, config: Config) -> tuple[dict[str, Any], dict[str, "BaseDistribution"]]:
        """Return a valid configuration as Optuna's parameters and distributions."""
        known = {name: self.words[name] for name in config if name in self.words}
        return (
            {name: word.to_optuna(config[name]) for name, word in known.items()},
            {name: word.distribution for name, word in known.items()},
        )


def translation(parameter: Parameter) -> Translation:
    """Return one parameter of more than one value in Optuna's words."""
    from optuna.distributions import CategoricalDistribution  # noqa: PLC0415 - optional, imported where it is used

    if isinstance(parameter, Boolean):
        return Translation(CategoricalDistribution((False, True)), _same, parameter.normalise)
    if isinstance(parameter, Choice) and not parameter.ordered:
        return Translation(CategoricalDistribution(tuple(parameter.values)), _same, parameter.normalise)
    if isinstance(parameter, Int):
        return _of_int(parameter)
    if isinstance(parameter, Float):
        return _of_float(parameter)
    return _counted(parameter)


def _of_int(parameter: Int) -> Translation:
    from optuna.distributions import FloatDistribution, IntDistribution  # noqa: PLC0415 - optional

    if parameter.sampling == "linear":
        low, high = parameter.from_unit(0.0), parameter.from_unit(1.0)
        return Translation(IntDistribution(low, high, step=int(parameter.step or 1)), _same, parameter.normalise)
    if parameter.step is not None:
        return _counted(parameter)
    if parameter.sampling == "log":
        low, high = int(parameter.min_value), int(parameter.max_value)
        return Translation(IntDistribution(low, high, log=True), _same, parameter.normalise)
    return Translation(FloatDistribution(0.0, 1.0), parameter.to_unit, parameter.from_unit)


def _of_float(parameter: Float) -> Translation:
    from optuna.distributions import FloatDistribution  # noqa: PLC0415 - optional

    low, high = parameter.from_unit(0.0), parameter.from_unit(1.0)
    if parameter.step is not None:
        if parameter.sampling != "linear":
            return _counted(parameter)
        return Translation(FloatDistribution(low, high, step=parameter.step), _same, _nearest(parameter))
    if parameter.sampling == "reverse_log":
        return Translation(FloatDistribution(0.0, 1.0), parameter.to_unit, parameter.from_unit)
    return Translation(FloatDistribution(low, high, log=parameter.sampling == "log"), _same, _within(low, high))


def _counted(parameter: Parameter) -> Translation:
    from optuna.distributions import IntDistribution  # noqa: PLC0415 - optional

    last = int(parameter.size) - 1
    return Translation(
        IntDistribution(0, last),
        lambda value: index_of(parameter, value),
        lambda index: value_at(parameter, int(index)),
    )


def _same(value: Any) -> Any:
    return value


def _within(low: float, high: float) -> Callable[[float], float]:
    """Return what puts a value into a range that rounding has led it out of."""
    return lambda value: min(max(float(value), low), high)


def _nearest(parameter: Float) -> Callable[[float], Any]:
    """Return what finds the step nearest to a value: sums of steps differ in their last digits."""
    low, step, last = parameter.min_value, parameter.step or 1.0, int(parameter.size) - 1
    return lambda value: value_at(parameter, min(max(round((float(value) - low) / step), 0), last))


def _suggested(trial: "Trial", name: str, distribution: "BaseDistribution") -> Any:
    """Ask for one parameter the way an objective does."""
    from optuna.distributions import CategoricalDistribution, IntDistribution  # noqa: PLC0415 - optional

    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    known: Any = distribution  # what is left has a range
    suggest = trial.suggest_int if isinstance(distribution, IntDistribution) else trial.suggest_float
    return suggest(name, known.low, known.high, step=known.step, log=known.log)
