"""The public surface: what is there, what importing it costs, and that all of it is documented."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest
from scenes import run_python

import tunewidgets as tw

NAMES = [
    "ASHA",
    "CMAES",
    "GP",
    "NSGA2",
    "TPE",
    "Boolean",
    "Choice",
    "Comparison",
    "Earlier",
    "Evolution",
    "Fixed",
    "Float",
    "Full",
    "FunctionObjective",
    "Genetic",
    "Grid",
    "Hyperband",
    "Int",
    "KerasObjective",
    "KerasTunerOracle",
    "LiveTrial",
    "LockedError",
    "MedianStopping",
    "NoImprovement",
    "Objective",
    "ObjectiveError",
    "OptunaSampler",
    "Patience",
    "PayloadError",
    "Random",
    "Search",
    "SearchExists",
    "SearchFailed",
    "SearchNotFound",
    "SklearnObjective",
    "Sobol",
    "Space",
    "SpaceError",
    "StoreError",
    "StrategyError",
    "SuccessiveHalving",
    "Target",
    "TotalBudget",
    "TuneError",
    "attach",
    "card",
    "compare",
    "load_ipython_extension",
    "searches",
    "space_of",
    "tune",
]

TUNE = (
    "(target, space=None, *, strategy=None, sampler=None, schedule=None, objective=None, direction=None, "
    "constraints=None, trials=None, timeout=None, trial_timeout=None, stop_when=(), workers='auto', "
    "executor='process', max_consecutive_failures=5, warm_start=None, keep='best:3', "
    "seed=None, name=None, directory='tune_runs', if_exists='attach', show=True)"
)

SEARCH = [
    "best",
    "best_config",
    "best_model",
    "best_trials",
    "best_value",
    "card",
    "dashboard",
    "edit_space",
    "enqueue",
    "extend",
    "figure",
    "folder",
    "history",
    "kill",
    "log",
    "message",
    "name",
    "pause",
    "plan",
    "report",
    "reports",
    "resume",
    "retry",
    "set_workers",
    "show",
    "skip",
    "space",
    "start",
    "status",
    "stop",
    "strategy",
    "trial",
    "trials",
    "view",
    "wait",
    "why",
    "why_suggested",
]

HEAVY = ["IPython", "anywidget", "dask", "ipywidgets", "keras", "keras_tuner", "matplotlib", "pandas", "plotly"]
HEAVY += ["scipy", "sklearn", "tensorboard", "tensorflow", "torch"]


def bare(signature):
    """A signature without its annotations."""
    parameters = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty))


def own(cls):
    """The public names that a class of ours defines, inherited ones included."""
    ours = [base for base in cls.__mro__ if base.__module__.startswith("tunewidgets")]
    return sorted({name for base in ours for name in vars(base) if not name.startswith("_")})


def test_the_names_are_pinned():
    assert tw.__all__ == NAMES
    assert all(getattr(tw, name).__module__.startswith("tunewidgets") for name in NAMES)
    assert tw.__version__ == "0.1.0"


def test_the_two_front_doors_are_pinned():
    assert bare(inspect.signature(tw.tune)) == TUNE
    assert own(tw.Search) == SEARCH
    assert bare(inspect.signature(tw.attach)) == "(name=None, directory='tune_runs', *, trust=False, show=True)"
    assert bare(inspect.signature(tw.searches)) == "(directory='tune_runs')"


def test_importing_loads_nothing_heavy():
    code = "import sys, tunewidgets; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = run_python(code, cwd="/").split()
    assert sorted({*HEAVY} & {*loaded}) == []
    assert "numpy" in loaded  # or the line above proves nothing


def test_a_terminal_search_needs_no_widgets(tmp_path):
    code = """
        import sys
        import tunewidgets as tw

        search = tw.tune(lambda config: config["x"] ** 2, tw.Space(x=tw.Int(-2, 2)), sampler="grid", direction="min",
                         executor="inline").wait()
        assert search.best_config == {"x": 0}, search
        print(search)
        print(*sorted({name.partition('.')[0] for name in sys.modules}))
    """
    line, loaded = run_python(code, cwd=tmp_path).splitlines()
    assert line == "lambda: finished, 5 trials done, best value 0 (trial 2: x=0)"
    assert sorted({*HEAVY} & {*loaded.split()}) == []


@pytest.mark.parametrize("name", NAMES)
def test_everything_public_is_documented(name):
    thing = getattr(tw, name)
    assert inspect.getdoc(thing)
    if not inspect.isclass(thing):
        check_function(name, thing)
        return
    for member in own(thing):
        owner = next(base for base in thing.__mro__ if member in vars(base))
        value = vars(owner)[member]
        function = getattr(value, "fget", None) or getattr(value, "__func__", value)
        if inspect.isfunction(function):
            assert inspect.getdoc(getattr(thing, member)), f"{name}.{member}"


def check_function(name, function):
    """A function says what goes in, what may come out and what may be raised, and shows an example."""
    text = inspect.getdoc(function)
    parameters = inspect.signature(function).parameters
    if len(parameters) > 1:
        assert "Parameters\n----------" in text, name
        documented = re.findall(r"^(\w[\w, ]*) : ", text, flags=re.MULTILINE)
        assert {word for group in documented for word in group.split(", ")} >= set(parameters), name
        assert "Raises\n------" in text, name
        assert "Examples\n--------" in text, name


ROOT = Path(tw.__file__).parent


def test_every_error_that_a_search_raises_itself_is_documented():
    tree = ast.parse((ROOT / "search.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            raised = {n.exc.func.id for n in ast.walk(node) if isinstance(n, ast.Raise) and isinstance(n.exc, ast.Call)}
            assert all(error in (ast.get_docstring(node) or "") for error in raised), node.name


def test_nothing_is_left_unfinished():
    for path in ROOT.rglob("*.py"):
        text = path.read_text()
        assert not re.search(r"\bTODO\b|\bFIXME\b|NotImplementedError\(\)", text), path


def test_every_module_has_a_docstring():
    for path in ROOT.rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text())), path


def test_the_extension_can_be_found_by_name():
    module = importlib.import_module("tunewidgets")
    assert callable(module.load_ipython_extension)
