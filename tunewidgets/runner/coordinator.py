"""The coordinator: a process of its own that drives one search, detached from the notebook that began it.

``python -m tunewidgets.runner.coordinator FOLDER`` takes the search's lease, opens or continues its store, and drives
it until it has come to rest. Its output goes to ``coordinator.log`` in the folder. SIGTERM ends it in order: legs are
ended, everything is committed, and the next coordinator runs the interrupted legs again.
"""

import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from tunewidgets.errors import LockedError, TuneError
from tunewidgets.history import Closed, Data, Entry, Extended, Opened, Resumed, SpaceEdited, Started, sentence
from tunewidgets.runner import platform
from tunewidgets.runner.driver import Driver
from tunewidgets.runner.keeping import Keeper
from tunewidgets.runner.prepare import Found, find_space
from tunewidgets.runner.process import Preflight, ProcessExecutor, kill_leftovers
from tunewidgets.runner.process.settings import THREAD_VARIABLES
from tunewidgets.runner.spec import Spec
from tunewidgets.runner.suggesting import ThreadSuggester
from tunewidgets.samplers import generator_for
from tunewidgets.space import Space
from tunewidgets.store.base import Store
from tunewidgets.store.folder import SearchFolder, write_json
from tunewidgets.store.lease import Lease
from tunewidgets.store.sqlite import SqliteStore
from tunewidgets.store.view import FAILURE

_LOG = logging.getLogger("tunewidgets")
_PATIENCE = 5.0  # seconds a new coordinator waits for one that is just about to leave
_LINGER = 2.0  # seconds it stays after the end, for a command that arrives just then
_HEARTBEAT = 1.0
_TURN = 0.05


def launch(folder: SearchFolder) -> None:
    """Start a coordinator for a search's folder, detached from this process.

    It has a session of its own, so that neither an interrupt nor a restart of the kernel reaches it, and its output
    goes to its log.
    """
    with folder.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-c", _BOOT, str(folder.path.resolve()), *sys.path],
            stdout=log,
            stderr=log,
            cwd=folder.path,
            # Its sampler's linear algebra keeps to one thread: the cores belong to the trials, which have settings of
            # their own.
            env=os.environ | dict.fromkeys(THREAD_VARIABLES, "1"),
            **platform.detached(),
        )
    # Somebody must take note of its end, or it would stay in the table of processes as long as the kernel lives.
    threading.Thread(target=process.wait, name="tunewidgets-reaper", daemon=True).start()


# The notebook's path is completed at its end, so that nothing of the user's hides a module of the standard library.
_BOOT = (
    "import sys; sys.path += [p for p in sys.argv[2:] if p not in sys.path]; "
    "from tunewidgets.runner.coordinator import main; sys.exit(main(sys.argv[1]))"
)


