"""The pure parts of the front end, tested by node's own runner on the files that are shipped."""

import base64
import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tunewidgets.widgets.dashboard import Dashboard
from tunewidgets.widgets.esm import inline

ROOT = Path(__file__).parents[2]
ENTRY = ROOT / "tunewidgets" / "widgets" / "dashboard" / "dashboard.js"
# The files are plain ES modules beside Python files: no package.json says so, and older nodes want to be told to look.
MODULES = "--experimental-detect-module"


@pytest.fixture(scope="module")
def node():
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed: the JavaScript tests need it")
    return found


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_pure_parts(node):
    files = sorted(map(str, (ROOT / "tests" / "js").glob("*.test.js")))
    assert files
    done = run(node, MODULES, "--test", *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_joined_module_is_valid_and_exports_one_thing(node, tmp_path):
    (tmp_path / "joined.mjs").write_text(inline(ENTRY))
    done = run(node, "-e", f"import('{tmp_path}/joined.mjs').then(m => console.log(Object.keys(m).join()))")
    assert (done.stdout.strip(), done.stderr) == ("default", "")


def test_what_is_sent_to_a_page_carries_the_joined_module(node, tmp_path):
    (tmp_path / "sent.mjs").write_text(Dashboard._esm)
    done = run(node, "-e", f"import('{tmp_path}/sent.mjs').then(m => console.log(typeof m.default))")
    assert (done.stdout.strip(), done.stderr) == ("function", "")
    packed = re.search(r'const CODE = "([^"]+)"', Dashboard._esm).group(1)
    code = gzip.decompress(base64.b64decode(packed)).decode()
    told = [line for line in inline(ENTRY).splitlines() if not line.lstrip().startswith("//")]
    assert code.splitlines()[: len(told)] == told
    (tmp_path / "code.mjs").write_text(code)
    done = run(node, "-e", f"import('{tmp_path}/code.mjs').then(m => console.log(m.STYLESHEET.length))")
    assert int(done.stdout) == sum(len((ENTRY.parent / name).read_text()) for name in ("dashboard.css", "steering.css"))
