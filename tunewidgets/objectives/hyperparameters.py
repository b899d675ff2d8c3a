"""The ``hp`` that a build function asks for its values: Keras Tuner's words, without Keras Tuner.

A function written for Keras Tuner runs unchanged::

    def build_model(hp):
        units = hp.Int("units", 32, 512, step=32)
        optimizer = hp.Choice("optimizer", ["adam", "sgd"])
        with hp.conditional_scope("optimizer", ["sgd"]):
            momentum = hp.Float("momentum", 0.0, 0.9)       # None unless the optimizer is "sgd"
        ...

    hp = HyperParameters(trial.config)
    build_model(hp)
    hp.asked                # what it asked for, in order
    hp.met                  # what it asked for and the configuration did not have
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

from tunewidgets.errors import SpaceError
from tunewidgets.objectives.domains import choice_from, number_from
from tunewidgets.space import Boolean, Condition, Fixed, Float, Int, Parameter
from tunewidgets.space.values import is_same, plain


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a build function.

    Attributes
    ----------
    name : str
        The parameter's name, with its scopes: "scope/name".
    parameter : Parameter
        Its values, with the conditions of the scopes it was asked in.
    active : bool
        Whether these conditions held; where they did not, the answer was None.
    """

    name: str
    parameter: Parameter
    active: bool


