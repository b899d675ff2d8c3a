"""What the tests of whole searches share: a folder whose searches are all ended when the test is over."""

import pytest

from tunewidgets.runner.ending import end_coordinator
from tunewidgets.store.folder import SearchFolder


@pytest.fixture
def runs(tmp_path):
    folder = tmp_path / "runs"
    yield folder
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            end_coordinator(SearchFolder(path))
