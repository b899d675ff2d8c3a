"""What went wrong in a leg, as data: from an exception, or from how its process ended."""

import os
import traceback
from pathlib import Path
from types import TracebackType

from tunewidgets.history import Data
from tunewidgets.runner import platform
from tunewidgets.runner.executor import LegFailed, LegLost, LegOrder

_OURS = f"{Path(__file__).resolve().parents[2]}{os.sep}"
_TRACE = 4000
_MESSAGE = 2000

_MEANINGS = {
    "SIGSEGV": "crashed: segmentation fault",
    "SIGBUS": "crashed: bus error",
    "SIGILL": "crashed: illegal instruction (a library built for another processor?)",
    "SIGFPE": "crashed: arithmetic error",
    "SIGABRT": "crashed: a library called abort",
    "SIGKILL": "was killed by the system, most often because memory ran out",
    "SIGXCPU": "used up its limit of processor time",
}
# These come from outside: a batch system or a shutdown that ends everything, and no fault of the trial's.
_OUTSIDE = ("SIGTERM", "SIGHUP", "SIGINT")


def from_exception(error: BaseException) -> Data:
    """Return the reason of a leg that raised.

    Returns
    -------
    mapping
        ``kind`` "error", ``type``, ``message`` and ``traceback``, which begins at the user's own code.
    """
    return {
        "kind": "error",
        "type": type(error).__name__,
        "message": _shorten(_message(error), _MESSAGE),
        "traceback": _trace(error),
    }


def _message(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"called sys.exit({'' if error.code is None else repr(error.code)})"
    if isinstance(error, KeyboardInterrupt):
        return "it was interrupted"
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception of the user's whose own __str__ fails
        return "(its message cannot be shown)"


def _trace(error: BaseException) -> str:
    try:
        lines = traceback.format_exception(type(error), error, _users_part(error.__traceback__))
    except Exception:  # noqa: BLE001 - see _message
        lines = traceback.format_tb(_users_part(error.__traceback__))
    # The end says what happened.
    text = "".join(lines).strip()
    return text if len(text) <= _TRACE else f"...\n{text[-_TRACE:]}"


def _users_part(trace: TracebackType | None) -> TracebackType | None:
    part = trace
    while part is not None and part.tb_frame.f_code.co_filename.startswith(_OURS):
        part = part.tb_next
    return part or trace


def _shorten(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[:size]}..."


def from_exit(order: LegOrder, status: int | None, output: str) -> LegFailed | LegLost:
    """Return the closing message of a leg whose process ended without one, and was not ended by us.

    Parameters
    ----------
    order : LegOrder
        The leg.
    status : int or None
        Its exit code; minus the signal's number where a signal ended it; None: nobody knows.
    output : str
        The end of what it printed.
    """
    if status is None:
        why = "its process is gone, and how it ended is not known: the process that had started it was gone before"
        return LegLost(order.trial, order.attempt, why)
    name = platform.signal_name(-status) if status < 0 else ""
    if name in _OUTSIDE:
        return LegLost(order.trial, order.attempt, f"its process was ended from outside ({name})")
    if name:
        message = f"the process {_MEANINGS.get(name, 'was ended')} ({name})"
    else:
        message = f"the process ended itself with exit code {status}"
    reason = {"kind": "crash", "exit": status, "message": message, "output": output}
    return LegFailed(order.trial, order.attempt, reason)
