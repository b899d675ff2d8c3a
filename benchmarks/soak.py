"""``python -m benchmarks.soak [--minutes 60]``: a dashboard is used in a browser, and its memory must stay flat."""

import argparse
import importlib
import itertools
import logging
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psutil

from benchmarks import page
from benchmarks.machine import this_machine
from benchmarks.places import BUILD, DOCS, ROOT, scratch
from benchmarks.record import Result
from benchmarks.soak_result import Sample, result
from tunewidgets.history import Closed, Event, Paused, Resumed

TRIALS = 1000
RATE = 2.0
PLAYS = 20.0
"""Seconds for which a lap plays; the whole search lasts two and a half times as long at least."""
PATIENCE = 300.0
_ENDS = 10
REPORTED = 15
"""Minutes from which on a run goes on the page."""
OPEN = """
import gc, os, threading
import tunewidgets as tw
from tunewidgets.widgets.dashboard import show
from tunewidgets.widgets.dashboard.helper import shared_helper

search = tw.attach("soak", show=False)
board = search.dashboard()
show(board)
"""
COUNT = "[gc.collect(), len(gc.get_objects()), board._publisher._seq, len(search.history), shared_helper().pid]"
TABS = {"Surrogate": "surrogate", "Parameters": "parallel", "Workers": "timeline", "Overview": "trials"}
_LOG = logging.getLogger("benchmarks")


def main(arguments: list[str] | None = None) -> int:
    """Soak, and write the page; returns 1 where something is not flat."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=(__doc__ or "").partition(": ")[2])
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (60)")
    minutes = parser.parse_args(arguments).minutes
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    load, began = os.getloadavg()[0], time.monotonic()
    found = run(minutes)
    facts = {"at": datetime.now(UTC).strftime("%Y-%m-%d"), "seconds": time.monotonic() - began, "load": load}
    folder = DOCS if minutes >= REPORTED else BUILD
    page.keep(folder / "benchmarks.json", "soak", page.as_taken(found, this_machine(), **facts))
    page.write(folder / "benchmarks.md", page.read(folder / "benchmarks.json"))
    for budget in found.budgets:
        _LOG.info("%s: %s, %s (%s)", "held" if budget.held else "MISSED", budget.what, budget.found, budget.wanted)
    return 0 if all(budget.held for budget in found.budgets) else 1


def run(minutes: float) -> Result:
    """Use a dashboard for so long, lap after lap, and look at the memory after each."""
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    driver, server, stored = (importlib.import_module(name) for name in ("driver", "server", "stored"))
    samples: list[Sample] = []
    with scratch() as folder:
        entries = stored.simulated(TRIALS)
        place = folder / "tune_runs" / "soak"
        stored.keep(place, entries)
        driver.write_notebook(folder / "soak.ipynb", [OPEN])
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        with (
            server.JupyterServer(folder, env={"PYTHONPATH": path}) as jupyter,
            driver.Browser(height=1800) as browser,
            stored.Growing(place, len(entries), ups_and_downs()) as growing,
            browser.open(jupyter, "soak.ipynb") as notebook,
        ):
            notebook.run_cell(0)
            growing.begin(RATE)
            began = time.monotonic()
            soaked = Soaked(notebook)
            while not samples or samples[-1].minute < minutes:
                soaked.lap()
                samples.append(soaked.sample(began))
                _LOG.info("%s", samples[-1].text())
                if errors := notebook.cell_errors() + notebook.complaints():
                    raise RuntimeError("\n".join(errors))
    return result(samples, TRIALS, PLAYS)


def ups_and_downs() -> Iterator[list[Event]]:
    """Yield, without end, what may happen in a search and leaves no trial behind: it pauses, ends, and goes on."""
    for turn in itertools.count(1):
        ends = turn % _ENDS == 0  # an end is a milestone: what stands below the dashboard is drawn anew
        yield [Closed("stopped", {"kind": "user"}) if ends else Paused()]
        yield [Resumed()]


class Soaked:
    """A dashboard under use, by what its user does and what the systems below it say.

    Parameters
    ----------
    notebook : Notebook
        Where it stands, in the first cell.
    """

    def __init__(self, notebook: Any) -> None:
        self._notebook = notebook
        self._board = notebook.output(0).locator(".tw-dashboard")
        self._kernel = psutil.Process(int(notebook.eval("os.getpid()")))
        notebook.page.set_default_timeout(1000 * PATIENCE)
        self._devtools = notebook.page.context.new_cdp_session(notebook.page)
        self._devtools.send("Performance.enable")
        self._wait(lambda: self._is_drawn("trials"), "the dashboard")

    def lap(self) -> None:
        """Play the search from its beginning for a while, open every tab, select trials: all is drawn over and over."""
        play = self._board.get_by_role("button", name="Play from the beginning")
        play.click()
        self._wait(lambda: play.count() == 0, "the replay")
        self._notebook.page.wait_for_timeout(1000 * PLAYS)
        self._board.get_by_role("button", name="Back to the present").click()
        self._wait(play.count, "the present")
        for tab, card in TABS.items():
            self._board.get_by_role("tab", name=tab).click()
            self._wait(lambda card=card: self._is_drawn(card), card)
        rows = self._board.locator("tbody tr")
        for row in (0, 1, 1):  # the last one is selected no more
            rows.nth(row).click()
            self._notebook.settle()

    def sample(self, began: float) -> Sample:
        """Return what is in use, once all that nobody uses is given back; `began` is the time of the beginning."""
        _, objects, updates, events, helper = self._notebook.eval(COUNT)
        for _ in range(2):
            self._devtools.send("HeapProfiler.collectGarbage")
        metrics = {each["name"]: each["value"] for each in self._devtools.send("Performance.getMetrics")["metrics"]}
        return Sample(
            minute=(time.monotonic() - began) / 60,
            updates=updates,
            events=events,
            kernel=self._kernel.memory_info().rss / 1e6,
            objects=objects,
            helper=psutil.Process(helper).memory_info().rss / 1e6 if helper else 0.0,
            heap=metrics["JSHeapUsedSize"] / 1e6,
            nodes=metrics["Nodes"],
            listeners=metrics["JSEventListeners"],
        )

    def _is_drawn(self, card: str) -> bool:
        parts = ".js-plotly-plot .main-svg, .tw-axis"
        return bool(self._board.locator(f'[data-card="{card}"]').locator(parts).count())

    def _wait(self, check: Any, what: str) -> None:
        self._notebook.until(check, what, PATIENCE)


if __name__ == "__main__":
    sys.exit(main())
