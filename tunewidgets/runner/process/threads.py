"""Keeps libraries that are imported already to their number of threads: those imported later read the environment."""

import contextlib
import sys

import threadpoolctl


def limit_threads(threads: int) -> None:
    """Tell every library in this process that can be told how many threads it may use.

    Parameters
    ----------
    threads : int
        The number, for each library.
    """
    # Looking through the loaded libraries takes 14 ms beside TensorFlow: once a leg, when its imports have been made.
    threadpoolctl.threadpool_limits(limits=threads)
    limit_frameworks(threads)


def limit_frameworks(threads: int) -> None:
    """Tell the frameworks that can be told only before their first use.

    Parameters
    ----------
    threads : int
        The number, for each framework.
    """
    # A library may be half imported, or have begun to work already and refuse: the environment has told it before.
    with contextlib.suppress(RuntimeError, AttributeError, ValueError):
        if "tensorflow" in sys.modules:
            threading = sys.modules["tensorflow"].config.threading
            threading.set_intra_op_parallelism_threads(threads)
            threading.set_inter_op_parallelism_threads(threads)
    with contextlib.suppress(RuntimeError, AttributeError, ValueError):
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(threads)
