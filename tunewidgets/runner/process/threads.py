"""Keeps libraries that are imported already to their number of threads: those imported later read the environment."""

import contextlib
import sys

import threadpoolctl


def limit_libraries(threads: int) -> None:
    """Tell every library that is loaded in this process how many threads it may use.

    Looking through the libraries takes 14 to 24 ms beside TensorFlow, so this is done once, in the process that legs
    are forked from; what they load themselves reads the environment.

    Parameters
    ----------
    threads : int
        The number, for each library.
    """
    threadpoolctl.threadpool_limits(limits=threads)


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
