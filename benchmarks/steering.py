"""From a click in the dashboard to its effect in the page: each action on the processes of a real search."""

import importlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.places import ROOT, scratch
from benchmarks.record import Result, Spread, Table, at_most
from tunewidgets.store.lease import holder_alive

MOST = 1.0
ROUNDS = 5
PATIENCE = 60.0
START = """
{network}
import tunewidgets as tw

space = tw.Space(units=tw.Int(8, 64, step=8), kind=tw.Choice(["long", "deaf", "broken"]))
search = tw.tune(network, space, sampler="random", schedule=tw.Full(100_000), objective="accuracy", trials=1, workers=2,
                 name="{name}")
for kind in ("long", "deaf", "broken"):
    search.enqueue(units=8, kind=kind)
"""
STOP = "search.stop(now=True).wait(30)"
# What is on the page, as a person sees it. A button that cannot be pressed is none.
PAGE = """
  const board = nb.widgets[0].outputArea.node.querySelector('.tw-dashboard');
  const frame = () => new Promise(requestAnimationFrame);
  const until = async (check, what) => {
    for (const end = performance.now() + arg; !check(); await frame())
      if (performance.now() > end) throw new Error(`waited for ${what}`);
  };
  const said = part => board?.querySelector(part)?.textContent.replaceAll('\\u00a0', ' ') ?? '';
  const can = one => one.checkVisibility() && !one.disabled && one.ariaDisabled !== 'true';
  const button = name => [...board.querySelectorAll('button')]
    .find(one => can(one) && [one.textContent.trim(), one.ariaLabel].includes(name));
  const rows = () => [...board.querySelectorAll('tbody tr[data-trial]')];
  const row = trial => rows().find(one => one.dataset.trial === String(trial));
  const choose = async trial => {
    await until(() => row(trial), `the row of trial ${trial}`);
    if (row(trial).ariaSelected !== 'true') row(trial).click();
    await until(() => said('.tw-panel .tw-heading').startsWith(`Trial ${trial} `), `the panel of trial ${trial}`);
  };
  const fill = (field, text) => {
    field.value = text;
    field.dispatchEvent(new Event('input', {bubbles: true}));
  };
  const form = async name => {
    button(name).click();
    await until(() => button('Cancel'), `the form of ${name}`);
    return [...board.querySelectorAll('.tw-sheet input')];
  };
  const edits = () => [...board.querySelectorAll('[data-card="trials"] .annotation-text')].length;
"""
READY = "await until(() => rows().length === 2 && said('.tw-facts').includes('2 of 2 busy'), 'two legs');"
# Noted when the browser has come to the end of the frame in which the effect is painted.
CLICK = """
  await until(() => button({button!r}), 'the button');
  await new Promise(done => setTimeout(done, 500)); // a person looks before clicking: a form that has opened is drawn
  const began = performance.now();
  button({button!r}).click();
  await until(() => {shown}, 'the effect');
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return (performance.now() - began) / 1000;
"""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person does.

    Attributes
    ----------
    name : str
        What, in words.
    button : str
        The button that is clicked, by what it says.
    shown : str
        When its effect is on the page, as JavaScript.
    effect : str
        The same in words.
    before : str
        What is done before, as JavaScript; its time does not count.
    """

    name: str
    button: str
    shown: str
    effect: str
    before: str = ""


ACTIONS = (
    Action("pause", "Pause", "said('.tw-chip').includes('Paused')", "the status"),
    Action("resume", "Resume", "said('.tw-chip').includes('Running')", "the status"),
    Action("one worker more", "One worker more", "said('.tw-facts').includes('of 3 busy')", "the number"),
    Action(
        "retry", "Retry", "said('.tw-panel .tw-heading').includes('running')", "the trial runs again",
        "await choose(2); await until(() => said('.tw-panel .tw-heading').includes('failed'), 'the failure');",
    ),
    Action("skip", "Skip", "said('.tw-panel .tw-heading').includes('stopped')", "it has stopped", "await choose(0);"),
    Action("kill", "Kill", "said('.tw-panel .tw-heading').includes('stopped')", "its process is gone",
           "await choose(1);"),
    Action("edit the space", "Apply", "edits() > 0", "the line in the card Trials",
           "const fields = await form('Edit the space'); fill(fields[0], '16'); fields[3].click(); fields[4].click();"),
    Action("add a trial", "Add", "row(3)", "its row in the table, as it runs", "await form('Add a trial');"),
    Action("extend", "Set the limits", "said('.tw-facts').includes('of 9 trials')", "the plan",
           "const fields = await form('Extend'); fill(fields[0], '9');"),
    Action("stop after the running trials", "Stop after running trials", "said('.tw-chip').includes('Stopping')",
           "the status"),
    Action("stop now", "Stop now", "said('.tw-chip').includes('Stopped')", "the status, when all processes are gone"),
)  # fmt: skip
# Takes a new coordinator.
AGAIN = Action("resume a search that has ended", "Resume", "said('.tw-chip').includes('Running')", "the status")


_NOTE = (
    "Resuming a search that has ended starts a coordinator, a Python of its own with its imports; it is not in the "
    "budget."
)


def run(*, quick: bool) -> Result:
    """Do everything in turn, in one search after another."""
    rounds = 1 if quick else ROUNDS
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    driver, server = importlib.import_module("driver"), importlib.import_module("server")
    network = importlib.import_module("steered").NETWORK
    found: dict[str, list[float]] = {action.name: [] for action in (*ACTIONS, AGAIN)}
    with scratch() as folder:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        with server.JupyterServer(folder, env={"PYTHONPATH": path}) as jupyter, driver.Browser(height=2200) as browser:
            for turn in range(rounds):
                cell = START.format(network=network, name=f"steered{turn}")
                driver.write_notebook(folder / f"{turn}.ipynb", [cell])
                with browser.open(jupyter, f"{turn}.ipynb") as notebook:
                    _steer(notebook, folder / "tune_runs" / f"steered{turn}", found)
            version = browser._chromium.version  # noqa: SLF001 - the only place that knows it
    return _result(found, rounds, version)


def _steer(notebook: Any, place: Path, found: dict[str, list[float]]) -> None:
    notebook.run_cell(0)
    notebook.js(PAGE + READY, 1000 * PATIENCE)
    for action in ACTIONS:
        found[action.name].append(_take(notebook, action))
        notebook.page.wait_for_timeout(1000)
    notebook.until(lambda: not holder_alive(place), "the coordinator to leave", PATIENCE)
    found[AGAIN.name].append(_take(notebook, AGAIN))
    notebook.exec(STOP, PATIENCE)
    if errors := notebook.cell_errors() + notebook.complaints():
        raise RuntimeError("\n".join(errors))


def _take(notebook: Any, action: Action) -> float:
    """Do it; return the seconds from the click until its effect is painted."""
    click = CLICK.format(button=action.button, shown=action.shown)
    return float(notebook.js(PAGE + action.before + click, 1000 * PATIENCE))


def _result(found: dict[str, list[float]], rounds: int, version: str) -> Result:
    spreads = {name: Spread.of(values) for name, values in found.items()}
    effects = {action.name: action.effect for action in (*ACTIONS, AGAIN)}
    rows = [(name, effects[name], spread.text(), f"{max(found[name]):.2f}") for name, spread in spreads.items()]
    slowest = max(spreads[action.name].median for action in ACTIONS)
    return Result(
        title="From a click to its effect in the page",
        how=f"JupyterLab in headless Chromium {version} shows the dashboard of a search with two workers, on which "
        f"each action is taken in turn, in {rounds} searches. The time from the click, half a second after its button "
        "or form is there, to the end of the frame in which its effect is painted. Trials report every 0.05 s; the one "
        "that is killed never does.",
        tables=(Table(("action", "effect", "median (quartiles), s", "slowest, s"), tuple(rows)),),
        budgets=(at_most("effect of a command in the page, median, slowest action", MOST, slowest, " s"),),
        raw={f"{name}, s": values for name, values in found.items()},
        notes=(_NOTE,),
    )
