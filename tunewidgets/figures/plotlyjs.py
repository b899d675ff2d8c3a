"""Plotly's JavaScript, out of the installed plotly package: a page asks for it once."""

import gzip
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tunewidgets.errors import TuneError


def _file() -> Path:
    spec = find_spec("plotly")  # found, not imported: importing plotly costs 0.2 s and only its file is needed
    if spec is None or spec.origin is None:
        raise TuneError("plotly is not installed, and the dashboard's figures need it: pip install plotly")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


@cache
def version() -> str:
    """Return the version of plotly.js, such as "3.1.0"; empty where its file does not say."""
    with _file().open(encoding="utf-8") as file:
        found = re.search(r"plotly\.js v([\d.]+)", file.read(400))
    return found.group(1) if found else ""


@cache
def compressed() -> bytes:
    """Return the script, gzipped: about 1.5 MB, compressed once a process.

    Raises
    ------
    TuneError
        If plotly is not installed.
    """
    return gzip.compress(_file().read_bytes(), compresslevel=4)
