"""What ``%load_ext tunewidgets`` calls."""

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Register ``%tune``; IPython calls it."""
    from tunewidgets.magics import TuneMagics  # noqa: PLC0415 - only IPython needs the magics

    shell.register_magics(TuneMagics(shell))
