"""Running a search in this process, from `Search.wait`: for ``executor="inline"``."""

import time

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

_TURN = 0.05


def run_here(folder: SearchFolder, spec: Spec, objective: Objective, deadline: float | None = None) -> None:
    """Drive the search to its rest on this thread; an interrupt leaves it where it was last committed.

    Parameters
    ----------
    folder : SearchFolder
        The search's folder.
    spec : Spec
        What was asked of it.
    objective : Objective
        The user's own object.
    deadline : float, optional
        On the clock of `time.monotonic`. The leg that runs then is the last: in its own process it cannot be ended. The
        search is left where it is, for the next call to go on.

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
                driver = Driver(store, schedule, sampler, executor, rules=spec.rules())
                _drive(driver, Keeper(driver.history, executor, spec.keep), deadline)
        finally:
            executor.close()
            store.close()


def _drive(driver: Driver, keeper: Keeper, deadline: float | None) -> None:
    driver.turn(0.0)  # nothing is in line before it, so that there is nothing to wait for
    while not driver.done:
        left = _TURN if deadline is None else min(_TURN, deadline - time.monotonic())
        if left <= 0:
            break
        driver.turn(left)
        keeper.tidy()
    keeper.tidy()


def _space(spec: Spec, objective: Objective) -> Found:
    return Found(own_space(objective) if spec.space is None else Space.from_json(spec.space))
