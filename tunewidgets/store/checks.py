"""What every store refuses before it keeps anything."""

from collections.abc import Sequence

from tunewidgets.errors import StoreError
from tunewidgets.history import Entry, UserEvent


def check_follows(entries: Sequence[Entry], expected: int) -> None:
    """Refuse entries that do not go on where the stored ones end: number `expected`, without gaps.

    Raises
    ------
    StoreError
        If a number is not the one that comes next.
    """
    for number, entry in enumerate(entries, expected):
        if entry.seq != number:
            raise StoreError(
                f"Entry number {number} was expected next, but number {entry.seq} came. Entries are kept in order and "
                "without gaps: read() what is stored, fold it, and go on from there."
            )


def check_cursor(cursor: int, stored: int) -> None:
    """Refuse a cursor that would make commands come a second time.

    Raises
    ------
    StoreError
        If it is below the stored one.
    """
    if cursor < stored:
        raise StoreError(f"The cursor stands at command {stored} and cannot go back to {cursor}: commands come once.")


def check_command(command: object) -> None:
    """Refuse what no user can say to a search.

    Raises
    ------
    StoreError
        If it is not one of the events in `tunewidgets.history.UserEvent`.
    """
    if not isinstance(command, UserEvent):
        raise StoreError(f"A command must be a user's event such as Paused() or Enqueued(...), not {command!r}.")
