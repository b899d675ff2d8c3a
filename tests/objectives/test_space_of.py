"""The space of a build function, found in another process: warnings, errors and crashes come through."""

import subprocess
import sys
import warnings

import pytest

from tunewidgets.errors import ObjectiveError
from tunewidgets.objectives.probe import SpaceWarning
from tunewidgets.objectives.space_of import space_of
from tunewidgets.space import Boolean, Float, Int, Space


def layers(hp):
    for i in range(hp.Int("layers", 1, 3)):
        hp.Int(f"units_{i}", 32, 512, step=32)
    hp.Float("rate", 1e-4, 1e-1, sampling="log")


class Model:
    def build(self, hp):
        if hp.Boolean("dropout"):
            hp.Float("rate", 0.1, 0.5)


def test_space_of_probes_in_another_process(tmp_path, monkeypatch):
    (tmp_path / "helpers_of_the_user.py").write_text("LOW = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def build(hp):
        import os

        from helpers_of_the_user import LOW

        sys.stdout.write("noise")
        hp.Int("n", LOW, 9)
        hp.Fixed("pid", os.getpid())

    space = space_of(build)
    assert space["n"] == Int(3, 9)
    import os

    assert space["pid"].value != os.getpid()


def test_space_of_takes_hypermodels_and_spaces():
    assert space_of(Model())["rate"] == Float(0.1, 0.5).when(dropout=True)
    space = Space(a=Boolean())
    assert space_of(space) is space


def test_space_of_warns_of_doubts():
    def build(hp):
        if hp.Float("x", 0.0, 1.0) > 0.5:
            hp.Boolean("y")

    with pytest.warns(SpaceWarning, match="'y' depends on 'x'"):
        space_of(build)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        space_of(layers)


def test_space_of_passes_the_error_on():
    def build(hp):
        raise ValueError("bad shape")

    with pytest.raises(ObjectiveError, match="at their defaults: ValueError: bad shape"):
        space_of(build)


def test_space_of_survives_a_crash_of_the_builder():
    def build(hp):
        import os

        os.abort()

    with pytest.raises(ObjectiveError, match="ended without an answer"):
        space_of(build)


@pytest.mark.parametrize(
    ("target", "message"),
    [(3, "3"), (Model, r"Model\(\)"), (lambda: None, "one argument"), (lambda hp, x: None, "one argument")],
)
def test_space_of_refuses_what_cannot_build(target, message):
    with pytest.raises(ObjectiveError, match=message):
        space_of(target)


def test_probing_imports_no_framework():
    code = (
        "import sys, tunewidgets.objectives.space_of, tunewidgets.objectives.keras as k; "
        "print(sorted({'keras', 'tensorflow', 'keras_tuner', 'sklearn', 'pandas'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
