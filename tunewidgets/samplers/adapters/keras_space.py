"""Our parameters as Keras Tuner's, and values there and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tunewidgets.history import Config
from tunewidgets.samplers.untried import index_of, value_at
from tunewidgets.space import Boolean, Choice, Float, Int, Parameter, Space


@dataclass(frozen=True, slots=True)
class Word:
    """A parameter in Keras Tuner's words: its class, that one's arguments, and values to and from it."""

    kind: str
    arguments: Mapping[str, Any]
    to_keras: Callable[[Any], Any]
    from_keras: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class KerasSpace:
    """A space in Keras Tuner's words.

    Integers, floats without steps, booleans and unordered choices of strings are Keras Tuner's own. What it does not
    have, or rounds badly, is translated: an ordered choice, a stepped float and logarithmic steps are the integer that
    counts their values from 0, a choice of values that are not all strings is one of their numbers. Parameters with a
    single value are not asked for.

    Parameters
    ----------
    space : Space
        Our space.
    """

    space: Space
    words: Mapping[str, Word] = field(init=False)

    def __post_init__(self) -> None:
        words = {name: word_of(parameter) for name, parameter in self.space.items() if parameter.size > 1}
        object.__setattr__(self, "words", words)

    def hyperparameters(self) -> Any:
        """Return a `keras_tuner.HyperParameters` with all of it, parents before their children."""
        import keras_tuner  # noqa: PLC0415 - optional and heavy, imported where it is used
        from keras_tuner.engine import hyperparameters as kinds  # noqa: PLC0415 - see above

        made = keras_tuner.HyperParameters()
        for name in self._parents_first():
            word = self.words[name]
            conditions = [self._condition(parent, values) for parent, values in self._conditions(name)]
            made.merge([getattr(kinds, word.kind)(name=name, conditions=conditions, **word.arguments)])
        return made

    def tell(self, config: Config) -> dict[str, Any]:
        """Return a valid configuration as Keras Tuner's values."""
        return {name: self.words[name].to_keras(config[name]) for name in config if name in self.words}

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the configuration that an oracle's values stand for; what it left out has its default."""
        config: dict[str, Any] = {}
        while names := [name for name in self.space.active(config) if name not in config]:
            for name in names:
                known = name in self.words and name in values
                config[name] = self.words[name].from_keras(values[name]) if known else self.space[name].default
        return self.space.validate(config)

    def _parents_first(self) -> list[str]:
        """Return the names, parents before children and otherwise in the order of the space."""
        waiting = {name: {parent for parent, _ in self._conditions(name)} for name in self.words}
        done: list[str] = []
        while waiting:
            name = next(name for name, parents in waiting.items() if parents.issubset(done))
            del waiting[name]
            done.append(name)
        return done

    def _conditions(self, name: str) -> list[tuple[str, tuple[Any, ...]]]:
        """Return what must hold for a parameter to be active, its ancestors' conditions first.

        A parent with a single value says nothing: where it is active, so is the child.
        """
        found: dict[tuple[str, tuple[Any, ...]], None] = {}
        for condition in self.space[name].conditions:
            found.update(dict.fromkeys(self._conditions(condition.parent)))
            if condition.parent in self.words:
                found[condition.parent, condition.values] = None
        return list(found)

    def _condition(self, parent: str, values: tuple[Any, ...]) -> Any:
        from keras_tuner.src.engine import conditions  # noqa: PLC0415 - optional and heavy; exported nowhere

        return conditions.Parent(parent, [self.words[parent].to_keras(self.space[parent].normalise(v)) for v in values])


def word_of(parameter: Parameter) -> Word:
    """Return one parameter of more than one value in Keras Tuner's words."""
    if isinstance(parameter, Boolean):
        return Word("Boolean", {"default": parameter.default}, _same, bool)
    if isinstance(parameter, Choice) and not parameter.ordered:
        return _choice(parameter)
    if isinstance(parameter, Int) and (parameter.step is None or parameter.sampling == "linear"):
        return Word("Int", _range(parameter) | {"step": parameter.step}, int, _within(parameter))
    if isinstance(parameter, Float) and parameter.step is None:
        return Word("Float", _range(parameter), float, _within(parameter))
    last, default = int(parameter.size) - 1, index_of(parameter, parameter.default)
    return Word(
        "Int",
        {"min_value": 0, "max_value": last, "default": default},
        lambda value: index_of(parameter, value),
        lambda index: value_at(parameter, min(max(int(index), 0), last)),
    )


def _choice(parameter: Choice) -> Word:
    if all(isinstance(value, str) for value in parameter.values):
        return Word("Choice", {"values": list(parameter.values), "default": parameter.default}, _same, _same)
    numbers = list(range(len(parameter.values)))
    return Word(
        "Choice",
        {"values": numbers, "ordered": False, "default": index_of(parameter, parameter.default)},
        lambda value: index_of(parameter, value),
        lambda index: parameter.values[int(index)],
    )


def _range(parameter: Int | Float) -> dict[str, Any]:
    low, high = parameter.min_value, parameter.from_unit(1.0)
    return {"min_value": low, "max_value": high, "sampling": parameter.sampling, "default": parameter.default}


def _within(parameter: Int | Float) -> Callable[[Any], Any]:
    """Return what puts a value back into its range: an oracle may ask for the very end of the unit interval."""
    low, high = parameter.from_unit(0.0), parameter.from_unit(1.0)
    return lambda value: min(max(value, low), high)


def _same(value: Any) -> Any:
    return value
