"""From ``trial.report()`` in a trial's process to the figure in a browser."""

import importlib
import os
import sys
import time
from typing import Any

from benchmarks.places import ROOT, scratch
from benchmarks.record import Result, Spread, Table, at_most

MOST = 0.5
PATIENCE = 60.0
# The value of a report is the moment it is made: what the figure shows tells how old it is.
START = """
import random, time
import tunewidgets as tw

def objective(trial):
    for step in trial.steps():
        time.sleep(random.uniform(0.4, 0.9))
        trial.report(step, time.time())

search = tw.tune(objective, tw.Space(x=tw.Float(0, 1)), direction="max", strategy="random", trials=2, workers=2,
                 schedule=tw.Full(max_budget=10_000), name="pixels")
"""
SLEEP = "time.sleep({})"
STOP = "search.stop(now=True)"
# Noted when the figure has been drawn and the browser has come to the end of the frame in which it is painted.
WATCH = """() => {
  const seen = window.seenReports = new Map();
  const plot = document.querySelector('[data-card="curves"] .js-plotly-plot');
  const look = () => {
    const fresh = plot.data.flatMap(trace => Array.from(trace.y ?? [])).filter(y => y > 1e9 && !seen.has(y));
    if (fresh.length) requestAnimationFrame(() => setTimeout(() => {
      for (const y of fresh) if (!seen.has(y)) seen.set(y, Date.now() / 1000);
    }));
  };
  look();
  plot.on('plotly_afterplot', look);
}"""
SEEN = "() => [...window.seenReports]"
_WAITS = (
    "On its way a report waits for the commit (at most 0.1 s), for the dashboard's next look at the search (at most "
    "0.1 s), and for the page's acknowledgement of what was sent before."
)
FREE, BLOCKED = "kernel free", "while a cell sleeps"


def run(*, quick: bool) -> Result:
    """Watch a search's curves in JupyterLab: with the kernel free, then while a cell blocks it."""
    seconds = 4.0 if quick else 25.0
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    driver, server = importlib.import_module("driver"), importlib.import_module("server")
    with scratch() as folder:
        driver.write_notebook(folder / "pixels.ipynb", [START, SLEEP.format(seconds + 1), STOP])
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        with server.JupyterServer(folder, env={"PYTHONPATH": path}) as jupyter, driver.Browser(height=1800) as browser:
            with browser.open(jupyter, "pixels.ipynb") as notebook:
                found = _watch(notebook, seconds)
            version = browser._chromium.version  # noqa: SLF001 - the only place that knows it
    return _result(found, seconds, version)


def _watch(notebook: Any, seconds: float) -> dict[str, list[float]]:
    """Return the delays of the reports made in each phase, in seconds."""
    notebook.run_cell(0)
    _until_drawn(notebook)
    notebook.page.wait_for_timeout(1000)
    notebook.page.evaluate(WATCH)
    began = time.time()
    notebook.page.wait_for_timeout(1000 * seconds)
    middle = time.time()
    notebook.start_cell(1)
    notebook.page.wait_for_timeout(1000 * seconds)
    end = time.time()
    notebook.page.wait_for_timeout(2000)
    seen = dict(notebook.page.evaluate(SEEN))
    errors = notebook.cell_errors() + notebook.complaints()
    notebook.start_cell(2)
    if errors:
        raise RuntimeError("\n".join(errors))
    phases = {FREE: (began, middle), BLOCKED: (middle, end)}
    return {
        name: [drawn - made for made, drawn in seen.items() if first < made < last]
        for name, (first, last) in phases.items()
    }


def _until_drawn(notebook: Any) -> None:
    drawn = '[data-card="curves"] .js-plotly-plot .scatterlayer .trace'
    notebook.until(lambda: notebook.page.locator(drawn).count() > 0, "the first curve", PATIENCE)


def _result(found: dict[str, list[float]], seconds: float, version: str) -> Result:
    spreads = {name: Spread.of(values) for name, values in found.items()}
    rows = [(name, spread.text(), f"{spread.p90:.2f}", f"{spread.n}") for name, spread in spreads.items()]
    return Result(
        title="From a report to the figure in the browser",
        how="A function reports the time of day, every 0.4 to 0.9 s in each of two trials; JupyterLab in headless "
        f"Chromium {version} shows the dashboard, and each report's age is taken when the card Curves has been drawn "
        f"and the frame painted. {seconds:g} s with the kernel free, then {seconds:g} s with a cell in `time.sleep`.",
        tables=(Table(("phase", "median (quartiles), s", "90 % below, s", "reports"), tuple(rows)),),
        budgets=(at_most("report to figure, median, kernel free", MOST, spreads[FREE].median, " s"),),
        raw={f"{name}, s": values for name, values in found.items()},
        notes=(_WAITS,),
    )
