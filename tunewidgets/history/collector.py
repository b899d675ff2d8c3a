"""The garbage collector's rest while thousands of events are made: it finds nothing among them, at twice the price."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from running; what was switched off before stays so.

    Events and trials form no cycles, and their number alone sets the collector going: it then walks through all that
    there are, again and again. Where another thread switches it meanwhile, it may come on too early; nothing depends
    on it.

    Examples
    --------
    >>> with uncollected():
    ...     gc.isenabled()
    False
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
