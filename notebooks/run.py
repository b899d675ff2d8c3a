"""Run a notebook in a real kernel and write it as a page that needs no kernel, no script and no network.

``python notebooks/run.py notebooks/00_quickstart.ipynb build/quickstart.html``

The notebook runs in a directory of its own beside the page (``build/quickstart/``), made afresh, so that a second run
searches again instead of showing the first one's result. What the cells tagged "result" print is repeated at the end.
"""

# ruff: noqa: INP001 - scripts and notebooks are no package

import argparse
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import DictLoader
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbconvert.filters import strip_ansi

from tunewidgets.runner.ending import end_coordinator
from tunewidgets.store.folder import SearchFolder

CELL_SECONDS = 240
LOG = "kernel.log"
WIDGET = "application/vnd.jupyter.widget-view+json"

# JupyterLab's page without what it would load from the network: nothing in it needs a script.
PAGE = """\
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
"""


def main(arguments: list[str] | None = None) -> int:
    """Run, write, and say how it went; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("page", type=Path, help="the .html file to write")
    asked = parser.parse_args(arguments)
    place = asked.page.with_suffix("").absolute()
    if asked.page.suffix != ".html" or (place.exists() and not (place / LOG).exists()):
        parser.error(f"{asked.page} must end in .html, and {place} must not exist or be left from an earlier run")
    began = time.monotonic()
    clear(place)
    notebook = nbformat.read(asked.notebook, as_version=4)  # type: ignore[no-untyped-call]
    if not execute(notebook, place):
        return 1
    asked.page.write_text(to_page(notebook, asked.notebook.stem), encoding="utf-8")
    say("\n" + "".join(results(notebook)))
    say(f"{asked.page} shows the final dashboard; it took {time.monotonic() - began:.0f} s\n")
    return 0


def say(text: str) -> None:
    """Write at once, also into a pipe."""
    sys.stdout.write(text)
    sys.stdout.flush()


# --- the place it runs in ------------------------------------------------------------------------------------------


def end_searches(place: Path) -> None:
    """End the searches that a run has left behind: they are detached, and would go on without it."""
    for spec in place.glob("tune_runs/*/spec.json"):
        end_coordinator(SearchFolder(spec.parent))


def clear(place: Path) -> None:
    """Make an empty directory, ending what still runs in an old one."""
    if place.exists():
        end_searches(place)
        shutil.rmtree(place)
    place.mkdir(parents=True)


# --- running -------------------------------------------------------------------------------------------------------


def execute(notebook: Any, place: Path) -> bool:
    """Execute a notebook in place; where a cell fails say so and return False, and leave no search running."""
    try:
        with (place / LOG).open("w", encoding="utf-8") as log:
            Runner(notebook, place).execute(stderr=log)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        end_searches(place)
        said = strip_ansi(str(error))  # type: ignore[no-untyped-call]
        sys.stderr.write(f"\na cell failed: {said}\n(the kernel's own output: {place / LOG})\n")
        return False
    except BaseException:  # an interrupt, which nbclient turns into errors of several kinds
        end_searches(place)
        raise
    return True


class Runner(NotebookClient):
    """Executes a notebook, saying a line for each cell.

    Parameters
    ----------
    notebook : NotebookNode
        Executed in place.
    place : Path
        The kernel's working directory.
    """

    def __init__(self, notebook: Any, place: Path) -> None:
        super().__init__(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(place)}})
        self._began = 0.0
        self.on_cell_execute = self._begin
        self.on_cell_executed = self._end

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: Any, cell_index: int) -> None:
        """Take what the running cell says, and updates of displays whichever cell they belong to.

        nbclient takes the running cell's messages only. A search's picture is drawn again while later cells run, and
        its updates bear the number of the cell that started the search.
        """
        assert self.kc is not None
        while True:
            message = await self.kc.iopub_channel.get_msg(timeout=None)
            ours = message["parent_header"].get("msg_id") == parent_msg_id
            if not ours and message["msg_type"] != "update_display_data":
                continue
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                return

    def _begin(self, **_about: Any) -> None:
        self._began = time.monotonic()

    def _end(self, cell: Any, cell_index: int, **_about: Any) -> None:
        seconds, first = time.monotonic() - self._began, cell.source.partition("\n")[0]
        say(f"cell {cell_index + 1:2d} of {len(self.nb.cells)} {seconds:6.1f} s   {first[:70]}\n")


def results(notebook: Any) -> Iterator[str]:
    """Yield what the cells tagged "result" have printed."""
    for cell in notebook.cells:
        if "result" in cell.metadata.get("tags", ()):
            yield from (output.text for output in cell.outputs if output.output_type == "stream")


# --- writing -------------------------------------------------------------------------------------------------------


def to_page(notebook: Any, title: str) -> str:
    """Return an executed notebook as one self-contained HTML page.

    Widgets are left out: without a kernel they show nothing, and the static output below each says the same.
    """
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if WIDGET not in output.get("data", ())]
    pages = DictLoader({"page.html.j2": PAGE})
    exporter = HTMLExporter(extra_loaders=[pages], template_file="page.html.j2")  # type: ignore[no-untyped-call]
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})
    return str(page)


if __name__ == "__main__":
    sys.exit(main())
