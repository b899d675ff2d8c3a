"""Seeds the generators that users' code draws from without saying so."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

# numpy's legacy generator and scikit-learn's random_state take no larger ones.
SEEDS = 2**32


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed ``random`` and ``numpy.random`` for a block, and put their states back after it.

    Users' code mostly draws from these two global generators, and frameworks fall back on them; seeding them makes a
    trial reproducible without a change to that code. They are put back because a trial may run inside the notebook's
    own process, whose random numbers are the user's.

    Parameters
    ----------
    seed : int
        Any integer of at least 0; numpy's generator gets its lowest 32 bits.

    Examples
    --------
    >>> with seeded(7):
    ...     first = random.random()
    >>> with seeded(7):
    ...     first == random.random()
    True
    """
    before, numpy_before = random.getstate(), np.random.get_state()  # noqa: NPY002 - it is the legacy state that is kept
    random.seed(seed)
    np.random.seed(seed % SEEDS)  # noqa: NPY002 - what users' code draws from
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(numpy_before)  # noqa: NPY002 - see above
