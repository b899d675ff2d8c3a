"""A person at a notebook: headless Chromium that opens notebooks, runs cells, clicks, waits and takes pictures."""

import contextlib
import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Locator, Page, WebSocket, sync_playwright
from server import JupyterServer

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# No GPU on test machines: WebGL runs in software.
FLAGS = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-dev-shm-usage", "--hide-scrollbars"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
FLAGS += ["--force-color-profile=srgb", "--disable-quic"]
# What the front ends say of themselves at every page load; it tells nothing of the code under test.
BENIGN = ("favicon", "ResizeObserver loop", "reading 'schema'", "ERR_INTERNET_DISCONNECTED", "ERR_NAME_NOT_RESOLVED")

READY = """() => {
  const widget = window.jupyterapp?.shell?.currentWidget;
  const kernel = widget?.context?.sessionContext?.session?.kernel;
  return !!(widget?.content?.model && widget.context.isReady && kernel
            && kernel.status === 'idle' && kernel.connectionStatus === 'connected');
}"""
BOUND = """async (arg) => {
  const app = window.jupyterapp, panel = app.shell.currentWidget, nb = panel.content,
        kernel = panel.context.sessionContext.session?.kernel;
"""
BUSY = r"""
  const busy = nb.widgets.some(w => w.model.type === 'code' && (w.model.executionState === 'running' ||
    /\[\*\]/.test(w.node.querySelector('.jp-InputPrompt')?.textContent ?? '')));
"""
CELLS = """
  return nb.widgets.map((w, i) => ({index: i, type: w.model.type,
    outputs: w.model.type === 'code' ? w.model.outputs.toJSON() : []}));
"""
EXECUTE = """
  const [code, expression, ms] = arg;
  const future = kernel.requestExecute({code, silent: false, store_history: false, stop_on_error: false,
    user_expressions: expression ? {v: expression} : {}}, true);
  const late = new Promise((_, no) => setTimeout(() => no(new Error('the kernel is busy')), ms));
  const reply = (await Promise.race([future.done, late])).content;
  if (reply.status !== 'ok') throw new Error(reply.ename + ': ' + reply.evalue);
  return reply.user_expressions?.v ?? null;
"""


class Browser:
    """Headless Chromium; `open` gives a `Notebook` in a page (and a context) of its own."""

    def __init__(self, width: int = 1200, height: int = 1000) -> None:
        self.size = {"width": width, "height": height}

    def __enter__(self) -> Self:
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        return self

    def __exit__(self, *_exc: object) -> None:
        with contextlib.suppress(Exception):
            self._chromium.close()
        self._playwright.stop()

    def open(self, server: JupyterServer, path: str) -> "Notebook":
        context = self._chromium.new_context(viewport=self.size)
        return Notebook(context.new_page(), server, path)


