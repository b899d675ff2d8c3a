"""A search of 10,000 trials in the browser: opening it and following it, beside a FigureWidget that does the same."""

import importlib
import os
import shutil
import sys
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.browser_result import Visit, result
from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.places import ROOT, scratch
from benchmarks.record import Result

PATIENCE = 300.0
CATCH_UP = 6.0
# The newest trial that a figure shows; ours carry the trials' numbers beside their points.
NEWEST = """
  const newest = plot => plot._fullData.map(trace => trace.customdata ?? trace.x ?? [])
    .reduce((most, numbers) => numbers.reduce((a, b) => (b > a ? b : a), most), -1);
  const figure = node => (node.querySelector('[data-card="trials"]') ?? node).querySelector('.js-plotly-plot');
  const painted = then => requestAnimationFrame(() => setTimeout(then));
"""
# Runs a cell, and returns the seconds until everything in its output that is in sight is drawn and painted.
OPEN = (
    NEWEST
    + """
  const [cell, wanted, ms] = arg;
  const output = nb.widgets[cell].outputArea.node;
  const isDrawn = card => card.querySelector(card.dataset.card === 'table' ? 'tbody tr' : '.js-plotly-plot .main-svg');
  const isThere = () => {
    const plot = figure(output), cards = [...output.querySelectorAll('.tw-card:not([hidden])')];
    return plot?._fullData && newest(plot) >= wanted && cards.every(isDrawn);
  };
  let scrolled = false;
  const began = performance.now();
  nb.activeCellIndex = cell;
  app.commands.execute('notebook:run-cell');
  return await new Promise((done, late) => {
    const look = () => {
      if (!scrolled && output.querySelector('.tw-dashboard, .js-plotly-plot')) {
        output.scrollIntoView();
        scrolled = true;
      }
      if (isThere()) painted(() => done((performance.now() - began) / 1000));
      else if (performance.now() - began > ms) late(new Error('not all is drawn'));
      else requestAnimationFrame(look);
    };
    look();
  });
"""
)
# Notes when a figure has been drawn and painted, and which trial was the newest in it.
WATCH = (
    NEWEST
    + """
  const output = nb.widgets[arg].outputArea.node;
  output.scrollIntoView();
  while (!(figure(output)?._fullData && figure(output).on)) await new Promise(painted); // ours are drawn when in sight
  const plot = figure(output);
  window.paints = [];
  let drawn = -1, waits = false;
  const paint = () => {
    const shown = drawn;
    waits = false;
    setTimeout(() => window.paints.push([Date.now() / 1000, shown]));
  };
  plot.on('plotly_afterplot', () => {
    drawn = newest(plot);
    if (!waits) requestAnimationFrame(paint); // what is drawn twice before the screen is painted, is seen once
    waits = true;
  });
  return null;
"""
)
CLEAR = "nb.widgets[arg].model.clearExecution(); return null;"
END = "await panel.context.sessionContext.shutdown(); return null;"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is taken."""

    trials: int = 10_000
    rounds: int = 2
    seconds: float = 8.0
    rate: float = 20.0

    @property
    def further(self) -> int:
        """How many trials start while a search is followed."""
        return int(self.rate * self.seconds)


@dataclass(frozen=True, slots=True)
class Stage:
    """What all visits share: how many events are stored, which happen further, a server and a browser."""

    folder: Path
    count: int
    further: Sequence[Any]
    stored: Any
    driver: Any
    jupyter: Any
    browser: Any
    sizes: Sizes


def run(*, quick: bool) -> Result:
    """Take turns: each contender opens the search in a new notebook, opens another one below, and follows the first."""
    sizes = Sizes(300, 1, 2.0) if quick else Sizes()
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    driver, server, stored = (importlib.import_module(name) for name in ("driver", "server", "stored"))
    visits: dict[str, list[Visit]] = {contender.name: [] for contender in CONTENDERS}
    with scratch() as folder:
        entries = stored.simulated(sizes.trials + sizes.further + 1)
        cut = stored.before(entries, sizes.trials)
        stored.keep(folder / "tune_runs" / "other", entries[:cut])
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        with server.JupyterServer(folder, env={"PYTHONPATH": path}) as jupyter, driver.Browser(height=1800) as browser:
            stage = Stage(folder, cut, entries[cut:], stored, driver, jupyter, browser, sizes)
            for turn in range(sizes.rounds):
                for contender in CONTENDERS[turn:] + CONTENDERS[:turn]:
                    visits[contender.name].append(_visit(stage, contender, f"round{turn}"))
            version = browser._chromium.version  # noqa: SLF001 - the only place that knows it
    how = (
        f"{sizes.rounds} rounds, in turn, each in a notebook and a kernel of its own; headless Chromium {version}, "
        f"1,200 pixels wide, WebGL in software"
    )
    return result(visits, sizes.trials, f"{sizes.rate:g} trials a second for {sizes.seconds:g} s", how)


def _visit(stage: Stage, contender: Contender, turn: str) -> Visit:
    name = f"{turn}-{CONTENDERS.index(contender)}"
    place = stage.folder / "tune_runs" / name
    shutil.copytree(stage.folder / "tune_runs" / "other", place)
    cells = [contender.prepare, contender.opening(name, "first"), contender.opening("other", "second")]
    stage.driver.write_notebook(stage.folder / f"{name}.ipynb", cells)
    growing = stage.stored.Growing(place, stage.count, stage.stored.by_trial(stage.further))
    with growing, stage.browser.open(stage.jupyter, f"{name}.ipynb") as notebook:
        notebook.run_cell(0)
        first, first_bytes = _opened(notebook, 1, stage.sizes.trials)
        further, further_bytes = _opened(notebook, 2, stage.sizes.trials)
        notebook.js(CLEAR, 2)
        visit = Visit(first, first_bytes, further, further_bytes, *_followed(notebook, contender, growing, stage.sizes))
        if errors := notebook.cell_errors() + notebook.complaints():
            raise RuntimeError("\n".join(errors))
        notebook.js(END)
    return visit


def _opened(notebook: Any, cell: int, trials: int) -> tuple[float, int]:
    """Run a cell; return the seconds until all of it is drawn, and the bytes that have come to the page till then."""
    notebook.wait_idle()
    before = notebook.received
    seconds = float(notebook.js(OPEN, [cell, trials - 1, 1000 * PATIENCE]))
    _until_quiet(notebook)
    return seconds, notebook.received - before


def _until_quiet(notebook: Any) -> None:
    """Wait until nothing has come to the page for half a second: what opening has set going is over."""
    end, before = time.monotonic() + PATIENCE, -1
    while notebook.received != before and time.monotonic() < end:
        before = notebook.received
        notebook.page.wait_for_timeout(500)


def _followed(
    notebook: Any, contender: Contender, growing: Any, sizes: Sizes
) -> tuple[float, float, float, tuple[float, ...]]:
    """Return updates drawn a second, the kernel's time and the bytes for each that was sent, and all delays."""
    notebook.js(WATCH, 1)
    notebook.exec(contender.follow or "pass")
    cost = f"[__import__('time').process_time(), {contender.sent}]"
    cpu, sent = notebook.eval(cost)
    received, began = notebook.received, time.time()
    growing.begin(sizes.rate)
    notebook.page.wait_for_timeout(1000 * sizes.seconds)
    end = time.time()
    paints = _paints_until(notebook, max(growing.committed))
    taken = notebook.received - received
    cpu_after, sent_after = notebook.eval(cost, timeout=PATIENCE)  # a kernel that is behind answers late
    drawn = {trial: at for at, trial in reversed(paints)}
    updates = sum(began < at <= end for at in drawn.values())
    sends = max(1, sent_after - sent)
    return (
        updates / sizes.seconds,
        (cpu_after - cpu) / sends,
        taken / sends,
        delays(growing.committed, paints, time.time()),
    )


def _paints_until(notebook: Any, trial: int) -> list[tuple[float, int]]:
    """Return when which trial was the newest on the screen, once that one is there or all patience is at its end."""
    end = time.monotonic() + CATCH_UP
    while True:
        paints = [(float(at), int(newest)) for at, newest in notebook.page.evaluate("() => window.paints")]
        if time.monotonic() > end or any(newest >= trial for _, newest in paints):
            return paints
        notebook.page.wait_for_timeout(100)


def delays(committed: dict[int, float], paints: list[tuple[float, int]], now: float) -> tuple[float, ...]:
    """Return for each trial the seconds from the commit of its start until a figure that shows it was on the screen.

    Parameters
    ----------
    committed : dict of int to float
        When, by trial.
    paints : list of (float, int)
        When a figure was painted, and the newest trial in it, in order of time.
    now : float
        What counts for those that have not been seen.
    """
    newest = [trial for _, trial in paints]
    found = ((at, bisect_left(newest, trial)) for trial, at in sorted(committed.items()))
    return tuple((paints[index][0] if index < len(paints) else now) - at for at, index in found)