class HyperParameters:
    """Answers a build function from a configuration, and writes down what it asks.

    What the configuration lacks is answered by the parameter's default. A name that is asked for again has the value
    it had. Inside `conditional_scope`, where the condition does not hold, the answer is None, as in Keras Tuner.

    Parameters
    ----------
    config : mapping, optional
        Values by name.

    Attributes
    ----------
    values : dict
        The configuration, and the answers that were given besides.

    Examples
    --------
    >>> hp = HyperParameters({"units": 64})
    >>> hp.Int("units", 32, 512, step=32), hp.Boolean("dropout")
    (64, False)
    >>> hp.met
    {'dropout': Boolean()}
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = dict(config or {})
        self._given = frozenset(self.values)
        self._asked: dict[tuple[str, tuple[Condition, ...]], Asked] = {}
        self._scopes: list[str] = []
        self._conditions: list[Condition] = []

    @property
    def asked(self) -> tuple[Asked, ...]:
        """What was asked for, in order; a name stands there once for each set of conditions it was asked under."""
        return tuple(self._asked.values())

    @property
    def met(self) -> dict[str, Parameter]:
        """The parameters that were asked for and that the configuration did not have, by name."""
        found: dict[str, Parameter] = {}
        for asked in self._asked.values():
            if asked.active and asked.name not in self._given:
                found.setdefault(asked.name, replace(asked.parameter, conditions=()))
        return found

    def Int(  # noqa: N802 - Keras Tuner's name and arguments, so that code written for it runs
        self,
        name: str,
        min_value: int,
        max_value: int,
        step: int | None = None,
        sampling: str | None = "linear",
        default: int | None = None,
        parent_name: str | None = None,
        parent_values: Any = None,
    ) -> Any:
        """Return an integer from `min_value` to `max_value`, both included.

        Parameters
        ----------
        name : str
            The parameter's name.
        min_value, max_value : int
            The range.
        step : int, optional
            What lies between two values: added where `sampling` is "linear", else multiplied.
        sampling : {"linear", "log", "reverse_log"}
            The scale on which values are drawn evenly.
        default : int, optional
            The value to begin with; the smallest unless given. One off the steps counts as the nearest on them.
        parent_name : str, optional
            With `parent_values`: the parameter that decides whether this one is active.
        parent_values : list, optional
            The parent's values under which it is.

        Returns
        -------
        int or None
            None where a condition does not hold.

        Raises
        ------
        SpaceError
            The arguments make no parameter, or the parent has not been asked for.
        """
        made = number_from(Int, min_value, max_value, step, sampling, default)
        return self._ask(name, made, parent_name, parent_values)

    def Float(  # noqa: N802 - Keras Tuner's name and arguments, so that code written for it runs
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: str | None = "linear",
        default: float | None = None,
        parent_name: str | None = None,
        parent_values: Any = None,
    ) -> Any:
        """Return a number from `min_value` to `max_value`, both included; the arguments are those of `Int`.

        Returns
        -------
        float or None
            None where a condition does not hold.

        Raises
        ------
        SpaceError
            The arguments make no parameter, or the parent has not been asked for.
        """
        made = number_from(Float, min_value, max_value, step, sampling, default)
        return self._ask(name, made, parent_name, parent_values)

    def Choice(  # noqa: N802 - Keras Tuner's name
        self,
        name: str,
        values: Sequence[Any],
        ordered: bool | None = None,  # noqa: FBT001 - Keras Tuner takes it by position
        default: Any = None,
        parent_name: str | None = None,
        parent_values: Any = None,
    ) -> Any:
        """Return one of `values`.

        Parameters
        ----------
        name : str
            The parameter's name.
        values : sequence of str, int, float or bool
            The values to choose from.
        ordered : bool, optional
            Whether neighbours are alike; True for numbers unless given.
        default : optional
            The value to begin with; the first unless given.
        parent_name, parent_values : optional
            As for `Int`.

        Returns
        -------
        str, int, float, bool or None
            None where a condition does not hold.

        Raises
        ------
        SpaceError
            The arguments make no parameter, or the parent has not been asked for.
        """
        return self._ask(name, choice_from(values, ordered=ordered, default=default), parent_name, parent_values)

    def Boolean(  # noqa: N802 - Keras Tuner's name
        self,
        name: str,
        default: bool = False,  # noqa: FBT001, FBT002 - Keras Tuner takes it by position
        parent_name: str | None = None,
        parent_values: Any = None,
    ) -> Any:
        """Return False or True, or None where a condition does not hold; the arguments are those of `Int`."""
        return self._ask(name, Boolean(default), parent_name, parent_values)

    def Fixed(  # noqa: N802 - Keras Tuner's name
        self, name: str, value: Any, parent_name: str | None = None, parent_values: Any = None
    ) -> Any:
        """Return `value`, which is written down with the others; None where a condition does not hold."""
        return self._ask(name, Fixed(value), parent_name, parent_values)

    @contextmanager
    def name_scope(self, name: str) -> Iterator[None]:
        """Put ``name/`` before the names that are asked for inside."""
        self._scopes.append(str(name))
        try:
            yield
        finally:
            self._scopes.pop()

    @contextmanager
    def conditional_scope(self, parent_name: str, parent_values: Any) -> Iterator[None]:
        """Make what is asked for inside active only while a parent has one of some values.

        Parameters
        ----------
        parent_name : str
            A parameter that was asked for before, named within the current `name_scope`.
        parent_values : list or a single value
            Its values under which the parameters inside are active. The code inside runs in any case.

        Raises
        ------
        SpaceError
            The parent has not been asked for.
        """
        parent = self._full_name(parent_name)
        if not any(name == parent for name, _ in self._asked):
            raise SpaceError(
                f"conditional_scope({parent!r}, …): {parent!r} has not been asked for. Ask for the parent first."
            )
        several = isinstance(parent_values, list | tuple | set | frozenset | range)
        self._conditions.append(Condition(parent, tuple(parent_values) if several else (parent_values,)))
        try:
            yield
        finally:
            self._conditions.pop()

    def get(self, name: str) -> Any:
        """Return the value of a parameter, named within the current `name_scope`.

        Raises
        ------
        KeyError
            It has not been asked for, and the configuration does not have it.
        SpaceError
            It is not active.
        """
        full = self._full_name(name)
        if full in self.values:
            return self.values[full]
        if any(asked == full for asked, _ in self._asked):
            raise SpaceError(f"{full!r} is not active, so it has no value.")
        raise KeyError(f"There is no parameter {full!r}.")

    def is_active(self, name: str) -> bool:
        """Tell whether a parameter was asked for under conditions that hold; the name is given with its scopes."""
        return any(
            self._holds(conditions) for asked, conditions in self._asked if asked == str(getattr(name, "name", name))
        )

    def copy(self) -> "HyperParameters":
        """Return another with the same values; what is asked of it is not written down here."""
        other = HyperParameters(self.values)
        other._asked = dict(self._asked)
        return other

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __contains__(self, name: str) -> bool:
        return self._full_name(name) in self.values

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.values!r})"

    def _ask(self, name: str, parameter: Parameter, parent_name: str | None, parent_values: Any) -> Any:
        if parent_name:
            with self.conditional_scope(parent_name, parent_values):
                return self._register(self._full_name(name), parameter)
        return self._register(self._full_name(name), parameter)

    def _register(self, name: str, parameter: Parameter) -> Any:
        conditions = tuple(self._conditions)
        active = self._holds(conditions)
        if (name, conditions) not in self._asked:
            self._asked[name, conditions] = Asked(name, replace(parameter, conditions=conditions), active)
        if not active:
            return None
        if name not in self.values:
            self.values[name] = self._answer(name, parameter)
        return self.values[name]

    def _answer(self, name: str, parameter: Parameter) -> Any:  # noqa: ARG002 - for subclasses
        """Return the value of a parameter that is asked for the first time and has none."""
        return parameter.default

    def _holds(self, conditions: tuple[Condition, ...]) -> bool:
        return all(
            condition.parent in self.values
            and any(is_same(plain(self.values[condition.parent]), value) for value in condition.values)
            for condition in conditions
        )

    def _full_name(self, name: str) -> str:
        return "/".join([*self._scopes, str(name)])


class Recorder(HyperParameters):
    """Answers from values that are tried, where they fit, and else by the defaults.

    Parameters
    ----------
    forced : mapping
        Values to try, by name.
    """

    def __init__(self, forced: Mapping[str, Any]) -> None:
        super().__init__()
        self._forced = dict(forced)

    def copy(self) -> Self:
        """Return another with the same values; what is asked of it is not written down here."""
        other = type(self)(self._forced)
        other.values = dict(self.values)
        other._asked = dict(self._asked)  # noqa: SLF001 - another of this class
        return other

    def _answer(self, name: str, parameter: Parameter) -> Any:
        forced = self._forced.get(name, parameter.default)
        return forced if parameter.contains(forced) else parameter.default
