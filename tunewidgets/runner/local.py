"""Running a search in this process, from `Search.wait`: for ``executor="inline"``."""

from tunewidgets.objectives.base import Objective
from tunewidgets.runner.coordinator import open_search
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.inline import InlineExecutor
from tunewidgets.runner.keeping import Keeper
from tunewidgets.runner.prepare import Found, own_space
from tunewidgets.runner.spec import Spec
from tunewidgets.space import Space
from tunewidgets.store.folder import SearchFolder
from tunewidgets.store.lease import Lease
from tunewidgets.store.sqlite import SqliteStore


def run_here(folder: SearchFolder, spec: Spec, objective: Objective) -> None:
    """Drive the search to its rest on this thread; an interrupt leaves it where it was last committed.

    Raises
    ------
    LockedError
        If another process drives it.
    StoreError
        If its folder cannot be written.
    """
    with Lease.acquire(folder.path):
        store = SqliteStore(folder.path, write=True)
        executor = InlineExecutor(objective, folder)
        try:
            if open_search(store, spec, lambda: _space(spec, objective)):
                sampler, schedule = spec.strategy()
                driver = Driver(store, schedule, sampler, executor)
                keeper = Keeper(driver.history, executor, spec.keep)
                driver.run()
                keeper.tidy()
        finally:
            executor.close()
            store.close()


def _space(spec: Spec, objective: Objective) -> Found:
    return Found(own_space(objective) if spec.space is None else Space.from_json(spec.space))
