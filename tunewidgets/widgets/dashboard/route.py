"""Messages of the page reach Python while a cell runs, on every ipykernel that can do so at all."""

from typing import Any


def answer_anywhere(comm: Any) -> None:
    """Let a comm's messages be handled by whichever subshell the page sends them to.

    Since 7.4, ipykernel hands a message of the page to the shell that last published on the comm. A widget is made, and
    so publishes, in a cell: its clicks would wait for the main shell, which means for the end of the running cell.
    This undoes that for one comm. Older versions have no such rule, and nothing is changed.

    Parameters
    ----------
    comm : Comm or None
        A widget's `comm`; None, and comms of other kernels, are left alone.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _as_it_comes  # noqa: SLF001 - the rule has no public switch


def _as_it_comes(_data: Any, default: Any) -> Any:
    return default
