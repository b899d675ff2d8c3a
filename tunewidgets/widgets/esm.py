"""Several plain ES modules as the one that a widget may ship: no build step, and each file is importable by itself."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

from tunewidgets.errors import TuneError

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\./[\w./-]+)";[ \t]*\n', re.MULTILINE)
_ANY_IMPORT = re.compile(r"^\s*import\b.*$", re.MULTILINE)
_EXPORT = re.compile(r"^export\s+(?=(?:async\s+)?(?:function|const|class)\b)", re.MULTILINE)
_NAMES = re.compile(r"^(?:export\s+)?(?:async\s+)?(?:function\*?|const|let|class)\s+([A-Za-z_$][\w$]*)", re.MULTILINE)


_COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_CARRIER = """\
// The widget's code and stylesheet, gzipped: they are sent to the page and saved in the notebook with each one.
const CODE = "%s";
const STYLE = "tw-style-%s";

export default async () => {
  const bytes = Uint8Array.from(atob(CODE), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const code = new Blob([await new Response(stream).blob()], { type: "text/javascript" });
  const url = URL.createObjectURL(code);
  try {
    const made = await import(/* webpackIgnore: true */ url);
    if (!document.getElementById(STYLE)) { // once a page
      document.head.append(Object.assign(document.createElement("style"), { id: STYLE, textContent: made.STYLESHEET }));
    }
    return made.default();
  } finally {
    URL.revokeObjectURL(url);
  }
};
"""


def carried(module: str, stylesheet: str = "") -> str:
    """Return a module that carries another one in a quarter of its size, and gives what its default export returns.

    Lines of comments are left behind, and a stylesheet comes along, which the page gets before anything is drawn.

    Parameters
    ----------
    module : str
        The text of an ES module whose default export is a function.
    stylesheet : str, optional
        CSS.

    Examples
    --------
    >>> carried("export default () => ({});").count("export default")
    1
    """
    text = f"{_COMMENT.sub('', module)}\nexport const STYLESHEET = {json.dumps(stylesheet)};\n"
    packed = base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
    return _CARRIER % (packed, hashlib.sha256(stylesheet.encode()).hexdigest()[:12])


def inline(entry: Path) -> str:
    """Join a module and the modules that it imports into one.

    Files are put one after the other, imported ones first, without their ``import`` lines and ``export`` words. That is
    enough as long as the files keep to a few forms, which are checked: relative imports of names, ``import {a, b} from
    "./file.js";``, without renaming; a name at the top level is used by one file only; ``export default`` stands in the
    entry alone.

    Parameters
    ----------
    entry : Path
        The module that has the default export.

    Returns
    -------
    str
        The text of one ES module.

    Raises
    ------
    TuneError
        If a file uses another form of import, or two files use the same name at their top level.

    Examples
    --------
    >>> inline(Path("dashboard.js")).count("export default")
    1
    """
    files: dict[Path, str] = {}
    _collect(entry.resolve(), files, ())
    _refuse_shared_names(files)
    return "\n".join(f"// {path.name}\n{_EXPORT.sub('', text)}" for path, text in files.items())


def _collect(path: Path, files: dict[Path, str], importers: tuple[Path, ...]) -> None:
    if path in importers:
        raise TuneError(f"{path.name} imports itself by way of {importers[-1].name}: modules must not form a circle")
    if path in files:
        return
    text = path.read_text(encoding="utf-8")
    for names, target in _IMPORT.findall(text):
        if " as " in names:
            raise TuneError(
                f"{path.name} renames an import ({names.strip()}): modules are joined under their own names"
            )
        _collect((path.parent / target).resolve(), files, (*importers, path))
    text = _IMPORT.sub("", text)
    if left := _ANY_IMPORT.search(text):
        raise TuneError(f'{path.name} has {left.group().strip()!r}; the one form is: import {{name}} from "./file.js";')
    files[path] = text


def _refuse_shared_names(files: dict[Path, str]) -> None:
    owners: dict[str, Path] = {}
    for path, text in files.items():
        for name in _NAMES.findall(text):
            if owners.setdefault(name, path) != path:
                raise TuneError(
                    f"{path.name} and {owners[name].name} both have {name!r} at their top level: rename one"
                )