def main(path: str) -> int:
    """Drive the search in that folder; returns the process's exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    folder = SearchFolder(Path(path))
    try:
        lease = _acquire(folder)
    except LockedError as error:
        _LOG.info("not needed: %s", error)
        return 3
    with lease:
        try:
            Coordinator(folder, lease).run()
        except Exception as error:  # noqa: BLE001 - it is written down where people look, and in the log
            _LOG.exception("the coordinator failed")
            write_json(folder.path / FAILURE, {"text": f"{type(error).__name__}: {error}"})
            return 1
    return 0


def _acquire(folder: SearchFolder) -> Lease:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return Lease.acquire(folder.path)
        except LockedError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.1)


class AskedToEndError(BaseException):
    """The process was asked to end while it prepared a search: nothing is written, the next coordinator begins anew."""


class Coordinator:
    """Drives the search in a folder whose lease it holds.

    Parameters
    ----------
    folder : SearchFolder
        The search's folder, with spec and payload.
    lease : Lease
        Held; its heartbeat is kept up.
    """

    def __init__(self, folder: SearchFolder, lease: Lease) -> None:
        self._folder, self._lease = folder, lease
        self._spec = Spec.read(folder)
        self._beat = 0.0
        self._ending = False

    def run(self) -> None:
        """Drive until the search has come to rest, and a moment longer, or until the process is asked to end."""
        self._end_on_signal()
        (self._folder.path / FAILURE).unlink(missing_ok=True)
        ended = kill_leftovers(self._folder.path)
        if ended:
            _LOG.info("ended %d leftover processes of the last coordinator", ended)
        calm_collector()
        store = SqliteStore(self._folder.path, write=True)
        executor = self._executor()
        try:
            if open_search(store, self._spec, lambda: self._prepare(executor)):
                sampler, schedule = self._spec.strategy()
                rules = self._spec.rules()
                driver = Driver(store, schedule, sampler, executor, suggester=ThreadSuggester, rules=rules)
                with closing(driver):
                    self._drive(driver, executor)
        except AskedToEndError:
            _LOG.info("asked to end before the search was opened")
        finally:
            executor.close()
            store.close()

    def _executor(self) -> ProcessExecutor:
        spec = self._spec
        return ProcessExecutor(
            self._folder.path,
            threads=spec.threads,
            trial_timeout=spec.trial_timeout,
            preload=spec.preload,
            start_method=spec.start_method,
            cwd=Path(spec.cwd),
            path=spec.path,
        )

    def _prepare(self, executor: ProcessExecutor) -> Found:
        """Refuse a payload that cannot be used, and find the space, before the first trial."""
        stop = threading.Event()
        with ThreadPoolExecutor(2) as pool:  # both import the user's frameworks, each in a process of its own
            finding, loading = pool.submit(self._space, stop), pool.submit(executor.preflight, stop=stop)
            while not (finding.done() and loading.done()):
                self._heartbeat()
                if self._ending:
                    stop.set()
                time.sleep(_TURN)
        if self._ending:
            raise AskedToEndError
        if not loading.result().ok:
            raise TuneError(_words(loading.result()))
        return finding.result()

    def _space(self, stop: threading.Event) -> Found:
        known = self._spec.space
        return find_space(self._folder, self._spec, stop) if known is None else Found(Space.from_json(known))

    def _drive(self, driver: Driver, executor: ProcessExecutor) -> None:
        if executor.note:
            _LOG.info("%s", executor.note)
        keeper = Keeper(driver.history, executor, self._spec.keep)
        rest = None
        while not self._ending:
            driver.turn(_TURN)
            keeper.tidy()
            self._heartbeat()
            executor.set_threads(self._threads(driver.history.workers))
            if not driver.done:
                rest = None
            elif rest is None:
                rest = time.monotonic()
                keeper.tidy()
            elif time.monotonic() - rest > _LINGER:
                return

    def _threads(self, workers: int) -> int:
        """Return how many threads a leg may use: the cores are shared out anew when the number of workers changes."""
        return self._spec.threads if workers == self._spec.workers else max(1, platform.available_cores() // workers)

    def _heartbeat(self) -> None:
        now = time.monotonic()
        if now - self._beat >= _HEARTBEAT:
            self._beat = now
            self._lease.heartbeat()

    def _end_on_signal(self) -> None:
        def end(_number: int, _frame: Any) -> None:
            self._ending = True

        signal.signal(signal.SIGTERM, end)


def calm_collector() -> None:
    """Let Python look for cycles rarely: a history only grows, and going through it again and again finds nothing."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _words(preflight: Preflight) -> str:
    """Say why the objective cannot be used."""
    error = preflight.error or {}
    if error.get("kind") == "timeout":
        return f"loading the objective took longer than {error['seconds']:g} s: what does it import or open?"
    return str(error.get("message") or sentence(error) or "the objective cannot be loaded in another process")


def open_search(store: Store, spec: Spec, prepare: Callable[[], Found]) -> bool:
    """Write the opening event where the search has none, or try again where it failed; False where it cannot be opened.

    What goes wrong is written too: an empty space and a closing event that says why, for the dashboard and for `wait`.
    A search that could not be opened is tried again as soon as somebody asks it to go on.
    """
    stored = store.read()
    if stored and not _failed_to_open(stored):
        return True
    asked = store.commands(store.cursor())
    if stored and not any(isinstance(command.event, Resumed | Extended) for command in asked):
        return False
    now = time.time()
    try:
        found = prepare()
        # A sampler that cannot work in this space, such as a grid too large to list, says so here.
        spec.strategy()[0].begin().suggest(found.space, generator_for(spec.seed, 0))
    except Exception as error:  # noqa: BLE001 - whatever it is, the user is told, and nobody else could tell
        _LOG.exception("the search could not be opened")
        closed = Closed("failed", _told(error))
        first = [] if stored else [Entry(0, now, spec.opened(Space()))]
        store.append(
            [*first, Entry(len(stored) + len(first), time.time(), closed)], asked[-1].number if asked else None
        )
        return False
    event = SpaceEdited(found.space) if stored else spec.opened(found.space, found.doubts)
    store.append([Entry(len(stored), now, event)])
    return True


def _failed_to_open(stored: Sequence[Entry]) -> bool:
    """Whether the search has been given up before its space was known."""
    first = stored[0].event
    known = any(isinstance(entry.event, SpaceEdited | Started) for entry in stored)
    return isinstance(first, Opened) and not first.space and not known


def _told(error: Exception) -> Data:
    words = str(error) if isinstance(error, TuneError) else f"{type(error).__name__}: {error}"
    return {"kind": "error", "type": type(error).__name__, "message": words, "text": words}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
