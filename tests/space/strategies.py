"""Hypothesis strategies for parameters, spaces and configurations."""

import math

import numpy as np
from hypothesis import strategies as st

from tunewidgets.space import Boolean, Choice, Fixed, Float, Int, Space

SAMPLINGS = st.sampled_from(["linear", "log", "reverse_log"])
# Identifiers, a keyword, a name with a dot, one that Python would rewrite, and whatever else text may be.
names = st.one_of(
    st.sampled_from(["a", "b", "c", "self", "mapping", "lambda", "model.fit", "ﬁlters", "a b", 'say "x"', "Größe"]),
    st.text(min_size=1, max_size=4).filter(str.strip),
)
scalars = st.one_of(
    st.text(max_size=4),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)


@st.composite
def ints(draw, widest=10**12):
    sampling = draw(SAMPLINGS)
    least = 1 if sampling != "linear" else -(10**12)
    low = draw(st.integers(least, 10**12) | st.integers(max(least, -3), 20))
    high = draw(st.integers(low, min(low + widest, 10**12)))
    most = high - low if sampling == "linear" else high // low
    first = 1 if sampling == "linear" else 2
    step = draw(st.none() | st.integers(first, most)) if most >= first else None
    return with_default(draw, Int(low, high, step=step, sampling=sampling))


@st.composite
def continuous(draw):
    sampling = draw(SAMPLINGS)
    least = 1e-12 if sampling != "linear" else -1e12
    low, high = sorted(draw(st.tuples(*[st.floats(least, 1e12, allow_subnormal=False)] * 2)))
    return with_default(draw, Float(low, high, sampling=sampling))


@st.composite
def stepped(draw, most=1000):
    sampling = draw(SAMPLINGS)
    count = draw(st.integers(2, min(most, 40)))
    if sampling == "linear":
        decimals = draw(st.integers(0, 6))
        low = draw(st.integers(-1000, 1000)) / 10**decimals
        step = draw(st.integers(1, 1000)) / 10**decimals
        high = low + (count - 1) * step + draw(st.sampled_from([0.0, 0.4])) * step
    else:
        low = draw(st.sampled_from([1e-4, 0.001, 0.5, 1.0, 3.0]))
        step = draw(st.sampled_from([1.5, 2.0, 10.0]))
        count = min(count, 8)
        high = low * step ** (count - 1) * draw(st.sampled_from([1.0, 1.2]))
    return with_default(draw, Float(low, high, step=step, sampling=sampling))


@st.composite
def choices(draw):
    values = draw(st.lists(scalars, min_size=1, max_size=5, unique=True))
    return Choice(values, ordered=draw(st.none() | st.booleans()), default=draw(st.sampled_from(values)))


booleans = st.builds(Boolean, default=st.booleans())
fixed = st.builds(Fixed, st.none() | scalars)
small = st.one_of(ints(widest=4), stepped(most=4), choices(), booleans, fixed)
discrete = st.one_of(ints(), stepped(), choices(), booleans, fixed)
parameters = st.one_of(discrete, continuous())


@st.composite
def spaces(draw, kinds=parameters, most=6):
    """Spaces in which about half of the parameters have conditions, parents in any place."""
    found = {}
    for name in draw(st.lists(names, max_size=most, unique=True)):
        parents = [other for other, parameter in found.items() if parameter.size <= 1000]
        chosen = draw(st.lists(st.sampled_from(parents), max_size=2, unique=True)) if parents else []
        conditions = {parent: draw(some_levels(found[parent])) for parent in chosen}
        parameter = draw(kinds)
        found[name] = parameter.when(conditions) if conditions else parameter
    return Space({name: found[name] for name in draw(st.permutations(list(found)))})


finite_spaces = spaces(kinds=small, most=5)


@st.composite
def spaces_and_configs(draw, kinds=parameters):
    """A space, and a few configurations of it."""
    space = draw(spaces(kinds))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return space, [space.defaults(), *(space.sample(rng) for _ in range(draw(st.integers(0, 3))))]


@st.composite
def spaces_and_cubes(draw):
    """A space, and a few points of its unit cube; the corners come up often."""
    space = draw(spaces())
    units = st.sampled_from([0.0, 1.0, 0.5, math.nextafter(1.0, 0.0)]) | st.floats(0.0, 1.0)
    rows = draw(st.lists(st.lists(units, min_size=len(space), max_size=len(space)), max_size=3))
    return space, np.array(rows, dtype=float).reshape(len(rows), len(space))


def some_levels(parameter):
    return st.lists(st.sampled_from(parameter.levels()), min_size=1, max_size=3)


def with_default(draw, parameter):
    """The parameter, or one like it with some other default."""
    if draw(st.booleans()):
        return parameter
    data = {**parameter.to_json(), "default": parameter.from_unit(draw(st.floats(0.0, 1.0)))}
    return type(parameter).from_json(data)
