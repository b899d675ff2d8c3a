"""Both stores, and SQLite in both journal modes, against the public contract suite."""

from tunewidgets.store import MemoryStore, SqliteStore
from tunewidgets.testing.stores import SharedStoreContract, StoreContract


class TestMemoryStore(StoreContract):
    def writer(self, folder):
        return MemoryStore()


class TestSqliteStore(SharedStoreContract):
    def writer(self, folder):
        return SqliteStore(folder, write=True, journal="wal")

    def reader(self, folder):
        return SqliteStore(folder, write=False)


class TestSqliteStoreOnANetwork(SharedStoreContract):
    def writer(self, folder):
        return SqliteStore(folder, write=True, journal="delete")

    def reader(self, folder):
        return SqliteStore(folder, write=False)
