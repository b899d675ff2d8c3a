"""The problems: drawn in bounds, adapted faithfully, and the conditional ones as they are described."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.strategies import ours, tasks
from benchmarks.strategies.bbob import has_ioh
from benchmarks.strategies.conditional import mirage, orchard
from benchmarks.strategies.knobs import Knob, Problem

BEST = {
    "mirage": {"way": "gorge", "rope": 10**-2.1, "depth": 12, "lamp": 0.35, "load": 0.3},
    "orchard": {
        "crop": "apple",
        "form": "espalier",
        "stock": "m26",
        "tiers": 4,
        "angle": 13.5,
        "water": 10**0.4,
        "mulch": 5,
    },
}


def test_a_task_of_the_folder_is_adapted(folder):
    problem = tasks.load(folder, "fidelity", "any")
    assert problem.knobs[1] == Knob("rate", "float", 1e-3, 1.0, log=True, when=("how", ("b",)))
    assert problem.epochs == 4
    assert problem.loss({"how": "a", "size": 1, "count": 5}) == -20.0
    assert problem.loss({"how": "a", "size": 1, "count": 5}, 2) == -10.0
    assert problem.regret(-20.0) == 16.0
    assert problem.regret(-40.0) == 0.0


def test_only_fidelity_tasks_have_epochs(folder):
    assert tasks.load(folder, "numeric", "any").epochs is None


def test_a_folder_without_tasks_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="give the folder of the tasks"):
        tasks.load(tmp_path, "numeric", "branin")
    assert "branin" in tasks.missing(tmp_path)


def test_our_space_has_the_same_configurations(folder):
    problem = tasks.load(folder, "conditional", "any")
    space, rng = ours.space_of(problem), np.random.default_rng(0)
    for _ in range(50):
        config = problem.sample(rng)
        assert dict(space.validate(config)) == config
        assert ("rate" in config) == (config["how"] == "b")
        assert problem.knobs[3].low <= config["count"] <= problem.knobs[3].high


def test_integers_are_drawn_with_both_ends_alike():
    rng, knob = np.random.default_rng(0), Knob("n", "int", 1, 3)
    counts = np.bincount([knob.draw(rng) for _ in range(3000)], minlength=4)
    assert counts[0] == 0
    assert counts[1:] == pytest.approx(1000, rel=0.1)


@pytest.mark.parametrize("make", [mirage, orchard])
def test_the_best_configuration_of_a_conditional_task_is_where_it_is_said_to_be(make):
    problem = make()
    assert problem.loss(BEST[problem.name]) == pytest.approx(0.0, abs=1e-12)
    assert problem.branch_of(BEST[problem.name]) == problem.branch
    assert ours.space_of(problem).validate(BEST[problem.name])


@pytest.mark.parametrize("make", [mirage, orchard])
def test_nothing_is_better_than_the_best(make):
    problem, rng = make(), np.random.default_rng(1)
    draws = [problem.sample(rng) for _ in range(500)]
    assert min(map(problem.loss, draws)) > 0
    assert {problem.branch_of(config) for config in draws} >= {problem.branch}


def test_the_wrong_branch_of_mirage_looks_good_at_first():
    problem, rng = mirage(), np.random.default_rng(2)
    losses = {"meadow": [], "gorge": []}
    for config in (problem.sample(rng) for _ in range(2000)):
        losses[config["way"]].append(problem.loss(config))
    assert max(losses["meadow"]) < np.quantile(losses["gorge"], 0.2)
    assert 0.002 < np.mean(np.array(losses["gorge"]) < 0.25) < 0.03


def test_the_span_is_the_median_of_random_regrets():
    problem = Problem("line", "numeric", (Knob("x", "float", 0.0, 1.0),), lambda c, _b: 3 + c["x"], best=3.0)
    assert problem.span() == pytest.approx(0.5, abs=0.05)
    assert problem.span() == problem.span()


def test_the_suites_functions_are_missing_by_name_without_their_package(monkeypatch, folder):
    monkeypatch.setattr(tasks, "has_ioh", lambda: False)
    assert "bbob_sphere" in tasks.missing(folder)


@pytest.mark.skipif(not has_ioh(), reason="ioh is not installed")
def test_the_suites_functions_have_their_optimum():
    import ioh

    function = ioh.get_problem(10, 1, 5, ioh.ProblemClass.BBOB)
    problem = tasks.load(Path(), "numeric", "bbob_ellipsoid")
    best = {f"x{i}": value for i, value in enumerate(function.optimum.x)}
    assert problem.regret(problem.loss(best)) == pytest.approx(0.0, abs=1e-6)


def test_every_real_task_loads(real):
    for kind, names in tasks.FOLDER.items():
        for name in names:
            problem = tasks.load(Path(real), kind, name)
            config = problem.sample(np.random.default_rng(0))
            assert problem.regret(problem.loss(config)) >= 0
            assert ours.space_of(problem).validate(config)
