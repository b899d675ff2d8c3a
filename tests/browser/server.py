"""A Jupyter server of one's own: JupyterLab or Notebook 7 on 127.0.0.1, with settings that nobody else has touched."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Literal, Self

App = Literal["lab", "notebook"]

# One file a plugin. Cells outside the viewport have no DOM in the default windowing mode, so their outputs could be
# neither clicked nor photographed; the padding of scrollPastLastCell grows with the viewport.
SETTINGS = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none", "scrollPastLastCell": False},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/lsp-extension:plugin": {"activate": "off"},
}
FOLDERS = {
    "config": "JUPYTER_CONFIG_DIR",
    "data": "JUPYTER_DATA_DIR",
    "runtime": "JUPYTER_RUNTIME_DIR",
    "ipython": "IPYTHONDIR",
    "workspaces": "JUPYTERLAB_WORKSPACES_DIR",
}


class JupyterServer:
    """Starts on entering, ends its kernels and itself on leaving.

    Parameters
    ----------
    root : Path
        The folder of the notebooks.
    app : {"lab", "notebook"}
        Which front end.
    env : dict of str
        Added to the environment of the server and so of its kernels.
    """

    def __init__(self, root: Path, app: App = "lab", env: dict[str, str] | None = None, patience: float = 60) -> None:
        self.root, self.app, self.patience = root.resolve(), app, patience
        self._env = env or {}
        self._home = Path(tempfile.mkdtemp(prefix="tunewidgets-jupyter-"))
        self._log = self._home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{_free_port()}"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def request(self, path: str, method: str = "GET", timeout: float = 10) -> bytes:
        request = urllib.request.Request(
            self.url + path, method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return bytes(answer.read())

    def tail(self, lines: int = 30) -> str:
        """Return the end of the server's log: what to put into an error."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        process = self._process
        if process is not None:
            self._ask_to_end()
            _end(process)
            self._process = None
        shutil.rmtree(self._home, ignore_errors=True)

    def _start(self) -> None:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command(),
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | self._folders() | self._env,
                cwd=self.root,
                start_new_session=True,  # so that its whole group can be ended, and nothing else
            )
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended at once; its log:\n{self.tail()}")
            with contextlib.suppress(OSError):
                self.request("/api/status")
                return
            time.sleep(0.1)
        raise TimeoutError(f"the server did not answer in {self.patience} s; its log:\n{self.tail()}")

    def _folders(self) -> dict[str, str]:
        for name in FOLDERS:
            (self._home / name).mkdir()
        for plugin, values in SETTINGS.items():
            package, _, name = plugin.partition(":")
            file = self._home / "settings" / package / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))
        places = {variable: str(self._home / name) for name, variable in FOLDERS.items()}
        return places | {"JUPYTERLAB_SETTINGS_DIR": str(self._home / "settings"), "JUPYTER_PREFER_ENV_PATH": "1"}

    def _command(self) -> list[str]:
        # The front ends lend `window.jupyterapp` to tests on this flag: commands instead of clicks through menus.
        kind = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}[self.app]
        module = {"lab": "jupyterlab", "notebook": "notebook"}[self.app]
        return [
            *(os.path.abspath(sys.executable), "-m", module),  # noqa: PTH100 - resolve() would leave the environment
            f"--ServerApp.port={self.url.rpartition(':')[2]}",
            "--ServerApp.port_retries=0",
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.open_browser=False",
            "--ServerApp.allow_root=True",
            f"--ServerApp.root_dir={self.root}",
            f"--IdentityProvider.token={self.token}",
            "--LabServerApp.news_url=None",
            f"--{kind}.expose_app_in_browser=True",
        ]

    def _ask_to_end(self) -> None:
        # Kernels first: a signal to the server alone can leave them behind.
        with contextlib.suppress(OSError):
            for kernel in json.loads(self.request("/api/kernels")):
                self.request(f"/api/kernels/{kernel['id']}", "DELETE", timeout=20)
            self.request("/api/shutdown", "POST")


def _end(process: subprocess.Popen[bytes]) -> None:
    for kill in (None, signal.SIGTERM, signal.SIGKILL):
        if kill is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, kill)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(8)
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
