"""Where we are: in a notebook that shows widgets, in a terminal, or in plain Python."""

import sys


def in_notebook() -> bool:
    """Whether this process is a kernel, so that a widget has a page to live on."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython  # noqa: PLC0415 - imported already, see above

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def cell_number() -> int:
    """Return the number of the cell that runs, 0 outside IPython."""
    if "IPython" not in sys.modules:
        return 0
    from IPython import get_ipython  # noqa: PLC0415 - imported already, see above

    return int(getattr(get_ipython(), "execution_count", 0))