class Notebook:
    """One notebook, open in one page.

    Parameters
    ----------
    page : Page
        An empty page.
    server : JupyterServer
        Where the notebook is.
    path : str
        Its path from the server's root.
    """

    def __init__(self, page: Page, server: JupyterServer, path: str) -> None:
        self.page, self.server, self.path = page, server, path
        self._complaints: list[str] = []
        self.received = 0
        page.on("console", lambda m: self._complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self._complaints.append(f"{e}\n{e.stack or ''}"[:600]))
        page.on("websocket", self._listen)
        page.on("dialog", lambda dialog: dialog.accept())
        workspace = f"/lab/workspaces/w{secrets.token_hex(4)}/tree/"
        self._url = f"{server.url}{workspace if server.app == 'lab' else '/notebooks/'}{path}?token={server.token}"
        self.load()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        with contextlib.suppress(Exception):
            self.page.context.close()

    def load(self, timeout: float = 60) -> None:
        """Go to the notebook, again if it is open: its kernel goes on."""
        self.page.goto(self._url, wait_until="domcontentloaded", timeout=timeout * 1000)
        self.page.wait_for_function(READY, timeout=timeout * 1000)
        for button in self.page.locator(".jp-Dialog button.jp-mod-accept").all():
            button.click()  # a late "select kernel" would swallow the first click

    def _listen(self, socket: WebSocket) -> None:
        def count(payload: bytes | str) -> None:
            self.received += len(payload)

        socket.on("framereceived", count)

    # --- the kernel and the cells ----------------------------------------------------------------------------------

    def js(self, body: str, arg: Any = None) -> Any:
        """Run a function body in the page, with `app`, `panel`, `nb` and `kernel` bound."""
        return self.page.evaluate(BOUND + body + "}", arg)

    def command(self, name: str) -> None:
        """Give the front end a command, as its menus do."""
        self.js("await app.commands.execute(arg); return null;", name)

    def fill(self, *sources: str) -> None:
        """Write new sources into the first cells, and clear all outputs: a fresh notebook, the kernel goes on."""
        self.wait_idle()
        self.js(
            """arg.forEach((source, i) => nb.widgets[i].model.sharedModel.setSource(source));
               await app.commands.execute('notebook:clear-all-cell-outputs'); return null;""",
            list(sources),
        )
        self._complaints.clear()

    def start_cell(self, index: int) -> None:
        """Start a code cell and return at once."""
        self.js(
            "nb.activeCellIndex = arg; nb.deselectAll(); app.commands.execute('notebook:run-cell'); return null;", index
        )

    def run_cell(self, index: int, timeout: float = 60) -> None:
        self.start_cell(index)
        self.wait_idle(timeout)

    def run_all(self, timeout: float = 120) -> None:
        self.js("app.commands.execute('notebook:run-all-cells'); return null;")
        self.wait_idle(timeout)

    def wait_idle(self, timeout: float = 60) -> None:
        """Wait until every cell is done: idle twice, as the kernel is idle for an instant between two cells."""
        idle = 0
        self.page.wait_for_timeout(50)
        end = time.monotonic() + timeout
        while idle < 2:
            if time.monotonic() > end:
                raise TimeoutError(f"not idle after {timeout} s; the server's log:\n{self.server.tail()}")
            idle = idle + 1 if self.js(BUSY + "return !busy && kernel.status === 'idle';") else 0
            self.page.wait_for_timeout(250 if idle else 50)

    def is_running(self) -> bool:
        """Whether a cell runs; the kernel's own status says "idle" after each message that a subshell has answered."""
        return bool(self.js(BUSY + "return busy;"))

    def eval(self, expression: str, timeout: float = 30) -> Any:
        """Return the value of a Python expression (JSON-able), computed in the kernel's main shell."""
        answer = self.js(EXECUTE, ["", f"__import__('json').dumps({expression})", timeout * 1000])
        if answer["status"] != "ok":
            raise RuntimeError(f"{answer['ename']}: {answer['evalue']}")
        text = self.page.evaluate("text => eval(text)", answer["data"]["text/plain"])
        return json.loads(text)

    def exec(self, code: str, timeout: float = 30) -> None:
        """Run statements in the kernel without a cell."""
        self.js(EXECUTE, [code, None, timeout * 1000])

    def outputs(self, index: int) -> list[dict[str, Any]]:
        return list(self.js(CELLS)[index]["outputs"])

    def cell_errors(self) -> list[str]:
        return [
            f"cell {cell['index']}: {output['ename']}: {output['evalue']}"
            for cell in self.js(CELLS)
            for output in cell["outputs"]
            if output["output_type"] == "error"
        ]

    def complaints(self) -> list[str]:
        """Return what the console had to say as an error, the front ends' own standing complaints apart."""
        return [text for text in self._complaints if not any(benign in text for benign in BENIGN)]

    # --- the page ----------------------------------------------------------------------------------------------------

    def output(self, index: int) -> Locator:
        """A cell's output area."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-Cell-outputArea")

    def theme(self, name: str) -> None:
        """Switch to "light" or "dark" and wait until the page says so."""
        self.js(
            "await app.commands.execute('apputils:change-theme', {theme: arg}); return null;",
            {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[name],
        )
        light = "true" if name == "light" else "false"
        self.page.wait_for_function("want => document.body.dataset.jpThemeLight === want", arg=light)

    def until(self, check: Callable[[], Any], what: str, timeout: float = 30) -> Any:
        """Ask `check` until it answers something true, and return that; an error names what was waited for."""
        end = time.monotonic() + timeout
        while not (answer := check()):
            if time.monotonic() > end:
                raise AssertionError(f"waited {timeout} s for: {what}")
            self.page.wait_for_timeout(50)
        return answer

    def settle(self, frames: int = 4) -> None:
        """Let some animation frames pass, so that what is drawn is on the screen."""
        self.page.evaluate(
            "n => new Promise(r => { const f = () => n-- > 0 ? requestAnimationFrame(f) : r(); f(); })", frames
        )

    def picture(self, index: int, file: Path, part: str = "") -> None:
        """Photograph a cell's whole output, or a part of it: the window is made as tall as it needs to be."""
        size = self.page.viewport_size or {"width": 1200, "height": 1000}
        box = self.output(index).bounding_box() or {"height": 0}
        self.page.set_viewport_size({"width": size["width"], "height": int(box["height"]) + 300})
        self.page.wait_for_timeout(600)
        self.output(index).scroll_into_view_if_needed()
        self.settle()
        file.parent.mkdir(parents=True, exist_ok=True)
        (self.output(index).locator(part).first if part else self.output(index)).screenshot(path=str(file))
        self.page.set_viewport_size(size)


def write_notebook(path: Path, cells: list[str]) -> Path:
    """Write a notebook of code cells."""
    code = [
        {"id": f"c{i}", "cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for i, source in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": code}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1))
    return path
