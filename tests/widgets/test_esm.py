import pytest

from tunewidgets.errors import TuneError
from tunewidgets.widgets.esm import inline


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "entry.js"


def test_imported_files_come_first_and_once(tmp_path):
    entry = write(
        tmp_path,
        entry='import { b } from "./b.js";\nimport { a } from "./a.js";\nexport default () => a() + b;\n',
        b='import { a } from "./a.js";\nexport const b = a();\n',
        a="export function a() { return 1; }\n",
    )
    assert inline(entry) == (
        "// a.js\nfunction a() { return 1; }\n\n// b.js\nconst b = a();\n\n// entry.js\nexport default () => a() + b;\n"
    )


def test_an_import_over_several_lines_is_joined(tmp_path):
    entry = write(tmp_path, entry='import {\n  a,\n} from "./a.js";\nexport default a;\n', a="export const a = 1;\n")
    assert "import" not in inline(entry)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('import { a as z } from "./a.js";\n', "renames an import"),
        ('import * as a from "./a.js";\n', "the one form is"),
        ('import a from "https://elsewhere.example/a.js";\n', "the one form is"),
        ('import { entry } from "./entry.js";\n', "circle"),
        ('import { a } from "./a.js";\nfunction a() {}\n', "rename one"),
    ],
)
def test_other_forms_are_refused(tmp_path, text, said):
    entry = write(tmp_path, entry=text, a="export const a = 1;\n")
    with pytest.raises(TuneError, match=said):
        inline(entry)
