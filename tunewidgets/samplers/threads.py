"""Linear algebra on one thread, where a search must not slow down the trials beside it."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """Keep linear algebra to one thread: on a busy machine several take a hundred times as long.

    It also makes the last digits the same whatever the number of cores.
    """
    limited: AbstractContextManager[Any] = _libraries().limit(limits=1, user_api="blas")
    return limited


@cache
def _libraries() -> Any:
    import scipy.linalg  # noqa: F401, PLC0415 - its library must be loaded before it can be held
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415 - looking for the libraries takes a moment

    return ThreadpoolController()
