"""The store's contract: where a search's entries are kept, and where its commands arrive.

A store has one writer, the coordinator, and any number of readers. Its guarantees, which
`tunewidgets.testing.stores` checks for every implementation:

1. `append` is atomic and durable: when it returns, all its entries and the cursor are kept, whatever happens to the
   process afterwards; when it does not return, either all of them are or none.
2. Entries are kept in order and without gaps; an append that does not continue the stored ones is refused.
3. What `read` returns was appended, exactly (NaN and infinities included), and never changes.
4. `version` changes whenever `read` or `commands` may return more than before, and asking it is cheap (microseconds).
5. `put` is safe from any process that may write the folder; commands keep their order and get numbers 1, 2, 3, ...
   A command is *consumed* when the cursor, committed together with the event it became, has passed its number.
6. A reader never blocks the writer for longer than one short query.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from tunewidgets.history import Entry, UserEvent


class Command(NamedTuple):
    """A user's command as it waits: its number (from 1) and what it asks for."""

    number: int
    event: UserEvent


class Store(Protocol):
    """Entries of one search and its commands; see the module's text for the guarantees."""

    def append(self, entries: Sequence[Entry], cursor: int | None = None) -> None:
        """Keep entries, and with them the number of the last command consumed.

        Raises
        ------
        StoreError
            If the entries do not continue the stored ones, or cannot be written; the message says the cure.
        """
        ...

    def read(self, since: int = 0) -> list[Entry]:
        """Return the entries from number `since` on."""
        ...

    def cursor(self) -> int:
        """Return the number of the last command consumed, 0 before the first."""
        ...

    def put(self, command: UserEvent) -> int:
        """Add a command and return its number."""
        ...

    def commands(self, after: int) -> list[Command]:
        """Return the commands with numbers above `after`, in order."""
        ...

    def version(self) -> int:
        """Return a number that changes when there may be something new to read."""
        ...

    def close(self) -> None:
        """Release files and connections; may be called twice."""
        ...
