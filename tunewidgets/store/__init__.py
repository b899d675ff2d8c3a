"""Where a search is kept: the store's contract, its implementations, the folder's layout, the lease (layer 3)."""

from tunewidgets.store.base import Command, Store
from tunewidgets.store.folder import SearchFolder, check_trust, read_json, write_json
from tunewidgets.store.lease import Lease, LeaseInfo, holder_alive, read_lease
from tunewidgets.store.memory import MemoryStore
from tunewidgets.store.sqlite import SqliteStore

__all__ = [
    "Command", "Lease", "LeaseInfo", "MemoryStore", "SearchFolder", "SqliteStore", "Store", "check_trust",
    "holder_alive", "read_json", "read_lease", "write_json",
]  # fmt: skip
