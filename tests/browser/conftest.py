"""One browser, and one server and page a front end, for all journeys."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from driver import CHROMIUM, Browser, Notebook, write_notebook
from server import JupyterServer

HERE = Path(__file__).parent
CELLS = 4
PICTURES = HERE.parents[1] / "build" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Playwright keeps a loop running in the main thread: tests that want a loop of their own must come before.
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists() and shutil.which(CHROMIUM) is None:
        pytest.skip(f"no Chromium at {CHROMIUM}; set CHROMIUM")
    with Browser(height=1800) as browser:
        yield browser


def _server(tmp_path_factory: pytest.TempPathFactory, app: str) -> JupyterServer:
    path = os.pathsep.join([str(HERE.parents[1]), str(HERE.parent), str(HERE), os.environ.get("PYTHONPATH", "")])
    return JupyterServer(tmp_path_factory.mktemp(app), app, env={"PYTHONPATH": path})


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with _server(tmp_path_factory, "lab") as server:
        yield server


@pytest.fixture(scope="session")
def notebook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with _server(tmp_path_factory, "notebook") as server:
        yield server


@pytest.fixture(scope="session")
def lab(chromium: Browser, lab_server: JupyterServer) -> Iterator[Notebook]:
    """JupyterLab with a notebook of empty cells: a journey fills them. Opening one takes seconds, so all share it."""
    yield from _notebook(chromium, lab_server)


@pytest.fixture(scope="session")
def notebook7(chromium: Browser, notebook_server: JupyterServer) -> Iterator[Notebook]:
    """The same in Notebook 7."""
    yield from _notebook(chromium, notebook_server)


def _notebook(chromium: Browser, server: JupyterServer) -> Iterator[Notebook]:
    write_notebook(server.root / "journey.ipynb", [""] * CELLS)
    with chromium.open(server, "journey.ipynb") as notebook:
        yield notebook


@pytest.fixture(params=["lab", "notebook7"])
def front(request: pytest.FixtureRequest) -> Notebook:
    """Each front end in turn, for the journeys that must be the same in both."""
    notebook: Notebook = request.getfixturevalue(request.param)
    return notebook


@pytest.fixture(scope="session")
def pictures() -> Path:
    return PICTURES
